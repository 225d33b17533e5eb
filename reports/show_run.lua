-- # Run KEY
--
-- This page shows a run that is kept, without its script. It is a study like any other: copy it, and change what it shows.

local lab = require "lab"
local runs = lab.runs.open { "KEY" }
local run = runs[1]
local rows, meta, configuration = run:rows(), run:meta(), run:configuration()

--| echo: false
lab.say("`%s` of **%s** is **%s**%s. It was begun %s%s.", run.name, run.experiment or "a run", run.status, run.why and ": " .. tostring(run.why) or "",
  tostring(meta.started or "at an unknown time"), meta.seconds and (" and took %s on %s"):format(lab.format.seconds(meta.seconds), tostring(meta.cpu or "an unknown processor")) or "")

-- ## What it is

--| echo: fold
local facts = {}

--| echo: fold
--- "arm.evolve.zeta" and the like, one row for each value.
local function add(name, value)
  if type(value) ~= "table" then
    facts[#facts + 1] = { name, tostring(value) }
    return
  end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do add(name == "" and tostring(key) or name .. "." .. tostring(key), value[key]) end
end

--| echo: fold
add("", configuration.arguments or {})

--| echo: fold
add("", configuration.parameters or {})

--| echo: fold
add("", configuration.splits or {})

--| label: tbl-what
--| tbl-cap: The arguments of the run, the parameters that it read, and its data.
--| echo: false
lab.table { header = { "name", "value" }, rows = facts, align = "ll" }

-- ## What it logged

--| echo: fold
--- Columns that belong into one picture: shares, losses, and each of the others for itself.
local groups, order = {}, {}

--| echo: fold
for name, value in pairs(rows[#rows] or {}) do
  if type(value) == "number" and name ~= "epoch" then
    local group = (name:find "accuracy" or name:find "exact" or name:find "f1") and "accuracy" or name:find "loss" and "loss" or name
    if not groups[group] then groups[group], order[#order + 1] = {}, group end
    table.insert(groups[group], name)
  end
end

--| echo: fold
table.sort(order)

--| echo: false
lab.say(#rows > 0 and "It logged %d rows; these are the last values." or "It has logged nothing yet.", #rows)

--| echo: fold
local last = {}

--| echo: fold
for _, group in ipairs(order) do
  table.sort(groups[group])
  for _, name in ipairs(groups[group]) do last[#last + 1] = { name, lab.format.number(rows[#rows][name]) } end
end

--| echo: false
if #rows > 0 then lab.table { header = { "column", "last" }, rows = last, align = "lr" } end

--| echo: fold
--- Whether a column changes at all.
local function varies(name)
  for _, row in ipairs(rows) do if row[name] ~= rows[1][name] then return true end end
  return false
end

--| echo: fold
for _, group in ipairs(order) do
  if varies(groups[group][1]) then lab.plot.curves { runs, y = groups[group], title = group } end
end

-- ## Degrees

--| echo: fold
local drawn = {}

--| echo: fold
--- The first and the last epoch of every layer and side that were recorded.
for _, series in ipairs(run:series "degrees") do
  local keys, whole = series.keys, #series.values > 0
  for _, v in ipairs(series.values) do whole = whole and math.type(v) == "integer" end
  if whole then
    local title = ("layer %s, %s"):format(tostring(keys.layer or "?"), tostring(keys.side or "degrees"))
    drawn[title] = drawn[title] or {}
    local at = #drawn[title] < 2 and #drawn[title] + 1 or 2
    drawn[title][at] = { name = "epoch " .. tostring(keys.epoch or "?"), values = series.values }
  end
end

--| echo: fold
local layers = {}

--| echo: fold
for title, list in pairs(drawn) do layers[#layers + 1] = { title = title, series = list } end

--| echo: fold
table.sort(layers, function(a, b) return a.title < b.title end)

--| echo: false
if #layers > 0 then lab.plot.degrees { layers = layers } else lab.say 'It recorded no degrees; `run:record("degrees", { epoch =, layer =, side = }, net:degrees(layer, side))` would.' end

-- ## Memory and processor

--| echo: false
if #run:monitor() > 1 then
  lab.plot.monitor { runs, y = "uss_mib" }
  lab.plot.monitor { runs, y = "cpu_percent" }
else lab.say "The run was too short for a sample of its memory." end

-- ## How it was made

--| echo: fold
facts = {}

--| echo: fold
add("", meta)

--| label: tbl-how
--| tbl-cap: What the run's own record says.
--| echo: false
lab.table { header = { "name", "value" }, rows = facts, align = "ll" }
