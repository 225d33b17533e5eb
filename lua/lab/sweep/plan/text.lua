-- text.lua: a sweep as text: as the YAML file that says it, and as what --dry-run shows.

local keys = require "lab.sweep.plan.keys"
local number = require "lab.util.number"
local options = require "lab.util.options"
local resolve = require "lab.c.yaml".resolve
local text_table = require "lab.util.text_table"
local tree = require "lab.sweep.plan.tree"
local yaml = require "lab.util.yaml"

local M = {}

-- ---- YAML -------------------------------------------------------------------------------

-- A key. The core schema knows fewer words than yaml.scalar is careful about: `n` is a name.
local function key(name)
  if name:find "^[%a_][%w_]*$" and resolve(name) == name then return name end
  return yaml.scalar(name)
end

-- A node in one line.
local function flow(node)
  local parts = {}
  if node.kind == "list" then
    for i, item in ipairs(node.items) do parts[i] = flow(item) end
    return "[" .. table.concat(parts, ", ") .. "]"
  elseif node.kind == "map" then
    for i, entry in ipairs(node.entries) do parts[i] = key(entry.name) .. ": " .. flow(entry.value) end
    return "{" .. table.concat(parts, ", ") .. "}"
  elseif node.kind == "text" then return yaml.scalar(node.value)
  elseif node.kind == "number" then return node.text end
  return tostring(node.value == nil and "null" or node.value)
end

-- A key and its value: maps of maps and lists of rows over several lines, all else in one.
local function put(out, name, node)
  local inner = node.kind == "map" and (name == "params" or name == "derive") or name == "rows" or name == "extra" or name == "where"
  if not inner or (node.kind ~= "map" and node.kind ~= "list") then
    out[#out + 1] = name .. ": " .. flow(node)
    return
  end
  out[#out + 1] = name .. ":"
  for _, item in ipairs(node.items or {}) do out[#out + 1] = "  - " .. flow(item) end
  for _, entry in ipairs(node.entries or {}) do out[#out + 1] = "  " .. key(entry.name) .. ": " .. flow(entry.value) end
end

-- The sweep of a plan as the text of a YAML file that gives the same plan.
function M.to_yaml(plan)
  local fields, out = tree.fields(plan.source), {}
  for _, name in ipairs(keys.names) do
    if fields[name] and not (fields[name].entries and #fields[name].entries == 0) then put(out, name, fields[name]) end
  end
  if not fields.sweep then table.insert(out, 1, "sweep: " .. yaml.scalar(plan.name)) end
  return table.concat(out, "\n") .. "\n"
end

-- ---- what will run ----------------------------------------------------------------------

local function counted(n, word) return ("%d %s%s"):format(n, word, n == 1 and "" or "s") end

local function cell(v)
  if v == nil then return "-" end
  if type(v) == "number" then return math.type(v) == "integer" and number.text(v) or ("%.6g"):format(v) end
  return type(v) == "string" and v or tree.show(v)
end

-- The parameters that differ between trials, and those that do not, as "name=value".
local function sort_out(plan)
  local varying, fixed = {}, {}
  for _, name in ipairs(plan.names) do
    local first, same = plan.trials[1].params[name], true
    for _, trial in ipairs(plan.trials) do same = same and tree.show(trial.params[name]) == tree.show(first) end
    if same then fixed[#fixed + 1] = name .. "=" .. cell(first) else varying[#varying + 1] = name end
  end
  return varying, fixed
end

local function first_rows(plan, names, most)
  local lines = { { "#", table.unpack(names) } }
  for i = 1, math.min(#plan.trials, most) do
    local trial = plan.trials[i]
    local line = { tostring(trial.index) .. (trial.extra and " extra" or "") }
    for j, name in ipairs(names) do line[j + 1] = cell(trial.params[name]) end
    lines[#lines + 1] = line
  end
  return text_table.columns(lines)
end

local spec = { rows = { kind = "integer", default = 10, min = 1 }, estimate = { kind = "function" } }

-- What will run, as text: the count, the first rows, what was left out, and the estimate.
function M.describe(plan, given)
  local how = options.check("describe", spec, given)
  local varying, fixed = sort_out(plan)
  local runs = #plan.trials * #plan.seeds
  local out = { ("%s: %s of %s by %s: %s x %s"):format(plan.name, counted(runs, "run"), plan.script, plan.method,
    counted(#plan.trials, "configuration"), counted(#plan.seeds, "seed")) }
  if #fixed > 0 then out[#out + 1] = "fixed: " .. table.concat(fixed, " ") end
  if #varying > 0 then out[#out + 1] = first_rows(plan, varying, how.rows) end
  if #varying > 0 and #plan.trials > how.rows then out[#out + 1] = ("... and %d more"):format(#plan.trials - how.rows) end
  for _, sentence in ipairs(plan.notes) do out[#out + 1] = "note: " .. sentence end
  local estimate = how.estimate and how.estimate(plan)
  if estimate then out[#out + 1] = estimate end
  return table.concat(out, "\n")
end

return M
