-- What scripts read of nets, splits, epochs and runs: a misspelt name is an error at the script's line
-- that names the nearest one.
local t = dofile "tests/harness.lua"
local lab, fields = require "lab", require "lab.util.fields"
local canonical = require "lab.run.canonical"
require "lab.util.progress".mode = "none"

local data = lab.data.madelon { train = 40, test = 20, informative = 4, redundant = 4, useless = 12, seed = 3 }
local net = lab.mlp { 20, 30, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 }

require "lab.run.store".directory = t.tmpdir()
local runs = lab.runs { "fields", arm = { "a" }, run = function(run)
  run:log { epoch = 1, loss = 0.5 }
  run:record("inputs", { epoch = 1, layer = 1, side = "in" }, { 1, 2, 2, 3 })
end }

local function each_epoch(f) for epoch in net:epochs(data.train, { epochs = 1, batch = 10, lr = 0.05 }) do f(epoch) end end

-- Runs a line of a script with these objects; the last line of the error must be at it.
local function fails(pattern, line)
  local epoch
  each_epoch(function(e) epoch = e end)
  local environment = setmetatable({ net = net, data = data, epoch = epoch, runs = runs, run = runs[1], evaluation = net:evaluate(data.test),
    selection = lab.select_features { data.train, columns = { 1, 2 } },
    plan = lab.memory_plan { 20, 30, 2, wiring = lab.erdos_renyi { epsilon = 3 } } }, { __index = _G })
  t.raises("^script.lua:2: " .. pattern .. "$", assert(load("local x\n" .. line, "@script.lua", "t", environment)))
end

t.test("misspelt methods and fields name the nearest", function()
  fails("a net has no 'acuracy' %(did you mean 'accuracy'%?%)", "net:acuracy(data.test)")
  fails("a net has no 'epoc' %(did you mean 'epoch'%?%)", "x = net.epoc")
  fails("a split has no 'slice'; known: change, class_names, close, compare_labels, describe, feature_names, hash, image_shape, label, noisy, pixels, set_targets, shape, standardise, standardise_by, target_spread, targets, view, warning", "data.train:slice(1, 10)")
  fails("a split has no 'labels' %(did you mean 'label'%?%)", "data.train:labels()")
  fails("a data set has no 'trian' %(did you mean 'train'%?%)", "x = data.trian")
  fails("a selection of features has no 'colums' %(did you mean 'columns'%?%)", "x = selection.colums")
  fails("an epoch has no 'los' %(did you mean 'loss'%?%)", "x = epoch.los")
  fails("an epoch has no 'epoch'; known: accuracy, clipped, evolve_seconds, loss, lr, n, phases, replaced, samples, seconds, total_seconds", "x = epoch.epoch")
  fails("an evaluation has no 'acc'; known: accuracy, exact, f1, loss, r2, rmse, seconds", "x = evaluation.acc")
  fails("a run has no 'colum' %(did you mean 'column'%?%)", "run:colum 'loss'")
  fails("a run has no 'statsu' %(did you mean 'status'%?%)", "x = run.statsu")
  fails("a collection of runs has no 'were' %(did you mean 'where'%?%)", "runs:were { arm = 'a' }")
  fails("a memory plan has no 'totl' %(did you mean 'total'%?%)", "x = plan.totl")
end)

t.test("handles of the libraries do so too", function()
  local jobs <close> = require "lab.c.pool".new()
  t.raises("test_fields.lua:%d+: a pool has no 'strat' %(did you mean 'start'%?%)", function() jobs:strat() end)
  local log <close> = require "lab.c.fs".appender(t.tmpdir() .. "/x")
  t.raises("test_fields.lua:%d+: a file has no 'writ' %(did you mean 'write'%?%)", function() log:writ "x" end)
  t.raises("test_fields.lua:%d+: a net has no 'trian' %(did you mean 'train'%?%)", function() net.core:trian() end)
end)

t.test("what may be missing is nil, and what is there is read as before", function()
  local fresh <close> = lab.mlp { 20, 30, 2, wiring = lab.dense {}, seed = 1 }
  t.equal({ fresh.epoch, data.classes, runs[1].why, runs[7] }, {})
  t.equal(lab.select_features({ data.train, columns = { 1 } }).test, nil)
  t.truthy(runs[1].finished and runs[1].status == "done" and runs[1]:last "loss" == 0.5)
  each_epoch(function(epoch)
    local names = {}
    for name in pairs(epoch) do names[#names + 1] = name end
    table.sort(names)
    t.equal(table.concat(names, " "), "accuracy evolve_seconds loss lr n phases replaced samples seconds total_seconds")
    epoch.own = 1
    t.equal(epoch.own, 1)
  end)
  t.equal({ data[1], data.__pairs, net[1], data.train[1] }, {})
end)

t.test("series ask for a name and keys that were recorded", function()
  t.equal(runs[1]:values("inputs", { epoch = 1, side = "in" }), { 1, 2, 2, 3 })
  t.equal(runs[1]:values("inputs", { epoch = 2 }), nil)
  fails("run:values takes a name and a table of keys.*", "run:values 'inputs'")
  fails("run:values takes a name and a table of keys.*", "run:values { epoch = 1 }")
  fails("run:series takes the name of a series.*", "run:series()")
  fails("the series 'inputs' of the run arm=a has no key 'epoc' %(did you mean 'epoch'%?%)", "run:values('inputs', { epoc = 1 })")
  fails("the run arm=a has no column 'los' %(did you mean 'loss'%?%)", "run:column 'los'")
end)

t.test("keys do not count what refuses misspelt names", function()
  local plain = { name = data.name, train = data.train, test = data.test, classes = data.classes }
  t.equal(canonical.write(data, "data").hash, canonical.write(plain, "data").hash)
  local with = setmetatable({ 1, 2 }, fields.record("a thing", {}))
  t.equal(canonical.write(with, "x").hash, canonical.write({ 1, 2 }, "x").hash)
  t.truthy(canonical.write(setmetatable({ 1, 2 }, {}), "x").hash ~= canonical.write({ 1, 2 }, "x").hash)
end)

t.done()
