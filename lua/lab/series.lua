-- series.lua: run records sorted into groups, and their columns as numbers.
--
-- Figures and tables fold seeds the same way: records are grouped by one argument ("arm"),
-- a group keeps finished runs apart from those that diverged, failed or still run, and
-- nobody averages over both without saying so.

local gnuplot = require "lab.gnuplot"
local options = require "lab.options"
local statistics = require "lab.statistics"

local M = {}

local finite = statistics.finite

-- The array of records that stands first in the options of a word.
function M.runs(where, given)
  local runs = given[1]
  if type(runs) ~= "table" then options.fail(("%s: the first value must be what lab.runs returned"):format(where)) end
  for i, record in ipairs(runs) do
    if type(record) ~= "table" or type(record.arguments) ~= "table" then
      options.fail(("%s: item %d of the first value is no run of lab.runs"):format(where, i))
    end
  end
  return runs
end

local function argument_names(runs)
  local seen = {}
  for _, record in ipairs(runs) do
    for name in pairs(record.arguments) do seen[name] = true end
  end
  return options.sorted_keys(seen)
end

-- Arguments of a run may be values with a name, such as arms.
local function name_of(value)
  if type(value) == "table" and value.name then value = value.name end
  return gnuplot.clean(value)
end

-- Ordered array of { name, records, finished, unfinished }, in the order of the runs.
-- by = nil groups by "arm" where there is one, else puts all into one group.
function M.groups(where, runs, by)
  local names = argument_names(runs)
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  if by and #runs > 0 and not known[by] then
    options.fail(("%s: runs have no argument '%s'%s"):format(where, by, options.suggestion(by, names)))
  end
  if not by and known.arm then by = "arm" end
  local groups, index = {}, {}
  for _, record in ipairs(runs) do
    local name = by and name_of(record.arguments[by]) or "all runs"
    local group = index[name]
    if not group then
      group = { name = name, records = {}, finished = {}, unfinished = {} }
      index[name], groups[#groups + 1] = group, group
    end
    group.records[#group.records + 1] = record
    local part = record.status == "done" and group.finished or group.unfinished
    part[#part + 1] = record
  end
  return groups, by
end

-- Rows of a record: of its metrics, or of its monitor; an empty array if there are none.
function M.rows(record, source)
  return (source == "monitor" and record:monitor() or source ~= "monitor" and record:rows()) or {}
end

-- Raises at the script's line if no row of any record has the column.
function M.require_column(where, runs, column, source)
  local known, rows_seen = {}, false
  for _, record in ipairs(runs) do
    for _, row in ipairs(M.rows(record, source)) do
      if row[column] ~= nil then return end
      rows_seen = true
      for name in pairs(row) do known[name] = true end
    end
  end
  if not rows_seen then return end -- nothing has run yet: an empty figure says so itself
  options.fail(("%s: the runs have no column '%s'%s"):format(where, column, options.suggestion(column, options.sorted_keys(known))))
end

-- Every number of a column, in order; gaps are left out.
function M.column(record, column, source)
  local values = {}
  for _, row in ipairs(M.rows(record, source)) do
    if type(row[column]) == "number" then values[#values + 1] = row[column] end
  end
  return values
end

-- The points (x, y) of one run, x by function(row, i); points with a gap are left out.
function M.points(record, x_of, y_column, source)
  local points = {}
  for i, row in ipairs(M.rows(record, source)) do
    local x, y = x_of(row, i), row[y_column]
    if finite(x) and finite(y) then points[#points + 1] = { x = x, y = y } end
  end
  return points
end

-- Mean and spread at every x that all the runs share: array of { x, n, mean, sd, low, high }
-- by rising x. Where some runs have ended and others not, a mean would jump: it stops.
function M.fold(runs_points)
  local at = {}
  for _, points in ipairs(runs_points) do
    for _, p in ipairs(points) do
      at[p.x] = at[p.x] or {}
      table.insert(at[p.x], p.y)
    end
  end
  local folded = {}
  for x, values in pairs(at) do
    if #values == #runs_points then
      local s = statistics.summary(values)
      s.x = x
      folded[#folded + 1] = s
    end
  end
  table.sort(folded, function(a, b) return a.x < b.x end)
  return folded
end

-- { "1 of 3 runs of FixProb diverged", ... }: one sentence a group and status.
function M.notices(groups)
  local notices = {}
  for _, group in ipairs(groups) do
    local count = {}
    for _, record in ipairs(group.unfinished) do
      local status = tostring(record.status)
      count[status] = (count[status] or 0) + 1
    end
    for _, status in ipairs(options.sorted_keys(count)) do
      notices[#notices + 1] = ("%d of %d runs of %s: %s"):format(count[status], #group.records, group.name, status)
    end
  end
  return notices
end

return M
