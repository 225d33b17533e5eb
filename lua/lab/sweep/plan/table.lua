-- table.lua: a sweep written as a Lua table, as a tree (sweep/plan/tree.lua).
--
--   lab.sweep { "set-vs-static", script = "x.lua", params = { lr = { log = { 1e-4, 1e-1 }, n = 7 } } }
--
-- The same keys as in a file; the name may stand first. A place is the path in the table.

local options = require "lab.util.options"
local tree = require "lab.sweep.plan.tree"

local M = {}

local MOST_DEPTH = 16

local function fail(path, ...) tree.fail({ place = path == "" and "the table" or path }, ...) end

-- The number of items, if the keys are 1, 2, ... only; 0 if all are names.
local function length(t, path)
  local names, count = 0, 0
  for key in pairs(t) do
    count = count + 1
    if type(key) == "string" then names = names + 1
    elseif math.type(key) ~= "integer" then fail(path, "a %s cannot be a key of a sweep", type(key)) end
  end
  if names > 0 and names < count then fail(path, "a list or named values are expected, not both in one table") end
  if names == 0 and #t ~= count then fail(path, "a list has a hole, or does not begin at 1") end
  return names == 0 and count or 0
end

local convert

local function convert_map(t, path, depth)
  local entries = {}
  for _, key in ipairs(options.sorted_keys(t)) do
    local place = path == "" and key or path .. "." .. key
    entries[#entries + 1] = { name = key, key = { place = place }, value = convert(t[key], place, depth + 1) }
  end
  return tree.map(path == "" and "the table" or path, entries)
end

function convert(v, path, depth)
  local kind = type(v)
  if kind == "string" or kind == "number" or kind == "boolean" then return tree.scalar(path, v) end
  if kind ~= "table" then fail(path, "a sweep holds numbers, text, true, false and tables, not a %s", kind) end
  if depth > MOST_DEPTH then fail(path, "more than %d tables inside each other", MOST_DEPTH) end
  local items = {}
  for i = 1, length(v, path) do items[i] = convert(v[i], ("%s[%d]"):format(path, i), depth + 1) end
  return #items > 0 and tree.list(path, items) or convert_map(v, path, depth)
end

-- The tree of a table. Raises a problem.
function M.read(given)
  local named = {}
  for key, v in pairs(given) do named[key] = v end
  if named[1] ~= nil then
    if named.sweep ~= nil then fail("[1]", "the sweep has a name already: sweep = %s", tree.show(named.sweep)) end
    named[1], named.sweep = nil, named[1]
  end
  return convert(named, "", 1)
end

return M
