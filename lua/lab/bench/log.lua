-- log.lua: rows of a benchmark in a run's folder, and back.
--
-- Numbers and words of the rows are metrics.csv, a row each; what only some rows have is nan, or
-- empty, in the others. Lists go into a file of their name, phases into phases.csv: seconds,
-- operations, bytes.

local options = require "lab.util.options"

local M = {}

local NONE = 0.0 / 0.0
local missing = { number = NONE, string = "", boolean = false }
local phase_fields = { "seconds", "operations", "bytes" }

-- Name -> type of a value of that name, over all rows.
local function types_of(rows)
  local types = {}
  for _, row in ipairs(rows) do
    for name, v in pairs(row) do types[name] = type(v) end
  end
  return types
end

local function record_phases(run, i, phases)
  for _, phase in ipairs(phases) do
    local values = {}
    for j, field in ipairs(phase_fields) do values[j] = phase[field] or NONE end
    run:record("phases", { row = i, phase = phase.name }, values)
  end
end

-- Keeps what lab.bench.run returned in the run.
function M.write(run, rows)
  local types = types_of(rows)
  for i, row in ipairs(rows) do
    local line = {}
    for _, name in ipairs(options.sorted_keys(types)) do
      local v = row[name]
      if missing[types[name]] ~= nil then
        if v == nil then line[name] = missing[types[name]] else line[name] = v end
      elseif v and name == "phases" then record_phases(run, i, v)
      elseif v then run:record(name, { row = i }, v) end
    end
    run:log(line)
  end
end

local function present(v) return v == v and v ~= "" and v ~= false and v or nil end

-- The rows of a run, as lab.bench.run returned them; none if it did not finish.
function M.read(record)
  local rows = {}
  if record.status ~= "done" then return rows end
  for i, line in ipairs(record:rows()) do
    rows[i] = {}
    for name, v in pairs(line) do rows[i][name] = present(v) end
  end
  for _, name in ipairs { "units", "layer_links" } do
    for _, list in ipairs(record:series(name)) do rows[list.keys.row][name] = list.values end
  end
  for _, phase in ipairs(record:series "phases") do
    local row, values = rows[phase.keys.row], {}
    for j, field in ipairs(phase_fields) do values[field] = present(phase.values[j]) end
    values.name, row.phases = phase.keys.phase, row.phases or {}
    table.insert(row.phases, values)
  end
  return rows
end

return M
