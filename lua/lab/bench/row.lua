-- row.lua: the numbers of one row, computed from its subject and its machine.
--
-- train_seconds_per_epoch is the median over the measured epochs (of evaluations in a row that
-- only infers); min and max are theirs. Shares of sgemm and of a cache are shares of medians;
-- sgemm_share_min and _max compare each epoch with the yardsticks right before and after it.

local machines = require "lab.bench.machine"
local statistics = require "lab.util.statistics"
local system = require "lab.c.system"

local M = {}

-- ---- what an epoch had to do ----

-- Operations of one epoch: two a link and sample for each of the forward pass, the input
-- gradient (but of the first layer) and the weight gradient.
function M.operations(subject)
  local links = subject.net:links_per_layer()
  local all = subject.net:links()
  if subject.config.mode == "infer" then return 2 * all * subject.samples end
  return (6 * all - 2 * links[1]) * subject.samples
end

-- Bytes of one epoch in the model that the manual states: a link reads one row of activations
-- forward and one of deltas backward, and its own state: of its 20 bytes the weight and its two
-- indices of the mirrored order forward; weight, momentum and index backward, and writes two.
local FORWARD, BACKWARD = 12, 12 + 8

-- How often an epoch walks the links: once a batch, of which an evaluation has its own.
local function steps_of(subject)
  local c = subject.config
  return subject.samples / math.min(c.mode == "infer" and 128 or c.batch, c.samples)
end

-- Bytes of the rows that a link reads in an epoch, going one way.
local function row_bytes(subject) return (subject.config.precision == "bfloat16" and 2 or 4) * subject.samples end

local function bytes_of(subject)
  local links, rows, steps = subject.net:links(), row_bytes(subject), steps_of(subject)
  if subject.config.mode == "infer" then return links * (rows + FORWARD * steps) end
  return links * (2 * rows + (FORWARD + BACKWARD) * steps)
end

-- Array of { name =, seconds =, operations =, bytes = } in the order of a step: medians over the
-- epochs. Operations stand where a layer has some, bytes where the model knows them: in sparse ones.
local function phases_of(subject)
  local list, layers, links = {}, subject.net:layers(), subject.net:links_per_layer()
  local function add(name, of)
    local seconds = {}
    for i, phases in ipairs(subject.epoch_phases) do seconds[i] = of(phases) end
    list[#list + 1] = { name = name, seconds = statistics.median(seconds) }
  end
  -- A layer's share: so many operations a link and sample, so many bytes of its links a step.
  local function add_layer(name, l, of, operations, state)
    add(name .. " " .. l, of)
    list[#list].operations = operations * links[l] * subject.samples
    list[#list].bytes = subject.net:is_sparse(l) and links[l] * (row_bytes(subject) + state * steps_of(subject)) or nil
  end
  add("batch", function(p) return p.batch end)
  for l = 1, layers do add_layer("forward", l, function(p) return p.forward[l] end, 2, FORWARD) end
  add("loss", function(p) return p.loss end)
  if subject.config.mode == "infer" then return list end
  for l = layers, 1, -1 do add_layer("backward", l, function(p) return p.backward[l] end, l > 1 and 4 or 2, BACKWARD) end
  return list
end

-- ---- the row ----

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

local function add_evolution(row, subject)
  local seconds = subject.evolve_seconds
  local median = statistics.median(seconds)
  if not median then return end
  local least, most = statistics.range(seconds)
  row.evolve_ms_per_epoch, row.evolve_ms_min, row.evolve_ms_max = median * 1e3, least * 1e3, most * 1e3
  row.evolve_mib = subject.evolve_mib
  row.evolve_ns_per_link = median * 1e9 / row.links
end

local function add_epochs(row, subject, machine)
  local median = statistics.median(subject.seconds)
  if not median then return end
  row.train_seconds_per_epoch = median
  row.min, row.max = statistics.range(subject.seconds)
  row.processors = subject:processors()
  row.gflops = M.operations(subject) / median * 1e-9
  row.gb_per_second = not row.dense and bytes_of(subject) / median * 1e-9 or nil  -- BLAS reads from registers
  row.sgemm_share = row.gflops / row.sgemm_gflops
  row.sgemm_share_min, row.sgemm_share_max = subject:sgemm_shares(machine)
  row.l2_share = row.l2_gb_per_second and row.gb_per_second and row.gb_per_second / row.l2_gb_per_second
  row.samples_per_second = row.samples / median
  row.us_per_step = 1e6 * median / (row.samples // row.batch)
  row.ns_per_link_sample = median * 1e9 / (row.links * row.samples)
  row.phases = #subject.epoch_phases > 0 and phases_of(subject) or nil
end

-- The row of a measured subject.
function M.of(workload, subject, machine)
  local c = subject.config
  local row = {
    workload = workload.name, name = c.name, mode = c.mode or "train", units = c.units, threads = subject.net.core:threads(),
    batch = c.batch, samples = subject.samples, links = subject.net:links(), layer_links = subject.net:links_per_layer(),
    ranks = c.ranks, dense = c.dense, isa = subject.net.core:isa(), epochs = math.max(#subject.seconds, #subject.evolve_seconds),
    loss = subject.loss, replaced = subject.replaced, setlab = system.version,
    wire_seconds = subject.wire_seconds, net_mib = subject.net_mib, data_mib = subject.data_mib,
    peak_rss_mib = subject.peak_mib, planned_mib = subject.planned_mib, pass_ns_before = subject.pass_before,
  }
  row.density = density(c.units, row.links)
  add_machine(row, machine)
  add_evolution(row, subject)
  add_epochs(row, subject, machine)
  return row
end

return M
