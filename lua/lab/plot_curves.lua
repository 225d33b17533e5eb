-- plot_curves.lua: lab.plot.curves, columns of runs against epochs or seconds.
--
-- Each group ("arm") is the mean of its finished runs at every x they share, with a band of
-- one standard deviation or of the whole range. A run that did not finish is no part of the
-- mean: it is drawn thin, with a cross where it ended. Against seconds no two seeds share
-- an x, so each seed is a thin line and the bold one goes through (mean seconds, mean y)
-- epoch by epoch.

local options = require "lab.options"
local figure = require "lab.figure"
local format = require "lab.format"
local guides = require "lab.guides"
local lines = require "lab.lines"
local manual = require "lab.manual"
local series = require "lab.series"
local statistics = require "lab.statistics"

local WHERE = "lab.plot.curves"

local spec = lines.spec {
  x = { kind = "string", default_is = '"epoch"', help = "The column of the x axis." },
  x_from = { kind = "function", takes = "function(row, i)", help = "Returns the x of a row, instead of a column." },
  cumulative = { kind = "string", help = "A column, such as seconds, whose running sum is x." },
  y = { kind = "string|table", required = true, takes = "name of a column, or an array of names", help = "The column or columns to draw." },
  by = { kind = "string", default_is = '"arm" where there is one', help = "The argument of lab.runs that sets curves apart." },
  band = { kind = "string", choices = { "sd", "range", "none" }, default = "sd", help = "What the band around a mean shows: one standard deviation, or all seeds." },
  smooth = { kind = "integer", min = 1, default = 1, unit = "points", help = "Over how many neighbours each point is averaged." },
  guides = guides.option,
}

manual.word(WHERE, {
  summary = "columns of runs against epochs or seconds: mean and spread over seeds",
  text = "A curve is the mean of a group's finished runs at every x they share. A run that did not finish is no part of the mean: it is drawn thin, with a cross where it ended. "
    .. "With cumulative or x_from each seed is a thin line, and the bold one goes through the means epoch by epoch.",
  items = { "runs", "What lab.runs returned." },
  options = spec,
  example = 'lab.plot.curves { runs, x = "epoch", y = "accuracy", by = "seed" }',
})

-- The columns that y names, checked.
local function y_columns(o, runs)
  local columns = type(o.y) == "table" and o.y or { o.y }
  if #columns == 0 then options.fail(WHERE .. ": option 'y' names no column") end
  for i, c in ipairs(columns) do
    if type(c) ~= "string" then options.fail(("%s: option 'y' must hold names of columns, item %d is %s"):format(WHERE, i, type(c))) end
    series.require_column(WHERE, runs, c)
  end
  return columns
end

-- A function that makes row -> x afresh for each run (a running sum has a memory).
local function x_maker(o, runs)
  if o.x_from then return function() return o.x_from end end
  local column = o.cumulative or o.x
  series.require_column(WHERE, runs, column)
  if not o.cumulative then return function() return function(row) return row[column] end end end
  return function()
    local sum = 0.0
    return function(row)
      sum = sum + (tonumber(row[column]) or 0)
      return sum
    end
  end
end

-- Mean point after mean point, epoch by epoch, as far as every run goes.
local function mean_path(runs_points)
  local path, shortest = {}, math.huge
  for _, points in ipairs(runs_points) do shortest = math.min(shortest, #points) end
  for i = 1, #runs_points > 0 and shortest or 0 do
    local xs, ys = {}, {}
    for j, points in ipairs(runs_points) do xs[j], ys[j] = points[i].x, points[i].y end
    path[i] = { x = statistics.summary(xs).mean, y = statistics.summary(ys).mean, n = #xs }
  end
  return path
end

-- The folded curve with its band; on a log axis a band does not reach below what was seen.
local function mean_curve(runs_points, o)
  local curve = {}
  for i, s in ipairs(series.fold(runs_points)) do
    local low, high = s.mean, s.mean
    if o.band == "range" then low, high = s.low, s.high
    elseif o.band == "sd" and s.sd then low, high = s.mean - s.sd, s.mean + s.sd end
    if o.logy and low <= 0 then low = s.low end
    curve[i] = { x = s.x, y = s.mean, low = low, high = high, n = s.n }
  end
  return lines.smoothed(curve, o.smooth)
end

local function points_of(records, column, new_x)
  local all = {}
  for i, record in ipairs(records) do all[i] = series.points(record, new_x(), column) end
  return all
end

-- Traces of one group and column; the bold one is last, above the thin ones.
local function group_traces(group, column, new_x, o, style)
  local traces = {}
  local finished = points_of(group.finished, column, new_x)
  local by_path = o.cumulative or o.x_from
  local bold = by_path and lines.smoothed(mean_path(finished), o.smooth) or mean_curve(finished, o)
  local function thin(points, cross)
    if #points > 0 then
      traces[#traces + 1] = {
        thin = true, cross = cross, points = points, colour = style.colour, dash = style.dash, name = group.name,
      }
    end
  end
  if by_path and #finished > 1 then for _, points in ipairs(finished) do thin(points) end end
  for _, points in ipairs(points_of(group.unfinished, column, new_x)) do thin(points, true) end
  traces[#traces + 1] = {
    title = style.title, name = group.name .. " " .. column, points = bold, colour = style.colour, dash = style.dash,
    band = not by_path and o.band ~= "none" and #finished > 1 and #bold > 0,
  }
  return traces
end

-- "SET-MLP 0.8436 ± 0.0031": where each curve ends; also the rows of the stand-in table.
local function ends(groups, columns, names)
  local rows, said = {}, {}
  for _, group in ipairs(groups) do
    local row = { group.name, tostring(#group.finished) }
    for i, column in ipairs(columns) do
      local last = {}
      for _, record in ipairs(group.finished) do
        last[#last + 1] = statistics.fold(series.column(record, column), "last")
      end
      local s = statistics.summary(last)
      row[#row + 1] = s and format.mean_sd(format.kinds.number, s.mean, s.sd) or "–"
      said[#said + 1] = ("%s%s %s"):format(group.name, #columns > 1 and ", " .. names[i] or "", row[#row])
    end
    rows[#rows + 1] = row
  end
  return rows, table.concat(said, "; ")
end

-- What the legend says besides the groups: dashes of columns, band, smoothing, crosses.
local function legend(o, columns, names, traces, groups)
  local entries, band, cross, thin, n = {}, false, false, false, 0
  for _, t in ipairs(traces) do
    band, cross, thin = band or t.band, cross or t.cross, thin or (t.thin and not t.cross)
  end
  for _, g in ipairs(groups) do n = math.max(n, #g.finished) end
  if #columns > 1 then for i, name in ipairs(names) do entries[i] = { title = name, grey = true, dash = i } end end
  local function add(e) entries[#entries + 1] = e end
  if band then add { swatch = true, title = o.band == "sd" and ("± 1 sd, %d seeds"):format(n) or ("range of %d seeds"):format(n) } end
  if thin then add { thin = true, grey = true, title = ("each of %d seeds"):format(n) } end
  if cross then add { mark = true, title = "run ended early" } end
  if o.smooth > 1 then add { title = ("smoothed over %d"):format(o.smooth) } end
  return entries
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local runs = series.runs(WHERE, o)
  local groups = series.groups(WHERE, runs, o.by)
  local columns = y_columns(o, runs)
  if not (o.x or o.x_from or o.cumulative) then o.x = "epoch" end
  local new_x = x_maker(o, runs)
  local y_label, names = format.common_label(columns)
  o.x_name = o.x or o.cumulative or "x"
  o.xlabel = o.xlabel or (o.cumulative and "seconds of training") or format.label(o.x_name)
  o.ylabel = o.ylabel or y_label
  local traces = {}
  for g, group in ipairs(groups) do
    for c, column in ipairs(columns) do
      local style = { colour = g, dash = #columns > 1 and c or g, title = c == 1 and group.name or nil }
      for _, t in ipairs(group_traces(group, column, new_x, o, style)) do traces[#traces + 1] = t end
    end
  end
  local values, data, points = lines.figure(WHERE, o, traces, legend(o, columns, names, traces, groups), guides.check(WHERE, o.guides))
  local rows, said = ends(groups, columns, names)
  local header = { "", "runs" }
  for i, c in ipairs(columns) do header[i + 2] = format.label(c) .. ", last" end
  figure.show {
    kind = "curves", template = "lines", values = values, data = data, points = points, options = o,
    notices = series.notices(groups), title = ("%s against %s"):format(o.ylabel, o.xlabel),
    text = ("%s against %s; at the end: %s"):format(o.ylabel, o.xlabel, said),
    table = { kind = "table", header = header, rows = rows, align = "lr" .. ("r"):rep(#columns) },
  }
end
