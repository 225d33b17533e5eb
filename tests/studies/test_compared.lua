-- shared/compared.lua: what the study of all methods says of its runs.

local t = dofile "tests/harness.lua"
local path = package.path
package.path = "experiments/?.lua;" .. path
local compared = require "shared.compared"
package.path = path

local Run = {}
Run.__index = Run
function Run:last(column) return self[column] and self[column][#self[column]] end
function Run:column(column) return self[column] or {} end

local function run(arm, seed, accuracy, status)
  return setmetatable({ arguments = { arm = arm, seed = seed }, status = status or "done", accuracy = accuracy }, Run)
end

t.test("difference over the seeds that both have", function()
  local mean, error, n = compared.difference({ 3, 5, 10 }, { 1, 2, nil, 9 })
  t.near(mean, 2.5)
  t.near(error, 0.5)   -- of 2 and 3: sd 0.7071, over sqrt 2
  t.equal(n, 2)
  t.equal({ compared.difference({ 1 }, { nil, 2 }) }, {})
  mean, error, n = compared.difference({ 1 }, { 3 })
  t.equal({ mean, error, n }, { -2, nil, 1 })
end)

t.test("what chance explains", function()
  t.equal(compared.is_explained(1, nil, 1), nil)
  t.equal(compared.is_explained(1, 0.25, 3), true)     -- t = 4, of which 4.30 is needed
  t.equal(compared.is_explained(-1, 0.2, 3), false)    -- t = 5
  t.equal(compared.is_explained(2.1, 1, 30), false)
end)

t.test("a table beside published numbers", function()
  local runs = {
    run("static", 1, { 0.1, 0.5, 0.6 }), run("static", 2, { 0.1, 0.6, 0.7 }),
    run("SET", 1, { 0.1, 0.7, 0.8 }), run("SET", 2, { 0.1, 0.8, 0.92 }), run("SET", 3, { 0.1 }, "failed"),
  }
  local rows = compared.accuracy_rows { name = "mnist", runs = runs }
  t.equal(rows[1], { "static", 2, "65.00 ± 7.07", "–", "–", "60.00", "" })
  t.equal(rows[2], { "SET", 2, "86.00 ± 8.49", "98.14", "-12.14", "80.50", "+21.00 ± 1.00" })
end)

t.test("all pairs", function()
  local runs = {}
  for seed = 1, 3 do
    runs[#runs + 1] = run("a", seed, { 0.5 + 0.01 * seed })
    runs[#runs + 1] = run("b", seed, { 0.6 + 0.01 * seed + 0.001 * (seed % 2) })
    runs[#runs + 1] = run("c", seed, { 0.5 + 0.02 * (seed % 2) })
  end
  local found, beyond, pairs_of = compared.differences { name = "none", runs = runs }
  t.equal(found.arms, { "a", "b", "c" })
  t.near(found.values[2][1], 100 * (0.1 + 0.002 / 3), 1e-9)
  t.near(found.values[1][2], -found.values[2][1], 1e-9)
  t.truthy(found.values[1][1] ~= found.values[1][1])
  t.equal({ beyond, pairs_of }, { 2, 3 })   -- b is apart from both; a and c are not
end)

t.done()
