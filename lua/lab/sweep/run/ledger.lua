-- ledger.lua: what a sweep knows of its runs, so that asking a second time starts no process.
--
-- runs/sweeps/<hash of the plan>/ledger.csv has a row for every run: which folder it has, how it ended,
-- and why. Only the script itself knows a run's key, so a row holds for as long as nothing changed that
-- the script could see: its text, the program, and what it read from outside (script/reads.lua). A row
-- that no longer holds costs a start of the script, which finds its run in the store, and no more.
--
-- Tasks on a cluster cannot append to one file: each of them writes the row of a run that has ended to a
-- file of the run's own (cluster/claims.lua), and the row counts here as long as it is the newer one.
--
-- What the processes of its jobs report is in the folder's `units`, as those of a cluster's tasks are in
-- `cluster/units`. A job was called a unit once: folders keep the name, since rows of old ones still count.

local canonical = require "lab.run.canonical"
local csv = require "lab.util.csv"
local facts = require "lab.run.machine"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local jobs = require "lab.sweep.run.jobs"
local json = require "lab.util.json"
local reads = require "lab.script.reads"
local resume = require "lab.run.resume"
local store = require "lab.run.store"
local values = require "lab.sweep.plan.values"

local M = {}

local columns = { "trial", "seed", "status", "epoch", "epochs", "seconds", "key", "hash", "guard", "reason", "inputs" }

-- The folder of a sweep: its name stands for the trials, and where runs are stopped on the way for the
-- rule that stops them.
function M.folder(plan, profile)
  local list, rule = {}, plan.stop and plan.stop.rule or "none"
  for i, t in ipairs(plan.trials) do list[i] = { t.index or i, t.params } end
  local decides = { plan.script, list, plan.seeds, plan.seed_parameter or false, profile or false }
  if rule ~= "none" then decides[6] = { plan.stop, plan.objective } end
  return ("%s/sweeps/%s"):format(store.root(), canonical.write(decides, "plan").hash:sub(1, 12))
end

-- What a row's answer rests on beside what the script read.
local function guard_of(script_hash, profile)
  return hash.xxh128(table.concat({ script_hash, hash.results_version, facts.build, profile or "", os.getenv "SETLAB_DATA" or "" }, "\0")):sub(1, 12)
end

local function same_inputs(text, known)
  text = tostring(text)
  if known[text] == nil then
    local record = json.decode(text)
    known[text] = record ~= nil and reads.changed(record) == nil
  end
  return known[text]
end

local Ledger = {}
Ledger.__index = Ledger

local function take_finished(job, row)
  job.key, job.hash = row.key, row.hash
  local result = row.key and row.hash and store.inspect(store.path(row.key), row.hash)
  if not result then return false end
  resume.tidy(store.path(row.key), result.checkpoint == "kept")   -- its process may have been killed before it could
  job.state, job.why, job.seconds, job.reused = result.status, result.message, result.seconds, true
  job.epoch, job.epochs = row.epoch, row.epochs
  if row.status ~= result.status then jobs.read_rows(job) end   -- the run went on after the row was written
  return true
end

-- A row's answer becomes the job's. Returns true if nothing is left to do for it.
local function take(job, row, retry)
  if take_finished(job, row) then
    if row.status == "pruned" then job.pruned = { epoch = row.epoch, reason = row.reason } end
    return true
  end
  if row.status == "failed" then
    if retry or row.key and not fs.stat(store.path(row.key)) then return false end
    job.state, job.why, job.reused = "failed", row.reason, true
    return true
  end
  local left = row.key and (row.status == "pruned" or row.status == "paused") and fs.stat(store.path(row.key))
  if left then
    job.state, job.epochs, job.reused = "paused", row.epochs, true
    jobs.read_rows(job)
  else job.key = nil end
  if row.status ~= "pruned" or row.key and not left then return false end
  job.pruned = { epoch = row.epoch, reason = row.reason }
  return true
end

local function id_of(trial_index, seed) return ("%s %s"):format(trial_index, jobs.text(seed)) end

-- The rows that are written, by trial and seed.
local function read_rows(path)
  local known, ledger = {}, fs.stat(path .. "/ledger.csv")
  local function add(file)
    for _, row in ipairs((csv.rows(fs.read_file(file) or ""))) do known[id_of(row.trial, row.seed)] = row end
  end
  add(path .. "/ledger.csv")
  for _, name in ipairs(fs.list(path .. "/cluster/units") or {}) do
    local file = path .. "/cluster/units/" .. name
    local found = name:find "%.csv$" and fs.stat(file)
    if found and not (ledger and found.mtime_ns < ledger.mtime_ns) then add(file) end
  end
  return known
end

-- How a job's end reads in the ledger and in the results.
function M.status(job)
  if job.state == "failed" or job.state == "diverged" then return job.state end
  if job.pruned then return "pruned" end
  return job.state
end

-- Fills in what the ledger knows of the jobs. Returns true if it knows the end of all of them, and the decisions are there: a
-- sweep that was killed between the end of its last run and the writing of it goes on, and writes it.
--   retry  failed runs are to be run again
function Ledger:recall(all, retry)
  local known, compared = read_rows(self.path), {}
  local complete = not self.decides or store.read_only or fs.stat(self.path .. "/decisions.csv") ~= nil
  for _, job in ipairs(all) do
    local row = known[id_of(job.trial.index, job.seed)]
    local holds = row and row.guard == self.guard and same_inputs(row.inputs, compared)
    if holds then job.inputs, job.guard = row.inputs, row.guard end
    complete = holds and take(job, row, retry) and (store.read_only or row.status == M.status(job)) and complete
  end
  if not complete then for _, job in ipairs(all) do job.pruned = nil end end
  return complete
end

local function line_of(job)
  local status = M.status(job)
  local epoch = job.pruned and job.pruned.epoch or job.rows and values.epoch(job) or job.epoch
  local facts = { trial = job.trial.index, seed = job.seed, status = status, epoch = epoch,
    epochs = job.epochs, seconds = job.seconds, key = job.key, hash = job.hash, guard = job.guard,
    reason = job.pruned and status == "pruned" and job.pruned.reason or job.why, inputs = job.inputs }
  local line = {}
  for i, column in ipairs(columns) do line[i] = facts[column] end
  return csv.line(line, #columns)
end

-- A ledger of one job, as text.
function M.row_text(job) return csv.line(columns) .. line_of(job) end

-- Adds what is new of a job; a later row counts.
function Ledger:add(job)
  if not self.file then
    self.file = assert(fs.appender(self.path .. "/ledger.csv"))
    if fs.stat(self.path .. "/ledger.csv").size == 0 then self.file:write(csv.line(columns)) end
  end
  self.file:write(line_of(job))
end

-- All that is known, one row a job, in the order of the plan; and the decisions.
function Ledger:write(all, decisions)
  if self.file then self.file:close() end
  self.file = nil
  local lines = { csv.line(columns) }
  for _, job in ipairs(all) do if job.state ~= "waiting" or job.pruned then lines[#lines + 1] = line_of(job) end end
  store.check(fs.write_file(self.path .. "/ledger.csv", table.concat(lines)))
  if not decisions then return end
  local names = { "rule", "rung", "epoch", "trial", "seed", "value", "threshold", "decision", "reason" }
  lines = { csv.line(names) }
  for _, decision in ipairs(decisions) do
    local line = {}
    for i, name in ipairs(names) do line[i] = decision[name] end
    lines[#lines + 1] = csv.line(line, #names)
  end
  store.check(fs.write_file(self.path .. "/decisions.csv", table.concat(lines)))
end

-- The script that a child ran, by its hash, and what it opened.
function Ledger:vouch(job, report)
  job.guard, job.inputs = guard_of(report.script or "", self.profile), report.inputs
end
M.vouch = Ledger.vouch

-- The ledger of a sweep, whether or not there is one yet. script_text: of its script now.
function M.open(plan, script_text, profile)
  return setmetatable({ path = M.folder(plan, profile), profile = profile, guard = guard_of(hash.xxh128(script_text), profile),
    decides = plan.stop and plan.stop.rule ~= "none" }, Ledger)
end

-- Makes the folder. One process at a time runs a sweep: returns nil and a sentence if another one does.
function Ledger:claim()
  store.check(fs.mkdirs(self.path .. "/units"))
  local lock, why, held = store.lock(self.path .. "/LOCK")
  self.lock = lock
  return lock, held and ("%s is running this sweep (%s)"):format(store.holder(self.path), self.path) or why
end

-- Removes what a killed sweep left half written, unless another process runs this one now.
function Ledger:tidy()
  local strays = store.left_over(self.path, self.path .. "/units")
  local lock = #strays > 0 and not store.read_only and store.lock(self.path .. "/LOCK")
  if not lock then return end
  for _, path in ipairs(strays) do fs.remove(path) end
  lock:release()
end

function Ledger:close()
  if self.file then self.file:close() end
  if self.lock then self.lock:release() end
  self.file, self.lock = nil, nil
end
Ledger.__close = Ledger.close

return M
