-- halving.lua: successive halving: a little training for all, more for the best.
--
-- Every trial trains for `min` epochs; the best part of them, one in `factor`, goes on to min * factor,
-- of these the best part to min * factor^2, and so on below `max`; what is left runs to its end
-- (Jamieson and Talwalkar 2016). Synchronous: a decision waits until every trial of the rung is
-- there. It depends on the values alone, and so is the same with any number of workers, and when a
-- sweep that was stopped goes on.

local values = require "lab.sweep.plan.values"

local M = { waits = true }  -- runs stop at rungs

-- The epochs at which is decided.
function M.rungs(stop)
  local rungs, epoch = {}, stop.min
  while epoch < (stop.max or math.huge) and #rungs < 64 do
    rungs[#rungs + 1] = math.floor(epoch + 0.5)
    epoch = epoch * stop.factor
  end
  return rungs
end

local function all_settled(trials, epoch)
  for _, trial in ipairs(trials) do
    for _, job in ipairs(trial.jobs) do if not values.settled(job, epoch) then return false end end
  end
  return true
end

local function by_index(trials)
  table.sort(trials, function(a, b) return a.index < b.index end)
  return trials
end

-- Who stays at a rung; adds to the decisions.
local function decide(rung, epoch, members, plan, result)
  local ranked, worth, broken = values.ranked(plan.objective, members, function(t) return values.of_trial(plan.objective, t, epoch) end)
  local keep = math.max(1, #members // plan.stop.factor)
  while keep > 1 and broken[ranked[keep]] do keep = keep - 1 end  -- not-a-number never goes on while a number is there
  local threshold = worth[ranked[keep]]
  for place, trial in ipairs(ranked) do
    local stays = place <= keep
    local reason = ("place %d of %d by %s at epoch %d; the best %d go on"):format(place, #ranked, plan.objective.metric, epoch, keep)
    if worth[trial] == nil then
      reason = ("%s of %s at epoch %d; the best %d of %d go on"):format(broken[trial] or "no value", plan.objective.metric, epoch, keep, #ranked)
    end
    result.decisions[#result.decisions + 1] = { rule = "halving", rung = rung, epoch = epoch, trial = trial.index, value = worth[trial],
      threshold = threshold, decision = stays and "goes on" or "stopped", reason = reason }
    if not stays then result.pruned[trial] = { epoch = epoch, reason = ("stopped at epoch %d: place %d of %d, and %d went on%s"):format(
      epoch, place, #ranked, keep, (worth[trial] or broken[trial]) and (" (%s %s)"):format(plan.objective.metric,
        worth[trial] and ("%.6g"):format(worth[trial]) or broken[trial]) or "") } end
  end
  return by_index(table.move(ranked, 1, keep, 1, {}))
end

-- What is to be done next, from what is known: { wanted = trials in the order in which they start,
-- targets = trial -> epoch to which it may run, pruned = trial -> { epoch, reason }, decisions }.
function M.advance(plan, trials)
  local result, members = { targets = {}, pruned = {}, decisions = {} }, trials
  local to = math.huge
  for rung, epoch in ipairs(M.rungs(plan.stop)) do
    if #members > 1 and not all_settled(members, epoch) then
      to = epoch
      break
    end
    if #members > 1 then members = decide(rung, epoch, members, plan, result) end
  end
  result.wanted = members
  for _, trial in ipairs(members) do result.targets[trial] = to end
  return result
end

return M
