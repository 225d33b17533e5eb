-- options.lua: tables of named options, checked.
--
-- Every word of the notebook takes one table. `check` fills in defaults, refuses what it
-- does not know with the nearest known name, and blames the line of the script that made
-- the call, never a line of ours. The filled-in table is what the run folder keeps.

local catch = require "lab.util.stop".catch
local number = require "lab.util.number"

local M = {}

-- Edit distance of two short strings, for suggestions: letters put in, left out or mistaken,
-- and neighbours that changed places.
local function distance(a, b)
  local before, row = {}, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local above = row
    row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + same)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before = above
  end
  return row[#b]
end

-- Makes a misspelt word of a table of words, "lab.prune", an error at the script's line. Returns the table.
function M.strict(prefix, words)
  local meta = getmetatable(words) or {}
  meta.__index = function(_, name)
    if type(name) == "string" and not name:find "^__" then M.fail(("%s has no word '%s'%s"):format(prefix, name, M.suggestion(name, M.sorted_keys(words)))) end
  end
  return setmetatable(words, meta)
end

-- The name among `names` (an array) nearest to `name`, or nil if none is near.
function M.nearest(name, names)
  local best, best_distance
  for _, candidate in ipairs(names) do
    local d = distance(name:lower(), candidate:lower())
    if not best or d < best_distance or (d == best_distance and candidate < best) then
      best, best_distance = candidate, d
    end
  end
  -- Of a name of two or three letters, two changes leave nothing that is like it.
  if best and best_distance <= (#name < 4 and 1 or math.max(2, #name // 3)) then return best end
end

-- Sorted array of the string keys of a table.
function M.sorted_keys(t)
  local keys = {}
  for k in pairs(t) do if type(k) == "string" then keys[#keys + 1] = k end end
  table.sort(keys)
  return keys
end

-- " (did you mean 'x'?)" or a list of what is known: the tail of an unknown-name error. Nothing if nothing is known.
function M.suggestion(name, names)
  local near = M.nearest(tostring(name), names)
  if near then return (" (did you mean '%s'?)"):format(near) end
  return #names > 0 and "; known: " .. table.concat(names, ", ") or ""
end

-- Raises `message` at the first line that is not the toolkit's own: the script's line.
function M.fail(message)
  local level = 2
  while true do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    local ours = info.what == "C" or info.source:find("^@lua/lab/") ~= nil
    if not ours then error(message, level) end
    level = level + 1
  end
  error(message, 0)
end

-- The message as `fail` raises it: with the script's line in front.
function M.placed(message) return select(2, catch(M.fail, message)) end

local EXACT <const> = 2.0 ^ 53  -- floats from here on do not tell whole numbers apart

M.single = 0x1.fffffep127  -- the largest number of single precision, in which the engine computes

-- The whole number that v is, also when written as a float (4.0); nil if it is none, or a float so
-- large that digits may have been lost.
function M.whole(v)
  if math.type(v) == "integer" then return v end
  if math.type(v) == "float" and v == math.floor(v) and math.abs(v) < EXACT then return math.tointeger(v) end
end

-- A number in messages; of a float that is whole, why it does not count as a whole number.
function M.show_number(v)
  local lost = math.type(v) == "float" and v == math.floor(v) and math.abs(v) >= EXACT and math.abs(v) < math.huge
  return number.text(v) .. (lost and ", which is too large to be exact" or "")
end

local kinds = {
  number   = function(v) return type(v) == "number" end,
  integer  = function(v) return M.whole(v) ~= nil end,
  string   = function(v) return type(v) == "string" end,
  boolean  = function(v) return type(v) == "boolean" end,
  table    = function(v) return type(v) == "table" end,
  ["function"] = function(v) return type(v) == "function" end,
  any      = function() return true end,
}

local function check_number(where, name, rule, v)
  if v ~= v then M.fail(("%s: option '%s' is not a number (NaN)"):format(where, name)) end
  if (v == math.huge or v == -math.huge) and not rule.infinite then
    M.fail(("%s: option '%s' must be finite"):format(where, name))
  end
  if rule.min and v < rule.min then M.fail(("%s: option '%s' is %s, must be at least %s"):format(where, name, v, rule.min)) end
  if rule.max and v > rule.max then M.fail(("%s: option '%s' is %s, must be at most %s"):format(where, name, v, rule.max)) end
  if rule.above and v <= rule.above then M.fail(("%s: option '%s' is %s, must be above %s"):format(where, name, v, rule.above)) end
  if rule.below and v >= rule.below then M.fail(("%s: option '%s' is %s, must be below %s"):format(where, name, v, rule.below)) end
end

-- One value against one rule; returns the value to keep. `kind` may be "number|function".
local function check_value(where, name, rule, v)
  local fits = false
  for kind in (rule.kind or "any"):gmatch("[^|]+") do
    if kinds[kind](v) then
      fits = true
      if kind == "integer" then v = M.whole(v) end
      break
    end
  end
  if not fits then
    M.fail(("%s: option '%s' must be %s, not %s"):format(where, name, (rule.kind:gsub("|", " or ")),
      type(v) == "number" and M.show_number(v) or type(v)))
  end
  if type(v) == "number" then check_number(where, name, rule, v) end
  if v == 0 and math.type(v) == "float" then v = 0.0 end  -- -0.0
  if rule.choices and type(v) == "string" then
    local known = false
    for _, c in ipairs(rule.choices) do if c == v then known = true end end
    if not known then M.fail(("%s: option '%s' has no choice '%s'%s"):format(where, name, v, M.suggestion(v, rule.choices))) end
  end
  return v
end

-- A path: the system would read it only as far as its first zero byte, and take another file.
--   what  its name in the message: "lab.data.npz: option 'file'"
function M.check_path(what, path)
  if path == "" then M.fail(what .. " is empty") end
  if path:find("\0", 1, true) then M.fail(("%s holds a zero byte: %q"):format(what, path)) end
  return path
end

-- The values without a name must be a list without holes.
local function check_list(where, given)
  local n = 0
  for k in pairs(given) do
    if type(k) ~= "string" then
      if math.type(k) ~= "integer" or k < 1 then M.fail(("%s: unexpected value at [%s]"):format(where, tostring(k))) end
      n = n + 1
    end
  end
  for i = 1, n do
    if given[i] == nil then M.fail(("%s: its list has a hole: value %d is nil"):format(where, i)) end
  end
end

function M.is_vector(v) return type(v) == "userdata" and (getmetatable(v) or {}).__name == "lab.vector" end

-- Returns a new table with every option of `spec`, given or default.
--   where  the word's name, for messages: "lab.erdos_renyi"
--   spec   name -> { kind = "number|function", default =, required = true, min =, max =,
--          above =, below =, choices = { ... } }
--   given  the script's table, or nil; array items are copied if spec.positional is set
-- Raises at the script's line: unknown option, wrong kind, out of range, missing.
function M.check(where, spec, given)
  given = given == nil and {} or given
  if type(given) ~= "table" then M.fail(("%s takes one table of options, not %s"):format(where, type(given))) end
  local result, names = {}, {}
  for _, k in ipairs(M.sorted_keys(spec)) do if k ~= "positional" then names[#names + 1] = k end end
  if spec.positional then check_list(where, given) end
  for k, v in pairs(given) do
    if type(k) == "string" then
      if not spec[k] or k == "positional" then M.fail(("%s: unknown option '%s'%s"):format(where, k, M.suggestion(k, names))) end
      result[k] = check_value(where, k, spec[k], v)
    elseif spec.positional then result[k] = v
    else M.fail(("%s: unexpected value without a name at [%s]"):format(where, tostring(k))) end
  end
  for _, k in ipairs(names) do
    if result[k] == nil then
      if spec[k].required then M.fail(("%s: option '%s' is missing"):format(where, k)) end
      result[k] = spec[k].default
    end
  end
  return result
end

return M
