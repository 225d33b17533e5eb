-- export.lua: `setlab export PAGE.html`.

local arguments = require "lab.util.arguments"
local export = require "lab.carry.export"
local fs = require "lab.c.fs"

local M = { name = "export", summary = "figures, tables and page as files for a paper" }

local WHERE = "setlab export"

local flags = {
  output = { short = "o", value = "DIR", help = "Where the files go; made if it is not there. Default: NAME_export beside the page." },
  width = { value = "CM", kind = "number", min = 2, max = 60, default = 8.5, help = "The width of figures in centimetres; default: 8.5, a column of most journals." },
  format = { value = "LIST", help = "Formats of the figures, among pdf and png; default: pdf,png." },
  no_page = { help = "Leave the page itself out." },
}

M.help = [[
NAME
       setlab export - figures, tables and page as files for a paper

SYNOPSIS
       setlab export [OPTIONS] PAGE.html ...

DESCRIPTION
       Draws every figure of a woven page again at the width of a column, as PDF and as PNG with
       600 dots an inch; copies its labelled tables as LaTeX and CSV; prints the page to NAME.pdf if Chromium is here.
       Names are those of the labels: fig-accuracy.pdf, tbl-results.tex. Films are left out.
       The path of each file is printed.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if all was written, 1 if something could not be, 2 if the command line was wrong.

EXAMPLES
       setlab export reports/html/fashion_mnist.html
       setlab export --width=17.4 --format=pdf -o paper/figures reports/html/cifar10.html]]

local function formats_of(text)
  local list, known = {}, {}
  for _, name in ipairs(export.formats) do known[name] = true end
  for name in (text or table.concat(export.formats, ",")):gmatch "[^,%s]+" do
    if not known[name] then arguments.fail(WHERE, ("'%s' is no format: pdf or png"):format(name)) end
    list[#list + 1] = name
  end
  if #list == 0 then arguments.fail(WHERE, "--format needs pdf, png or both") end
  return list
end

local function export_one(page, opts, formats, seen)
  local base = page:match "^(.*)%.html$"
  if not base or not fs.stat(page) then error(("'%s' is no page: 'setlab report' writes NAME.html"):format(page), 0) end
  local folder, name = opts.output or base .. "_export", base:match "[^/]*$"
  local ok, why = fs.mkdirs(folder)
  if not ok then error(why, 0) end
  for _, path in ipairs(export.files { files = base .. "_files", folder = folder, formats = formats, width_cm = opts.width, seen = seen }) do print(path) end
  if opts.no_page then return end
  local target = ("%s/%s.pdf"):format(folder, name)
  local printed, problem, is_absent = export.page(page, target)
  if printed then print(target) elseif is_absent then io.stderr:write("setlab: ", problem, "\n") else error(problem, 0) end
end

function M.main(words)
  local opts, pages = arguments.parse(WHERE, { words, flags = flags })
  if #pages == 0 then arguments.fail(WHERE, "which page?") end
  local formats = formats_of(opts.format)
  local seen = {}
  for _, page in ipairs(pages) do export_one(page, opts, formats, seen) end
  return 0
end

return M
