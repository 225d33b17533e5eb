-- yaml.lua: the small part of YAML in which a run folder keeps its facts.
--
-- Written: nested maps in block style with sorted keys, lists of scalars in one line,
-- other lists in block style, text quoted whenever YAML could take it for something else.
-- Any YAML reader understands it. `read` reads exactly what `write` writes.

local attempt = require "lab.util.attempt".call
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

local unescapes = { n = "\n", t = "\t", r = "\r", ['"'] = '"', ["\\"] = "\\" }

-- The double-quoted text that starts at i: its value and the position after it.
local function read_quoted(s, i)
  local out, at = {}, i + 1
  while true do
    local stop = s:find('["\\]', at)
    if not stop then error("a quote is not closed", 0) end
    out[#out + 1] = s:sub(at, stop - 1)
    if s:sub(stop, stop) == '"' then return table.concat(out), stop + 1 end
    local kind = s:sub(stop + 1, stop + 1)
    local digits = kind == "x" and s:match("^%x%x", stop + 2) or kind == "u" and s:match("^%x%x%x%x", stop + 2)
    if digits then out[#out + 1] = utf8.char(tonumber(digits, 16))
    elseif unescapes[kind] then out[#out + 1] = unescapes[kind]
    else error("an unknown escape \\" .. kind, 0) end
    at = stop + 2 + (digits and #digits or 0)
  end
end

local constants = { ["true"] = true, ["false"] = false, [".nan"] = 0.0 / 0.0, [".inf"] = math.huge, ["-.inf"] = -math.huge }

local function plain(s)
  if constants[s] ~= nil then return constants[s] end
  local v = s:find("^[-%d]") and number.read(s)
  return v or s
end

-- The scalar at i, ended by one of the characters `ends`: its value and what follows.
local function read_scalar(s, i, ends)
  if s:sub(i, i) == '"' then return read_quoted(s, i) end
  local stop = s:find("[" .. ends .. "]", i) or #s + 1
  if stop == i then error("a value is missing", 0) end
  return plain(s:sub(i, stop - 1)), stop
end

local function read_value(s, i)
  if s:sub(i) == "{}" then return {} end
  if s:sub(i, i) ~= "[" then
    local v, after = read_scalar(s, i, "\n")
    if after <= #s then error("unexpected text after the value", 0) end
    return v
  end
  local list, at = {}, i + 1
  while true do
    list[#list + 1], at = read_scalar(s, at, ",%]")
    if s:sub(at) == "]" then return list end
    if s:sub(at, at + 1) ~= ", " then error("a list is not closed", 0) end
    at = at + 2
  end
end

local read_block

-- What follows "key:" or "-" at position i of line n: a value there, or a block below.
local function read_entry(lines, n, i, indent)
  local line = lines[n]
  if i > #line then return read_block(lines, n + 1, indent + 2) end
  if line:sub(i, i) ~= " " then error("a blank is missing", 0) end
  return read_value(line, i + 1), n + 1
end

function read_block(lines, n, indent)
  local t = {}
  while lines[n] do
    lines.at = n
    local width = #lines[n]:match("^ *")
    if width < indent then break end
    if width > indent then error("unexpected indentation", 0) end
    if lines[n]:sub(width + 1, width + 1) == "-" and lines[n]:find("^[ ]?$", width + 2) or lines[n]:find("^- ", width + 1) then
      t[#t + 1], n = read_entry(lines, n, width + 2, indent)
    else
      local key, after = read_scalar(lines[n], width + 1, ":")
      if lines[n]:sub(after, after) ~= ":" then error("a ':' is missing", 0) end
      if t[key] ~= nil then error(("the key '%s' stands twice"):format(tostring(key)), 0) end
      t[key], n = read_entry(lines, n, after + 1, indent)
    end
  end
  return t, n
end

-- The table that a text written by `write` stands for; or nil and "line N: what is wrong".
function M.read(source)
  local lines = { at = 1 }
  for line in source:gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
  if source:sub(-1) ~= "\n" then return nil, ("line %d: the text is cut"):format(#lines + 1) end
  if lines[1] == "{}" and #lines == 1 then return {} end
  local ok, t, n = attempt(read_block, lines, 1, 0)
  if not ok then return nil, ("line %d: %s"):format(lines.at, t) end
  if n <= #lines then return nil, ("line %d: unexpected indentation"):format(n) end
  return t
end

return M
