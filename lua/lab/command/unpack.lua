-- unpack.lua: `setlab unpack FILE.zip`.

local arguments = require "lab.util.arguments"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local pack = require "lab.carry.pack"
local process = require "lab.util.process"
local unpack = require "lab.carry.unpack"

local M = { name = "unpack", summary = "check an archive of 'setlab pack', and weave its page again" }

local WHERE = "setlab unpack"

local flags = { check = { help = "Compare and lay out the files, and run nothing." } }

M.help = [[
NAME
       setlab unpack - check an archive of 'setlab pack', and weave its page again

SYNOPSIS
       setlab unpack [OPTIONS] FILE.zip [DIR]

DESCRIPTION
       Compares every file in the archive with the hash that it gives, lays them out in DIR, and weaves
       the page from its runs. DIR is the archive's name without its ending by default, and must
       not be there, or be empty. The new page goes to DIR/pages, and the one that was packed is in DIR/page. It says
       whether they say the same; what a page tells of the machine and the time of weaving
       is not compared. Nothing is trained.

       The script is somebody's program: with --check you can read it before it runs.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if the page is the same, 1 if it is not, or the archive is damaged, 2 if the command
       line was wrong.

EXAMPLES
       setlab unpack fashion_mnist.zip]]

-- Weaves in the folder. Returns the page's text; nil and why.
local function weave(folder, manifest)
  local words = { "/proc/self/exe", "report", "--read-only", "--runs=runs", "--output=pages", "--progress=none" }
  if manifest.profile then words[#words + 1] = "--profile=" .. manifest.profile end
  table.move(manifest.words or {}, 1, #(manifest.words or {}), #words + 1, words)
  words[#words + 1] = "--"
  words[#words + 1] = manifest.script
  local result, why = process.run { argv = words, cwd = folder, timeout_seconds = 24 * 3600 }
  local text = fs.read_file(("%s/pages/%s.html"):format(folder, manifest.page))
  if not result or result.status ~= 0 or not text then return nil, why or result.err end
  return text
end

function M.main(words)
  local opts, given = arguments.parse(WHERE, { words, flags = flags })
  if #given == 0 or #given > 2 then arguments.fail(WHERE, #given == 0 and "which archive?" or "it takes an archive and a folder") end
  local archive = given[1]
  local folder = given[2] or archive:gsub("%.zip$", "") .. (archive:find "%.zip$" and "" or "_unpacked")
  local files, manifest = unpack.read(archive)
  unpack.lay_out(files, folder)
  print(("%s: every file is as it was packed; script %s/%s"):format(archive, folder, manifest.script))
  if opts.check then return 0 end
  local html, why = weave(folder, manifest)
  if not html then error(("%s: the page was not woven again: %s"):format(folder, why), 0) end
  if hash.xxh128(pack.article(html)) ~= manifest.article then
    error(("%s/pages/%s.html says something else than %s/page/%s.html, which was packed"):format(folder, manifest.page, folder, manifest.page), 0)
  end
  print(("%s/pages/%s.html is the page that was packed"):format(folder, manifest.page))
  return 0
end

return M
