-- session.lua: what `run`, `report` and the prompt do before a script begins: read the
-- file, take over the options that all of them share, make the strict environment.

local stop = require "lab.util.stop"
local strict = require "lab.script.strict"
local system = require "lab.c.system"

local M = {}

-- Flags that every command which runs scripts has; a command may add its own.
M.flags = {
  threads = { value = "N", kind = "integer", min = 1, max = 4096,
    help = "Threads of the kernels; default: OMP_NUM_THREADS, else one for each physical core. The numbers do not depend on it." },
  progress = { value = "HOW", choices = { "auto", "bar", "lines", "json", "none" }, default = "auto",
    help = "How progress is told on standard error: auto (a line that renews itself on a terminal, plain lines elsewhere), bar, lines, json (one object a line) or none." },
  runs = { value = "DIR", help = "The folder of runs; default: $SETLAB_RUNS, else 'runs'." },
  monitor = { value = "SECONDS", kind = "number", min = 0.001, max = 3600,
    help = "Seconds between two samples of processor and memory while a run trains; default: 0.5." },
  profile = { value = "NAME", help = "The profile of parameters, among those that the script declares." },
  explain = { help = "Say of every run why it was trained or read back." },
  smoke = { help = "The same as --profile=smoke: tiny data, a few epochs, to see whether the script works." },
}

-- A module that is built into this program, or nil.
function M.optional(name)
  if package.loaded[name] or package.preload[name] then return require(name) end
end

-- Without a word from the user the kernels get the physical cores: two hyper-threads of
-- one core share the arithmetic, and a container may grant less than it shows.
function M.set_threads(wanted)
  if wanted then system.threads(wanted)
  elseif not os.getenv "OMP_NUM_THREADS" then system.threads((system.cores())) end
end

-- Takes over the options that arguments.parse returned.
function M.prepare(opts)
  M.set_threads(opts.threads)
  local progress, params, store = M.optional "lab.util.progress", M.optional "lab.script.params", M.optional "lab.run.store"
  if progress then progress.mode = opts.progress end
  if params then
    params.overrides = opts.overrides or {}
    params.profile = opts.smoke and "smoke" or opts.profile
  end
  local run = M.optional "lab.run.run"
  if run and opts.monitor then run.monitor_interval = opts.monitor end
  local runs = M.optional "lab.run.runs"
  if runs then runs.explain = opts.explain or false end
  if store then store.directory = opts.runs or os.getenv "SETLAB_RUNS" or "runs" end
end

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

-- What failed runs said, which a later error of the script may come of; nil if none failed.
function M.cause()
  local runs = package.loaded["lab.run.runs"]
  return runs and runs.cause()
end

-- Calls the chunk of a script. Returns true; or false, the error and where it was raised.
local function carry_out(chunk)
  local trace
  local ok, err = stop.watch(function()
    local fine, e = stop.catch_with(chunk, function(e)
      trace = debug.traceback(nil, 2)
      return e
    end)
    if not fine then error(e, 0) end
    local params = M.optional "lab.script.params"
    if params then params.check_used() end  -- name=value that nobody declared
  end)
  return ok, err, trace
end

-- Runs the text of a script in a fresh strict environment. On an error raises a failure, or the stop
-- itself if that is what ended the script (util/stop.lua).
function M.run(path, text)
  local store = M.optional "lab.run.store"
  if store then store.script = { path = path, text = text } end
  local own_modules <close> = require "lab.script.modules".of_script(path)
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
  local progress = M.optional "lab.util.progress"  -- of a loop that no lab.runs began and ended
  if progress then progress.finish { status = M.status(ok, err) } end
  if not ok then raise(err, trace) end
end

-- After a script: raises if runs of it failed. The others went on, and the script with them.
function M.check_runs()
  local cause = M.cause()
  if cause then error(package.loaded["lab.run.runs"].failures == 1 and "1 run failed" or cause, 0) end  -- of one it was just said
end

return M
