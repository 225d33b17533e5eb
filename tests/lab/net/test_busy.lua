-- Nets, splits and files stay what they are while a call works on them, whatever Lua code runs in the
-- middle of it: callbacks, metamethods, finalizers, Ctrl-C. Run under the address sanitizer too.
local t = dofile "tests/harness.lua"
local lab, fs = require "lab", require "lab.c.fs"
local checkpoint, engine, feature = require "lab.c.checkpoint", require "lab.c.net", require "lab.c.feature"
local plan, pool, process, readers = require "lab.c.plan", require "lab.c.pool", require "lab.c.process", require "lab.c.data"
local system = require "lab.c.system"
require "lab.util.progress".mode = "none"

local function set(n) return lab.data.madelon { train = n or 40, test = 20, informative = 4, redundant = 4, useless = 12, seed = 3, standardise = false } end
local function make(more)
  local o = { 20, 30, 24, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 }
  for k, v in pairs(more or {}) do o[k] = v end
  return lab.mlp(o)
end
local protocol = { epochs = 1, batch = 10, lr = 0.05 }

-- An array of n times `value` that calls f() when entry 2 is read.
local function meddling(n, value, f)
  local array = {}
  for k = 1, n do if k ~= 2 then array[k] = value end end
  return setmetatable(array, { __len = function() return n end, __index = function()
    f()
    return value
  end })
end

-- A table with the fields, none of which it holds itself: reading any calls f().
local function meddling_fields(fields, f)
  return setmetatable({}, { __index = function(_, name)
    f(name)
    return fields[name]
  end })
end

-- Calls each of `calls` and keeps what they raise, by name.
local function all_of(calls, refused)
  for name, f in pairs(calls) do
    local ok, err = pcall(f)
    refused[name] = not ok and tostring(err) or nil
  end
end

local IN_USE = "the %a+ is in use"
local function check_refused(refused, names)
  for name in names:gmatch "%S+" do t.truthy(refused[name] and refused[name]:find(IN_USE), name .. ": " .. tostring(refused[name])) end
end

-- Everything that closes a net or works on it.
local function on_net(net, data)
  return {
    close = function() net:close() end, gc = function() getmetatable(net.core).__gc(net.core) end,
    train = function() for _ in net:epochs(data.test, protocol) do end end, evaluate = function() net:evaluate(data.test) end,
    predict = function() net:predict(data.test, 1) end, rewire = function() net:rewire(1, meddling(net:links(1), true, print), 1) end,
    evolve = function() net.core:evolve { first = 1, last = 2, number = 1, prune = { rule = "set", share = 0.3 }, grow = { rule = "random" } } end,
    save = function() net:save(t.tmpdir() .. "/x.npz") end,
  }
end
local ALL_NET = "close gc train evaluate predict rewire evolve save"

-- ---- rewire -------------------------------------------------------------------------------

t.test("rewire wants one boolean a link", function()
  local net <close> = make()
  local links, before = net:links(1), net:weights(1)
  local function rewire(keep) return t.raises("^tests/lab/net/test_busy.lua:%d+: net:rewire: argument 2: ", function() net:rewire(1, keep, 2) end) end
  t.truthy(rewire({ true, true, true }):find(("3 values for %d links: one boolean a link"):format(links)))
  local keep = {}
  for k = 1, links do keep[k] = true end
  keep[links + 1] = true
  t.truthy(rewire(keep):find(("%d values for %d links"):format(links + 1, links)))
  keep[links + 1] = nil
  for _, wrong in ipairs { 1, "true", 0.0, {} } do
    keep[7] = wrong
    t.truthy(rewire(keep):find("value 7 is .*, not true or false"))
  end
  keep[7] = nil  -- a hole, whatever length Lua gives the array
  t.truthy(rewire(setmetatable(keep, { __len = function() return links end })):find "value 7 is nil, not true or false")
  t.equal(net:weights(1), before)
  keep[7] = true
  t.equal(net:rewire(1, keep, 2), 0)
end)

t.test("whole numbers that the engine cannot take are refused", function()
  local net <close> = make()
  local keep = meddling(net:links(1), true, function() end)
  for _, epoch in ipairs { 1 << 32, 1 << 31, -1, math.mininteger, math.maxinteger } do
    t.raises("net:rewire: argument 3: %-?%d+ is not from 0 to 2147483647", function() net:rewire(1, keep, epoch) end)
    t.raises("'number' is %-?%d+, and must be from 0 to 2147483647", function() net.core:evolve { number = epoch } end)
    for _, word in ipairs { "links", "reads", "weights", "biases", "degrees", "input_strength", "links_of", "is_sparse", "activation_parameters" } do
      t.raises("net:" .. word .. ": argument 1: no such layer", function() net[word](net, epoch, "in") end)
    end
    t.raises("'last' is %-?%d+, and must be from 0 to", function() net.core:evolve { number = 1, last = epoch } end)
    t.raises("no such level", function() net:units(epoch) end)
    t.raises("no such sample", function() net:predict(set().test, epoch) end)
    t.raises("is not from", engine.density, 20, epoch < 0 and epoch or 0, 10)
    t.raises("is not from", system.isatty, epoch < 1 << 31 and -1 or epoch)
    local jobs <close> = pool.new()
    t.raises("is not from", jobs.signal, jobs, epoch < 1 << 31 and -1 or epoch, "INT")
  end
end)

t.test("lengths that overflow are refused", function()
  local function described(from, to)
    return { layers = { { n_in = 4, n_out = 2, kind = "given", from = from, to = to, activation = "linear", dropout = 0 } },
      loss = "cross_entropy", init = "he_uniform", seed = 1, threads = 1, precision = "float32" }
  end
  for _, n in ipairs { 1 << 62, (1 << 62) + 1, math.maxinteger, -1, math.mininteger } do
    local long = setmetatable({}, { __len = function() return n end })
    t.raises("has the length", engine.new, described(long, long))
    t.raises("has the length", process.run, { argv = long })
    t.raises("has the length", checkpoint.write, t.tmpdir() .. "/x.npz", make().core, long)
    t.raises(n < 0 and "has the length" or "values for", function() make():rewire(1, long, 1) end)
    t.raises("not from 1 to all features", feature.select, set().train, long)
  end
end)

-- ---- callbacks ----------------------------------------------------------------------------

t.test("no metamethod of an argument may close a net at work, or work on it", function()
  local data, folder = set(), t.tmpdir()
  local net <close> = make()
  local refused = {}
  local function meddle() all_of(on_net(net, data), refused) end
  local function none_came_through() check_refused(refused, ALL_NET) refused = {} end
  t.equal(net:rewire(1, meddling(net:links(1), true, meddle), 1), 0)
  none_came_through()
  net.core:train(data.train, nil, meddling_fields({ batch = 10, rate = 0.1, momentum = 0, weight_decay = 0, decay = "step", epoch = 1 }, meddle))
  none_came_through()
  t.truthy(checkpoint.write(folder .. "/net.npz", net.core, {}))
  plan.more(net.core, meddling_fields({ batch = 10, samples = 40 }, function() end))
  net:close()
  t.raises("the net is closed", plan.more, net.core, {})
end)

t.test("a net that is closed while the arguments are read is not touched", function()
  local closing = make()
  t.raises("the net is closed", plan.more, closing.core, meddling_fields({}, function() closing:close() end))
  local other = make()
  local texts = setmetatable({}, { __len = function() return 1 end, __index = function()
    other:close()
    return { "a.txt", "text" }
  end })
  t.raises("the net is closed", checkpoint.write, t.tmpdir() .. "/x.npz", other.core, texts)
end)

t.test("texts that only a metamethod holds are kept while they are written", function()
  local path, net = t.tmpdir() .. "/x.npz", make()
  local function fresh(i) return ("%d"):format(i):rep(3000) end
  local texts = setmetatable({}, { __len = function() return 3 end, __index = function(_, i)
    return setmetatable({}, { __index = function(_, k)
      collectgarbage()
      return k == 1 and "text" .. i or fresh(i)
    end })
  end })
  t.truthy(checkpoint.write(path, net.core, texts))
  local file <close> = checkpoint.open(path)
  for i = 1, 3 do t.equal(file:text("text" .. i), fresh(i)) end
  local words = setmetatable({}, { __len = function() return 3 end, __index = function(_, i)
    collectgarbage()
    return i == 1 and "printf" or i == 2 and "%s" or ("x"):rep(2000)
  end })
  t.equal(process.run({ argv = words }).out, ("x"):rep(2000))
end)

t.test("change: its function may look at the split, not close it or use it", function()
  local data, net, refused = set(), make(), {}
  local split = data.train
  local reference = data.test
  local calls = {
    close = function() split:close() end, gc = function() getmetatable(split).__gc(split) end,
    change = function() split:change(function(v) return v end) end, standardise = function() split:standardise(reference) end,
    reference = function() reference:standardise(split) end, hash = function() split:hash() end,
    train = function() for _ in net:epochs(split, protocol) do end end, evaluate = function() net:evaluate(split) end,
    select = function() lab.select_features { split, columns = { 1 } } end, statistics = function() lab.feature_statistics(split) end,
    like = function() readers.read_csv("none.csv", { header = false, label = 1 }, { like = split }) end,
  }
  local seen = 0
  split:change(function(values, i)
    all_of(calls, refused)
    t.equal({ #split, (split:shape()), split:label(i) < 2, #split:pixels(i), split:class_names() }, { 40, 40, true, 20 })
    seen = seen + 1
    return values
  end)
  t.equal(seen, 40)
  check_refused(refused, "close gc change standardise reference hash train evaluate select statistics like")
  t.truthy(split:hash() == set().train:hash())
  split:close()
  t.raises("data is closed", split.hash, split)
end)

t.test("a split stays open while a list or options are read", function()
  local data, refused = set(), {}
  local split = data.train
  local calls = { close = function() split:close() end, change = function() split:change(function(v) return v end) end }
  local chosen = feature.select(split, meddling(3, 2, function() all_of(calls, refused) error "seen" end) and setmetatable({}, {
    __len = function() return 2 end, __index = function(_, k)
      all_of(calls, refused)
      return k
    end }))
  t.equal(select(2, chosen:shape()), 2)
  check_refused(refused, "close change")
  local like, path = set().train, t.tmpdir() .. "/x.csv"
  t.write(path, ("1,"):rep(20) .. "0\n" .. ("2,"):rep(20) .. "1\n")
  local want = meddling_fields({ like = like, count = 1, numpy = false }, function(name)
    if name == "numpy" then all_of({ like_close = function() like:close() end }, refused) end
  end)
  readers.read_csv(path, { header = false, label = 21 }, want)
  check_refused(refused, "like_close")
  t.truthy(#like:hash() == 32)
end)

-- ---- how the use ends ---------------------------------------------------------------------

t.test("the use ends however the call ends", function()
  local data = set()
  local split = data.train
  local net <close> = make()
  local function each_way(call)
    t.raises("broken", call, function() error "broken" end)
    t.raises("attempt to yield across a C%-call boundary", function()
      local co = coroutine.wrap(function() call(coroutine.yield) end)
      co()
    end)
    local ok, err = pcall(call, function()
      system.interrupt_me()
      for _ = 1, 1000 do end
    end)
    system.forget_interrupt()
    t.equal({ ok, require "lab.util.stop".is_interrupt(err) }, { false, true })
    local value = setmetatable({}, { __tostring = function() error "no text" end })
    ok, err = pcall(call, function() error(value) end)
    t.equal({ ok, rawequal(err, value) }, { false, true })
    t.raises("stack overflow", call, function()
      local function deep() return 1 + deep() end
      return deep()
    end)
  end
  each_way(function(f) net:rewire(1, meddling(net:links(1), true, f), 1) end)
  t.equal(net.core:check(), nil)
  net:evaluate(data.test)
  each_way(function(f) split:change(function(values) f() return values end) end)
  net:evaluate(split)
  each_way(function(f) net.core:train(split, nil, meddling_fields({ batch = 10 }, f)) end)
  for _ in net:epochs(split, protocol) do end
  split:standardise(split)
  split:close()
  net:close()
  net:close()
end)

t.test("the use ends even if a hook raises in that moment", function()
  local lets_go = debug.getregistry()["lab.hold"].__close
  local function interrupted(f, ...)
    debug.sethook(function() if debug.getinfo(2, "f").func == lets_go then error "hook" end end, "c")
    local ok, err = pcall(f, ...)
    debug.sethook()
    t.truthy(not ok and tostring(err):find "hook", err)
  end
  local net, data = make(), set()
  interrupted(net.core.weights, net.core, 1)
  net:evaluate(data.test)
  interrupted(net.core.evaluate, net.core, data.test)
  t.truthy(#data.test:hash() == 32)
  interrupted(data.train.change, data.train, function(values) return values end)
  net:evaluate(data.train)
  interrupted(net.core.train, net.core, data.train, nil, { batch = 10, rate = 0.1, momentum = 0, weight_decay = 0, decay = "step", epoch = 1 })
  data.train:close()
  net:close()
end)

t.test("a value that change refuses is named even if its text is an error", function()
  local split = set().train
  t.raises("value 1 of sample 1 became a thing", split.change, split, function() return { setmetatable({}, { __tostring = function() return "a thing" end }) } end)
  t.raises("no text", split.change, split, function() return { setmetatable({}, { __tostring = function() error "no text" end }) } end)
  t.raises("the split is in use", split.change, split, function() return { setmetatable({}, { __tostring = function() split:close() end }) } end)
  t.equal(#split, 40)
end)

t.test("a coroutine that holds a net cannot close it while it is in use", function()
  local net = make()
  local co = coroutine.create(function()
    local held <close> = net
    coroutine.yield(held)
  end)
  coroutine.resume(co)
  local closed, why
  net:rewire(1, meddling(net:links(1), true, function() closed, why = coroutine.close(co) end), 1)
  t.equal(closed, false)
  t.truthy(tostring(why):find(IN_USE))
  t.equal(net:layers(), 3)
  net:close()
end)

-- Runs f while every allocation may run finalizers, which call `meddle`.
local function under_collection(meddle, f)
  local meta, over = {}, false
  function meta.__gc()
    if over then return end
    meddle()
    setmetatable({}, meta)
  end
  setmetatable({}, meta)
  local mode = collectgarbage("incremental", 1, 1000, 1)
  local ok, err = pcall(f)
  over = true
  collectgarbage(mode)
  collectgarbage "restart"
  if not ok then error(err, 0) end
end

t.test("finalizers that run in the middle of a call", function()
  local data, refused = set(), 0
  local net, split = make(), set(3).train
  local ours = {}  -- C functions in whose middle it counts
  for _, list in ipairs { getmetatable(net.core).__index, getmetatable(split).__index, feature } do
    for name, f in pairs(list) do if name ~= "close" then ours[f] = true end end
  end
  local function meddle()
    local inside = false
    for level = 2, 6 do
      local info = debug.getinfo(level, "f")
      inside = inside or info and ours[info.func]
    end
    for _, f in ipairs(inside and { function() net:close() end, function() split:close() end } or {}) do
      local ok, err = pcall(f)
      if not ok and err:find(IN_USE) then refused = refused + 1 end
    end
  end
  local looks = {
    function() return net:weights(1) end, function() return net:biases(1) end, function() return net:degrees(1, "in") end,
    function() return net:input_strength() end, function() return net:links_of(1) end, function() return net:surviving_inputs() end,
    function() return net:predict(data.test, 1) end, function() return net.core:phases() end, function() return split:pixels(1) end,
    function() return split:class_names() end, function() return split:hash() end, function() return feature.select(split, { 1, 2 }) end,
    function() return feature.statistics(split, 4) end, function() return split:change(function(v) return v end) end,
    function() return net:rewire(1, meddling(net:links(1), true, function() end), 1) end, function() return net:evaluate(data.test) end,
  }
  for round = 1, 200 do
    local look = looks[round % #looks + 1]
    net, split = make(), set(3).train
    under_collection(meddle, function()
      local ok, err = pcall(look)
      t.truthy(ok or tostring(err):find "is closed", err)
    end)
  end
  t.truthy(refused > 0, "no finalizer ran within a call")
end)

t.test("a program that ends in the middle of a call", function()
  local folder, program = t.tmpdir(), (os.getenv "B" or "build") .. "/setlab"
  local head = "local lab = require 'lab'\nlocal d = lab.data.madelon { train = 30, test = 10, standardise = false }\n"
    .. "local net = lab.mlp { 500, 20, 10, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 }\n"
  for i, last in ipairs { "d.train:change(function() os.exit(7, true) end)",
    "net:rewire(1, setmetatable({}, { __len = function() return net:links(1) end, __index = function() os.exit(7, true) end }), 1)" } do
    local script = t.write(("%s/%d.lua"):format(folder, i), head .. last)
    local ended = process.run { argv = { program, script } }
    t.equal({ ended.status, ended.err }, { 7, "" })
  end
end)

-- ---- loops --------------------------------------------------------------------------------

t.test("what a loop's body may do", function()
  local data, folder = set(), t.tmpdir()
  local net <close> = make()
  local n = 0
  for epoch in net:epochs(data.train, { epochs = 3, batch = 10, lr = 0.05, evolve = lab.set {} }) do
    n = n + 1
    t.truthy(net:accuracy(data.test) >= 0)
    net:save(("%s/%d.npz"):format(folder, epoch.n))
    net:rewire(1, meddling(net:links(1), true, function() end), epoch.n)
    if epoch.n == 1 then for _ in net:epochs(data.test, protocol) do end end
    t.equal(data.train:hash(), data.train:hash())
  end
  t.equal({ n, net.epoch }, { 3, 4 })
  for _ in net:epochs(data.train, protocol) do net:close() end  -- after the last epoch there is nothing to do
end)

t.test("a loop whose net or split is closed says so", function()
  local here = "^tests/lab/net/test_busy.lua:%d+: net:epochs: "
  local function loop(body, more)
    local data, net = set(), make()
    local o = { epochs = 3, batch = 10, lr = 0.05 }
    for k, v in pairs(more and more(net, data) or {}) do o[k] = v end
    for _ in net:epochs(data.train, o) do body(net, data) end
  end
  local function nothing() end
  t.raises(here .. "the net is closed", loop, function(net) net:close() end)
  t.raises(here .. "data is closed", loop, function(_, data) data.train:close() end)
  for _, option in ipairs { "lr", "evolve" } do
    local function option_that(f) return function(net, data) return { [option] = function() f(net, data) return 0 end } end end
    t.raises(here .. "the net is closed", loop, nothing, option_that(function(net) net:close() end))
    t.raises(here .. "data is closed", loop, nothing, option_that(function(_, data) data.train:close() end))
  end
  t.raises(here .. "the net is closed", loop, nothing, function(net) return { evolve = lab.set { zeta = function() net:close() return 0.1 end } } end)
end)

-- ---- wrong objects, closed ones -----------------------------------------------------------

local arguments = { epochs = { set().train, protocol }, evaluate = { set().train }, accuracy = { set().train }, predict = { set().train, 1 },
  save = { t.tmpdir() .. "/x.npz" }, rewire = { 1, {}, 1 }, degrees = { 1, "in" }, units = { 1 }, reads = { 1 } }

t.test("every method of a net says that it is closed, and how it is called", function()
  local Net, count = require "lab.train.net", 0
  for name, f in pairs(Net) do
    if type(f) == "function" and not name:find "^__" then
      count = count + 1
      local closed, given = make(), arguments[name] or { 1 }
      closed:close()
      if name == "surviving_inputs" then given = {} end
      if name ~= "close" then t.raises("^tests/lab/net/test_busy.lua:%d+: net:" .. name .. ": the net is closed", function() f(closed, table.unpack(given)) end) end
      for _, wrong in ipairs { set().train, {}, 1, closed.core, "x" } do
        t.raises("^tests/lab/net/test_busy.lua:%d+: write net:" .. name .. "%(", function() f(wrong, table.unpack(given)) end)
      end
    end
  end
  t.truthy(count >= 19, count)
end)

t.test("every method of a split says that it is closed", function()
  local methods, count = getmetatable(set().train).__index, 0
  for name, f in pairs(methods) do
    if name ~= "close" then
      count = count + 1
      local closed = set().train
      closed:close()
      t.raises("^tests/lab/net/test_busy.lua:%d+: data is closed", function() f(closed, name == "change" and print or name == "standardise" and set().train or 1) end)
      t.raises("lab.data expected, got", function() f(io.stdout, print) end)
      t.raises("lab.data expected, got", function() f(1, print) end)
    end
  end
  t.equal(count, 18)
end)

t.test("files, pools, monitors and locks that are closed", function()
  local folder = t.tmpdir()
  local net <close> = make()
  net:save(folder .. "/net.npz")
  local file = checkpoint.open(folder .. "/net.npz")
  file:close()
  t.raises("the file is closed", file.text, file, "net.json")
  t.raises("the file is closed", file.restore, file, net.core)
  t.equal(net:layers(), 3)
  local jobs = pool.new()
  jobs:close()
  t.raises("the pool is closed", jobs.start, jobs, { "--version" }, folder .. "/log")
  t.raises("the pool is closed", jobs.wait, jobs, 0)
  t.raises("the pool is closed", jobs.signal, jobs, 0, "INT")
  local watch = require "lab.c.monitor".start(folder .. "/m.csv")
  watch:stop()
  t.raises("the monitor has stopped", watch.stop, watch)
  local log = fs.appender(folder .. "/log.csv")
  log:close()
  t.raises("file is closed", log.write, log, "x")
  t.raises("file is closed", log.sync, log)
end)

t.test("paths that hold a zero byte are refused, not cut", function()
  local folder = t.tmpdir()
  local net <close> = make()
  net:save(folder .. "/net.npz")
  local here = "^tests/lab/net/test_busy.lua:%d+: "
  t.raises(here .. "net:save: the path holds a zero byte", function() net:save(folder .. "/net.npz\0x") end)
  t.raises(here .. "lab.load: the path holds a zero byte", function() return lab.load(folder .. "/net.npz\0x"), 1 end)
  t.raises(here .. "lab.data.npz: option 'file' holds a zero byte", function() return lab.data.npz { file = folder .. "/net.npz\0x" }, 1 end)
  t.raises(here .. "lab.data.csv: option 'test' holds a zero byte", function() return lab.data.csv { train = "x.csv", test = "y.csv\0" }, 1 end)
  t.raises(here .. "lab.data.mnist: option 'path' holds a zero byte", function() return lab.data.mnist { path = "/usr\0" }, 1 end)
  for _, reader in ipairs { "read_idx", "read_npz", "read_csv" } do t.raises("path holds a zero byte", readers[reader], "x\0", "train", {}) end
  t.raises("path holds a zero byte", require "lab.c.monitor".start, folder .. "/m.csv\0x")
  t.raises("holds a zero byte", process.run, { argv = { "echo", "a\0b" } })
  t.raises("holds a zero byte", process.run, { argv = { "echo" }, cwd = "/\0" })
  local jobs <close> = pool.new()
  t.raises("zero byte", jobs.start, jobs, { "--version\0" }, folder .. "/log")
  t.raises("zero byte", jobs.start, jobs, { "--version" }, folder .. "/log\0")
end)

t.done()
