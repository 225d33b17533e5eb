-- command.lua: the part of `setlab sweep` that is about clusters: --slurm and --plan.

local arguments = require "lab.util.arguments"
local cluster = require "lab.cluster"
local keys = require "lab.sweep.plan.keys"
local perform = require "lab.sweep.perform"
local progress = require "lab.sweep.run.progress"
local tree = require "lab.sweep.plan.tree"

local M = {}

local WHERE = "setlab sweep"

M.flags = {
  slurm = { help = "Submit a job array to Slurm, whose tasks carry out the runs that are left; run nothing here. Once nothing is left, print who is best." },
  sbatch = { value = "OPTION", repeated = true, help = "An option of sbatch's for the tasks, such as --sbatch=--time=01:00:00; again for further ones." },
  plan = { help = "Write the plan of tasks for 'setlab farm' or 'setlab task', and print its path; run nothing." },
  task_minutes = { value = "MINUTES", kind = "number", min = 0, max = 1e6, help = "How long a task is to take at least; shorter runs share one. Default: 10." },
  run_time = { value = "90s", help = "How long a run takes. Default: what those that are done took." },
  notice = { value = "SECONDS", kind = "integer", min = 1, max = 65535,
    help = "How long before its time limit a task saves its runs and goes back into the queue. Default: 120." },
}

M.help = [[
ON A CLUSTER
       --slurm writes a plan, which run belongs to which task, and a batch script into the
       sweep's folder, and submits them as a job array. Each of its tasks is 'setlab task',
       which see. Runs that are shorter than ten minutes share a task. The same command
       again submits what is left and was not finished, unless the array is still queued or
       running; without --slurm the rest is carried out here. The current folder has to be
       on a file system that all machines see. In a task --workers (default: 1) counts runs
       at a time, and --threads the processors that are asked for. With --dry-run the batch
       script is printed, and nothing is written.

       Rules of early stopping compare runs that are under way, and so belong to a sweep on
       one machine.]]

local function usage(format, ...) arguments.fail(WHERE, format:format(...)) end

-- Checks what does not go together. Returns whether this is about a cluster.
function M.is_asked(opts)
  if opts.slurm and opts.plan then usage "--slurm and --plan cannot be combined: --slurm writes a plan of its own" end
  if opts.slurm or opts.plan then
    if opts.fail_fast then usage "--fail-fast is for runs on this machine" end
    for _, text in ipairs(opts.sbatch or {}) do
      if not text:find "^%-" or text:find "%c" then usage("--sbatch takes an option of sbatch's, such as --sbatch=--time=01:00:00, not '%s'", text) end
    end
    if opts.plan and opts.sbatch then usage "--sbatch is for --slurm" end
    return true
  end
  for _, name in ipairs { "sbatch", "task_minutes", "run_time", "notice" } do
    if opts[name] ~= nil then usage("--%s is for --slurm and --plan", (name:gsub("_", "-"))) end
  end
  return false
end

-- What the flags say, for lab.cluster. Raises a problem.
function M.read(opts)
  local text = opts.run_time
  return { workers = opts.workers, threads = opts.threads, notice = opts.notice, minutes = opts.task_minutes,
    run_time = text and keys.duration(tree.scalar("--run-time", tonumber(text) or text, text)) }
end

-- Raises a problem if the plan cannot be shared out.
function M.check(plan)
  local rule = plan.stop and plan.stop.rule or "none"
  if rule == "none" then return end
  tree.fail({ place = plan.origin or "--stop" }, "the rule '%s' compares runs that are under way, which tasks on several machines cannot; with stop: none, or without --slurm", rule)
end

local function say(plan, format, ...) io.stderr:write(("%s: %s\n"):format(plan.name, format:format(...))) end

-- What is left, and what does not count here: sentences.
local function report(tasks, plan, sentence)
  return ("%d of %d runs are left, in %d task%s; %s"):format(tasks.left, tasks.all, #tasks.tasks, #tasks.tasks == 1 and "" or "s", sentence),
    plan.budget and plan.budget.seconds and "the budget's time is for sweeps on one machine; here the tasks' time limit counts" or nil
end

-- Plans, and submits if that was asked. Returns the exit status; or nil if nothing is left to submit.
local function share_out(sweep, given, opts)
  local tasks, sentence = cluster.plan(sweep, given)
  if not tasks then
    say(sweep.plan, "no run is left, and nothing is %s", opts.slurm and "submitted" or "planned")
    return opts.plan and 0 or nil
  end
  if opts.dry_run then
    io.stdout:write(opts.slurm and cluster.script(tasks, opts.sbatch or {}) or "")
    for _, text in ipairs { report(tasks, sweep.plan, sentence) } do say(sweep.plan, "%s", text) end
    return 0
  end
  local held, busy = sweep.ledger:claim()
  if not held then error(("%s: %s"):format(sweep.plan.name, busy), 0) end
  local id = cluster.queued(sweep)
  if id then
    say(sweep.plan, "job %s is still active (squeue -j %s), so nothing else is submitted: %s", id, id, progress.count_text(progress.counts(sweep.jobs)))
    return 0
  end
  for _, text in ipairs { report(tasks, sweep.plan, sentence) } do say(sweep.plan, "%s", text) end
  if opts.plan then
    print(cluster.write(tasks))
    return 0
  end
  local array, why = cluster.submit(tasks, opts.sbatch or {})
  if not array then error(("%s: nothing is submitted: %s"):format(sweep.plan.name, why), 0) end
  say(sweep.plan, "submitted as job %s; what its tasks print is in %s/task-*.log", array, tasks.folder)
  print(array)
  return 0
end

-- Shares out what is left of a plan (sweep/plan/plan.lua). Returns the exit status; or nil if nothing is left.
--   given  options of look in sweep/perform.lua;  more  of M.read
function M.run(plan, given, more, opts)
  local sweep = perform.look(plan, given)
  local ledger <close> = sweep.ledger
  return share_out(sweep, more, opts)
end

return M
