-- jobs.lua: the jobs of a plan: every trial with every seed, each one run and one process.

local fs = require "lab.c.fs"
local csv = require "lab.util.csv"
local number = require "lab.util.number"
local options = require "lab.util.options"
local store = require "lab.run.store"
local yaml = require "lab.util.yaml"

local M = {}

-- A parameter's value as the command line takes it.
function M.text(v)
  if type(v) == "number" then return number.text(v) end
  if type(v) ~= "table" then return tostring(v) end
  local items = {}
  for i, item in ipairs(v) do items[i] = M.text(item) end
  return table.concat(items, ",")
end

-- A file of a job in the folder of a sweep.
function M.file(folder, job, ending) return ("%s/units/%d-%s%s"):format(folder, job.trial.index, M.text(job.seed), ending) end

local function job_of(plan, trial, place, seed)
  local job = { trial = trial, seed = seed, seed_index = place, state = "waiting", params = {}, deaths = 0, wall = 0 }
  for name, v in pairs(trial.params) do job.params[name] = v end
  if plan.seed_parameter then job.params[plan.seed_parameter] = seed end
  local parts = {}
  for i, name in ipairs(options.sorted_keys(job.params)) do parts[i] = name .. "=" .. M.text(job.params[name]) end
  job.name = #parts > 0 and table.concat(parts, " ") or plan.name
  job.label = #plan.seeds > 1 and ("trial %d seed %s"):format(trial.index, M.text(seed)) or ("trial %d"):format(trial.index)
  return job
end

-- The parameters that are not the same in all trials, sorted.
function M.varied(trials)
  local first, names = {}, {}
  for i, trial in ipairs(trials) do
    for name, v in pairs(trial.params) do
      local text = M.text(v)
      if i == 1 then first[name] = text end
      if first[name] ~= text then names[name] = true end
    end
    for name in pairs(first) do if trial.params[name] == nil then names[name] = true end end
  end
  return options.sorted_keys(names)
end

-- The trials as { index, params, jobs = one a seed }, and all jobs in the order in which they start.
function M.of(plan)
  local trials, jobs = {}, {}
  for i, planned in ipairs(plan.trials) do
    local trial = { index = planned.index or i, params = planned.params, jobs = {} }
    trials[i] = trial
    for place, seed in ipairs(plan.seeds) do
      trial.jobs[place] = job_of(plan, trial, place, seed)
      jobs[#jobs + 1] = trial.jobs[place]
    end
  end
  local varied = M.varied(trials)
  for _, job in ipairs(jobs) do
    local parts = {}
    for _, name in ipairs(varied) do if job.params[name] ~= nil then parts[#parts + 1] = name .. "=" .. M.text(job.params[name]) end end
    job.differs = table.concat(parts, " ")
  end
  return trials, jobs
end

-- The words that set a job's parameters.
function M.words(job)
  local words = {}
  for i, name in ipairs(options.sorted_keys(job.params)) do words[i] = name .. "=" .. M.text(job.params[name]) end
  return words
end

function M.path(job) return job.key and store.path(job.key) end

-- Reads the rows that the job has logged, if there are new ones. Returns true if there were.
function M.read_rows(job)
  local path = M.path(job)
  local file = path and path .. "/metrics.csv"
  local found = file and fs.stat(file)
  local stamp = found and ("%d %d"):format(found.size, found.mtime_ns)
  if not found or stamp == job.rows_stamp then return false end
  job.rows_stamp, job.rows = stamp, csv.rows(fs.read_file(file) or "")
  return true
end

-- How much of the job is done, from 0 to 1, as far as that is known.
function M.share(job, epoch)
  if job.state == "done" or job.state == "diverged" or job.state == "failed" then return 1 end
  return job.epochs and math.min(1, epoch / job.epochs) or 0
end

-- Writes into a stopped run's folder that the sweep gave it up; a finished one stays what it is, and one
-- at which another process works is that one's.
function M.mark_pruned(job, plan)
  local path = M.path(job)
  local meta = path and store.read(path, "meta.yaml")
  if not meta or meta.status == "pruned" or store.finished[meta.status] then return end
  local lock = store.lock(path .. "/LOCK")
  if not lock then return end
  for _, left in ipairs(store.left_over(path)) do fs.remove(left) end
  meta.status, meta.message, meta.sweep = "pruned", job.pruned.reason, plan.name
  if not store.read(path, "result.yaml") then fs.write_file(path .. "/meta.yaml", yaml.write(meta)) end
  lock:release()
end

return M
