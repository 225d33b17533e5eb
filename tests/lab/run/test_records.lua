-- The texts of a run folder: numbers, CSV and YAML come back as they were written.
local t = dofile "tests/harness.lua"
local number, csv, yaml = require "lab.util.number", require "lab.util.csv", require "lab.util.yaml"

t.test("a double comes back from its text", function()
  local values = { 0.1, 1 / 3, 5.0, -0.0, 1e300, 5e-324, 2^53, 123456.789, math.pi, 1e15, 1e16, 3, -7, math.maxinteger, math.mininteger }
  for _, v in ipairs(values) do
    local back = number.read(number.text(v))
    t.equal(back, v)
    t.equal(math.type(back), math.type(v))
  end
  t.equal(number.text(0.1), "0.1")
  t.equal(1 / number.read(number.text(-0.0)), -math.huge)
  t.equal(number.read "nan" ~= number.read "nan", true)
  t.equal(tostring(number.read "nan"), "nan")
  t.equal(number.read "-inf", -math.huge)
  for _, s in ipairs { "0x10", " 1", "1 ", "", "-", ".", "1.2.3", "e5", "1e", "infinity" } do t.equal(number.read(s), nil) end
end)

t.test("a CSV line comes back with its types", function()
  local row = { 1, 2.5, "text", 'say "so", he said', "two\nlines", "5", "true", true, false, "", "1e3" }
  local back = csv.lines(csv.line(row))[1]
  t.equal(back.n, #row)
  for i, v in ipairs(row) do t.equal(back[i], v) end
  t.equal(csv.line { "5", 5, 'a"b' }, '"5",5,"a""b"\n')
  t.equal(csv.lines(csv.line({ nil, 2 }, 2))[1], { n = 2, nil, 2 })
end)

t.test("a cut last line is ignored, wherever it is cut", function()
  local whole = "a,b\n1,2\n"
  local last = '33,"x ""y"",\nz"\n'
  for cut = 0, #last - 1 do
    local rows = csv.rows(whole .. last:sub(1, cut))
    t.equal(rows, { { a = 1, b = 2 } })
  end
  t.equal(csv.rows(whole .. last)[2], { a = 33, b = 'x "y",\nz' })
  t.equal(csv.rows "", {})
  t.equal(csv.rows "a,b", {})
  t.equal(csv.rows "a,b\n1\n1,2\n", { { a = 1, b = 2 } })
  t.equal(csv.rows "a,b\r\n1,2\r\n", { { a = 1, b = 2 } })
end)

t.test("YAML comes back as it was written", function()
  local facts = {
    name = "arm=SET-MLP seed=1", empty = {}, seconds = 1.5, n = 3, yes = "yes", no = true, nothing = "",
    list = { 1, 2, "three", "4", false }, deep = { a = { b = { c = "d: e #f" } } },
    rows = { { x = 1 }, { x = 2, y = { 1, 2 } }, {} , { { 1, 2 }, { 3 } } },
    mixed = { 784, 1000, 10, hidden = "relu" }, inf = math.huge, minus = -math.huge,
    odd = "tab\t nl\n quote\" back\\ bell\a é ☃ \u{feff} \u{85}", ["odd key: "] = 1, ["7"] = "text key", [8] = "number key",
    dash = "- x", minus_one = "-1", tilde = "~", space = "x ", colon = "a:", percent = "%x", version = "1.0", date = "2024-05-01T12:00:00Z",
  }
  local text = yaml.write(facts)
  t.equal(yaml.read(text), facts)
  t.equal(yaml.write(yaml.read(text)), text)
  local back = yaml.read(yaml.write { x = 0.0 / 0.0 })
  t.equal(back.x ~= back.x, true)
  t.equal(yaml.read(yaml.write {}), {})
  t.equal(yaml.read(yaml.write { "a", "b", { c = 1 } }), { "a", "b", { c = 1 } })
  t.equal(yaml.write { b = 1, a = { d = "x", c = { 1, 2.0 } } }, "a:\n  c: [1, 2.0]\n  d: x\nb: 1\n")
end)

t.test("a cut or foreign YAML is refused with its line", function()
  for _, case in ipairs {
    { "", "line 1: the text is cut" }, { "a: 1", "line 1: the text is cut" }, { "a: 1\n   b: 2\n", "line 2: mapping values are not allowed" },
    { "a: 1\na: 2\n", "line 2: duplicate key 'a'" }, { 'a: "x\n', "line 2: found unexpected end of stream" }, { "a: [1, 2\n", "line 2" },
    { "just words\n", "line 1: a map or a list is expected" }, { 'a: "\\q"\n', "line 1: found unknown escape" },
    { "a: 1\n\tb: 2\n", "line 2" }, { "~: 1\n", "line 1: a name as a key" }, { "a: \255\n", "line 1" }, { "a: *x\n", "line 1: no anchor" },
  } do
    local value, why = yaml.read(case[1])
    t.equal(value, nil)
    t.truthy(why:find(case[2], 1, true), why)
  end
  t.raises("cannot be written", yaml.write, { f = print })
  local loop = {}
  loop.loop = loop
  t.raises("nested too deeply", yaml.write, loop)
end)

t.done()
