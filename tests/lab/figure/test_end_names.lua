-- Names at the ends of lines: where they stand, and that they do not lie on each other.

local t = dofile "tests/harness.lua"
local end_names = require "lab.figure.end_names"

local function near(got, wanted)
  t.equal(#got, #wanted)
  for i, v in ipairs(wanted) do t.truthy(math.abs(got[i] - v) < 1e-9, ("%d: %g, not %g"):format(i, got[i], v)) end
end

t.test("places that are apart stay, others make room around their middle", function()
  near(end_names.apart {}, {})
  near(end_names.apart { 0.1, 0.5, 0.9 }, { 0.1, 0.5, 0.9 })
  local two = end_names.apart { 0.5, 0.5 }
  t.truthy(math.abs(two[1] + two[2] - 1) < 1e-9 and two[2] - two[1] > 0.05)
  local many = end_names.apart { 0, 0.01, 0.02, 0.03, 0.5, 0.99, 1 }
  for i = 2, #many do t.truthy(many[i] - many[i - 1] > 0.05, "names lie on each other") end
  t.equal(many[5], 0.5)
end)

local function trace(name, ...)
  local points = {}
  for i, y in ipairs { ... } do points[i] = { x = i, y = y } end
  return { end_name = name, points = points, colour = 2 }
end

t.test("a label for each line, at its last point", function()
  local text = end_names.lines({ trace("low", 1, 2), trace("it's high", 1, 10, 9), trace(nil, 5), trace("none") }, {})
  t.truthy(text:find("set label 301 'low' at first 2,first 2 left", 1, true), text)
  t.truthy(text:find("set label 302 'it''s high' at first 3,first 9 left", 1, true), text)
  t.truthy(text:find("textcolor rgb shade(2)", 1, true) and text:find("set rmargin 12", 1, true), text)
  t.equal(text:find("303", 1, true), nil)
  t.equal(end_names.lines({ trace(nil, 1) }, {}), nil)
end)

t.test("logarithmic axes, and numbers that cannot be drawn on them", function()
  local text = end_names.lines({ trace("a", 1000, 1), trace("b", 0, 10), trace("c", 0 / 0, 1000) }, { logy = true })
  local _, n = text:gsub("set label", "")
  t.equal(n, 3)
  t.equal(text:find "nan", nil)
end)

t.done()
