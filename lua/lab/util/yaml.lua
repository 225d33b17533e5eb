-- yaml.lua: the small part of YAML in which a run folder keeps its facts.
--
-- Written: nested maps in block style with sorted keys, lists of scalars in one line,
-- other lists in block style, text quoted whenever YAML could take it for something else.
-- Any YAML reader understands it; ours is libyaml (lua/lyaml.c). What was written comes back, to the last bit.

local libyaml = require "lab.c.yaml"
local number = require "lab.util.number"

local M = {}

-- ---- writing ---------------------------------------------------------------------------

local words = {} -- plain words that YAML 1.1 or 1.2 readers take for something else
for w in ("true false yes no on off y n null nan inf"):gmatch("%a+") do words[w] = true end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r" }

-- One character, or one byte that is no UTF-8, inside double quotes.
local function quoted_character(c, code)
  if escapes[c] then return escapes[c] end
  if code < 0x20 or (code >= 0x7f and code < 0xa0) then return ("\\x%02X"):format(code) end
  if code == 0x2028 or code == 0x2029 or code == 0xfeff then return ("\\u%04X"):format(code) end
  return c
end

local function quoted(s)
  local out, i = {}, 1
  while i <= #s do
    local ends = utf8.len(s, i, i) and utf8.offset(s, 2, i) or i + 1
    local c = s:sub(i, ends - 1)
    out[#out + 1] = utf8.len(c) and quoted_character(c, utf8.codepoint(c)) or "\u{FFFD}"
    i = ends
  end
  return '"' .. table.concat(out) .. '"'
end

local function text(s)
  local plain = s:find("^[%a_/][%w_%-./+= ]*$") and not s:find(" $") and not words[s:lower()]
  return plain and s or quoted(s)
end

-- Text, a number, true or false as YAML.
local function scalar(v)
  if type(v) == "string" then return text(v) end
  if type(v) == "number" then return (number.text(v):gsub("^(-?)inf$", "%1.inf"):gsub("^nan$", ".nan")) end
  if type(v) == "boolean" then return tostring(v) end
  error(("a %s cannot be written as YAML"):format(type(v)), 0)
end

M.scalar = scalar

-- Numbers before strings, each in order; other kinds of keys are refused.
local function sorted_keys(t)
  local keys = {}
  for k in pairs(t) do
    if type(k) ~= "string" and math.type(k) ~= "integer" then error(("a %s cannot be a key in YAML"):format(type(k)), 0) end
    keys[#keys + 1] = k
  end
  table.sort(keys, function(a, b)
    if type(a) ~= type(b) then return type(a) == "number" end
    return a < b
  end)
  return keys
end

-- Is it a list, and one of scalars only?
local function is_list(t)
  local n, flat = 0, true
  for _, v in pairs(t) do n, flat = n + 1, flat and type(v) ~= "table" end
  return n > 0 and n == #t, flat
end

local put

-- "key:" or "-" followed by a value that stands on the same line or is nested below.
local function put_entry(out, indent, head, v)
  if type(v) ~= "table" then
    out[#out + 1] = indent .. head .. " " .. scalar(v)
    return
  end
  local list, flat = is_list(v)
  if next(v) == nil then out[#out + 1] = indent .. head .. " {}"
  elseif list and flat then
    local items = {}
    for i, item in ipairs(v) do items[i] = scalar(item) end
    out[#out + 1] = indent .. head .. " [" .. table.concat(items, ", ") .. "]"
  else
    out[#out + 1] = indent .. head
    put(out, indent .. "  ", v)
  end
end

function put(out, indent, t)
  if #indent > 200 then error("tables nested too deeply for YAML", 0) end
  if is_list(t) then
    for _, v in ipairs(t) do put_entry(out, indent, "-", v) end
  else
    for _, k in ipairs(sorted_keys(t)) do put_entry(out, indent, scalar(k) .. ":", t[k]) end
  end
end

-- A table as YAML text. Raises if it holds what YAML has no words for.
function M.write(t)
  local out = {}
  if next(t) == nil then return "{}\n" end
  put(out, "", t)
  return table.concat(out, "\n") .. "\n"
end

-- ---- reading ---------------------------------------------------------------------------

-- The table that a text written by `write` stands for; or nil and "line N: what is wrong".
function M.read(source)
  if source:sub(-1) ~= "\n" then return nil, ("line %d: the text is cut"):format(select(2, source:gsub("\n", "")) + 1) end
  local value, why, line = libyaml.value(source)
  if why then return nil, ("line %d: %s"):format(line, why) end
  if type(value) ~= "table" then return nil, "line 1: a map or a list is expected" end
  return value
end

return M
