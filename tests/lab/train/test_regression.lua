-- Targets that are numbers: split:set_targets, regression and autoencoders. (The arithmetic: tests/core/net/test_numbers.c.)

local t = dofile "tests/harness.lua"
local lab = require "lab"
local progress = require "lab.util.progress"
progress.mode = "none"

local function split_of() return lab.data.madelon { train = 200, test = 100, informative = 4, redundant = 4, useless = 2, seed = 3, standardise = true } end

-- One or two linear functions of the features, and some noise.
local function aim(split, columns)
  local numbers = {}
  for i = 1, #split do
    local x = split:pixels(i)
    for c = 1, columns do numbers[#numbers + 1] = 0.5 * x[c] - 0.25 * x[c + 3] + 0.05 * math.sin(37 * i + c) end
  end
  split:set_targets(lab.vector(numbers):floats())
end

local function trained(data, outputs, more)
  local net <close> = lab.mlp { 10, 40, outputs, wiring = lab.erdos_renyi { epsilon = 8 }, seed = 1, loss = "mse", output = "linear", hidden = "tanh", threads = more and more.threads }
  local last
  for epoch in net:epochs(data.train, { epochs = 40, batch = 20, lr = 0.01, momentum = 0.9, evolve = lab.set { zeta = 0.2 } }) do last = epoch end
  return net:evaluate(data.test), last, net:predict(data.test)
end

t.test("regression on one target, and on two", function()
  for columns = 1, 2 do
    local data = split_of()
    aim(data.train, columns)
    aim(data.test, columns)
    t.equal(data.train:targets(), columns)
    local seen, last, outputs = trained(data, columns)
    local squares, mean, spread = 0, {}, 0
    for i = 1, 100 do
      local want = data.test:targets(i)
      for c = 1, columns do
        squares = squares + (outputs[(i - 1) * columns + c] - want[c]) ^ 2
        mean[c] = (mean[c] or 0) + want[c] / 100
      end
    end
    for i = 1, 100 do for c = 1, columns do spread = spread + (data.test:targets(i)[c] - mean[c]) ^ 2 end end
    t.truthy(math.abs(seen.rmse - math.sqrt(squares / 100 / columns)) < 1e-5)
    t.truthy(math.abs(seen.r2 - (1 - squares / spread)) < 1e-5)
    t.truthy(seen.r2 > 0.8)
    t.equal(rawget(seen, "accuracy"), nil)
    t.equal(rawget(last, "accuracy"), nil)
  end
end)

t.test("an autoencoder, and a denoising one", function()
  local data = split_of()
  data.train:set_targets(data.train)
  data.test:set_targets(data.test)
  t.equal(data.test:targets(), 10)
  t.truthy(trained(data, 10).r2 > 0.3)
  local clean, noisy = lab.data.madelon { train = 200, test = 100, informative = 4, redundant = 4, useless = 2, seed = 3, standardise = false }, nil
  noisy = lab.data.madelon { train = 200, test = 100, informative = 4, redundant = 4, useless = 2, seed = 3, standardise = false, change = function(x, i)
    for j in ipairs(x) do x[j] = x[j] + 0.3 * math.sin(17 * i + 5 * j) end
    return x
  end }
  local before = noisy.train:hash()
  noisy.train:set_targets(clean.train)
  t.truthy(noisy.train:hash() ~= before)
  t.equal(noisy.train:targets(7), clean.train:pixels(7))
end)

-- Whether each of three features is above 0, and whether two of them are: four labels.
local function label(split, n)
  local numbers = {}
  for i = 1, n do
    local x = split:pixels(i)
    for c = 1, 3 do numbers[#numbers + 1] = x[c] > 0 and 1.0 or 0.0 end
    numbers[#numbers + 1] = x[1] > 0 and x[2] > 0 and 1.0 or 0.0
  end
  split:set_targets(lab.vector(numbers):floats())
end

t.test("several labels at once", function()
  local data = split_of()
  label(data.train, 200)
  label(data.test, 100)
  local net <close> = lab.mlp { 10, 40, 4, wiring = lab.erdos_renyi { epsilon = 8 }, seed = 1, loss = "binary_cross_entropy", hidden = "tanh" }
  t.equal(net.options.output, "sigmoid")
  local before = net:evaluate(data.test)
  for _ in net:epochs(data.train, { epochs = 40, batch = 20, lr = 0.02, momentum = 0.9, evolve = lab.set { zeta = 0.2 } }) do end
  local seen, outputs = net:evaluate(data.test), net:predict(data.test)
  local right, exact, both, either = 0, 0, 0, 0
  for i = 1, 100 do
    local all = true
    for c = 1, 4 do
      local said, there = outputs[(i - 1) * 4 + c] >= 0.5, data.test:targets(i)[c] == 1
      right, all = right + (said == there and 1 or 0), all and said == there
      both, either = both + (said and there and 2 or 0), either + (said and 1 or 0) + (there and 1 or 0)
    end
    exact = exact + (all and 1 or 0)
  end
  t.near(seen.accuracy, right / 400, 1e-12)
  t.near(seen.exact, exact / 100, 1e-12)
  t.near(seen.f1, both / either, 1e-12)
  t.truthy(seen.loss < before.loss and seen.accuracy > 0.85)
  t.equal(rawget(seen, "rmse"), nil)
  local scores = data.test:compare_labels(outputs)
  t.near(scores.f1, 2 * scores.precision * scores.recall / (scores.precision + scores.recall), 1e-9)
  t.raises("399 outputs for 100 samples of 4 labels", function() data.test:compare_labels(outputs:slice(1, 399)) end)
end)

t.test("a class is one label of several, too", function()
  local data = split_of()
  local net <close> = lab.mlp { 10, 40, 2, wiring = lab.dense {}, seed = 1, loss = "binary_cross_entropy", hidden = "tanh" }
  for _ in net:epochs(data.train, { epochs = 20, batch = 20, lr = 0.05, momentum = 0.9, label_smoothing = 0.1, mixup = 0.2 }) do end
  t.truthy(net:accuracy(data.train) > 0.7)
end)

t.test("the same bits with any number of threads", function()
  local data = split_of()
  aim(data.train, 2)
  aim(data.test, 2)
  local one, four = trained(data, 2, { threads = 1 }), trained(data, 2, { threads = 4 })
  t.equal(one.loss, four.loss)
end)

t.test("what cannot be", function()
  local data = split_of()
  local function fails(pattern, numbers) t.raises(pattern, function() data.train:set_targets(lab.vector(numbers):floats()) end) end
  local numbers = {}
  for i = 1, 200 do numbers[i] = i end
  fails("199 numbers for 200 samples: give each sample as many", table.move(numbers, 1, 199, 1, {}))
  numbers[8] = 0 / 0
  fails("target 1 of sample 8 is not a finite number", numbers)
  for i = 1, 200 do numbers[i] = 3 end
  fails("target 1 is the same for all 200 samples: there is nothing to learn", numbers)
  t.raises("it has 100 samples, the split itself 200", function() data.train:set_targets(data.test) end)
  t.equal(data.train:targets(), nil)
  t.raises("it has no targets that are numbers", function() data.train:target_spread() end)
  aim(data.train, 2)
  aim(data.test, 2)
  local function trains(pattern, o, more)
    local net <close> = lab.mlp { 10, 5, o.outputs, wiring = lab.dense {}, seed = 1, loss = o.loss, output = o.loss == "mse" and "linear" or nil }
    local options = { epochs = 1, batch = 10, lr = 0.1 }
    for k, v in pairs(more or {}) do options[k] = v end
    t.raises(pattern, function() for _ in net:epochs(data.train, options) do end end)
  end
  trains("the net has 3 outputs, the data 2 targets for each sample", { outputs = 3, loss = "mse" })
  trains("loss is for classes: make it with lab.mlp { loss = \"mse\" }", { outputs = 2 })
  trains("'mixup', 'cutmix' and 'label_smoothing' are for classes", { outputs = 2, loss = "mse" }, { mixup = 1 })
  trains("'mixup', 'cutmix' and 'label_smoothing' are for classes", { outputs = 2, loss = "mse" }, { label_smoothing = 0.1 })
  trains("target 1 of sample 1 is %-?%d.*, and binary_cross_entropy takes numbers from 0 to 1", { outputs = 2, loss = "binary_cross_entropy" })
  t.raises("loss 'binary_cross_entropy' does not go with output 'tanh'", function() lab.mlp { 10, 2, wiring = lab.dense {}, seed = 1, loss = "binary_cross_entropy", output = "tanh" } end)
  t.raises("it has no targets", function() split_of().train:compare_labels(lab.vector { 1.0 }) end)
  local net <close> = lab.mlp { 10, 5, 2, wiring = lab.dense {}, seed = 1, loss = "mse", output = "linear" }
  for _, word in ipairs { "accuracy", "confusion" } do
    t.raises("net:" .. word .. ": the samples have numbers as targets, not classes", function() return net[word](net, data.test) end)
  end
end)

t.done()
