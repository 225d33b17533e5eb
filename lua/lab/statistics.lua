-- statistics.lua: mean, median and spread of a few numbers.

local M = {}

function M.finite(x) return type(x) == "number" and x == x and x ~= math.huge and x ~= -math.huge end

-- { n, mean, sd, error, low, high } of the finite numbers of an array. sd is the sample standard
-- deviation (n - 1 below the line) and error the mean's standard error, sd / sqrt(n); both are nil for a
-- single number; nil alone if there is none.
function M.summary(values)
  local n, sum, low, high = 0, 0.0, math.huge, -math.huge
  for i = 1, #values do
    local v = values[i]
    if M.finite(v) then
      n, sum = n + 1, sum + v
      low, high = math.min(low, v), math.max(high, v)
    end
  end
  if n == 0 then return nil end
  local mean, squares = sum / n, 0.0
  for i = 1, #values do
    if M.finite(values[i]) then squares = squares + (values[i] - mean) ^ 2 end
  end
  local sd = n > 1 and math.sqrt(squares / (n - 1)) or nil
  return { n = n, mean = mean, sd = sd, error = sd and sd / math.sqrt(n), low = low, high = high }
end

-- Variance over mean of whole numbers: 1 for links that fall at random (less a little); nil without any.
function M.dispersion(values)
  local sum, squares = 0, 0
  for _, v in ipairs(values) do sum = sum + v end
  if sum == 0 then return nil end
  local mean = sum / #values
  for _, v in ipairs(values) do squares = squares + (v - mean) ^ 2 end
  return squares / #values / mean
end

-- Those of an array at first to last (or its end) that are there.
function M.part(values, first, last)
  return table.move(values, math.max(1, first), math.min(#values, last or #values), 1, {})
end

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

-- One number out of a column's numbers: how = "last", "first", "max", "min", "mean", "sum".
local folds = {
  last = function(v) return v[#v] end,
  first = function(v) return v[1] end,
  max = function(v) local m = v[1] for _, x in ipairs(v) do m = math.max(m, x) end return m end,
  min = function(v) local m = v[1] for _, x in ipairs(v) do m = math.min(m, x) end return m end,
  sum = function(v) local s = 0.0 for _, x in ipairs(v) do s = s + x end return s end,
  mean = function(v) local s = 0.0 for _, x in ipairs(v) do s = s + x end return s / #v end,
}
M.folds = { "last", "first", "max", "min", "mean", "sum" }

-- nil if no number is left. Not-a-numbers are passed over, as gaps are.
function M.fold(values, how)
  local kept = {}
  for i = 1, #values do
    if type(values[i]) == "number" and values[i] == values[i] then kept[#kept + 1] = values[i] end
  end
  if #kept == 0 then return nil end
  return folds[how](kept)
end

-- Centred moving mean over k neighbours. Near the ends the window shrinks on both sides
-- alike, so that the first and last value stay where they are.
function M.smooth(values, k)
  local result = {}
  for i = 1, #values do
    local half, sum = math.min(k // 2, i - 1, #values - i), 0.0
    for j = i - half, i + half do sum = sum + values[j] end
    result[i] = sum / (2 * half + 1)
  end
  return result
end

return M
