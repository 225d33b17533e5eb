-- row.lua: what is told of one row, computed from its subject and its machine.
--
-- train_seconds_per_epoch is the median over the measured epochs (of evaluations in a row that
-- only infers); min and max are theirs. Shares of sgemm and of a cache are shares of medians;
-- sgemm_share_min and _max compare each epoch with the yardsticks right before and after it.

local machines = require "lab.bench.machine"
local statistics = require "lab.util.statistics"
local system = require "lab.c.system"
local work = require "lab.bench.work"

local function density(units, links)
  local pairs_of_units = 0
  for l = 1, #units - 1 do pairs_of_units = pairs_of_units + units[l] * units[l + 1] end
  return links / pairs_of_units
end

local function add_machine(row, machine)
  row.sgemm_gflops, row.sgemm_rows, row.pass_ns_after = machine:median "sgemm", machine.n, machine.taken[#machine.taken].pass_ns
  for _, level in ipairs { "l1", "l2", "l3", "dram" } do row[level .. "_gb_per_second"] = machine:median(level) end
  row.pass_ns = machine:median "pass_ns"
  row.distance = machines.distance(row.pass_ns)
end

local function add_evolution(row, seconds)
  local median = statistics.median(seconds)
  if not median then return end
  local least, most = statistics.range(seconds)
  row.evolve_ms_per_epoch, row.evolve_ms_min, row.evolve_ms_max = median * 1e3, least * 1e3, most * 1e3
  row.evolve_ns_per_link = median * 1e9 / row.links
end

local function add_epochs(row, subject, machine)
  local median = statistics.median(subject.seconds)
  if not median then return end
  row.train_seconds_per_epoch = median
  row.min, row.max = statistics.range(subject.seconds)
  row.processors = subject:processors()
  row.gflops = work.operations(subject) / median * 1e-9
  row.gb_per_second = not row.dense and work.bytes(subject) / median * 1e-9 or nil  -- BLAS reads from registers
  row.sgemm_share = row.gflops / row.sgemm_gflops
  row.sgemm_share_min, row.sgemm_share_max = subject:sgemm_shares(machine)
  row.l2_share = row.l2_gb_per_second and row.gb_per_second and row.gb_per_second / row.l2_gb_per_second
  row.samples_per_second = row.samples / median
  row.ns_per_link_sample = median * 1e9 / (row.links * row.samples)
  row.phases = work.phases(subject)
end

return function(workload, subject, machine)
  local c = subject.config
  local row = {
    workload = workload.name, name = c.name, mode = c.mode or "train", units = c.units, threads = subject.net.core:threads(),
    batch = c.batch, samples = subject.samples, links = subject.net:links(), layer_links = subject.net:links_per_layer(),
    dense = c.dense, isa = subject.net.core:isa(), epochs = math.max(#subject.seconds, #subject.evolve_seconds),
    loss = subject.loss, replaced = subject.replaced, setlab = system.version,
    wire_seconds = subject.wire_seconds, net_mib = subject.net_mib, data_mib = subject.data_mib,
    peak_rss_mib = subject.peak_mib, planned_mib = subject.planned_mib, pass_ns_before = subject.pass_before,
  }
  row.density = density(c.units, row.links)
  add_machine(row, machine)
  add_evolution(row, subject.evolve_seconds)
  add_epochs(row, subject, machine)
  return row
end
