-- # Your own method in ten lines
--
-- Sparse training drops some links and grows others. A *method* decides which ones, and setlab has those of the literature by
-- name: `lab.set`, `lab.rigl`, `lab.chts` and more (`setlab help lab.method`). This page shows how to write one that nobody has
-- named yet, and compares it with two that have names.
--
-- The idea is a proverb: *the rich get richer*. An input unit whose links have grown strong has proved its worth. So new
-- links should start there more often than elsewhere. SET grows them anywhere, and RigL where one batch says that the loss falls
-- fastest; neither looks at what a unit has earned.

local lab = require "lab"
local study = require "shared.study"

local P = lab.params {
  epochs = { 100, min = 1 },
  seeds = { 5, min = 1, help = "runs of each method" },
  train = { 2000, min = 10, help = "training samples" },
  test = { 600, min = 10, help = "test samples" },
  hidden = { 100, min = 1, help = "units in each of the two hidden layers" },
  epsilon = study.epsilon(1.0),
  share = { 0.3, min = 0, max = 1, help = "share of links replaced after an epoch" },
  lr = study.lr(0.02),
  weight_decay = { 5e-3, min = 0, help = "L2 weight decay" },
  profiles = {
    quick = { seeds = 2, epochs = 50 },
    full = { seeds = 20 },
    smoke = { seeds = 1, epochs = 3, train = 100, test = 50, hidden = 10 },
  },
}

-- ## Data that hide what matters
--
-- Madelon suits this question: of its 500 features only the first 20 say anything about the class, and the rest are noise. It is
-- generated on the spot, so this page needs no download.

local INFORMATIVE <const> = 20
local data = lab.data.madelon { train = P.train, test = P.test }

-- ## The method
--
-- An evolution has two halves. `prune` gives every link a score, and the links with the lowest scores are removed. `grow` is
-- asked for a number of new links, and returns the units where they start and those where they end. Both see a layer as whole
-- vectors (`setlab help lab.layer`), so they cost no more than their arithmetic.

local function smallest(layer) return layer.weights:abs() end

local function rich_get_richer(layer, count)
  -- What each input unit has earned: the sum of |w| over its links. The constant gives the poorest a little, too.
  local strength = layer.weights:abs():sum_by(layer.from, layer.n_in) + 0.01
  -- Draw `count` of all cells without a link, in proportion to what the unit where they start has earned.
  return layer:draw_cells(count, strength)
end

local richer = lab.evolution {
  prune = smallest, grow = rich_get_richer, share = P.share, newborn = "drawn",
}

-- That is all. The evolution is a value like any other: pass it to `net:epochs`, or list it beside others in `lab.runs`. Its code
-- is part of a run's key, so changing a line retrains its runs, and only those. In a net as small as this one, the list of all
-- free places is short; in a large one, `layer:free_places` finds some of them without making the list.

-- ## Four arms
--
-- The method is compared with SET, RigL and a wiring that never changes. All four have the same number of links and the same
-- seeds, and hence the same initial wiring and the same batches.

local arms = {
  { name = "rich get richer", evolve = richer },
  { name = "SET", evolve = lab.set { zeta = P.share } },
  { name = "RigL", evolve = lab.rigl { every_steps = 50 } },
  { name = "static" },
}

-- Besides the accuracy, each run logs the share of the first layer's links that start at informative features.

local function on_informative(net)
  local degrees = lab.vector(net:degrees(1, "out"))
  return degrees:slice(1, INFORMATIVE):sum() / degrees:sum()
end

local function train(run, arm, seed)
  local net <close> = lab.mlp { 500, P.hidden, P.hidden, 2, seed = seed,
    wiring = lab.erdos_renyi { epsilon = P.epsilon, dense_output = true } }
  local function log(epoch)
    run:log { epoch = epoch, informative = on_informative(net), accuracy = net:accuracy(data.test) }
  end
  log(0)
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 40, lr = P.lr, momentum = 0.9,
      weight_decay = P.weight_decay, decay = "coupled", evolve = arm.evolve }) do
    log(epoch.n)
  end
end

local runs = lab.runs { "own method", arm = arms, seed = study.seeds(P.seeds), run = train }

-- ## Results

--| label: fig-informative
--| index: true
--| index-order: 5
--| fig-cap: Share of the first layer's links that start at one of the 20 informative features (of 500), after each epoch. A random wiring has 4 % there.
lab.plot.curves { runs, x = "epoch", y = "informative", by = "arm", ylabel = "links at informative features" }

--| label: fig-accuracy
--| fig-cap: Accuracy of each method on the test samples after each epoch.
lab.plot.curves { runs, x = "epoch", y = "accuracy", by = "arm", ylabel = "test accuracy" }

--| label: tbl-result
--| tbl-cap: Accuracy on the test samples, and share of input links at informative features, both after the last epoch.
lab.table { runs, columns = { { "accuracy", header = "test accuracy" }, { "informative", header = "links at informative features" } } }

--| index: true
--| echo: false
do
  local function of(name, column)
    local values = {}
    for i, run in ipairs(runs:where { arm = name }) do values[i] = run:last(column) end
    return lab.statistics.summary(values)
  end
  local own, set = of("rich get richer", "accuracy"), of("SET", "accuracy")
  if own and set and own.error and set.error and own.error + set.error > 0 then
    local apart = math.abs(own.mean - set.mean) / math.sqrt(own.error ^ 2 + set.error ^ 2)
    local share = { own = of("rich get richer", "informative").mean, set = of("SET", "informative").mean, rigl = of("RigL", "informative").mean }
    lab.say([[With this page's method, %.0f %% of the input links start at features that matter; with SET it is %.0f %%, with RigL %.0f %%.%s
Whether that helps is another question: the method ends at a test accuracy of %.1f %%, SET at %.1f %%. The difference is %.1f standard errors, %s than the seeds explain.]],
      100 * share.own, 100 * share.set, 100 * share.rigl, share.own > 1.5 * share.set and " So the method finds what counts." or "", 100 * own.mean, 100 * set.mean,
      apart, apart > 2 and "more" or "no more")
  end
end
--
-- One data set and one size of net prove nothing about others. To try the method elsewhere, replace `lab.data.madelon` with data of
-- your own; to try another method, change three lines.
