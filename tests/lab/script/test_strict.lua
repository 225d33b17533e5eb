local t = dofile "tests/harness.lua"
local strict = require "lab.script.strict"

local function run(text, name)
  local chunk = assert(load(text, "@" .. (name or "s.lua"), "t", strict.environment()))
  return chunk()
end

t.test("the standard libraries are there", function()
  t.equal(run "return math.max(1, 2) + #string.rep('a', 3)", 5)
  t.equal(run "return type(require 'lab.util.options'.check)", "function")
end)

t.test("reading an undeclared name is an error at its line", function()
  t.raises("^s.lua:2: 'prnit' is not declared %(did you mean 'print'%?%)", run, "local a = 1\nprnit(a)")
  t.raises("^s.lua:1: 'qqqqqqqqqqqq' is not declared$", run, "return qqqqqqqqqqqq")
  t.raises("^s.lua:3: 'lab' is not declared: begin the script with  local lab = require", run, "\n\nlab.params {}")
end)

t.test("writing a global is an error at its line", function()
  t.raises("^s.lua:2: 'count' would become a global", run, "local a\ncount = 1")
  t.raises("^s.lua:1: 'f' would become a global", run, "function f() end")
  t.raises("^s.lua:1: 'print' would become a global", run, "print = nil")
  t.raises("^s.lua:1: 'x' would become a global", run, "_G.x = 1")
  t.equal(rawget(_G, "count"), nil)
end)

t.test("inside a function the line is the function's", function()
  t.raises("^s.lua:2: 'valu' is not declared", run, "local function f(value)\n  return valu\nend\nf(1)")
end)

t.test("loaded code lives under the same rules", function()
  t.raises("'undeclared' is not declared", run, "return load('return undeclared')()")
  t.equal(run "return load('return own', 'c', 't', { own = 7 })()", 7)
end)

t.test("there is no way round", function()
  t.raises("protected metatable", run, "setmetatable(_G, nil)")
  t.equal(run "return getmetatable(_ENV)", "the environment of scripts is fixed")
end)

t.test("two scripts share nothing", function()
  t.truthy(strict.environment() ~= strict.environment())
end)

t.test("a message carries the line's source", function()
  t.equal(strict.message("s.lua:2: boom", "local a\nerror 'boom'\n", "s.lua"), "s.lua:2: boom\n     2 | error 'boom'")
  t.equal(strict.message("s.lua:9: boom", "local a\n", "s.lua"), "s.lua:9: boom")
  t.equal(strict.message("no line at all", "x", "s.lua"), "no line at all")
  t.equal(strict.message(setmetatable({}, { __tostring = function() return "told" end }), "x", "s.lua"), "told")
end)

t.test("a shortened file name becomes whole again", function()
  local name = "a/very/long/directory/name/which/lua/will/cut/somewhere/near/its/beginning/script.lua"
  local _, err = pcall(run, "\nerror 'boom'", name)
  t.truthy(err:find("^%.%.%."), err)
  t.equal(strict.message(err, "\nerror 'boom'", name), name .. ":2: boom\n     2 | error 'boom'")
end)

t.test("an error in another file shows that file's line", function()
  local path = t.tmpdir() .. "/other.lua"
  t.write(path, "-- one\nlocal two = 2\n")
  local told = strict.message(path .. ":2: boom", "script", "s.lua")
  t.equal(told, path .. ":2: boom\n     2 | local two = 2")
end)

t.done()
