-- monitor.lua: lab.plot.monitor, what a run's process used while it trained.
--
-- Lines over seconds from the samples of monitor.csv: the first run of each group bold,
-- the others thin, because samples of two runs share no instant to average at.

local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local lines = require "lab.figure.lines"
local manual = require "lab.util.manual"
local series = require "lab.figure.series"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.monitor"

local spec = lines.spec {
  y = { kind = "string", default = "uss_mib", help = "The column of the monitor: uss_mib, rss_mib, cpu_percent, threads, ..." },
  by = { kind = "string", default_is = '"arm" where there is one', help = "The argument of lab.runs that sets lines apart." },
  smooth = { kind = "integer", min = 1, default = 1, unit = "points", help = "How many neighbouring points each point is averaged over." },
}

manual.word(WHERE, {
  summary = "what a run's process used while it trained: memory, CPU",
  text = "The first run of each group is bold, the others are thin. There is no mean, since different runs are not sampled at the same times.\n"
    .. "Runs of one script share a process, so a run's memory includes what earlier runs left there, and depends on their order; lab.memory_plan says what a net alone takes.",
  items = { "runs", "What lab.runs returned." },
  options = spec,
  example = 'lab.plot.monitor { runs, y = "cpu_percent" }',
})

local function x_seconds(row) return row.seconds end

local function traces_of(groups, y, smooth)
  local traces, several = {}, false
  for g, group in ipairs(groups) do
    for i, record in ipairs(group.records) do
      traces[#traces + 1] = {
        title = i == 1 and group.name or nil, name = record.name, thin = i > 1 or nil, colour = g, dash = g,
        points = lines.smoothed(series.points(record, x_seconds, y, "monitor"), smooth),
      }
      several = several or i > 1
    end
  end
  -- Thin lines first, so that the bold ones stay visible; the order is otherwise kept.
  local ordered = {}
  for pass = 1, 2 do
    for _, t in ipairs(traces) do if (t.thin == nil) == (pass == 2) then ordered[#ordered + 1] = t end end
  end
  return ordered, several
end

-- Mean and peak of each group's samples, over all its runs.
local function summary_rows(groups, y)
  local rows, said = {}, {}
  for i, group in ipairs(groups) do
    local values = {}
    for _, record in ipairs(group.records) do
      for _, v in ipairs(series.column(record, y, "monitor")) do values[#values + 1] = v end
    end
    local s = statistics.summary(values)
    rows[i] = { group.name, tostring(#group.records), s and format.number(s.mean) or "–", s and format.number(s.high) or "–" }
    said[i] = ("%s mean %s, peak %s"):format(group.name, rows[i][3], rows[i][4])
  end
  return rows, table.concat(said, "; ")
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local runs = series.runs(WHERE, o)
  local groups = series.groups(WHERE, runs, o.by)
  series.require_column(WHERE, runs, o.y, "monitor")
  o.x_name, o.xlabel, o.ylabel = "seconds", o.xlabel or "time since the run began (s)", o.ylabel or format.label(o.y)
  if not o.yrange and not o.logy then o.yrange = { 0 } end
  local traces, several = traces_of(groups, o.y, o.smooth)
  local entries = several and { { thin = true, grey = true, title = "other seeds" } } or {}
  if o.smooth > 1 then entries[#entries + 1] = { title = ("smoothed over %d"):format(o.smooth) } end
  local values, data, points = lines.figure(WHERE, o, traces, entries)
  local rows, said = summary_rows(groups, o.y)
  figure.show {
    kind = "monitor", template = "lines", values = values, data = data, points = points, options = o, height = 340,
    notices = series.notices(groups), title = ("%s over time"):format(o.ylabel), text = ("%s over time: %s"):format(o.ylabel, said),
    table = { kind = "table", header = { "", "runs", "mean", "peak" }, rows = rows, align = "lrrr", note = o.ylabel },
  }
end
