-- Curves of blocks.

local t = dofile "tests/harness.lua"
local curve = require "lab.archive.under_way".curve

t.test("from the lowest to the highest", function()
  t.equal(curve({ 0, 1, 2, 3, 4, 5, 6, 7 }, 8), "▁▂▃▄▅▆▇█")
  t.equal(curve({ 7, 0 }, 10), "█▁")
  t.equal(curve({ 5, 5, 5 }, 3), "▅▅▅")
  t.equal(curve({}, 5), "")
end)

t.test("more values than signs are averaged", function()
  t.equal(curve({ 0, 0, 7, 7 }, 2), "▁█")
  local many = {}
  for i = 1, 1000 do many[i] = i end
  t.equal(curve(many, 8), "▁▂▃▄▅▆▇█")
end)

t.test("what is no number is a blank", function()
  t.equal(curve({ 1, false, 2 }, 3), "▁ █")
  t.equal(curve({ 1, 0 / 0, math.huge, 2 }, 4), "▁  █")
  t.equal(curve({ 0 / 0, 0 / 0 }, 2), "  ")
end)

t.done()
