-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # Which pixels matter?
--
-- A sparse network cannot look at every pixel with every unit: it has to choose where to spend its
-- links. When the links evolve while it trains, as in SET [@mocanu2018], those of small weight are
-- dropped after every epoch and as many grow elsewhere at random. A pixel that says nothing about
-- the class gets links of small weight, and loses them. So the wiring should become a map of what
-- matters, although nobody told it where to look.
--
-- This page tests that on handwritten digits (MNIST). It shows how many links each pixel keeps,
-- epoch by epoch; whether these are the pixels that differ from digit to digit; and whether the map
-- is useful. For the last question, the best 25 to 200 of the 784 pixels go to a small classifier
-- that sees nothing else. It is compared with classifiers that see pixels chosen in simpler ways.

local lab = require "lab"
local study = require "shared.study"

-- ## One protocol
--
-- The network is that of the tutorial "Scalable Deep Learning: from theory to practice"
-- [@ijcai2019]: 784-1000-1000-1000-10, ReLU, softmax with cross entropy, batches of 40, dropout, and
-- weight decay, which takes a small share off every weight after every step. The tutorial trains on
-- 5,000 images for 400 epochs. A weight that never gets a gradient shrinks only by this decay, and
-- an epoch of 5,000 images has only 125 steps. So here the epochs are longer and fewer: 20,000
-- images and 25 epochs by default; with `PROFILE=full` all 60,000 images, 200 epochs and five
-- seeds.

local P = lab.params {
  epochs = { 25, min = 1, help = "epochs of the large networks" },
  seeds = { 3, min = 1, help = "runs of everything" },
  train = { 20000, min = 1, max = 60000, help = "training images, the first of the set" },
  test = study.test(10000, 10000),
  hidden = study.hidden(1000),
  epsilon = study.epsilon(13.0),
  zeta = study.zeta(0.3),
  batch = study.batch(40),
  lr = study.lr(0.05),
  momentum = study.momentum(0.9),
  weight_decay = study.weight_decay(2e-4),
  dropout = study.dropout(0.2),
  small_hidden = { 100, min = 1, help = "hidden units of the small classifier" },
  small_epochs = { 15, min = 1, help = "epochs of the small classifier" },
  bins = { 8, min = 2, max = 256, help = "bins of grey for the mutual information" },
  profiles = {
    quick = { epochs = 20, seeds = 2, train = 5000, small_epochs = 10 },
    full = { epochs = 200, seeds = 5, train = 60000, small_epochs = 20 },
    smoke = { epochs = 3, seeds = 2, train = 300, test = 100, hidden = 50, small_epochs = 1 },
  },
}

local data = lab.data.mnist { train = P.train, test = P.test }

--| echo: false
lab.say("This page uses %s training images, %d epochs and %d %s for everything.", lab.format.count(#data.train), P.epochs, P.seeds, P.seeds == 1 and "seed" or "seeds")

-- SET is compared with **FixProb**: the same random links, drawn once and kept. It shows what
-- training alone does to the weights of a pixel when no link moves.

local random_links = lab.erdos_renyi { epsilon = P.epsilon }
local arms = {
  { name = "SET-MLP", wiring = random_links, evolve = lab.set { zeta = P.zeta } },
  { name = "FixProb-MLP", wiring = random_links },
}

local seeds = study.seeds(P.seeds)

-- The digits were scaled to fit 20 by 20 pixels and centred in 28 by 28 pixels by their centre of
-- mass [@lecun1998]. The *border* is what lies around these 20 by 20: a frame four pixels
-- wide.

local side, frame = 28, 4

local function in_border(i)
  local row, column = (i - 1) // side, (i - 1) % side
  return math.min(row, column, side - 1 - row, side - 1 - column) < frame
end

local function border_share(links)
  local all, border = 0, 0
  for i, n in ipairs(links) do
    all = all + n
    if in_border(i) then border = border + n end
  end
  return border / all
end

-- After every epoch the links of each pixel are counted *after pruning and before regrowth*,
-- because new links are random and say nothing yet. For FixProb, which never prunes, the count is
-- what pruning would leave. The first SET run keeps the counts of every epoch, the others those of
-- the first ten and of every tenth. At the end the *strength* of each pixel is kept as well: the
-- sum of the absolute values of its weights.

local function all_keep(epoch) return epoch <= 10 or epoch % 10 == 0 or epoch == P.epochs end

local function train(run, arm, seed)
  local net <close> = lab.mlp { 784, P.hidden, P.hidden, P.hidden, 10,
    hidden = "relu", dropout = P.dropout, init = "he_uniform", wiring = arm.wiring, seed = seed }
  local function record(epoch, seconds)
    local links = net:surviving_inputs { zeta = P.zeta }
    if all_keep(epoch) or arm.evolve and seed == 1 then run:record("pixels", { epoch = epoch }, links) end
    run:log { epoch = epoch, seconds = seconds, border = border_share(links),
      test_accuracy = net:accuracy(data.test) }
  end
  record(0, 0.0)
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = P.batch, lr = P.lr,
      momentum = P.momentum, weight_decay = P.weight_decay, evolve = arm.evolve }) do
    record(epoch.n, epoch.seconds)
  end
  run:record("strength", { epoch = P.epochs }, net:input_strength())
end

local runs = lab.runs { "mnist", arm = arms, seed = seeds, run = train }
local set_runs, fixed_runs = runs:where { arm = "SET-MLP" }, runs:where { arm = "FixProb-MLP" }

--| label: fig-accuracy
--| fig-cap: Accuracy of SET-MLP and FixProb-MLP on the test images after each epoch.
lab.plot.curves { runs, x = "epoch", y = "test_accuracy", by = "arm", yrange = { 0.9, 1 },
  ylabel = "test accuracy" }

-- ## Where the links go
--
-- @fig-film and @fig-maps show the links that each pixel keeps in the first SET run. Epoch 0 is the random
-- wiring, pruned by its random weights. The slider steps through the epochs that follow, in at most
-- sixty pictures.

local frames, titles, maps = {}, {}, {}
local moments = { [0] = true, [1] = true, [3] = true, [10] = true, [30] = true, [100] = true }
for i, series in ipairs(set_runs[1]:series "pixels") do
  local epoch = series.keys.epoch
  frames[i], titles[i] = series.values, ("epoch %d"):format(epoch)
  if moments[epoch] or epoch == P.epochs then
    maps[#maps + 1] = { title = titles[i], values = series.values, width = side, height = side }
  end
end

--| label: fig-film
--| fig-cap: Links of each pixel that survive pruning in the first SET run, epoch by epoch, beside one of the training images.
lab.plot.animation { frames = frames, titles = titles, width = side, height = side,
  label = "links per pixel",
  beside = { values = data.train:pixels(1), width = side, height = side, title = "a training image" } }

--| label: fig-maps
--| index: true
--| index-order: 7
--| fig-cap: Links of each pixel that survive pruning in the first SET run, at several epochs and on one scale.
lab.plot.image_map { maps = maps, label = "links per pixel", columns = #maps > 4 and 3 or nil }

-- ### The border
--
-- Random links fall into the border in proportion to its number of pixels. That share is the grey
-- line, where every network begins. SET cannot empty the border, because the same share of the
-- links that it grows after every pruning falls there again.

local border_pixels = 0
for i = 1, side * side do if in_border(i) then border_pixels = border_pixels + 1 end end
local by_chance = border_pixels / (side * side)

--| label: fig-border
--| fig-cap: Share of the surviving links that start in the border, after each epoch. The grey line is the border's share of the pixels.
lab.plot.curves { runs, x = "epoch", y = "border", by = "arm", ylabel = "share of links in the border",
  guides = { { y = by_chance, label = "the border's share of the pixels" } } }

--| echo: fold
local function summary(values)  -- n, mean, and the standard error of the mean if there are several
  return lab.statistics.summary(values) or { n = 0, mean = 0 / 0 }
end

--| echo: fold
local function shown(s, pattern)
  if s.n == 0 then return "–" end
  return s.error and (pattern .. " ± " .. pattern):format(s.mean, s.error) or pattern:format(s.mean)
end

--| echo: fold
local function at_the_end(list, column)
  local values = {}
  for _, record in ipairs(list) do
    if record.status == "done" then values[#values + 1] = record:last(column) end
  end
  return summary(values)
end

-- The border has `{lua} border_pixels` of the `{lua} side * side` pixels, `{lua} lab.format.percent(by_chance)`. After `{lua} P.epochs` epochs it has a
-- share of `{lua} shown(at_the_end(set_runs, "border"), "%.3f")` of the links that SET keeps, and of
-- `{lua} shown(at_the_end(fixed_runs, "border"), "%.3f")` of those that FixProb would keep (mean ± standard error, seeds: `{lua} P.seeds`).

-- ## Are these the pixels that tell the digits apart?
--
-- Two measures say how much there is to learn from a pixel alone: its *variance* over the training
-- images, which ignores the labels, and its *mutual information* with the label, in bits:
--
-- $$ I(X;Y) = \sum_{x,y} p(x,y) \log_2 \frac{p(x,y)}{p(x)\,p(y)} $$ {#eq-information}
--
-- In @eq-information $x$ is the grey level of the pixel; its range over the training images is cut into bins of
-- equal width (eight, unless `bins` says otherwise). $p$ is a share of the training images. Neither
-- measure takes the other pixels into account: if two neighbours say the same, it counts twice.

local statistics = lab.feature_statistics(data.train, { bins = P.bins })

local same, most = 0, 0
for i, variance in ipairs(statistics.variance) do
  if variance == 0 then same = same + 1 end
  most = math.max(most, statistics.information[i])
end
-- `{lua} same` pixels are the same in all `{lua} #data.train` training images. The most informative pixel has `{lua} ("%.2f"):format(most)` bits; to know the
-- digit takes `{lua} ("%.2f"):format(math.log(10, 2))`.

local function last_values(record, name) return record:values(name, { epoch = P.epochs }) end

local function relative(title, values)
  local high, shares = math.max(table.unpack(values)), {}
  for i, v in ipairs(values) do shares[i] = high > 0 and v / high or 0 end
  return { title = title, values = shares, width = side, height = side }
end

--| label: fig-statistics
--| fig-cap: Variance and mutual information of each pixel; links and strength after the last epoch of the first SET run. Each map is scaled to its highest value.
lab.plot.image_map { label = "share of the highest", columns = 2, maps = {
  relative("variance", statistics.variance),
  relative("information", statistics.information),
  relative("links", last_values(set_runs[1], "pixels")),
  relative("strength", last_values(set_runs[1], "strength")),
} }

-- Spearman's coefficient asks whether more links go with more variance, or with more information,
-- however curved the relation is; Pearson's asks for a straight line. Both are taken over all
-- 784 pixels, including those that are always black.

--| echo: fold
local function over_epochs(list, measure)
  local at, of_epoch = {}, {}  -- the same points, in order and by epoch
  for _, record in ipairs(list) do
    for _, series in ipairs(record:series "pixels") do
      local epoch = series.keys.epoch
      if all_keep(epoch) then
        if not of_epoch[epoch] then
          of_epoch[epoch] = { epoch = epoch, values = {} }
          table.insert(at, of_epoch[epoch])
        end
        table.insert(of_epoch[epoch].values, lab.correlation(series.values, statistics[measure]).spearman)
      end
    end
  end
  local curve = { x = {}, y = {}, low = {}, high = {} }
  for i, point in ipairs(at) do
    local s = summary(point.values)
    curve.x[i], curve.y[i] = point.epoch, s.mean
    curve.low[i], curve.high[i] = s.mean - (s.error or 0), s.mean + (s.error or 0)
  end
  return curve
end

local correlations = {}
for _, arm in ipairs { { "SET", set_runs }, { "FixProb", fixed_runs } } do
  for _, measure in ipairs { "information", "variance" } do
    local curve = over_epochs(arm[2], measure)
    curve.name = ("%s, %s"):format(arm[1], measure)
    correlations[#correlations + 1] = curve
  end
end

--| label: fig-correlation
--| fig-cap: Rank correlation (Spearman), over the pixels, of the links that survive pruning with the pixel's mutual information with the label and with its variance. Bands are one standard error over the seeds.
lab.plot.xy { series = correlations, xlabel = "epoch", ylabel = "rank correlation with links" }

--| echo: fold
local function correlation(list, series, measure, kind)  -- at the last epoch, summed up over the runs
  local values = {}
  for i, record in ipairs(list) do values[i] = lab.correlation(last_values(record, series), statistics[measure])[kind] end
  return summary(values)
end

--| echo: fold
local function correlation_row(name, list, series)
  local row = { name }
  for _, measure in ipairs { "variance", "information" } do
    for _, kind in ipairs { "pearson", "spearman" } do
      row[#row + 1] = shown(correlation(list, series, measure, kind), "%.3f")
    end
  end
  return row
end

--| label: tbl-correlation
--| tbl-cap: Correlation of links and strength with variance and information over the 784 pixels, after the last epoch: mean ± standard error over the seeds.
lab.table { align = "lrrrr",
  header = { "", "variance, Pearson", "Spearman", "information, Pearson", "Spearman" },
  rows = {
    correlation_row("SET, links", set_runs, "pixels"),
    correlation_row("SET, strength", set_runs, "strength"),
    correlation_row("FixProb, links", fixed_runs, "pixels"),
    correlation_row("FixProb, strength", fixed_runs, "strength"),
  } }

--| echo: false
do
  local function closeness(list, series)
    return correlation(list, series, "information", "spearman").mean, correlation(list, series, "variance", "spearman").mean
  end
  local set_information, set_variance = closeness(set_runs, "pixels")
  local fixed_information, fixed_variance = closeness(fixed_runs, "strength")
  lab.say("By rank, SET's links correlate with a pixel's variance at %.3f and with its information at %.3f, FixProb's strengths at %.3f and %.3f%s.",
    set_variance, set_information, fixed_variance, fixed_information,
    fixed_variance > 0.5 and fixed_information >= set_information and fixed_variance >= set_variance and ": weights alone, on links that never moved, mark these pixels as well" or "")
end

-- ## Fewer pixels
--
-- If the map is right, a classifier that may see only a few pixels should do best with those it
-- marks. The pixels are ranked in six ways:
--
-- - **SET, strength**: the sum of the absolute values of a pixel's weights in the trained SET
--   network, as QuickSelection does with autoencoders [@atashgahi2022];
-- - **SET, links**: the number of its links that survive pruning; in a tie the first pixel wins;
-- - **FixProb, strength**: the same sum without evolution, which shows what evolution adds;
-- - **variance** and **information**, as above;
-- - **random**, a new draw for every seed.
--
-- The best 25, 50, 100 and 200 pixels of each go to a dense network with one hidden layer, which
-- trains on the same images. It sees the test images once, after its last epoch.

local keeps = { 25, 50, 100, 200 }

local function of_runs(list, name)
  local scores = {}
  for i, record in ipairs(list) do scores[i] = last_values(record, name) end
  return scores
end

local function of_all(scores)
  local all = {}
  for i in ipairs(seeds) do all[i] = scores end
  return all
end

local function at_random()
  local all = {}
  for i, seed in ipairs(seeds) do
    math.randomseed(seed)
    all[i] = {}
    for j = 1, side * side do all[i][j] = math.random() end
  end
  return all
end

local rankings = {
  { name = "SET, strength", scores = of_runs(set_runs, "strength") },
  { name = "SET, links", scores = of_runs(set_runs, "pixels") },
  { name = "FixProb, strength", scores = of_runs(fixed_runs, "strength") },
  { name = "variance", scores = of_all(statistics.variance) },
  { name = "information", scores = of_all(statistics.information) },
  { name = "random", scores = at_random() },
}

local function classify(run, keep, ranking, seed)
  local best = lab.select_features { data.train, data.test, scores = ranking.scores[seed], keep = keep }
  local net <close> = lab.mlp { keep, P.small_hidden, 10, hidden = "relu", wiring = lab.dense {}, seed = seed }
  local loss
  for epoch in net:epochs(best.train, { epochs = P.small_epochs, batch = P.batch, momentum = P.momentum,
      lr = lab.schedule.cosine { value = P.lr }, weight_decay = P.weight_decay }) do
    loss = epoch.loss
  end
  run:log { train_loss = loss, test_accuracy = net:accuracy(best.test) }
end

local selected = lab.runs { "mnist-pixels", keep = keeps, ranking = rankings, seed = seeds, run = classify }

local everything = { name = "all pixels", scores = of_all(statistics.variance) }
local whole = lab.runs { "mnist-all-pixels", keep = side * side, ranking = everything, seed = seeds, run = classify }

--| echo: fold
local function chosen_by(ranking, keep)
  local share = {}
  for i = 1, side * side do share[i] = 0 end
  for _, scores in ipairs(ranking.scores) do
    local best = lab.select_features { data.train, scores = scores, keep = keep }
    for _, i in ipairs(best.columns) do share[i] = share[i] + 1 / #seeds end
  end
  return { title = ranking.name, values = share, width = side, height = side }
end

local chosen = {}
for k, ranking in ipairs(rankings) do chosen[k] = chosen_by(ranking, 50) end

--| label: fig-chosen
--| fig-cap: The 50 pixels that each ranking chooses: share of the seeds in which a pixel is among them.
lab.plot.image_map { maps = chosen, columns = 3, range = { 0, 1 }, label = "share of the seeds" }

local function accuracy(ranking, keep)
  return at_the_end(selected:where { ranking = ranking, keep = keep }, "test_accuracy")
end

--| echo: fold
local function curve_of(name)
  local curve = { name = name, x = keeps, y = {}, low = {}, high = {}, spread = "whiskers", marks = "both" }
  for i, keep in ipairs(keeps) do
    local s = accuracy(name, keep)
    curve.y[i], curve.low[i], curve.high[i] = s.mean, s.mean - (s.error or 0), s.mean + (s.error or 0)
  end
  return curve
end

local all_pixels = at_the_end(whole, "test_accuracy")
local curves, cells = {}, {}
for k, ranking in ipairs(rankings) do
  curves[k], cells[k] = curve_of(ranking.name), { ranking.name }
  for i, keep in ipairs(keeps) do cells[k][i + 1] = shown(accuracy(ranking.name, keep), "%.4f") end
end

--| label: fig-selection
--| fig-cap: Test accuracy of the small classifier against the number of pixels that it sees. Mean over the seeds; whiskers are one standard error to each side.
lab.plot.xy { series = curves, xlabel = "pixels kept", ylabel = "test accuracy", height = 480,
  logx = true, xrange = { 22, 230 }, xtics = keeps,
  guides = all_pixels.n > 0 and { { y = all_pixels.mean, label = "all 784 pixels", at = 0 } } or nil }

--| label: tbl-selection
--| tbl-cap: Test accuracy of the small classifier, by ranking and number of pixels: mean ± standard error over the seeds.
lab.table { header = { "ranked by", "25 pixels", "50", "100", "200" }, rows = cells, align = "lrrrr",
  note = ("all 784 pixels: %s"):format(shown(all_pixels, "%.4f")) }

-- Is a difference more than chance? The rule here is two standard errors of the difference, at 50
-- pixels. With few seeds this is a weaker test than the usual one at five per cent.

--| echo: fold
local function compare(a, b)  -- a sentence, and which is the better: 1 the first, -1 the second, 0 not shown; nil: no telling
  local x, y = accuracy(a, 50), accuracy(b, 50)
  local said = ("- *%s* against *%s*: %+.2f points"):format(a, b, 100 * (x.mean - y.mean)):gsub(" %-", " −")
  if not (x.error and y.error) then return said .. ", and one seed alone has no standard error." end
  local apart = (x.mean - y.mean) / math.sqrt(x.error ^ 2 + y.error ^ 2)
  local better = math.abs(apart) <= 2 and 0 or apart > 0 and 1 or -1
  local verdict = { [0] = "neither is shown to be the better", [1] = "the first is the better", [-1] = "the second is the better" }
  return ("%s, %.1f standard errors: %s."):format(said, math.abs(apart), verdict[better]), better
end

local said = {}
for i, other in ipairs { "variance", "random", "SET, links", "information" } do said[i] = compare("SET, strength", other) end
local by_strength, by_links
said[5], by_strength = compare("SET, strength", "FixProb, strength")
said[6], by_links = compare("SET, links", "FixProb, strength")
lab.say("%s", table.concat(said, "\n"))

--| echo: false
if by_strength and by_links then
  local does = { [0] = "does as well, as far as these seeds can tell", [1] = "does better", [-1] = "does worse" }
  lab.say("The comparison with the strengths of links that never moved shows what evolution adds to the choice. Ranked by strength, SET %s; ranked by links, it %s.%s",
    does[by_strength], does[by_links], math.max(by_strength, by_links) < 1 and " So these runs do not show that evolution adds anything." or "")
end

--| index: true
--| echo: false
do
  local border = at_the_end(set_runs, "border")
  local by_set, by_variance, by_fixed = accuracy("SET, links", 50), accuracy("variance", 50), accuracy("FixProb, strength", 50)
  if border and by_set and by_variance and by_fixed then
    lab.say("The outer %.0f %% of the pixels keep %.0f %% of SET's links. A small classifier that sees 50 pixels recognises **%.1f %%** of the test digits if these are the ones with most of SET's links, "
      .. "%.1f %% if they are those with the largest variance, and %.1f %% if they are the strongest in a network whose links never move.%s",
      100 * by_chance, 100 * border.mean, 100 * by_set.mean, 100 * by_variance.mean, 100 * by_fixed.mean,
      by_links and by_links < 1 and by_set.mean > by_variance.mean and " So the map is useful, but it does not take evolution to draw one." or "")
  end
end

-- The seeds of *variance* and *information* differ only in the initial weights of the small
-- classifier and in the order of the images. For the rankings by a network, seeds differ in the
-- network as well; for *random*, in the pixels as well. The whiskers reflect this. No ranking has
-- seen a test image.
