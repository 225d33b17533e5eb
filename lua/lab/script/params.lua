-- params.lua: `lab.params { epochs = 400, zeta = { 0.3, min = 0, max = 1, help = "..." } }`.
--
-- A script declares what may be turned from outside. Its value is the default, unless a
-- profile says otherwise, unless the command line says otherwise; the type of the default
-- is the type of the parameter. Reading a name that was not declared is an error.
--
-- A run's key holds the parameters that its code names (run/key.lua). While a run executes,
-- `allowed` is that set, and reading any other parameter is an error: it would decide the
-- result without being in the key.

local manual = require "lab.util.manual"
local options = require "lab.util.options"
local parameter = require "lab.script.parameter"
local progress = require "lab.util.progress"
local stop = require "lab.util.stop"

local M = {
  options = {  -- what stands in lab.params and is no parameter
    profiles = { kind = "table", help = "Named sets of other defaults, for --profile=NAME: { quick = { epochs = 10 } }." },
  },
  overrides = {},  -- name -> text, from the command line
  profile = nil,   -- name of the profile, or nil
  allowed = nil,   -- while a run executes: set of names it may read
  on_declare = nil, -- who only asks what a script declares: function(state), which does not return
}

local states = setmetatable({}, { __mode = "k" })  -- proxy -> { names, rules, values, profiles }
local current                                      -- the last declaration, with its script
local common_profiles = { default = true, full = true, quick = true, smoke = true }

-- A profile that the script does not have changes nothing; who asked for it should know. "default" is what there is without any.
local function tell_absent(profiles)
  if M.profile == "default" or M.on_declare then return end
  local known = options.sorted_keys(profiles)
  progress.note(("lab.params: the script has no profile '%s', so its parameters keep their defaults%s"):format(M.profile,
    #known > 0 and "; it has " .. table.concat(known, ", ") or ""))
end

-- The values that the chosen profile sets; every profile is checked, chosen or not.
local function profile_values(profiles, rules, names)
  local chosen = {}
  if profiles == nil then
    if M.profile then tell_absent {} end
    return chosen
  end
  if type(profiles) ~= "table" then options.fail "lab.params: 'profiles' must be a table of tables" end
  for _, profile in ipairs(options.sorted_keys(profiles)) do
    if type(profiles[profile]) ~= "table" then options.fail(("lab.params: profile '%s' must be a table"):format(profile)) end
    for _, name in ipairs(options.sorted_keys(profiles[profile])) do
      if not rules[name] then
        options.fail(("lab.params: profile '%s' sets '%s', which is not declared%s"):format(profile, name, options.suggestion(name, names)))
      end
      local v = parameter.fit(name, rules[name], profiles[profile][name], (" in profile '%s'"):format(profile))
      if profile == M.profile then chosen[name] = v end
    end
  end
  if M.profile and not profiles[M.profile] then
    if not common_profiles[M.profile] then
      options.fail(("lab.params: there is no profile '%s'%s"):format(M.profile, options.suggestion(M.profile, options.sorted_keys(profiles))))
    end
    tell_absent(profiles)
  end
  return chosen
end

local function check_overrides(rules, names)
  for _, name in ipairs(options.sorted_keys(M.overrides)) do
    if not rules[name] then
      options.fail(("the script has no parameter '%s', which the command line sets%s"):format(name,
        #names > 0 and options.suggestion(name, names) or ""))
    end
  end
end

local function read(state, name)
  local rule = state.rules[name]
  if not rule then options.fail(("there is no parameter '%s'%s"):format(tostring(name), options.suggestion(name, state.names))) end
  if M.allowed and not M.allowed[name] then
    options.fail(("parameter '%s' is read here, but the run function does not name it, "
      .. "so the run's key would not hold it: write it as P.%s in the run function or in a function that it captures"):format(name, name))
  end
  local v = state.values[name]
  return type(v) == "table" and table.move(v, 1, #v, 1, {}) or v
end

local meta = {
  __name = "lab.params",
  __metatable = "parameters cannot be changed by the script",
  __index = function(proxy, name) return read(states[proxy], name) end,
  __newindex = function(_, name)
    options.fail(("parameter '%s' cannot be set by the script: set it on the command line, %s=..., or in a profile"):format(tostring(name), tostring(name)))
  end,
  __pairs = function(proxy)
    local state, i = states[proxy], 0
    return function()
      i = i + 1
      if state.names[i] then return state.names[i], read(state, state.names[i]) end
    end
  end,
}

manual.word("lab.params", {
  summary = "declare what may be set from outside: on the command line, by a profile, by a sweep",
  text = "Every name is a parameter. Its value is the default, and the kind of the default is the kind of the parameter: a whole number, a number (13.0), true or false, text, or a list { { 1, 2 } }. "
    .. "A profile overrides a default, and the command line (name=value) overrides both. Call it once in a script.",
  items = { "name = default, name = { default, ... }, ...", "The parameters; after a default may follow:", each = parameter.options },
  options = M.options,
  returns = "a table that reads the values: P.epochs; the names that a run function reads are a part of its key",
  raises = "A name that was not declared, a value that does not fit, a second call.",
  example = 'local P = lab.params { epochs = 400, zeta = { 0.3, min = 0, max = 1, help = "share of links that move" },\n  profiles = { quick = { epochs = 10 } } }\nprint(P.epochs)',
})

local function declare(_, given)
  if type(given) ~= "table" then options.fail(("lab.params takes one table, not %s"):format(type(given))) end
  local script = require("lab.script.current").script
  if not M.on_declare and script and current and current.script == script then
    options.fail "lab.params is called a second time: declare all parameters in one table"
  end
  local state = { names = {}, rules = {}, values = {}, script = script, profiles = given.profiles or {} }
  for k in pairs(given) do
    if type(k) ~= "string" then options.fail "lab.params: every parameter needs a name: epochs = 400" end
    if not M.options[k] then state.names[#state.names + 1] = k end
  end
  table.sort(state.names)
  for _, name in ipairs(state.names) do state.rules[name] = parameter.rule(name, given[name]) end
  check_overrides(state.rules, state.names)
  local profile = profile_values(given.profiles, state.rules, state.names)
  for _, name in ipairs(state.names) do
    local rule, text = state.rules[name], M.overrides[name]
    if text ~= nil then state.values[name] = parameter.fit(name, rule, text, " on the command line", true)
    elseif profile[name] ~= nil then state.values[name] = profile[name]
    else state.values[name] = rule.default end
  end
  if M.on_declare then M.on_declare(state) end
  local proxy = setmetatable({}, meta)
  states[proxy], current = state, state
  return proxy
end

-- What a script says: lab.params { ... }.
function M.declare(given) return declare(nil, given) end

-- ---- for the other parts ----------------------------------------------------------------

-- Calls f(...) while only the parameters in the set `allowed` may be read.
function M.guard(allowed, f, ...)
  local before = M.allowed
  M.allowed = allowed
  local results = table.pack(stop.catch(f, ...))
  M.allowed = before
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

-- name -> value of a proxy, or nil if the value is none.
function M.values(value) return states[value] and states[value].values end

-- The parameters declared last, or those of a state: a sorted array of { name, kind, default, value, min,
-- max, above, below, choices, help }.
function M.declared(state)
  local list = {}
  state = state or current or { names = {} }
  for i, name in ipairs(state.names) do
    local rule = state.rules[name]
    list[i] = { name = name, kind = rule.kind, default = rule.default, value = state.values[name],
      min = rule.min, max = rule.max, above = rule.above, below = rule.below, choices = rule.choices, help = rule.help }
  end
  return list
end

-- After a script: raises if the command line sets parameters and the script declared none.
function M.check_used()
  local script = require("lab.script.current").script
  if current and current.script == script then return end
  check_overrides({}, {})
  if M.profile and M.profile ~= "default" then progress.note(("the script declares no parameters (lab.params), so the profile '%s' changes nothing"):format(M.profile)) end
end

return setmetatable(M, { __call = declare })
