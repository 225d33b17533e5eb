-- net:save, lab.load, setlab inspect; runs that are stopped and go on: what they leave in the end is
-- what an undisturbed run leaves, but for the seconds.
local t = dofile "tests/harness.lua"
local lab, fs = require "lab", require "lab.c.fs"
local engine, saved_net, json = require "lab.c.checkpoint", require "lab.net.saved_net", require "lab.util.json"
local store, progress, system = require "lab.run.store", require "lab.util.progress", require "lab.c.system"
progress.mode = "none"

local program = (os.getenv "B" or "build") .. "/setlab"
local notes = {}
progress.note = function(text) if not text:find "^lab%.mlp" then notes[#notes + 1] = text end end

local data = lab.data.madelon { informative = 3, redundant = 3, useless = 14, train = 200, test = 80, seed = 1 }
local function small(given)
  local o = { 20, 16, 10, 2, wiring = lab.erdos_renyi { epsilon = 4 }, seed = 3, dropout = 0.1 }
  for k, v in pairs(given or {}) do o[k] = v end
  return lab.mlp(o)
end
local protocol = { epochs = 3, batch = 20, lr = 0.05, momentum = 0.9, evolve = lab.set { zeta = 0.3 } }

-- ---- nets in files ----------------------------------------------------------------------

t.test("a net is loaded as it was saved", function()
  for i, given in ipairs {
    {}, { hidden = "leaky_relu", slope = 0.2 }, { precision = "bfloat16", threads = 2 },
    { loss = "mse", output = "sigmoid", hidden = "tanh", init = "xavier_normal" }, { wiring = lab.dense {} },
    { hidden = "srelu" }, { hidden = "all_relu", slope = 0.4 },
    { wiring = { lab.dense {}, function() return { 1, 3, 16 }, { 1, 2, 10 } end, lab.erdos_renyi { epsilon = 1.5 } } },
  } do
    if i == 4 then given.init = require "lab.c.net".inits[#require "lab.c.net".inits] end
    local path = t.tmpdir() .. "/net.npz"
    local net <close> = small(given)
    for _ in net:epochs(data.train, protocol) do end
    net:save(path)
    local again <close> = lab.load(path, { threads = 1 })
    t.equal({ again:links_per_layer(), again.epoch, again.options.seed }, { net:links_per_layer(), 3, 3 })
    t.equal(again:predict(data.test, 7), net:predict(data.test, 7))
    again:save(path .. "2")
    t.equal(t.read(path .. "2"), t.read(path))
    for epoch in net:epochs(data.train, protocol) do t.truthy(epoch.total_seconds > 0) end
    for _ in again:epochs(data.train, protocol) do end
    net:save(path)
    again:save(path .. "2")
    t.equal(t.read(path .. "2"), t.read(path))
  end
end)

t.test("what cannot be saved or loaded is told at the script's line", function()
  local folder = t.tmpdir()
  local net <close> = small()
  t.raises("test_checkpoint.lua:%d+: net:save: /no/such/x.npz: cannot be written", function() net:save "/no/such/x.npz" end)
  t.raises("net:save: argument 1", function() net:save() end)
  t.raises("test_checkpoint.lua:%d+: lab.load: .*absent.npz: cannot be opened", function() local net = lab.load(folder .. "/absent.npz") return net end)
  t.raises("lab.load: argument 1", function() return lab.load() end)
  t.raises("unknown option 'thread' %(did you mean 'threads'", function() return lab.load("x", { thread = 1 }) end)
  net:save(folder .. "/net.npz")
  local text = t.read(folder .. "/net.npz")
  t.write(folder .. "/cut.npz", text:sub(1, #text // 2))
  t.raises("lab.load: .*cut.npz: ", function() return lab.load(folder .. "/cut.npz") end)
  local at = text:find("layer1_data.npy", 1, true) + 200
  t.write(folder .. "/bit.npz", text:sub(1, at - 1) .. string.char(text:byte(at) ~ 4) .. text:sub(at + 1))
  t.raises("bit.npz: .*is corrupted", function() return lab.load(folder .. "/bit.npz") end)
  net:close()
  t.raises("net:save: the net is closed", function() net:save(folder .. "/closed.npz") end)
end)

t.test("a description that fits nothing is refused", function()
  local path = t.tmpdir() .. "/net.npz"
  local net <close> = small()
  net:save(path)
  local file <close>, good = saved_net.open(path)
  local function refuse(pattern, change)
    local d = json.decode(json.encode(good))
    change(d)
    assert(engine.write(path .. "2", net.core, { { "net.json", json.encode(d) } }))
    t.raises(pattern, function() return lab.load(path .. "2") end)
  end
  refuse("format 9, not 1", function(d) d.format = 9 end)
  refuse("does not describe a net", function(d) d.units = nil end)
  refuse("does not describe a net", function(d) d.units[2] = 2.5 end)
  refuse("does not describe a net", function(d) d.layers[2].links = -1 end)
  refuse("does not describe a net", function(d) d.layers[2].kind = "round" end)
  refuse("does not describe a net", function(d) d.epoch = nil end)
  refuse("cannot have", function(d) d.layers[1].links = d.units[1] * d.units[2] + 1 end)
  local bigger = "net.json: it describes a larger net than the file has room for"
  refuse(bigger, function(d) d.layers[1].links = math.maxinteger end)
  refuse(bigger, function(d) d.units[1] = 1000000000 end)
  refuse(bigger, function(d) d.units[2], d.units[3], d.layers[2].kind = 100000000, 100000000, "dense" end)
  refuse("does not fit this net", function(d) d.layers[1].links = d.layers[1].links - 1 end)
  refuse("does not fit this net", function(d) d.units[3] = 11 end)
  refuse("no choice 'relo'", function(d) d.options.hidden = "relo" end)
  refuse("lab.load: .*net.npz2: unknown option 'colour'", function(d) d.options.colour = 1 end)
  assert(engine.write(path .. "2", net.core, { { "net.json", "{" } }))
  t.raises("net.json: line 1", function() return lab.load(path .. "2") end)
  assert(engine.write(path .. "2", net.core, {}))
  t.raises("has no net.json", function() return lab.load(path .. "2") end)
end)

-- ---- runs that are stopped --------------------------------------------------------------

-- Stops runs from outside, as no captured value: what it does is no part of their key.
local stop = setmetatable({ at = {} }, { __key = function() return "stop" end })
function stop.check(where) if stop.at[where] then stop.at[where] = nil system.interrupt_me() end end
function stop.call(f, ...) if f then return f(...) end end

local function fresh()
  store.directory, require "lab.script.current".script, notes, stop.at, stop.net, stop.body = t.tmpdir() .. "/runs", nil, {}, {}, nil, nil
end

local function train(run)
  local net <close> = small()
  run:record("degrees", { epoch = 0 }, net:degrees(1, "in"))
  run.state.worst, run.state.seen = math.huge, { losses = {} }
  stop.check "before"
  for epoch in net:epochs(data.train, { epochs = 12, batch = 20, lr = 0.05, momentum = 0.9, evolve = lab.set { zeta = 0.3 },
      checkpoint = { run = run, every = 3 } }) do
    stop.check(epoch.n)
    run.state.worst = math.min(run.state.worst, epoch.loss)
    run.state.seen.losses[epoch.n] = epoch.loss
    run:log { epoch = epoch.n, loss = epoch.loss, worst = run.state.worst, sum = #run.state.seen.losses, replaced = epoch.replaced, seconds = epoch.total_seconds }
    if epoch.n % 5 == 0 then run:record("degrees", { epoch = epoch.n }, net:degrees(1, "in")) end
    if epoch.n == 7 then run:record("late", {}, { epoch.n }) end
    stop.check(epoch.n + 0.5)
    stop.call(stop.body, run, epoch)
  end
  stop.check "after"
  net:save(run.path .. "/final.npz")
end

local function go() return lab.runs { "stopped", run = train }[1] end
local function raises_interrupt(f)
  t.raises("^interrupted!$", f)
  system.forget_interrupt()
end
local function interrupted(where)
  stop.at[where] = true
  raises_interrupt(go)
  return store.path(store.keys()[1])
end

-- All that must not show whether the run was stopped.
local function outcome(record)
  local rows, seconds = record:rows(), 0
  for _, row in ipairs(rows) do
    t.truthy(row.seconds > seconds)
    seconds, row.seconds = row.seconds, nil
  end
  return { status = record.status, rows = rows, degrees = t.read(record.path .. "/degrees.csv"), late = t.read(record.path .. "/late.csv"),
    final = t.read(record.path .. "/final.npz"), names = fs.list(record.path) }
end

local undisturbed

t.test("checkpoints change nothing in a run that is not stopped", function()
  fresh()
  local record = go()
  undisturbed = outcome(record)
  t.equal({ record.status, #undisturbed.rows, undisturbed.rows[12].sum, record:meta().continued }, { "done", 12, 12, nil })
  t.equal((fs.stat(record.path .. "/checkpoint.npz")), nil)
end)

t.test("stopped anywhere, the run ends as if it had not been", function()
  for _, where in ipairs { "before", 1, 3.5, 4, 6.5, 7.5, 11, 12.5, "after" } do
    fresh()
    local path = interrupted(where)
    t.equal(fs.stat(path .. "/checkpoint.npz") ~= nil, where == "after" or type(where) == "number" and where >= 4)
    t.equal(outcome(go()), undisturbed)
  end
end)

t.test("stopped again and again", function()
  fresh()
  for _, where in ipairs { 2, 5, "before", 7.5, 8, 10, "after" } do interrupted(where) end
  local record = go()
  t.equal(outcome(record), undisturbed)
  t.equal(#record:meta().continued, 4)  -- those whose work is in the result
  t.truthy(record:meta().started < record:meta().finished or record:meta().started == record:meta().finished)
  local last = 0
  for _, row in ipairs(record:monitor()) do
    t.truthy(row.seconds >= last, "the monitor's seconds go back")
    last = row.seconds
  end
  t.truthy(record:result().seconds >= last - 0.01 and record:result().peak_uss_mib > 0)
end)

t.test("evolution between steps, schedules and minutes go on as well", function()
  local function odd(run)
    local net <close> = small { precision = "bfloat16" }
    for epoch in net:epochs(data.train, { epochs = 9, batch = 30, lr = lab.schedule.cosine { value = 0.05 }, momentum = 0.9, nesterov = true,
        evolve = lab.set { zeta = lab.schedule.linear { value = 0.4, to = 0.1 }, every_steps = 4 }, checkpoint = { run = run, minutes = 0 } }) do
      run:log { epoch = epoch.n, loss = epoch.loss, replaced = epoch.replaced }
      stop.check(epoch.n)
    end
    net:save(run.path .. "/final.npz")
  end
  local finals = {}
  for i, where in ipairs { 0, 2, 5, 9 } do
    fresh()
    stop.at[where] = where > 0
    if where > 0 then raises_interrupt(function() return lab.runs { "odd", run = odd } end) end
    local record = lab.runs { "odd", run = odd }[1]
    t.equal({ record.status, #record:rows() }, { "done", 9 })
    finals[i] = t.read(record.path .. "/final.npz") .. t.read(record.path .. "/metrics.csv")
    t.equal(finals[i], finals[1])
  end
end)

t.test("augmented images and what SReLU learns go on as well", function()
  local images = assert(require "lab.c.data".noise({ channels = 3, height = 6, width = 6, classes = 3, seed = 1 }, 60, 1))
  local shake = lab.augment { rotation = 20, shift = 0.2, flip = true }
  local function shaken(run)
    local net <close> = lab.mlp { 108, 30, 3, hidden = "srelu", dropout = 0.2, wiring = lab.erdos_renyi { epsilon = 6 }, seed = 2 }
    for epoch in net:epochs(images, { epochs = 6, batch = 10, lr = 0.05, momentum = 0.9, augment = shake, evolve = lab.set { zeta = 0.3 },
        checkpoint = { run = run, every = 2 } }) do
      run:log { epoch = epoch.n, loss = epoch.loss }
      stop.check(epoch.n)
    end
    net:save(run.path .. "/final.npz")
  end
  local finals = {}
  for i, where in ipairs { 0, 3, 6 } do
    fresh()
    stop.at[where] = where > 0
    if where > 0 then raises_interrupt(function() return lab.runs { "shaken", run = shaken } end) end
    local record = lab.runs { "shaken", run = shaken }[1]
    finals[i] = t.read(record.path .. "/final.npz") .. t.read(record.path .. "/metrics.csv")
    t.equal(finals[i], finals[1])
  end
end)

t.test("a run that failed in its loop goes on too", function()
  fresh()
  stop.body = function(_, epoch) if epoch.n == 8 then error "the disk was full" end end
  t.equal(go().status, "failed")
  t.truthy(fs.stat(store.path(store.keys()[1]) .. "/checkpoint.npz"))
  stop.body = nil
  t.equal(outcome(go()), undisturbed)
end)

t.test("what grew after the checkpoint goes, the script's own files stay", function()
  fresh()
  local path = interrupted(8)
  t.truthy(fs.stat(path .. "/late.csv"))
  t.write(path .. "/metrics.csv", t.read(path .. "/metrics.csv") .. "99,1,2")
  t.write(path .. "/other.csv", "epoch,values\n8,1 2\n")   -- a series, begun in an epoch that is done again
  t.write(path .. "/begun.csv", "")
  local own = { ["best.npz"] = "mine", ["mine.csv"] = "epoch,rank\n1,2\n", ["line.csv"] = "no line end", ["values.csv"] = "values,x\n1,2\n" }
  for name, text in pairs(own) do t.write(path .. "/" .. name, text) end
  t.write(path .. "/checkpoint.npz.tmp123", "half")
  t.write(path .. "/checkpoint.npz.tmp123.Ab12cd", "half")
  local record = go()
  for name, text in pairs(own) do
    t.equal(t.read(path .. "/" .. name), text)
    fs.remove(path .. "/" .. name)
  end
  t.equal(outcome(record), undisturbed)
end)

t.test("a checkpoint that is no good is told, and the run starts anew", function()
  local function anew(pattern, damage)
    fresh()
    local path = interrupted(8)
    damage(path, path .. "/checkpoint.npz")
    t.equal(outcome(go()), undisturbed)
    t.truthy(notes[1] and notes[1]:find "^stopped stopped: .*; the run starts again$", notes[1])
    t.truthy(notes[1]:find(pattern), notes[1])
  end
  anew("is corrupted", function(_, file)
    local text = t.read(file)
    local at = text:find("layer2_velocity.npy", 1, true) + 160
    t.write(file, text:sub(1, at - 1) .. string.char(text:byte(at) ~ 1) .. text:sub(at + 1))
  end)
  anew("is not a readable .npz archive", function(_, file) t.write(file, t.read(file):sub(1, 5000)) end)
  anew("is empty", function(_, file) t.write(file, "") end)
  anew("metrics.csv is shorter than it was", function(path) t.write(path .. "/metrics.csv", "epoch\n") end)
  anew("degrees.csv is shorter than it was", function(path) fs.remove(path .. "/degrees.csv") end)
  local function rewritten(change)
    return function(_, path)
      local net <close>, file = lab.load(path), engine.open(path)
      assert(saved_net.write(path, net, { { "run.yaml", (change(file:text "run.yaml")) } }))
    end
  end
  anew("is of results version 1,", rewritten(function(text) return text:gsub("results_version: %d+", "results_version: 1") end))
  anew("has the format 7, not 1", rewritten(function(text) return text:gsub("format: 1", "format: 7") end))
  anew("belongs to another run", rewritten(function(text) return text:gsub('key: "?%x+"?', "key: other") end))
  anew("run.yaml is not understood", rewritten(function() return "::" end))
  local strange = "run.yaml is not what a run writes"
  anew(strange, rewritten(function(text) return text:gsub("epoch: %d+", "epoch: soon", 1) end))
  anew(strange, rewritten(function(text) return text:gsub("lengths:\n  [^\n]*\n  [^\n]*\n", "") end))
  anew(strange, rewritten(function(text) return text:gsub("metrics.csv: %d+", "metrics.csv: -1") end))
  anew(strange, rewritten(function(text) return text:gsub("metrics.csv: (%d+)", "../metrics.csv: %1") end))
  anew(strange, rewritten(function(text) return text:gsub("state:.*", "") end))
  anew("has no run.yaml", function(_, path)
    local net <close> = lab.load(path)
    net:save(path)
  end)
end)

t.test("a net that does not fit its checkpoint is an error that says what to do", function()
  fresh()
  local path = interrupted(8)
  local other <close>, file = small { [3] = 11 }, engine.open(path .. "/checkpoint.npz")
  assert(saved_net.write(path .. "/checkpoint.npz", other, { { "run.yaml", (file:text "run.yaml") } }))
  local record = go()
  t.equal(record.status, "failed")
  t.truthy(record.why:find "net:epochs: checkpoint: .* does not fit this net.*; remove it to start again", record.why)
end)

t.test("a checkpoint may be kept; one that a crash left behind goes", function()
  fresh()
  local function kept(keep)
    return lab.runs { "kept", run = function(run)
      local net <close> = small()
      for epoch in net:epochs(data.train, { epochs = 2, batch = 20, lr = 0.1, checkpoint = { run = run, minutes = 0, keep = keep } }) do run:log { epoch = epoch.n } end
    end }[1]
  end
  local record = kept(true)
  local file = record.path .. "/checkpoint.npz"
  t.equal({ record:result().checkpoint, kept(true).reused, fs.stat(file) ~= nil }, { "kept", true, true })
  local net <close> = lab.load(file)
  t.equal(net.epoch, 2)
  record = kept(false)
  t.write(record.path .. "/checkpoint.npz", "left")
  t.equal({ kept(false).reused, (fs.stat(record.path .. "/checkpoint.npz")) }, { true, nil })
end)

t.test("a diverged run is finished", function()
  fresh()
  local record = lab.runs { "diverged", run = function(run)
    local net <close> = small { hidden = "linear" }
    for epoch in net:epochs(data.train, { epochs = 50, batch = 20, lr = function(n) return n > 2 and 1e30 or 0.01 end,
        checkpoint = { run = run, every = 1 } }) do run:log { epoch = epoch.n } end
  end }[1]
  t.equal({ record.status, (fs.stat(record.path .. "/checkpoint.npz")) }, { "diverged", nil })
end)

t.test("misuse is told at the script's line", function()
  local function why(given, twice)
    fresh()
    return lab.runs { "misuse", run = function(run)
      local net <close> = small()
      local o = { epochs = 2, batch = 20, lr = 0.1, checkpoint = given(run) }
      for _ = 1, twice and 2 or 1 do for _ in net:epochs(data.train, o) do end end
    end }[1].why or "no error"
  end
  for _, case in ipairs {
    { "'every' %(epochs%) or 'minutes'", function(run) return { run = run } end },
    { "'every' %(epochs%) or 'minutes'", function(run) return { run = run, every = 1, minutes = 1 } end },
    { "option 'run' is missing", function() return { every = 1 } end },
    { "must be what lab.runs gives", function() return { run = {}, every = 1 } end },
    { "option 'every' is 0, must be at least 1", function(run) return { run = run, every = 0 } end },
    { "unknown option 'evry' %(did you mean 'every'", function(run) return { run = run, evry = 1 } end },
    { "one loop of a run can be saved", function(run) return { run = run, every = 5 } end, true },
    { "run.state cannot be kept: a function", function(run) run.state.f = print return { run = run, every = 1 } end },
    { "run.state cannot be kept", function(run) run.state.text = "\xff" return { run = run, every = 1 } end },
    { "run.state cannot be kept", function(run) run.state.itself = run.state return { run = run, every = 1 } end },
  } do
    local message = why(case[2], case[3])
    t.truthy(message:find "^tests/lab/run/test_checkpoint.lua:%d+: " and message:find(case[1]), message)
  end
end)

t.test("a run that no longer comes to its loop says so", function()
  fresh()
  local skip = setmetatable({ now = false }, { __key = function() return "skip" end })
  local function half(run)
    local net <close> = small()
    if skip.now then return end
    for epoch in net:epochs(data.train, { epochs = 4, batch = 20, lr = 0.1, checkpoint = { run = run, every = 1 } }) do
      run:log { epoch = epoch.n }
      if epoch.n == 3 then system.interrupt_me() end
    end
  end
  raises_interrupt(function() return lab.runs { "half", run = half } end)
  skip.now = true
  local record = lab.runs { "half", run = half }[1]
  t.equal(record.status, "failed")
  t.truthy(record.why:find "did not reach the loop that it belongs to; remove .*/checkpoint.npz to start again", record.why)
end)

-- ---- the command --------------------------------------------------------------------------

local function shell(words)
  local pipe = io.popen(("'%s' %s 2>&1"):format(program, words))
  local said = pipe:read "a"
  local _, _, status = pipe:close()
  return said, status
end

t.test("setlab inspect", function()
  fresh()
  local path = interrupted(8)
  local said, status = shell("inspect " .. path .. "/checkpoint.npz")
  t.equal(status, 0)
  for _, pattern in ipairs { "1 +20 +16 +%d+ +[%d.]+ %% .*sparse", "\nepoch +6\n", "seed=3", "\nrun +" .. store.keys()[1] .. ", begun %d+.*6 rows" } do
    t.truthy(said:find(pattern), said)
  end
  said, status = shell("inspect --json " .. path .. "/checkpoint.npz")
  local facts = json.decode(said)
  t.equal({ status, facts.epoch, facts.units, facts.layers[1].inputs, facts.options.dropout, facts.run.rows }, { 0, 6, { 20, 16, 10, 2 }, 20, 0.1, 6 })
  t.near(facts.layers[1].out_degree.mean, facts.layers[1].links / 20)
  said, status = shell("inspect " .. path .. "/metrics.csv")
  t.truthy(status == 1 and said:find "metrics.csv: is not a readable .npz archive", said)
  for _, words in ipairs { "inspect", "inspect a b", "inspect --jso a" } do t.equal(select(2, shell(words)), 2) end
end)

t.done()
