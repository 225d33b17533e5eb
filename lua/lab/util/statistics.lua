-- statistics.lua: mean, median and spread of a few numbers.

local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

local VALUES = { "values", "array of numbers", "The numbers, without gaps." }
local RUNS = { "of", "function(number)", "Gives the number of the i-th run; or nil, and why if it broke down." }

manual.word("lab.statistics.finite", { summary = "whether this is a finite number", arguments = { { "x", "any", "The value to test." } }, returns = "true or false", example = "print(lab.statistics.finite(1 / 0))" })
manual.word("lab.statistics.summary", {
  summary = "count, mean and spread of the finite numbers of an array",
  arguments = { VALUES },
  returns = "{ n, mean, sd, error, low, high }: sd is the sample standard deviation, error that of the mean, both nil for a single number; nil if no number is finite",
  example = "print(lab.statistics.summary({ 1, 2, 4 }).mean)",
})
manual.word("lab.statistics.dispersion", { summary = "the variance of whole numbers over their mean", text = "About 1 for links that are placed at random.", arguments = { VALUES }, returns = "a number; nil if all are 0", example = "print(lab.statistics.dispersion { 2, 3, 7 })" })
manual.word("lab.statistics.part", {
  summary = "a part of an array, cut off at its ends",
  arguments = { VALUES, { "first", "whole number", "Where the part begins; below 1 is 1." }, { "last", "whole number", "Where it ends; by default at the end.", optional = true } },
  returns = "an array", example = "print(#lab.statistics.part({ 1, 2, 3 }, 2))",
})
manual.word("lab.statistics.median", { summary = "the middle of some numbers", arguments = { VALUES }, returns = "a number; nil if there is none, or a not-a-number among them", example = "print(lab.statistics.median { 3, 1, 2 })" })
manual.word("lab.statistics.range", { summary = "the smallest and the largest of some numbers", arguments = { VALUES }, returns = "two numbers; nil if there is none, or a not-a-number among them", example = "print(lab.statistics.range { 3, 1, 2 })" })
manual.word("lab.statistics.break_down", { summary = "the name of a number that is not finite", arguments = { { "x", "number", "The number." } }, returns = '"not-a-number" or "infinity"; nil if it is finite', example = "print(lab.statistics.break_down(0 / 0))" })
manual.word("lab.statistics.fold", {
  summary = "reduce an array to one number",
  arguments = { VALUES, { "how", "text", 'One of lab.statistics.folds, such as "last" or "max".' } },
  returns = 'a number; nil if there is none, and then "not-a-number" or "infinity" if the values broke down',
  example = 'print(lab.statistics.fold({ 0.7, 0.9, 0.8 }, "max"))',
})
manual.word("lab.statistics.summary_of_runs", {
  summary = "the summary of one number a run",
  text = "If a run broke down, there is no mean of the others.",
  arguments = { { "n", "whole number", "How many runs there are." }, RUNS },
  returns = "what lab.statistics.summary returns, or nil; how many runs broke down; and the word for it",
  example = "print(lab.statistics.summary_of_runs(3, function(i) return 0.1 * i end).mean)",
})
manual.word("lab.statistics.paired", {
  summary = "how much two sets of numbers differ, pair by pair, and whether chance explains it",
  text = "A pair is what has the same key in both tables, such as a seed. Student's t-test, two-sided: p is the probability that pairs without a difference would differ as much.",
  arguments = { { "a", "table of numbers", "One number for each key." }, { "b", "table of numbers", "What is taken off." } },
  returns = "{ n = pairs, mean = of a - b, error = its standard error, p }; error and p are nil for a single pair; nil without pairs",
  example = "print(lab.statistics.paired({ 84, 85, 84.5 }, { 83, 83.5, 84 }).p)",
})
manual.word("lab.statistics.smooth", {
  summary = "a centred moving mean",
  text = "Near the ends the window shrinks equally on both sides, so the first and the last value stay.",
  arguments = { VALUES, { "k", "whole number", "How many neighbours each mean is over." } },
  returns = "an array", example = "print(lab.statistics.smooth({ 1, 2, 6 }, 3)[2])",
})
manual.group("lab.statistics", {
  summary = "mean, median and spread of a few numbers",
  fields = { folds = "What lab.statistics.fold can make of an array: last, first, max, min, mean, sum." },
})

-- The words below are a script's too: what is no array is an error at its line.
local function check_array(word, values)
  if type(values) ~= "table" then options.fail(("lab.statistics.%s takes an array of numbers, not %s"):format(word, type(values))) end
end

function M.finite(x) return type(x) == "number" and x == x and x ~= math.huge and x ~= -math.huge end

-- { n, mean, sd, error, low, high } of the finite numbers of an array. sd is the sample standard
-- deviation (n - 1 below the line) and error the mean's standard error, sd / sqrt(n); both are nil for a
-- single number; nil alone if there is none.
function M.summary(values)
  check_array("summary", values)
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

-- The variance of whole numbers over their mean: 1 for links that fall at random (less a little); nil without any.
function M.dispersion(values)
  check_array("dispersion", values)
  local sum, squares = 0, 0
  for _, v in ipairs(values) do sum = sum + v end
  if sum == 0 then return nil end
  local mean = sum / #values
  for _, v in ipairs(values) do squares = squares + (v - mean) ^ 2 end
  return squares / #values / mean
end

-- Those of an array at first to last (or its end) that are there.
function M.part(values, first, last)
  check_array("part", values)
  return table.move(values, math.max(1, first), math.min(#values, last or #values), 1, {})
end

-- The median, or nil: of none, or of values that have no order because a not-a-number is among them.
function M.median(values)
  check_array("median", values)
  local sorted = table.move(values, 1, #values, 1, {})
  for _, v in ipairs(sorted) do if v ~= v then return nil end end
  table.sort(sorted)
  local n = #sorted
  if n == 0 then return nil end
  return n % 2 == 1 and sorted[n // 2 + 1] or (sorted[n // 2] + sorted[n // 2 + 1]) / 2
end

-- Smallest and largest, or nil: of none, or of values that have no order because a not-a-number is among them.
function M.range(values)
  check_array("range", values)
  local low, high = values[1], values[1]
  for _, v in ipairs(values) do if v ~= v then return nil end end
  for i = 2, #values do low, high = math.min(low, values[i]), math.max(high, values[i]) end
  return low, high
end

-- The greatest or least of the finite numbers: what was reached was reached, whatever came between.
local function extreme(pick)
  return function(v)
    local found
    for _, x in ipairs(v) do if M.finite(x) then found = found and pick(found, x) or x end end
    return found
  end
end

local function sum(v) local s = 0.0 for _, x in ipairs(v) do s = s + x end return s end

-- One number out of a column's numbers: how = "last", "first", "max", "min", "mean", "sum".
local folds = {
  last = function(v) return v[#v] end,
  first = function(v) return v[1] end,
  max = extreme(math.max),
  min = extreme(math.min),
  sum = sum,
  mean = function(v) return sum(v) / #v end,
}
M.folds = { "last", "first", "max", "min", "mean", "sum" }

-- The name of a number that is not finite; nil if it is finite.
function M.break_down(x)
  if M.finite(x) then return nil end
  return x ~= x and "not-a-number" or "infinity"
end

-- One number out of an array of numbers without gaps; nil if there is none. Second, where the values broke
-- down, "not-a-number" or "infinity": an array that ends so has no number at all, not even a best one, as a
-- run that diverged has none; a mean, a sum or a first value that is not finite is none either.
function M.fold(values, how)
  check_array("fold", values)
  if not folds[how] then
    options.fail(("lab.statistics.fold: no fold is called '%s'; known: %s"):format(tostring(how), table.concat(M.folds, ", ")))
  end
  if #values == 0 then return nil end
  local broken = M.break_down(values[#values])
  if broken then return nil, broken end
  local value = folds[how](values)
  broken = M.break_down(value)
  return not broken and value or nil, broken
end

-- The summary of one number a run, where a run that has broken down leaves no mean of the others. of(i)
-- for i = 1 .. n gives a number; or nil, and why if it broke down. Returns the summary or nil; how many
-- broke down; and the word for it.
function M.summary_of_runs(n, of)
  local values, broken, word = {}, 0, nil
  for i = 1, n do
    local v, why = of(i)
    if v ~= nil and not why then why = M.break_down(v) end
    if why then broken, word = broken + 1, (not word or word == why) and why or "not-a-number or infinity"
    else values[#values + 1] = v end
  end
  return broken == 0 and M.summary(values) or nil, broken, word
end

-- The share of Student's t distribution with df degrees of freedom, a whole number, that lies beyond |t| on either side: the finite sums of
-- Abramowitz and Stegun, 26.7.3 and 26.7.4.
local function student_p(t, df)
  local angle = math.atan(math.abs(t) / math.sqrt(df))
  local square = math.cos(angle) ^ 2
  local odd = df % 2 == 1
  local term, total = odd and math.cos(angle) or 1.0, 0.0
  for k = odd and 3 or 2, df, 2 do
    total = total + term
    term = term * square * (k - 1) / k
  end
  local inside = math.sin(angle) * total
  if odd then inside = 2 / math.pi * (angle + inside) end
  return math.max(0.0, 1 - inside)
end

-- The differences a - b over the keys that both have: { n, mean, error, p }, p by Student's paired t-test on both sides; error and p are nil
-- for one pair; nil without any.
function M.paired(a, b)
  check_array("paired", a)
  check_array("paired", b)
  local differences = {}
  for key, v in pairs(a) do
    if M.finite(v) and M.finite(b[key]) then differences[#differences + 1] = v - b[key] end
  end
  table.sort(differences)   -- the order of keys is no one's choice
  local s = M.summary(differences)
  if not s then return nil end
  if s.n == 1 then return { n = 1, mean = s.mean } end
  local p = s.error > 0 and student_p(s.mean / s.error, s.n - 1) or s.mean == 0 and 1 or 0
  return { n = s.n, mean = s.mean, error = s.error, p = p }
end

-- Centred moving mean over k neighbours. Near the ends the window shrinks equally on both
-- sides, so that the first and last value stay where they are.
function M.smooth(values, k)
  check_array("smooth", values)
  local result = {}
  for i = 1, #values do
    local half, sum = math.min(k // 2, i - 1, #values - i), 0.0
    for j = i - half, i + half do sum = sum + values[j] end
    result[i] = sum / (2 * half + 1)
  end
  return result
end

return M
