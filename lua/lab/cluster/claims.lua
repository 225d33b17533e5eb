-- claims.lua: what tasks on several machines know about a sweep's runs, and which task works on which run.
--
-- All of it is files in runs/sweeps/<hash>/cluster/units, four for a job, so that no file has two
-- writers at a time and none is appended to from two machines:
--
--   <trial>-<seed>.lock   locked by the task that works at the run; others leave it alone
--   <trial>-<seed>.yaml   what the run's process reports (run/trial.lua); .log is what it prints
--   <trial>-<seed>.csv    how the run ended: a ledger of one row, written once, by rename
--
-- These locks spare a task the start of a script whose run is taken. That no run is made twice is up to
-- the lock in the run's own folder (run/store.lua), whoever asks for it.
--
-- Both are flock's, and have to hold between machines. On NFS they do: Linux makes of them locks of the
-- server, and drops them when the machine that held them is found to be gone. Lustre has to be mounted with
-- the option flock; with localflock they hold within one machine only, and without either locking fails,
-- which is reported. An array's tasks have different runs, so they never depend on it; a farm does.

local csv = require "lab.util.csv"
local fs = require "lab.c.fs"
local jobs = require "lab.sweep.run.jobs"
local ledgers = require "lab.sweep.run.ledger"
local store = require "lab.run.store"
local values = require "lab.sweep.plan.values"
local yaml = require "lab.util.yaml"

local M = {}

-- A run that is to be done again: what was known about its end is forgotten.
function M.forget(path, job)
  local file = jobs.file(path, job, ".csv")
  if fs.stat(file) then store.check(fs.remove(file)) end
end

local Rows = {}
Rows.__index = Rows

-- Is the run over, whoever made it? Fills in how, if it is.
function Rows:recall(job)
  local row = csv.rows(fs.read_file(jobs.file(self.path, job, ".csv")) or "")[1]
  if not row or not values.over[row.status] then return false end
  job.state, job.why, job.key, job.hash, job.seconds, job.reused = row.status, row.reason, row.key, row.hash, row.seconds, true
  return true
end

-- When the checkpoint was saved that a job goes on from; nil if there is none.
function M.saved(job)
  local found = job.key and fs.stat(jobs.path(job) .. "/checkpoint.npz")
  return found and found.mtime_ns
end

-- Takes a job for this process. Returns true; or false if it is over, or another one works at it.
function Rows:claim(job)
  if self:recall(job) then return false end
  local lock, why, held = store.lock(jobs.file(self.path, job, ".lock"))
  if not lock and not held then store.fail(why) end
  if not lock then return false end
  if self:recall(job) then  -- it ended while we asked
    lock:release()
    return false
  end
  self.locks[job] = lock
  local report = yaml.read(fs.read_file(jobs.file(self.path, job, ".yaml")) or "") or {}
  job.key = job.key or report.key  -- of an earlier attempt
  job.saved = M.saved(job)
  return true
end

-- Another one may have the job.
function Rows:release(job)
  if self.locks[job] then self.locks[job]:release() end
  self.locks[job] = nil
end

-- Does anybody work at the job?
function Rows:is_held(job)
  local lock, _, held = fs.lock(jobs.file(self.path, job, ".lock"))
  if lock then lock:release() end
  return held ~= nil
end

-- What the loop of a sweep asks of its ledger (sweep/run/ledger.lua).

Rows.vouch = ledgers.vouch

function Rows:add(job)
  if values.over[job.state] then store.check(fs.write_file(jobs.file(self.path, job, ".csv"), ledgers.row_text(job))) end
end

function Rows:write() for job in pairs(self.locks) do self:release(job) end end

-- What is known in a folder; profile: of the script's parameters, or nil.
function M.open(path, profile) return setmetatable({ path = path, profile = profile, locks = {} }, Rows) end

return M
