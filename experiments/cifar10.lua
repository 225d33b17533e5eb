-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # CIFAR-10: a thousand epochs of sparse training
--
-- CIFAR-10 [@krizhevsky2009] has photographs of ten kinds of things, 32 by 32 pixels in three colours. A multilayer
-- perceptron knows nothing of neighbourhood in an image; this one has 3072-4000-1000-4000-10
-- units, and 20 million weights if it is dense. Here three networks learn from the same images:
--
-- - **SET-MLP** has 2 % of these weights and moves its links: after every epoch the links with
--   weights nearest to zero are dropped, and as many are drawn at random: Sparse Evolutionary
--   Training [@mocanu2018];
-- - **FixProb-MLP** has as many links, drawn once;
-- - **dense** has all weights.
--
-- Each is trained twice: with ReLU, and with SReLU [@jin2016], whose four parameters per unit are learnt as
-- well. How accurate is each network after a thousand epochs, and how accurate after the same
-- computing time?

local lab = require "lab"
local study = require "shared.study"
local format, statistics = lab.format, lab.statistics

local P = lab.params {
  train = study.train(10000, 50000),
  test = study.test(2000, 10000),
  epochs = { 30, min = 1, help = "epochs of the sparse networks" },
  dense_epochs = { 1, min = 1, help = "minimum epochs of the dense network, however long they take" },
  seeds = { 1, min = 1, help = "runs of each network" },
  activations = { { "relu", "srelu" }, choices = { "relu", "srelu" }, help = "activations of the hidden units" },
  outer = study.outer(4000),
  inner = study.inner(1000),
  epsilon = study.epsilon(20.0),
  zeta = study.zeta(0.3),
  init = { "xavier_uniform", choices = { "he_uniform", "xavier_uniform" }, help = "initial weights; the published program has those of Keras, xavier_uniform" },
  newborn = { "zero", choices = { "zero", "drawn" }, help = "weights of new links: 0 as in the authors' program, or drawn like the initial ones" },
  dropout = study.dropout(0.3),
  lr = study.lr(0.01),
  momentum = study.momentum(0.9),
  batch = study.batch(100),
  augment = { true, help = "rotate, shift and mirror the training images, anew in each epoch" },
  interpolation = { "nearest", choices = { "nearest", "bilinear" }, help = "how a rotated image takes its pixels from the old ones" },
  bootstrap = study.bootstrap(100),
  profiles = {
    quick = { train = 5000, test = 1000, epochs = 10, bootstrap = 20 },
    full = { train = 50000, test = 10000, epochs = 1000, dense_epochs = 30, bootstrap = 1000 },
    smoke = { train = 200, test = 100, epochs = 2, outer = 60, inner = 30, epsilon = 5, bootstrap = 5 },
  },
}

local is_whole = P.train == 50000 and P.test == 10000 and P.epochs >= 1000

--| echo: false
if not is_whole then
  lab.say([[
**This page is a short one**: %s of the 50,000 training images, %s of the 10,000 test images and %d of 1,000 epochs, which
shows how the page works and what an epoch costs, but says little about accuracy. `make report PROFILE=full` trains it all.]], format.count(P.train), format.count(P.test), P.epochs)
end

-- ## The images
--
-- Each input is standardised by its mean and standard deviation over the training images.

local data = lab.data.cifar10 { train = P.train, test = P.test, standardise = true }

-- Some copies of CIFAR-10 have pixels that have been through JPEG, which stores colours in blocks
-- of 16 by 16 pixels. Where two blocks meet, red minus green then changes by more than elsewhere:
-- in the middle of a row, from column 16 to 17. This is measured first.

--| echo: fold
local function colour_seam(view, images)
  local steps = {}
  for column = 1, 31 do steps[column] = 0 end
  for i = 1, math.min(images, #view) do
    local p = view:pixels(i)
    for row = 0, 31 do
      for column = 1, 31 do
        local at = row * 32 + column
        steps[column] = steps[column] + math.abs(p[at + 1] - p[at + 1025] - p[at] + p[at + 1024])
      end
    end
  end
  local others = 0
  for column = 2, 30 do if column ~= 16 then others = others + steps[column] / 28 end end
  return steps[16] / others
end

--| echo: fold
local function is_original_order(view)
  for i, label in ipairs { 6, 9, 9, 4, 1, 1, 2, 7, 8, 3 } do
    if i <= #view and view:label(i) ~= label then return false end
  end
  return true
end

--| echo: fold
local seam = colour_seam(data.train, 500)

--| echo: fold
local seam_is_jpeg = seam > 1.25

--| echo: false
lab.say("In this copy the colours change %.2f times as much there as between other columns: %s. The images are in %s.", seam,
  seam_is_jpeg and "**its pixels went through JPEG**, so they differ a little from the original release, and all accuracies below may differ, too"
  or "no sign of JPEG", is_original_order(data.train) and "the order of the original release" or "a different order from the original release")

-- ## One protocol
--
-- All networks are trained with the protocol of the authors of SET, who published the learning
-- curves of one run of each with SReLU. Every image is rotated, shifted and mirrored at random
-- before it is shown, anew in each epoch; beyond the edge of an image its edge is repeated. A
-- pixel of the changed image is the nearest one of the old image, as in the release of Keras that
-- the authors' program names (2.1.3). Later releases mix four pixels, which blurs the training
-- images but not the test images.
--
-- The initial weights matter: with the larger ones of he_uniform, which the Fashion-MNIST study
-- uses, the dense network with SReLU diverges at this learning rate (`init=he_uniform` shows it).

local shake = P.augment and lab.augment { rotation = 10, shift = 0.1, flip = true, fill = "nearest", interpolation = P.interpolation } or nil

--| label: tbl-protocol
--| tbl-cap: The protocol that all networks share, and where this page departs from the published runs.
--| echo: fold
lab.table { header = { "", "this page", "published" }, align = "lll", rows = {
  { "training / test images", ("%s / %s"):format(format.count(P.train), format.count(P.test)), "50,000 / 10,000" },
  { "units", ("3072-%d-%d-%d-10"):format(P.outer, P.inner, P.outer), "3072-4000-1000-4000-10" },
  { "hidden units", table.concat(P.activations, ", "), "srelu" },
  { "initial weights", P.init, "xavier_uniform" },
  { "weights of new links", P.newborn == "zero" and "0" or "drawn like initial weights", "0" },
  { "momentum at an evolution", "kept by links that stay", "lost by all links" },
  { "epsilon, zeta", ("%g, %g"):format(P.epsilon, P.zeta), "20, 0.3" },
  { "epochs", ("%d; dense: as many seconds as SET"):format(P.epochs), "1000" },
  { "batch, rate, momentum", ("%d, %g, %g"):format(P.batch, P.lr, P.momentum), "100, 0.01, 0.9" },
  { "dropout, weight decay", ("%g, none"):format(P.dropout), "0.3, none" },
  { "augmentation", P.augment and "±10°, shift ±10 %, mirrored by half" or "none", "±10°, shift ±10 %, mirrored by half" },
  { "interpolation", P.augment and P.interpolation or "–", "nearest" },
  { "inputs standardised", "as the network sees them", "before they are moved" },
  { "pixels", seam_is_jpeg and "through JPEG" or "original", "original" },
  { "runs of each", P.seeds, 1 },
} }

-- The number of links follows from $\epsilon$: a layer between $n_i$ and $n_o$ units links each
-- pair with probability $\epsilon (n_i + n_o) / (n_i n_o)$. Between the last hidden layer and the
-- ten classes this exceeds one, so that layer is dense in all networks, and does not evolve.

local random_links = lab.erdos_renyi { epsilon = P.epsilon }
local sparse_arms = {
  { name = "SET-MLP", wiring = random_links, evolve = lab.set { zeta = P.zeta, newborn = P.newborn } },
  { name = "FixProb-MLP", wiring = random_links },
}

-- ## One run
--
-- After each epoch the network is evaluated on the test images. The accuracy on the training
-- images is measured during the epoch, on augmented images and with dropout, so it is low; the
-- unchanged training images are evaluated once, at the end. Seconds are counted separately for
-- training, evolution and evaluation.

local function record_degrees(run, net, epoch)
  if not (epoch == 0 or epoch == 1 or epoch == 10 or epoch == 100 or epoch == 300 or epoch == P.epochs) then return end
  for layer = 1, net:layers() do
    if net:is_sparse(layer) then
      run:record("degrees", { epoch = epoch, layer = layer, side = "in" }, net:degrees(layer, "in"))
      run:record("degrees", { epoch = epoch, layer = layer, side = "out" }, net:degrees(layer, "out"))
    end
  end
end

local function sum(list)
  local s = 0.0
  for _, v in ipairs(list) do s = s + v end
  return s
end

local function microseconds(s) return math.floor(s * 1e6 + 0.5) / 1e6 end

local function train(run, activation, arm, seed)
  local net <close> = lab.mlp { 3072, P.outer, P.inner, P.outer, 10,
    hidden = activation, dropout = P.dropout, init = P.init, wiring = arm.wiring, seed = seed }
  record_degrees(run, net, 0)
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = P.batch, lr = P.lr, momentum = P.momentum,
      evolve = arm.evolve, augment = shake, checkpoint = { run = run, every = 10 } }) do
    local unseen, phases, state = net:evaluate(data.test), epoch.phases, run.state
    state.seconds = (state.seconds or 0) + epoch.seconds + epoch.evolve_seconds + unseen.seconds
    run:log {
      epoch = epoch.n, lr = epoch.lr, loss = epoch.loss, train_accuracy = epoch.accuracy,
      test_loss = unseen.loss, test_accuracy = unseen.accuracy,
      seconds = microseconds(state.seconds), train_seconds = microseconds(epoch.seconds),
      evolve_seconds = microseconds(epoch.evolve_seconds), evaluate_seconds = microseconds(unseen.seconds),
      batch_seconds = microseconds(phases.batch), forward_seconds = microseconds(sum(phases.forward)),
      backward_seconds = microseconds(sum(phases.backward)), loss_seconds = microseconds(phases.loss),
      links = net:links(), replaced = epoch.replaced,
    }
    if arm.evolve then record_degrees(run, net, epoch.n) end
    if arm.seconds and state.seconds >= arm.seconds and epoch.n >= arm.least then break end
  end
  local seen = net:evaluate(data.train)
  run:record("still", { images = "train" }, { seen.loss, seen.accuracy })
end

-- Every run has its own folder, and is read back when the page is woven again.

local sparse_runs = lab.runs { "cifar-10", activation = P.activations, arm = sparse_arms, seed = study.seeds(P.seeds), run = train }

-- ## The dense network by the clock
--
-- An epoch of the dense network takes many times as long. So it gets as much computing time as
-- SET had: all the seconds of the SET run with the same activation and seed. It does as many
-- epochs as fit (the last one is finished), so no curve below extends beyond what was computed.
-- It also means that the *number* of epochs of the dense network depends on the machine, while
-- each epoch depends only on the seed, like everything else. The seconds it was given are kept in
-- its run's folder, and are part of the folder's name.

local dense_runs
for _, activation in ipairs(P.activations) do
  for seed = 1, P.seeds do
    local set = sparse_runs:where { arm = "SET-MLP", activation = activation, seed = seed }[1]
    local rows = set:rows()
    if set.status == "done" and #rows > 0 then
      local dense = { name = "dense", wiring = lab.dense {}, seconds = math.ceil(rows[#rows].seconds), least = P.dense_epochs }
      local more = lab.runs { "cifar-10", activation = activation, arm = { dense }, seed = seed, run = train }
      dense_runs = dense_runs and dense_runs .. more or more
    end
  end
end

local runs = dense_runs and sparse_runs .. dense_runs or sparse_runs

--| echo: fold
local titles = { relu = "ReLU", srelu = "SReLU" }

--| echo: fold
local function with(activation, arm)  -- finished runs, a list
  local list = {}
  for _, run in ipairs(runs) do
    local a = run.arguments
    if run.status == "done" and a.activation == activation and (not arm or a.arm == arm) then list[#list + 1] = run end
  end
  return list
end

--| echo: fold
local mean = study.mean

--| echo: fold
local function text(pattern, v) return v and pattern:format(v) or "–" end

--| echo: fold
local arms = { "SET-MLP", "FixProb-MLP", "dense" }

--| echo: fold
local function each(f)  -- f(activation, arm, runs) for all that have finished runs
  for _, activation in ipairs(P.activations) do
    for _, arm in ipairs(arms) do
      local list = with(activation, arm)
      if #list > 0 then f(activation, arm, list) end
    end
  end
end

-- ## Accuracy

--| echo: fold
local published = {  -- SReLU, one run each: the authors' stored learning curves
  ["SET-MLP"] = { last = .7330, ten = .7337, best = .7385, [100] = .6076, [300] = .6839 },
  ["FixProb-MLP"] = { last = .6883, ten = .6868, best = .6921, [100] = .5994, [300] = .6530 },
  dense = { last = .7025, ten = .6966, best = .7089, [100] = .6377, [300] = .6786 },
}

--| echo: fold
local function published_levels(activation)
  if activation ~= "srelu" or not is_whole then return nil end
  local levels = {}
  for i, arm in ipairs(arms) do
    levels[i] = { y = published[arm].last, label = arm:gsub("%-MLP", "") .. ", published", at = 0, below = arm == "FixProb-MLP" }
  end
  return levels
end

--| label: fig-accuracy
--| index: true
--| index-order: 8
--| fig-cap: Accuracy of each network on the test images after each epoch. Dashed levels, if any, are the last epoch of the published runs.
--| echo: fold
for _, activation in ipairs(P.activations) do
  lab.plot.curves { runs:where { activation = activation }, x = "epoch", y = "test_accuracy", by = "arm", title = titles[activation],
    guides = published_levels(activation), yrange = is_whole and { 0.3, 0.8 } or nil, height = 440, xlabel = "epoch", ylabel = "test accuracy" }
end

--| label: fig-learnt
--| fig-cap: Accuracy of each network on the training images during each epoch, augmented and with dropout, and on the unchanged test images after it, without dropout.
--| echo: fold
for _, activation in ipairs(P.activations) do
  lab.plot.curves { runs:where { activation = activation }, x = "epoch", y = { "train_accuracy", "test_accuracy" }, by = "arm",
    title = titles[activation], xlabel = "epoch", ylabel = "accuracy" }
end

-- The last epoch comes first, because it is what a user would get. But from one epoch to the next
-- the accuracy jumps by some tenths of a point, at times by more than one, so the mean of the
-- last ten epochs is better for comparisons. The best epoch is the one with the highest accuracy
-- on the test images; choosing it is peeking, and it is shown because papers report it. The
-- published runs used SReLU.

--| echo: fold
local function at_epoch(run, n)
  for _, row in ipairs(run:rows()) do if row.epoch == n then return row.test_accuracy end end
end

--| echo: fold
local function accuracy(list, what)
  return mean(list, function(run)
    local column = run:column "test_accuracy"
    if what == "last" then return column[#column] end
    if what == "ten" then return study.mean_of_last(column, 10) end
    if what == "best" then return statistics.fold(column, "max") end
    return at_epoch(run, what)
  end)
end

--| echo: fold
local function accuracy_rows()
  local rows, moments = {}, { "last", "ten", "best", 100, 300 }
  each(function(activation, arm, list)
    local row = { ("%s, %s"):format(arm, titles[activation]), format.count(mean(list, function(run) return #run:rows() end)) }
    for _, what in ipairs(moments) do row[#row + 1] = text("%.4f", accuracy(list, what)) end
    row[#row + 1] = text("%.4f", mean(list, function(run) return (run:values("still", { images = "train" }) or {})[2] end))
    rows[#rows + 1] = row
    if activation ~= "srelu" then return end
    row = { "– published", "1,000" }
    for _, what in ipairs(moments) do row[#row + 1] = ("%.4f"):format(published[arm][what]) end
    rows[#rows + 1] = row
  end)
  return rows
end

--| label: tbl-accuracy
--| tbl-cap: Test accuracy at the last epoch, as the mean of the last ten, at the best epoch, and at epochs 100 and 300. The last column is the accuracy on the unchanged training images at the end. A dash means that the run did not get that far.
--| echo: fold
lab.table { header = { "network", "epochs", "last", "last ten", "best (peeks)", "at 100", "at 300", "train" },
  align = "lrrrrrrr", rows = accuracy_rows() }

--| index: true
--| echo: false
each(function(activation, arm, list)
  if arm ~= "SET-MLP" then return end
  local set, fixed, dense = accuracy(list, "last"), accuracy(with(activation, "FixProb-MLP"), "last"), accuracy(with(activation, "dense"), "last")
  local function against(other, name)
    local points = 100 * (set - other)
    if math.abs(points) < 0.05 then return "as high as " .. name end
    return ("%.1f points %s %s"):format(math.abs(points), points > 0 and "above" or "below", name)
  end
  local times = #with(activation, "dense") > 0 and with(activation, "dense")[1]:last "seconds" / list[1]:last "seconds"
  lab.say("With %s, SET ends at %.2f %%%s%s.", titles[activation], 100 * set, fixed and ", " .. against(fixed, "FixProb") or "",
    dense and ", and " .. against(dense, ("the dense network, which had %s seconds"):format(times < 1.1 and "as many" or ("%.1f times as many"):format(times))) or "")
end)

--| echo: false
do
  local relu, srelu = accuracy(with("relu", "SET-MLP"), "ten"), accuracy(with("srelu", "SET-MLP"), "ten")
  if relu and srelu then
    lab.say([[SReLU, with its learnt thresholds and slopes, lies %.1f points %s ReLU in SET's last ten epochs: that is what the choice
of activation does here, all else being equal.]], 100 * math.abs(srelu - relu), srelu >= relu and "above" or "below")
  end
end

--| echo: fold
local function around(run, n)  -- mean of the five epochs about the n-th
  return statistics.fold(statistics.part(run:column "test_accuracy", n - 2, n + 2), "mean")
end

--| echo: false
for _, activation in ipairs(P.activations) do
  local set, dense = with(activation, "SET-MLP")[1], with(activation, "dense")[1]
  if set and dense and #dense:rows() < #set:rows() then
    local n = math.max(1, #dense:rows() - 2)
    local of_set, of_dense = around(set, n), around(dense, n)
    lab.say("Counted in epochs and with %s, the dense network has %.3f around epoch %d, where SET has %.3f (means of up to five epochs)%s.", titles[activation],
      of_dense, n, of_set, is_whole and activation == "srelu" and "; in the published runs, too, dense led at epoch 100, and SET at the end" or "")
  end
end

--| echo: false
do
  local set, fixed = accuracy(with("srelu", "SET-MLP"), "ten"), accuracy(with("srelu", "FixProb-MLP"), "ten")
  if is_whole and set and fixed then
    local function beside(mine, theirs) return ("%.1f points %s"):format(100 * math.abs(mine - theirs), mine < theirs and "below" or "above") end
    lab.say([[In the last ten epochs SET with SReLU lies %s its published run, FixProb %s.%s]], beside(set, published["SET-MLP"].ten),
      beside(fixed, published["FixProb-MLP"].ten), seam_is_jpeg and " Part of the difference may come from the pixels: [another page](cifar10_copies.html) measures what one more encoding costs." or "")
  end
end

--| echo: false
if P.seeds == 1 then
  lab.say "Each number is from one run. At full length, [the page about copies](cifar10_copies.html) measures how far seeds lie apart, for SET and over fewer epochs."
end

-- The article itself gives the accuracies of other runs: SET .7484, FixProb .6219, dense .6870
-- (quoted second-hand, not checked against it).

-- ## What the same computing time buys
--
-- @fig-seconds shows the same accuracies against the seconds of computing: training, evolution, and
-- the evaluation on the test images after each epoch. The dense curve ends where SET's does.

--| label: fig-seconds
--| fig-cap: Test accuracy of each network against seconds of computing, on a logarithmic axis.
--| echo: fold
for _, activation in ipairs(P.activations) do
  lab.plot.curves { runs:where { activation = activation }, x_from = function(row) return row.seconds end, y = "test_accuracy", by = "arm",
    title = titles[activation], logx = true, xlabel = "seconds of computing", ylabel = "test accuracy" }
end

--| echo: fold
local function within(run, seconds)  -- accuracy after the last epoch that ended by then, and its number
  local last
  for _, row in ipairs(run:rows()) do if row.seconds <= seconds then last = row end end
  return last and last.test_accuracy, last and last.epoch
end

--| echo: fold
local function budgets_of(longest)  -- four of them at most, the longest that the longest SET run took
  local list = {}
  for _, seconds in ipairs { 1, 2, 5, 10, 20, 60, 120, 300, 600, 1200, 1800, 2400, 3600, 7200 } do
    if seconds <= longest then list[#list + 1] = seconds end
  end
  if #list == 0 then list[1] = math.ceil(longest) end
  return table.move(list, math.max(1, #list - 3), #list, 1, {})
end

--| echo: fold
local function longest_of(arm)
  local longest = 0
  each(function(_, other, list) if other == arm then longest = math.max(longest, list[1]:last "seconds") end end)
  return longest
end

--| echo: fold
local budgets = budgets_of(longest_of "SET-MLP")

--| echo: fold
local function duration(s) return s < 120 and ("%d s"):format(s) or ("%g min"):format(s / 60) end

--| echo: fold
local function bought()
  local made = { header = { "network" }, align = "l", rows = {} }
  local function add(heading) made.header[#made.header + 1], made.align = heading, made.align .. "r" end
  for _, seconds in ipairs(budgets) do add(duration(seconds)) end
  add "SET's seconds"
  each(function(activation, arm, list)
    local row, set = { ("%s, %s"):format(arm, titles[activation]) }, with(activation, "SET-MLP")[1]
    local function cell(seconds)
      local a, epoch = within(list[1], seconds)
      row[#row + 1] = a and ("%.3f (%s%d)"):format(a, list[1]:last "seconds" < seconds and "all " or "", epoch) or "–"
    end
    for _, seconds in ipairs(budgets) do cell(seconds) end
    cell(set and set:last "seconds" or 0)
    made.rows[#made.rows + 1] = row
  end)
  return made
end

--| label: tbl-seconds
--| tbl-cap: Test accuracy of the first seed of each network after a given computing time, with the epochs done by then in brackets ("all" if the run had ended). The last column is after the seconds of all of SET's epochs with the same activation. A dash means that not one epoch was done.
--| echo: fold
lab.table(bought())

-- ## Links, memory, processor
--
-- Only links that exist are stored and computed: no mask, no zeros.

--| label: fig-links
--| fig-cap: Number of links of each network, on a logarithmic scale.
--| echo: fold
lab.plot.bars { runs:where { activation = P.activations[1] }, y = "links", by = "arm", log = true, ylabel = "links" }

--| echo: fold
local function parameters(activation, links)  -- with biases, and SReLU's four per hidden unit
  local hidden = 2 * P.outer + P.inner
  return links + hidden + 10 + (activation == "srelu" and 4 * hidden or 0)
end

--| label: fig-memory
--| fig-cap: Memory of the whole process (USS) while each network trains, including images, program and page.
--| echo: fold
for _, activation in ipairs(P.activations) do
  lab.plot.monitor { runs:where { activation = activation }, y = "uss_mib", by = "arm", title = titles[activation], ylabel = "memory (MiB)" }
end

--| label: fig-cpu
--| fig-cap: Processor time while each network trains; 100 % is one core.
--| echo: fold
for _, activation in ipairs(P.activations) do
  lab.plot.monitor { runs:where { activation = activation }, y = "cpu_percent", by = "arm", title = titles[activation], ylabel = "CPU (%)", smooth = 5 }
end

-- ## Where an epoch's time goes
--
-- @fig-parts shows medians over the epochs. A weight is updated in the same pass that carries its
-- gradient backward, so these two are one part. The rest is the loss, shuffling, and the start of
-- an epoch.
--
-- SET and FixProb have equally many links and, apart from a few milliseconds of evolution, do the
-- same work: where their seconds differ, the reason is the state of the machine at the time.
-- @tbl-time shows how much the epochs of one run vary.

--| echo: fold
local function warm(list, column)  -- values of all epochs of all runs but the first, in which caches are cold
  local values = {}
  for _, run in ipairs(list) do
    for i, v in ipairs(run:column(column)) do if i > 1 or #run:rows() == 1 then values[#values + 1] = v end end
  end
  return values
end

--| echo: fold
local function typical(list, column) return statistics.median(warm(list, column)) end

--| echo: fold
local function spread(list, column)  -- without the lowest and the highest tenth
  local values = warm(list, column)
  table.sort(values)
  return ("%.3g to %.3g"):format(values[math.ceil(#values / 10)], values[#values - math.ceil(#values / 10) + 1])
end

--| echo: fold
local parts = { { "batches", "batch_seconds" }, { "forward", "forward_seconds" }, { "backward and update", "backward_seconds" },
  { "evolution", "evolve_seconds" }, { "evaluation", "evaluate_seconds" } }

--| echo: fold
local function parts_of(activation, arm, list)
  local bar, left = { name = ("%s, %s"):format(arm, titles[activation]), parts = {} }, typical(list, "train_seconds")
  for i, part in ipairs(parts) do
    bar.parts[i] = { name = part[1], value = typical(list, part[2]) }
    if i <= 3 then left = left - bar.parts[i].value end
  end
  table.insert(bar.parts, { name = "rest", value = math.max(0, left) })
  return bar
end

--| echo: fold
local function bars_of(are_wanted)
  local bars = {}
  each(function(activation, arm, list) if are_wanted(arm) then bars[#bars + 1] = parts_of(activation, arm, list) end end)
  return bars
end

--| label: fig-parts
--| fig-cap: Seconds of an epoch by what they are spent on, first for the sparse networks, then for all.
--| echo: fold
for _, figure in ipairs {
  { bars = bars_of(function(arm) return arm ~= "dense" end), title = "sparse networks", xlabel = "seconds of an epoch" },
  { bars = bars_of(function() return true end), title = "all networks", xlabel = "seconds of an epoch" },
} do lab.plot.stacks(figure) end

--| echo: fold
local function cost_rows(columns)  -- columns: functions of (list of runs, activation) that give a text
  local rows = {}
  each(function(activation, arm, list)
    local row = { ("%s, %s"):format(arm, titles[activation]) }
    for i, column in ipairs(columns) do row[i + 1] = column(list, activation) end
    rows[#rows + 1] = row
  end)
  return rows
end

--| echo: fold
local function of_meta(name)
  return function(list) return text("%.0f", mean(list, function(run) return run:meta()[name] end)) end
end

--| label: tbl-time
--| tbl-cap: Seconds of training per epoch, the median and the range without the lowest and the highest tenth; medians of evolution and evaluation; minutes of the whole run.
--| echo: fold
lab.table { header = { "network", "training (s)", "80 % in", "evolution (ms)", "evaluation (s)", "run (min)" }, align = "lrrrrr", rows = cost_rows {
  function(list) return text("%.3g", typical(list, "train_seconds")) end,
  function(list) return spread(list, "train_seconds") end,
  function(list) return text("%.3g", 1000 * typical(list, "evolve_seconds")) end,
  function(list) return text("%.3g", typical(list, "evaluate_seconds")) end,
  function(list) return text("%.1f", mean(list, function(run) return run:last "seconds" end) / 60) end,
} }

--| label: tbl-size
--| tbl-cap: Links; all learnt parameters, including biases and those of SReLU; peak memory of the process; processor time.
--| echo: fold
lab.table { header = { "network", "links", "learnt", "USS (MiB)", "RSS (MiB)", "CPU (%)" }, align = "lrrrrr", rows = cost_rows {
  function(list) return format.count(list[1]:last "links") end,
  function(list, activation) return format.count(parameters(activation, list[1]:last "links")) end,
  of_meta "peak_uss_mib", of_meta "peak_rss_mib", of_meta "cpu_percent",
} }

--| echo: false
for _, activation in ipairs(P.activations) do
  local set, dense = with(activation, "SET-MLP"), with(activation, "dense")
  if #set > 0 and #dense > 0 then
    local function ratio(of) return of(dense) / of(set) end
    local function epoch_seconds(of)
      return function(list) return of(warm(list, "train_seconds")) + of(warm(list, "evolve_seconds")) end
    end
    local medians = epoch_seconds(statistics.median)
    local means = epoch_seconds(function(values) return statistics.fold(values, "mean") end)
    local function memory(list) return mean(list, function(run) return run:meta().peak_rss_mib end) or 0.0 / 0.0 end
    local epochs = mean(dense, function(run) return #run:rows() end)
    lab.say([[With %s, an epoch of the dense network takes **%.1f times** as long as an epoch of SET, evolution included (%.1f times by the means),
and the process takes **%.1f times** the memory, images included; it has %.0f times the links. This was measured over %.0f %s of the dense network.]],
      titles[activation], ratio(medians), ratio(means), ratio(memory), ratio(function(list) return list[1]:last "links" end),
      epochs, epochs == 1 and "epoch" or "epochs")
  end
end

-- ## Do hubs emerge?
--
-- In an untrained layer, all units have about the same number of links; the number is binomially
-- distributed. The authors of SET report that evolution drives it *towards a power law*, with a
-- few hubs that hold much of the network. This claim can be tested. FixProb, whose links never
-- move, stays what the SET network was before its training.
--
-- "In" are links that arrive at a unit, "out" those that leave it. They were counted in the first
-- SET run with each activation, before training and after epochs 1, 10, 100, 300 and the last, as
-- far as the run went. Links move when the next epoch begins, so after epoch 1 they are still
-- where they were drawn. Each count includes the links that evolution drew at random just before
-- that epoch, a share of about $\zeta$. This pulls every distribution towards the binomial one.

--| echo: fold
local function place_of(layer, side)  -- whose links are counted: those that arrive, "in", or leave, "out"
  if side == "in" then return layer <= 3 and ("hidden %d, in"):format(layer) or "classes, in" end
  return layer == 1 and "inputs, out" or ("hidden %d, out"):format(layer - 1)
end

--| echo: fold
local set_runs, judged = {}, {}  -- the first SET run of each activation, and what its degrees support

--| echo: fold
each(function(activation, arm, list)
  if arm ~= "SET-MLP" then return end
  set_runs[#set_runs + 1] = activation
  judged[activation] = lab.degree_verdicts { list[1], bootstrap = P.bootstrap,
    name = function(layer, side) return ("%s: %s"):format(titles[activation], place_of(layer, side)) end }
end)

--| label: fig-degrees
--| echo: fold
--| fig-cap: Degrees of the units, before training with SET and after its last epoch. Left: number of units by their number of links. Right: share of units with at least that many links, both axes logarithmic, with the fitted power law from xmin on.
for _, activation in ipairs(set_runs) do
  lab.plot.degrees { layers = judged[activation]:layers { epochs = { 0, P.epochs } }, xlabel = "links of a unit", ylabel = "units" }
end

-- @fig-degrees-epochs shows the same shares for all epochs that were recorded, without bars.

--| label: fig-degrees-epochs
--| echo: fold
--| fig-cap: Share of units with at least a given number of links, before and during training with SET, with the fitted power laws from xmin on.
for _, activation in ipairs(set_runs) do
  lab.plot.degrees { layers = judged[activation]:layers(), panels = { "ccdf" }, xlabel = "links of a unit" }
end

-- The place where a tail begins is chosen by the smallest distance $D$ between the data and the
-- fit. A low point far to the right, where few units are left, says little.

--| label: fig-distance
--| echo: fold
--| fig-cap: The distance D between the degrees and the best power law, for every xmin at which the tail might begin; the chosen xmin is marked. Points are faint where the tail has fewer than 50 units.
for _, activation in ipairs(set_runs) do
  lab.plot.degrees { layers = judged[activation]:layers { epochs = { 0, P.epochs } }, panels = { "distance" }, xlabel = "links of a unit" }
end

-- A straight line on such axes proves little: with few points in the tail, *any* distribution has
-- a power law that fits. "Short tail" means fewer than 50 units or less than one decade. The $p$
-- of a fit is the share of samples drawn from the fitted law that lie farther from it than the
-- network does. A $p$ up to 0.1 speaks against the law; a larger one proves nothing.

--| label: tbl-degrees
--| tbl-cap: Power-law fits: exponent with standard error, where the tail begins, units in it, distance between data and fit, bootstrap p.
--| echo: fold
for _, activation in ipairs(set_runs) do judged[activation]:table { only = "fits" } end

-- @tbl-ratios compares the power law with other laws on the same tails: exponential, Poisson,
-- log-normal, and the power law with an exponential cut-off. A positive ratio favours the power
-- law, and a small $p$ says that its sign is more than chance [@vuong1989].

--| label: tbl-ratios
--| tbl-cap: Likelihood ratios of the power law against other laws on the same tail, with the p of each.
--| echo: fold
for _, activation in ipairs(set_runs) do judged[activation]:table { only = "ratios" } end

-- The evidence supports the following, with the untrained network as the null:

--| echo: false
for _, activation in ipairs(set_runs) do judged[activation]:say() end

--| echo: fold
local function last_degrees(of_inputs)  -- at the last epoch, of all layers and sides: those of the inputs, or the others
  local list = {}
  for _, activation in ipairs(set_runs) do
    for _, item in ipairs(judged[activation]:last()) do
      local is_of_inputs = item.layer == 1 and item.side == "out"
      if item.untrained and is_of_inputs == of_inputs then list[#list + 1] = item end
    end
  end
  return list
end

--| echo: fold
local function range_of(items, of)
  local values = {}
  for i, item in ipairs(items) do values[i] = of(item) end
  local low, high = statistics.range(values)
  return ("%.1f to %.1f"):format(low, high)
end

--| echo: false
do
  local function trained(item) return statistics.dispersion(item.values) end
  local function untrained(item) return statistics.dispersion(item.untrained.values) end
  local hidden, inputs, standing = last_degrees(false), last_degrees(true), 0
  for _, item in ipairs(hidden) do if item.stands then standing = standing + 1 end end
  if #hidden > 0 then
    lab.say([[So, do hubs emerge? At the last epoch the variance of the hidden units' links is %s times their mean (before training %s times), and the unit
with the most links has %s times as many as the average; for the inputs the variance is %s times the mean. Of %d distributions of
hidden units' links, the tests leave a power law possible in %s.]], range_of(hidden, trained), range_of(hidden, untrained),
      range_of(hidden, function(item) return item.fit.max / statistics.summary(item.values).mean end),
      range_of(inputs, trained), #hidden, standing == 0 and "none" or standing)
  end
end
