local t = dofile "tests/harness.lua"
local json = require "lab.util.json"

t.test("written: sorted keys, short tables on one line", function()
  t.equal(json.encode { b = 1, a = { 1, 2.5, "x" }, c = true }, '{"a": [1, 2.5, "x"], "b": 1, "c": true}')
  t.equal(json.encode {}, "{}")
  t.equal(json.encode { 1.0, 1e300, -0.1 }, "[1.0, 1e+300, -0.1]")
  t.equal(json.encode { 0 / 0, math.huge, -math.huge }, "[null, null, null]")
end)

t.test("written: long tables over several lines, which read back the same", function()
  local long = { rows = {}, name = "x" }
  for i = 1, 40 do long.rows[i] = { index = i, half = i / 2, text = ("y"):rep(i) } end
  local text = json.encode(long)
  t.truthy(text:find "\n  ")
  t.equal(json.decode(text), long)
end)

t.test("text: what must be escaped is, and comes back", function()
  local s = '"\\/\b\f\n\r\t\1\127 é€𝄞'
  t.equal(json.encode(s), '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f é€𝄞"')
  t.equal(json.decode(json.encode(s)), s)
  t.equal(json.decode '"\\u00e9\\u20AC\\ud834\\udd1e\\/"', "é€𝄞/")
end)

t.test("numbers keep their kind", function()
  t.equal(math.type(json.decode(json.encode(5))), "integer")
  t.equal(math.type(json.decode(json.encode(5.0))), "float")
  t.equal(json.decode " -0.5e+3 ", -500.0)
  t.equal(json.decode(json.encode(0.1 + 0.2)), 0.1 + 0.2)
end)

t.test("what cannot be written is refused", function()
  t.raises("no way to write a function", json.encode, { a = print })
  t.raises("neither an array nor an object", json.encode, { 1, 2, x = 3 })
  t.raises("neither an array nor an object", json.encode, { [2] = "hole" })
  t.raises("not UTF%-8", json.encode, "\xff")
  local loop = {}
  loop[1] = loop
  t.raises("contains itself", json.encode, loop)
end)

t.test("read: values of every kind, space anywhere", function()
  t.equal(json.decode ' { "a" : [ 1 , -2.5e3 , "x" , true , false , { } , [ ] ] , "b" : null }\n', { a = { 1, -2500.0, "x", true, false, {}, {} } })
  t.equal(json.decode "null", nil)
end)

-- Corrupted siblings: where, what was expected, what was found.
local bad = {
  { "", "line 1, column 1: expected a value, found the end of the text" },
  { '{"a": 1', "line 1, column 8: expected ',' or '}', found the end of the text" },
  { '{"a": 1,\n "b" 2}', "line 2, column 6: expected ':', found '2'" },
  { '{"a": 1,}', "line 1, column 9: expected a name in quotation marks, found '}'" },
  { '{a: 1}', "line 1, column 2: expected a name in quotation marks, found 'a'" },
  { '{"a": 1, "a": 2}', "line 1, column 10: expected a name that is new in this object, found '\"'" },
  { '[1 2]', "line 1, column 4: expected ',' or ']', found '2'" },
  { '[1,]', "line 1, column 4: expected a value, found ']'" },
  { '[1, null]', "line 1, column 5: expected a value other than null, found 'null'" },
  { '[1]]', "line 1, column 4: expected the end of the text, found ']'" },
  { '[01]', "line 1, column 2: expected a value, found '01'" },
  { '[1.]', "line 1, column 4: expected a digit, found ']'" },
  { '[1e]', "line 1, column 4: expected a digit, found ']'" },
  { '[+1]', "line 1, column 2: expected a value, found '+1'" },
  { '[nul]', "line 1, column 2: expected a value, found 'nul'" },
  { '[truely]', "line 1, column 2: expected a value, found 'truely'" },
  { '["a', "line 1, column 4: expected the quotation mark that ends the text, found the end of the text" },
  { '["a\nb"]', "line 1, column 4: expected the quotation mark that ends the text, found a control character" },
  { '["\\x"]', "line 1, column 5: expected an escape such as" },
  { '["\\u12"]', "line 1, column 5: expected four hexadecimal digits, found '12'" },
  { '["\\ud834x"]', "expected the second half of a surrogate pair, found 'x'" },
  { '["\\udd1e"]', "expected the first half of a surrogate pair before this" },
  { '["\xff"]', "line 1, column 3: expected UTF-8" },
  { ("["):rep(200), "expected at most 100 tables within tables" },
}
t.test("read: what is wrong is told with its place", function()
  for _, case in ipairs(bad) do
    local value, why = json.decode(case[1])
    t.equal(value, nil)
    t.truthy(why and why:find(case[2], 1, true), ("%q: got %s"):format(case[1], tostring(why)))
  end
end)

t.test("every truncation of a text is an error, never a value or a crash", function()
  local text = json.encode { a = { 1, 2, { b = "c\n" } }, d = -1.5 }
  for n = 0, #text - 1 do
    local value, why = json.decode(text:sub(1, n))
    t.equal(value, nil)
    t.truthy(why, "no reason for the first " .. n .. " bytes")
  end
end)

t.done()
