-- farm.lua: `mpirun setlab farm PLAN`: the runs of a sweep shared among many processes.

local arguments = require "lab.util.arguments"
local cluster = require "lab.cluster.run"
local plans = require "lab.cluster.plan"
local pool = require "lab.c.pool"
local shared = require "lab.command.flags"
local system = require "lab.c.system"
local tree = require "lab.sweep.plan.tree"

local M = { name = "farm", summary = "carry out a sweep with many processes, as mpirun starts them" }

local WHERE = "setlab farm"
local flags = { progress = shared.flags.progress, monitor = shared.flags.monitor }

M.help = [[
NAME
       setlab farm - carry out a sweep with many processes, as mpirun starts them

SYNOPSIS
       mpirun setlab farm [OPTIONS] PLAN

DESCRIPTION
       For sites that give whole machines. PLAN is a file that 'setlab sweep --plan' wrote.
       Every process takes the next run of the plan that nobody works at, until none is left;
       its division into tasks does not count. The processes do not talk to each other: what
       keeps them apart are locks in the folder of runs, which has to be on a file system that
       all machines share, with locks that hold between them (NFS; Lustre with the option
       flock). No MPI is needed: a process reads its rank, and how many there are, from the
       environment, where mpirun, srun and other launchers put them (OMPI_COMM_WORLD_RANK,
       PMI_RANK or SLURM_PROCID, and the size). Without any it is the only process.

       A process uses the cores that it is bound to or, unbound, its share of the machine. A
       process stays until all runs are over, and takes over what a dead one left. SIGUSR1
       is a notice that time is nearly over, as for 'setlab task'; a new start goes on.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if no run of the plan failed; 1 if one did; 2 if the plan was wrong; 75 after a
       notice, if runs are left to go on with; 130 after Ctrl-C or SIGTERM.

EXAMPLES
       mpirun setlab farm $(setlab sweep study.yaml --plan)]]

-- A launcher that sees one process fail may end the others: what they are saving comes first.
local function wait_for_others(outcome, seconds)
  local nobody <close> = pool.new()
  for _ = 1, math.ceil(seconds) do
    if outcome.others() == 0 then return end
    nobody:wait(1)
  end
end

function M.main(words)
  system.heed_notice()  -- first of all: until then it would end us
  local opts, given = arguments.parse(WHERE, { words, flags = flags })
  if #given ~= 1 then arguments.fail(WHERE, "one plan is expected, as `setlab sweep FILE --plan` writes it") end
  shared.prepare(opts)
  local ok, plan = tree.report(plans.read, given[1])
  if not ok then return 2 end
  local list, rank, size, here = {}, cluster.rank()
  for _, task in ipairs(plan.tasks) do table.move(task, 1, #task, #list + 1, list) end
  local name = size > 1 and ("%s rank %d of %d"):format(plan.name, rank, size) or plan.name
  local outcome = cluster.perform(plan, cluster.rotated(list, rank, size), { name = name, processes = here, size = size })
  if outcome.noticed and outcome.left > 0 then
    if size > 1 then wait_for_others(outcome, plan.notice / 2) end
    io.stderr:write(("%s: the time is nearly over; %d of %d runs are not finished, and the same command continues them\n"):format(name, outcome.left, #list))
    return cluster.again
  end
  return outcome.failed > 0 and 1 or 0
end

return M
