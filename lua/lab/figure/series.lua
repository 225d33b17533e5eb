-- series.lua: run records sorted into groups, and their columns as numbers.
--
-- Figures and tables fold seeds the same way: records are grouped by one argument ("arm"),
-- a group keeps finished runs apart from those that diverged, failed or still run, and
-- nobody averages over both without saying so.

local clean = require "lab.util.text".clean
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local M = {}

local finite = statistics.finite

-- The array of records that stands first in the options of a word.
function M.runs(where, given)
  local runs = given[1]
  if type(runs) ~= "table" then options.fail(("%s: the first value must be what lab.runs returned"):format(where)) end
  for i, record in ipairs(runs) do
    if type(record) ~= "table" or type(record.arguments) ~= "table" then
      options.fail(("%s: item %d of the first value is not a run of lab.runs"):format(where, i))
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
  return clean(value)
end

-- What names the groups: function(record) -> name, and `by`, or nil if all runs are one group.
local function grouping(where, runs, by)
  local names, known, experiments = argument_names(runs), {}, 0
  for _, name in ipairs(names) do known[name] = true end
  for _, record in ipairs(runs) do experiments = record.experiment and experiments + 1 or experiments end
  if by == "experiment" and not known.experiment and experiments == #runs then
    return function(record) return clean(record.experiment) end, by
  end
  if by and #runs > 0 and not known[by] then
    if experiments > 0 then names[#names + 1] = "experiment" end
    options.fail(("%s: runs have no argument '%s'%s"):format(where, by, options.suggestion(by, names)))
  end
  if not by and known.arm then by = "arm" end
  return function(record) return by and name_of(record.arguments[by]) or "all runs" end, by
end

-- Runs of two experiments are two things, even if their arms have one name: each gets a group of its own,
-- named by both. As name_of_group.
local function told_apart(runs, name_of_group, by)
  local first, mixed = {}, {}
  for _, record in ipairs(runs) do
    local name, experiment = name_of_group(record), record.experiment or ""
    first[name] = first[name] or experiment
    if first[name] ~= experiment then mixed[name] = true end
  end
  return function(record)
    local name = name_of_group(record)
    if not mixed[name] then return name end
    local experiment = clean(record.experiment or "another experiment")
    return by and ("%s (%s)"):format(name, experiment) or experiment
  end
end

-- Ordered array of { name, records, finished, unfinished }, in the order of the runs.
-- by = nil groups by "arm" where there is one, else puts all into one group; "experiment" groups by what
-- lab.runs was given first. Runs of different experiments are never one group.
function M.groups(where, runs, by)
  local name_of_group
  name_of_group, by = grouping(where, runs, by)
  name_of_group = told_apart(runs, name_of_group, by)
  local groups, index = {}, {}
  for _, record in ipairs(runs) do
    local name = name_of_group(record)
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

-- The points (x, y) of one run, x by function(row, i); points with a gap are left out, and so are those that
-- are not finite: `breaks` is true of a point after one of these, `points.broken` if the run ends so.
function M.points(record, x_of, y_column, source)
  local points, broken = {}, false
  for i, row in ipairs(M.rows(record, source)) do
    local x, y = x_of(row, i), row[y_column]
    if finite(x) and finite(y) then
      points[#points + 1] = { x = x, y = y, breaks = broken and #points > 0 or nil }
      broken = false
    elseif type(y) == "number" and not finite(y) then broken = true end
  end
  points.broken = broken or nil
  return points
end

-- Mean and spread at every x that all the runs share: array of { x, n, mean, sd, low, high, breaks }
-- by rising x. Where some runs have ended and others not, a mean would jump: it stops.
function M.fold(runs_points)
  local at, breaks = {}, {}
  for _, points in ipairs(runs_points) do
    for _, p in ipairs(points) do
      at[p.x] = at[p.x] or {}
      table.insert(at[p.x], p.y)
      breaks[p.x] = breaks[p.x] or p.breaks
    end
  end
  local folded = {}
  for x, values in pairs(at) do
    if #values == #runs_points then
      local s = statistics.summary(values)
      s.x, s.breaks = x, breaks[x]
      folded[#folded + 1] = s
    end
  end
  table.sort(folded, function(a, b) return a.x < b.x end)
  return folded
end

-- One number a run of a group, over its finished runs, of(record) giving the number, or nil and why: the
-- summary, how many broke down, and the word for it, as statistics.summary_of_runs.
function M.summary(group, of)
  return statistics.summary_of_runs(#group.finished, function(i) return of(group.finished[i]) end)
end

-- { "1 of 3 runs of FixProb: diverged", ... }: one sentence a group and status.
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

local expected = { seed = true, trial = true }  -- what runs of one mean may differ in without a word

-- A sentence if a group's means are over runs that differ in more than the seed; nil if none is.
function M.mixture(groups, by)
  local differs = {}
  for _, group in ipairs(groups) do
    local first = group.finished[1] and group.finished[1].arguments
    for _, record in ipairs(group.finished) do
      for name, v in pairs(record.arguments) do
        if name ~= by and not expected[name] and name_of(v) ~= name_of(first[name]) then differs[name] = true end
      end
    end
  end
  local names = options.sorted_keys(differs)
  return #names > 0 and ("means are over runs that differ in %s"):format(table.concat(names, ", ")) or nil
end

return M
