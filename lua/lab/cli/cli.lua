-- cli.lua: `setlab COMMAND ...` -- finds the command, runs it, reports its errors.
--
-- A new command is a file of lab.command and a line of cli/commands.lua.

local arguments = require "lab.util.arguments"
local commands = require "lab.cli.commands"
local guards = require "lab.run.guards"
local kind_of = require "lab.util.stop".kind
local progress = require "lab.util.progress"
local prompt = require "lab.cli.prompt"
local runs = require "lab.run.runs"
local session = require "lab.script.session"
local strict = require "lab.script.strict"

local M = { version = "setlab " .. require "lab.c.system".version }

commands.add(require "lab.cli.help_command")

local status = { ok = 0, failed = 1, usage = 2, interrupted = 130 }

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function dispatch(words)
  local first = words[1]
  if first == nil or first == "-" then return prompt.main(first == "-") end
  if first == "--version" or first == "-V" then
    print(M.version)
    return status.ok
  end
  if first == "--help" or first == "-h" then return commands.command("help").main {} end
  local command = commands.command(first)
  if command then return command.main(table.move(words, 2, #words, 1, {})) end
  if first:sub(1, 1) == "-" then arguments.fail("setlab", ("unknown option '%s'"):format(first)) end
  if exists(first) or first:match("%.lua$") then return commands.command("run").main(words) end
  commands.unknown(first)
end

-- Reports an error on standard error and returns its exit status.
local function tell(e)
  progress.clear()
  io.stdout:flush()
  if arguments.is_help(e) then
    local command = commands.command(e.where:match("^setlab (.+)$") or "")
    print(command and command.help or commands.overview())
    return status.ok
  elseif arguments.is_usage(e) then
    io.stderr:write(("%s: %s\nTry '%s --help'.\n"):format(e.where, e.message, e.where))
    return status.usage
  elseif kind_of(e) == "exit" then
    return e.status
  elseif kind_of(e) == "interrupt" then
    local advice = runs.advice()
    io.stderr:write("setlab: interrupted", advice and "; " .. advice or "", "\n")
    return status.interrupted
  end
  -- A script's own error begins with its file and line; anything else says who speaks.
  local text = tostring(e)
  local placed = session.is_failure(e) and strict.split(text:match "^[^\n]*")
  io.stderr:write(placed and "" or "setlab: ", text, "\n")
  return status.failed
end

-- Runs the command line `words` (words[0] is the program); returns the exit status.
function M.main(words)
  guards.install()
  local ok, result = xpcall(dispatch, function(e)
    if os.getenv("SETLAB_DEBUG") then io.stderr:write(debug.traceback(tostring(e), 2), "\n") end
    return e
  end, words)
  if ok then return math.type(result) == "integer" and result or status.ok end
  return tell(result)
end

return M
