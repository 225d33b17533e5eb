-- records.lua: runs as they are read: rows, series, facts of one; groups of many.
--
-- A record is { name, experiment, arguments, key, path, status, reused, why, finished }; its files are
-- read when asked for, once. A collection is an array of records with `where` and `group`.

local csv = require "lab.util.csv"
local fields = require "lab.util.fields"
local fs = require "lab.c.fs"
local manual = require "lab.util.manual"
local number = require "lab.util.number"
local options = require "lab.util.options"
local reads = require "lab.script.reads"
local store = require "lab.run.store"

local M = {}

local COLUMN = { "column", "text", "The name of a column of run:log." }
local NAME = { "name", "text", "The name under which run:record wrote." }

manual.object("record", {
  summary = "a run that is kept, finished or not: what lab.runs returns an array of",
  fields = {
    name = "The run's arguments as text: \"arm=SET seed=1\".",
    experiment = "The experiment's name, the first item of lab.runs.",
    arguments = "The arguments by name; a table with a `name` is given as this name.",
    key = "The name of the run's folder, 12 hexadecimal digits.",
    hash = "The whole hash of what decides the result; `key` begins it.",
    path = "The run's folder.",
    status = "done, failed, diverged, or another word for a run that has not ended.",
    reused = "Whether it was read back.",
    why = "Why it failed, as text, or nil.",
    finished = "When it ended, as text, or nil.",
  },
  methods = {
    rows = { summary = "the rows that the run logged", returns = "an array of { column = value }." },
    monitor = { summary = "what the process used while it ran",
      text = "Its memory includes what earlier runs of the script left there; lab.memory_plan says what a net alone takes. Samples are half a second apart (--monitor says otherwise).", returns = "an array of rows: seconds, cpu_percent, uss_mib, rss_mib, ..." },
    meta = { summary = "how, when and where the run was made (meta.yaml)", returns = "a table." },
    result = { summary = "how the run ended (result.yaml)", returns = "a table; an empty one if it has not ended." },
    configuration = { summary = "what decides the run's result (run.yaml)", returns = "a table." },
    column = { summary = "one column in the order of the rows", arguments = { COLUMN }, returns = "an array; an empty one if the run logged nothing." },
    last = { summary = "the last value of a column", arguments = { COLUMN }, returns = "a number, text, true or false; nil if the run logged nothing." },
    series = { summary = "all that run:record wrote under a name", arguments = { NAME }, returns = "an array of { keys = { epoch = 1, ... }, values = array of numbers }." },
    values = { summary = "the values that run:record wrote with these keys",
      arguments = { NAME, { "keys", "table", "Such as { epoch = 1, layer = 1 }: the first series that has them." } }, returns = "an array of numbers, or nil." },
  },
})

manual.object("runs", {
  summary = "an array of records: what lab.runs and sweep:runs return",
  text = "a .. b joins runs, of one experiment or of two; by = \"experiment\" keeps them apart in figures and tables.",
  fields = { label = "The experiment's name.", labels = "For each argument's name an array of its values, in the order given." },
  methods = {
    where = { summary = "the runs that have these arguments", arguments = { { "wanted", "table", "Such as { arm = \"SET\", seed = 1 }; an array stands for any of its values: { arm = { \"SET\", \"RigL\" } }." } }, returns = "runs.",
      raises = "an error if no run has such an argument." },
    group = { summary = "the runs by one of their arguments", arguments = { { "name", "text", "The argument's name." } },
      returns = "an array of { value =, records = array }, in the order given to lab.runs." },
  },
})

-- ---- one run ---------------------------------------------------------------------------

local Record = {}

-- Rows of one CSV file of the folder, by column name; none if there is no such file.
local function read_rows(record, name)
  reads.note_file(record.path .. "/" .. name)
  local known = record.files[name]
  if known then return known.rows, known.columns end
  local rows, columns = csv.rows(fs.read_file(record.path .. "/" .. name) or "")
  record.files[name] = { rows = rows, columns = columns }
  return rows, columns
end

function Record:rows() return (read_rows(self, "metrics.csv")) end
function Record:monitor() return (read_rows(self, "monitor.csv")) end

local function read_yaml(record, name)
  reads.note_file(record.path .. "/" .. name)
  return store.read(record.path, name) or {}
end

function Record:meta() return read_yaml(self, "meta.yaml") end
function Record:result() return read_yaml(self, "result.yaml") end
function Record:configuration() return read_yaml(self, "run.yaml") end

local function check_column(record, column)
  local _, columns = read_rows(record, "metrics.csv")
  for _, known in ipairs(columns) do if known == column then return end end
  if #columns > 0 then
    options.fail(("the run %s has no column '%s'%s"):format(record.name, tostring(column), options.suggestion(column, columns)))
  end
end

function Record:column(column)
  check_column(self, column)
  local values = {}
  for i, row in ipairs(self:rows()) do values[i] = row[column] end
  return values
end

function Record:last(column)
  check_column(self, column)
  local rows = self:rows()
  return rows[#rows] and rows[#rows][column]
end

function Record:series(name)
  if type(name) ~= "string" then options.fail "run:series takes the name of a series, such as \"degrees\"" end
  reads.note_file(("%s/%s.csv"):format(self.path, name))
  local known = self.files[name]
  if known then return known end
  local series = {}
  for i, row in ipairs((csv.rows(fs.read_file(("%s/%s.csv"):format(self.path, name)) or ""))) do
    local values = {}
    for item in tostring(row.values or ""):gmatch("%S+") do values[#values + 1] = number.read(item) end
    row.values = nil
    series[i] = { keys = row, values = values }
  end
  self.files[name] = series
  return series
end

local function check_keys(record, name, known, keys)
  for key in pairs(keys) do
    if known[key] == nil then
      options.fail(("the series '%s' of the run %s has no key '%s'%s"):format(name, record.name, tostring(key),
        options.suggestion(tostring(key), options.sorted_keys(known))))
    end
  end
end

function Record:values(name, keys)
  if type(name) ~= "string" or type(keys) ~= "table" then
    options.fail "run:values takes a name and a table of keys: run:values(\"degrees\", { epoch = 1, layer = 1 })"
  end
  for _, series in ipairs(self:series(name)) do
    check_keys(self, name, series.keys, keys)
    local fits = true
    for key, value in pairs(keys) do fits = fits and series.keys[key] == value end
    if fits then return series.values end
  end
end

local record_meta = {
  __name = "lab.record",
  __index = fields.class(Record, "a run", { "name", "arguments", "key", "path", "status", "reused" }, { "why", "finished" }),
  __key = function(record) return { "run", record.hash } end,  -- captured by another run: its key says all
}

-- A record of a task, finished or not.
--   known  { status, reused, why, busy = true if another process is at work there }
function M.record(task, known)
  local record = setmetatable({
    name = task.name, experiment = task.label, arguments = task.arguments, key = task.id.key, hash = task.id.hash, path = store.path(task.id.key),
    status = known.status, reused = known.reused or false, why = known.why, files = {},
  }, record_meta)
  if not known.busy then record.finished = (store.read(record.path, "meta.yaml") or {}).finished end
  return record
end

-- ---- many runs -------------------------------------------------------------------------

local Runs = {}

local function check_dimension(runs, name)
  if not runs.labels[name] then
    options.fail(("these runs have no '%s'%s"):format(tostring(name), options.suggestion(tostring(name), options.sorted_keys(runs.labels))))
  end
end

-- The values that an argument may have, as a set: one, or those of an array. Each must occur.
local function check_values(runs, name, given)
  local set, texts, known = {}, {}, {}
  for i, label in ipairs(runs.labels[name]) do texts[i], known[label] = tostring(label), true end
  local is_array = type(given) == "table" and not known[given]
  for _, value in ipairs(is_array and given or { given }) do
    if not known[value] then options.fail(("no run has %s = '%s'%s"):format(name, tostring(value), options.suggestion(tostring(value), texts))) end
    set[value] = true
  end
  if next(set) == nil then options.fail(("runs:where: '%s' is an empty array"):format(name)) end
  return set
end

function Runs:where(wanted)
  if type(wanted) ~= "table" then options.fail "runs:where takes a table: runs:where { arm = \"SET-MLP\" }" end
  local any = {}
  for _, name in ipairs(options.sorted_keys(wanted)) do
    check_dimension(self, name)
    any[name] = check_values(self, name, wanted[name])
  end
  local chosen = {}
  for _, record in ipairs(self) do
    local fits = true
    for name, labels in pairs(any) do fits = fits and labels[record.arguments[name]] == true end
    if fits then chosen[#chosen + 1] = record end
  end
  return M.runs(chosen, self.label, self.labels)
end

function Runs:group(name)
  check_dimension(self, name)
  local groups = {}
  for _, label in ipairs(self.labels[name]) do
    local records = {}
    for _, record in ipairs(self) do if record.arguments[name] == label then records[#records + 1] = record end end
    if #records > 0 then groups[#groups + 1] = { value = label, records = records } end
  end
  return groups
end

local runs_meta = { __name = "lab.runs", __index = fields.class(Runs, "a collection of runs", { "label", "labels" }) }
runs_meta.__key = function(runs) return table.move(runs, 1, #runs, 1, {}) end

-- The records of both, each run once: a mean over a run and itself would count it twice.
local function union(a, b)
  local list, seen = {}, {}
  for _, source in ipairs { a, b } do
    for _, record in ipairs(source) do
      local key = record.key or record
      if not seen[key] then list[#list + 1], seen[key] = record, true end
    end
  end
  return list
end

-- Two collections as one: sparse_runs .. dense_runs. Both must have the same arguments.
function runs_meta.__concat(a, b)
  if not M.is_runs(a) or not M.is_runs(b) then options.fail "runs can only be joined to runs" end
  for _, pair in ipairs { { a, b }, { b, a } } do
    for _, name in ipairs(options.sorted_keys(pair[1].labels)) do check_dimension(pair[2], name) end
  end
  local labels = {}
  for name, list in pairs(a.labels) do
    local seen = {}
    labels[name] = {}
    for _, source in ipairs { list, b.labels[name] } do
      for _, label in ipairs(source) do
        if not seen[label] then labels[name][#labels[name] + 1], seen[label] = label, true end
      end
    end
  end
  return M.runs(union(a, b), a.label .. " and " .. b.label, labels)
end

-- A collection: an array of records, with the label of the experiment and, for each
-- argument's name, its labels in order.
function M.runs(list, label, labels)
  local runs = setmetatable(list, runs_meta)
  runs.label, runs.labels = label, labels
  return runs
end

function M.is_runs(value) return getmetatable(value) == runs_meta end

return M
