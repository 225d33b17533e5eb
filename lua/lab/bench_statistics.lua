-- bench_statistics.lua: median and range of a few measurements.

local M = {}

-- The median, or nil of none.
function M.median(values)
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  local n = #sorted
  if n == 0 then return nil end
  return n % 2 == 1 and sorted[n // 2 + 1] or (sorted[n // 2] + sorted[n // 2 + 1]) / 2
end

-- Smallest and largest, or nil of none.
function M.range(values)
  if #values == 0 then return nil end
  return math.min(table.unpack(values)), math.max(table.unpack(values))
end

return M
