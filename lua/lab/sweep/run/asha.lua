-- asha.lua: asynchronous successive halving (ASHA; Li et al. 2020): no worker ever waits.
--
-- The rungs are those of halving. Whenever a worker is free, a trial goes on that belongs to the best
-- part, one in `factor`, of those seen at its rung so far; if there is none, a new trial begins. Who
-- is seen first depends on timing, and so do the decisions: another number of workers, or another
-- machine, may stop other trials. Each run's own numbers stay what they are.

local halving = require "lab.sweep.run.halving"
local values = require "lab.sweep.plan.values"

local M = { waits = true, timing = "its decisions depend on which run comes first, so another number of workers may stop other trials" }

-- How many rungs a trial has come by with all its seeds.
local function level_of(trial, rungs)
  local level = 0
  for k, epoch in ipairs(rungs) do
    for _, job in ipairs(trial.jobs) do if not values.settled(job, epoch) then return level end end
    level = k
  end
  return level
end

local function is_over(trial)
  for _, job in ipairs(trial.jobs) do if not values.over[job.state] then return false end end
  return true
end

-- The trials at a rung, best first.
local function standing(plan, trials, levels, rung, rungs)
  local there = {}
  for _, trial in ipairs(trials) do if levels[trial] >= rung then there[#there + 1] = trial end end
  return values.ranked(plan.objective, there, function(t) return values.of_trial(plan.objective, t, rungs[rung]) end)
end

local function promote(plan, memory, trial, rung, rungs, value, reason)
  memory.target[trial] = rung + 1
  memory.decisions[#memory.decisions + 1] = { rule = "asha", rung = rung, epoch = rungs[rung], trial = trial.index, value = value,
    decision = "goes on", reason = reason }
end

-- A sweep that goes on: what a trial has done beyond a rung was decided then.
local function recall(memory, trials, rungs)
  for _, trial in ipairs(trials) do
    for _, job in ipairs(trial.jobs) do
      local reached = 1
      for k, epoch in ipairs(rungs) do if values.epoch(job) > epoch or job.state == "done" then reached = k + 1 end end
      memory.target[trial] = math.max(memory.target[trial] or 1, reached)
    end
  end
end

-- Trials that may go on now, and those under way, highest rung first; then new ones.
local function collect(memory, trials, levels, rungs)
  local wanted = {}
  for _, trial in ipairs(trials) do
    if memory.target[trial] > levels[trial] and not is_over(trial) then wanted[#wanted + 1] = trial end
  end
  table.sort(wanted, function(a, b)
    if levels[a] ~= levels[b] then return levels[a] > levels[b] end
    return a.index < b.index
  end)
  local targets = {}
  for _, trial in ipairs(wanted) do targets[trial] = rungs[memory.target[trial]] or math.huge end
  return wanted, targets
end

local function text(value) return value and ("%.6g"):format(value) or "none" end

-- Nothing is left to do: the best one of the highest rung runs to its end, then the others are stopped.
local function close(plan, memory, trials, levels, rungs, result)
  for rung = #rungs, 1, -1 do
    local ranked, worth = standing(plan, trials, levels, rung, rungs)
    local finished = false
    for _, trial in ipairs(trials) do finished = finished or memory.target[trial] > #rungs end
    if #ranked > 0 and worth[ranked[1]] and not finished then
      promote(plan, memory, ranked[1], rung, rungs, worth[ranked[1]], "the best one left, so that one run finishes")
      memory.target[ranked[1]] = #rungs + 1
      return
    end
    for place, trial in ipairs(ranked) do
      if memory.target[trial] <= #rungs and levels[trial] == rung and not is_over(trial) then
        result.pruned[trial] = { epoch = rungs[rung], reason = ("stopped at epoch %d: place %d of %d there (%s %s)"):format(
          rungs[rung], place, #ranked, plan.objective.metric, text(worth[trial])) }
        result.decisions[#result.decisions + 1] = { rule = "asha", rung = rung, epoch = rungs[rung], trial = trial.index, value = worth[trial],
          decision = "stopped", reason = ("place %d of %d by %s when no worker had anything else to do"):format(place, #ranked, plan.objective.metric) }
      end
    end
  end
end

-- As advance in sweep/run/halving.lua. `memory` is a table that the caller keeps from call to call, and `idle` says
-- that nothing runs.
function M.advance(plan, trials, memory, idle)
  local rungs, levels = halving.rungs(plan.stop), {}
  if not memory.target then
    memory.target, memory.decisions = {}, {}
    recall(memory, trials, rungs)
  end
  for _, trial in ipairs(trials) do levels[trial] = level_of(trial, rungs) end
  for rung = #rungs, 1, -1 do
    local ranked, worth = standing(plan, trials, levels, rung, rungs)
    local keep = #ranked // plan.stop.factor
    for place = 1, keep do
      local trial = ranked[place]
      if worth[trial] and memory.target[trial] <= rung then
        promote(plan, memory, trial, rung, rungs, worth[trial],
          ("place %d of %d seen so far by %s at epoch %d"):format(place, #ranked, plan.objective.metric, rungs[rung]))
      end
    end
  end
  local result = { pruned = {}, decisions = {} }
  result.wanted, result.targets = collect(memory, trials, levels, rungs)
  if idle and #result.wanted == 0 then
    close(plan, memory, trials, levels, rungs, result)
    result.wanted, result.targets = collect(memory, trials, levels, rungs)
  end
  table.move(result.decisions, 1, #result.decisions, #memory.decisions + 1, memory.decisions)
  result.decisions = table.move(memory.decisions, 1, #memory.decisions, 1, {})
  return result
end

return M
