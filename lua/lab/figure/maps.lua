-- maps.lua: grids of numbers, checked, and their panels on a canvas.
--
-- A map is { values = { row after row, the top row first }, width =, height =, title = }.
-- gnuplot reads each as a block of rows; `with image` draws every value as one square.

local gnuplot = require "lab.figure.gnuplot"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local M = {}

local spec = {
  values = { kind = "table", required = true, takes = "array of numbers", help = "The values row after row, the top row first." },
  title = { kind = "string", default = "", help = "The text above the map." },
  width = { kind = "integer", min = 1, max = 4096, unit = "values", default_is = "that of a square", help = "The length of a row." },
  height = { kind = "integer", min = 1, max = 4096, unit = "rows", default_is = "that of a square", help = "The number of rows." },
}
M.options = spec  -- for the words that take maps

-- A checked copy; without width and height the map is square.
function M.check(where, given)
  local map = options.check(where, spec, given)
  local n = #map.values
  if not map.width and not map.height then map.width = math.tointeger(math.floor(n ^ 0.5 + 0.5)) end
  map.width = map.width or n // map.height
  map.height = map.height or n // map.width
  if n == 0 or map.width * map.height ~= n then
    options.fail(("%s: %d values do not fill %d x %d"):format(where, n, map.width, map.height))
  end
  for i, v in ipairs(map.values) do
    if type(v) ~= "number" then options.fail(("%s: value %d is not a number"):format(where, i)) end
  end
  return map
end

-- The data file: blocks of rows, in which a not-a-number is an empty square.
function M.csv(maps)
  local blocks = {}
  for b, map in ipairs(maps) do
    local rows = {}
    for r = 1, map.height do
      local cells = {}
      for c = 1, map.width do cells[c] = gnuplot.number(map.values[(r - 1) * map.width + c]) end
      rows[r] = table.concat(cells, ",")
    end
    blocks[b] = table.concat(rows, "\n")
  end
  return table.concat(blocks, "\n\n\n") .. "\n"
end

-- Lowest and highest value of all maps, never equal: one scale for all.
function M.range(maps)
  local low, high = math.huge, -math.huge
  for _, map in ipairs(maps) do
    local s = statistics.summary(map.values)
    if s then low, high = math.min(low, s.low), math.max(high, s.high) end
  end
  if low > high then return 0, 1 end
  return low, high > low and high or low + 1
end

-- Lines that draw block `index` (a number, or gnuplot text for one) into the rectangle (x, y, w, h) in pixels from the lower
-- left corner of a canvas of cw x ch. `title` is gnuplot text, already quoted.
function M.panel(index, map, title, x, y, w, h, cw, ch)
  return table.concat({
    ("set lmargin at screen %.5f; set rmargin at screen %.5f"):format(x / cw, (x + w) / cw),
    ("set bmargin at screen %.5f; set tmargin at screen %.5f"):format(y / ch, (y + h) / ch),
    ("set xrange [-0.5:%d.5]; set yrange [%d.5:-0.5]"):format(map.width - 1, map.height - 1),
    ("set title %s offset 0,-0.5"):format(title),
    ("plot data index %s matrix using 1:2:3 with image notitle"):format(index),
  }, "\n")
end

-- Lines that put the colour scale into such a rectangle, for the panels that follow;
-- `label` is gnuplot text too.
function M.scale(label, x, y, w, h, cw, ch)
  local place = "set colorbox user vertical origin screen %.5f, screen %.5f size screen %.5f, screen %.5f noborder"
  return table.concat({
    place:format(x / cw, y / ch, w / cw, h / ch),
    "set cbtics scale 0 textcolor rgb 'black'",
    "set cblabel " .. label,
  }, "\n")
end

return M
