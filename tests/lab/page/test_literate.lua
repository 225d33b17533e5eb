-- The literate parser on tricky scripts. Two judges beside the expectations written here: a
-- naive twin decides each prose run by compiling the whole text before it, as the rule says,
-- and every script must do the same woven as plain, errors and their lines included.

local t = dofile "tests/harness.lua"
local literate = require "lab.page.literate"
local lexer = require "lab.util.lexer"

local function lines_of(text) return select(2, text:gsub("\n", "")) end

-- Runs a chunk; returns what it printed and returned, or the error.
local function run(chunk, woven)
  local out, marks = {}, {}
  local env = setmetatable({ print = function(...)
    out[#out + 1] = table.concat({ ... }, " ")
  end }, { __index = _G })
  local f, why = load(chunk, "@s.lua", "t", env)
  if not f then return { error = why }, marks end
  local restore = woven and literate.install(function(n) marks[#marks + 1] = n end)
  local result = table.pack(pcall(f))
  if restore then restore() end
  return { out = out, result = result }, marks
end

-- "prose at line n" for each boundary and "tail at line n": what the parser decided.
local function decisions(text)
  local found = {}
  for _, b in ipairs((literate.parse(text, "s.lua"))) do
    if b.kind == "prose" then found[#found + 1] = (b.tail and "tail " or "") .. b.line end
  end
  return table.concat(found, " ")
end

local function behaves(text)
  local _, chunk = literate.parse(text, "s.lua")
  local plain = text:gsub("^\xEF\xBB\xBF", ""):gsub("^#", "--#")
  t.equal(lines_of(chunk), lines_of((text:gsub("\r\n", "\n"):gsub("\r", "\n"))))
  t.equal((run(chunk, true)), (run(plain)))
end

local function case(name, text, want)
  t.test(name, function()
    t.equal(decisions(text), want)
    behaves(text)
  end)
end

case("prose, code, prose", "-- # Title\n-- text\nprint(1)\n-- more\nprint(2)\n", "1 4")
case("indented comments and --x and --- are code", "  -- no\nprint(1)\n--no\n---no\n--\tno\nprint(2) -- no\n", "")
case("a lone -- joins its neighbours", "-- a\n--\n-- b\nprint(1)", "1")
case("-- with blanks only is prose", "-- \nprint(1)", "1")
case("blank lines separate blocks", "-- a\n\n-- b\nprint(1)", "1 3")
case("strings that hold dashes", 'local s = "\\\n-- no"\nlocal l = [[\n-- no\n]]\nlocal m = [==[\n-- no ]]\n]==]\nprint(s, l, m)\n-- yes\n', "10")
case("a quoted string with \\z over lines", 'print("a\\z\n-- b")\n-- yes\nprint(1)', "3")
case("long comments", "--[[\nprose\n]]\nprint(1)\n--[==[\nno\n]==]\n--[[ no\n]]\n--[[\nno ]]\nprint(2)", "1")
case("a long comment must end alone on its line", "--[[\nno\n]] print(1)\nprint(2)", "")
case("dashes in a long comment are its own", "--[==[\n-- no\n]==]\nprint(1)", "")
case("a call in brackets continues the statement", "local function f(x) print('f', x) return print end\nlocal g = f\n-- no\n(f or g)(1)\n-- yes\nprint(2)", "5")
case("table call, string call, index and method continue", "local s = setmetatable({}, { __call = function(self) return self end, __index = function(self) return self end })\nlocal a = s\n-- no\n{}\na = s\n-- no\n'x'\na = s\n-- no\n[[x]]\na = s\n-- no\n.b\na = s\n-- no\n['b']\na = s\n-- no\n:b()\n-- yes\nprint(a == s)", "20")
case("operators and commas continue", "local a = 1\n-- no\n+ 2\nlocal b\n-- no\n= 3\nlocal c = a\n-- no\n, b\nlocal d = a\n-- no\n.. 'x'\nlocal e = a\n-- no\nand b\n-- yes\nprint(a, b, c, d, e)", "16")
case("an attribute continues a local", "local x\n-- no\n<const> = 5\n-- yes\nprint(x)", "4")
case("an unfinished expression", "local x =\n-- no\n5\nprint(x,\n-- no\n6)\nlocal y = 1 +\n-- no\n2\n-- yes\nprint(y)", "10")
case("functions, tables, blocks and loops", "local function f()\n-- no\nreturn 1\nend\nlocal t = {\n-- no\n}\nif f() then\n-- no\nprint(1)\nelse\n-- no\nend\nfor i = 1, 2\n-- no\ndo\n-- no\nprint(i)\nend\nrepeat\n-- no\nuntil\n-- no\ntrue\nwhile false do\n-- no\nend\n-- yes\nprint(#t)", "28")
case("prose after a final return is rendered as it stands", "print(1)\nreturn 7\n-- tail\n\n-- tail\n", "tail 3 tail 5")
case("prose between return and its value", "print(1)\nreturn\n-- no\n7\n", "")
case("a return inside a block is not final", "do return 5 end\n-- yes\nprint(1)", "2")
case("goto forward keeps its region in one piece", "goto done\n-- no\nprint(1)\n::done::\n-- yes\nprint(2)", "5")
case("goto backward is no obstacle", "local n = 0\n::again::\n-- yes\nn = n + 1\nprint(n)\n-- yes\nif n < 3 then goto again end\n-- yes\nprint('end')", "3 6 8")
case("a label at the end of the block stays its last statement", "do end\ngoto done\nlocal x = 1\nprint(x)\n::done::\n-- tail\n", "tail 6")
case("a label after prose is a statement, not a method call", "print(1)\n-- yes\n::here::\nprint(2)", "2")
case("const and close", "local c <const> = 4\n-- yes\nlocal h <close> = setmetatable({}, { __close = function() print('closed') end })\n-- yes\nprint(c)", "2 4")
case("shebang", "#!/usr/bin/env setlab\n-- yes\nprint(1)", "2")
case("semicolons", "print(1);\n-- yes\n;print(2)\n-- yes\n", "2 4")
case("a script with its own _ENV", "local p = print\n-- yes\nlocal _ENV = {}\n-- yes\np(x)\n-- yes\nx = 1\np(x)", "2 4 6")
case("UTF-8 and a byte order mark", "\xEF\xBB\xBF-- # Größe\nprint('ü')\n-- ende\n", "1 3")
case("CRLF", "-- a\r\n-- b\r\nprint(1)\r\n--[[\r\nx\r\n]]\r\nprint([[a\r\nb]])\r\n", "1 4")
case("an empty script", "", "")
case("only prose", "-- a", "1")
case("errors name the same line", "-- a\nlocal x\n-- b\n\nlocal y = x.z\n", "1 3")
case("errors in functions across prose", "-- a\nlocal function f()\n  error('bad')\nend\n-- b\nf()\n", "1 5")
case("a called string is the same error", "-- a\nlocal ok, why = pcall(function() local s = ('x')() end)\nprint(ok)\n-- b\n", "1 4")
case("syntax errors name the same line", "-- a\nprint(1)\n-- b\nlocal = 5\n-- c\n", "1 3 tail 5")
case("an unfinished string", "-- a\nprint('x\n-- b\n", "1")
case("an unfinished long string", "-- a\nprint([[x\n-- b\n", "1")

t.test("200 locals and 200 calls", function()
  local text = {}
  for i = 1, 200 do text[i] = ("-- p%d\nlocal v%d = %d\n"):format(i, i, i) end
  local s = table.concat(text) .. "-- end\nprint(v1 + v200)\n"
  t.equal(#(literate.parse(s, "s.lua")), 402)
  behaves(s)
end)

t.test("text of prose", function()
  local blocks = literate.parse("-- # A\n--\n--   indented\n-- `{lua} x` and @fig-x\n--[[\n  * b\n]]\n", "s.lua")
  t.equal(blocks[1].text, "# A\n\n  indented\n`{lua} x` and @fig-x")
  t.equal(blocks[2].text, "  * b")
end)

t.test("options belong to the statement below them", function()
  local blocks, chunk = literate.parse(table.concat({
    "local f = print", "--| label: fig-a", "--| fig-cap: One: two", "--|   and three.", "", "f {", "  1,", "} f(2) -- x", "f(3)",
    "--| echo: fold", "-- between", "--| width: 12.5", "local function g()", "  return 1", "end", "return g()" }, "\n"), "s.lua")
  local seen = {}
  for _, b in ipairs(blocks) do seen[#seen + 1] = ("%s %d-%d"):format(b.kind, b.line, b.last_line) end
  t.equal(seen, { "code 1-1", "code 6-8", "code 8-9", "prose 11-11", "code 13-15", "code 16-16" })
  t.equal(blocks[2].options, { label = "fig-a", ["fig-cap"] = "One: two and three." })
  t.equal(blocks[3].text, " f(2) -- x\nf(3)")
  t.equal(blocks[5].options, { echo = "fold", width = 12.5 })
  t.equal(lines_of(chunk), 15)
end)

t.test("values of options may stand in quotes, or below a bar", function()
  local function caption(lines) return literate.parse("--| fig-cap: " .. lines .. "\nprint(1)", "s.lua")[1].options["fig-cap"] end
  for given, want in pairs {
    ['"Caption, in quotes: \\"x\\""'] = 'Caption, in quotes: "x"', ['"a \\\\alpha, a \\alpha"'] = "a \\alpha, a \\alpha",
    ["'it''s: so'"] = "it's: so", ['"a|b"'] = "a|b", ["a | b"] = "a | b", ['"two\n--|   lines"'] = "two lines",
    ["|\n--|   A caption\n--|   of two lines"] = "A caption of two lines", [">-\n--|   folded"] = "folded",
    ['"SET" against "FixProb"'] = '"SET" against "FixProb"', ["'t was' so' "] = "'t was' so'", ['"open'] = '"open', ['"open\\"'] = '"open\\"', ["'"] = "'", ['say "x"'] = 'say "x"',
  } do t.equal(caption(given), want) end
  t.equal(literate.parse('--| label: "fig-a"\n--| echo: "fold"\n--| width: \'300\'\nprint(1)', "s.lua")[1].options, { label = "fig-a", echo = "fold", width = 300 })
end)

t.test("options of each kind of statement end with it", function()
  for _, s in ipairs { "local a, b = print, 2", "print 'x'", "print {}", "print(1)", "if x then print(1) else print(2) end",
      "for i = 1, 2 do print(i) end", "while false do end", "repeat local z = 1 until z == 1", "local function f() end",
      "function f() return 1 end", "::here::", "do print(1) end", "a.b = { c = function() end }", "a.b:c 'x' [1] (2)",
      "local x <const> = 1", "a, b = 1 + 2, -3", "local s = 'a' .. [[b]]", "local x", "x = y" } do
    local blocks = literate.parse("--| echo: false\n" .. s .. "\nprint('after')", "s.lua")
    t.equal({ blocks[1].text, blocks[2].text }, { s, "print('after')" })
  end
end)

t.test("options inside tables, functions and strings are not ours", function()
  local blocks = literate.parse("local t = {\n--| colour: red\n}\nlocal function f()\n--| colour: red\nend\nlocal s = [[\n--| colour: red\n]]", "s.lua")
  t.equal(#blocks, 1)
end)

t.test("mistakes in options name the line", function()
  local function wrong(pattern, text) t.raises(pattern, literate.parse, text, "s.lua") end
  wrong("^s.lua:2: unknown option 'fig%-cpa' %(did you mean 'fig%-cap'%?%)", "print(1)\n--| fig-cpa: x\nprint(2)")
  wrong("^s.lua:3: unknown option 'colour'; known: echo, ", "print(1)\n--| echo: true\n--| colour: x\nprint(2)")
  wrong("^s.lua:2: no statement follows", "print(1)\n--| echo: true\n")
  wrong("^s.lua:2: no statement follows", "return 1\n--| echo: true\n-- prose\n")
  wrong("^s.lua:1: option 'echo' is 'maybe', expected true, false or fold", "--| echo: maybe\nprint(1)")
  wrong("^s.lua:1: option 'width' is '%-3', expected a number above 0", "--| width: -3\nprint(1)")
  wrong("^s.lua:1: option 'label' is 'a b', expected a name", "--| label: a b\nprint(1)")
  wrong("^s.lua:3: label 'fig%-a' was used before, in line 1", "--| label: fig-a\nprint(1)\n--| label: fig-a\nprint(2)")
  wrong("^s.lua:2: option 'echo' is set twice", "--| echo: true\n--| echo: true\nprint(1)")
  wrong("^s.lua:1: option 'fig%-cap' has no value", "--| fig-cap:\nprint(1)")
  wrong("^s.lua:1: option 'fig%-cap' has no value", "--| fig-cap: |\nprint(1)")
  wrong("^s.lua:1: option 'fig%-cap' has no value", "--| fig-cap: \"\"\nprint(1)")
  wrong("^s.lua:1: expected `%-%-| key: value`", "--| nonsense\nprint(1)")
end)

-- The rule of the design, word by word: a run is a boundary if the whole text before it
-- compiles and the next token cannot continue a statement; nothing follows a final return.
local function naive(text)
  local follows = {}
  for s in ("( { [ . : = , + - * / // % ^ & | ~ << >> == ~= < <= > >= .. and or"):gmatch("%S+") do follows[s] = true end
  local found, tokens, i = {}, lexer.tokens(text), 1
  while i <= #tokens do
    local k = tokens[i]
    local column_one = k.first == 1 or text:sub(k.first - 1, k.first - 1) == "\n"
    if k.kind == "comment" and column_one and k.text:find("^%-%- ") then
      local j = i
      while tokens[j + 1] and tokens[j + 1].kind == "comment" do j = j + 1 end
      local nxt, before = tokens[j + 1], text:sub(1, k.first - 1)
      local line = lines_of(before) + 1
      local continued = nxt and (nxt.kind == "string" or follows[nxt.text])
      if load(before) and not continued and load(before .. ";(f)()") then found[#found + 1] = tostring(line)
      elseif not nxt and load(before) then found[#found + 1] = "tail " .. line end
      i = j
    end
    i = i + 1
  end
  return table.concat(found, " ")
end

t.test("agrees with the naive twin on random scripts", function()
  local state = 12345
  local function random(n) state = (state * 1103515245 + 12345) % 2147483648; return state // 65536 % n + 1 end
  local words = { "local a = 1", "a = a", "print(a)", "(f or g)(a)", "{}", "'s'", "do", "end", "if a then", "else", "for i = 1, 3 do",
    "repeat", "until a", "function f()", "return", "return a", "goto l", "::l::", "::m::", "goto m", "local b <const> = 2", "= 5",
    ", a", "+ 1", "..", "local x", "f", "{", "}", "(", ")", "a.b", ":c()", "[1] = 2", "[[\n", "]]", ";", "local t = {", "a = function()", "not a" }
  local decided, compiled = 0, 0
  for _ = 1, 10000 do
    local text = {}
    for i = 1, random(9) do text[i] = words[random(#words)] .. "\n" .. (random(2) == 1 and "-- p\n" or "") end
    local s = table.concat(text)
    local want = naive(s)
    local got = decisions(s)
    -- Of a script that is no Lua only the part before the mistake must agree.
    if load(s) then
      compiled = compiled + 1
      if want ~= "" then decided = decided + 1 end
      if got ~= want then error(("got %q, want %q for:\n%s"):format(got, want, s)) end
      local _, chunk = literate.parse(s, "s.lua")
      if not load(chunk) then error("the woven chunk does not compile:\n" .. s) end
    end
  end
  assert(compiled > 200 and decided > 100, compiled .. " " .. decided)
end)

t.test("2,000 blocks and long regions take linear time", function()
  -- Four times the text: four times the work, not sixteen.
  local function linear(piece, before, after)
    local growth = t.growth(500, 2000, function(n) literate.parse((before or "") .. piece:rep(n) .. (after or ""), "s.lua") end)
    assert(growth < 10, growth)
  end
  local piece = "-- prose of some length, as people write it\nprint('a', 1, { 2, 3 })\ndo local x = 1 end\n\n"
  linear(piece)
  linear(piece, "goto done\n", "::done::\n")
  linear(piece, "local function f()\n", "end\n")
  linear("-- prose\n'a' ..\n", "local s = ", "'b'\n")
  linear("--| echo: false\nprint(1)\n")
end)

t.done()
