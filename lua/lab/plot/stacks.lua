-- stacks.lua: lab.plot.stacks, what wholes are made of: a bar each, lying, cut into parts.
--
-- Parts lie in the order given; parts of one name share a colour and a place in the legend. A
-- label stands inside its part where there is room.

local clean = require "lab.util.text".clean
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.stacks"

local part_spec = {
  name = { kind = "string", required = true, help = "The part's name; parts of one name share a colour." },
  value = { kind = "number", required = true, min = 0, help = "Its length." },
  label = { kind = "string", default = "", help = "A text inside the part, where there is room." },
}
local bar_spec = {
  name = { kind = "string", required = true, help = "The text beside the bar." },
  parts = { kind = "table", required = true, takes = "array of tables", each = part_spec, help = "The bar's parts, in this order." },
}
local spec = figure.spec {
  bars = { kind = "table", required = true, takes = "array of tables", each = bar_spec, help = "The bars, from the top." },
  xlabel = { kind = "string", default = "", help = "What the lengths are: the text below the x axis." },
}

manual.word(WHERE, {
  summary = "what wholes are made of: a horizontal bar each, cut into parts",
  options = spec,
  example = 'lab.plot.stacks { bars = { { name = "C", parts = { { name = "forward", value = 0.4 }, { name = "backward", value = 0.6 } } } }, xlabel = "share of a step" }',
})

local HALF, GAP = 0.32, 0.0015  -- of a bar's height; between parts, of the longest bar
local LETTER = 0.016            -- of the longest bar's length

local function check_bars(given)
  local bars = {}
  for i, item in ipairs(given) do
    local here = ("%s, bar %d"):format(WHERE, i)
    bars[i] = options.check(here, bar_spec, item)
    bars[i].parts, bars[i].whole = {}, 0
    for j, part in ipairs(item.parts) do
      local p = options.check(("%s, part %d"):format(here, j), part_spec, part)
      bars[i].parts[j], bars[i].whole = p, bars[i].whole + p.value
    end
  end
  return bars
end

-- The parts' names in order of appearance, and name -> number of its colour.
local function names_of(bars)
  local names, colour = {}, {}
  for _, bar in ipairs(bars) do
    for _, part in ipairs(bar.parts) do
      if not colour[part.name] then
        names[#names + 1] = part.name
        colour[part.name] = #names
      end
    end
  end
  return names, colour
end

-- A block of data for each name: the rectangles of its parts, x and y of their middles first.
local function blocks_of(bars, names, colour, most)
  local blocks = {}
  for i = 1, #names do blocks[i] = {} end
  for i, bar in ipairs(bars) do
    local from = 0
    for _, part in ipairs(bar.parts) do
      local to = from + part.value
      local gap = math.min(GAP * most, part.value / 4)
      local fits = (#part.label + 1) * LETTER * most < part.value
      table.insert(blocks[colour[part.name]],
        { (from + to) / 2, i, from + gap, to - gap, i - HALF, i + HALF, part.name, fits and part.label or "" })
      from = to
    end
  end
  return blocks
end

-- The theme has six colours; those after them are the same, paler and with an edge.
local COLOURS <const> = 6
local function fill(i)
  if i <= COLOURS then return ("fillcolor rgb shade(%d)"):format(i) end
  return ("fillcolor rgb shade(%d) fillstyle transparent solid 0.18 border rgb shade(%d)"):format(i, i)
end

-- How the names stand above the bars: columns that hold the longest, and rows.
local LETTERS <const>, SAMPLE <const> = 78, 6   -- of a row; what a sample takes
local function legend(names)
  local longest = 1
  for _, name in ipairs(names) do longest = math.max(longest, utf8.len(name) or #name) end
  local columns = math.max(1, math.min(#names, LETTERS // (longest + SAMPLE)))
  return columns, (#names + columns - 1) // columns
end

local function script_values(o, bars)
  local names, colour = names_of(bars)
  local most, tics, plots = 0, {}, {}
  for i, bar in ipairs(bars) do
    most = math.max(most, bar.whole)
    tics[i] = ("%s %d"):format(gnuplot.quote(bar.name), i)
  end
  if not (most > 0 and statistics.finite(most)) then return nil end
  local n = #names
  for i, name in ipairs(names) do
    plots[i] = ("data index %d using 1:2:3:4:5:6 with boxxyerror %s notitle"):format(i - 1, fill(i))
    plots[n + i] = ("data index %d using 1:2:8 with labels font ',13' notitle"):format(i - 1)
    plots[2 * n + i] = ("keyentry with boxes %s title %s"):format(fill(i), gnuplot.quote(name))
  end
  return {
    XLABEL = gnuplot.quote(o.xlabel), NAMES = table.concat(tics, ", "), LAST = gnuplot.number(#bars + 0.6), MOST = gnuplot.number(most),
    KEY = ("set key tmargin left horizontal samplen 1.5 width -1 maxcols %d"):format((legend(names))), PLOT = table.concat(plots, ", \\\n     "),
  }, gnuplot.csv({ "x", "bar", "from", "to", "low", "high", "part", "label" }, blocks_of(bars, names, colour, most))
end

-- A row for each bar, a column for each part's name; parts of one name are added up.
local function table_of(bars)
  local names, colour = names_of(bars)
  local header, rows, said = { "" }, {}, {}
  for i, name in ipairs(names) do header[i + 1] = clean(name) end
  for i, bar in ipairs(bars) do
    local sums, words = {}, {}
    for _, part in ipairs(bar.parts) do sums[colour[part.name]] = (sums[colour[part.name]] or 0) + part.value end
    rows[i] = { clean(bar.name) }
    for j, name in ipairs(names) do
      rows[i][j + 1] = sums[j] and format.number(sums[j]) or "–"
      if sums[j] then words[#words + 1] = ("%s %s"):format(name, format.number(sums[j])) end
    end
    said[i] = ("%s: %s"):format(bar.name, table.concat(words, ", "))
  end
  return { kind = "table", header = header, rows = rows, align = "l" .. ("r"):rep(#names) }, table.concat(said, "; ")
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local bars = check_bars(o.bars)
  local values, data = script_values(o, bars)
  local stand_in, said = table_of(bars)
  local about = o.xlabel ~= "" and o.xlabel or "parts"
  figure.show {
    kind = "stacks", template = "stacks", values = values, data = data, options = o,
    height = 94 + 62 * #bars + 26 * select(2, legend((names_of(bars)))),
    title = about, text = ("%s; %s"):format(about, said), table = stand_in,
  }
end
