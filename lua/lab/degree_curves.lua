-- degree_curves.lua: the numbers behind a figure of degrees.
--
-- histogram  units per degree, in bins of whole degrees
-- ccdf       share of units with at least x links, for each degree x that occurs
-- fitted     the same share by a fitted power law, from xmin on:
--            n_tail / n * zeta(alpha, x) / zeta(alpha, xmin)    (Clauset, Shalizi, Newman 2009)
-- Units without links have no place on a logarithmic axis: they are in the histogram, not
-- in the other two.

local M = {}

-- zeta(alpha, q) * q^alpha = sum over k >= 0 of (q / (q + k))^alpha, by Euler-Maclaurin after
-- 16 terms. The factor keeps it near one, where zeta itself would underflow.
local function scaled_zeta(alpha, q)
  local sum, n = 0.0, 16
  for k = 0, n - 1 do sum = sum + (q / (q + k)) ^ alpha end
  local e = q + n
  local third = alpha * (alpha + 1) * (alpha + 2)
  local tail = e / (alpha - 1) + 0.5 + alpha / (12 * e) - third / (720 * e ^ 3)
    + third * (alpha + 3) * (alpha + 4) / (30240 * e ^ 5)
  return sum + (q / e) ^ alpha * tail
end

-- P(X >= x | X >= xmin) of the discrete power law.
function M.tail_share(alpha, xmin, x)
  return (xmin / x) ^ alpha * scaled_zeta(alpha, x) / scaled_zeta(alpha, xmin)
end

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

-- Array of { x, share } by rising x over the values of at least 1, how many these are, and
-- how many are 0.
function M.ccdf(values)
  local sorted = sorted_copy(values)
  local zeros = 0
  while sorted[zeros + 1] and sorted[zeros + 1] < 1 do zeros = zeros + 1 end
  local n, points = #sorted - zeros, {}
  for i = zeros + 1, #sorted do
    if i == zeros + 1 or sorted[i] ~= sorted[i - 1] then points[#points + 1] = { sorted[i], (#sorted - i + 1) / n } end
  end
  return points, n, zeros
end

-- Array of { x, share } of a fit from xmin to `highest`, at most some sixty points.
function M.fitted(fit, highest)
  local points, x = {}, fit.xmin
  while x <= highest do
    points[#points + 1] = { x, fit.n_tail / fit.n * M.tail_share(fit.alpha, fit.xmin, x) }
    x = math.max(x + 1, math.floor(x * (highest / fit.xmin) ^ (1 / 60)))
  end
  return points
end

return M
