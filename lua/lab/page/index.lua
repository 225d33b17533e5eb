-- index.lua: index.html, the list of the pages in a folder.
--
-- Each page carries its own facts in <meta name="setlab:..."> elements, so the index is made
-- from the pages that are there and keeps no state: delete a page and it is gone from here.

local embed = require "lab.c.embed"
local fs = require "lab.c.fs"
local page = require "lab.page.page"
local escape = require "lab.util.html".escape

local M = {}

-- The facts of a page: { title, summary, woven, status } as escaped text, or nil if the file
-- is no page of ours.
local function facts(path)
  local file = io.open(path, "rb")
  local head = file and file:read(16384)
  if file then file:close() end
  local found = {}
  for name, content in (head or ""):gmatch('<meta name="setlab:(%w+)" content="([^"]*)">') do found[name] = content end
  return found.title and found.woven and found.status and found
end

local function entry(name, about)
  local class = about.status == "complete" and "status" or "status bad"
  return ('<li><h2><a href="%s">%s</a></h2><p>%s</p><p class="meta"><span class="%s">%s</span> <span>woven %s</span></p></li>'):format(
    escape(name), about.title, about.summary or "", class, about.status, about.woven)
end

-- Writes DIR/index.html; returns true, or nil and a sentence.
function M.write(directory)
  local names, why = fs.list(directory)
  if not names then return nil, why end
  local entries = {}
  for _, name in ipairs(names) do
    local about = name:find("%.html$") and name ~= "index.html" and facts(directory .. "/" .. name)
    if about then entries[#entries + 1] = entry(name, about) end
  end
  local list = #entries > 0 and '<ul class="pages">' .. table.concat(entries, "\n") .. "</ul>" or "<p>No page has been woven yet.</p>"
  return fs.write_file(directory .. "/index.html", page.fill("reports/index.html", {
    style = embed.read("reports/page.css"), favicon = page.favicon, list = list }))
end

return M
