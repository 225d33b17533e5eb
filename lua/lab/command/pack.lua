-- pack.lua: `setlab pack SCRIPT.lua`.

local arguments = require "lab.util.arguments"
local files_used = require "lab.page.files_used"
local fs = require "lab.c.fs"
local options = require "lab.util.options"
local output = require "lab.util.output"
local pack = require "lab.carry.pack"
local page_file = require "lab.page.file"
local shared = require "lab.command.flags"
local stop = require "lab.util.stop"
local store = require "lab.run.store"

local M = { name = "pack", summary = "a study, its runs and its page as one archive" }

local WHERE = "setlab pack"

local flags = { output = { short = "o", value = "FILE", help = "The archive; default: NAME.zip in the current folder." } }
for key, rule in pairs(shared.flags) do if key ~= "explain" and key ~= "monitor" then flags[key] = rule end end

M.help = [[
NAME
       setlab pack - a study, its runs and its page as one archive

SYNOPSIS
       setlab pack [OPTIONS] SCRIPT.lua [name=value ...]

DESCRIPTION
       Weaves the page from finished runs, and puts it into a zip archive, with the script, the
       modules and files that it reads, the folders of its runs, the hashes of its data, the
       command and the versions. Data sets stay behind. Nothing is trained: a run that is not
       finished is an error.

       'setlab unpack' checks such an archive on another machine and weaves the page again.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if the archive was written, 1 if not, 2 if the command line was wrong.

EXAMPLES
       setlab report --profile=full study.lua && setlab pack --profile=full study.lua]]

local function check_finished(script, woven)
  if woven.failure then error(woven.failure.full, 0) end
  for _, run in ipairs(woven.runs) do
    if not run.reused then error(("%s: the run %s is not finished: %s"):format(script, run.name, tostring(run.why)), 0) end
  end
end

local function words_of(overrides)
  local words = {}
  for _, name in ipairs(options.sorted_keys(overrides or {})) do words[#words + 1] = name .. "=" .. overrides[name] end
  return #words > 0 and words or nil
end

function M.main(words)
  local opts, scripts = arguments.parse(WHERE, { words, flags = flags, overrides = true })
  if #scripts ~= 1 then arguments.fail(WHERE, #scripts == 0 and "which script?" or "it packs one script") end
  local script, name = pack.place(scripts[1]), page_file.name_of(scripts[1])
  shared.prepare(opts)
  store.read_only, output.memos_used = true, {}
  local folder = assert(fs.temporary_folder "setlab-pack")
  files_used.open()
  local profile = opts.smoke and "smoke" or opts.profile
  local ok, target, woven = stop.catch(page_file.weave, script, { folder = folder, profile = profile })
  local html = ok and fs.read_file(target)
  fs.remove_tree(folder)
  if not ok then error(target, 0) end
  check_finished(script, woven)
  local memos = {}
  for _, key in ipairs(output.memos_used) do memos[key] = true end
  local archive = opts.output or name .. ".zip"
  local n, elsewhere = pack.write { path = archive, woven = woven, html = html, name = name, used = files_used.of(script, woven), memos = memos,
    words = words_of(opts.overrides), profile = profile }
  for _, path in ipairs(elsewhere) do io.stderr:write(("setlab: '%s' lies outside the current folder, and is not packed\n"):format(path)) end
  print(("%s  %d files, %.0f kB"):format(archive, n, fs.stat(archive).size / 1000))
  return 0
end

return M
