-- compare.lua: two runs of the store side by side: how they differ in their configuration and in their results.
--
-- A difference is { group, name, a, b }; a or b is nil where a run does not have it.

local csv = require "lab.util.csv"
local format = require "lab.util.format"
local fs = require "lab.c.fs"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local M = {}

local scalars = { number = true, string = true, boolean = true }

-- Nested tables as dotted names with scalars.
local function flatten(t, into, inside)
  for k, v in pairs(type(t) == "table" and t or {}) do
    if scalars[type(v)] then into[inside .. tostring(k)] = v
    else flatten(v, into, ("%s%s."):format(inside, tostring(k))) end
  end
  return into
end

-- Where or when a run was made is not part of its configuration.
local function only(t, names)
  local part = {}
  for _, name in ipairs(names) do part[name] = t[name] end
  return part
end

local machine = { "host", "cpu", "cores", "processors", "memory_mib", "system", "instruction_set", "threads" }
local program = { "setlab", "commit", "dirty", "compiler", "flags", "lua", "openblas", "blas_threading", "libyaml", "libzip", "plfit", "md4c", "xxhash", "zlib" }

-- What a run is, in groups: each a function of an entry of archive/catalog.lua to name -> scalar.
local groups = {
  { "experiment", function(e) return { experiment = e.experiment } end },
  { "arguments", function(e) return flatten(e.configuration.arguments, {}, "") end },
  { "parameters", function(e) return flatten(e.configuration.parameters, {}, "") end },
  { "captured", function(e) return flatten(e.configuration.captured, {}, "") end },
  { "code", function(e) return { code = e.configuration.code } end },
  { "data", function(e) return flatten(e.configuration.data, {}, "") end },
  { "program", function(e)
    local facts = flatten(only(e.meta, program), {}, "")
    facts.results_version = scalars[type(e.configuration.results_version)] and e.configuration.results_version or nil
    return facts
  end },
  { "machine", function(e) return flatten(only(e.meta, machine), {}, "") end },
}
M.groups = {}
for i, group in ipairs(groups) do M.groups[i] = group[1] end

local function same(x, y) return x == y or x ~= x and y ~= y end
M.same = same

-- All differences in configuration, group by group, names sorted. Which of a group's names are in
-- either run: how many agree is second, by group.
function M.configuration(a, b)
  local differences, agreeing = {}, {}
  for _, group in ipairs(groups) do
    local x, y, names = group[2](a), group[2](b), {}
    for name in pairs(x) do names[name] = true end
    for name in pairs(y) do names[name] = true end
    agreeing[group[1]] = 0
    for _, name in ipairs(options.sorted_keys(names)) do
      if same(x[name], y[name]) then agreeing[group[1]] = agreeing[group[1]] + 1
      else differences[#differences + 1] = { group = group[1], name = name, a = x[name], b = y[name] } end
    end
  end
  return differences, agreeing
end

-- ---- results ----------------------------------------------------------------------------

-- A metric of which less is better, by its name.
function M.is_cost(name)
  for _, word in ipairs { "loss", "error", "seconds", "perplexity" } do
    if name:lower():find(word, 1, true) then return true end
  end
  return false
end

-- Does a column only grow, as a counter does, so that it has no best?
local function is_counter(name) return name == "epoch" or name == "step" or name:lower():find("seconds", 1, true) ~= nil end

-- The numbers of a run's columns: name -> { last, best, n }; no best of what ends as not-a-number or infinity.
local function columns_of(entry)
  local rows, names = csv.rows(fs.read_file(entry.path .. "/metrics.csv") or "")
  local columns = {}
  for _, name in ipairs(names) do
    local numbers = {}
    for _, row in ipairs(rows) do if type(row[name]) == "number" then numbers[#numbers + 1] = row[name] end end
    if #numbers > 0 then
      local best = not is_counter(name) and statistics.fold(numbers, M.is_cost(name) and "min" or "max") or nil
      columns[name] = { n = #numbers, last = numbers[#numbers], best = best }
    end
  end
  return columns
end

-- What came out: an array of { name, a, b, what = "last" or "best" or nil } that either run has, the facts
-- of the whole run first; a metric's best only where it is not the last in both.
function M.results(a, b)
  local list = {}
  for _, name in ipairs { "status", "rows", "seconds", "memory" } do
    if a[name] ~= nil or b[name] ~= nil then list[#list + 1] = { name = name, a = a[name], b = b[name] } end
  end
  local x, y, names = columns_of(a), columns_of(b), {}
  for name in pairs(x) do names[name] = true end
  for name in pairs(y) do names[name] = true end
  for _, name in ipairs(options.sorted_keys(names)) do
    local p, q = x[name] or {}, y[name] or {}
    list[#list + 1] = { name = name, what = "last", a = p.last, b = q.last }
    local is_last = (p.best == nil or p.best == p.last) and (q.best == nil or q.best == q.last)
    if not is_last then list[#list + 1] = { name = name, what = "best", a = p.best, b = q.best } end
  end
  return list
end

-- ---- a line -----------------------------------------------------------------------------

local function count_words(differences)
  local names, order = {}, {}
  for _, d in ipairs(differences) do
    if not names[d.group] then
      names[d.group] = {}
      order[#order + 1] = d.group
    end
    table.insert(names[d.group], d.name)
  end
  local words = {}
  for i, group in ipairs(order) do
    local list = names[group]
    local alone = #list == 1 and (list[1] == group)
    local shown = #list <= 3 and table.concat(list, ", ") or ("%d of them"):format(#list)
    words[i] = alone and group or ("%s (%s)"):format(group, shown)
  end
  return words
end

-- The metric that a reader looks for first: an accuracy, else a loss, else nothing.
local function headline(results)
  for _, word in ipairs { "test_accuracy", "accuracy", "test_loss", "loss" } do
    for _, r in ipairs(results) do
      if r.what == "last" and r.name == word and statistics.finite(r.a) and statistics.finite(r.b) then return r end
    end
  end
end

-- "A's loss ends as not-a-number", for each metric that does.
local function breaks(results)
  local parts = {}
  for _, r in ipairs(results) do
    for _, letter in ipairs(r.what == "last" and { "A", "B" } or {}) do
      local v = r[letter:lower()]
      if type(v) == "number" and not statistics.finite(v) then
        parts[#parts + 1] = ("%s's %s ends as %s"):format(letter, r.name, statistics.break_down(v))
      end
    end
  end
  return parts
end

-- Which run took longer, and how much.
local function duration(a, b)
  local ratio = math.max(a, b) / math.min(a, b)
  if ratio < 1.05 then return "both took about as long" end
  local longer = b > a and "B" or "A"
  if ratio < 1.95 then return ("%s took %.0f %% longer"):format(longer, 100 * (ratio - 1)) end
  return ("%s took %s times as long"):format(longer, format.number(tonumber(("%.2g"):format(ratio))))
end

-- One or two sentences.
function M.sentence(differences, results)
  local words = count_words(differences)
  local said = #words == 0 and "The same configuration, program and machine" or "They differ in " .. table.concat(words, ", ")
  local top, times = headline(results), nil
  for _, r in ipairs(results) do if r.name == "seconds" and not r.what then times = r end end
  local parts = breaks(results)
  if top then
    local by = top.b - top.a
    parts[#parts + 1] = by == 0 and ("%s ends the same"):format(top.name) or ("B's %s ends %s %s"):format(top.name, format.number(math.abs(by)), by > 0 and "higher" or "lower")
  end
  if times and times.a and times.b and times.a > 0 and times.b > 0 then
    parts[#parts + 1] = duration(times.a, times.b)
  end
  return said .. (#parts > 0 and "; " .. table.concat(parts, "; ") or "") .. "."
end

return M
