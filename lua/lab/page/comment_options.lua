-- comment_options.lua: the `--| key: value` lines above a statement.
--
-- They set options of what the statement shows: label, fig-cap, fig-alt, tbl-cap, echo,
-- width, height; and what the index of pages shows: `index: true` of a figure or a sentence, and `index-order`, the page's
-- place. A line that goes on further to the right continues the value above it:
--
--   --| fig-cap: Accuracy on the test set, mean and
--   --|   standard deviation over three seeds.
--
-- As in YAML, a value may stand in quotes ("with \" and \\ inside", 'or with '' inside'), and after a
-- lone | or > its text is in the lines below.

local options = require "lab.util.options"

local M = {}

local function text(value) return value end

local function label(value)
  if value:find("^%a[%w_-]*$") then return value end
  return nil, "a name of letters, digits, - and _, such as fig-accuracy"
end

local function echo(value)
  local values = { ["true"] = true, ["false"] = false, fold = "fold" }
  if values[value] ~= nil then return values[value] end
  return nil, "true, false or fold"
end

local function size(value)
  local n = tonumber(value)
  if n and n > 0 and n < 1e5 then return n end
  return nil, "a number above 0"
end

local function yes(value)
  if value == "true" then return true end
  return nil, "true"
end

local readers = { index = yes, ["index-order"] = size, label = label, echo = echo, width = size, height = size,
  ["fig-cap"] = text, ["fig-alt"] = text, ["tbl-cap"] = text }
local names = options.sorted_keys(readers)

local function fail(name, line, message, ...)
  error(("%s:%d: " .. message):format(name, line, ...), 0)
end

-- A value without the quotes around it; as it is where they are not one pair around the whole.
local function unquoted(value)
  local inside = value:match '^"(.*)"$'
  if inside and not (" " .. inside):gsub("\\.", ""):find '["\\]' then return (inside:gsub('\\(["\\])', "%1")) end
  inside = value:match "^'(.*)'$"
  if inside and not inside:gsub("''", ""):find "'" then return (inside:gsub("''", "'")) end
  return value
end

-- Puts one complete `key: value` into `into`.
local function set(into, entry, name, labels)
  local read = readers[entry.key]
  if not read then fail(name, entry.line, "unknown option '%s'%s", entry.key, options.suggestion(entry.key, names)) end
  if into[entry.key] ~= nil then fail(name, entry.line, "option '%s' is set twice for one statement", entry.key) end
  if unquoted(entry.value) == "" then fail(name, entry.line, "option '%s' has no value", entry.key) end
  local value, expected = read(unquoted(entry.value))
  if value == nil then fail(name, entry.line, "option '%s' is '%s', expected %s", entry.key, entry.value, expected) end
  if entry.key == "label" then
    if labels[value] then fail(name, entry.line, "label '%s' was used before, in line %d", value, labels[value]) end
    labels[value] = entry.line
  end
  into[entry.key] = value
end

-- Reads a run of `--|` lines that begins at line `line` of the script `name`. `into` is the
-- table of an earlier run above the same statement, or nil; `labels` remembers label -> line.
-- Returns the table of options; raises "name:line: sentence".
function M.parse(run, name, line, into, labels)
  into = into or {}
  local entry
  for s in (run .. "\n"):gmatch("%-%-|([^\n]*)\n") do
    local key, value = s:match("^%s*([%w_-]+):%s*(.-)%s*$")
    local deeper = entry and s:find("^%s%s%s") and s:find("%S")
    if deeper then entry.value = (entry.value .. " " .. s:match("^%s*(.-)%s*$")):gsub("^ ", "")
    elseif key then
      if entry then set(into, entry, name, labels) end
      entry = { key = key, value = value:find "^[|>][+-]?$" and "" or value, line = line }
    elseif s:find("%S") then
      fail(name, line, "expected `--| key: value`, such as `--| label: fig-accuracy`")
    end
    line = line + 1
  end
  if entry then set(into, entry, name, labels) end
  return into
end

return M
