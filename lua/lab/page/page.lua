-- page.lua: a woven script as one HTML file that needs nothing else.
--
-- Template and style are files of their own (reports/page.html, page.css, page.js, film.js); this file
-- fills in what the weaver kept. Everything that came from a script is escaped or went through
-- Markdown with raw HTML off.

local embed = require "lab.c.embed"
local figures = require "lab.page.figures"
local front = require "lab.page.front"
local highlight = require "lab.page.highlight"
local inline = require "lab.page.inline"
local items = require "lab.page.items"
local markdown = require "lab.page.markdown"
local escape = require "lab.util.html".escape

local M = {}

-- A template with its {{names}} filled in; a value is taken as it is.
function M.fill(path, values)
  local template = assert(embed.read(path), path .. " is not part of the program")
  return (template:gsub("{{(%w+)}}", function(name)
    return values[name] or error(("%s: no value for {{%s}}"):format(path, name))
  end))
end

M.favicon = "data:image/png;base64,"
  .. "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAgMAAAAOFJJnAAAADFBMVEUAAACKl6MAcrLVXgAOh3vjAAAAAXRSTlMAQObYZgAAAFNJ"
  .. "REFUeNpjYMADtECEPRCvagAS/w8wMK1awMDA/P8DA9eqFQwM/P//YGEwrVoawBgOVMOwqjVUNASoC2iOaCjYHDgDJgVXTF8Dob6A"
  .. "+wvhU3QAAOEATVNdXcw9AAAAAElFTkSuQmCC"

-- The lines of a block as code; the line where the script failed stands out.
local function code_lines(block, failed_line)
  local html = highlight.html(block.text)
  if not failed_line or failed_line < block.line or failed_line > block.last_line then return html end
  local lines, n = {}, block.line - 1
  for line in (block.text .. "\n"):gmatch("(.-)\n") do
    n = n + 1
    lines[#lines + 1] = n == failed_line and '<mark class="failed">' .. escape(line) .. "</mark>" or highlight.html(line)
  end
  return table.concat(lines, "\n")
end

-- How a block of code is shown: true, false or "fold".
local function echo_of(block, page)
  local echo = block.options and block.options.echo
  if echo == nil then echo = page.echo end
  return not block.text:find("^%s*$") and (echo == nil or echo)
end

local function pre_html(block, page)
  local own = page.failure and page.failure.file == page.path and page.failure.line or nil
  return '<pre class="code" tabindex="0"><code>' .. code_lines(block, own) .. "</code></pre>"
end

-- Folded blocks that follow each other fold into one.
local function folded_html(blocks, page)
  local pieces, first, last = {}, blocks[1].line, blocks[#blocks].last_line
  for i, block in ipairs(blocks) do pieces[i] = pre_html(block, page) end
  local where = first == last and ("line %d"):format(first) or ("lines %d to %d"):format(first, last)
  return ('<details class="fold"><summary>Code, %s</summary>%s</details>\n'):format(where, table.concat(pieces))
end

-- No mistake: the page goes on where its data are.
local function absent_html(failure)
  return '<section class="error" role="alert"><h2 id="error">The data are not here</h2><p class="message">' .. escape(failure.absent)
    .. "</p><p>Then weave this page again (<code>make report</code>): what comes after this point needs the data.</p></section>\n"
end

local function failure_html(failure)
  if failure.absent then return absent_html(failure) end
  local out = { '<section class="error" role="alert"><h2 id="error">The script stopped here</h2>',
    '<p class="message">', escape(failure.message), "</p>" }
  if failure.cause then out[#out + 1] = ("<p>Before that, %s</p>"):format(escape(failure.cause)) end
  if failure.source then
    out[#out + 1] = ('<pre class="code" tabindex="0"><code><span class="line">%d</span>%s</code></pre>'):format(failure.line, highlight.html(failure.source))
  end
  local calls = {}
  for _, call in ipairs(failure.trace or {}) do
    calls[#calls + 1] = "line " .. call.line .. (call.name and " in " .. escape(call.name) or "")
  end
  if #calls > 1 then out[#out + 1] = "<p>Called from: " .. table.concat(calls, ", ", 2) .. ".</p>" end
  out[#out + 1] = "<p>What comes after this point did not run and is not shown.</p></section>\n"
  return table.concat(out)
end

-- Where a block's text stands: of a long comment, below its first line.
local function source_of(block)
  local lines = select(2, block.text:gsub("\n", "")) + 1
  local above = block.front_lines or 0
  return { text = block.text, line = block.line + above + (block.last_line - block.line + 1 > lines + above and 1 or 0) }
end

-- The reached blocks in order. Neighbouring prose is one text, so that lists and link
-- definitions hold together across blank lines.
local function body(page, context)
  local out, prose, folded, sources = {}, {}, {}, {}
  local function flush()
    context.sources = sources
    if #prose > 0 then out[#out + 1] = markdown.html(table.concat(prose, "\n\n"), context, true) end
    if #folded > 0 then out[#out + 1] = folded_html(folded, page) end
    prose, folded, sources = {}, {}, {}
  end
  local function add(html)
    if html == "" then return end
    flush()
    out[#out + 1] = html
  end
  for _, block in ipairs(page.blocks) do
    local shown = block.reached or (block.tail and page.finished)
    if shown and block.kind == "prose" then
      if #folded > 0 then flush() end
      prose[#prose + 1], sources[#sources + 1] = block.values and inline.take_values(block.text, context, block.texts or {}) or inline.clean(block.text), source_of(block)
    elseif shown and block.kind == "code" then
      local echo = echo_of(block, page)
      if echo == "fold" then folded[#folded + 1] = block elseif echo then add(pre_html(block, page) .. "\n") end
    end
    if shown then
      context.sources = { source_of(block) }
      add(items.html(block.items or {}, context))
    end
  end
  flush()
  if page.failure then out[#out + 1] = failure_html(page.failure) end
  return table.concat(out)
end

-- Headings as nested lists: the first level-1 heading is the title and not listed.
local function contents(headings)
  local out, depth, title_seen = {}, 0, false
  for _, h in ipairs(headings) do
    if h.level == 1 and not title_seen then title_seen = true
    elseif h.level <= 3 then
      local level = math.max(1, h.level - 1)
      level = math.min(level, depth + 1)
      if level > depth then out[#out + 1] = "<ol>" else
        out[#out + 1] = "</li>" .. ("</ol></li>"):rep(depth - level)
      end
      out[#out + 1] = ('<li><a href="#%s">%s</a>'):format(h.id, h.html)
      depth = level
    end
  end
  if depth > 0 then out[#out + 1] = "</li>" .. ("</ol></li>"):rep(depth - 1) .. "</ol>" end
  return table.concat(out)
end

local function provenance_html(groups)
  local out = {}
  for _, group in ipairs(groups) do
    local rows = {}
    for i, row in ipairs(group) do rows[i] = ("<div><dt>%s</dt><dd>%s</dd></div>"):format(escape(row[1]), escape(tostring(row[2]))) end
    if #rows > 0 then out[#out + 1] = ("<section><h3>%s</h3><dl>%s</dl></section>"):format(escape(group.title), table.concat(rows)) end
  end
  return table.concat(out)
end

-- "complete", or what is wrong with the page, in few words, for the index and the head.
function M.status(page)
  if page.failure then return page.failure.absent and "waits for its data" or "stopped by an error" end
  local sum, parts = items.count_runs(page.runs), {}
  for _, status in ipairs { "failed", "diverged", "interrupted", "pruned", "under way", "not begun", "out of date" } do
    if sum.statuses[status] then parts[#parts + 1] = ("%d %s %s"):format(sum.statuses[status], sum.statuses[status] == 1 and "run" or "runs", status) end
  end
  return #parts > 0 and table.concat(parts, ", ") or "complete"
end

-- The first paragraph in plain words; formulas on lines of their own are left out, and so is a last
-- sentence that only leads to what follows the paragraph.
local function summary(html)
  local paragraph = html:match("<p>(.-)</p>")
  if not paragraph then return "" end
  local text = markdown.plain(paragraph:gsub('<math display="block">.-</math>', "\u{2026}")):gsub("%s+", " ")
  return text:match("^(.*[.!?]) [^.!?]*:%s*$") or text:gsub(":%s*$", "\u{2026}")
end

-- What the index shows of a page that is rendered, from the options of its statements: the id of a figure, Markdown, and the page's place.
local function for_index(page)
  local figure, sentences, order = nil, {}, nil
  for _, block in ipairs(page.blocks) do
    local o = block.options or {}
    order = order or o["index-order"]
    for _, item in ipairs(o.index and block.items or {}) do
      if item.kind == "figure" then figure = figure or item.shown_id
      elseif item.kind == "prose" then sentences[#sentences + 1] = item.text end
    end
  end
  return { figure = figure, headline = table.concat(sentences, " "), order = order and ("%g"):format(order) or "" }
end

-- A context for sentences that the page has below: what is wrong with them has been told there, and nothing in them counts once more.
local function again(context)
  local labels = setmetatable({}, { __index = context.labels, __newindex = function() end })
  return { used = context.used, headings = {}, missing = {}, directory = context.directory, labels = labels, counts = {}, taken = {}, notes = context.notes,
    bibliography = context.bibliography, tell = function() end }
end

-- The same at the head of the page: what came out, before how. The figure is the one that stands below with its caption.
local function outcome_html(shown, html, context)
  local svg = shown.figure and figures.first_svg(html, shown.figure, "top")
  if shown.headline == "" and not svg then return "" end
  local said = shown.headline ~= "" and markdown.html(shown.headline, again(context)) or ""
  local drawn = svg and ('<figure>%s<figcaption><a href="#%s">The figure with its caption</a></figcaption></figure>'):format(svg, shown.figure) or ""
  return '<section class="outcome" aria-label="What came out"><p class="kicker">What came out</p>' .. said .. drawn .. "</section>\n"
end

-- The same sentences as text.
local function headline_text(headline, context)
  local html = markdown.inline(headline, again(context))
  return markdown.plain(inline.resolve(html, context, true))
end

-- Seconds that the runs of a page took, as text; nothing where there are none.
local function seconds_of(runs)
  local total, seen = 0, {}
  for _, run in ipairs(runs) do   -- two experiments may share a run
    if not (run.key and seen[run.key]) then total = total + (type(run.meta) == "function" and tonumber((run:meta() or {}).seconds) or 0) end
    if run.key then seen[run.key] = true end
  end
  return total > 0 and ("%.1f"):format(total) or ""
end

-- The line of the script where a name stands for the first time behind a sign, or nil.
local function line_with(page, sign, name)
  local n, pattern = 0, sign .. name:gsub("%p", "%%%0") .. "%f[^%w_-]"
  for line in (page.text .. "\n"):gmatch "([^\n]*)\n" do
    n = n + 1
    if line:find(pattern) then return n end
  end
end

local sentences = {
  label = "no figure, table, heading or formula has the label '%s'",
  citation = "'%s' is cited, and is in no bibliography",
  twice = "the label '%s' is given twice",
  note = "the footnote [^%s] has no text, a paragraph that begins like it and a colon",
}

local signs = { note = "%^", twice = "{#" }   -- behind which a name stands, where that is not @

-- Tells of names that are nowhere, once each. What an error kept from the page is not missed, nor what the script
-- shows on another day.
local function teller(page)
  local told = {}
  for _, block in ipairs(page.blocks) do told[(block.options or {}).label or false] = true end
  return function(kind, name, hint)
    if kind ~= "twice" and told[name] or page.failure then return end
    told[name] = true
    if kind == "citation" and not page.bibliography then hint = ": the front block can name a file of BibTeX, 'bibliography: FILE.bib'" end
    table.insert(page.unresolved, { name = name, message = sentences[kind]:format(name) .. hint, line = line_with(page, signs[kind] or "@", name) })
  end
end

-- What stands at the end of the text: footnotes, and what was cited.
local function ending(context)
  local function render(text)
    context.is_taken = true
    local html = markdown.inline(text, context)
    context.is_taken = nil
    return html
  end
  local notes = inline.notes_html(context, render)
  local cited = context.bibliography and context.bibliography:html() or ""
  if cited ~= "" then
    local id = markdown.slug("Sources", context.used)
    table.insert(context.headings, { level = 2, id = id, html = "Sources" })
    cited = ('<h2 id="%s">Sources</h2>\n'):format(id) .. cited
  end
  return (notes ~= "" and "<hr>\n" or "") .. notes .. cited
end

-- The page's text, complete, with the title that the front block gives.
local function text_of(page, context)
  local below = page.front and front.html(page.front, function(text) return markdown.inline(text, context) end) or ""
  local html = body(page, context) .. ending(context)
  local title = page.front and page.front.title
  if title and not html:find("<h1", 1, true) then
    table.insert(context.headings, 1, { level = 1, id = markdown.slug(title, context.used), html = escape(title) })
    html = ('<h1 id="%s">%s</h1>\n'):format(context.headings[1].id, escape(title)) .. html
  end
  if below ~= "" and not html:find("<h1", 1, true) then html = below .. html
  elseif below ~= "" then html = html:gsub("</h1>", function() return "</h1>\n" .. below end, 1) end
  html = inline.resolve(html, context)
  for _, h in ipairs(context.headings) do h.html = inline.resolve(h.html, context, true) end
  return html
end

-- The page as text, and { title, summary, woven, status } for the index. Sets page.missing: the pictures that
-- its prose names and that are not shown, as { name =, why =, line = of the script }, ..., and page.unresolved: what
-- it refers to and that is nowhere, as { name =, message =, line = }, ..., and page.pictures: the files of the pictures that are.
--   page    what weave.run returned
--   given   { name =, outdir =, woven = time of weaving, provenance = groups }
function M.render(page, given)
  local context = { used = { text = true, error = true, provenance = true }, headings = {}, counts = {}, outdir = given.outdir,
    directory = page.path:match("^.*/") or "", missing = {}, pictures = {}, labels = {}, taken = {}, notes = inline.notes(), bibliography = page.bibliography, tell = teller(page) }
  page.missing, page.unresolved, page.pictures = context.missing, {}, context.pictures
  local html = text_of(page, context)
  local first = context.headings[1]
  local title = first and markdown.plain(first.html) or given.name
  local about = { title = title, summary = summary(html), woven = given.woven, status = M.status(page) }
  if not (first and html:find("<h1", 1, true)) then html = "<h1>" .. escape(title) .. "</h1>\n" .. html end
  local toc = contents(context.headings)
  local small = toc ~= "" and '<details class="contents"><summary>Contents</summary><nav aria-label="Contents">' .. toc .. "</nav></details>" or ""
  local shown = for_index(page)
  html = html:gsub("</h1>", function() return "</h1>\n" .. small .. inline.resolve(outcome_html(shown, html, context), context) end, 1)
  return M.fill("reports/page.html", {
    figure = escape(shown.figure or ""), headline = escape(headline_text(shown.headline, context)),
    order = shown.order, seconds = seconds_of(page.runs),
    title = escape(title), summary = escape(about.summary), woven = escape(about.woven), status = escape(about.status), favicon = M.favicon,
    style = embed.read("reports/page.css"),
    script = embed.read("reports/page.js") .. (context.films and embed.read("reports/film.js") or ""),
    contents = toc, body = html, provenance = provenance_html(given.provenance),
  }), about
end

return M
