-- init.lua: `local lab = require "lab"`. The words of the notebook, each from its own file.

local lab = {}

-- word -> module, or module and field. A word is loaded when it is first said, so that a
-- script pays only for what it uses; a new word is a file and a line here.
local words = {
  augment     = { "lab.augment" },
  bench       = { "lab.bench" },
  correlation = { "lab.correlation" },
  data        = { "lab.data" },
  degrees     = { "lab.degrees" },
  degree_verdicts = { "lab.degree_verdicts" },
  dense       = { "lab.wiring", "dense" },
  erdos_renyi = { "lab.wiring", "erdos_renyi" },
  feature_statistics = { "lab.features", "statistics" },
  memo        = { "lab.memo" },
  format      = { "lab.format" },
  load        = { "lab.load" },
  memory_plan = { "lab.memory_plan" },
  mlp         = { "lab.mlp" },
  params      = { "lab.params", "declare" },
  plot        = { "lab.plot" },
  power_law   = { "lab.power_law" },
  runs        = { "lab.runs", "script" },
  say         = { "lab.say" },
  schedule    = { "lab.schedule" },
  select_features = { "lab.features", "select" },
  set         = { "lab.evolve", "set" },
  sweep       = { "lab.sweep" },
  table       = { "lab.table" },
}

return setmetatable(lab, {
  words = words,  -- for completion and help
  __index = function(t, name)
    local place = words[name]
    if not place then
      local options = require "lab.options"
      options.fail(("lab has no word '%s'%s"):format(tostring(name), options.suggestion(tostring(name), options.sorted_keys(words))))
    end
    local value = require(place[1])
    if place[2] then value = value[place[2]] end
    rawset(t, name, value)
    return value
  end,
  __name = "lab",
  __tostring = function() return "lab: " .. table.concat(require "lab.options".sorted_keys(words), ", ") end,
})
