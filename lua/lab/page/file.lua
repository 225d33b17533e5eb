-- file.lua: a script as a page in a folder: run, rendered, written.

local fs = require "lab.c.fs"
local current = require "lab.script.current"
local kept_page = require "lab.page.kept"
local page = require "lab.page.page"
local params = require "lab.script.params"
local progress = require "lab.util.progress"
local provenance = require "lab.page.provenance"
local session = require "lab.script.session"
local stop = require "lab.util.stop"
local system = require "lab.c.system"
local tables = require "lab.page.tables"
local weave = require "lab.page.weave"

local M = {}

-- The name of a script's page, without its ending.
function M.name_of(path) return (path:match("[^/]+$"):gsub("%.lua$", "")) end

-- The parameters that the script declared, if it did.
local function parameters()
  return params.declared()
end

-- Runs the script and keeps what belongs on its page; figures are drawn in `files`, or not at all.
function M.run(path, text, files)
  current.script = { path = path, text = text }
  return weave.run(path, text, files)
end

-- Runs the script and keeps what belongs on its page, or takes it from the file of an earlier weaving.
local function run_or_take(path, text, files, keep)
  local woven = keep and kept_page.take(keep, path, text)
  if woven then return woven end
  if keep then fs.remove(keep) end   -- its figures are drawn anew, in the same files
  local finished
  finished, woven = stop.catch(M.run, path, text, files)
  if finished then return woven end
  fs.remove(files)  -- interrupted: no page, so no empty folder beside it either
  error(woven, 0)
end

-- Runs the script and writes FOLDER/NAME.html; returns its path, and what weave.run kept.
--   given  { folder =, profile =, prepare = function(woven) before it is rendered, or nil, keep = file for the next
--          weaving, should only words have changed by then (page/kept.lua), or nil, record = function that says what was
--          read, or nil }
function M.weave(path, given)
  local text, name, began = session.read_script(path), M.name_of(path), system.seconds()
  local target, files = ("%s/%s.html"):format(given.folder, name), ("%s/%s_files"):format(given.folder, name)
  assert(fs.mkdirs(files))
  local woven = run_or_take(path, text, files, given.keep)
  woven.echo = true
  tables.write(woven, files)
  if given.prepare then given.prepare(woven, files) end
  local when = os.date("!%Y-%m-%d %H:%M UTC")
  local facts = { woven = when, seconds = system.seconds() - began, profile = given.profile, folder = given.folder, params = parameters() }
  local groups = woven.groups and provenance.again(woven.groups, woven, facts) or provenance.collect(woven, facts)
  if given.keep and not woven.groups then kept_page.save(given.keep, woven, groups, given.record and given.record()) end
  local html = page.render(woven, { name = name, outdir = given.folder, woven = when, provenance = groups })
  fs.remove(files)  -- succeeds only if no figure left anything there
  local ok, why = fs.write_file(target, html)
  if not ok then error(("the page of '%s' is not written: %s"):format(path, why), 0) end
  progress.clear()
  return target, woven
end

-- Writes a Markdown text, which no script has made, as FOLDER/NAME.html; returns its path. The first heading is the title.
function M.prose(name, text, folder)
  assert(fs.mkdirs(folder))
  local when = os.date("!%Y-%m-%d %H:%M UTC")
  local woven = { path = name, text = text, blocks = { { kind = "prose", text = text, line = 1, last_line = 1, reached = true } }, runs = {}, finished = true }
  local html = page.render(woven, { name = name, outdir = folder, woven = when,
    provenance = { { title = "Program", { "setlab", system.version }, { "woven", when } } } })
  local target = ("%s/%s.html"):format(folder, name)
  local ok, why = fs.write_file(target, html)
  if not ok then error(("the page '%s' is not written: %s"):format(target, why), 0) end
  return target
end

return M
