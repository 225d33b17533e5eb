-- new.lua: `setlab new NAME`: a study that runs, and a sweep over it.

local arguments = require "lab.util.arguments"
local embed = require "lab.c.embed"
local fs = require "lab.c.fs"

local M = { name = "new", summary = "write a small study that runs, and a sweep over it" }

M.help = [[
NAME
       setlab new - write a small study that runs, and a sweep over it

SYNOPSIS
       setlab new NAME

DESCRIPTION
       Writes NAME.lua, a study that compares two methods with a wiring that stays, on generated
       data: it needs no download and takes half a minute. NAME.yaml is a sweep over
       two of its parameters. NAME may begin with a folder, which is made. A file that is there
       already is left alone, and the status is 1.

EXIT STATUS
       0 if both were written, 1 if one could not be, 2 if the command line was wrong.

EXAMPLES
       setlab new first
       setlab watch first.lua]]

local function write(path, template, name)
  local text = assert(embed.read(template), template):gsub("%f[%u]%u+%f[^%u]", { NAME = name, DATE = os.date "%Y-%m-%d" })
  local ok, why = fs.write_file(path, text)
  if not ok then error(("'%s' is not written: %s"):format(path, why), 0) end
end

function M.main(words)
  local _, given = arguments.parse("setlab new", { words, flags = {} })
  if #given ~= 1 then arguments.fail("setlab new", "give one name, such as 'first'") end
  local folder, name = given[1]:gsub("%.lua$", ""):match "^(.-)([^/]*)$"
  if not name:find "^[%w_-]+$" then arguments.fail("setlab new", ("'%s' is no name: it has letters, digits, '-' and '_'"):format(name)) end
  local script, sweep = folder .. name .. ".lua", folder .. name .. ".yaml"
  for _, path in ipairs { script, sweep } do
    if fs.stat(path) then error(("'%s' is there already, and stays as it is"):format(path), 0) end
  end
  if folder ~= "" then assert(fs.mkdirs((folder:gsub("/+$", "")))) end
  write(script, "reports/new_study.lua", name)
  write(sweep, "reports/new_sweep.yaml", name)
  print(("%s and %s are written. Next:\n  setlab watch %s    shows its page while you change it\n  setlab sweep %s    tries nine settings"):format(script, sweep, script, sweep))
  return 0
end

return M
