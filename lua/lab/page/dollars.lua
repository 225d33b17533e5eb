-- dollars.lua: which dollar signs of a piece of Markdown are those of a formula.
--
-- Pandoc's rules: the $ that opens a formula has no blank to its right; the next $ closes it if it has no
-- blank to its left and no digit to its right, and otherwise neither is a formula's. So $5 and $6, $HOME
-- and $PATH stay what they are. \$ is always a dollar, and so is one that money alone explains: US$5 (a
-- letter or digit before, a digit after), 5$/h (a digit before, punctuation after). $$ ... $$ is a formula of its own, blanks or not. A formula may go over lines, but not over an
-- empty one, into another item or heading, or from one cell of a table to the next, where \| is a bar. In
-- code and in addresses a dollar is a dollar.
--
-- The library that makes HTML of Markdown has other rules. So formulas are taken out before it works, and
-- put in after: in between, "\2n\3" stands for formula n.

local spans = require "lab.page.spans"

local M = {}

local blocks = { "^[ \t]*[-*+][ \t]", "^[ \t]*%d+[.)][ \t]", "^[ \t]*#+[ \t]", "^[ \t]*>" }  -- lines that end a formula

local function begins_block(line)
  for _, pattern in ipairs(blocks) do if line:find(pattern) then return true end end
  return false
end

-- A line break inside a formula; `quote` is what every line of a quotation begins with.
local function goes_on(s, i, quote)
  local line = s:match("^[^\n]*", i + 1)
  local inside = quote ~= "" and line:match("^[ \t]*>[ \t]?(.*)") or line
  return not begins_block(inside)
end

local function is_money(before, after)
  return before:find "%w" and after:find "%d" or before:find "%d" and after:find "[.,;:!?/)%]'\"%-]"
end

-- The place of the $ that ends the formula opened at i, or nil.
local function closing(s, i, quote, in_table)
  local before, after = s:sub(i - 1, i - 1), s:sub(i + 1, i + 1)
  if after == "" or after:find "[%s$]" or is_money(before, after) then return nil end
  local at = i + 1
  while at <= #s do
    local c = s:sub(at, at)
    if c == "$" then return not s:find("^%s", at - 1) and not s:find("^%d", at + 1) and at or nil end
    if c == "\n" and (in_table or not goes_on(s, at, quote)) or c == "|" and in_table then return nil end
    local skip = (c == "\\" or c == "`") and spans.opaque_end(s, at) or at
    if c == "`" and skip > at and s:sub(at, skip):find("$", 1, true) then return nil end
    at = skip + 1
  end
end

local function closing_display(s, i, in_table)
  local at = i + 2
  while at < #s do
    local c = s:sub(at, at)
    if s:sub(at, at + 1) == "$$" then return s:find("%S", i + 2) < at and at or nil end
    if in_table and c:find "[|\n]" then return nil end
    at = at + (c == "\\" and 2 or 1)
  end
end

-- Takes the formulas out of one paragraph, table, list, ...: text without an empty line.
local function take_block(s, formulas)
  local quote, in_table = s:match("^[ \t]*>") or "", ("\n" .. s .. "\n"):find "\n[ \t>]*|?[ \t]*:?%-+:?[ \t]*|[ \t:|-]*\n"
  local out, from, i = {}, 1, 1
  local function put(last, tex, display)
    if quote ~= "" then tex = tex:gsub("\n[ \t]*>", "\n") end
    if in_table then tex = tex:gsub("\\|", "|") end
    formulas[#formulas + 1] = { tex = tex:gsub("%s*\n%s*", " "):match("^%s*(.-)%s*$"), display = display, source = s:sub(i, last) }
    out[#out + 1] = s:sub(from, i - 1) .. ("\2%d\3"):format(#formulas)
    from, i = last + 1, last + 1
  end
  while i <= #s do
    local dollars = s:match("^%$+", i)
    if not dollars then i = (spans.opaque_end(s, i) or i) + 1
    elseif #dollars > 2 then i = i + #dollars
    else
      local last = #dollars == 2 and closing_display(s, i, in_table) or #dollars == 1 and closing(s, i, quote, in_table)
      if not last then i = i + #dollars
      elseif #dollars == 2 then put(last + 1, s:sub(i + 2, last - 1), true)
      else put(last, s:sub(i + 1, last - 1), false) end
    end
  end
  return table.concat(out) .. s:sub(from)
end

-- The Markdown without its formulas, and their list: { { tex =, display = boolean, source = as it stood }, ... }.
function M.take(text)
  local formulas = {}
  if not text:find("$", 1, true) then return text, formulas end
  return spans.map(text:gsub("[\2\3]", "\u{FFFD}"), function(block) return take_block(block, formulas) end), formulas
end

-- Puts formulas into the HTML of what `take` left: as they stood in code and in attributes, elsewhere as
-- show(tex, display) has them. escape(text) makes text of HTML.
function M.put(html, formulas, show, escape)
  if #formulas == 0 then return html end
  local function source(n) return formulas[tonumber(n)] and escape(formulas[tonumber(n)].source) end
  local function as_it_stood(piece) return (piece:gsub("\2(%d+)\3", source):gsub("%%02(%d+)%%03", source)) end
  html = html:gsub("<code.->.-</code>", as_it_stood):gsub("<[^>]*>", as_it_stood)
  return (html:gsub("\2(%d+)\3", function(n)
    local formula = formulas[tonumber(n)]
    return formula and show(formula.tex, formula.display)
  end))
end

return M
