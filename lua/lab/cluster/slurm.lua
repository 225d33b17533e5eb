-- slurm.lua: what is said to Slurm, and what it answers: sbatch, squeue, scontrol. A job here is one of
-- Slurm's, not one run of a sweep.

local process = require "lab.util.process"

local M = {}

-- Runs a program of Slurm's. Returns what it prints; or nil and a sentence.
local function ask(argv)
  local result, why = process.run { argv = argv, timeout_seconds = 120 }
  if not result then return nil, ("%s cannot be run: %s"):format(argv[1], why) end
  if result.status == 0 then return result.out end
  local said = (result.err .. result.out):match "[^\n]+"
  return nil, ("%s: %s"):format(argv[1], said or result.timed_out and "no answer in two minutes" or "it failed, and does not say why")
end

-- A text as one word of a #SBATCH line.
local function word(text) return text:find "[%s\"'#\\]" and '"' .. text:gsub('[\\"]', "\\%0") .. '"' or text end

-- The batch script of a job array. The task takes the place of the shell, and so gets the signal that
-- precedes the time limit.
--   job  { name, program, plan = path, directory, folder = absolute, for what the tasks print, tasks = how
--        many, notice = seconds, threads or nil, options = array of #SBATCH lines of the user's, who has
--        the last word }
function M.script(job)
  local lines = { "#!/bin/sh" }
  local function line(format, ...) lines[#lines + 1] = "#SBATCH " .. format:format(...) end
  line("--job-name=%s", (job.name:gsub("[^%w_.-]+", "-")))
  line("--array=1-%d", job.tasks)
  line("--chdir=%s", word(job.directory))
  line("--output=%s", word((job.folder:gsub("%%", "%%%%")) .. "/task-%a.log"))
  line "--open-mode=append"
  line "--requeue"
  line("--signal=B:USR1@%d", job.notice)
  if job.threads then line("--cpus-per-task=%d", job.threads) end
  for _, text in ipairs(job.options) do line("%s", text) end
  lines[#lines + 1] = ("exec %s task %s \"$SLURM_ARRAY_TASK_ID\""):format(process.quote(job.program), process.quote(job.plan))
  return table.concat(lines, "\n") .. "\n"
end

-- Submits a batch script. Returns the job's number as text; or nil and a sentence.
function M.submit(path)
  local out, why = ask { "sbatch", "--parsable", path }
  if not out then return nil, why end
  local id = out:match "^(%d+)"
  if not id then return nil, ("sbatch: a job number is expected, not '%s'"):format(out:match "[^\n]*") end
  return id
end

-- Is anything of the job queued or running? Unknown jobs, and an unknown squeue, say no.
function M.is_queued(id)
  local out = ask { "squeue", "--noheader", "--jobs=" .. id }
  return out ~= nil and out:find "%S" ~= nil
end

-- The job that this process is; nil if it is none.
function M.own_job()
  local array, task = os.getenv "SLURM_ARRAY_JOB_ID", os.getenv "SLURM_ARRAY_TASK_ID"
  return array and task and array .. "_" .. task or os.getenv "SLURM_JOB_ID"
end

-- Puts a job back into the queue. Returns true; or nil and a sentence. The job is ended at once, which
-- may come before the answer.
function M.requeue(id)
  local out, why = ask { "scontrol", "requeue", id }
  return out and true, why
end

return M
