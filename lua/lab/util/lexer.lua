-- lexer.lua: the words of a Lua text, in order, with their places.
--
-- The literate parser needs to know what is a comment and what only looks like one, and the
-- page colours code. Both walk the same tokens. Nothing is ever refused: what is no Lua (an
-- unfinished string, a stray sign) becomes a token too, and the compiler complains later.

local M = {}

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or
  repeat return then true until while]]):gmatch("%a+") do keywords[word] = true end

-- Signs of three and two characters, longest first; any other sign is one character.
local long_signs = { ["..."] = true, [".."] = true, ["=="] = true, ["~="] = true, ["<="] = true,
  [">="] = true, ["//"] = true, ["::"] = true, ["<<"] = true, [">>"] = true }

-- The last byte of the quoted string that opens at `i`.
local function quoted(text, i)
  local quote = text:sub(i, i)
  local at = i + 1
  while true do
    at = text:find(quote == '"' and '["\\\n]' or "['\\\n]", at)
    if not at then return #text end
    local c = text:sub(at, at)
    if c == quote then return at end
    if c == "\n" then return at - 1 end                   -- unfinished: the line ends it
    local skipped = select(2, text:find("^z%s*", at + 1)) -- \z swallows blanks and lines
    at = skipped and skipped + 1 or at + 2
  end
end

-- The last byte of the long bracket that opens at `i`, or nil if none does.
local function bracketed(text, i)
  local level = text:match("^%[(=*)%[", i)
  if not level then return nil end
  local _, stop = text:find("]" .. level .. "]", i + #level + 2, true)
  return stop or #text
end

local function number(text, i)
  local _, stop = text:find("^0[xX][%x.]*", i)
  local exponent = "^[pP][+-]?[%x.]*"
  if not stop then
    _, stop = text:find("^[%d.]*", i)
    exponent = "^[eE][+-]?[%x.]*"
  end
  return select(2, text:find(exponent, stop + 1)) or stop
end

-- Kind and last byte of the token at `i`.
local function token(text, i)
  local c = text:sub(i, i)
  if c:find("[%a_]") then
    local _, stop = text:find("^[%w_]+", i)
    return keywords[text:sub(i, stop)] and "keyword" or "name", stop
  end
  if c == "-" and text:find("^%-%-", i) then
    return "comment", bracketed(text, i + 2) or (text:find("\n", i, true) or #text + 1) - 1
  end
  if c == '"' or c == "'" then return "string", quoted(text, i) end
  if c == "[" then
    local stop = bracketed(text, i)
    if stop then return "string", stop end
  end
  if text:find("^%.?%d", i) then return "number", number(text, i) end
  if long_signs[text:sub(i, i + 2)] then return "sign", i + 2 end
  if long_signs[text:sub(i, i + 1)] then return "sign", i + 1 end
  return "sign", i
end

-- All tokens of `text`, comments included, as an array of { kind, first, last, text }.
-- Kinds: name, keyword, number, string, comment, sign. Newlines must be "\n".
function M.tokens(text)
  local found, i = {}, 1
  while true do
    i = text:find("%S", i)
    if not i then return found end
    local kind, last = token(text, i)
    found[#found + 1] = { kind = kind, first = i, last = last, text = text:sub(i, last) }
    i = last + 1
  end
end

return M
