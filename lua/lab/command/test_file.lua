-- test_file.lua: `setlab test-file FILE.lua`: runs a test of setlab itself.
--
-- Tests need what scripts must not have: globals, every module, no strict environment.

local arguments = require "lab.util.arguments"

local M = { name = "test-file", hidden = true, summary = "run a test of setlab itself" }

M.help = [[
NAME
       setlab test-file - run a test of setlab itself

SYNOPSIS
       setlab test-file FILE.lua [ARGUMENT ...]

DESCRIPTION
       Runs FILE.lua as plain Lua with all modules of setlab at hand and the arguments in
       the table 'arg'. Tests print TAP; tests/run.sh counts it.

EXIT STATUS
       0 if the file ran to its end and no test in it failed, else 1.]]

function M.main(words)
  local _, rest = arguments.parse("setlab test-file", { words, stop_early = true })
  local path = rest[1] or arguments.fail("setlab test-file", "which file?")
  local chunk, why = loadfile(path, "t")
  if not chunk then error(why, 0) end
  arg = table.move(rest, 2, #rest, 1, { [0] = path })
  local ok, err = xpcall(chunk, debug.traceback, table.unpack(arg))
  if ok then return 0 end
  io.stdout:flush()
  io.stderr:write(err, "\n")
  return 1
end

return M
