-- html.lua: text as it stands in HTML, and back.

local M = {}

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local signs = {}
for sign, entity in pairs(entities) do signs[entity] = sign end

-- Text for between tags, or for an attribute in double quotes.
function M.escape(text) return (text:gsub('[&<>"]', entities)) end

-- The text that was escaped. Other entities stay.
function M.unescape(html) return (html:gsub("&%a+;", signs)) end

return M
