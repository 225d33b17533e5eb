-- sweep/init.lua: lab.sweep "study.yaml": a script run many times, with other values of its parameters.
--
-- The argument is the path of a sweep in YAML, or a table of the same shape: { sweep = "study", script =
-- "experiments/x.lua", params = { zeta = { 0.1, 0.3 } }, seeds = { 1, 2 }, objective = { metric = "accuracy" } }.
-- Every run is a process of its own, several at a time, and has its folder like any other run; what is
-- finished is read back.

local keys = require "lab.sweep.plan.keys"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local params = require "lab.script.params"
local perform = require "lab.sweep.perform"
local plans = require "lab.sweep.plan.plan"
local runs = require "lab.run.runs"
local trial = require "lab.run.trial"

manual.word("lab.sweep", {
  summary = "run a script many times, with different values of its parameters",
  text = "The script declares with lab.params what the sweep sets, `seed` among it, and calls lab.runs once, for one run. Every run is a process of its own and has its folder; "
    .. "what is finished is read back. lab.plot.parallel, marginals, importance and timeline take the sweep.",
  items = { "name", "The name of the sweep, also as `sweep`. The path of a YAML file with the same keys may replace the whole table: lab.sweep \"study.yaml\"." },
  options = keys.options,
  returns = "a sweep",
  raises = "Any mistake in the sweep, before anything runs; a failing run does not stop the others.",
  example = 'local sweep = lab.sweep { "study", script = "study.lua", params = { zeta = { 0.1, 0.3 } }, seeds = { 1, 2 }, objective = { metric = "accuracy" } }\nsweep:show()',
})

return function(given)
  if trial.file then options.fail "lab.sweep: this script runs in a sweep, and cannot begin one" end
  if params.allowed then options.fail "lab.sweep cannot be called while a run executes" end
  local read = type(given) == "string" and plans.read_file or plans.from_table
  local value = perform.perform(read(given, { profile = params.profile }), { profile = params.profile })
  for _, entry in ipairs(value.trials) do
    if entry.status == "failed" then runs.count_failure(("trial %d seed=%s"):format(entry.index, entry.seed), entry.why) end
  end
  return value
end
