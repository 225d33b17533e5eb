-- front.lua: what a script says of itself before anything else.
--
--   -- ---
--   -- title: How sparse can it be?
--   -- author: [Ada Byron, Charles Babbage]
--   -- date: 2026-11-30
--   -- abstract: Two sentences.
--   -- bibliography: sources.bib
--   -- ---
--
-- YAML between lines of three dashes at the head of the first comment. All of it may be left out.

local escape = require "lab.util.html".escape
local options = require "lab.util.options"
local sources = require "lab.page.sources"
local yaml = require "lab.c.yaml"

local M = {}

local known = { "abstract", "author", "bibliography", "date", "title" }

local function check(front, path, line)
  local function fail(...) error(("%s:%d: the front block: " .. (...)):format(path, line, select(2, ...)), 0) end
  if type(front) ~= "table" then fail "expected lines of 'name: value'" end
  for name, value in pairs(front) do
    local fits = false
    for _, word in ipairs(known) do fits = fits or word == name end
    if not fits then fail("unknown name '%s'%s", tostring(name), options.suggestion(tostring(name), known)) end
    if name == "author" and type(value) == "table" then
      for _, author in ipairs(value) do if type(author) ~= "string" then fail "each author must be text" end end
      if #value == 0 then fail "'author' is empty" end
    elseif type(value) == "table" then fail("'%s' must be text", name)
    else front[name] = tostring(value) end
  end
  if type(front.author) == "string" then front.author = { front.author } end
end

-- Takes the front block from the first block of prose, whose text is then what comes after. Returns its values; nil if there is none. Raises
-- "path:line: what is wrong".
function M.take(blocks, path)
  local block = blocks[1]
  if not block or block.kind ~= "prose" or not block.text:find "^%-%-%-[ \t]*\n" then return nil end
  local text = "\n" .. block.text:gsub("^[^\n]*\n", "", 1) .. "\n"
  local from, to = text:find "\n%-%-%-[ \t]*\n"
  if not from then error(("%s:%d: the front block that begins with '---' has no end: a line '---' is expected"):format(path, block.line), 0) end
  local inside = text:sub(2, from - 1)
  local lines = select(2, block.text:gsub("\n", "")) + 1
  local first = block.line + (block.last_line - block.line + 1 > lines and 1 or 0)   -- of a long comment, below its first line
  if inside:find("{lua}", 1, true) then error(("%s:%d: the front block has a value: nothing is computed yet where it stands"):format(path, block.line), 0) end
  local front, why, line = yaml.value(("\n"):rep(first) .. inside)
  if front == nil and why then error(("%s:%d: the front block: %s"):format(path, line or block.line, why), 0) end
  check(front or {}, path, block.line)
  block.text = text:sub(to + 1):gsub("\n$", "")
  block.front_lines = 2 + select(2, inside:gsub("\n", ""))
  return front or {}
end

-- The file of the bibliography that a front block names, which stands beside the script; nil if it names none.
function M.bibliography(front, path)
  if not front or not front.bibliography then return nil end
  return front.bibliography:sub(1, 1) == "/" and front.bibliography or (path:match "^.*/" or "") .. front.bibliography
end

-- What stands in that file; nil if there is none.
function M.sources(front, path)
  local place = M.bibliography(front, path)
  if not place then return nil end
  local file, why = io.open(place, "rb")
  local text = file and file:read "a"
  if file then file:close() end
  if not text then error(("%s: the bibliography cannot be read: %s"):format(path, why or place .. " is no file"), 0) end
  return sources.new(text, place)
end

-- What stands below the title: authors, date, abstract. inline(text) makes HTML of Markdown.
function M.html(front, inline)
  local out = {}
  local by = {}
  if front.author then by[1] = escape(table.concat(front.author, ", ")) end
  if front.date then by[#by + 1] = escape(front.date) end
  if #by > 0 then out[1] = '<p class="byline">' .. table.concat(by, " · ") .. "</p>\n" end
  if front.abstract then out[#out + 1] = '<p class="abstract"><b>Abstract.</b> ' .. inline(front.abstract) .. "</p>\n" end
  return table.concat(out)
end

return M
