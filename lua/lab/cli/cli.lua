-- cli.lua: `setlab COMMAND ...` -- finds the command, runs it, tells its errors.
--
-- A command is a module lab.command.<name> that returns { name, summary, help, main }, where
-- main(words) returns the exit status. A new command is that file and one line here.

local arguments = require "lab.util.arguments"
local options = require "lab.util.options"

local M = { version = "setlab " .. require "lab.c.system".version }

-- In the order of the help text. A command whose module is not built in is not offered.
local commands = {
  "run",
  "sweep",
  "task",
  "farm",
  "report",
  "publish",
  "runs",
  "compare",
  "rm",
  "plan",
  "bench",
  "degrees",
  "inspect",
  "doctor",
  "test-file",
  "help",
}

local status = { ok = 0, failed = 1, usage = 2, interrupted = 130 }

local function module_of(name) return "lab.command." .. name:gsub("-", "_") end

-- The names of the commands that this program has.
function M.names()
  local names = {}
  for _, name in ipairs(commands) do
    if package.preload[module_of(name)] then names[#names + 1] = name end
  end
  return names
end

-- The command's module, or nil.
function M.command(name)
  for _, known in ipairs(M.names()) do
    if known == name then return require(module_of(name)) end
  end
end

-- The text of `setlab --help`.
function M.overview()
  local lines = {}
  for _, name in ipairs(M.names()) do
    local command = M.command(name)
    if not command.hidden then lines[#lines + 1] = ("       %-10s %s"):format(name, command.summary) end
  end
  return require "lab.cli.help".overview(table.concat(lines, "\n"))
end

-- Raises a usage error about a word that is no command.
function M.unknown(word)
  local near = options.nearest(word, M.names())
  arguments.fail("setlab", ("'%s' is not a command%s"):format(word,
    near and (" (did you mean '%s'?)"):format(near) or " and not a script: " .. table.concat(M.names(), ", ")))
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function dispatch(words)
  local first = words[1]
  if first == nil or first == "-" then return require "lab.cli.prompt".main(first == "-") end
  if first == "--version" or first == "-V" then
    print(M.version)
    return status.ok
  end
  if first == "--help" or first == "-h" then return M.command("help").main {} end
  local command = M.command(first)
  if command then return command.main(table.move(words, 2, #words, 1, {})) end
  if first:sub(1, 1) == "-" then arguments.fail("setlab", ("unknown option '%s'"):format(first)) end
  if exists(first) or first:match("%.lua$") then return M.command("run").main(words) end
  M.unknown(first)
end

local kind_of = require "lab.util.stop".kind

-- Tells an error on standard error and returns the exit status it means.
local function tell(e)
  local progress = package.loaded["lab.util.progress"]
  if progress then progress.clear() end
  io.stdout:flush()
  if arguments.is_help(e) then
    local command = M.command(e.where:match("^setlab (.+)$") or "")
    print(command and command.help or M.overview())
    return status.ok
  elseif arguments.is_usage(e) then
    io.stderr:write(("%s: %s\nTry '%s --help'.\n"):format(e.where, e.message, e.where))
    return status.usage
  elseif kind_of(e) == "exit" then
    return e.status
  elseif kind_of(e) == "interrupt" then
    local runs = package.loaded["lab.run.runs"]
    local advice = runs and runs.advice()
    io.stderr:write("setlab: interrupted", advice and "; " .. advice or "", "\n")
    return status.interrupted
  end
  -- A script's own error begins with its file and line; anything else says who speaks.
  local text = tostring(e)
  local placed = require "lab.script.session".is_failure(e) and require "lab.script.strict".split(text:match "^[^\n]*")
  io.stderr:write(placed and "" or "setlab: ", text, "\n")
  return status.failed
end

-- Runs the command line `words` (words[0] is the program); returns the exit status.
function M.main(words)
  require "lab.script.guards".install()
  local ok, result = xpcall(dispatch, function(e)
    if os.getenv("SETLAB_DEBUG") then io.stderr:write(debug.traceback(tostring(e), 2), "\n") end
    return e
  end, words)
  if ok then return math.type(result) == "integer" and result or status.ok end
  return tell(result)
end

return M
