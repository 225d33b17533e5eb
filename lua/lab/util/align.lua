-- align.lua: columns of text for a terminal.

local text = require "lab.util.text"

-- Lines of cells, a header among them: the first column to the left, the others to the right. One
-- text, without spaces at the ends of its lines.
return function(lines)
  local widths, out = {}, {}
  for i, line in ipairs(lines) do
    out[i] = text.clean_all(line)
    for j, cell in ipairs(out[i]) do widths[j] = math.max(widths[j] or 0, text.width(cell)) end
  end
  for i, cells in ipairs(out) do
    for j, cell in ipairs(cells) do
      local fill = (" "):rep(widths[j] - text.width(cell))
      cells[j] = j == 1 and cell .. fill or fill .. cell
    end
    out[i] = table.concat(cells, "  "):gsub("%s+$", "")
  end
  return table.concat(out, "\n")
end
