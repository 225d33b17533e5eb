-- parameter.lua: one declared parameter: its kind, its limits, and what fits them.
--
-- A rule is { kind, default, min, max, above, below, choices, help }. The kind is that of the default:
-- integer, float, boolean, string, or list, whose `item` is the kind of its elements. The
-- value may come from the script, or as text from the command line.

local number = require "lab.util.number"
local options = require "lab.util.options"

local M = {}

-- What stands beside a default.
M.options = {
  min = { kind = "number", help = "The smallest value." },
  max = { kind = "number", help = "The largest value." },
  above = { kind = "number", help = "The value must be above this." },
  below = { kind = "number", help = "The value must be below this." },
  choices = { kind = "table", takes = "array of values", help = "All allowed values." },
  help = { kind = "string", help = "What the parameter is, as 'setlab run --params SCRIPT' prints it." },
}
local rule_keys = options.sorted_keys(M.options)

local function fail(name, ...) options.fail(("lab.params: '%s' "):format(name) .. (...):format(select(2, ...))) end

local function show(v)
  if type(v) == "number" then return number.text(v) end
  if type(v) ~= "table" then return tostring(v) end
  local items = {}
  for i, item in ipairs(v) do items[i] = show(item) end
  return table.concat(items, ",")
end

local kind_names = { integer = "a whole number", float = "a number", boolean = "true or false", string = "text",
  list = "values separated by commas" }

-- The kind of a default: integer, float, boolean, string, or list (of one of these).
local function kind_of(v)
  if type(v) == "table" then return #v > 0 and type(v[1]) ~= "table" and "list" or nil end
  return math.type(v) or (kind_names[type(v)] and type(v)) or nil
end

-- A value as the kind of its rule, or nil. Text comes from the command line.
local function coerce(kind, v, from_text)
  if kind == "string" then return type(v) == "string" and v or nil end
  if kind == "boolean" then
    if from_text then return ({ ["true"] = true, ["false"] = false })[v] end
    if type(v) == "boolean" then return v end
    return nil
  end
  if from_text then v = number.typed(v) end
  if type(v) ~= "number" or v ~= v or v == math.huge or v == -math.huge then return nil end
  if kind == "integer" then return options.whole(v) end
  return v + 0.0  -- -0.0 becomes 0.0, too
end

local function coerce_list(rule, v, from_text)
  local items = {}
  if from_text then for item in (v .. ","):gmatch("([^,]*),") do items[#items + 1] = item end
  elseif type(v) == "table" then items = v
  else return nil end
  local result = {}
  for i, item in ipairs(items) do
    result[i] = coerce(rule.item, item, from_text)
    if result[i] == nil then return nil end
  end
  return #result > 0 and result or nil
end

-- What is wrong with one scalar by the limits of its rule, or nil.
local function beyond_limits(rule, v, whence)
  local function is(text, limit) return ("is %s%s, must be %s %s"):format(show(v), whence, text, show(limit)) end
  if rule.min and v < rule.min then return is("at least", rule.min) end
  if rule.max and v > rule.max then return is("at most", rule.max) end
  if rule.above and v <= rule.above then return is("above", rule.above) end
  if rule.below and v >= rule.below then return is("below", rule.below) end
  if not rule.choices then return nil end
  local known = {}
  for i, choice in ipairs(rule.choices) do
    if choice == v then return nil end
    known[i] = show(choice)
  end
  return ("has no choice '%s'%s%s"):format(show(v), whence, options.suggestion(show(v), known))
end

local number_kinds = { integer = true, float = true }

local function wrong_kind(rule, given, whence, from_text)
  local x = rule.kind == "integer" and coerce("float", given, from_text)
  local comma = number_kinds[rule.kind] and type(given) == "string" and given:find "^[-+]?%d+,%d+$"
  local hint = x and (x == math.floor(x) and ", which a number this large with a point or an exponent may not be exactly"
    or ("; declare it as %s.0 to allow fractions"):format(show(rule.default))) or comma and "; decimals stand after a point" or ""
  return ("is %s%s, must be %s%s"):format(type(given) == "string" and "'" .. given .. "'" or show(given), whence,
    kind_names[rule.kind], hint)
end

-- The value for a parameter, of its kind and within its limits; or nil and what is wrong with
-- it: "is 2 in profile 'p', must be at most 1". `whence` tells where it came from.
function M.try(rule, given, whence, from_text)
  local v
  if rule.kind == "list" then v = coerce_list(rule, given, from_text)
  else v = coerce(rule.kind, given, from_text) end
  if v == nil then return nil, wrong_kind(rule, given, whence, from_text) end
  for _, item in ipairs(type(v) == "table" and v or { v }) do
    local why = beyond_limits(rule, item, whence)
    if why then return nil, why end
  end
  return v
end

-- The same; raises at the declaration.
function M.fit(name, rule, given, whence, from_text)
  local v, why = M.try(rule, given, whence, from_text)
  if why then fail(name, "%s", why) end
  return v
end

-- Limits are numbers, and for numbers.
local function check_limits(name, rule)
  local first = type(rule.default) == "table" and rule.default[1] or rule.default
  for _, key in ipairs { "min", "max", "above", "below" } do
    local limit = rule[key]
    if limit ~= nil and (type(limit) ~= "number" or limit ~= limit) then fail(name, "has the %s %s: it must be a number", key, show(limit)) end
    if limit ~= nil and first ~= nil and type(first) ~= "number" then fail(name, "is %s, and cannot have a '%s'", type(first), key) end
  end
  if rule.choices ~= nil and type(rule.choices) ~= "table" then fail(name, "has choices that are not a list: %s", show(rule.choices)) end
end

-- What a script wrote for one parameter, as a rule { kind, item, default, min, max, ... }.
function M.rule(name, given)
  if type(given) ~= "table" then given = { given } end
  local rule = { default = given[1] }
  for k, v in pairs(given) do
    if type(k) == "number" and k ~= 1 then fail(name, "has more than one value; a list is written { { 1, 2 } }") end
    if type(k) == "string" then
      local known = false
      for _, word in ipairs(rule_keys) do known = known or word == k end
      if not known then fail(name, "has no option '%s'%s", k, options.suggestion(k, rule_keys)) end
      rule[k] = v
    end
  end
  check_limits(name, rule)
  rule.kind = kind_of(rule.default)
  if not rule.kind then fail(name, "needs a default: a number, text, true, false, or a list of these") end
  if rule.kind == "list" then rule.item = kind_of(rule.default[1]) end
  rule.default = M.fit(name, rule, rule.default, "")
  return rule
end

return M
