-- output.lua: where figures, tables and prose go.
--
-- Words that show something call `emit`; they do not know whether a page is being woven.
-- The weaver sets `sink` to collect items into the page; without it (setlab run) items
-- are printed as text. An item is one of
--   { kind = "figure", title =, files = { svg = path } or { png = path } or { gif = path },
--     sources = { gp = path, data = { path, ... } }, alt = default alternative text,
--     text = plain text stand-in (what a figure shows, in one line), table = fallback table item or nil,
--     film = frames to step through on the page, or nil }
--   { kind = "table", header = { "a", "b" }, rows = { { "1", "2" }, ... }, align = "lrr", note = string or nil }
--   { kind = "text", text = "printed lines" }
--   { kind = "prose", text = "Markdown" }
--   { kind = "html", html = "trusted markup made by us, never from user strings" }
-- `emit` adds item.options: the `--|` options of the statement (label, ["fig-cap"], ...).

local text = require "lab.util.text"
local progress = require "lab.util.progress"

local M = {
  sink = nil,      -- function(item) or nil
  options = {},    -- the `--|` options in force for the next item, set by the weaver
  directory = nil, -- where figure files go while weaving; nil: figures are not drawn
  runs_used = nil, -- records of the runs that a page shows, appended by lab.runs:
                   -- { name, key, status, reused, finished, why, arguments, meta = function }
  memos_used = nil, -- keys of the remembered computations that a page uses, if anyone asks
}

local function pad(s, width, right)
  local gap = (" "):rep(width - text.width(s))
  return right and gap .. s or s .. gap
end

-- A table item as aligned plain text.
function M.table_text(item)
  local widths = {}
  local all = { text.clean_all(item.header) }
  for i, row in ipairs(item.rows) do all[i + 1] = text.clean_all(row) end
  for _, row in ipairs(all) do
    for j, cell in ipairs(row) do widths[j] = math.max(widths[j] or 0, text.width(cell)) end
  end
  local lines = {}
  for i, row in ipairs(all) do
    local cells = {}
    for j, cell in ipairs(row) do cells[j] = pad(cell, widths[j], (item.align or ""):sub(j, j) == "r") end
    lines[#lines + 1] = (table.concat(cells, "  "):gsub("%s+$", ""))
    if i == 1 then
      local rules = {}
      for j in ipairs(row) do rules[j] = ("-"):rep(widths[j]) end
      lines[#lines + 1] = table.concat(rules, "  ")
    end
  end
  if item.note then lines[#lines + 1] = item.note end
  return table.concat(lines, "\n")
end

local function print_item(item)
  progress.clear()  -- the terminal's line makes room
  if item.kind == "table" then io.stdout:write(M.table_text(item), "\n\n")
  elseif item.kind == "figure" then io.stdout:write("[figure] ", item.text or item.title or "", "\n\n")
  elseif item.kind == "text" then io.stdout:write(item.text, "\n")
  elseif item.kind == "prose" then io.stdout:write(item.text, "\n\n") end
end

function M.emit(item)
  item.options = M.options
  if M.sink then M.sink(item) else print_item(item) end
end

return M
