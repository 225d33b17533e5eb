-- net:epochs { clip_norm = ... }: what scripts see of it. The arithmetic is tested in tests/core/net/test_clip.c.

local t = dofile "tests/harness.lua"
local lab, progress = require "lab", require "lab.util.progress"
progress.mode = "none"

local here = "^tests/lab/train/test_clip.lua:%d+: "   -- errors must blame this script's line
local data = lab.data.madelon { train = 400, test = 100, seed = 3 }

local function trained(more)
  local net <close> = lab.mlp { 500, 60, 2, wiring = lab.erdos_renyi { density = 0.1 }, seed = 2 }
  local options = { epochs = 2, batch = 50, lr = 0.05, momentum = 0.9 }
  for k, v in pairs(more) do options[k] = v end
  local last
  for epoch in net:epochs(data.train, options) do last = epoch end
  return last
end

t.test("steps that are clipped are counted, and loss depends on it", function()
  local free, clipped, wide = trained {}, trained { clip_norm = 0.01 }, trained { clip_norm = 1e5 }
  t.equal(free.clipped, nil)
  t.equal(clipped.clipped, 1.0)
  t.equal(wide.clipped, 0.0)
  t.equal(wide.loss, free.loss)
  t.truthy(clipped.loss ~= free.loss, "the loss is that without clipping")
end)

t.test("with evolutions within an epoch the share is that of all steps", function()
  t.equal(trained { clip_norm = 0.01, evolve = lab.set { zeta = 0.3, every_steps = 3 } }.clipped, 1.0)
end)

t.test("each loop clips its own steps", function()
  local net <close> = lab.mlp { 500, 60, 2, wiring = lab.erdos_renyi { density = 0.1 }, seed = 2 }
  local shares = {}
  for epoch in net:epochs(data.train, { epochs = 2, batch = 50, lr = 0.01, clip_norm = 0.01 }) do
    shares[epoch.n] = epoch.clipped
    for inner in net:epochs(data.train, { epochs = 1, batch = 50, lr = 0.01 }) do t.equal(inner.clipped, nil) end
  end
  t.equal(shares, { 1.0, 1.0 })
end)

t.test("a wiring that grows too large for it ends the training", function()
  local net <close> = lab.mlp { 500, 1000, 2, wiring = lab.erdos_renyi { density = 0.9, dense_output = true }, seed = 2 }
  t.raises("net:epochs: option 'clip_norm': of so large a batch, not all of a step's gradients are kept", function()
    for _ in net:epochs(data.train, { epochs = 1, batch = 400, lr = 0.01, clip_norm = 1, parallel = "synchronous", parts = 400 }) do end
    local many = lab.data.madelon { train = 20000, test = 10 }
    for _ in net:epochs(many.train, { epochs = 1, batch = 20000, lr = 0.01, clip_norm = 1 }) do end
  end)
  local growing <close> = lab.mlp { 500, 2000, 2, wiring = lab.erdos_renyi { density = 0.1, dense_output = true }, seed = 2 }
  local many = lab.data.madelon { train = 3000, test = 10 }
  local evolve = lab.evolution { prune = lab.prune.magnitude {}, grow = lab.grow.random {}, share = 0.1, links = function(epoch) return epoch < 3 and 0.1 or 0.9 end, every = 1 }
  local seen = {}
  t.raises("net:epochs: option 'clip_norm': the net has too many links for all of a step's gradients to be kept", function()
    for epoch in growing:epochs(many.train, { epochs = 4, batch = 3000, lr = 0.001, clip_norm = 1e-6, evolve = evolve }) do seen[#seen + 1] = epoch.clipped end
  end)
  t.equal(seen[1], 1.0)
end)

t.test("memory is foreseen", function()
  local function total(norm) return lab.memory_plan { 500, 100, 100, 2, wiring = lab.dense {}, batch = 100, clip_norm = norm, zeta = 0 }.peak end
  t.truthy(total(1) > total(0))
end)

t.test("what cannot be", function()
  t.raises(here .. "net:epochs: option 'clip_norm' is %-1, must be at least 0", function() trained { clip_norm = -1 } end)
  local wide <close> = lab.mlp { 500, 70000, 2, wiring = lab.erdos_renyi { density = 0.0005 }, seed = 2 }
  t.raises(here .. "net:epochs: option 'clip_norm': a net with a layer of more than 65,536 units or with very many links keeps no step's gradients",
    function() for _ in wide:epochs(data.train, { epochs = 1, batch = 50, lr = 0.1, clip_norm = 1 }) do end end)
end)

t.done()
