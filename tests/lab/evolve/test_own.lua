-- Your own methods: functions for prune and grow, over whole layers; RigL written so gives the links of the engine's rule.
local t = dofile "tests/harness.lua"
local lab = require "lab"
require "lab.util.progress".mode = "none"

local data = lab.data.madelon { train = 200, test = 40, seed = 1 }

local function make(more)
  local o = { 500, 40, 30, 2, wiring = lab.erdos_renyi { epsilon = 4 }, seed = 3, threads = 1, init = "normal" }
  for k, v in pairs(more or {}) do o[k] = v end
  return lab.mlp(o)
end

local function train(net, evolve, more)
  local o = { epochs = 3, batch = 20, lr = 0.05, momentum = 0.9, evolve = evolve }
  for k, v in pairs(more or {}) do o[k] = v end
  local losses = {}
  for epoch in net:epochs(data.train, o) do losses[epoch.n] = epoch.loss end
  t.equal(net.core:check(), nil)
  return losses
end

local function state(net)
  local all = {}
  for l = 1, net:layers() - 1 do
    local from, to = net:links_of(l)
    all[l] = { from, to, net:weights(l) }
  end
  return all
end

local function magnitude(layer) return layer.weights:abs() end

-- All missing cells of a layer, and of these the ones with the largest gradient.
local function largest_gradients(layer, count)
  local from, to = layer:missing()
  local best = layer:gradients_of(from, to):abs():topk(count)
  return from:gather(best), to:gather(best)
end

t.test("RigL in Lua gives the links of RigL in C", function()
  local own = lab.evolution { prune = magnitude, grow = largest_gradients, needs = { "values" }, share = lab.schedule.cosine { value = 0.3 },
    every_steps = 5, stop = 0.75, skip_step = true }
  for threads = 1, 2 do
    local one <close> = make { threads = threads }
    local other <close> = make { threads = threads }
    local before = state(one)
    local want = train(one, lab.rigl { every_steps = 5 })
    t.equal(train(other, own), want)
    t.equal(state(other), state(one))
    t.truthy(not pcall(t.equal, state(one), before), "nothing has moved")
  end
end)

t.test("each half alone, and with a rule of the engine for the other", function()
  local want <close> = make()
  train(want, lab.evolution { prune = lab.prune.mest { lambda = 0.5 }, grow = lab.grow.random {} })
  local net <close> = make()
  train(net, lab.evolution { prune = function(layer) return layer.weights:abs() + 0.5 * layer.gradients:abs() end, grow = lab.grow.random {}, needs = { "gradients" } })
  t.equal(state(net), state(want))
  local marks <close> = make()
  train(marks, lab.evolution { prune = function(layer)
    return layer.weights:abs():gt(0.02)
  end, grow = lab.grow.random {} })
  t.equal(marks:links(), want:links())
  local own_growth <close> = make()
  train(own_growth, lab.evolution { prune = lab.prune.magnitude {}, grow = function(layer, count)
    local from = layer:degrees("out"):floats():draw(count)
    return from, layer:free_places(from), 0.01 * lab.vector.ones(count)
  end })
  t.equal(own_growth:links(), want:links())
end)

t.test("a layer's vectors are what the net says", function()
  local net <close> = make { history = true }
  train(net, lab.set {})
  local layer = net:layer(1)
  local from, to = net:links_of(1)
  t.equal({ layer.weights:table(), layer.from:table(), layer.to:table() }, { net:weights(1), from, to })
  t.equal({ layer:degrees("in"):table(), layer:degrees("out"):table() }, { net:degrees(1, "in"), net:degrees(1, "out") })
  t.equal({ layer.n_in, layer.n_out, layer.links, #layer.velocities }, { 500, 40, net:links(1), net:links(1) })
  t.equal({ layer.births:max(), layer.births:min(), net:births(1) == layer.births }, { 3, 0, true })
  local missing_from, missing_to = layer:missing()
  t.equal(#missing_from, 500 * 40 - net:links(1))
  local of_unit, places = layer:missing(7)
  t.equal({ #of_unit, #places }, { 40 - net:degrees(1, "out")[7], 40 - net:degrees(1, "out")[7] })
  local seen = {}
  for k = 1, #from do seen[from[k] * 100 + to[k]] = true end
  for k = 1, #missing_from do
    t.truthy(not seen[missing_from[k] * 100 + missing_to[k]])
    seen[missing_from[k] * 100 + missing_to[k]] = true
  end
  t.truthy(net:cells_tried(1) > net:links(1) and net:cells_tried(1) <= 500 * 40)
  t.raises("layer.gradients: the evolution has not looked at a batch", function() return layer.gradients end)
  t.raises("a layer has no 'weight' %(did you mean 'weights'%?%)", function() return layer.weight end)
  local plain <close> = make()
  t.raises("history = true", function() return plain:births(1) end)
  t.raises("history = true", function() return plain:cells_tried(1) end)
  t.raises("layer 3 is dense", function() return plain:layer(3) end)
end)

t.test("the gradients of links are those of the cells", function()
  local net <close> = make()
  local compared
  train(net, lab.evolution { needs = { "gradients" }, grow = lab.grow.random {}, prune = function(layer)
    local of_cells = layer:gradients_of(layer.from, layer.to)
    compared = (of_cells - layer.gradients):abs():max() / layer.gradients:abs():max()
    t.equal({ layer.batch, #layer.values, #layer.loss_gradients }, { 20, layer.n_in * 20, layer.n_out * 20 })
    return layer.weights:abs()
  end })
  t.truthy(compared < 1e-5, compared)
end)

-- A grow function that returns links which cannot be leaves the net as it was.
local function refused(expected, grow, prune)
  local net <close> = make()
  local before = state(net)
  local ok, why = pcall(train, net, lab.evolution { prune = prune or magnitude, grow = grow })
  t.truthy(not ok, "nothing was raised")
  t.truthy(tostring(why):find(expected), ("%s\n  does not match %s"):format(tostring(why), expected))
  t.truthy(tostring(why):find "tests/lab/evolve/test_own.lua:%d+", tostring(why))
  t.equal(net.core:check(), nil)
  t.equal({ state(net)[1][1], state(net)[1][2], state(net)[2][1], state(net)[2][2] }, { before[1][1], before[1][2], before[2][1], before[2][2] })
end

t.test("what cannot grow is refused, and the net is left as it was", function()
  local vector = lab.vector
  local function same(layer, count)
    local from, to = layer:missing()
    local index = vector.ones(count):integers()
    return from:gather(index), to:gather(index)
  end
  refused("called for layer 1, gave links that cannot grow: .*link 2, from unit %d+ to unit %d+, is given twice", same)
  refused("is there already", function(layer, count) return layer.from:gather(layer.weights:abs():topk(count)), layer.to:gather(layer.weights:abs():topk(count)) end)
  refused("goes from unit 501 to unit 1, and the layer has 500 input and 40 output units", function(_, count)
    local from, to = 0 * vector.range(1, count) + 501, 0 * vector.range(1, count) + 1
    return from, to
  end)
  refused("returned nil and nil: it must return two lab.vectors of whole numbers", function() end)
  refused("returned 3 units that links come from and 2 that they go to", function() return vector { 1, 2, 3 }, vector { 1, 2 } end)
  refused("returned 1 weights for %d+ links", function(layer, count)
    local from, to = layer:missing()
    return from:slice(1, count), to:slice(1, count), vector { 0.5 }
  end)
  refused("returned 2 links, and %d+ were asked for", function() return vector { 1, 2 }, vector { 1, 2 } end)
  refused("returned vectors of floats and integers", function(_, count) return vector.ones(count), vector.range(1, count) end)
  refused("gave scores that cannot be ranked: score 1 is not a number", largest_gradients, function(layer) return layer.weights / 0 * 0 end)
  refused("left the layer without a link", nil, function(layer) return layer.weights:gt(1e9) end)
  refused("the function for 'prune' %(.*test_own.lua:%d+%), called for layer 1, returned table", function() end, function() return {} end)
  refused("returned 3 values for %d+ links", function() end, function() return vector { 1.5, 2, 3 } end)
end)

t.test("an error in the second layer leaves the first as it was", function()
  refused("called for layer 2, returned nil", function(layer, count)
    if layer.number == 2 then return nil end
    local from, to = layer:missing()
    return from:slice(1, count), to:slice(1, count)
  end)
end)

t.test("weights that are given count, also for links that come back; links go first where they become fewer", function()
  local net <close> = make()
  local seen = {}
  train(net, lab.evolution { prune = magnitude, grow = function(layer, count)
    local from, to = layer:missing()
    seen[#seen + 1] = layer.batch or false
    return from:slice(1, count), to:slice(1, count), 7 * lab.vector.ones(count)
  end, shrink = lab.prune.mest {}, links = lab.links.linear { from = 0.05, to = 0.02 }, needs = { "gradients" }, batches = 100 }, { epochs = 2, lr = 1e-9 })
  t.equal(seen, { 200, 200 })   -- as many samples as there are
  t.near((net:links(1) + net:links(2)) / (500 * 40 + 40 * 30), 0.02, 1e-4)
  for l = 1, 2 do t.truthy((net:layer(l).weights - 7):abs():lt(1e-3):count() >= net:links(l) * 3 // 10 - 1) end
end)

t.test("net:rewire takes what to keep and what to grow", function()
  local net <close> = make()
  local layer = net:layer(1)
  local keep = layer.weights:abs():gt(0.05)
  local gone = #keep - keep:count()
  t.equal(net:rewire(1, keep, 2), gone)
  t.equal(net:links(1), layer.links)
  local from, to = net:layer(1):missing()
  t.equal(net:rewire(1, { from = from:slice(1, 3), to = to:slice(1, 3), weights = { 1, 2, 3 } }, 3), 3)
  t.equal(net:links(1), layer.links + 3)
  local weights = net:layer(1).weights
  t.equal({ weights:eq(1):count(), weights:eq(2):count(), weights:eq(3):count() }, { 1, 1, 1 })
  t.equal(net:rewire(1, { keep = weights:lt(1), from = {}, to = {} }, 4), 0)
  t.equal(net:links(1), layer.links)
  t.raises("net:rewire: .*is there already", function() net:rewire(1, { from = net:layer(1).from:slice(1, 1), to = net:layer(1).to:slice(1, 1) }, 5) end)
  t.raises("net:rewire: layer 1 would be left without a link", function() net:rewire(1, { keep = weights:lt(-1e9):pick(weights:lt(1)), from = {}, to = {} }, 5) end)
  t.raises("'from' and 'to' go together", function() net:rewire(1, { from = { 1 } }, 5) end)
  t.raises("unknown option 'keeps' %(did you mean 'keep'%?%)", function() net:rewire(1, { keeps = keep }, 5) end)
  t.raises("'keep' must be a vector of booleans, not of floats", function() net:rewire(1, { keep = weights }, 5) end)
end)

t.test("cells drawn by weights: of units that have some, the same for a seed whatever the script", function()
  local function grown(threads, grow)
    local net <close> = make { threads = threads }
    train(net, lab.evolution { prune = magnitude, grow = grow, share = 0.3 })
    return state(net)
  end
  local function by_links(layer, count)
    local below = layer.from:pick(layer.keep):bincount(layer.n_in) + 1.0
    local from, to = layer:draw_cells(count, below)
    t.equal({ #from, #to, from:kind(), from:min() >= 1, from:max() <= layer.n_in, to:max() <= layer.n_out }, { count, count, "integers", true, true, true })
    return from, to
  end
  math.randomseed(1)
  local one = grown(1, by_links)
  math.randomseed(2)
  t.equal(grown(3, by_links), one)
  grown(1, function(layer, count)   -- drawn in two parts: other cells, as far as chance has it
    local ones = lab.vector.ones(layer.n_in)
    local a, b = layer:draw_cells(count, ones)
    local c, d = layer:draw_cells(count, ones)
    local same = 0
    for k = 1, count do same = same + (a[k] == c[k] and b[k] == d[k] and 1 or 0) end
    t.truthy(same < count / 2)
    return c, d
  end)
  grown(1, function(layer, count)   -- only units 1 to 100 below, unit 5 above or others with weight
    local below, above = {}, {}
    for i = 1, layer.n_in do below[i] = i <= 100 and 1.0 or 0.0 end
    for o = 1, layer.n_out do above[o] = o % 2 == 0 and 2.0 or 0.0 end
    local from, to = layer:draw_cells(count, lab.vector(below), lab.vector(above))
    for k = 1, #from do t.truthy(from[k] <= 100 and to[k] % 2 == 0) end
    return from, to
  end)
  local function fails(pattern, grow) t.raises(pattern, function() grown(1, grow) end) end
  fails("layer:draw_cells: only 0 cells without a link have a weight above 0, and %d+ were asked for", function(layer, count) return layer:draw_cells(count, lab.vector.ones(layer.n_in) * 0.0) end)
  fails("layer:draw_cells: .*3 weights for 500 units", function(layer, count) return layer:draw_cells(count, lab.vector.ones(3)) end)
  fails("layer:draw_cells: .*the weight of unit 1 is %-1", function(layer, count) return layer:draw_cells(count, lab.vector.ones(layer.n_in) * -1.0) end)
  local net <close> = make()
  t.raises("layer:draw_cells draws from an evolution's random stream", function() net:layer(1):draw_cells(1, lab.vector.ones(500)) end)
end)

t.test("errors of a layer's words name them; places that are not there", function()
  local net <close> = make()
  local before = state(net)
  t.raises("^tests/lab/evolve/test_own.lua:%d+: layer:free_places: unit 1 has fewer free places", function()
    train(net, lab.evolution { prune = magnitude, grow = function(layer, count)
      local from = lab.vector.ones(count):integers()
      return from, layer:free_places(from)
    end })
  end)
  t.equal(state(net)[2][1], before[2][1])
  t.raises("layer:missing: ", function() net:layer(1):missing(501) end)
end)

t.done()
