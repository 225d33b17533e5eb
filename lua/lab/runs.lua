-- runs.lua: lab.runs { "three-arms", arm = arms, seed = { 1, 2, 3 }, run = train }
--
-- Every combination of the named values is one run: train(run, arm, seed), the values in
-- the alphabetical order of their names. A finished run is read back from the store, any
-- other is trained; one that fails does not stop the others. All keys are computed before
-- the first run starts, so that nothing depends on the order of runs.

local key = require "lab.key"
local number = require "lab.number"
local options = require "lab.options"
local origin = require "lab.origin"
local output = require "lab.output"
local explain = require "lab.explain"
local records = require "lab.records"
local params = require "lab.params"
local run = require "lab.run"
local store = require "lab.store"

local M = {
  explain = false,  -- the flag --explain: say of every run why it was reused or trained
  failures = 0,     -- runs that failed since the program started
}

local scalars = { number = true, string = true, boolean = true }
local busy = false  -- true while a run executes

local function note(text)
  local progress = origin.optional "lab.progress"
  if progress then progress.note(text) else io.stderr:write(text, "\n") end
end

-- A line that nobody waits for: not for machines, not when silence was asked.
local function say(text)
  local progress = origin.optional "lab.progress"
  if not progress or (progress.mode ~= "none" and progress.mode ~= "json") then note(text) end
end

-- ---- the plan --------------------------------------------------------------------------

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
    if math.type(k) ~= "integer" or k < 1 or k > #given then options.fail(("lab.runs: '%s' is no plain list: it has a value at [%s]"):format(name, tostring(k))) end
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

local function check(given)
  if type(given) ~= "table" then options.fail(("lab.runs takes one table, not %s"):format(type(given))) end
  if busy then options.fail "lab.runs cannot be called while a run executes" end
  local plan = { label = given[1], f = given.run, explain = given.explain, names = {}, values = {} }
  for k in pairs(given) do
    if type(k) ~= "string" and k ~= 1 then options.fail(("lab.runs: unexpected value without a name at [%s]"):format(tostring(k))) end
    if type(k) == "string" and k ~= "run" and k ~= "explain" then plan.names[#plan.names + 1] = k end
  end
  table.sort(plan.names)
  if type(plan.label) ~= "string" then options.fail "lab.runs: the first value must be the experiment's name, as text" end
  if type(plan.f) ~= "function" then options.fail(("lab.runs: 'run' must be a function, not %s"):format(type(plan.f))) end
  if plan.explain ~= nil and type(plan.explain) ~= "boolean" then options.fail "lab.runs: 'explain' must be true or false" end
  for _, name in ipairs(plan.names) do plan.values[name] = values_of(name, given[name]) end
  check_parameters(plan.f, plan.names)
  return plan
end

-- One task for each combination, the last name turning fastest.
local function tasks_of(plan)
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
  return tasks
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

-- ---- carrying out ----------------------------------------------------------------------

-- Trains a task in its folder; the lock is let go of however it ends.
local function train(task, folder)
  local held <close> = folder
  busy = true
  local ok, ended = pcall(run.execute, task, held)
  busy, params.allowed = false, nil
  if ok then return { status = ended.status, why = ended.message } end
  if store.is_failure(ended) then options.fail(tostring(ended)) end
  error(ended, 0)
end

-- What became of a task, { status, reused, why }, and a sentence that explains it.
function M.perform(task, explaining)
  local path = store.path(task.id.key)
  local result, state, detail = store.inspect(path, task.id.hash)
  local claimed, folder, why, kind = true, nil, nil, "finished"
  if not result then
    local told = explaining and state ~= "collision" and explain.trained(task.id, state, detail)
    claimed, folder, why, kind = pcall(store.claim, task.id.key, task.id.hash)
    if not claimed then options.fail(tostring(folder)) end
    if folder then return train(task, folder), told end
    if kind ~= "finished" then return { status = "failed", why = why, busy = kind == "busy" }, "not trained: " .. why end
    result = store.inspect(path, task.id.hash) or {}
  end
  return { status = result.status, reused = true, why = result.message }, ("read back from %s"):format(path)
end

local function perform_all(plan, tasks)
  local list, reused, warned = {}, 0, false
  for i, task in ipairs(tasks) do
    local known, told = M.perform(task, plan.explain or M.explain)
    list[i] = records.record(task, known)
    if plan.explain or M.explain then note(("%s %s: %s"):format(plan.label, task.name, told)) end
    if known.status == "failed" and not known.reused then
      M.failures = M.failures + 1
      note(("%s %s failed: %s"):format(plan.label, task.name, tostring(known.why)))
    end
    if known.reused then reused = reused + 1 end
    if not known.reused and not warned and key.has_changed(plan.part, plan.f) then
      warned = true
      note(("%s: warning: the run function changes a variable outside itself, so its runs may depend on their order"):format(plan.label))
    end
  end
  say(("%s: %d %s, %d read back from %s"):format(plan.label, #list, #list == 1 and "run" or "runs", reused, store.root()))
  return list
end

local function labels_of(plan)
  local labels = {}
  for _, name in ipairs(plan.names) do
    labels[name] = {}
    for i, v in ipairs(plan.values[name]) do labels[name][i] = label_of(v) end
  end
  return labels
end

local function call(_, given)
  local plan = check(given)
  local tasks = tasks_of(plan)
  check_keys(tasks)
  local list = perform_all(plan, tasks)
  output.runs_used = output.runs_used or {}
  table.move(list, 1, #list, #output.runs_used + 1, output.runs_used)
  return records.runs(list, plan.label, labels_of(plan))
end

return setmetatable(M, { __call = call })
