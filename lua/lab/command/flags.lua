-- flags.lua: the options that commands share, and what they set before a script begins.

local params = require "lab.script.params"
local progress = require "lab.util.progress"
local run = require "lab.run.run"
local runs = require "lab.run.runs"
local store = require "lab.run.store"
local system = require "lab.c.system"

local M = {}

-- Flags that every command which runs scripts has; a command may add its own.
M.flags = {
  threads = { value = "N", kind = "integer", min = 1, max = 4096,
    help = "Threads of the kernels; default: OMP_NUM_THREADS, else one for each physical core. The numbers do not depend on it." },
  progress = { value = "HOW", choices = { "auto", "bar", "lines", "json", "none" }, default = "auto",
    help = "What standard error shows of progress: auto (a line that renews itself on a terminal, plain lines elsewhere), bar, lines, json (one object a line) or none." },
  runs = { value = "DIR", help = "The folder of runs; default: $SETLAB_RUNS, else 'runs'." },
  monitor = { value = "SECONDS", kind = "number", min = 0.001, max = 3600,
    help = "Seconds between two samples of processor and memory while a run trains; default: 0.5." },
  profile = { value = "NAME", help = "The profile of parameters, among those that the script declares." },
  explain = { help = "Say of every run why it was trained or read back." },
  smoke = { help = "The same as --profile=smoke: tiny data, a few epochs, to see whether the script works." },
}

-- Without a word from the user the kernels get the physical cores: two hyper-threads of
-- one core share the arithmetic, and a container may grant less than it shows.
function M.set_threads(wanted)
  if wanted then system.threads(wanted)
  elseif not os.getenv "OMP_NUM_THREADS" then system.threads((system.cores())) end
end

-- Takes over the options that arguments.parse returned.
function M.prepare(opts)
  M.set_threads(opts.threads)
  progress.mode = opts.progress
  params.overrides = opts.overrides or {}
  params.profile = opts.smoke and "smoke" or opts.profile
  if opts.monitor then run.monitor_interval = opts.monitor end
  runs.explain = opts.explain or false
  store.directory = opts.runs or os.getenv "SETLAB_RUNS" or "runs"
end

return M
