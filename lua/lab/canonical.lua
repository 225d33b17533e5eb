-- canonical.lua: any value of a script as one text, equal for equal values.
--
-- Tables are written with their keys in order, functions as their bytecode with the values
-- they capture, data by content hash. What is met a second time, in a loop or shared, is
-- written as the number of its first visit, so that recursive functions and cyclic tables
-- end. The standard libraries and the toolkit's own modules count by name: the results
-- version stands for their content. A value that has no content to compare (an open file,
-- a network, a coroutine) is refused by its name in the script.
--
-- Along the way are collected: the string constants of the code, the parameters that it
-- may read, and the hashes of the data.

local bytecode = require "lab.bytecode"
local hash = require "lab.c.hash"
local params = require "lab.params"

local M = {}

-- Names of Lua 5.4's own globals. A script can have no others unless it runs outside the
-- strict environment (the prompt, a test); then those that the code names are captured.
local standard = {}
for name in ([[_G _VERSION arg assert collectgarbage coroutine debug dofile error getmetatable io ipairs lab
  load loadfile math next os package pairs pcall print rawequal rawget rawlen rawset require select
  setmetatable string table tonumber tostring type utf8 warn xpcall]]):gmatch("[%w_]+") do standard[name] = true end

local libraries = { "_G", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8" }

-- value -> name of all that counts by name. A word of `lab` has the name of the module it
-- comes from, whether or not the script has said it yet: so `lab` itself comes last.
local function named_values()
  local named, modules = {}, {}
  for name in pairs(package.loaded) do
    if type(name) == "string" and name:find("^lab%.") then modules[#modules + 1] = name end
  end
  table.sort(modules)
  table.move(libraries, 1, #libraries, #modules + 1, modules)
  modules[#modules + 1] = "lab"
  for _, name in ipairs(modules) do
    local module = package.loaded[name]
    local kind = type(module)
    if (kind == "table" or kind == "function") and not named[module] then named[module] = name end
    for k, v in next, kind == "table" and module or {} do
      kind = (name ~= "_G" or standard[k]) and type(v)  -- a user's global counts by content
      if type(k) == "string" and (kind == "function" or kind == "userdata") and not named[v] then named[v] = name .. "." .. k end
    end
  end
  return named
end

local put

local function refuse(path, what, advice)
  error(setmetatable({ message = ("'%s' is %s: it has no content to compare, so a finished run could not be recognised%s"):format(path, what, advice or "") },
    { __tostring = function(e) return e.message end }), 0)
end

-- Sorted: booleans, numbers, texts. Raises on other kinds of keys.
local ranks = { boolean = 1, number = 2, string = 3 }
function M.sorted_keys(t, path)
  local keys = {}
  for k in next, t do
    if not ranks[type(k)] then refuse(path, ("a table with a %s as a key"):format(type(k))) end
    keys[#keys + 1] = k
  end
  table.sort(keys, function(a, b)
    local ra, rb = ranks[type(a)], ranks[type(b)]
    if ra ~= rb then return ra < rb end
    if ra == 1 then return not a and b end
    return a < b
  end)
  return keys
end

-- True, after writing the number of the first visit, if the value was met before.
local function met(state, v)
  if state.seen[v] then
    state.out[#state.out + 1] = ("r%d;"):format(state.seen[v])
    return true
  end
  state.count = state.count + 1
  state.seen[v] = state.count
end

local function put_table(state, v, path)
  local meta, out = debug.getmetatable(v), state.out
  if meta and meta.__key then
    out[#out + 1] = "K"
    return put(state, meta.__key(v), path)
  end
  if met(state, v) then return end
  out[#out + 1] = "{"
  for _, k in ipairs(M.sorted_keys(v, path)) do
    put(state, k, path)
    put(state, rawget(v, k), ("%s.%s"):format(path, tostring(k)))
  end
  if meta then
    out[#out + 1] = "m"
    put(state, meta, path .. "'s metatable")
  end
  out[#out + 1] = "}"
end

-- A module that the code requires while it runs is its file's text.
local function put_required(state, name)
  local path = not package.preload[name] and package.searchpath(name, package.path)
  local file = path and io.open(path, "rb")
  if not file then return end
  state.out[#state.out + 1] = "M" .. #name .. ":" .. name .. hash.xxh128(file:read("a") or "")
  file:close()
end

-- The globals that the code names and that are not Lua's own.
local function put_environment(state, environment, strings)
  local names = {}
  for s in pairs(strings) do names[#names + 1] = s end
  table.sort(names)
  state.out[#state.out + 1] = "E"
  for _, name in ipairs(names) do
    local v = rawget(environment, name)
    if v ~= nil and not standard[name] then
      put(state, name, name)
      put(state, v, name)
    end
    if strings.require then put_required(state, name) end
  end
  state.out[#state.out + 1] = ";"
end

local function put_function(state, f, path)
  if met(state, f) then return end
  local code, strings, uses = bytecode.of(f)
  if not code then refuse(path, "a C function") end
  for s in pairs(strings) do state.strings[s] = true end
  state.out[#state.out + 1] = "F" .. hash.xxh128(code)
  local i = 0
  while true do
    i = i + 1
    local name, v = debug.getupvalue(f, i)
    if not name then break end
    if name == "_ENV" and type(v) == "table" then put_environment(state, v, strings)
    elseif params.values(v) then
      state.out[#state.out + 1] = "P"
      local use = uses[i] or { fields = {} }
      state.readers[#state.readers + 1] = { values = params.values(v), names = not use.other and use.fields or nil }
    else put(state, v, path == "" and name or path .. " > " .. name) end
  end
  state.out[#state.out + 1] = ";"
end

-- Images that are not square were once turned, zoomed and sheared about a wrong point. Raising the results
-- version for them would take every run's name; so what is trained on such images alone is named anew.
local function correction(data)
  local _, height, width = data:image_shape()
  return height ~= width and "centre;" or ""
end

local function put_userdata(state, v, path)
  local meta = debug.getmetatable(v) or {}
  local name = type(meta.__name) == "string" and meta.__name or "userdata"
  if meta.__key then
    state.out[#state.out + 1] = "K"
    return put(state, meta.__key(v), path)
  end
  if name ~= "lab.data" then
    refuse(path, name == "FILE*" and "an open file" or ("an object (%s)"):format(name), "; make it inside the run function")
  end
  local content = v:hash()
  state.data[path] = content
  state.out[#state.out + 1] = "D" .. content .. correction(v)
end

function put(state, v, path)
  local kind, out = type(v), state.out
  if kind == "nil" then out[#out + 1] = "z"
  elseif kind == "boolean" then out[#out + 1] = v and "t" or "f"
  elseif math.type(v) == "integer" then out[#out + 1] = ("i%d;"):format(v)
  elseif kind == "number" then out[#out + 1] = v ~= v and "n" or "d" .. string.pack("<d", v)
  elseif kind == "string" then out[#out + 1] = ("s%d:%s"):format(#v, v)
  elseif state.named[v] then out[#out + 1] = ("N%d:%s"):format(#state.named[v], state.named[v])
  elseif params.values(v) then
    out[#out + 1] = "P"
    state.readers[#state.readers + 1] = { values = params.values(v) }  -- any code met may read it
  elseif kind == "table" then put_table(state, v, path)
  elseif kind == "function" then put_function(state, v, path)
  elseif kind == "userdata" then put_userdata(state, v, path)
  else refuse(path, "a " .. (kind == "thread" and "coroutine" or kind)) end
end

-- Writes one value. Returns { hash, strings = set, data = path -> hash, readers = array of
-- { values of a params proxy, set of the names that are read of it, or nil: any } }.
--   path  the value's name in messages; "" for the run function, whose variables are
--         named alone
-- Raises an object with a `message` if something in it has no content to compare.
function M.write(value, path)
  local state = { out = {}, seen = {}, count = 0, strings = {}, data = {}, readers = {}, named = named_values() }
  put(state, value, path)
  return { hash = hash.xxh128(table.concat(state.out)), strings = state.strings, data = state.data, readers = state.readers }
end

-- The name under which a value counts ("lab.set", "math.floor"), or nil.
function M.name_of(value) return value ~= nil and named_values()[value] or nil end

return M
