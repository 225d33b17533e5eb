-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # All methods, one engine, one protocol
--
-- Every paper on sparse training makes its own comparison, with masks, its own recipe and its own graphics card. On an engine that stores nothing but
-- the links, a hundred epochs of one method take a minute or two on one core. This page trains every method that setlab has a name for, on the same images, from
-- the same seeds and with the same learning rates, and compares the results with the published ones.
--
-- ![One evolution step of SET, RigL and CHT: the two weakest of ten links are pruned and two grow. SET draws them at random, RigL grows them where an active unit meets a large gradient, CHT where a path of three links leads](shared/evolution_step.svg)
--
-- The protocol is that of @zhang2025, their Table 7 (version 4), which has the longest table of this kind: a perceptron with three hidden
-- layers, each twice as wide as the image, at a density of 1 %; the output layer is dense. For CIFAR-10 the protocol is that of their Table 1, with
-- hidden layers as wide as the image.

local lab = require "lab"
local study = require "shared.study"
local compared = require "shared.compared"
local format, statistics = lab.format, lab.statistics

--| echo: fold
local NAMES <const> = { "dense", "static", "SET", "MEST", "DSR", "RigL", "SNFS", "GSE", "SRigL", "CTRE", "CHT", "CHT CSTI", "CHTs 2", "CHTs 3", "GMP", "GraNet", "CHTss",
  "static BRF", "SET BRF", "CHTs 2 ER" }
--| echo: fold
local SETS <const> = { "fashion_mnist", "mnist", "cifar10", "cifar10_plain" }

--| echo: fold
local P = lab.params {
  sets = { { "fashion_mnist" }, choices = SETS, help = "data sets" },
  methods = { { "dense", "static", "SET", "RigL", "GSE", "CHTs 2" }, choices = NAMES, help = "methods" },
  seeds = { 2, min = 1, help = "runs of each method" },
  dense_seeds = { 1, min = 1, help = "runs of the dense network" },
  epochs = { 10, min = 1 },
  train = study.train(10000, 60000),
  test = study.test(10000, 10000),
  hidden = { 392, min = 1, help = "units in each of the three hidden layers, for MNIST and Fashion-MNIST" },
  hidden_cifar10 = { 3072, min = 1, help = "units in each of the three hidden layers, for CIFAR-10" },
  cifar10_methods = { { "static", "SET", "RigL", "CHTs 2" }, choices = NAMES, help = "methods that are tried on CIFAR-10" },
  cifar10_plain_methods = { { "static", "SET", "RigL", "CHTs 2" }, choices = NAMES, help = "methods that are tried on CIFAR-10 with images as they are" },
  cifar10_seeds = { 1, min = 1, help = "runs of each method on CIFAR-10" },
  controls = { false, help = "also measure what standardising each pixel by itself is worth" },
  density = { 0.02, above = 0, max = 1, help = "share of the cells of the hidden layers that are links" },
  begin = { 0.1, above = 0, max = 1, help = "density at which GMP, GraNet and CHTss begin" },
  zeta = { 0.3, min = 0, max = 1, help = "share of links rewired after an epoch, where the method leaves it open" },
  batch = study.batch(32),
  lr = study.lr(0.025),
  momentum = study.momentum(0.9),
  weight_decay = { 5e-4, min = 0, help = "L2 weight decay" },
  bootstrap = study.bootstrap(50),
  profiles = {
    quick = { epochs = 5, train = 5000, seeds = 1, methods = { "static", "SET", "RigL" } },
    full = { controls = true, sets = SETS, methods = NAMES, cifar10_methods = { "dense", "static", "SET", "RigL", "CHT", "CHTs 2", "CHTs 3", "GMP", "GraNet", "CHTss" },
      cifar10_plain_methods = { "dense", "static", "SET", "RigL", "CHT", "CHTs 2", "CHTs 3", "GMP", "GraNet", "CHTss" }, seeds = 3, epochs = 100,
      train = 60000, hidden = 1568, density = 0.01, bootstrap = 200 },
    smoke = { controls = true, sets = SETS, methods = NAMES, cifar10_methods = { "dense", "SET", "CHTs 2" }, cifar10_plain_methods = { "static", "SET" }, seeds = 1, epochs = 3, train = 300, test = 100, hidden = 40, hidden_cifar10 = 40,
      density = 0.1, begin = 0.3, bootstrap = 2 },
  },
}

--| echo: fold
local is_whole = P.train == 60000 and P.test == 10000 and P.epochs == 100 and P.hidden == 1568 and P.hidden_cifar10 == 3072

-- ## The protocol
--
-- Training is stochastic gradient descent in batches of 32 with momentum 0.9. The learning rate falls linearly from 0.025 to a hundredth of that over
-- the first 90 % of the epochs. L2 is 5e-4, the activation is ReLU, and there is no dropout. Pixels are standardised by one mean and one standard
-- deviation, those of CIFAR-10 by those of their channel. The paper does not say how CIFAR-10 is augmented; here its images are shifted by up to four
-- pixels, with their edges repeated, and mirrored; the set `cifar10_plain` has them as they are. Initial weights have a variance of 2 divided by the number of links into their
-- unit, so signals in a sparse layer start as strong as in a dense one. Nothing was tuned: these are the paper's numbers, and no choice was made by
-- the images that the page reports on.
--
-- A method says which links are pruned and which grow, and also how many and how often. RigL's share falls along a cosine, and it rewires every
-- hundred steps, as in its paper. SET, CTRE, CHT and CHTs rewire 30 % after every epoch, as the paper of the protocol does for all methods. Three
-- methods begin with more links than they end with. The published runs begin at a density of 50 %; here they begin at 10 %, because a sparse engine
-- is slow at 50 %.
--
-- Most methods start from random links. CHT and CHTs start from receptive fields (BRF), as the paper of the protocol has it: the nearer two units,
-- the likelier their link. CHT's own paper links features that are correlated (CSTI), and "CHT CSTI" does so. Other arms with a wiring in their name show what the wiring alone
-- is worth.

--| echo: fold
local function falling(epoch, epochs)
  local gone = math.min(1, (epoch - 1) / math.max(1, 0.9 * epochs - 1))
  return P.lr * (1 - 0.99 * gone)
end

--| echo: fold
local near = lab.receptive_field { density = P.density, randomness = 0.25, dense_output = true }

--| echo: fold
local near_begun = lab.receptive_field { density = P.begin, randomness = 0.25, dense_output = true }

--| echo: fold
local sparse, begun = lab.uniform { density = P.density, dense_output = true }, lab.uniform { density = P.begin, dense_output = true }

--| echo: fold
local equal_fan_in = lab.fan_in { density = P.density, dense_output = true }

-- `looks` is the number of batches per epoch on which evolution takes a dense gradient. It is needed to count operations.

local per_hundred_steps = P.train // P.batch / 100   -- a little too many on CIFAR-10, which has 50,000 images
local all_arms = {
  { name = "dense", wiring = lab.dense {} },
  { name = "static", wiring = sparse },
  { name = "SET", wiring = sparse, evolve = lab.set { zeta = P.zeta } },
  { name = "MEST", wiring = sparse, evolve = lab.mest {} },
  { name = "DSR", wiring = sparse, evolve = lab.dsr {} },
  { name = "RigL", wiring = sparse, evolve = lab.rigl {}, looks = per_hundred_steps, until_share = 0.75 },
  { name = "SNFS", wiring = sparse, evolve = lab.snfs {}, looks = 10, until_share = 1 },
  { name = "GSE", wiring = sparse, evolve = lab.gse {} },
  { name = "SRigL", wiring = equal_fan_in, evolve = lab.srigl {}, looks = per_hundred_steps, until_share = 0.75 },
  { name = "CTRE", wiring = sparse, evolve = lab.ctre { zeta = P.zeta } },
  { name = "CHT", wiring = near, evolve = lab.cht { zeta = P.zeta } },
  { name = "CHT CSTI", correlated = true, evolve = lab.cht { zeta = P.zeta } },   -- the wiring of CHT's own paper
  { name = "CHTs 2", wiring = near, evolve = lab.chts { zeta = P.zeta, score = "CH2-L3n" } },
  { name = "CHTs 3", wiring = near, evolve = lab.chts { zeta = P.zeta, score = "CH3-L3p" } },
  { name = "GMP", wiring = begun, evolve = lab.gmp { density = P.density, begin = P.begin } },
  { name = "GraNet", wiring = begun, evolve = lab.granet { density = P.density, begin = P.begin }, looks = per_hundred_steps / 10, until_share = 0.6875 },
  { name = "CHTss", wiring = near_begun, evolve = lab.chtss { zeta = P.zeta, density = P.density, begin = P.begin } },
  { name = "static BRF", wiring = near },
  { name = "SET BRF", wiring = near, evolve = lab.set { zeta = P.zeta } },
  { name = "CHTs 2 ER", wiring = sparse, evolve = lab.chts { zeta = P.zeta, score = "CH2-L3n" } },
}

--| echo: fold
local function wired(arm, set, data)  -- the arm with its wiring; nil if links between correlated features do not fit layers of this width
  if not arm.correlated then return arm end
  if set.hidden % set.inputs ~= 0 then
    lab.say("%s is left out on %s: its wiring needs hidden layers as wide as the %d inputs, or a multiple.", arm.name, set.title, set.inputs)
    return nil
  end
  return { name = arm.name, evolve = arm.evolve, wiring = lab.correlated { data = data.train, density = P.density, dense_output = true } }
end

--| echo: fold
local function chosen(names, set, data)  -- the sparse arms among them, and the dense one
  local arms, dense_arms = {}, {}
  for _, arm in ipairs(all_arms) do
    for _, name in ipairs(names) do
      local list = name == arm.name and (name == "dense" and dense_arms or arms)
      if list then list[#list + 1] = wired(arm, set, data) end
    end
  end
  return arms, dense_arms
end

-- ## A run
--
-- Seconds of computing are those of training and evolution, without evaluation. Operations are counted as papers count them: a multiplication and an
-- addition for each link in the forward pass, twice as many in the backward pass, and for a dense gradient one of each per cell without a link. SNFS takes such a
-- gradient on ten batches per epoch here, not on every batch as in the original. Other work of an evolution, such as the scores of CHT or the
-- gradients of GSE's subset, is not counted as operations, but it is in the seconds.

--| echo: fold
local function flat(rows)
  local all = {}
  for _, row in ipairs(rows) do table.move(row, 1, #row, #all + 1, all) end
  return all
end

--| echo: fold
local function cells_tried(net)
  local tried, cells = 0, 0
  for layer = 1, net:layers() do
    if net:is_sparse(layer) then tried, cells = tried + net:cells_tried(layer), cells + net:units(layer - 1) * net:units(layer) end
  end
  return cells > 0 and tried / cells or 1
end

--| echo: fold
local function record_degrees(run, net, epoch)
  for layer = 1, net:layers() do
    if net:is_sparse(layer) then
      for _, side in ipairs { "in", "out" } do run:record("degrees", { epoch = epoch, layer = layer, side = side }, net:degrees(layer, side)) end
    end
  end
end

--| echo: fold
local function trainer(set, data)
  local inputs, hidden = set.inputs, set.hidden
  local cells = inputs * hidden + 2 * hidden * hidden + hidden * 10
  local augment = set.augment
  return function(run, arm, seed)
    local net <close> = lab.mlp { inputs, hidden, hidden, hidden, 10, wiring = arm.wiring, seed = seed, history = arm.name ~= "dense" }
    local track <close> = arm.evolve and lab.topology.track(net) or nil
    local seconds, evolving, gigaflops = 0, 0, 0
    local function log(epoch)
      local seen, wiring = net:evaluate(data.test), lab.topology.columns(net)
      run:log { epoch = epoch, accuracy = seen.accuracy, loss = seen.loss, seconds = seconds, evolve_seconds = evolving, gigaflops = gigaflops,
        links = net:links(), active = wiring.active, effective_density = wiring.effective_density, log10_paths = wiring.log10_paths,
        cv_in = wiring.cv_in, cv_out = wiring.cv_out, cells_tried = arm.name == "dense" and 1 or cells_tried(net), jaccard = track and track:last().jaccard_before or 1 }
    end
    log(0)
    record_degrees(run, net, 0)
    for epoch in net:epochs(data.train, { epochs = P.epochs, batch = P.batch, lr = falling, momentum = P.momentum, weight_decay = P.weight_decay,
        decay = "coupled", evolve = arm.evolve, augment = augment }) do
      local looks = arm.looks and epoch.n <= arm.until_share * P.epochs and arm.looks or 0
      seconds, evolving = seconds + epoch.seconds + epoch.evolve_seconds, evolving + epoch.evolve_seconds
      gigaflops = gigaflops + 2e-9 * (3 * net:links() * epoch.samples + looks * P.batch * (cells - net:links()))
      if track then track:look() end
      log(epoch.n)
    end
    record_degrees(run, net, P.epochs)
    run:record("compressed", { epoch = P.epochs }, lab.topology.compressed(net).units)
    run:record("confusion", { epoch = P.epochs }, flat(net:confusion(data.test).counts))
    local calibration = net:calibration(data.test)
    for b, bin in ipairs(calibration.bins) do
      if bin.samples > 0 then run:record("calibration", { bin = b }, { bin.samples, bin.confidence, bin.accuracy }) end
    end
    run:record("calibration_error", { epoch = P.epochs }, { calibration.error, calibration.confidence, calibration.accuracy })
    if track then
      local born, alive = {}, {}
      for i, cohort in ipairs(track:cohorts(2)) do born[i], alive[i] = cohort.born, cohort.alive end
      run:record("cohorts", { layer = 2, of = "born" }, born)
      run:record("cohorts", { layer = 2, of = "alive" }, alive)
    end
  end
end

--| echo: fold
local about = {
  fashion_mnist = { title = "Fashion-MNIST", inputs = 784, hidden = P.hidden, methods = P.methods, seeds = P.seeds, range = { 0.84, 0.92 } },
  mnist = { title = "MNIST", inputs = 784, hidden = P.hidden, methods = P.methods, seeds = P.seeds, range = { 0.96, 0.99 } },
  cifar10 = { title = "CIFAR-10", data = "cifar10", inputs = 3072, hidden = P.hidden_cifar10, methods = P.cifar10_methods, seeds = P.cifar10_seeds, range = { 0.4, 0.75 },
    standardise = "channels", augment = lab.augment { shift = 0.125, flip = true, fill = "nearest", interpolation = "nearest" } },
  cifar10_plain = { title = "CIFAR-10, images as they are", data = "cifar10", inputs = 3072, hidden = P.hidden_cifar10, methods = P.cifar10_plain_methods, seeds = P.cifar10_seeds,
    range = { 0.4, 0.75 }, standardise = "channels" },
}

local sets = {}  -- { name, title, classes, runs, ... }
for _, name in ipairs(P.sets) do
  local set = about[name]
  local data = lab.data[set.data or name] { train = math.min(P.train, set.data == "cifar10" and 50000 or 60000), test = P.test, standardise = set.standardise or "pixels" }
  local train, label = trainer(set, data), "methods, " .. set.title
  local arms, dense_arms = chosen(set.methods, set, data)
  if #arms > 0 then set.runs = lab.runs { label, arm = arms, seed = study.seeds(set.seeds), run = train } end
  if #dense_arms > 0 then
    local dense = lab.runs { label, arm = dense_arms, seed = study.seeds(math.min(set.seeds, P.dense_seeds)), run = train }
    set.runs = set.runs and dense .. set.runs or dense
  end
  set.name, set.classes = name, data.classes
  sets[#sets + 1] = set
end

--| echo: fold
local function arm_runs(set, name)
  local found = {}
  for _, run in ipairs(set.runs) do if run.arguments.arm == name and run.status == "done" then found[#found + 1] = run end end
  return found
end

-- ## How well they learn
--
-- The accuracy is that after the last epoch, so nothing is chosen by it. *Area* is the mean accuracy over all epochs; it is high when a net learns
-- early. The last column of @tbl-accuracy compares runs of the same seed, as @fig-differences does.

--| echo: false
if not is_whole then
  lab.say([[**This page is a short one**: %s of 60,000 images, %d of 100 epochs, hidden layers of %d units instead of 1,568. It shows how the page works.
`make report PROFILE=full` trains it all.]], format.count(P.train), P.epochs, P.hidden)
end

--| label: tbl-accuracy
--| tbl-cap: Test accuracy in per cent, mean and standard deviation over seeds, beside Tables 7 and 1 of Zhang et al. 2025. The last column is the difference from the static wiring, with its standard error.
--| echo: fold
for _, set in ipairs(sets) do
  lab.table { header = { set.title, "runs", "last epoch", "published", "distance", "area", "against static" }, align = "lrrrrrr", rows = compared.accuracy_rows(set) }
end

--| index: true
--| echo: false
do
  local function listed(items) return #items > 1 and table.concat(items, ", ", 1, #items - 1) .. " and " .. items[#items] or items[1] end
  local names, parts = {}, {}
  for _, arm in ipairs { "static", "SET", "RigL", "CHTs 2", "dense" } do
    local everywhere = true
    for _, set in ipairs(sets) do everywhere = everywhere and compared.summary(set.runs, arm, compared.percent "accuracy") ~= nil end
    if everywhere then names[#names + 1] = arm end
  end
  for i, set in ipairs(sets) do
    local values = {}
    for k, arm in ipairs(names) do values[k] = ("%.1f"):format(compared.summary(set.runs, arm, compared.percent "accuracy").mean) end
    parts[i] = ("%s %% on %s"):format(listed(values), set.title)
  end
  local shown = {}
  for k, arm in ipairs(names) do shown[k] = arm == "dense" and "all weights" or arm == "CHTs 2" and "CHTs" or arm end
  if #names > 0 then lab.say("Test accuracy with %g %% of the weights, of %s: %s.", 100 * P.density, listed(shown), table.concat(parts, "; ")) end
end

--| label: fig-accuracy
--| index: true
--| index-order: 2
--| fig-cap: Test accuracy of each method after the last epoch. Each point is a seed; a line is the median.
--| echo: fold
for _, set in ipairs(sets) do lab.plot.box { set.runs, y = "accuracy", ylabel = "test accuracy, " .. set.title, title = set.title } end

--| label: fig-differences
--| fig-cap: Differences in test accuracy between methods, row minus column, in points: means over the seeds that both have.
--| echo: fold
for _, set in ipairs(sets) do
  local found, beyond, pairs_of = compared.differences(set)
  local most = 0.1
  for _, row in ipairs(found.values) do for _, v in ipairs(row) do if v == v then most = math.max(most, math.abs(v)) end end end
  lab.plot.heatmap { values = found.values, rows = found.arms, columns = found.arms, format = "%+.1f", range = { -most, most }, diverging = true, label = "points, " .. set.title,
    title = set.title }
  if pairs_of > 0 then
    lab.say("On %s, %d of the %d pairs of methods differ by more than their seeds explain (Student's t over paired seeds at 5 %%; chance alone would show about %d such pairs).",
      set.title, beyond, pairs_of, math.floor(0.05 * pairs_of + 0.5))
  end
end

-- ### Pixels standardised one by one
--
-- The protocol standardises all pixels by one mean and one standard deviation. SET's own programs standardise each pixel by itself, which amplifies
-- pixels at the edge that are seldom anything but black. With `controls=true` this page measures what that is worth, with nothing else changed.

--| echo: fold
local function standardised_rows()
  local rows = {}
  for _, set in ipairs(sets) do
    if P.controls and set.data ~= "cifar10" then
      local data = lab.data[set.name] { train = P.train, test = P.test, standardise = true }
      local apart = lab.runs { ("methods, %s, each pixel by itself"):format(set.title), arm = chosen({ "static", "SET" }, set, data), seed = study.seeds(set.seeds), run = trainer(set, data) }
      for _, arm in ipairs { "static", "SET" } do
        local together, alone = compared.by_seed(set.runs, arm, compared.percent "accuracy"), compared.by_seed(apart, arm, compared.percent "accuracy")
        rows[#rows + 1] = { ("%s, %s"):format(set.title, arm), compared.mean_sd(compared.summary(set.runs, arm, compared.percent "accuracy"), "%.2f"),
          compared.mean_sd(compared.summary(apart, arm, compared.percent "accuracy"), "%.2f"), compared.difference_text(compared.difference(alone, together)) }
      end
    end
  end
  return rows
end

--| label: tbl-standardised
--| tbl-cap: Test accuracy in per cent with all pixels standardised together and with each pixel standardised by itself. The difference is taken over paired seeds, with its standard error.
--| echo: fold
do
  local rows = standardised_rows()
  if #rows > 0 then lab.table { header = { "", "together", "each by itself", "difference" }, align = "lrrr", rows = rows } end
end

-- ## How fast
--
-- @fig-epochs, @fig-seconds and @fig-operations show the methods in families, each beside the static wiring. Seconds are by the clock, so other work on the machine counts. The published runs on
-- Fashion-MNIST had their cores to themselves. Those on MNIST and CIFAR-10 had neighbours that took up to two thirds of the time: there, compare operations.

--| echo: fold
local families = {
  { "grown at random", { "SET", "MEST", "DSR" } },
  { "grown by gradients", { "RigL", "SNFS", "GSE", "SRigL" } },
  { "grown by topology or likeness", { "CTRE", "CHT", "CHT CSTI", "CHTs 2", "CHTs 3" } },
  { "begun with more links", { "GMP", "GraNet", "CHTss" } },
  { "wiring and evolution apart", { "static BRF", "SET", "SET BRF", "CHTs 2", "CHTs 2 ER" } },
}

--| echo: fold
local function family(set, names)
  local chosen, found = { static = true, dense = true }, nil
  for _, name in ipairs(names) do chosen[name] = true end
  local list, others = setmetatable({}, getmetatable(set.runs)), 0
  for _, run in ipairs(set.runs) do
    if chosen[run.arguments.arm] then
      list[#list + 1] = run
      others = others + ((run.arguments.arm ~= "static" and run.arguments.arm ~= "dense") and 1 or 0)
    end
  end
  found = others > 0 and list or nil
  return found
end

--| label: fig-epochs
--| fig-cap: Test accuracy after each epoch, for each family of methods: mean and standard deviation over seeds.
--| echo: fold
for _, set in ipairs(sets) do
  for _, f in ipairs(families) do
    local list = family(set, f[2])
    if list then
      lab.plot.curves { list, x = "epoch", y = "accuracy", by = "arm", title = ("%s, %s"):format(set.title, f[1]), ylabel = "test accuracy, " .. set.title,
        yrange = is_whole and set.range or P.epochs >= 5 and { min = 0.5 * set.range[1] } or nil }
    end
  end
end

--| echo: fold
local function has_dense(set) return compared.summary(set.runs, "dense", compared.last "seconds") ~= nil end   -- far to the right of all others

--| label: fig-seconds
--| fig-cap: Test accuracy after the last epoch against seconds of computing, without evaluation. Each point is a run.
--| echo: fold
for _, set in ipairs(sets) do
  lab.plot.scatter { set.runs, x = "seconds", y = "accuracy", names = true, logx = has_dense(set), xlabel = "seconds of computing", ylabel = "test accuracy, " .. set.title, title = set.title }
end

--| label: fig-operations
--| fig-cap: Test accuracy after the last epoch against the operations of the whole training, counted as papers count them. Each point is a run.
--| echo: fold
for _, set in ipairs(sets) do
  lab.plot.scatter { set.runs, x = "gigaflops", y = "accuracy", names = true, logx = has_dense(set), xlabel = "operations of training (1e9)", ylabel = "test accuracy, " .. set.title, title = set.title }
end

--| echo: fold
local function memory(set, arm)
  local plan = lab.memory_plan { set.inputs, set.hidden, set.hidden, set.hidden, 10, wiring = arm.wiring or sparse --[[of as many links]], batch = P.batch, evolve = arm.evolve, zeta = arm.evolve and P.zeta or 0, epochs = P.epochs }
  return plan.peak / 2 ^ 20
end

--| echo: fold
local function cost_rows(set)
  local rows = {}
  local dense = compared.summary(set.runs, "dense", compared.last "gigaflops")
  for _, arm in ipairs(all_arms) do
    local seconds = compared.summary(set.runs, arm.name, compared.last "seconds")
    if seconds then
      local function mean(column) return compared.summary(set.runs, arm.name, compared.last(column)).mean end
      rows[#rows + 1] = { arm.name, ("%.0f"):format(seconds.mean), ("%.1f"):format(mean "evolve_seconds"), ("%.0f"):format(mean "gigaflops"),
        dense and ("%.1f %%"):format(100 * mean "gigaflops" / dense.mean) or "–", format.count(mean "links"), ("%.1f"):format(memory(set, arm)) }
    end
  end
  return rows
end

--| label: tbl-cost
--| tbl-cap: Cost of a run: seconds of computing, and of evolution alone; operations of training, in total and as a share of the dense network's; links at the end; and the planned peak memory of net and training.
--| echo: fold
for _, set in ipairs(sets) do
  lab.table { header = { set.title, "seconds", "evolving", "1e9 operations", "of dense", "links", "MiB" }, align = "lrrrrrr", rows = cost_rows(set) }
end

--| echo: false
for _, set in ipairs(sets) do
  local by_threads, counts = {}, {}
  for _, run in ipairs(set.runs) do
    local threads = run.status == "done" and run:meta().threads
    if threads and not by_threads[threads] then by_threads[threads], counts[#counts + 1] = {}, threads end
    if threads then by_threads[threads][run.arguments.arm] = true end
  end
  table.sort(counts, function(a, b) return #compared.names(by_threads[a]) > #compared.names(by_threads[b]) end)
  for i = 2, #counts do
    lab.say("On %s the seconds of %s are of %d threads, those of most others of %d.", set.title, table.concat(compared.names(by_threads[counts[i]]), ", "), counts[i], counts[1])
  end
end

-- ## What becomes of the wiring
--
-- *Active* units have at least one outgoing link. *Effective* links lie on a path from an input to an output. *Cells tried* is R_s of
-- @liu2021, the share of all cells that were ever linked. Units that lead nowhere can be removed; the *compressed* sizes are what remains. The
-- coefficient of variation says how unequal the degrees of the second layer's units are.

--| echo: fold
local function wiring_rows(set)
  local rows, published = {}, compared.published[set.name]
  for _, arm in ipairs(compared.arms(set.runs)) do
    local runs = arm_runs(set, arm)
    if arm ~= "dense" and #runs > 0 then
      local function mean(column) return study.mean(runs, compared.last(column)) end
      local units = {}
      for level = 1, 4 do
        units[level] = ("%.0f"):format(study.mean(runs, function(run) return (run:values("compressed", { epoch = P.epochs }) or {})[level] end))
      end
      rows[#rows + 1] = { arm, ("%.0f"):format(100 * mean "active"), compared.text("%.0f", published[arm] and published[arm][2]), ("%.2f"):format(100 * mean "effective_density"),
        ("%.0f"):format(100 * mean "cells_tried"), table.concat(units, "-"), ("%.2f"):format(mean "cv_in_2"), ("%.2f"):format(mean "cv_out_2") }
    end
  end
  return rows
end

--| label: tbl-wiring
--| tbl-cap: Wiring after the last epoch: active units, effective density and cells tried, all in per cent; compressed sizes; and the coefficient of variation of the second layer's degrees, of links in and of links out.
--| echo: fold
for _, set in ipairs(sets) do
  lab.table { header = { set.title, "active", "published", "effective", "tried", "compressed", "cv in", "cv out" }, align = "lrrrrlrr", rows = wiring_rows(set) }
end

--| label: fig-jaccard
--| fig-cap: Links that a net shares with itself one epoch earlier, divided by the links of either: 1 where nothing moves.
--| echo: fold
for _, set in ipairs(sets) do
  lab.plot.curves { set.runs, x = "epoch", y = "jaccard", by = "arm", band = "none", ylabel = "in common, " .. set.title, title = set.title }
end

-- How old does a link get? @fig-survival shows how many of the links born in an epoch are still there at the end.

--| echo: fold
local function survival(set)
  local list = {}
  for _, arm in ipairs(compared.arms(set.runs)) do
    local run = arm_runs(set, arm)[1]
    local born = run and run:values("cohorts", { layer = 2, of = "born" })
    local alive = run and run:values("cohorts", { layer = 2, of = "alive" })
    if born and #born > 2 then
      local x, y = {}, {}
      for i = 2, #born do
        if born[i] > 0 then x[#x + 1], y[#y + 1] = #born - i + 1, alive[i] / born[i] end
      end
      if #x > 1 then list[#list + 1] = { name = arm, x = x, y = y } end
    end
  end
  return list
end

--| label: fig-survival
--| fig-cap: Share of the second layer's links that are still there at the end, against the number of epochs since they were born; one run of each method.
--| echo: fold
for _, set in ipairs(sets) do
  local list = survival(set)
  if #list > 0 then lab.plot.xy { series = list, xlabel = "age in epochs", ylabel = "survivors, " .. set.title, title = set.title } end
end

-- Do degrees grow towards a power law? @tbl-degrees tests the degrees of the second layer's units after training, for each method. [Another
-- page](topology.html) has more.

--| label: tbl-degrees
--| tbl-cap: Power-law fits to the degrees of the second layer after training, in the first run of each method: exponent (alpha), where the tail begins (xmin), units in the tail, p, and whether the tests leave a power law possible.
--| echo: fold
for _, set in ipairs(sets) do
  local rows = {}
  for _, arm in ipairs(compared.arms(set.runs)) do
    local run = arm_runs(set, arm)[1]
    if run and arm ~= "dense" then
      for _, verdict in ipairs(lab.degree_verdicts { { run }, bootstrap = P.bootstrap, epochs = { P.epochs } }:last()) do
        local fit = verdict.fit
        if verdict.layer == 2 then
          rows[#rows + 1] = { arm, verdict.side, compared.text("%.2f", fit.alpha), compared.text("%d", fit.xmin), compared.text("%d", fit.n_tail), compared.text("%.2f", fit.p),
            verdict.stands and "possible" or "no" }
        end
      end
    end
  end
  lab.table { header = { set.title, "links", "alpha", "xmin", "tail", "p", "power law" }, align = "llrrrrl", rows = rows }
end

-- ## Where they err
--
-- @fig-confusion shows which classes are mistaken for which, in one run.

--| label: fig-confusion
--| fig-cap: Number of test images by true class (rows) and predicted class (columns), in the first run of the method in the title.
--| echo: fold
for _, set in ipairs(sets) do
  local shown = arm_runs(set, "CHTs 2")[1] or arm_runs(set, "SET")[1]
  local counts = shown and shown:values("confusion", { epoch = P.epochs })
  if counts then
    local n, values = math.floor((#counts) ^ 0.5 + 0.5), {}
    for c = 1, n do values[c] = table.move(counts, (c - 1) * n + 1, c * n, 1, {}) end
    lab.plot.heatmap { values = values, rows = set.classes, columns = set.classes, format = "count", xlabel = "said", ylabel = "class", label = "images",
      title = ("%s, %s"):format(set.title, shown.arguments.arm) }
  end
end

-- A network is *calibrated* if it is right as often as its confidence says. The expected calibration error [@guo2017] is the mean distance
-- between the two.

--| echo: fold
local function reliability(set, names)
  local list = {}
  for _, arm in ipairs(names) do
    local run = arm_runs(set, arm)[1]
    local x, y = {}, {}
    for b = 1, run and 15 or 0 do
      local bin = run:values("calibration", { bin = b })
      if bin and bin[1] >= 20 then x[#x + 1], y[#y + 1] = bin[2], bin[3] end
    end
    if #x > 0 then list[#list + 1] = { name = arm, x = x, y = y, marks = "both" } end
  end
  return list
end

--| label: fig-reliability
--| fig-cap: Accuracy against confidence, over bins with at least 20 test images, in the first run of each method. A network is calibrated on the dashed line, and overconfident below it.
--| echo: fold
for _, set in ipairs(sets) do
  local list = reliability(set, { "dense", "static", "SET", "RigL", "CHTs 2" })
  if #list > 0 then
    lab.plot.xy { series = list, xlabel = "confidence", ylabel = "accuracy, " .. set.title, title = set.title, xrange = { 0.2, 1 }, yrange = { 0, 1 },
      guides = { { slope = 1, through = { 0.2, 0.2 }, from = 0.2, to = 1, label = "calibrated", at = 0.5, below = true } } }
  end
end

--| label: tbl-calibration
--| tbl-cap: Expected calibration error, mean confidence and accuracy on the test images, in per cent; means over seeds.
--| echo: fold
for _, set in ipairs(sets) do
  local rows = {}
  for _, arm in ipairs(compared.arms(set.runs)) do
    local runs = arm_runs(set, arm)
    local function mean(i) return study.mean(runs, function(run) return (run:values("calibration_error", { epoch = P.epochs }) or {})[i] end) end
    if #runs > 0 then rows[#rows + 1] = { arm, ("%.2f"):format(100 * mean(1)), ("%.2f"):format(100 * mean(2)), ("%.2f"):format(100 * mean(3)) } end
  end
  lab.table { header = { set.title, "error", "confidence", "accuracy" }, align = "lrrr", rows = rows }
end
