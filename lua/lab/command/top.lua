-- top.lua: `setlab top`: the runs under way.

local arguments = require "lab.util.arguments"
local runs_table = require "lab.archive.runs_table"
local shared = require "lab.command.flags"
local store = require "lab.run.store"
local system = require "lab.c.system"
local under_way = require "lab.archive.under_way"
local watch = require "lab.c.watch"

local M = { name = "top", summary = "the runs under way, with their curves" }

local flags = {
  by = { value = "COLUMN", help = "Rank the runs of an experiment by this column; default: an accuracy, else a loss." },
  every = { value = "SECONDS", kind = "number", min = 0.1, max = 3600, default = 1, help = "How often a terminal shows them anew; default: 1." },
  once = { help = "Print once; elsewhere than on a terminal this is so in any case." },
  runs = shared.flags.runs,
}

M.help = [[
NAME
       setlab top - the runs under way, with their curves

SYNOPSIS
       setlab top [OPTIONS]

DESCRIPTION
       Shows every run of the folder of runs that is being trained: how far it is, how
       long it will take, the last value and the curve of its accuracies and losses from the lowest to the
       highest. Below stand the best runs of the same experiment: of a sweep, its leaders so far.
       On a terminal it is shown anew every second until Ctrl-C.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0, 130 after Ctrl-C, 2 if the command line was wrong.

EXAMPLES
       setlab top
       setlab top --by validation_accuracy --once]]

local function print_lines(opts, width)
  local lines, n = under_way.lines { width = width, by = opts.by }
  print(n == 0 and ("No run in %s is under way."):format(store.root()) or table.concat(lines, "\n"))
end

function M.main(words)
  local opts, rest = arguments.parse("setlab top", { words, flags = flags })
  if #rest > 0 then arguments.fail("setlab top", ("'%s' is not asked for"):format(rest[1])) end
  store.directory = opts.runs or os.getenv "SETLAB_RUNS" or "runs"
  if opts.once or not system.isatty(1) then
    print_lines(opts, runs_table.window() or 120)
    return 0
  end
  local pause, why = watch.new()   -- of no file: it only waits, and a Ctrl-C ends that
  if not pause then error(why, 0) end
  while true do
    io.write "\27[H\27[2J"   -- the window's beginning, and nothing in it
    print_lines(opts, system.width(1) or 80)
    io.flush()
    pause:next(opts.every)
  end
end

return M
