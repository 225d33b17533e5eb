-- sources.lua: citations by author and year, and the list of what a page cites.
--
--   [@mocanu2018]            (Mocanu et al. 2018)
--   [@a2019, p. 5; @b2020]   (Abe 2019, p. 5; Bell and Cox 2020)
--   @mocanu2018              Mocanu et al. (2018)
--
-- The entries are those of a BibTeX file that the page's front block names (page/front.lua).

local bibtex = require "lab.page.bibtex"
local escape = require "lab.util.html".escape
local options = require "lab.util.options"

local M = {}

local Sources = {}
Sources.__index = Sources

-- Authors in short: one, two, or the first of more.
local function short(entry)
  local fields = entry.fields
  local list, others = bibtex.people(fields.author or fields.editor or "")
  if #list == 0 then return fields.title or "?" end
  if #list > 2 or others then return list[1].family .. " et al." end
  return #list == 2 and list[1].family .. " and " .. list[2].family or list[1].family
end

-- Entries of one year and the same authors get a, b, c in the order of their titles.
local function add_letters(entries)
  local same = {}
  for _, key in ipairs(options.sorted_keys(entries)) do
    local entry = entries[key]
    entry.key, entry.short, entry.year = key, short(entry), (entry.fields.year or entry.fields.date or "n.d."):match "^[^-]*"
    local group = entry.short .. " " .. entry.year
    same[group] = same[group] or {}
    table.insert(same[group], entry)
  end
  for _, group in pairs(same) do
    table.sort(group, function(a, b) return (a.fields.title or a.key) < (b.fields.title or b.key) end)
    for i, entry in ipairs(group) do if #group > 1 then entry.year = entry.year .. string.char(96 + math.min(i, 26)) end end
  end
end

-- The sources of a file's text. Raises "name:line: what is wrong".
function M.new(text, name)
  local entries = bibtex.parse(text, name)
  add_letters(entries)
  return setmetatable({ entries = entries, name = name, cited = {} }, Sources)
end

function Sources:has(key) return self.entries[key] ~= nil end
function Sources:suggestion(key) return bibtex.suggestion(self.entries, key) end

-- An id that no heading and no label can have, of a key that may have signs.
local function id_of(entry) return "ref:" .. entry.key:gsub("[^%w_-]", function(c) return (".%02x"):format(c:byte()) end) end

local function link(entry, text) return ('<a class="ref" href="#%s">%s</a>'):format(id_of(entry), escape(text)) end

-- [@a, p. 5; @b]: HTML of it; items = { { key =, rest = ", p. 5" or "" }, ... }. Keys that are nowhere are given to tell(key).
function Sources:parenthetical(items, tell)
  local out = {}
  for i, item in ipairs(items) do
    local entry = self.entries[item.key]
    if entry then
      self.cited[item.key] = true
      out[i] = link(entry, entry.short .. " " .. entry.year) .. escape(item.rest)
    else
      tell(item.key)
      out[i] = '<em class="missing">' .. escape(item.key) .. " is not known</em>"
    end
  end
  return "(" .. table.concat(out, "; ") .. ")"
end

-- @key in a sentence: HTML of it.
function Sources:narrative(key)
  local entry = self.entries[key]
  self.cited[key] = true
  return ("%s (%s)"):format(escape(entry.short), link(entry, entry.year))
end

-- ---- the list ----

local function all_people(entry)
  local list, others = bibtex.people(entry.fields.author or entry.fields.editor or "")
  local names = {}
  for i, p in ipairs(list) do
    local initials = p.given:gsub("(%a)[%w\x80-\xff'.]*", "%1."):gsub("([\xC2-\xF4][\x80-\xBF]+)[%w\x80-\xff'.]*", "%1.")
    names[i] = i == 1 and p.family .. (initials ~= "" and ", " .. initials or "") or (initials ~= "" and initials .. " " or "") .. p.family
  end
  if others then names[#names + 1] = "et al." end
  if #names > 8 then names = { table.unpack(names, 1, 6) } names[7] = "et al." end
  if #names > 1 and names[#names] ~= "et al." then names[#names] = "and " .. names[#names] end
  return table.concat(names, #names == 2 and " " or ", ")
end

-- Where it was published: "<em>Nature Communications</em> 9, 1–12".
local function place(f)
  local parts = {}
  local whole = f.journal or f.booktitle
  if whole then parts[1] = "<em>" .. escape(whole) .. "</em>" .. (f.volume and " " .. escape(f.volume) or "") .. (f.number and "(" .. escape(f.number) .. ")" or "") end
  for _, name in ipairs { "publisher", "school", "institution", "howpublished", "pages", "note" } do
    if f[name] then parts[#parts + 1] = escape(f[name]) end
  end
  local address = f.doi and "https://doi.org/" .. f.doi:gsub("^https?://[%w.]*doi%.org/", "") or f.url or f.eprint and "https://arxiv.org/abs/" .. f.eprint
  if address and address:find "^https?://[^%s<>\"]+$" then
    parts[#parts + 1] = ('<a href="%s">%s</a>'):format(escape(address), escape((address:gsub("^https?://", ""))))
  end
  return table.concat(parts, ", ")
end

local function entry_html(entry)
  local f = entry.fields
  local people = all_people(entry)
  local where = place(f)
  return ('<li id="%s">%s(%s). %s%s</li>'):format(id_of(entry), people ~= "" and escape(people) .. " " or "", escape(entry.year),
    escape((f.title or ""):gsub("%.$", "")), where ~= "" and ". " .. where .. "." or ".")
end

-- The cited entries as a list, by authors and year; "" if there are none.
function Sources:html()
  local list = {}
  for key in pairs(self.cited) do list[#list + 1] = self.entries[key] end
  if #list == 0 then return "" end
  table.sort(list, function(a, b)
    local p, q = a.short .. a.year, b.short .. b.year
    if p ~= q then return p < q end
    return a.key < b.key
  end)
  for i, entry in ipairs(list) do list[i] = entry_html(entry) end
  return '<ul class="sources-list">' .. table.concat(list, "\n") .. "</ul>\n"
end

return M
