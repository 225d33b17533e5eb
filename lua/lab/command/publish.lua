-- publish.lua: `setlab publish SCRIPT.lua ...`: finished pages and their runs for the repository.
--
-- The script is run twice: from the store, to see which runs and remembered computations its page
-- uses; then, when these have been copied, from the copies, so that what is published is known to
-- be all that the page needs. Each script has a process of its own, as in `setlab report`.

local arguments = require "lab.util.arguments"
local fs = require "lab.c.fs"
local options = require "lab.util.options"
local output = require "lab.util.output"
local page_file = require "lab.page.file"
local pool = require "lab.c.pool"
local publish = require "lab.page.publish"
local session = require "lab.script.session"
local process = require "lab.util.process"
local shared = require "lab.command.flags"
local store = require "lab.run.store"

local M = { name = "publish", summary = "copy finished pages and their runs into the repository" }

local flags = {
  output = { short = "o", value = "DIR", default = "reports/published", help = "Where they go; made if it is not there. Default: reports/published." },
  pictures = { value = "LABEL,...", help = "Figures, by the labels that they have in the scripts, to write to DIR/pictures as well, each as an SVG of its own." },
}
for key, rule in pairs(shared.flags) do flags[key] = rule end

M.help = [==[
NAME
       setlab publish - copy finished pages and their runs into the repository

SYNOPSIS
       setlab publish [OPTIONS] SCRIPT.lua ... [name=value ...]

DESCRIPTION
       Trains nothing: every run of the script must be finished in the folder of runs, as
       'setlab report' with the same profile and parameters leaves it. Copies the small
       files of each (configuration, metrics, records, some samples of the monitor; no
       weights, no checkpoint, no name of the machine) to DIR/runs, weaves
       the page from these copies to DIR/NAME.html, and writes DIR/NAME.yaml, the list of
       what it uses, and DIR/README.md, all pages with their commands and machines. Runs that no
       page uses any more are removed from DIR/runs. The same runs give the same copies.

       A file that names the home or the current folder of this machine is not published: that
       is an error.

OPTIONS
]==] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if all pages were published, 1 if a run is missing or a file could not be written,
       2 if the command line was wrong.

EXAMPLES
       setlab publish --profile=full experiments/cifar10.lua]]

-- The command that trains the runs and weaves the page, as one types it.
local function command_of(path, opts)
  local words, profile = { "build/setlab report" }, opts.smoke and "smoke" or opts.profile
  if profile then words[#words + 1] = "--profile=" .. process.word(profile) end
  words[#words + 1] = process.word(path)
  for _, name in ipairs(options.sorted_keys(opts.overrides)) do words[#words + 1] = process.word(name .. "=" .. opts.overrides[name]) end
  return table.concat(words, " ")
end

-- Raises unless the script came to its end and all its runs were read back.
local function check_finished(path, woven)
  if woven.failure then error(woven.failure.full, 0) end
  local unresolved = woven.unresolved and woven.unresolved[1]
  if unresolved then
    error(("%s:%s: %s"):format(path, unresolved.line or "?", unresolved.message), 0)
  end
  local picture_missing = woven.missing and woven.missing[1]
  if picture_missing then
    error(("%s:%s: the picture '%s' is not on the page: %s"):format(path, picture_missing.line or "?", picture_missing.name, picture_missing.why), 0)
  end
  for _, run in ipairs(woven.runs) do
    if not run.reused then error(("%s: the run %s is not finished: %s"):format(path, run.name, tostring(run.why)), 0) end
  end
  if #woven.runs == 0 then error(("%s uses no runs: there is nothing to publish"):format(path), 0) end
end

-- Copies what the page used; returns its runs and memos, sorted, and the bytes.
local function copy(path, woven, from, to)
  check_finished(path, woven)
  local runs, memos, bytes = publish.keys(woven.runs), publish.keys(output.memos_used), 0
  for _, key in ipairs(runs) do bytes = bytes + publish.run(from .. "/" .. key, to .. "/" .. key) end
  assert(fs.mkdirs(to .. "/memo"))
  for _, key in ipairs(memos) do
    local text = assert(fs.read_file(("%s/memo/%s.yaml"):format(from, key)))
    bytes = bytes + publish.write(("%s/memo/%s.yaml"):format(to, key), text)
  end
  return runs, memos, bytes
end

-- The labels of --pictures.
local function labels_of(opts)
  local labels = {}
  for label in (opts.pictures or ""):gmatch "[^,%s]+" do labels[#labels + 1] = label end
  return labels
end

-- Those of the page's figures that were asked for, as files of their own; their names.
local function pictures_of(path, woven, opts)
  local found, folder = publish.pictures(woven.blocks, labels_of(opts)), opts.output .. "/pictures"
  if #found > 0 then assert(fs.mkdirs(folder)) end
  return publish.write_pictures(folder, page_file.name_of(path), found)
end

-- Figures stand in the page; their scripts and data are not kept beside it.
local function without_sources(woven, files)
  for _, block in ipairs(woven.blocks) do
    for _, item in ipairs(block.items or {}) do item.sources = nil end
  end
  woven.drawn = files
end

local function publish_one(path, opts)
  local from, to = store.root(), opts.output .. "/runs"
  if from == to then error("the folder of runs and the published one are the same", 0) end
  store.read_only, output.memos_used = true, {}
  local runs, memos, bytes = copy(path, page_file.run(path, session.read_script(path)), from, to)
  store.directory = to
  local target, woven = page_file.weave(path, { folder = opts.output, profile = opts.smoke and "smoke" or opts.profile, prepare = without_sources })
  check_finished(path, woven)
  local pictures = pictures_of(path, woven, opts)
  fs.remove_tree(woven.drawn)
  local html = assert(fs.read_file(target))
  publish.check_text(target, html)
  publish.finish(opts.output, { name = page_file.name_of(path), command = command_of(path, opts), runs = runs, memos = memos, pictures = #pictures > 0 and pictures or nil })
  print(("%s  %d %s, %.0f kB with the page"):format(target, #runs, #runs == 1 and "run" or "runs", (bytes + #html) / 1000))
  return 0
end

function M.main(words)
  local with_one = { one = { hidden = true } }
  for key, rule in pairs(flags) do with_one[key] = rule end
  local opts, scripts = arguments.parse("setlab publish", { words, flags = with_one, overrides = true })
  if #scripts == 0 then arguments.fail("setlab publish", "which script?") end
  if opts.one then
    shared.prepare(opts)
    return publish_one(scripts[1], opts)
  end
  local ok, why = fs.mkdirs(opts.output)
  if not ok then error(("cannot publish to '%s': %s"):format(opts.output, why), 0) end
  local status = 0
  for _, path in ipairs(scripts) do
    if pool.once(require "lab.command.report".child_words("publish", path, opts)) ~= 0 then status = 1 end
  end
  for _, label in ipairs(labels_of(opts)) do
    if status == 0 and not publish.has_picture(opts.output, label) then
      error(("no figure of these pages has the label '%s' and can be drawn as SVG: --pictures takes labels from their scripts (--| label: fig-...)"):format(label), 0)
    end
  end
  ok, why = require "lab.page.index".write(opts.output)
  if not ok then error("the index of the pages is not written: " .. why, 0) end
  return status
end

return M
