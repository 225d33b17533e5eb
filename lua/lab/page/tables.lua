-- tables.lua: a page's tables as files to take along: CSV for a program, LaTeX for a paper.
--
-- Each table with a label gets LABEL.csv and LABEL.tex beside the page, as its figures have their gnuplot files. The LaTeX is a
-- tabular with the lines of the package booktabs; the cells are what the page shows.

local fs = require "lab.c.fs"

local M = {}

local special = { ["\\"] = "\\textbackslash{}", ["~"] = "\\textasciitilde{}", ["^"] = "\\textasciicircum{}", ["<"] = "\\textless{}", [">"] = "\\textgreater{}", ["|"] = "\\textbar{}" }
for sign in ("&%$#_{}"):gmatch "." do special[sign] = "\\" .. sign end
local signs = { ["±"] = "$\\pm$", ["−"] = "$-$", ["–"] = "--", ["—"] = "---", ["×"] = "$\\times$", ["≤"] = "$\\le$", ["≥"] = "$\\ge$", ["²"] = "$^2$", ["µ"] = "$\\mu$", ["α"] = "$\\alpha$",
  ["ε"] = "$\\varepsilon$", ["ζ"] = "$\\zeta$", ["°"] = "$^\\circ$", ["…"] = "\\dots{}", ["\u{A0}"] = "~", ["\u{202F}"] = "\\," }

local function tex_of(cell)
  local text = tostring(cell):gsub("[\\~^<>|&%%$#_{}]", special):gsub("[\xC2-\xF4][\x80-\xBF]+", signs)
  return (text:gsub("^%-(%d)", "$-$%1"):gsub("%s+", " "))
end

local function tex_row(row, n)
  local cells = {}
  for j = 1, n do cells[j] = tex_of(row[j] or "") end
  return "  " .. table.concat(cells, " & ") .. " \\\\\n"
end

-- A table item as LaTeX; the caption is Markdown, and becomes a comment.
function M.latex(item, label)
  local n, out = #item.header, {}
  local caption = (item.options or {})["tbl-cap"] or item.title
  out[1] = ("%% %s, as the page shows it; needs \\usepackage{booktabs}\n"):format(label)
  if caption then out[#out + 1] = "% " .. caption:gsub("%s+", " ") .. "\n" end
  out[#out + 1] = ("\\begin{tabular}{%s}\n  \\toprule\n"):format((item.align or ""):sub(1, n) .. ("l"):rep(n - #(item.align or "")))
  out[#out + 1] = tex_row(item.header, n) .. "  \\midrule\n"
  for _, row in ipairs(item.rows) do out[#out + 1] = tex_row(row, n) end
  out[#out + 1] = "  \\bottomrule\n\\end{tabular}\n"
  return table.concat(out)
end

-- The same as CSV (RFC 4180); what looks like a number is one.
function M.csv(item)
  local out = {}
  local function add(row)
    local fields = {}
    for j = 1, #item.header do
      local field = tostring(row[j] or "")
      fields[j] = field:find '[",\r\n]' and '"' .. field:gsub('"', '""') .. '"' or field
    end
    out[#out + 1] = table.concat(fields, ",") .. "\n"
  end
  add(item.header)
  for _, row in ipairs(item.rows) do add(row) end
  return table.concat(out)
end

local function write(path, text)
  local ok, why = fs.write_file(path, text)
  if not ok then error(("the table '%s' is not written: %s"):format(path, why), 0) end
end

-- Names of the files that figures have, and labels: both sets; and a set for the names of tables.
local function names_of(woven)
  local taken, labels = {}, {}
  for _, block in ipairs(woven.blocks) do
    labels[(block.options or {}).label or false] = true
    for _, item in ipairs(block.items or {}) do
      if item.sources and item.sources.gp then taken[item.sources.gp:match "([^/]*)%.gp$" or false] = true end
    end
  end
  return taken, labels, {}
end

-- The label; "label-table" where a figure has that name; with a number for a table that comes again.
local function free_name(label, taken, labels, seen)
  local base = taken[label] and label .. "-table" or label
  local name, n = base, 1
  while seen[name] or taken[name] or name ~= label and labels[name] do
    n = n + 1
    name = ("%s-%d"):format(base, n)
  end
  seen[name] = true
  return name
end

-- Writes the files of a woven page's labelled tables to a folder, which is there; items get `sources`, which the page links to.
function M.write(woven, folder)
  local taken, labels, seen = names_of(woven)
  for _, block in ipairs(woven.blocks) do
    for _, item in ipairs(block.items or {}) do
      local label = item.kind == "table" and (item.options or {}).label
      if label then
        local path = folder .. "/" .. free_name(label, taken, labels, seen)
        write(path .. ".csv", M.csv(item))
        write(path .. ".tex", M.latex(item, label))
        item.sources = { data = { path .. ".csv", path .. ".tex" } }
      end
    end
  end
end

return M
