-- index.lua: index.html, the list of the pages in a folder.
--
-- Each page carries its own facts in <meta name="setlab:..."> elements, so the index is made
-- from the pages that are there and keeps no state: delete a page and it is gone from here. A page's main figure is
-- taken from the page itself.

local embed = require "lab.c.embed"
local figures = require "lab.page.figures"
local format = require "lab.util.format"
local fs = require "lab.c.fs"
local page = require "lab.page.page"
local escape = require "lab.util.html".escape

local M = {}

local HEAD = 16384   -- bytes in which a page's facts stand

-- The facts of a page as escaped text, { title, summary, woven, status, ... }, or nil if the file is no page of ours.
-- Second the whole page.
local function facts(path)
  local text = fs.read_file(path) or ""
  local found = {}
  for name, content in text:sub(1, HEAD):gmatch('<meta name="setlab:(%w+)" content="([^"]*)">') do found[name] = content end
  return found.title and found.woven and found.status and found, text
end

-- The first picture of the figure that a page puts on the index, or nothing.
local function thumbnail(name, about, text)
  local svg = (about.figure or "") ~= "" and figures.first_svg(text, about.figure, (name:gsub("%.html$", "")))
  return svg and ('<figure class="thumb"><a href="%s" tabindex="-1" aria-hidden="true">%s</a></figure>'):format(escape(name), svg) or ""
end

local function entry(name, about, text)
  local class = about.status == "complete" and "status" or "status bad"
  local seconds = tonumber(about.seconds)
  local took = seconds and (" <span>· %s of training</span>"):format(format.seconds(seconds)) or ""
  local headline = (about.headline or "") ~= "" and ('<p class="headline">%s</p>'):format(about.headline) or ""
  return ('<li>%s<div><h2><a href="%s">%s</a></h2>%s<p class="about">%s</p><p class="meta"><span class="%s">%s</span>%s <span>· woven %s</span></p></div></li>'):format(
    thumbnail(name, about, text), escape(name), about.title, headline, about.summary or "", class, about.status, took, about.woven)
end

-- In the order in which pages want to be read; those that say nothing come last, by name.
local function is_before(a, b)
  if a.order ~= b.order then return a.order < b.order end
  return a.name < b.name
end

-- Writes DIR/index.html; returns true, or nil and a sentence.
function M.write(directory)
  local names, why = fs.list(directory)
  if not names then return nil, why end
  local found, entries = {}, {}
  for _, name in ipairs(names) do
    if name:find "%.html$" and name ~= "index.html" then
      local about, text = facts(directory .. "/" .. name)
      if about then found[#found + 1] = { name = name, order = tonumber(about.order) or math.huge, text = entry(name, about, text) } end
    end
  end
  table.sort(found, is_before)
  for i, item in ipairs(found) do entries[i] = item.text end
  local list = #entries > 0 and '<ul class="pages">' .. table.concat(entries, "\n") .. "</ul>" or "<p>No page has been woven yet.</p>"
  return fs.write_file(directory .. "/index.html", page.fill("reports/index.html", {
    style = embed.read("reports/page.css"), favicon = page.favicon, list = list, words = embed.read("reports/glossary.html") }))
end

return M
