-- bench.lua: lab.bench, named workloads timed against the machine they run on.
--
--   for _, row in ipairs(lab.bench.run("density", { repeats = 5 })) do print(row.density, row.gflops) end
--
-- A workload (bench_workloads.lua) is one row or several. Epochs of several rows take turns, and
-- between them the machine itself is measured (bench_machine.lua), so that what is compared has
-- met the same neighbours. Data are noise; no file is needed.

local machines = require "lab.bench_machine"
local options = require "lab.options"
local statistics = require "lab.bench_statistics"
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

local function row_of(workload, subject, machine, o)
  local c, seconds = subject.config, subject.seconds
  local row = {
    workload = workload.name, name = c.name, mode = c.mode or "train", units = c.units, threads = c.threads,
    batch = c.batch, samples = subject.samples or c.samples, links = subject.net:links(), layer_links = subject.net:links_per_layer(),
    dense = c.dense, isa = subject.net.core:isa(), epochs = #seconds, loss = subject.loss,
    wire_seconds = subject.wire_seconds, net_mib = subject.net_mib, peak_rss_mib = subject.peak_mib,
    sgemm_gflops = machine:median "sgemm", pass_ns = machine:median "pass_ns",
    pass_ns_before = subject.pass_before, pass_ns_after = machine.taken[#machine.taken].pass_ns,
    phases = subject:phases(), setlab = system.version, replaced = subject.replaced,
  }
  local pairs_of_units = 0
  for l = 1, #c.units - 1 do pairs_of_units = pairs_of_units + c.units[l] * c.units[l + 1] end
  row.density = row.links / pairs_of_units
  for _, level in ipairs { "l1", "l2", "l3", "dram" } do row[level .. "_gb_per_second"] = machine:median(level) end
  row.distance = machines.distance(row.pass_ns)
  local evolve = statistics.median(subject.evolve_seconds)
  row.evolve_ms_per_epoch = evolve and evolve * 1000
  if #seconds == 0 then return row end
  row.train_seconds_per_epoch = statistics.median(seconds)
  row.min, row.max = statistics.range(seconds)
  row.gflops = subject:operations() / row.train_seconds_per_epoch * 1e-9
  row.gb_per_second = subject:bytes() / row.train_seconds_per_epoch * 1e-9
  row.sgemm_share = row.gflops / row.sgemm_gflops
  row.sgemm_share_min, row.sgemm_share_max = subject:sgemm_shares(machine)
  row.l2_share = row.l2_gb_per_second and row.gb_per_second / row.l2_gb_per_second
  return row
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
      rows[#rows + 1] = row_of(workload, subject, by_threads[subject.config.threads], o)
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
  if workload.interleave then
    measure(workload, configs, o, cache, rows)
  else
    for _, config in ipairs(configs) do measure(workload, { config }, o, cache, rows) end
  end
  return rows
end

return M
