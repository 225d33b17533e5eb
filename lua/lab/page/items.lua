-- items.lua: what scripts show, as HTML: figures, tables, printed text, runs.
--
-- A renderer takes (item, context) and returns markup; a new kind of item is one function in
-- the table below. `context` is the page's: ids in use, counters, where files lie.

local base64 = require "lab.util.base64"
local escape = require "lab.util.html".escape
local film = require "lab.figure.film"
local fs = require "lab.c.fs"
local inline = require "lab.page.inline"
local markdown = require "lab.page.markdown"
local store = require "lab.run.store"
local svg = require "lab.figure.svg"

local M = {}

-- An id for a labelled thing; labels are unique in a script, but a loop may show it twice.
local function id_of(context, label, kind)
  local n = inline.next_number(context, kind)
  local id = markdown.slug(label or ("%s-%d"):format(kind, n), context.used)
  if not (context.labels or {})[label] then inline.set_label(context, label, id, ("%s %d"):format(kind == "figure" and "Figure" or "Table", n)) end
  return id, n
end

-- A figure's SVG was tidied when it was drawn.
local function vector(path, alt)
  local text, why = fs.read_file(path)
  if not text then return nil, why end
  return svg.inline(text, alt)
end

-- A picture of pixels. One that moves gives way to the one that stands still on paper and
-- for readers who asked for less motion.
local function raster(moving, still, alt, options)
  local uri, why = base64.data_uri(moving or still)
  if not uri then return nil, why end
  local width = options.width and (' style="width:%gpx"'):format(options.width) or ""
  local image = ('<img src="%s" alt="%s"%s>'):format(uri, escape(alt), width)
  local quiet = moving and still and base64.data_uri(still)
  if not quiet then return image end
  return ('<picture><source media="print, (prefers-reduced-motion: reduce)" srcset="%s">%s</picture>'):format(quiet, image)
end

local function picture(item, alt)
  local files = item.files or {}
  if files.svg then return vector(files.svg, alt) end
  if files.png or files.gif then return raster(files.gif, files.png, alt, item.options) end
  return nil, "no picture was drawn"
end

-- The path as the page sees it, if it lies below the page's folder.
local function relative(path, context)
  local root = context.outdir .. "/"
  return path:sub(1, #root) == root and path:sub(#root + 1) or nil
end

local function source_links(items, context)
  local links, seen = {}, {}
  local function link(path, name)
    local href = path and relative(path, context)
    if href and not seen[href] then
      seen[href] = true
      links[#links + 1] = ('<a href="%s">%s</a>'):format(escape(href), escape(name .. href:match("[^/]*$")))
    end
  end
  for _, item in ipairs(items) do
    local sources = item.sources or {}
    link(sources.gp, "")
    for _, path in ipairs(sources.data or {}) do link(path, "") end
  end
  if #links == 0 then return "" end
  if items[1].kind == "table" then return ' <span class="sources">Take it along: ' .. table.concat(links, ", ") .. "</span>" end
  local redraw = "Redraw it: " .. table.concat(links, ", ")
  links = {}
  for _, item in ipairs(items) do link(item.film and item.sources and item.files and item.files.gif, "") end
  local take = #links > 0 and "Take it along: " .. table.concat(links, ", ") .. ". " or ""
  return ' <span class="sources">' .. take .. redraw .. "</span>"
end

-- Cells hold their line, but for sentences.
local function cells(row, tag, align, scope)
  local out, classes = {}, { r = "r", c = "c" }
  for j, cell in ipairs(row) do
    local text = tostring(cell)
    local class = classes[(align or ""):sub(j, j)] or #text > 32 and text:find(" ", 1, true) and "long"
    out[j] = ("<%s%s%s>%s</%s>"):format(tag, class and (' class="%s"'):format(class) or "", scope or "", escape(text), tag)
  end
  return "<tr>" .. table.concat(out) .. "</tr>"
end

-- How many letters a row takes at its widest, cell by cell; heads may break.
local function letters_of(item)
  local widest = {}
  for _, row in ipairs(item.rows) do
    for j, cell in ipairs(row) do widest[j] = math.max(widest[j] or 0, utf8.len(tostring(cell)) or #tostring(cell)) end
  end
  local sum = 0
  for j, n in ipairs(widest) do
    for word in tostring(item.header[j] or ""):gmatch "%S+" do n = math.max(n, utf8.len(word) or #word) end
    sum = sum + math.min(n, 32) + 3
  end
  return sum
end

local FITS <const>, FITS_SMALL <const> = 92, 112   -- letters in the width of a page

local function table_markup(item, label)
  local rows, letters = {}, letters_of(item)
  local class = letters > FITS_SMALL and ' class="wider"' or letters > FITS and ' class="wide"' or ""
  for i, row in ipairs(item.rows) do rows[i] = cells(row, "td", item.align) end
  local name = label and (' aria-labelledby="%s"'):format(label) or ""
  return ('<div class="scroll" tabindex="0" role="region"%s><table%s><thead>%s</thead><tbody>%s</tbody></table></div>%s'):format(
    name ~= "" and name or ' aria-label="table"', class, cells(item.header, "th", item.align, ' scope="col"'), table.concat(rows),
    item.note and '<p class="note">' .. escape(item.note) .. "</p>" or "")
end

-- The picture of a figure, or what stands for it; a film comes first and, where it runs, takes
-- the picture's place.
local function figure_body(item, context, alt)
  local body, why = picture(item, alt)
  if not body then
    body = ('<p class="missing">%s</p>'):format(escape(item.text or why)) .. (item.table and table_markup(item.table) or "")
  end
  if not item.film then return body end
  context.films = true
  return film.html(item.film, alt) .. '<div class="film-picture">' .. body .. "</div>"
end

-- Panels that are all called the same need no titles.
local function need_titles(items)
  for _, item in ipairs(items) do
    if item.title ~= items[1].title then return true end
  end
  return false
end

-- Several figures of one statement with a caption are the panels of one figure.
function M.figures(items, context)
  local options = items[1].options
  local id, n = id_of(context, options.label, "figure")
  items[1].shown_id = id
  local title = #items == 1 and items[1].title
  local caption = options["fig-cap"] and markdown.inline(options["fig-cap"], context) or title and escape(title:gsub("([^.!?])$", "%1.")) or ""
  local panels, notes, has_titles = {}, {}, need_titles(items)
  for i, item in ipairs(items) do
    if item.note then notes[#notes + 1] = '<span class="note">' .. escape(item.note) .. "</span>" end
    local alt = options["fig-alt"] or item.alt or item.text or item.title or markdown.plain(caption)
    local body = figure_body(item, context, alt)
    local head = has_titles and item.title and '<p class="panel-title">' .. escape(item.title) .. "</p>" or ""
    panels[i] = '<div class="panel">' .. head .. body .. "</div>"
  end
  return ('<figure id="%s"><div class="panels">%s</div><figcaption><b>Figure %d.</b> %s</figcaption></figure>\n'):format(
    id, table.concat(panels), n, table.concat({ caption, table.concat(notes, " "), source_links(items, context) }, " "))
end

local function show_table(item, context)
  local options = item.options
  local caption = options["tbl-cap"] or item.title
  if not caption and not options.label then return '<div class="table">' .. table_markup(item) .. "</div>\n" end
  local id, n = id_of(context, options.label, "table")
  return ('<figure class="table" id="%s"><figcaption id="%s-caption"><b>Table %d.</b> %s</figcaption>%s</figure>\n'):format(
    id, id, n, markdown.inline(caption or "", context) .. source_links({ item }, context), table_markup(item, id .. "-caption"))
end

local function show_text(item)
  local text = table.concat(item.pieces or { item.text }):gsub("%s+$", ""):gsub("[%z\1-\8\11-\31\127]", "\u{FFFD}")
  return '<pre class="output" tabindex="0"><samp>' .. escape(text) .. "</samp></pre>\n"
end

-- ---- runs: how many were read back and how many trained, when, and which ones failed ----

local function short_time(s) return s and tostring(s):gsub("T", " "):gsub(":%d%d%.?%d*Z?$", "") or "" end

-- What the runs of a page add up to: counts, troubles, and when they were computed.
function M.count_runs(runs)
  local sum = { n = #runs, reused = 0, pending = 0, troubled = {}, statuses = {} }
  for _, run in ipairs(runs) do
    if store.pending[run.status] then sum.pending = sum.pending + 1 elseif run.reused then sum.reused = sum.reused + 1 end
    if run.status ~= "done" then
      if not store.pending[run.status] then sum.troubled[#sum.troubled + 1] = run end
      sum.statuses[run.status] = (sum.statuses[run.status] or 0) + 1
    end
    local time = run.finished and tostring(run.finished)
    if time and (not sum.first or time < sum.first) then sum.first = time end
    if time and (not sum.last or time > sum.last) then sum.last = time end
  end
  return sum
end

local function runs_sentence(sum)
  local parts = { ("%d %s"):format(sum.n, sum.n == 1 and "run" or "runs") }
  if sum.reused > 0 then parts[#parts + 1] = ("%s read back from earlier"):format(sum.reused == sum.n and "all" or sum.reused) end
  local trained = sum.n - sum.reused - sum.pending
  if trained > 0 then parts[#parts + 1] = ("%s trained for this page"):format(trained == sum.n and "all" or trained) end
  for _, status in ipairs { "under way", "not begun", "out of date" } do
    local n = sum.statuses[status]
    if n then parts[#parts + 1] = ("**%s %s**"):format(n == sum.n and "all" or n, status) end
  end
  local first, last = short_time(sum.first), short_time(sum.last)
  local when = first == "" and "" or first == last and ("; computed %s UTC"):format(first) or ("; computed between %s and %s UTC"):format(first, last)
  return table.concat(parts, ", ") .. when .. "."
end

-- The runs as HTML: one sentence that opens into a table, and what went wrong in full view.
local function show_runs(item)
  local runs = item.runs
  local sum = M.count_runs(runs)
  local out, rows = {}, {}
  for i, run in ipairs(runs) do
    rows[i] = { run.name or "", run.key or "", run.status or "", store.pending[run.status] and "" or run.reused and "read back" or "trained", short_time(run.finished) }
  end
  for _, run in ipairs(sum.troubled) do
    local why = run.why and tostring(run.why) or "It is missing in what follows."
    why = why:gsub("^(%S*:%d+: )" .. (run.status or "") .. ": ", "%1"):gsub("^" .. (run.status or "") .. ": ", "")  -- said already
    out[#out + 1] = ('<p class="trouble"><b>%s %s.</b> %s</p>'):format(escape("Run " .. (run.name or run.key or "?")), escape(run.status or "?"), escape(why))
  end
  return ('<details class="runs"><summary>%s</summary>%s</details>%s\n'):format((escape(runs_sentence(sum)):gsub("%*%*(.-)%*%*", "<b>%1</b>")),
    table_markup { header = { "run", "key", "status", "", "finished (UTC)" }, rows = rows }, table.concat(out))
end

-- ---- all kinds ----

local renderers = {
  table = show_table,
  text = show_text,
  runs = show_runs,
  prose = function(item, context) return markdown.html(item.text, context) end,
  html = function(item) return item.html .. "\n" end,
}

-- All items of a block. Figures of one captioned statement become one figure.
function M.html(items, context)
  local out, i = {}, 1
  while i <= #items do
    local item = items[i]
    if item.kind == "figure" then
      local group = { item }
      while next(item.options) and items[i + 1] and items[i + 1].kind == "figure" and items[i + 1].options == item.options do
        i = i + 1
        group[#group + 1] = items[i]
      end
      out[#out + 1] = M.figures(group, context)
    else
      local show = renderers[item.kind] or error("no way to show an item of kind '" .. tostring(item.kind) .. "'")
      out[#out + 1] = show(item, context)
    end
    i = i + 1
  end
  return table.concat(out)
end

return M
