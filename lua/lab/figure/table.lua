-- table.lua: lab.table, runs folded into rows, or any rows a script has.
--
--   lab.table { runs, by = "arm", columns = { "accuracy", { "seconds", at = "mean", format = "seconds" } }, at = "last" }
--   lab.table { header = { "set", "accuracy" }, rows = { { "ours", 0.84 } }, align = "lr", note = "..." }
-- A row is a group, a cell the mean ± standard deviation over its finished runs. A run that
-- diverged or failed is counted in the note and not in a mean. Where a finished run's column ends as
-- not-a-number or infinity there is no mean, of the others neither: a dash, and a sentence in the note.

local breaks = require "lab.figure.breaks"
local format = require "lab.util.format"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local output = require "lab.util.output"
local series = require "lab.figure.series"
local statistics = require "lab.util.statistics"
local text = require "lab.util.text"

local WHERE = "lab.table"

local free_spec = {
  header = { kind = "table", required = true, takes = "array of texts", help = "The heads of the columns." },
  rows = { kind = "table", required = true, takes = "array of arrays", help = "The cells, row by row: numbers, text or nil." },
  align = { kind = "string", default_is = "numbers to the right", help = "How columns stand, a letter each: \"lrc\" for left, right and centre." },
  note = { kind = "string", help = "A sentence below the table." },
}
-- A column is a name, or { name, ... } with these.
local column_spec = {
  positional = true,
  column = { kind = "string", help = "The name of a column of run:log; it may also stand first." },
  value = { kind = "function", takes = "function(run)", help = "Returns a run's number, instead of a column." },
  cells = { kind = "table", help = "The text of each cell, by the name of its row, instead of a column." },
  header = { kind = "string", default_is = "made of the column's name", help = "The head; `value` and `cells` need one." },
  format = { kind = "string|function", takes = 'name of lab.format.kinds, pattern such as "%.4f" or function(number)', default_is = '"number"', help = "How a number is written." },
  at = { kind = "string", choices = statistics.folds, default_is = "the table's", help = "Which number of a run's column counts." },
  source = { kind = "string", choices = { "metrics", "monitor" }, default_is = '"metrics"', help = "Whether the column is one of run:log or of the monitor, whose memory includes what earlier runs of the script left there." },
  sd = { kind = "boolean", default = true, help = "Whether the standard deviation stands beside the mean." },
  compare = { kind = "boolean", default = true, help = "Whether the table's option `against` compares this column." },
}
local run_spec = {
  positional = true,
  columns = { kind = "table", required = true, takes = "array of names, or of tables", each = column_spec, help = "The columns; one may also be given as name = format." },
  by = { kind = "string", default_is = '"arm" where there is one', help = "The argument of lab.runs that sets rows apart." },
  at = { kind = "string", choices = statistics.folds, default = "last", help = "Which number of a run's column counts." },
  against = { kind = "string", takes = "name of a row", help = "Compares each row with this one, pair by pair: runs that differ in nothing but `by`, such as those of one seed. A column more for each of `columns` "
    .. "shows the mean difference ± its standard error, with a star where Student's paired t-test gives p < 0.05." },
  runs = { kind = "boolean", default = true, help = "Whether there is a column with the number of finished runs." },
  note = { kind = "string", help = "A sentence below the table." },
}

manual.word(WHERE, {
  summary = "a table: runs folded into rows, or any rows of a script",
  text = "A row is a group of runs, a cell the mean ± standard deviation over its finished runs. A run that diverged or failed is counted in the note and not in a mean.",
  items = { "runs", "What lab.runs returned." },
  options = run_spec,
  also = { text = "Or rows of your own:", options = free_spec },
  example = 'lab.table { runs, by = "seed", columns = { "accuracy", { "accuracy", at = "max", header = "best" } } }\n'
    .. 'lab.table { header = { "set", "accuracy" }, rows = { { "ours", 0.84 }, { "theirs", 0.83 } } }',
})

local prefixes = { last = "", first = "first ", max = "highest ", min = "lowest ", mean = "mean ", sum = "total " }

-- One column of a table of runs, checked and with its header.
local function check_column(where, given, o, runs)
  if type(given) == "string" then given = { given } end
  local c = options.check(where, column_spec, given)
  c.column = c.column or c[1]
  if (c.column and 1 or 0) + (c.value and 1 or 0) + (c.cells and 1 or 0) ~= 1 then
    options.fail(("%s: give exactly one of the name of a column, 'value' and 'cells'"):format(where))
  end
  if not c.column and not c.header then options.fail(("%s: option 'header' is missing"):format(where)) end
  if c.column then series.require_column(where, runs, c.column, c.source) end
  c.at = c.at or o.at
  c.format = format.named(where, c.format)
  if not c.header then
    c.header = prefixes[c.at] .. format.label(c.column)
    if c.format.unit ~= "" then c.header = c.header:gsub(" %([^()]*%)$", "") end -- the cells have it
  end
  return c
end

-- Columns in the order given; those with a name of their own follow by name.
local function check_columns(o, runs)
  local columns = {}
  for i, given in ipairs(o.columns) do columns[i] = check_column(("%s, column %d"):format(WHERE, i), given, o, runs) end
  for _, name in ipairs(options.sorted_keys(o.columns)) do
    local given = o.columns[name]
    local named = { column = name }
    if type(given) == "table" then for k, v in pairs(given) do named[k] = v end else named.format = given end
    if named.value or named.cells then named.column, named.header = nil, named.header or name end
    columns[#columns + 1] = check_column(("%s, column '%s'"):format(WHERE, name), named, o, runs)
  end
  return columns
end

-- One run's number for a column, or nil and why; texts and gaps count as none.
local function number_of(c, record)
  if not c.value then return statistics.fold(series.column(record, c.column, c.source), c.at) end
  local v = c.value(record)
  return type(v) == "number" and v or nil
end

local function cell(c, group, broken_runs)
  if c.cells then
    local v = c.cells[group.name]
    return v == nil and "–" or text.clean(v)
  end
  local s, broken, word = series.summary(group, function(record) return number_of(c, record) end)
  breaks.add(broken_runs, group, c.column and format.label(c.column) or c.header, c.value and "sum" or c.at, broken, word)
  if not s then return "–" end
  return format.mean_sd(c.format, s.mean, c.sd and s.sd or nil)
end

-- What a run is paired by: all its arguments but the one that sets rows apart.
local function pair_key(record, by)
  local parts = {}
  for _, name in ipairs(options.sorted_keys(record.arguments)) do
    local value = record.arguments[name]
    if type(value) == "table" and value.name then value = value.name end
    if name ~= by then parts[#parts + 1] = name .. "=" .. tostring(value) end
  end
  return table.concat(parts, " ")
end

-- The numbers of a group's finished runs by their pairs; nil if one broke down.
local function numbers_of(c, group, by)
  local values = {}
  for _, record in ipairs(group.finished) do
    local v, why = number_of(c, record)
    if why or v ~= nil and not statistics.finite(v) then return nil end
    values[pair_key(record, by)] = v
  end
  return values
end

-- The row that others are compared with; nil if none is asked for.
local function reference_of(groups, against, by)
  if against == nil then return nil end
  local names = {}
  for i, group in ipairs(groups) do
    names[i] = group.name
    if group.name == against and by then return group end
  end
  options.fail(("%s: option 'against': no row is called '%s'%s"):format(WHERE, against, options.suggestion(against, names)))
end

local SIGNIFICANT <const> = 0.05

local function difference(c, group, reference, by)
  if group == reference then return "" end
  local a, b = numbers_of(c, group, by), numbers_of(c, reference, by)
  local d = a and b and statistics.paired(a, b)
  if not d then return "–" end
  local some = d.n < math.max(#group.records, #reference.records) and (" (%d %s)"):format(d.n, d.n == 1 and "pair" or "pairs") or ""
  return (d.mean >= 0 and "+" or "") .. format.mean_sd(c.format, d.mean, d.error) .. (d.p and d.p < SIGNIFICANT and " *" or "") .. some
end

local function compares(c) return c.compare and not c.cells end

local function table_of_runs(given)
  local o = options.check(WHERE, run_spec, given)
  local runs = series.runs(WHERE, o)
  local groups, by = series.groups(WHERE, runs, o.by)
  local columns = check_columns(o, runs)
  local item = { kind = "table", header = { by and format.label(by) or "" }, rows = {}, align = "l" }
  local function add(header) item.header[#item.header + 1], item.align = header, item.align .. "r" end
  if o.runs then add("runs") end
  local reference = #runs > 0 and reference_of(groups, o.against, by) or nil
  for _, c in ipairs(columns) do
    add(c.header)
    if reference and compares(c) then add("− " .. reference.name) end
  end
  local broken_runs = {}
  for i, group in ipairs(groups) do
    local row = { group.name }
    if o.runs then row[2] = tostring(#group.finished) end
    for _, c in ipairs(columns) do
      row[#row + 1] = cell(c, group, broken_runs)
      if reference and compares(c) then row[#row + 1] = difference(c, group, reference, by) end
    end
    item.rows[i] = row
  end
  local notes = series.notices(groups)
  if #notes > 0 then notes[#notes] = notes[#notes] .. " (not in the means)" end
  if #runs == 0 then notes[1] = "no runs yet" end
  for _, sentence in ipairs(breaks.notices(broken_runs, groups)) do notes[#notes + 1] = sentence end
  notes[#notes + 1] = series.mixture(groups, by)
  if reference then notes[#notes + 1] = ("differences from %s over pairs of runs, mean ± standard error; * where a paired t-test gives p < 0.05, each by itself"):format(reference.name) end
  notes[#notes + 1] = o.note
  item.note = #notes > 0 and table.concat(notes, "; ") or nil
  item.header = text.clean_all(item.header)
  for i, row in ipairs(item.rows) do item.rows[i] = text.clean_all(row) end
  return item
end

-- Text of any value in a free table.
local function free_text(v)
  if type(v) == "number" then return format.number(v) end
  if v == nil then return "–" end
  return text.clean(v)
end

local function free_table(given)
  local o = options.check(WHERE, free_spec, given)
  local item = { kind = "table", header = {}, rows = {}, note = o.note }
  local right = {}
  for j, h in ipairs(o.header) do item.header[j], right[j] = free_text(h), #o.rows > 0 end
  for i, given_row in ipairs(o.rows) do
    if type(given_row) ~= "table" then options.fail(("%s: row %d is not a table"):format(WHERE, i)) end
    if #given_row > #o.header then options.fail(("%s: row %d has %d cells, the header %d"):format(WHERE, i, #given_row, #o.header)) end
    local row = {}
    for j = 1, #o.header do
      row[j] = free_text(given_row[j])
      if type(given_row[j]) ~= "number" and given_row[j] ~= nil then right[j] = false end
    end
    item.rows[i] = row
  end
  local align = {}
  for j = 1, #o.header do align[j] = right[j] and "r" or "l" end
  item.align = o.align or table.concat(align)
  if #item.align ~= #o.header or item.align:find("[^lrc]") then
    options.fail(("%s: option 'align' must be one of l, r, c for each of %d columns"):format(WHERE, #o.header))
  end
  return item
end

return function(given)
  local free = type(given) == "table" and (given.header or given.rows)
  output.emit(free and free_table(given) or table_of_runs(given))
end
