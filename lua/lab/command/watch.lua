-- watch.lua: `setlab watch SCRIPT.lua`.

local arguments = require "lab.util.arguments"
local fs = require "lab.c.fs"
local page_file = require "lab.page.file"
local report = require "lab.command.report"
local shared = require "lab.command.flags"
local stop = require "lab.util.stop"
local watch = require "lab.watch.watch"

local M = { name = "watch", summary = "weave a script's page whenever it changes, and show it in a browser" }

local flags = {
  port = { value = "N", kind = "integer", min = 1024, max = 65535, help = "The port on this machine; default: the first free one from 8700 to 8719." },
}
for key, rule in pairs(shared.flags) do if key ~= "progress" and key ~= "explain" then flags[key] = rule end end

M.help = [==[
NAME
       setlab watch - weave a script's page whenever it changes, and show it in a browser

SYNOPSIS
       setlab watch [OPTIONS] SCRIPT.lua [name=value ...]

DESCRIPTION
       Prints an address on this machine, which a browser here can open and nobody else. The
       page there is woven again when the script is saved, or a module, a data file or a
       bibliography that it reads; the browser reloads it and stays where you were reading.
       A change of prose alone runs nothing.

       While the script trains, the page shows the runs as far as they have come, and how far that is.
       Save a change meanwhile, and the training goes on if the changed script still
       has that run; else it is interrupted, and resumes from its checkpoint if the run is asked
       for again. A script that fails leaves the last good page in place, below the error.

       Pages are written to a temporary folder; `setlab report` writes one to keep. Ctrl-C
       ends it: a run that saves checkpoints saves one first.

OPTIONS
]==] .. arguments.describe(flags) .. [[


EXIT STATUS
       130 after Ctrl-C, 1 if the port is taken, 2 if the command line was wrong.

EXAMPLES
       setlab watch experiments/fashion_mnist.lua
       setlab watch --profile=quick study.lua epochs=5 --port=9000]]

function M.main(words)
  local opts, scripts = arguments.parse("setlab watch", { words, flags = flags, overrides = true })
  if #scripts ~= 1 then arguments.fail("setlab watch", #scripts == 0 and "which script?" or "it watches one script") end
  local script = scripts[1]
  if not fs.stat(script) then error(("cannot open the script '%s': it is not there"):format(script), 0) end
  local folder, why = fs.temporary_folder "setlab-watch"
  if not folder then error("no folder for the pages: " .. why, 0) end
  local port = opts.port
  opts.port = nil
  local function child_words(kind, given)
    local child = { output = given.folder, files = given.files, keep = given.keep, so_far = kind == "peek",
      progress = kind == "peek" and "none" or "json", overrides = opts.overrides }
    for name in pairs(flags) do child[name] = child[name] or opts[name] end
    return report.child_words("report", script, child)
  end
  local ok, err = stop.catch(watch.run, { script = script, name = page_file.name_of(script), folder = folder, port = port, words = child_words,
    say = function(sentence) io.stderr:write(sentence, "\n") end })
  fs.remove_tree(folder)
  if not ok then error(err, 0) end
end

return M
