-- words.lua: the words of a command line: a sweep, as a tree (sweep/plan/tree.lua), and the part
-- of a plan that --only asks for.
--
--   epochs=20                      fixed                epsilon=10,20,50             a choice
--   lr=log:1e-4:1e-1:7             {log: [..], n: 7}    dropout=uniform:0:0.5:3      {uniform: [..], n: 3}
--   zeta=range:0.1:0.5:0.1         {range: [..]}        hidden=int:100:1000:step:100 {int: [..], step: 100}
--   sizes=100,100/200,200          of a parameter that is a list: two lists
--
-- The part before the first colon is a word of these only for parameters that are numbers.
--
--   --only zeta=0.3 --only method=set,rigl      the trials that have one of the values of each

local options = require "lab.util.options"
local tree = require "lab.sweep.plan.tree"
local yaml = require "lab.c.yaml"

local M = {}

-- ---- a sweep ----------------------------------------------------------------------------

local shapes = {  -- how many numbers stand in the list, and what may follow
  int = { list = 2, rest = "n", form = "int:low:high, int:low:high:n or int:low:high:step:s" },
  log = { list = 2, rest = "n", form = "log:low:high or log:low:high:n" },
  range = { list = 3, form = "range:low:high:step" },
  uniform = { list = 2, rest = "n", form = "uniform:low:high or uniform:low:high:n" },
}

-- "a,b," -> { "a", "b", "" }
local function split(text, separator)
  local parts = {}
  for part in (text .. separator):gmatch("(.-)" .. separator:gsub("%p", "%%%0")) do parts[#parts + 1] = part end
  return parts
end

local function verbatim(place, text) return tree.scalar(place, text) end
local function scalar(place, text) return tree.scalar(place, yaml.resolve(text), text) end

-- One scalar, or a list of what the separator parts.
local function alternatives(place, text, separator, make)
  local items = split(text, separator)
  for i, item in ipairs(items) do items[i] = make(place, item) end
  return #items == 1 and items[1] or tree.list(place, items)
end

local function map(place, fields)
  local entries = {}
  for i, field in ipairs(fields) do entries[i] = { name = field[1], key = { place = place }, value = field[2] } end
  return tree.map(place, entries)
end

-- "log:1e-4:1e-1:7", of a parameter that is a number.
local function space(place, kind, text)
  local shape = shapes[kind]
  if not shape then tree.fail({ place = place }, "'%s' is not a kind of range%s", kind, options.suggestion(kind, options.sorted_keys(shapes))) end
  local parts = split(text, ":")
  local more = parts[shape.list + 1]
  local step = kind == "int" and more == "step" and #parts == 4
  if #parts < shape.list or (#parts > shape.list + (shape.rest and 1 or 0) and not step) then
    tree.fail({ place = place }, "%s is expected", shape.form)
  end
  local numbers = {}
  for i = 1, shape.list do numbers[i] = scalar(place, parts[i]) end
  local fields = { { kind, tree.list(place, numbers) } }
  if step then fields[2] = { "step", scalar(place, parts[4]) }
  elseif more then fields[2] = { "n", scalar(place, more) } end
  return map(place, fields)
end

-- The value of name=text for a rule (nil: unknown, which is reported later).
local function value(place, text, rule)
  local kind, rest = text:match "^(%a+):(.*)$"
  if rule and kind and (rule.kind == "integer" or rule.kind == "float") then return space(place, kind, rest) end
  if rule and rule.kind == "list" then
    local lists = alternatives(place, text, "/", function(_, part)
      local list = alternatives(place, part, ",", scalar)
      return list.items and list or tree.list(place, { list })
    end)
    return lists
  end
  return alternatives(place, text, ",", rule and rule.kind == "string" and verbatim or scalar)
end

-- The words as name, text pairs. Raises a problem at what is no name=value.
local function pairs_of(words)
  local found = {}
  for i, word in ipairs(words) do
    local name, text = word:match "^([%a_][%w_]*)=(.*)$"
    if not name then tree.fail({ place = word }, "name=value is expected") end
    found[i] = { name, text, word }
  end
  for _, name in ipairs(options.sorted_keys(words)) do found[#found + 1] = { name, words[name], name .. "=" .. words[name] } end
  return found
end

local stop_fields = { asha = { "min", "max", "factor" }, halving = { "min", "max", "factor" }, median = { "min", "trials" } }

-- "halving:1:27:3": the rule and its numbers in order.
local function stop(place, text)
  local parts = split(text, ":")
  local names = stop_fields[parts[1]] or {}
  local fields = { { "rule", scalar(place, parts[1]) } }
  if #parts - 1 > #names then
    tree.fail({ place = place }, "too many numbers: halving:min:max:factor, asha:min:max:factor or median:min:trials is expected")
  end
  for i = 2, #parts do fields[i] = { names[i - 1], scalar(place, parts[i]) } end
  return map(place, fields)
end

-- "1,2,3" as a list, also "7,"; "5" as a number.
local function seeds(place, text)
  local node = alternatives(place, (text:gsub(",$", "")), ",", scalar)
  return (node.items or not text:find(",", 1, true)) and node or tree.list(place, { node })
end

-- The tree of a command line.
--   script   its path
--   words    array of "name=text", or a table name -> text
--   given    options as typed: name, method, seed, seeds, runs, time, workers, where, metric,
--            goal, stop
--   rules    name -> rule of what the script declares
function M.read(script, words, given, rules)
  -- The options of these names as fields { key, node }.
  local function taken(names)
    local fields = {}
    for _, name in ipairs(names) do
      local option, key, make = table.unpack(name)
      local text = given[option] and tostring(given[option])
      if text then fields[#fields + 1] = { key, (make or scalar)(("--%s %s"):format(option, text), text) } end
    end
    return fields
  end
  local many = given.seeds and tostring(given.seeds):find(",", 1, true)
  local fields = taken { { "name", "sweep", verbatim }, { "method", "method" }, { "seed", "seed" }, { "workers", "workers" },
    { "stop", "stop", stop }, { "seeds", many and "seeds" or "replicates", seeds } }
  local function add(key, inner) if #inner > 0 then fields[#fields + 1] = { key, map("the command line", inner) } end end
  add("budget", taken { { "runs", "runs" }, { "time", "time" } })
  add("objective", taken { { "metric", "metric", verbatim }, { "goal", "goal" } })
  local where, params = {}, {}
  for i, text in ipairs(given.where or {}) do where[i] = verbatim("--where " .. text, text) end
  if #where > 0 then fields[#fields + 1] = { "where", tree.list("the command line", where) } end
  for i, pair in ipairs(pairs_of(words)) do
    params[i] = { name = pair[1], key = { place = pair[3] }, value = value(pair[3], pair[2], rules[pair[1]]) }
  end
  fields[#fields + 1] = { "params", tree.map("the command line", params) }
  fields[#fields + 1] = { "script", verbatim("the command line", script) }
  return map("the command line", fields)
end

-- ---- a part of a plan --------------------------------------------------------------------

-- Is a value what a text says? Numbers are compared as numbers, so that 0.30 is 0.3.
local function is(v, text)
  if type(v) == "number" then return tonumber(text) == v end
  return v == text or tree.show(v) == text or tostring(v) == text
end

-- All values of a parameter in the plan, in order of appearance; the seeds for the name 'seed'.
local function values_of(plan, name)
  if name == plan.seed_parameter then return plan.seeds end
  local values, seen = {}, {}
  for _, trial in ipairs(plan.trials) do
    local v = trial.params[name]
    if v ~= nil and not seen[tree.show(v)] then values[#values + 1], seen[tree.show(v)] = v, true end
  end
  return values
end

-- { name, texts } of a word, checked against the plan.
local function filter_of(plan, word)
  local place = { place = "--only " .. word }
  local name, list = word:match "^([%a_][%w_]*)=(.+)$"
  if not name then tree.fail(place, "name=value is expected") end
  local values, names = values_of(plan, name), table.move(plan.names, 1, #plan.names, 1, {})
  names[#names + 1] = plan.seed_parameter
  if #values == 0 then tree.fail(place, "this sweep sets no parameter '%s'%s", name, options.suggestion(name, names)) end
  local texts = {}
  for text in list:gmatch "[^,]+" do
    local met = false
    for _, v in ipairs(values) do met = met or is(v, text) end
    if not met then tree.fail(place, "'%s' is never %s in this sweep%s", name, text, tree.suggestion(text, values)) end
    texts[#texts + 1] = text
  end
  return { name = name, texts = texts }
end

local function matches(filter, v)
  for _, text in ipairs(filter.texts) do if v ~= nil and is(v, text) then return true end end
  return false
end

local function chosen(items, test)
  local kept = {}
  for _, item in ipairs(items) do if test(item) then kept[#kept + 1] = item end end
  return kept
end

-- The plan with only the trials and seeds that every word names; trials keep their indices. Raises
-- a problem if a word names what is not there, or if together they leave nothing.
function M.only(plan, words)
  local part = {}
  for k, v in pairs(plan) do part[k] = v end
  for _, word in ipairs(words) do
    local filter = filter_of(plan, word)
    if filter.name == plan.seed_parameter then part.seeds = chosen(part.seeds, function(seed) return matches(filter, seed) end)
    else part.trials = chosen(part.trials, function(trial) return matches(filter, trial.params[filter.name]) end) end
    if #part.trials == 0 or #part.seeds == 0 then tree.fail({ place = "--only " .. word }, "no configuration is left") end
  end
  return part
end

return M
