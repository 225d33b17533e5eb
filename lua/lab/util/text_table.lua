-- text_table.lua: a table as text for a terminal.
--
-- A table is { header = cells, rows = array of cells, align = "lrr" or nil, note = text or nil }. Cells are
-- cleaned before they are measured, and columns are as wide as their widest cell is shown. A letter of
-- `align` is l or r, a column each; l where there is none.

local text = require "lab.util.text"

local M = {}

-- Clean copies of lines of cells, and the widths of their columns.
local function measured(lines)
  local copy, widths = {}, {}
  for i, line in ipairs(lines) do
    copy[i] = text.clean_all(line)
    for j, cell in ipairs(copy[i]) do widths[j] = math.max(widths[j] or 0, text.width(cell)) end
  end
  return copy, widths
end

-- A line of cells, without spaces at its end. is_right(j): does column j stand to the right?
local function line_of(cells, widths, is_right)
  local padded = {}
  for j, cell in ipairs(cells) do
    local fill = (" "):rep(widths[j] - text.width(cell))
    padded[j] = is_right(j) and fill .. cell or cell .. fill
  end
  return (table.concat(padded, "  "):gsub("%s+$", ""))
end

local function is_after_first(j) return j > 1 end

-- Lines of cells, a header among them or none, as one text without a rule: the first column to the left,
-- the others to the right.
function M.columns(lines)
  local copy, widths = measured(lines)
  for i, cells in ipairs(copy) do copy[i] = line_of(cells, widths, is_after_first) end
  return table.concat(copy, "\n")
end

local function lines_of(item) return table.move(item.rows, 1, #item.rows, 2, { item.header }) end

-- A table as text: header, rule, rows, note.
function M.text(item)
  local lines, widths = measured(lines_of(item))
  local rule, align = {}, item.align or ""
  for j in ipairs(lines[1]) do rule[j] = ("-"):rep(widths[j]) end
  for i, cells in ipairs(lines) do
    lines[i] = line_of(cells, widths, function(j) return align:sub(j, j) == "r" end)
  end
  table.insert(lines, 2, table.concat(rule, "  "))
  lines[#lines + 1] = item.note
  return table.concat(lines, "\n")
end

-- ---- into a window -----------------------------------------------------------------------

local NARROWEST = 8  -- of a column that is cut

-- How wide a table is, and its columns.
local function width_of(item)
  local _, widths = measured(lines_of(item))
  local sum = -2
  for _, width in ipairs(widths) do sum = sum + width + 2 end
  return sum, widths
end

local function remove_column(item, j)
  table.remove(item.header, j)
  for _, row in ipairs(item.rows) do table.remove(row, j) end
  item.align = item.align:sub(1, j - 1) .. item.align:sub(j + 1)
end

-- Both want a table with `align`, of clean cells, and change it.

-- Removes columns of these names, one after another, until the table is no wider than `width`.
function M.leave_out(item, width, names)
  for _, name in ipairs(names) do
    if width_of(item) <= width then return end
    for j = #item.header, 1, -1 do if item.header[j] == name then remove_column(item, j) end end
  end
end

-- The widest column but the first that stands to the left and can be cut; nil if there is none.
local function widest_text(item, widths)
  local widest
  for j = 2, #widths do
    if item.align:sub(j, j) == "l" and widths[j] > NARROWEST and (not widest or widths[j] > widths[widest]) then widest = j end
  end
  return widest
end

-- Cuts the widest column of text until the table is no wider than `width`; columns at the right go if that
-- is not enough. The first column stays.
function M.fit(item, width)
  local sum, widths = width_of(item)
  while sum > width do
    local j = widest_text(item, widths)
    if j then
      local n = math.max(NARROWEST, widths[j] - (sum - width))
      item.header[j] = text.cut(item.header[j], n)
      for _, row in ipairs(item.rows) do row[j] = text.cut(row[j], n) end
    elseif #item.header > 1 then remove_column(item, #item.header)
    else return end
    sum, widths = width_of(item)
  end
end

return M
