-- figures.lua: a figure of a finished page shown in a second place: at its head, on the index.

local M = {}

-- The first SVG of the figure with this id in a page's HTML, or nil if there is none. Ids in it get `prefix` and a hyphen in
-- front: no two things of a page, or of the index, have one id.
function M.first_svg(html, id, prefix)
  local at = html:find('<figure id="' .. id .. '"', 1, true)
  local stop = at and html:find("</figure>", at, true)
  local from = at and html:find("<svg", at, true)
  if not from or not stop or from > stop then return nil end
  local svg = html:match("<svg.-</svg>", from)
  prefix = prefix:gsub("[^%w_-]", "-") .. "-"
  return (svg:gsub("(%sid=['\"])", "%1" .. prefix):gsub("(%shref=['\"]#)", "%1" .. prefix):gsub("(url%(['\"]?#)", "%1" .. prefix))
end

return M
