-- svg.lua: gnuplot's SVG made fit to stand inside a page, once, when it is drawn.
--
-- Several figures share one page, so each one's ids get its name in front. What only viewers of single files
-- use goes: prolog, titles that would pop up as "gnuplot_plot_3", empty groups, unused symbols; and so does
-- anything active. Black text is named black, so that one line of the page's style can turn it light; black
-- lines and symbols take the page's text colour by themselves. Maps keep their pixels sharp. What is drawn
-- stays as gnuplot drew it, and a text of the figure as the script wrote it.

local escape = require "lab.util.html".escape

-- `version` is that of the tidying: raise it with every change, and all figures are drawn again.
local M = { version = 1 }

-- Definitions nothing refers to; repeated, because symbols refer to one another.
local function drop_unused(text)
  repeat
    local before = #text
    text = text:gsub("[ \t]*<[%a]+ id='(gpPt%d+)'[^>]*/>\n", function(id)
      if not text:find("#" .. id .. "'", 1, true) then return "" end
    end)
    text = text:gsub("[ \t]*<[%a]+ [^>]*id='(gpPt%d+)'[^>]*/>\n", function(id)
      if not text:find("#" .. id .. "'", 1, true) then return "" end
    end)
  until #text == before
  text = text:gsub("[ \t]*<filter id='(%a+)'.-</filter>\n", function(id)
    if not text:find("#" .. id .. ")", 1, true) then return "" end
  end)
  return text
end

-- A function that tidies one tag; `prefix` goes in front of ids.
local function tag_tidier(prefix)
  local with_prefix = "%1" .. prefix:gsub("%%", "%%%%")
  return function(tag)
    tag = tag:gsub("%son%a+=(['\"]).-%1", ""):gsub("%sxmlns:xlink=(['\"]).-%1", ""):gsub("xlink:href=", "href=")
    tag = tag:gsub("rgb%( *0, *0, *0%)", "black"):gsub("rgb%( *(%d+), *(%d+), *(%d+)%)", "rgb(%1,%2,%3)")
    tag = tag:gsub(" color=(['\"])black%1", ""):gsub("stroke=(['\"])black%1", "stroke=%1currentColor%1")
    tag = tag:gsub("^<image ", "<image style='image-rendering:pixelated' ")
    return (tag:gsub("(%sid=['\"])", with_prefix):gsub("(%shref=['\"]#)", with_prefix):gsub("(url%(['\"]?#)", with_prefix))
  end
end

-- The first tag in one line, as M.inline and M.standalone take it.
local function first_tag(attributes) return "<svg" .. (" " .. attributes):gsub("%s+", " "):gsub(" $", "") .. ">" end

-- text: gnuplot's file; name: what goes in front of ids (letters, digits, - and _).
function M.tidy(text, name)
  text = text:match("<svg.*</svg>") .. "\n"
  text = text:gsub("<script.-</script>%s*", ""):gsub("<!%-%-.-%-%->%s*", "")
  text = text:gsub("<title>.-</title>%s*", ""):gsub("<desc>.-</desc>%s*", "")
  text = text:gsub("<g [^>]*>%s*</g>\n?", "")
  text = text:gsub("<rect [^>]*fill=\"none\"/>\n", "", 1)
  text = drop_unused(text):gsub("^<svg(.-)>", first_tag)
  return (text:gsub("<%a[^>]*>", tag_tidier(name .. "-")))
end

-- A tidied picture as a part of a page; `alt` is for those who do not see it.
function M.inline(text, alt)
  return (text:gsub("\n$", ""):gsub(' xmlns="[^"]*"', "", 1):gsub("^<svg", function() return ('<svg role="img" aria-label="%s"'):format(escape(alt)) end))
end

-- A tidied picture as a file for a README or a slide. On a page it takes its colours from the page, light or
-- dark; alone it gets a white ground and dark lines, whatever is around it.
function M.standalone(text)
  return (text:gsub("^<svg(.-)>", function(attributes)
    return ('<svg%s color="#1b1b1b"><rect width="100%%" height="100%%" fill="white"/>'):format(attributes)
  end))
end

return M
