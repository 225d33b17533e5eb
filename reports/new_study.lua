-- ---
-- title: NAME
-- date: DATE
-- abstract: Does it help that the links of a sparse network move? Two methods and a network whose wiring stays, on data where few features matter.
-- ---
--
-- This study runs as it stands. Change what you like: `setlab watch NAME.lua` shows the page while you do, and
-- `setlab help lab.mlp` explains a word.

local lab = require "lab"

local P = lab.params {
  methods = { { "static", "SET", "RigL" }, choices = { "static", "SET", "RigL" }, help = "what is compared" },
  seeds = { 3, min = 1, help = "runs of each method" },
  seed = { 1, min = 0, help = "the seed of the first of them" },
  epochs = { 40, min = 1, help = "times that each sample is seen" },
  epsilon = { 3.0, min = 0.01, max = 100, help = "density: epsilon (n_in + n_out) links in a layer" },
  share = { 0.3, min = 0, max = 1, help = "share of the links that move after an epoch" },
  lr = { 0.02, min = 1e-6, max = 1, help = "learning rate" },
  profiles = {
    full = { epochs = 150 },
    smoke = { epochs = 2, seeds = 1 },
  },
}

-- ## Data
--
-- Madelon is generated: 20 of its 500 features say something about the class, and the others nothing.
-- `lab.data.fashion_mnist`, `lab.data.csv` and others read real data (`setlab help lab.data`).

local data = lab.data.madelon { train = 2000, validate = 500, test = 600 }

-- ## Training

local methods = { SET = lab.set { zeta = P.share }, RigL = lab.rigl { share = P.share } }

local arms = {}
for i, name in ipairs(P.methods) do arms[i] = { name = name, evolve = methods[name] } end

local seeds = {}
for i = 1, P.seeds do seeds[i] = P.seed + i - 1 end

local function train(run, arm, seed)
  local net <close> = lab.mlp { 500, 100, 100, 2, wiring = lab.erdos_renyi { epsilon = P.epsilon }, dropout = 0.2, seed = seed }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 40, lr = P.lr, momentum = 0.9, weight_decay = 5e-3, evolve = arm.evolve,
      checkpoint = { run = run, every = 10 } }) do
    run:log { epoch = epoch.n, loss = epoch.loss, seconds = epoch.seconds, links = net:links(),
      validation_accuracy = net:accuracy(data.validate), test_accuracy = net:accuracy(data.test) }
  end
end

local runs = lab.runs { "NAME", arm = arms, seed = seeds, run = train }

-- ## Results
--
-- @fig-accuracy shows how accuracy grows, and @tbl-results where it ends. Each network has `{lua} runs[1]:last "links"` links.

--| label: fig-accuracy
--| fig-cap: Accuracy on the test samples, by epoch.
lab.plot.curves { runs, y = "test_accuracy", by = "arm", names = true }

--| label: tbl-results
--| tbl-cap: After the last epoch.
lab.table { runs, columns = { "test_accuracy", "loss", "links" } }
