-- lab.ensemble: means of outputs against sums of our own, and what cannot be put together.

local t = dofile "tests/harness.lua"
local lab = require "lab"
local progress = require "lab.util.progress"
progress.mode = "none"

local data = lab.data.madelon { train = 200, test = 101, informative = 4, redundant = 4, useless = 12, seed = 3 }
local function make(seed, output) return lab.mlp { 20, 30, 2, wiring = lab.erdos_renyi { epsilon = 5 }, seed = seed, output = output, loss = output and "mse" or nil } end

local function train(net, epochs, body)
  for epoch in net:epochs(data.train, { epochs = epochs, batch = 50, lr = 0.05, momentum = 0.9 }) do if body then body(epoch) end end
  return net
end

t.test("the mean of three nets, sample by sample", function()
  local sums, ensemble = {}, lab.ensemble { split = data.test }
  for seed = 1, 3 do
    local net <close> = train(make(seed), 4)
    for k, v in ipairs(net:predict(data.test):table()) do sums[k] = (sums[k] or 0) + v / 3 end
    t.equal(ensemble:add(net), ensemble)
  end
  t.equal(ensemble.members, 3)
  local outputs, hits = ensemble:predict(), 0
  for i = 1, 101 do
    local one = ensemble:predict(i)
    for o = 1, 2 do
      t.truthy(math.abs(one[o] - sums[2 * i - 2 + o]) < 1e-6)
      t.equal(one[o], outputs[2 * i - 2 + o])
    end
    if (one[2] > one[1] and 1 or 0) == data.test:label(i) then hits = hits + 1 end
  end
  t.equal(ensemble:accuracy(), hits / 101)
  t.equal(ensemble:confusion().accuracy, hits / 101)
  t.truthy(math.abs(ensemble:calibration { bins = 5 }.accuracy - hits / 101) < 1e-12)
end)

t.test("an ensemble of one says what the net says; nets may be given at once", function()
  local a <close> = train(make(1), 3)
  local b <close> = train(make(2), 3)
  t.equal(lab.ensemble { a, split = data.test }:accuracy(), a:accuracy(data.test))
  local both = lab.ensemble { a, b, split = data.test }
  t.equal(both:predict(), lab.ensemble { split = data.test }:add(a):add(b):predict())
end)

t.test("snapshots of a run, after each cycle of the rate", function()
  local net <close> = make(1)
  local ensemble, lr = lab.ensemble { split = data.test }, lab.schedule.cycles { epochs = 3, schedule = lab.schedule.linear { value = 0.1, to = 0.02 } }
  for n, want in ipairs { 0.1, 0.06, 0.02, 0.1, 0.06, 0.02, 0.1 } do t.truthy(math.abs(lab.schedule.at(lr, n, 7, "lr") - want) < 1e-12) end
  for epoch in net:epochs(data.train, { epochs = 6, batch = 50, lr = lr }) do if epoch.n % 3 == 0 then ensemble:add(net) end end
  t.equal(ensemble.members, 2)
  t.truthy(ensemble:accuracy() > 0.4)
end)

t.test("what cannot be", function()
  local a <close> = make(1)
  local linear <close> = make(1, "linear")
  local three <close> = lab.mlp { 20, 5, 3, wiring = lab.dense {}, seed = 1 }
  local empty = lab.ensemble { split = data.test }
  t.raises("ensemble:accuracy: the ensemble has no member yet", function() empty:accuracy() end)
  t.raises("ensemble:add takes a net, not number", function() empty:add(3) end)
  t.raises("lab.ensemble takes a net, not string", function() lab.ensemble { "a", split = data.test } end)
  t.raises("lab.ensemble: option 'split'", function() lab.ensemble { a } end)
  t.raises("the net has 3 outputs, and the others have 2", function() lab.ensemble { a, three, split = data.test } end)
  t.raises("a net's output is 'linear'", function() lab.ensemble { linear, split = data.test }:calibration() end)
  t.raises("there is no sample 102 of 101", function() lab.ensemble { a, split = data.test }:predict(102) end)
  t.raises("option 'schedule' takes a number", function() lab.schedule.cycles { epochs = 3, schedule = {} } end)
end)

-- ---- changed images ----

local engine = require "lab.c.data"
local function images() return assert(engine.noise({ channels = 3, height = 6, width = 6, classes = 3, seed = 1 }, 60, 1)) end
local function eye(seed) return lab.mlp { 108, 30, 3, wiring = lab.erdos_renyi { epsilon = 6 }, seed = seed or 2 } end

local function flipped(values)  -- from left to right
  local out = {}
  for i = 0, 107 do out[i - i % 6 + 6 - i % 6] = values[i + 1] end
  return out
end

local function apart(a, b)
  local most = 0
  for i, v in ipairs(a:table()) do most = math.max(most, math.abs(v - b:table()[i])) end
  return most
end

local function always(epoch, n)  -- a flip in every odd epoch
  local column = {}
  for i = 1, n do column[i] = epoch % 2 end
  return { flip_horizontal = column }
end

t.test("a net that is asked about changed images joins with the mean of what it says", function()
  local plain, mirror = images(), images()
  mirror:change(flipped)
  local net <close> = eye()
  local there, other = net:predict(plain), net:predict(mirror)
  t.truthy(apart(there, other) > 1e-3, "the flip makes a difference")
  t.truthy(apart(lab.ensemble { split = plain }:add(net, { augment = always, times = 1 }):predict(), other) < 1e-6)
  t.truthy(apart(lab.ensemble { split = plain }:add(net, { augment = always, times = 2 }):predict(), (there + other) / 2) < 1e-6)
  local both = lab.ensemble { split = plain }:add(net, { augment = always, times = 1 }):add(net)
  t.equal(both.members, 2)
  t.truthy(apart(both:predict(), (there + other) / 2) < 1e-6)
end)

t.test("the same draws again, on any number of threads", function()
  local split, augment = images(), lab.augment { shift = 0.2, flip = true }
  local function said(threads)
    local net <close> = lab.mlp { 108, 30, 3, wiring = lab.erdos_renyi { epsilon = 6 }, seed = 2, threads = threads }
    return lab.ensemble { split = split }:add(net, { augment = augment, times = 3 }):predict():table()
  end
  t.equal(said(1), said(1))
  t.equal(said(1), said(3))
end)

t.test("what cannot be asked", function()
  local net <close> = eye()
  local a <close> = make(1)
  t.raises("ensemble:add: option 'augment' takes lab.augment", function() lab.ensemble { split = images() }:add(net, { augment = {} }) end)
  t.raises("ensemble:add: option 'augment' needs images", function() lab.ensemble { split = data.test }:add(a, { augment = always }) end)
  t.raises("ensemble:add: unknown option 'time'", function() lab.ensemble { split = images() }:add(net, { time = 3 }) end)
end)

t.test("times without changes", function()
  local data = lab.data.madelon { train = 50, test = 20 }
  local net <close> = lab.mlp { 500, 2, wiring = lab.dense {}, seed = 1 }
  t.raises("ensemble:add: option 'times' goes with 'augment': without it a net always says the same", function() lab.ensemble { split = data.test }:add(net, { times = 3 }) end)
end)

t.done()
