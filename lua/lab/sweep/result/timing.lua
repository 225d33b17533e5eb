-- timing.lua: when the runs of a sweep were under way, and how busy its workers were.
--
-- A run's folder says when it ended, and how many seconds it took. Time in which no run was under way for
-- longer than a process takes to start (between two calls, or days) is left out. A run that paused on its
-- way counts as if it had run through just before its end. Folders of before the end was noted in parts
-- of a second give rows that are only about right.

local format = require "lab.util.format"
local moment = require "lab.util.moment"
local statistics = require "lab.util.statistics"

local M = { longest_start = 5 }  -- seconds between two runs that count as the sweep's own

-- The runs that have an end, by their beginning: { from, to, seconds, entry }, in seconds; idle time is
-- taken out, and the first begins at 0. Second the seconds from there to the last end.
function M.spans(sweep)
  local spans = {}
  for _, entry in ipairs(sweep.trials) do
    local meta = entry.record and entry.record:meta() or {}
    local to, seconds = tonumber(meta.finished_unix) or moment(meta.finished), meta.seconds
    if to and type(seconds) == "number" then spans[#spans + 1] = { from = to - seconds, to = to, seconds = seconds, entry = entry } end
  end
  table.sort(spans, function(a, b)
    if a.from ~= b.from then return a.from < b.from end
    return a.entry.index < b.entry.index
  end)
  local idle, reached = spans[1] and spans[1].from, spans[1] and spans[1].from
  for _, span in ipairs(spans) do
    if span.from > reached + M.longest_start then idle = idle + span.from - reached end
    reached = math.max(reached, span.to)
    span.from, span.to = span.from - idle, span.to - idle
  end
  return spans, spans[1] and reached - idle or 0
end

-- Gives each span the first row that is free again; returns the number of rows.
function M.rows(spans)
  local free = {}
  for _, span in ipairs(spans) do
    local row = 1
    while free[row] and free[row] > span.from + 0.05 do row = row + 1 end
    span.row, free[row] = row, span.to
  end
  return #free
end

-- What it comes to: { n, mean, sd, low, high, sum, wall, busy }, or nil if no run has an end.
function M.summary(sweep)
  local spans, wall = M.spans(sweep)
  local seconds, sum = {}, 0
  for i, span in ipairs(spans) do seconds[i], sum = span.seconds, sum + span.seconds end
  local s = statistics.summary(seconds)
  if not s then return nil end
  s.sum, s.wall = sum, wall
  s.busy = wall > 0 and sum / wall or nil
  return s
end

-- The same as a table item.
function M.table(sweep)
  local item = { kind = "table", header = { "", "" }, rows = {}, align = "lr" }
  local s = M.summary(sweep)
  if not s then
    item.note = "no run has finished"
    return item
  end
  local function add(name, text) item.rows[#item.rows + 1] = { name, text } end
  add("runs", tostring(s.n))
  add("a run", format.mean_sd(format.kinds.seconds, s.mean, s.sd))
  add("the shortest", format.seconds(s.low))
  add("the longest", format.seconds(s.high))
  add("all runs together", format.seconds(s.sum))
  add("the sweep, idle time left out", format.seconds(s.wall))
  add("workers busy, on average", s.busy and ("%.2f"):format(s.busy) or "–")
  return item
end

return M
