-- bench/init.lua: lab.bench, named workloads timed against the machine they run on.
--
--   for _, row in ipairs(lab.bench.run("density", { repeats = 5 })) do print(row.density, row.gflops) end
--
-- A workload (bench/workloads.lua) is one row or several. Epochs of several rows take turns, and
-- between them the machine itself is measured (bench/machine.lua), so that rows that are compared
-- ran under the same load. Data are noise; no file is needed.
--
-- A study keeps its measurements in the run store (bench/log.lua):
--   local function measure(run, machine, workload) lab.bench.log(run, lab.bench.run(workload.name)) end
--   local runs = lab.runs { "timing", machine = lab.bench.machine(), workload = { { name = "C" } }, run = measure }
--   lab.bench.table { lab.bench.rows(runs[1]), columns = { "name", "epoch", "gflops" } }

local columns = require "lab.bench.columns"
local facts = require "lab.run.machine"
local log = require "lab.bench.log"
local machines = require "lab.bench.machine"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local row = require "lab.bench.row"
local stop = require "lab.util.stop"
local subjects = require "lab.bench.subject"
local system = require "lab.c.system"
local workloads = require "lab.bench.workloads"

local M = { log = log.write, rows = log.read, table = columns.table }

function M.machine()
  local isa = os.getenv "SETLAB_ISA" or facts.instruction_set
  local threads = system.threads()
  return {
    name = ("%s, %d thread%s, build %s"):format(isa, threads, threads == 1 and "" or "s", facts.build),
    cpu = facts.cpu, cores = facts.cores, processors = facts.processors, isa = isa, threads = threads, build = facts.build,
  }
end

function M.names()
  local names = {}
  for i, workload in ipairs(workloads) do names[i] = workload.name end
  return names
end

function M.find(name)
  for _, workload in ipairs(workloads) do
    if workload.name == name then return workload end
  end
end

local run_spec = {
  threads = { kind = "integer", min = 1, max = 4096, default_is = "those of the program (--threads)", help = "Threads that train." },
  batch = { kind = "integer", min = 1, max = 1000000, unit = "samples", default_is = "the workload's", help = "The size of a batch." },
  repeats = { kind = "integer", min = 1, max = 10000, unit = "epochs", default_is = "the workload's", help = "The most epochs that are measured for a row." },
  seconds = { kind = "number", above = 0, unit = "seconds", default_is = "the workload's", help = "No further epoch begins after this time." },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" }, default_is = "the fastest here", help = "The instruction set of the kernels." },
  sgemm = { kind = "integer", min = 1, max = 20000, default_is = "2000", help = "Rows of the dense matrix product by which the machine's speed is measured." },
  samples = { kind = "integer", min = 1, unit = "images", default_is = "the workload's", help = "The most images of an epoch." },
  only = { kind = "table", takes = "array of names", default_is = "all", help = "The rows wanted." },
}

manual.group("lab.bench", {
  summary = "named workloads timed against the machine they run on",
  text = "A workload is one row or several. Epochs of several rows take turns, and between them the machine itself is measured. Data are noise; no file is needed. "
    .. "A study keeps its measurements in runs: lab.bench.log writes them, lab.bench.rows reads them.",
})

manual.word("lab.bench.run", {
  summary = "measure a workload",
  arguments = { { "name", "text", "The workload, such as \"C\"; lab.bench.names() has them all." } },
  options = run_spec,
  returns = "an array of rows: tables of numbers and texts by name, such as train_seconds_per_epoch, gflops, links",
  raises = "There is no workload or no row of that name.",
  example = 'for _, row in ipairs(lab.bench.run("tiny", { repeats = 1, sgemm = 16 })) do print(row.name, row.gflops) end',
})

manual.word("lab.bench.machine", {
  summary = "what a measurement depends on besides its workload, as an argument of lab.runs",
  text = "Another processor, other kernels, another number of threads or another build give a new run.",
  returns = "{ name =, cpu =, cores =, processors =, isa =, threads =, build = }",
  example = "print(lab.bench.machine().name)",
})

manual.word("lab.bench.names", { summary = "the names of the workloads", returns = "an array of texts", example = "print(table.concat(lab.bench.names(), \" \"))" })

manual.word("lab.bench.find", {
  summary = "the description of a workload",
  arguments = { { "name", "text", "The workload." } },
  returns = "{ name =, repeats =, seconds =, configurations = function(options), ... }, or nil",
  example = 'print(lab.bench.find("C").name)',
})

manual.word("lab.bench.log", {
  summary = "keep measurements in a run",
  arguments = { { "run", "run", "What a run function is given." }, { "rows", "array", "What lab.bench.run returned." } },
  example = 'lab.runs { "timing", machine = lab.bench.machine(), run = function(run)\n  lab.bench.log(run, lab.bench.run("tiny", { repeats = 1, sgemm = 16 }))\nend }',
})

manual.word("lab.bench.rows", {
  summary = "the measurements that a run kept",
  arguments = { { "record", "record", "A run of lab.runs." } },
  returns = "an array of rows, as lab.bench.run returned it; an empty one if the run did not finish",
  example = "for _, row in ipairs(lab.bench.rows(runs[1])) do print(row.name) end",
})

-- ---- measuring ----

-- The machine's record for each number of threads that the rows use.
local function machines_for(configs, o)
  local by_threads = {}
  for _, config in ipairs(configs) do
    by_threads[config.threads] = by_threads[config.threads] or machines.new(config.threads, o)
  end
  return by_threads
end

-- Rounds of one epoch for each subject until there are enough, or no time is left for another.
local function rounds(group, by_threads, o)
  local start, last = system.seconds(), 0
  for round = 1, o.repeats do
    local began = system.seconds()
    if round > 1 and began - start + last > o.seconds then break end
    for _, subject in ipairs(group) do
      local machine = by_threads[subject.config.threads]
      if round > 1 then machine:take_if_due() end
      subject:measure(#machine.taken)
      -- The yardsticks' own memory comes after this, and is not in it.
      if round == 1 then subject.peak_mib = select(4, system.memory()) end
    end
    last = system.seconds() - began
  end
  for _, machine in pairs(by_threads) do machine:take() end
end

-- Measures some configurations together; their rows are added to `rows`.
local function measure(workload, configs, o, rows)
  collectgarbage()
  system.forget_peak()
  local group, by_threads, cache = {}, machines_for(configs, o), {}
  local pass_before = require "lab.c.yardstick".pass()
  local ok, why = stop.catch(function()
    for i, config in ipairs(configs) do
      group[i] = subjects.new(config, o.isa, cache)
      group[i].pass_before = pass_before
      group[i]:warm()
    end
    rounds(group, by_threads, o)
    for _, subject in ipairs(group) do
      rows[#rows + 1] = row.of(workload, subject, by_threads[subject.config.threads])
    end
  end)
  for _, subject in ipairs(group) do subject:close() end
  subjects.forget(cache)
  if not ok then error(why, 0) end
end

-- The configurations that `only` names. Where the others are held against the first, it stays.
local function chosen(workload, configs, only)
  local wanted, known, names, kept = {}, {}, {}, {}
  for i, config in ipairs(configs) do names[i], known[config.name] = config.name, true end
  for _, name in ipairs(only or names) do
    wanted[name] = true
    if not known[name] then
      options.fail(("lab.bench.run: %s has no row '%s'%s"):format(workload.name, tostring(name), options.suggestion(tostring(name), names)))
    end
  end
  for i, config in ipairs(configs) do
    if wanted[config.name] or (i == 1 and workload.finish) then kept[#kept + 1] = config end
  end
  return kept
end

-- What the caller wants instead of the workload's own.
local function adapt(configs, o)
  local adapted = {}
  for i, config in ipairs(configs) do
    local copy = {}
    for k, v in pairs(config) do copy[k] = v end
    copy.threads = copy.threads or o.threads
    copy.batch = o.batch or copy.batch
    copy.samples = copy.samples and math.min(copy.samples, o.samples or copy.samples)
    adapted[i] = copy
  end
  return adapted
end

function M.run(name, given)
  local o = options.check("lab.bench.run", run_spec, given)
  local _, ranks = require "lab.c.ranks".here()
  if ranks > 1 then options.fail "lab.bench.run: several processes would measure at the same time; start it without mpirun" end
  local workload = M.find(name)
  if not workload then
    options.fail(("lab.bench.run: no workload '%s'%s"):format(tostring(name), options.suggestion(tostring(name), M.names())))
  end
  o.threads = o.threads or system.threads()
  o.repeats, o.seconds = o.repeats or workload.repeats, o.seconds or workload.seconds
  local configs, rows = adapt(chosen(workload, workload.configurations(o), o.only), o), {}
  if workload.interleave then measure(workload, configs, o, rows)
  else
    for _, config in ipairs(configs) do measure(workload, { config }, o, rows) end
  end
  if workload.finish then workload.finish(rows) end
  return rows
end

return M
