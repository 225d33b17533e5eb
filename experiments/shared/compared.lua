-- compared.lua: compares runs of many methods with each other and with published numbers.
--
-- A set is { name =, title =, runs = }; its runs have the arguments arm and seed, and a column `accuracy`. No run function calls
-- any of this, so a change here trains nothing anew.

local lab = require "lab"
local statistics = lab.statistics

local M = {}

-- Test accuracy in per cent at the last epoch, and the share of active units in per cent: Zhang et al. 2025, arXiv
-- 2501.19107v4, Tables 7 (784-1568-1568-1568-10) and 1 (3072-3072-3072-3072-10), 99 % sparse. Methods that begin denser begin
-- at a density of 50 % there.
M.published = {
  mnist = {
    dense = { 98.78, 100 }, SET = { 98.14, 100 }, RigL = { 98.61, 29 }, CHT = { 98.48 }, ["CHTs 2"] = { 98.76, 27 }, ["CHTs 3"] = { 98.81, 20 },
    GMP = { 98.62 }, GraNet = { 98.81 }, CHTss = { 98.83 },
  },
  fashion_mnist = {
    dense = { 90.88, 100 }, SET = { 89.00, 100 }, RigL = { 89.91, 55 }, CHT = { 88.70 }, ["CHTs 2"] = { 90.67, 73 }, ["CHTs 3"] = { 90.93, 89 },
    GMP = { 90.29 }, GraNet = { 89.98 }, CHTss = { 90.81 },
  },
  cifar10 = {   -- the paper has one number each for CHTs and CHTss here
    dense = { 62.85 }, SET = { 62.70 }, RigL = { 63.90 }, CHT = { 59.10 }, ["CHTs 2"] = { 69.97 }, GMP = { 65.11 }, GraNet = { 69.31 }, CHTss = { 71.29 },
  },
}
M.published.cifar10_plain = M.published.cifar10   -- the paper does not say whether it augments

-- ---- arms ----------------------------------------------------------------------------------------

-- Names of the arms that have runs, in their order.
function M.arms(runs)
  local names, seen = {}, {}
  for _, run in ipairs(runs) do
    local name = run.arguments.arm
    if not seen[name] then seen[name], names[#names + 1] = true, name end
  end
  return names
end

-- The names in a set of them, sorted.
function M.names(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- The finished runs of an arm, and one number of each by its seed.
function M.by_seed(runs, arm, number)
  local values = {}
  for _, run in ipairs(runs) do
    if run.arguments.arm == arm and run.status == "done" then values[run.arguments.seed] = number(run) end
  end
  return values
end

local function list_of(by_seed)
  local list = {}
  for _, v in pairs(by_seed) do list[#list + 1] = v end
  return list
end

-- Mean, sd, n of one number of an arm's finished runs; nil if there is none.
function M.summary(runs, arm, number) return statistics.summary(list_of(M.by_seed(runs, arm, number))) end

function M.last(column) return function(run) return run:last(column) end end

-- The mean over all epochs except the untrained net's: the area under a learning curve, divided by its length.
function M.area(column)
  return function(run) return statistics.fold(statistics.part(run:column(column), 2), "mean") end
end

-- ---- differences -----------------------------------------------------------------------------------

-- The mean difference of a and b over the seeds that both have, its standard error (nil below two seeds), and n.
function M.difference(a, b)
  local d = statistics.paired(a, b)
  if not d then return nil end
  return d.mean, d.error, d.n
end

-- "+0.31 ± 0.04"; a dash without runs.
function M.difference_text(mean, error)
  if not mean then return "–" end
  if not error then return ("%+.2f"):format(mean) end
  return ("%+.2f ± %.2f"):format(mean, error)
end

-- Student's t that a mean of n differences exceeds by chance once in twenty, on either side.
local T95 <const> = { 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26 }

-- Whether chance explains a difference, by Student's t over n seeds at 5 %: true, false, or nil where it cannot be said.
function M.is_explained(mean, error, n)
  if not error or n < 2 then return nil end
  return math.abs(mean) <= (T95[n - 1] or 1.96 + 2.72 / (n - 1)) * error   -- a little above the table's from there on
end

-- ---- tables ----------------------------------------------------------------------------------------

local function text(pattern, v) return v and pattern:format(v) or "–" end
local function mean_sd(s, pattern)
  if not s then return "–" end
  return s.sd and (pattern .. " ± " .. pattern):format(s.mean, s.sd) or pattern:format(s.mean)
end
M.text, M.mean_sd = text, mean_sd

local function percent(column) return function(run) local v = run:last(column) return v and 100 * v end end
M.percent = percent

-- Rows of accuracies in per cent: ours, the published one, their distance, the area, and the difference from the static wiring.
function M.accuracy_rows(set)
  local rows, published = {}, M.published[set.name] or {}
  local static = M.by_seed(set.runs, "static", percent "accuracy")
  for _, arm in ipairs(M.arms(set.runs)) do
    local of = M.by_seed(set.runs, arm, percent "accuracy")
    local ours, theirs = statistics.summary(list_of(of)), published[arm] and published[arm][1]
    local area = M.summary(set.runs, arm, M.area "accuracy")
    local mean, error = M.difference(of, static)
    rows[#rows + 1] = { arm, ours and ours.n or 0, mean_sd(ours, "%.2f"), text("%.2f", theirs), text("%+.2f", ours and theirs and ours.mean - theirs),
      text("%.2f", area and 100 * area.mean), arm == "static" and "" or M.difference_text(mean, error) }
  end
  return rows
end

-- Differences of all pairs of arms in points, row minus column, as lab.plot.heatmap takes them; NaN on the diagonal and where
-- there is none. Also returns how many pairs differ by more than chance explains, and how many pairs were tested.
function M.differences(set)
  local arms, values, beyond, pairs_of = M.arms(set.runs), {}, 0, 0
  local of = {}
  for i, arm in ipairs(arms) do of[i] = M.by_seed(set.runs, arm, percent "accuracy") end
  for i in ipairs(arms) do
    values[i] = {}
    for j in ipairs(arms) do
      local mean, error, n = nil, nil, nil
      if i ~= j then mean, error, n = M.difference(of[i], of[j]) end
      values[i][j] = mean or 0 / 0
      local explained = mean and M.is_explained(mean, error, n)
      if i < j and explained ~= nil then
        pairs_of = pairs_of + 1
        if not explained then beyond = beyond + 1 end
      end
    end
  end
  return { values = values, arms = arms }, beyond, pairs_of
end

return M
