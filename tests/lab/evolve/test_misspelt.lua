-- A misspelt word of a group is an error that names the nearest one.

local t = dofile "tests/harness.lua"
local lab = require "lab"

t.test("groups of rules and schedules know their words", function()
  local here = "test_misspelt.lua:%d+: "
  t.raises(here .. "lab.prune has no word 'sett' %(did you mean 'set'%?%)", function() return lab.prune.sett {} end)
  t.raises(here .. "lab.grow has no word 'randm' %(did you mean 'random'%?%)", function() return lab.grow.randm {} end)
  t.raises(here .. "lab.schedule has no word 'cosin' %(did you mean 'cosine'%?%)", function() return lab.schedule.cosin {} end)
  t.raises(here .. "lab.links has no word 'steps'; known: band, constant, cubic, linear, logistic", function() return lab.links.steps {} end)
end)

t.done()
