-- help.lua: the text of `setlab --help`. Each command's own text stands in its module.

local M = {}

-- The whole text; `listing` is a line for each command, already indented.
function M.overview(listing)
  return ([[
NAME
       setlab - train truly sparse neural networks and weave the results into pages

SYNOPSIS
       setlab COMMAND [OPTIONS] [ARGUMENTS]
       setlab SCRIPT.lua [name=value ...]
       setlab

DESCRIPTION
       setlab runs experiments written in Lua: sparse multilayer perceptrons whose wiring
       may evolve while they train, compared with fixed and dense ones. A script that runs
       also reads: its comments are the prose of the page that 'setlab report' makes.
       Results of training are kept in the folder runs/ and never computed twice.

       Without a command, on a terminal, setlab is a prompt with 'lab' loaded; an
       expression prints its value. When the standard input is not a terminal it is run
       as a script.

COMMANDS
%s

       'setlab help COMMAND' and 'setlab COMMAND --help' say more; 'setlab help lab'
       lists the words of scripts.

OPTIONS
       -V, --version
           Print the version.

       -h, --help
           Print this text.

EXIT STATUS
       0      all went well
       1      something failed; standard error says what
       2      the command line was wrong
       130    interrupted by Ctrl-C

ENVIRONMENT
       SETLAB_DATA        where to look for data sets first
       SETLAB_RUNS        the folder of runs; default: runs
       SETLAB_MEMORY      how much networks may take, such as 8G, or none: no check; default:
                          what is available
       OMP_NUM_THREADS    number of threads, unless --threads says otherwise
       NO_COLOR           if set and not empty: no colour in the progress line

FILES
       runs/              one folder a training run, found again by its content
       data/              data sets fetched by 'make data'
       ~/.local/state/setlab/history
                          the prompt's history; $XDG_STATE_HOME moves it]]):format(listing)
end

return M
