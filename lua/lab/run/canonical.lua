-- canonical.lua: any value of a script as one text, equal for equal values.
--
-- Tables are written with their keys in order, functions as their bytecode with the values
-- they capture, data by content hash. What is met a second time, in a loop or shared, is
-- written as the number of its first visit, so that recursive functions and cyclic tables
-- end. The standard libraries and the toolkit's words count by name (script/names.lua): the results
-- version stands for their content. A value that has no content to compare (an open file,
-- a network, a coroutine) is refused by its name in the script.
--
-- Along the way are collected: the string constants of the code, the names under which values
-- counted, the files of modules, the parameters that it may read, and the hashes of the data.

local bytecode = require "lab.run.bytecode"
local hash = require "lab.c.hash"
local names = require "lab.script.names"
local params = require "lab.script.params"

local M = {}

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
  if meta and rawget(meta, "__plain") then meta = nil end  -- it only refuses misspelt names (util/fields.lua)
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

-- The string constants of a Lua text; none if it is no Lua.
local function strings_of(text)
  local chunk = load((text:gsub("^#[^\n]*", "")), "=", "t", {})
  if not chunk then return {} end
  return select(2, bytecode.of(chunk))
end

local function sorted(set)
  local list = {}
  for s in pairs(set) do list[#list + 1] = s end
  table.sort(list)
  return list
end

-- A module that the code requires while it runs is its file's text, with the modules that this requires
-- in turn. One that came from no file is what the script put in its place.
local function put_required(state, name)
  local preload = package.preload[name]
  if preload then return debug.getinfo(preload, "S").what ~= "C" and put(state, preload, name) end
  local path = package.searchpath(name, package.path)
  local file = path and io.open(path, "rb")
  if not file then
    local value = package.loaded[name]
    if value ~= nil and not state.named[value] and not package.searchpath(name, package.cpath) then put(state, value, name) end
    return
  end
  local text = file:read("a") or ""
  file:close()
  local sum, known = hash.xxh128(text), state.files[path]
  state.out[#state.out + 1] = "M" .. #name .. ":" .. name .. sum
  if known then return end
  state.files[path] = sum
  local strings = strings_of(text)
  for s in pairs(strings) do state.strings[s] = true end
  if strings.require then
    for _, inner in ipairs(sorted(strings)) do put_required(state, inner) end
  end
end

-- The globals that the code names and that are not Lua's own.
local function put_environment(state, environment, strings)
  state.out[#state.out + 1] = "E"
  for _, name in ipairs(sorted(strings)) do
    local v = rawget(environment, name)
    if v ~= nil and not names.standard[name] then
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
  state.data[path], state.splits[path] = content, v.describe and v:describe()
  state.out[#state.out + 1] = "D" .. content .. correction(v)
end

function put(state, v, path)
  local kind, out = type(v), state.out
  if kind == "nil" then out[#out + 1] = "z"
  elseif kind == "boolean" then out[#out + 1] = v and "t" or "f"
  elseif math.type(v) == "integer" then out[#out + 1] = ("i%d;"):format(v)
  elseif kind == "number" then out[#out + 1] = v ~= v and "n" or "d" .. string.pack("<d", v)
  elseif kind == "string" then out[#out + 1] = ("s%d:%s"):format(#v, v)
  elseif state.named[v] then
    local name = state.named[v]
    out[#out + 1], state.names[name] = ("N%d:%s"):format(#name, name), true
  elseif params.values(v) then
    out[#out + 1] = "P"
    state.readers[#state.readers + 1] = { values = params.values(v) }  -- any code met may read it
  elseif kind == "table" then put_table(state, v, path)
  elseif kind == "function" then put_function(state, v, path)
  elseif kind == "userdata" then put_userdata(state, v, path)
  else refuse(path, "a " .. (kind == "thread" and "coroutine" or kind)) end
end

-- Writes one value. Returns { hash, strings = set, names = set, files = path -> hash of modules that the code
-- requires while it runs, data = name -> hash, splits = path -> how it was read, in words, readers = array of
-- { values of a params proxy, set of the names that are read of it, or nil: any } }.
--   path  the value's name in messages; "" for the run function, whose variables are
--         named alone
-- Raises an object with a `message` if something in it has no content to compare.
function M.write(value, path)
  local state = { out = {}, seen = {}, count = 0, strings = {}, names = {}, files = {}, data = {}, splits = {}, readers = {}, named = names.all() }
  put(state, value, path)
  return { hash = hash.xxh128(table.concat(state.out)), strings = state.strings, names = state.names, files = state.files,
    data = state.data, splits = state.splits, readers = state.readers }
end

-- The name under which a value counts ("lab.set", "math.floor"), or nil.
function M.name_of(value) return value ~= nil and names.all()[value] or nil end

return M
