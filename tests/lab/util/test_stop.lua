-- lab.stop: a script's protected calls are Lua's own, but let pass what is to end the script; what is lost
-- on another road is noticed by whoever carries the script out.
local t = dofile "tests/harness.lua"
local stop, strict, system = require "lab.util.stop", require "lab.script.strict", require "lab.c.system"
local core = require "lab.c.stop"

-- Calls f with Lua's own words, or with those of a script; returns what it returns as text.
local function outcome(f, as_script)
  local leave = as_script and stop.enter() or function() end
  local results = table.pack(stop.catch(f))
  leave()
  for i = 1, results.n do results[i] = tostring(results[i]) end
  return table.concat(results, " | ", 1, results.n)
end

-- Everything in one line, for levels and places must be the same as well.
local alike = {
  ["pcall's results"] = function() return pcall(function(...) return select("#", ...), ... end, 1, nil, 3, nil) end,
  ["pcall's error"] = function() return pcall(error, "words") end,
  ["pcall's place"] = function() return pcall(function() error "words" end) end,
  ["levels"] = function() return pcall(function() error("words", 2) end) end,
  ["level 3"] = function() return pcall(function() error("words", 3) end) end,
  ["no error value"] = function() return pcall(error) end,
  ["no function"] = function() return pcall() end,
  ["not callable"] = function() return pcall(12) end,
  ["xpcall's results"] = function() return xpcall(function(...) return ... end, print, 1, nil, nil) end,
  ["xpcall's handler"] = function() return xpcall(error, function(e) return "<" .. e .. ">", 2 end, "words", 0) end,
  ["no handler"] = function() return xpcall(print) end,
  ["a handler that fails"] = function() return (xpcall(error, function() error "again" end)) end,
  ["a traceback"] = function() return xpcall(function() local x = nil; x() end, function(e) return debug.traceback(e, 2):match "^.-\n.-\n.-\n" end) end,
  ["a yield across pcall"] = function()
    local co = coroutine.create(function(a) return pcall(function() local b = coroutine.yield(a + 1) error("got " .. b, 0) end) end)
    return coroutine.resume(co, 1), select(2, coroutine.resume(co, 7))
  end,
  ["a yield across xpcall"] = function()
    local co = coroutine.wrap(function() return xpcall(function() return coroutine.yield(1), 2 end, print) end)
    return co(), co(5)
  end,
  ["resume"] = function() return coroutine.resume(coroutine.create(function(...) return ... end), 1, nil, nil) end,
  ["resume with an error"] = function() return coroutine.resume(coroutine.create(function() error { 1 } end)) == false end,
  ["a dead coroutine"] = function() local co = coroutine.create(print) coroutine.close(co) return coroutine.resume(co) end,
  ["no coroutine"] = function() return coroutine.resume(12) end,
  ["itself"] = function() return coroutine.wrap(function() return coroutine.resume(coroutine.running()) end)() end,
  ["wrap"] = function() local f = coroutine.wrap(function(...) coroutine.yield(...) return "end" end) return f(1, nil), f(), pcall(f) end,
  ["wrap with an error"] = function() return pcall(coroutine.wrap(function() error "words" end)) end,
  ["wrap with an error, in a script"] = function() return pcall(function() coroutine.wrap(function() error "words" end)() end) end,
  ["wrap closes what is open"] = function()
    local closed = 0
    local f = coroutine.wrap(function() local x <close> = setmetatable({}, { __close = function() closed = closed + 1 end }) error "words" end)
    return pcall(f), closed
  end,
  ["close"] = function()
    local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() error("closing", 0) end }) coroutine.yield() end)
    coroutine.resume(co)
    return coroutine.close(co)
  end,
  ["deep in each other"] = function()
    local function deep(n) if n == 0 then error("bottom", 0) end return select(2, pcall(coroutine.wrap(deep), n - 1)) end
    return deep(20)
  end,
  ["no end of stack"] = function() local function f() return pcall(f) end return (pcall(f)) end,
}
for name, f in pairs(alike) do
  t.test("as Lua's own: " .. name, function() t.equal(outcome(f, true), outcome(f, false)) end)
end

-- ---- roads ------------------------------------------------------------------------------

-- Ways on which an error of f is lost to who called it.
local roads = {
  none = function(f) f() end,
  pcall = function(f) pcall(f) end,
  ["pcall of pcall"] = function(f) pcall(pcall, pcall, f) end,
  xpcall = function(f) xpcall(f, function(e) return "text: " .. tostring(e) end) end,
  ["a handler that fails"] = function(f) xpcall(f, function() error "handler" end) end,
  ["coroutine.resume"] = function(f) coroutine.resume(coroutine.create(f)) end,
  ["coroutine.wrap"] = function(f) pcall(coroutine.wrap(f)) end,
  ["coroutines in coroutines"] = function(f) coroutine.wrap(function() pcall(coroutine.wrap(function() pcall(f) end)) end)() end,
  ["after a yield"] = function(f)
    local co = coroutine.wrap(function() pcall(function() coroutine.yield() f() end) end)
    co()
    co()
  end,
  ["in a __close"] = function(f) pcall(function() local x <close> = setmetatable({}, { __close = function() f() end }) end) end,
  ["an error in a __close"] = function(f)
    pcall(function() local x <close> = setmetatable({}, { __close = function() error "closing" end }) f() end)
  end,
  ["coroutine.close"] = function(f)
    local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() f() end }) coroutine.yield() end)
    coroutine.resume(co)
    coroutine.close(co)
  end,
  ["a finalizer"] = function(f)
    setmetatable({}, { __gc = function() f() end })
    collectgarbage()
  end,
  ["a reader of load"] = function(f) load(function() f() end) end,
  ["a comparison"] = function(f) pcall(table.sort, { 1, 2 }, function() f() end) end,
  ["tostring"] = function(f) pcall(tostring, setmetatable({}, { __tostring = function() f() end })) end,
}

local raisers = {
  interrupt = function() system.interrupt_me() for _ = 1, 100 do end end,
  exit = function() os.exit(3) end,
  pause = function() stop.raise { kind = "pause", message = "paused" } end,
  disk = function() require "lab.run.store".fail "the disk is full" end,
}
-- Hooks do not run in a finalizer; there it is for C to look whether Ctrl-C came, as training does.
local function in_c() system.interrupt_me() end

for road, over in pairs(roads) do
  t.test("nothing is swallowed: " .. road, function()
    for kind, raiser in pairs(raisers) do
      if road == "a finalizer" and kind == "interrupt" then raiser = in_c end
      local leave, went_on = stop.enter(), false
      local ok, err = stop.watch(function()
        over(raiser)
        for _ = 1, 100 do end
        stop.check()
        went_on = true
      end)
      leave()
      system.forget_interrupt()
      t.equal({ ok, stop.kind(err), went_on }, { false, kind, false })
    end
  end)
end

t.test("a loop in a coroutine hears the first Ctrl-C, however deep", function()
  for depth = 1, 4 do
    local f = function()
      system.interrupt_me()
      while true do end
    end
    for _ = 1, depth do
      local inner = f
      f = function() coroutine.wrap(inner)() end
    end
    local leave = stop.enter()
    local ok, err = stop.watch(f)
    leave()
    system.forget_interrupt()
    t.equal({ ok, stop.kind(err) }, { false, "interrupt" })
  end
end)

t.test("after a coroutine ends, the one that made it hears", function()
  local leave = stop.enter()
  local ok, err = stop.watch(function()
    coroutine.wrap(function() for _ = 1, 10 do end end)()
    pcall(coroutine.wrap(function() error "words" end))
    system.interrupt_me()
    while true do end
  end)
  leave()
  system.forget_interrupt()
  t.equal({ ok, stop.kind(err) }, { false, "interrupt" })
end)

t.test("what tidies up may catch errors of its own", function()
  local leave, tidied = stop.enter(), nil
  local ok, err = stop.watch(function()
    local x <close> = setmetatable({}, { __close = function() tidied = { pcall(error, "mine", 0) } end })
    os.exit(4)
  end)
  leave()
  stop.forget()
  t.equal({ ok, err.status, tidied }, { false, 4, { false, "mine" } })
end)

t.test("a stop that was dealt with ends nothing else", function()
  local leave = stop.enter()
  local ok, value = stop.watch(function()
    return pcall(function()
      local _, err = stop.catch(os.exit, 2)
      t.equal(err.status, 2)
      stop.forget()
      return "goes on"
    end)
  end)
  leave()
  t.equal({ ok, value }, { true, true })
  t.equal(stop.watch(function() stop.check() end), true)  -- nor does one from before
end)

t.test("os.exit takes what Lua's takes", function()
  local leave = stop.enter()
  local function status(...)
    local _, err = stop.catch(os.exit, ...)
    stop.forget()
    return err.status
  end
  t.equal({ status(), status(true), status(false), status(7), status(7.0, true), status(nil, false) }, { 0, 0, 1, 7, 7, 0 })
  local ok, err = pcall(function() os.exit "now" end)
  leave()
  t.truthy(not ok and err:find "^tests/lab/util/test_stop.lua:%d+: bad argument #1 to 'exit' %(a whole number, true or false expected, got string%)$", err)
end)

t.test("afterwards the globals are Lua's again", function()
  local function all() return { pcall, xpcall, os.exit, coroutine.resume, coroutine.wrap, coroutine.close } end
  local before = all()
  local leave = stop.enter()
  for i, f in ipairs(all()) do t.truthy(f ~= before[i]) end
  leave()
  for i, f in ipairs(all()) do t.truthy(f == before[i]) end
end)

t.test("keys know the words of a script by the names that Lua's have", function()
  local canonical, store = require "lab.run.canonical", require "lab.run.store"
  local function written()
    local list = {}
    for i, f in ipairs { pcall, xpcall, os.exit, coroutine.resume, coroutine.wrap, coroutine.close } do list[i] = canonical.name_of(f) end
    return list
  end
  local before = written()
  local leave = stop.enter()
  local now = written()
  leave()
  t.equal(now, before)
  t.equal(#now, 6)
end)

t.test("errors in words", function()
  local function words(f) return strict.words(select(2, pcall(f))) end
  local function with(meta) return function() error(setmetatable({}, meta)) end end
  t.equal(words(function() error("a", 0) end), "a")
  t.equal(words(function() error { code = 2 } end), "the script raised an error that is not a message but a table value")
  t.equal(words(function() error() end), "the script raised an error that is not a message but a nil value")
  t.equal(words(with { __tostring = function() return "mine" end }), "mine")
  t.equal(words(with { __tostring = function() return "mine" end, __metatable = false }), "mine")
  t.equal(words(with { __tostring = function() error("broken", 0) end }), "the script raised an error whose __tostring fails: broken")
  t.equal(words(with { __tostring = function() error {} end }), "the script raised an error whose __tostring fails: table")
  t.equal(words(with { __tostring = function() return {} end }), "the script raised an error whose __tostring fails: '__tostring' must return a string")
  t.equal(words(with { __index = function() error "no" end }), "the script raised an error that is not a message but a table value")
end)

t.test("a stop is known by what it is", function()
  for _, other in ipairs { "interrupted!", "x: interrupted!", { kind = "exit" }, setmetatable({ kind = "pause" }, {}), 1, false } do
    t.equal(stop.kind(other), nil)
  end
  t.equal(stop.kind(nil), nil)
  t.raises("table expected", core.raise, "words")
end)

t.done()
