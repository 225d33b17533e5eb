-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # Does the wiring have to evolve?
--
-- A multilayer perceptron spends most of its time and memory on weights that it could do
-- without. A *sparse* one has few links from the start: here 3 % of what a dense network of the
-- same size has. The question is which ones. This page trains three networks that differ in
-- nothing else:
--
-- - **SET-MLP** starts from random links and keeps moving them: after every epoch it drops a
--   share $\zeta$ of its positive weights and of its negative weights, those closest to zero,
--   and grows the same number of new links at random: Sparse Evolutionary Training
--   [@mocanu2018];
-- - **FixProb-MLP** draws the same random links once and keeps them;
-- - **dense** has every link.
--
-- ![One evolution step of SET, on the left. RigL and CHT, compared on another page, grow links by gradient and along short paths](shared/evolution_step.svg)
--
-- The data are images of clothes, 28 by 28 pixels, ten classes (Fashion-MNIST; @xiao2017): 5,000 to train
-- on, 1,000 to test. The images and the protocol are exactly those of the tutorial "Scalable
-- Deep Learning: from theory to practice" [@ijcai2019]. Its stored results are shown next to
-- ours at the end.

local lab = require "lab"
local study = require "shared.study"

-- ## One protocol
--
-- Everything that the three networks share is declared once. Each parameter can be set from the
-- command line (`setlab run experiments/fashion_mnist.lua epochs=50`) without touching this
-- file.

local P = lab.params {
  epochs = { 400, min = 1, help = "epochs of the sparse networks" },
  dense_epochs = { 50, min = 1, help = "epochs of the dense network; each takes far longer" },
  seeds = { 2, min = 1, help = "runs of each sparse network" },
  dense_seeds = { 1, min = 1, help = "runs of the dense network" },
  train = study.train(5000, 60000),
  test = study.test(1000, 10000),
  hidden = study.hidden(1000),
  epsilon = study.epsilon(13.0),
  zeta = study.zeta(0.3),
  batch = study.batch(40),
  lr = study.lr(0.05),
  momentum = study.momentum(0.9),
  weight_decay = study.weight_decay(2e-4),
  dropout = study.dropout(0.2),
  bootstrap = study.bootstrap(1000),
  profiles = {
    quick = { epochs = 20, dense_epochs = 5, seeds = 2, bootstrap = 200 },
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
-- The loop below is the whole experiment. It measures loss and accuracy without dropout on both
-- sets; the seconds of training, evolution and evaluation; the number of links of each unit;
-- and how many links each pixel would keep if the layer were pruned at that moment.

-- The initial weights are the tutorial's, too: `init = "he_uniform"` draws them as for a dense
-- layer, so they are small for units with few links.

-- The option `sample = "numpy"` repeats the way in which the tutorial draws its images.

local data = lab.data.fashion_mnist { train = P.train, test = P.test, sample = "numpy", sample_seed = 0 }

-- The wiring of a dense layer has nothing to show. For the sparse layers two things are
-- recorded: at some epochs, the links of every unit, arriving from below ("in") and leaving
-- upwards ("out"); at every epoch, the number of links that each pixel would keep if the first
-- layer were pruned now.

local function record_wiring(run, net, epoch)
  if net:is_sparse(1) then run:record("pixels", { epoch = epoch }, net:surviving_inputs { zeta = P.zeta }) end
  if not (epoch < 2 or epoch == 10 or epoch == 100 or epoch == P.epochs) then return end
  for layer = 1, net:layers() do
    if net:is_sparse(layer) then
      run:record("degrees", { epoch = epoch, layer = layer, side = "in" }, net:degrees(layer, "in"))
      run:record("degrees", { epoch = epoch, layer = layer, side = "out" }, net:degrees(layer, "out"))
    end
  end
end

local function train(run, arm, seed)
  local net <close> = lab.mlp { 784, P.hidden, P.hidden, P.hidden, 10,
    hidden = "relu", dropout = P.dropout, init = "he_uniform", wiring = arm.wiring, seed = seed }
  record_wiring(run, net, 0)
  for epoch in net:epochs(data.train, { epochs = arm.epochs, batch = P.batch, lr = P.lr,
      momentum = P.momentum, weight_decay = P.weight_decay, evolve = arm.evolve }) do
    local seen, unseen = net:evaluate(data.train), net:evaluate(data.test)
    run:log {
      epoch = epoch.n,
      train_loss = seen.loss, train_accuracy = seen.accuracy,
      test_loss = unseen.loss, test_accuracy = unseen.accuracy,
      train_seconds = epoch.seconds, evolve_seconds = epoch.evolve_seconds,
      evaluate_seconds = seen.seconds + unseen.seconds,
      links = net:links(), layer_links = net:links_per_layer(), replaced = epoch.replaced,
    }
    record_wiring(run, net, epoch.n)
  end
end

-- Every run has its own folder. Finished runs are read back, never repeated.

local sparse_runs = lab.runs { "fashion-mnist", arm = sparse_arms, seed = study.seeds(P.seeds), run = train }
local dense_runs = lab.runs { "fashion-mnist", arm = { dense_arm }, seed = study.seeds(P.dense_seeds), run = train }
local runs = sparse_runs .. dense_runs

-- ## Accuracy
--
-- In @fig-accuracy each line is the mean over the seeds; the band is one standard deviation. The gap between
-- training and test accuracy shows what the network has memorised.

--| label: fig-accuracy
--| index: true
--| index-order: 1
--| fig-cap: Accuracy of the three networks on the training and the test images after each epoch, without dropout. Lines are means over the seeds, bands one standard deviation.
lab.plot.curves { runs, x = "epoch", y = { "train_accuracy", "test_accuracy" }, by = "arm",
  yrange = { 0.7, 1 }, xlabel = "epoch", ylabel = "accuracy" }

--| index: true
--| echo: false
do
  local function of(arm, number) return study.mean(runs:where { arm = arm }, number) end
  local function ten(run) return study.mean_of_last(run:column "test_accuracy", 10) end
  local function seconds(run) return lab.statistics.fold(run:column "train_seconds", "mean") end
  local function links(run) return run:last "links" end
  if of("SET-MLP", ten) and of("FixProb-MLP", ten) and of("dense", ten) then
    lab.say([[Over the last ten of %d epochs, SET-MLP recognises %.1f %% of the test images and FixProb-MLP %.1f %%, with about %s links each. The dense network has %s weights, and %.1f %% over the last ten of %d
epochs. One of its epochs takes %.2f s, one of SET-MLP %.2f s.]], P.epochs, 100 * of("SET-MLP", ten), 100 * of("FixProb-MLP", ten), lab.format.count(math.floor(of("SET-MLP", links) + 0.5)),
      lab.format.count(math.floor(of("dense", links) + 0.5)), 100 * of("dense", ten), P.dense_epochs, of("dense", seconds), of("SET-MLP", seconds))
  end
end

-- The loss (@fig-loss) shows more than the accuracy: where it rises on the test images while the accuracy
-- stays the same, the network becomes more certain of the same mistakes.

--| label: fig-loss
--| fig-cap: Cross entropy of the three networks on the training and the test images after each epoch, without dropout, on a logarithmic scale.
lab.plot.curves { runs, x = "epoch", y = { "train_loss", "test_loss" }, by = "arm",
  logy = true, xlabel = "epoch", ylabel = "cross entropy (nats)" }

-- ## What it costs
--
-- The sparse networks keep a thirtieth of the weights, and the engine stores and computes
-- only those: no mask, no zeros. @fig-links counts them.

--| label: fig-links
--| fig-cap: Number of weights of the three networks, on a logarithmic scale.
lab.plot.bars { runs, y = "links", by = "arm", log = true, ylabel = "links" }

-- Memory is what the process has for itself (USS), including images, program and report; it is
-- sampled every half second. For the CPU, 100 % is one core.

--| label: fig-memory
--| fig-cap: Memory of the whole process (USS) while each network trains.
lab.plot.monitor { runs, y = "uss_mib", by = "arm", ylabel = "memory, USS (MiB)" }

--| label: fig-cpu
--| fig-cap: Processor time used while each network trains; 100 % is one core.
lab.plot.monitor { runs, y = "cpu_percent", by = "arm", ylabel = "CPU (%)", smooth = 5 }

-- An epoch does not cost the same for every network. Plotted against the seconds of training
-- (without evolution and evaluation), the picture changes.

--| label: fig-seconds
--| fig-cap: Test accuracy of the three networks against seconds of training, on a logarithmic axis.
lab.plot.curves { runs, cumulative = "train_seconds", y = "test_accuracy", by = "arm",
  logx = true, yrange = { 0.5, 0.9 }, xlabel = "seconds of training", ylabel = "test accuracy" }

-- ## Do hubs emerge?
--
-- In an Erdos-Renyi layer, all units have about the same number of links; the number is
-- binomially distributed. The authors of SET report that evolution drives it *towards a power
-- law*, $p(k) \sim k^{-\alpha}$, with a few hubs that hold much of the network. That can be
-- tested. @fig-degrees shows the links that arrive at the units of each hidden layer of the first
-- SET run, before and after training, with the best power law for the tail [@clauset2009].

local set_run = sparse_runs:where { arm = "SET-MLP" }[1]

--| echo: fold
local function name(layer, side)
  local below = layer == 1 and "pixels" or ("hidden layer %d"):format(layer - 1)
  return side == "out" and below .. ", out" or ("hidden layer %d, in"):format(layer)
end

local verdicts = lab.degree_verdicts { set_run, epochs = { 0, P.epochs }, bootstrap = P.bootstrap, name = name }

--| label: fig-degrees
--| fig-cap: Links arriving at each unit of the hidden layers, before and after training with SET. Left: number of units by their number of links. Right: share of units with at least that many links, both axes logarithmic, with the fitted power law from xmin on.
lab.plot.degrees { layers = verdicts:layers { side = "in" }, xlabel = "links arriving at a unit", ylabel = "units" }

-- A straight line on such axes proves little: with few points in the tail, *any* distribution
-- has a power law that fits. So @tbl-degrees gives the size of the tail, and there is no verdict
-- where the tail is short. $p$ is the share of samples drawn from the fitted law that lie
-- farther from it than the network does; $p \le 0.1$ speaks against the law.

--| label: tbl-degrees
--| tbl-cap: Power-law fits of the degrees in the first SET run, before and after training: exponent with standard error, where the tail begins, units in it, distance between data and fit, bootstrap p.
verdicts:table { only = "fits" }

-- "Short tail" means fewer than 50 units or less than one decade between the ends of the tail.
-- Where a power law is not rejected, another law may fit as well. @tbl-ratios compares it
-- with four others on the same tails.

--| label: tbl-ratios
--| tbl-cap: The power law against other laws on the same tails: exponential, Poisson, log-normal, and the power law with an exponential cut-off.
verdicts:table { only = "ratios" }

-- The evidence supports the following, with the untrained network as the null:

verdicts:say()

-- ## Where the network looks
--
-- The links of the first layer start at pixels. A pixel that says nothing about the class gets
-- links whose weights stay near zero, and these are pruned. So the number of links that each
-- pixel keeps is a map of what matters: it empties along the border, where clothes never are.

local frames, titles, maps = {}, {}, {}
for i, series in ipairs(set_run:series "pixels") do
  local epoch = series.keys.epoch
  frames[i], titles[i] = series.values, ("epoch %d"):format(epoch)
  if epoch == 1 or epoch == 10 or epoch == 100 or epoch == P.epochs then
    maps[#maps + 1] = { title = titles[i], values = frames[i], width = 28, height = 28 }
  end
end

--| label: fig-pixels
--| fig-cap: Number of links of each input pixel that survive pruning, at several epochs of the first SET run.
lab.plot.image_map { maps = maps, label = "links per pixel" }

--| label: fig-animation
--| fig-cap: Number of links of each input pixel that survive pruning, epoch by epoch in the first SET run, beside one of the training images.
lab.plot.animation { frames = frames, titles = titles, width = 28, height = 28, label = "links per pixel",
  beside = { values = data.train:pixels(1), width = 28, height = 28, title = "a training image" } }

-- The four corners, four by four pixels each, are a simple measure: in the tutorial's stored
-- runs of SET they fall from 20.8 links per pixel to 14.6. FixProb never prunes; its numbers
-- say what pruning *would* leave. They fall further, because weights on dark pixels only decay
-- and no new links replace them.

--| echo: fold
local function links_at(epoch, corners_only)
  return function(record)
    local sum, n = 0, 0
    for i, links in ipairs(record:values("pixels", { epoch = epoch }) or {}) do
      local row, column = (i - 1) // 28, (i - 1) % 28
      local in_corner = (row < 4 or row > 23) and (column < 4 or column > 23)
      if in_corner or not corners_only then sum, n = sum + links, n + 1 end
    end
    return n > 0 and sum / n or nil
  end
end

--| label: tbl-corners
--| tbl-cap: Links per pixel that survive pruning: mean over the four corners before and after training, and over all pixels after training.
lab.table { sparse_runs, by = "arm", columns = {
  { header = "corners before", value = links_at(0, true), format = "%.1f" },
  { header = "corners after", value = links_at(P.epochs, true), format = "%.1f" },
  { header = "all pixels after", value = links_at(P.epochs, false), format = "%.1f" },
} }

-- ## Summary
--
-- The last epoch is what counts, but the accuracy jumps by a point or two from one epoch to the
-- next, so the mean over the last quarter of the epochs is steadier. The best epoch on the test
-- images is shown because papers report it; choosing an epoch by the test images is peeking.

--| echo: fold
local function last_quarter(record)
  local values = record:column "test_accuracy"
  return study.mean_of_last(values, math.max(1, #values // 4))
end

--| label: tbl-accuracy
--| tbl-cap: Test accuracy at the last epoch, over the last quarter of the epochs and at the best epoch, and training accuracy at the last epoch: mean ± standard deviation over the runs.
lab.table { runs, by = "arm", columns = {
  { "test_accuracy", header = "last epoch", format = "fraction" },
  { header = "last quarter", value = last_quarter, format = "fraction" },
  { "test_accuracy", header = "best (peeking)", at = "max", format = "fraction" },
  { "train_accuracy", header = "train, last", format = "fraction" },
} }

--| label: tbl-cost
--| tbl-cap: Cost of each network: seconds of training and milliseconds of evolution per epoch, peak memory of the whole process (RSS), and links; means over the runs.
lab.table { runs, by = "arm", columns = {
  { "train_seconds", header = "training (s)", at = "mean", format = "%.3f" },
  { "evolve_seconds", header = "evolution (ms)", at = "mean", format = function(s) return ("%.1f"):format(1000 * s) end, sd = false },
  { header = "memory (MiB)", value = function(record) return record:meta().peak_rss_mib end, format = "%.0f", sd = false },
  { "links", format = "count" },
} }

-- The tutorial's program gave the following results. They are means of its five stored runs, in
-- Python with SciPy and Numba, on a machine with twelve logical cores, of which about 1.4 were
-- busy. Its memory is USS, averaged over its logs. Its dense program does not follow the
-- protocol: it sums the weight gradient over the batch, so its learning rate of 0.001 acts as
-- 0.04 on weights and as 0.001 on biases. Here all three networks learn at the same rate.

--| label: tbl-published
--| tbl-cap: The tutorial's stored results (IJCAI 2019), for comparison.
lab.table { header = { "network", "runs", "last epoch", "best epoch", "training (s)", "memory (MB)", "links" }, align = "lrrrrrr", rows = {
  { "SET-MLP", "5", ".8436", ".8600", "2.0", "142–155", "85,249" },
  { "FixProb-MLP", "5", ".8390", ".8558", "2.0", "152", "85,249" },
  { "dense", "5", ".8154", ".8492", "10.8", "210", "2,794,000" },
} }
