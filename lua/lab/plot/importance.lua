-- importance.lua: lab.plot.importance { sweep }, how much of what the runs differ in each parameter explains.
--
-- A bar is the share of the objective's variance over runs that the means at a parameter's values explain:
-- its main effect, whatever the others are (sweep/result/effects.lua gives the formula). It says nothing of
-- parameters that matter together: where a full grid was run, a grey bar shows how much that is, and
-- another one how much the seeds do. A mark on a bar shows what a parameter without any effect would
-- explain by chance.

local clean = require "lab.util.text".clean
local effects = require "lab.sweep.result.effects"
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local scales = require "lab.sweep.result.scales"

local WHERE = "lab.plot.importance"

local spec = figure.spec { positional = true }

manual.word(WHERE, {
  summary = "how much of the differences between the runs of a sweep each parameter explains",
  text = "A bar is the share of the objective's variance over runs that the means at a parameter's values explain. Where a full grid was run, grey bars show how much interactions and seeds explain. "
    .. "A mark shows what a parameter without any effect would explain by chance.",
  items = { "sweep", "What lab.sweep returned." },
  options = spec,
  example = "lab.plot.importance { sweep }",
})

local HALF = 0.32  -- of a bar's thickness

-- { name, share, chance, grey } for every bar, from the top.
local function bars_of(shares, rest)
  local bars = {}
  for _, s in ipairs(shares) do bars[#bars + 1] = { name = s.name, share = s.share, chance = s.chance, levels = s.levels } end
  if rest then
    if #shares > 1 then bars[#bars + 1] = { name = "interactions", share = rest.interactions, grey = true } end
    if rest.seeds then bars[#bars + 1] = { name = "seeds", share = rest.seeds, grey = true } end
  end
  return bars
end

local function script_values(bars)
  local own, grey, chance, tics, any = {}, {}, {}, {}, false
  for i, bar in ipairs(bars) do
    tics[i] = ("%s %d"):format(gnuplot.quote(bar.name), i)
    if bar.share then
      any = true
      local close = bar.chance and bar.chance > bar.share and bar.chance < bar.share + 0.1  -- the label goes beyond the mark
      table.insert(bar.grey and grey or own, { 50 * bar.share, i, 0, 100 * bar.share, i - HALF, i + HALF, bar.name, format.percent(bar.share),
        100 * (close and bar.chance or bar.share) })
    end
    if bar.chance then chance[#chance + 1] = { 100 * bar.chance, i, 100 * bar.chance, 100 * bar.chance, i - HALF, i + HALF, bar.name, "", 100 * bar.chance } end
  end
  if not any then return nil end
  local plots = {}
  local function add(text, ...) plots[#plots + 1] = text:format(...) end
  local blocks, places = {}, {}
  for name, rows in pairs { own = own, grey = grey, chance = chance } do places[name] = #rows > 0 and rows or nil end
  for _, name in ipairs { "own", "grey", "chance" } do
    local rows = places[name]
    if rows then
      blocks[#blocks + 1] = rows
      if name == "chance" then
        add("data index %d using 1:5:(0):(%g) with vectors nohead linewidth 1.6 dashtype (3, 3) linecolor rgb 'black' title 'by chance'", #blocks - 1, 2 * HALF)
      else
        add("data index %d using 1:2:3:4:5:6 with boxxyerror fillcolor rgb %s notitle", #blocks - 1, name == "own" and "shade(1)" or "grey")
        add("data index %d using 9:2:8 with labels left offset 0.6,0 font ',14' notitle", #blocks - 1)
      end
    end
  end
  return {
    XLABEL = "'share of the variance over runs (%)'", NAMES = table.concat(tics, ", "), LAST = gnuplot.number(#bars + 0.6), MOST = "112",
    KEY = "set key bottom right samplen 1.5; set xtics 20", PLOT = table.concat(plots, ", \\\n     "),
  }, gnuplot.csv({ "x", "bar", "from", "to", "low", "high", "name", "label", "label_x" }, blocks)
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local sweep = scales.sweep(WHERE, given)
  local shares, rest, left_out = effects.importance(WHERE, sweep)
  local bars = bars_of(shares, rest)
  local values, data = script_values(bars)
  local item, said = { kind = "table", header = { "", "values", "share", "by chance" }, rows = {}, align = "lrrr" }, {}
  for i, bar in ipairs(bars) do
    item.rows[i] = { clean(bar.name), bar.levels and tostring(bar.levels) or "", format.percent(bar.share), bar.chance and format.percent(bar.chance) or "" }
    said[i] = ("%s %s"):format(bar.name, format.percent(bar.share))
  end
  local notices = { left_out }
  if not rest and #shares > 1 then notices[#notices + 1] = "not every combination was run alike: the shares may overlap" end
  figure.show {
    kind = "importance", template = "stacks", values = values, data = data, options = o, height = 90 + 44 * math.max(1, #bars),
    notices = notices, title = "importance of parameters", text = "share of the variance explained: " .. table.concat(said, ", "), table = item,
  }
end
