-- explain.lua: why a run was trained and not read back: what sets it apart from the
-- nearest run of the same name that the store holds.

local number = require "lab.util.number"
local store = require "lab.run.store"

local M = {}

local MOST = 4  -- differences told

-- A nested table as path -> scalar.
local function flatten(t, prefix, out)
  for k, v in pairs(t) do
    local path = prefix .. tostring(k)
    if type(v) == "table" then flatten(v, path .. ".", out) else out[path] = v end
  end
  return out
end

local function show(v)
  if v == nil then return "nothing" end
  if type(v) == "number" then return number.text(v) end
  local s = tostring(v)
  return #s > 40 and s:sub(1, 37) .. "..." or s
end

local function words(path, was, now)
  if path == "code" then return "the code of the run function" end
  if path == "results_version" then return ("the engine's results version (%s, was %s)"):format(show(now), show(was)) end
  local kind, rest = path:match("^(%a+)%.(.*)$")
  local names = { parameters = "parameter ", captured = "variable ", arguments = "argument ", data = "data " }
  if kind and tostring(now):find "^function %x" then return "function " .. rest end
  if kind == "modules" then return "the file of a module that it requires, " .. rest end
  if kind == "data" or kind and tostring(now):find "^table %x" then return names[kind] .. rest end
  return ("%s%s (%s, was %s)"):format(names[kind] or "", rest or path, show(now), show(was))
end

-- The differences of two configurations in words, sorted.
function M.differences(was, now)
  local a, b, list = flatten(was, "", {}), flatten(now, "", {}), {}
  local paths = {}
  for path in pairs(a) do paths[path] = true end
  for path in pairs(b) do paths[path] = true end
  for path in pairs(paths) do  -- what is read is compared by itself; how data were read is in their hashes
    if path == "key" or path:find "^reads%." or path:find "^splits%." then paths[path] = nil end
  end
  for path in pairs(paths) do
    local same = a[path] == b[path] or (a[path] ~= a[path] and b[path] ~= b[path])
    if not same then list[#list + 1] = words(path, a[path], b[path]) end
  end
  table.sort(list)
  return list
end

-- The folder whose configuration of the same name differs least: key and differences.
local function nearest(configuration)
  local best, best_key
  for _, key in ipairs(store.keys()) do
    local other = store.read(store.path(key), "run.yaml")
    if other and other.key ~= configuration.key and other.name == configuration.name then
      local list = M.differences(other, configuration)
      if not best or #list < #best then best, best_key = list, key end
    end
  end
  return best_key, best
end

-- A sentence for a finished run that is trained again because of these changes.
function M.again(changes)
  local told = table.concat(changes, ", ", 1, math.min(#changes, MOST))
  if #changes > MOST then told = ("%s and %d more"):format(told, #changes - MOST) end
  return "trained again: " .. told
end

-- A sentence for a run that is trained.
--   state   from store.inspect: "absent", "failed", "unfinished" or "changed"; "continued" if it goes on from
--           a checkpoint
--   result  of the earlier attempt, if it failed; what is not the same any more, if it changed
function M.trained(id, state, result)
  if state == "continued" then return "trained further: an earlier attempt was stopped, and left a checkpoint" end
  if state == "failed" then return "trained again: the earlier attempt failed: " .. tostring(result and result.message or "") end
  if state == "changed" then return M.again(result) end
  if state == "unfinished" then return "trained again: an earlier attempt did not finish" end
  local key, list = nearest(id.configuration)
  if not key then return "trained: there is no run of this name yet" end
  if #list == 0 then return ("trained: something that it captures differs from %s"):format(store.path(key)) end
  local told = table.concat(list, ", ", 1, math.min(#list, MOST))
  if #list > MOST then told = ("%s and %d more"):format(told, #list - MOST) end
  return ("trained: what differs from %s is %s"):format(store.path(key), told)
end

return M
