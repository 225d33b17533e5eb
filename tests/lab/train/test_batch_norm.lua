-- lab.mlp { batch_norm = }: what it does to a net, its options, and that files and plans know of it. (The arithmetic:
-- tests/core/kernel/test_norm.c and tests/core/net/test_norm_net.c.)

local t = dofile "tests/harness.lua"
local lab = require "lab"
local mem = require "lab.c.plan"
local progress = require "lab.util.progress"
progress.mode = "none"

local data = lab.data.madelon { train = 200, test = 100, informative = 4, redundant = 4, useless = 12, seed = 3 }

local function make(more)
  local o = { 20, 30, 24, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1, batch_norm = {} }
  for k, v in pairs(more or {}) do o[k] = v end
  return lab.mlp(o)
end

local function train(net, epochs, more)
  local o, seen = { epochs = epochs, batch = 50, lr = 0.05, momentum = 0.9 }, {}
  for k, v in pairs(more or {}) do o[k] = v end
  for epoch in net:epochs(data.train, o) do seen[#seen + 1] = epoch end
  return seen
end

t.test("units have a scale and a shift that train, and running values", function()
  for _, wiring in ipairs { lab.erdos_renyi { epsilon = 3 }, lab.dense {} } do
    local net <close> = make { wiring = wiring }
    local before = net:activation_parameters(1)
    local names = {}
    for name, values in pairs(before) do names[#names + 1] = name; t.equal(#values, 30) end
    table.sort(names)
    t.equal(names, { "norm_mean", "norm_scale", "norm_shift", "norm_variance" })
    t.equal({ before.norm_scale[7], before.norm_shift[7], before.norm_mean[7], before.norm_variance[7] }, { 1, 0, 0, 1 })
    local seen = train(net, 20)
    t.truthy(seen[20].loss < 0.8 * seen[1].loss)
    local after = net:activation_parameters(1)
    for _, name in ipairs(names) do t.truthy(after[name][7] ~= before[name][7], name) end
    t.equal(net:activation_parameters(3), nil)   -- not of outputs
    t.truthy(net:evaluate(data.train).accuracy > 0.6)
  end
end)

t.test("beside the parameters of srelu, with dropout and in bfloat16", function()
  local net <close> = make { hidden = "srelu", dropout = 0.2, precision = "bfloat16" }
  local own, names = net:activation_parameters(2), 0
  for _ in pairs(own) do names = names + 1 end
  t.equal(names, 8)
  local seen = train(net, 10, { evolve = lab.set { zeta = 0.3 } })
  t.truthy(seen[10].loss < seen[1].loss)
end)

t.test("affine = false leaves scale and shift alone", function()
  local net <close> = make { batch_norm = { samples = 16, affine = false } }
  train(net, 3)
  local own = net:activation_parameters(1)
  for u = 1, 30 do t.equal({ own.norm_scale[u], own.norm_shift[u] }, { 1, 0 }) end
  t.truthy(own.norm_mean[1] ~= 0)
end)

t.test("a net in a file goes on as it would have", function()
  local path = t.tmpdir() .. "/net.npz"
  local net <close> = make { batch_norm = { samples = 16, affine = false } }
  train(net, 2)
  net:save(path)
  local again <close> = lab.load(path)
  t.equal(again:activation_parameters(1), net:activation_parameters(1))
  t.equal(again:evaluate(data.test).loss, net:evaluate(data.test).loss)
  train(net, 2)
  train(again, 2)
  t.equal(again:activation_parameters(1), net:activation_parameters(1))
  t.equal(again:weights(1), net:weights(1))
end)

t.test("over the whole batch", function()
  local seen = {}
  for threads = 1, 3 do
    local net <close> = make { batch_norm = { samples = "batch" }, threads = threads }
    seen[threads] = train(net, 4, { batch = 100, evolve = lab.rigl { every = 1 } })
    t.truthy(seen[threads][4].loss < seen[threads][1].loss)
    t.equal(seen[threads][4].loss, seen[1][4].loss)
    local path = t.tmpdir() .. "/whole.npz"
    net:save(path)
    local again <close> = lab.load(path)
    t.equal(again:accuracy(data.test), net:accuracy(data.test))
    t.equal(train(again, 1, { batch = 100 })[1].loss, train(net, 1, { batch = 100 })[1].loss)
  end
  local ghosts <close> = make()
  local parts = train(ghosts, 4, { batch = 100, evolve = lab.rigl { every = 1 } })
  t.truthy(parts[4].loss ~= seen[1][4].loss, "other samples are normalised together")
  local brief <close> = make { batch_norm = { samples = "batch" }, precision = "bfloat16" }
  t.raises("net:epochs: batch normalisation: samples = \"batch\" does not go with precision = \"bfloat16\"", function() train(brief, 1) end)
  local large <close> = lab.mlp { 20, 70000, 2, wiring = lab.erdos_renyi { density = 0.01 }, seed = 1, batch_norm = { samples = "batch" } }
  t.raises("samples = \"batch\": the net has too many links for all of a step's gradients to be kept", function() train(large, 1) end)
end)

t.test("evolutions that look at gradients see a normalised net", function()
  local net <close> = make()
  local seen = train(net, 6, { evolve = lab.rigl { every = 1 } })
  t.truthy(seen[6].loss < seen[1].loss)
end)

t.test("options", function()
  local function fails(pattern, norm)
    local code = "local lab, norm = ...\nlab.mlp { 20, 30, 2, wiring = lab.dense {}, seed = 1, batch_norm = norm }"
    t.raises("^script.lua:2: .*" .. pattern, assert(load(code, "@script.lua")), lab, norm)
  end
  fails("option 'batch_norm': unknown option 'sample' %(did you mean 'samples'%?%)", { sample = 16 })
  fails("option 'batch_norm': samples must be 16 or 32, or \"batch\", not 24", { samples = 24 })
  fails("option 'batch_norm': option 'samples' is 64, must be at most 32", { samples = 64 })
  fails("option 'batch_norm'", true)
  t.raises("^script.lua:1: lab.mlp: option 'batch_norm' is for hidden units, and there are none",
    assert(load("(...).mlp { 20, 2, wiring = (...).dense {}, seed = 1, batch_norm = {} }", "@script.lua")), lab)
  local net <close> = make()
  t.raises("^script.lua:1: net:epochs: batch normalisation needs batches of at least two samples",
    assert(load("local net, data = ... for _ in net:epochs(data.train, { epochs = 1, batch = 1, lr = 0.1 }) do end", "@script.lua")), net, data)
end)

t.test("the memory plan counts it", function()
  local o = { 20, 300, 200, 2, wiring = lab.erdos_renyi { epsilon = 5 }, batch = 100, zeta = 0, train = 200, threads = 2 }
  local plain = lab.memory_plan(o)
  o.batch_norm = {}
  local plan = lab.memory_plan(o)
  t.truthy(plan.net - plain.net >= 3 * 4 * 4 * (300 + 200))   -- values, velocities and gradients of four kinds
  t.truthy(plan.layers[1].gradient_bytes > plain.layers[1].gradient_bytes)
  local before = mem.held()
  local net <close> = lab.mlp { 20, 300, 200, 2, wiring = lab.erdos_renyi { epsilon = 5 }, seed = 1, threads = 2, batch_norm = {} }
  t.truthy(math.abs((mem.held() - before) / plan.net - 1) < 0.1)   -- a random wiring has about as many links as planned
end)

t.done()
