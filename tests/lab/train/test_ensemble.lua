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

t.done()
