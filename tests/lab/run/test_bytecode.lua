-- A function's canonical bytecode: the same wherever it stands, another when it says another thing.
local t = dofile "tests/harness.lua"
local bytecode = require "lab.run.bytecode"

-- The function that a script returns.
local function made(script) return assert(load(script, "@x.lua"))() end
local function code(script) return (bytecode.of(made(script))) end

local body = [[
local function f(a, b)
  local c = a + b * 2.5 - 7
  for i = 1, 3 do c = c + #("x"):rep(i) end
  return function() c = c + 1 return helper, c, "inner", P and P.epochs end
end
return f
]]

t.test("comments, blank lines and locals above change nothing", function()
  local plain = "local P, helper = {}, print " .. body
  local want = code(plain)
  t.equal(code("\n\n-- a word\n" .. plain), want)
  t.equal(code(("-- line\n"):rep(300) .. plain), want)
  t.equal(code("local unrelated, other = 1, 2 " .. plain), want)
  t.equal(code("local x = 1\nlocal P = {}\nlocal y = 2\nlocal helper = print\n" .. body), want)
  t.equal(code((plain:gsub("\n", "\n\n-- why\n"))), want)
  t.equal(bytecode.of(assert(load(plain, "@another/name.lua"))()), want)
end)

t.test("a constant, an operator or an inner function changes it", function()
  local plain = "local P, helper = {}, print " .. body
  local want = code(plain)
  for _, edit in ipairs { { "2%.5", "2.25" }, { "%- 7", "- 8" }, { "a %+ b", "a - b" }, { '"inner"', '"outer"' }, { "1, 3", "1, 4" }, { "c %+ 1", "c + 2" } } do
    local edited, count = plain:gsub(edit[1], edit[2])
    t.equal(count, 1)
    t.equal(code(edited) ~= want, true)
  end
end)

t.test("1 and 1.0, true and false, \"1\" and 1 are told apart", function()
  local seen = {}
  for _, v in ipairs { "1", "1.0", '"1"', "true", "false", "nil", "1000000", "1e6", '"' .. ("x"):rep(60) .. '"', '"' .. ("y"):rep(60) .. '"' } do
    local c = code("return function() return { " .. v .. " } end")
    t.equal(seen[c], nil)
    seen[c] = v
  end
end)

t.test("string constants are listed, inner functions' too", function()
  local _, strings = bytecode.of(made("local P, helper = {}, print " .. body))
  t.equal({ strings.inner, strings.epochs, strings.rep, strings.helper }, { true, true, true, nil })
  local _, long = bytecode.of(made('return function() return "' .. ("z"):rep(200) .. '" end'))
  t.equal(long[("z"):rep(200)], true)
  local _, empty = bytecode.of(made 'return function() return "" end')
  t.equal(empty[""], true)
end)

t.test("fields read of an upvalue are known, other uses of it too", function()
  local function uses(code)
    local f = made("local P, other = {}, {} return " .. code)
    local _, _, found = bytecode.of(f)
    for i, use in pairs(found) do if debug.getupvalue(f, i) == "P" then return use end end
  end
  t.equal(uses "function() return P.epochs, other.zeta, { rate = 1 } end", { fields = { epochs = true } })
  t.equal(uses "function() return function() return function() return P.a end, P.b end end", { fields = { a = true, b = true } })
  t.equal(uses "function(name) return P[name] end", { fields = {}, other = true })
  t.equal(uses "function() local p = P return p.epochs, P.a end", { fields = { a = true }, other = true })
  t.equal(uses "function() return pairs(P) end".other, true)
  t.equal(uses "function() return function() return pairs(P) end end".other, true)
  t.equal(uses "function() P.x = 1 end".other, true)
  t.equal(uses "function() P = 1 end".other, true)
  t.equal(uses "function() return P:m() end".other, true)
  local many = {}
  for i = 1, 300 do many[i] = '"k' .. i .. '"' end  -- constants beyond what GETTABUP can name
  local u = uses("function() return { " .. table.concat(many, ",") .. " }, P.late end")
  t.truthy(u.other or u.fields.late)
end)

t.test("an unstripped dump gives the same", function()
  local f = made("local P, helper = {}, print " .. body)
  t.equal((bytecode.canonical(string.dump(f, false))), (bytecode.of(f)))
end)

t.test("C functions have none", function() t.equal(bytecode.of(print), nil) end)

t.test("every corrupted dump is refused or read, never misread beyond its end", function()
  local dump = string.dump(made("local P, helper = {}, print " .. body), true)
  for n = 0, #dump - 1 do t.raises("form that setlab does not know", bytecode.canonical, dump:sub(1, n)) end
  t.raises("goes on after its end", bytecode.canonical, dump .. "x")
  t.raises("another version", bytecode.canonical, (dump:gsub("\x54", "\x53", 1)))
  t.raises("sizes of numbers", bytecode.canonical, dump:sub(1, 12) .. "\8" .. dump:sub(14))
  for i = 1, #dump do
    for _, byte in ipairs { 0, 0x7f, 0xff } do
      pcall(bytecode.canonical, dump:sub(1, i - 1) .. string.char(byte) .. dump:sub(i + 1))
    end
  end
end)

t.test("the canonical text can be told apart from its neighbours' parts", function()
  t.equal(code 'return function() return "ab", "c" end' ~= code 'return function() return "a", "bc" end', true)
end)

t.done()
