-- session.lua: a script, from its file to its end: read, run in the strict environment, its errors put
-- into words.

local current = require "lab.script.current"
local modules = require "lab.script.modules"
local params = require "lab.script.params"
local progress = require "lab.util.progress"
local stop = require "lab.util.stop"
local strict = require "lab.script.strict"

local M = {}

-- The text of a script. Raises a sentence if the file cannot be read or is no script.
function M.read_script(path)
  local file, why = io.open(path, "rb")
  if not file then error("cannot open the script: " .. why, 0) end
  local text, problem = file:read("a")
  file:close()
  if not text then error(("cannot read the script '%s': %s"):format(path, problem or "unknown"), 0) end
  if text:find("\0", 1, true) or text:sub(1, 4) == "\27Lua" then
    error(("'%s' is not a Lua script: it holds bytes that no text has"):format(path), 0)
  end
  return (text:gsub("^\239\187\191", ""):gsub("^#[^\n]*", ""))
end

-- A script that failed: `message` is what to tell, `trace` where it happened. Prints as
-- the message.
local failure = { __tostring = function(e) return e.message end }
function M.is_failure(e) return getmetatable(e) == failure end

local statuses = { interrupt = "interrupted", pause = "paused", exit = "interrupted" }

-- How a protected call ended, in the word that runs use.
function M.status(ok, err) return ok and "done" or statuses[stop.kind(err)] or "failed" end

-- What failed runs said, which a later error of the script may come of; nil if none failed. Whoever carries out
-- runs says it (run/runs.lua).
function M.cause() return nil end

-- Calls the chunk of a script. Returns true; or false, the error and where it was raised.
local function carry_out(chunk)
  local trace
  local ok, err = stop.watch(function()
    local fine, e = stop.catch_with(chunk, function(e)
      trace = debug.traceback(nil, 2)
      return e
    end)
    if not fine then error(e, 0) end
    params.check_used()  -- name=value that nobody declared
  end)
  return ok, err, trace
end

-- Runs the text of a script in a fresh strict environment. On an error raises a failure, or the stop
-- itself if that is what ended the script (util/stop.lua).
function M.run(path, text)
  current.script = { path = path, text = text }
  local own_modules <close> = modules.of_script(path)
  local function raise(err, trace)
    local kind = stop.kind(err)
    if kind and kind ~= "disk" then error(err, 0) end
    local message, cause = strict.message(err, text, path), M.cause()
    if cause then message = ("%s\nBefore that, %s"):format(message, cause) end
    error(setmetatable({ message = message, trace = trace }, failure), 0)
  end
  local leave = stop.enter()
  local chunk, why = load(text, "@" .. path, "t", strict.environment())
  local ok, err, trace = false, why, nil
  if chunk then ok, err, trace = carry_out(chunk) end
  leave()
  progress.finish { status = M.status(ok, err) }  -- of a loop that no lab.runs began and ended
  if not ok then raise(err, trace) end
end

return M
