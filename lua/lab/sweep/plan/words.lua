-- words.lua: a sweep from the words of a command line, as a tree (sweep_tree.lua).
--
--   epochs=20                      fixed                epsilon=10,20,50             a choice
--   lr=log:1e-4:1e-1:7             {log: [..], n: 7}    dropout=uniform:0:0.5:3      {uniform: [..], n: 3}
--   zeta=range:0.1:0.5:0.1         {range: [..]}        hidden=int:100:1000:step:100 {int: [..], step: 100}
--   sizes=100,100/200,200          of a parameter that is a list: two lists
--
-- The part before the first colon is a word of these only for parameters that are numbers.

local options = require "lab.util.options"
local tree = require "lab.sweep.plan.tree"
local yaml = require "lab.c.yaml"

local M = {}

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
  if not shape then tree.fail({ place = place }, "'%s' is no kind of range%s", kind, options.suggestion(kind, options.sorted_keys(shapes))) end
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

-- The value of name=text for a rule (nil: unknown, which is told later).
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

return M
