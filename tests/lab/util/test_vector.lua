-- lab.vector against plain tables: every operation has a twin here that goes element by element.
local t = dofile "tests/harness.lua"
local lab = require "lab"
local canonical = require "lab.run.canonical"
local random = require "lab.c.random"
local system = require "lab.c.system"
require "lab.util.progress".mode = "none"

local V = lab.vector
local inf, nan = math.huge, 0.0 / 0.0

-- What single precision makes of a number.
local function single(x) return (string.unpack("<f", string.pack("<f", x))) end

-- ---- numbers to try ---------------------------------------------------------------------------

local special = {
  floats = { 0.0, -0.0, 1.0, -1.0, 2.0, 0.5, inf, -inf, nan, single(1e-40), single(3e38), single(-3e38), single(0.1) },
  integers = { 0, 1, -1, 2, -2, 7, math.maxinteger, math.mininteger, 1 << 31, -(1 << 31) },
}
local SIZES = { 0, 1, 2, 7, 8, 9, 1023, 1024, 1025, 2500 }

math.randomseed(1)

local draw = {
  floats = function(wild)
    if wild and math.random(4) == 1 then return special.floats[math.random(#special.floats)] end
    return single((math.random() - 0.5) * 10 ^ math.random(-3, 3))
  end,
  integers = function(wild)
    if wild and math.random(4) == 1 then return special.integers[math.random(#special.integers)] end
    return math.random(-50, 50)
  end,
  booleans = function() return math.random(2) == 1 end,
}

-- n elements of a kind as a table; `wild` with what is odd among numbers.
local function elements(kind, n, wild)
  local list = {}
  for i = 1, n do list[i] = draw[kind](wild) end
  return list
end

local function vector(list, kind)
  if #list > 0 then return V(list) end
  return kind == "floats" and V {} or V.range(1, 0)[kind](V.range(1, 0))
end

-- The vector has that kind and these elements.
local function holds(v, kind, list, tolerance)
  t.equal({ v:kind(), #v }, { kind, #list })
  for i, want in ipairs(list) do
    local got = v[i]
    local same = got == want or got ~= got and want ~= want
      or tolerance and math.abs(got - want) <= tolerance * math.max(math.abs(got), math.abs(want))
    if not same or math.type(got) ~= math.type(want) then t.equal({ i, got, math.type(got) }, { i, want, math.type(want) }) end
  end
  t.equal(v[#list + 1], nil)
end

local function map(list, f, other)
  local result = {}
  for i = 1, #list do result[i] = f(list[i], other and other[i]) end
  return result
end

local function same(x, n)
  local list = {}
  for i = 1, n do list[i] = x end
  return list
end

-- ---- makers -----------------------------------------------------------------------------------

t.test("the kind is that of the content", function()
  holds(V { 1, 2, 3 }, "integers", { 1, 2, 3 })
  holds(V { 1, 2.5, 3 }, "floats", { 1.0, 2.5, 3.0 })
  holds(V { 0.1 }, "floats", { single(0.1) })
  holds(V { true, false }, "booleans", { true, false })
  holds(V {}, "floats", {})
  holds(V.zeros(3), "floats", { 0.0, 0.0, 0.0 })
  holds(V.ones(2), "floats", { 1.0, 1.0 })
  holds(V.zeros(0), "floats", {})
  holds(V.range(-1, 2), "integers", { -1, 0, 1, 2 })
  holds(V.range(3, 2), "integers", {})
  holds(V.range(math.maxinteger, math.maxinteger), "integers", { math.maxinteger })
  holds(V.range(math.maxinteger, math.mininteger), "integers", {})
  holds(V(setmetatable({}, { __len = function() return 2 end, __index = function(_, i) return i * 10 end })), "integers", { 10, 20 })
end)

t.test("makers refuse what is no vector, at the script's line", function()
  t.raises("test_vector.lua:%d+: lab.vector: element 2 is a string: elements must be numbers, or true and false", function() V { 1, "2" } end)
  t.raises("element 2 is a boolean: numbers and booleans do not mix", function() V { 1, true } end)
  t.raises("element 2 is a number: numbers and booleans do not mix", function() V { true, 1.5 } end)
  t.raises("test_vector.lua:%d+: lab.vector takes a table of numbers or of booleans, not number", function() V(3) end)
  t.raises("lab.vector takes a table of numbers or of booleans, not nil", function() require "lab.c.vector".from_table() end)
  t.raises("test_vector.lua:%d+: a vector cannot have %-1 elements", function() V.zeros(-1) end)
  t.raises("number has no integer representation", function() V.ones(1.5) end)
  t.raises("lab.vector.range: from %-?%d+ to %d+ there are more than 4294967295 integers", function() V.range(math.mininteger, math.maxinteger) end)
  local tricky = setmetatable({}, { __len = function() return 1e15 // 1 | 0 end })
  t.raises("the table has the length 1000000000000000", function() V(tricky) end)
  local turns = 0
  local changing = setmetatable({}, { __len = function() return 1 end, __index = function() turns = turns + 1 return turns == 1 and 1 or "x" end })
  t.raises("element 1 of a vector of integers must be a whole number, not string", function() V(changing) end)
end)

t.test("what can never be had is refused before it is asked for", function()
  t.raises("test_vector.lua:%d+: a vector cannot have 1099511627776 elements: it has from 0 to 4294967295", function() V.zeros(1 << 40) end)
  t.raises("cannot have %d+ elements", function() V.zeros(math.maxinteger) end)
  t.raises("cannot have %d+ elements", function() V.range(1, 3):bincount(1 << 50) end)
end)

-- A process that may take three gigabytes of addresses: what it asks for beyond is refused, before it is asked
-- for where it is much, by the system where it is little.
t.test("memory that runs out is an error that a script can catch", function()
  local project = dofile "tests/fixtures/project_fixture.lua"(t).new { ["case.lua"] = [[
local lab = require "lab"
local function try(what, f) local ok, why = pcall(f) print(what, ok, (tostring(why):gsub("%d[%d.]* GiB$", "so much"))) end
try("much", function() return lab.vector.zeros(4294967295) end)
try("more and more", function()
  local kept = {}
  for i = 1, 1000 do kept[i] = lab.vector.zeros(5000000) end
end)
collectgarbage()
try("again", function() return #lab.vector.zeros(5000000) end)
]] }
  local said = project:setlab "ulimit -v 3000000; setlab run --threads 1 case.lua"
  if not said:find "^much" then t.skip("the program needs more addresses than it is given: " .. said:sub(1, 60)) end
  t.equal(said, "much\tfalse\tcase.lua:3: not enough memory: a vector of 4294967295 floats takes 16 GiB, and ulimit leaves so much\n"
    .. "more and more\tfalse\tcase.lua:6: not enough memory for a vector of 5000000 floats\n"
    .. "again\ttrue\t5000000\n")
end)

-- ---- elements ---------------------------------------------------------------------------------

t.test("elements are read and set as in a table", function()
  local v = V { 1.5, 2, 3 }
  v[2] = 0.1
  v[3.0] = 7
  holds(v, "floats", { 1.5, single(0.1), 7.0 })
  t.equal({ v[0], v[-1], v[4], v[1.5], v[2.0] == single(0.1) }, { nil, nil, nil, nil, true })
  local seen = {}
  for i, x in ipairs(v) do seen[i] = x end
  t.equal(seen, { 1.5, single(0.1), 7.0 })
  local w, b = V { 1, 2 }, V { true, false }
  w[1], b[2] = math.mininteger, true
  w[2] = 5.0
  holds(w, "integers", { math.mininteger, 5 })
  holds(b, "booleans", { true, true })
  t.equal({ #v, #V {} }, { 3, 0 })
end)

t.test("what cannot be set is told at the script's line", function()
  local v, w, b = V { 1.5, 2 }, V { 1, 2 }, V { true }
  t.raises("test_vector.lua:%d+: a vector of 2 elements has none at 3", function() v[3] = 1 end)
  t.raises("a vector of 2 elements has none at 0", function() v[0] = 1 end)
  t.raises("a vector of 2 elements has none at 1.5", function() v[1.5] = 1 end)
  t.raises("a vector of 2 elements has none at x", function() v.x = 1 end)
  t.raises("a vector of 2 elements has none at 1", function() v["1"] = 1 end)
  t.raises("element 1 of a vector of floats must be a number, not nil", function() v[1] = nil end)
  t.raises("element 1 of a vector of floats must be a number, not string", function() v[1] = "1" end)
  t.raises("element 2 of a vector of integers must be a whole number, not 0.5", function() w[2] = 0.5 end)
  t.raises("element 1 of a vector of booleans must be true or false, not 1", function() b[1] = 1 end)
  t.raises("test_vector.lua:%d+: a vector has no 'sums' %(did you mean 'sum'%?%)", function() return v:sums() end)
  t.raises("a vector has elements v%[1%] to v%[#v%]: there is none at a boolean", function() return v[true] end)
end)

t.test("as text", function()
  t.equal(tostring(V { 0.5, -2, 3 }), "vector of 3 floats, -2 to 3: 0.5 -2 3")
  t.equal(tostring(V.range(1, 9)), "vector of 9 integers, 1 to 9: 1 2 3 4 5 6 ...")
  t.equal(tostring(V { true, false, true }), "vector of 3 booleans, 2 of them true: true false true")
  t.equal(tostring(V { nan, 1, -nan }), "vector of 3 floats, 1 to 1, 2 of them NaN: nan 1 nan")
  t.equal(tostring(V { nan }), "vector of 1 float, 1 of them NaN: nan")
  t.equal(tostring(V { inf, -inf }), "vector of 2 floats, -inf to inf: inf -inf")
  t.equal(tostring(V {}), "vector of 0 floats")
end)

t.test("equal is what has kind, length and elements in common", function()
  t.truthy(V { 1, 2 } == V { 1, 2 } and V {} == V.zeros(0) and V { 0.0 } == V { -0.0 } and V { true } == V { true })
  for _, other in ipairs { V { 1, 3 }, V { 1 }, V { 1, 2, 3 }, V { 1.0, 2.0 }, V { true, true } } do t.truthy(V { 1, 2 } ~= other) end
  t.truthy(V { nan } ~= V { nan } and V { 1 } ~= 1 and V {} ~= V.range(1, 0))
end)

t.test("copies, slices, tables, conversions", function()
  for _, kind in ipairs { "floats", "integers", "booleans" } do
    for _, n in ipairs(SIZES) do
      local list = elements(kind, n)
      local v = vector(list, kind)
      local w = v:copy()
      holds(w, kind, list)
      t.equal(v:table(), list)
      if n > 0 then
        if kind == "booleans" then w[1] = not list[1] else w[1] = 1000 end
        t.truthy(v[1] == list[1] and v ~= w)
        local i = math.random(n)
        local j = math.random(i - 1, n)
        holds(v:slice(i, j), kind, table.move(list, i, j, 1, {}))
        holds(v:slice(i), kind, table.move(list, i, n, 1, {}))
      end
      holds(v:slice(n + 1), kind, {})
    end
  end
  local wild = elements("integers", 500, true)
  holds(V(wild):floats(), "floats", map(wild, single))
  holds(V(wild):booleans(), "booleans", map(wild, function(x) return x ~= 0 end))
  holds(V { 3.0, -2.0, 0.0, -0.0, 2.0 ^ 62, -2.0 ^ 63 }:integers(), "integers", { 3, -2, 0, 0, 1 << 62, math.mininteger })
  holds(V { 0.5, 0.0, -0.0, nan, inf }:booleans(), "booleans", { true, false, false, true, true })
  holds(V { true, false }:floats(), "floats", { 1.0, 0.0 })
  holds(V { true, false }:integers(), "integers", { 1, 0 })
  holds(V {}:integers(), "integers", {})
  for _, x in ipairs { 0.5, nan, inf, -inf, 2.0 ^ 63 } do t.raises("vector:integers: element 2 is .*, which is not a 64%-bit whole number", function() V { 1.0, x }:integers() end) end
  t.raises("test_vector.lua:%d+: vector:slice: there are no elements 0 to 2 in a vector of 3", function() V { 1, 2, 3 }:slice(0, 2) end)
  t.raises("no elements 2 to 4 in a vector of 3", function() V { 1, 2, 3 }:slice(2, 4) end)
  t.raises("no elements 3 to 1 in a vector of 3", function() V { 1, 2, 3 }:slice(3, 1) end)
  t.raises("no elements %-?%d+ to 3", function() V { 1, 2, 3 }:slice(math.mininteger) end)
end)

-- ---- arithmetic -------------------------------------------------------------------------------

local function least(a, b) if a ~= a or b ~= b then return nan end return a < b and a or b end
local function most(a, b) if a ~= a or b ~= b then return nan end return a > b and a or b end

local operations = {
  ["+"] = { function(a, b) return a + b end }, ["-"] = { function(a, b) return a - b end }, ["*"] = { function(a, b) return a * b end },
  ["/"] = { function(a, b) return a / b end }, ["^"] = { function(a, b) return a ^ b end, tolerance = 2e-7 },
  ["//"] = { function(a, b) return a // b end, divides = true }, ["%"] = { function(a, b) return a % b end, divides = true },
  minimum = { function(a, b) return a:minimum(b) end, twin = least, method = true }, maximum = { function(a, b) return a:maximum(b) end, twin = most, method = true },
}

-- A result as a vector keeps it.
local function kept(x) return math.type(x) == "float" and single(x) or x end

-- f(a, b) of elements of these kinds: numbers beside floats are rounded first.
local function check_operation(name, op, kind_a, kind_b, n)
  local a, b = elements(kind_a, n, true), elements(kind_b, n, true)
  if op.divides and kind_a == "integers" and kind_b == "integers" then b = map(b, function(x) return x == 0 and 3 or x end) end
  local f, twin = op[1], op.twin or op[1]
  local both_integers = kind_a == "integers" and kind_b == "integers" and name ~= "/" and name ~= "^"
  local kind = both_integers and "integers" or "floats"
  local function expected(x, y)
    local z = twin(x, y)
    return kind == "floats" and single(z + 0.0) or z
  end
  holds(f(vector(a, kind_a), vector(b, kind_b)), kind, map(a, expected, b), op.tolerance)
  local x, y = a[1] or kind_a == "floats" and 2.0 or 2, b[1] or kind_b == "floats" and 2.0 or 2
  holds(f(vector(a, kind_a), y), kind, map(a, expected, same(kind_a == "floats" and single(y + 0.0) or y, n)), op.tolerance)
  if not op.method then holds(f(x, vector(b, kind_b)), kind, map(same(kind_b == "floats" and single(x + 0.0) or x, n), expected, b), op.tolerance) end
end

t.test("two operands, each of them a vector or a number", function()
  for name, op in pairs(operations) do
    for _, kind_a in ipairs { "floats", "integers" } do
      for _, kind_b in ipairs { "floats", "integers" } do
        for _, n in ipairs(SIZES) do check_operation(name, op, kind_a, kind_b, n) end
      end
    end
  end
end)

t.test("numbers are rounded where they meet floats", function()
  holds(V { 0.1 }:eq(0.1), "booleans", { true })
  holds(0.1 + V { 0.1 }, "floats", { single(single(0.1) + single(0.1)) })
  holds(V { 1, 2, 3 } * 0.5, "floats", { 0.5, 1.0, 1.5 })
  holds(V { 3 } / 2, "floats", { 1.5 })
  holds(V { math.maxinteger } + 1, "integers", { math.mininteger })
  holds(V { 3.5, -2 } ^ 2, "floats", { 12.25, 4.0 })
  holds(2 ^ V { 3, -1 }, "floats", { 8.0, 0.5 })
  holds(V { 1e30 } * 1e30, "floats", { inf })
end)

t.test("the integer 0 divides nothing, the float 0 does", function()
  t.raises("test_vector.lua:%d+: element 1 would be divided by the integer 0", function() return V { 1, 2 } // 0 end)
  t.raises("element 2 would be divided by the integer 0", function() return V { 1, 2 } % V { 1, 0 } end)
  t.raises("element 1 would be divided", function() return 3 // V { 0 } end)
  holds(V.range(1, 0) // 0, "integers", {})
  holds(V { 1, 0 } / 0, "floats", { inf, nan })
  holds(V { 1.0, -1 } // 0, "floats", { inf, -inf })
  holds(V { math.mininteger, 5 } // -1, "integers", { math.mininteger, -5 })
  holds(V { math.mininteger, 5 } % -1, "integers", { 0, 0 })
end)

local function sign(x) return x ~= x and x or math.type(x) == "integer" and (x > 0 and 1 or x < 0 and -1 or 0) or (x > 0 and 1.0 or x < 0 and -1.0 or 0.0) end
local functions = {
  abs = { math.abs }, sign = { sign }, floor = { function(x) return math.type(x) == "integer" and x or x // 1 end },
  ["-"] = { function(x) return -x end, function(v) return -v end },
  sqrt = { math.sqrt, float = true }, exp = { math.exp, float = true, tolerance = 2e-7 }, log = { math.log, float = true, tolerance = 2e-7 },
}

t.test("functions of one operand", function()
  for name, f in pairs(functions) do
    for _, kind in ipairs { "floats", "integers" } do
      for _, n in ipairs(SIZES) do
        local list = elements(kind, n, true)
        local v = vector(list, kind)
        local expected = map(list, function(x)
          local y = f[1](x)
          return (f.float or kind == "floats") and single(y + 0.0) or y
        end)
        holds((f[2] or v[name])(v), f.float and "floats" or kind, expected, f.tolerance and (f.tolerance + 1e-9))
      end
    end
  end
  t.equal(1 / V { -0.0 }:abs()[1], inf)
  t.equal(1 / (-V { 0.0 })[1], -inf)
end)

t.test("what does not fit names both lengths, at the script's line", function()
  t.raises("test_vector.lua:%d+: the vectors have different lengths, 2 and 3", function() return V { 1, 2 } + V { 1, 2, 3 } end)
  t.raises("the vectors have different lengths, 0 and 1", function() return V {}:minimum(V { 1.0 }) end)
  t.raises("the vectors have different lengths, 1 and 2", function() return V { 1 }:lt(V { 1, 2 }) end)
  t.raises("the vectors have different lengths, 1 and 2", function() return V { true } & V { true, false } end)
  t.raises("cannot compute with a vector and a string", function() return V { 1 } + "1" end)
  t.raises("cannot compute with a vector and a table", function() return {} * V { 1 } end)
  t.raises("cannot compute with a vector and a nil", function() return V { 1 }:maximum() end)
  t.raises("booleans are not numbers: use mask:floats%(%) or mask:integers%(%)", function() return V { true } + 1 end)
  t.raises("booleans are not numbers", function() return -V { true } end)
  t.raises("booleans are not numbers", function() return V { 1 } * true end)
  t.raises("booleans are not numbers", function() return V { true }:abs() end)
  t.raises("vectors are compared element by element: write v:lt%(x%)", function() return V { 1 } < V { 2 } end)
  t.raises("vectors are compared element by element", function() return 1 <= V { 2 } end)
  t.raises("vector expected, got number", function() return V { 1 }.abs(1) end)
  t.raises("vector expected, got number", function() return V { 1 }.lt(1, V { 1 }) end)
end)

-- ---- comparison and masks ---------------------------------------------------------------------

local tests = {
  lt = function(a, b) return a < b end, le = function(a, b) return a <= b end, gt = function(a, b) return a > b end,
  ge = function(a, b) return a >= b end, eq = function(a, b) return a == b end, ne = function(a, b) return a ~= b end,
}

t.test("comparisons, as in C", function()
  for name, twin in pairs(tests) do
    for _, kind_a in ipairs { "floats", "integers" } do
      for _, kind_b in ipairs { "floats", "integers" } do
        local wild = kind_a == kind_b   -- large integers beside floats are compared as doubles
        for _, n in ipairs(SIZES) do
          local a, b = elements(kind_a, n, wild), elements(kind_b, n, wild)
          for i = 1, n, 3 do if kind_a == kind_b then b[i] = a[i] end end
          local v = vector(a, kind_a)
          holds(v[name](v, vector(b, kind_b)), "booleans", map(a, twin, b))
          local y = b[1] or 0
          holds(v[name](v, y), "booleans", map(a, twin, same(y, n)))
        end
      end
    end
  end
  holds(V { nan, nan }:eq(V { nan, 1.0 }), "booleans", { false, false })
  holds(V { nan }:ne(nan), "booleans", { true })
  holds(V { true, false }:eq(V { true, true }), "booleans", { true, false })
  holds(V { true, false }:ne(true), "booleans", { false, true })
  holds(V { 1, 2, 3 }:gt(1.5), "booleans", { false, true, true })
  t.raises("booleans are not compared with numbers", function() return V { true }:eq(1) end)
  t.raises("booleans have no order", function() return V { true }:lt(V { false }) end)
end)

t.test("masks", function()
  for _, n in ipairs(SIZES) do
    local a, b = elements("booleans", n), elements("booleans", n)
    local v, w = vector(a, "booleans"), vector(b, "booleans")
    holds(v & w, "booleans", map(a, function(x, y) return x and y end, b))
    holds(v | w, "booleans", map(a, function(x, y) return x or y end, b))
    holds(v ~ w, "booleans", map(a, function(x, y) return x ~= y end, b))
    holds(~v, "booleans", map(a, function(x) return not x end))
    local places, picked, numbers = {}, {}, elements("floats", n, true)
    for i, x in ipairs(a) do if x then places[#places + 1], picked[#picked + 1] = i, numbers[i] end end
    t.equal(v:count(), #places)
    holds(v:where(), "integers", places)
    holds(vector(numbers, "floats"):pick(v), "floats", picked)
    t.equal(v:pick(v):count(), #places)
  end
  t.raises("&, | and ~ join two vectors of booleans", function() return V { true } & V { 1 } end)
  t.raises("&, | and ~ join two vectors of booleans", function() return V { true } | true end)
  t.raises("vector of booleans expected, got one of integers", function() return ~V { 1 } end)
  t.raises("vector of booleans expected, got one of floats", function() return V { 1.5 }:count() end)
  t.raises("vector of booleans expected, got table", function() return V { 1.5 }:pick { true } end)
  t.raises("test_vector.lua:%d+: vector:pick: a mask of 1 elements does not match a vector of 2", function() return V { 1, 2 }:pick(V { true }) end)
end)

-- ---- folds and order --------------------------------------------------------------------------

local function mean(list)
  local sum = 0.0
  for _, x in ipairs(list) do sum = sum + x end
  return sum / #list
end

t.test("sums, means and extremes", function()
  for _, kind in ipairs { "floats", "integers" } do
    for _, n in ipairs(SIZES) do
      local list = elements(kind, n)
      local v, sum, squares, running = vector(list, kind), kind == "floats" and 0.0 or 0, 0.0, {}
      for i, x in ipairs(list) do
        sum = sum + x
        running[i] = kind == "floats" and single(sum) or sum
      end
      t.near(v:sum(), sum, 1e-9)
      t.equal(math.type(v:sum()), kind == "floats" and "float" or "integer")
      holds(v:cumsum(), kind, running)
      if n > 0 then
        t.equal({ v:min(), v:max() }, { math.min(table.unpack(list)), math.max(table.unpack(list)) })
        t.near(v:mean(), sum / n, 1e-9)
      end
      for _, x in ipairs(list) do squares = squares + (x - sum / n) ^ 2 end
      if n > 1 then t.near(v:sd(), (squares / (n - 1)) ^ 0.5, 1e-8) end
    end
  end
  t.equal({ V { true, false, true, true }:sum(), V { true, false, true, true }:mean() }, { 3, 0.75 })
  holds(V { true, false, true }:cumsum(), "integers", { 1, 1, 2 })
  t.equal(V { math.maxinteger, 1 }:sum(), math.mininteger)
  t.equal({ V { math.maxinteger, math.mininteger, 0 }:min(), V { math.maxinteger, math.mininteger, 0 }:max() }, { math.mininteger, math.maxinteger })
  t.equal(V { 1e8, 1, -1e8 }:sum(), 1.0)   -- in single precision the 1 is lost
end)

t.test("the order of a sum is part of the result", function()
  local list = elements("floats", 2501)
  local lane = { 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 }
  for i, x in ipairs(list) do lane[(i - 1) % 8 + 1] = lane[(i - 1) % 8 + 1] + x end
  t.equal(V(list):sum(), ((lane[1] + lane[5]) + (lane[3] + lane[7])) + ((lane[2] + lane[6]) + (lane[4] + lane[8])))
end)

t.test("a NaN is the least and the most; no elements have neither", function()
  for _, n in ipairs { 1, 7, 8, 9, 1030 } do
    for _, at in ipairs { 1, n // 2 + 1, n } do
      local list = elements("floats", n)
      list[at] = nan
      t.equal({ V(list):min(), V(list):max() }, { nan, nan })
    end
  end
  t.equal({ V { inf, -inf }:min(), V { inf, -inf }:max() }, { -inf, inf })
  for _, word in ipairs { "min", "max", "mean", "sd" } do t.raises(("vector:%s: the vector is empty"):format(word), V.zeros(0)[word], V.zeros(0)) end
  t.raises("test_vector.lua:%d+: vector:sd: one element has no standard deviation", function() V { 1 }:sd() end)
  t.raises("vector:max: booleans are not numbers", function() V { true }:max() end)
  t.equal({ V {}:sum(), V.range(1, 0):sum() }, { 0.0, 0 })
end)

-- Places by ascending elements, NaN last, equal ones in their order.
local function order(list)
  local places = {}
  for i = 1, #list do places[i] = i end
  table.sort(places, function(i, j)
    local a, b = list[i], list[j]
    if a ~= a or b ~= b then
      if (a ~= a) == (b ~= b) then return i < j end
      return b ~= b
    end
    if a ~= b then return a < b end
    return i < j
  end)
  return places
end

-- The k places that a twin takes first, ascending.
local function first(places, k)
  local list = table.move(places, 1, k, 1, {})
  table.sort(list)
  return list
end

-- Few values, so that many are equal.
local function with_ties(kind, n)
  return map(elements(kind, n, true), function(x) return math.random(2) == 1 and x or kind == "floats" and math.random(3) - 2.0 or math.random(3) end)
end

t.test("order, sort, the largest and the smallest", function()
  for _, kind in ipairs { "floats", "integers" } do
    for _, n in ipairs(SIZES) do
      for _, make in ipairs { with_ties, function(k, m) return elements(k, m, true) end, elements } do
        local list = make(kind, n)
        local v, up = vector(list, kind), order(list)
        holds(v:order(), "integers", up)
        holds(v:sort(), kind, map(up, function(i) return list[i] end))
        local down = order(map(list, function(x) return kind == "floats" and -x or ~x end))   -- ~x: no integer lacks it
        for _, k in ipairs { 0, math.min(1, n), n // 3, math.max(0, n - 1), n } do
          holds(v:bottomk(k), "integers", first(up, k))
          holds(v:topk(k), "integers", first(down, k))
        end
      end
    end
  end
  holds(V { nan, nan, 1.0, nan }:topk(3), "integers", { 1, 2, 3 })
  holds(V { nan, -inf, 1.0 }:topk(2), "integers", { 2, 3 })
  holds(V { nan, inf, 1.0 }:bottomk(2), "integers", { 2, 3 })
  holds(V { 0.0, -0.0, 0.0 }:topk(1), "integers", { 1 })
  holds(V { 0.0, -0.0, 0.0 }:order(), "integers", { 1, 2, 3 })
  holds(V { 5, 5, 5, 5 }:topk(2), "integers", { 1, 2 })
  t.raises("test_vector.lua:%d+: vector:topk: 3 elements were requested from a vector of 2", function() V { 1, 2 }:topk(3) end)
  t.raises("vector:bottomk: %-1 elements were requested from a vector of 2", function() V { 1, 2 }:bottomk(-1) end)
  t.raises("vector:topk: booleans have no order", function() V { true }:topk(1) end)
  t.raises("vector:sort: booleans have no order", function() V { true }:sort() end)
end)

-- ---- places -----------------------------------------------------------------------------------

local function places(n, m)
  local list = {}
  for i = 1, m do list[i] = math.random(n) end
  return list
end

t.test("gather and scatter", function()
  for _, kind in ipairs { "floats", "integers", "booleans" } do
    for _, n in ipairs { 1, 5, 1100 } do
      for _, m in ipairs { 0, 1, 4, 1500 } do
        local list, at, values = elements(kind, n), places(n, m), elements(kind, m)
        local v, index = vector(list, kind), vector(at, "integers")
        holds(v:gather(index), kind, map(at, function(i) return list[i] end))
        local scattered, set, added, raised = table.move(list, 1, n, 1, {}), table.move(list, 1, n, 1, {}), table.move(list, 1, n, 1, {}), table.move(list, 1, n, 1, {})
        local x = draw[kind]()
        for k, i in ipairs(at) do
          scattered[i], set[i] = values[k], x
          if kind ~= "booleans" then added[i], raised[i] = kept(added[i] + values[k]), kept(raised[i] + x) end
        end
        holds(v:scatter(index, vector(values, kind)), kind, scattered)
        holds(v:scatter(index, x), kind, set)
        if kind ~= "booleans" then
          holds(v:scatter_add(index, vector(values, kind)), kind, added)
          holds(v:scatter_add(index, x), kind, raised)
        end
        holds(v, kind, list)   -- it has not changed
      end
    end
  end
  holds(V { 1.5, 2 }:scatter(V { 2, 2 }, V { 7, 8 }), "floats", { 1.5, 8.0 })
  holds(V { 1.5, 2 }:scatter_add(V { 2, 2 }, 1), "floats", { 1.5, 4.0 })
end)

t.test("places that are not there are named", function()
  local v = V { 1.5, 2.5, 3.5 }
  t.raises("test_vector.lua:%d+: vector:gather: place 4 %(element 2 of the index%) is not from 1 to 3", function() v:gather(V { 1, 4 }) end)
  t.raises("vector:gather: place 0 %(element 1 of the index%) is not from 1 to 3", function() v:gather(V { 0, 4 }) end)
  local far = V.range(1, 3000):minimum(3)
  far[2999] = math.mininteger
  t.raises("place %-9223372036854775808 %(element 2999 of the index%)", function() v:gather(far) end)
  t.raises("vector:scatter: place 9 ", function() v:scatter(V { 9 }, 1) end)
  t.raises("vector:scatter_add: place %-1 ", function() v:scatter_add(V { -1 }, 1) end)
  t.raises("place 1 %(element 1 of the index%) is not from 1 to 0", function() V {}:gather(V { 1 }) end)
  t.raises("vector of integers expected, got one of floats", function() v:gather(V { 1.0 }) end)
  t.raises("vector of integers expected, got table", function() v:gather { 1 } end)
  t.raises("vector:scatter: 3 values do not match 2 places", function() v:scatter(V { 1, 2 }, v) end)
  t.raises("vector:scatter: 1 values do not match 2 places", function() v:scatter(V { 1, 2 }, V { 1.0 }) end)
  t.raises("vector:scatter: a vector of integers takes no floats", function() V { 1, 2 }:scatter(V { 1 }, V { 1.5 }) end)
  t.raises("vector:scatter: a vector of floats takes no booleans", function() v:scatter(V { 1 }, V { true }) end)
  t.raises("vector:scatter: element 1 of a vector of floats must be a number, not boolean", function() v:scatter(V { 1 }, true) end)
  t.raises("vector:scatter_add: element 1 of a vector of integers must be a whole number, not 0.5", function() V { 1 }:scatter_add(V { 1 }, 0.5) end)
  t.raises("vector:scatter_add: booleans are not numbers", function() V { true }:scatter_add(V { 1 }, true) end)
end)

t.test("sums and means by unit", function()
  for _, kind in ipairs { "floats", "integers", "booleans" } do
    for _, n in ipairs { 0, 1, 5, 2100 } do
      for _, units in ipairs { 1, 3, 700 } do
        local list, at = elements(kind, n), places(units, n)
        local numbers = map(list, function(x) return kind == "booleans" and (x and 1 or 0) or x end)
        local sums, counts, means = same(kind == "floats" and 0.0 or 0, units), same(0, units), {}
        for k, u in ipairs(at) do sums[u], counts[u] = sums[u] + numbers[k], counts[u] + 1 end
        for u = 1, units do means[u] = single(sums[u] / counts[u]) end
        local v, index = vector(list, kind), vector(at, "integers")
        holds(v:sum_by(index, units), kind == "floats" and "floats" or "integers", map(sums, kept))
        holds(v:mean_by(index, units), "floats", means)
        holds(index:bincount(units), "integers", counts)
      end
    end
  end
  local v = V { 1.5, 2.5 }
  t.raises("test_vector.lua:%d+: vector:sum_by: unit 3 %(element 2 of the index%) is not from 1 to 2", function() v:sum_by(V { 1, 3 }, 2) end)
  t.raises("vector:mean_by: unit 0 ", function() v:mean_by(V { 0, 1 }, 2) end)
  t.raises("vector:sum_by: an index of 3 elements does not match a vector of 2", function() v:sum_by(V { 1, 2, 1 }, 2) end)
  t.raises("vector:bincount: element 2 is 5, not from 1 to 4", function() V { 1, 5 }:bincount(4) end)
  t.raises("cannot have %-1 elements", function() v:sum_by(V { 1, 1 }, -1) end)
  holds(V {}:mean_by(V.range(1, 0), 2), "floats", { nan, nan })
end)

-- ---- chance -----------------------------------------------------------------------------------

t.test("random numbers come from the stream of math.random, and begin again with it", function()
  local function all()
    return { V.random(5), V.normal(5), V { 1, 2, 3 }:sample(2), V { 1.5, 2, 3 }:draw(4) }
  end
  local state = random.state()
  local a = all()
  random.restore(state)
  local b = all()
  for i = 1, #a do t.truthy(a[i] == b[i], tostring(a[i])) end
  local c = all()
  t.truthy(a[1] ~= c[1] and a[2] ~= c[2])
  random.restore(state)
  t.equal(V.random(1)[1], (function() random.restore(state) return (random.random(0) >> 40) * 2.0 ^ -24 end)())
  local u, z = V.random(100001), V.normal(100001)
  t.truthy(u:min() >= 0 and u:max() < 1)
  t.near(u:mean(), 0.5, 0.01)
  t.near(z:mean(), 0, 0.02)
  t.near(z:sd(), 1, 0.02)
  t.near(z:abs():le(1):mean(), 0.6827, 0.01)
  t.equal({ #V.random(0), #V.normal(0) }, { 0, 0 })
end)

-- How often each place comes in so many calls.
local function frequencies(n, times, f)
  local counts = V.zeros(n)
  for _ = 1, times do counts = counts:scatter_add(f(), 1) end
  return (counts / times):table()
end

t.test("samples go by weight, and none comes twice", function()
  local weights = V { 1.0, 0, 2, 3, 0, 4 }
  local once = frequencies(6, 8000, function() return weights:sample(1) end)
  for i, w in ipairs(weights:table()) do t.near(once[i], w / 10, 0.02) end
  -- Of two, the second goes by the weights that are left.
  local twice, expected = frequencies(6, 8000, function() return weights:sample(2) end), {}
  for i, w in ipairs(weights:table()) do
    expected[i] = w / 10
    for j, first_weight in ipairs(weights:table()) do if j ~= i then expected[i] = expected[i] + first_weight / 10 * w / (10 - first_weight) end end
    t.near(twice[i], expected[i], 0.02)
  end
  holds(weights:sample(4), "integers", { 1, 3, 4, 6 })
  holds(weights:sample(0), "integers", {})
  holds(V.range(0, 3):sample(3), "integers", { 2, 3, 4 })
  holds(V { true, false, true }:sample(2), "integers", { 1, 3 })
  local drawn = frequencies(6, 8000, function() return weights:draw(1) end)
  for i, w in ipairs(weights:table()) do t.near(drawn[i], w / 10, 0.02) end
  local many = weights:draw(30000):bincount(6)
  for i, w in ipairs(weights:table()) do t.near(many[i] / 30000, w / 10, 0.02) end
  holds(V { 0.0, 1e-45 }:draw(3), "integers", { 2, 2, 2 })
  holds(V { 0.0, 1e-45, 3e38 }:sample(2), "integers", { 2, 3 })
  holds(V {}:draw(0), "integers", {})
end)

t.test("weights that are none are named", function()
  for _, word in ipairs { "sample", "draw" } do
    for _, w in ipairs { -0.5, nan, inf } do
      t.raises(("test_vector.lua:%%d+: vector:%s: weight 2 is %%S+: weights must be finite and not negative"):format(word), function() local v = V { 1.0, w } return (v[word](v, 1)) end)
    end
  end
  t.raises("vector:sample: 3 elements were requested from a vector with 2 positive weights", function() V { 1.0, 0, 2 }:sample(3) end)
  t.raises("vector:sample: %-1 elements", function() V { 1.0, 0, 2 }:sample(-1) end)
  t.raises("vector:draw: no weight is positive", function() V { 0.0 }:draw(1) end)
  t.raises("vector:draw: %-1 elements", function() V { 1.0 }:draw(-1) end)
end)

-- ---- threads ----------------------------------------------------------------------------------

t.test("threads do not show", function()
  local n = 300001   -- beyond where threads begin
  random.begin(1, 2)
  local a, b, index = V.normal(n), V.normal(n), (V.random(n) * 1000):floor():integers() + 1
  a[7], a[n] = nan, inf
  local function all()
    random.begin(3, 4)
    return { a + b, 2 * a - b, a / b, a:abs() ^ b, index * index, index / 7, index + a, a:minimum(b), a % 3, a:exp(), a:sqrt(), a:lt(b), index:ge(500), index:eq(b),
      a:lt(b) & a:gt(0), ~a:lt(0), a:topk(90000), a:bottomk(90000), index:topk(5000), a:order(), index:sort(), a:gather(index), b:cumsum(), b:sum_by(index, 1000),
      V { b:sum(), b:sd(), b:min() }, index:floats(), index:booleans(), index:sample(1000) }
  end
  local before, seen = system.threads(), nil
  for threads = 1, 4 do
    system.threads(threads)
    local keys = {}
    for i, v in ipairs(all()) do keys[i] = getmetatable(v).__key(v) end
    seen = seen or keys
    t.equal(keys, seen)
  end
  system.threads(before)
end)

-- ---- life -------------------------------------------------------------------------------------

local held = require "lab.c.plan".held

t.test("memory comes back: when a vector is closed, and when garbage is collected", function()
  collectgarbage()
  local before = held()
  do
    local v <close> = V.zeros(1000000)
    t.truthy(held() >= before + 4000000)
  end
  t.equal(held(), before)
  local highest = 0
  for _ = 1, 100 do
    local _ = V.zeros(1000000) + 1   -- eight megabytes of garbage each, of which Lua sees nothing
    highest = math.max(highest, held() - before)
  end
  t.truthy(highest < 200e6, highest)
  collectgarbage()
  t.equal(held(), before)
end)

t.test("a closed vector says so, whatever it is asked", function()
  local v, w = V { 1, 2 }, V { 1, 2 }
  v:close()
  v:close()
  t.equal(tostring(v), "vector (closed)")
  for _, f in ipairs { function() return #v end, function() return v[1] end, function() v[1] = 1 end, function() return v + 1 end, function() return w + v end,
    function() return v:sum() end, function() return w:gather(v) end, function() return v == w end, function() return v:table() end } do
    t.raises("test_vector.lua:%d+: the vector is closed", f)
  end
end)

-- A finalizer may run wherever something is allocated, and do anything.
t.test("what finalizers do to a vector cannot break it", function()
  local loops, closed = 600, 0
  for i = 1, loops do
    local v, mask, index = V.range(1, 2000):floats(), V.range(1, 2000):gt(1000), V.range(1, 2000)
    local meta = { __gc = function()
      mask[1], index[1] = true, 1 << 40
      if i % 3 == 0 then v:close() elseif i % 3 == 1 then index:close() end
    end }
    for _ = 1, 2 do setmetatable({}, meta) end
    collectgarbage("step")
    local ok, why = pcall(function() return v:pick(mask), mask:where(), v:gather(index), v + index, v:sum_by(index, 2000), v:scatter(index, v), v:table() end)
    if not ok then
      closed = closed + 1
      t.truthy(why:find "closed" or why:find "changes" or why:find "is not from 1 to", why)
    end
  end
  t.truthy(closed > 0)
end)

-- ---- keys -------------------------------------------------------------------------------------

t.test("in a key a vector counts by its content", function()
  local function hash(v) return canonical.write(v, "value").hash end
  t.equal(hash(V { 1, 2, 3 }), hash(V.range(1, 3)))
  t.equal(hash(V { nan, 1 }), hash(V { -nan, 1.0 }))
  local seen = {}
  for i, v in ipairs { V { 1, 2 }, V { 1, 3 }, V { 1.0, 2.0 }, V { 1 }, V {}, V.range(1, 0), V { true, true }, V { nan, 2 }, V { 0.0 }, V { -0.0 }, { 1, 2 } } do
    t.truthy(not seen[hash(v)], i)
    seen[hash(v)] = i
  end
  local large = V.normal(5000)
  local other = large:copy()
  t.equal(hash(large), hash(other))
  other[4999] = other[4999] + 1
  t.truthy(hash(large) ~= hash(other))
end)

t.test("runs that capture another vector are other runs", function()
  require "lab.run.store".directory = t.tmpdir()
  local function study(weights) return lab.runs { "vectors", run = function(run) run:log { sum = weights:sum() } end }[1] end
  local a, again, b = study(V { 1, 2 }), study(V { 1, 2 }), study(V { 1, 3 })
  t.equal({ a:last "sum", a.reused, again:last "sum", again.reused, b:last "sum", b.reused }, { 3, false, 3, true, 4, false })
  t.truthy(t.read(a.path .. "/run.yaml"):find "vector of 2 integers %x+")
  local named = lab.runs { "named", arm = { { name = "x", v = V { 5 } }, { name = "y", v = V { 6 } } }, run = function(run, arm) run:log { v = arm.v[1] } end }
  t.equal({ named[1]:last "v", named[2]:last "v" }, { 5, 6 })
  t.raises("lab.runs: value 1 of 'v' is a userdata", function() lab.runs { "bare", v = { V { 1 } }, run = function(run, v) run:log { v = #v } end } end)
end)

t.test("a run function draws the same vectors each time", function()
  local function first_draw(label) return lab.runs { label, run = function(run) run:log { label = V.random(3):sum(), at = V { 1, 2, 3 }:sample(1)[1] } end }[1]:last "label" end
  require "lab.run.store".directory = t.tmpdir()
  local a = first_draw "draws"
  V.random(17)
  require "lab.run.store".directory = t.tmpdir()
  t.equal(first_draw "draws", a)
end)

-- ---- a rule in a few lines --------------------------------------------------------------------

t.test("a rule of pruning and growing", function()
  local weights, gradients, from = V.normal(1000), V.normal(1000), V.range(1, 1000) % 50 + 1
  local score = weights:abs() + 0.01 * gradients:abs()
  local keep = V.ones(1000):booleans():scatter(score:bottomk(300), false)
  t.equal(keep:count(), 700)
  t.truthy(score:pick(keep):min() >= score:pick(~keep):max())
  local degree = from:pick(keep):bincount(50)
  t.equal(degree:sum(), 700)
  t.equal(#degree:draw(300), 300)
end)

t.done()
