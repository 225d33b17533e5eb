-- The words for wirings: counts of links, what is refused and at which line, and what decides a run's key.
local t = dofile "tests/harness.lua"
local lab = require "lab"
local canonical = require "lab.run.canonical"
local engine = require "lab.c.net"
local progress = require "lab.util.progress"
progress.mode = "none"
local notes = {}
progress.note = function(text) notes[#notes + 1] = text end
local dir = t.tmpdir()

local data = lab.data.madelon { train = 300, test = 100, informative = 4, redundant = 4, useless = 12, seed = 3 }

local function make(wiring, more)
  local o = { 20, 30, 40, 5, wiring = wiring, seed = 1 }
  for k, v in pairs(more or {}) do o[k] = v end
  return lab.mlp(o)
end

local function links(wiring, more)
  local net <close> = make(wiring, more)
  t.equal(net.core:check(), nil)
  return net:links_per_layer()
end

-- The call at line 2 of a script fails there with words like these.
local function fails(pattern, code, names)
  local environment = setmetatable(names or {}, { __index = { lab = lab, data = data, make = make } })
  t.raises("^script.lua:2: .*" .. pattern, assert(load("\n" .. code, "=script.lua", "t", environment)))
end

local function kept(cells, density) return cells - math.floor((1 - density) * cells + 1e-6) end

t.test("one density for all layers, by ER", function()
  local got = links(lab.erdos_renyi { density = 0.2 })
  local d = engine.densities({ 20, 30, 40 }, { 30, 40, 5 }, 0.2, 1)
  t.equal(got, { kept(600, d[1]), kept(1200, d[2]), kept(200, d[3]) })
  t.near(got[1] + got[2] + got[3], 0.2 * 2000, 3)
  t.truthy(d[3] > d[1] and d[1] > d[2])
  t.equal(links(lab.erdos_renyi { density = 0.2, power = 0 }), links(lab.uniform { density = 0.2 }))
end)

t.test("layers for which the density is too high are dense, and that is said", function()
  notes = {}
  local net <close> = make(lab.erdos_renyi { density = 0.6 }, { seed = 1 })
  t.truthy(not net:is_sparse(3) and net:is_sparse(2))
  t.near(net:links(), 1200, 3)
  t.truthy(notes[1]:find "layer of 40 to 5 units has every link: it is too small to be sparse at an overall density of 0.6", notes[1])
end)

t.test("a wiring given for some layers is one density of those", function()
  local er = lab.erdos_renyi { density = 0.1 }
  local got = links { er, er, lab.dense {} }
  t.near(got[1] + got[2], 0.1 * 1800, 2)
  t.equal(got[3], 200)
  t.equal(links(lab.erdos_renyi { density = 0.1, dense_output = true }), got)
  -- Two values are two densities.
  t.equal(links { lab.erdos_renyi { density = 0.1 }, lab.erdos_renyi { density = 0.5 }, lab.dense {} }, { 60, 600, 200 })
end)

t.test("with epsilon each cell has its chance, unless exact counts are asked for", function()
  local p = engine.density(3, 20, 30)
  t.equal(links(lab.erdos_renyi { epsilon = 3, exact = true })[1], kept(600, p))
  t.equal(getmetatable(lab.erdos_renyi { epsilon = 3 }), nil)
  t.equal(lab.erdos_renyi { epsilon = 3, exact = false }, { kind = "erdos_renyi", epsilon = 3 })
  local counts = {}
  for seed = 1, 10 do counts[links(lab.erdos_renyi { density = 0.2, exact = false }, { seed = seed })[2]] = true end
  t.truthy(next(counts, (next(counts))), "the same number ten times")
end)

t.test("uniform, and a dense output", function()
  t.equal(links(lab.uniform { density = 0.1 }), { 60, 120, 20 })
  t.equal(links(lab.uniform { density = 0.1, dense_output = true }), { 60, 120, 200 })
  t.equal(links(lab.uniform { density = 0.0333 }), { kept(600, 0.0333), kept(1200, 0.0333), kept(200, 0.0333) })
  t.equal(links(lab.uniform { density = 1 }), { 600, 1200, 200 })
end)

t.test("constant fan-in", function()
  local net <close> = make(lab.fan_in { links = 4 })
  for l = 1, 3 do for _, d in ipairs(net:degrees(l, "in")) do t.equal(d, 4) end end
  t.equal(links(lab.fan_in { density = 0.11, dense_output = true }), { 3 * 30, 4 * 40, 200 })
  fails("lab.fan_in: layer 1, of 20 to 30 units: 21 links for each unit are more than there are inputs", "make(lab.fan_in { links = 21 })")
  fails("'links' or 'density' must be given, not both", "lab.fan_in { links = 3, density = 0.1 }")
end)

t.test("shapes have exact counts, and the same with any number of threads", function()
  for _, wiring in ipairs { lab.small_world { density = 0.15 }, lab.receptive_field { density = 0.15, degrees = "random" }, lab.scale_free { density = 0.15 },
    lab.receptive_field { density = 0.15, randomness = 0 } } do
    t.equal(links(wiring), { 90, 180, 30 })
    local one <close> = make(wiring, { threads = 1 })
    local four <close> = make(wiring, { threads = 4 })
    for l = 1, 3 do t.equal({ four:links_of(l) }, { one:links_of(l) }) end
  end
end)

t.test("local on images", function()
  local near = lab.receptive_field { density = 0.2, randomness = 0, image = { height = 2, width = 5, channels = 2 } }
  local net <close> = make { near, lab.uniform { density = 0.2 }, lab.dense {} }
  t.equal(net:links_per_layer(), { 120, 240, 200 })
  local from, to = net:links_of(1)
  local of_first = {}   -- the first unit lies at the first pixel: the nearest pixels are 1, 2 and 6, each with two channels
  for k = 1, #to do if to[k] == 1 then of_first[#of_first + 1] = from[k] end end
  table.sort(of_first)
  local allowed = { [1] = true, [2] = true, [6] = true, [11] = true, [12] = true, [16] = true }
  for _, i in ipairs(of_first) do t.truthy(allowed[i], i) end
  fails("layer 2, of 30 to 40 units: an image of 2 x 5 pixels with 2 channels has 20 inputs", "make(near)", { near = near })
end)

t.test("correlated inputs", function()
  local wiring = lab.correlated { data = data.train, density = 0.1, dense_output = true }
  local net <close> = lab.mlp { 20, 20, 40, 2, wiring = wiring, seed = 1 }
  t.equal(net:links_per_layer(), { 40, 80, 80 })
  local from, to, useful = net:links_of(1)
  useful = 0
  for k = 1, #from do useful = useful + (from[k] <= 8 and to[k] <= 8 and 1 or 0) end   -- informative and redundant features go together
  t.truthy(useful > 30, useful)
  fails("lab.correlated: layer 1, of 20 to 30 units: both sides must be multiples of the data's 20 features", "make(w)", { w = wiring })
  fails("option 'data' takes a split", "lab.correlated { data = {}, density = 0.1 }")
end)

t.test("a density that empties a layer is an error that names it", function()
  fails("lab.uniform: layer 1, of 20 to 30 units: no link is left at this density", "make(lab.uniform { density = 1e-12 })")
  fails("lab.erdos_renyi: layer 1, of 20 to 30 units: no link is left at this density", "make(lab.erdos_renyi { density = 1e-12 })")
  fails("option 'density' is 1.5, must be at most 1", "lab.small_world { density = 1.5 }")
  fails("option 'density' is 0, must be above 0", "lab.erdos_renyi { density = 0 }")
  fails("'epsilon' or 'density' must be given$", "lab.erdos_renyi {}")
  fails("'epsilon' or 'density' must be given, not both", "lab.erdos_renyi { epsilon = 3, density = 0.1 }")
  fails("option 'power' goes with 'density'", "lab.erdos_renyi { epsilon = 3, power = 2 }")
end)

-- ---- links of a file ----

local function file(name, text)
  t.write(dir .. "/" .. name, text)
  return dir .. "/" .. name
end

t.test("links of a file", function()
  local net <close> = make { lab.links_of { file = file("a.csv", "from,to\n0,0\n19,29\n3,7\n") }, lab.dense {}, lab.dense {} }
  local from, to = net:links_of(1)
  t.equal({ from, to }, { { 1, 4, 20 }, { 1, 8, 30 } })
  local one <close> = make { lab.links_of { file = file("b.csv", "1;1\n20;30\n4;8\n"), base = 1 }, lab.dense {}, lab.dense {} }
  t.equal({ one:links_of(1) }, { net:links_of(1) })
end)

t.test("wrong rows are told by file, line and what was expected", function()
  local layer = "make { lab.links_of { file = file }, lab.dense {}, lab.dense {} }"
  for text, pattern in pairs { ["0,0\n1,x\n"] = "a.csv:2:3: 'x' is not a unit number, expected a whole number from 0 on",
    ["0,0\n1.5,2\n"] = "a.csv:2:1: '1.5' is not a unit number", ["0,0\n1,-2\n"] = "a.csv:2:3: '%-2' is not a unit number",
    ["0,0\n\n1,2,3\n"] = "a.csv:%d:1: the row has 3 fields, expected two", ["from,to\n"] = "a.csv: it holds no link" } do
    fails("lab.links_of: .*" .. pattern, layer, { file = file("a.csv", text) })
  end
  fails("layer 1, of 20 to 30 units: .*a.csv, line 3: the link comes from unit 20, expected one from 0 to 19", layer, { file = file("a.csv", "from,to\n0,0\n20,0\n") })
  fails("layer 1, of 20 to 30 units: .*a.csv, line 2: the link goes to unit 30, expected one from 0 to 29", layer, { file = file("a.csv", "0,0\n0,30\n") })
  fails("a.csv, line 4: the link was given before, in line 1", layer, { file = file("a.csv", "5,6\n5,7\n6,6\n5,6\n") })
  fails("lab.links_of: .*none.csv", "lab.links_of { file = 'none.csv' }")
  fails("'0' is not a unit number, expected a whole number from 1 on", "lab.links_of { file = file, base = 1 }", { file = file("a.csv", "1,1\n0,1\n") })
end)

local function key(v) return canonical.write(v, "wiring").hash end

t.test("a file's content decides a run's key", function()
  local a = lab.links_of { file = file("k.csv", "0,0\n1,1\n") }
  local same = lab.links_of { file = file("k.csv", "from,to\n0,0\n1,1\n") }
  local other = lab.links_of { file = file("k.csv", "0,0\n1,2\n") }
  t.equal(key(a), key(same))
  t.truthy(key(a) ~= key(other))
end)

-- ---- a pruned net ----

local function largest(net, l, count)
  local from, to = net:links_of(l)
  local w, order = net:weights(l), {}
  for k = 1, #w do order[k] = k end
  table.sort(order, function(a, b) return math.abs(w[a]) > math.abs(w[b]) end)
  local set = {}
  for k = 1, count do set[from[order[k]] .. ">" .. to[order[k]]] = true end
  return set
end

local function cells(net, l)
  local from, to = net:links_of(l)
  local set = {}
  for k = 1, #from do set[from[k] .. ">" .. to[k]] = true end
  return set
end

t.test("pruned by magnitude, layer by layer", function()
  local big <close> = make(lab.uniform { density = 0.5 }, { init = "normal" })
  local wiring = lab.pruned { net = big, density = 0.1 }
  local net <close> = make(wiring, { seed = 2 })
  t.equal(net:links_per_layer(), { 60, 120, 20 })
  for l = 1, 3 do t.equal(cells(net, l), largest(big, l, net:links(l))) end
  fails("layer 1, of 20 to 30 units: the net has 300 links there, of which 480 are to be kept", "lab.pruned { net = big, density = 0.8 }", { big = big })
end)

t.test("pruned by magnitude, all layers together, from a dense net", function()
  local dense <close> = make(lab.dense {}, { init = "he_uniform" })
  local net <close> = make(lab.pruned { net = dense, density = 0.1, scope = "net", dense_output = true })
  local got = net:links_per_layer()
  t.equal({ got[1] + got[2], got[3] }, { 180, 200 })
  t.truthy(got[1] > got[2] // 2 and got[2] > 0, "larger weights have fewer inputs")
  t.truthy(key(lab.pruned { net = dense, density = 0.1 }) == key(lab.pruned { net = dense, density = 0.1 }))
end)

t.test("SNIP looks at the gradient, too", function()
  local dense <close> = make(lab.dense {}, { init = "he_uniform" })
  local snip = lab.pruned { net = dense, density = 0.1, by = "snip", data = data.train, batch = 50 }
  local net <close> = make(snip)
  t.near(net:links(), 200, 0)
  t.truthy(key(snip) ~= key(lab.pruned { net = dense, density = 0.1 }))
  fails("lab.pruned: layer 3, of 40 to 5 units: no link is left at this density", "lab.pruned { net = dense, density = 0.1, scope = 'net' }", { dense = dense })
  fails("needs the option 'data'", "lab.pruned { net = dense, density = 0.1, by = 'snip' }", { dense = dense })
  local dropped <close> = make(lab.dense {}, { dropout = 0.2 })
  fails("needs a net without dropout", "lab.pruned { net = net, density = 0.1, by = 'snip', data = data.train }", { net = dropped })
end)

t.test("a pruned net goes with nets of its sizes", function()
  local dense <close> = make(lab.dense {})
  local wiring = lab.pruned { net = dense, density = 0.1 }
  fails("layer 1, of 20 to 31 units: the net that was pruned has 20 to 30 units there", "lab.mlp { 20, 31, 40, 5, wiring = w, seed = 1 }", { w = wiring })
  fails("option 'net' takes a net", "lab.pruned { net = {}, density = 0.1 }")
end)

-- ---- what a net says and keeps ----

t.test("units that no way leads through are told", function()
  notes = {}
  local function few(n_in, n_out)
    if n_in == 20 then return { 1, 1, 2 }, { 1, 2, 3 } end
    if n_in == 30 then return { 1, 4 }, { 1, 2 } end
    return { 1, 2 }, { 1, n_out }
  end
  local net <close> = make(few)
  t.equal(net.core:cut_off(), { 29, 39 })
  t.equal(notes, { "lab.mlp: 29 of the 30 units of hidden layer 1 lie on no path from an input to an output",
    "lab.mlp: 39 of the 40 units of hidden layer 2 lie on no path from an input to an output" })
  local whole <close> = make(lab.dense {})
  t.equal(whole.core:cut_off(), { 0, 0 })
end)

t.test("saved nets keep the rule of their weights, and newborn links draw as before", function()
  local net <close> = make(lab.uniform { density = 0.2 }, { init = "swi" })
  net:save(dir .. "/net.npz")
  local read <close> = lab.load(dir .. "/net.npz")
  t.equal({ read.options.init, read.init, net.init }, { "swi", "he_normal", "he_normal" })
  local function evolved(n)
    for _ in n:epochs(data.train, { epochs = 2, batch = 20, lr = 0.01, evolve = lab.set { zeta = 0.3 } }) do end
    return { n:links_of(1) }
  end
  t.equal(evolved(read), evolved(net))
end)

t.test("the memory plan counts exact links", function()
  local plan = lab.memory_plan { 20, 30, 40, 5, wiring = lab.small_world { density = 0.15 } }
  t.equal(plan.links, 300)
end)

-- SET and FixProb learn with the defaults, where the scale of a dense layer would leave nearly nothing to learn by.
t.test("the default of init learns on sparse layers", function()
  local digits = lab.data.madelon { train = 600, test = 300, informative = 5, redundant = 10, useless = 5, classes = 4, flip = 0, seed = 5 }
  local function accuracy(init, evolve)
    local net <close> = lab.mlp { 20, 200, 200, 200, 4, wiring = lab.erdos_renyi { epsilon = 2 }, init = init, seed = 1 }
    for _ in net:epochs(digits.train, { epochs = 5, batch = 20, lr = 0.01, momentum = 0.9, evolve = evolve }) do end
    return net:accuracy(digits.test)
  end
  for _, evolve in ipairs { false, lab.set {} } do
    local now, before = accuracy(nil, evolve or nil), accuracy("he_uniform", evolve or nil)
    t.truthy(now > before + 0.1, ("%.3f, and %.3f before"):format(now, before))
  end
end)

t.done()
