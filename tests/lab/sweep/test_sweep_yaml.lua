-- The reader of sweeps' YAML: structure, the core schema, places, and what is refused.
local t = dofile "tests/harness.lua"
local tree, yaml = require "lab.sweep.plan.tree", require "lab.sweep.plan.yaml"

-- A node as plain Lua values; maps keep the order of their keys in `order`.
local function plain(node)
  if node.kind == "list" then
    local items = {}
    for i, item in ipairs(node.items) do items[i] = plain(item) end
    return items
  end
  if node.kind ~= "map" then return node.value end
  local map = {}
  for _, entry in ipairs(node.entries) do map[entry.name] = plain(entry.value) end
  return map
end

local function read(text) return yaml.read(text, "s.yaml") end

t.test("maps, lists, quotes, comments, several lines", function()
  t.equal(plain(read "a: 1\nb: [x, 'y z', \"t\\tab\"]\nc:\n  - d: {e: f}   # why\n  -\n    - 2\n"),
    { a = 1, b = { "x", "y z", "t\tab" }, c = { { d = { e = "f" } }, { 2 } } })
  t.equal(plain(read "---\na: >\n  two\n  lines\nb: |\n  kept\n  so\n...\n"), { a = "two lines\n", b = "kept\nso\n" })
  t.equal(plain(read "a: []\nb: {}\n"), { a = {}, b = {} })
  t.equal(plain(read "\239\187\191a: 1"), { a = 1 })
  t.equal(plain(read "a: 1\r\nb: 2\r\n"), { a = 1, b = 2 })
  t.equal(plain(read "caf\u{e9}: \u{1f600}"), { ["caf\u{e9}"] = "\u{1f600}" })
end)

t.test("plain scalars are what the core schema of YAML 1.2 says", function()
  for text, value in pairs {
    ["1"] = 1, ["-7"] = -7, ["+7"] = 7, ["010"] = 10, ["0"] = 0, ["0o17"] = 15, ["0x1F"] = 31,
    ["1e-3"] = 1e-3, ["1E3"] = 1000.0, ["-1.5e+2"] = -150.0, [".5"] = 0.5, ["5."] = 5.0, ["+.5"] = 0.5, [".inf"] = math.huge, ["-.inf"] = -math.huge,
    ["true"] = true, ["false"] = false, ["True"] = true, ["FALSE"] = false,
    yes = "yes", no = "no", on = "on", off = "off", y = "y", ["1_000"] = "1_000", ["1:30"] = "1:30", ["0b1"] = "0b1", ["1e"] = "1e", ["."] = ".",
    ["-"] = nil, ["1.2.3"] = "1.2.3", ["0x"] = "0x", ["0o8"] = "0o8", ["e5"] = "e5", ["--1"] = "--1", ["tRue"] = "tRue", ["2h"] = "2h", inf = "inf", nan = "nan",
    ["0xffffffffffffffffffff"] = "0xffffffffffffffffffff", ["0x1p4"] = "0x1p4", ["1 2"] = "1 2",
  } do
    local node = read("[" .. text .. "]").items[1]
    t.equal({ text, node.value, math.type(node.value) or type(node.value) }, { text, value, math.type(value) or type(value) })
    t.equal(node.text, text)
  end
  for _, text in ipairs { ".nan", ".NaN", ".NAN" } do
    local nan = read(text).value
    t.truthy(nan ~= nan)
  end
  t.equal(read("[.Nan]").items[1].value, ".Nan")
  t.equal(read "0x7fffffffffffffff".value, math.maxinteger)
  t.equal(read "[0xffffffffffffffff]".items[1].value, "0xffffffffffffffff")
  t.equal(read "99999999999999999999".value, 1e20)
  for _, text in ipairs { "~", "null", "Null", "NULL" } do t.equal(read(text).kind, "null") end
  t.equal(tree.fields(read "a:\nb: 1").a.kind, "null")
  for _, text in ipairs { "'1'", '"true"', "'~'", '""', "'.nan'" } do t.equal(read(text).kind, "text") end
end)

t.test("every node says where it stands, in characters", function()
  local root = read "# comment\na: 1\n\u{e9}\u{e9}: {b: [x, 2]}\n"
  t.equal(root.place, "s.yaml:2:1")
  local fields, keys = tree.fields(root)
  t.equal({ fields.a.place, keys.a.place, keys["\u{e9}\u{e9}"].place }, { "s.yaml:2:4", "s.yaml:2:1", "s.yaml:3:1" })
  local b = tree.fields(fields["\u{e9}\u{e9}"]).b
  t.equal({ b.place, b.items[1].place, b.items[2].place }, { "s.yaml:3:9", "s.yaml:3:10", "s.yaml:3:13" })
end)

t.test("aliases stand for what their anchor names, where it stands", function()
  local root = read "a: &x [1, 2]\nb: *x\nc: &x 3\nd: [*x]\n"
  t.equal(plain(root), { a = { 1, 2 }, b = { 1, 2 }, c = 3, d = { 3 } })
  t.equal(tree.fields(root).b.place, "s.yaml:1:4")
end)

local function bomb()
  local lines = { "a: &a [x, x, x, x, x, x, x, x, x]" }
  for i = 98, 106 do
    local list = ("*%c, "):format(i - 1):rep(9):sub(1, -3)
    lines[#lines + 1] = ("%c: &%c [%s]"):format(i, i, list)
  end
  return table.concat(lines, "\n")
end

-- text -> place and message of the problem.
local bad = {
  { "", "1:1: the file is empty" },
  { "# nothing\n", ":%d: the file is empty" },
  { "a: 1\na: 2", "2:1: duplicate key 'a' %(first at line 1%)" },
  { "a: {b: 1, c: 2, b: 3}", "1:17: duplicate key 'b'" },
  { "a: 1\n'a': 2", "2:1: duplicate key 'a'" },
  { "a: [1, 2\nb: 3\n", "2:2: '%]' or a comma is missing: the list that begins at line 1 is not closed here" },
  { "a: {b: 1", "'}' or a comma is missing: the map " },
  { "a: b: c", "1:5: a second ': ' in one line; put a text that holds one in quotes, and a map in braces" },
  { "a: 'x\nb: 2", "1:4: the quote that opens here is not closed" },
  { "a:\n\t- 1", "2:1: a tab; YAML needs spaces" },
  { "a: @x", "1:4: a value cannot begin with '@'; put it in quotes: \"@x\"" },
  { "a: \"\\q\"", "1:5: in double quotes a backslash begins an escape, and this is not one" },
  { "- 1\nb: 2", "2:1: the indentation matches no line above" },
  { "a: *x", "1:4: no anchor &x ends before this alias" },
  { "a: &x [*x]", "1:8: no anchor &x ends before this alias" },
  { "&x {a: *x}", "1:8: no anchor &x" },
  { "a: 1\n---\nb: 2", "2:1: a second document begins here; only one is expected" },
  { "a: !!str 5", "1:4: tags such as !!str are not supported; put text in quotes" },
  { "a: !x [5]", "1:4: tags such as !x are" },
  { "? [a]\n: 1", "1:3: a name as a key is expected, not a list" },
  { "? {a: 1}\n: 1", "a name as a key is expected, not a map" },
  { "~: 1", "1:1: a name as a key is expected, not nothing" },
  { "a: 1\nb: \255\254", "2:4: this is not UTF%-8 %(byte 0xFF%)" },
  { "a: \u{e9}\u{e9} \xc3(", "1:7: this is not UTF%-8 %(byte 0xC3%)" },
  { "\255\254a\0:\0", "1:1: this is UTF%-16; save the file as UTF%-8" },
  { "\254\255\0a", "1:1: this is UTF%-16" },
  { "a: \237\160\128", "1:4: this is not UTF%-8" },
  { "a: 1\nb: x\0y", "2:5: control characters are not allowed %(byte 0x00%)" },
  { "a: \u{e9}\27[2J", "1:5: control characters are not allowed %(byte 0x1B%)" },
  { ("["):rep(200), "1:33: more than 32 lists and maps inside each other" },
  { ("{a: "):rep(200), "more than 32 lists and maps inside each other" },
  { ("- "):rep(200) .. "1", "more than 32 lists and maps inside each other" },
  { bomb(), "5:%d+: there are more than 20000 values up to here %(an alias counts as all that it stands for%)" },
  { "[" .. ("1,"):rep(30000) .. "1]", "there are more than 20000 values" },
  { "a: `x`, y", "1:4: a value cannot begin with '`'; put it in quotes: \"`x`\"" },
  { "a:\n  b: 3\n\tc: 0.1\n", "3:1: a tab; YAML needs spaces" },
  { "a:\n  b: 3\n  \tc: 0.1\n", "3:3: a tab; YAML needs spaces" },
  { "a: 1\nb:2\nc: 3\n", "2:3: a space is missing after the colon of 'b:'" },
  { "a: 1\n\n# no colon\nb = 2\nc: 3\n", "4:2: after the name 'b' a colon and a space are missing" },
  { "a: 1\nb\n  c: 1\n", "2:2: after the name 'b' a colon and a space are missing" },
  { "a:\n   b: 1\n  c: 2\n", "3:3: the indentation matches no line above" },
  { " a: 1\nb: 2\n", "2:1: the indentation matches no line above" },
  { "a: 1\n  b: 2\n", "2:3: this line is indented further than line 1, which has its value already" },
  { "a: [1, 2]]\n", "1:10: '%]' closes nothing: no list is open here" },
  { "a: [1, 2],\nb: 1\n", "1:10: a comma that belongs to no list" },
  { "a: \"x\" y\n", "1:8: the value has ended, and this follows it; put the whole value in quotes" },
  { "a: {b: 1, c: 'x}\nd: 1\n", "1:14: the quote that opens here is not closed" },
  { "a: | x\n", "after | or > the text begins on the next line" },
  { "a:\n\u{a0} b: 1\n", "2:1: a space that YAML does not accept .*; use ordinary spaces" },
  { "a: 1\r\nb:2\r\nc: 3\r\n", "2:3: a space is missing" },
  { "a: 1\rb: \255", "2:4: this is not UTF%-8 %(byte 0xFF%); save the file as UTF%-8" },
  { "%YAML 3.0\n---\na: 1", "found incompatible YAML document" },
}

t.test("what is no YAML, or more than a sweep needs, is refused with line and column", function()
  for _, case in ipairs(bad) do
    local message = t.raises("", read, case[1])
    t.truthy(message:find("^s%.yaml:%d+:%d+: "), message)
    t.truthy(message:find(case[2]), ("%q gives %q, not %q"):format(case[1]:sub(1, 60), message, case[2]))
  end
end)

t.test("a problem is told from other errors", function()
  local _, problem = pcall(read, "a: [")
  t.truthy(tree.is_problem(problem))
  t.truthy(not tree.is_problem "a: [" and not tree.is_problem(nil) and not tree.is_problem {})
end)

t.test("a file that is none", function()
  local dir = t.tmpdir()
  t.raises("^" .. dir:gsub("%p", "%%%0") .. ": a YAML file is expected, but this is a directory$", yaml.read_file, dir)
  t.raises("none.yaml: there is no sweep to read: .*No such file", yaml.read_file, dir .. "/none.yaml")
  t.raises("/dev/zero: a YAML file is expected, but this is not a regular file", yaml.read_file, "/dev/zero")
  t.raises("^'': there is no sweep to read: the name is empty", yaml.read_file, "")
  local big = t.write(dir .. "/big.yaml", "a: " .. ("x"):rep(1 << 20))
  t.raises("big.yaml: 1048579 bytes are too many for a sweep; at most 1048576 are read", yaml.read_file, big)
  t.equal(plain(yaml.read_file(t.write(dir .. "/ok.yaml", "a: 1"))), { a = 1 })
end)

t.test("damaged siblings of a good file give a tree or a problem, nothing else", function()
  local good = "sweep: set\nparams:\n  lr: {log: [1e-4, 1e-1], n: 7}   # \u{e9}\n  m: &m [set, 'ri gl', \"st\\x41tic\"]\n  k: *m\nwhere: [\"a < b\"]\n"
  local function try(text)
    local ok, e = pcall(read, text)
    if not ok and not tree.is_problem(e) then error(("%q: %s"):format(text, tostring(e))) end
    return ok
  end
  local survived = 0
  for i = 0, #good do try(good:sub(1, i)) end
  local state = 1
  local function random(n)
    state = (state * 6364136223846793005 + 1442695040888963407)
    return (state >> 33) % n + 1
  end
  for _ = 1, 3000 do
    local at = random(#good)
    local byte = random(3) == 1 and string.char(random(256) - 1) or ("[]{}&*!|>'\"%@`:,-?# \t\n"):sub(random(22)):sub(1, 1)
    if try(good:sub(1, at - 1) .. byte .. good:sub(at + random(3) - 1)) then survived = survived + 1 end
  end
  t.truthy(100 < survived and survived < 2900, survived)
end)

t.done()
