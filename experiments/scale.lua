-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # How large, and on how many processes?
--
-- A sparse network is as large as its links, not as its matrices. This page measures what networks of more and more units cost in time and
-- memory, and what several processes make of one of them.

local lab = require "lab"
local study = require "shared.study"
local compared = require "shared.compared"
local format = lab.format

--| echo: fold
local P = lab.params {
  widths = { { 10000, 100000, 1000000 }, min = 10000, help = "hidden units: 10000, 100000, 1000000, 10000000" },
  measure = { true, help = "time networks; false under mpirun, where several processes would do so at a time" },
  large = { false, help = "also 100,000,000 hidden units, which take 18 GiB and some minutes" },
  ranks = { false, help = "also time processes that train together (needs mpirun)" },
  parallel = { false, help = "also train by three processes: only under 'mpirun -n 3 setlab run', or to read that back" },
  seconds = { 2.0, above = 0, help = "time to measure each width" },
  repeats = { 3, min = 1, help = "measured epochs of a row, at most" },
  images = { 50000, min = 1, help = "images of a measured epoch, at most" },
  sgemm = { 2000, min = 1, help = "rows of the dense product that measures the machine" },
  sets = { { "fashion_mnist" }, choices = { "fashion_mnist", "cifar10" }, help = "images on which asynchronous training is measured" },
  seeds = { 1, min = 1, help = "runs of each way to train" },
  cifar10_seeds = { 1, min = 1, help = "runs of each way to train on CIFAR-10" },
  epochs = { 5, min = 1 },
  train = study.train(5000, 60000),
  test = study.test(10000, 10000),
  hidden = study.hidden(300),
  epsilon = study.epsilon(20.0),
  batch = study.batch(64),
  lr = study.lr(0.02),
  momentum = study.momentum(0.9),
  dropout = study.dropout(0.2),
  zeta = study.zeta(0.3),
  profiles = {
    quick = { widths = { 10000, 100000 }, epochs = 3 },
    full = { widths = { 10000, 100000, 1000000, 10000000 }, sets = { "fashion_mnist", "cifar10" }, seeds = 3, epochs = 60, train = 60000, hidden = 1000, seconds = 8.0, repeats = 9 },
    smoke = { widths = { 10000 }, sets = { "fashion_mnist", "cifar10" }, seconds = 0.01, repeats = 1, images = 100, sgemm = 16, epochs = 2, train = 400, test = 100, hidden = 30, epsilon = 5 },
  },
}

-- ## Units
--
-- The networks are those of `setlab bench widths`: two hidden layers on images of 784 pixels, ten links for each hidden unit, batches of 16. The largest one,
-- `setlab bench large`, has four links for each of its hundred million units and batches of eight.

local workloads = {}
local rows_of_widths = {}
for i, width in ipairs(P.widths) do rows_of_widths[i] = format.count(width) .. " hidden" end
if P.measure then workloads[1] = { name = "widths", only = rows_of_widths, seconds = P.seconds, repeats = P.repeats, images = P.images, sgemm = P.sgemm } end
if P.measure and P.large then workloads[#workloads + 1] = { name = "large", seconds = 1.0, repeats = 1, images = P.images, sgemm = P.sgemm } end
if P.measure and P.ranks then workloads[#workloads + 1] = { name = "ranks", seconds = 30.0, repeats = P.repeats, images = P.images, sgemm = P.sgemm } end

local measured = #workloads > 0 and lab.runs { "scale", machine = lab.bench.machine(), workload = workloads, run = function(run, _, w)
  lab.bench.log(run, lab.bench.run(w.name, { only = w.only, seconds = w.seconds, repeats = w.repeats, samples = w.images, sgemm = w.sgemm }))
end } or {}

--| echo: fold
local rows = {}
for _, run in ipairs(measured) do rows[run.arguments.workload] = lab.bench.rows(run) end
local sizes = table.move(rows.widths or {}, 1, #(rows.widths or {}), 1, {})
for _, row in ipairs(rows.large or {}) do sizes[#sizes + 1] = row end

--| echo: fold
local function against_units(title, label, of)
  local x, y = {}, {}
  for i, row in ipairs(sizes) do x[i], y[i] = row.units[2] + row.units[3], of(row) end
  return { title = title, series = { { x = x, y = y, marks = "both" } }, logx = true, logy = true, xlabel = "hidden units", ylabel = label, height = 340 }
end

--| label: fig-units
--| index: true
--| fig-cap: Time and memory against the number of hidden units; all axes are logarithmic. Above, the time that one sample takes; below, the memory of the process at its peak.
for _, figure in ipairs(#sizes == 0 and {} or {
  against_units("time", "time for a sample (ms)", function(row) return 1e3 * row.train_seconds_per_epoch / row.samples end),
  against_units("memory", "peak memory (MiB)", function(row) return row.peak_rss_mib end),
}) do lab.plot.xy(figure) end

--| label: tbl-units
--| tbl-cap: The same networks: links, milliseconds for a sample, nanoseconds for a link and sample, time to wire them, time of an evolution, memory as planned and at its peak.
--| echo: fold
if #sizes > 0 then lab.bench.table { sizes, columns = { "hidden", "links", { header = "ms/sample", value = function(row) return 1e3 * row.train_seconds_per_epoch / row.samples end },
  "ns_per_link_sample", "wire_seconds", "evolution", "planned_mib", "peak_rss_mib" } } end

-- A link costs more once the rows of values that it reads no longer fit a cache, for it reads them in no order. What remains is reading of memory at random,
-- for which large pages are asked of the system. A virtual machine does not always get them from its host, so the largest networks differ most from machine to machine.
--
-- ### A billion units?
--
-- `setlab plan 784 5e8 5e8 10 --epsilon 2 --batch 8 --precision bfloat16` says 170 GiB: for each unit 80 bytes of four links, 64 of values, 24 of its bias and of where its
-- links begin, and 14 while the wiring evolves. By arithmetic alone, links of four bytes (a weight in bfloat16 and the distance from the last target in 16 bits; no momentum, no
-- mirrored order) come to 16 bytes, eight values in bfloat16 to 16, and the rest to 3: 35 bytes for each unit, or 33 GiB. So about 600 million units would fit into 24 GiB, and
-- a billion with two links for each and batches of four. Layers that are streamed from a file would save the links' bytes, but not those of the values, which are read at random.
-- None of this has been built.
--
-- ## Processes
--
-- `mpirun -n 2 setlab run` lets processes share each batch of one network (`parallel = "synchronous"`): each walks some of its samples, and they
-- exchange gradients and weights, on one machine or on several. The result is the same, to the last bit, as that of one process.

--| label: tbl-ranks
--| tbl-cap: Workload C by one process, and by several that share its threads: seconds of an epoch, and the speed as a share of the first row's.
--| echo: fold
if rows.ranks then lab.bench.table { rows.ranks, columns = { { "name", header = "processes" }, "threads", "epoch", "speed_of_one" } }
else lab.say "With `ranks=true` this page measures it, where MPI is installed." end

-- ## Accuracy of asynchronous training
--
-- WASAP-SGD and WASSP [@curci2021] gain speed by giving up that equality. In WASAP one process is the master of the others and updates the weights by their
-- gradients as these come, each of weights that may be some updates old. In WASSP each step is one batch of every process, at a larger learning rate. In both, for the last
-- 30 % of the epochs, each process trains and rewires a network of its own on its part of the images, and the mean of these networks is pruned to the links that there were.
--
-- On Fashion-MNIST the network has three hidden layers of one width; on CIFAR-10 it is that of workload C, with images that are rotated, shifted and
-- mirrored. All ways have as many epochs.

--| echo: fold
local about = {
  fashion_mnist = { title = "Fashion-MNIST", units = { 784, P.hidden, P.hidden, P.hidden, 10 }, batch = P.batch, lr = P.lr, dropout = P.dropout },
  cifar10 = { title = "CIFAR-10", units = { 3072, 4 * P.hidden, P.hidden, 4 * P.hidden, 10 }, batch = 100, lr = 0.01, dropout = 0.3, standardise = true,
    augment = lab.augment { rotation = 10, shift = 0.1, flip = true, fill = "nearest", interpolation = "nearest" } },
}

local arms = { { name = "one process" } }
if P.parallel then
  arms[2] = { name = "WASSP, 3 processes", parallel = "wassp", ranks = 3 }
  arms[3] = { name = "WASAP, 3 processes", parallel = "wasap", ranks = 3 }
end

local function trainer(set, data)
  return function(run, arm, seed)
    local random_links = lab.erdos_renyi { epsilon = P.epsilon }
    local net <close> = lab.mlp { wiring = { random_links, random_links, random_links, lab.dense {} }, seed = seed, dropout = set.dropout, table.unpack(set.units) }
    local seconds = 0
    -- "One process" is synchronous, so that under mpirun all ranks share it: its results do not depend on how many there are.
    for epoch in net:epochs(data.train, { epochs = P.epochs, batch = set.batch, lr = set.lr, momentum = P.momentum, augment = set.augment,
        evolve = lab.set { zeta = P.zeta }, parallel = arm.parallel or "synchronous", ranks = arm.ranks, parts = not arm.parallel and 3 or nil }) do
      seconds = seconds + epoch.seconds
      run:log { epoch = epoch.n, accuracy = net:accuracy(data.test), links = net:links(), seconds = seconds }
    end
  end
end

local sets = {}
for i, name in ipairs(P.sets) do
  local set = about[name]
  local data = lab.data[name] { train = math.min(P.train, name == "cifar10" and 50000 or 60000), test = P.test, standardise = set.standardise }
  set.runs = lab.runs { "scale, " .. set.title, arm = arms, seed = study.seeds(name == "cifar10" and P.cifar10_seeds or P.seeds), run = trainer(set, data) }
  sets[i] = set
end

-- In equal epochs one process makes the most updates: in WASSP three processes make one where it makes three, and once each process has a network of its own, each makes
-- a third of them. @fig-accuracy shows how far a network still is from its best when it stops, which is where fewer updates show.

--| label: fig-accuracy
--| fig-cap: Test accuracy by epoch. While each process has a network of its own, the curve is that of the first one; the last epoch is the mean's.
--| echo: fold
for _, set in ipairs(sets) do lab.plot.curves { set.runs, x = "epoch", y = "accuracy", by = "arm", title = set.title } end

--| label: tbl-accuracy
--| tbl-cap: Test accuracy in per cent after the last epoch, mean and standard deviation over seeds, and the difference from one process with its standard error. Nothing was chosen by these images.
--| echo: fold
for _, set in ipairs(sets) do
  local lines, of = {}, compared.percent "accuracy"
  local alone = compared.by_seed(set.runs, "one process", of)
  for i, name in ipairs(compared.arms(set.runs)) do
    local summary = compared.summary(set.runs, name, of)
    lines[i] = { name, summary and tostring(summary.n) or "0", compared.mean_sd(summary, "%.2f"),
      i > 1 and compared.difference_text(compared.difference(compared.by_seed(set.runs, name, of), alone)) or "" }
  end
  lab.table { header = { set.title, "runs", "accuracy", "against one process" }, align = "lrrr", rows = lines }
end

--| echo: false
if not P.parallel then
  lab.say [[This page shows one process only. `mpirun -n 3 setlab run --profile=full experiments/scale.lua parallel=true measure=false` trains the others, and
`setlab report --profile=full experiments/scale.lua parallel=true` weaves the page with them.]]
end
