-- heatmap.lua: lab.plot.heatmap, a grid of named rows and columns with its numbers written in: a confusion matrix, or one
-- number against two parameters.

local clean = require "lab.util.text".clean
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.heatmap"

local NAMES = "array of texts or numbers"
local spec = figure.spec {
  values = { kind = "table", required = true, takes = "array of arrays of numbers", help = "The numbers, row by row, the top row first; NaN is an empty cell." },
  rows = { kind = "table", takes = NAMES, default_is = "1, 2, ...", help = "What the rows are called." },
  columns = { kind = "table", takes = NAMES, default_is = "1, 2, ...", help = "What the columns are called." },
  label = { kind = "string", default = "", help = "What the values are: the text beside the colour scale." },
  format = { kind = "string|function", takes = 'name of lab.format.kinds, pattern such as "%.1f" or function(number)', default_is = '"number"', help = "How the number in a cell is written." },
  numbers = { kind = "boolean", default_is = "true up to 20 columns", help = "Whether cells show their numbers." },
  range = { kind = "table", takes = "{ low, high }", default_is = "from the lowest value to the highest", help = "The ends of the colour scale." },
  diverging = { kind = "boolean", default = false, help = "Whether colours part in the middle of the scale, blue below and red above, as for differences." },
  xlabel = { kind = "string", default = "", help = "The text below the columns." },
  ylabel = { kind = "string", default = "", help = "The text beside the rows." },
}

manual.word(WHERE, {
  summary = "a grid of named rows and columns, coloured by its numbers",
  options = spec,
  example = 'lab.plot.heatmap { values = { { 0.61, 0.64 }, { 0.63, 0.66 } }, rows = { "10", "20" }, columns = { "0.2", "0.3" }, xlabel = "zeta", ylabel = "epsilon", label = "accuracy" }',
})

local WIDTH, LETTER, NAME, SCALE = 720, 9, 40, 130  -- pixels: of a letter, of what the rows are, and of the colour scale

-- Checks that all rows are of one length and hold numbers; returns that length.
local function width_of(values)
  local columns = type(values[1]) == "table" and #values[1] or 0
  for r, row in ipairs(values) do
    if type(row) ~= "table" then options.fail(("%s: row %d is not an array"):format(WHERE, r)) end
    if #row ~= columns or columns == 0 then options.fail(("%s: row %d has %d values, the first has %d"):format(WHERE, r, #row, columns)) end
    for c, v in ipairs(row) do
      if type(v) ~= "number" then options.fail(("%s: row %d, column %d is not a number"):format(WHERE, r, c)) end
    end
  end
  return columns
end

local function names(what, given, n)
  local list = {}
  for i = 1, n do
    local name = given and given[i] or i
    if type(name) ~= "string" and type(name) ~= "number" then options.fail(("%s: the name of %s %d is a %s"):format(WHERE, what:sub(1, -2), i, type(name))) end
    list[i] = clean(name)
  end
  if given and #given ~= n then options.fail(("%s: %d names for %d %s"):format(WHERE, #given, n, what)) end
  return list
end

local function range_of(values, given)
  local low, high = math.huge, -math.huge
  for _, row in ipairs(values) do
    local s = statistics.summary(row)
    if s then low, high = math.min(low, s.low), math.max(high, s.high) end
  end
  if low > high then low, high = 0, 1 end
  if low == high then high = low + 1 end
  if given then low, high = given[1], given[2] end
  if not (statistics.finite(low) and statistics.finite(high) and low < high) then options.fail(WHERE .. ": option 'range' must be { low, high }") end
  return low, high
end

local function tics(list)
  local at = {}
  for i, name in ipairs(list) do at[i] = ("%s %d"):format(gnuplot.quote(name), i) end
  return table.concat(at, ", ")
end

local function longest(list)
  local n = 0
  for _, name in ipairs(list) do n = math.max(n, utf8.len(name) or #name) end
  return n
end

-- Width and height of the picture, so that cells are wider than high and their names fit; true if columns' names must stand upright.
local function layout(rows, columns, ylabel)
  local left = math.min(WIDTH / 2, 16 + LETTER * longest(rows) + (ylabel ~= "" and NAME or 0))   -- longer names lose their beginning
  local cell = (WIDTH - left - SCALE) / #columns
  local turned = longest(columns) * LETTER > cell
  local high = math.max(18, math.min(46, cell * 0.7), 150 / #rows)
  return left, math.ceil(high * #rows + 60 + (turned and 8 * longest(columns) or 20)), turned
end

-- Blocks of the data with column, row, value and its text: those of light text, at the dark end of the scale, and those of dark text.
-- Second the clauses that draw them.
local function cells_of(values, low, high, shown, wanted, diverging)
  local light, dark = {}, {}
  for r, row in ipairs(values) do
    for c, v in ipairs(row) do
      local text, place = wanted and v == v and format.value(shown, v) or "", (v - low) / (high - low)
      local is_pale = diverging and math.abs(place - 0.5) < 0.3 or not diverging and place > 0.6
      local side = is_pale and dark or light
      side[#side + 1] = { c, r, v, text }
    end
  end
  local blocks, plots = {}, {}
  for _, side in ipairs { { light, "#f4f4f4" }, { dark, "#141414" } } do
    if #side[1] > 0 then
      plots[#plots + 1] = ("data index %d using 1:2:(0.5):(0.5):3 with boxxyerror linecolor palette notitle"):format(#blocks)
      if wanted then plots[#plots + 1] = ("data index %d using 1:2:4 with labels font ',13' textcolor rgb '%s' notitle"):format(#blocks, side[2]) end
      blocks[#blocks + 1] = side[1]
    end
  end
  return blocks, table.concat(plots, ", \\\n     ")
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local n = #o.values > 0 and width_of(o.values) or 0
  local rows, columns = names("rows", o.rows, #o.values), names("columns", o.columns, n)
  local shown = format.named(WHERE, o.format)
  if o.numbers == nil then o.numbers = n <= 20 end
  local values, height, data
  if n > 0 then
    local low, high = range_of(o.values, o.range)
    local left, tall, turned = layout(rows, columns, o.ylabel)
    local blocks, plot = cells_of(o.values, low, high, shown, o.numbers, o.diverging)
    height, data = tall, gnuplot.csv({ "column", "row", "value", "label" }, blocks)
    values = {
      PLOT = plot, PALETTE = o.diverging and "set palette defined (0 '#2166ac', 1 '#92c5de', 2 '#f7f7f7', 3 '#f4a582', 4 '#b2182b')" or "",
      RANGE = ("[%s:%s]"):format(gnuplot.number(low), gnuplot.number(high)), LABEL = gnuplot.quote(o.label),
      XLABEL = gnuplot.quote(o.xlabel), YLABEL = gnuplot.quote(o.ylabel), COLUMNS = tics(columns), ROWS = tics(rows),
      TURN = turned and "rotate by 50 right" or "norotate", WIDE = ("%g"):format(n + 0.5), HIGH = ("%g"):format(#rows + 0.5),
      LEFT = ("%.4f"):format(left / WIDTH), NAME = ("%.4f"):format(NAME / 2 / WIDTH), RIGHT = ("%.4f"):format(1 - SCALE / WIDTH),
    }
  end
  local stand_in = {}
  for r, row in ipairs(o.values) do
    stand_in[r] = { rows[r] }
    for c, v in ipairs(row) do stand_in[r][c + 1] = format.value(shown, v) end
  end
  local what = o.label ~= "" and o.label or "values"
  figure.show {
    kind = "heatmap", template = "heatmap", values = values, data = data, options = o, width = WIDTH, height = height,
    points = 0, title = what, text = ("%s, %d rows by %d columns"):format(what, #rows, n),
    table = { kind = "table", header = { o.ylabel, table.unpack(columns) }, rows = stand_in, align = "l" .. ("r"):rep(n), note = o.xlabel ~= "" and o.xlabel or nil },
  }
end
