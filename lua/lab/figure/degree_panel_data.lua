-- degree_panel_data.lua: the numbers behind a panel of degrees (degree_panels.lua).
--
-- A histogram in bins of whole degrees, and points of the curves that lab.degrees makes: the
-- share of units with at least x links, and the same share by a fitted power law.

local M = {}

local function sorted_copy(values)
  local copy = table.move(values, 1, #values, 1, {})
  table.sort(copy)
  return copy
end

-- The width of a bin that leaves at most `most` bins between two degrees.
function M.bin_width(low, high, most) return math.max(1, -((high - low + 1) // -most)) end

-- The degree up to which a histogram is worth drawing: the highest, or, when a long tail
-- would press everything else against the axis, the one that 99 % do not exceed. Then also
-- how many values lie beyond.
function M.bulk(values)
  local sorted = sorted_copy(values)
  local highest, most = sorted[#sorted], sorted[math.max(1, #sorted * 99 // 100)]
  if highest <= 2 * most then return highest, 0 end
  local beyond = 0
  for i = #sorted, 1, -1 do
    if sorted[i] <= most then break end
    beyond = beyond + 1
  end
  return most, beyond
end

-- Array of { middle, units, from, to } of non-empty bins.
function M.histogram(values, low, width)
  local count, bins = {}, {}
  for _, v in ipairs(values) do
    local b = (v - low) // width
    count[b] = (count[b] or 0) + 1
  end
  for b, units in pairs(count) do
    local from = low + b * width
    bins[#bins + 1] = { from + (width - 1) / 2, units, from, from + width - 1 }
  end
  table.sort(bins, function(a, b) return a[1] < b[1] end)
  return bins
end

-- Array of { x, share } of a curve { x =, p = } from lab.degrees, without what has no place on a
-- logarithmic axis.
function M.points(curve)
  local points = {}
  for i, x in ipairs(curve.x) do if x >= 1 then points[#points + 1] = { x, curve.p[i] } end end
  return points
end

return M
