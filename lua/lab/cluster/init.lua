-- cluster/init.lua: `setlab sweep --slurm` and `--plan`: the runs that are left, shared out among tasks.
--
-- A task is some runs, one after the other, so that each takes ten minutes or more: the queue costs a short
-- task more than its work. What a run takes is known from those that are done. Nothing is trained here.

local cluster_plan = require "lab.cluster.plan"
local cluster_rows = require "lab.cluster.claims"
local fs = require "lab.c.fs"
local line = require "lab.util.progress_line"
local session = require "lab.script.session"
local process = require "lab.util.process"
local slurm = require "lab.cluster.slurm"
local statistics = require "lab.util.statistics"
local store = require "lab.run.store"
local yaml = require "lab.util.yaml"

local M = { notice = 120, minutes = 10, most_tasks = 1000 }  -- Slurm's arrays end at 1000, unless a site says otherwise

-- ---- tasks ------------------------------------------------------------------------------

-- Seconds of the sweep's own runs that are done; or else of all runs in the store of the same script.
local function known_seconds(sweep, text)
  local own, all = {}, {}
  for _, job in ipairs(sweep.jobs) do if job.state == "done" then own[#own + 1] = job.seconds end end
  if #own > 0 then return own, ("by the %d that %s done"):format(#own, #own == 1 and "is" or "are") end
  for _, key in ipairs(store.keys()) do
    local path = store.path(key)
    local result = fs.read_file(path .. "/script.lua") == text and store.read(path, "result.yaml")
    if result and result.status == "done" then all[#all + 1] = result.seconds end
  end
  return all, ("by the %d of this script in %s"):format(#all, store.root())
end

-- How long a run takes: seconds or nil, and a sentence.
function M.estimate(sweep, text, given)
  if given.run_time then return given.run_time, ("a run takes about %s, as --run-time says"):format(line.clock_time(given.run_time)) end
  local list, source = known_seconds(sweep, text)
  local seconds = statistics.fold(list, "mean")
  if not seconds then return nil, "how long a run takes is not known yet (give --run-time), so each run is a task of its own" end
  return seconds, ("a run takes about %s, %s"):format(line.clock_time(seconds), source)
end

-- The jobs as tasks of at least so many minutes, of equal sizes but for one run.
--   seconds  what a run takes, or nil; workers  runs at a time in a task
function M.group(jobs, seconds, minutes, workers)
  local each = seconds and math.ceil(math.min(60 * minutes * workers / math.max(seconds, 1e-3), #jobs)) or 1
  each = math.max(each, math.ceil(#jobs / M.most_tasks), 1)
  local n, tasks = math.max(1, #jobs // each), {}
  for i = 1, n do
    local first, last = (i - 1) * #jobs // n + 1, i * #jobs // n
    tasks[i] = table.move(jobs, first, last, 1, {})
  end
  return tasks
end

-- ---- the plan ---------------------------------------------------------------------------

local function absolute(path, directory) return path:sub(1, 1) == "/" and path or directory .. "/" .. path end

-- What is left of a sweep, as a plan for write in cluster/plan.lua; nil if nothing is. Second: sentences about it.
--   sweep  of look in sweep/perform.lua
--   given  { workers, threads, notice, minutes, run_time }
function M.plan(sweep, given)
  local left = {}
  for _, job in ipairs(sweep.jobs) do
    if job.state == "waiting" or job.state == "paused" then left[#left + 1] = job end
  end
  if #left == 0 then return nil end
  local text, workers = session.read_script(sweep.plan.script), given.workers or 1
  local seconds, sentence = M.estimate(sweep, text, given)
  local directory = process.first_line "pwd"
  return {
    name = sweep.plan.name, folder = sweep.ledger.path .. "/cluster", directory = directory, script = sweep.plan.script, script_text = text,
    runs = store.root(), notice = given.notice or M.notice, workers = workers, threads = given.threads, profile = sweep.profile,
    tasks = M.group(left, seconds, given.minutes or M.minutes, workers), left = #left, all = #sweep.jobs,
  }, sentence
end

-- Writes the plan; what was known of its runs' ends is forgotten. Returns its path.
function M.write(plan)
  store.check(fs.mkdirs(plan.folder .. "/units"))
  for _, task in ipairs(plan.tasks) do for _, job in ipairs(task) do cluster_rows.forget(plan.folder, job) end end
  return cluster_plan.write(plan)
end

-- ---- Slurm ------------------------------------------------------------------------------

-- The batch script of a plan.
function M.script(plan, options)
  return slurm.script { name = plan.name, program = process.first_line(("readlink /proc/%d/exe"):format(fs.pid())) or "setlab",
    plan = plan.folder .. "/plan.yaml", directory = plan.directory, folder = absolute(plan.folder, plan.directory),
    tasks = #plan.tasks, notice = plan.notice, threads = plan.threads, options = options }
end

-- The number of the sweep's job array, if that is still queued or running, or nil.
function M.queued(sweep)
  local array = store.read(sweep.ledger.path .. "/cluster", "job.yaml")
  return array and slurm.is_queued(array.job) and array.job or nil
end

-- Writes plan and batch script and submits them. Returns the array's number; or nil and a sentence.
function M.submit(plan, options)
  M.write(plan)
  local script = plan.folder .. "/job.sh"
  store.check(fs.write_file(script, M.script(plan, options)))
  local id, why = slurm.submit(script)
  if id then store.check(fs.write_file(plan.folder .. "/job.yaml", yaml.write { job = id, submitted = fs.now(), tasks = #plan.tasks })) end
  return id, why
end

return M
