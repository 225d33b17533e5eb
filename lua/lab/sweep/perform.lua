-- perform.lua: a plan, what is known of its runs, and the rest of them carried out.

local jobs = require "lab.sweep.run.jobs"
local ledgers = require "lab.sweep.run.ledger"
local options = require "lab.util.options"
local output = require "lab.util.output"
local progress = require "lab.sweep.run.progress"
local results = require "lab.sweep.result.results"
local run = require "lab.sweep.run.run"
local session = require "lab.script.session"
local stop = require "lab.util.stop"
local store = require "lab.run.store"
local system = require "lab.c.system"

local M = {}

-- A plan with what is known of its runs: { plan, trials, jobs, ledger, complete }.
--   given  { retry = true: failed runs count as not run, profile }
function M.look(plan, given)
  local sweep = { plan = plan, profile = given.profile, fail_fast = given.fail_fast, clock = system.seconds }
  sweep.trials, sweep.jobs = jobs.of(plan)
  sweep.ledger = ledgers.open(plan, session.read_script(plan.script), given.profile)
  sweep.complete = sweep.ledger:recall(sweep.jobs, given.retry)
  return sweep
end

-- How to go on with what was stopped.
local function advise(sweep)
  local why = { time = "its time is up", failure = "a run failed", interrupt = "interrupted" }
  local left = 0
  for _, job in ipairs(sweep.jobs) do if job.state == "waiting" or job.state == "paused" or job.state == "running" then left = left + 1 end end
  sweep.progress:note(("%s; %d of %d runs are not finished, and the same command continues them%s"):format(
    why[sweep.stopped] or "stopped", left, #sweep.jobs, sweep.stopped == "failure" and " (failed runs: --retry failed)" or ""))
end

local function carry_out(sweep, given)
  local held, why = sweep.ledger:claim()
  if not held then options.fail(("%s: %s"):format(sweep.plan.name, why)) end
  sweep.workers, sweep.threads = run.share(sweep.plan, given, (system.cores()))
  if sweep.plan.stop and sweep.plan.stop.rule == "asha" then sweep.progress:note("asha: " .. require "lab.sweep.run.asha".timing) end
  local ok, err = stop.catch(run.run, sweep)
  if sweep.stopped and sweep.stopped ~= "error" then advise(sweep) end
  if not ok then error(err, 0) end
end

-- Carries out a plan (sweep/plan/plan.lua), or reads back what is known of it. Returns the Sweep.
--   given  { workers, threads = of all together, retry, fail_fast, profile }; all may be nil
function M.perform(plan, given)
  local sweep = M.look(plan, given)
  local ledger <close> = sweep.ledger
  sweep.progress = progress.new(sweep)
  ledger:tidy()
  if sweep.complete then sweep.progress:close()
  elseif store.read_only then
    options.fail(("%s: not all of its runs are in %s, and nothing is trained here"):format(plan.name, store.root()))
  else carry_out(sweep, given) end
  local value = results.of(sweep)
  output.runs_used = output.runs_used or {}
  for _, entry in ipairs(value.trials) do output.runs_used[#output.runs_used + 1] = entry.record end
  return value
end

-- What the dry run says of time: a sentence, from what finished runs took.
function M.estimate(plan, given)
  local sweep = M.look(plan, given)
  local ledger <close> = sweep.ledger
  local counts, seconds, n = progress.counts(sweep.jobs), 0, 0
  for _, job in ipairs(sweep.jobs) do
    if job.state == "done" and job.seconds then seconds, n = seconds + job.seconds, n + 1 end
  end
  local known = counts.reused + counts.failed + counts.diverged + counts.stopped
  local left = ("%d of %d runs are there already"):format(known, #sweep.jobs)
  if known == #sweep.jobs then return left end
  if n == 0 then return left .. "; how long one takes is not known yet" end
  local workers = run.share(plan, given, (system.cores()))
  return ("%s; the others take about %s, by the %d that are done"):format(left,
    require "lab.util.progress_line".clock_time((#sweep.jobs - known) * seconds / n / workers), n)
end

return M
