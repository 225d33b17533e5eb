-- net:predict of a split, net:confusion, net:calibration, each against what net:predict says sample by sample.

local t = dofile "tests/harness.lua"
local lab = require "lab"
local judge = require "lab.train.judge"
local progress = require "lab.util.progress"
progress.mode = "none"

local data = lab.data.madelon { train = 300, test = 123, informative = 4, redundant = 4, useless = 12, classes = 3, seed = 3 }

local function make(more)
  local o = { 20, 30, 24, 3, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 }
  for k, v in pairs(more or {}) do o[k] = v end
  return lab.mlp(o)
end

local function trained(more)
  local net = make(more)
  for _ in net:epochs(data.train, { epochs = 4, batch = 20, lr = 0.05, momentum = 0.9 }) do end
  return net
end

t.test("the outputs for a split are those for its samples", function()
  for _, more in ipairs { {}, { dropout = 0.3 }, { loss = "mse", output = "linear" }, { threads = 3 }, { precision = "bfloat16" } } do
    local net <close> = trained(more)
    local all = net:predict(data.test)
    t.equal(#all, 123 * 3)
    for i = 1, 123 do
      local one = net:predict(data.test, i)
      for o = 1, 3 do t.near(all[(i - 1) * 3 + o], one[o], 1e-5 * (1 + math.abs(one[o]))) end
    end
  end
end)

t.test("they are the same bits whatever the threads", function()
  local one <close> = trained { threads = 1 }
  local three <close> = trained { threads = 3 }
  local a, b = one:predict(data.test), three:predict(data.test)
  for i = 1, #a do if a[i] ~= b[i] then t.equal(a[i], b[i]) end end
end)

t.test("confusion counts every sample once", function()
  local net <close> = trained()
  local counts = { { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 } }
  for i = 1, 123 do
    local p, said = net:predict(data.test, i), 1
    for o = 2, 3 do if p[o] > p[said] then said = o end end
    local class = data.test:label(i) + 1
    counts[class][said] = counts[class][said] + 1
  end
  local c = net:confusion(data.test)
  t.equal(c.counts, counts)
  t.equal(c.classes, { "0", "1", "2" })
  t.near(c.accuracy, net:accuracy(data.test), 1e-12)
  for k = 1, 3 do
    t.near(c.recall[k], counts[k][k] / (counts[k][1] + counts[k][2] + counts[k][3]), 1e-12)
    t.near(c.precision[k], counts[k][k] / (counts[1][k] + counts[2][k] + counts[3][k]), 1e-12)
  end
end)

-- A split of four samples with given classes, as judge sees one.
local function split(labels, classes)
  return { shape = function() return #labels, 1, classes end, label = function(_, i) return labels[i] end, class_names = function() return nil end }
end

t.test("a class without samples has no recall, one never said no precision", function()
  local c = judge.confusion({ 0.9, 0.1, 0, 0.8, 0.2, 0 }, split({ 0, 1 }, 3), 3)
  t.equal(c.counts, { { 1, 0, 0 }, { 1, 0, 0 }, { 0, 0, 0 } })
  t.equal({ c.recall[1], c.recall[2], c.recall[3] }, { 1, 0, nil })
  t.equal({ c.precision[1], c.precision[2], c.precision[3] }, { 0.5 })
  t.equal(judge.confusion({ 0.5, 0.5 }, split({ 0 }, 2), 2).counts, { { 1, 0 }, { 0, 0 } })   -- the first of equals
end)

t.test("calibration: four samples by hand", function()
  -- confidences .6 right, .7 wrong, .9 right, 1 right, in four bins
  local k = judge.calibration({ 0.6, 0.4, 0.3, 0.7, 0.9, 0.1, 0, 1 }, split({ 0, 0, 0, 1 }, 2), 2, { bins = 4 })
  t.equal({ k.bins[1].samples, k.bins[2].samples, k.bins[3].samples, k.bins[4].samples }, { 0, 0, 2, 2 })
  t.equal(k.bins[1].accuracy, nil)
  t.near(k.bins[3].confidence, 0.65)
  t.near(k.bins[3].accuracy, 0.5)
  t.near(k.error, 0.5 * 0.15 + 0.5 * 0.05)
  t.near(k.largest, 0.15)
  t.near(k.confidence, 0.8)
  t.near(k.accuracy, 0.75)
end)

t.test("calibration: one bin is the distance of the means", function()
  local net <close> = trained()
  local k = net:calibration(data.test, { bins = 1 })
  t.near(k.error, math.abs(k.accuracy - k.confidence), 1e-9)
  t.near(k.accuracy, net:accuracy(data.test), 1e-9)
  t.equal(#net:calibration(data.test).bins, 15)
end)

t.test("what is wrong is named at the script's line", function()
  local net <close> = make()
  local other <close> = make { loss = "mse", output = "linear" }
  local here = "test_judge.lua:%d+: "
  t.raises(here .. "net:calibration: confidence is the share that softmax gives; this net's output is 'linear'", function() other:calibration(data.test) end)
  t.raises(here .. "net:calibration: unknown option 'bin' %(did you mean 'bins'%?%)", function() net:calibration(data.test, { bin = 3 }) end)
  t.raises("net:confusion", function() net:confusion(nil) end)
  t.raises("write net:confusion%(...%), with a colon", function() net.confusion(data.test) end)
  t.raises("no such sample", function() net:predict(data.test, 124) end)
  local small = lab.data.madelon { train = 20, test = 10, informative = 2, redundant = 0, useless = 3, seed = 1 }
  t.raises("net:confusion: .*20 inputs, the data 5 features", function() net:confusion(small.test) end)
end)

t.done()
