local t = dofile "tests/harness.lua"
local complete = require "lab.cli.complete"
local pretty = require "lab.cli.pretty"
local prompt = require "lab.cli.prompt"
local strict = require "lab.script.strict"

t.test("local at the prompt makes a name that stays", function()
  local cases = {
    ["local x = 1"] = "x = 1",
    ["  local a, b <const> = 1, { c = 2 }"] = "a, b = 1, { c = 2 }",
    ["local net <close> = lab.mlp {}"] = "net = lab.mlp {}",
    ["local x"] = "x = nil",
    ["local x, y;"] = "x, y = nil",
    ["local function f(a) return a end"] = "function f(a) return a end",
    ["localx = 1"] = "localx = 1",
    ["local x == 1"] = "local x == 1",
    ["x = 1"] = "x = 1",
    ["for local in x"] = "for local in x",
    ["local function(a) end"] = "local function(a) end",
  }
  for text, want in pairs(cases) do t.equal(prompt.without_local(text), want) end
end)

t.test("expressions give their value, statements run, names stay", function()
  local environment = strict.environment { open = true }
  t.equal(prompt.compile("1 + 1", environment)(), 2)
  prompt.compile("local x = 5", environment)()
  t.equal(prompt.compile("x", environment)(), 5)
  prompt.compile("local function twice(n) return 2 * n end", environment)()
  t.equal(prompt.compile("twice(x)", environment)(), 10)
  t.raises("^prompt:1: 'nothing' is not declared$", prompt.compile("nothing", environment))
  t.equal(rawget(_G, "x"), nil)
end)

t.test("what is not over asks for more; what is wrong does not", function()
  for _, text in ipairs { "for i = 1, 2 do", "f(", "x = {", "local function f()", "[[a" } do
    local chunk, why = prompt.compile(text, {})
    t.equal(chunk, nil)
    t.equal(why:sub(-5), "<eof>")
  end
  local _, why = prompt.compile("x = = 1", {})
  t.truthy(why:sub(-5) ~= "<eof>", why)
end)

t.test("values as text", function()
  local cases = {
    { 1, "1" }, { 1.0, "1.0" }, { 0.1, "0.1" }, { true, "true" }, { "a\n\"b\"\t", [["a\n\"b\"\t"]] },
    { {}, "{}" }, { { 1, 2, a = { b = "c" }, ["d e"] = 3, [10] = 4 }, '{ 1, 2, [10] = 4, a = { b = "c" }, ["d e"] = 3 }' },
    { { false, [true] = 1 }, "{ false, [true] = 1 }" },
    { setmetatable({}, { __tostring = function() return "told" end }), "told" },
  }
  for _, case in ipairs(cases) do t.equal(pretty.show(case[1]), case[2]) end
  t.equal(pretty.show(nil), "nil")
  t.truthy(pretty.show(print):find "^function: ")
end)

t.test("deep, long, wide and circular tables are cut", function()
  t.equal(pretty.show({ { { {} } } }, { depth = 2 }), "{ { { ... } } }")
  t.equal(pretty.show({ 1, 2, 3, 4 }, { items = 2 }), "{ 1, 2, ... 2 more }")
  t.equal(pretty.show({ a = 1, b = 2, c = 3 }, { items = 2 }), "{ a = 1, b = 2, ... 1 more }")
  t.equal(pretty.show({ "aaaa", "bbbb" }, { width = 10 }), '{\n  "aaaa",\n  "bbbb"\n}')
  t.equal(pretty.show(("x"):rep(9), { text = 5 }), '"xxxxx"...')
  local circle = {}
  circle.again = circle
  t.equal(pretty.show(circle), "{ again = { circular } }")
  local twice = { 1 }
  t.equal(pretty.show { twice, twice }, "{ { 1 }, { 1 } }")
end)

t.test("completion", function()
  local environment = strict.environment { open = true, names = { lab = require "lab", own = { red = 1, reddish = 2, _x = 3 } } }
  local function c(text) return { complete.complete(text, environment) } end
  t.equal(c "own.r", { "ed" })
  t.equal(c "own.red", { nil, "red  reddish" })
  t.equal(c "own.redd", { "ish" })
  t.equal(c "own.reddish", {})
  t.equal(c "print(own.redd", { "ish" })
  t.equal(c "own._", { "x" })
  t.equal(c "own.", { "red" })
  t.equal(c "nothing.a", {})
  t.equal(c "", {})
  t.equal(c "repe", { "at" })
  t.equal(c "string.rep", {})
  t.equal(c "lab.para", { "ms" })
  local file = io.tmpfile()
  environment.file = file
  t.equal(c "file:see", { "k" })
  file:close()
end)

t.test("completion knows words within words, what a run can do, and the options of a call", function()
  require "lab.run.run"
  local run = setmetatable({}, { __name = "lab.run", __index = function() error "none" end })
  local environment = strict.environment { open = true, names = { lab = require "lab", run = run, rows = 1 } }
  local function c(text) return { complete.complete(text, environment) } end
  t.equal(c "lab.plot.cur", { "ves" })
  t.equal(c "run:rec", { "ord" })
  t.equal(c "lab.set { ze", { "ta" })
  t.equal(c "lab.set { zeta = 0.1, eve", { "ry" })
  t.equal(c "lab.set { zeta = lab.schedule.cosine { value = 1 }, newb", { "orn" })
  t.equal(c "lab.set { zeta = lab.schedule.step { fac", { "tor" })
  t.equal(c "lab.power_law(rows, { boot", { "strap" })
  t.equal(c "for e in net:epochs(data.train, { weight_", { "decay" })
  t.equal(c "lab.table { ro", { "ws" })
  t.equal(c "lab.dense { ", {})
  t.equal(c "lab.schedule.constant { ", { "value" })
  t.equal(c "{ ze", {})
  t.equal(c "lab.plot.xy { series = { { na", {})
end)

t.test("help explains words by their names or themselves", function()
  local lab, printed = require "lab", nil
  local real = print
  local function help(what)
    _G.print = function(text) printed = text end
    local ok, why = pcall(prompt.help, what)
    _G.print = real
    if not ok then error(why, 0) end
    return printed
  end
  t.truthy(help():find "^NAME\n       lab %- ")
  t.truthy(help(lab.set):find "^NAME\n       lab.set %- SET")
  t.equal(help "lab.set", help(lab.set))
  t.truthy(help(lab.plot):find "lab.plot.curves")
  t.truthy(help "net:epochs":find "batch")
  t.raises("there is no word 'lab.sett' %(did you mean 'lab.set'%?%)", help, "lab.sett")
  t.raises("help: there is no word '12'", help, 12)
end)

t.test("completion survives objects that do not let themselves be looked at", function()
  local environment = strict.environment { open = true, names = {
    bad = setmetatable({}, { __index = function() error "no" end }),
    shut = setmetatable({}, { __metatable = "shut" }),
  } }
  t.equal({ complete.complete("bad.thing.x", environment) }, {})
  t.equal({ complete.complete("shut.x", environment) }, {})
end)

t.done()
