-- sweep.lua -- reads a text as a sweep's YAML file, over a script that is only pretended: the whole
-- reader, and no file. Whatever is wrong must be reported as a sweep's problem, with its place; and a
-- plan, written as YAML, must be read as the same plan.

local declared = require "lab.script.declared"
local fs = require "lab.c.fs"
local session = require "lab.script.session"

local SCRIPT = [[
local lab = require "lab"
local P = lab.params {
  seed = { 1, min = 0 }, epochs = { 400, min = 1 }, epsilon = 20.0, lr = { 0.05, above = 0 },
  dropout = { 0.2, min = 0, below = 1 }, hidden = 100, zeta = { 0.3, min = 0, max = 1 },
  method = { "set", choices = { "set", "rigl", "static" } }, note = "text",
  sizes = { { 100, 100 }, min = 1 }, fast = false,
}
]]
local declaration = declared.of("x.lua", SCRIPT)
local files = { ["x.lua"] = SCRIPT }

function fs.stat(path) return files[path] and { kind = "file", size = #files[path], mtime = 0 } or nil, path .. " is not there" end
function fs.read_file(path) return files[path] or nil, path .. " is not there" end
session.read_script = fs.read_file
function declared.of() return declaration end

-- A grid of a hundred thousand rows is no mistake, and takes a second: here some hundred do.
local trials = require "lab.sweep.plan.trials"
local MOST_ROWS = 300
local visit_all = trials.visit
function trials.visit(method, space, seed, most, visit)
  local rows = 0
  return visit_all(method, space, seed, most and math.min(most, MOST_ROWS), function(row)
    rows = rows + 1
    return visit(row) or rows >= MOST_ROWS and method ~= "grid"
  end)
end

local options = require "lab.util.options"
local plans = require "lab.sweep.plan.plan"

-- The plan of a text; nil if it was refused, by a problem at a place in it.
local function read(text)
  files["sweep.yaml"] = text
  local ok, plan = xpcall(plans.read_file, function(err) return plans.is_problem(err) and err or debug.traceback(tostring(err)) end, "sweep.yaml")
  if ok then return plan end
  if not plans.is_problem(plan) then error("not a problem of the sweep: " .. plan, 0) end
  local message = tostring(plan)
  if not (message:find "^sweep%.yaml:%d+:%d+: ." or message:find "^sweep%.yaml: .") then error("no place: " .. message, 0) end
  return nil, message
end

-- A value as text, the same for equal ones.
local function show(v)
  if type(v) ~= "table" then return math.type(v) == "float" and ("%a"):format(v) or ("%q"):format(v) end
  local parts = {}
  for i, key in ipairs(options.sorted_keys(v)) do parts[i] = ("[%s]=%s"):format(key, show(v[key])) end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- All that decides what runs.
local function essence(plan)
  local trials = {}
  for i, trial in ipairs(plan.trials) do trials["trial" .. i] = { index = trial.index, params = trial.params, extra = trial.extra } end
  return show { name = plan.name, script = plan.script, method = plan.method, seed = plan.seed, seeds = table.concat(plan.seeds, " "),
    objective = plan.objective, stop = plan.stop, workers = plan.workers, budget = plan.budget, trials = trials }
end

return function(text)
  local plan = read(text)
  if not plan then return end
  plans.describe(plan)
  local written = plans.to_yaml(plan)
  local again, why = read(written)
  if not again then error(("as YAML it is refused: %s\n%s"):format(why, written), 0) end
  if essence(again) ~= essence(plan) then error("as YAML it is another plan:\n" .. written, 0) end
end
