-- run.lua: one run: what its function is given, and how it is carried out.
--
-- The function gets a `run`. Around it the folder's meta.yaml is kept true, the monitor runs, and
-- result.yaml is written at the very end.

local checkpoint = require "lab.run.checkpoint"
local checksums = require "lab.run.checksums"
local csv = require "lab.util.csv"
local current = require "lab.script.current"
local fs = require "lab.c.fs"
local manual = require "lab.util.manual"
local number = require "lab.util.number"
local options = require "lab.util.options"
local machine = require "lab.run.machine"
local params = require "lab.script.params"
local progress = require "lab.util.progress"
local reads = require "lab.script.reads"
local resume = require "lab.run.resume"
local stop = require "lab.util.stop"
local store = require "lab.run.store"
local surroundings = require "lab.run.surroundings"
local strict = require "lab.script.strict"
local system = require "lab.c.system"
local trial = require "lab.run.trial"

local M = { monitor_interval = 0.5 }  -- seconds

local Run = {}
local reserved, scalars = { metrics = true, monitor = true }, { number = true, string = true, boolean = true }

-- A row with arrays spread out: { links = { 7, 9 } } becomes links_1, links_2. Returns
-- column -> value and the columns: names sorted, an array's in their order.
local function spread(row)
  local values, columns = {}, {}
  local function add(column, v)
    if values[column] ~= nil then options.fail(("run:log: two values for the column '%s'"):format(column)) end
    if not scalars[type(v)] then options.fail(("run:log: '%s' is a %s; numbers, text, true and false can be logged"):format(column, type(v))) end
    values[column], columns[#columns + 1] = v, column
  end
  for k in pairs(row) do
    if type(k) ~= "string" then options.fail "run:log takes named values: run:log { epoch = 1, loss = 0.5 }" end
  end
  for _, name in ipairs(options.sorted_keys(row)) do
    if type(row[name]) == "table" then
      for i, v in ipairs(row[name]) do add(("%s_%d"):format(name, i), v) end
    else add(name, row[name]) end
  end
  return values, columns
end

local function check_columns(known, values, columns)
  for _, column in ipairs(columns) do
    if not known.set[column] then
      options.fail(("run:log: '%s' was not in the first row%s"):format(column, options.suggestion(column, known)))
    end
  end
  for _, column in ipairs(known) do
    if values[column] == nil then options.fail(("run:log: '%s' is missing; the first row had it"):format(column)) end
  end
end

local function as_set(names)
  names.set = {}
  for _, name in ipairs(names) do names.set[name] = true end
  return names
end

-- One line of a file that grows. What the run says again on its way to the loop where it goes on
-- (run/checkpoint.lua) stands there already.
local function append(book, name, values)
  if not book.past then book.folder:append(name, csv.line(values)) end
end

function Run:log(row)
  if type(row) ~= "table" then options.fail(("run:log takes a table, not %s"):format(type(row))) end
  local book = self.book
  local values, columns = spread(row)
  if not book.columns then
    if #columns == 0 then options.fail "run:log: an empty row" end
    book.columns = as_set(columns)
    append(book, "metrics.csv", columns)
  else check_columns(book.columns, values, columns) end
  local line = {}
  for i, column in ipairs(book.columns) do line[i] = values[column] end
  append(book, "metrics.csv", line)
  book.rows, book.last = book.rows + 1, values
end

function Run:record(name, keys, values)
  if type(name) ~= "string" or not name:find "^%a[%w_-]*$" or reserved[name] then
    options.fail(("run:record: '%s' cannot be the name of a series"):format(tostring(name)))
  end
  if type(keys) ~= "table" or type(values) ~= "table" then options.fail "run:record takes a name, a table of keys and an array" end
  local names, line, items = options.sorted_keys(keys), {}, {}
  local book = self.book
  local known = book.series[name]
  if known and table.concat(known, ",") ~= table.concat(names, ",") then
    options.fail(("run:record: '%s' has the keys %s; the first had %s"):format(name, table.concat(names, ", "), table.concat(known, ", ")))
  end
  for i, key in ipairs(names) do
    if not scalars[type(keys[key])] or key == "values" then options.fail(("run:record: the key '%s' must be a number or text"):format(key)) end
    line[i] = keys[key]
  end
  for i = 1, #values do
    if type(values[i]) ~= "number" then options.fail(("run:record: value %d is a %s, not a number"):format(i, type(values[i]))) end
    items[i] = number.text(values[i])
  end
  line[#line + 1] = table.concat(items, " ")
  if not known then
    book.series[name] = names
    local header = table.move(names, 1, #names, 1, {})
    header[#header + 1] = "values"
    append(book, name .. ".csv", header)
  end
  append(book, name .. ".csv", line)
end

local about = {
  summary = "what lab.runs gives to a run function: where its results go",
  fields = {
    path = "The run's folder, for files of your own.",
    key = "The folder's name, 12 hexadecimal digits.",
    name = "The run's arguments as text: \"arm=SET seed=1\".",
    arguments = "The arguments by name; a table with a `name` is given as this name.",
    seconds = "How long the run has worked, in seconds, earlier attempts included.",
    state = "A table of numbers, text, true, false and tables of these that a checkpoint keeps: what the loop's body has to remember from epoch to epoch.",
  },
  methods = {
    log = { summary = "append a row to metrics.csv", text = "The first row sets the columns; an array becomes several: links_1, links_2.",
      arguments = { { "row", "table", "column = value: numbers, text, true, false, or arrays of these, such as { epoch = epoch.n, accuracy = net:accuracy(data.test) }." } } },
    record = { summary = "append an array of numbers to <name>.csv",
      arguments = { { "name", "text", "What is recorded: letters, digits, _ and -." }, { "keys", "table", "What identifies this array: { epoch = 1, layer = 1, side = \"in\" }." },
        { "values", "array of numbers", "Such as net:degrees(1, \"in\")." } } },
  },
}
manual.object("run", about)

local fields = {}
for _, part in ipairs { about.fields, about.methods } do
  for name in pairs(part) do fields[#fields + 1] = name end
end
table.sort(fields)

local meta = {
  __name = "lab.run",
  __index = function(run, name)
    if Run[name] then return Run[name] end
    if name == "seconds" then return rawget(run, "book").clock() end
    options.fail(("a run has no '%s'%s"):format(tostring(name), options.suggestion(tostring(name), fields)))
  end,
}

local stopped = { interrupt = "interrupted", pause = "paused", exit = "interrupted" }

-- How a run ended, from the error that its function raised: status and message.
local function outcome(ok, err)
  if ok then return "done" end
  local message, status = strict.words(err), stopped[stop.kind(err)]
  if status then return status, message end
  if message:find "^diverged:" or message:find ":%d+: diverged:" then return "diverged", message end
  return "failed", message
end

local function start_monitor(folder)
  local monitor = require "lab.c.monitor"
  local past = folder.past and folder.past.monitor
  local handle, why = monitor.start(folder.path .. "/monitor.csv", M.monitor_interval, past)
  if not handle then store.fail(why) end
  return handle
end

-- Runs the function with the parameters guarded, the monitor and the progress around it.
local function guarded(task, folder, run)
  local monitor <close> = start_monitor(folder)
  progress.begin { label = task.title }
  local ok, err = stop.watch(params.guard, task.id.reads, task.f, run, table.unpack(task.values, 1, task.values.n))
  local seconds = math.floor(run.book.clock() * 1e6 + 0.5) / 1e6
  local summary = resume.whole_summary(folder.past, monitor and monitor:stop() or {})
  if ok and run.book.past then ok, err = false, checkpoint.unused(run) end
  local status, message = outcome(ok, err)
  progress.finish { status = status }
  return { status = status, message = message, seconds = seconds, error = err, summary = summary }
end

local function meta_of(task, book, ended)
  local facts = machine.of_run()
  facts.status, facts.started, facts.experiment, facts.data = "running", book.started, task.label, task.id.data
  facts.continued = #book.continued > 0 and book.continued or nil
  if ended then
    facts.status, facts.finished, facts.seconds, facts.finished_unix = ended.status, fs.now(), ended.seconds, system.wall()
    facts.peak_uss_mib, facts.peak_rss_mib = ended.summary.peak_uss_mib, ended.summary.peak_rss_mib
    facts.cpu_percent, facts.message = ended.summary.cpu_percent, ended.message
  end
  return facts
end

local function write_end(task, folder, book, ended)
  folder:write_yaml("meta.yaml", meta_of(task, book, ended))
  if store.stopped[ended.status] then return end
  local configuration = { reads = reads.record(book.reads) }
  for name, value in pairs(task.id.configuration) do configuration[name] = value end
  folder:write_yaml("run.yaml", configuration)
  folder:write_yaml("result.yaml", {
    status = ended.status, message = ended.message, seconds = ended.seconds, rows = book.rows, last = book.last,
    peak_uss_mib = ended.summary.peak_uss_mib, peak_rss_mib = ended.summary.peak_rss_mib, cpu_percent = ended.summary.cpu_percent,
    checkpoint = book.keep and "kept" or nil,
    checksums = store.check(checksums.of(folder.path, store.finished[ended.status] and not book.keep and resume.name)),
  })
  if store.finished[ended.status] then resume.tidy(folder.path, book.keep) end
end

-- Carries out a task in its claimed folder. Returns { status, message, seconds }. Raises
-- what must stop the script: a stop (util/stop.lua), such as Ctrl-C or a disk that cannot be written.
--   task  { f, values, id = from key.of_run, name, arguments, label, title }
function M.execute(task, folder)
  local book = checkpoint.book(folder, task.id)
  folder:write_yaml("run.yaml", task.id.configuration)
  if current.script then folder:write("script.lua", current.script.text) end
  folder:write_yaml("meta.yaml", meta_of(task, book))
  trial.watch_run(book)
  local run = setmetatable({ path = folder.path, key = task.id.key, name = task.name, arguments = task.arguments,
    state = {}, book = book }, meta)
  local around <close> = surroundings.of_run(book)
  local ended = guarded(task, folder, run)
  local written, why = stop.catch(write_end, task, folder, book, ended)
  if store.stopped[ended.status] or store.is_failure(ended.error) then error(ended.error, 0) end
  if not written then error(why, 0) end
  if ended.summary.why then store.fail(ended.summary.why) end
  return ended
end

return M
