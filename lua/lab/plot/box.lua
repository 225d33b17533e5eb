-- box.lua: lab.plot.box, how one number is spread over the runs of each group.
--
-- Every run is a point. From five runs on, a box lies behind them from the lower to the upper quartile with a line at the median;
-- fewer have the line alone: quartiles of three numbers would say what the points say better.

local breaks = require "lab.figure.breaks"
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local series = require "lab.figure.series"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.box"
local ENOUGH = 5   -- runs for a box

local spec = figure.spec {
  positional = true,
  y = { kind = "string", required = true, help = "The column whose number is shown." },
  by = { kind = "string", default_is = '"arm" where there is one', help = "The argument of lab.runs that sets boxes apart." },
  at = { kind = "string", choices = statistics.folds, default = "last", help = "Which number of a run's column counts." },
  format = { kind = "string|function", takes = 'name of lab.format.kinds, pattern such as "%.4f" or function(number)', default_is = '"number"', help = "How the median is written in the stand-in table." },
  xlabel = { kind = "string", default = "", help = "The text below the x axis." },
  ylabel = { kind = "string", default_is = "made of the column's name", help = "The text beside the y axis." },
}

manual.word(WHERE, {
  summary = "how one number is spread over the runs of each group",
  text = "Every finished run is a point, the line the median. From five runs on a box reaches from the lower to the upper quartile.",
  items = { "runs", "What lab.runs returned." },
  options = spec,
  example = 'lab.plot.box { runs, y = "accuracy", by = "seed" }',
})

-- The value below which a share of a sorted array lies, between two of its numbers on a straight line (type 7 of
-- Hyndman and Fan 1996).
local function quantile(sorted, share)
  local at = 1 + share * (#sorted - 1)
  local below = math.floor(at)
  local above = math.min(below + 1, #sorted)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
end

-- Sorted numbers of a group's runs, how many were none, and a word for these.
local function numbers_of(group, o)
  local sorted, broken, word = {}, 0, nil
  for _, record in ipairs(group.finished) do
    local v, why = statistics.fold(series.column(record, o.y), o.at)
    if v then sorted[#sorted + 1] = v
    elseif why then broken, word = broken + 1, why end
  end
  table.sort(sorted)
  return sorted, broken, word
end

-- Places of a group's points side by side where they would lie on each other: as far from the middle as their order says.
local function points_of(i, sorted)
  local rows = {}
  for k, v in ipairs(sorted) do rows[k] = { i + 0.22 * (#sorted > 1 and (k - 1) / (#sorted - 1) - 0.5 or 0), v } end
  return rows
end

local function script_values(groups, sorted_of, o)
  local tics, plots, blocks = {}, {}, {}
  for i, group in ipairs(groups) do
    local sorted = sorted_of[i]
    tics[i] = ("%s %d"):format(gnuplot.quote(group.name), i)
    if #sorted > 0 then
      local boxed = #sorted >= ENOUGH
      blocks[#blocks + 1] = { { i, quantile(sorted, 0.5), boxed and quantile(sorted, 0.25) or nil, boxed and quantile(sorted, 0.75) or nil } }
      local box = #blocks - 1
      blocks[#blocks + 1] = points_of(i, sorted)
      if boxed then plots[#plots + 1] = ("data index %d using 1:(($3+$4)/2):(0.28):(($4-$3)/2) with boxxyerror fillcolor rgb band(%d) fillstyle solid noborder notitle"):format(box, i) end
      plots[#plots + 1] = ("data index %d using ($1-0.28):2:(0.56):(0) with vectors nohead linewidth 2.2 linecolor rgb shade(%d) notitle"):format(box, i)
      plots[#plots + 1] = ("data index %d using 1:2 with points pointtype 7 pointsize 0.6 linecolor rgb shade(%d) notitle"):format(box + 1, i)
    end
  end
  if #blocks == 0 then return nil end
  return {
    XLABEL = gnuplot.quote(o.xlabel), YLABEL = gnuplot.quote(o.ylabel),
    TICS = ("(%s) scale 0%s"):format(table.concat(tics, ", "), #groups > 6 and " rotate by 35 right" or ""), RANGE = ("[0.4:%g]"):format(#groups + 0.6),
    PLOT = table.concat(plots, ", \\\n     "),
  }, gnuplot.csv({ "place", "y", "lower_quartile", "upper_quartile" }, blocks)
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local runs = series.runs(WHERE, o)
  local groups, by = series.groups(WHERE, runs, o.by)
  series.require_column(WHERE, runs, o.y)
  o.ylabel = o.ylabel or format.label(o.y)
  local shown, sorted_of, rows, said, broken_runs = format.named(WHERE, o.format), {}, {}, {}, {}
  for i, group in ipairs(groups) do
    local sorted, broken, word = numbers_of(group, o)
    breaks.add(broken_runs, group, format.label(o.y), o.at, broken, word)
    sorted_of[i] = sorted
    local function cell(share) return #sorted > 0 and format.value(shown, quantile(sorted, share)) or "–" end
    rows[i] = { group.name, tostring(#sorted), cell(0), cell(0.25), cell(0.5), cell(0.75), cell(1) }
    said[i] = ("%s %s"):format(group.name, cell(0.5))
  end
  local notices = series.notices(groups)
  for _, sentence in ipairs(breaks.notices(broken_runs, groups)) do notices[#notices + 1] = sentence end
  notices[#notices + 1] = series.mixture(groups, by)
  local values, data = script_values(groups, sorted_of, o)
  figure.show {
    kind = "box", template = "box", values = values, data = data, points = #runs, options = o, height = 340,
    notices = notices, title = o.ylabel, text = ("%s, median: %s"):format(o.ylabel, table.concat(said, "; ")),
    table = { kind = "table", header = { "", "runs", "lowest", "lower quartile", "median", "upper quartile", "highest" }, rows = rows, align = "lrrrrrr" },
  }
end
