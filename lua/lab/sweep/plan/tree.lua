-- tree.lua: a sweep as it was written: a tree of nodes, each of which can say where it
-- stands. A file, a Lua table and a command line all become this, and are read alike.
--
--   { kind = "text" | "number" | "boolean" | "null", value, text, place }
--   { kind = "list", items = { node, ... }, place }
--   { kind = "map", entries = { { name, key = node, value = node }, ... }, place }
--
-- `text` is a scalar as written, `place` is "sweep.yaml:3:7", "params.lr.log", "lr=log:1:2".

local faults = require "lab.sweep.plan.yaml_faults"
local number = require "lab.util.number"
local options = require "lab.util.options"

local M = {}

-- ---- what is wrong ----------------------------------------------------------------------

local problem = { __tostring = function(e) return e.message end }

-- Raises a problem at a node: an object that prints as "place: message".
function M.fail(node, format, ...)
  local message = select("#", ...) > 0 and format:format(...) or format
  error(setmetatable({ message = node.place .. ": " .. message, place = node.place }, problem), 0)
end

function M.is_problem(e) return getmetatable(e) == problem end

-- Calls f(...). Returns true and its results; or false, when a problem was raised, which is then
-- reported on standard error. Raises whatever else it raises.
function M.report(f, ...)
  local results = table.pack(pcall(f, ...))
  if not results[1] and not M.is_problem(results[2]) then error(results[2], 0) end
  if not results[1] then io.stderr:write(tostring(results[2]), "\n") end
  return results[1], table.unpack(results, 2, results.n)
end

-- A value as a message shows it.
function M.show(v)
  if type(v) == "string" then return #v > 60 and ("'%s...'"):format(v:sub(1, 57)) or "'" .. v .. "'" end
  if type(v) == "number" then return number.text(v) end
  if type(v) ~= "table" then return tostring(v) end
  local items = {}
  for i, item in ipairs(v) do items[i] = M.show(item) end
  return "[" .. table.concat(items, ", ") .. "]"
end

-- The tail of a message about a value that is none of these: the nearest text, or all numbers.
function M.suggestion(text, values)
  local shown = {}
  for i, v in ipairs(values) do shown[i] = type(v) == "string" and v or M.show(v) end
  if type(values[1]) == "string" then return options.suggestion(text, shown) end
  if #shown > 10 then shown = { table.concat(shown, ", ", 1, 10), "..." } end
  return "; known: " .. table.concat(shown, ", ")
end

-- What a node is, in words.
function M.describe(node)
  if node.kind == "list" then return #node.items == 0 and "an empty list" or "a list" end
  if node.kind == "map" then return #node.entries == 0 and "an empty map" or "a map" end
  if node.kind == "null" then return "nothing" end
  if node.kind == "text" then return "the text " .. M.show(node.value) end
  return M.show(node.value)
end

-- hint: what to do about it, or nil.
function M.expected(node, what, hint) M.fail(node, "%s is expected, not %s%s", what, M.describe(node), hint or "") end

-- ---- building ---------------------------------------------------------------------------

-- A scalar; `text` as written, or nil: as `value` would be.
function M.scalar(place, value, text)
  local kind = type(value)
  kind = kind == "string" and "text" or kind == "nil" and "null" or kind
  return { kind = kind, value = value, text = text or (kind == "number" and number.text(value) or tostring(value)), place = place }
end

function M.list(place, items) return { kind = "list", items = items, place = place } end

-- A map of entries { name, key = node, value = node }. A name that comes again is a problem.
function M.map(place, entries)
  local first = {}
  for _, entry in ipairs(entries) do
    local before = first[entry.name]
    if before then
      local line = before.place:match ":(%d+):%d+$"
      M.fail(entry.key, "duplicate key '%s'%s", entry.name, line and (" (first at line %s)"):format(line) or "")
    end
    first[entry.name] = entry.key
  end
  return { kind = "map", entries = entries, place = place }
end

-- ---- reading ----------------------------------------------------------------------------

-- The fields of a map: name -> node, and name -> node of the key. Raises if the node is no map,
-- or has a key that is none of `names` (a sorted array; nil: any).
function M.fields(node, names, what)
  if node.kind ~= "map" then M.expected(node, what or "a map", node.kind == "text" and faults.hint(node.value)) end
  local fields, keys, known = {}, {}, {}
  for _, name in ipairs(names or {}) do known[name] = true end
  for _, entry in ipairs(node.entries) do
    if names and not known[entry.name] then M.fail(entry.key, "unknown key '%s'%s", entry.name, options.suggestion(entry.name, names)) end
    fields[entry.name], keys[entry.name] = entry.value, entry.key
  end
  return fields, keys
end

-- The items of a list with at least one.
function M.items(node, what)
  if node.kind ~= "list" or #node.items == 0 then M.expected(node, what or "a list") end
  return node.items
end

function M.text(node, what)
  if node.kind ~= "text" or node.value == "" then M.expected(node, what or "text") end
  return node.value
end

-- A finite number, within [low, high] where these are given.
function M.number(node, what, low, high)
  what = what or "a number"
  if node.kind ~= "number" or node.value - node.value ~= 0 then M.expected(node, what) end
  if low and node.value < low then M.fail(node, "%s is expected, at least %s, not %s", what, M.show(low), node.text) end
  if high and node.value > high then M.fail(node, "%s is expected, at most %s, not %s", what, M.show(high), node.text) end
  return node.value
end

function M.integer(node, what, low, high)
  what = what or "a whole number"
  local v = math.tointeger(M.number(node, what, low, high))
  return v or M.expected(node, what)
end

function M.choice(node, choices)
  local text = M.text(node, "one of " .. table.concat(choices, ", "))
  for _, choice in ipairs(choices) do if choice == text then return text end end
  M.fail(node, "there is no choice '%s'%s", text, options.suggestion(text, choices))
end

return M
