-- key.lua: what decides a run's result, hashed: the name of its folder.
--
-- In the key: the run function's code with all that it captures, its arguments, the
-- parameters which that code names, and the engine's results version. Not in it: prose,
-- figures, places in the script, the number of threads, the build.
--
-- A parameter is named if code reads it as a field of the parameters that it captures
-- (P.epochs). Where they reach the code in a roundabout way (in a table, handed on to a
-- function, P[name]) every parameter counts whose name is a string constant of any code met.
-- Naming more than is read costs a needless run; reading one that is not named is refused
-- while the run executes (params.allowed).
--
-- What the code reads from outside while it runs is not in the key, but for modules that it requires by
-- name: it is noted with the result and compared (script/reads.lua). Results of earlier versions have no such
-- note; they are used again if the code names no word that reads (`may_read`).

local attempt = require "lab.util.attempt".call
local canonical = require "lab.run.canonical"
local bytecode = require "lab.run.bytecode"
local hash = require "lab.c.hash"
local options = require "lab.util.options"
local params = require "lab.script.params"

local M = {}

local MAX_DEPTH, MAX_ENTRIES = 8, 100

-- canonical.write for scripts: what it refuses is an error at the script's line.
local function write(value, path, where)
  local ok, result = attempt(canonical.write, value, path)
  if ok then return result end
  if type(result) == "table" and result.message then options.fail(("%s: %s"):format(where, result.message)) end
  error(result, 0)
end

-- A value for a reader of run.yaml: plain where it is plain, else its kind and hash.
local function describe(v, depth)
  local kind = type(v)
  if kind == "number" or kind == "string" or kind == "boolean" then return v end
  if v == nil then return "nil" end
  local name = canonical.name_of(v)
  if name then return name end
  if params.values(v) then return "parameters" end
  local meta = debug.getmetatable(v)
  if meta and meta.__key then return describe(meta.__key(v), depth) end
  local function opaque() return kind .. " " .. canonical.write(v, kind).hash:sub(1, 12) end
  if kind == "userdata" then return "data " .. v:hash() end
  if kind ~= "table" or depth > MAX_DEPTH then return opaque() end
  local keys, result = canonical.sorted_keys(v, ""), {}
  if #keys > MAX_ENTRIES then return opaque() end
  for _, k in ipairs(keys) do
    local plain = type(k) == "string" or math.type(k) == "integer"
    result[plain and k or tostring(k)] = describe(rawget(v, k), depth + 1)
  end
  return result
end

local function captured_values(f)
  local result, i = {}, 0
  while true do
    i = i + 1
    local name, v = debug.getupvalue(f, i)
    if not name then return result end
    if name ~= "_ENV" then result[name] = describe(v, 1) end
  end
end

-- The part of a key that all runs of one function share.
--   where  the word's name, for messages: "lab.runs"
function M.of_function(f, where)
  local code = bytecode.of(f)
  if not code then options.fail(("%s: the run function must be a Lua function, not one of C"):format(where)) end
  local written = write(f, "", where)
  return { written = written, code = hash.xxh128(code), captured = captured_values(f), where = where }
end

-- name -> value of the parameters that the code met in these writings may read.
local function read_parameters(writings)
  local all, result = {}, {}
  for _, w in ipairs(writings) do for s in pairs(w.strings) do all[s] = true end end
  for _, w in ipairs(writings) do
    for _, reader in ipairs(w.readers) do
      local names = reader.names or all
      for name, v in pairs(reader.values) do if names[name] then result[name] = v end end
    end
  end
  return result
end

-- Words through which code reads from outside, as constants of the code or the ends of captured names.
local reading = {}
for word in ([[open lines input read popen execute dofile loadfile load require getenv
  cifar10 csv fashion_mnist mnist npz]]):gmatch "%S+" do reading[word] = true end

local function may_read(writings)
  for _, w in ipairs(writings) do
    for s in pairs(w.strings) do if reading[s] then return true end end
    for name in pairs(w.names) do if reading[name:match "[^.]+$"] then return true end end
  end
  return false
end

-- The key of one run: { hash = 32 hex digits, key = the first 12, reads = set of the
-- parameters it may read, may_read = whether its code names a word that reads from outside, data = name ->
-- hash, configuration = table for run.yaml }.
--   part       from of_function
--   arguments  name -> value
function M.of_run(part, arguments)
  local given = write(arguments, "argument", part.where)
  local parameters = read_parameters { part.written, given }
  local version = hash.results_version
  local whole = canonical.write({ part.written.hash, given.hash, parameters, version }, "key").hash
  local data, splits, files, reads, told = {}, {}, {}, {}, {}
  for _, w in ipairs { part.written, given } do
    for name, h in pairs(w.data) do data[name], splits[name] = h, w.splits[name] end
    for path, h in pairs(w.files) do files[path:gsub("^%./", "")] = h end
  end
  for name in pairs(parameters) do reads[name] = true end
  for name, v in pairs(arguments) do told[name] = describe(v, 1) end
  return {
    hash = whole, key = whole:sub(1, 12), reads = reads, may_read = may_read { part.written, given }, data = data,
    configuration = { key = whole, results_version = version, arguments = told, parameters = parameters,
      code = part.code, captured = part.captured, data = data,
      splits = next(splits) and splits or nil, modules = next(files) and files or nil },
  }
end

-- A computation that is remembered: 32 hex digits for its label, its argument, its code,
-- and the parameters that the code names; the set of these; and may_read as of a run.
function M.of_memo(label, value, f)
  local written = write({ value, f }, "memo", "lab.memo")
  local parameters, reads = read_parameters { written }, {}
  for name in pairs(parameters) do reads[name] = true end
  return canonical.write({ label, written.hash, parameters, hash.results_version }, "key").hash, reads, may_read { written }
end

-- True if the run function, or what it captures, is no longer what the part was made of:
-- a run changed a variable outside itself.
function M.has_changed(part, f)
  local ok, now = attempt(canonical.write, f, "")
  return not ok or now.hash ~= part.written.hash
end

return M
