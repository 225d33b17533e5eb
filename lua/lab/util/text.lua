-- text.lua: texts that come from anywhere, as they stand in one line of a table or a figure.
--
-- Names of runs, columns and files may hold bytes that are no UTF-8, and controls that would move the
-- cursor or end the line. Whoever measures or cuts a text cleans it first.

local M = {}

-- The text without control characters and without bytes that are no UTF-8.
function M.clean(text)
  text = tostring(text)
  local kept, from = {}, 1
  while from <= #text do
    local ok, bad = utf8.len(text, from)
    local to = ok and #text or bad - 1
    kept[#kept + 1] = text:sub(from, to)
    if not ok then kept[#kept + 1] = "?" end
    from = to + 2
  end
  return (table.concat(kept):gsub("%c+", " "))
end

-- The number of characters of a text; a byte that is no UTF-8 counts as one.
function M.width(text)
  return utf8.len(text) or utf8.len(M.clean(text))
end

-- A clean text of at most n characters; an ellipsis stands for what is left out.
function M.cut(text, n)
  text = M.clean(text)
  return utf8.len(text) <= n and text or text:sub(1, utf8.offset(text, n) - 1) .. "…"
end

-- A copy of an array of cells, each clean.
function M.clean_all(cells)
  local copy = {}
  for i, cell in ipairs(cells) do copy[i] = M.clean(cell) end
  return copy
end

return M
