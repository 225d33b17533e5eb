-- # How fast is truly sparse training?
--
-- Most programs that train sparse networks only simulate them: every weight is there, and a mask
-- says which ones count. They save nothing. Others store only the links that exist, and lose the
-- advantage again to slow kernels. This page measures what the links of this toolkit cost, where
-- the time goes, how far that is from what the machine could do, and from where on a network is
-- so dense that dense layers are the better choice.
--
-- Every number below, but those of other programs, was measured by this page. They are medians;
-- what stands in brackets, and the whiskers in the figures, are the least and the most. Images are
-- noise of the right shape, so no data set is needed.

local lab = require "lab"
local format = lab.format

-- ## What is measured
--
-- The workloads are those of `setlab bench`. **C** is the network of a well-known tutorial, for
-- colour images of 32 by 32 pixels: 3072-4000-1000-4000-10 units with about 341,000 sparse links
-- and 40,000 in the dense last layer; batches of 100, dropout, momentum. **C16** is C with the far
-- ends of its links read as bfloat16. **F** is the network of the Fashion-MNIST study,
-- 784-1000-1000-1000-10 with batches of 40. The others change one thing at a time.

local P = lab.params {
  seconds = { 1.0, above = 0, help = "time to measure, as a multiple of this page's usual" },
  repeats = { 5, min = 1, help = "measured epochs of a row, at most" },
  images = { 50000, min = 1, help = "images of an epoch, at most" },
  sgemm = { 2000, min = 1, help = "rows and columns of the dense product that is the yardstick" },
  densities = { { 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.1 }, help = "per cent" },
  widths = { { 1000, 10000, 100000, 1000000 }, help = "hidden units" },
  batches = { { 1, 2, 4, 8, 16, 32, 64, 100, 128, 256, 512, 1024 }, help = "samples" },
  evolutions = { { 1000, 3000, 10000, 30000, 100000, 300000 }, help = "units of the layers that evolve" },
  scale = { false, help = "10,000,000 hidden units: wired, three steps, one evolution" },
  profiles = {
    quick = { seconds = 0.25, repeats = 3, images = 10000, widths = { 1000, 10000, 100000 }, evolutions = { 1000, 10000, 100000 },
      batches = { 1, 4, 16, 64, 100, 256, 1024 } },
    full = { seconds = 3.0, repeats = 15, widths = { 1000, 10000, 100000, 1000000, 10000000 },
      evolutions = { 1000, 3000, 10000, 30000, 100000, 300000, 1000000 }, scale = true },
    smoke = { seconds = 0.01, repeats = 1, images = 200, sgemm = 64, densities = { 50.0, 1.0 }, widths = { 1000, 10000 },
      batches = { 16, 100 }, evolutions = { 1000, 3000 } },
  },
}

-- A measurement is a run like any other: it has its folder, and is read back when the page is
-- woven again. What decides it is the workload, and the machine: its processor, the kernels, the
-- number of threads and the build of the program. With another build everything is measured anew.
--
-- Neighbours on a shared machine take time and memory bandwidth, so the machine itself is measured
-- between the epochs: a dense product of two matrices by OpenBLAS (sgemm), reading from each cache
-- and from memory, and how long a cache line takes from one thread to the other.

local function names(list, pattern)
  local all = {}
  for i, v in ipairs(list) do all[i] = pattern:format(math.type(v) == "integer" and format.count(v) or v) end
  return all
end

local function workload(name, seconds, only)
  return { name = name, only = only, seconds = seconds * P.seconds, repeats = P.repeats, images = P.images, sgemm = P.sgemm }
end

local workloads = {
  workload("C", 12), workload("C16", 8), workload("F", 4),
  workload("density", 20, names(P.densities, "%g %%")),
  workload("widths", 4, names(P.widths, "%s hidden")),
  workload("threads", 12),
  workload("batch", 12, names(P.batches, "batch %d")),
  workload("inference", 6),
  workload("evolution", 2, names(P.evolutions, "%s units")),
}
if P.scale then workloads[#workloads + 1] = workload("scale", 1) end

local function measure(run, _, w)
  lab.bench.log(run, lab.bench.run(w.name, { only = w.only, seconds = w.seconds, repeats = w.repeats, samples = w.images, sgemm = w.sgemm }))
end

local machine = lab.bench.machine()
local runs = lab.runs { "timing", machine = machine, workload = workloads, run = measure }

--| echo: fold
local rows = {}
for _, run in ipairs(runs) do rows[run.arguments.workload] = lab.bench.rows(run) end
local C, C16, F = rows.C[1], rows.C16[1], rows.F[1]
assert(C and C16 and F, "without the workloads C, C16 and F there is nothing to tell")

-- The numbers of a list of rows: a field's, or what a function makes of each.
local function column(list, of)
  local values = {}
  for i, row in ipairs(list) do
    local v = of
    if type(of) == "function" then v = of(row) else v = row[of] end
    values[i] = v or 0.0 / 0.0
  end
  return values
end

local function digits(x, unit)
  if not x then return "–" end
  return (math.abs(x) < 999.5 and ("%.3g"):format(x) or format.count(math.floor(x + 0.5))) .. (unit or "")
end
local function percent(share) return digits(share and 100 * share, " %") end
local function seconds(s) return s and s < 0.1 and digits(1000 * s, " ms") or digits(s, " s") end
local function mib(x) return x and (x < 9.95 and "%.1f MiB" or "%.0f MiB"):format(x) or "–" end
local function count(x) return x and format.count(math.floor(x + 0.5)) or "–" end

-- "1.23 s (1.20–1.31)"
local function spread(median, low, high)
  if not median then return "–" end
  local scale, unit = 1, "s"
  if median < 0.1 then scale, unit = 1000, "ms" end
  return ("%.3g %s (%.3g–%.3g)"):format(scale * median, unit, scale * low, scale * high)
end

local function epoch(row) return spread(row.train_seconds_per_epoch, row.min, row.max) end

local function evolution(row)
  local ms = row.evolve_ms_per_epoch
  return ms and spread(ms / 1000, row.evolve_ms_min / 1000, row.evolve_ms_max / 1000) or "–"
end

-- An epoch of C has 50,000 images and one of F 5,000, also where this page measured fewer.
local FULL = 50000 / C.samples
local c_seconds, c16_seconds = C.train_seconds_per_epoch * FULL, C16.train_seconds_per_epoch * FULL
local f_seconds = F.train_seconds_per_epoch * 5000 / F.samples

-- ## In short

--| echo: false
lab.say([[
An epoch of workload C, all of its 50,000 images, takes **%s** here (%s with bfloat16), and an evolution of its
links %s. That is %s of the arithmetic that a dense product by OpenBLAS reached between the epochs, and the whole
process took %s of memory, images included. An epoch of workload F, 5,000 images, takes **%s**, its evolution %s.
]], seconds(c_seconds), seconds(c16_seconds), seconds(C.evolve_ms_per_epoch / 1000), percent(C.sgemm_share), mib(C.peak_rss_mib),
  seconds(f_seconds), seconds(F.evolve_ms_per_epoch / 1000))

--| label: tbl-workloads
--| tbl-cap: The three workloads. Operations are counted on links: two for each link and sample in the forward pass, two for the input gradient (which the first layer does not need), two for the weight gradient. Batch making, shuffling, dropout and loss are in the seconds, not in the operations.
lab.table { header = { "workload", "links", "images", "an epoch", "evolution", "GFLOP/s", "of sgemm", "GB/s", "peak memory", "planned" }, align = "lrrrrrrrrr",
  rows = (function()
    local list = {}
    for i, r in ipairs { C, C16, F } do
      list[i] = { r.name, count(r.links), count(r.samples), epoch(r), evolution(r), digits(r.gflops), percent(r.sgemm_share),
        r ~= C16 and digits(r.gb_per_second) or "–", mib(r.peak_rss_mib), mib(r.planned_mib) }
    end
    return list
  end)(), note = "GB/s are those of the model described under the roofline; the rows of C16 are shorter than the model's." }

-- ## The state of the machine
--
-- A benchmark on a shared machine tells of its neighbours as well. A cache line goes from thread
-- to thread in some 60 ns when the two processors are near, in 150 to 700 ns when the host has put
-- them far apart; above 2,000 ns they share one, and the row tells of that, not of the program. The
-- table says which state each workload met.

--| echo: fold
local function range_text(list, field, pattern)
  local low, high = math.huge, -math.huge
  for _, r in ipairs(list) do
    if r[field] then low, high = math.min(low, r[field]), math.max(high, r[field]) end
  end
  if low > high then return "–" end
  local a, b = pattern:format(low), pattern:format(high)
  return a == b and a or a .. "–" .. b
end

local states, disturbed = {}, {}
for _, w in ipairs(workloads) do
  local all, list = rows[w.name], {}
  for _, r in ipairs(all) do if r.threads == machine.threads then list[#list + 1] = r end end
  states[#states + 1] = { w.name, range_text(list, "sgemm_gflops", "%.0f"), range_text(list, "l1_gb_per_second", "%.0f"),
    range_text(list, "l2_gb_per_second", "%.0f"), range_text(list, "l3_gb_per_second", "%.0f"), range_text(list, "dram_gb_per_second", "%.0f"),
    range_text(list, "pass_ns", "%.0f"), range_text(list, "processors", "%.2f") }
  for _, r in ipairs(list) do
    if r.distance == "one processor" or (r.processors or r.threads) < 0.9 * r.threads then
      disturbed[#disturbed + 1] = w.name
      break
    end
  end
end

--| label: tbl-machine
--| tbl-cap: What the machine could do while each workload ran, with all threads: GFLOP/s of sgemm, GB/s of reading from each cache and from memory, nanoseconds for a cache line from thread to thread, processors that the epochs had. Medians of a row; the least and the most over a workload's rows.
lab.table { header = { "workload", "sgemm", "L1", "L2", "L3", "DRAM", "line (ns)", "processors" }, align = "lrrrrrrr", rows = states }

--| echo: false
lab.say("The processor calls itself %s; the kernels are %s, the threads %d. %s", machine.cpu, machine.isa, machine.threads,
  #disturbed == 0 and "No workload was short of processors." or
  ("**The machine was busy**: in %s the epochs had less than nine tenths of the processors they asked for, or the threads took turns on one. Their seconds are too long; their least ones come nearest to the truth.")
    :format(table.concat(disturbed, ", ")))

-- ## Other programs
--
-- The authors of this toolkit measured other programs on workload C: batch 100, single precision,
-- two threads of a two-core machine with AVX-512. This page does not run them again. The machine
-- you read this from is *of that class* only if the yardsticks agree: theirs were 190 GFLOP/s of
-- sgemm, and reading at 362 GB/s from L1, 205 from L2, 170 from L3, 34 from memory.

--| echo: fold
-- Name, seconds an epoch: median, least, most; peak memory.
local others = {
  { "the tutorial's program (SciPy and Numba)", 59, 56, 62, "417 MB with 5,000 images" },
  { "the tutorial's dense twin (NumPy)", nil, 185, 280, "1,048 MB with 2,000 images" },
  { "PyTorch 1.13, dense, as it comes", 107 },
  { "PyTorch 1.13, dense, tuned", 43.7, 41, 46, "1,148 MB" },
  { "PyTorch with masks, as it comes", nil, 103, 136, "1,200–1,415 MB" },
  { "PyTorch with masks, tuned", nil, 48.6, 52.9 },
  { "Nerva (C++), its MKL calls served by a stand-in over OpenBLAS, so not its best", 33, 30, 38, "777 MB" },
  { "SparseProp in PyTorch, as it comes", 23.7 },
  { "SparseProp in PyTorch, tuned", 14.2, 8, 15, "1,006 MB" },
  { "SparseProp, its kernels alone", 6.6 },
  { "SparseLab 0.2.2 in PyTorch, as it comes", 18.2 },
  { "SparseLab 0.2.2 in PyTorch, tuned", 10.2, 7.3, 11.2, "1,465 MB" },
  { "SparseLab 0.2.2, its kernels alone", 4.1 },
  { "SciPy, the forward pass only", nil, 12, 19 },
}

local function from_to(low, high) return low and ("%g–%g"):format(low, high) end

local function times_ours(median, low, high)
  if median then return ("%.1f"):format(median / c_seconds) end
  return ("%.1f–%.1f"):format(low / c_seconds, high / c_seconds)
end

local function own(name, r)
  local median = r.train_seconds_per_epoch * FULL
  return { name, digits(median), ("%.3g–%.3g"):format(r.min * FULL, r.max * FULL), ("%.1f"):format(median / c_seconds),
    ("%.0f MB with %s images"):format(r.peak_rss_mib * 1.048576, count(r.samples)) }
end

local compared = { own("setlab, this page", C), own("setlab with bfloat16, this page", C16) }
for _, o in ipairs(others) do
  local name, median, low, high, memory = table.unpack(o, 1, 5)
  compared[#compared + 1] = { name, median and ("%g"):format(median) or "–", from_to(low, high) or "–", times_ours(median, low, high), memory or "–" }
end

--| label: tbl-others
--| tbl-cap: Seconds for one epoch of workload C, evolution not included, and peak memory. The first two rows are this page's; the others were measured by the authors of setlab on this class of machine (two cores, AVX-512, batch 100, float32), and are not run again.
lab.table { header = { "program", "median (s)", "least–most (s)", "times ours", "peak memory" }, align = "lrrrr", rows = compared }

--| echo: false
lab.say([[
So an epoch takes %.0f times as long in the tutorial's program, and %.1f times as long in the fastest of the
others that trains the whole network, SparseLab as its users tuned it. The tutorial's program also needs 1.4 seconds for an evolution
of the links, against %s here.%s]], 59 / c_seconds, 10.2 / c_seconds, seconds(C.evolve_ms_per_epoch / 1000),
  FULL ~= 1 and (" This page measured %s images and reckoned the seconds for 50,000 from them."):format(count(C.samples)) or "")

-- ## Where the time goes
--
-- The clock of the first thread runs through a step: making the batch; the forward pass, layer by
-- layer from the images up, with activation and dropout; the loss; and the backward pass down
-- again, which updates each weight in the same walk. What is left is shuffling and the beginning of
-- an epoch. Waiting for the other threads is in the phase where they wait.

--| echo: fold
local function parts_of(row)
  local parts, left = {}, row.train_seconds_per_epoch
  for i, phase in ipairs(row.phases) do
    local kind, layer = phase.name:match "^(%a+) ?(%d*)$"
    parts[i] = { name = kind == "backward" and "backward and update" or kind, label = layer, value = 100 * phase.seconds / row.train_seconds_per_epoch }
    left = left - phase.seconds
  end
  parts[#parts + 1] = { name = "the rest", value = math.max(0, 100 * left / row.train_seconds_per_epoch) }
  return parts
end

--| label: fig-phases
--| fig-cap: Shares of an epoch's time. The numbers in the bars are layers, from the images up.
lab.plot.stacks { bars = { { name = "C", parts = parts_of(C) }, { name = "C16", parts = parts_of(C16) }, { name = "F", parts = parts_of(F) } },
  xlabel = "share of the time of an epoch (%)" }

--| echo: fold
local phase_rows, beside = {}, 0
for _, phase in ipairs(C.phases) do
  local s, steps = phase.seconds, C.samples / C.batch
  phase_rows[#phase_rows + 1] = { phase.name, digits(1e6 * s / steps), percent(s / C.train_seconds_per_epoch),
    digits(phase.operations and phase.operations / s * 1e-9), digits(phase.bytes and phase.bytes / s * 1e-9),
    digits(phase.bytes and phase.operations / phase.bytes) }
  if not phase.operations then beside = beside + s end
end

--| label: tbl-phases
--| tbl-cap: The phases of a step of workload C, layer 4 being dense: microseconds a step, share of the epoch, and what the links did meanwhile.
lab.table { header = { "phase", "µs a step", "share", "GFLOP/s", "GB/s", "operations a byte" }, align = "lrrrrr", rows = phase_rows }

--| echo: false
lab.say("What is not done for links, making batches and the loss, takes %s of an epoch of C.", percent(beside / C.train_seconds_per_epoch))

-- ## How much is possible
--
-- A processor computes no faster than its arithmetic allows, and no faster than operands arrive.
-- The *roofline* draws both: the flat part is what a dense product reached, the slopes are what can
-- be read from each cache. Where a kernel stands from left to right says how many operations it
-- does with a byte. A link reads a row of activations, four bytes a sample, and does one
-- multiplication and one addition with each: half an operation a byte going forward; going backward
-- it reads a row of deltas and does two of both, for the input's gradient and for its own. So its
-- ceiling is a slope, not the flat roof, and the cache that holds a batch of activations decides.

--| echo: fold
local function point_of(list)  -- rows or phases -> operations a byte, GFLOP/s
  local operations, bytes, time = 0, 0, 0
  for _, phase in ipairs(list) do operations, bytes, time = operations + phase.operations, bytes + phase.bytes, time + phase.seconds end
  return operations / bytes, operations / time * 1e-9
end

-- The sparse layers' phases of one direction.
local function sparse_phases(row, direction)
  local list = {}
  for _, phase in ipairs(row.phases or {}) do
    if phase.bytes and phase.name:find(direction, 1, true) == 1 then list[#list + 1] = phase end
  end
  return list
end

local function both_ways(name, row)
  local fx, fy = point_of(sparse_phases(row, "forward"))
  local bx, by = point_of(sparse_phases(row, "backward"))
  return { name = name, x = { fx, bx }, y = { fy, by }, marks = "points" }
end

local function whole_steps(name, list)
  local s = { name = name, x = {}, y = {}, marks = "points" }
  for _, r in ipairs(list) do
    if r.gb_per_second then s.x[#s.x + 1], s.y[#s.y + 1] = r.gflops / r.gb_per_second, r.gflops end
  end
  return s
end

local ceilings = {}
for i, level in ipairs { "L1", "L2", "L3", "DRAM" } do
  local speed = C[level:lower() .. "_gb_per_second"]
  if speed then
    ceilings[#ceilings + 1] = { slope = 1, through = { 1, speed }, from = 0.06, to = math.max(0.07, C.sgemm_gflops / speed), at = 0.04,
      below = i == 3, label = ("%s %.0f GB/s"):format(level, speed) }
  end
end
ceilings[#ceilings + 1] = { y = C.sgemm_gflops, label = ("sgemm %.0f GFLOP/s"):format(C.sgemm_gflops),
  from = math.max(0.07, C.sgemm_gflops / (C.l1_gb_per_second or C.l2_gb_per_second or C.sgemm_gflops)) }

--| label: fig-roofline
--| fig-cap: The roofline of this machine, from the yardsticks between the epochs of workload C. Of C and F the left point is the forward pass of the sparse layers, the right one their backward pass with the update. The points of the sweeps, described below, are whole steps, batch making and loss included; those of densities have the last layer dense.
lab.plot.xy { series = { both_ways("C", C), both_ways("F", F), whole_steps("densities", rows.density), whole_steps("batches", rows.batch),
    whole_steps("inference", rows.inference) },
  guides = ceilings, logx = true, logy = true, xrange = { 0.06, 12 }, yrange = { 1, 1000 }, height = 440,
  xlabel = "operations a byte", ylabel = "GFLOP/s",
  alt = "GFLOP/s against operations a byte on logarithmic axes, under the ceilings of caches, memory and sgemm" }

--| echo: false
do
  local fx, fy = point_of(sparse_phases(C, "forward"))
  local bx, by = point_of(sparse_phases(C, "backward"))
  local l2 = C.l2_gb_per_second
  if l2 then
    lab.say([[
The forward pass of C does %s operations a byte and runs at %s GFLOP/s, %s of what the second cache would allow there;
its backward pass, %s operations a byte, at %s GFLOP/s, %s. The bytes are those of a model: a row of four-byte
values for each link and direction, and %d bytes of the link itself a step. Values that are still in a
register or in the first cache cost less than the model says, values that come from the third cost more.
]], digits(fx), digits(fy), percent(fy / (fx * l2)), digits(bx), digits(by), percent(by / math.min(bx * l2, C.sgemm_gflops)), 32)
  end
end

-- ## Sparse against dense
--
-- The network 3072-1024-512-10 with more and more of its links, against the same network with
-- dense layers, which OpenBLAS computes. They take turns, epoch by epoch. The sparse layers stay
-- sparse even where all links are there, the worst case: a link costs an index that a dense weight
-- does not, and its operands arrive in no useful order.

--| echo: fold
local dense, densities = rows.density[1], table.move(rows.density, 2, #rows.density, 1, {})
local break_even = dense and dense.break_even_density
local function density_percent(r) return 100 * r.density end
local function per_1000_images(field) return function(r) return r[field] and 1000 * r[field] / r.samples end end

local density_guides = {}
if dense then
  density_guides[1] = { y = per_1000_images "train_seconds_per_epoch" (dense), label = "dense layers", at = 0 }
  if break_even then density_guides[2] = { x = 100 * break_even, label = ("break-even at %s"):format(percent(break_even)) } end
end

--| label: fig-density
--| fig-cap: Seconds of training for 1,000 images against the density of the sparse layers, both axes logarithmic. Right of the break-even, use dense layers.
lab.plot.xy { series = { { name = "sparse layers", x = column(densities, density_percent), y = column(densities, per_1000_images "train_seconds_per_epoch"),
    low = column(densities, per_1000_images "min"), high = column(densities, per_1000_images "max"), spread = "whiskers", marks = "both" } },
  guides = density_guides, logx = true, logy = true, xlabel = "links that are there (%)", ylabel = "seconds for 1,000 images" }

--| echo: false
do
  local text
  if not dense then text = "The sweep did not finish."
  elseif not break_even then text = "**Use dense layers**: in this run they were faster at every density."
  elseif break_even >= densities[1].density then text = ("In this run sparse layers were no slower than dense ones at any density up to %s."):format(percent(break_even))
  else
    local thin = densities[#densities]
    text = ("Sparse and dense layers take equally long at a density of **%s**. Below it, sparse layers are faster, %s times at %s. **Above it, use dense**: `wiring = lab.dense {}`.")
      :format(percent(break_even), digits(thin.speedup_over_dense), percent(thin.density))
  end
  lab.say("%s", text)
end

--| echo: fold
local density_rows = {}
for i, r in ipairs(rows.density) do
  density_rows[i] = { r.dense and "dense layers" or percent(r.density), count(r.links), epoch(r), digits(r.gflops), percent(r.sgemm_share),
    digits(r.speedup_over_dense), mib(r.net_mib) }
end

--| label: tbl-density
--| tbl-cap: The same in numbers; an epoch of as many images as each row says, GFLOP/s counted on links that are there.
lab.table { header = { "density", "links", ("%s images"):format(count(dense and dense.samples)), "GFLOP/s", "of sgemm", "times as fast as dense", "memory of the net" },
  align = "lrrrrrr", rows = density_rows }

-- ## What a link costs
--
-- 784-W/2-W/2-10 units with ten links for each hidden unit and batches of 16: from small networks,
-- whose activations fit the caches, to such as no dense layer could hold. A dense network of
-- 1,000,000 hidden units would have 250,000,000,000 weights in its middle layer alone.

--| echo: fold
local function hidden(r) return r.units[2] + r.units[3] end
local function microseconds(field) return function(r) return r[field] and 1e6 * r[field] / r.samples end end

local function against(name, of)
  local list = rows.widths
  local x, y = column(list, of), column(list, microseconds "train_seconds_per_epoch")
  return { title = "against " .. name, series = { { x = x, y = y, low = column(list, microseconds "min"), high = column(list, microseconds "max"),
    spread = "whiskers", marks = "both" } },
    guides = #list > 0 and { { slope = 1, through = { x[1], y[1] }, label = "in proportion", at = 0.9, below = true } } or nil,
    logx = true, logy = true, xlabel = name, ylabel = "time for a sample (µs)", height = 340 }
end

--| label: fig-widths
--| fig-cap: Time of training for one sample against the number of links and against the number of hidden units, all axes logarithmic. The dashed line is the cost of the smallest network's links.
for _, figure in ipairs { against("links", "links"), against("hidden units", hidden) } do lab.plot.xy(figure) end

--| echo: fold
-- The exponent s of y ~ x^s by least squares.
local function exponent(x, y)
  local n, sx, sy, sxx, sxy = #x, 0, 0, 0, 0
  for i = 1, n do
    local a, b = math.log(x[i]), math.log(y[i])
    sx, sy, sxx, sxy = sx + a, sy + b, sxx + a * a, sxy + a * b
  end
  return (n * sxy - sx * sy) / (n * sxx - sx * sx)
end

local width_rows = {}
for i, r in ipairs(rows.widths) do
  width_rows[i] = { count(hidden(r)), count(r.links), percent(r.density), digits(microseconds "train_seconds_per_epoch" (r), " µs"),
    digits(r.ns_per_link_sample, " ns"), seconds(r.wire_seconds), evolution(r), mib(r.net_mib) }
end

--| label: tbl-widths
--| tbl-cap: Networks by width: their share of all links that could be there, time of training for a sample and for a link and sample, time to wire, evolution, memory of the net and one batch.
lab.table { header = { "hidden units", "links", "density", "a sample", "a link", "wired in", "evolution", "memory" }, align = "rrrrrrrr", rows = width_rows }

--| echo: false
do
  local list = rows.widths
  if #list > 1 then
    local first, last = list[1], list[#list]
    lab.say([[
From %s to %s links, a factor of %s, the time for a sample grows as the number of links to the power of %.2f; in
proportion would be 1. A link costs %s for a sample at the one end and %s at the other%s.]],
      count(first.links), count(last.links), count(last.links / first.links),
      exponent(column(list, "links"), column(list, microseconds "train_seconds_per_epoch")),
      digits(first.ns_per_link_sample, " ns"), digits(last.ns_per_link_sample, " ns"),
      last.ns_per_link_sample > 1.2 * first.ns_per_link_sample and ", where what it reads no longer fits the caches" or "")
  end
end

-- The widest case of `setlab bench scale`, ten million hidden units and a hundred million links, is
-- part of the full profile: `make report PROFILE=full`.

--| echo: false
do
  local r = rows.scale and rows.scale[1]
  if r then
    lab.say("Here it was wired in %s; three steps of 16 samples took %s, the evolution of its %s links %s. Planned were %s, taken %s (%+.1f %%).",
      seconds(r.wire_seconds), seconds(r.train_seconds_per_epoch), count(r.links), seconds(r.evolve_ms_per_epoch / 1000),
      mib(r.planned_mib), mib(r.peak_rss_mib), 100 * (r.peak_rss_mib / r.planned_mib - 1))
  elseif P.scale then lab.say "It was asked for and did not finish: the table of runs above says why."
  else lab.say "This page was woven without it." end
end

-- ## Threads
--
-- Workload C with 10,000 images on one thread and more, taking turns. Each thread owns whole units,
-- so the results are the same bits for any number of them.

--| echo: fold
local one = rows.threads[1]
local function speedup(field) return function(r) return one.train_seconds_per_epoch / r[field] end end

--| label: fig-threads
--| fig-cap: Speed against one thread. The dashed line is as many times as there are threads.
lab.plot.xy { series = { { name = "measured", x = column(rows.threads, "threads"), y = column(rows.threads, speedup "train_seconds_per_epoch"),
    low = column(rows.threads, speedup "max"), high = column(rows.threads, speedup "min"), spread = "whiskers", marks = "both" } },
  guides = { { slope = 1, through = { 1, 1 }, from = 1, to = machine.threads + 0.001, label = "ideal", at = 0.5 } },
  xstep = 1, xrange = { 0.5, machine.threads + 0.5 }, yrange = { 0, machine.threads + 0.5 }, height = 320, xlabel = "threads", ylabel = "times as fast as one" }

--| echo: fold
local thread_rows = {}
for i, r in ipairs(rows.threads) do
  thread_rows[i] = { count(r.threads), epoch(r), digits(r.speedup), digits(r.processors), digits(r.gflops), digits(r.sgemm_gflops), percent(r.sgemm_share) }
end

--| label: tbl-threads
--| tbl-cap: Threads, seconds for 10,000 images or as many as the profile allows, processors that the epochs had, and the dense product with as many threads.
lab.table { header = { "threads", "an epoch", "speed", "processors", "GFLOP/s", "sgemm", "of sgemm" }, align = "rrrrrrr", rows = thread_rows }

--| echo: false
do
  local last = rows.threads[#rows.threads]
  if last and last.threads > 1 then
    lab.say("%d threads are **%.2f times** as fast as one, while they had %s processors; the dense product gained a factor of %.2f.", last.threads, last.speedup,
      last.processors and ("%.2f"):format(last.processors) or "an unknown number of", last.sgemm_gflops / one.sgemm_gflops)
  else lab.say "There was one thread only." end
end

-- ## Batches
--
-- The state of a link, its weight, momentum and indices, is walked once a batch. With one sample
-- that is nearly all there is to do; with many it is shared among them, until the activations of a
-- batch no longer fit the cache and are walked in tiles.

--| echo: fold
local function gflops(field) return function(r) return r.gflops * r.train_seconds_per_epoch / r[field] end end

--| label: fig-batch
--| fig-cap: Workload C without evolution: arithmetic on links against the samples of a batch.
lab.plot.xy { series = { { x = column(rows.batch, "batch"), y = column(rows.batch, "gflops"), low = column(rows.batch, gflops "max"),
    high = column(rows.batch, gflops "min"), spread = "whiskers", marks = "both" } },
  guides = rows.batch[1] and { { y = rows.batch[1].sgemm_gflops, label = "sgemm", at = 0 } } or nil,
  logx = true, yrange = { 0 }, height = 340, xlabel = "samples of a batch", ylabel = "GFLOP/s" }

--| echo: fold
local batch_rows = {}
for i, r in ipairs(rows.batch) do
  batch_rows[i] = { count(r.batch), count(r.samples), epoch(r), count(r.samples_per_second), digits(r.gflops), percent(r.sgemm_share) }
end

--| label: tbl-batch
--| tbl-cap: The same in numbers.
lab.table { header = { "batch", "images", "time", "images a second", "GFLOP/s", "of sgemm" }, align = "rrrrrr", rows = batch_rows }

-- ## Inference
--
-- Evaluating takes the forward pass alone.

--| echo: fold
local inference_rows = {}
for i, r in ipairs(rows.inference) do
  inference_rows[i] = { r.name, count(r.samples), epoch(r), count(r.samples_per_second), digits(r.gflops), percent(r.sgemm_share), digits(r.gb_per_second) }
end

--| label: tbl-inference
--| tbl-cap: The networks of C and F evaluated.
lab.table { header = { "workload", "images", "time", "images a second", "GFLOP/s", "of sgemm", "GB/s" }, align = "lrrrrrr", rows = inference_rows }

-- ## Evolution
--
-- After an epoch the 30 % of the links that lie nearest to zero go, and as many new ones are
-- drawn where none is. Nothing is sorted, and no list of all pairs is made: the cost follows the
-- links, not the pairs.

--| echo: fold
local evolved = table.move(rows.evolution, 1, #rows.evolution, 1, {})
local function ns_per_link(r) return r.evolve_ms_per_epoch * 1e6 / r.links end

--| label: fig-evolution
--| fig-cap: Milliseconds of an evolution against the number of links, both axes logarithmic; layers of equal numbers of units.
lab.plot.xy { series = { { x = column(evolved, "links"), y = column(evolved, "evolve_ms_per_epoch"), low = column(evolved, "evolve_ms_min"),
    high = column(evolved, "evolve_ms_max"), spread = "whiskers", marks = "both" } },
  guides = evolved[1] and { { slope = 1, through = { evolved[1].links, evolved[1].evolve_ms_per_epoch }, label = "in proportion", at = 0.9, below = true } } or nil,
  logx = true, logy = true, height = 340, xlabel = "links", ylabel = "an evolution (ms)" }

--| echo: false
do
  if #evolved > 1 then
    lab.say("That is %s for a link in the smallest and %s in the largest of these networks. The exponent of the links is %.2f.",
      digits(ns_per_link(evolved[1]), " ns"), digits(ns_per_link(evolved[#evolved]), " ns"),
      exponent(column(evolved, "links"), column(evolved, "evolve_ms_per_epoch")))
  end
end

-- ## Memory
--
-- A link takes 20 bytes: weight, momentum, the unit it comes from, and its place in the order by
-- outputs. Its gradient is used while the links are walked and never stored. `setlab plan` says
-- before anything is made what a network and its training will take.

--| echo: fold
local held = { C, C16, F }
table.move(rows.widths, 1, #rows.widths, #held + 1, held)
table.move(rows.scale or {}, 1, #(rows.scale or {}), #held + 1, held)
local memory_rows, farthest = {}, 0
for i, r in ipairs(held) do
  local off = r.peak_rss_mib / r.planned_mib - 1
  if math.abs(off) > math.abs(farthest) then farthest = off end
  memory_rows[i] = { r.workload == r.name and r.name or r.workload .. ", " .. r.name, count(r.links), mib(r.net_mib), mib(r.data_mib),
    mib(r.planned_mib), mib(r.peak_rss_mib), ("%+.1f %%"):format(100 * off) }
end
table.sort(held, function(a, b) return a.links < b.links end)

--| label: fig-memory
--| fig-cap: Peak memory of the whole process, program and images included, against the number of links, and what was planned. Small networks are less than their images and the program.
lab.plot.xy { series = {
    { name = "measured", x = column(held, "links"), y = column(held, "peak_rss_mib"), marks = "points" },
    { name = "planned", x = column(held, "links"), y = column(held, "planned_mib"), marks = "points" } },
  guides = { { slope = 1, through = { 1e6, 20e6 / 2 ^ 20 }, label = "20 bytes a link", at = 0.85, below = true } },
  logx = true, logy = true, height = 340, xlabel = "links", ylabel = "peak memory (MiB)" }

--| label: tbl-memory
--| tbl-cap: Memory of the net with one batch, of the images, planned and measured peak of the process.
lab.table { header = { "workload", "links", "net", "images", "planned", "peak", "off by" }, align = "lrrrrrr", rows = memory_rows }

--| echo: false
lab.say("The plan that lies farthest from the truth is off by %+.1f %%.", 100 * farthest)

-- ## Measuring it yourself
--
-- `setlab bench C` measures one workload in less than twenty seconds and says what the machine could
-- do meanwhile; `setlab bench --list` names the others, `--json` and `--baseline` compare two builds.
-- Close other programs first, or look at the share of sgemm rather than at the seconds.
--
-- ## Sources
--
-- - D. C. Mocanu and others: tutorial *Scalable Deep Learning: from theory to practice*, IJCAI 2019.
-- - S. Williams, A. Waterman, D. Patterson: *Roofline: an insightful visual performance model for multicore
--   architectures*, Communications of the ACM 52(4) (2009).
-- - M. Nikdan, T. Pegolotti, E. Iofinova, E. Kurtic, D. Alistarh: *SparseProp: efficient sparse backpropagation for faster
--   training of neural networks at the edge*, ICML 2023.
-- - W. Wesselink, B. Grooten, Q. Xiao, C. de Campos, M. Pechenizkiy: *Nerva: a truly sparse implementation of neural
--   networks* (2024).
