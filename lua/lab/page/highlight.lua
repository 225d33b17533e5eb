-- highlight.lua: Lua code as HTML; classes, not colours: the style sheet has those.

local lexer = require "lab.util.lexer"
local escape = require "lab.util.html".escape

local M = {}

local classes = { keyword = "k", number = "n", string = "s", comment = "c" }
local constants = { ["true"] = true, ["false"] = true, ["nil"] = true }

-- A name right before a call or a table is a word of the notebook: shown as such.
local function class_of(tokens, i)
  local token = tokens[i]
  if constants[token.text] then return "n" end
  if token.kind ~= "name" then return classes[token.kind] end
  local after = tokens[i + 1]
  if after and (after.text == "(" or after.text == "{" or (after.kind == "string" and after.first > token.last)) then return "f" end
end

function M.html(code)
  local out, from, tokens = {}, 1, lexer.tokens(code)
  for i, token in ipairs(tokens) do
    local class = class_of(tokens, i)
    if class then
      out[#out + 1] = escape(code:sub(from, token.first - 1))
      out[#out + 1] = '<span class="' .. class .. '">' .. escape(token.text) .. "</span>"
      from = token.last + 1
    end
  end
  out[#out + 1] = escape(code:sub(from))
  return table.concat(out)
end

return M
