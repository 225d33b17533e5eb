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

t.test("beta_lasso leaves weights of exactly 0, s2sam and sgd part", function()
  local function zeros(o)
    local net <close> = make "beta_lasso"
    train(net, o)
    local n = 0
    for _, w in ipairs(net:weights(1)) do n = n + (w == 0 and 1 or 0) end
    return n
  end
  local more = { momentum = 0.5, lr = 0.05, evolve = function() return 0 end }
  local function with(o) for k, v in pairs(more) do o[k] = v end return o end
  t.truthy(zeros(with { lasso = 1e-3 }) > zeros(with { lasso = 1e-3, lasso_cut = 0 }))
  t.equal((trained("beta_lasso", with {})), (trained("beta_lasso", with { lasso = 2e-5, lasso_cut = 50 })))
  t.equal((trained("beta_lasso", with { lasso = 0 })), (trained("sgd", with {})))
  t.equal((trained("s2sam", with {})), (trained("s2sam", with { radius = 0.05 })))
  t.truthy(trained("s2sam", with {}) ~= trained("sgd", with {}))
  t.near((trained("s2sam", with { radius = 0 })), (trained("sgd", with {})), 1e-5)
end)

t.test("layers with rates of their own: one that learns nothing stays as it is", function()
  local net <close> = make "sgd"
  local before = { net:weights(1), net:weights(2) }
  train(net, { layer_rates = { 0, 1, 1 }, evolve = function() return 0 end })
  t.equal(net:weights(1), before[1])
  t.truthy(net:weights(2)[1] ~= before[2][1])
  for name, o in pairs { beta_lasso = { lasso = 1e-3 }, s2sam = {}, sgd = { weight_decay = 0.1 }, adamw = { weight_decay = 0.1, decay = "decoupled" } } do
    local other <close> = make(name)
    local first = other:weights(1)
    o.layer_rates, o.evolve = { 0, 1, 1 }, function() return 0 end
    train(other, o)
    t.equal(other:weights(1), first)
  end
  t.equal((trained("sgd", { layer_rates = { 1, 1, 1 } })), (trained "sgd"))
  t.equal((trained("sgd", { layer_rates = { 0.5, 0.5, 0.5 }, lr = 0.006 })), (trained("sgd", { lr = 0.003 })))
end)

t.test("the same bits with any number of threads", function()
  for _, name in ipairs { "adamw", "lion", "beta_lasso", "s2sam" } do
    local one, weights = trained(name, nil, 1)
    local four, again = trained(name, nil, 4)
    t.equal(one, four)
    t.equal(weights, again)
  end
end)

t.test("a saved net goes on as if nothing had been", function()
  for _, name in ipairs { "adamw", "lion", "beta_lasso", "s2sam" } do
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
  local one = bytes "s2sam" - bytes()
  t.truthy(one >= 4 * (3000 + 600) and one < 4 * 3800 + 4096 and bytes "beta_lasso" == bytes())
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
  fails("option 'lasso' is for nets of lab.mlp { optimiser = \"beta_lasso\" }, and this one learns by s2sam", "s2sam", { lasso = 1e-4 })
  fails("option 'radius' is for nets of lab.mlp { optimiser = \"s2sam\" }, and this one learns by sgd", "sgd", { radius = 1 })
  fails("option 'radius' is %-1, must be at least 0", "s2sam", { radius = -1 })
  fails("option 'weight_decay' does not go with beta_lasso, which pulls weights by its option 'lasso'", "beta_lasso", { weight_decay = 1e-4 })
  fails("option 'layer_rates' has 1 numbers for 2 layers", "sgd", { layer_rates = { 1 } })
  fails("option 'layer_rates', layer 2: %-1 is no number from 0 to 1e6", "sgd", { layer_rates = { 1, -1 } })
  fails("option 'second_momentum' is 1, must be below 1", "adamw", { second_momentum = 1 })
  fails("option 'second_momentum' is 0, must be above 0", "adamw", { second_momentum = 0 })
  fails("option 'momentum' is 1, must be below 1", "adamw", { momentum = 1 })
end)

t.done()
