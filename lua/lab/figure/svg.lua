-- svg.lua: gnuplot's SVG made fit to stand inside a page.
--
-- Several figures share one page, so each one's ids get its name in front. Titles that
-- would pop up as "gnuplot_plot_3", empty groups and unused symbols go. Black text is named
-- black, so that one line of the page's style can turn it light; black lines and symbols
-- take the page's text colour by themselves. Maps keep their pixels sharp. What is drawn stays as gnuplot drew it.

local M = {}

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

-- text: gnuplot's file; name: what goes in front of ids (letters, digits, - and _).
function M.tidy(text, name)
  text = text:gsub("<title>.-</title>%s*", ""):gsub("<desc>.-</desc>%s*", "")
  text = text:gsub("<g [^>]*>%s*</g>\n?", "")
  text = text:gsub("<rect [^>]*fill=\"none\"/>\n", "", 1)
  text = text:gsub("rgb%( *0, *0, *0%)", "black"):gsub("rgb%( *(%d+), *(%d+), *(%d+)%)", "rgb(%1,%2,%3)")
  text = text:gsub(" color=(['\"])black%1", ""):gsub("stroke=(['\"])black%1", "stroke=%1currentColor%1")
  text = text:gsub("<image ", "<image style='image-rendering:pixelated' ")
  text = drop_unused(text)
  local prefix = (name:gsub("%%", "%%%%")) .. "-"
  text = text:gsub("( id=['\"])", "%1" .. prefix)
  text = text:gsub("(xlink:href=['\"]#)", "%1" .. prefix):gsub("(url%(['\"]?#)", "%1" .. prefix)
  return text
end

return M
