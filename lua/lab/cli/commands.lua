-- commands.lua: the commands of the program, in the order of the help text.
--
-- A command is a module lab.command.<name> that returns { name, summary, help, main }, where main(words) returns
-- the exit status. `help` looks at all the others, so it is handed in (add).

local arguments = require "lab.util.arguments"
local options = require "lab.util.options"
local overview = require "lab.cli.help".overview

local M = {}

local commands = {
  "new",
  "run",
  "sweep",
  "task",
  "farm",
  "report",
  "watch",
  "export",
  "pack",
  "unpack",
  "publish",
  "runs",
  "show",
  "top",
  "compare",
  "diff",
  "rm",
  "tag",
  "plan",
  "bench",
  "degrees",
  "inspect",
  "doctor",
  "test-file",
}

local added = {}   -- name -> module of commands that are no file in command/

function M.add(command) added[command.name] = command end

-- The names of all commands.
function M.names()
  local names = table.move(commands, 1, #commands, 1, {})
  for _, name in ipairs(options.sorted_keys(added)) do names[#names + 1] = name end
  return names
end

-- The command's module, or nil.
function M.command(name)
  if added[name] then return added[name] end
  for _, known in ipairs(commands) do
    if known == name then return require("lab.command." .. name:gsub("-", "_")) end
  end
end

-- The text of `setlab --help`.
function M.overview()
  local lines = {}
  for _, name in ipairs(M.names()) do
    local command = M.command(name)
    if not command.hidden then lines[#lines + 1] = ("       %-10s %s"):format(name, command.summary) end
  end
  return overview(table.concat(lines, "\n"))
end

-- Raises a usage error about a word that is not a command.
function M.unknown(word)
  local near = options.nearest(word, M.names())
  arguments.fail("setlab", ("'%s' is not a command%s"):format(word,
    near and (" (did you mean '%s'?)"):format(near) or " and not a script: " .. table.concat(M.names(), ", ")))
end

return M
