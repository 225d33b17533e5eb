-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # How fast is truly sparse training?
--
-- Most programs that train sparse networks only simulate them: every weight is there, and a mask
-- says which ones count. That saves neither time nor memory. Others store only the links that
-- exist, but lose the advantage again to slow kernels. This page measures what the links of this
-- toolkit cost, where the time goes, how far that is from what the machine could do, and at what
-- density dense layers become the better choice.
--
-- Every number below, except those of other programs, was measured by this page. The numbers are
-- medians; brackets, and the whiskers in the figures, give the lowest and the highest value.
-- Images are noise of the right shape, so no data set is needed.

local lab = require "lab"
local format = lab.format

-- ## What is measured
--
-- The workloads are those of `setlab bench`. **C** is the network of a well-known tutorial [@ijcai2019], for
-- colour images of 32 by 32 pixels: 3072-4000-1000-4000-10 units with about 341,000 sparse links
-- and 40,000 in the dense last layer; batches of 100, dropout, momentum. **C16** is C with the
-- values at the far ends of its links read as bfloat16. **F** is the network of the Fashion-MNIST
-- study, 784-1000-1000-1000-10 with batches of 40. The others change one thing at a time.

local P = lab.params {
  seconds = { 1.0, above = 0, help = "time to measure, as a multiple of this page's default" },
  repeats = { 5, min = 1, help = "measured epochs per row, at most" },
  images = { 50000, min = 1, help = "images per epoch, at most" },
  sgemm = { 2000, min = 1, help = "rows and columns of the dense product used as the yardstick" },
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
-- woven again. It depends on the workload and on the machine: its processor, the kernels, the
-- number of threads and the build of the program. With another build everything is measured
-- again.
--
-- Neighbours on a shared machine take time and memory bandwidth, so the machine itself is
-- measured between the epochs: a dense product of two matrices by OpenBLAS (sgemm), the speed of
-- reading from each cache and from memory, and the time a cache line takes from one thread to
-- another.

local function names(list, pattern)
  local all = {}
  for i, v in ipairs(list) do all[i] = pattern:format(pattern:find "%%s" and format.count(v) or v) end
  return all
end

local function workload(name, seconds, only)
  return { name = name, only = only, seconds = seconds * P.seconds, repeats = P.repeats, images = P.images, sgemm = P.sgemm }
end

local widths = {}  -- those that fit into this machine's memory
for _, w in ipairs(P.widths) do
  local plan = lab.memory_plan { 784, w // 2, w // 2, 10, wiring = lab.erdos_renyi { epsilon = 5 }, batch = 16, train = 20000 }
  if plan.fits then widths[#widths + 1] = w end
end

local workloads = {
  workload("C", 12), workload("C16", 8), workload("F", 4),
  workload("density", 20, names(P.densities, "%g %%")),
  workload("widths", 4, names(widths, "%s hidden")),
  workload("threads", 12),
  workload("batch", 12, names(P.batches, "batch %d")),
  workload("inference", 6),
  workload("links", 2, names(P.evolutions, "%s units")),
}
if P.scale then workloads[#workloads + 1] = workload("scale", 1) end

local function measure(run, _, w)
  lab.bench.log(run, lab.bench.run(w.name, { only = w.only, seconds = w.seconds, repeats = w.repeats, samples = w.images, sgemm = w.sgemm }))
end

local machine = lab.bench.machine()
local runs = lab.runs { "timing", machine = machine, workload = workloads, run = measure }

local rows = {}
for _, run in ipairs(runs) do rows[run.arguments.workload] = lab.bench.rows(run) end
local C, C16, F = rows.C[1], rows.C16[1], rows.F[1]
assert(C and C16 and F, "without the workloads C, C16 and F there is nothing to tell")

-- `column` takes one number from each row of a list: a field, or the result of a function.

--| echo: fold
local function column(list, of)
  local values = {}
  for i, row in ipairs(list) do
    local v
    if type(of) == "function" then v = of(row) else v = row[of] end
    values[i] = v or 0.0 / 0.0
  end
  return values
end

-- ## In short
--
-- In this section an epoch of C has 50,000 images and one of F 5,000, even where this page
-- measured fewer.

local scale = 50000 / C.samples
local c_seconds, f_seconds = scale * C.train_seconds_per_epoch, 5000 / F.samples * F.train_seconds_per_epoch

--| echo: false
lab.say([[
An epoch of C takes **%.3g s** here (%.3g s with bfloat16), and an evolution of its links %.3g ms. The epoch reaches %.1f %% of the
arithmetic speed of OpenBLAS in a dense product between the epochs. The whole process took %.0f MiB of memory, including its
images. An epoch of F takes **%.3g ms**, its evolution %.3g ms.
]], c_seconds, scale * C16.train_seconds_per_epoch, C.evolve_ms_per_epoch, 100 * C.sgemm_share, C.peak_rss_mib,
  1000 * f_seconds, F.evolve_ms_per_epoch)

--| label: tbl-workloads
--| tbl-cap: The three workloads; an epoch has as many images as were measured. Operations are counted on links: two for each link and sample in the forward pass, two for the input gradient (which the first layer does not need), two for the weight gradient. Making batches, shuffling, dropout and loss count in the seconds, but not in the operations.
--| echo: fold
lab.bench.table { { C, C16, F }, columns = { { "name", header = "workload" }, "links", "epoch", "evolution",
  "gflops", "sgemm_share" } }

-- ## The state of the machine
--
-- A benchmark on a shared machine measures its neighbours as well. A cache line goes from thread
-- to thread in some 60 ns when the two processors are near, and in 150 to 700 ns when the host
-- has put them far apart. Above 2,000 ns the threads share one processor, and the row measures
-- that, not the program. @tbl-machine shows the state of the machine during each workload.

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

--| echo: fold
local function is_disturbed(r)
  return r.distance == "one processor" or (r.processors or r.threads) < 0.9 * r.threads
end

--| echo: fold
local function states()
  local list, disturbed = {}, {}
  for _, w in ipairs(workloads) do
    local all, line, bad = {}, { w.name }, false
    for _, r in ipairs(rows[w.name]) do
      if r.threads == machine.threads then all[#all + 1], bad = r, bad or is_disturbed(r) end
    end
    if bad then disturbed[#disturbed + 1] = w.name end
    for _, field in ipairs { "sgemm_gflops", "l1_gb_per_second", "l2_gb_per_second", "l3_gb_per_second", "dram_gb_per_second", "pass_ns" } do
      line[#line + 1] = range_text(all, field, "%.0f")
    end
    line[#line + 1] = range_text(all, "processors", "%.2f")
    list[#list + 1] = line
  end
  return list, disturbed
end

--| echo: false
local state_rows, disturbed = states()

--| label: tbl-machine
--| tbl-cap: What the machine could do while each workload ran, with all threads: sgemm in GFLOP/s, reading from each cache and from memory in GB/s, nanoseconds for a cache line from thread to thread, and processors that the epochs had. Numbers are medians of a row; a range goes from the lowest to the highest of a workload's rows.
--| echo: fold
lab.table { header = { "workload", "sgemm", "L1", "L2", "L3", "DRAM", "line (ns)", "processors" }, align = "lrrrrrrr", rows = state_rows }

--| echo: false
lab.say("The processor is %s; the kernels are %s, and there are %d threads. %s", machine.cpu, machine.isa, machine.threads,
  #disturbed == 0 and "No workload was short of processors." or ([[
**The machine was busy**: in %s there were rows whose epochs had less than nine tenths of the processors they asked for, or whose threads
took turns on one. Their times are too long; the shortest come nearest to the truth.]]):format(#disturbed == #workloads and "every workload" or table.concat(disturbed, ", ")))

-- ## Other programs
--
-- The authors of this toolkit measured other programs on workload C, among them SparseProp [@nikdan2023] and Nerva
-- [@wesselink2024]: batch 100, single precision, two threads of a two-core machine with AVX-512. This page does not run them again. Their times
-- can be compared with those of this page if its machine is *of that class*. The yardsticks show
-- whether it is: on the other machine they were 190 GFLOP/s of sgemm, and 362 GB/s of reading
-- from L1, 205 from L2, 170 from L3, 34 from memory. The times were measured up to November 2026;
-- the sources of the programs are at the end of this page.

--| echo: fold
local others = {  -- seconds an epoch: median, least, most; peak memory
  { "tutorial's program (SciPy and Numba)", 59, 54, 96, "417 MB, 5,000 images" },
  { "tutorial's dense twin (NumPy)", nil, 185, 280, "1,048 MB, 2,000 images" },
  { "PyTorch 1.13, dense, as it comes", 107, nil, nil, "1,148 MB" },
  { "PyTorch 1.13, dense, tuned", 43.7, 41, 46, "1,148 MB" },
  { "PyTorch with masks, as it comes", nil, 103, 136, "1,200–1,415 MB" },
  { "PyTorch with masks, tuned", nil, 48.6, 52.9, "1,200–1,415 MB" },
  { "Nerva (C++), its MKL calls served by a stand-in over OpenBLAS, so not its best", 33, 30, 38, "777 MB" },
  { "SparseProp in PyTorch, as it comes", 23.7, nil, nil, "1,006 MB" },
  { "SparseProp in PyTorch, tuned", 14.2, 8, 15, "1,006 MB" },
  { "SparseProp, its kernels alone", 6.6 },
  { "SparseLab 0.2.2 in PyTorch, as it comes", 18.2, nil, nil, "1,465 MB" },
  { "SparseLab 0.2.2 in PyTorch, tuned", 10.2, 7.3, 11.2, "1,465 MB" },
  { "SparseLab 0.2.2, its kernels alone", 4.1 },
  { "SciPy, the forward pass only", nil, 12, 19 },
}

--| echo: fold
local function compared(list)
  local out = {}
  local function add(name, median, low, high, memory, pattern)
    local range = low and (pattern .. "–" .. pattern):format(low, high)
    local times = median and ("%.1f"):format(median / c_seconds) or ("%.1f–%.1f"):format(low / c_seconds, high / c_seconds)
    out[#out + 1] = { name, median and pattern:format(median) .. (range and (" (%s)"):format(range) or "") or range, times, memory or "–" }
  end
  for _, own in ipairs { { "setlab, this page", C }, { "setlab with bfloat16, this page", C16 } } do
    local r = own[2]
    add(own[1], scale * r.train_seconds_per_epoch, scale * r.min, scale * r.max,
      ("%.0f MB, %s images"):format(r.peak_rss_mib * 1.048576, format.count(r.samples)), "%.3g")
  end
  for _, o in ipairs(list) do add(o[1], o[2], o[3], o[4], o[5], "%g") end
  return out
end

--| label: tbl-others
--| tbl-cap: Seconds per epoch of workload C, without evolution, and peak memory. The first two rows are from this page. All others were measured by the authors of setlab on this class of machine (two cores, AVX-512, batch 100, float32) and are not run again here.
--| echo: fold
lab.table { header = { "program", "seconds (least–most)", "times ours", "peak memory" }, align = "lrrr", rows = compared(others) }

--| echo: false
lab.say([[
So an epoch takes %.0f times as long in the tutorial's program, and %.1f times as long in the fastest of the others that trains the
whole network, a tuned SparseLab. The tutorial's program needs another 1.4 s for an evolution of the links, against %.3g ms here.%s]],
  59 / c_seconds, 10.2 / c_seconds, C.evolve_ms_per_epoch,
  scale ~= 1 and (" This page measured %s images and scaled the seconds to 50,000."):format(format.count(C.samples)) or "")

-- A shared machine is fast in one minute and slow in the next. More reliable than times from
-- different days are the following, measured in turns within the same minutes. They are from the
-- engine as it was in November 2026, before a step processed its columns in tiles:

--| label: tbl-pairs
--| tbl-cap: Seconds per epoch of workload C, with the programs taking turns: what a user would choose instead, and setlab doing the same.
--| echo: fold
lab.table { header = { "program", "its seconds", "setlab", "its seconds", "times" }, align = "lrlrr", rows = {
  { "PyTorch 1.13, dense, tuned", "50–54", "dense layers", "34–37", "1.5" },
  { "SparseLab 0.2.2, tuned", "11.5–12.1", "sparse layers", "1.64–1.69", "7.1" },
} }

-- On workload F, 5,000 images, the tutorial's program took 1.78 to 1.91 seconds per epoch.
--
-- ## Where the time goes
--
-- The clock of the first thread times the parts of a step: making the batch; the forward pass,
-- layer by layer from the images up, with activation and dropout; the loss; and the backward pass
-- down again, which also updates each weight. The rest is shuffling and the start of an epoch.
-- Waiting for other threads counts in the phase where it happens.

--| echo: fold
local function parts_of(row)
  local parts, whole = {}, row.train_seconds_per_epoch
  local left = whole
  for i, phase in ipairs(row.phases) do
    local kind, layer = phase.name:match "^(%a+) ?(%d*)$"
    parts[i] = { name = kind, label = layer, value = 100 * phase.seconds / whole }
    left = left - phase.seconds
  end
  parts[#parts + 1] = { name = "rest", value = math.max(0, 100 * left / whole) }
  return { name = row.name, parts = parts }
end

--| label: fig-phases
--| fig-cap: Shares of an epoch's time by phase. The numbers in the bars are layers, from the images up; the last one is dense.
lab.plot.stacks { bars = { parts_of(C), parts_of(C16), parts_of(F) }, xlabel = "share of the time of an epoch (%)" }

--| echo: fold
local function phase_rows(row)
  local list, steps = {}, row.samples / row.batch
  local function text(x) return x and ("%.3g"):format(x) or "–" end
  for i, phase in ipairs(row.phases) do
    local s, operations, bytes = phase.seconds, phase.operations, phase.bytes
    list[i] = { phase.name, ("%.0f"):format(1e6 * s / steps), ("%.1f %%"):format(100 * s / row.train_seconds_per_epoch),
      text(operations and operations / s * 1e-9), text(bytes and bytes / s * 1e-9), text(bytes and operations / bytes) }
  end
  return list
end

--| label: tbl-phases
--| tbl-cap: The phases of a step of workload C: microseconds per step, share of the epoch, arithmetic on links, and what was read and written for it by the model of the next section.
--| echo: fold
lab.table { header = { "phase", "µs a step", "share", "GFLOP/s", "GB/s", "operations a byte" }, align = "lrrrrr", rows = phase_rows(C) }

--| echo: false
do
  local aside = 0
  for _, phase in ipairs(C.phases) do if not phase.operations then aside = aside + phase.seconds end end
  lab.say("Making batches and the loss take %.1f %% of an epoch of C.", 100 * aside / C.train_seconds_per_epoch)
end

-- ## How much is possible
--
-- A processor computes no faster than its arithmetic allows, and no faster than operands arrive.
-- The *roofline* [@williams2009] draws both limits: the flat part is what a dense product reached, the slopes are
-- what can be read from each cache and from memory. A kernel's place from left to right is its
-- number of operations per byte. In the forward pass, a link reads a row of activations, four
-- bytes per sample, and does a multiplication and an addition with each: half an operation per
-- byte. In the backward pass, it reads a row of deltas and does twice as much, for the gradients
-- of the input and of the weight. So its ceiling is a slope and not the flat roof, and depends on
-- which cache holds the activations of a batch.

--| echo: fold
local function direction(row, name)  -- of the sparse layers: operations a byte, GFLOP/s
  local operations, bytes, time = 0, 0, 0
  for _, phase in ipairs(row.phases) do
    if phase.bytes and phase.name:find(name, 1, true) == 1 then
      operations, bytes, time = operations + phase.operations, bytes + phase.bytes, time + phase.seconds
    end
  end
  return operations / bytes, operations / time * 1e-9
end

--| echo: fold
local function both_ways(row)
  local fx, fy = direction(row, "forward")
  local bx, by = direction(row, "backward")
  return { name = row.name, x = { fx, bx }, y = { fy, by }, marks = "points" }
end

--| echo: fold
local function whole_steps(name, list)
  local s = { name = name, x = {}, y = {}, marks = "points" }
  for _, r in ipairs(list) do
    if r.gb_per_second then s.x[#s.x + 1], s.y[#s.y + 1] = r.gflops / r.gb_per_second, r.gflops end
  end
  return s
end

--| echo: fold
local function ceilings(row, from)
  local list, roof, fastest = {}, row.sgemm_gflops, 0
  for _, level in ipairs { "L1", "L2", "L3", "DRAM" } do
    local speed = row[level:lower() .. "_gb_per_second"]
    if speed then
      fastest = math.max(fastest, speed)
      list[#list + 1] = { slope = 1, through = { 1, speed }, from = from, to = math.max(from, roof / speed), at = 0.04, below = level == "L3",
        label = ("%s %.0f GB/s"):format(level, speed) }
    end
  end
  list[#list + 1] = { y = roof, from = fastest > 0 and roof / fastest or from, label = ("sgemm %.0f GFLOP/s"):format(roof) }
  return list
end

--| label: fig-roofline
--| index: true
--| index-order: 12
--| fig-cap: The roofline of this machine, from the yardsticks between the epochs of C. For C and F, the left point is the forward pass of the sparse layers, the right one their backward pass and update. The points of the sweeps, which follow below, are whole steps, including making batches, the loss and the dense last layer. The table above gives the state of the machine for each point.
lab.plot.xy { series = { both_ways(C), both_ways(F), whole_steps("densities", rows.density), whole_steps("batches", rows.batch),
    whole_steps("inference", rows.inference) },
  guides = ceilings(C, 0.06), logx = true, logy = true, xrange = { 0.06, 12 }, yrange = { 0.5, 500 }, height = 440,
  xlabel = "operations a byte", ylabel = "GFLOP/s" }

--| echo: false
do
  local fx, fy = direction(C, "forward")
  local bx, by = direction(C, "backward")
  local l2 = C.l2_gb_per_second
  if l2 then
    lab.say([[
The forward pass of C does %.2f operations per byte and runs at %.0f GFLOP/s, %.0f %% of what the second cache would allow there; its
backward pass, %.2f operations per byte, at %.0f GFLOP/s, %.0f %%. The bytes are those of a model: for each link and direction a row of
four-byte values, and 32 bytes of the link itself per step. What is still in a register or in the first cache costs less than the model
says; what comes from the third costs more.]], fx, fy, 100 * fy / (fx * l2), bx, by, 100 * by / math.min(bx * l2, C.sgemm_gflops))
  end
end

-- ## Sparse against dense
--
-- The network 3072-1024-512-10 is run at many densities, against the same network with dense
-- layers, which OpenBLAS computes. They take turns, epoch by epoch. The sparse layers stay sparse
-- even when all links exist, which is the worst case: a link costs an index that a dense weight
-- does not, and its operands arrive in no useful order.

--| echo: fold
local dense, densities = rows.density[1] or {}, table.move(rows.density, 2, #rows.density, 1, {})

--| echo: fold
local break_even = dense.break_even_density

--| echo: fold
local function per_1000(field) return function(r) return r[field] and 1000 * r[field] / r.samples end end

--| echo: fold
local function density_guides()
  if not dense.samples then return {} end
  return { { y = per_1000 "train_seconds_per_epoch" (dense), label = "dense layers", at = 0 },
    break_even and { x = 100 * break_even, label = ("break-even at %.0f %%"):format(100 * break_even) } or nil }
end

--| label: fig-density
--| fig-cap: Seconds of training for 1,000 images against the density of the sparse layers, both axes logarithmic. To the right of the break-even, use dense layers.
lab.plot.xy { series = { { name = "sparse layers", x = column(densities, function(r) return 100 * r.density end),
    y = column(densities, per_1000 "train_seconds_per_epoch"), low = column(densities, per_1000 "min"), high = column(densities, per_1000 "max"),
    spread = "whiskers", marks = "both" } },
  guides = density_guides(), logx = true, logy = true, xlabel = "links that are there (%)", ylabel = "seconds for 1,000 images" }

--| echo: false
do
  local thick, thin = densities[1], densities[#densities]
  if not thin then lab.say "The sweep did not finish: the table of runs above says why."
  elseif not break_even then lab.say "**Use dense layers**: in this run they were faster at every density."
  elseif break_even >= thick.density then lab.say("In this run sparse layers were no slower than dense ones at any density, up to %.0f %%.", 100 * break_even)
  else
    lab.say([[
Sparse and dense layers take equally long at a density of **%.0f %%**. Below it sparse layers are faster, %.3g times at %.2g %%. **Above
it, use dense**: `wiring = lab.dense {}`.]], 100 * break_even, thin.speedup_over_dense, 100 * thin.density)
  end
end

--| label: tbl-density
--| tbl-cap: Training by density: GFLOP/s on the links that exist, speed as a multiple of dense layers, and memory that the process took for the net.
--| echo: fold
lab.bench.table { rows.density, columns = { "density", "links", { "epoch", header = ("%s images"):format(format.count(dense.samples)) },
  "gflops", "sgemm_share", "speedup_over_dense", "net_mib" } }

-- ## What a link costs
--
-- These networks have 784-W/2-W/2-10 units, ten links for each hidden unit and batches of 16.
-- They range from small networks, whose activations fit the caches, to ones that no dense layer
-- could hold. A dense network of 1,000,000 hidden units would have 250,000,000,000 weights in its
-- middle layer alone.

--| echo: fold
local function microseconds(field) return function(r) return r[field] and 1e6 * r[field] / r.samples end end

-- The dashed line of a figure is cost in proportion to size, drawn through the middle of the
-- points.

--| echo: fold
local function in_proportion(x, y)
  if #x == 0 then return nil end
  local sum = 0
  for i = 1, #x do sum = sum + math.log(y[i] / x[i]) end
  local ratio = math.exp(sum / #x)
  return { { slope = 1, through = { 1, ratio }, label = "in proportion", at = 0.9, below = y[#y] > ratio * x[#x] } }
end

--| echo: fold
local function cost_against(name, of)
  local list = rows.widths
  local x, y = column(list, of), column(list, microseconds "train_seconds_per_epoch")
  return { title = "against " .. name, series = { { x = x, y = y, low = column(list, microseconds "min"), high = column(list, microseconds "max"),
    spread = "whiskers", marks = "both" } },
    guides = in_proportion(x, y), logx = true, logy = true, xlabel = name, ylabel = "time for a sample (µs)", height = 340 }
end

--| label: fig-widths
--| fig-cap: Training time per sample against the number of links and against the number of hidden units; all axes are logarithmic.
for _, figure in ipairs {
  cost_against("links", "links"),
  cost_against("hidden units", function(r) return r.units[2] + r.units[3] end),
} do lab.plot.xy(figure) end

--| label: tbl-widths
--| tbl-cap: Networks by width: their density, microseconds of training per sample, nanoseconds per link and sample, time to wire, and memory that the process took for the net.
--| echo: fold
lab.bench.table { rows.widths, columns = { "hidden", "links", "density", { header = "µs/sample", value = microseconds "train_seconds_per_epoch" },
  "ns_per_link_sample", "wire_seconds", "net_mib" } }

--| echo: fold
local function exponent(x, y)  -- the s of y ~ x^s, by least squares
  local n, sx, sy, sxx, sxy = #x, 0, 0, 0, 0
  for i = 1, n do
    local a, b = math.log(x[i]), math.log(y[i])
    sx, sy, sxx, sxy = sx + a, sy + b, sxx + a * a, sxy + a * b
  end
  return (n * sxy - sx * sy) / (n * sxx - sx * sx)
end

--| echo: false
do
  local list = rows.widths
  local first, last = list[1], list[#list]
  if #list > 1 then
    lab.say([[
From %s to %s links, a factor of %s, the time for a sample grows as the number of links to the power of %.2f, where 1 would be in
proportion. A link costs %.3g ns per sample at one end and %.3g ns at the other%s.]],
      format.count(first.links), format.count(last.links), format.count(last.links / first.links),
      exponent(column(list, "links"), column(list, microseconds "train_seconds_per_epoch")), first.ns_per_link_sample, last.ns_per_link_sample,
      last.ns_per_link_sample > 1.2 * first.ns_per_link_sample and ", where what it reads no longer fits the caches" or "")
  end
end

-- The largest case of `setlab bench`, called scale, has ten million hidden units and a hundred
-- million links. It is part of the full profile only, `make report PROFILE=full`.

--| echo: false
do
  local r = rows.scale and rows.scale[1]
  if r then
    lab.say("Here it was wired in %.3g s; three steps of 16 samples took %.3g s, the evolution of its %s links %.3g s. The plan was %.0f MiB, the process took %.0f MiB (%+.1f %%).",
      r.wire_seconds, r.train_seconds_per_epoch, format.count(r.links), r.evolve_ms_per_epoch / 1000,
      r.planned_mib, r.peak_rss_mib, 100 * (r.peak_rss_mib / r.planned_mib - 1))
  elseif P.scale then lab.say "It did not finish: the table of runs above says why." end
end

-- ## Threads
--
-- Workload C is run with fewer images, on one thread and on more, in turns. Each thread owns
-- whole units, so the results are bit-identical for any number of threads.

--| echo: fold
local one = rows.threads[1]

--| echo: fold
local function speed(field) return function(r) return one.train_seconds_per_epoch / r[field] end end

--| label: fig-threads
--| fig-cap: Speed of workload C relative to one thread. On the dashed line, it is proportional to the number of threads.
lab.plot.xy { series = { { x = column(rows.threads, "threads"), y = column(rows.threads, speed "train_seconds_per_epoch"),
    low = column(rows.threads, speed "max"), high = column(rows.threads, speed "min"), spread = "whiskers", marks = "both" } },
  guides = { { slope = 1, through = { 1, 1 }, from = 0.5, to = machine.threads + 0.5, label = "ideal", at = 0.3 } },
  xstep = 1, xrange = { 0.5, machine.threads + 0.5 }, yrange = { 0, machine.threads + 0.5 }, height = 320, xlabel = "threads", ylabel = "times as fast as one" }

--| label: tbl-threads
--| tbl-cap: Workload C by number of threads, for 10,000 images or as many as were measured, with the processors that the epochs had and the dense product on as many threads.
--| echo: fold
lab.bench.table { rows.threads, columns = { "threads", "epoch", "speedup", "processors", "gflops", "sgemm_gflops", "sgemm_share" } }

--| echo: false
do
  local last = rows.threads[#rows.threads]
  if last and last.threads > 1 then
    lab.say("%d threads are **%.2f times** as fast as one, %sthe dense product with them %.2f times.", last.threads, last.speedup,
      last.processors and ("while they had %.2f processors; "):format(last.processors) or "", last.sgemm_gflops / one.sgemm_gflops)
  else lab.say "There was one thread only." end
end

-- ## Batches
--
-- The state of a link, its weight, momentum and indices, is processed once per batch. With one
-- sample that is nearly all there is to do. With many, they share this cost, until the
-- activations of a batch no longer fit the cache and are processed in tiles.

--| echo: fold
local function gflops(field) return function(r) return r.gflops * r.train_seconds_per_epoch / r[field] end end

--| label: fig-batch
--| fig-cap: Speed of workload C without evolution, in GFLOP/s on links, against the number of samples in a batch.
lab.plot.xy { series = { { x = column(rows.batch, "batch"), y = column(rows.batch, "gflops"), low = column(rows.batch, gflops "max"),
    high = column(rows.batch, gflops "min"), spread = "whiskers", marks = "both" } },
  logx = true, xrange = { 0.9, 1200 }, yrange = { 0 }, height = 340, xlabel = "samples of a batch", ylabel = "GFLOP/s" }

--| label: tbl-batch
--| tbl-cap: Speed of workload C without evolution, by batch size.
--| echo: fold
lab.bench.table { rows.batch, columns = { "batch", { "samples", header = "images" }, { "epoch", header = "time" },
  { "samples_per_second", header = "images/s" }, "gflops", "sgemm_share" } }

-- ## Inference
--
-- Evaluation needs only the forward pass.

--| label: tbl-inference
--| tbl-cap: Speed of evaluation for the networks of C and F.
--| echo: fold
lab.bench.table { rows.inference, columns = { { "name", header = "workload" }, { "samples", header = "images" }, { "epoch", header = "time" },
  { "samples_per_second", header = "images/s" }, "gflops", "sgemm_share", "gb_per_second" } }

-- ## Evolution
--
-- After an epoch, the 30 % of the links with weights nearest to zero are dropped, and as many new
-- ones are drawn in free places. No list of all pairs is made, so the cost grows with the number
-- of links, not of pairs.

--| label: fig-evolution
--| fig-cap: Milliseconds per evolution against the number of links, for two layers with equally many units; both axes are logarithmic.
lab.plot.xy { series = { { x = column(rows.links, "links"), y = column(rows.links, "evolve_ms_per_epoch"), low = column(rows.links, "evolve_ms_min"),
    high = column(rows.links, "evolve_ms_max"), spread = "whiskers", marks = "both" } },
  guides = in_proportion(column(rows.links, "links"), column(rows.links, "evolve_ms_per_epoch")),
  logx = true, logy = true, height = 340, xlabel = "links", ylabel = "an evolution (ms)" }

--| echo: false
do
  local first, last = rows.links[1], rows.links[#rows.links]
  if #rows.links > 1 then
    lab.say("That is %.3g ns per link in the smallest and %.3g ns in the largest of these networks; the time grows as the number of links to the power of %.2f.",
      first.evolve_ns_per_link, last.evolve_ns_per_link, exponent(column(rows.links, "links"), column(rows.links, "evolve_ms_per_epoch")))
  end
end

-- ## Memory
--
-- A link takes 20 bytes: weight, momentum, the units that it comes from and goes to, and its place in the order by
-- outputs. Its gradient is used at once and never stored. `setlab plan` says in advance how much
-- memory a network and its training will take.

--| echo: fold
local function sorted_by_links()
  local list = { C, C16, F }
  for _, more in ipairs { rows.widths, rows.scale or {} } do table.move(more, 1, #more, #list + 1, list) end
  table.sort(list, function(a, b) return a.links < b.links or a.links == b.links and a.name < b.name end)
  return list
end

--| echo: fold
local held = sorted_by_links()

--| echo: fold
local function off(r) return 100 * (r.peak_rss_mib / r.planned_mib - 1) end

--| label: fig-memory
--| fig-cap: Peak memory of the whole process, planned and measured, against the number of links. Program and images are included; with few links they are most of it.
lab.plot.xy { series = {
    { name = "planned", x = column(held, "links"), y = column(held, "planned_mib"), marks = "points" },
    { name = "measured", x = column(held, "links"), y = column(held, "peak_rss_mib"), marks = "points" } },
  guides = { { slope = 1, through = { 1e6, 20e6 / 2 ^ 20 }, from = 5e5, to = math.max(1e6, held[#held].links),
    label = "20 bytes a link", at = 0.95, below = true } },
  logx = true, logy = true, height = 360, xlabel = "links", ylabel = "peak memory (MiB)" }

--| label: tbl-memory
--| tbl-cap: Peak memory of the process by workload, planned and measured.
--| echo: fold
lab.bench.table { held, columns = { { "name", header = "workload" }, "links", { "samples", header = "images" }, "planned_mib", { "peak_rss_mib", header = "measured" },
  { header = "off by", value = function(r) return ((("%+.1f %%"):format(off(r))):gsub("^[+-]0%.0", "0.0")) end } } }

--| echo: false
do
  local farthest = held[1]
  for _, r in ipairs(held) do if math.abs(off(r)) > math.abs(off(farthest)) then farthest = r end end
  lab.say("The plan farthest from the measurement is that of %s, which is off by %+.1f %%.", farthest.name, off(farthest))
end

-- ## Measuring it yourself
--
-- `setlab bench C` measures one workload in less than twenty seconds and says what the machine could
-- do meanwhile; `setlab bench --list` names the others, `--json` and `--baseline` compare two builds.
-- Close other programs first, or look at the share of sgemm rather than at the seconds.
--
