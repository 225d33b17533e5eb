-- # How far can 400,000 weights go on CIFAR-10?
--
-- A dense perceptron of this size has a few hundred hidden units. A sparse one can have nine thousand, and choose while it trains where its
-- links are worth most. This page looks for the best recipe: it takes one network with about 314,000 links and adds one ingredient at a time, with nothing else
-- changed. What is chosen, is chosen by images held out from the training images; the test images are looked at once, by the last network.

local lab = require "lab"
local study = require "shared.study"
local compared = require "shared.compared"
local format = lab.format

--| echo: fold
local INGREDIENTS <const> = { "none", "static", "SET", "random links", "SReLU", "All-ReLU", "GELU", "SiLU", "dropout", "label smoothing", "mixup", "cutmix", "batch norm", "skip links", "clipping", "average", "large batch",
  "AdamW", "Lion", "S2-SAM", "rotation and zoom", "crop", "crop, reflected", "resized crop", "colours", "cutout", "TrivialAugment" }

--| echo: fold
local P = lab.params {
  ingredients = { { "none", "static", "SReLU", "GELU", "label smoothing" }, choices = INGREDIENTS, help = "what is tried, each by itself" },
  combined = { { "SReLU", "label smoothing" }, choices = INGREDIENTS, help = "what the last network has" },
  seeds = { 1, min = 1, help = "runs of each" },
  epochs = { 5, min = 1, help = "epochs of each trial" },
  long = { 10, min = 0, help = "epochs of the last network; 0: it is not trained" },
  train = study.train(6000, 50000),
  test = study.test(2000, 10000),
  validate = { 1000, min = 1, help = "training images held out, by which recipes are compared" },
  hidden = study.hidden(400),
  density = { 0.04, above = 0, max = 1, help = "share of the cells of the hidden layers that are links" },
  zeta = study.zeta(0.3),
  batch = study.batch(32),
  lr = study.lr(0.025),
  momentum = study.momentum(0.9),
  weight_decay = { 5e-4, min = 0, help = "L2 weight decay" },
  profiles = {
    quick = { epochs = 3, long = 5, train = 3000, ingredients = { "none", "static", "SReLU" } },
    full = { ingredients = INGREDIENTS, seeds = 3, epochs = 100, long = 1000, train = 50000, test = 10000, validate = 5000, hidden = 3072, density = 0.01 },
    smoke = { ingredients = INGREDIENTS, epochs = 2, long = 2, train = 300, test = 100, validate = 50, hidden = 40, density = 0.1 },
  },
}

-- ## The protocol
--
-- The network has three hidden layers and a dense output layer. Without any ingredient it is the CHTs of [the page on all methods](methods.html): links begin as receptive fields, and
-- after each epoch 30 % of them are pruned and grow where short paths say that units belong together. The learning rate falls linearly to a hundredth over 90 % of the epochs.

local all = lab.data.cifar10 { train = P.train, test = P.test, validate = P.validate, standardise = "channels" }

local shift = lab.augment { shift = 0.125, flip = true, fill = "nearest", interpolation = "nearest" }
local more = lab.augment { shift = 0.125, flip = true, rotation = 10, zoom = 0.1, fill = "nearest" }
local crop = lab.augment { crop = 4, flip = true, fill = "constant", interpolation = "nearest" }
local reflected = lab.augment { crop = 4, flip = true, fill = "reflect", interpolation = "nearest" }
local resized = lab.augment { resized_crop = 0.4, flip = true }
local colours = lab.augment { shift, brightness = 0.2, contrast = 0.2, saturation = 0.2 }
local cutout = lab.augment { shift, cutout = 8 }
local trivial = lab.augment { shift, lab.augment { trivial = true } }

local near = lab.receptive_field { density = P.density, randomness = 0.25, dense_output = true }
local anywhere = lab.uniform { density = P.density, dense_output = true }
local half = lab.uniform { density = P.density / 2 }
local function chts(stop) return lab.chts { zeta = P.zeta, score = "CH2-L3n", stop = stop } end

-- An ingredient is what it adds to the options of the net and of its training.

local recipes = {
  ["none"] = {},
  ["static"] = { evolve = false },
  ["SET"] = { evolve = lab.set { zeta = P.zeta } },
  ["random links"] = { net = { wiring = anywhere } },
  ["SReLU"] = { net = { hidden = "srelu" } },
  ["All-ReLU"] = { net = { hidden = "all_relu" } },
  ["GELU"] = { net = { hidden = "gelu" } },
  ["SiLU"] = { net = { hidden = "silu" } },
  ["dropout"] = { net = { dropout = 0.1 } },
  ["label smoothing"] = { training = { label_smoothing = 0.1 } },
  ["mixup"] = { training = { mixup = 0.2 } },
  ["cutmix"] = { training = { cutmix = 0.5 } },
  ["batch norm"] = { net = { batch_norm = {} } },   -- over 32 samples: the whole batch
  ["skip links"] = { net = { skip = true, wiring = { near, half, half, lab.dense {} } } },   -- as many links as without
  ["clipping"] = { training = { clip_norm = 1 } },
  ["average"] = { training = { average = math.max(1, P.epochs // 10) }, evolve = chts(0.85) },
  ["large batch"] = { training = { batch = 4 * P.batch }, rate = 4 },
  ["AdamW"] = { net = { optimiser = "adamw" }, training = { weight_decay = 0.05, decay = "decoupled" }, rate = 0.02 },
  ["Lion"] = { net = { optimiser = "lion" }, training = { weight_decay = 0.5, decay = "decoupled" }, rate = 0.004 },
  ["S2-SAM"] = { net = { optimiser = "s2sam" } },
  ["rotation and zoom"] = { training = { augment = more } },
  ["crop"] = { training = { augment = crop } },
  ["crop, reflected"] = { training = { augment = reflected } },
  ["resized crop"] = { training = { augment = resized } },
  ["colours"] = { training = { augment = colours } },
  ["cutout"] = { training = { augment = cutout } },
  ["TrivialAugment"] = { training = { augment = trivial } },
}

--| echo: fold
local function merged(names)  -- one recipe of several; a later one has the last word
  local recipe = { net = {}, training = {}, rate = 1, evolve = chts() }
  for _, name in ipairs(names) do
    local r = recipes[name]
    for k, v in pairs(r.net or {}) do recipe.net[k] = v end
    for k, v in pairs(r.training or {}) do recipe.training[k] = v end
    recipe.rate = recipe.rate * (r.rate or 1)
    if r.evolve ~= nil then recipe.evolve = r.evolve end
  end
  return recipe
end

--| echo: fold
local function arm_of(label, names, epochs)
  local recipe = merged(names)
  local arm = { name = label, epochs = epochs, net = { 3072, P.hidden, P.hidden, P.hidden, 10, wiring = near }, training = { epochs = epochs, batch = P.batch, momentum = P.momentum,
    weight_decay = P.weight_decay, decay = "coupled", augment = shift, evolve = recipe.evolve or nil, lr = lab.schedule.linear { value = recipe.rate * P.lr, to = 0.01 * recipe.rate * P.lr, stop = 0.9 } } }
  for k, v in pairs(recipe.net) do arm.net[k] = v end
  for k, v in pairs(recipe.training) do arm.training[k] = v end
  return arm
end

--| echo: fold
local function with(more, options)
  for k, v in pairs(options) do more[k] = v end
  return more
end

--| echo: fold
local function learn(run, net, arm)  -- trains and logs; the held-out images are the only ones that it looks at
  local state = run.state
  local function log(epoch, loss)
    run:log { epoch = epoch, accuracy = net:accuracy(all.validate), training_loss = loss or 0, seconds = state.seconds, links = net:links(), active = lab.topology.active(net) }
  end
  state.seconds = state.seconds or 0
  log(0)
  for epoch in net:epochs(all.train, with({ checkpoint = { run = run, minutes = 5 } }, arm.training)) do
    state.seconds = state.seconds + epoch.seconds + epoch.evolve_seconds
    log(epoch.n, epoch.loss)
  end
end

--| echo: fold
local function of_views(net, split)  -- the ensemble of one: what the net says of images that are shifted and mirrored
  return lab.ensemble { split = split }:add(net, { augment = shift, times = 16 })
end

--| echo: fold
local function train(run, arm, seed)
  local net <close> = lab.mlp(with({ seed = seed }, arm.net))
  learn(run, net, arm)
  run:record("views_accuracy", {}, { of_views(net, all.validate):accuracy() })
end

--| echo: fold
local arms = {}
for i, name in ipairs(P.ingredients) do arms[i] = arm_of(name, { name }, P.epochs) end
local trials = lab.runs { "record, ingredients", arm = arms, seed = study.seeds(P.seeds), run = train }

-- ## What each ingredient is worth
--
-- The difference is taken over runs of the same seed, against the network without any ingredient. *Of 16 views* is the accuracy where a network is asked about
-- each image sixteen times, shifted and mirrored as in training, and the mean of what it says counts.

--| echo: false
if #P.ingredients < #INGREDIENTS then
  lab.say("This page tries %d of the %d ingredients, each with %d %s; `--profile=full` tries them all.", #P.ingredients - 1, #INGREDIENTS - 1, P.seeds, P.seeds == 1 and "seed" or "seeds")
end

--| label: tbl-ingredients
--| tbl-cap: Accuracy on held-out images after the last epoch, in per cent; the difference from the network without ingredients in points, with its standard error; the accuracy of 16 views; the loss on the training images in the last epoch; seconds of computing; and links.
--| echo: fold
do
  local rows, none = {}, compared.by_seed(trials, "none", compared.percent "accuracy")
  for _, arm in ipairs(compared.arms(trials)) do
    local mean, error = compared.difference(compared.by_seed(trials, arm, compared.percent "accuracy"), none)
    local function of(column, pattern) return compared.mean_sd(compared.summary(trials, arm, compared.last(column)), pattern) end
    local views = compared.summary(trials, arm, function(run) return 100 * run:values("views_accuracy", {})[1] end)
    rows[#rows + 1] = { arm, compared.mean_sd(compared.summary(trials, arm, compared.percent "accuracy"), "%.2f"), arm == "none" and "" or compared.difference_text(mean, error),
      compared.mean_sd(views, "%.2f"),
      of("training_loss", "%.2f"), of("seconds", "%.0f"), format.count(compared.summary(trials, arm, compared.last "links").mean) }
  end
  lab.table { header = { "ingredient", "held out", "difference", "of 16 views", "training loss", "seconds", "links" }, align = "lrrrrrr", rows = rows }
end

--| label: fig-ingredients
--| index: true
--| index-order: 7
--| fig-cap: Accuracy on held-out images after the last epoch with each ingredient by itself. Each point is a seed; a line is the median.
lab.plot.box { trials, y = "accuracy", ylabel = "accuracy on held-out images" }

--| label: fig-trials
--| fig-cap: Accuracy on held-out images after each epoch: mean and standard deviation over seeds.
lab.plot.curves { trials, x = "epoch", y = "accuracy", by = "arm", ylabel = "accuracy on held-out images" }

-- ## All that helps, and longer
--
-- The last network has the ingredients that were chosen, and trains longer. It sees the held-out images in training no more than the others did. Only its last weights are
-- shown the test images.

--| echo: fold
local function train_to_test(run, arm, seed)
  local net <close> = lab.mlp(with({ seed = seed }, arm.net))
  run:record("pixels", { epoch = 0 }, net:degrees(1, "out"))
  learn(run, net, arm)
  local confusion = net:confusion(all.test)
  local counts = {}
  for _, row in ipairs(confusion.counts) do table.move(row, 1, #row, #counts + 1, counts) end
  run:record("test_accuracy", {}, { confusion.accuracy, of_views(net, all.test):accuracy() })
  run:record("confusion", {}, counts)
  run:record("pixels", { epoch = arm.epochs }, net:degrees(1, "out"))
  for layer = 1, net:layers() - 1 do
    for _, side in ipairs { "in", "out" } do run:record("degrees", { epoch = arm.epochs, layer = layer, side = side }, net:degrees(layer, side)) end
  end
end

--| echo: fold
local last = P.long > 0 and lab.runs { "record, the last network", arm = { arm_of("all together", P.combined, P.long) }, seed = { 1 }, run = train_to_test } or nil
--| echo: fold
local final = last and last[1] and last[1].status == "done" and last[1] or nil

--| echo: false
if not last then lab.say "Of this page no last network has been trained: with `long=0` there is none." end

--| label: fig-last
--| fig-cap: Accuracy of the last network on held-out images after each epoch.
--| echo: fold
if final then lab.plot.curves { last, x = "epoch", y = "accuracy", by = "arm", ylabel = "accuracy on held-out images" } end

--| label: fig-confusion
--| fig-cap: Number of test images by true class (rows) and predicted class (columns).
--| echo: fold
if final then
  local counts, values = final:values("confusion", {}), {}
  for c = 1, 10 do values[c] = table.move(counts, (c - 1) * 10 + 1, c * 10, 1, {}) end
  lab.plot.heatmap { values = values, rows = all.classes, columns = all.classes, format = "count", xlabel = "said", ylabel = "class", label = "images" }
end

--| label: fig-pixels
--| fig-cap: Number of links that start at each pixel of the red, green and blue channel, before training (above) and after it.
--| echo: fold
if final then
  local maps = {}
  for _, epoch in ipairs { 0, P.long } do
    local degrees = final:values("pixels", { epoch = epoch })
    for c, channel in ipairs { "red", "green", "blue" } do
      maps[#maps + 1] = { values = table.move(degrees, 1024 * (c - 1) + 1, 1024 * c, 1, {}), title = ("%s, epoch %d"):format(channel, epoch) }
    end
  end
  lab.plot.image_map { maps = maps, columns = 3, label = "links per pixel" }
end

--| index: true
--| echo: false
do
  local best, most
  for _, arm in ipairs(compared.arms(trials)) do
    local s = compared.summary(trials, arm, compared.percent "accuracy")
    if s and (not most or s.mean > most) then best, most = arm, s.mean end
  end
  local none = compared.summary(trials, "none", compared.percent "accuracy")
  if none and most then
    lab.say("Without ingredients, %.2f %% of the held-out images are recognised after %d epochs; the best single ingredient is %s, with %.2f %%.", none.mean, P.epochs, best, most)
  end
  if final then
    local seen = final:values("test_accuracy", {})
    lab.say("The last network (%s) has %s links, and recognises **%.2f %%** of the test images after %d epochs of training, %.0f minutes of computing; **%.2f %%** if the mean of 16 views of each counts.",
      table.concat(P.combined, ", "), format.count(final:last "links"), 100 * seen[1], P.long, final:last "seconds" / 60, 100 * seen[2])
  end
end
