-- # Does the wiring have to evolve?
--
-- A multilayer perceptron spends most of its time and memory on weights that it could do
-- without. A *sparse* one has few links from the start: here 3 % of what a dense network of the
-- same size has. The question is which ones. This page trains three networks that differ in
-- nothing else:
--
-- - **SET-MLP** starts from random links and re-spends them: after every epoch it drops the
--   share $\zeta$ of its positive and of its negative weights that lie closest to zero, and
--   grows as many new links at random (Sparse Evolutionary Training, Mocanu et al. 2018);
-- - **FixProb-MLP** draws the same random links once and keeps them;
-- - **dense** has every link.
--
-- The data are images of clothes, 28 by 28 pixels, ten classes (Fashion-MNIST): 5,000 to train
-- on, 1,000 to test, as in the tutorial "Scalable Deep Learning: from theory to practice"
-- (IJCAI 2019), whose stored results stand beside ours at the end.

local lab = require "lab"

-- ## One protocol
--
-- Everything that all three share is said once. Each of these may be set from the command
-- line (`setlab run experiments/fashion_mnist.lua epochs=50`), without touching this file.

local P = lab.params {
  epochs = { 400, min = 1, help = "epochs of the sparse networks" },
  dense_epochs = { 200, min = 1, help = "epochs of the dense network, each of which takes far longer" },
  seeds = { 3, min = 1, help = "runs of each sparse network" },
  dense_seeds = { 1, min = 1, help = "runs of the dense network" },
  train = { 5000, min = 1, max = 60000, help = "training images" },
  test = { 1000, min = 1, max = 10000, help = "test images" },
  hidden = { 1000, min = 1, help = "units in each of the three hidden layers" },
  epsilon = { 13.0, min = 0, help = "sparsity: a layer has about epsilon * (inputs + outputs) links" },
  zeta = { 0.3, min = 0, max = 1, help = "share of links rewired after an epoch" },
  batch = { 40, min = 1 },
  lr = { 0.05, min = 0, help = "learning rate" },
  momentum = { 0.9, min = 0, max = 1 },
  weight_decay = { 2e-4, min = 0, help = "share of every weight taken off after every step" },
  dropout = { 0.2, min = 0, max = 1 },
  bootstrap = { 1000, min = 0, help = "synthetic samples behind each power law's p" },
  profiles = {
    quick = { epochs = 30, dense_epochs = 8, seeds = 2, bootstrap = 200 },
    full = { seeds = 5, dense_seeds = 5, dense_epochs = 400 },
    smoke = { epochs = 2, dense_epochs = 2, seeds = 1, train = 200, test = 100, hidden = 50, bootstrap = 20 },
  },
}

-- The number of links follows from $\epsilon$: a layer between $n_i$ and $n_o$ units links each
-- pair with probability $\epsilon (n_i + n_o) / (n_i n_o)$. Between the last hidden layer and
-- the ten classes this exceeds one, so that layer is dense in all three networks, and does not
-- evolve.

local random_links = lab.erdos_renyi { epsilon = P.epsilon }
local sparse_arms = {
  { name = "SET-MLP", wiring = random_links, evolve = lab.set { zeta = P.zeta }, epochs = P.epochs },
  { name = "FixProb-MLP", wiring = random_links, epochs = P.epochs },
}
local dense_arm = { name = "dense", wiring = lab.dense {}, epochs = P.dense_epochs }

-- ## One run
--
-- The loop below is the whole experiment. What is measured stands in its body: loss and
-- accuracy without dropout on both sets, seconds apart for training, evolution and
-- evaluation, the number of links of each unit, and how many links each pixel would keep if
-- the layer were pruned at that moment.

local data = lab.data.fashion_mnist { train = P.train, test = P.test }

-- Links of every unit of the sparse layers, arriving from below and leaving upwards.
local function record_degrees(run, net, epoch)
  for layer = 1, net:layers() do
    if net:is_sparse(layer) then
      for _, side in ipairs { "in", "out" } do
        run:record("degrees", { epoch = epoch, layer = layer, side = side }, net:degrees(layer, side))
      end
    end
  end
  if net:is_sparse(1) then run:record("pixels", { epoch = epoch }, net:surviving_inputs { zeta = P.zeta }) end
end

local function train(run, arm, seed)
  local net <close> = lab.mlp { 784, P.hidden, P.hidden, P.hidden, 10,
    hidden = "relu", dropout = P.dropout, wiring = arm.wiring, seed = seed }
  record_degrees(run, net, 0)
  local protocol = { epochs = arm.epochs, batch = P.batch, lr = P.lr, momentum = P.momentum,
    weight_decay = P.weight_decay, evolve = arm.evolve }
  for epoch in net:epochs(data.train, protocol) do
    local seen, unseen = net:evaluate(data.train), net:evaluate(data.test)
    run:log {
      epoch = epoch.n, train_loss = seen.loss, test_loss = unseen.loss,
      train_accuracy = seen.accuracy, test_accuracy = unseen.accuracy,
      train_seconds = epoch.seconds, evolve_seconds = epoch.evolve_seconds,
      evaluate_seconds = seen.seconds + unseen.seconds,
      replaced = epoch.replaced, links = net:links(), layer_links = net:links_per_layer(),
    }
    local landmark = epoch.n == 1 or epoch.n == 10 or epoch.n == 100 or epoch.n == arm.epochs
    if landmark then record_degrees(run, net, epoch.n)
    elseif net:is_sparse(1) then run:record("pixels", { epoch = epoch.n }, net:surviving_inputs { zeta = P.zeta }) end
  end
end

-- Every run has its own folder. What has been computed is read back, never repeated.

local function up_to(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

local sparse_runs = lab.runs { "fashion-mnist", arm = sparse_arms, seed = up_to(P.seeds), run = train }
local dense_runs = lab.runs { "fashion-mnist dense", arm = { dense_arm }, seed = up_to(P.dense_seeds), run = train }
local runs = sparse_runs .. dense_runs

-- ## Accuracy
--
-- Each line is the mean over the seeds, its band one standard deviation. A gap between training and test
-- is what the network has learnt by heart.

--| label: fig-accuracy
--| fig-cap: Accuracy on the training and on the test images after each epoch, without dropout.
lab.plot.curves { runs, x = "epoch", y = { "train_accuracy", "test_accuracy" }, by = "arm", band = "sd",
  xlabel = "epoch", ylabel = "accuracy" }

-- The loss tells more than the accuracy: where it rises on the test images while the accuracy
-- stands still, the network grows surer of the same mistakes.

--| label: fig-loss
--| fig-cap: Cross entropy on the training and on the test images after each epoch, without dropout.
lab.plot.curves { runs, x = "epoch", y = { "train_loss", "test_loss" }, by = "arm", band = "sd", logy = true,
  xlabel = "epoch", ylabel = "cross entropy (nats)" }

-- ## What it costs
--
-- The sparse networks keep a thirtieth of the weights, and the engine stores and computes
-- only those: no mask, no zeros.

--| label: fig-links
--| fig-cap: Number of weights of the three networks, on a logarithmic scale.
lab.plot.bars { runs, y = "links", by = "arm", log = true, ylabel = "links" }

-- Memory is what the process has for itself (USS), images, program and report included; one
-- sample every half second. Per cent of CPU count one core as 100.

--| label: fig-memory
--| fig-cap: Memory of the whole process while each network trains.
lab.plot.monitor { runs, y = "uss_mib", by = "arm", ylabel = "memory, USS (MiB)" }

--| label: fig-cpu
--| fig-cap: Processor time used while each network trains; 100 % is one core.
lab.plot.monitor { runs, y = "cpu_percent", by = "arm", ylabel = "CPU (%)", smooth = 5 }

-- An epoch is not the same price for all. Against the seconds that training took (evolution
-- and evaluation not counted), the picture is another one.

--| label: fig-seconds
--| fig-cap: Test accuracy against seconds of training.
lab.plot.curves { runs, cumulative = "train_seconds", y = "test_accuracy", by = "arm", logx = true,
  xlabel = "seconds of training", ylabel = "test accuracy" }

-- ## Do hubs emerge?
--
-- An Erdos-Renyi layer gives its units about equally many links: their number is binomial.
-- The authors of SET report that evolution drives it *towards a power law*,
-- $p(k) \sim k^{-\alpha}$, with a few hubs that hold much of the network. That can be tested.
-- Below, for each hidden layer of the first SET run, the links that arrive at its units, before
-- training and after, with the best power law for the tail (Clauset, Shalizi and Newman 2009).

local set_run = sparse_runs:where { arm = "SET-MLP" }[1]

-- The links of the units on one side of a layer at an epoch; nil if the run did not get there.
local function degrees_at(record, epoch, layer, side)
  for _, series in ipairs(record:series "degrees") do
    local k = series.keys
    if k.epoch == epoch and k.layer == layer and k.side == side then return series.values end
  end
end

local function fit(degrees)
  return lab.memo("power law", degrees, function(values)
    return lab.power_law(values, { bootstrap = P.bootstrap, seed = 1 })
  end)
end

local layers, verdicts = {}, {}
for layer = 1, 3 do
  for _, side in ipairs { "in", "out" } do
    local series = {}
    for _, moment in ipairs { { "before training", 0 }, { "after training", P.epochs } } do
      local values = degrees_at(set_run, moment[2], layer, side)
      if values then
        local f = fit(values)
        series[#series + 1] = { name = moment[1], values = values, fit = f.alpha and f or nil }
        verdicts[#verdicts + 1] = {
          side == "in" and ("hidden layer %d, links in"):format(layer)
            or layer == 1 and "pixels, links out" or ("hidden layer %d, links out"):format(layer - 1),
          moment[1], f.alpha and ("%.2f ± %.2f"):format(f.alpha, f.sigma) or "–", f.alpha and tostring(f.xmin) or "–",
          f.n_tail and tostring(f.n_tail) or "–", f.p and ("%.2f"):format(f.p) or "–", f.verdict,
        }
      end
    end
    if side == "in" and #series > 0 then layers[#layers + 1] = { title = ("hidden layer %d"):format(layer), series = series } end
  end
end

--| label: fig-degrees
--| fig-cap: Links arriving at each unit of the hidden layers, before and after training with SET. Left: how many units have how many links. Right: the share of units that have at least so many, both axes logarithmic, with the fitted power law from xmin on.
lab.plot.degrees { layers = layers, xlabel = "links arriving at a unit", ylabel = "units" }

-- A straight line on such axes proves little: with few points in the tail, *any* distribution
-- has a power law that fits. So the table names the size of the tail, and a verdict is refused
-- where it is short; $p$ is the share of samples drawn from the fitted law that lie farther
-- from it than the network does, and $p \le 0.1$ speaks against it.

--| label: tbl-degrees
--| tbl-cap: Power-law fits of the degrees, first SET run: exponent, where the tail begins, how many units it holds.
lab.table { header = { "units", "when", "α", "xmin", "tail", "p", "verdict" }, align = "llrrrrl", rows = verdicts }

-- ## Where the network looks
--
-- The links of the first layer start on pixels. Whatever says nothing about the class earns
-- links whose weights stay near zero, and they are pruned. So the number of links a pixel
-- keeps is a map of what matters: it empties along the border, where clothes never are.

local function pixels_at(record, epoch)
  for _, series in ipairs(record:series "pixels") do
    if series.keys.epoch == epoch then return series.values end
  end
end

local maps = {}
for _, epoch in ipairs { 1, 10, 100, P.epochs } do
  local values = epoch <= P.epochs and pixels_at(set_run, epoch)
  if values and not (maps[#maps] and maps[#maps].epoch == epoch) then
    maps[#maps + 1] = { epoch = epoch, title = ("epoch %d"):format(epoch), values = values, width = 28, height = 28 }
  end
end
for _, map in ipairs(maps) do map.epoch = nil end

--| label: fig-pixels
--| fig-cap: Links of each input pixel that survive pruning, first SET run.
lab.plot.image_map { maps = maps, label = "links per pixel" }

local frames, titles = {}, {}
for i, series in ipairs(set_run:series "pixels") do
  frames[i], titles[i] = series.values, ("epoch %d"):format(series.keys.epoch)
end

--| label: fig-animation
--| fig-cap: The same over the epochs, beside one of the training images.
lab.plot.animation { frames = frames, titles = titles, width = 28, height = 28, label = "links per pixel",
  beside = { values = data.train:pixels(1), width = 28, height = 28, title = "a training image" } }

-- The four-by-four corners are a simple measure: in the tutorial's stored runs they keep 10 to
-- 13 links a pixel at the end, against 20.8 over all pixels.

local function mean_over(values, wanted)
  local sum, n = 0, 0
  for i, v in ipairs(values) do
    local row, column = (i - 1) // 28, (i - 1) % 28
    if wanted(row, column) then sum, n = sum + v, n + 1 end
  end
  return n > 0 and sum / n or 0
end
local function in_corner(row, column) return (row < 4 or row > 23) and (column < 4 or column > 23) end
local function anywhere() return true end

local corner_rows = {}
for _, group in ipairs(sparse_runs:group "arm") do
  for _, record in ipairs(group.records) do
    local first, last = pixels_at(record, 0), pixels_at(record, P.epochs)
    if first and last then
      corner_rows[#corner_rows + 1] = { group.value, tostring(record.arguments.seed),
        ("%.1f"):format(mean_over(first, in_corner)), ("%.1f"):format(mean_over(last, in_corner)),
        ("%.1f"):format(mean_over(last, anywhere)) }
    end
  end
end

--| label: tbl-corners
--| tbl-cap: Surviving links of a pixel: mean over the four corners before and after training, and over all pixels after.
lab.table { header = { "network", "seed", "corners before", "corners after", "all after" }, align = "lrrrr", rows = corner_rows }

-- ## The balance
--
-- The last epoch counts. The best epoch on the test images is shown because papers report it,
-- but whoever chooses an epoch by the test images has peeked at them. The figures of the
-- tutorial's program (Python with SciPy and Numba, twelve logical cores) are the means of its
-- five stored runs; its memory and seconds are those of its own resource logs. Its dense program sums the weight
-- gradient over the batch, so that its learning rate of 0.001 acts as 0.04 on the weights and
-- 0.001 on the biases; here all three networks learn at the same rate.

local published = {
  ["SET-MLP"] = { ".8436", ".8600", "2.0", "142–155", "85,249" },
  ["FixProb-MLP"] = { ".8390", ".8558", "2.0", "152", "85,249" },
  dense = { ".8154", ".8492", "10.8", "210", "2,794,000" },
}

local function mean_sd(values)
  local n, mean, square = #values, 0, 0
  for _, v in ipairs(values) do mean = mean + v / n end
  for _, v in ipairs(values) do square = square + (v - mean) ^ 2 end
  return mean, n > 1 and math.sqrt(square / (n - 1)) or nil
end

local function accuracy_text(values)
  if #values == 0 then return "–" end
  local mean, sd = mean_sd(values)
  return sd and ("%.4f ± %.4f"):format(mean, sd) or ("%.4f"):format(mean)
end

local balance = {}
for _, group in ipairs(runs:group "arm") do
  local last, best, seconds, evolve, memory, links = {}, {}, {}, {}, {}, {}
  for _, record in ipairs(group.records) do
    if record.status == "done" then
      last[#last + 1] = record:last "test_accuracy"
      best[#best + 1] = math.max(table.unpack(record:column "test_accuracy"))
      seconds[#seconds + 1] = mean_sd(record:column "train_seconds")
      evolve[#evolve + 1] = mean_sd(record:column "evolve_seconds")
      memory[#memory + 1] = record:meta().peak_memory_mib
      links[#links + 1] = record:last "links"
    end
  end
  local said = published[group.value]
  balance[#balance + 1] = { group.value, tostring(#last), accuracy_text(last), accuracy_text(best),
    #seconds > 0 and ("%.3f"):format((mean_sd(seconds))) or "–", #evolve > 0 and ("%.1f"):format(1000 * (mean_sd(evolve))) or "–",
    #memory > 0 and ("%.0f"):format(math.max(table.unpack(memory))) or "–",
    #links > 0 and ("%.0f"):format((mean_sd(links))) or "–" }
  balance[#balance + 1] = { "tutorial", "5", said[1], said[2], said[3], "", said[4], said[5] }
end

--| label: tbl-balance
--| tbl-cap: Test accuracy at the last epoch, and at the best one (peeking); seconds of training an epoch; milliseconds of evolution an epoch; peak memory of the process; links. Under each network, what the tutorial's stored runs give (their memory is a mean).
lab.table { header = { "network", "runs", "last epoch", "best epoch", "s an epoch", "evolution (ms)", "memory (MiB)", "links" },
  align = "lrrrrrrr", rows = balance }

-- ## Sources
--
-- - D. C. Mocanu, E. Mocanu, P. Stone, P. H. Nguyen, M. Gibescu, A. Liotta: *Scalable training of artificial neural
--   networks with adaptive sparse connectivity inspired by network science*, Nature Communications 9, 2383 (2018).
-- - Tutorial *Scalable Deep Learning: from theory to practice*, IJCAI 2019: program and stored results.
-- - H. Xiao, K. Rasul, R. Vollgraf: *Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms* (2017).
-- - A. Clauset, C. R. Shalizi, M. E. J. Newman: *Power-law distributions in empirical data*, SIAM Review 51, 661 (2009).
