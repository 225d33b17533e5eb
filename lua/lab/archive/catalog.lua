-- catalog.lua: the folder of runs as a list: what each folder says about its run, or what is wrong with it.
--
-- An entry is { key, path, status, experiment, name, rows, seconds, started, finished, memory, host, commit,
-- why, tags, note, arguments, parameters, metrics }, and what it was read from: configuration, meta, result. Arguments
-- and parameters are flat: a table with a name counts as that name, its parts as arm.evolve.zeta. The
-- metrics are those of the last row. A folder that cannot be read has the status "damaged", and `why`.

local csv = require "lab.util.csv"
local fs = require "lab.c.fs"
local options = require "lab.util.options"
local store = require "lab.run.store"
local tags = require "lab.archive.tags"

local M = {
  -- What is known of every run, in the order of a table.
  facts = { "key", "experiment", "name", "status", "rows", "seconds", "started", "finished", "memory", "host", "commit", "path", "why", "tags", "note" },
}

local scalars = { number = true, string = true, boolean = true }
local parts = { "arguments", "parameters", "metrics" }  -- which one counts where two have a name

-- A value of a file as one cell, or nil: what a damaged file holds may be anything.
local function scalar(v) return scalars[type(v)] and v or nil end
local function number(v) return type(v) == "number" and v or nil end
local function text(v) return type(v) == "string" and v or nil end

local function joined(list)
  local items = {}
  for i, v in ipairs(list) do
    if not scalars[type(v)] then return nil end
    items[i] = tostring(v)
  end
  return #items > 0 and table.concat(items, ",") or nil
end

-- Nested tables as name -> scalar.
local function flatten(t, into, inside)
  for _, name in ipairs(type(t) == "table" and options.sorted_keys(t) or {}) do
    local v, here = t[name], inside .. name
    if scalars[type(v)] then into[here] = v
    else
      into[here] = text(v.name) or joined(v)
      flatten(v, into, here .. ".")
      into[here .. ".name"] = nil
    end
  end
  return into
end

-- The table in a file of the folder; nil if there is none; nil and why if it cannot be read.
local function read(path, name)
  if not fs.stat(path .. "/" .. name) then return nil end
  return store.read(path, name)
end

local function damage(path, entry, key)
  local problem
  for _, name in ipairs { "run", "meta", "result" } do
    local t, why = read(path, name .. ".yaml")
    entry[name == "run" and "configuration" or name] = t or {}
    if why then problem = problem or why:gsub("^.*/([^/]+%.yaml: )", "%1") end
    if not t and name ~= "result" and not problem then problem = ("there is no %s.yaml"):format(name) end
  end
  local whole = text(entry.configuration.key)
  if problem or not key then return problem end
  if not whole then return "run.yaml: no key" end
  return whole:sub(1, #key) ~= key and ("run.yaml is of the run %s"):format(whole:sub(1, 12)) or nil
end

local function status_of(path, entry)
  local ended = text(entry.result.status)
  if ended then return ended end
  local status = text(entry.meta.status) or "unknown"
  return status == "running" and not store.is_held(path) and "crashed" or status
end

-- The last row and the number of rows: of the result, or as far as the run is.
local function progress_of(path, result)
  if type(result.last) == "table" then return result.last, number(result.rows) end
  local rows = csv.rows(fs.read_file(path .. "/metrics.csv") or "")
  return rows[#rows] or {}, #rows
end

-- What one folder says. key: its name, if it has to be that of its run.
function M.entry(path, key)
  local e = { path = path }
  local why = damage(path, e, key)
  local meta, result = e.meta, e.result
  e.key = key or (text(e.configuration.key) or ""):sub(1, 12)
  e.experiment, e.name, e.host, e.commit = text(meta.experiment), text(e.configuration.name), text(meta.host), text(meta.commit)
  e.started, e.finished = text(meta.started), text(meta.finished)
  e.seconds, e.memory = number(result.seconds) or number(meta.seconds), number(result.peak_rss_mib) or number(meta.peak_rss_mib)
  local marks = tags.read(path)
  e.tags, e.note = #marks.tags > 0 and table.concat(marks.tags, ",") or nil, marks.note
  e.arguments, e.parameters = flatten(e.configuration.arguments, {}, ""), flatten(e.configuration.parameters, {}, "")
  e.metrics = {}
  local last, rows = progress_of(path, result)
  e.rows = rows
  for name, v in pairs(last) do e.metrics[name] = scalar(v) end
  e.why = why or text(result.message) or text(meta.message)
  e.status = not why and status_of(path, e) or store.is_held(path) and "running" or "damaged"
  return e
end

-- All runs of the store, by key.
function M.all()
  local list = {}
  for i, key in ipairs(store.keys()) do list[i] = M.entry(store.path(key), key) end
  return list
end

local is_fact = {}
for _, name in ipairs(M.facts) do is_fact[name] = true end

-- The value that a name stands for, or nil: a fact, else an argument, a parameter or a metric; or
-- "parameters.epochs", which says what it is.
function M.value(entry, name)
  if is_fact[name] then return entry[name] end
  local part, rest = name:match "^(%a+)%.(.+)$"
  for _, known in ipairs(parts) do
    if part == known then return entry[known][rest] end
  end
  for _, known in ipairs(parts) do
    if entry[known][name] ~= nil then return entry[known][name] end
  end
end

-- Every name that some of the entries have, sorted but for the facts, which come first. Of two things
-- of one name, the second is also there as parameters.NAME or metrics.NAME.
function M.names(entries)
  local names, seen = table.move(M.facts, 1, #M.facts, 1, {}), {}
  for _, name in ipairs(names) do seen[name] = true end
  for _, part in ipairs(parts) do
    local found = {}
    for _, entry in ipairs(entries) do for name in pairs(entry[part]) do found[seen[name] and part .. "." .. name or name] = true end end
    for _, name in ipairs(options.sorted_keys(found)) do names[#names + 1], seen[name] = name, true end
  end
  return names
end

-- Is this a name that M.value finds in some entry?
function M.has(entries, name)
  if is_fact[name] then return true end
  for _, entry in ipairs(entries) do if M.value(entry, name) ~= nil then return true end end
  return false
end

return M
