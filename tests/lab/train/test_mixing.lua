-- net:epochs { mixup =, cutmix = }. (The arithmetic: tests/core/net/test_mixing.c, tests/core/data/test_mix.c.)

local t = dofile "tests/harness.lua"
local lab = require "lab"
local progress = require "lab.util.progress"
progress.mode = "none"

local data = lab.data.madelon { train = 200, test = 100, informative = 4, redundant = 4, useless = 12, seed = 3 }

local function trained(more, threads)
  local net <close> = lab.mlp { 20, 30, 24, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1, threads = threads }
  local o, last = { epochs = 15, batch = 50, lr = 0.05, momentum = 0.9 }, nil
  for k, v in pairs(more) do o[k] = v end
  for epoch in net:epochs(data.train, o) do last = epoch.loss end
  return last, net:weights(1), net:evaluate(data.train).accuracy
end

t.test("mixed samples are harder, and the net learns from them", function()
  local plain = trained {}
  local mixed, _, accuracy = trained { mixup = 1 }
  t.truthy(mixed > plain + 0.02)
  t.truthy(accuracy > 0.6)
end)

t.test("the same bits with any number of threads; none of it by default", function()
  local one, weights = trained({ mixup = 0.4 }, 1)
  local four, again = trained({ mixup = 0.4 }, 4)
  t.equal(one, four)
  t.equal(weights, again)
  t.equal((trained {}), (trained { mixup = 0, cutmix = 0 }))
end)

t.test("options", function()
  local function fails(pattern, o)
    local code = "local lab, data, o = ...\nlocal net <close> = lab.mlp { 20, 5, 2, wiring = lab.dense {}, seed = 1 }\n"
      .. "for _ in net:epochs(data.train, o) do end"
    o.epochs, o.batch, o.lr = 1, 10, 0.1
    t.raises("^script.lua:3: .*" .. pattern, assert(load(code, "@script.lua")), lab, data, o)
  end
  fails("net:epochs: option 'cutmix' needs a data set of images", { cutmix = 1 })
  fails("option 'mixup' is %-1, must be at least 0", { mixup = -1 })
  fails("option 'cutmix' is 101, must be at most 100", { cutmix = 101 })
end)

t.done()
