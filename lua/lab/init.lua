-- init.lua: `local lab = require "lab"`. The words of the notebook, each from its own file.

local lab = {}

-- word -> module, or module and field. A word is loaded when it is first said, so that a
-- script pays only for what it uses; a new word is a file and a line here.
local words = {
  augment     = { "lab.train.augment" },
  bench       = { "lab.bench" },
  cht         = { "lab.evolve.methods", "cht" },
  chts        = { "lab.evolve.methods", "chts" },
  chtss       = { "lab.evolve.methods", "chtss" },
  correlated  = { "lab.wiring.shaped", "correlated" },
  correlation = { "lab.data.correlation" },
  ctre        = { "lab.evolve.methods", "ctre" },
  data        = { "lab.data" },
  degree_verdicts = { "lab.degree.verdicts" },
  degrees     = { "lab.degree.degrees" },
  dense       = { "lab.wiring.random", "dense" },
  dsr         = { "lab.evolve.methods", "dsr" },
  erdos_renyi = { "lab.wiring.random", "erdos_renyi" },
  evolution   = { "lab.evolve.evolution", "evolution" },
  fan_in      = { "lab.wiring.random", "fan_in" },
  feature_statistics = { "lab.data.features", "statistics" },
  format      = { "lab.util.format" },
  gmp         = { "lab.evolve.methods", "gmp" },
  granet      = { "lab.evolve.methods", "granet" },
  grow        = { "lab.evolve.grow" },
  gse         = { "lab.evolve.methods", "gse" },
  links       = { "lab.evolve.links" },
  links_of    = { "lab.wiring.listed", "links_of" },
  ensemble    = { "lab.train.ensemble" },
  load        = { "lab.train.load", "load" },
  memo        = { "lab.run.memo" },
  memory_plan = { "lab.train.memory_plan" },
  mest        = { "lab.evolve.methods", "mest" },
  method      = { "lab.evolve.methods", "method" },
  mlp         = { "lab.train.mlp" },
  params      = { "lab.script.params", "declare" },
  plot        = { "lab.plot" },
  power_law   = { "lab.degree.power_law" },
  prune       = { "lab.evolve.prune" },
  pruned      = { "lab.wiring.listed", "pruned" },
  receptive_field = { "lab.wiring.shaped", "receptive_field" },
  rigl        = { "lab.evolve.methods", "rigl" },
  runs        = { "lab.archive.kept", "runs" },
  say         = { "lab.figure.say" },
  scale_free  = { "lab.wiring.shaped", "scale_free" },
  schedule    = { "lab.net.schedule" },
  select_features = { "lab.data.features", "select" },
  set         = { "lab.evolve.methods", "set" },
  small_world = { "lab.wiring.shaped", "small_world" },
  snfs        = { "lab.evolve.methods", "snfs" },
  srigl       = { "lab.evolve.methods", "srigl" },
  statistics  = { "lab.util.statistics" },
  sweep       = { "lab.sweep" },
  table       = { "lab.figure.table" },
  topology    = { "lab.topology" },
  uniform     = { "lab.wiring.random", "uniform" },
  vector      = { "lab.util.vector" },
}

require "lab.util.manual".root = lab

return setmetatable(lab, {
  words = words,  -- for completion and help
  __index = function(t, name)
    local place = words[name]
    if not place then
      local options = require "lab.util.options"
      options.fail(("lab has no word '%s'%s"):format(tostring(name), options.suggestion(tostring(name), options.sorted_keys(words))))
    end
    local value = require(place[1])
    if place[2] then value = value[place[2]] end
    rawset(t, name, value)
    return value
  end,
  __name = "lab",
  __tostring = function() return "lab: " .. table.concat(require "lab.util.options".sorted_keys(words), ", ") end,
})
