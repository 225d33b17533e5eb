-- inline.lua: measured values, references, citations and footnotes in prose.
--
--   The run took `{lua} seconds // 60` minutes; @fig-accuracy shows it, as others found [@mocanu2018].[^clock]
--
--   [^clock]: By the clock on the wall.
--
-- A code span that begins with {lua} is an expression of the script, which sees the locals at its place (page/literate.lua
-- puts a closure for each into the chunk). `@fig-x`, `@tbl-x`, `@sec-x` and `@eq-x` become links to what has that label: a figure
-- or a table (`--| label: fig-x`), a heading (`## Title {#sec-x}`) or a formula ($$ ... $$ {#eq-x}). In code and in addresses,
-- and after a letter, a digit or a backslash, @ is only a sign.
--
-- Citations are in page/sources.lua.
--
-- The library that makes HTML of Markdown knows none of these, so they are taken out before it works and put in after: in between,
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

-- What a "[" at i begins: a citation, [@key, p. 5; @other], or a footnote's sign, [^name]: kind, what, last; nil if neither.
local function bracket_at(s, i)
  local inside = s:match("^%[(@[^%[%]]+)%]", i)
  if inside and not label_at(s, i + 1) then return "citation", inside, i + #inside + 1 end
  local name = s:match("^%[%^([%w_-]+)%]", i)
  local defines = name and s:find("^:", i + #name + 3) and (i == 1 or s:byte(i - 1) == 10)
  if name and not defines then return "note", name, i + #name + 2 end
end

-- The key of a citation in a sentence at i, which is an @, or nil.
local function key_at(s, i)
  if i > 1 and s:sub(i - 1, i - 1):find "[%w\\_@%[]" then return nil end
  local key = s:match("^@([%w][%w_:.+/-]*)", i)
  return key and key:gsub("[:.+/-]+$", "")
end

-- Calls found(kind, what, line) for each in a text, and returns the text with what found returns in its place (nil: as it was).
local function scan(text, found)
  return spans.map(text, function(s, line)
    local out, from, i, link_end = {}, 1, 1, 0   -- in the words of a link nothing else may be a link
    local function offer(last, kind, what)
      local put = found(kind, what, line + select(2, s:sub(1, i - 1):gsub("\n", "")))
      if put then
        out[#out + 1] = s:sub(from, i - 1) .. put
        from = last + 1
      end
      i = (put or kind == "value") and last + 1 or i + 1
    end
    while i <= #s do
      local c, last = s:sub(i, i), spans.opaque_end(s, i)
      local kind, what, to
      if c == "`" and last then what, kind, to = expression(s, i, last), "value", last
      elseif c == "[" and i > link_end then
        link_end = select(2, s:find("^%b[]%f[(]", i)) or link_end
        if i > link_end then kind, what, to = bracket_at(s, i) end
      elseif c == "@" and i > link_end then
        what, kind = label_at(s, i), "reference"
        if not what then what, kind = key_at(s, i), "narrative" end
        to = what and i + #what
      end
      if what then offer(to, kind, what) else i = (last or i) + 1 end
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

-- Footnotes are paragraphs that begin with [^name]: they are taken out, and shown at the page's end.
local function take_notes(text, notes)
  if not text:find("[^", 1, true) then return text end
  return spans.map(text, function(s)
    if not s:find "^%[%^[%w_-]+%]:" then return s end
    for name, note in ("\n" .. s):gsub("\n(%[%^[%w_-]+%]:)", "\0%1"):gmatch "%z%[%^([%w_-]+)%]:%s*([^%z]*)" do notes.texts[name] = note end
    return ""
  end)
end

local function items_of(citation)
  local items = {}
  for piece in (citation .. ";"):gmatch "%s*([^;]*);" do
    local key, rest = piece:match "^@([%w][%w_:.+/-]*)(.*)$"
    local tail = key and key:match "[:.+/-]*$" or ""
    items[#items + 1] = { key = key and key:sub(1, #key - #tail) or piece, rest = key and tail .. rest:gsub("%s+", " ") or "" }
  end
  return items
end

local function note_sign(context, name)
  local notes = context.notes
  if not notes.number[name] then
    notes.order[#notes.order + 1] = name
    notes.number[name] = #notes.order
    return ('<sup class="ref" id="noteref:%d"><a href="#note:%d">%d</a></sup>'):format(#notes.order, #notes.order, #notes.order)
  end
  return ('<sup class="ref"><a href="#note:%d">%d</a></sup>'):format(notes.number[name], notes.number[name])
end

local function keep(context, it)
  context.taken[#context.taken + 1] = it
  return ("\4%d\5"):format(#context.taken)
end

-- Text in which nothing stands for something else; expressions stay code.
function M.clean(text) return (text:gsub(SIGNS, "\u{FFFD}")) end

-- A block of prose without its values, which are kept in context.taken: `texts`, one for each expression in order. It is read as
-- M.expressions reads it, so that each text comes to its place.
function M.take_values(text, context, texts)
  local n = 0
  text = M.clean(text)
  if not text:find("{lua}", 1, true) then return text end
  return scan(text, function(kind, what)
    if kind ~= "value" then return nil end
    n = n + 1
    return keep(context, { text = texts[n] or "…", source = "`{lua} " .. what .. "`" })
  end)
end

-- The Markdown without references, citations and footnotes, which are kept in context.taken. Expressions stay code; `is_clean` says that values were
-- taken already. context: { labels, counts, taken = {}, notes = M.notes(), bibliography = of page/sources.lua or nil, tell = function(kind, name, hint) }.
function M.take(text, context, is_clean)
  if context.is_taken then return text end   -- a footnote's: that was done where it stood
  if not is_clean then text = M.clean(text) end
  local makers = {
    value = function() return nil end,
    reference = function(label) return keep(context, { label = label, source = "@" .. label }) end,
    citation = function(inside)
      if not context.bibliography then
        context.tell("citation", inside:match "^@([%w_:.+/-]*)", "")
        return nil
      end
      local function unknown(key) context.tell("citation", key, context.bibliography:suggestion(key)) end
      return keep(context, { html = context.bibliography:parenthetical(items_of(inside), unknown), source = "[" .. inside .. "]" })
    end,
    narrative = function(key)
      if context.bibliography and context.bibliography:has(key) then return keep(context, { html = context.bibliography:narrative(key), source = "@" .. key }) end
    end,
    note = function(name) return keep(context, { html = note_sign(context, name), source = "" }) end,
  }
  if text:find "[@`^]" then text = scan(text, function(kind, what) return makers[kind](what) end) end
  return take_notes(text, context.notes)
end

local function replaced(text, context, show)
  return (text:gsub("\4(%d+)\5", function(n)
    local it = context.taken[tonumber(n)]
    return it and show(it)
  end))
end

-- As plain text: values as they are, the rest as it was written. For formulas.
function M.put_text(text, context) return replaced(text, context, function(it) return it.text or replaced(it.source, context, function(inner) return inner.text or inner.source end) end) end

-- Puts them into the HTML of what `take` left. In code they are as they were written; in a tag, values are values.
function M.put(html, context)
  if #context.taken == 0 then return html end
  local function as_written(piece) return replaced(piece, context, function(it) return escape(it.source) end) end
  local function in_tag(tag) return replaced(tag:gsub("%%04(%d+)%%05", "\4%1\5"), context, function(it) return escape(it.text or it.source) end) end
  local function in_text(it)
    if it.label then return ("\6%s\7"):format(it.label) end
    return it.text and escape(it.text) or replaced(it.html, context, in_text)
  end
  html = html:gsub("<code.->.-</code>", as_written):gsub("<[^>]*>", in_tag)
  return replaced(html, context, in_text)
end

-- Footnotes of a page: their texts by name, their numbers, and the names in order.
function M.notes() return { texts = {}, number = {}, order = {} } end

-- The footnotes that were referred to, as a list. render(markdown) makes HTML of one; it may refer to others.
function M.notes_html(context, render)
  local notes, out = context.notes, {}
  local i = 1
  while notes.order[i] do
    local name = notes.order[i]
    local text = notes.texts[name]
    if not text then context.tell("note", name, options.suggestion(name, options.sorted_keys(notes.texts))) end
    out[i] = ('<li id="note:%d">%s <a href="#noteref:%d" aria-label="back to the text">↩</a></li>'):format(i, text and render(text) or "", i)
    i = i + 1
  end
  return #out > 0 and '<ol class="notes">' .. table.concat(out, "\n") .. "</ol>\n" or ""
end

-- Something on the page has a label; `text` is what a link to it says.
function M.set_label(context, label, id, text)
  if not (context.labels and label) then return end
  if context.labels[label] then context.tell("twice", label, "") end
  context.labels[label] = context.labels[label] or { id = id, text = text }
end

-- The number of the next thing of a kind: figures, tables and equations count from 1.
function M.next_number(context, kind)
  context.counts[kind] = (context.counts[kind] or 0) + 1
  return context.counts[kind]
end

-- References as links, now that all labels are known; with `plain` as text. A label that is nowhere is named on the page, and context.tell hears
-- of it.
function M.resolve(html, context, plain)
  return (html:gsub("\6([^\7]*)\7", function(label)
    local target = context.labels[label]
    local text = target and M.resolve(target.text, { labels = context.labels, tell = function() end }, true)   -- a heading may refer, too
    if target and plain then return text end
    if target then return ('<a class="ref" href="#%s">%s</a>'):format(target.id, text) end
    context.tell("label", label, options.suggestion(label, options.sorted_keys(context.labels)))
    return plain and "@" .. label or ('<em class="missing">[%s is not on this page]</em>'):format(label)
  end))
end

return M
