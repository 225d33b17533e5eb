-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # RigL on handwritten digits
--
-- RigL [@evci2020] drops the links of smallest weight and grows new ones where the gradient of the loss is
-- largest, among *all* places without a link. Its appendix B uses it to train a small network on MNIST: 784-300-100-10, with a density of
-- 1 % in the first layer and 11 % in the second; the output layer is dense. That leaves 6,652 of 266,200 weights. The paper reports an
-- error of 1.48 % at the end, and something more striking: the network *compresses itself*. Nearly half of its inputs and more than half of
-- its hidden units lose all links, and 408-100-69 units remain.
--
-- The paper's program simulates sparsity by a mask on dense matrices. Here only the links are stored, and dense gradients exist for one
-- strip of units at a time. This page runs the paper's experiment on that engine, and shows what RigL does to the wiring.

local lab = require "lab"
local study = require "shared.study"

local P = lab.params {
  epochs = { 83, min = 1, help = "83 epochs of 600 steps are nearly the paper's 50,000 steps" },
  seeds = { 3, min = 1, help = "runs of each method" },
  train = study.train(60000, 60000),
  test = study.test(10000, 10000),
  first = { 0.01, above = 0, max = 1, help = "density of the first layer" },
  second = { 0.11, above = 0, max = 1, help = "density of the second layer" },
  share = { 0.3, min = 0, max = 1, help = "share of links replaced at first; a cosine takes it to 0" },
  every_steps = { 100, min = 1, help = "steps between two changes of the wiring" },
  stop = { 0.75, min = 0, max = 1, help = "share of the training after which the wiring stays fixed" },
  batch = study.batch(100),
  lr = study.lr(0.2),
  momentum = study.momentum(0.9),
  weight_decay = { 4e-4, min = 0, help = "L2 weight decay" },
  validate = { 0, min = 0, help = "training digits to hold out; if there are any, errors are measured on them, and the test digits are not used" },
  profiles = {
    quick = { epochs = 10, seeds = 2 },
    smoke = { epochs = 2, seeds = 1, train = 300, test = 100, every_steps = 2, validate = 50 },
  },
}

-- ## The protocol
--
-- The protocol is the paper's: batches of 100, Nesterov momentum .9, learning rate .2. The share of replaced links follows a cosine from .3
-- to 0. The wiring changes every 100 steps, and the batch of that step is not trained on. The paper's appendix leaves two things open: here
-- pixels are standardised by one mean and one standard deviation, and the learning rate follows a cosine to 0. One thing is different: L2
-- is 4e-4, in the paper 1e-4. These were chosen by the error on the last 10,000 training digits, which were held out, after 100 epochs on
-- the others. `validate=10000` measures any choice on as many held-out digits, drawn evenly over the classes. The test digits played no
-- part in the choice.

local data = lab.data.mnist { train = P.train, test = P.test, validate = P.validate > 0 and P.validate or nil, standardise = "pixels" }
local judges, judged_on = data.validate or data.test, data.validate and "held-out" or "test"

local wiring = { lab.uniform { density = P.first }, lab.uniform { density = P.second }, lab.dense {} }
local share = lab.schedule.cosine { value = P.share }

-- RigL is compared with the same evolution growing links at random, and with a wiring that never changes.

local arms = {
  { name = "RigL", evolve = lab.rigl { share = share, every_steps = P.every_steps, stop = P.stop } },
  { name = "random growth", evolve = lab.evolution { prune = lab.prune.magnitude {}, grow = lab.grow.random {}, share = share, every_steps = P.every_steps, stop = P.stop } },
  { name = "static" },
}

local function train(run, arm, seed)
  local net <close> = lab.mlp { 784, 300, 100, 10, wiring = wiring, seed = seed }
  local seconds, evolving = 0, 0
  local function log(epoch)
    local compressed, topology = lab.topology.compressed(net), lab.topology.columns(net)
    run:log { epoch = epoch, seconds = seconds, evolve_seconds = evolving, error = 100 * (1 - net:accuracy(judges)),
      units = compressed.units, active = topology.active, effective = topology.effective_density }
  end
  log(0)
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = P.batch, lr = lab.schedule.cosine { value = P.lr }, momentum = P.momentum, nesterov = true,
      weight_decay = P.weight_decay, decay = "coupled", evolve = arm.evolve }) do
    seconds, evolving = seconds + epoch.seconds, evolving + epoch.evolve_seconds
    log(epoch.n)
  end
  run:record("pixels", { epoch = P.epochs }, net:degrees(1, "out"))
end

local runs = lab.runs { "rigl", arm = arms, seed = study.seeds(P.seeds), run = train }
local rigl = runs:where { arm = "RigL" }

-- ## How well it learns

--| label: fig-error
--| index: true
--| index-order: 6
--| fig-cap: Error on the test digits (or on the held-out digits) after each epoch, in per cent; the band is one standard deviation over seeds.
lab.plot.curves { runs, x = "epoch", y = "error", by = "arm", ylabel = judged_on .. " error (%)", yrange = P.epochs >= 10 and { 1, 6 } or nil }

--| label: tbl-error
--| tbl-cap: Error on the test digits (or on the held-out digits) in per cent, after the last epoch and at its best, and the seconds of training and of changing the wiring. RigL's paper has 1.48 and 1.44.
lab.table { runs, columns = { { "error", header = "last", format = "%.2f" }, { "error", at = "min", header = "best", format = "%.2f" },
  { "seconds", header = "training (s)", format = "%.1f" }, { "evolve_seconds", header = "wiring (s)", format = "%.1f" } } }

-- The best epoch is chosen by the digits it is measured on; the last one is the honest number.
--
-- ## What becomes of the wiring
--
-- A unit with no incoming or no outgoing link does nothing and can be removed; then others may follow. What is left is the compressed
-- network.

--| label: tbl-units
--| tbl-cap: Number of units that lie on a path from an input to an output, of 784 inputs, 300 and 100 hidden units. RigL's paper: 408, 100, 69.
lab.table { runs, columns = { { "units_1", header = "inputs", format = "%.0f" }, { "units_2", header = "first hidden", format = "%.0f" },
  { "units_3", header = "second hidden", format = "%.0f" } } }

--| label: fig-active
--| fig-cap: Share of active units, those with at least one outgoing link, after each epoch.
lab.plot.curves { runs, x = "epoch", y = "active", by = "arm", ylabel = "active units" }

local function last_pixels(run) return run:values("pixels", { epoch = P.epochs }) end

--| label: fig-pixels
--| fig-cap: Number of links that start at each of the 28 by 28 pixels after training, in the first run of RigL and of the static wiring. RigL's gather in the middle, where digits differ.
lab.plot.image_map { label = "links per pixel", maps = { { values = last_pixels(rigl[1]), title = "RigL" }, { values = last_pixels(runs:where { arm = "static" }[1]), title = "static" } } }

--| index: true
--| echo: false
do
  local function mean(list, column) return study.mean(list, function(run) return run:last(column) end) end
  local error = mean(rigl, "error")
  if error then
    lab.say([[RigL ends at an error of **%.2f %%** (mean of %d %s), the paper at 1.48 %%. Random growth ends at %.2f %%, the static wiring at %.2f %%. Of the 784 inputs, %.0f are still in use; of the
hidden units, %.0f and %.0f. A run takes %.0f s, of which %.1f s are for RigL's %d looks at all missing cells.]],
      error, #rigl, #rigl == 1 and "seed" or "seeds", mean(runs:where { arm = "random growth" }, "error") or 0, mean(runs:where { arm = "static" }, "error") or 0, mean(rigl, "units_1"), mean(rigl, "units_2"),
      mean(rigl, "units_3"), mean(rigl, "seconds") + mean(rigl, "evolve_seconds"), mean(rigl, "evolve_seconds"),
      math.floor(P.stop * P.epochs * (#data.train // P.batch) / P.every_steps))
  end
end
