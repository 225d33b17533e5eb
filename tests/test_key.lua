-- Keys: equal for equal runs, different for runs that may differ, refused where unknown.
local t = dofile "tests/harness.lua"
local canonical, key, params = require "lab.canonical", require "lab.key", require "lab.params"
local fs = require "lab.c.fs"

local function hash(v) return canonical.write(v, "value").hash end

-- The key of the run function that a script's text returns, with its arguments.
local function key_of(script, arguments, overrides)
  params.overrides = overrides or {}
  local f = assert(load(script, "@x.lua"))()
  return key.of_run(key.of_function(f, "lab.runs"), arguments or {})
end
local function of(...) return key_of(...).hash end

t.test("equal tables have equal hashes, in whatever order they were filled", function()
  local a, b = {}, {}
  for i = 1, 50 do a["k" .. i] = i end
  for i = 50, 1, -1 do b["k" .. i] = i end
  t.equal(hash(a), hash(b))
  t.equal(hash { 1, "x", true, { y = 2.5 } }, hash { 1, "x", true, { y = 2.5 } })
  t.equal(hash(0 / 0), hash(-(0 / 0)))
end)

t.test("different values have different hashes", function()
  local shared = {}
  local values = { 1, 1.0, "1", true, false, "true", {}, { 1 }, { "1" }, { [2] = 1 }, { a = 1 }, { a = { 1 } }, { { a = 1 } }, "", "a", { "a", "b" }, { "ab" },
    { "a", b = "c" }, { 1, 2 }, { 2, 1 }, { [true] = 1 }, { [false] = 1 }, { [1.5] = 1 }, -0.0, 0.0, 0, math.huge, -math.huge, 0 / 0,
    math.floor, math.ceil, "math.floor", { shared, shared }, setmetatable({}, { x = 1 }), function() return 1 end, function() return 2 end, io.stdout, io.stderr }
  local seen = {}
  for i, v in ipairs(values) do
    local h = hash(v)
    t.truthy(not seen[h], ("values %d and %s are taken for the same"):format(i, tostring(seen[h])))
    seen[h] = i
  end
end)

t.test("cyclic tables and recursive functions end", function()
  local function ring(n)
    local t1 = { n = n }
    t1.self, t1.list = t1, { t1, t1 }
    return t1
  end
  t.equal(hash(ring(1)), hash(ring(1)))
  t.truthy(hash(ring(1)) ~= hash(ring(2)))
  local script = "local function even(n) if n == 0 then return %s end return odd and odd(n - 1) or even(n - 2) end return function() return even(4) end"
  t.equal(of(script:format "true"), of(script:format "true"))
  t.truthy(of(script:format "true") ~= of(script:format "false"))
  local pair = "local a, b; function a() return b, %d end function b() return a end return function() return a() end"
  t.equal(of(pair:format(1)), of(pair:format(1)))
  t.truthy(of(pair:format(1)) ~= of(pair:format(2)))
end)

local script = [[
local lab = require "lab"
local P = lab.params { epochs = 4, zeta = 0.3, unread = 1 }
local factor = { 2, deep = { on = true } }
-- A helper.
local function rate() return P.zeta end
local function helper(x) return x * 10 + rate() end
local unrelated = "words"
return function(run) for e = 1, P.epochs do run:log { y = helper(e) * factor[1] } end end
]]

t.test("prose, places and unrelated locals leave the key alone", function()
  local want = of(script)
  t.equal(of("-- # A title\n--\n-- Much prose.\n\n" .. script), want)
  t.equal(of((script:gsub("%-%- A helper%.", "-- Another word.\n-- And one more.\n\n"))), want)
  t.equal(of((script:gsub('"words"', '"other words"'))), want)
  t.equal(of((script:gsub("local unrelated", "local new1, new2, unrelated"))), want)
  t.equal(of((script:gsub("helper", "renamed"))), want)
  t.equal(of((script:gsub("local P =", "local before = 1\nlocal P ="))), want)
end)

t.test("a constant, an operator or a value in what is captured changes the key", function()
  local want = of(script)
  for _, edit in ipairs { { "%* 10", "* 11" }, { "{ 2, deep", "{ 3, deep" }, { "on = true", "on = false" }, { "for e = 1", "for e = 0" }, { "y = helper", "z = helper" }, { "%+ rate", "- rate" } } do
    local edited, n = script:gsub(edit[1], edit[2])
    t.equal(n, 1)
    t.truthy(of(edited) ~= want, edit[2])
  end
end)

t.test("a parameter that is read changes the key, another does not", function()
  local want = of(script)
  t.truthy(of(script, {}, { epochs = "5" }) ~= want)
  t.truthy(of(script, {}, { zeta = "0.4" }) ~= want, "read by a helper's helper")
  t.equal(of(script, {}, { unread = "2" }), want)
  t.equal(of((script:gsub("unread = 1", "unread = 1, another = 5"))), want)
  local id = key_of(script, {}, { zeta = "0.4" })
  t.equal(id.reads, { epochs = true, zeta = true })
  t.equal(id.configuration.parameters, { epochs = 4, zeta = 0.4 })
end)

t.test("a parameter's name used for something else is not a reading", function()
  local text = [[
    local P = require("lab").params { epochs = 4, zeta = 0.3 }
    return function(run, net) for e in net:epochs { zeta = P.zeta } do run:log { epochs = e } end end ]]
  t.equal(of(text), of(text, {}, { epochs = "5" }))
  t.equal(key_of(text).reads, { zeta = true })
  local dynamic = [[
    local P = require("lab").params { epochs = 4, zeta = 0.3 }
    return function(name) local x = "zeta" return P[name] end ]]
  t.equal(key_of(dynamic).reads, { zeta = true })
end)

t.test("parameters that hide in a table count if any code names them", function()
  local hidden = [[
    local P = require("lab").params { epochs = 4, zeta = 0.3 }
    local config = { P = P }
    local function helper() return config.P.epochs end
    return function() return helper() end ]]
  t.truthy(of(hidden) ~= of(hidden, {}, { epochs = "5" }))
  t.equal(of(hidden), of(hidden, {}, { zeta = "0.5" }))
end)

t.test("arguments count by content, functions in them too", function()
  local plain = "return function() end"
  t.equal(of(plain, { seed = 1, arm = { name = "a", f = function() return 1 end } }), of(plain, { arm = { f = function() return 1 end, name = "a" }, seed = 1 }))
  t.truthy(of(plain, { seed = 1 }) ~= of(plain, { seed = 2 }))
  t.truthy(of(plain, { arm = { name = "a", f = function() return 1 end } }) ~= of(plain, { arm = { name = "a", f = function() return 2 end } }))
  local P = params { rate = 0.5, other = 1 }
  local reading = function() return P.rate end
  t.equal(key_of(plain, { arm = { name = "a", f = reading } }).reads, { rate = true })
end)

t.test("libraries and the toolkit's modules count by name", function()
  local by_name = 'local lab, floor, m, runs = require "lab", math.floor, math, require("lab.runs") return function() return lab, floor, m, runs end'
  local want = of(by_name)
  require("lab.runs").failures = 17
  t.equal(of(by_name), want)
  require("lab.runs").failures = 0
  t.equal(canonical.name_of(require("lab.runs")), "lab.runs")
  t.equal(canonical.name_of(math.floor), "math.floor")
end)

t.test("globals that the code names are captured; the standard ones are not", function()
  local text = "return function() return my_global, print, 'x' end"
  local without = of(text)
  my_global = 1
  local one = of(text)
  my_global = 2
  local two = of(text)
  my_global = function() return 1 end
  local three = of(text)
  my_global = function() return 2 end
  local four = of(text)
  my_global = nil
  t.truthy(without ~= one and one ~= two and three ~= four)
  t.equal(of(text), without)
end)

t.test("a module that the function requires counts by its text", function()
  local folder, path = t.tmpdir(), package.path
  package.path = folder .. "/?.lua;" .. path
  local text = 'return function() return require "my_test_module" end'
  t.write(folder .. "/my_test_module.lua", "return 1")
  local one = of(text)
  t.write(folder .. "/my_test_module.lua", "return 2")
  local two = of(text)
  package.path = path
  t.truthy(one ~= two and of(text) ~= two)
end)

t.test("data counts by content hash, wherever it is captured", function()
  -- A stand-in for a data view: a userdata with the name and the method of one.
  local function view(content)
    local v = fs.appender "/dev/null"
    v:close()
    debug.setmetatable(v, { __name = "lab.data", __index = { hash = function() return content end, image_shape = function() end } })
    return v
  end
  local function id(content)
    local data = { name = "set", train = view(content), test = view "t" }
    local function f() return data.train end
    return key.of_run(key.of_function(f, "lab.runs"), {})
  end
  t.equal(id("aa").hash, id("aa").hash)
  t.truthy(id("aa").hash ~= id("bb").hash)
  t.equal(id("aa").data, { ["data.train"] = "aa", ["data.test"] = "t" })
  t.equal(id("aa").configuration.captured.data, { name = "set", train = "data aa", test = "data t" })
end)

t.test("what has no content is refused by its name, at the script's line", function()
  local file <close> = assert(io.open("/dev/null"))
  open_file = file
  local function refuse(text, pattern)
    t.raises("^x.lua:%d: lab.runs: '" .. pattern, function()
      local f = assert(load(text, "@x.lua"))
      f(function(g) return key.of_function(g, "lab.runs") end)
    end)
  end
  refuse("local made = ...\nlocal log = open_file\nlocal p = made(function() return log end)", "log' is an open file: .*make it inside the run function")
  refuse("local made = ...\nlocal log = open_file\nlocal function helper() return log end\nlocal p = made(function() return helper() end)", "helper > log' is an open file")
  refuse("local made = ...\nlocal arm = { deep = { log = open_file } }\nlocal p = made(function() return arm end)", "arm.deep.log' is an open file")
  refuse("local made = ...\nlocal co = coroutine.create(print)\nlocal p = made(function() return co end)", "co' is a coroutine")
  refuse("local made = ...\nlocal t = { [{}] = 1 }\nlocal p = made(function() return t end)", "t' is a table with a table as a key")
  refuse("local made = ...\nlocal f = ('x'):gmatch('x')\nlocal p = made(function() return f end)", "f' is a C function")
  open_file = nil
end)

t.test("a value may say itself what it counts for", function()
  local function counted(n) return setmetatable({ cache = {}, n = n }, { __key = function(v) return { "counted", v.n } end }) end
  local a, b = counted(1), counted(1)
  b.cache.x = 1
  t.equal(hash(a), hash(b))
  t.truthy(hash(a) ~= hash(counted(2)))
end)

-- Earlier builds turned images that are not square about a wrong point: their results are not read back.
t.test("data count by their hash, and images that are not square under a new name", function()
  local engine, xxh = require "lab.c.data", require "lab.c.hash"
  local function noise(height, width) return assert(engine.noise({ channels = 3, height = height, width = width, classes = 2, seed = 1 }, 20, 1)) end
  local function earlier(data) return xxh.xxh128("{i1;D" .. data:hash() .. "}") end
  local square, tall, wide = noise(8, 8), noise(9, 8), noise(8, 9)
  local numbers = require "lab.data".madelon { train = 20, test = 10 }.train
  t.equal(hash { square }, earlier(square))
  t.equal(hash { numbers }, earlier(numbers))
  t.truthy(hash { tall } ~= earlier(tall))
  t.truthy(hash { wide } ~= earlier(wide))
  t.truthy(hash { tall } ~= hash { wide })
end)

t.test("a variable that a run changes is noticed", function()
  local count = 0
  local function f() count = count + 1 end
  local part = key.of_function(f, "lab.runs")
  t.equal(key.has_changed(part, f), false)
  f()
  t.equal(key.has_changed(part, f), true)
end)

t.done()
