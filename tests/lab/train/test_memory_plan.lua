local t = dofile "tests/harness.lua"
local lab = require "lab"
local bytes = require "lab.util.bytes"
local engine = require "lab.c.plan"
local check = require "lab.net.memory_check"
require "lab.util.progress".mode = "none"

local data = lab.data.madelon { train = 500, test = 200, informative = 4, redundant = 4, useless = 12, seed = 3 }

t.test("sizes are read and written", function()
  for text, n in pairs { ["4096"] = 4096, ["1K"] = 1024, ["1.5M"] = 1572864, ["2 GiB"] = 2 << 30, ["3g"] = 3 << 30,
    ["1T"] = 1 << 40, ["7 B"] = 7, ["1MB"] = 1 << 20 } do t.equal(bytes.read(text), n) end
  for _, text in ipairs { "", "G", "-1G", "1X", "1 2", "1e3", "0x10", "1.5.2M", "1Gigs" } do t.equal(bytes.read(text), nil) end
  t.equal(bytes.text(0), "0 bytes")
  t.equal(bytes.text(1023), "1023 bytes")
  t.equal(bytes.text(1536), "1.50 KiB")
  t.equal(bytes.text(15.25 * 2 ^ 20), "15.2 MiB")
  t.equal(bytes.text(2 ^ 62), "4096 PiB")
end)

-- A plan and a net of the same description: what stands, and the most while it trains.
local function measured(o, use)
  collectgarbage()
  local before = engine.held()
  local net <close> = lab.mlp(o)
  local stands = engine.held() - before
  engine.mark()
  for _ in net:epochs(data.train, use) do net:evaluate(data.test) end
  local _, peak = engine.held()
  return stands, peak - before, net:links()
end

local function plan_of(o, more)
  local given = {}
  for k, v in pairs(o) do given[k] = v end
  for k, v in pairs(more) do given[k] = v end
  return lab.memory_plan(given)
end

t.test("dense: the plan is what is claimed, to the byte", function()
  local o = { 20, 300, 200, 4, hidden = "tanh", wiring = lab.dense {}, seed = 1, dropout = 0.2 }
  local stands, peak, links = measured(o, { epochs = 2, batch = 50, lr = 1e-4 })
  local plan = plan_of(o, { batch = 50, train = 500, test = 200 })
  t.equal({ plan.net, plan.peak, plan.links }, { stands, peak, links })
end)

t.test("evolutions: the plan is the most that is claimed, and not much more", function()
  local wiring = lab.uniform { density = 0.2 }
  for name, evolve in pairs { SET = lab.set {}, RigL = lab.rigl { every = 1, share = 0.3 }, GSE = lab.gse { every = 1 }, CHTs = lab.chts {}, MEST = lab.mest { every = 1 },
    remembered = lab.evolution { prune = lab.prune.magnitude {}, grow = lab.grow.unfired {} } } do
    local o = { 20, 900, 700, 4, wiring = { wiring, wiring, lab.dense {} }, seed = 1, threads = 2, history = name == "remembered" }
    local _, peak = measured(o, { epochs = 4, batch = 50, lr = 1e-6, evolve = evolve })
    local plan = plan_of(o, { batch = 50, train = 500, test = 200, evolve = evolve, epochs = 4 })
    t.truthy(peak <= 1.1 * plan.peak, ("%s claims %d, planned were %d"):format(name, peak, plan.peak))
    t.truthy(peak >= 0.6 * plan.peak, ("%s claims %d, planned were %d"):format(name, peak, plan.peak))
  end
  t.raises("lab.memory_plan: option 'evolve' takes", plan_of, { 20, 4, wiring = lab.dense {} }, { evolve = {} })
end)

-- The same links every time, so that nothing is an expected value.
local function ring(n_in, n_out)
  local from, to = {}, {}
  for i = 1, math.max(n_in, n_out) do from[i], to[i] = (i - 1) % n_in + 1, (i - 1) % n_out + 1 end
  return from, to
end

t.test("what activations keep and train is counted, to the byte", function()
  local need = {}
  for _, hidden in ipairs { "relu", "all_relu", "srelu", "gelu" } do
    for _, precision in ipairs { "float32", "bfloat16" } do
      local o = { 20, 900, 700, 800, 4, wiring = ring, seed = 1, hidden = hidden, precision = precision }
      local stands, peak = measured(o, { epochs = 2, batch = 100, lr = 1e-6 })
      local plan = plan_of(o, { batch = 100, zeta = 0, train = 500, test = 200 })
      t.equal({ plan.net, plan.peak }, { stands, peak })
      need[hidden .. precision] = plan
    end
  end
  local relu, all, srelu = need.relufloat32, need.all_relufloat32, need.srelufloat32
  -- A bit for each value, in a tile for each thread; how wide it is depends on the instruction set.
  t.truthy(all.layers[1].gradient_bytes >= 900 * 48 / 8 and all.layers[1].gradient_bytes <= 900 * 128 / 8 + 600)
  t.equal(all.layers[2].gradient_bytes, 0)
  t.near(srelu.layers[2].gradient_bytes / srelu.layers[1].gradient_bytes, 7 / 9, 0.01)
  t.near(srelu.net - relu.net, 3 * 4 * 4 * (900 + 700 + 800), 3000)
end)

t.test("sparse: links are expected values, and the rest is exact", function()
  local o = { 20, 3000, 2000, 4, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 }
  local stands, peak, links = measured(o, { epochs = 2, batch = 100, lr = 1e-4, evolve = lab.set { zeta = 0.3 } })
  local plan = plan_of(o, { batch = 100, zeta = 0.3, train = 500, test = 200 })
  t.near(plan.links / links, 1, 0.02)
  t.near(plan.net / stands, 1, 0.02)
  t.near(plan.peak / peak, 1, 0.1)
  t.equal(plan.layers[3].dense, false)
  t.near(plan.layers[1].density, 3 * 3020 / 60000, 1e-4)
end)

t.test("bfloat16: the plan is what is claimed, to the byte, and less than for float32", function()
  local need = {}
  for _, wiring in ipairs { ring, { ring, lab.dense {}, ring, lab.dense {} }, lab.dense {} } do
    for _, precision in ipairs { "float32", "bfloat16" } do
      local o = { 20, 900, 700, 800, 4, wiring = wiring, seed = 1, precision = precision }
      local stands, peak = measured(o, { epochs = 2, batch = 150, lr = 1e-6 })
      local plan = plan_of(o, { batch = 150, zeta = 0, train = 500, test = 200 })
      t.equal({ plan.net, plan.peak }, { stands, peak })
      need[#need + 1] = plan.peak - plan.net
    end
  end
  t.truthy(need[2] < 0.75 * need[1], "sparse layers alone") -- narrower tiles, as for avx2, keep more weight gradients
  t.truthy(need[4] > need[3] * 0.8, "BLAS wants floats")
  t.truthy(need[6] <= need[5] and need[6] > need[5] * 0.9, "no sparse layer")
end)

t.test("a wiring of one's own is counted", function()
  local o = { 20, 30, 4, wiring = ring, seed = 1 }
  local stands, peak = measured(o, { epochs = 1, batch = 500, lr = 1e-4 })
  local plan = plan_of(o, { batch = 500, zeta = 0, train = 500, test = 200 })
  t.equal({ plan.net, plan.peak, plan.links }, { stands, peak, 60 })
end)

t.test("a larger evaluation, and a batch larger than the data", function()
  local o = { 20, 30, 4, wiring = lab.dense {}, seed = 1 }
  local _, small = measured(o, { epochs = 2, batch = 8, lr = 1e-4 })
  t.equal(plan_of(o, { batch = 8, train = 500, test = 200 }).peak, small)
  t.truthy(plan_of(o, { batch = 8, train = 500 }).peak < small)
  local _, large = measured(o, { epochs = 2, batch = 900, lr = 1e-4 })
  t.equal(plan_of(o, { batch = 900, train = 500, test = 200 }).peak, large)
end)

t.test("parts add up; data are what a split takes", function()
  local plan = lab.memory_plan { 20, 30, 4, wiring = lab.dense {}, train = 500, test = 200, floats = true }
  local sum = 0
  for _, part in ipairs(plan.parts) do sum = sum + part.bytes end
  t.equal(sum, plan.total)
  t.equal(plan.data, engine.data(500, 20, true) + engine.data(200, 20, true))
  t.truthy(plan.program > 1 << 20)
  local text = tostring(plan)
  for _, word in ipairs { "layer ", "links ", "activations ", "data ", "program ", "total ", "available " } do t.truthy(text:find(word, 1, true), word) end
end)

t.test("fits, or does not, and says so", function()
  local plan = lab.memory_plan { 20, 30, 4, wiring = lab.dense {} }
  plan:compare(1e12 // 1, "--memory")
  t.equal(plan.fits, true)
  plan:compare(plan.need, "--memory")
  t.equal(plan.fits, false)  -- something stays back
  t.truthy(plan:refusal():find "^not enough memory: this needs .* and %-%-memory leaves")
  plan:compare(nil)
  t.equal(plan.fits, true)
end)

t.test("available: what the machine says, or a sentence", function()
  local available, whose = check.available()
  if not available then t.skip "this system does not say" end
  t.truthy(available > 0 and whose ~= "")
end)

t.test("options are checked at the script's line", function()
  local function fails(pattern, code)
    t.raises("^script.lua:2: " .. pattern, assert(load("local lab = ...\n" .. code, "@script.lua")), lab)
  end
  fails("lab.memory_plan: unknown option 'bacth' %(did you mean 'batch'%?%)", "lab.memory_plan { 2, 2, wiring = lab.dense {}, bacth = 1 }")
  fails("lab.memory_plan: give the number of units", "lab.memory_plan { 2, wiring = lab.dense {} }")
  fails("lab.memory_plan: level 2 has 0 units", "lab.memory_plan { 2, 0, wiring = lab.dense {} }")
  fails("lab.memory_plan: option 'precision' has no choice 'float2' %(did you mean 'float32'%?%)", "lab.memory_plan { 2, 2, wiring = lab.dense {}, precision = 'float2' }")
  fails("lab.memory_plan: option 'hidden' has no choice 'rely'", "lab.memory_plan { 2, 2, wiring = lab.dense {}, hidden = 'rely' }")
  fails("lab.memory_plan: option 'slope' belongs to", "lab.memory_plan { 2, 2, wiring = lab.dense {}, slope = 1 }")
  fails("lab.memory_plan: option 'wiring' is missing", "lab.memory_plan { 2, 2 }")
  fails("lab.memory_plan: option 'zeta' is 2, must be at most 1", "lab.memory_plan { 2, 2, wiring = lab.dense {}, zeta = 2 }")
  fails("lab.memory_plan: a sparse layer has at most 4294967295 links", "lab.memory_plan { 1e9, 1e9, wiring = lab.erdos_renyi { epsilon = 10 } }")
  fails("lab.mlp: a sparse layer has at most 4294967295 links", "lab.mlp { 1e9, 1e9, wiring = lab.erdos_renyi { epsilon = 10 }, seed = 1 }")
  fails("lab.mlp: not enough memory: the net needs .*PiB", "lab.mlp { 1e9, 1e9, wiring = lab.dense {}, seed = 1 }")
end)

t.done()
