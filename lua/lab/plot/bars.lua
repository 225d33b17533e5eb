-- bars.lua: lab.plot.bars, one number a group, with the number written on each bar.
--
-- A bar is the mean over a group's finished runs of one number a run (the last of a
-- column, unless `at` says otherwise); its whisker is one standard deviation.

local breaks = require "lab.figure.breaks"
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local series = require "lab.figure.series"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.bars"

local spec = figure.spec {
  positional = true,
  y = { kind = "string", required = true, help = "The column whose number is the bar." },
  by = { kind = "string", default_is = '"arm" where there is one', help = "The argument of lab.runs that sets bars apart." },
  at = { kind = "string", choices = statistics.folds, default = "last", help = "Which number of a run's column counts." },
  log = { kind = "boolean", default = false, help = "Whether the y axis is logarithmic; then dots replace bars, whose length would mean nothing." },
  format = { kind = "string|function", takes = 'name of lab.format.kinds, pattern such as "%.4f" or function(number)', default_is = '"number"', help = "How the number on a bar is written." },
  xlabel = { kind = "string", default = "", help = "The text below the x axis." },
  ylabel = { kind = "string", default_is = "made of the column's name", help = "The text beside the y axis." },
}

manual.word(WHERE, {
  summary = "one number a group of runs, written on its bar",
  text = "A bar is the mean over a group's finished runs, its whisker one standard deviation. A group with a run whose number is not finite has a dash and no bar.",
  items = { "runs", "What lab.runs returned." },
  options = spec,
  example = 'lab.plot.bars { runs, y = "accuracy", by = "seed", at = "max" }',
})

-- Array of { name, n, mean, sd, text }, a group each; mean is nil where nothing finished, or a run broke
-- down. Second these, for breaks.notices.
local function bars_of(groups, o, shown)
  local bars, broken_runs = {}, {}
  for i, group in ipairs(groups) do
    local s, broken, word = series.summary(group, function(record) return statistics.fold(series.column(record, o.y), o.at) end)
    breaks.add(broken_runs, group, format.label(o.y), o.at, broken, word)
    s = s or { n = #group.finished }
    bars[i] = { name = group.name, n = s.n, mean = s.mean, sd = s.sd, text = format.value(shown, s.mean) }
  end
  return bars, broken_runs
end

-- Where the axis begins and ends: at zero, or on a log axis at the power of ten below.
local function y_axis(bars, log)
  local low, high = math.huge, -math.huge
  for _, b in ipairs(bars) do
    if b.mean and (not log or b.mean > 0) then
      low, high = math.min(low, b.mean), math.max(high, b.mean + (b.sd or 0))
    end
  end
  if high == -math.huge then return nil end
  if log then
    local base = 10.0 ^ (math.floor(math.log(low, 10) - 0.3))
    return 0.999 * base, high * (high / base) ^ 0.12, "set logscale y\nset format y '%h'"
  end
  if high <= 0 and low < 0 then return low * 1.15, 0, "" end
  low = math.min(low, 0)
  return low * 1.15, high + 0.12 * (high - low), ""
end

-- Thousands on the axis as in the labels: gnuplot's %h would write 3e+06 for links.
local function tic_labels(low, high, log)
  if not log or high < 1e4 then return "" end
  local tics, power = {}, math.ceil(math.log(low, 10) - 1e-9)
  for p = power, math.floor(math.log(high, 10)) do
    tics[#tics + 1] = ("%s 1e%d"):format(gnuplot.quote(format.count(10.0 ^ p)), p)
  end
  return ("set ytics (%s)"):format(table.concat(tics, ", "))
end

local function script_values(bars, o)
  local low, high, axis = y_axis(bars, o.log)
  if not low then return nil end
  local tics, plots, rows = {}, {}, {}
  for i, b in ipairs(bars) do
    tics[i] = ("%s %d"):format(gnuplot.quote(b.name), i)
    rows[i] = { i, b.mean, b.sd, b.n, b.name, b.text }
    local place = ("data every ::%d::%d using "):format(i - 1, i - 1)
    local look = o.log and "points pointtype 7 pointsize 1.6 linecolor rgb shade(%d) notitle" or "boxes fillcolor rgb shade(%d) fillstyle solid noborder notitle"
    plots[#plots + 1] = place .. ("1:2 with " .. look):format(i)
    if b.sd and b.sd > 0 then
      plots[#plots + 1] = place .. "1:($2-$3):(0):(2*$3) with vectors heads size screen 0.006,90 "
        .. "linewidth 1.5 linecolor rgb 'black' notitle"
    end
  end
  plots[#plots + 1] = "data using 1:(valid(3) ? $2 + $3 : $2):6 with labels offset 0,0.8 notitle"
  return {
    XLABEL = gnuplot.quote(o.xlabel), YLABEL = gnuplot.quote(o.ylabel),
    AXES = table.concat({
      axis, tic_labels(low, high, o.log), ("set xtics (%s) scale 0"):format(table.concat(tics, ", ")),
      ("set xrange [0.4:%g]"):format(#bars + 0.6), ("set yrange [%s:%s]"):format(gnuplot.number(low), gnuplot.number(high)),
    }, "\n"),
    PLOT = table.concat(plots, ", \\\n     "),
  }, gnuplot.csv({ "bar", "mean", "sd", "runs", "name", "label" }, { rows })
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local runs = series.runs(WHERE, o)
  local groups, by = series.groups(WHERE, runs, o.by)
  series.require_column(WHERE, runs, o.y)
  o.ylabel = o.ylabel or format.label(o.y)
  local shown = format.named(WHERE, o.format)
  local bars, broken_runs = bars_of(groups, o, shown)
  local values, data = script_values(bars, o)
  local rows, said = {}, {}
  for i, b in ipairs(bars) do
    rows[i] = { b.name, tostring(b.n), format.mean_sd(shown, b.mean, b.sd) }
    said[i] = b.name .. " " .. rows[i][3]
  end
  local notices = series.notices(groups)
  for _, sentence in ipairs(breaks.notices(broken_runs, groups)) do notices[#notices + 1] = sentence end
  notices[#notices + 1] = series.mixture(groups, by)
  figure.show {
    kind = "bars", template = "bars", values = values, data = data, points = #bars, options = o, height = 340,
    notices = notices, title = o.ylabel, text = ("%s: %s"):format(o.ylabel, table.concat(said, "; ")),
    table = { kind = "table", header = { "", "runs", o.ylabel }, rows = rows, align = "lrr" },
  }
end
