-- lab.mlp { optimiser = } and the numbers that net:epochs takes for it. (The arithmetic: tests/core/net/test_optimisers.c.)

local t = dofile "tests/harness.lua"
local lab = require "lab"
local progress = require "lab.util.progress"
progress.mode = "none"

local data = lab.data.madelon { train = 200, test = 100, informative = 4, redundant = 4, useless = 12, seed = 3 }

local function make(optimiser, threads)
  return lab.mlp { 20, 30, 24, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1, threads = threads, optimiser = optimiser }
end

local function train(net, more)
  local o, last = { epochs = 15, batch = 50, lr = 0.003, evolve = lab.set { zeta = 0.3 } }, nil
  for k, v in pairs(more or {}) do o[k] = v end
  for epoch in net:epochs(data.train, o) do last = epoch.loss end
  return last, net:weights(1)
end

local function trained(optimiser, more, threads)
  local net <close> = make(optimiser, threads)
  return train(net, more)
end

t.test("adamw and lion learn, each by its own rule", function()
  local adamw, lion = trained "adamw", trained "lion"
  t.truthy(adamw < 0.65)
  t.truthy(lion < 0.65)
  t.truthy(adamw ~= lion)
  t.truthy(trained "sgd" == trained(nil))
end)

t.test("their defaults are 0.9 and 0.999, 0.9 and 0.99", function()
  t.equal((trained "adamw"), (trained("adamw", { momentum = 0.9, second_momentum = 0.999 })))
  t.equal((trained "lion"), (trained("lion", { momentum = 0.9, second_momentum = 0.99 })))
  t.truthy(trained "adamw" ~= trained("adamw", { second_momentum = 0.99 }))
  t.equal((trained()), (trained(nil, { momentum = 0 })))
end)

t.test("the same bits with any number of threads", function()
  for _, name in ipairs { "adamw", "lion" } do
    local one, weights = trained(name, nil, 1)
    local four, again = trained(name, nil, 4)
    t.equal(one, four)
    t.equal(weights, again)
  end
end)

t.test("a saved net goes on as if nothing had been", function()
  for _, name in ipairs { "adamw", "lion" } do
    local net <close> = make(name)
    train(net)
    local path = os.tmpname()
    net:save(path)
    local again <close> = lab.load(path)
    os.remove(path)
    local a, w = train(net)
    local b, v = train(again)
    t.equal(a, b)
    t.equal(w, v)
  end
end)

t.test("the plan counts what they remember", function()
  local function bytes(name)
    return lab.memory_plan { 20, 300, 2, wiring = { lab.erdos_renyi { density = 0.5 }, lab.dense {} }, optimiser = name }.net
  end
  t.equal(bytes "sgd", bytes())
  t.equal(bytes "lion", bytes())
  local more = bytes "adamw" - bytes()
  t.truthy(more >= 8 * (3000 + 600 + 302) and more < 8 * 4200)
  local plan = lab.memory_plan { 20, 300, 2, wiring = lab.erdos_renyi { density = 0.5 }, optimiser = "adamw" }
  t.truthy(tostring(plan):find("28 bytes: weight, momentum, second moment, age", 1, true))
end)

t.test("options", function()
  local function fails(pattern, optimiser, o)
    local code = ("local lab, data, o = ...\nlocal net <close> = lab.mlp { 20, 5, 2, wiring = lab.dense {}, seed = 1, optimiser = %q }\n"):format(optimiser)
      .. "for _ in net:epochs(data.train, o) do end"
    o.epochs, o.batch, o.lr = 1, 10, 0.1
    t.raises("^script.lua:[23]: .*" .. pattern, assert(load(code, "@script.lua")), lab, data, o)
  end
  fails("option 'optimiser' has no choice 'adam' %(did you mean 'adamw'%?%)", "adam", {})
  fails("net:epochs: option 'second_momentum' is for nets of lab.mlp", "sgd", { second_momentum = 0.9 })
  fails("option 'nesterov' is for sgd, and this net learns by lion", "lion", { nesterov = true })
  fails("option 'second_momentum' is 1, must be below 1", "adamw", { second_momentum = 1 })
  fails("option 'second_momentum' is 0, must be above 0", "adamw", { second_momentum = 0 })
  fails("option 'momentum' is 1, must be below 1", "adamw", { momentum = 1 })
end)

t.done()
