-- The manual says what the code does: every word, option, method and field is in it, and nothing else.

local t = dofile "tests/harness.lua"
local fixture = dofile "tests/fixtures/manual_fixture.lua" (t)
local lab = require "lab"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local word_help = require "lab.cli.word_help"

local BAD = { no_such_option = 1 }

-- ---- which words there are ------------------------------------------------------------------

local function is_callable(v) return type(v) == "function" or (getmetatable(v) or {}).__call ~= nil end

-- Everything that a script reaches by names, found without the manual: name -> value.
local function reachable()
  local found = {}
  local function descend(prefix, words)
    local names = {}
    for name in next, words do names[name] = true end
    for name in pairs((getmetatable(words) or {}).words or {}) do names[name] = true end
    for name in pairs(names) do
      local full, value = prefix .. "." .. name, words[name]
      found[full] = value
      if type(value) == "table" and select(2, full:gsub("%.", "")) < 2 then descend(full, value) end
    end
  end
  descend("lab", lab)
  return found
end

local words = reachable()

t.test("every function that a script reaches has a manual, every manual of a word a function", function()
  for name, value in pairs(words) do
    local owner, field = name:match "^(.*)%.([^.]+)$"
    local entry = manual.entries[name]
    if is_callable(value) then t.truthy(entry and entry.kind == "word", name .. " has no manual")
    elseif owner == "lab" then t.truthy(entry and entry.kind == "group", name .. " has no manual")
    else t.truthy(((manual.entries[owner] or {}).fields or {})[field], name .. " is in no manual") end
  end
  for name, entry in pairs(manual.entries) do
    if entry.kind == "word" then t.truthy(is_callable(words[name]), name .. " has a manual, but is no function")
    elseif entry.kind == "group" then
      t.equal(type(words[name]), "table")
      for field in pairs(entry.fields or {}) do t.truthy(words[name .. "." .. field] ~= nil, name .. "." .. field) end
    end
  end
end)

-- ---- which options they take -----------------------------------------------------------------

-- The tables of rules that options.check was called with while f ran; and what f raised.
local function rules_seen(f, ...)
  local real, seen = options.check, {}
  options.check = function(where, spec, given)
    seen[#seen + 1] = spec
    return real(where, spec, given)
  end
  local ok, why = pcall(f, ...)
  options.check = real
  return seen, ok and "" or tostring(why)
end

local function contains(list, item)
  for _, v in ipairs(list) do if rawequal(v, item) then return true end end
  return false
end

-- What stands before the options.
local before = {
  ["lab.bench.run"] = { "tiny" }, ["lab.feature_statistics"] = { fixture.split }, ["lab.load"] = { fixture.dir .. "/final.npz" },
  ["lab.power_law"] = { { 1, 2, 3 } }, ["lab.topology.distance"] = { fixture.net, fixture.net }, ["lab.topology.track"] = { fixture.net }, ["net:epochs"] = { fixture.net, fixture.split }, ["ensemble:add"] = { fixture.ensemble, fixture.net }, ["net:surviving_inputs"] = { fixture.net }, ["net:calibration"] = { fixture.net, fixture.split }, ["ensemble:calibration"] = { fixture.ensemble },
  ["sweep:runs"] = { fixture.sweep }, ["sweep:extremes"] = { fixture.sweep }, ["verdicts:table"] = { fixture.verdicts }, ["verdicts:layers"] = { fixture.verdicts },
}

-- Words that do not use options.check; a test of their own follows.
local own_way = { ["lab.params"] = true, ["lab.runs"] = true, ["lab.sweep"] = true }

local function check_call(name, f, entry)
  local given = table.move(before[name] or {}, 1, #(before[name] or {}), 1, {})
  given[#given + 1] = BAD
  local seen, why = rules_seen(f, table.unpack(given))
  if not entry.options then return t.equal(#seen, 0) end
  t.truthy(rawequal(seen[1], entry.options), name .. " is checked by other rules than the manual shows")
  t.truthy(why:find(name .. ": unknown option 'no_such_option'", 1, true), name .. ": " .. why)
end

t.test("options of words and methods are the rules that the call is checked by", function()
  for name, entry in pairs(manual.entries) do
    if entry.kind == "word" and not own_way[name] then check_call(name, words[name], entry) end
    for method, call in pairs(entry.methods or {}) do
      if call.options then check_call(call.name, fixture[name][method], call) end
    end
  end
  local free = rules_seen(lab.table, { header = {}, no_such_option = 1 })
  t.truthy(rawequal(free[1], manual.entries["lab.table"].also.options))
end)

t.test("functions take as many arguments as their manuals say", function()
  local function check(name, f, entry, own)
    if type(f) == "table" then f, own = getmetatable(f).__call, own + 1 end
    local info = debug.getinfo(f, "Su")
    if info.what == "C" then return end
    local expected, vararg = (entry.options and 1 or 0) + own, false
    for _, argument in ipairs(entry.arguments or {}) do
      if argument[1] == "..." then vararg = true else expected = expected + 1 end
    end
    t.equal({ name, info.nparams, info.isvararg }, { name, expected, vararg })
  end
  for name, entry in pairs(manual.entries) do
    if entry.kind == "word" then check(name, words[name], entry, 0) end
  end
  for name, object in pairs { net = fixture.net, record = fixture.record, runs = fixture.runs, sweep = fixture.sweep, verdicts = fixture.verdicts, plan = fixture.plan, track = fixture.track, ensemble = fixture.ensemble } do
    for method, call in pairs(manual.entries[name].methods) do check(call.name, object[method], call, 1) end
  end
end)

-- A call with a wrong name in the option's table.
local nested = {
  ["lab.augment shift"] = function() lab.augment { shift = BAD } end,
  ["net:epochs checkpoint"] = function() fixture.net:epochs(fixture.split, { epochs = 1, batch = 9, lr = 1, checkpoint = BAD }) end,
  ["lab.table columns"] = function() lab.table { fixture.runs, columns = { BAD } } end,
  ["lab.bench.table columns"] = function() lab.bench.table { {}, columns = { BAD } } end,
  ["lab.data.mnist standardise"] = function() lab.data.mnist { standardise = BAD } end,
  ["lab.data.fashion_mnist standardise"] = function() lab.data.fashion_mnist { standardise = BAD } end,
  ["lab.data.cifar10 standardise"] = function() lab.data.cifar10 { standardise = BAD } end,
  ["lab.data.npz standardise"] = function() lab.data.npz { file = "none.npz", standardise = BAD } end,
  ["lab.data.npy standardise"] = function() lab.data.npy { train = {}, test = {}, standardise = BAD } end,
  ["lab.data.csv standardise"] = function() lab.data.csv { train = "none", test = "none", standardise = BAD } end,
  ["lab.data.madelon standardise"] = function() lab.data.madelon { standardise = BAD } end,
  ["lab.data.npz arrays"] = function() lab.data.npz { file = "none.npz", arrays = BAD } end,
  ["lab.receptive_field image"] = function() lab.receptive_field { density = 0.1, image = BAD } end,
  ["lab.mlp batch_norm"] = function() lab.mlp { 2, 2, 2, wiring = lab.dense {}, seed = 1, batch_norm = BAD } end,
  ["lab.memory_plan batch_norm"] = function() lab.memory_plan { 2, 2, 2, wiring = lab.dense {}, batch_norm = BAD } end,
  ["lab.plot.curves guides"] = function() lab.plot.curves { fixture.runs, y = "accuracy", guides = { BAD } } end,
  ["lab.plot.xy guides"] = function() lab.plot.xy { series = {}, guides = { BAD } } end,
  ["lab.plot.xy series"] = function() lab.plot.xy { series = { BAD } } end,
  ["lab.plot.scatter guides"] = function() lab.plot.scatter { fixture.runs, x = "epoch", y = "accuracy", guides = { BAD } } end,
  ["lab.plot.degrees series"] = function() lab.plot.degrees { series = { BAD } } end,
  ["lab.plot.degrees layers"] = function() lab.plot.degrees { layers = { BAD } } end,
  ["lab.plot.degrees layers series"] = function() lab.plot.degrees { layers = { { series = { BAD } } } } end,
  ["lab.plot.image_map maps"] = function() lab.plot.image_map { maps = { BAD } } end,
  ["lab.plot.animation beside"] = function() lab.plot.animation { frames = { { 1 } }, beside = BAD } end,
  ["lab.plot.stacks bars"] = function() lab.plot.stacks { bars = { BAD } } end,
  ["lab.plot.stacks bars parts"] = function() lab.plot.stacks { bars = { { name = "a", parts = { BAD } } } } end,
}

t.test("so are the rules of tables inside options", function()
  local function descend(name, rules)
    for option, rule in pairs(rules) do
      local inner = type(rule) == "table" and (rule.fields or rule.each)
      if inner then
        local full = name .. " " .. option
        t.truthy(nested[full], full .. ": no call here reaches it")
        local seen, why = rules_seen(nested[full])
        t.truthy(contains(seen, inner), full .. " is checked by other rules than the manual shows")
        t.truthy(why:find("unknown option 'no_such_option'", 1, true), full .. ": " .. why)
        descend(full, inner)
      end
    end
  end
  for name, entry in pairs(manual.entries) do
    if not own_way[name] then descend(name, entry.options or {}) end
    for _, call in pairs(entry.methods or {}) do descend(call.name, call.options or {}) end
  end
end)

-- ---- words that are checked in another way -----------------------------------------------------

local function names(rules)
  local list = {}
  for _, name in ipairs(options.sorted_keys(rules)) do if name ~= "positional" then list[#list + 1] = name end end
  return table.concat(list, ", ")
end

t.test("the keys of a sweep", function()
  local rules = manual.entries["lab.sweep"].options
  local function known(sweep)
    sweep.script, sweep.params = fixture.dir .. "/study.lua", sweep.params or {}
    local _, why = pcall(lab.sweep, sweep)
    local list = {}
    for name in (tostring(why):match "known: ([^\n]*)$" or why):gmatch "[%w_]+" do list[#list + 1] = name end
    table.sort(list)
    return table.concat(list, ", ")
  end
  t.equal(known { xxxxxxxxxxxxxx = 1 }, names(rules))
  local reached = { budget = true, objective = true, stop = true }
  for option, rule in pairs(rules) do
    if type(rule) == "table" and rule.fields then
      t.truthy(reached[option], option)
      t.equal(known { [option] = { xxxxxxxxxxxxxx = 1 } }, names(rule.fields))
    end
  end
end)

t.test("what stands beside a parameter's default, and beside the parameters", function()
  local _, why = pcall(lab.params, { a = { 1, xxxxxxxxxx = 1 } })
  t.equal(why:match "known: (.*)$", names(manual.entries["lab.params"].items.each))
  t.equal(names(manual.entries["lab.params"].options), "profiles")
  local P = lab.params { a = 1, profiles = { smoke = { a = 2 } } }
  t.equal(P.a, 1)
  t.raises("there is no parameter 'profiles'", function() return P.profiles end)
end)

t.test("the options of lab.runs are no arguments of its runs", function()
  t.equal(names(manual.entries["lab.runs"].options), "explain, run")
  t.raises("'run' must be a function", lab.runs, { "x", run = 1 })
  t.raises("'explain' must be true or false", lab.runs, { "x", run = print, explain = 1 })
end)

-- ---- objects -------------------------------------------------------------------------------------

-- Fields that a value has for itself.
local internal = { net = { core = true, init = true, views = true, evolving = true }, layer = { net = true, probe = true }, track = { engine = true, net = true, last_look = true }, ensemble = { split = true, sum = true, units = true }, record = { files = true } }
-- Fields that a value may lack.
local may_lack = { net = { evolution = true }, fit = {}, layer = { births = true, keep = true }, plan = { whose = true, available = true, passing = true }, record = { why = true }, sweep = { stopped = true } }

-- The table of a value's methods: what it is indexed with, also where a function does it.
local function class_of(value, method)
  local index = debug.getmetatable(value).__index
  if type(index) == "table" then return index end
  for i = 1, 20 do
    local name, v = debug.getupvalue(index, i)
    if not name then break end
    if type(v) == "table" and type(rawget(v, method)) == "function" then return v end
  end
  error("no methods found")
end

local function check_object(name, value)
  local entry = manual.entries[name]
  local methods = entry.methods or {}
  for method in pairs(methods) do t.truthy(type(value[method]) == "function", name .. ":" .. method .. " is in the manual only") end
  if next(methods) then
    for method, f in pairs(class_of(value, (next(methods)))) do
      if type(f) == "function" and not method:find "^__" then t.truthy(methods[method], name .. ":" .. method .. " is not in the manual") end
    end
  end
  local fields = entry.fields or {}
  for field in next, type(value) == "table" and value or {} do
    local known = type(field) ~= "string" or fields[field] or (internal[name] or {})[field]
    t.truthy(known, ("%s.%s is not in the manual"):format(name, tostring(field)))
  end
  for field in pairs(fields) do
    if not (may_lack[name] or {})[field] then t.truthy(value[field] ~= nil, ("%s.%s is in the manual only"):format(name, field)) end
  end
end

t.test("methods and fields of every kind of object are those of real ones", function()
  for name, entry in pairs(manual.entries) do
    if entry.kind == "object" and name ~= "run" then check_object(name, t.truthy(fixture[name], name .. ": none to look at")) end
  end
end)

t.test("what a run function is given is what the manual says", function()
  fixture.inside(function(run)
    for _, name in ipairs(options.sorted_keys(manual.entries.run.methods)) do t.equal(type(run[name]), "function") end
    for method, f in pairs(class_of(run, "log")) do
      if type(f) == "function" then t.truthy(manual.entries.run.methods[method], "run:" .. method .. " is not in the manual") end
    end
    for field in next, run do t.truthy(manual.entries.run.fields[field] or field == "book", "run." .. field .. " is not in the manual") end
    for field in pairs(manual.entries.run.fields) do t.truthy(run[field] ~= nil, field) end
  end)
end)

-- ---- how it is said ----------------------------------------------------------------------------

local function check_sentence(where, text, more)
  t.truthy(type(text) == "string" and text:find "^%S" and text:find(more or "[.:]$"), ("%s: %q is no sentence"):format(where, tostring(text)))
end

local rule_keys = {}
for name in ("kind default required min max above below choices infinite positional help unit takes default_is fields each"):gmatch "%S+" do rule_keys[name] = true end

local function check_rules(where, rules)
  for name, rule in pairs(rules) do
    if name ~= "positional" then
      local here = where .. ", " .. name
      check_sentence(here, rule.help)
      for key in pairs(rule) do t.truthy(rule_keys[key], ("%s: '%s' is no part of a rule"):format(here, key)) end
      t.truthy(not (rule.default ~= nil and (rule.required or rule.default_is)), here .. ": two defaults")
      check_rules(here, rule.fields or rule.each or {})
    end
  end
end

local function check_entry(name, entry)
  t.truthy(entry.summary and #entry.summary > 10 and not entry.summary:find "%.$" and not entry.summary:find "\n", name .. ": its summary")
  if entry.text then check_sentence(name, entry.text) end
  check_rules(name, entry.options or {})
  for _, argument in ipairs(entry.arguments or {}) do
    t.truthy(#argument[2] > 0, name)
    check_sentence(name .. ", " .. argument[1], argument[3])
  end
  if entry.items then check_sentence(name, entry.items[2]) end
  for field, text in pairs(entry.fields or {}) do check_sentence(name .. "." .. field, text) end
  if entry.gives then t.truthy(manual.entries[entry.gives], name .. " gives " .. entry.gives) end
end

t.test("every option, argument and field has its sentence, every word an example", function()
  for name, entry in pairs(manual.entries) do
    check_entry(name, entry)
    if entry.kind == "word" then t.truthy(entry.example, name .. " has no example") end
    for _, call in pairs(entry.methods or {}) do check_entry(call.name, call) end
  end
end)

-- Examples whose files are on no machine for certain.
local not_here = { ["lab.data.npz"] = true, ["lab.data.npy"] = true, ["lab.data.mnist"] = true, ["lab.data.fashion_mnist"] = true, ["lab.data.cifar10"] = true }

t.test("every example runs", function()
  for _, name in ipairs(options.sorted_keys(manual.entries)) do
    local example = manual.entries[name].example
    if example then
      example = example:gsub('"([%w_]+%.%w+)"', function(file) if io.open(fixture.dir .. "/" .. file) then return ("%q"):format(fixture.dir .. "/" .. file) end end)
      local environment = require "lab.script.strict".environment { names = { lab = lab, data = fixture.data, net = fixture.net, runs = fixture.runs, sweep = fixture.sweep, print = function() end } }
      local chunk, why = load(example, "=example of " .. name, "t", environment)
      t.truthy(chunk, why)
      if not not_here[name] then
        local ok, err = pcall(chunk)
        t.truthy(ok, tostring(err))
      end
    end
  end
end)

-- ---- as text -------------------------------------------------------------------------------------

-- The options of a page: the names that stand in its section at the left.
local function shown(text)
  local section = (text .. "\n\nEND"):match "\nOPTIONS\n(.-)\n\n" or ""
  local list = {}
  for name in ("\n" .. section):gmatch "\n       ([%w_]+): " do list[#list + 1] = name end
  table.sort(list)
  return table.concat(list, ", ")
end

t.test("a page shows each option that the code takes, and nothing else", function()
  for name, entry in pairs(manual.entries) do
    if entry.kind == "word" then t.equal({ name, shown(word_help.text(name)) }, { name, names(entry.options or {}) }) end
    for _, call in pairs(entry.methods or {}) do t.equal({ call.name, shown(word_help.text(call.name)) }, { call.name, names(call.options or {}) }) end
  end
end)

t.test("no page shows source code", function()
  for _, name in ipairs(word_help.names()) do
    local text = word_help.text(name)
    for _, code in ipairs { "kind =", "engine%.", "lines%.spec", "options%.check", "local function", "function M", "table: 0x", "%f[%w]nil: " } do
      t.truthy(not text:find(code), ("%s: %s"):format(name, code))
    end
  end
end)

t.done()
