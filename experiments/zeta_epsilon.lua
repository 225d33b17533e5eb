-- # One network with two knobs
--
-- Sparse Evolutionary Training (SET) has two parameters. $\epsilon$ sets how many links the
-- network may have, and $\zeta$ which share of them moves after every epoch. With $\zeta = 0$
-- nothing moves; that is FixProb. This script trains one such network, with the protocol of the
-- Fashion-MNIST study: 5,000 images of clothes to train on, 1,000 to test. Another 1,000 training
-- images are held out. A sweep chooses by these, so the test images stay unseen until the choice
-- is made.
--
-- The script has its own page, and the sweep over both knobs
-- (`experiments/sweep_zeta_epsilon.yaml`) runs it 32 times. A sweep needs only two things from a
-- script: it declares its parameters, including the seed, and it makes one run.

local lab = require "lab"
local study = require "shared.study"

local P = lab.params {
  method = { "set", choices = { "set", "fixprob", "dense" }, help = "links that evolve, links that stay, or all of them" },
  epsilon = study.epsilon(20.0),
  zeta = study.zeta(0.3),
  seed = { 1, min = 0 },
  epochs = { 20, min = 1 },
  train = study.train(5000, 50000),
  test = study.test(1000, 10000),
  validate = { 1000, min = 1, max = 10000, help = "further training images, held out for a sweep to compare by" },
  sample = { "numpy", choices = { "numpy", "first" }, help = "images drawn as in the tutorial, or the first ones" },
  hidden = study.hidden(1000),
  profiles = {
    quick = { epochs = 5 },
    full = { epochs = 100 },
    smoke = { epochs = 2, train = 200, test = 100, validate = 100, sample = "first", hidden = 50 },
  },
}

local data = lab.data.fashion_mnist { train = P.train + P.validate, validate = P.validate, test = P.test, sample = P.sample, sample_seed = 0 }

-- ## The run
--
-- A checkpoint every few epochs costs little, and a stopped sweep resumes from it.

local function train(run, seed)
  local net <close> = lab.mlp { 784, P.hidden, P.hidden, P.hidden, 10, hidden = "relu", dropout = 0.2, init = "he_uniform",
    wiring = P.method == "dense" and lab.dense {} or lab.erdos_renyi { epsilon = P.epsilon }, seed = seed }
  local evolve = P.method == "set" and P.zeta > 0 and lab.set { zeta = P.zeta } or nil
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 40, lr = 0.05, momentum = 0.9, weight_decay = 2e-4,
      evolve = evolve, checkpoint = { run = run, every = 10 } }) do
    local held_out = net:evaluate(data.validate)
    run:log { epoch = epoch.n, train_accuracy = epoch.accuracy, validation_accuracy = held_out.accuracy, validation_loss = held_out.loss,
      test_accuracy = net:accuracy(data.test), train_seconds = epoch.seconds, links = net:links() }
  end
end

local runs = lab.runs { "zeta-epsilon", seed = P.seed, run = train }

-- ## Results

--| label: fig-run
--| index: true
--| index-order: 10
--| fig-cap: Accuracy by epoch: on the training images during the epoch, with dropout; on the held-out images and the test images after it, without dropout.
lab.plot.curves { runs, y = { "train_accuracy", "validation_accuracy", "test_accuracy" }, xlabel = "epoch" }
