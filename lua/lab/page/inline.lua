-- inline.lua: measured values and references in prose.
--
--   The run took `{lua} seconds // 60` minutes; @fig-accuracy shows it.
--
-- A code span that begins with {lua} is an expression of the script, which sees the locals at its place (page/literate.lua
-- puts a closure for each into the chunk). `@fig-x`, `@tbl-x`, `@sec-x` and `@eq-x` become links to what has that label: a figure
-- or a table (`--| label: fig-x`), a heading (`## Title {#sec-x}`) or a formula ($$ ... $$ {#eq-x}). In code and in addresses,
-- and after a letter, a digit or a backslash, @ is only a sign.
--
-- The library that makes HTML of Markdown knows neither, so they are taken out before it works and put in after: in between,
-- "\4n\5" stands for number n. Numbers of what comes later on the page are not known yet: "\6label\7" stands for a reference until the page
-- is complete.

local escape = require "lab.util.html".escape
local format = require "lab.util.format"
local options = require "lab.util.options"
local spans = require "lab.page.spans"

local M = {}

local SIGNS = "[\4-\7]"

-- The expression of a code span from first to last, or nil.
local function expression(s, first, last)
  local ticks = s:match("^`+", first)
  local inside = s:sub(first + #ticks, last - #ticks)
  if last - first + 1 < 2 * #ticks then return nil end
  local code = inside:match "^{lua}(.*)$"
  return code and code:gsub("%s*\n%s*", " "):match "^%s*(.-)%s*$"
end

-- The label of a reference at i, which is an @, or nil.
local function label_at(s, i)
  if s:sub(i - 1, i - 1):find "[%w\\_@]" and i > 1 then return nil end
  local label = s:match("^@(%a%a%a?%-[%w_-]*)", i)
  label = label and label:gsub("[-_]+$", "")
  return label and (label:find "^fig%-." or label:find "^tbl%-." or label:find "^sec%-." or label:find "^eq%-.") and label or nil
end

-- Calls found(kind, what, line) for each in a text, and returns the text with what found returns in its place (nil: as it was).
local function scan(text, found)
  return spans.map(text, function(s, line)
    local out, from, i = {}, 1, 1
    local function offer(kind, what, last)
      local at = select(2, s:sub(1, i - 1):gsub("\n", ""))
      local put = found(kind, what, line + at)
      if put then
        out[#out + 1] = s:sub(from, i - 1) .. put
        from = last + 1
      end
      i = last + 1
    end
    while i <= #s do
      local last, label = spans.opaque_end(s, i), s:byte(i) == 64 and label_at(s, i)
      local code = last and s:byte(i) == 96 and expression(s, i, last)
      if code then offer("value", code, last)
      elseif label then offer("reference", label, i + #label)
      else i = (last or i) + 1 end
    end
    return table.concat(out) .. s:sub(from)
  end)
end

-- The expressions of a piece of prose: { { code =, line = from 0 }, ... }.
function M.expressions(text)
  local list = {}
  if not text:find("{lua}", 1, true) then return list end
  scan(text, function(kind, what, line)
    if kind == "value" then list[#list + 1] = { code = what, line = line } end
  end)
  return list
end

-- A value as a reader sees it. A number is written like those of tables; for other ways there is lab.format.
function M.text(value)
  local kind, meta = math.type(value) or type(value), getmetatable(value)
  if kind == "integer" then return format.count(value) end
  if kind == "float" then return math.abs(value) >= 1000 and math.abs(value) < 1e15 and format.count(value) or format.number(value) end
  if kind == "string" or kind == "boolean" then return tostring(value) end
  if type(meta) == "table" and meta.__tostring then return tostring(value) end
  return nil, kind == "nil" and "is nil" or ("is a %s, which has no text"):format(kind)
end

-- The Markdown without its values and references, and the list of these. `values` are texts, one for each expression in order; nil: expressions
-- stay code.
function M.take(text, values)
  local list, n = {}, 0
  text = text:gsub(SIGNS, "\u{FFFD}")
  if not (text:find("@", 1, true) or values and text:find("{lua}", 1, true)) then return text, list end
  return scan(text, function(kind, what)
    if kind == "value" then
      if not values then return nil end
      n = n + 1
      list[#list + 1] = { text = values[n] or "" }
    else list[#list + 1] = { label = what } end
    return ("\4%d\5"):format(#list)
  end), list
end

-- Puts them into the HTML of what `take` left. In a tag a reference stays as it was.
function M.put(html, list)
  if #list == 0 then return html end
  local function put(label)
    return function(n)
      local it = list[tonumber(n)]
      return it and (it.text and escape(it.text) or label:format(it.label))
    end
  end
  html = html:gsub("<[^>]*>", function(tag) return (tag:gsub("\4(%d+)\5", put "@%s"):gsub("%%04(%d+)%%05", put "@%s")) end)
  return (html:gsub("\4(%d+)\5", put "\6%s\7"))
end

-- Something on the page has a label; `text` is what a link to it says.
function M.set_label(context, label, id, text)
  if context.labels and label then context.labels[label] = { id = id, text = text } end
end

-- The number of the next thing of a kind: figures, tables and equations count from 1.
function M.next_number(context, kind)
  context.counts[kind] = (context.counts[kind] or 0) + 1
  return context.counts[kind]
end

-- References as links, now that all labels are known; with `plain` as text. A label that is nowhere is named on the page; tell(label, hint) hears of it.
function M.resolve(html, labels, plain, tell)
  return (html:gsub("\6([^\7]*)\7", function(label)
    local target = labels[label]
    if target and plain then return target.text end
    if target then return ('<a class="ref" href="#%s">%s</a>'):format(target.id, target.text) end
    if tell then tell(label, options.suggestion(label, options.sorted_keys(labels))) end
    return plain and "@" .. label or ('<em class="missing">[%s is not on this page]</em>'):format(label)
  end))
end

return M
