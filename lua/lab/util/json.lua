-- json.lua: tables as JSON text (RFC 8259) and back.
--
-- Written with sorted keys, so that equal tables give equal text. An empty table is written
-- as an object; what JSON has no number for (NaN, infinities) as null. Read back, null is
-- nil: it leaves no field in an object, and is refused in an array, where it would leave a hole.

local attempt = require "lab.util.attempt".call
local number = require "lab.util.number"
local options = require "lab.util.options"

local M = {}

-- ---- writing ----

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function text_of(s)
  if not utf8.len(s) then error("json: the text is not UTF-8: " .. ("%q"):format(s), 0) end
  return '"' .. s:gsub('[%c"\\\127]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local write

-- Short tables of plain values stay on one line.
local function join(parts, open, close, indent)
  local flat = table.concat(parts, ", ")
  if #flat + #indent < 100 and not flat:find("\n", 1, true) then return open .. flat .. close end
  local inner = indent .. "  "
  return open .. "\n" .. inner .. table.concat(parts, ",\n" .. inner) .. "\n" .. indent .. close
end

local function write_table(t, indent, seen)
  if seen[t] then error("json: a table contains itself", 0) end
  seen[t] = true
  local parts, n = {}, #t
  for i = 1, n do parts[i] = write(t[i], indent .. "  ", seen) end
  for k in pairs(t) do
    local fits = n == 0 and type(k) == "string" or n > 0 and math.type(k) == "integer" and 1 <= k and k <= n
    if not fits then error(("json: key [%s] fits neither an array nor an object"):format(tostring(k)), 0) end
  end
  for i, k in ipairs(n == 0 and options.sorted_keys(t) or {}) do
    parts[i] = text_of(k) .. ": " .. write(t[k], indent .. "  ", seen)
  end
  seen[t] = nil
  return join(parts, n > 0 and "[" or "{", n > 0 and "]" or "}", indent)
end

function write(v, indent, seen)
  local kind = type(v)
  if kind == "table" then return write_table(v, indent, seen) end
  if kind == "string" then return text_of(v) end
  if kind == "boolean" then return tostring(v) end
  if kind ~= "number" then error("json: no way to write a " .. kind, 0) end
  return (v ~= v or v == math.huge or v == -math.huge) and "null" or number.text(v)
end

-- The text of a value, without a line's end. Raises what cannot be written.
function M.encode(v) return write(v, "", {}) end

-- ---- reading ----

local MAX_DEPTH = 100

-- Raises "line 3, column 7: expected ...", where the reader stands.
local function fail(state, expected)
  local before = state.text:sub(1, state.at - 1)
  local _, lines = before:gsub("\n", "")
  local found = state.text:match("^[%w%+%-%._]+", state.at) or state.text:match("^[^%c]", state.at)
  local what = found and ("'%s'"):format(found:sub(1, 20)) or state.at > #state.text and "the end of the text" or "a control character"
  error({ why = ("line %d, column %d: expected %s, found %s"):format(lines + 1, #before:match "[^\n]*$" + 1, expected, what) }, 0)
end

local function skip_space(state) state.at = state.text:match("^[ \t\r\n]*()", state.at) end

local function take(state, pattern)
  local found, after = state.text:match("^(" .. pattern .. ")()", state.at)
  if found then state.at = after end
  return found
end

local plain = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function read_escape(state)
  local letter = take(state, "\\.")
  if letter and plain[letter:sub(2)] then return plain[letter:sub(2)] end
  if letter ~= "\\u" then fail(state, "an escape such as \\n or \\u00e9") end
  local unit = tonumber(take(state, "%x%x%x%x") or fail(state, "four hexadecimal digits"), 16)
  if unit >= 0xd800 and unit < 0xdc00 then  -- the first half of a pair
    local low = tonumber((take(state, "\\u[dD][c-fC-F]%x%x") or fail(state, "the second half of a surrogate pair")):sub(3), 16)
    unit = 0x10000 + (unit - 0xd800) * 0x400 + (low - 0xdc00)
  elseif unit >= 0xdc00 and unit < 0xe000 then fail(state, "the first half of a surrogate pair before this") end
  return utf8.char(unit)
end

local function read_string(state)
  local parts = {}
  state.at = state.at + 1
  while true do
    parts[#parts + 1] = take(state, '[^%c"\\]+')
    local here = state.text:sub(state.at, state.at)
    if here == '"' then break end
    if here ~= "\\" then fail(state, "the quotation mark that ends the text") end
    parts[#parts + 1] = read_escape(state)
  end
  state.at = state.at + 1
  return table.concat(parts)
end

local function read_number(state)
  local start = state.at
  local whole = take(state, "%-?%d+")
  if not whole or whole:find "^%-?0%d" then
    state.at = start
    fail(state, "a value")
  end
  if take(state, "%.") and not take(state, "%d+") then fail(state, "a digit") end
  if take(state, "[eE][-+]?") and not take(state, "%d+") then fail(state, "a digit") end
  return tonumber(state.text:sub(start, state.at - 1))
end

local read

-- What stands between brackets; `item` reads one part.
local function read_list(state, close, item)
  state.at, state.depth = state.at + 1, state.depth + 1
  if state.depth > MAX_DEPTH then fail(state, "at most 100 tables within tables") end
  skip_space(state)
  if not take(state, close) then
    repeat
      item()
      skip_space(state)
    until not take(state, ",")
    if not take(state, close) then fail(state, ("',' or '%s'"):format(close:sub(-1))) end
  end
  state.depth = state.depth - 1
end

local function read_object(state)
  local object = {}
  read_list(state, "}", function()
    skip_space(state)
    if state.text:sub(state.at, state.at) ~= '"' then fail(state, "a name in quotation marks") end
    local start = state.at
    local name = read_string(state)
    if object[name] ~= nil then
      state.at = start
      fail(state, "a name that is new in this object")
    end
    skip_space(state)
    if not take(state, ":") then fail(state, "':'") end
    object[name] = read(state)
  end)
  return object
end

local function read_array(state)
  local array = {}
  read_list(state, "%]", function()
    skip_space(state)
    local start, value = state.at, read(state)
    if value == nil then
      state.at = start
      fail(state, "a value other than null")
    end
    array[#array + 1] = value
  end)
  return array
end

function read(state)
  skip_space(state)
  local here = state.text:sub(state.at, state.at)
  if here == "{" then return read_object(state) end
  if here == "[" then return read_array(state) end
  if here == '"' then return read_string(state) end
  if take(state, "true%f[^%w]") then return true elseif take(state, "false%f[^%w]") then return false end
  if take(state, "null%f[^%w]") then return nil end
  return read_number(state)
end

-- The value that a text stands for; or nil and "line 3, column 7: expected ..., found ...".
function M.decode(text)
  local state = { text = text, at = 1, depth = 0 }
  local ok, value = attempt(function()
    if not utf8.len(text) then
      state.at = select(2, utf8.len(text))
      fail(state, "UTF-8")
    end
    local whole = read(state)
    skip_space(state)
    if state.at <= #text then fail(state, "the end of the text") end
    return whole
  end)
  if ok then return value end
  if type(value) == "table" and value.why then return nil, value.why end
  error(value, 0)
end

return M
