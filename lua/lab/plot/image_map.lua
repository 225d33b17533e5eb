-- image_map.lua: lab.plot.image_map, heat maps that share one colour scale.
--
-- They are SVG with each map as a tiny picture inside: sharp at every size, and the text
-- around it turns with the page's colours.

local clean = require "lab.util.text".clean
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local maps = require "lab.figure.maps"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.image_map"

local spec = figure.spec {
  maps = { kind = "table", required = true, takes = "array of tables", each = maps.options, help = "The maps, in reading order." },
  label = { kind = "string", default = "", help = "What the values are: the text beside the colour scale." },
  columns = { kind = "integer", min = 1, default_is = "up to 4", help = "The number of maps in a row." },
  range = { kind = "table", takes = "{ low, high }", default_is = "from the lowest value to the highest", help = "The ends of the colour scale." },
}

manual.word(WHERE, {
  summary = "heat maps that share one colour scale",
  options = spec,
  example = 'lab.plot.image_map { maps = { { title = "epoch 1", values = { 1, 2, 3, 4 } }, { title = "epoch 2", values = { 2, 2, 3, 5 } } }, label = "links per pixel" }',
})

local CANVAS, LEFT, SCALE, GAP, TITLE = 720, 6, 106, 14, 34

-- Sizes in pixels: columns, rows, width and height of one map, height of the canvas.
local function layout(list, wanted)
  local columns = math.min(#list, wanted or (#list <= 4 and #list or #list == 5 and 3 or 4))
  local rows = -(#list // -columns)
  local w = math.min(260, (CANVAS - LEFT - SCALE - (columns - 1) * GAP) / columns)
  local tallest = 0
  for _, map in ipairs(list) do tallest = math.max(tallest, map.height / map.width) end
  local h = w * math.min(tallest, 3)
  return columns, rows, w, h, math.ceil(rows * (h + TITLE + GAP))
end

local function panels_of(list, o)
  local columns, rows, w, h, height = layout(list, o.columns)
  local right = LEFT + columns * w + (columns - 1) * GAP
  local bar = math.min(height - GAP - TITLE, 260)
  local panels = { maps.scale(gnuplot.quote(o.label), right + 14, GAP, 14, bar, CANVAS, height) }
  for i, map in ipairs(list) do
    local column, row = (i - 1) % columns, (i - 1) // columns
    local mh = math.min(h, w * map.height / map.width)
    local mw = mh * map.width / map.height
    local x, y = LEFT + column * (w + GAP) + (w - mw) / 2, height - (row + 1) * (h + TITLE + GAP) + GAP
    panels[#panels + 1] = maps.panel(i - 1, map, gnuplot.quote(map.title), x, y + h - mh, mw, mh, CANVAS, height)
    panels[#panels + 1] = i == 1 and "unset colorbox" or nil
  end
  return table.concat(panels, "\n\n"), height
end

-- Lowest, mean and highest of each map: what the colours say, in a table.
local function summary_rows(list)
  local rows, said = {}, {}
  for i, map in ipairs(list) do
    local s = statistics.summary(map.values) or {}
    rows[i] = { clean(map.title), format.number(s.low), format.number(s.mean), format.number(s.high) }
    said[i] = ("%s: %s to %s, mean %s"):format(rows[i][1], rows[i][2], rows[i][4], rows[i][3])
  end
  return rows, table.concat(said, "; ")
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local list = {}
  for i, map in ipairs(o.maps) do list[i] = maps.check(("%s, map %d"):format(WHERE, i), map) end
  local values, height
  if #list > 0 then
    local low, high = maps.range(list)
    if o.range then low, high = o.range[1], o.range[2] end
    if type(low) ~= "number" or type(high) ~= "number" or not (low < high) then
      options.fail(WHERE .. ": option 'range' must be { low, high }")
    end
    values = { RANGE = ("[%s:%s]"):format(gnuplot.number(low), gnuplot.number(high)) }
    values.PANELS, height = panels_of(list, o)
  end
  local rows, said = summary_rows(list)
  local what = o.label ~= "" and o.label or "maps"
  figure.show {
    kind = "image_map", template = "image_map", values = values, data = maps.csv(list), options = o,
    width = CANVAS, height = height, title = what, text = ("%s; %s"):format(what, said),
    table = {
      kind = "table", header = { "", "lowest", "mean", "highest" }, rows = rows, align = "lrrr",
      note = o.label ~= "" and o.label or nil,
    },
  }
end
