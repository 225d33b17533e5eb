-- columns.lua: which columns a plain list of runs has: what is known about every run, and its results.

local catalog = require "lab.archive.catalog"
local options = require "lab.util.options"

local facts = { "key", "experiment", "run", "status", "rows", "seconds", "started" }
local AFTER_STATUS = 5

local no_result = { epoch = true, step = true, links = true }

-- How much a metric says of a run, by its name: the lower the better; nil if no run is judged by it.
local function interest(name)
  local lower = name:lower()
  if no_result[lower] or lower:find("seconds", 1, true) then return nil end
  local class = lower:find("accuracy", 1, true) and 10 or (lower:find("loss", 1, true) or lower:find("error", 1, true)) and 20 or 30
  return class + (lower:find "^test" and 0 or lower:find "^train" and 2 or 1)
end

-- The metric that most entries have, of two equals the one that says more; nil if they have none.
local function common_metric(entries)
  local counts, best = {}, nil
  for _, e in ipairs(entries) do
    for name, v in pairs(e.metrics) do
      if type(v) == "number" and interest(name) then counts[name] = (counts[name] or 0) + 1 end
    end
  end
  for _, name in ipairs(options.sorted_keys(counts)) do
    local n = counts[name]
    if not best or n > counts[best] or n == counts[best] and interest(name) < interest(best) then best = name end
  end
  return best
end

-- Does a name mean something else than the metric, in some entry?
local function is_taken(entries, name)
  for _, fact in ipairs(catalog.facts) do if fact == name then return true end end
  for _, e in ipairs(entries) do if e.arguments[name] ~= nil or e.parameters[name] ~= nil then return true end end
  return false
end

-- The columns of a plain list: the facts, and a metric after the status; a second one for the runs that
-- lack the first; and the tags, where a run has some.
return function(entries)
  local columns, left = table.move(facts, 1, #facts, 1, {}), entries
  for place = AFTER_STATUS, AFTER_STATUS + 1 do
    local name, lacking = common_metric(left), {}
    if not name then break end
    table.insert(columns, place, is_taken(entries, name) and "metrics." .. name or name)
    for _, e in ipairs(left) do if e.metrics[name] == nil then lacking[#lacking + 1] = e end end
    left = lacking
  end
  for _, e in ipairs(entries) do
    if e.tags then
      table.insert(columns, AFTER_STATUS, "tags")
      break
    end
  end
  return columns
end
