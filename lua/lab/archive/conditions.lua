-- conditions.lua: which runs a command is about: "arm=SET-MLP", "zeta>=0.2", a key.
--
-- A condition is a name of archive/catalog.lua, one of = != < <= > >= ~, and a value; ~ asks whether the text
-- holds the value. After = and != the value may be several, with commas between. A run that lacks the
-- name fits no condition. A word without any such sign is the beginning of a key.

local arguments = require "lab.util.arguments"
local catalog = require "lab.archive.catalog"
local number = require "lab.util.number"
local options = require "lab.util.options"

local M = {}

local function equal(v, wanted)
  if v ~= v then return wanted == "nan" end
  if type(v) == "number" then return v == (tonumber(wanted) or number.read(wanted)) end
  return tostring(v) == wanted
end

local function any(v, wanted)
  if equal(v, wanted) then return true end
  for item in wanted:gmatch "[^,]+" do if equal(v, item) then return true end end
  return false
end

local function ordered(v, wanted, before)
  local limit = type(v) == "number" and tonumber(wanted)
  if limit then return before(v, limit) end
  return type(v) == "string" and not tonumber(wanted) and before(v, wanted)
end

local tests = {
  ["="] = any,
  ["=="] = any,
  ["!="] = function(v, wanted) return not any(v, wanted) end,
  ["~"] = function(v, wanted) return tostring(v):find(wanted, 1, true) ~= nil end,
  ["<"] = function(v, wanted) return ordered(v, wanted, function(a, b) return a < b end) end,
  ["<="] = function(v, wanted) return ordered(v, wanted, function(a, b) return a <= b end) end,
  [">"] = function(v, wanted) return ordered(v, wanted, function(a, b) return a > b end) end,
  [">="] = function(v, wanted) return ordered(v, wanted, function(a, b) return a >= b end) end,
}

-- Raises a usage error unless some run has the name.
function M.check_name(where, entries, name)
  if #entries > 0 and not catalog.has(entries, name) then
    local names = catalog.names(entries)
    if #names > 40 and not options.nearest(name, names) then names = table.move(names, 1, 40, 1, {}) end
    arguments.fail(where, ("no run has '%s'%s"):format(name, options.suggestion(name, names)))
  end
end

-- One word as { name, sign, wanted } or { key }.
local function parse(where, word)
  local name, sign, wanted = word:match "^%s*([%a_][%w_.%-]-)%s*([=!<>~]+)%s*(.-)%s*$"
  if name and not tests[sign] then arguments.fail(where, ("'%s': there is no operator '%s'; known: = != < <= > >= ~"):format(word, sign)) end
  if name then return { name = name, sign = sign, wanted = wanted } end
  if word:find "^%x+$" then return { key = word:lower() } end
  arguments.fail(where, ("'%s' is neither a condition such as status=done nor the beginning of a key"):format(word))
end

-- The entries that fit all conditions; of several keys, those that begin with any of them.
function M.filter(where, entries, words)
  local conditions, keys = {}, {}
  for _, word in ipairs(words) do
    local c = parse(where, word)
    if c.key then keys[#keys + 1] = c.key
    else
      M.check_name(where, entries, c.name)
      conditions[#conditions + 1] = c
    end
  end
  local chosen = {}
  for _, entry in ipairs(entries) do
    local fits = #keys == 0
    for _, key in ipairs(keys) do fits = fits or entry.key:sub(1, #key) == key end
    for _, c in ipairs(conditions) do
      local v = catalog.value(entry, c.name)
      fits = fits and v ~= nil and tests[c.sign](v, c.wanted)
    end
    if fits then chosen[#chosen + 1] = entry end
  end
  return chosen
end

-- The run that a word names: the beginning of its key, or the path of its folder. Raises a usage error
-- that lists the candidates if it is not one; by `run` (runs_table.name_runs) if they have it.
function M.one(where, entries, word)
  if word:find("/", 1, true) then
    if require "lab.c.fs".stat(word .. "/run.yaml") then return catalog.entry((word:gsub("(.)/+$", "%1"))) end
    arguments.fail(where, ("'%s' is not a run folder: it has no run.yaml"):format(word))
  end
  local found, names = {}, {}
  for _, entry in ipairs(entries) do
    if entry.key:sub(1, #word) == word:lower() then found[#found + 1] = entry end
  end
  if #found == 1 then return found[1] end
  for i, entry in ipairs(#found > 0 and found or entries) do
    if i <= 8 then names[i] = ("%s  %s %s"):format(entry.key, entry.experiment or entry.status, entry.run or entry.name or "") end
  end
  if #(#found > 0 and found or entries) > 8 then names[#names + 1] = "..." end
  local list = #names > 0 and ":\n  " .. table.concat(names, "\n  ") or ""
  if #found > 1 then arguments.fail(where, ("%d runs begin with '%s'%s"):format(#found, word, list)) end
  arguments.fail(where, ("no run in %s begins with '%s'%s"):format(require "lab.run.store".root(), word, list ~= "" and "; there are" .. list or ""))
end

return M
