-- compare.lua: `setlab compare A B`.

local arguments = require "lab.util.arguments"
local catalog = require "lab.archive.catalog"
local clean = require "lab.util.text".clean
local compare = require "lab.archive.compare"
local conditions = require "lab.archive.conditions"
local format = require "lab.util.format"
local json = require "lab.util.json"
local runs_table = require "lab.archive.runs_table"
local shared = require "lab.command.flags"
local statistics = require "lab.util.statistics"
local store = require "lab.run.store"
local text_table = require "lab.util.text_table"

local M = { name = "compare", summary = "say what differs between two runs" }

local WHERE = "setlab compare"

local flags = {
  json = { help = "Print JSON." },
  runs = shared.flags.runs,
}

M.help = [[
NAME
       setlab compare - say what differs between two runs

SYNOPSIS
       setlab compare [OPTIONS] A B

DESCRIPTION
       A and B are the beginnings of keys, as 'setlab runs' prints them, or paths of run
       folders (with a slash). Prints what differs in what the runs are: arguments,
       parameters, what the run function captures, its code, the data, program and machine;
       then what came out, side by side with B minus A: status, rows, seconds, peak memory
       (MiB), and of every column of metrics.csv the last number and, where it is another
       one, the best: the greatest, or the least if the column is called a loss or an error. A
       column that ends as not-a-number has a dash and no best. Last a line that sums it up.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if both were read; 1 if one is damaged; 2 if there is no such run, or more than one.

EXAMPLES
       setlab compare 3fa9 77c0
       setlab compare runs/3fa9d0c1b2e4 other/runs/77c012ab34cd]]

local ABSENT = "–"

local function text(v)
  if v == nil then return ABSENT end
  if type(v) == "number" then return format.number(v) end
  return clean(v)
end

local function title(letter, e)
  return clean(("%s  %s  %s %s  %s%s"):format(letter, e.key, e.experiment or "?", e.run or e.name or "?", e.status,
    e.started and "  " .. e.started or ""))
end

local function configuration_table(differences)
  local item = { header = { "differs", "", "A", "B" }, rows = {}, align = "llll" }
  local last
  for i, d in ipairs(differences) do
    item.rows[i] = { d.group ~= last and d.group or "", d.name ~= d.group and d.name or "", text(d.a), text(d.b) }
    last = d.group
  end
  return text_table.text(item)
end

-- Metrics that are the same in both, last and best, stand in one line below.
local function results_table(results)
  local item, equal, differs = { header = { "result", "", "A", "B", "B - A" }, rows = {}, align = "llrrr" }, {}, {}
  for _, r in ipairs(results) do differs[r.name] = differs[r.name] or not r.what or not compare.same(r.a, r.b) end
  for _, r in ipairs(results) do
    local by = statistics.finite(r.a) and statistics.finite(r.b) and r.b - r.a
    if not differs[r.name] then
      if equal[#equal] ~= r.name then equal[#equal + 1] = r.name end
    else
      item.rows[#item.rows + 1] = { r.name, r.what or "", text(r.a), text(r.b), by and (by == 0 and "0" or ("%+.4g"):format(by)) or "" }
    end
  end
  if #equal > 0 then item.note = "the same in both: " .. table.concat(equal, ", ") end
  return text_table.text(item)
end

-- A copy for JSON, its texts clean.
local function clean_copy(v)
  if type(v) ~= "table" then return type(v) == "string" and clean(v) or v end
  local copy = {}
  for k, item in pairs(v) do copy[k] = clean_copy(item) end
  return copy
end

-- Absent values leave no field.
local function told(entry) return { key = entry.key, path = entry.path, experiment = entry.experiment, name = entry.name, status = entry.status } end

function M.main(words)
  local opts, names = arguments.parse(WHERE, { words, flags = flags })
  if #names ~= 2 then arguments.fail(WHERE, "which two runs?") end
  store.directory = opts.runs or os.getenv "SETLAB_RUNS" or "runs"
  local all = catalog.all()
  runs_table.name_runs(all)
  local a, b = conditions.one(WHERE, all, names[1]), conditions.one(WHERE, all, names[2])
  for _, e in ipairs { a, b } do
    if e.status == "damaged" then error(("%s is damaged: %s"):format(e.path, e.why), 0) end
  end
  local differences, results = compare.configuration(a, b), compare.results(a, b)
  local sentence = compare.sentence(differences, results)
  if opts.json then
    print(json.encode(clean_copy { a = told(a), b = told(b), differences = differences, results = results, summary = sentence }))
    return 0
  end
  print(title("A", a) .. "\n" .. title("B", b) .. "\n")
  if #differences > 0 then print(configuration_table(differences) .. "\n") end
  print(results_table(results) .. "\n")
  print(clean(sentence))
  return 0
end

return M
