-- net:epochs { average = }. (The arithmetic: tests/core/net/test_average.c.)

local t = dofile "tests/harness.lua"
local lab = require "lab"
local progress = require "lab.util.progress"
progress.mode = "none"

local data = lab.data.madelon { train = 200, test = 100, informative = 4, redundant = 4, useless = 12, seed = 3 }
local function make() return lab.mlp { 20, 30, 24, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 } end

local function options(more)
  local o = { epochs = 6, batch = 50, lr = 0.05, momentum = 0.9 }
  for k, v in pairs(more or {}) do o[k] = v end
  return o
end

t.test("the last weights are the mean of those after the last epochs, and the body sees them", function()
  local one <close> = make()
  local two <close> = make()
  local sum, seen = {}, nil
  for epoch in one:epochs(data.train, options()) do
    for k, w in ipairs(epoch.n > 3 and one:weights(1) or {}) do sum[k] = (sum[k] or 0) + w / 3 end
  end
  for epoch in two:epochs(data.train, options { average = 3 }) do seen = epoch.n == 6 and two:weights(1) or nil end
  local off, moved, last = 0, 0, one:weights(1)
  for k, mean in ipairs(sum) do
    off, moved = math.max(off, math.abs(seen[k] - mean)), math.max(moved, math.abs(seen[k] - last[k]))
  end
  t.truthy(#sum == #seen and off < 1e-6)
  t.truthy(moved > 1e-4)
  t.equal(seen, two:weights(1))
end)

t.test("one epoch is its own mean; more than there are is a mean of all", function()
  local one <close> = make()
  local two <close> = make()
  for _ in one:epochs(data.train, options()) do end
  for _ in two:epochs(data.train, options { average = 1 }) do end
  t.equal(one:weights(2), two:weights(2))
  local three <close> = make()
  local four <close> = make()
  for _ in three:epochs(data.train, options { average = 6 }) do end
  for _ in four:epochs(data.train, options { average = 100 }) do end
  t.equal(three:weights(2), four:weights(2))
end)

t.test("a net that was saved in between goes on with its mean", function()
  local whole <close> = make()
  local path = os.tmpname()
  for epoch in whole:epochs(data.train, options { average = 4 }) do if epoch.n == 4 then whole:save(path) end end
  local file <close> = lab.load(path)
  os.remove(path)
  t.equal(file.core:averaged(), 2)
  local plain <close> = make()
  t.equal(plain.core:averaged(), 0)
end)

t.test("a change of the wiring begins it anew, and that is said", function()
  local net <close> = make()
  local said = {}
  local note = progress.note
  progress.note = function(text) said[#said + 1] = text end
  for _ in net:epochs(data.train, options { average = 4, evolve = lab.set { zeta = 0.3, stop = 0.7 } }) do end
  progress.note = note
  local found
  for _, text in ipairs(said) do found = found or text:match "the mean over (%d) epochs, not 4: the wiring changed before epoch" end
  t.truthy(found and tonumber(found) < 4)
end)

t.test("options", function()
  local net <close> = make()
  t.raises("option 'average' is %-1, must be at least 0", function() for _ in net:epochs(data.train, options { average = -1 }) do end end)
  local function peak(k) return lab.memory_plan { 20, 300, 2, wiring = lab.dense {}, average = k }.peak end
  t.truthy(peak(5) - peak(0) >= 4 * (6000 + 600 + 302) and peak(5) - peak(0) < 4 * 7500)
end)

t.done()
