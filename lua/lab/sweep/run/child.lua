-- child.lua: one run of a sweep as a process: how it is started, and what became of it.
--
-- The child is `setlab run --trial=FILE` (run/trial.lua): it says in FILE which run it makes and how that
-- ended. What it prints is kept beside it. A child that says nothing, because it was killed, is
-- started once more; its run goes on from its checkpoint.

local fs = require "lab.c.fs"
local data_sets = require "lab.data.sets"
local jobs = require "lab.sweep.run.jobs"
local options = require "lab.util.options"
local run = require "lab.run.run"
local store = require "lab.run.store"
local values = require "lab.sweep.plan.values"
local yaml = require "lab.util.yaml"

local M = { deaths_allowed = 1, busy_pause = 0.5 }

local function file_of(sweep, job, ending) return jobs.file(sweep.ledger.path, job, ending) end

-- Starts the job; it may run to `epoch`, or to its end.
function M.start(sweep, job, epoch)
  os.remove(file_of(sweep, job, ".yaml"))
  local words = { "run", "--trial=" .. file_of(sweep, job, ".yaml"), "--threads=" .. sweep.threads, "--progress=none",
    "--runs=" .. store.root(), ("--monitor=%s"):format(run.monitor_interval) }
  if sweep.profile then words[#words + 1] = "--profile=" .. sweep.profile end
  if epoch < math.huge then words[#words + 1] = "--until=" .. epoch end
  for _, word in ipairs(jobs.words(job)) do words[#words + 1] = word end
  words[#words + 1] = "--"
  words[#words + 1] = sweep.plan.script
  job.begun = nil
  job.stopping, job.state, job.began, job.until_ = nil, "running", sweep.clock(), epoch
  job.began_at = values.epoch(job)
  local id, why = sweep.pool:start(words, file_of(sweep, job, ".log"))
  if not id then
    job.state = "waiting"
    store.fail(why)
  end
  sweep.running[id], job.id = job, id
end

local function read_report(sweep, job)
  local text = fs.read_file(file_of(sweep, job, ".yaml"))
  local report = text and yaml.read(text) or {}
  if report.key then job.key, job.hash = report.key, report.hash end
  job.epochs, job.begun = report.epochs or job.epochs, report.begun
  return report
end

-- What is new of a job that runs. Returns true if it logged rows. Until it has begun, its folder may hold
-- the rows of a run that is about to be trained again.
function M.look(sweep, job)
  if not job.begun or not job.epochs then read_report(sweep, job) end
  return job.begun and jobs.read_rows(job)
end

-- The last line that the child printed.
local function last_words(sweep, job)
  local text = fs.read_file(file_of(sweep, job, ".log")) or ""
  return text:match "([^\n]+)%s*$"
end

local function ended_how(ended)
  return ended.signal and ("ended by signal %d"):format(ended.signal) or ("ended with status %d"):format(ended.status or -1)
end

-- A child that ended without a word of its run's end.
local function lost(sweep, job, ended)
  if job.stopping then
    job.state = job.key and "paused" or "waiting"
    return
  end
  job.deaths = job.deaths + 1
  if (ended.signal or ended.status == 130) and job.deaths <= M.deaths_allowed then
    job.state = job.key and "paused" or "waiting"
    sweep.progress:note(("%s: its process %s; it is started again"):format(job.label, ended_how(ended)))
  else
    local said = not ended.signal and last_words(sweep, job)
    job.state, job.why = "failed", ("its process %s%s"):format(ended_how(ended), said and ": " .. said or "")
  end
end

local function paused(sweep, job, report)
  job.state = "paused"
  if values.epoch(job) < job.until_ and job.until_ < math.huge then
    job.state, job.why = "failed", "it paused without having logged a row for its epochs with run:log"
  elseif not report.checkpoint and not sweep.noted_anew then
    sweep.noted_anew = true
    sweep.progress:note "the script saves no checkpoint (net:epochs { checkpoint = ... }), so a paused run starts over"
  end
end

local function busy(sweep, job, report)
  job.state, job.not_before = "waiting", sweep.clock() + M.busy_pause
  if job.noted_busy then return end
  job.noted_busy = true
  sweep.progress:note(("%s waits: %s"):format(job.label, report.why or "another process works on it"))
end

-- The script has nothing to learn from: the data set is not on this machine. Nor will the next run.
local function absent(report)
  data_sets.absent = report.absent
  options.fail(report.absent)
end

-- The child of a job has ended: the job's state says how. `ended` is from pool:wait.
function M.collect(sweep, job, ended)
  local report = read_report(sweep, job)
  job.wall = job.wall + sweep.clock() - job.began
  job.id, job.why, job.reused = nil, report.why, report.reused or false
  jobs.read_rows(job)
  if report.script then sweep.ledger:vouch(job, report) end
  local result = job.key and store.read(jobs.path(job), "result.yaml")
  job.seconds = result and result.seconds
  if report.absent then absent(report) end
  if report.status == "busy" then busy(sweep, job, report)
  elseif report.status == "paused" then paused(sweep, job, report)
  elseif values.over[report.status] then job.state = report.status
  else lost(sweep, job, ended) end
  if report.after and job.state == "done" and not sweep.noted_after then
    sweep.noted_after = true
    sweep.progress:note(("%s: the script failed after its run: %s"):format(job.label, report.after))
  end
end

return M
