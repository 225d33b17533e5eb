-- lab.mlp { skip = ... }: what scripts see of skip links. The arithmetic is tested in tests/core/net/test_skip.c.

local t = dofile "tests/harness.lua"
local lab, progress = require "lab", require "lab.util.progress"
progress.mode = "none"

local here = "^tests/lab/train/test_skip.lua:%d+: "   -- errors must blame this script's line
local data = lab.data.madelon { train = 400, test = 100, useless = 20, seed = 3 }
local wiring = lab.fan_in { links = 14, dense_output = true }

local function net_of(more)
  local spec = { 40, 30, 30, 30, 2, wiring = wiring, seed = 2, skip = true }
  for k, v in pairs(more or {}) do spec[k] = v end
  return lab.mlp(spec)
end

local function trained(net, more)
  local options, last = { epochs = 3, batch = 20, lr = 0.05, momentum = 0.9 }, nil
  for k, v in pairs(more or {}) do options[k] = v end
  for epoch in net:epochs(data.train, options) do last = epoch end
  return last
end

t.test("layers read the inputs behind the units below", function()
  local net <close> = net_of()
  local some <close> = net_of { skip = { 4, 2 } }
  local none <close> = net_of { skip = false }
  local reads = {}
  for _, n in ipairs { net, some, none } do for l = 1, 4 do reads[#reads + 1] = n:reads(l) end end
  t.equal(reads, { 40, 70, 70, 30, 40, 70, 30, 70, 40, 30, 30, 30 })
  t.equal(#net:degrees(2, "out"), 70)
  t.equal(#net:degrees(2, "in"), 30)
  t.equal(net:units(1), 30)
  t.equal(net:links(2), 420)
  t.equal(net:links(4), 60)
  t.equal(some:links(4), 140)
  local inputs = 0
  for _, from in ipairs((net:links_of(2))) do inputs = inputs + (from > 30 and 1 or 0) end
  t.truthy(inputs > 100, "links come from inputs")
  t.equal(net:layer(2).n_in, 70)
end)

t.test("a wiring of one's own gives them by number", function()
  local net <close> = lab.mlp { 2, 2, 1, skip = { 2 }, seed = 1, loss = "mse", hidden = "linear",
    wiring = function(n_in, n_out) return n_in == 2 and { 1 } or { 1, 4 }, n_in == 2 and { 1 } or { 1, 1 } end }
  t.equal({ net:links_of(2) }, { { 1, 4 }, { 1, 1 } })
end)

t.test("every evolution trains them", function()
  for name, evolve in pairs { set = lab.set {}, rigl = lab.rigl { every_steps = 20 }, chts = lab.chts {}, cht = lab.cht {}, gse = lab.gse { every_steps = 20 },
      dsr = lab.dsr { every_steps = 20 }, srigl = lab.srigl { every_steps = 20 }, granet = lab.granet { density = 0.1, every_steps = 20 } } do
    local net <close> = net_of()
    local before = net:links_of(2)
    trained(net, { evolve = evolve })
    t.truthy(lab.vector(net:links_of(2)) ~= lab.vector(before), name)
    t.equal(net:reads(2), 70)
  end
end)

t.test("saved and read back", function()
  local path = t.tmpdir() .. "/skip.npz"
  for _, skip in ipairs { true, { 2, 4 } } do
    local net <close> = net_of { skip = skip }
    trained(net, { evolve = lab.set {} })
    net:save(path)
    local again <close> = lab.load(path)
    t.equal(again:accuracy(data.test), net:accuracy(data.test))
    t.equal(again:reads(4), net:reads(4))
    t.equal(trained(again, { epochs = 1 }).loss, trained(net, { epochs = 1 }).loss)
  end
end)

t.test("memory is foreseen", function()
  local plain, skips = lab.memory_plan { 40, 30, 30, 30, 2, wiring = wiring }, lab.memory_plan { 40, 30, 30, 30, 2, wiring = wiring, skip = true }
  t.equal(skips.layers[2].n_in, 70)
  t.equal(skips.layers[2].links, 420)
  t.truthy(skips.net > plain.net, "more links")
end)

t.test("measures of a net", function()
  local net <close> = net_of()
  local plain <close> = net_of { skip = false }
  t.truthy(lab.topology.active(net) > 0.9)
  t.equal(#lab.topology.compressed(net).units, 5)
  t.truthy(lab.topology.spread(net, 2, "out").cv > 0)
  t.truthy(lab.topology.spectrum(net, 2).mu1 > 0)
  t.raises("has skip links, of which this measure knows nothing", function() lab.topology.paths(net) end)
  t.raises("has skip links, of which this measure knows nothing", function() lab.topology.distance(net, net) end)
  t.raises("layer 2 has skip links in only one of the nets", function() lab.topology.jaccard(net, plain, 2) end)
end)

t.test("what cannot be", function()
  t.raises(here .. "lab.mlp: option 'skip': 1; a layer from 2 to 4 is needed", function() net_of { skip = { 1 } } end)
  t.raises(here .. "lab.mlp: option 'skip': 5; a layer", function() net_of { skip = { 5 } } end)
  t.raises(here .. "lab.mlp: option 'skip': x; a layer", function() net_of { skip = { "x" } } end)
  t.raises(here .. "lab.mlp: option 'skip' names layer 2 twice", function() net_of { skip = { 2, 2 } } end)
  t.raises(here .. "lab.mlp: option 'skip' must be boolean or table, not 3", function() net_of { skip = 3 } end)
  t.raises(here .. "lab.mlp: option 'skip' is for hidden units above the first level", function() lab.mlp { 4, 3, 2, wiring = lab.dense {}, seed = 1, skip = true } end)
  t.raises(here .. "lab.mlp: option 'skip': an array is expected, but it has 'two'", function() net_of { skip = { two = 2 } } end)
end)

t.done()
