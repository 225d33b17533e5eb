-- curves.lua: lab.plot.curves, columns of runs against epochs or seconds.
--
-- Each group ("arm") is the mean of its finished runs at every x they share, with a band of
-- one standard deviation or of the whole range. A run that did not finish is not part of the
-- mean: it is drawn thin, with a cross where it ended. Where the x is measured, such as
-- x = "seconds", no two seeds share one: each seed is a thin line, and their mean is taken over a
-- common grid (figure/grid.lua). With `cumulative` or `x_from` the bold line goes through (mean seconds, mean y)
-- epoch by epoch. A column that ends as not-a-number ends its line, with a cross, and the note says so.

local breaks = require "lab.figure.breaks"
local options = require "lab.util.options"
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local grid = require "lab.figure.grid"
local guides = require "lab.figure.guides"
local lines = require "lab.figure.lines"
local manual = require "lab.util.manual"
local series = require "lab.figure.series"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.curves"

local spec = lines.spec {
  x = { kind = "string", default_is = '"epoch"', help = "The column of the x axis." },
  x_from = { kind = "function", takes = "function(row, i)", help = "Returns the x of a row, instead of a column." },
  cumulative = { kind = "string", help = "A column, such as seconds, whose running sum is x." },
  y = { kind = "string|table", required = true, takes = "name of a column, or an array of names", help = "The column or columns to draw." },
  by = { kind = "string", default_is = '"arm" where there is one', help = "The argument of lab.runs that sets curves apart." },
  band = { kind = "string", choices = { "sd", "range", "none" }, default = "sd", help = "What the band around a mean shows: one standard deviation, or all seeds." },
  smooth = { kind = "integer", min = 1, default = 1, unit = "points", help = "How many neighbouring points each point is averaged over." },
  names = { kind = "boolean", default = false, help = "Whether each group's name stands at the end of its line, instead of in a legend." },
  guides = guides.option,
}

manual.word(WHERE, {
  summary = "columns of runs against epochs or seconds: mean and spread over seeds",
  text = "A curve is the mean of a group's finished runs at every x they share. A run that did not finish is not part of the mean: it is drawn thin, with a cross where it ended. "
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
local function with_band(folded, o, smooth)
  local curve = {}
  for i, s in ipairs(folded) do
    local low, high = s.mean, s.mean
    if o.band == "range" then low, high = s.low, s.high
    elseif o.band == "sd" and s.sd then low, high = s.mean - s.sd, s.mean + s.sd end
    if o.logy and low <= 0 then low = s.low end
    curve[i] = { x = s.x, y = s.mean, low = low, high = high, n = s.n, breaks = s.breaks }
  end
  return lines.smoothed(curve, smooth)
end

-- The runs' points, each run smoothed by itself: on a grid a neighbour is another run's.
local function smoothed_runs(runs_points, k)
  local all = {}
  for i, points in ipairs(runs_points) do
    all[i] = {}
    for j, p in ipairs(points) do all[i][j] = { x = p.x, y = p.y, breaks = p.breaks } end
    lines.smoothed(all[i], k)
  end
  return all
end

-- The bold line through the runs' points; second true if it has a band, third if each run is to be seen, too.
local function bold_line(runs_points, o)
  if not (o.cumulative or o.x_from) then
    if grid.is_shared(runs_points) then return with_band(series.fold(runs_points), o, o.smooth), true, false end
    local folded = grid.fold(smoothed_runs(runs_points, o.smooth))
    if folded then return with_band(folded, o, 1), true, true end
  end
  return lines.smoothed(mean_path(runs_points), o.smooth), false, true
end

local function points_of(records, column, new_x)
  local all = {}
  for i, record in ipairs(records) do all[i] = series.points(record, new_x(), column) end
  return all
end

local function breaks_down(runs_points)
  for _, points in ipairs(runs_points) do if points.broken then return true end end
  return false
end

-- Traces of one group and column; the bold one is last, above the thin ones. Second a sentence if the runs
-- have no mean, or nil.
local function group_traces(group, column, new_x, o, style)
  local traces = {}
  local finished = points_of(group.finished, column, new_x)
  local bold, has_band, each = bold_line(finished, o)
  local function thin(points, cross)
    if #points > 0 then
      traces[#traces + 1] = {
        thin = true, cross = cross, points = points, colour = style.colour, dash = style.dash, name = group.name,
      }
    end
  end
  if each and #finished > 1 then for _, points in ipairs(finished) do thin(points) end end
  for _, points in ipairs(points_of(group.unfinished, column, new_x)) do thin(points, true) end
  traces[#traces + 1] = {
    title = style.title, end_name = style.end_name, name = group.name .. " " .. column, points = bold, colour = style.colour, dash = style.dash,
    band = has_band and o.band ~= "none" and #finished > 1 and #bold > 0, broken = #bold > 0 and breaks_down(finished) or nil,
  }
  traces[#traces].cross = traces[#traces].broken
  local apart = each and #finished > 1 and #bold == 0
  return traces, apart and ("the runs of %s have no %s in common, so there is no mean"):format(group.name, format.label(o.x_name)) or nil
end

-- "SET-MLP 0.8436 ± 0.0031": where each curve ends; also the rows of the stand-in table, and the runs
-- that end as not-a-number, for breaks.notices.
local function ends(groups, columns, names)
  local rows, said, broken_runs = {}, {}, {}
  for _, group in ipairs(groups) do
    local row = { group.name, tostring(#group.finished) }
    for i, column in ipairs(columns) do
      local s, broken, word = series.summary(group, function(record) return statistics.fold(series.column(record, column), "last") end)
      breaks.add(broken_runs, group, format.label(column), "last", broken, word)
      row[#row + 1] = s and format.mean_sd(format.kinds.number, s.mean, s.sd) or "–"
      said[#said + 1] = ("%s%s %s"):format(group.name, #columns > 1 and ", " .. names[i] or "", row[#row])
    end
    rows[#rows + 1] = row
  end
  return rows, table.concat(said, "; "), broken_runs
end

-- Whether all runs that have not ended are still being trained (`setlab report --so-far`).
local function are_under_way(groups)
  for _, group in ipairs(groups) do
    for _, record in ipairs(group.unfinished) do
      if record.status ~= "under way" and #record:rows() > 0 then return false end
    end
  end
  return true
end

-- What the legend says besides the groups: dashes of columns, band, smoothing, crosses.
local function legend(o, columns, names, traces, groups, runs_are)
  local entries, band, cross, thin, broken, n = {}, false, false, false, false, 0
  for _, t in ipairs(traces) do
    band, cross, thin = band or t.band, cross or (t.cross and not t.broken), thin or (t.thin and not t.cross)
    broken = broken or t.broken
  end
  for _, g in ipairs(groups) do n = math.max(n, #g.finished) end
  if #columns > 1 then for i, name in ipairs(names) do entries[i] = { title = name, grey = true, dash = i } end end
  local function add(e) entries[#entries + 1] = e end
  if band then add { swatch = true, title = (o.band == "sd" and "± 1 sd, %d %s" or "range of %d %s"):format(n, runs_are) } end
  if thin then add { thin = true, grey = true, title = ("each of %d %s"):format(n, runs_are) } end
  if cross then add { mark = true, title = are_under_way(groups) and "run under way" or "run ended early" } end
  if broken then add { mark = true, title = "no number beyond" } end
  if o.smooth > 1 then add { title = ("smoothed over %d"):format(o.smooth) } end
  return entries
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local runs = series.runs(WHERE, o)
  local groups, by = series.groups(WHERE, runs, o.by)
  local columns = y_columns(o, runs)
  if not (o.x or o.x_from or o.cumulative) then o.x = "epoch" end
  local new_x = x_maker(o, runs)
  local y_label, names = format.common_label(columns)
  o.x_name = o.x or o.cumulative or "x"
  o.xlabel = o.xlabel or (o.cumulative and "seconds of training") or format.label(o.x_name)
  o.ylabel = o.ylabel or y_label
  local traces, notices, mixture = {}, series.notices(groups), series.mixture(groups, by)
  for g, group in ipairs(groups) do
    for c, column in ipairs(columns) do
      local style = { colour = g, dash = #columns > 1 and c or g, title = c == 1 and not o.names and group.name or nil,
        end_name = o.names and (#columns > 1 and ("%s, %s"):format(group.name, names[c]) or group.name) or nil }
      local more, apart = group_traces(group, column, new_x, o, style)
      table.move(more, 1, #more, #traces + 1, traces)
      notices[#notices + 1] = apart
    end
  end
  local entries = legend(o, columns, names, traces, groups, mixture and "runs" or "seeds")
  local values, data, points = lines.figure(WHERE, o, traces, entries, guides.check(WHERE, o.guides))
  local rows, said, broken_runs = ends(groups, columns, names)
  for _, sentence in ipairs(breaks.notices(broken_runs, groups)) do notices[#notices + 1] = sentence end
  notices[#notices + 1] = mixture
  local header = { "", "runs" }
  for i, c in ipairs(columns) do header[i + 2] = format.label(c) .. ", last" end
  figure.show {
    kind = "curves", template = "lines", values = values, data = data, points = points, options = o,
    notices = notices, title = ("%s against %s"):format(o.ylabel, o.xlabel),
    text = ("%s against %s; at the end: %s"):format(o.ylabel, o.xlabel, said),
    table = { kind = "table", header = header, rows = rows, align = "lr" .. ("r"):rep(#columns) },
  }
end
