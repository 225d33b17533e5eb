-- sweep.lua: `setlab sweep FILE.yaml`, `setlab sweep SCRIPT.lua name=values ...`.

local arguments = require "lab.util.arguments"
local cluster = require "lab.cluster.command"
local fs = require "lab.c.fs"
local perform = require "lab.sweep.perform"
local plans = require "lab.sweep.plan.plan"
local shared = require "lab.command.flags"
local store = require "lab.run.store"
local tree = require "lab.sweep.plan.tree"

local M = { name = "sweep", summary = "run a script with many values of its parameters" }

local WHERE = "setlab sweep"

local flags = {
  dry_run = { help = "Print how many runs it would be, the first of them, and about how long they take; run nothing." },
  only = { value = "NAME=VALUE", repeated = true, help = "Only trials in which the parameter has this value; again for further parameters." },
  workers = { value = "N", kind = "integer", min = 1, max = 4096,
    help = "Runs at a time; default: what the sweep says, else one for each core. The cores are shared out among them." },
  retry = { value = "failed", choices = { "failed" }, help = "Run again what failed. Without it a failed run is reported and left alone." },
  fail_fast = { help = "Stop at the first run that fails." },
  save = { value = "FILE.yaml", help = "Write the sweep as a YAML file, and run nothing." },
}
-- Of a sweep that is given in words; a YAML file says these itself.
local described = {
  name = { value = "NAME", help = "What the sweep is called." },
  method = { value = "METHOD", help = "grid, random, halton or list." },
  count = { value = "N", help = "Runs at most; random and halton need it (budget.runs)." },
  time = { value = "2h", help = "No run goes on after this time (budget.time)." },
  seed = { value = "N", help = "Seed of the sampler." },
  seeds = { value = "N|A,B,C", help = "Seeds of the runs: so many, or these." },
  where = { value = "CONDITION", repeated = true, help = "Only trials for which this holds, such as \"epsilon * 3 < hidden\"." },
  metric = { value = "NAME", help = "What the runs are compared by: a name that the script logs." },
  goal = { value = "max|min", help = "Whether more of it is better, or less." },
  stop = { value = "RULE", help = "Early stopping: none, median:MIN, halving:MIN:MAX:FACTOR, asha:MIN:MAX:FACTOR." },
}
for _, name in ipairs { "threads", "progress", "runs", "monitor", "profile", "smoke" } do flags[name] = shared.flags[name] end
flags.threads = { value = "N", kind = "integer", min = 1, max = 4096, help = "Threads of all runs together; default: one for each physical core." }

local all_flags = {}
for _, list in ipairs { flags, described, cluster.flags } do for key, rule in pairs(list) do all_flags[key] = rule end end

M.help = [[
NAME
       setlab sweep - run a script with many values of its parameters

SYNOPSIS
       setlab sweep [OPTIONS] FILE.yaml
       setlab sweep [OPTIONS] SCRIPT.lua name=values ...

DESCRIPTION
       Runs a script once for every trial and seed, each time in a process of its own, and
       prints who is best: mean and standard deviation over the seeds. The script declares
       the parameters with lab.params, `seed` among them, and makes one run:

           local P = lab.params { zeta = 0.3, seed = 1 }
           lab.runs { "study", seed = P.seed, run = function(run, seed) ... end }

       Runs are kept in the folder of runs like any others, and a finished one is never
       repeated, whichever sweep or script asked for it. A run that fails does not stop the
       others. Ctrl-C once stops tidily and says how to resume, twice stops at once. However the
       sweep was stopped, the same command does what is left. Runs that save checkpoints
       resume from them.

       Values are written as in name=0.1,0.3 (a choice), name=log:1e-4:1e-1:7 (seven values,
       evenly on a logarithmic scale), name=uniform:0:0.5:3, name=int:100:1000,
       name=range:0.1:0.5:0.1.

EARLY STOPPING
       none (the default), or one of these, by the values of the metric on the way:

       median     A run that is worse than the median of the trials before it is stopped.
       halving    All trials train for MIN epochs, the best one in FACTOR of them for
                  FACTOR * MIN, and so on below MAX; the last ones run to their end. Every
                  decision waits for all runs, and so is the same with any number of workers.
       asha       The same without waiting: decisions depend on which run comes first.

       A run that was stopped is marked `pruned` in its folder, and is in no mean. Each
       decision and its reason stand in decisions.csv in the sweep's folder.

]] .. cluster.help .. [[


OPTIONS
]] .. arguments.describe(all_flags) .. [[


EXIT STATUS
       0 if no run failed; 1 if one did; 2 if the command line or the sweep was wrong, before
       any run starts; 130 after Ctrl-C.

FILES
       runs/sweeps/HASH/ledger.csv      which run is in which folder, and how it ended
       runs/sweeps/HASH/decisions.csv   what early stopping decided, and why
       runs/sweeps/HASH/cluster/        plan, batch script and logs of tasks on a cluster

EXAMPLES
       setlab sweep study.yaml --dry-run
       setlab sweep study.yaml --workers 2 --only method=set
       setlab sweep study.yaml --slurm --sbatch=--time=01:00:00 --sbatch=--partition=short
       setlab sweep study.lua zeta=0.1,0.3 lr=log:1e-3:1e-1:5 --seeds 3 --metric accuracy]]

-- The plan that the command line asks for. Raises a problem that plans.is_problem knows.
local function read_plan(words, opts)
  local path, profile = words[1], opts.smoke and "smoke" or opts.profile
  local given = { profile = profile }
  if path:find "%.lua$" then
    for key in pairs(described) do given[key] = opts[key] end
    given.runs, given.count, given.workers = opts.count, nil, opts.workers and tostring(opts.workers)
    return plans.from_words(path, table.move(words, 2, #words, 1, {}), given)
  end
  if words[2] then arguments.fail(WHERE, ("'%s' cannot be given beside a YAML file, which holds the whole sweep%s"):format(words[2], words[2]:find "=" and (": write  %s  under params"):format((words[2]:gsub("=", ": ", 1))) or "")) end
  for key in pairs(described) do
    if opts[key] ~= nil then arguments.fail(WHERE, ("--%s is for a sweep without a YAML file; write it into %s"):format(key, path)) end
  end
  return plans.read_file(path, given)
end

local function save(plan, path)
  if fs.stat(path) then arguments.fail(WHERE, ("--save: %s exists already"):format(path)) end
  store.check(fs.write_file(path, plans.to_yaml(plan)))
  print(path)
  return 0
end

local function status_of(value)
  for _, entry in ipairs(value.trials) do if entry.status == "failed" then return 1 end end
  return 0
end

function M.main(words)
  local opts, files = arguments.parse(WHERE, { words, flags = all_flags })
  if #files == 0 then arguments.fail(WHERE, "which YAML file, or which script?") end
  shared.prepare(opts)
  local on_cluster = cluster.is_asked(opts)
  local ok, plan, more = tree.report(function()
    local whole = read_plan(files, opts)
    if on_cluster then cluster.check(whole) end
    return opts.only and plans.only(whole, opts.only) or whole, cluster.read(opts)
  end)
  if not ok then return 2 end
  local given = { workers = opts.workers, threads = opts.threads, retry = opts.retry ~= nil, fail_fast = opts.fail_fast,
    profile = opts.smoke and "smoke" or opts.profile }
  if opts.save then return save(plan, opts.save) end
  local status = on_cluster and cluster.run(plan, given, more, opts)
  if status then return status end
  if opts.dry_run then
    print((plans.describe(plan, { estimate = function(of) return perform.estimate(of, given) end })))
    return 0
  end
  local value = perform.perform(plan, given)
  value:show(20)
  return status_of(value)
end

return M
