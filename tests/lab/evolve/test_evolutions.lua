-- Evolutions as values: every named method on a small net, its numbers of links, and that threads do not show.
local t = dofile "tests/harness.lua"
local lab = require "lab"
require "lab.util.progress".mode = "none"

local data = lab.data.madelon { train = 200, test = 40, seed = 1 }
local SIZES <const> = { 500, 60, 40, 2 }

-- A wiring of about the given density, the same in each layer.
local function thin(density)
  local state = 1
  local function draw()
    state = state * 6364136223846793005 + 1442695040888963407
    return (state >> 11) / 2.0 ^ 53
  end
  return function(n_in, n_out)
    local from, to = {}, {}
    for i = 1, n_in do
      for o = 1, n_out do
        if draw() < density then from[#from + 1], to[#to + 1] = i, o end
      end
    end
    return from, to
  end
end

local function make(more)
  local o = { 500, 60, 40, 2, wiring = lab.erdos_renyi { epsilon = 5 }, hidden = "relu", seed = 3, threads = 1, init = "normal" }
  for k, v in pairs(more or {}) do o[k] = v end
  return lab.mlp(o)
end

local function train(net, evolve, more)
  local o = { epochs = 4, batch = 20, lr = 0.05, momentum = 0.9, evolve = evolve }
  for k, v in pairs(more or {}) do o[k] = v end
  local seen = {}
  for epoch in net:epochs(data.train, o) do
    seen[epoch.n] = { epoch.loss, epoch.replaced, net:links(1), net:links(2) }
    t.equal(net.core:check(), nil)
  end
  return seen
end

-- Every layer's links as one text.
local function wiring_of(net)
  local parts = {}
  for l = 1, net:layers() do
    if net:is_sparse(l) then
      local from, to = net:links_of(l)
      local w = net:weights(l)
      for k = 1, #w do parts[#parts + 1] = ("%d %d %d %a"):format(l, from[k], to[k], w[k]) end
    end
  end
  return table.concat(parts, "\n")
end

local constant = {
  set = {}, rigl = { every_steps = 5 }, snfs = { batches = 3 }, dsr = { every_steps = 5 }, gse = { every_steps = 5 }, srigl = { every_steps = 5 },
  ctre = {}, cht = {}, chts = {}, mest = { every = 1 },
}

local function each_method(f)
  for _, name in ipairs { "set", "rigl", "snfs", "dsr", "gse", "srigl", "ctre", "cht", "chts", "mest" } do f(name, lab[name](constant[name])) end
end

t.test("methods that keep the number of links move some of them", function()
  each_method(function(name, evolve)
    local net <close> = make()
    local before, replaced = wiring_of(net), 0
    local all = net:links()
    for _, epoch in ipairs(train(net, evolve)) do replaced = replaced + epoch[2] end
    t.truthy(replaced > 20, name .. " moved " .. replaced)
    t.equal(net:links(), all)
    t.truthy(wiring_of(net) ~= before, name)
    t.equal(net.evolution.name, evolve.name)
  end)
end)

t.test("threads do not show", function()
  each_method(function(name, evolve)
    local one <close> = make()
    local losses, wiring = train(one, evolve), wiring_of(one)
    for threads = 2, 4 do
      local net <close> = make { threads = threads }
      t.equal(train(net, evolve), losses)
      t.truthy(wiring_of(net) == wiring, ("%s with %d threads"):format(name, threads))
    end
  end)
end)

t.test("threads do not show in large layers, which several work on", function()
  local wiring = lab.uniform { density = 0.25, dense_output = true }
  for _, evolve in ipairs { lab.set {}, lab.rigl { every = 1 }, lab.gse { every = 1 }, lab.gse { every = 1, scope = "layer", guide = "sketch" }, lab.chts {}, lab.ctre { subset = 1 },
    lab.srigl { every = 1 }, lab.evolution { prune = lab.prune.random {}, grow = lab.grow.unfired {} } } do
    local first
    for threads = 1, 3 do
      local net <close> = lab.mlp { 500, 600, 300, 2, wiring = wiring, seed = 3, threads = threads, init = "normal", history = true }
      local losses = train(net, evolve, { epochs = 2, batch = 50 })
      local seen = { losses, net:layer(1).weights, net:layer(1).from, net:layer(1).to, net:layer(2).weights, net:layer(2).to }
      first = first or seen
      for i, what in ipairs(seen) do
        if i == 1 then t.equal(what, first[1]) else t.truthy(what == first[i], ("%s, %d threads"):format(evolve.name or evolve.prune.rule, threads)) end
      end
    end
  end
end)

local function density_of(net)
  local links, cells = 0, 0
  for l = 1, 2 do links, cells = links + net:links(l), cells + SIZES[l] * SIZES[l + 1] end
  return links / cells, 1 / cells
end

t.test("methods whose links become fewer end at their density", function()
  for _, case in ipairs { { "granet", { every_steps = 5 } }, { "gmp", { every_steps = 5 } }, { "gmp", { every_steps = 5, scope = "layer" } }, { "granet", { every_steps = 7, scope = "layer" } },
    { "chtss", {} } } do
    case[2].begin, case[2].density = 0.4, 0.05
    local net <close> = make { wiring = { thin(0.4), thin(0.4), lab.dense {} } }
    local seen = train(net, lab[case[1]](case[2]), { epochs = 6 })
    local density, cell = density_of(net)
    t.near(density, 0.05, 2 * cell)
    for n = 2, 6 do t.truthy(seen[n][3] <= seen[n - 1][3] or case[2].scope ~= "layer", case[1]) end
    t.equal(seen[1][1] == seen[1][1], true)
  end
end)

t.test("MEST's two variants: links below the target, or above it", function()
  local net <close> = make()
  local all = net:links()
  train(net, lab.mest { every = 1 })
  t.equal(net:links(), all)
  local above <close> = make()
  local seen = train(above, lab.mest { every = 1, variant = "EM&S" }, { epochs = 5 })
  local first = seen[1][3] + seen[1][4]
  t.truthy(seen[2][3] + seen[2][4] > 1.3 * first, "links grow above the target")
  t.truthy(seen[3][3] + seen[3][4] < seen[2][3] + seen[2][4], "less and less")
  t.equal(seen[5][3] + seen[5][4], first)
end)

t.test("links grow in number, too, and follow a function", function()
  local net <close> = make()
  local before = density_of(net)
  train(net, lab.evolution { prune = lab.prune.magnitude {}, grow = lab.grow.random {}, share = 0.1, links = lab.links.linear { from = before, to = 0.3 } })
  local density, cell = density_of(net)
  t.near(density, 0.3, 2 * cell)
  local back <close> = make()
  train(back, lab.evolution { prune = lab.prune.magnitude {}, grow = lab.grow.random {}, links = function(epoch, epochs) return epoch == epochs - 1 and 0.02 or 0.1 end })
  t.near(density_of(back), 0.02, 2 * cell)
end)

t.test("one order of scores over all layers, and links that change layers", function()
  for _, case in ipairs { { scope = "net" }, { redistribute = "links" }, { redistribute = "gradient" }, { redistribute = "best", grow = lab.grow.gradient {} } } do
    local net <close> = make()
    local first, all = net:links_per_layer(), net:links()
    case.prune, case.grow, case.share = lab.prune.magnitude {}, case.grow or lab.grow.random {}, 0.4
    train(net, lab.evolution(case))
    t.equal(net:links(), all)
    t.equal(net:links(1) == first[1], case.scope == "net")
  end
end)

t.test("RigL's batch of the evolution is not trained on", function()
  local net <close> = make()
  local samples = {}
  for epoch in net:epochs(data.train, { epochs = 2, batch = 20, lr = 0.05, evolve = lab.rigl { every_steps = 5 } }) do samples[epoch.n] = epoch.samples end
  t.equal(samples, { 180, 160 })   -- 20 less at step 5; and at 10 and 15, the last until .75 of 20
end)

t.test("windows: an evolution comes between from and stop", function()
  local when = require "lab.evolve.when"
  local function moments(o, steps, epochs)
    local list = {}
    o.prune = lab.prune.set {}
    for n = 1, epochs do
      for _, slice in ipairs(when.slices(lab.evolution(o), n, steps, epochs)) do
        if slice.moment then list[#list + 1] = { slice.moment.t, slice.moment.number, slice.moment.last } end
      end
    end
    return list
  end
  t.equal(moments({ every = 2 }, 10, 6), { { 20, 3, false }, { 40, 5, true } })
  t.equal(moments({ every = 1, from = 0.5 }, 10, 4), { { 20, 3, false }, { 30, 4, true } })
  t.equal(moments({ every_steps = 7, stop = 0.5 }, 10, 4), { { 7, 2, false }, { 14, 3, true } })
  t.equal(moments({ every_steps = 7, from = 0.6, stop = 0.6 }, 10, 4), {})
  t.equal(moments({ every_steps = 29, stop = 0.29 }, 10, 10), { { 29, 2, true } })   -- 0.29 * 100 is less than 29
end)

local function fails(expected, code)
  local text = "local lab = require 'lab' " .. code
  local chunk = assert(load(text, "@script.lua"))
  local ok, message = pcall(chunk)
  t.truthy(not ok, code)
  t.truthy(tostring(message):find(expected), ("%s\n  does not match %s"):format(tostring(message), expected))
  t.truthy(tostring(message):find "^script.lua:1: ", tostring(message))
end

t.test("a density that nothing can reach, or that leaves a layer without a link, is refused, and the net stays as it was", function()
  for words, evolve in pairs {
    ["lab.evolution: option 'links' gave 0.5 in epoch 2; the layers that evolve have a density of 0.%d+, and nothing grows"] =
      lab.evolution { prune = lab.prune.magnitude {}, links = function() return 0.5 end },
    ["lab.evolution: option 'links': a density of 1e%-06 is 0.0324 links, which leaves none for layer 1"] = lab.gmp { density = 1e-6, begin = 0.1, every_steps = 5 },
    ["lab.evolution: option 'links': a density of 1e%-05 is 0.324 links, which leaves none for layer %d"] =
      lab.evolution { prune = lab.prune.magnitude {}, links = function() return 1e-5 end },
  } do
    local net <close> = make { wiring = thin(0.1) }
    local before = net:links(1) + net:links(2)
    t.raises("test_evolutions.lua:%d+: " .. words, train, net, evolve)
    t.equal(net:links(1) + net:links(2), before)
  end
  local net <close> = make { wiring = thin(0.1) }   -- a few more than were drawn are no matter
  train(net, lab.evolution { prune = lab.prune.magnitude {}, share = 0, links = function() return 0.104 end })
end)

t.test("what is wrong is told at the script's line", function()
  fails("lab.rigl: option 'share' is 1.5, must be at most 1", "lab.rigl { share = 1.5 }")
  fails("option 'stop' is 0.2, before option 'from', 0.5", "lab.evolution { from = 0.5, stop = 0.2 }")
  fails("give 'every' %(epochs%) or 'every_steps', not both", "lab.cht { every = 1, every_steps = 5 }")
  fails("lab.granet: option 'density' is missing", "lab.granet {}")
  fails("option 'density' is 0, must be above 0", "lab.gmp { density = 0 }")
  fails("option 'to' is 1.5, must be at most 1", "lab.links.linear { from = 0.5, to = 1.5 }")
  fails("option 'guide' has no choice 'bond' %(did you mean 'bound'%?%)", "lab.gse { guide = 'bond' }")
  fails("option 'score' has no choice 'CH9'", "lab.cht { score = 'CH9' }")
  fails("option 'delta' must be a number from 0 to below 1", "lab.prune.soft { delta = 1 }")
  fails("takes one number, or { first, last }", "lab.prune.soft { delta = { 0.5 } }")
  fails("'power' goes with 'score'", "lab.prune.soft { power = 2 }")
  fails("takes lab.prune.… { ... } or a function", "lab.evolution { prune = {} }")
  fails("option 'needs' has no choice 'gradient' %(did you mean 'gradients'%?%)", "lab.evolution { needs = { 'gradient' } }")
  fails("needs a rule that scores links", "lab.evolution { prune = lab.prune.set {}, scope = 'net' }")
  fails("'links' needs 'shrink'", "lab.evolution { prune = function() end, links = lab.links.linear { from = 0.5, to = 0.1 } }")
  fails("option 'links' takes lab.links", "lab.evolution { links = { from = 1 } }")
  fails("nothing would ever change", "lab.evolution {}")
  fails("lab.gmp: the density of links would rise from 0.1 to 0.6, and nothing grows", "lab.gmp { density = 0.6, begin = 0.1 }")
  fails("nothing would ever change", "lab.evolution { grow = lab.grow.random {} }")
  fails("not a rule for 'grow'", "lab.evolution { prune = lab.grow.random {} }")
  fails("'prune': write lab.prune.set {}, with braces", "lab.evolution { prune = lab.prune.set }")
  fails("fan_in prunes, too", "lab.evolution { prune = function() end, grow = lab.grow.fan_in {} }")
  fails("there is no 'percolate'", "lab.evolution { prune = function() end, percolate = 2 }")
  fails("'returns' must be true", "lab.evolution { prune = lab.prune.set {}, grow = function() end, returns = false }")
  fails("no batch would be trained on", "lab.rigl { every_steps = 1 }")
end)

t.test("a layer that has stopped stays as it is, also between two others", function()
  local net <close> = lab.mlp { 500, 60, 50, 40, 2, wiring = lab.erdos_renyi { epsilon = 5, dense_output = true }, seed = 1, threads = 2 }
  local from, to = net:links_of(2)
  local first, links = net:links_of(1), net:links_per_layer()
  for epoch in net:epochs(data.train, { epochs = 4, batch = 20, lr = 0.05, evolve = lab.cht {} }) do
    if epoch.n == 1 then net.evolving = { base = links, stopped = { false, true, false, false } } end
  end
  t.equal({ net:links_of(2) }, { from, to })
  t.equal(net:links_per_layer(), links)
  t.truthy(not pcall(t.equal, (net:links_of(1)), first))
end)

t.test("what an evolution remembers is not another's", function()
  local net <close> = make()
  train(net, lab.dsr { every_steps = 5 })
  local threshold = net.evolving.threshold
  t.truthy(threshold)
  train(net, lab.set {})
  t.equal(net.evolving.threshold, nil)
  train(net, lab.dsr { every_steps = 5 })
  train(net, lab.dsr { every_steps = 5 })
  t.truthy(net.evolving.threshold)
end)

t.test("an evolution that never comes, and a net of another density, are noted", function()
  local progress, notes = require "lab.util.progress", {}
  local real = progress.note
  progress.note = function(text) notes[#notes + 1] = text end
  local net <close> = make()
  train(net, lab.rigl {})
  train(net, lab.granet { density = 0.01, every_steps = 5 })
  progress.note = real
  local all = table.concat(notes, "\n")
  t.truthy(all:find "the wiring never changes: RigL comes every 100 steps, and the training has 40 steps in 4 epochs", all)
  t.truthy(all:find "the layers that evolve have the density .*, and their number of links is to begin at 0.5", all)
end)

t.test("links cannot become fewer by a rule that has no scores, nor grow unfired without a history", function()
  local net <close> = make()
  local ok, why = pcall(train, net, lab.evolution { prune = lab.prune.set {}, grow = lab.grow.random {}, links = lab.links.linear { from = 0.05, to = 0.01 } })
  t.truthy(not ok and tostring(why):find "takes a rule that scores links", tostring(why))
  ok, why = pcall(train, net, lab.evolution { prune = lab.prune.magnitude {}, grow = lab.grow.unfired {} })
  t.truthy(not ok and tostring(why):find "history = true", tostring(why))
end)

t.test("a layer that is full gives what is too much to the others", function()
  local net <close> = lab.mlp { 500, 60, 40, 2, wiring = { lab.uniform { density = 0.1 }, lab.uniform { density = 0.9 }, lab.dense {} }, seed = 1 }
  train(net, lab.evolution { prune = lab.prune.magnitude {}, grow = lab.grow.random {}, links = lab.links.linear { from = 0.158, to = 0.5 } })
  t.equal(net:links(2), 60 * 40)
  t.near((net:links(1) + net:links(2)) / (500 * 60 + 60 * 40), 0.5, 1e-3)
end)

t.test("no layer is emptied", function()
  local net <close> = make()
  train(net, lab.evolution { prune = lab.prune.magnitude {}, share = 1 })
  t.equal({ net:links(1), net:links(2) }, { 1, 1 })
end)

t.test("a method by its name", function()
  t.equal(lab.method "rigl", lab.rigl {})
  t.equal(lab.method "static", nil)
  fails("lab.method: no method 'rigel' %(did you mean 'rigl'%?%)", "lab.method 'rigel'")
  t.equal(lab.method("granet", { density = 0.1 }), lab.granet { density = 0.1 })
  fails("lab.granet: option 'density' is missing", "lab.method 'granet'")
end)

t.test("a net that has diverged is not rewired", function()
  local net <close> = make()
  local ok, why = pcall(train, net, lab.rigl { every_steps = 5 }, { lr = 1e30 })
  t.equal(ok, false)
  t.truthy(tostring(why):find "diverged: the loss is no longer finite in epoch 1")
end)

t.test("a saved net knows its method, and what the method remembers", function()
  local path = t.tmpdir() .. "/net.npz"
  local net <close> = make()
  train(net, lab.dsr { every_steps = 5 })
  net:save(path)
  local again <close> = lab.load(path)
  t.equal(again.evolution.name, "DSR")
  t.equal(again.evolving, net.evolving)
  t.truthy(again.evolving.threshold ~= 1e-3)
  local text = require "lab.evolve.describe".text(again.evolution)
  t.truthy(text:find "^DSR: prune threshold %(adapt true, value 0%.001%), grow random", text)
end)

t.done()
