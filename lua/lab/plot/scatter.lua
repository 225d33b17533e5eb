-- scatter.lua: lab.plot.scatter, one number of a run against another, a point a run.

local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local guides = require "lab.figure.guides"
local lines = require "lab.figure.lines"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local series = require "lab.figure.series"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.scatter"

local AXIS = "name of a column or function(run)"
local spec = lines.spec {
  x = { kind = "string|function", required = true, takes = AXIS, help = "A run's number on the x axis." },
  y = { kind = "string|function", required = true, takes = AXIS, help = "A run's number on the y axis." },
  at = { kind = "string", choices = statistics.folds, default = "last", help = "Which number of a run's column counts." },
  by = { kind = "string", default_is = '"arm" where there is one', help = "The argument of lab.runs that sets colours apart." },
  names = { kind = "boolean", default = false, help = "Whether each group's name stands beside its mean, instead of in a legend." },
  guides = guides.option,
}

manual.word(WHERE, {
  summary = "one number of each run against another",
  text = "Every finished run is a point. A run that lacks one of the two numbers is left out, and the note says so.",
  items = { "runs", "What lab.runs returned." },
  options = spec,
  example = 'lab.plot.scatter { runs, x = "seconds", y = "accuracy", by = "seed" }',
})

-- record -> number or nil, from a column's name or a function.
local function number_of(what, o, runs)
  if type(o[what]) == "string" then
    series.require_column(WHERE, runs, o[what])
    return function(record) return statistics.fold(series.column(record, o[what]), o.at) end
  end
  return function(record)
    local v = o[what](record)
    if v ~= nil and type(v) ~= "number" then options.fail(("%s: the function for '%s' returned a %s, not a number"):format(WHERE, what, type(v))) end
    return v
  end
end

-- The points of a group's runs, their mean, and how many have none.
local function points_of(group, x_of, y_of)
  local points, lost, xs, ys = {}, 0, {}, {}
  for _, record in ipairs(group.finished) do
    local x, y = x_of(record), y_of(record)
    if statistics.finite(x) and statistics.finite(y) then
      points[#points + 1] = { x = x, y = y }
      xs[#xs + 1], ys[#ys + 1] = x, y
    else lost = lost + 1 end
  end
  return points, statistics.summary(xs), statistics.summary(ys), lost
end

-- The traces of a group: its points, and where names are wanted its mean, invisible, with the name.
local function traces_of(group, g, points, x, y, named)
  local traces = { { title = not named and group.name or nil, name = group.name, points = points, colour = g, dash = g, marks = "points" } }
  if named and x then
    traces[2] = { name = group.name, points = { { x = x.mean, y = y.mean, label = group.name } }, colour = g, dash = g, marks = "points", labels = true }
  end
  return traces
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local runs = series.runs(WHERE, o)
  local groups, by = series.groups(WHERE, runs, o.by)
  local x_of, y_of = number_of("x", o, runs), number_of("y", o, runs)
  o.xlabel = o.xlabel or type(o.x) == "string" and format.label(o.x) or ""
  o.ylabel = o.ylabel or type(o.y) == "string" and format.label(o.y) or ""
  local traces, rows, notices = {}, {}, series.notices(groups)
  for g, group in ipairs(groups) do
    local points, x, y, lost = points_of(group, x_of, y_of)
    table.move(traces_of(group, g, points, x, y, o.names), 1, 2, #traces + 1, traces)
    if lost > 0 then notices[#notices + 1] = ("%d of %d runs of %s %s no point"):format(lost, #group.finished, group.name, lost == 1 and "has" or "have") end
    rows[g] = { group.name, tostring(#points), format.mean_sd(format.kinds.number, x and x.mean, x and x.sd), format.mean_sd(format.kinds.number, y and y.mean, y and y.sd) }
  end
  notices[#notices + 1] = series.mixture(groups, by)
  local values, data, points = lines.figure(WHERE, o, traces, nil, guides.check(WHERE, o.guides))
  figure.show {
    kind = "scatter", template = "lines", values = values, data = data, points = points, options = o, notices = notices,
    title = ("%s against %s"):format(o.ylabel, o.xlabel), text = ("%s against %s, a point a run"):format(o.ylabel, o.xlabel),
    table = { kind = "table", header = { "", "runs", o.xlabel, o.ylabel }, rows = rows, align = "lrrr" },
  }
end
