-- Splits and nets that a script makes and forgets do not pile up: the collector is told of them.

local t = dofile "tests/harness.lua"
local lab = require "lab"
require("lab.util.progress").mode = "none"

-- Makes n things of about 8 MB each, one after the other; how many of them were ever there at once.
local function most_at_once(n, make)
  local there, most = setmetatable({}, { __mode = "v" }), 0
  for i = 1, n do
    there[i] = make(i)
    local count = 0
    for _ in pairs(there) do count = count + 1 end
    most = math.max(most, count)
  end
  return most
end

local data = lab.data.madelon { train = 20000, test = 10, informative = 4, redundant = 2, useless = 114, seed = 1 }
local columns = {}
for j = 1, 100 do columns[j] = j end

t.test("splits that are forgotten are collected", function()
  local most = most_at_once(60, function() return lab.select_features { data.train, columns = columns }.train end)
  t.truthy(most <= 16, ("%d splits of 8 MB were there at once"):format(most))
end)

t.test("and nets that are not closed", function()
  local most = most_at_once(60, function(seed) return lab.mlp { 1000, 1000, 2, wiring = lab.dense {}, seed = seed } end)
  t.truthy(most <= 16, ("%d nets of 8 MB were there at once"):format(most))
end)

t.test("what is in use stays", function()
  local kept = {}
  for i = 1, 12 do kept[i] = lab.select_features { data.train, columns = columns }.train end
  for i = 2, 12 do t.equal(kept[i]:hash(), kept[1]:hash()) end
end)

t.done()
