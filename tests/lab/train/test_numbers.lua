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
  local net <close> = lab.mlp { 10, 5, 2, wiring = lab.dense {}, seed = 1, loss = "mse", output = "linear" }
  for _, word in ipairs { "accuracy", "confusion" } do
    t.raises("net:" .. word .. ": the samples have numbers as targets, not classes", function() return net[word](net, data.test) end)
  end
end)

t.done()
