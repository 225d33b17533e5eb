-- runs.lua: lab.runs { "three-arms", arm = arms, seed = { 1, 2, 3 }, run = train }
--
-- Every combination of the named values is one run: train(run, arm, seed), the values in
-- the alphabetical order of their names. A finished run is read back from the store, any
-- other is trained; one that fails does not stop the others. All keys are computed before
-- the first run starts, so that nothing depends on the order of runs.

local attempt = require "lab.attempt".call
local key = require "lab.key"
local options = require "lab.options"
local origin = require "lab.origin"
local output = require "lab.output"
local explain = require "lab.explain"
local records = require "lab.records"
local params = require "lab.params"
local planning = require "lab.plan"
local resume = require "lab.resume"
local run = require "lab.run"
local store = require "lab.store"
local trial = require "lab.trial"

local M = {
  explain = false,  -- the flag --explain: say of every run why it was reused or trained
  failures = 0,     -- runs that failed since the program started
}

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

-- ---- carrying out ----------------------------------------------------------------------

-- Trains a task in its folder; the lock is let go of however it ends.
local function train(task, folder)
  local held <close> = folder
  busy = true
  local ok, ended = pcall(run.execute, task, held)
  busy, params.allowed = false, nil
  if ok then return { status = ended.status, why = ended.message } end
  if store.is_failure(ended) then options.fail(tostring(ended)) end
  if trial.is_pause(ended) then trial.paused(ended) end
  error(ended, 0)
end

-- What became of a task: { status, reused, why, busy = true if another process has it }.
--   tell  function(f), or nil; f() is a sentence that says why it is trained or read back
function M.perform(task, tell)
  tell = tell or function() end
  local path = store.path(task.id.key)
  local result, state, detail = store.inspect(path, task.id.hash)
  local claimed, folder, why, kind = true, nil, nil, "finished"
  if not result then
    local function warn(text) note(("%s %s: %s"):format(task.label, task.name, text)) end
    claimed, folder, why, kind = attempt(store.claim, task.id.key, task.id.hash, function(left) return resume.take_up(left, task.id.hash, warn) end)
    if not claimed then options.fail(tostring(folder)) end
    if folder then
      if folder.past then say(("%s %s: goes on after epoch %d"):format(task.label, task.name, folder.past.epoch)) end
      tell(function() return explain.trained(task.id, folder.past and "continued" or state, detail) end)
      return train(task, folder)
    end
    if kind ~= "finished" then return { status = "failed", why = why, busy = kind == "busy" } end
    result = store.inspect(path, task.id.hash) or {}
  end
  resume.tidy(path, result.checkpoint == "kept")
  tell(function() return ("read back from %s"):format(path) end)
  return { status = result.status, reused = true, why = result.message }
end

local function perform_all(plan, tasks)
  local list, reused, warned = {}, 0, false
  trial.take(plan.label, tasks)
  for i, task in ipairs(tasks) do
    local function tell(sentence) note(("%s %s: %s"):format(plan.label, task.name, sentence())) end
    local known = M.perform(task, (plan.explain or M.explain) and tell or nil)
    list[i] = records.record(task, known)
    trial.told(known)
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

local function call(_, given)
  if busy then options.fail "lab.runs cannot be called while a run executes" end
  local plan = planning.check(given)
  local tasks = planning.tasks(plan)
  local list = perform_all(plan, tasks)
  output.runs_used = output.runs_used or {}
  table.move(list, 1, #list, #output.runs_used + 1, output.runs_used)
  return records.runs(list, plan.label, planning.labels(plan))
end

-- A run that is kept, by its key or the beginning of it: lab.runs.open "3fa9d0c1", a record as lab.runs
-- gives it; of a list of keys, a collection of them. Nothing is trained.
function M.open(keys)
  if busy then options.fail "lab.runs.open cannot be called while a run executes: open the run before, and use it in the run function" end
  return require "lab.kept".open(keys)
end

return setmetatable(M, { __call = call })
