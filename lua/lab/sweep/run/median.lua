-- median.lua: the median rule: a run that is worse than half of its forerunners is stopped.
--
-- At every epoch from `min` on, a run's best value so far is compared with the median, over the trials
-- before it in the plan, of the mean of their values up to that epoch, each of the run with the same
-- seed (after Golovin et al. 2017). Strictly worse: it is stopped, and with it the whole trial. At least
-- `trials` must have come that far. Only trials before it count, and a decision waits for these: so it
-- depends on the values alone. With several workers a run may be some epochs further, or at its end, when it
-- falls; what it did after the epoch of the decision does not count. A metric that is not finite is worse
-- than any, and takes no part in a median.

local statistics = require "lab.util.statistics"
local values = require "lab.sweep.plan.values"

local M = {}

-- What the trials before say at an epoch: the means of those that came so far; nil if one is on its way.
local function forerunners(plan, trials, i, seed, epoch, fallen, open)
  local means = {}
  for j = 1, i - 1 do
    local trial = trials[j]
    local job, fall = trial.jobs[seed], fallen[trial]
    local ended = fall and (seed > fall.seed or seed == fall.seed and epoch > fall.epoch)
    if not ended then
      if not values.settled(job, epoch) or open[job] and open[job] < epoch then return nil end
      local history = values.history(plan.objective, job, epoch)
      if values.epoch(job) >= epoch then means[#means + 1] = statistics.fold(history, "mean") end  -- nil if it broke down
    end
  end
  return means
end

-- The last epoch of a run is no place to stop it.
local function is_last(job, epoch)
  if job.epochs then return epoch >= job.epochs end
  return values.over[job.state] and epoch >= values.epoch(job)
end

-- Follows one job through its epochs. Returns where it falls: { epoch, value, median, others }; or nil and
-- the epoch at which a decision has to wait, or nil if none has.
local function follow(plan, trials, i, seed, fallen, open)
  local job = trials[i].jobs[seed]
  for k, row in ipairs(job.rows or {}) do
    local epoch = values.epoch_of(row, k)
    if epoch >= plan.stop.min and not is_last(job, epoch) then
      local means = forerunners(plan, trials, i, seed, epoch, fallen, open)
      if not means then return nil, epoch end
      local median = statistics.median(means)
      local best, broken = values.best(plan.objective, job, epoch)
      if #means >= plan.stop.trials and (broken or best and values.is_better(plan.objective, median, best)) then
        return { seed = seed, epoch = epoch, value = best, broken = broken, median = median, others = #means }
      end
    end
  end
  return nil, not values.over[job.state] and values.epoch(job) + 1 or nil
end

local function fall(plan, trial, found, result)
  local metric = plan.objective.metric
  result.decisions[#result.decisions + 1] = { rule = "median", epoch = found.epoch, trial = trial.index, seed = trial.jobs[found.seed].seed,
    value = found.value, threshold = found.median, decision = "stopped",
    reason = found.broken and ("%s is %s"):format(metric, found.broken)
      or ("best %s so far is worse than the median of %d trials before it"):format(metric, found.others) }
  local value = found.broken and ("%s is %s"):format(metric, found.broken) or ("best %s so far %.6g"):format(metric, found.value)
  result.pruned[trial] = { epoch = found.epoch, job = trial.jobs[found.seed],
    reason = ("stopped at epoch %d: %s, median of %d trials before it %.6g"):format(found.epoch, value, found.others, found.median) }
end

-- As advance in sweep/run/halving.lua.
function M.advance(plan, trials)
  local result, fallen, open = { wanted = {}, targets = {}, pruned = {}, decisions = {} }, {}, {}
  for i, trial in ipairs(trials) do
    local waiting
    for seed, job in ipairs(trial.jobs) do
      if waiting then open[job] = 0  -- it may yet fall with the seed before it
      elseif not fallen[trial] then
        fallen[trial], open[job] = follow(plan, trials, i, seed, fallen, open)
        waiting = open[job] ~= nil
        if fallen[trial] then fall(plan, trial, fallen[trial], result) end
      end
    end
    if not fallen[trial] then
      result.wanted[#result.wanted + 1] = trial
      result.targets[trial] = math.huge
    end
  end
  return result
end

return M
