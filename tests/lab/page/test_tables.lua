-- Tables to take along: what stands in the files, and that the page links to them.

local t = dofile "tests/harness.lua"
local tables = require "lab.page.tables"

local program = (os.getenv "B" or "build") .. "/setlab"
local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

t.test("LaTeX: signs that mean something there are written out", function()
  local item = { kind = "table", header = { "a_b", "50 %" }, rows = { { "x & y", "-0.5" }, { "3 ± 1", "\\{~^}" }, { "p < 0.05 #1 $2", "– ε 10 µs" }, { "two\nlines" } }, align = "lr",
    options = { label = "tbl-x", ["tbl-cap"] = "Of *all*\n  that is." } }
  t.equal(tables.latex(item, "tbl-x"), table.concat({ "% tbl-x, as the page shows it; needs \\usepackage{booktabs}", "% Of *all* that is.", "\\begin{tabular}{lr}", "  \\toprule",
    "  a\\_b & 50 \\% \\\\", "  \\midrule", "  x \\& y & $-$0.5 \\\\", "  3 $\\pm$ 1 & \\textbackslash{}\\{\\textasciitilde{}\\textasciicircum{}\\} \\\\",
    "  p \\textless{} 0.05 \\#1 \\$2 & -- $\\varepsilon$ 10 $\\mu$s \\\\", "  two lines &  \\\\", "  \\bottomrule", "\\end{tabular}", "" }, "\n"))
end)

t.test("CSV: numbers are numbers, text with commas is quoted", function()
  t.equal(tables.csv { header = { "n", "what" }, rows = { { "1.5", "50,000" }, { "a", 'say "x"' }, { "b" } } }, 'n,what\n1.5,"50,000"\na,"say ""x"""\nb,\n')
end)

t.test("every labelled table of a page has both, and a link to them", function()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  local script <close> = assert(io.open(folder .. "/s.lua", "w"))
  script:write "local lab = require 'lab'\nfor i = 1, 2 do\n  lab.table { header = { 'none' }, rows = { { i } } }\nend\n--| label: tbl-a\n--| tbl-cap: Numbers.\nlab.table { header = { 'n' }, rows = { { 1 }, { 2 } } }\n"
  script:close()
  assert(os.execute(("%s report -o %s/out %s/s.lua >/dev/null 2>&1"):format(program, folder, folder)))
  t.equal(read(folder .. "/out/s_files/tbl-a.csv"), "n\n1\n2\n")
  t.truthy(read(folder .. "/out/s_files/tbl-a.tex"):find("\\begin{tabular}{r}", 1, true))
  t.truthy(read(folder .. "/out/s.html"):find('Numbers. <span class="sources">Take it along: <a href="s_files/tbl-a.csv">tbl-a.csv</a>, <a href="s_files/tbl-a.tex">tbl-a.tex</a></span>', 1, true))
  local mixed <close> = assert(io.open(folder .. "/m.lua", "w"))
  mixed:write "local lab = require 'lab'\n--| label: fig-z\ndo\n  lab.plot.xy { series = { { x = { 1, 2 }, y = { 1, 2 } } } }\n  lab.table { header = { 'n' }, rows = { { 5 } } }\nend\n--| label: tbl-b\nfor i = 1, 2 do lab.table { header = { 'n' }, rows = { { i } } } end\n--| label: tbl-b-2\nlab.table { header = { 'n' }, rows = { { 99 } } }\n"
  mixed:close()
  assert(os.execute(("%s report -o %s/out %s/m.lua >/dev/null 2>&1"):format(program, folder, folder)))
  local files = folder .. "/out/m_files/"
  t.equal({ read(files .. "fig-z-table.csv"), read(files .. "tbl-b.csv"), read(files .. "tbl-b-3.csv"), read(files .. "tbl-b-2.csv") }, { "n\n5\n", "n\n1\n", "n\n2\n", "n\n99\n" })
  t.truthy(read(files .. "fig-z.csv"):find ",")
  os.execute("rm -r " .. folder)
end)

t.done()
