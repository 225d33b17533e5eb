-- csv.lua: comma-separated values, the records of a run.
--
-- RFC 4180, with one meaning added: an unquoted field that reads as a number, true or
-- false is one, a quoted field is always text. What is written therefore comes back with
-- its type. Lines end in "\n"; a last line without it was cut by a crash, and is ignored.

local number = require "lab.util.number"

local M = {}

-- One value as a field. nil is the empty field.
function M.field(v)
  if v == nil then return "" end
  if type(v) == "number" then return number.text(v) end
  if type(v) == "boolean" then return tostring(v) end
  if v == "" or v:find('[",\r\n]') or v == "true" or v == "false" or number.read(v) then
    return '"' .. v:gsub('"', '""') .. '"'
  end
  return v
end

-- An array of n values as a line with its newline.
function M.line(values, n)
  local fields = {}
  for i = 1, n or #values do fields[i] = M.field(values[i]) end
  return table.concat(fields, ",") .. "\n"
end

local function unquoted(s)
  if s == "" then return nil end
  if s == "true" then return true elseif s == "false" then return false end
  local v = number.read(s)
  if v == nil then return s end
  return v
end

-- The field that starts at `i`: its value, where the next begins, and whether the line
-- ended with it. Returns no position if the text ends inside the field: it was cut.
local function next_field(text, i)
  if text:sub(i, i) ~= '"' then
    local stop = text:find("[,\n]", i)
    if not stop then return nil end
    return unquoted((text:sub(i, stop - 1):gsub("\r$", ""))), stop + 1, text:sub(stop, stop) == "\n"
  end
  local parts, from = {}, i + 1
  while true do
    local quote = text:find('"', from, true)
    if not quote then return nil end
    parts[#parts + 1] = text:sub(from, quote - 1)
    from = quote + 1
    if text:sub(from, from) ~= '"' then break end
    parts[#parts + 1] = '"'
    from = from + 1
  end
  if text:sub(from, from) == "\r" then from = from + 1 end
  local stop = text:sub(from, from)
  if stop ~= "," and stop ~= "\n" then return nil end
  return table.concat(parts), from + 1, stop == "\n"
end

-- All complete lines of a text as arrays of fields; `n` is each one's number of fields.
function M.lines(text)
  local lines, i = {}, 1
  while i <= #text do
    local line, ended = { n = 0 }, false
    while not ended do
      local value, after, last = next_field(text, i)
      if not after then return lines end
      line.n = line.n + 1
      line[line.n] = value
      i, ended = after, last
    end
    lines[#lines + 1] = line
  end
  return lines
end

-- Rows by column name, and the names. A line of another width than the header (a crash
-- in the middle, then a second writer) is no row, and is left out.
function M.rows(text)
  local lines = M.lines(text)
  local rows, names = {}, {}
  for j = 1, lines[1] and lines[1].n or 0 do names[j] = tostring(lines[1][j] or "") end
  for i = 2, #lines do
    if lines[i].n == #names then
      local row = {}
      for j, name in ipairs(names) do row[name] = lines[i][j] end
      rows[#rows + 1] = row
    end
  end
  return rows, names
end

return M
