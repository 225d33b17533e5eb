-- markdown.lua: prose as HTML that stands on its own: mathematics as MathML, headings with
-- ids, wide tables in boxes that scroll, pictures carried inside the page.

local markdown = require "lab.c.markdown"
local dollars = require "lab.page.dollars"
local entities = require "lab.util.html"
local mathml = require "lab.page.mathml"
local highlight = require "lab.page.highlight"
local inline = require "lab.page.inline"
local image = require "lab.page.image"

local M = {}

-- The words of a piece of HTML; of a formula, what is seen and not its source.
local function plain(html)
  return entities.unescape((html:gsub("<annotation.-</annotation>", ""):gsub("<[^>]*>", "")))
end
M.plain = plain

-- "What SET does, in short" -> "what-set-does-in-short"; made unique among `used`.
function M.slug(text, used)
  local slug = text:lower():gsub("[^%w\x80-\xff]+", "-"):gsub("^%-+", ""):gsub("%-+$", "")
  if slug == "" then slug = "section" end
  local unique, n = slug, 1
  while used[unique] do
    n = n + 1
    unique = slug .. "-" .. n
  end
  used[unique] = true
  return unique
end

-- A displayed formula with a label, $$ ... $$ {#eq-x}, gets a number.
local function number_equations(html, context)
  local out, from = {}, 1
  while true do
    local first, last = html:find('<math display="block">.-</math>', from)
    if not first then return table.concat(out) .. html:sub(from) end
    local gap, label = html:match("^(%s*){#(eq%-[%w_-]+)}", last + 1)
    out[#out + 1] = html:sub(from, first - 1)
    if label then
      local id, n = M.slug(label, context.used), inline.next_number(context, "equation")
      inline.set_label(context, label, id, ("Equation %d"):format(n))
      out[#out + 1] = ('<span class="equation" id="%s">%s<span class="number">(%d)</span></span>'):format(id, html:sub(first, last), n)
      from = last + 1 + #gap + #label + 3
    else
      out[#out + 1] = html:sub(first, last)
      from = last + 1
    end
  end
end

local schemes = { http = true, https = true, mailto = true, ftp = true, doi = true }

-- HTML of a piece of Markdown. `context`: { used = ids in use, headings = list to extend with
-- { level, id, html }, directory = where the script stands, "" or "dir/"; missing, sources: see page/image.lua; and what page/inline.lua
-- asks for; without its `labels`, @ is only a sign }. `is_clean`: values were taken from it (page/inline.lua).
function M.html(text, context, is_clean)
  if context.labels then text = inline.take(text, context, is_clean) end
  local words, formulas = dollars.take(text)
  local function show(tex, display) return mathml.html(context.labels and inline.put_text(tex, context) or tex, display) end
  local html = dollars.put(markdown.html(words), formulas, show, entities.escape)
  if context.labels then html = number_equations(inline.put(html, context), context) end
  html = html:gsub('<a href="%s*(%a[%w+.-]*):[^"]*"', function(scheme)
    if not schemes[scheme:lower()] then return "<a" end
  end)
  html = html:gsub("<table>.-</table>", '<div class="scroll" tabindex="0">%0</div>')
  html = html:gsub('<pre><code class="language%-lua">(.-)</code></pre>', function(code)
    return '<pre class="code" tabindex="0"><code>' .. highlight.html(plain(code)) .. "</code></pre>"
  end)
  html = html:gsub("<pre><code", '<pre class="code" tabindex="0"><code')
  html = html:gsub("<img [^>]*>", function(tag) return image.html(tag, context) end)
  return (html:gsub("<h(%d)>(.-)</h%d>", function(level, inside)
    local label
    if context.labels then inside = inside:gsub("%s*{#(sec%-[%w_-]+)}%s*$", function(l) label = l return "" end) end
    local words = inside:gsub('<sup class="ref".-</sup>', ""):gsub("</?a%f[%s>][^>]*>", "")   -- as contents and references show it
    local id = M.slug(label or plain(words), context.used)
    inline.set_label(context, label, id, words)
    table.insert(context.headings, { level = tonumber(level), id = id, html = words })
    return ('<h%s id="%s">%s</h%s>'):format(level, id, inside, level)
  end))
end

-- One line of Markdown, for captions: without the paragraph around it.
function M.inline(text, context)
  return (M.html(text, context):gsub("^%s*<p>", ""):gsub("</p>%s*$", ""))
end

return M
