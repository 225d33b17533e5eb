-- run.lua: runs of a sweep carried out as one of several tasks, on whichever machine.
--
-- It is the loop of a sweep (sweep/run/run.lua) over the runs of this task, each a process of its own, but
-- that a run is taken before it is started, and its end is written to a file of its own (cluster/claims.lua).
-- A farm's ranks have the same runs all of them. Each begins at a place of its own, so that they do not all
-- try the same lock, and stays until no run is left: the others take over the work of one that dies.

local cluster_rows = require "lab.cluster.claims"
local progress = require "lab.sweep.run.progress"
local run = require "lab.sweep.run.run"
local store = require "lab.run.store"
local system = require "lab.c.system"
local values = require "lab.sweep.plan.values"

local M = {
  again = 75,      -- exit status: stopped by a notice, to be gone on with (EX_TEMPFAIL of sysexits.h)
  busy_pause = 2,  -- seconds between two looks at what others work at
}

-- ---- who we are -------------------------------------------------------------------------

local function number(name) return math.tointeger(tonumber(os.getenv(name) or "")) end

-- What a launcher sets for its processes: rank, how many there are, how many of them on this machine.
local launchers = {
  { "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE" },
  { "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS" },
  { "SLURM_PROCID", "SLURM_NTASKS", nil },
}

-- Rank from 0, number of ranks, number of them on this machine (or nil). Without a launcher: the only one.
function M.rank()
  for _, names in ipairs(launchers) do
    local rank, size = number(names[1]), number(names[2])
    if rank and size and 0 <= rank and rank < size then return rank, size, names[3] and number(names[3]) end
  end
  return 0, 1, 1
end

-- The processors of this machine, whether or not we may use them.
local function all_processors()
  local n, file = 0, io.open "/proc/cpuinfo"
  for line in file and file:lines() or function() end do if line:find "^processor%s*:" then n = n + 1 end end
  if file then file:close() end
  return n
end

-- How many threads a process may have that is one of so many on this machine. What Slurm grants or the
-- launcher has bound it to counts; where it is bound to nothing, its share of the machine.
local function threads_here(processes)
  local cores, processors = system.cores()
  local granted = number "SLURM_CPUS_PER_TASK" or processes == 1 and number "SLURM_CPUS_ON_NODE"
  if granted then return math.max(1, math.min(cores, granted)) end
  return processors < all_processors() and cores or math.max(1, cores // (processes or 1))
end

-- The jobs from a rank's own place on, round to the one before it.
function M.rotated(all, rank, size)
  local first, list = rank * #all // size, {}
  for i = 1, #all do list[i] = all[(first + i - 1) % #all + 1] end
  return list
end

-- ---- carrying out -----------------------------------------------------------------------

-- What the loop of a sweep wants: one trial a run, in this order.
local function sweep_of(plan, list, given)
  local trials = {}
  for i, job in ipairs(list) do trials[i] = { index = job.trial.index, jobs = { job } } end
  store.directory = plan.runs
  local sweep = {
    plan = { name = given.name, script = plan.script, trials = trials, seeds = { 1 } }, trials = trials, jobs = list,
    ledger = cluster_rows.open(plan.folder, plan.profile), profile = plan.profile, clock = system.seconds,
    sharers = given.size, patience = math.max(plan.notice / 2, plan.notice - 30),  -- the rest is for tidying up
  }
  sweep.workers, sweep.threads = run.share(sweep.plan, { workers = plan.workers, threads = plan.threads }, threads_here(given.processes))
  function sweep.take(job)
    if sweep.ledger:claim(job) then return true end
    if not values.over[job.state] then job.not_before = sweep.clock() + M.busy_pause end
    return false
  end
  function sweep.let_go(job) sweep.ledger:release(job) end
  sweep.progress = progress.new(sweep)
  return sweep
end

-- Has this process brought anything forward: a run to its end, or a checkpoint of one?
local function has_moved(sweep)
  for _, job in ipairs(sweep.jobs) do
    if values.over[job.state] and not job.reused then return true end
    local saved = job.began and cluster_rows.saved(job)
    if saved and saved ~= job.saved then return true end
  end
  return false
end

-- Carries out jobs of a plan (cluster/plan.lua) as far as time allows. The caller has called system.heed_notice, so that
-- SIGUSR1 is the notice that time is nearly over. Raises an interrupt, when everything is tidied.
--   given  { name, processes = how many share this machine, size = how many share the jobs }
-- Returns { failed = runs that failed, left = runs that are not at their end, noticed = SIGUSR1 ended it,
-- moved = something was brought forward }, and a function that says of how many runs others work.
function M.perform(plan, list, given)
  local sweep = sweep_of(plan, list, given)
  local stopped = run.run(sweep)
  local outcome = { failed = 0, left = 0, noticed = stopped == "notice", moved = has_moved(sweep) }
  for _, job in ipairs(list) do
    if job.state == "failed" then outcome.failed = outcome.failed + 1 end
    if not values.over[job.state] then outcome.left = outcome.left + 1 end
  end
  function outcome.others()
    local n = 0
    for _, job in ipairs(list) do if not values.over[job.state] and sweep.ledger:is_held(job) then n = n + 1 end end
    return n
  end
  return outcome
end

return M
