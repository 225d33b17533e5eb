-- grid.lua: the mean of runs that share no x, such as the accuracy of several seeds against seconds.
--
-- A run is a line through its points, and the mean of such lines is again one, with a corner wherever one
-- of them has one. So the grid is every x of every run, and the others are read off between their
-- neighbours, on a straight line. It spans what all runs have: beyond the end of the shortest the mean
-- would be of fewer.

local statistics = require "lab.util.statistics"

local M = { most = 2000 }  -- places of a grid

-- Do the points go one way, so that each x has one y? Returns them by rising x, or nil.
local function rising(points)
  local sign = #points > 1 and points[#points].x < points[1].x and -1 or 1
  local sorted = {}
  for i, p in ipairs(points) do
    if i > 1 and sign * (p.x - points[i - 1].x) <= 0 then return nil end
    sorted[sign > 0 and i or #points + 1 - i] = p
  end
  return sorted
end

-- The places between `from` and `to`: every x of the runs, or so many at even distances of their order.
local function places(lists, from, to)
  local all, kept = {}, {}
  for _, points in ipairs(lists) do
    for _, p in ipairs(points) do if p.x >= from and p.x <= to then all[#all + 1] = p.x end end
  end
  table.sort(all)
  local step = math.max(1, #all / M.most)
  for i, x in ipairs(all) do
    local due = i == #all or i // step > (i - 1) // step
    if due and x ~= kept[#kept] then kept[#kept + 1] = x end
  end
  return kept
end

-- A function that gives y at x for rising x within the points.
local function reader(points)
  local i = 1
  return function(x)
    while points[i + 1] and points[i + 1].x <= x do i = i + 1 end
    local a, b = points[i], points[i + 1]
    if not b or a.x == x then return a.y, a.breaks end
    return a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x), b.breaks
  end
end

-- Do the runs share more than half of the places of the one that has the fewest?
function M.is_shared(lists)
  local seen, fewest, shared = {}, math.huge, 0
  for _, points in ipairs(lists) do
    fewest = math.min(fewest, #points)
    for _, p in ipairs(points) do
      seen[p.x] = (seen[p.x] or 0) + 1
      if seen[p.x] == #lists then shared = shared + 1 end
    end
  end
  return #lists < 2 or fewest == 0 or 2 * shared > fewest
end

-- As series.fold, over a common grid: array of { x, n, mean, sd, low, high, breaks } by rising x; empty where
-- the runs have no stretch in common. nil if a run goes to and fro, so that it is no function of x.
--   lists  an array of points { x, y } for each run
function M.fold(lists)
  local sorted, from, to, readers = {}, -math.huge, math.huge, {}
  for i, points in ipairs(lists) do
    sorted[i] = rising(points)
    if not sorted[i] then return nil end
    if #points == 0 then return {} end
    from, to = math.max(from, sorted[i][1].x), math.min(to, sorted[i][#points].x)
    readers[i] = reader(sorted[i])
  end
  local folded = {}
  for k, x in ipairs(#lists > 0 and places(sorted, from, to) or {}) do
    local values, breaks = {}, nil
    for i, read in ipairs(readers) do
      local y, broken = read(x)
      values[i], breaks = y, breaks or broken
    end
    folded[k] = statistics.summary(values)
    folded[k].x, folded[k].breaks = x, breaks
  end
  return folded
end

return M
