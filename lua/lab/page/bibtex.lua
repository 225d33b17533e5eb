-- bibtex.lua: a bibliography file: entries, their fields, and where they stand.
--
--   @article{mocanu2018, author = {Mocanu, Decebal Constantin and others}, title = "Scalable training", year = 2018}
--
-- What BibTeX reads: entries in braces or parentheses, values in braces, in quotes, as numbers or as names of @string, joined by #.
-- @comment, @preamble and text between entries are passed over. Names of entry types and fields are in lower case here; accents are
-- letters, and braces and commands of TeX are gone.

local options = require "lab.util.options"

local M = {}

-- ---- TeX in values ----

local marks = { ["`"] = "\u{300}", ["'"] = "\u{301}", ["^"] = "\u{302}", ["~"] = "\u{303}", ["="] = "\u{304}", u = "\u{306}", ["."] = "\u{307}", ['"'] = "\u{308}",
  r = "\u{30A}", H = "\u{30B}", v = "\u{30C}", c = "\u{327}", k = "\u{328}" }
local letters = { ss = "ß", ae = "æ", AE = "Æ", oe = "œ", OE = "Œ", o = "ø", O = "Ø", l = "ł", L = "Ł", aa = "å", AA = "Å", i = "ı", j = "ȷ" }

-- Accented letters that have a sign of their own, so that a search finds them: each behind its letter.
local composed = {}
for mark, pairs_of in next, {
  ["`"] = "AÀEÈIÌOÒUÙaàeèiìoòuù", ["'"] = "AÁEÉIÍOÓUÚYÝCĆNŃSŚZŹaáeéiíoóuúyýcćnńsśzź", ["^"] = "AÂEÊIÎOÔUÛaâeêiîoôuû", ["~"] = "AÃNÑOÕaãnñoõ", ['"'] = "AÄEËIÏOÖUÜaäeëiïoöuüyÿ",
  r = "AÅUŮaåuů", c = "CÇSŞTŢcçsştţ", v = "CČEĚNŇRŘSŠZŽcčeěnňrřsšzž", k = "AĄEĘaąeę", u = "AĂGĞaăgğ", ["."] = "IİZŻzż", H = "OŐUŰoőuű",
} do
  for letter, sign in pairs_of:gmatch "(%a)([\xC2-\xF4][\x80-\xBF]+)" do composed[letter .. marks[mark]] = sign end
end

local function accented(mark, letter)
  if letter == "\\i" then letter = "i" end
  local pair = letter .. marks[mark]
  return composed[pair] or pair
end

-- A value as plain text.
local function plain(value)
  value = value:gsub("%s+", " ")
  value = value:gsub("\\([`'^~=.\"])%s*{?(\\?%a)}?", accented):gsub("\\([uvHckr])%s*{(\\?%a)}", accented):gsub("\\([uvHckr])%s+(%a)", accented)
  value = value:gsub("\\(%a+)%s*", function(name) return letters[name] end)
  value = value:gsub("\\%a+%s*", ""):gsub("\\([&%%$#_{}])", "%1"):gsub("[{}]", ""):gsub("~", " "):gsub("%-%-%-", "—"):gsub("%-%-", "–")
  return (value:gsub("^%s+", ""):gsub("%s+$", ""))
end

-- An address stays as it is, but for what TeX needs: \_, \%, braces and \~{}.
local is_address = { url = true, doi = true, eprint = true }
local function address(value)
  return (value:gsub("\\~{}", "~"):gsub("\\textasciitilde%s*{?}?", "~"):gsub("\\([&%%$#_{}~])", "%1"):gsub("[{}%s]", ""))
end

-- ---- entries ----

local Reader = {}
Reader.__index = Reader

function Reader:fail(message)
  local line = 1 + select(2, self.text:sub(1, self.at - 1):gsub("\n", ""))
  error(("%s:%d: %s"):format(self.name, line, message), 0)
end

function Reader:skip() self.at = self.text:find("%S", self.at) or #self.text + 1 end

function Reader:take(pattern)
  self:skip()
  local found = self.text:match("^" .. pattern, self.at)
  if found then self.at = self.at + #found end
  return found
end

-- The text inside braces or quotes at the place, whose braces match.
function Reader:enclosed(last)
  local depth, from = 0, self.at + 1
  for i = from, #self.text do
    local c = self.text:sub(i, i)
    if depth == 0 and c == last then
      self.at = i + 1
      return self.text:sub(from, i - 1)
    end
    if c == "{" then depth = depth + 1 elseif c == "}" then depth = depth - 1 end
  end
  self:fail(("'%s' is never closed"):format(last == "}" and "{" or '"'))
end

function Reader:piece()
  self:skip()
  local c = self.text:sub(self.at, self.at)
  if c == "{" then return self:enclosed "}" elseif c == '"' then return self:enclosed '"' end
  local word = self:take "[%w_:.+/-]+"
  if not word then self:fail 'expected a value: {text}, "text" or a number' end
  if word:find "^%d+$" then return word end
  return self.strings[word:lower()] or self:fail(("'%s' is no name of @string"):format(word))
end

function Reader:value()
  local pieces = { self:piece() }
  while self:take "#" do pieces[#pieces + 1] = self:piece() end
  return table.concat(pieces)
end

-- name = value, name = value, ... to the sign that closes the entry.
function Reader:fields(close)
  local fields = {}
  while not self:take("%" .. close) do
    local name = self:take "[%a][%w_-]*"
    if not name or not self:take "=" then self:fail(("expected 'name = value' or '%s'"):format(close)) end
    fields[name:lower()] = self:value()
    if not self:take "," and not self.text:find("^%s*%" .. close, self.at) then self:fail(("expected ',' or '%s' after the value of '%s'"):format(close, name)) end
  end
  return fields
end

function Reader:entry(kind, entries)
  local open = self:take "[{(]"
  if not open then self:fail(("expected '{' after '@%s'"):format(kind)) end
  local close = open == "{" and "}" or ")"
  if kind == "string" then
    for name, value in pairs(self:fields(close)) do self.strings[name] = value end
    return
  end
  local start = self.at
  local key = self:take "[^%s,{}()\"#%%=~\\]+"
  if not key then self:fail(("expected a key after '@%s%s'"):format(kind, open)) end
  if not self:take "," and not self.text:find("^%s*%" .. close, self.at) then self:fail(("expected ',' after the key '%s'"):format(key)) end
  local fields = self:fields(close)
  if entries[key] then
    self.at = start
    self:fail(("the key '%s' was used before"):format(key))
  end
  for name, value in pairs(fields) do if name ~= "author" and name ~= "editor" then fields[name] = (is_address[name] and address or plain)(value) end end
  entries[key] = { kind = kind, fields = fields }
end

-- The entries of a text by their keys: { kind = "article", fields = { title = text, ... } }; authors and editors stay as they were written
-- (M.people). Raises "name:line: what is wrong".
function M.parse(text, name)
  local reader = setmetatable({ text = text, name = name, at = 1, strings = {} }, Reader)
  for i, month in ipairs { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" } do
    reader.strings[month] = os.date("!%B", (i - 1) * 31 * 86400 + 86400)
  end
  local entries = {}
  while true do
    local at = text:find("@", reader.at, true)
    if not at then return entries end
    reader.at = at + 1
    local kind = (reader:take "%a+" or reader:fail "expected the kind of an entry after '@'"):lower()
    if kind == "comment" or kind == "preamble" then
      if text:find("^%s*{", reader.at) then
        reader:skip()
        reader:enclosed "}"
      end
    else reader:entry(kind, entries) end
  end
end

-- "Mocanu, Decebal and E. Mocanu and others" -> { { family = "Mocanu", given = "Decebal" }, ... }, and whether there are others.
function M.people(written)
  local list, others, depth, word = {}, false, 0, {}
  local function finish()
    local name = table.concat(word, " ")
    word = {}
    if name == "others" then others = true return end
    local family, given = name:match "^([^,]+),%s*(.+)$"
    if family and given:find "," then given = given:match ",%s*(.+)$" .. " " .. given:match "^[^,]+" end   -- von Last, Jr, First
    if not family and name:find "^{.*}$" then family, given = name, "" end
    if not family then given, family = name:match "^(.-)%s*([^%s]+)$" end
    list[#list + 1] = { family = plain(family or name), given = plain(given or "") }
  end
  for w in written:gmatch "%S+" do
    if w == "and" and depth == 0 then finish() else word[#word + 1] = w end
    depth = depth + select(2, w:gsub("{", "")) - select(2, w:gsub("}", ""))
  end
  if #word > 0 then finish() end
  return list, others
end

-- The nearest keys to one that is not there, as options.suggestion says them.
function M.suggestion(entries, key) return options.suggestion(key, options.sorted_keys(entries)) end

return M
