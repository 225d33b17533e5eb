-- lab.topology: its words over small nets, against what Lua counts from net:links_of and net:degrees.
local t = dofile "tests/harness.lua"
local lab, store, progress, system = require "lab", require "lab.run.store", require "lab.util.progress", require "lab.c.system"
progress.mode = "none"
local notes = {}
progress.note = function(text) notes[#notes + 1] = text end
local topology = lab.topology

local data = lab.data.madelon { informative = 3, redundant = 3, useless = 14, train = 200, test = 80, seed = 1 }
local function small(given)
  local o = { 20, 16, 10, 2, wiring = lab.erdos_renyi { epsilon = 2 }, seed = 3 }
  for k, v in pairs(given or {}) do o[k] = v end
  return lab.mlp(o)
end
-- One of known links: layers are arrays of { from, to, from, to, ... }.
local function wired(sizes, layers)
  local l = 0
  local o = table.move(sizes, 1, #sizes, 1, { seed = 1 })
  o.wiring = function()
    local from, to = {}, {}
    l = l + 1
    for k = 1, #layers[l], 2 do from[#from + 1], to[#to + 1] = layers[l][k], layers[l][k + 1] end
    return from, to
  end
  return lab.mlp(o)
end

-- ---- what leads from inputs to outputs ----------------------------------------------------------

-- Unit 3 of level 1 has no link out, unit 4 none in, unit 5 neither; input 3 has none.
local known = { 1, 1, 1, 2, 2, 1, 2, 3 }
local function dead_ends() return wired({ 3, 5, 2 }, { known, { 1, 1, 1, 2, 2, 2, 4, 1 } }) end

t.test("units and links that lead nowhere", function()
  local net <close> = dead_ends()
  t.equal(topology.dead(net), { no_in = { 0, 2, 0 }, no_out = { 1, 2, 0 }, either = { 1, 3, 0 } })
  t.near(topology.active(net), (2 + 3 + 2) / 10)
  local effective = topology.effective(net)
  t.equal(effective.links, { 3, 3 })
  t.near(effective.density[1], 3 / 15)
  t.near(effective.total, 6 / 25)
  t.equal(topology.compressed(net), { units = { 2, 2, 2 }, once = { 2, 2, 2 } })
end)

t.test("one walk from below leaves what only the walk back would find", function()
  local net <close> = wired({ 2, 2, 2, 1 }, { { 1, 1, 2, 2 }, { 1, 1, 2, 2 }, { 1, 1 } })
  t.equal(topology.compressed(net), { units = { 1, 1, 1, 1 }, once = { 2, 2, 1, 1 } })
end)

t.test("paths", function()
  local net <close> = dead_ends()
  t.equal(topology.paths(net).digits, "5")   -- 1-1-1 1-1-2 1-2-2 2-1-1 2-1-2
  t.near(topology.paths(net).log10, math.log(5, 10))
  t.near(topology.paths(net).share_of_dense, 5 / 30)
  t.equal(#topology.path_shares(net, 0), 3)
  for u, share in ipairs { 3 / 5, 2 / 5, 0 } do t.near(topology.path_shares(net, 0)[u], share) end
  for u, share in ipairs { 4 / 5, 1 / 5, 0, 0, 0 } do t.near(topology.path_shares(net, 1)[u], share) end
  local none <close> = wired({ 2, 2, 2 }, { { 1, 1 }, { 2, 1 } })
  t.equal({ topology.paths(none).digits, topology.paths(none).log10, topology.paths(none).share_of_dense }, { "0", nil, 0.0 })
  t.equal(topology.path_shares(none, 1), { 0.0, 0.0 })
  local sizes = { wiring = lab.dense {}, seed = 1 }
  for l = 1, 30 do sizes[l] = 10 end
  local deep <close> = lab.mlp(sizes)
  t.equal(topology.paths(deep).digits, "1" .. ("0"):rep(30))
  t.near(topology.paths(deep).share_of_dense, 1, 1e-9)
end)

-- ---- layers --------------------------------------------------------------------------------------

t.test("degrees: spread, in and out", function()
  local net <close> = small()
  for layer = 1, 3 do
    for _, side in ipairs { "in", "out" } do
      local d, sum, squares, gini = net:degrees(layer, side), 0, 0, 0
      table.sort(d)
      for _, x in ipairs(d) do sum = sum + x end
      for k, x in ipairs(d) do squares, gini = squares + (x - sum / #d) ^ 2, gini + (2 * k - #d - 1) * x end
      local spread = topology.spread(net, layer, side)
      t.near(spread.cv, math.sqrt(squares / #d) / (sum / #d))
      t.near(spread.gini, gini / (#d * sum))
      t.near(spread.largest_over_mean, d[#d] / (sum / #d))
    end
  end
  for level = 1, 2 do
    local want = lab.correlation(net:degrees(level, "in"), net:degrees(level + 1, "out")).spearman
    if want then t.near(topology.in_out(net, level), want) else t.equal(topology.in_out(net, level), nil) end
  end
end)

t.test("assortativity", function()
  local net <close> = small()
  local from, to = net:links_of(1)
  local below, above, x, y = net:degrees(1, "out"), net:degrees(1, "in"), {}, {}
  for k in ipairs(from) do x[k], y[k] = below[from[k]], above[to[k]] end
  local a = topology.assortativity(net, 1)
  t.near(a.once, lab.correlation(x, y).pearson)
  for k in ipairs(from) do x[#from + k], y[#from + k] = y[k], x[k] end
  t.near(a.both, lab.correlation(x, y).pearson)
  t.equal(topology.assortativity(net, 3), { once = nil, both = -1.0 })   -- dense, 10 to 2
end)

t.test("cycles of four, and the spectrum", function()
  local net <close> = wired({ 3, 4, 2 }, { { 1, 2, 1, 3, 1, 4, 2, 2, 2, 4, 3, 1, 3, 3 }, { 1, 1 } })
  local c4 = topology.c4(net, 1)
  t.equal({ c4.four_cycles, c4.three_paths }, { 1.0, 9.0 })
  t.near(c4.c4, 4 / 9)
  local p = topology.spectrum(net, 1)
  t.near(p.mu1, 2.18890106, 1e-6)
  t.near(p.mu2, math.sqrt(2), 1e-6)
  t.near(p.delta_r, math.sqrt(7 / 3 - 1) + math.sqrt(7 / 4 - 1) - p.mu2)
  t.equal(p.valid, false)
end)

t.test("a dense layer is what its links say", function()
  local dense <close> = lab.mlp { 5, 4, 2, wiring = lab.dense {}, seed = 1 }
  local all, links = {}, {}
  for i = 1, 5 do for o = 1, 4 do all[#all + 1], all[#all + 2] = i, o end end
  for i = 1, 4 do for o = 1, 2 do links[#links + 1], links[#links + 2] = i, o end end
  local full <close> = wired({ 5, 4, 2 }, { all, links })
  for _, word in ipairs { "dead", "active", "effective", "compressed", "paths", "columns" } do t.equal(topology[word](dense), topology[word](full)) end
  for _, word in ipairs { "assortativity", "c4" } do t.equal(topology[word](dense, 1), topology[word](full, 1)) end
  local p, q = topology.spectrum(dense, 1), topology.spectrum(full, 1)
  for _, name in ipairs { "mu1", "mu2", "delta_s", "delta_r" } do t.near(p[name], q[name], 1e-5) end
  t.equal(topology.jaccard(dense, full, 1), 1.0)
  t.equal(topology.distance(dense, full).mean, 0.0)
end)

t.test("columns can be logged", function()
  store.directory = t.tmpdir() .. "/runs"
  local record = lab.runs { "logged", run = function(run)
    local net <close> = small()
    for epoch in net:epochs(data.train, { epochs = 2, batch = 20, lr = 0.05, evolve = lab.set { zeta = 0.3 } }) do
      local row = lab.topology.columns(net)
      row.epoch = epoch.n
      run:log(row)
    end
  end }[1]
  t.equal({ record.status, record.why }, { "done", nil })
  t.equal(#record:rows(), 2)
  t.truthy(record:rows()[2].gini_in_1 > 0 and record:rows()[2].dead_4 == 0)
end)

-- ---- two nets -------------------------------------------------------------------------------------

t.test("nets read back are nets, and the distance to oneself is 0", function()
  local net <close> = small()
  local path = t.tmpdir() .. "/net.npz"
  net:save(path)
  for _ in net:epochs(data.train, { epochs = 3, batch = 20, lr = 0.05, evolve = lab.set { zeta = 0.3 } }) do end
  local young <close> = lab.load(path)
  local again <close> = lab.load(path)
  t.equal(topology.distance(young, again).mean, 0.0)
  t.equal(topology.jaccard(young, again, 1), 1.0)
  local d = topology.distance(net, young)
  t.truthy(d.mean > 0.1 and d.mean < 1 and #d.layers == 3 and d.layers[3] == 0)
  t.equal(topology.distance(net, young, { units = 5, seed = 2 }), topology.distance(net, young, { units = 5, seed = 2 }))
  local seen, common, from, to = {}, 0, net:links_of(1)
  for k in ipairs(from) do seen[from[k] * 100 + to[k]] = true end
  from, to = young:links_of(1)
  for k in ipairs(from) do common = common + (seen[from[k] * 100 + to[k]] and 1 or 0) end
  t.near(topology.jaccard(net, young, 1), common / (net:links(1) + young:links(1) - common))
end)

-- ---- nulls ----------------------------------------------------------------------------------------

t.test("nulls keep what they say, and everything else", function()
  local net <close> = small { hidden = "srelu" }
  for _ in net:epochs(data.train, { epochs = 2, batch = 20, lr = 0.05, momentum = 0.9, evolve = lab.set { zeta = 0.3 } }) do end
  local weights, links = net:weights(1), { net:links_of(1) }
  for _, kind in ipairs { "random", "swaps", "weights" } do
    local null <close> = topology.null(net, 1, kind, 7)
    local again <close> = topology.null(net, 1, kind, 7)
    local other <close> = topology.null(net, 1, kind, 8)
    t.equal(null.core:check(), nil)
    t.equal(null:links_per_layer(), net:links_per_layer())
    t.equal({ null:weights(1), { null:links_of(1) } }, { again:weights(1), { again:links_of(1) } })
    t.truthy(kind == "weights" or topology.jaccard(null, net, 1) < 0.5 and topology.jaccard(null, other, 1) < 0.5)
    t.equal({ null:weights(2), { null:links_of(2) }, null:biases(1), null:activation_parameters(1), null.epoch },
      { net:weights(2), { net:links_of(2) }, net:biases(1), net:activation_parameters(1), 2 })
    t.equal(null:degrees(1, "in"), kind == "random" and null:degrees(1, "in") or net:degrees(1, "in"))
    if kind == "weights" then
      local mine, theirs = null:weights(1), net:weights(1)
      t.equal({ null:links_of(1) }, links)
      table.sort(mine)
      table.sort(theirs)
      t.equal(mine, theirs)
    end
    t.truthy(null:accuracy(data.test) >= 0)
    for epoch in null:epochs(data.train, { epochs = 1, batch = 20, lr = 0.05 }) do t.truthy(epoch.loss > 0) end
  end
  t.equal({ net:weights(1), { net:links_of(1) } }, { weights, links })   -- the net itself is as it was
  local all <close> = topology.null(net, nil, "swaps", 1)
  t.truthy(topology.jaccard(all, net, 1) < 0.5 and topology.jaccard(all, net, 2) < 1)
end)

-- ---- a track --------------------------------------------------------------------------------------

-- What a table of all cells says.
local function table_of(net, layer)
  local from, to = net:links_of(layer)
  local cells = {}
  for k in ipairs(from) do cells[from[k] * 1000 + to[k]] = true end
  return cells
end
local function count(cells, keep)
  local n = 0
  for cell in pairs(cells) do n = n + (keep(cell) and 1 or 0) end
  return n
end

t.test("looks count what is tried, what goes and what comes back", function()
  local net <close> = small()
  local track <close> = topology.track(net)
  local first, before, ever, gone, regrown = table_of(net, 1), table_of(net, 1), table_of(net, 1), 0, 0
  t.equal({ track:last().epoch, track:last().born, track:last().jaccard_first }, { 0, 0, 1.0 })
  for epoch in net:epochs(data.train, { epochs = 12, batch = 20, lr = 0.05, evolve = lab.set { zeta = 0.3 } }) do
    local look, now = track:look(), table_of(net, 1)
    local born = count(now, function(c) return not before[c] end)
    local tried = count(now, function(c) return not ever[c] end)
    gone, regrown = gone + count(before, function(c) return not now[c] end), regrown + born - tried
    for cell in pairs(now) do ever[cell] = true end
    local l = look.layers[1]
    t.equal({ look.epoch, l.born, l.tried, l.regrown, l.ever }, { epoch.n, born, tried, born - tried, count(ever, function() return true end) })
    t.near(l.rs, l.ever / 320)
    local common = count(now, function(c) return first[c] end)
    t.near(l.jaccard_first, common / (l.links + count(first, function() return true end) - common))
    if gone > 0 then t.near(l.regrown_share, regrown / gone) end
    t.equal(look.born, l.born + look.layers[2].born)   -- the output layer is dense
    t.equal({ look.layers[3].rs, look.layers[3].born }, { 1.0, 0 })
    before = now
  end
  local alive, births = {}, track:births(1)
  for _, epoch in ipairs(births) do alive[epoch] = (alive[epoch] or 0) + 1 end
  for i, cohort in ipairs(track:cohorts(1)) do
    t.equal({ cohort.epoch, cohort.alive }, { i - 1, alive[i - 1] or 0 })
    t.truthy(cohort.alive <= cohort.born)
  end
  t.equal(#births, net:links(1))
end)

t.test("looks agree with what a net remembers, whose null remembers nothing", function()
  local net <close> = small { history = true }
  local track <close> = topology.track(net)
  for _ in net:epochs(data.train, { epochs = 6, batch = 20, lr = 0.05, evolve = lab.set { zeta = 0.3 } }) do
    t.equal(track:look().layers[1].ever, net:cells_tried(1))
  end
  local null <close> = topology.null(net, 1, "swaps", 1)
  t.equal({ null:links(1), null.options.history, null.core:check() }, { net:links(1), false, nil })
  for _, text in ipairs(notes) do t.truthy(not text:find "16 of the 16 units", text) end   -- said of links that are not there yet
end)

t.test("looks now and then, and looks that are missing", function()
  local net <close> = small()
  local track <close> = topology.track(net, { every = 2 })
  for epoch in net:epochs(data.train, { epochs = 6, batch = 20, lr = 0.05 }) do
    if epoch.n % 2 == 0 then t.equal(track:look().epoch, epoch.n) end
  end
  t.equal(track.epochs, { 0, 2, 4, 6 })
  for _ in net:epochs(data.train, { epochs = 3, batch = 20, lr = 0.05 }) do end
  t.raises("test_topology.lua:%d+: track:look: a look is missing: the last was after epoch 6, the net has now trained 9, and every = 2", function() track:look() end)
  t.equal(track.epochs, { 0, 2, 4, 6 })
end)

t.test("a run that goes on from a checkpoint is told that looks are missing", function()
  store.directory = t.tmpdir() .. "/runs"
  local at = setmetatable({ stop = true }, { __key = function() return "at" end })
  local function run_function(run)
    local inside = require "lab"
    local net <close> = inside.mlp { 20, 16, 2, wiring = inside.erdos_renyi { epsilon = 2 }, seed = 3 }
    local track <close> = inside.topology.track(net)
    for epoch in net:epochs(data.train, { epochs = 6, batch = 20, lr = 0.05, evolve = inside.set { zeta = 0.3 }, checkpoint = { run = run, every = 2 } }) do
      run:log { epoch = epoch.n, rs = track:look().rs }
      if at.stop and epoch.n == 5 then at.stop = nil system.interrupt_me() end
    end
  end
  t.raises("^interrupted!$", function() return lab.runs { "tracked", run = run_function } end)
  system.forget_interrupt()
  local record = lab.runs { "tracked", run = run_function }[1]
  t.equal(record.status, "failed")
  t.truthy(record.why:find "a look is missing: the last was after epoch 0, the net has now trained 5")
end)

-- ---- what is refused -------------------------------------------------------------------------------

t.test("errors name the script's line and what was expected", function()
  local net <close> = small()
  local other <close> = small { 20, 15 }
  local closed = small()
  closed:close()
  t.raises("test_topology.lua:%d+: lab.topology.dead: argument 1 must be a net, such as lab.mlp and lab.load give, not a number", function() topology.dead(7) end)
  t.raises("lab.topology.c4: argument 2: no such layer", function() topology.c4(net, 4) end)
  t.raises("lab.topology.c4: argument 2: number expected", function() topology.c4(net) end)
  t.raises("lab.topology.spread: argument 3: invalid option 'both'", function() topology.spread(net, 1, "both") end)
  t.raises("lab.topology.in_out: argument 2: no such level", function() topology.in_out(net, 3) end)
  t.raises("lab.topology.path_shares: argument 2: no such level", function() topology.path_shares(net, 4) end)
  t.raises("lab.topology.active: the net is closed", function() topology.active(closed) end)
  t.raises("lab.topology.distance: level 1 of the nets has 16 units and 15: they must be of the same sizes", function() topology.distance(net, other) end)
  t.raises("lab.topology.jaccard: argument 2 must be a net", function() topology.jaccard(net, nil, 1) end)
  t.raises("lab.topology.distance: option 'units' is 1001", function() topology.distance(net, net, { units = 1001 }) end)
  t.raises("test_topology.lua:%d+: lab.topology.null: layer 3 is dense", function() local null = topology.null(net, 3, "swaps", 1) return null end)
  t.raises('lab.topology.null: argument 3 must be "random", "swaps" or "weights", not \'swap\'', function() return topology.null(net, 1, "swap", 1) end)
  t.raises("lab.topology.null: argument 4 must be a seed, a whole number, not nil", function() return topology.null(net, 1, "swaps") end)
  t.raises("lab.topology.null: the net is closed", function() return topology.null(closed, 1, "swaps", 1) end)
  t.raises("lab.topology has no word 'spectra' %(did you mean 'spectrum'", function() return topology.spectra end)
  t.raises("lab.topology.track: unknown option 'evry'", function() return topology.track(net, { evry = 1 }) end)
  local track <close> = topology.track(net)
  t.raises("track:births: layer 3 is dense", function() track:births(3) end)
  t.raises("track:cohorts: argument 1: no such layer", function() track:cohorts(4) end)
  t.raises("a track has no 'lok'", function() return track.lok end)
  t.raises("write track:look%(...%), with a colon", function() track.look() end)
  track:close()
  t.raises("track:look: the track is closed", function() track:look() end)
end)

t.test("threads do not show", function()
  local function all(threads)
    local net <close> = lab.mlp { 300, 400, 100, 10, wiring = lab.erdos_renyi { epsilon = 10 }, seed = 1, threads = threads }
    local null <close> = topology.null(net, nil, "swaps", 1)
    return { topology.columns(net), topology.c4(net, 1), topology.spectrum(net, 1), topology.distance(net, null, { units = 100 }) }
  end
  local one = all(1)
  for threads = 2, 4 do t.equal(all(threads), one) end
end)

t.done()
