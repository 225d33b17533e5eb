-- picture.lua: a page's figures as files of their own, for a README or a slide.
--
-- On a page a figure takes its colours from the page, light or dark. A file stands alone: it gets
-- a white ground and dark lines, whatever is around it.

local fs = require "lab.c.fs"

local M = {}

-- A tidied SVG (figure/svg.lua) as a file of its own.
function M.standalone(svg)
  return (svg:gsub("<svg(.-)>", function(attributes)
    return ('<svg%s color="#1b1b1b"><rect width="100%%" height="100%%" fill="white"/>'):format(attributes)
  end, 1))
end

-- The figures of a woven page that have one of these labels, as { { name =, file = }, ... }: several of
-- one label are numbered. Films and figures of pixels have no SVG and are left out.
function M.of(blocks, labels)
  local wanted, seen, list = {}, {}, {}
  for _, label in ipairs(labels) do wanted[label] = true end
  for _, block in ipairs(blocks) do
    for _, item in ipairs(block.items or {}) do
      local label = item.kind == "figure" and item.options and item.options.label
      if label and wanted[label] and item.files and item.files.svg then
        seen[label] = (seen[label] or 0) + 1
        list[#list + 1] = { name = seen[label] == 1 and label or ("%s-%d"):format(label, seen[label]), file = item.files.svg }
      end
    end
  end
  return list
end

-- Writes them to `directory` as PREFIX-NAME.svg; returns the files' names, in order. write(path, text) does
-- the writing.
function M.write(directory, prefix, pictures, write)
  local names = {}
  for i, picture in ipairs(pictures) do
    names[i] = ("%s-%s.svg"):format(prefix, picture.name)
    write(directory .. "/" .. names[i], M.standalone(assert(fs.read_file(picture.file))))
  end
  return names
end

return M
