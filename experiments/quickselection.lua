-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # Which features matter, without labels
--
-- QuickSelection [@atashgahi2022] chooses features by a sparse autoencoder. The autoencoder is shown samples with noise and learns to give them back without it; SET moves
-- its links meanwhile. An input unit that is useful gains links and weight, so the sum of the absolute weights of its links, its *strength*, ranks the features. No label is needed.
--
-- This page follows that protocol on MNIST, and on a generated set whose useful features are known: 20 of 500, as in Madelon.

local lab = require "lab"
local study = require "shared.study"
local compared = require "shared.compared"
local format, statistics = lab.format, lab.statistics

--| echo: fold
local P = lab.params {
  seeds = { 1, min = 1, help = "autoencoders of each set" },
  epochs = { 10, min = 1, help = "epochs of an autoencoder" },
  train = study.train(5000, 60000),
  test = study.test(2000, 10000),
  hidden = { 300, min = 1, help = "hidden units of the autoencoder" },
  epsilon = study.epsilon(13),
  zeta = study.zeta(0.2),
  noise = { 0.2, min = 0, help = "standard deviation of the noise, in those of a feature" },
  dropout = study.dropout(0.2),
  batch = study.batch(100),
  lr = study.lr(0.01),
  momentum = study.momentum(0.9),
  weight_decay = study.weight_decay(1e-5),
  keep = { 50, min = 1, max = 784, help = "pixels that are kept" },
  judge_hidden = { 100, min = 1, help = "hidden units of the network that judges the chosen features" },
  judge_epochs = { 15, min = 1, help = "epochs of that network" },
  profiles = {
    quick = { epochs = 3, train = 2000 },
    full = { seeds = 3, epochs = 100, train = 60000, test = 10000, hidden = 1000 },
    smoke = { epochs = 2, train = 300, test = 100, hidden = 40, judge_epochs = 2 },
  },
}

-- ## The protocol
--
-- The autoencoder has one hidden layer of sigmoid units between inputs and linear outputs, both layers sparse with epsilon 13. Features are standardised one by one, noise of a fifth
-- of a standard deviation is drawn once, and the loss is the squared error. Both layers evolve: 20 % of their links are rewired after each epoch. On MNIST the 50 strongest pixels are kept, of the generated set the 20
-- strongest features.

local sets = {
  { name = "mnist", title = "MNIST", keep = P.keep, data = lab.data.mnist { train = P.train, test = P.test, standardise = true } },
  { name = "madelon", title = "generated", keep = 20, useful = 20, data = lab.data.madelon { train = 2000, test = 600, seed = 1 } },
}

--| echo: fold
local function autoencoder(set)
  local clean = set.data.train
  local noisy = clean:noisy(P.noise, 1)
  noisy:set_targets(clean)
  local n = select(2, clean:shape())
  return function(run, seed)
    local net <close> = lab.mlp { n, P.hidden, n, wiring = lab.erdos_renyi { epsilon = P.epsilon }, seed = seed, hidden = "sigmoid", output = "linear", loss = "mse", init = "normal", dropout = P.dropout }
    local seconds = 0
    local function log(epoch)
      local seen = net:evaluate(noisy)
      run:log { epoch = epoch, r2 = seen.r2, rmse = seen.rmse, seconds = seconds, links = net:links() }
      run:record("strength", { epoch = epoch }, net:input_strength())
    end
    log(0)
    for epoch in net:epochs(noisy, { epochs = P.epochs, batch = P.batch, lr = P.lr, momentum = P.momentum, weight_decay = P.weight_decay, evolve = lab.set { zeta = P.zeta, output = true } }) do
      seconds = seconds + epoch.seconds + epoch.evolve_seconds
      if epoch.n % math.max(1, P.epochs // 10) == 0 or epoch.n == P.epochs then log(epoch.n) end
    end
  end
end

--| echo: fold
for _, set in ipairs(sets) do set.runs = lab.runs { "quickselection, " .. set.title, seed = study.seeds(P.seeds), run = autoencoder(set) } end

--| label: fig-r2
--| fig-cap: Share of the variance of the samples that the autoencoder gives back from noisy ones (R²), over epochs.
--| echo: fold
for _, set in ipairs(sets) do lab.plot.curves { set.runs, x = "epoch", y = "r2", by = "seed", ylabel = "R², " .. set.title, title = set.title } end

-- ## The features that are chosen
--
-- The strongest features go to a dense network with one hidden layer, which learns the classes from them alone. The paper judges by ensembles of trees, so its numbers are not these; what can be
-- compared is one ranking with another: the variance of a feature before standardisation, which needs no labels either; its information about the classes, which does; and chance.

--| echo: fold
local function rankings(set)
  local raw = set.name == "mnist" and lab.data.mnist { train = P.train, test = P.test } or set.data
  local known = lab.feature_statistics(raw.train)
  local list = {
    { name = "autoencoder", scores = function(seed) return set.runs[seed] and set.runs[seed]:values("strength", { epoch = P.epochs }) end },
    { name = "untrained", scores = function(seed) return set.runs[seed] and set.runs[seed]:values("strength", { epoch = 0 }) end },
    { name = "information", scores = function() return known.information end },
    { name = "random", scores = function(seed)
      math.randomseed(seed)
      local scores = {}
      for j = 1, #known.information do scores[j] = math.random() end
      return scores
    end },
  }
  if set.name == "mnist" then list[#list + 1] = { name = "variance", scores = function() return known.variance end } end
  return list
end

--| echo: fold
local function judge(set)
  return function(run, columns, seed)
    local best = lab.select_features { set.data.train, set.data.test, columns = columns.columns }
    local net <close> = lab.mlp { #columns.columns, P.judge_hidden, #(set.data.classes or { 0, 1 }), wiring = lab.dense {}, seed = seed }
    for _ in net:epochs(best.train, { epochs = P.judge_epochs, batch = 50, momentum = 0.9, lr = lab.schedule.cosine { value = 0.02 }, weight_decay = 1e-4 }) do end
    run:log { accuracy = net:accuracy(best.test) }
  end
end

--| echo: fold
for _, set in ipairs(sets) do
  set.rows, set.maps = {}, {}
  for _, ranking in ipairs(rankings(set)) do
    local accuracies, found = {}, {}
    for _, seed in ipairs(study.seeds(P.seeds)) do
      local scores = ranking.scores(seed)
      if scores then
        local columns = lab.select_features { set.data.train, scores = scores, keep = set.keep }.columns
        local judged = lab.runs { ("quickselection, %s, judged"):format(set.title), columns = { { name = ("%s, seed %d"):format(ranking.name, seed), columns = columns } }, seed = { seed }, run = judge(set) }
        accuracies[#accuracies + 1] = judged[1] and judged[1].status == "done" and 100 * judged[1]:last "accuracy" or nil
        local useful = 0
        for _, j in ipairs(columns) do useful = useful + (set.useful and j <= set.useful and 1 or 0) end
        found[#found + 1] = useful
        if seed == 1 and set.name == "mnist" then
          local map = {}
          for j = 1, 784 do map[j] = 0 end
          for _, j in ipairs(columns) do map[j] = 1 end
          set.maps[#set.maps + 1] = { title = ranking.name, values = map, width = 28, height = 28 }
        end
      end
    end
    local accuracy = statistics.summary(accuracies)
    if accuracy then
      set.rows[#set.rows + 1] = { ranking.name, compared.mean_sd(accuracy, "%.2f"), set.useful and ("%.1f of %d"):format(statistics.summary(found).mean, set.useful) or nil, mean = accuracy.mean,
        found = statistics.summary(found).mean }
    end
  end
end

--| label: tbl-selection
--| tbl-cap: Test accuracy in per cent of the judging network with the features of each ranking, and how many of the features that it chose are known to be useful; means over seeds.
for _, set in ipairs(sets) do
  lab.table { header = { ("%s, %d features"):format(set.title, set.keep), "accuracy", set.useful and "useful" or nil }, align = set.useful and "lrr" or "lr", rows = set.rows }
end

--| label: fig-pixels
--| index: true
--| index-order: 6
--| fig-cap: The pixels of MNIST that each ranking chooses; first seed.
--| echo: fold
if #sets[1].maps > 0 then lab.plot.image_map { maps = sets[1].maps, columns = 3, range = { 0, 1 }, label = "chosen" } end

--| index: true
--| echo: false
do
  local function row(set, name) for _, r in ipairs(set.rows) do if r[1] == name then return r end end end
  local mnist, generated = row(sets[1], "autoencoder"), row(sets[2], "autoencoder")
  local chance = row(sets[1], "random")
  if mnist and chance and generated then
    lab.say("The %d pixels of MNIST that the autoencoder chooses give %.1f %% of the test digits, %d pixels chosen by chance %.1f %%. Of the 20 features of the generated set that are useful, it finds %s.",
      P.keep, mnist.mean, P.keep, chance.mean, format.count(math.floor(generated.found + 0.5)))
  end
end
