-- pretty.lua: a value as text for a person: the prompt's answers, messages.
--
-- Tables are shown as they would be written, keys sorted, on one line where they fit and
-- over several where they do not; deep, long and circular ones are cut short with "...".

local options = require "lab.util.options"

local M = {}

local limits = {
  depth = { kind = "integer", default = 4, min = 0 },   -- tables within tables
  items = { kind = "integer", default = 40, min = 1 },  -- of a sequence, and of named fields
  width = { kind = "integer", default = 96, min = 1 },  -- of a table on one line
  text = { kind = "integer", default = 400, min = 1 },  -- bytes of a string
}

local function text_of(s, longest)
  local cut = #s > longest and s:sub(1, longest) or s
  return ("%q"):format(cut):gsub("\\\n", "\\n"):gsub("\\9", "\\t"):gsub("\r", "\\r") .. (cut ~= s and "..." or "")
end

local function scalar(v, how) return type(v) == "string" and text_of(v, how.text) or tostring(v) end

local function key_text(k, how)
  if type(k) == "string" and k:match("^[%a_][%w_]*$") then return k end
  return "[" .. scalar(k, how) .. "]"
end

-- The keys that are not 1 .. #t: numbers first, then by name.
local function other_keys(t, n)
  local keys = {}
  for k in next, t do
    if not (math.type(k) == "integer" and 1 <= k and k <= n) then keys[#keys + 1] = k end
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
    if type(a) ~= type(b) then return type(a) < type(b) end
    return tostring(a) < tostring(b)
  end)
  return keys
end

local show

-- The items of a table as texts, the sequence first; at most how.items of either kind.
local function items_of(t, indent, depth, how)
  local items, n = {}, rawlen(t)
  for i = 1, math.min(n, how.items) do items[i] = show(rawget(t, i), indent, depth, how) end
  if n > how.items then items[#items + 1] = ("... %d more"):format(n - how.items) end
  local keys = other_keys(t, n)
  for i = 1, math.min(#keys, how.items) do
    items[#items + 1] = key_text(keys[i], how) .. " = " .. show(rawget(t, keys[i]), indent, depth, how)
  end
  if #keys > how.items then items[#items + 1] = ("... %d more"):format(#keys - how.items) end
  return items
end

function show(v, indent, depth, how)
  local meta = getmetatable(v)
  if type(v) ~= "table" or (type(meta) == "table" and (meta.__tostring or meta.__name)) then return scalar(v, how) end
  if how.seen[v] then return "{ circular }" end
  if next(v) == nil then return "{}" end
  if depth == 0 then return "{ ... }" end
  how.seen[v] = true
  local items = items_of(v, indent .. "  ", depth - 1, how)
  how.seen[v] = nil
  local flat = "{ " .. table.concat(items, ", ") .. " }"
  if #indent + #flat <= how.width and not flat:find("\n", 1, true) then return flat end
  return "{\n" .. indent .. "  " .. table.concat(items, ",\n" .. indent .. "  ") .. "\n" .. indent .. "}"
end

-- A value as text. `given` may set the limits above.
function M.show(v, given)
  local how = options.check("pretty.show", limits, given)
  how.seen = {}
  return show(v, "", how.depth, how)
end

return M
