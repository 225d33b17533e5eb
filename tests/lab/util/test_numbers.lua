-- Every numeric option takes a number as it is, or refuses it with a clear error: none becomes the
-- default, wraps around or loses digits in silence.
local t = dofile "tests/harness.lua"
local lab, options = require "lab", require "lab.util.options"
local arguments, number, parameter = require "lab.util.arguments", require "lab.util.number", require "lab.script.parameter"
require "lab.util.progress".mode = "none"
require "lab.run.store".directory = t.tmpdir()

local NAN = 0.0 / 0.0

-- ---- the declared options of all words ------------------------------------------------------

local data = lab.data.madelon { train = 40, test = 20, informative = 4, redundant = 4, useless = 12, seed = 3 }
local function make(more)
  local o = { 20, 30, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 }
  for k, v in pairs(more or {}) do o[k] = v end
  return lab.mlp(o)
end
local net = make()

-- What words declare: where -> spec. They are called with hardly anything, and only as far as their check.
local specs = {}
local function collect()
  local check = options.check
  options.check = function(where, spec, given)
    specs[where] = spec
    return check(where, spec, given)
  end
  local function try(f, ...) pcall(f, ...) end
  for name in pairs(getmetatable(lab).words) do
    local word = lab[name]
    try(word, {})
    if type(word) == "table" then
      for _, f in pairs(word) do if type(f) == "function" then try(f, {}) end end
    end
  end
  for _, kind in ipairs { "animation", "bars", "box", "curves", "degrees", "heatmap", "image_map", "importance", "marginals", "monitor", "parallel", "scatter", "stacks", "timeline", "xy" } do
    try(lab.plot[kind], {})
  end
  for _, kind in ipairs { "constant", "step", "cosine", "linear", "warm_up", "one_cycle" } do try(lab.schedule[kind], {}) end
  for _, set in ipairs { "mnist", "fashion_mnist", "cifar10", "npz", "csv", "madelon" } do try(lab.data[set], {}) end
  try(lab.load, "x")
  try(lab.feature_statistics, data.train, {})
  try(lab.augment, { shift = {} })
  try(net.epochs, net, data.train, {})
  try(net.surviving_inputs, net, {})
  try(net.epochs, net, data.train, { epochs = 1, batch = 10, lr = 0.1, checkpoint = {} })
  try(require "lab.cli.pretty".show, 1, {})
  options.check = check
end
collect()

-- Of one option: the value that the check makes of v, or nil and the error.
local function taken(where, name, rule, v)
  local ok, result = pcall(options.check, where, { [name] = rule }, { [name] = v })
  if ok then return result[name] end
  return nil, tostring(result)
end

local odd = { math.huge, -math.huge, NAN, 1e300, -1e300, 1e19, -1e19, 2.0 ^ 63, 2.0 ^ 53, 2.0 ^ 53 + 2, 1 << 31, 1 << 32, 1 << 53, (1 << 53) + 1, 1 << 62,
  math.maxinteger, math.mininteger, -1, 0, -0.0, 0.5, 2.5, -2.5, 3.0, 1, 5e-324 }

t.test("a number is taken as it is, or refused by name", function()
  local seen = 0
  for where, spec in pairs(specs) do
    for name, rule in pairs(spec) do
      local kind = type(rule) == "table" and rule.kind or ""
      if kind:find "integer" or kind:find "number" then
        seen = seen + 1
        for _, v in ipairs(odd) do
          local got, err = taken(where, name, rule, v)
          local told = ("%s, %s = %s"):format(where, name, tostring(v))
          if got == nil then
            t.truthy(err and err:find(("%s: option '%s' "):format(where, name), 1, true), told .. ": " .. tostring(err))
          else
            t.truthy(got == v, told .. " became " .. tostring(got))
            t.truthy(kind:find "number" or math.type(got) == "integer", told .. " is no integer")
            t.truthy(got ~= 0 or 1 / got > 0, told .. " is a negative zero")
            t.truthy(not rule.min or got >= rule.min, told .. " is below the limit")
            t.truthy(not rule.max or got <= rule.max, told .. " is above the limit")
          end
        end
        if not kind:find "string" then
          for _, text in ipairs { "1", "0x10", "1e3", "" } do
            local _, err = taken(where, name, rule, text)
            t.truthy(err and err:find(("option '%s' must be "):format(name), 1, true), where .. ": " .. tostring(err))
          end
        end
      end
    end
  end
  t.truthy(seen >= 90, "only " .. seen .. " options were looked at")
  for _, where in ipairs { "lab.mlp", "lab.set", "net:epochs", "net:epochs: checkpoint", "lab.augment", "lab.augment, shift", "lab.data.madelon", "lab.data.mnist",
    "lab.schedule.step", "lab.power_law", "lab.memory_plan", "lab.load", "net:surviving_inputs", "lab.plot.curves", "lab.plot.image_map", "lab.erdos_renyi",
    "lab.feature_statistics", "lab.select_features", "lab.degree_verdicts", "lab.bench.run" } do
    t.truthy(specs[where], where .. " was not reached")
  end
end)

t.test("the cases that were silent", function()
  t.raises("^tests/lab/util/test_numbers.lua:%d+: lab.set: option 'every' must be integer, not inf", function() local _ = lab.set { every = math.huge } end)
  t.raises("lab.set: option 'every_steps' must be integer, not inf", function() local _ = lab.set { every_steps = math.huge } end)
  t.raises("lab.mlp: option 'seed' must be integer, not 1e%+300, which is too large to be exact", function() make { seed = 1e300 } end)
  t.raises("must be integer, not 1.2345678901234567e%+19, which is too large", function() make { seed = 12345678901234567890 } end)
  t.equal(lab.set({ every = 7.0 }).every, 7)
  t.equal(make({ seed = math.mininteger }).options.seed, math.mininteger)
  t.equal(make({ seed = (1 << 53) + 1 }).options.seed, (1 << 53) + 1)
end)

t.test("seeds that differ in any bit make different nets", function()
  local first = make({ seed = 1 }):weights(1)
  for _, seed in ipairs { 1 + (1 << 32), 1 + (1 << 53), 1 - (1 << 63), -1, 0 } do
    local other = make({ seed = seed }):weights(1)
    local same = #other == #first
    for k = 1, same and #first or 0 do same = same and other[k] == first[k] end
    t.truthy(not same, "seed " .. seed .. " is like seed 1")
  end
end)

t.test("lists of sizes and parts have no holes", function()
  local wiring = lab.dense {}
  t.raises("lab.mlp: its list has a hole: value 2 is nil", function() lab.mlp { 20, nil, 2, wiring = wiring, seed = 1 } end)
  t.raises("lab.mlp: unexpected value at %[1.5%]", function() lab.mlp { 20, 2, [1.5] = 3, wiring = wiring, seed = 1 } end)
  t.raises("lab.mlp: unexpected value at %[0%]", function() lab.mlp { 20, 2, [0] = 3, wiring = wiring, seed = 1 } end)
  t.raises("lab.mlp: unexpected value at %[true%]", function() lab.mlp { 20, 2, [true] = 3, wiring = wiring, seed = 1 } end)
  t.raises("its list has a hole: value 1 is nil", function() lab.select_features { [2] = data.test, columns = { 1 } } end)
  for _, n in ipairs { NAN, math.huge, 1e300, 1 << 40, -1, "20" } do
    t.raises("lab.mlp: level 1 has .* units; a whole number from 1 to 1e9 is needed", function() lab.mlp { n, 2, wiring = wiring, seed = 1 } end)
  end
end)

-- ---- training -------------------------------------------------------------------------------

local function train(more)
  local o = { epochs = 2, batch = 10, lr = 0.05 }
  for k, v in pairs(more) do o[k] = v end
  local last
  for epoch in net:epochs(data.train, o) do last = epoch end
  return last
end

t.test("what single precision cannot hold is refused", function()
  local here = "^tests/lab/util/test_numbers.lua:%d+: "
  t.raises(here .. "net:epochs: option 'lr' gave 1e%+300 in epoch 1: it must be at most 3.40282e%+38", train, { lr = 1e300 })
  t.raises(here .. "net:epochs: option 'lr' gave 1e%+39", train, { lr = lab.schedule.constant { value = 1e39 } })
  t.raises(here .. "net:epochs: 'weight_decay' is .*, and single precision ends at", train, { weight_decay = 1e300 })
  t.raises(here .. "lab.mlp: 'slope' is .*, and single precision ends at", function() make { hidden = "leaky_relu", slope = -1e39 } end)
end)

t.test("functions of the script's own are checked too", function()
  local wrong = { { NAN, "NaN" }, { math.huge, "inf" }, { -math.huge, "%-inf" }, { "0.1", "the text '0.1'" }, { {}, "table" }, { true, "true" } }
  for _, case in ipairs(wrong) do
    t.raises("net:epochs: option 'lr' gave " .. case[2] .. ".* in epoch 1: it must be a finite number", train, { lr = function() return case[1] end })
    t.raises("the share of links that go gave " .. case[2] .. ".* in epoch 1: it must be a finite number", train, { evolve = lab.set { zeta = function() return case[1] end } })
  end
  t.raises("option 'lr' gave nil in epoch 1", train, { lr = function() end })
  t.raises("the share of links that go is 1.5 in epoch 2: it must be in %[0, 1%]", train, { evolve = lab.set { zeta = function() return 1.5 end } })
  for _, case in ipairs { { NAN, "%-?nan" }, { math.huge, "inf" }, { 1.5, "1.5" }, { -1, "%-1" }, { "3", "a string" }, { {}, "a table" }, { 1e300, "1e%+300" } } do
    t.raises("net:epochs: option 'evolve': the function returned " .. case[2] .. ".* in epoch 2: it must return how many links", train, { evolve = function() return case[1] end })
  end
  t.equal(train({ evolve = function() return 3.0 end }).replaced, 3)
  t.equal(train({ evolve = function() end }).replaced, 0)
  for _, v in ipairs { NAN, math.huge, "x", {} } do
    t.raises("became .*: it must be a finite number", function()
      lab.data.madelon { train = 4, test = 4, change = function(values) values[1] = v return values end }
    end)
  end
end)

t.test("the largest counts do what they say", function()
  t.equal(train({ evolve = lab.set { every_steps = math.maxinteger } }).replaced, 0)
  t.equal(train({ evolve = lab.set { every = math.maxinteger } }).replaced, 0)
  t.truthy(train({ lr = lab.schedule.step { value = 0.1, every = math.maxinteger, factor = 0.5 } }).lr == 0.1)
  t.equal(1 / lab.schedule.cosine({ value = -0.0 }).value, math.huge)
end)

-- ---- the command line and parameters --------------------------------------------------------

t.test("numbers that a user typed", function()
  for text, want in pairs { ["12"] = 12, ["0x10"] = 16, ["-0x7fffffffffffffff"] = -math.maxinteger, ["1e3"] = 1000.0, ["0x0000000000000000000001"] = 1 } do
    t.equal({ number.typed(text), math.type(number.typed(text)) }, { want, math.type(want) })
  end
  for _, text in ipairs { "0x10000000000000000", "0x8000000000000000", "ten", "", "nan", "inf" } do t.equal(number.typed(text), nil) end
end)

t.test("flags", function()
  local flags = { threads = { value = "N", kind = "integer", min = 1 }, rate = { value = "X", kind = "number" }, any = { value = "N", kind = "integer" } }
  local function parse(word) return arguments.parse("setlab try", { { word }, flags = flags }) end
  for _, text in ipairs { "inf", "nan", "1e300", "1e999", "99999999999999999999", "0x10000000000000001", "9007199254740993.0", "1.5", "" } do
    t.raises("%-%-any wants a whole number, not '" .. text:gsub("%.", "%%.") .. "'", parse, "--any=" .. text)
  end
  for _, text in ipairs { "inf", "-inf", "nan", "1e999", "-1e999", "x" } do t.raises("%-%-rate wants a number, not", parse, "--rate=" .. text) end
  t.equal({ parse("--any=9007199254740993").any, parse("--any=1e3").any, parse("--rate=1e300").rate }, { 9007199254740993, 1000, 1e300 })
  t.raises("%-%-threads is %-1, must be at least 1", parse, "--threads=-1")
end)

t.test("parameters, from the script and from text", function()
  local integer, float = parameter.rule("n", 4), parameter.rule("x", 0.5)
  for _, text in ipairs { "inf", "nan", "1e300", "1e999", "99999999999999999999", "0x10000000000000001", "9007199254740993.0", "1.5", "" } do
    local v, why = parameter.try(integer, text, "", true)
    t.truthy(v == nil and why:find "must be a whole number", text)
  end
  for _, v in ipairs { math.huge, -math.huge, NAN, 1e300, 2.0 ^ 53, 1.5, "4" } do
    local got, why = parameter.try(integer, v, "")
    t.truthy(got == nil and why:find "must be a whole number", tostring(v))
  end
  t.equal({ parameter.try(integer, (1 << 53) + 1, ""), (parameter.try(integer, "9007199254740993", "", true)) }, { (1 << 53) + 1, (1 << 53) + 1 })
  t.equal(1 / parameter.try(float, -0.0, ""), math.huge)
  t.equal({ parameter.try(float, "1e999", "", true) }, { nil, "is '1e999', must be a number" })
end)

t.test("limits of parameters that are no limits", function()
  for _, wrong in ipairs { { 4, min = "1" }, { 4, max = NAN }, { 4, above = {} }, { "set", min = 1 }, { true, max = 1 }, { { "a", "b" }, below = 3 }, { 4, choices = 4 } } do
    t.raises("lab.params: 'n' ", parameter.rule, "n", wrong)
  end
  t.equal(parameter.rule("n", { 4, max = math.huge }).max, math.huge)
end)

t.done()
