-- only.lua: `--only zeta=0.3 --only method=set,rigl`: a part of a plan.

local options = require "lab.util.options"
local tree = require "lab.sweep.plan.tree"

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
local function read(plan, word)
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

local function select(items, test)
  local kept = {}
  for _, item in ipairs(items) do if test(item) then kept[#kept + 1] = item end end
  return kept
end

-- The plan with only the trials and seeds that every word names; trials keep their indices. Raises
-- a problem if a word names what is not there, or if together they leave nothing.
return function(plan, words)
  local part = {}
  for k, v in pairs(plan) do part[k] = v end
  for _, word in ipairs(words) do
    local filter = read(plan, word)
    if filter.name == plan.seed_parameter then part.seeds = select(part.seeds, function(seed) return matches(filter, seed) end)
    else part.trials = select(part.trials, function(trial) return matches(filter, trial.params[filter.name]) end) end
    if #part.trials == 0 or #part.seeds == 0 then tree.fail({ place = "--only " .. word }, "no configuration is left") end
  end
  return part
end
