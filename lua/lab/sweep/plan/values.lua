-- values.lua: what a run of a sweep is worth, at its end or at an epoch on the way.
--
-- A job is one run of a sweep (sweep/run/jobs.lua): { trial, seed, state, rows, ... }; its state is
-- waiting, running, paused, done, diverged or failed. Its rows are those of metrics.csv; a row belongs to
-- the epoch in its column `epoch` or, where there is none, to its place. The objective is the plan's:
-- { metric, goal = "max" | "min", at = "last" | "best", over_seeds }.

local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local M = {}

-- The states in which a job has all rows that it will ever have.
M.over = { done = true, diverged = true, failed = true }

function M.epoch_of(row, i) return tonumber(row.epoch) or i end

-- The epoch that a job has come to.
function M.epoch(job)
  local rows = job.rows or {}
  return #rows > 0 and M.epoch_of(rows[#rows], #rows) or 0
end

-- Has the job come to this epoch, or will it never?
function M.settled(job, epoch) return M.over[job.state] or M.epoch(job) >= epoch end

function M.is_better(objective, a, b)
  if objective.goal == "min" then return a < b end
  return a > b
end

-- The numbers of the metric up to an epoch, in order. A row without one is a gap; not-a-number is none.
function M.history(objective, job, epoch)
  local values = {}
  for i, row in ipairs(job.rows or {}) do
    local v = row[objective.metric]
    if M.epoch_of(row, i) <= epoch and type(v) == "number" then values[#values + 1] = v end
  end
  return values
end

-- The best of the values up to an epoch; nil, and why, as statistics.fold.
function M.best(objective, job, epoch)
  return statistics.fold(M.history(objective, job, epoch), objective.goal == "min" and "min" or "max")
end

-- Raises if what the job has logged lacks the number that runs are compared by.
function M.check_metric(plan, job)
  local row = job.rows and job.rows[#job.rows]
  if not plan.objective or row and type(row[plan.objective.metric]) == "number" then return end
  if not row and job.state ~= "done" then return end
  options.fail(("%s: the objective is '%s', and the script logs no such number%s"):format(plan.name, plan.objective.metric,
    row and options.suggestion(plan.objective.metric, options.sorted_keys(row)) or ": it has to call run:log"))
end

-- One number for a job up to an epoch (default: all); nil if it has none. A run that diverged or
-- failed is worth nothing, whatever it was worth on the way; and so is one whose metric is not finite at
-- that epoch, also where the best counts: second "not-a-number" or "infinity".
function M.value(objective, job, epoch)
  if job.state == "failed" or job.state == "diverged" then return nil end
  epoch = epoch or math.huge
  if objective.at == "best" then return M.best(objective, job, epoch) end
  return statistics.fold(M.history(objective, job, epoch), "last")
end

local folds = {
  mean = function(v) return statistics.summary(v).mean end,
  median = statistics.median,
  min = function(v) return (statistics.range(v)) end,
  max = function(v) return (select(2, statistics.range(v))) end,
}

-- One number for a trial from those of its seeds; nil of none.
function M.over_seeds(objective, values)
  if #values == 0 then return nil end
  return folds[objective.over_seeds or "mean"](values)
end

-- The trials best first; those without a value last, equals by their index. `value_of(trial)` gives a value,
-- or nil and why. Second the values by trial, third the reasons.
function M.ranked(objective, trials, value_of)
  local list, values, reasons = table.move(trials, 1, #trials, 1, {}), {}, {}
  for _, t in ipairs(trials) do values[t], reasons[t] = value_of(t) end
  table.sort(list, function(a, b)
    local x, y = values[a], values[b]
    if x == y then return a.index < b.index end
    if x == nil or y == nil then return y == nil end
    return M.is_better(objective, x, y)
  end)
  return list, values, reasons
end

-- A trial's value at an epoch: over those of its seeds that are worth something there. One that is not
-- finite leaves the trial none: nil, and why.
function M.of_trial(objective, trial, epoch)
  local values = {}
  for _, job in ipairs(trial.jobs) do
    local v, why = M.value(objective, job, epoch)
    if why then return nil, why end
    values[#values + 1] = v
  end
  return M.over_seeds(objective, values)
end

return M
