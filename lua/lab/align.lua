-- align.lua: columns of text for a terminal.

-- Lines of cells, a header among them: the first column to the left, the others to the right. One
-- text, without spaces at the ends of its lines.
return function(lines)
  local widths, out = {}, {}
  for _, line in ipairs(lines) do
    for j, cell in ipairs(line) do widths[j] = math.max(widths[j] or 0, utf8.len(cell)) end
  end
  for i, line in ipairs(lines) do
    local cells = {}
    for j, cell in ipairs(line) do
      local fill = (" "):rep(widths[j] - utf8.len(cell))
      cells[j] = j == 1 and cell .. fill or fill .. cell
    end
    out[i] = table.concat(cells, "  "):gsub("%s+$", "")
  end
  return table.concat(out, "\n")
end
