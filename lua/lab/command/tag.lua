-- tag.lua: `setlab tag KEY WORD ...`: marks runs with words, and with a note.

local arguments = require "lab.util.arguments"
local catalog = require "lab.archive.catalog"
local conditions = require "lab.archive.conditions"
local runs_table = require "lab.archive.runs_table"
local shared = require "lab.command.flags"
local store = require "lab.run.store"
local tags = require "lab.archive.tags"

local M = { name = "tag", summary = "mark runs with words and notes" }

local WHERE = "setlab tag"

local flags = {
  where = { value = "CONDITION", repeated = true, help = "Mark the runs that fit this condition, as in 'setlab runs', in place of one by its key; again for further ones." },
  remove = { help = "Take the words off instead." },
  note = { value = "TEXT", help = "Write this note, in place of an earlier one; an empty text takes it off." },
  runs = shared.flags.runs,
}

M.help = [[
NAME
       setlab tag - mark runs with words and notes

SYNOPSIS
       setlab tag [OPTIONS] KEY [WORD ...]
       setlab tag [OPTIONS] --where CONDITION ... [WORD ...]

DESCRIPTION
       Gives a run words, or a note, by which it is found again: 'setlab runs tags~WORD' lists
       the runs with a word that holds WORD. KEY is the beginning of a run's key. Without
       words and --note it prints what a run has.

       Words and notes are no part of a run's key: they decide nothing, and no script sees
       them. They stay until the run is removed or trained again. A word has letters,
       digits and the signs . _ - and :

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if all runs have their words; 1 if one could not be written; 2 if the command line
       was wrong.

EXAMPLES
       setlab tag 3fa9 baseline
       setlab tag --where "accuracy<0.5" suspect
       setlab tag 3fa9 --note "learning rate by mistake 0.1"
       setlab tag 3fa9 baseline --remove
       setlab runs tags~baseline]]

-- The runs that are meant, and the words.
local function chosen(given, opts)
  local all = catalog.all()
  runs_table.name_runs(all)
  if opts.where then return conditions.filter(WHERE, all, opts.where), given end
  if #given == 0 then arguments.fail(WHERE, "give the beginning of a run's key, or --where") end
  return { conditions.one(WHERE, all, given[1]) }, table.move(given, 2, #given, 1, {})
end

local function show(entries)
  for _, e in ipairs(entries) do
    local has = tags.read(e.path)
    print(("%s  %s%s"):format(e.key, #has.tags > 0 and table.concat(has.tags, ", ") or "no words", has.note and ("; %s"):format(has.note) or ""))
  end
end

local function mark(entry, words, opts)
  local has = tags.read(entry.path)
  for _, word in ipairs(words) do
    if opts.remove then tags.take_off(has, word) else tags.add(has, word) end
  end
  if opts.note then has.note = opts.note:find "%S" and opts.note or nil end
  return tags.write(entry.path, has)
end

function M.main(words)
  local opts, given = arguments.parse(WHERE, { words, flags = flags })
  store.directory = opts.runs or os.getenv "SETLAB_RUNS" or "runs"
  local entries, marks = chosen(given, opts)
  for _, word in ipairs(marks) do
    if not tags.is_word(word) then arguments.fail(WHERE, ("'%s' is no word: it may have letters, digits and . _ - : only"):format(word)) end
  end
  if opts.remove and #marks == 0 then arguments.fail(WHERE, "--remove needs the words to take off") end
  if #marks == 0 and not opts.note then
    show(entries)
    return 0
  end
  local status = 0
  for _, entry in ipairs(entries) do
    local ok, why = mark(entry, marks, opts)
    if not ok then
      io.stderr:write(("setlab: %s is not marked: %s\n"):format(entry.path, why))
      status = 1
    end
  end
  print(("%d run%s"):format(#entries, #entries == 1 and "" or "s"))
  return status
end

return M
