-- bench.lua: lab.bench, named workloads timed against the machine they run on.
--
--   for _, row in ipairs(lab.bench.run("density", { repeats = 5 })) do print(row.density, row.gflops) end
--
-- A workload (bench_workloads.lua) is one row or several. Epochs of several rows take turns, and
-- between them the machine itself is measured (bench_machine.lua), so that what is compared has
-- met the same neighbours. Data are noise; no file is needed.

local machines = require "lab.bench_machine"
local options = require "lab.options"
local row_of = require "lab.bench_row"
local subjects = require "lab.bench_subject"
local system = require "lab.c.system"
local workloads = require "lab.bench_workloads"

local M = {}

-- Names of the workloads.
function M.names()
  local names = {}
  for i, workload in ipairs(workloads) do names[i] = workload.name end
  return names
end

-- The workload of this name, or nil.
function M.find(name)
  for _, workload in ipairs(workloads) do
    if workload.name == name then return workload end
  end
end

local run_spec = {
  threads = { kind = "integer", min = 1, max = 4096 },     -- default: those of the kernels
  batch = { kind = "integer", min = 1, max = 1000000 },    -- instead of the workload's
  repeats = { kind = "integer", min = 1, max = 10000 },    -- measured epochs a row, at most
  seconds = { kind = "number", above = 0 },                -- no further epoch is begun after so long
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" } },
  sgemm = { kind = "integer", min = 1, max = 20000 },      -- rows of the yardstick; default 2000
}

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
local function measure(workload, configs, o, cache, rows)
  collectgarbage()
  system.forget_peak()
  local group, by_threads = {}, machines_for(configs, o)
  local pass_before = require "lab.c.yardstick".pass()
  local ok, why = pcall(function()
    for i, config in ipairs(configs) do
      group[i] = subjects.new(config, o.isa, cache)
      group[i].pass_before = pass_before
      group[i]:warm()
    end
    rounds(group, by_threads, o)
    for _, subject in ipairs(group) do
      rows[#rows + 1] = row_of(workload, subject, by_threads[subject.config.threads])
    end
  end)
  for _, subject in ipairs(group) do subject:close() end
  if not ok then error(why, 0) end
end

-- What the caller wants instead of the workload's own.
local function adapt(configs, o)
  local adapted = {}
  for i, config in ipairs(configs) do
    local copy = {}
    for k, v in pairs(config) do copy[k] = v end
    copy.threads = copy.threads or o.threads
    copy.batch = o.batch or copy.batch
    adapted[i] = copy
  end
  return adapted
end

-- Runs a workload; returns its rows, an array of tables.
function M.run(name, given)
  local o = options.check("lab.bench.run", run_spec, given)
  local workload = M.find(name)
  if not workload then
    options.fail(("lab.bench.run: no workload '%s'%s"):format(tostring(name), options.suggestion(tostring(name), M.names())))
  end
  o.threads = o.threads or system.threads()
  o.repeats, o.seconds = o.repeats or workload.repeats, o.seconds or workload.seconds
  local configs, rows, cache = adapt(workload.configurations(o), o), {}, {}
  if workload.interleave then measure(workload, configs, o, cache, rows)
  else
    for _, config in ipairs(configs) do measure(workload, { config }, o, cache, rows) end
  end
  subjects.forget(cache)
  if workload.finish then workload.finish(rows) end
  return rows
end

return M
