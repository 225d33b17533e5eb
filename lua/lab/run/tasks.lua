-- tasks.lua: what a call of lab.runs means: every combination of the named values is a task
-- with its key. Nothing here touches the store, so that a plan can be counted and shown.

local key = require "lab.run.key"
local number = require "lab.util.number"
local options = require "lab.util.options"

-- What lab.runs takes besides the arguments of its runs.
local M = { options = {
  run = { kind = "function", required = true, takes = "function(run, ...)", help = "Makes one run; its code, what it captures and its arguments decide the run's key." },
  explain = { kind = "boolean", default = false, help = "Whether to say for every run why it was read back or trained, as --explain does." },
} }

local scalars = { number = true, string = true, boolean = true }

local function is_named(v) return type(v) == "table" and type(v.name) == "string" end

-- What a value is called: its name, or itself.
local function label_of(v) return is_named(v) and v.name or v end
local function text_of(label) return type(label) == "number" and number.text(label) or tostring(label) end

-- The values of one dimension as an array; one value alone may stand without a list.
local function values_of(name, given)
  if scalars[type(given)] or is_named(given) then given = { given } end
  if type(given) ~= "table" then options.fail(("lab.runs: '%s' must be a list of values, not %s"):format(name, type(given))) end
  if #given == 0 then options.fail(("lab.runs: '%s' has no values"):format(name)) end
  local seen = {}
  for k, v in pairs(given) do
    if math.type(k) ~= "integer" or k < 1 or k > #given then options.fail(("lab.runs: '%s' is not a plain list: it has a value at [%s]"):format(name, tostring(k))) end
    if not scalars[type(v)] and not is_named(v) then
      options.fail(("lab.runs: value %d of '%s' is a %s; values are numbers, text, true, false, or tables with a name"):format(k, name, type(v)))
    end
  end
  for i, v in ipairs(given) do
    local text = text_of(label_of(v))
    if seen[text] then options.fail(("lab.runs: values %d and %d of '%s' are both called '%s'"):format(seen[text], i, name, text)) end
    seen[text] = i
  end
  return given
end

-- The values arrive in alphabetical order; a parameter that bears the name of another
-- dimension would silently get the wrong one.
local function check_parameters(f, names)
  local place = {}
  for i, name in ipairs(names) do place[name] = i end
  for i = 1, #names do
    local parameter = debug.getlocal(f, i + 1)
    if parameter and place[parameter] and place[parameter] ~= i then
      options.fail(("lab.runs: the run function is given its values in alphabetical order: function(run, %s); its '%s' would be given '%s'"):format(
        table.concat(names, ", "), parameter, names[i]))
    end
  end
end

-- What lab.runs was asked: { label, f, explain, names (sorted), values = name -> array }.
-- Raises at the script's line.
function M.check(given)
  if type(given) ~= "table" then options.fail(("lab.runs takes one table, not %s"):format(type(given))) end
  local plan = { label = given[1], f = given.run, explain = given.explain, names = {}, values = {} }
  for k in pairs(given) do
    if type(k) ~= "string" and k ~= 1 then options.fail(("lab.runs: unexpected value without a name at [%s]"):format(tostring(k))) end
    if type(k) == "string" and not M.options[k] then plan.names[#plan.names + 1] = k end
  end
  table.sort(plan.names)
  if type(plan.label) ~= "string" then options.fail "lab.runs: the first value must be the experiment's name, as text" end
  if type(plan.f) ~= "function" then options.fail(("lab.runs: 'run' must be a function, not %s"):format(type(plan.f))) end
  if plan.explain ~= nil and type(plan.explain) ~= "boolean" then options.fail "lab.runs: 'explain' must be true or false" end
  for _, name in ipairs(plan.names) do plan.values[name] = values_of(name, given[name]) end
  check_parameters(plan.f, plan.names)
  return plan
end

local function check_keys(tasks)
  local seen = {}
  for i, task in ipairs(tasks) do
    local other = seen[task.id.key]
    if other then options.fail(("lab.runs: the runs '%s' and '%s' are the same run"):format(other.name, task.name)) end
    seen[task.id.key] = task
    task.title = ("%s %s (%d of %d)"):format(task.label, task.name, i, #tasks)
  end
end

-- One task for each combination, the last name turning fastest; two may not be the same run.
-- A task is { f, label, name, title, arguments = name -> label, values = array with n, id =
-- from key.of_run }; plan.part is the part of the key that all share.
function M.tasks(plan)
  plan.part = key.of_function(plan.f, "lab.runs")
  local tasks, chosen = {}, {}
  local function descend(depth)
    local name = plan.names[depth]
    if not name then
      local task = { f = plan.f, label = plan.label, values = { n = #plan.names }, arguments = {} }
      local given, parts = {}, {}
      for i, dimension in ipairs(plan.names) do
        local v = chosen[dimension]
        task.values[i], given[dimension], task.arguments[dimension] = v, v, label_of(v)
        parts[i] = ("%s=%s"):format(dimension, text_of(label_of(v)))
      end
      task.name = #parts > 0 and table.concat(parts, " ") or plan.label
      task.id = key.of_run(plan.part, given)
      task.id.configuration.name = task.name
      tasks[#tasks + 1] = task
      return
    end
    for _, v in ipairs(plan.values[name]) do
      chosen[name] = v
      descend(depth + 1)
    end
  end
  descend(1)
  check_keys(tasks)
  return tasks
end

-- For each name the labels of its values, in the order given.
function M.labels(plan)
  local labels = {}
  for _, name in ipairs(plan.names) do
    labels[name] = {}
    for i, v in ipairs(plan.values[name]) do labels[name][i] = label_of(v) end
  end
  return labels
end

return M
