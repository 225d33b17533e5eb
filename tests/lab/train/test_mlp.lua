local t = dofile "tests/harness.lua"
local lab = require "lab"
local progress = require "lab.util.progress"
progress.mode = "none"

local data = lab.data.madelon { train = 200, test = 100, informative = 4, redundant = 4, useless = 12, seed = 3 }

-- A net of 20-30-24-2 units; `more` overrides.
local function make(more)
  local o = { 20, 30, 24, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 }
  for k, v in pairs(more or {}) do o[k] = v end
  return lab.mlp(o)
end

local protocol = { epochs = 3, batch = 20, lr = 0.05, momentum = 0.9, weight_decay = 2e-4 }
local function with(more)
  local o = {}
  for k, v in pairs(protocol) do o[k] = v end
  for k, v in pairs(more or {}) do o[k] = v end
  return o
end

-- All epochs' results; `net` stays open.
local function train(net, more)
  local seen = {}
  for epoch in net:epochs(data.train, with(more)) do seen[#seen + 1] = epoch end
  return seen
end

-- Runs a script of several lines, the last of which must fail there with words like `pattern`.
local function fails(pattern, ...)
  local lines = { ... }
  local code = "local lab, data, make, with, net = ...\n" .. table.concat(lines, "\n")
  local net <close> = make()
  t.raises("^script.lua:" .. #lines + 1 .. ": .*" .. pattern, assert(load(code, "@script.lua")), lab, data, make, with, net)
end

-- ---- making ----

t.test("options of lab.mlp are checked at the script's line", function()
  fails("lab.mlp: unknown option 'wirring' %(did you mean 'wiring'%?%)", "local x = 1", "lab.mlp { 2, 2, wirring = x, seed = 1 }")
  fails("option 'wiring' is missing", "lab.mlp { 2, 2, seed = 1 }")
  fails("option 'seed' is missing", "lab.mlp { 2, 2, wiring = lab.dense {} }")
  fails("option 'hidden' has no choice 'rely' %(did you mean 'relu'%?%)", "make { hidden = 'rely' }")
  fails("option 'init' has no choice 'he'", "make { init = 'he' }")
  fails("option 'loss' has no choice 'mes' %(did you mean 'mse'%?%)", "make { loss = 'mes' }")
  fails("option 'dropout' is 1, must be below 1", "make { dropout = 1 }")
  fails("option 'dropout' is not a number %(NaN%)", "make { dropout = 0/0 }")
  fails("option 'slope' must be finite", "make { hidden = 'leaky_relu', slope = -1/0 }")
  fails("option 'slope' belongs to leaky_relu and all_relu, not to 'tanh'", "make { hidden = 'tanh', slope = 0.5 }")
  fails("option 'slope' belongs to leaky_relu and all_relu, not to 'srelu'", "make { hidden = 'srelu', slope = 0.5 }")
  fails("option 'output' has no choice 'all_relu'", "make { hidden = 'all_relu', loss = 'mse', output = 'all_relu' }")
  fails("option 'hidden' has no choice 'sreul' %(did you mean 'srelu'%?%)", "make { hidden = 'sreul' }")
  fails("option 'threads' is 0, must be at least 1", "make { threads = 0 }")
  fails("option 'seed' must be integer, not 1.5", "make { seed = 1.5 }")
  fails("option 'precision' has no choice 'bfloat' %(did you mean 'bfloat16'%?%)", "make { precision = 'bfloat' }")
  fails("option 'precision' has no choice 'flaot32' %(did you mean 'float32'%?%)", "make { precision = 'flaot32' }")
  fails("option 'precision' has no choice 'float16'", "make { precision = 'float16' }")
  fails("option 'precision' must be string, not 16", "make { precision = 16 }")
  fails("option 'isa' has no choice", "make { isa = 'mmx' }")
  fails("give the number of units of each level first", "lab.mlp { 5, wiring = lab.dense {}, seed = 1 }")
  fails("level 2 has 0 units", "lab.mlp { 5, 0, 2, wiring = lab.dense {}, seed = 1 }")
  fails("level 1 has 2.5 units", "lab.mlp { 2.5, 2, wiring = lab.dense {}, seed = 1 }")
  fails("level 2 has x units", "lab.mlp { 2, 'x', wiring = lab.dense {}, seed = 1 }")
  fails("level 1 has 1e%+30 units", "lab.mlp { 1e30, 2, wiring = lab.erdos_renyi { epsilon = 1 }, seed = 1 }")
  fails("level 1 has inf units", "lab.mlp { 1/0, 2, wiring = lab.dense {}, seed = 1 }")
  fails("lab.mlp takes one table of options, not number", "lab.mlp(3)")
end)

t.test("losses and outputs go together", function()
  t.raises("the number of units of each level must stand in the call itself, not in a table", function() lab.mlp { { 5, 4, 3 }, wiring = lab.dense {}, seed = 1 } end)
  local _, why = pcall(lab.mlp, { 5, 3, wiring = lab.dense {}, seed = 1, activation = "relu" })
  t.truthy(why:find("known: batch_norm, dropout, hidden", 1, true) and not why:find("positional", 1, true))
  fails("loss 'mse' does not go with output 'softmax'", "make { loss = 'mse', output = 'softmax' }")
  fails("loss 'cross_entropy' does not go with output 'sigmoid'", "make { output = 'sigmoid' }")
  for _, hidden in ipairs(require("lab.c.net").activations) do
    for _, output in ipairs { "linear", "sigmoid", "tanh" } do
      local net <close> = make { hidden = hidden, output = output, loss = "mse" }
      t.truthy(train(net, { epochs = 1 })[1].loss > 0)
    end
  end
end)

t.test("all_relu falls and rises in turn, by its slope", function()
  local file = t.tmpdir() .. "/one.csv"
  local f = assert(io.open(file, "w"))
  f:write("x,class\n0.7,0\n-0.4,0\n")
  f:close()
  local one = lab.data.csv { train = file, test = file, label = "class" }
  local function link() return { 1 }, { 1 } end
  for _, slope in ipairs { false, 0.75, 0, -0.3 } do
    for seed = 1, 4 do
      local net <close> = lab.mlp { 1, 1, 1, 1, 1, hidden = "all_relu", slope = slope or nil, output = "linear", loss = "mse", wiring = link, seed = seed }
      for i, x in ipairs { 0.7, -0.4 } do
        for l = 1, 3 do
          local z, alpha = net:weights(l)[1] * x, slope or 0.6
          x = z > 0 and z or (l % 2 == 1 and -alpha or alpha) * z
        end
        t.near(net:predict(one.train, i)[1], net:weights(4)[1] * x, 1e-6)
      end
    end
  end
end)

t.test("srelu: parameters of each unit, and they train", function()
  for _, wiring in ipairs { lab.erdos_renyi { epsilon = 3 }, lab.dense {} } do
    local net <close> = make { hidden = "srelu", wiring = wiring }
    local links, before = net:links(), net:activation_parameters(1)
    local names = {}
    for name, values in pairs(before) do names[#names + 1] = name; t.equal(#values, 30) end
    table.sort(names)
    t.equal(names, { "a_left", "a_right", "t_left", "t_right" })
    t.equal({ before.t_left[5], before.a_right[5] }, { 0, 1 })
    t.truthy(before.a_left[5] ~= before.a_left[6] and before.t_right[5] ~= before.t_right[6])
    local again <close> = make { hidden = "srelu", wiring = wiring, dropout = 0.2 }
    t.equal(again:activation_parameters(2), net:activation_parameters(2))
    t.truthy(again:activation_parameters(2).a_left[1] ~= before.a_left[1])
    local seen = train(net, { epochs = 8 })
    t.truthy(seen[8].loss < seen[1].loss)
    local after = net:activation_parameters(1)
    for _, name in ipairs { "t_left", "a_left" } do  -- few sums come as far as the right line
      local moved = 0
      for u = 1, 30 do if after[name][u] ~= before[name][u] then moved = moved + 1 end end
      t.truthy(moved > 20, name)
    end
    t.equal(net:links(), links)
    t.equal(net:activation_parameters(3), nil)
  end
  local plain <close> = make()
  t.equal(plain:activation_parameters(1), nil)
  fails("net:activation_parameters: argument 1: no such layer", "net:activation_parameters(4)")
end)

t.test("wirings: one for all layers, an array, a function", function()
  local er = lab.erdos_renyi { epsilon = 2 }
  local one <close> = make { wiring = er }
  local many <close> = make { wiring = { er, er, lab.dense {} } }
  t.equal({ many:is_sparse(1), many:is_sparse(2), many:is_sparse(3) }, { true, true, false })
  t.equal(many:links(1), one:links(1))
  t.equal(many:links(3), 48)
  local function ring(n_in, n_out)
    local from, to = {}, {}
    for i = 1, math.max(n_in, n_out) do from[i], to[i] = (i - 1) % n_in + 1, (i - 1) % n_out + 1 end
    return from, to
  end
  local own <close> = make { wiring = ring }
  t.equal(own:links_per_layer(), { 30, 30, 24 })
  t.equal(own:links(), 84)
  local from, to = own:links_of(3)
  t.equal({ from[1], to[1], from[2], to[2], from[24], to[24] }, { 1, 1, 2, 2, 24, 2 })
  t.equal(own.core:check(), nil)
  fails("2 wirings for 3 layers", "make { wiring = { lab.dense {}, lab.dense {} } }")
  fails("option 'wiring' takes a wiring", "make { wiring = { kind = 'ring' } }")
  fails("option 'wiring' takes a wiring", "make { wiring = { 1, 2, 3 } }")
  fails("option 'wiring' must be table or function, not string", "make { wiring = 'dense' }")
  fails("must return two arrays", "make { wiring = function() return {} end }")
  fails("a link is given twice", "make { wiring = function() return { 1, 1 }, { 2, 2 } end }")
  fails("comes from a unit that is not there", "make { wiring = function() return { 0 }, { 1 } end }")
  fails("goes to a unit that is not there", "make { wiring = function() return { 1 }, { 31 } end }")
  fails("value 1 of 'from' of a wiring is x, not a unit number", "make { wiring = function() return { 'x' }, { 1 } end }")
  fails("value 2 of 'to' of a wiring is 1.5, not a unit number", "make { wiring = function() return { 1, 2 }, { 1, 1.5 } end }")
  fails("value 1 of 'to' of a wiring is nil, not a unit number", "local hole = setmetatable({}, { __len = function() return 1 end })",
    "make { wiring = function() return { 1 }, hole end }")
  fails("a sparse layer has at most 4294967295 links", "local long = setmetatable({}, { __len = function() return 1 << 62 end })",
    "make { wiring = function() return long, long end }")
  fails("gave 2 sources and 1 targets", "make { wiring = function() return { 1, 2 }, { 1 } end }")
  fails("option 'epsilon' is 0, must be above 0", "lab.erdos_renyi { epsilon = 0 }")
  fails("option 'epsilon' must be finite", "lab.erdos_renyi { epsilon = 1/0 }")
  fails("option 'epsilon' or 'density' must be given", "lab.erdos_renyi {}")
  fails("lab.dense: unknown option 'epsilon'", "lab.dense { epsilon = 3 }")
end)

t.test("epsilon too large: the layer is dense, and that is said once", function()
  local told, write = {}, progress.write
  progress.write = function(text) told[#told + 1] = text end
  local first <close> = make { wiring = lab.erdos_renyi { epsilon = 7.7 } }
  local again <close> = make { wiring = lab.erdos_renyi { epsilon = 7.7 } }
  progress.write = write
  t.equal({ first:is_sparse(1), first:is_sparse(2), first:is_sparse(3) }, { true, true, false })
  t.equal(#told, 1)
  t.truthy(told[1]:find("lab.mlp: the layer of 24 to 2 units has every link: it is too small to be sparse at epsilon 7.7", 1, true))
  t.equal(again:links(3), 48)
end)

t.test("epsilon too small: no link, an error", function()
  fails("leaves layer 1, of 20 to 30 units, without a single link; a larger epsilon", "make { wiring = lab.erdos_renyi { epsilon = 1e-9 } }")
  fails("leaves layer 2, of 30 to 24 units", "make { wiring = { lab.dense {}, lab.erdos_renyi { epsilon = 1e-9 }, lab.dense {} } }")
  fails("without a single link", "make { wiring = function() return {}, {} end }")
end)

t.test("no memory is an error, not a crash", function()
  fails("not enough memory", "lab.mlp { 1e9, 1e9, wiring = lab.dense {}, seed = 1 }")
end)

-- ---- training ----

t.test("options of net:epochs are checked at the script's line", function()
  fails("net:epochs: unknown option 'learning_rate'", "net:epochs(data.train, with { learning_rate = 1 })")
  fails("option 'lr' is missing", "net:epochs(data.train, { epochs = 1, batch = 10 })")
  fails("option 'lr' is not a number %(NaN%)", "net:epochs(data.train, with { lr = 0/0 })")
  fails("option 'lr' must be finite", "net:epochs(data.train, with { lr = math.huge })")
  fails("option 'lr' is %-1, must be at least 0", "net:epochs(data.train, with { lr = -1 })")
  fails("option 'lr' gave NaN in epoch 1: it must be a finite number", "net:epochs(data.train, with { lr = function() return 0/0 end })()" )
  fails("option 'lr' gave inf in epoch 1", "for epoch in net:epochs(data.train, with { lr = function() return 1/0 end }) do end")
  fails("option 'lr' gave %-1 in epoch 2", "for epoch in net:epochs(data.train, with { lr = function(n) return n == 1 and 0.1 or -1 end }) do end")
  fails("option 'lr' takes a number, a lab.schedule", "for epoch in net:epochs(data.train, with { lr = { 1 } }) do end")
  fails("option 'momentum' is 1, must be below 1", "net:epochs(data.train, with { momentum = 1 })")
  fails("option 'batch' is 0, must be at least 1", "net:epochs(data.train, with { batch = 0 })")
  fails("option 'epochs' is 0, must be at least 1", "net:epochs(data.train, with { epochs = 0 })")
  fails("option 'decay' has no choice 'l2'", "net:epochs(data.train, with { decay = 'l2' })")
  fails("option 'nesterov' must be boolean", "net:epochs(data.train, with { nesterov = 1 })")
  fails("option 'evolve' takes lab.set", "for epoch in net:epochs(data.train, with { evolve = {} }) do end")
  fails("the first argument must be a split of a data set, such as data.train, not table", "net:epochs(data, with {})")
  fails("the first argument must be a split of a data set, such as data.train, not nil", "net:epochs(data.classes, with {})")
  fails("such as data.train, not userdata", "net:epochs(net.core, with {})")
end)

t.test("data that do not fit the net", function()
  fails("the net has 5 inputs, the data 20 features", "local small <close> = lab.mlp { 5, 2, wiring = lab.dense {}, seed = 1 }", "small:evaluate(data.test)")
  fails("the net has 1 outputs, the data 2 classes", "local small <close> = lab.mlp { 20, 1, wiring = lab.dense {}, seed = 1 }", "for epoch in small:epochs(data.train, with {}) do end")
  fails("net:evaluate: argument 1: lab.data expected", "net:evaluate(data)")
  fails("data is closed", "local d = lab.data.madelon { train = 10, test = 10 }", "d.train:close()", "net:epochs(d.train, with {})")
end)

t.test("a net learns, and says what it did", function()
  local net <close> = make { wiring = lab.erdos_renyi { epsilon = 5 } }
  local seen = train(net, { epochs = 30 })
  t.equal(#seen, 30)
  for n, epoch in ipairs(seen) do
    t.equal({ epoch.n, epoch.lr, epoch.replaced }, { n, 0.05, 0 })
    t.truthy(epoch.seconds > 0 and epoch.evolve_seconds == 0 and epoch.accuracy >= 0 and epoch.accuracy <= 1)
  end
  t.truthy(seen[30].loss < 0.5 * seen[1].loss, "the loss did not fall")
  local after = net:evaluate(data.train)
  t.truthy(after.accuracy > 0.9 and after.loss < seen[1].loss and after.seconds > 0)
  t.equal(net:accuracy(data.train), after.accuracy)
  local shares = net:predict(data.test, 7)
  t.equal(#shares, 2)
  t.near(shares[1] + shares[2], 1, 1e-6)
  fails("net:predict: argument 2: no such sample", "net:predict(data.test, 101)")
  fails("net:predict: argument 2: no such sample", "net:predict(data.test, 0)")
end)

t.test("one seed, one result, whatever the threads", function()
  local function run(more)
    local net <close> = make(more)
    train(net, { evolve = lab.set { zeta = 0.3 } })
    return { net:weights(1), net:weights(3), net:biases(2), net:evaluate(data.test).loss }
  end
  local first = run { threads = 1, dropout = 0.2 }
  t.equal(run { threads = 2, dropout = 0.2 }, first)
  t.equal(run { threads = 3, dropout = 0.2 }, first)
  t.truthy(run({ seed = 2, dropout = 0.2 })[4] ~= first[4])
end)

t.test("a batch larger than the data is cut to it", function()
  local net <close> = make()
  local other <close> = make()
  t.equal(train(net, { batch = 1000 })[3].loss, train(other, { batch = 200 })[3].loss)
end)

t.test("a loop left with break leaves the net in order", function()
  local net <close> = make()
  for epoch in net:epochs(data.train, protocol) do if epoch.n == 2 then break end end
  t.equal(net.core:check(), nil)
  t.equal(#train(net), 3)
end)

t.test("a loss that is no number any more", function()
  local net <close> = make { hidden = "linear" }
  local message = t.raises("^tests/lab/train/test_mlp.lua:%d+: diverged: the loss is no longer finite in epoch 1 %(learning rate 1e%+20%)", train, net, { lr = 1e20 })
  t.equal(message:find("\n"), nil)
end)

-- ---- schedules ----

t.test("learning rates by schedule", function()
  local function rates(lr, epochs)
    local net <close> = make()
    local seen = {}
    for n, epoch in ipairs(train(net, { lr = lr, epochs = epochs or 5 })) do seen[n] = epoch.lr end
    return seen
  end
  t.equal(rates(lab.schedule.constant { value = 0.1 }), { 0.1, 0.1, 0.1, 0.1, 0.1 })
  t.equal(rates(lab.schedule.step { value = 0.16, every = 2, factor = 0.5 }), { 0.16, 0.16, 0.08, 0.08, 0.04 })
  t.equal(rates(lab.schedule.linear { value = 0.5, to = 0.25 }), { 0.5, 0.4375, 0.375, 0.3125, 0.25 })
  t.equal(rates(function(n, epochs) return n / epochs end), { 0.2, 0.4, 0.6, 0.8, 1 })
  local cosine = rates(lab.schedule.cosine { value = 0.2, to = 0.1 })
  for n, want in ipairs { 0.2, 0.1 + 0.05 * (1 + math.sqrt(0.5)), 0.15, 0.1 + 0.05 * (1 - math.sqrt(0.5)), 0.1 } do t.near(cosine[n], want, 1e-12) end
  t.equal(rates(lab.schedule.cosine { value = 0.2 }, 1), { 0.2 })
  fails("lab.schedule.step: option 'every' is missing", "lab.schedule.step { value = 1, factor = 0.5 }")
  fails("lab.schedule.cosine: unknown option 'form'", "lab.schedule.cosine { value = 1, form = 2 }")
end)

-- ---- evolution ----

t.test("lab.set rewires between epochs, never after the last, every so many", function()
  local function replaced(evolve, more)
    local net <close> = make(more)
    local before, pattern = net:links_per_layer(), {}
    for epoch in net:epochs(data.train, with { epochs = 7, evolve = evolve }) do
      pattern[epoch.n] = epoch.replaced > 0
      t.equal(net:links_per_layer(), before)
      t.equal(net.core:check(), nil)
    end
    return pattern
  end
  local all = { false, true, true, true, true, true, true }
  t.equal(replaced(lab.set {}), all)
  t.equal(replaced(lab.set { every = 3 }), { false, false, false, true, false, false, true })
  t.equal(replaced(lab.set { zeta = function(n) return n % 2 == 0 and 0.3 or 0 end }), all)  -- zeta 0 still drops the weakest
  t.equal(replaced(lab.set {}, { wiring = lab.dense {} }), { false, false, false, false, false, false, false })
  fails("option 'zeta' is 1.5, must be at most 1", "lab.set { zeta = 1.5 }")
  fails("option 'every' is 0, must be at least 1", "lab.set { every = 0 }")
  fails("the share of links that go is 2 in epoch 2: it must be in %[0, 1%]", "for epoch in net:epochs(data.train, with { evolve = lab.set { zeta = function() return 2 end } }) do end")
end)

t.test("lab.set counts steps across the epochs' ends", function()
  local function trace(evolve, more)
    local net <close> = make(more)
    local seen = {}
    for epoch in net:epochs(data.train, with { epochs = 4, evolve = evolve }) do
      seen[epoch.n] = { epoch.loss, epoch.replaced, epoch.samples }
      t.equal(net.core:check(), nil)
    end
    return seen
  end
  local steps = trace()[1][3] // with {}.batch
  t.equal(trace(lab.set { every_steps = steps }), trace(lab.set {}))   -- once an epoch is once an epoch
  t.equal(trace(lab.set { every_steps = 4 * steps }), trace())         -- never after the last step
  local often, twice = trace(lab.set { every_steps = 1 }), trace(lab.set { every_steps = 1 }, { threads = 2 })
  t.equal(often, twice)
  t.truthy(often[1][2] > 0, "nothing was rewired within the first epoch")
  local slow = trace(lab.set { every_steps = steps + 1 })              -- on entering step 1 of the second epoch, 2 of the third ...
  t.equal({ slow[1][2], slow[1][1] }, { 0, trace()[1][1] })
  for n = 2, 4 do t.truthy(slow[n][2] > 0) end
  fails("lab.set: give 'every' %(epochs%) or 'every_steps', not both", "lab.set { every = 2, every_steps = 5 }")
  fails("option 'every_steps' is 0, must be at least 1", "lab.set { every_steps = 0 }")
end)

t.test("the engine refuses a step beyond the last of an epoch", function()
  local net <close> = make()
  local n = data.train:shape()
  local function step(first, batch)
    return net.core:train(data.train, nil, { batch = batch, rate = 0.1, momentum = 0, weight_decay = 0, decay = "step", epoch = 1, first_step = first, steps = 1 })
  end
  t.truthy(step(n // 20 - 1, 20))
  t.raises(("step %d is beyond the last of the epoch: %d samples make %d batches of 20"):format(n // 20 + 1, n, n // 20), step, n // 20, 20)
  t.truthy(step(0, n + 5))
  t.raises("step 2 is beyond the last", step, 1, n + 5)
  t.equal(net.core:check(), nil)
end)

t.test("a slice of an epoch has its own samples", function()
  local when = require "lab.evolve.when"
  local function numbers(k, n, steps)
    local list = {}
    for i, s in ipairs(when.slices(lab.set { every_steps = k }, n, steps, 5)) do list[i] = { s.first, s.steps, s.moment and s.moment.number } end
    return list
  end
  t.equal(numbers(4, 1, 10), { { 0, 4 }, { 4, 4, 2 }, { 8, 2, 3 } })
  t.equal(numbers(4, 2, 10), { { 0, 2 }, { 2, 4, 4 }, { 6, 4, 5 } })
  t.equal(numbers(5, 2, 10), { { 0, 5, 3 }, { 5, 5, 4 } })
  t.equal(numbers(30, 2, 10), { { 0, 10 } })
end)

t.test("the output layer is rewired only when asked", function()
  local wiring = lab.erdos_renyi { epsilon = 0.7 }
  for _, output in ipairs { false, true } do
    local net <close> = make { wiring = wiring }
    t.truthy(net:is_sparse(3))
    local from, to = net:links_of(3)
    local old = { from, to }
    train(net, { epochs = 4, evolve = lab.set { output = output } })
    from, to = net:links_of(3)
    local same = pcall(t.equal, { from, to }, old)
    t.equal(same, not output)
  end
end)

-- Every link of a layer as "from to" -> weight.
local function cells(net, layer)
  local from, to = net:links_of(layer)
  local w, cell = net:weights(layer), {}
  for k = 1, #w do cell[from[k] .. " " .. to[k]] = w[k] end
  return cell
end

t.test("surviving_inputs is what evolution then leaves", function()
  local net <close> = make { wiring = lab.erdos_renyi { epsilon = 6 } }
  train(net)
  local told, before, left = net:surviving_inputs { zeta = 0.4 }, cells(net, 1), {}
  t.equal(cells(net, 1), before)  -- asking changes nothing
  local replaced = net.core:evolve { number = 9, first = 1, last = 1, prune = { rule = "set", share = 0.4 }, grow = { rule = "random" }, init = "he_uniform" }
  for i = 1, 20 do left[i] = 0 end
  for cell, w in pairs(cells(net, 1)) do
    local i = tonumber(cell:match("^%d+"))
    if before[cell] == w then left[i] = left[i] + 1 end
  end
  t.equal(told, left)
  local sum = 0
  for _, n in ipairs(told) do sum = sum + n end
  t.equal(sum, net:links(1) - replaced)
  t.equal(#net:surviving_inputs(), 20)
  fails("option 'zeta' is %-1, must be at least 0", "net:surviving_inputs { zeta = -1 }")
  fails("net:surviving_inputs: layer 1 is dense", "local dense <close> = make { wiring = lab.dense {} }", "dense:surviving_inputs()")
end)

t.test("newborn links draw a weight, or start at 0", function()
  local evolve = require "lab.evolve.apply"
  for _, newborn in ipairs { "drawn", "zero" } do
    local net <close> = make { wiring = lab.erdos_renyi { epsilon = 6 } }
    train(net)
    local before, born, zeros = cells(net, 1), 0, 0
    evolve.apply(lab.set { newborn = newborn }, net, { moment = { epoch = 2, epochs = 3, number = 2, schedule_epoch = 2, schedule_epochs = 4, reached = 0.5 } })
    for cell, w in pairs(cells(net, 1)) do
      if before[cell] ~= w then
        born, zeros = born + 1, zeros + (w == 0 and 1 or 0)
      end
    end
    t.truthy(born > 10)
    t.equal(zeros, newborn == "zero" and born or 0)
  end
  fails("option 'newborn' has no choice 'none'; known: drawn, zero", "lab.set { newborn = 'none' }")
end)

t.test("a method of one's own: the smallest tenth of all weights, whatever their sign", function()
  local function prune_smallest(net, epoch)
    local replaced = 0
    for l = 1, net:layers() - 1 do
      local w, size, keep = net:weights(l), {}, {}
      for k = 1, #w do size[k] = math.abs(w[k]) end
      table.sort(size)
      for k = 1, #w do keep[k] = math.abs(w[k]) > size[#w // 10] end
      replaced = replaced + net:rewire(l, keep, epoch)
    end
    return replaced
  end
  local net <close> = make()
  local seen = train(net, { evolve = prune_smallest, epochs = 4 })
  local want = net:links(1) // 10 + net:links(2) // 10
  for n = 2, 4 do
    t.equal(seen[n].replaced, want)
    t.truthy(seen[n].evolve_seconds > 0)
  end
  t.equal(net.core:check(), nil)
end)

t.test("rewire keeps what it is told to keep", function()
  local net <close> = make()
  local before, w, keep, links = cells(net, 2), net:weights(2), {}, net:links(2)
  for k = 1, links do keep[k] = k % 2 == 0 end
  t.equal(net:rewire(2, keep, 5), (links + 1) // 2)
  local after, stayed = cells(net, 2), 0
  for cell, weight in pairs(before) do if after[cell] == weight then stayed = stayed + 1 end end
  t.equal(stayed, links // 2)
  t.equal(net:links(2), links)
  for k = 1, #w do keep[k] = true end
  t.equal(net:rewire(2, keep, 6), 0)
  for k = 1, #w do keep[k] = false end
  t.equal(net:rewire(2, keep, 7), links)
  fails("net:rewire: argument 1: no such layer", "net:rewire(9, {}, 1)")
  fails("net:rewire: argument 2: table expected", "net:rewire(1, nil, 1)")
  fails("net:rewire: argument 3: number expected", "net:rewire(1, {})")
  fails("net:rewire: layer 1 is dense", "local dense <close> = make { wiring = lab.dense {} }", "dense:rewire(1, {}, 1)")
end)

-- ---- looking in ----

t.test("degrees add up to the links", function()
  local net <close> = make { wiring = { lab.erdos_renyi { epsilon = 3 }, lab.erdos_renyi { epsilon = 3 }, lab.dense {} } }
  for layer = 1, net:layers() do
    for side, units in pairs { out = net:units(layer - 1), ["in"] = net:units(layer) } do
      local degrees, sum = net:degrees(layer, side), 0
      for _, d in ipairs(degrees) do sum = sum + d end
      t.equal(#degrees, units)
      t.equal(sum, net:links(layer))
    end
  end
  local from = net:links_of(1)
  local count, degrees = {}, net:degrees(1, "out")
  for i = 1, 20 do count[i] = 0 end
  for _, i in ipairs(from) do count[i] = count[i] + 1 end
  t.equal(degrees, count)
  t.equal(#net:weights(1), net:links(1))
  t.equal(#net:biases(1), 30)
  fails("net:degrees: argument 1: no such layer", "net:degrees(4, 'in')")
  fails("net:degrees: argument 2: invalid option 'up'", "net:degrees(1, 'up')")
  fails("net:units: argument 1: no such level", "net:units(4)")
  fails("net:links: argument 1: no such layer", "net:links(0)")
  fails("net:weights: argument 1: number expected", "net:weights()")
  fails("write net:links%(%.%.%.%), with a colon", "net.links()")
  fails("write net:epochs%(%.%.%.%), with a colon", "net.epochs(data.train, { epochs = 1, batch = 10, lr = 0.1 })")
end)

t.test("a closed net says so", function()
  fails("net:links: the net is closed", "net:close()", "net:links()")
  fails("net:evaluate: the net is closed", "net:close()", "net:evaluate(data.test)")
  fails("net:epochs: the net is closed", "net:close()", "for epoch in net:epochs(data.train, with {}) do end")
  fails("net:epochs: the net is closed", "for epoch in net:epochs(data.train, with { evolve = lab.set {} }) do net:close() end")
  local kept
  do
    local net <close> = make()
    kept = net
    net:close()
    net:close()
  end
  t.raises("net:layers: the net is closed", kept.layers, kept)
end)

t.test("nets that nobody closes are collected", function()
  for _ = 1, 20 do make() end
  collectgarbage()
  collectgarbage()
end)

t.test("batches of several tiles: the same bits for any number of threads", function()
  local data = lab.data.madelon { train = 200, test = 50, seed = 3, useless = 30 }
  local function loss(threads)
    local net <close> = lab.mlp { 50, 40, 30, 2, wiring = lab.erdos_renyi { epsilon = 4 }, seed = 2, isa = "portable", threads = threads, dropout = 0.1 }
    local last
    for epoch in net:epochs(data.train, { epochs = 3, batch = 90, lr = 0.05, momentum = 0.9, nesterov = true, evolve = lab.set {} }) do last = epoch.loss end
    return ("%a"):format(last)
  end
  local one = loss(1)
  t.equal({ loss(2), loss(3) }, { one, one })
end)

t.test("bfloat16: another net, which learns as much, the same for any number of threads", function()
  local data = lab.data.madelon { train = 300, test = 100, informative = 4, redundant = 4, useless = 12, seed = 3 }
  local function learn(precision, threads)
    local net <close> = make { precision = precision, threads = threads, dropout = 0.1 }
    local last
    for epoch in net:epochs(data.train, { epochs = 15, batch = 20, lr = 0.05, momentum = 0.9, evolve = lab.set {} }) do last = epoch.loss end
    return last, net:evaluate(data.test).loss
  end
  local plain, as_default = learn("float32", 1), learn(nil, 1)
  t.equal(plain, as_default)
  local one, seen = learn("bfloat16", 1)
  t.truthy(one ~= plain)
  t.near(one, plain, 0.1)
  for threads = 2, 4 do t.equal({ learn("bfloat16", threads) }, { one, seen }) end
end)

-- ---- label smoothing ----

t.test("smoothed labels: other weights, a loss that has a floor, evaluation untouched", function()
  local plain <close> = make()
  local smooth <close> = make()
  local before = plain:evaluate(data.test).loss
  local hard, soft = train(plain), train(smooth, { label_smoothing = 0.2 })
  t.truthy(hard[3].loss < soft[3].loss, "the smoothed loss cannot fall below its targets' entropy")
  t.truthy(plain:weights(1)[1] ~= smooth:weights(1)[1])
  local zero <close> = make()
  train(zero, { label_smoothing = 0 })
  t.equal(zero:weights(1), plain:weights(1))
  local untrained <close> = make()
  for _ in untrained:epochs(data.train, with { epochs = 1, lr = 0, momentum = 0, weight_decay = 0, label_smoothing = 0.2 }) do end
  t.equal(untrained:evaluate(data.test).loss, before)
  local two <close> = make()   -- each loop has its own, whichever was made last
  local first = two:epochs(data.train, with { epochs = 1, label_smoothing = 0.2 })
  local _ = two:epochs(data.train, with { epochs = 1 })
  local again <close> = make()
  t.near(first().loss, train(again, { epochs = 1, label_smoothing = 0.2 })[1].loss, 0)
  fails("option 'label_smoothing' is 1, must be below 1", "for _ in net:epochs(data.train, with { label_smoothing = 1 }) do end")
end)

t.test("gradients that an evolution looks at are those of the smoothed loss", function()
  local function wiring(smoothing)
    local net <close> = make { wiring = lab.erdos_renyi { epsilon = 1 } }
    for _ in net:epochs(data.train, with { epochs = 2, label_smoothing = smoothing, evolve = lab.rigl { every_steps = 3, share = 0.5 } }) do end
    local from, to = net:links_of(1)
    return table.concat(from, " ") .. ";" .. table.concat(to, " ")
  end
  t.equal(wiring(0.5), wiring(0.5))
  t.truthy(wiring(0.5) ~= wiring(0))
end)

t.done()
