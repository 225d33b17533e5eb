-- Keys: equal for equal runs, different for runs that may differ, refused where unknown.
local t = dofile "tests/harness.lua"
local canonical, key, params = require "lab.run.canonical", require "lab.run.key", require "lab.script.params"
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
  local by_name = 'local lab, floor, m, runs = require "lab", math.floor, math, require("lab.run.runs") return function() return lab, floor, m, runs end'
  local want = of(by_name)
  require("lab.run.runs").failures = 17
  t.equal(of(by_name), want)
  require("lab.run.runs").failures = 0
  t.equal(canonical.name_of(require "lab".runs), "lab.runs")
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

-- The hashes of the toolkit's words as the published runs' program wrote them: those runs are found as
-- long as these stay.
local published = {
  ["lab"] = "7ada1be49fa17430ea1cd8cded558094",
  ["lab.augment"] = "2a206ec56c6cabc65782407a0896d025",
  ["lab.correlation"] = "b3350a169d04ce16785abe6a1eda613a",
  ["lab.data"] = "da260e24b927a65c96862794937a4e02",
  ["lab.data.csv"] = "1914cf1981925f6fd71235f7811a1fc7",
  ["lab.data.mnist"] = "2ac833549919db7e852cdb40feb4673f",
  ["lab.degrees"] = "2e47036d89536b4165ad9456547f1a31",
  ["lab.dense"] = "7f08d2d860a90cb85b67de11b9ff0904",
  ["lab.erdos_renyi"] = "016ab51c99fd65ecbd5784bacded971e",
  ["lab.feature_statistics"] = "5ddef95384286554d42530d88c7d701a",
  ["lab.load"] = "c1c352de409257a63b3b930e0c9c7426",
  ["lab.memo"] = "e84a64a4d3dc9fe21711e1113f4b00dd",
  ["lab.mlp"] = "7bcdfad772de924bff4d97040507b56c",
  ["lab.plot"] = "93574d0b71f5ea4a886bce29c1e3271e",
  ["lab.plot.curves"] = "00fbb51de8e71a1c36bcfe16a2b83abf",
  ["lab.power_law"] = "0d9418971a538cfb0cd2a14f3e3a0e20",
  ["lab.runs"] = "6fdab6287da6ce96e48693914865f0b2",
  ["lab.schedule"] = "36a023d0ab19d455d36fad33217b2608",
  ["lab.schedule.cosine"] = "944900d913eda9e4b462ca71c0807359",
  ["lab.select_features"] = "f09a284c9e3615cf7da3f971487d2a54",
  ["lab.set"] = "bd42a4320372b6f1b298b4fc5cd5d991",
  ["lab.sweep"] = "02485217d5712f54d30204aadef1a611",
  ["lab.table"] = "a4f9c86d52f7de9f70db7552807ec35f",
  ["io.open"] = "425d62d890b30055ac6a0ef777faa53d",
  ["math.random"] = "a6224e0c4713b74712b35b7ce40f3101",
  ["os.clock"] = "a6a50cfed07c68c211549d5adb701880",
  ["require"] = "4975211c3cd6b8706488d5a30e546024",
  ["dofile"] = "e5a008c150f7193d168bb79f6dc04ace",
  ["table"] = "4a391aa30c3e28d64c09c5b60d087b46",
}

local function every_word_stays()
  local lab = require "lab"
  local function make(text) return assert(load("local lab = ... return " .. text))(lab) end
  for text, kept in pairs(published) do t.equal({ text, hash(make(text)) }, { text, kept }) end
  local f = assert(load "local lab = ... local set, wiring, data, floor = lab.set, lab.erdos_renyi, lab.data, math.floor return function() return lab, set, wiring, data, floor end")
  t.equal(hash(f(lab)), "53b865a6a4e276df2298ed028faca7d1")
end

t.test("helpers on numbers count by their word, as when scripts required them by their file", function()
  local statistics = require("lab").statistics
  t.equal({ canonical.name_of(statistics), canonical.name_of(statistics.fold) }, { "lab.statistics", "lab.statistics.fold" })
end)

t.test("the toolkit's words count by what scripts say", function()
  every_word_stays()
  t.equal({ canonical.name_of(require("lab").set), canonical.name_of(require) }, { "lab.evolve.set", "_G.require" })
end)

t.test("a word whose module moves keeps its name", function()
  local words, loaded, moved = getmetatable(require "lab").words, package.loaded, {}
  for word, place in pairs(words) do
    local old = place[1]
    moved[#moved + 1] = { word = word, old = old, module = require(old) }
  end
  for _, m in ipairs(moved) do
    loaded[m.old] = nil
    loaded["lab.aa_room." .. m.old:sub(5)] = m.module
    words[m.word][1] = "lab.aa_room." .. m.old:sub(5)
  end
  local ok, err = pcall(every_word_stays)
  for _, m in ipairs(moved) do
    loaded[m.old], loaded["lab.aa_room." .. m.old:sub(5)] = m.module, nil
    words[m.word][1] = m.old
  end
  t.truthy(ok, tostring(err))
end)

t.test("a module that the function requires counts by its text", function()
  local folder, path = t.tmpdir(), package.path
  package.path = folder .. "/?.lua;" .. path
  local text = 'return function() return require "my_test_module" end'
  t.write(folder .. "/my_test_module.lua", "return 1")
  local one = of(text)
  t.write(folder .. "/my_test_module.lua", "return 2")
  local two = of(text)
  t.write(folder .. "/my_test_module.lua", 'return require "my_inner_module"')
  t.write(folder .. "/my_inner_module.lua", 'require "my_test_module" return 1')  -- a circle ends
  local three = of(text)
  t.write(folder .. "/my_inner_module.lua", "return 2")
  local four = of(text)
  package.path = path
  t.truthy(one ~= two and of(text) ~= two and two ~= three and three ~= four)
end)

t.test("a module that came from no file counts by its value", function()
  local text = 'return function() return require "my_own_module" end'
  local absent = of(text)
  package.loaded.my_own_module = { 1 }
  local one = of(text)
  package.loaded.my_own_module = { 2 }
  local two = of(text)
  package.loaded.my_own_module = nil
  package.preload.my_own_module = load "return 3"
  local three = of(text)
  package.preload.my_own_module = load "return 4"
  local four = of(text)
  package.preload.my_own_module = nil
  t.truthy(absent ~= one and one ~= two and two ~= three and three ~= four and of(text) == absent)
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
