-- runs_table.lua: runs of the store as a table for a terminal, as CSV, as JSON.

local catalog = require "lab.archive.catalog"
local conditions = require "lab.archive.conditions"
local csv = require "lab.util.csv"
local default_columns = require "lab.archive.columns"
local format = require "lab.util.format"
local json = require "lab.util.json"
local line = require "lab.util.progress_line"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"
local text = require "lab.util.text"
local text_table = require "lab.util.text_table"

local M = {}

local spared = { "rows", "started", "seconds" }  -- columns that a narrow window can do without, in this order: better than half a name

local MISSING = ""

-- ---- what a run is called ----------------------------------------------------------------

-- The column "run": the name that lab.runs gave, and the parameters that are not the same in all runs of
-- the experiment; in a sweep they set its runs apart.
function M.name_runs(entries)
  local first, varies = {}, {}
  for _, e in ipairs(entries) do
    local experiment = e.experiment or ""
    local known, differs = first[experiment] or {}, varies[experiment] or {}
    first[experiment], varies[experiment] = known, differs
    for name, v in pairs(e.parameters) do
      if known[name] == nil then known[name] = v end
      if known[name] ~= v and e.arguments[name] == nil then differs[name] = true end
    end
  end
  for _, e in ipairs(entries) do
    local words = { e.name }
    for _, name in ipairs(options.sorted_keys(varies[e.experiment or ""])) do
      local v = e.parameters[name]
      if v ~= nil then words[#words + 1] = name .. "=" .. (type(v) == "number" and format.number(v) or tostring(v)) end
    end
    e.run = table.concat(words, " ")
  end
end

local function value(entry, name)
  if name == "run" then return entry.run end
  return catalog.value(entry, name)
end

-- ---- order ------------------------------------------------------------------------------

-- A value as it counts for an order: not-a-number and infinity as if the run lacked the column.
local function ordered(v)
  if type(v) == "number" and not statistics.finite(v) then return nil end
  return v
end

-- Numbers before text; what lacks the column last, whichever way the order goes.
local function comes_before(a, b, down)
  if a == nil or b == nil then return a ~= nil end
  if type(a) ~= type(b) or type(a) == "boolean" then
    a, b = type(a) == "number" and "" or tostring(a), type(b) == "number" and "" or tostring(b)
  end
  if down then return a > b end
  return a < b
end

-- Sorts the entries by a column, "-column": the greatest first. Equal ones by their keys.
function M.sort(where, entries, column)
  local down, name = column:match "^(%-?)(.+)$"
  if not name then require "lab.util.arguments".fail(where, "--sort needs the name of a column") end
  if name ~= "run" then conditions.check_name(where, entries, name) end
  table.sort(entries, function(a, b)
    local x, y = ordered(value(a, name)), ordered(value(b, name))
    if x == y then return a.key < b.key end
    return comes_before(x, y, down == "-")
  end)
end

-- ---- a terminal --------------------------------------------------------------------------

local function cell(name, v)
  if v == nil then return MISSING end
  if name == "seconds" or name == "memory" then return ("%.1f"):format(v) end
  if (name == "started" or name == "finished") and type(v) == "string" then return (v:gsub("T", " "):gsub(":%d%dZ$", "")) end
  if type(v) == "number" then return format.number(v) end
  return text.clean(v)
end

-- Numbers below each other get as many digits after the point as the one that needs most, four at most.
local function even(rows, j)
  local most = 0
  for _, row in ipairs(rows) do
    if row[j]:find "^-?%d+%.%d+$" then most = math.max(most, #row[j]:match "%.(%d+)$") end
  end
  for _, row in ipairs(rows) do
    if row[j]:find "^-?%d+%.?%d*$" and most > 0 and most <= 4 then row[j] = ("%%.%df"):format(most):format(tonumber(row[j])) end
  end
end

-- The table as an item, and how many of its values are not-a-number.
local function item_of(entries, columns)
  local item, numeric, broken = { kind = "table", header = text.clean_all(columns), rows = {}, align = "" }, {}, 0
  for i, e in ipairs(entries) do
    item.rows[i] = {}
    for j, name in ipairs(columns) do
      local v = value(e, name)
      item.rows[i][j] = cell(name, v)
      if v ~= nil then numeric[j] = type(v) == "number" and numeric[j] ~= false end
      if v ~= v then broken = broken + 1 end
    end
  end
  for j in ipairs(columns) do
    item.align = item.align .. (numeric[j] and "r" or "l")
    if numeric[j] then even(item.rows, j) end
  end
  return item, broken
end

-- The table as text. width: of the window, or nil. columns: nil for those of archive/columns.lua, of which some
-- are left out in a narrow window.
function M.text(entries, columns, width)
  local item, broken = item_of(entries, columns or default_columns(entries))
  if width and not columns then text_table.leave_out(item, width, spared) end
  if width then text_table.fit(item, width) end
  if broken > 0 then item.note = ("– is not-a-number, in the last row of a run's metrics: %d here"):format(broken) end
  return text_table.text(item)
end

-- The window's width, if the table goes to one.
function M.window()
  return require "lab.c.system".isatty(1) and math.max(20, (require "lab.c.system".width(1) or line.columns()) - 1) or nil
end

-- ---- for programs ------------------------------------------------------------------------

-- columns: nil for all that is known.
function M.csv(entries, columns)
  columns = columns or catalog.names(entries)
  local lines = { csv.line(columns) }
  for _, e in ipairs(entries) do
    local cells = {}
    for j, name in ipairs(columns) do cells[j] = value(e, name) end
    lines[#lines + 1] = csv.line(cells, #columns)
  end
  return table.concat(lines)
end

local function clean(t)
  local copy = {}
  for k, v in pairs(t) do copy[text.clean(k)] = type(v) == "string" and text.clean(v) or v end
  return copy
end

-- columns: nil for all facts, with arguments, parameters and metrics as objects of their own.
function M.json(entries, columns)
  local list = {}
  for i, e in ipairs(entries) do
    local object = {}
    for _, name in ipairs(columns or catalog.facts) do object[name] = value(e, name) end
    object = clean(object)
    if not columns then object.arguments, object.parameters, object.metrics = clean(e.arguments), clean(e.parameters), clean(e.metrics) end
    list[i] = json.encode(object)
  end
  if #list == 0 then return "[]" end
  return "[\n" .. table.concat(list, ",\n") .. "\n]"
end

return M
