-- spans.lua: which parts of a piece of Markdown are code or addresses, where signs mean nothing.

local M = {}

local FENCE = "^[ \t>]*([`~][`~][`~]+)"

-- Where what begins at i, and is a code span, an address or an escaped character, ends; nil if nothing does.
function M.opaque_end(s, i)
  local c = s:sub(i, i)
  if c == "\\" then return i + 1 end
  if c == "`" then
    local ticks = s:match("^`+", i)
    local from = i + #ticks
    while true do
      local first, last = s:find("`+", from)
      if not first then return i + #ticks - 1 end
      if last - first + 1 == #ticks then return last end
      from = last + 1
    end
  end
  if c == "]" then return select(2, s:find("^%]%(%s*<[^<>\n]*>", i)) or select(2, s:find("^%]%([^%s()]*%b()[^%s()]*%)", i)) or select(2, s:find("^%]%([^%s()]*", i)) end
  return c:find "%a" and select(2, s:find("^%a[%w+.-]*://[^%s<>]*", i)) or nil
end

-- The text with each of its blocks as f(block, line) gives it. A block is a paragraph, table, list, ...: text without an empty line, outside fenced
-- code; its first line is number `line` of the text, from 0.
function M.map(text, f)
  local out, block, fence, n, first = {}, {}, nil, 0, 0
  local function flush()
    if #block > 0 then out[#out + 1] = f(table.concat(block, "\n"), first) end
    block = {}
  end
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    local mark = line:match(FENCE)
    if fence then
      out[#out + 1] = line
      if mark and mark:sub(1, #fence) == fence and line:find("[`~][ \t]*$") then fence = nil end
    elseif mark and not line:match(FENCE .. "[^\n]*`") or not line:find "[^ \t>]" then
      flush()
      fence, out[#out + 1] = mark, line
    else
      if #block == 0 then first = n end
      block[#block + 1] = line
    end
    n = n + 1
  end
  flush()
  return table.concat(out, "\n")
end

return M
