-- effects.lua: what each parameter of a sweep does to the objective, by itself.
--
-- Runs that came to their end count, and no others; none of a trial that ends as not-a-number. A parameter's main effect is the mean of the
-- objective over all runs with one of its values; its importance the share of the variance over runs
-- that these means explain, sum n_i (mean_i - mean)^2 / sum (y - mean)^2: one-way analysis of variance,
-- which in a full grid is the first order of functional ANOVA (Hutter, Hoos and Leyton-Brown 2014).
-- It says nothing of parameters that matter together. Where every combination was run alike, the
-- rest falls into two parts: what the trials' means have left over (interactions), and what
-- differs within a trial (seeds). Elsewhere the shares may overlap, and there is no rest.
-- k values of no effect at all explain (k - 1) / (N - 1) of N runs by chance.

local format = require "lab.util.format"
local results = require "lab.sweep.result.results"
local scales = require "lab.sweep.result.scales"
local statistics = require "lab.util.statistics"

local M = { bins = 6 }  -- of a parameter with too many values to look at one by one

-- The runs that count: { params, value, trial }; how many trials they are of.
function M.observations(sweep)
  local list, trials = {}, 0
  for _, entry in ipairs(sweep:leaderboard()) do
    local before = #list
    for _, run in ipairs(entry.mean and entry.runs or {}) do
      if run.status == "done" and run.value then
        list[#list + 1] = { params = run.params, value = run.value, trial = entry.trial }
      end
    end
    if #list > before then trials = trials + 1 end
  end
  return list, trials
end

-- Runs in equal parts by the order of a parameter; equal values stay together.
local function binned(scale, list)
  local sorted, groups = table.move(list, 1, #list, 1, {}), {}
  table.sort(sorted, function(a, b)
    local x, y = a.params[scale.name], b.params[scale.name]
    return x < y or x == y and a.trial < b.trial
  end)
  local bins = math.max(1, math.min(M.bins, #sorted // 3))
  for i, one in ipairs(sorted) do
    local group = groups[#groups]
    local fresh = not group or #groups < (i - 1) * bins // #sorted + 1
    if fresh and not (group and group.runs[#group.runs].params[scale.name] == one.params[scale.name]) then
      groups[#groups + 1] = { runs = { one } }
    else table.insert(group.runs, one) end
  end
  for _, group in ipairs(groups) do
    local low, high = group.runs[1].params[scale.name], group.runs[#group.runs].params[scale.name]
    group.x = scale.log and math.sqrt(low * high) or (low + high) / 2
    group.text = low == high and format.number(low) or ("%s to %s"):format(format.number(low), format.number(high))
  end
  return groups
end

-- The runs by the values of a parameter, those without it left out: { { x = value, or the middle of a bin;
-- text, runs, n, mean, sd }, ... }.
function M.groups(scale, list)
  local with = {}
  for _, one in ipairs(list) do if one.params[scale.name] ~= nil then with[#with + 1] = one end end
  local groups = {}
  if scale.few then
    for i, level in ipairs(scale.levels) do groups[i] = { x = level.value, text = level.text, runs = {}, level = i } end
    for _, one in ipairs(with) do table.insert(groups[scales.level(scale, one.params[scale.name])].runs, one) end
  else groups = binned(scale, with) end
  local kept = {}
  for _, group in ipairs(groups) do
    local values = {}
    for i, one in ipairs(group.runs) do values[i] = one.value end
    local s = statistics.summary(values)
    if s then
      group.n, group.mean, group.sd = s.n, s.mean, s.sd
      kept[#kept + 1] = group
    end
  end
  return kept, #with
end

-- Sum of squares around the mean of all, and of the groups' means around it.
local function squares(groups)
  local n, sum = 0, 0.0
  for _, group in ipairs(groups) do n, sum = n + group.n, sum + group.n * group.mean end
  local mean, all, between = sum / n, 0.0, 0.0
  for _, group in ipairs(groups) do
    between = between + group.n * (group.mean - mean) ^ 2
    for _, one in ipairs(group.runs) do all = all + (one.value - mean) ^ 2 end
  end
  return all, between
end

local function by_trial(list)
  local groups, index = {}, {}
  for _, one in ipairs(list) do
    local group = index[one.trial]
    if not group then
      group = { runs = {} }
      index[one.trial], groups[#groups + 1] = group, group
    end
    table.insert(group.runs, one)
  end
  for _, group in ipairs(groups) do
    local values = {}
    for i, one in ipairs(group.runs) do values[i] = one.value end
    group.n, group.mean = #values, statistics.summary(values).mean
  end
  return groups
end

-- Was every combination of the scales' levels run, all as often?
local function is_balanced(all, trials)
  local combinations = 1
  for _, scale in ipairs(all) do
    if not scale.few then return false end
    combinations = combinations * #scale.levels
  end
  for _, group in ipairs(trials) do if group.n ~= trials[1].n then return false end end
  return #trials == combinations
end

-- The importance of parameters, greatest first: { { name, share, chance, levels, n }, ... }; for a sweep
-- that ran every combination alike second { interactions =, seeds = } (seeds nil with one a trial);
-- third a sentence on what was left out, or nil.
function M.importance(where, sweep)
  local list, finished = M.observations(sweep)
  local all, shares = scales.of(where, sweep), {}
  for i, scale in ipairs(all) do
    local groups, n = M.groups(scale, list)
    local total, between = 0, 0
    if #groups > 0 then total, between = squares(groups) end
    shares[i] = { name = scale.name, levels = #groups, n = n,
      share = #groups > 1 and total > 0 and between / total or nil,
      chance = #groups > 1 and n > 1 and (#groups - 1) / (n - 1) or nil }
  end
  local trials, rest = by_trial(list), nil
  if #trials > 1 and is_balanced(all, trials) then
    local total, between = squares(trials)
    if total > 0 then
      local left = between / total
      for _, s in ipairs(shares) do left = left - (s.share or 0) end
      rest = { interactions = math.max(0, left), seeds = trials[1].n > 1 and 1 - between / total or nil }
    end
  end
  table.sort(shares, function(a, b)
    if (a.share or -1) ~= (b.share or -1) then return (a.share or -1) > (b.share or -1) end
    return a.name < b.name
  end)
  return shares, rest, M.left_out(sweep, finished)
end

-- "3 of 16 trials did not finish and are left out; 1 of 16 trials ends as not-a-number (loss) and
-- has no rank", or the one or the other, or nil.
function M.left_out(sweep, finished)
  local all, board, broken = #sweep.list, sweep:leaderboard(), 0
  for _, entry in ipairs(board) do if entry.broken then broken = broken + 1 end end
  local left, notes = all - finished - broken, {}
  if left > 0 then notes[1] = ("%d of %d trials did not finish and are left out"):format(left, all) end
  notes[#notes + 1] = broken > 0 and results.broken_note(board, sweep.plan.objective.metric) or nil
  return #notes > 0 and table.concat(notes, "; ") or nil
end

return M
