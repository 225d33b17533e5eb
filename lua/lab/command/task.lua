-- task.lua: `setlab task PLAN INDEX`: what each task of a job array on a cluster executes.

local arguments = require "lab.util.arguments"
local cluster = require "lab.cluster.run"
local plans = require "lab.cluster.plan"
local shared = require "lab.command.flags"
local slurm = require "lab.cluster.slurm"
local system = require "lab.c.system"
local tree = require "lab.sweep.plan.tree"

local M = { name = "task", summary = "carry out one task of a sweep on a cluster" }

local WHERE = "setlab task"
local flags = { progress = shared.flags.progress, monitor = shared.flags.monitor }

M.help = [[
NAME
       setlab task - carry out one task of a sweep on a cluster

SYNOPSIS
       setlab task [OPTIONS] PLAN INDEX

DESCRIPTION
       Carries out the runs that belong to task INDEX of PLAN, a file that 'setlab sweep
       --slurm' or 'setlab sweep --plan' wrote, one process a run. A run that is over is
       left alone, one that was stopped goes on from its checkpoint, and one at which another
       process works is waited for. A run that fails does not keep the others from going on.
       It has to be started in the folder in which the plan was made.

       SIGUSR1 is a notice that time is nearly over, as Slurm's --signal=B:USR1@120 sends it:
       runs that save checkpoints come to the end of their epoch, are saved and stop; the
       others have until shortly before the end. Under Slurm the task then puts itself back
       into the queue (scontrol requeue), unless it has brought nothing forward: no run came
       to its end, and no checkpoint was saved. SIGTERM and Ctrl-C stop at once and tidily.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if no run of the task failed; 1 if one did, or if nothing was brought forward; 2 if
       the plan or the number was wrong; 75 after a notice, if runs are left to go on with;
       130 after Ctrl-C or SIGTERM.

EXAMPLES
       setlab task runs/sweeps/0123456789ab/cluster/plan.yaml 3]]

-- A notice came with runs left: back into the queue, if there is one.
local function go_on_later(name, outcome)
  local left = ("%s: the time is nearly over; %d run%s not finished"):format(name, outcome.left,
    outcome.left == 1 and " is" or "s are")
  if not outcome.moved then
    io.stderr:write(left, ", and no progress was saved: give a longer time limit, or checkpoints (net:epochs { checkpoint = ... })\n")
    return 1
  end
  local job = slurm.own_job()
  io.stderr:write(left, job and "; the task goes back into the queue\n" or "; the same task continues them\n")
  if not job then return cluster.again end
  local done, why = slurm.requeue(job)
  if not done then io.stderr:write(("%s: it could not be requeued: %s; `setlab sweep --slurm` submits what is left\n"):format(name, why)) end
  return cluster.again
end

function M.main(words)
  system.heed_notice()  -- first of all: until then it would end us
  local opts, given = arguments.parse(WHERE, { words, flags = flags })
  if #given ~= 2 then arguments.fail(WHERE, "a plan and the number of a task are expected") end
  shared.prepare(opts)
  local ok, plan, list, n = tree.report(function()
    local read = plans.read(given[1])
    return read, plans.task(read, given[2])
  end)
  if not ok then return 2 end
  local name = ("%s task %d"):format(plan.name, n)
  local outcome = cluster.perform(plan, list, { name = name, processes = 1 })
  if outcome.noticed and outcome.left > 0 then return go_on_later(name, outcome) end
  return outcome.failed > 0 and 1 or 0
end

return M
