-- run.lua: carries out a plan: one process a run, several at a time, each at most once.
--
-- One loop: free workers take the first run that is short of what it may do (sweep/run/advice.lua), then the
-- loop waits for a process to end, looks at what the others log, and shows how it stands. Whatever stops
-- it leaves the runs in the store as they are; the same command goes on. On a cluster (cluster/run.lua)
-- several such loops share the runs; then one asks for each run whether it may take it.

local advice = require "lab.sweep.run.advice"
local child = require "lab.sweep.run.child"
local is_interrupt = require "lab.util.stop".is_interrupt
local catch = require "lab.util.stop".catch
local jobs = require "lab.sweep.run.jobs"
local pool = require "lab.c.pool"
local system = require "lab.c.system"
local values = require "lab.sweep.plan.values"

local M = {}

-- ---- the loop ---------------------------------------------------------------------------

-- Nothing new begins; what runs is asked to tidy up.
local function stop(sweep, why, signal)
  if sweep.stopped then return end
  sweep.stopped = why
  for _, job in pairs(sweep.running) do job.stopping = true end
  sweep.pool:signal(0, signal or "INT")
end

-- Heeds the notice that time is nearly over: the runs come to the end of their epoch and save it. Those
-- that take longer than there is patience, or save nothing, are then asked to tidy up as they are.
local function heed(sweep)
  if not sweep.patience or not system.noticed() then return end
  sweep.hurry_at = sweep.hurry_at or sweep.clock() + sweep.patience
  stop(sweep, "notice", "USR1")
  if sweep.clock() < sweep.hurry_at then return end
  sweep.hurry_at = math.huge
  sweep.pool:signal(0, "INT")
end

local function ended(sweep, which)
  local job = sweep.running[which.id]
  sweep.running[which.id] = nil
  if not job then return end
  child.collect(sweep, job, which)
  sweep.news = true
  values.check_metric(sweep.plan, job)  -- better now than after the last run
  if job.state ~= "waiting" then
    if job.pruned then jobs.mark_pruned(job, sweep.plan) end
    sweep.ledger:add(job)
  end
  if sweep.let_go then sweep.let_go(job) end
  sweep.progress:ended(job)
  if job.state == "failed" and sweep.fail_fast then stop(sweep, "failure") end
end

local function look(sweep)
  local now = sweep.clock()
  if now < (sweep.look_at or 0) then return end
  for _, job in pairs(sweep.running) do
    if child.look(sweep, job) then
      sweep.news = true
      values.check_metric(sweep.plan, job)
    end
  end
  sweep.look_at = sweep.clock() + math.max(0.1, 10 * (sweep.clock() - now))  -- long records take their time
end

-- Starts what can be started. Returns true when nothing runs and nothing is left.
local function fill(sweep)
  if sweep.deadline and sweep.clock() >= sweep.deadline then stop(sweep, "time") end
  advice.consider(sweep)
  local waits
  while not sweep.stopped and #sweep.pool < sweep.workers do
    local job, target
    job, target, waits = advice.next_job(sweep)
    if not job then break end
    if not sweep.take or sweep.take(job) then child.start(sweep, job, target) end
  end
  return #sweep.pool == 0 and not waits
end

local function loop(sweep)
  while not fill(sweep) do
    local which = sweep.pool:wait(0.1)
    if which then ended(sweep, which) end
    heed(sweep)
    look(sweep)
    sweep.progress:tick(sweep)
  end
end

-- Waits for the children that are tidying up. An interrupt comes anywhere: a job may have lost its child.
local function drain(sweep)
  while #sweep.pool > 0 do
    local which = sweep.pool:wait(60)
    local job = which and sweep.running[which.id]
    if job then
      sweep.running[which.id] = nil
      catch(child.collect, sweep, job, which)
      if job.state ~= "waiting" then sweep.ledger:add(job) end
    end
  end
  for _, job in ipairs(sweep.jobs) do if job.state == "running" then job.state = job.key and "paused" or "waiting" end end
end

-- Carries out the plan: fills in the jobs of sweep.trials. Returns what stopped it: nil, "failure",
-- "time", "notice"; raises what else did, an interrupt among it, with everything tidied.
--   sweep  { plan, trials, jobs, ledger, progress, workers, threads, profile, fail_fast }, and where runs
--          are shared with others: take(job) -> true, or false after it has settled what becomes of the
--          job (its state, or not_before); let_go(job) once it has ended; patience = seconds after
--          SIGUSR1 for runs to come to the end of an epoch ("notice" is then what stopped it)
function M.run(sweep)
  local children <close> = pool.new()
  sweep.pool, sweep.running, sweep.memory, sweep.clock, sweep.news = children, {}, {}, system.seconds, true
  sweep.rule = advice.rule_of(sweep.plan)
  local seconds = sweep.plan.budget and sweep.plan.budget.seconds
  sweep.deadline = seconds and sweep.clock() + seconds
  if sweep.rule ~= advice.rules.none then for _, job in ipairs(sweep.jobs) do jobs.read_rows(job) end end
  local ok, err = catch(loop, sweep)
  if not ok then
    stop(sweep, is_interrupt(err) and "interrupt" or "error")
    drain(sweep)
  end
  sweep.progress:close(sweep)
  sweep.ledger:write(sweep.jobs, sweep.advice and sweep.advice.decisions)
  if not ok then error(err, 0) end
  return sweep.stopped
end

-- Cores are shared out among workers, so that there are no more threads than cores.
--   wanted  { workers, threads = of all together }; either may be nil
function M.share(plan, wanted, cores)
  local all = math.max(1, wanted.threads or cores)
  local workers = math.max(1, math.min(wanted.workers or plan.workers or all, math.max(1, #plan.trials * #plan.seeds)))
  return workers, math.max(1, all // workers)
end

return M
