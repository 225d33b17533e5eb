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

local progress = require "lab.util.progress"
local text_table = require "lab.util.text_table"

local M = {
  sink = nil,      -- function(item) or nil
  options = {},    -- the `--|` options in force for the next item, set by the weaver
  directory = nil, -- where figure files go while weaving; nil: figures are not drawn
  window = nil,    -- { columns, lines } of a terminal in which figures are drawn with letters, at the prompt; else nil
  runs_used = nil, -- records of the runs that a page shows, appended by lab.runs:
                   -- { name, key, status, reused, finished, why, arguments, meta = function }
  memos_used = nil, -- keys of the remembered computations that a page uses, if anyone asks
}

local function print_item(item)
  progress.clear()  -- the terminal's line makes room
  if item.kind == "table" then io.stdout:write(text_table.text(item), "\n\n")
  elseif item.kind == "figure" then io.stdout:write(item.drawing or "", "[figure] ", item.text or item.title or "", "\n\n")
  elseif item.kind == "text" then io.stdout:write(item.text, "\n")
  elseif item.kind == "prose" then io.stdout:write(item.text, "\n\n") end
end

function M.emit(item)
  item.options = M.options
  if M.sink then M.sink(item) else print_item(item) end
end

return M
