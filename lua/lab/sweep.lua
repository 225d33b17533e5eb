-- sweep.lua: lab.sweep "study.yaml": a script run many times, with other values of its parameters.
--
-- The argument is the path of a sweep in YAML, or a table of the same shape: { sweep = "study", script =
-- "experiments/x.lua", params = { zeta = { 0.1, 0.3 } }, seeds = { 1, 2 }, objective = { metric = "accuracy" } }.
-- Every run is a process of its own, several at a time, and has its folder like any other run; what is
-- finished is read back. The script declares with lab.params what the sweep sets, `seed` among it, and
-- calls lab.runs once, for one run:
--
--   local P = lab.params { zeta = 0.3, seed = 1 }
--   lab.runs { "study", seed = P.seed, run = function(run, seed) ... end }
--
-- What comes back:
--
--   sweep.trials         one entry a run: { index, params, seed, key, status, reused, why, value, epoch, seconds,
--                        record, broken }; status is done, failed, diverged, pruned (stopped early) or waiting
--                        (not at its end); broken is "not-a-number" or "infinity" where the metric ends so
--   sweep:rows()         the same as plain rows: the parameters by their names, value, status, ...
--   sweep:leaderboard()  one entry a trial, best first: { rank, trial, params, value, mean, sd, n, status, runs,
--                        broken }; a trial with a broken run has no value, no mean and no rank
--   sweep:best()         its first entry, or nil
--   sweep:runs()         the finished runs as lab.runs gives them, for plots and tables; with
--                        { stopped = true } those stopped early as well
--   sweep:table(most)    the leaderboard as a table item; sweep:show(most) shows it
--   sweep:extremes { best = 2, worst = 2 }  the runs of the best and the worst trials, for
--                        lab.plot.curves { ..., by = "place" }
--   sweep:timing()       how long runs and sweep took, as a table item; sweep:show_timing() shows it
--
-- lab.plot.parallel, marginals, importance and timeline take the sweep: lab.plot.parallel { sweep }.

local options = require "lab.options"
local params = require "lab.params"
local perform = require "lab.sweep_perform"
local plans = require "lab.sweep_plan"
local runs = require "lab.runs"
local trial = require "lab.trial"

return function(given)
  if trial.file then options.fail "lab.sweep: this script runs in a sweep, and cannot begin one" end
  if params.allowed then options.fail "lab.sweep cannot be called while a run executes" end
  local read = type(given) == "string" and plans.read_file or plans.from_table
  local value = perform.perform(read(given, { profile = params.profile }), { profile = params.profile })
  for _, entry in ipairs(value.trials) do
    if entry.status == "failed" then runs.failures = runs.failures + 1 end
  end
  return value
end
