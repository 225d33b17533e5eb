-- runs.lua: lab.runs { "three-arms", arm = arms, seed = { 1, 2, 3 }, run = train }
--
-- Every combination of the named values is one run: train(run, arm, seed), the values in
-- the alphabetical order of their names. A finished run is read back from the store, any
-- other is trained; one that fails does not stop the others. All keys are computed before
-- the first run starts, so that nothing depends on the order of runs.

local fs = require "lab.c.fs"
local key = require "lab.run.key"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local output = require "lab.util.output"
local explain = require "lab.run.explain"
local progress = require "lab.util.progress"
local records = require "lab.run.records"
local params = require "lab.script.params"
local planning = require "lab.run.tasks"
local resume = require "lab.run.resume"
local ranks = require "lab.run.ranks"
local run = require "lab.run.run"
local stop = require "lab.util.stop"
local session = require "lab.script.session"
local store = require "lab.run.store"
local trial = require "lab.run.trial"

local M = {
  explain = false,  -- the flag --explain: say of every run why it was reused or trained
  failures = 0,     -- runs that failed since the program started
  first = nil,      -- what the first of them said
  stopped = nil,    -- the run that Ctrl-C met: { task, epoch = of its checkpoint, or nil }
}

local busy = false  -- true while a run executes

local function note(text)
  progress.note(text)
end

-- A line that nobody waits for: not for machines, not when silence was asked.
local function say(text)
  if progress.mode ~= "none" and progress.mode ~= "json" then note(text) end
end

-- ---- carrying out ----------------------------------------------------------------------

-- Outside the run a disk's failure is an error like any other, with the line in front already.
local function fail_again(failure)
  stop.forget()
  error(failure.message, 0)
end

-- Trains a task in its folder; the lock is let go of however it ends.
local function train(task, folder)
  local held <close> = folder
  busy = true
  local ok, ended = stop.catch(run.execute, task, held)
  busy, params.allowed = false, nil
  if ok then ranks.meet(ended.status) end
  if ok then return { status = ended.status, why = ended.message } end
  if store.is_failure(ended) then fail_again(ended) end
  if stop.kind(ended) == "pause" then trial.paused(ended) end
  if stop.kind(ended) == "exit" then note(("%s %s is interrupted: %s"):format(task.label, task.name, tostring(ended))) end
  if stop.is_interrupt(ended) then M.stopped = { task = task, epoch = held.saved or held.past and held.past.epoch } end
  error(ended, 0)
end

-- A run that is not finished, as far as it has come. `state` is what store.inspect says of it.
local function so_far(path, state)
  local meta = fs.stat(path) and store.read(path, "meta.yaml")
  if not meta then return { status = "not begun", why = "It is missing in what follows." } end
  local status = tostring(meta.status)
  if status == "running" then status = store.is_held(path) and "under way" or "interrupted" end
  if state == "changed" then status = "out of date" end
  return { status = status, reused = true, why = "What follows shows it as far as it has come." }
end

-- On a rank that is not the first: its folder becomes what the first one's is. Returns what that one told, or nil on the first.
local function hear(path) return ranks.rank > 0 and ranks.hear_folder(path) or nil end

-- Such a rank has to do what the first one does.
local function obey(told, word, epoch)
  if not told or told.word == word and (told.epoch or 0) == (epoch or 0) then return end
  options.fail(("rank %d finds that this run is %s, and rank 0 that it is %s: they need the same program and the same data"):format(ranks.rank,
    word == "finished" and "finished" or ("to be trained after epoch %d"):format(epoch or 0), told.word == "finished" and "finished" or ("to be trained after epoch %d"):format(told.epoch or 0)))
end

-- What became of a task: { status, reused, why, busy = true if another process has it }.
--   tell  function(f), or nil; f() is a sentence that says why it is trained or read back
function M.perform(task, tell)
  tell = tell or function() end
  local path = store.path(task.id.key)
  local told = hear(path)
  if told and told.word == "failed" then return { status = "failed", why = told.why } end
  local result, state, detail = store.inspect(path, task.id.hash, task.id.may_read)
  if not result and store.so_far then return so_far(path, state) end
  local claimed, folder, why, kind = true, nil, nil, "finished"
  if not result then
    local function warn(text) note(("%s %s: %s"):format(task.label, task.name, text)) end
    local function take_up(left) return resume.take_up(left, task.id.hash, warn, task.id.may_read) end
    claimed, folder, why, kind = stop.catch(store.claim, task.id.key, task.id.hash, take_up, task.id.may_read)
    if not claimed and store.is_failure(folder) then fail_again(folder) end
    if not claimed and stop.kind(folder) then error(folder, 0) end
    if not claimed then options.fail(tostring(folder)) end
    if folder then
      if state == "changed" then say(("%s %s is %s"):format(task.label, task.name, explain.again(detail))) end
      if folder.past then say(("%s %s: continues after epoch %d"):format(task.label, task.name, folder.past.epoch)) end
      tell(function() return explain.trained(task.id, folder.past and "continued" or state, detail) end)
      local epoch = folder.past and folder.past.epoch
      obey(told, "train", epoch)
      ranks.tell_folder(path, "train", { epoch = epoch })
      return train(task, folder)
    end
    if kind ~= "finished" then
      ranks.tell_folder(path, "failed", { why = why })
      return { status = "failed", why = why, busy = kind == "busy" }
    end
    result = store.inspect(path, task.id.hash, task.id.may_read) or {}
  end
  resume.tidy(path, result.checkpoint == "kept")
  obey(told, "finished")
  ranks.tell_folder(path, "finished")
  tell(function() return ("read back from %s"):format(path) end)
  return { status = result.status, reused = true, why = result.message }
end

-- A program's doing cannot be compared: whoever starts one hears of it once a call.
local function warn_of_programs(plan, task)
  local reads = (store.read(store.path(task.id.key), "run.yaml") or {}).reads
  local programs = type(reads) == "table" and reads.programs
  if type(programs) ~= "table" or #programs == 0 then return false end
  note(("%s: warning: the run function starts programs (%s); a finished run is read back even if they would act differently now"):format(
    plan.label, table.concat(programs, "; ")))
  return true
end

-- ---- failures ---------------------------------------------------------------------------

-- A run has failed, here or in a sweep.
function M.count_failure(name, why)
  M.failures, M.first = M.failures + 1, M.first or ("%s: %s"):format(name, tostring(why))
end

-- Says what a run failed of; runs that fail of the same are counted, and said in one line by `close`.
local function complaints(label)
  local last, repeated = nil, 0
  local function close()
    if repeated > 0 then note(("%s: %d more run%s failed, for the same reason"):format(label, repeated, repeated == 1 and "" or "s")) end
    repeated = 0
  end
  local function add(task, why)
    why = tostring(why)
    M.count_failure(("%s %s"):format(label, task.name), why)
    if why == last then repeated = repeated + 1 return end
    close()
    last = why
    note(("%s %s failed: %s"):format(label, task.name, why))
  end
  return { add = add, close = close }
end

-- A sentence for who tells a later error, which may come of this one; nil if no run failed.
function M.cause()
  if M.failures == 0 then return nil end
  return ("%d run%s failed%s: %s"):format(M.failures, M.failures == 1 and "" or "s", M.failures == 1 and "" or ", the first", M.first)
end

session.cause = M.cause   -- a script that fails later says it, too

-- After a script: raises if runs of it failed. The others went on, and the script with them.
function M.check()
  local cause = M.cause()
  if cause then error(M.failures == 1 and "1 run failed" or cause, 0) end  -- of one it was just said
end

-- How to go on after Ctrl-C, as the end of a sentence; nil if it met no run.
function M.advice()
  local at = M.stopped
  if not at then return nil end
  local name = ("%s %s"):format(at.task.label, at.task.name)
  if at.epoch then return ("the same command resumes '%s' after epoch %d"):format(name, at.epoch) end
  return ("the same command trains '%s' from the start, as it has no checkpoint (net:epochs { checkpoint = ... }), and reads finished runs back"):format(name)
end

-- ---- lab.runs ---------------------------------------------------------------------------

local function perform_all(plan, tasks)
  local list, reused, warned, warned_of_programs, failed = {}, 0, false, false, complaints(plan.label)
  trial.take(plan.label, tasks)
  for i, task in ipairs(tasks) do
    local function tell(sentence) note(("%s %s: %s"):format(plan.label, task.name, sentence())) end
    local known = M.perform(task, (plan.explain or M.explain) and tell or nil)
    list[i] = records.record(task, known)
    trial.told(known)
    if known.status == "failed" and not known.reused then failed.add(task, known.why) end
    if known.reused then reused = reused + 1 end
    warned_of_programs = warned_of_programs or warn_of_programs(plan, task)
    if not known.reused and not warned and key.has_changed(plan.part, plan.f) then
      warned = true
      note(("%s: warning: the run function changes a variable outside itself, so its runs may depend on their order"):format(plan.label))
    end
  end
  failed.close()
  say(("%s: %d %s, %d read back from %s"):format(plan.label, #list, #list == 1 and "run" or "runs", reused, store.root()))
  return list
end

manual.word("lab.runs", {
  summary = "carry out an experiment: one run for every combination of the named values",
  text = "A finished run is read back from the folder of runs, any other is trained; one that fails does not stop the others. "
    .. "The run function is given the run and the values in alphabetical order of their names: function(run, arm, seed).\n"
    .. "Arms are tables with a name, in a list: arm = { { name = \"SET\", evolve = lab.set {} }, { name = \"static\" } }; the name stands in figures and tables.\n"
    .. "In a run function math.random starts from the run's key, in which its code counts. math.randomseed(seed) as its first line makes the numbers follow the seed alone, so that arms are "
    .. "compared with the same draws.",
  items = { "label, name = { values }, ...", "The experiment's name, and the values of each argument: numbers, text, true, false, or tables with a `name`; a single value needs no list." },
  options = planning.options,
  returns = "runs, an array of records",
  raises = "Values that are not a plain list or have the same name, or a run function that cannot take them.",
  gives = "record",
  example = 'local runs = lab.runs { "first", seed = { 1, 2 }, run = function(run, seed)\n  local net <close> = lab.mlp { 500, 50, 2, wiring = lab.erdos_renyi { epsilon = 10 }, seed = seed }\n'
    .. "  for epoch in net:epochs(data.train, { epochs = 2, batch = 40, lr = 0.02 }) do\n    run:log { epoch = epoch.n, accuracy = net:accuracy(data.test) }\n  end\nend }\n"
    .. 'print(runs[1]:last "accuracy")',
})

local function call(_, given)
  if busy then options.fail "lab.runs cannot be called while a run executes" end
  local plan = planning.check(given)
  local tasks = planning.tasks(plan)
  local list = perform_all(plan, tasks)
  output.runs_used = output.runs_used or {}
  table.move(list, 1, #list, #output.runs_used + 1, output.runs_used)
  return records.runs(list, plan.label, planning.labels(plan))
end

-- Does a run execute now?
function M.is_busy() return busy end

-- What a script has of this: the call, and what stands in the table (archive/kept.lua adds a word).
M.script = setmetatable({}, { __call = call })

return setmetatable(M, { __call = call })
