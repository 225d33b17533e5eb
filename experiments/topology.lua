-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # How methods wire a network
--
-- Two methods may reach the same accuracy with different wirings, or different accuracies with the same wiring. This page trains networks with
-- the same number of links by three methods and with a wiring that stays as it is. It looks at the wiring: degrees and hubs, where the links of the inputs gather, how well
-- the links of a layer spread, how alike two seeds end, and whether degrees follow a power law. Every number is compared with that of a random
-- wiring, because most measures of a graph say more about its density than about its shape.

local lab = require "lab"
local study = require "shared.study"
local format, statistics = lab.format, lab.statistics

--| echo: fold
local P = lab.params {
  set = { "fashion_mnist", choices = { "fashion_mnist", "mnist" }, help = "the images" },
  pairs = { 1, min = 1, help = "pairs of runs of each method, with different seeds" },
  epochs = { 10, min = 1 },
  train = study.train(10000, 60000),
  test = study.test(10000, 10000),
  hidden = study.hidden(400),
  density = { 0.02, above = 0, max = 1, help = "share of the cells of the hidden layers that are links" },
  zeta = { 0.3, min = 0, max = 1, help = "share of links rewired after an epoch" },
  batch = study.batch(32),
  lr = study.lr(0.025),
  momentum = study.momentum(0.9),
  weight_decay = { 5e-4, min = 0, help = "L2 weight decay" },
  compared = { 200, min = 1, max = 1000, help = "units per level whose links are compared between seeds" },
  bootstrap = study.bootstrap(50),
  profiles = {
    quick = { epochs = 5, train = 5000, hidden = 200 },
    full = { set = "mnist", pairs = 2, epochs = 100, train = 60000, hidden = 1568, density = 0.01, compared = 1000, bootstrap = 500 },
    smoke = { epochs = 2, train = 300, test = 100, hidden = 40, density = 0.1, compared = 20, bootstrap = 2 },
  },
}

-- ## The protocol
--
-- The protocol is that of [the page on all methods](methods.html): three hidden layers, a dense output layer, batches of 32, the same learning
-- rates. Each run trains a method twice, from two seeds, so that the two wirings can be compared.

local data = lab.data[P.set] { train = P.train, test = P.test, standardise = "pixels" }

local falling = lab.schedule.linear { value = P.lr, to = 0.01 * P.lr, stop = 0.9 }

local arms = {
  { name = "static" },
  { name = "SET", evolve = lab.set { zeta = P.zeta } },
  { name = "RigL", evolve = lab.rigl {} },
  { name = "CHTs", evolve = lab.chts { zeta = P.zeta, score = "CH2-L3n" } },
}
local LAYERS <const> = 3   -- the sparse ones

local function make(seed)
  return lab.mlp { 784, P.hidden, P.hidden, P.hidden, 10, seed = seed, wiring = lab.uniform { density = P.density, dense_output = true } }
end

local function train(net, arm)
  for _ in net:epochs(data.train, { epochs = P.epochs, batch = P.batch, lr = falling, momentum = P.momentum, weight_decay = P.weight_decay, decay = "coupled", evolve = arm.evolve }) do end
end

-- There are two nulls: the same number of links placed anywhere, and the same degrees with the ends of links swapped.

local function shape(net, layer)
  local spectrum = lab.topology.spectrum(net, layer)
  return { c4 = lab.topology.c4(net, layer).c4 or 0 / 0, delta_r = spectrum.delta_r or 0 / 0, assortativity = lab.topology.assortativity(net, layer).once or 0 / 0 }
end

local function record_degrees(run, net, epoch)
  for layer = 1, LAYERS do
    for _, side in ipairs { "in", "out" } do run:record("degrees", { epoch = epoch, layer = layer, side = side }, net:degrees(layer, side)) end
  end
end

local function experiment(run, arm, pair)
  local first <close> = make(2 * pair - 1)
  local second <close> = make(2 * pair)
  record_degrees(run, first, 0)
  train(first, arm)
  train(second, arm)
  record_degrees(run, first, P.epochs)
  local apart = lab.topology.distance(first, second, { units = P.compared }).layers
  local swapped_first <close> = lab.topology.null(first, nil, "swaps", 1)
  local swapped_second <close> = lab.topology.null(second, nil, "swaps", 2)
  local apart_by_chance = lab.topology.distance(swapped_first, swapped_second, { units = P.compared }).layers
  local random <close> = lab.topology.null(first, nil, "random", 1)
  for layer = 1, LAYERS do
    local own, swapped, anywhere = shape(first, layer), shape(swapped_first, layer), shape(random, layer)
    local below, above = lab.topology.spread(first, layer, "out"), lab.topology.spread(first, layer, "in")
    run:log { layer = layer, links = first:links(layer), cv_out = below.cv, gini_out = below.gini, hub_out = below.largest_over_mean,
      cv_in = above.cv, gini_in = above.gini, hub_in = above.largest_over_mean,
      c4 = own.c4, c4_swaps = swapped.c4, c4_random = anywhere.c4, delta_r = own.delta_r, delta_r_swaps = swapped.delta_r, delta_r_random = anywhere.delta_r,
      assortativity = own.assortativity, assortativity_swaps = swapped.assortativity,
      distance = apart[layer], distance_swaps = apart_by_chance[layer], accuracy = first:accuracy(data.test), accuracy_second = second:accuracy(data.test) }
  end
end

local runs = lab.runs { "topology", arm = arms, pair = study.seeds(P.pairs), run = experiment }

--| echo: fold
local function of_arm(name) return runs:where { arm = name } end

--| echo: fold
local function mean(name, layer, column)
  return study.mean(of_arm(name), function(run)
    local row = run.status == "done" and run:rows()[layer]
    return row and row[column] == row[column] and row[column] or nil
  end)
end

--| echo: fold
local function text(pattern, v) return v and pattern:format(v) or "–" end

--| echo: fold
local function rows_of(patterns)   -- a row for each method and layer; patterns: { { column, pattern }, ... }
  local rows = {}
  for _, arm in ipairs(arms) do
    for layer = 1, LAYERS do
      local row = { layer == 1 and arm.name or "", layer }
      for i, p in ipairs(patterns) do row[i + 2] = text(p[2], mean(arm.name, layer, p[1])) end
      rows[#rows + 1] = row
    end
  end
  return rows
end

-- ## Degrees and hubs
--
-- Random links give all units nearly the same degree; the largest is then perhaps twice the mean. The Gini coefficient is 0 if all degrees are
-- equal and near 1 if one unit has all links. @fig-inputs shows where on the image the links of each method end up.

--| label: tbl-degrees
--| tbl-cap: How unequal the degrees are after training: Gini coefficient, and largest degree divided by the mean, for the units below a layer (links out) and above it (links in).
--| echo: fold
lab.table { header = { "", "layer", "links", "Gini, out", "largest, out", "Gini, in", "largest, in" }, align = "lrrrrrr",
  rows = rows_of { { "links", "%.0f" }, { "gini_out", "%.2f" }, { "hub_out", "%.1f" }, { "gini_in", "%.2f" }, { "hub_in", "%.1f" } } }

--| label: fig-inputs
--| index: true
--| index-order: 3
--| fig-cap: Number of links that start at each of the 28 by 28 pixels after training, in the first run of each method.
--| echo: fold
do
  local maps = {}
  for i, arm in ipairs(arms) do
    local run = of_arm(arm.name)[1]
    local values = run and run:values("degrees", { epoch = P.epochs, layer = 1, side = "out" })
    if values then maps[#maps + 1] = { title = arm.name, values = values } end
  end
  lab.plot.image_map { maps = maps, label = "links per pixel" }
end

-- ## Do degrees evolve to a power law?
--
-- This has been claimed for SET, and the claim can be tested: fit a power law to the upper tail, use synthetic samples to ask whether it fits,
-- and ask whether another law fits better [@clauset2009]. A tail with fewer than fifty units or less than a decade says
-- nothing. The papers on CHT give SET the exponent 10. That is the end of the grid of their fit, so the exponent is not found there.

--| echo: fold
local verdicts = {}

--| echo: fold
for _, arm in ipairs(arms) do
  local run = of_arm(arm.name)[1]
  if run and run.status == "done" then verdicts[#verdicts + 1] = { arm = arm.name, list = lab.degree_verdicts { { run }, bootstrap = P.bootstrap, epochs = { 0, P.epochs } } } end
end

--| label: tbl-powerlaw
--| tbl-cap: Power-law fits to the degrees after training, in the first run of each method: exponent (alpha), where the tail begins (xmin), units in the tail, p, and whether the tests leave a power law possible.
--| index: true
--| echo: fold
do
  local rows, possible, tested = {}, 0, 0
  for _, v in ipairs(verdicts) do
    for _, item in ipairs(v.list:last()) do
      local fit = item.fit
      rows[#rows + 1] = { v.arm, ("layer %d, %s"):format(item.layer, item.side), text("%.2f", fit.alpha), text("%d", fit.xmin), text("%d", fit.n_tail), text("%.2f", fit.p), item.stands and "possible" or "no" }
      if v.arm ~= "static" then possible, tested = possible + (item.stands and 1 or 0), tested + 1 end
    end
  end
  lab.table { header = { "", "links of", "alpha", "xmin", "tail", "p", "power law" }, align = "llrrrrl", rows = rows }
  lab.say("Of the %d degree sequences shaped by an evolution, the tests leave a power law possible for **%d**.", tested, possible)
end

--| label: fig-degrees
--| fig-cap: Links that arrive at the units of the second hidden layer, before and after training, in the first run of each method.
--| echo: fold
do
  local layers = {}
  for _, v in ipairs(verdicts) do
    local found = v.list:layers { side = "in", layers = { 2 } }[1]
    if found then
      found.title = v.arm
      layers[#layers + 1] = found
    end
  end
  lab.plot.degrees { layers = layers }
end

-- ## How links spread
--
-- C4 says how often two units that share one partner share another; it relates cycles of four links to paths of three. Delta_R compares the
-- second singular value of a layer's matrix of zeros and ones with that of the best expander with the same mean degrees. At 0 or above a layer
-- is Ramanujan, and a signal that enters at one place soon reaches all others. Beside each value are those of the two nulls: the same degrees at
-- random (*swaps*), and as many links anywhere (*random*).

--| label: tbl-shape
--| tbl-cap: C4, Delta_R and the correlation between the degrees at the two ends of a link, each beside its nulls.
--| echo: fold
lab.table { header = { "", "layer", "C4", "swaps", "random", "Delta_R", "swaps", "random", "ends", "swaps" }, align = "lrrrrrrrrr",
  rows = rows_of { { "c4", "%.4f" }, { "c4_swaps", "%.4f" }, { "c4_random", "%.4f" }, { "delta_r", "%.2f" }, { "delta_r_swaps", "%.2f" }, { "delta_r_random", "%.2f" },
    { "assortativity", "%+.2f" }, { "assortativity_swaps", "%+.2f" } } }

-- ## Do two seeds end alike?
--
-- The units of one network are matched to those of the other so that their links differ as little as possible (NNSTD) [@liu2020]. A
-- distance of 0 means the same wiring up to the names of the units; 1 means that nothing is shared. Networks with the same degrees and otherwise
-- random wirings show how much comes from the degrees alone.

--| label: tbl-distance
--| tbl-cap: Distance between the wirings of two seeds, and between two random wirings with the same degrees.
--| echo: fold
lab.table { header = { "", "layer", "two seeds", "their degrees at random" }, align = "lrrr", rows = rows_of { { "distance", "%.3f" }, { "distance_swaps", "%.3f" } } }

--| echo: false
do
  local said = {}
  for i, arm in ipairs(arms) do
    local own, chance = mean(arm.name, 1, "distance"), mean(arm.name, 1, "distance_swaps")
    if own and chance then said[#said + 1] = ("%s %.2f (%.2f by its degrees alone)"):format(arm.name, own, chance) end
  end
  lab.say("In the first layer, where inputs have names and hidden units do not, the distance between two seeds is: %s. A distance below that of the degrees alone shows structure that both seeds found.", table.concat(said, ", "))
end

-- ## Accuracy
--
-- @tbl-accuracy shows what these wirings are worth.

--| label: tbl-accuracy
--| tbl-cap: Accuracy on the test images after the last epoch, in per cent: mean and standard deviation over all runs and both seeds of each.
--| echo: fold
do
  local rows = {}
  for i, arm in ipairs(arms) do
    local values = {}
    for _, run in ipairs(of_arm(arm.name)) do
      if run.status == "done" then values[#values + 1], values[#values + 2] = 100 * run:last "accuracy", 100 * run:last "accuracy_second" end
    end
    local s = statistics.summary(values)
    rows[i] = { arm.name, #values, s and s.sd and ("%.2f ± %.2f"):format(s.mean, s.sd) or "–" }
  end
  lab.table { header = { "", "networks", "accuracy" }, align = "lrr", rows = rows }
end
