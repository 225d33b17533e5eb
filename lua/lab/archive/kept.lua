-- kept.lua: runs that are in the store, opened by their keys: lab.runs.open "3fa9d0c1b2e4".
--
-- What comes back is what lab.runs gives for a run that it read back. Nothing is trained, locked or written.

local catalog = require "lab.archive.catalog"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local output = require "lab.util.output"
local records = require "lab.run.records"
local runs = require "lab.run.runs"
local store = require "lab.run.store"
local text = require "lab.util.text"

local M = {}

local WHERE = "lab.runs.open"

local ended = { done = true, diverged = true, failed = true, pruned = true }

-- "  3fa9d0c1b2e4  study arm=SET-MLP seed=1", a line for each key, eight at most.
local function listed(keys)
  local lines = {}
  for i = 1, math.min(8, #keys) do
    local e = catalog.entry(store.path(keys[i]), keys[i])
    lines[i] = text.clean(("  %s  %s %s"):format(e.key, e.experiment or e.status, e.name or ""))
  end
  if #keys > 8 then lines[9] = "  ..." end
  return table.concat(lines, "\n")
end

-- The key that begins with these digits. Raises at the script's line.
local function whole_key(word)
  if type(word) ~= "string" or not word:find "^%x+$" then
    options.fail(("%s needs the beginning of a run's key, such as \"3fa9d0c1\", not %s; 'setlab runs' lists the keys"):format(
      WHERE, type(word) == "string" and ("'%s'"):format(text.clean(word)) or type(word)))
  end
  local keys, found = store.keys(), {}
  for _, key in ipairs(keys) do if key:sub(1, #word) == word:lower() then found[#found + 1] = key end end
  if #found == 1 then return found[1] end
  if #found > 1 then options.fail(("%s: %d runs in %s begin with '%s':\n%s"):format(WHERE, #found, store.root(), word, listed(found))) end
  local near = options.nearest(word, keys)
  options.fail(("%s: no run in %s begins with '%s'%s"):format(WHERE, store.root(), word,
    near and (" (did you mean '%s'?)"):format(near) or #keys > 0 and "; there are\n" .. listed(keys) or ", which holds no run"))
end

-- The arguments as lab.runs has them: of a table with a name, the name.
local function labels_of(arguments)
  local labels = {}
  for name, v in pairs(type(arguments) == "table" and arguments or {}) do labels[name] = type(v) == "table" and v.name or v end
  return labels
end

local function record_of(word)
  local key = whole_key(word)
  local e = catalog.entry(store.path(key), key)
  if e.status == "damaged" then options.fail(("%s: %s is damaged: %s"):format(WHERE, e.path, e.why)) end
  if not ended[e.status] and not store.so_far then options.fail(("%s: the run %s is not finished (%s)"):format(WHERE, key, e.status)) end
  local c = e.configuration
  local task = { name = e.name, arguments = labels_of(c.arguments), label = e.experiment, id = { key = key, hash = c.key } }
  return records.record(task, { status = e.status == "running" and "under way" or e.status, reused = true, why = e.why })
end

local function collection(words)
  local list, labels, names, seen, named, met = {}, {}, {}, {}, {}, {}
  for _, word in ipairs(words) do
    local record = record_of(word)
    if not met[record.key] then list[#list + 1], met[record.key] = record, true end  -- a mean would count it twice
    local experiment = record.experiment or "?"
    if not named[experiment] then names[#names + 1], named[experiment] = experiment, true end
    for name, label in pairs(record.arguments) do
      labels[name], seen[name] = labels[name] or {}, seen[name] or {}
      if not seen[name][label] then table.insert(labels[name], label) end
      seen[name][label] = true
    end
  end
  return records.runs(list, table.concat(names, " and "), labels)
end

-- The run of a key as a record; or of a list of keys the runs as lab.runs gives them.
function M.open(keys)
  local several = type(keys) == "table"
  if several and #keys == 0 then options.fail(WHERE .. ": the list of keys is empty") end
  local runs = several and collection(keys) or { record_of(keys) }
  output.runs_used = output.runs_used or {}
  table.move(runs, 1, #runs, #output.runs_used + 1, output.runs_used)
  return several and runs or runs[1]
end

manual.word(WHERE, {
  summary = "kept runs, opened by their keys",
  text = "Nothing is trained. A run that is not finished, or is damaged, is an error that says so.",
  arguments = { { "keys", "text or array of texts", "A key or its beginning, or several." } },
  returns = "a record; of an array, runs",
  gives = "record",
  raises = "No run, or more than one, has such a key.",
  example = 'local record = lab.runs.open(runs[1].key)',
})

-- The word belongs to lab.runs.
function runs.script.open(keys)
  if runs.is_busy() then options.fail "lab.runs.open cannot be called while a run executes: open the run before, and use it in the run function" end
  return M.open(keys)
end
M.runs = runs.script

return M
