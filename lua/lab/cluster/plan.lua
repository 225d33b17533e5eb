-- plan.lua: the file that says which runs of a sweep belong to which task of a cluster.
--
-- `setlab sweep FILE --slurm` writes it, `setlab task` and `setlab farm` read it, on whichever machine:
--
--   format: 1
--   name: study
--   folder: runs/sweeps/<hash>/cluster     here the tasks leave what they know (cluster/claims.lua)
--   directory: /home/me/project            where they are to be started
--   script: study.lua
--   script_hash: <32 digits>               of its text: nobody trains what was not asked for
--   runs: runs                             the folder of runs
--   notice: 120                            seconds from SIGUSR1 to the end of a task
--   workers: 1                             runs at a time in a task
--   threads: 4                             of all of them together; optional
--   profile: quick                         optional
--   tasks:
--     1:
--       - {trial: 1, seed: 1, set: [seed=1, zeta=0.1]}
--
-- Errors in it are reported with file, line and column, since people edit files that they can read.

local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local jobs = require "lab.sweep.run.jobs"
local session = require "lab.script.session"
local store = require "lab.run.store"
local tree = require "lab.sweep.plan.tree"
local yaml = require "lab.util.yaml"

local M = { format = 1 }

local head = [[
# Which runs belong to which task: `setlab task %s N` carries out task N,
# `mpirun setlab farm %s` all of them. Written by `setlab sweep`.
]]

-- ---- writing ----------------------------------------------------------------------------

local function job_line(job)
  local words = {}
  for i, word in ipairs(jobs.words(job)) do words[i] = yaml.scalar(word) end
  return ("    - {trial: %d, seed: %s, set: [%s]}"):format(job.trial.index, yaml.scalar(job.seed), table.concat(words, ", "))
end

-- Writes the plan to its folder's plan.yaml; returns that path.
--   plan  { name, folder, directory, script, script_text, runs, notice, workers, threads, profile,
--         tasks = arrays of jobs }
function M.write(plan)
  local path = plan.folder .. "/plan.yaml"
  local facts = { format = M.format, script_hash = hash.xxh128(plan.script_text) }
  for _, name in ipairs { "name", "folder", "directory", "script", "runs", "notice", "workers", "threads", "profile" } do facts[name] = plan[name] end
  local lines = { head:format(path, path) .. yaml.write(facts) .. "tasks:" }
  for i, task in ipairs(plan.tasks) do
    lines[#lines + 1] = ("  %d:"):format(i)
    for _, job in ipairs(task) do lines[#lines + 1] = job_line(job) end
  end
  store.check(fs.write_file(path, table.concat(lines, "\n") .. "\n"))
  return path
end

-- ---- reading ----------------------------------------------------------------------------

local names = { "directory", "folder", "format", "name", "notice", "profile", "runs", "script", "script_hash", "tasks", "threads", "workers" }

local function read_job(node)
  local fields = tree.fields(node, { "seed", "set", "trial" }, "a run such as {trial: 1, seed: 1, set: [zeta=0.1, seed=1]}")
  for _, name in ipairs { "seed", "set", "trial" } do
    if not fields[name] then tree.fail(node, "the key '%s' of this run is missing", name) end
  end
  local job = { trial = { index = tree.integer(fields.trial, "the number of a trial", 1) },
    seed = tree.integer(fields.seed, "a seed, a whole number,", 0, 2^53), params = {}, state = "waiting", deaths = 0, wall = 0 }
  if fields.set.kind ~= "list" then tree.expected(fields.set, "a list of words name=value") end
  for _, item in ipairs(fields.set.items) do
    local name, text = (item.kind == "text" and item.value or ""):match "^([%a_][%w_]*)=(.*)$"
    if not name then tree.expected(item, "a word name=value") end
    job.params[name] = text
  end
  job.name = table.concat(jobs.words(job), " ")
  job.label, job.differs = ("trial %d seed %d"):format(job.trial.index, job.seed), job.name
  return job
end

-- The tasks 1, 2, ...: arrays of jobs; no run stands twice.
local function read_tasks(node)
  if node.kind ~= "map" or #node.entries == 0 then tree.expected(node, "a map of tasks, from 1 on") end
  local tasks, seen = {}, {}
  for i, entry in ipairs(node.entries) do
    if entry.name ~= tostring(i) then tree.fail(entry.key, "task %d is expected here, not '%s'", i, entry.name) end
    tasks[i] = {}
    for j, item in ipairs(tree.items(entry.value, "a list of runs")) do
      local job = read_job(item)
      if seen[job.label] then tree.fail(item, "%s occurs here for the second time (first at %s)", job.label, seen[job.label]) end
      tasks[i][j], seen[job.label] = job, item.place
    end
  end
  return tasks
end

local function check_place(plan, fields)
  local function hint() return ("; the plan was made in %s, and is carried out there"):format(plan.directory) end
  if not fs.stat(plan.folder .. "/units") then tree.fail(fields.folder, "there is no folder '%s/units' here%s", plan.folder, hint()) end
  if not fs.stat(plan.script) then tree.fail(fields.script, "there is no script '%s' here%s", plan.script, hint()) end
  if hash.xxh128(session.read_script(plan.script)) ~= plan.script_hash then
    tree.fail(fields.script_hash, "%s has changed since this plan was made; `setlab sweep` makes a new one", plan.script)
  end
end

-- The plan of a file: what `write` took, and `path`. Raises a problem (sweep/plan/tree.lua) that says where
-- and what was expected.
function M.read(path)
  local root = require "lab.sweep.plan.yaml".read_long_file(path, "plan of tasks")
  local what = "a plan of tasks, as `setlab sweep FILE --slurm` writes it,"
  if root.kind ~= "map" then tree.expected(root, what) end
  local fields = tree.fields(root)
  if not fields.format or not fields.tasks then tree.fail(root, "%s is expected; the key '%s' is missing", what, fields.format and "tasks" or "format") end
  if fields.format.value ~= M.format then
    tree.fail(fields.format, "the format of this plan is %s, this program reads %d; let the same program write and read it", tree.show(fields.format.value), M.format)
  end
  fields = tree.fields(root, names)
  local plan = { path = path }
  for _, name in ipairs { "directory", "folder", "name", "runs", "script", "script_hash" } do
    if not fields[name] then tree.fail(root, "the key '%s' is missing", name) end
    plan[name] = fields[name].kind == "number" and fields[name].text or tree.text(fields[name])
  end
  plan.notice = fields.notice and tree.number(fields.notice, "a number of seconds", 1) or 120
  plan.workers = fields.workers and tree.integer(fields.workers, "a number of runs at a time", 1, 4096) or 1
  plan.threads = fields.threads and tree.integer(fields.threads, "a number of threads", 1, 4096)
  plan.profile = fields.profile and tree.text(fields.profile, "the name of a profile")
  plan.tasks, plan.tasks_at = read_tasks(fields.tasks), fields.tasks
  check_place(plan, fields)
  return plan
end

-- The jobs of the task whose number is `text`, and that number. Raises a problem if there is none.
function M.task(plan, text)
  local n = text:find "^%d+$" and math.tointeger(tonumber(text))
  if n and plan.tasks[n] then return plan.tasks[n], n end
  tree.fail(plan.tasks_at, "there is no task '%s'; a number from 1 to %d is expected", text, #plan.tasks)
end

return M
