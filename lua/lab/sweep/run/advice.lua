-- advice.lua: what a sweep is to do next.
--
-- A rule of early stopping is a module with advance(plan, trials, memory, idle): a function of what is
-- known so far, which says how far each trial may go, and which are stopped. sweep/run/halving.lua says
-- what it returns. Here its verdicts take effect, and the next run is chosen.

local jobs = require "lab.sweep.run.jobs"
local values = require "lab.sweep.plan.values"

local M = {}

-- No rule: all trials, to their end.
local none = {
  advance = function(_, trials)
    local targets = {}
    for _, trial in ipairs(trials) do targets[trial] = math.huge end
    return { wanted = trials, targets = targets, pruned = {} }
  end,
}

M.rules = { none = none, median = "lab.sweep.run.median", halving = "lab.sweep.run.halving", asha = "lab.sweep.run.asha" }

-- The rule of a plan.
function M.rule_of(plan)
  local rule = M.rules[plan.stop and plan.stop.rule or "none"]
  return type(rule) == "string" and require(rule) or rule
end

-- What a verdict on a trial means for one of its runs. Where one seed was the reason, those before it
-- count with all they did, those after it with nothing, however far they have come.
local function verdict_on(job, verdict)
  if not verdict.job or verdict.job == job then return { epoch = verdict.epoch, reason = verdict.reason } end
  local before = job.seed_index < verdict.job.seed_index
  return { epoch = before and values.epoch(job) or 0, reason = ("stopped with seed %s: %s"):format(jobs.text(verdict.job.seed), verdict.reason) }
end

local function prune(sweep, trial, verdict)
  for _, job in ipairs(trial.jobs) do
    if not job.pruned then
      job.pruned = verdict_on(job, verdict)
      job.guard = job.guard or sweep.ledger.guard
      if job.state == "running" then
        job.stopping = true
        sweep.pool:signal(job.id, "INT")
      else
        jobs.mark_pruned(job, sweep.plan)
        sweep.ledger:add(job)
      end
    end
  end
  sweep.progress:pruned(trial, verdict)
end

-- Asks the rule, if anything is new.
function M.consider(sweep)
  local idle = next(sweep.running) == nil
  if not sweep.news and not idle then return end
  sweep.news = false
  sweep.advice = sweep.rule.advance(sweep.plan, sweep.trials, sweep.memory, idle)
  for _, trial in ipairs(sweep.trials) do
    local verdict = sweep.advice.pruned[trial]
    if verdict and not trial.pruned then
      trial.pruned = verdict
      prune(sweep, trial, verdict)
    end
  end
end

-- The first run that is short of its target, and that target; third: true if one is there that cannot
-- start yet.
function M.next_job(sweep)
  local waits, now = false, sweep.clock()
  for _, trial in ipairs(sweep.advice.wanted) do
    local target = sweep.advice.targets[trial]
    for _, job in ipairs(trial.pruned and {} or trial.jobs) do
      local idle = job.state == "waiting" or job.state == "paused"
      if idle and (job.state == "waiting" or target == math.huge or values.epoch(job) < target) then
        if (job.not_before or 0) <= now then return job, target end
        waits = true
      end
    end
  end
  return nil, nil, waits
end

return M
