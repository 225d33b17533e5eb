-- show.lua: `setlab show KEY`: a page on one run.

local arguments = require "lab.util.arguments"
local catalog = require "lab.archive.catalog"
local conditions = require "lab.archive.conditions"
local embed = require "lab.c.embed"
local fs = require "lab.c.fs"
local page_file = require "lab.page.file"
local runs_table = require "lab.archive.runs_table"
local shared = require "lab.command.flags"
local store = require "lab.run.store"

local M = { name = "show", summary = "a page on one run: its parameters, curves, degrees, memory" }

local WHERE = "setlab show"

local flags = {
  output = { short = "o", value = "DIR", default = "reports/html", help = "Where the page goes; made if it is not there. Default: reports/html." },
  runs = shared.flags.runs,
}

M.help = [[
NAME
       setlab show - a page on one run: its parameters, curves, degrees, memory

SYNOPSIS
       setlab show [OPTIONS] KEY

DESCRIPTION
       KEY is the beginning of a run's key; 'setlab runs' lists them. Writes DIR/run-KEY.html, which shows
       what the run is, what it logged and recorded, and what it used. A run that is
       under way is shown as far as it has come. DIR/run-KEY.lua is the script of that page: a
       beginning for one's own. If it is there already, it is woven as it is.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if the page was written, 1 if it could not be, 2 if the command line was wrong or there is no such run.

EXAMPLES
       setlab show 3fa9]]

function M.main(words)
  local opts, given = arguments.parse(WHERE, { words, flags = flags })
  if #given ~= 1 then arguments.fail(WHERE, "give the beginning of one run's key") end
  if opts.runs then store.directory = opts.runs end
  store.so_far = true
  local all = catalog.all()
  runs_table.name_runs(all)
  local key = conditions.one(WHERE, all, given[1]).key
  assert(fs.mkdirs(opts.output))
  local script = ("%s/run-%s.lua"):format(opts.output, key)
  local ok, why = true, nil
  if not fs.stat(script) then ok, why = fs.write_file(script, (embed.read("reports/show_run.lua"):gsub("KEY", key))) end  -- one that was changed stays
  if not ok then error(("the page of %s is not written: %s"):format(key, why), 0) end
  local target, woven = page_file.weave(script, { folder = opts.output })
  if woven.failure then error(woven.failure.full, 0) end
  print(target)
  return 0
end

return M
