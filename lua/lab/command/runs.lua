-- runs.lua: `setlab runs [CONDITION ...]`: what is in the folder of runs.

local arguments = require "lab.util.arguments"
local catalog = require "lab.archive.catalog"
local checksums = require "lab.run.checksums"
local conditions = require "lab.archive.conditions"
local runs_table = require "lab.archive.runs_table"
local shared = require "lab.command.flags"
local store = require "lab.run.store"

local M = { name = "runs", summary = "list the runs that are kept, or verify them" }

local WHERE = "setlab runs"

local flags = {
  sort = { value = "COLUMN", default = "-started", help = "Order by this column; with a minus before it the greatest first. Default: -started, the newest first." },
  columns = { value = "A,B,...", help = "The columns to show." },
  limit = { value = "N", kind = "integer", min = 1, help = "At most so many runs." },
  csv = { help = "Print CSV: the columns asked for, or all that is known." },
  json = { help = "Print JSON: an array of objects." },
  verify = { help = "Read the files of each run and compare them with the checksums in its result.yaml." },
  runs = shared.flags.runs,
}

M.help = [[
NAME
       setlab runs - list the runs that are kept, or verify them

SYNOPSIS
       setlab runs [OPTIONS] [CONDITION ...]

DESCRIPTION
       Prints a line for every run in the folder of runs, or for those that fit all
       CONDITIONs. A condition is a name, a sign and a value:

           experiment=fashion-mnist  status=done,failed  "zeta>=0.2"  "accuracy<0.8"
           "arm!=dense"  "name~seed=1"

       The signs are = != < <= > >= and ~, which asks whether the text holds the value; the
       shell wants quotes around < > and !. Of = and != there may be several values, with
       commas between. A run that lacks the name fits no condition. The beginning of a key
       is a condition, too.

       Names, of conditions and of columns, are

       key, experiment, run, name, status, rows, seconds, started, finished, memory (MiB),
       host, commit, path, why, tags, note
                          what is known of every run; `run` is its name with the parameters
                          that differ within its experiment
       seed, arm, ...     an argument of the run function; of a table with a name, the name,
                          and its parts as arm.evolve.zeta
       zeta, epochs, ...  a parameter that the run reads
       accuracy, ...      a column of metrics.csv, the last row; a dash if that is not-a-number

       in this order where two have one name; parameters.zeta and metrics.seconds say which
       is meant. A plain list shows the metric that most runs have; a narrow window leaves
       out rows, started and seconds before it cuts a name.

       Besides the words in a run's own files, a status may be `crashed` (its process is
       gone before its end) or `damaged` (a file is missing or cannot be read; `why` says
       which). What cannot be read back is made anew when a script asks for it.

VERIFYING
       The result.yaml of a finished run holds a checksum of each other file in its folder.
       With --verify they are compared, and each run is ok, changed, missing (a file is
       gone), damaged, "not finished", or "no checksums" (older).

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if all went well; 1 if --verify found a run that is changed, missing or damaged; 2
       if the command line was wrong.

EXAMPLES
       setlab runs
       setlab runs experiment=study status=done --sort=-accuracy --columns key,zeta,accuracy
       setlab runs --csv >runs.csv
       setlab runs --verify]]

local function columns_of(text, entries)
  if not text then return nil end
  local columns = {}
  for name in text:gmatch "[^,%s]+" do
    if name ~= "run" then conditions.check_name(WHERE, entries, name) end
    columns[#columns + 1] = name
  end
  if #columns == 0 then arguments.fail(WHERE, "--columns needs the names of columns") end
  return columns
end

-- ---- verifying ---------------------------------------------------------------------------

-- How a run stands, and the words about its files.
local function verdict(entry)
  if entry.status == "damaged" then return "damaged", { entry.why } end
  if not entry.result.status then return "not finished", {} end
  local status, wrong = checksums.verify(entry.path, entry.result.checksums)
  if status == "none" then return "no checksums", {} end
  local words = {}
  for i, w in ipairs(wrong) do words[i] = ("%s %s"):format(w.name, w.what) end
  return status, words
end

local bad = { changed = true, missing = true, damaged = true }

-- Verifies the entries; returns how many are bad. What stands there is added to them, for the table.
local function verify(entries)
  local counts = {}
  for _, entry in ipairs(entries) do
    local status, words = verdict(entry)
    entry.arguments, entry.parameters, entry.metrics = { verified = status, files = #words > 0 and table.concat(words, ", ") or nil }, {}, {}
    counts[status] = (counts[status] or 0) + 1
    if bad[status] then counts.bad = (counts.bad or 0) + 1 end
  end
  return counts
end

local verdicts = { "ok", "changed", "missing", "damaged", "no checksums", "not finished" }

local function print_verified(entries, opts)
  local counts = verify(entries)
  if opts.csv or opts.json then
    local columns = { "key", "experiment", "name", "verified", "files" }
    io.stdout:write(opts.csv and runs_table.csv(entries, columns) or runs_table.json(entries, columns) .. "\n")
  else
    if #entries > 0 then print(runs_table.text(entries, { "key", "experiment", "run", "verified", "files" }, runs_table.window())) end
    local words = {}
    for _, word in ipairs(verdicts) do
      if counts[word] then words[#words + 1] = ("%d %s"):format(counts[word], word == "no checksums" and "no checksums (older)" or word) end
    end
    print(("%d run%s%s%s"):format(#entries, #entries == 1 and "" or "s", #words > 0 and ": " or "", table.concat(words, ", ")))
  end
  return counts.bad and 1 or 0
end

-- ---- listing -----------------------------------------------------------------------------

local function print_list(entries, columns, opts)
  if opts.csv then io.stdout:write(runs_table.csv(entries, columns))
  elseif opts.json then print(runs_table.json(entries, columns))
  elseif #entries == 0 then print(("no such run in %s"):format(store.root()))
  else print(runs_table.text(entries, columns, runs_table.window())) end
end

-- What is wrong with folders, on standard error.
local function tell_damage(entries)
  for _, e in ipairs(entries) do
    if e.status == "damaged" then io.stderr:write(("setlab: %s is damaged: %s\n"):format(e.path, e.why)) end
  end
end

function M.main(words)
  local opts, given = arguments.parse(WHERE, { words, flags = flags })
  if opts.csv and opts.json then arguments.fail(WHERE, "give --csv or --json, not both") end
  store.directory = opts.runs or os.getenv "SETLAB_RUNS" or "runs"
  local all = catalog.all()
  if opts.verify and opts.columns then arguments.fail(WHERE, "--verify has columns of its own") end
  local columns = columns_of(opts.columns, all)
  runs_table.name_runs(all)
  local entries = conditions.filter(WHERE, all, given)
  runs_table.sort(WHERE, entries, opts.sort)
  for i = #entries, (opts.limit or #entries) + 1, -1 do entries[i] = nil end
  if opts.verify then return print_verified(entries, opts) end
  print_list(entries, columns, opts)
  tell_damage(entries)
  return 0
end

return M
