-- child.lua: one run of a sweep as a process: how it is started, and what became of it.
--
-- The child is `setlab run --trial=FILE` (run/trial.lua): it says in FILE which run it makes and how that
-- ended. What it prints is kept beside it. A child that says nothing, because it was killed, is
-- started once more; its run goes on from its checkpoint.

local fs = require "lab.c.fs"
local data_sets = require "lab.data.sets"
local options = require "lab.util.options"
local run = require "lab.run.run"
local store = require "lab.run.store"
local units = require "lab.sweep.run.units"
local values = require "lab.sweep.plan.values"
local yaml = require "lab.util.yaml"

local M = { deaths_allowed = 1, busy_pause = 0.5 }

local function file_of(sweep, unit, ending)
  return ("%s/units/%d-%s%s"):format(sweep.ledger.path, unit.trial.index, units.text(unit.seed), ending)
end

-- Starts the unit; it may run to `epoch`, or to its end.
function M.start(sweep, unit, epoch)
  os.remove(file_of(sweep, unit, ".yaml"))
  local words = { "run", "--trial=" .. file_of(sweep, unit, ".yaml"), "--threads=" .. sweep.threads, "--progress=none",
    "--runs=" .. store.root(), ("--monitor=%s"):format(run.monitor_interval) }
  if sweep.profile then words[#words + 1] = "--profile=" .. sweep.profile end
  if epoch < math.huge then words[#words + 1] = "--until=" .. epoch end
  for _, word in ipairs(units.words(unit)) do words[#words + 1] = word end
  words[#words + 1] = "--"
  words[#words + 1] = sweep.plan.script
  unit.begun = nil
  unit.stopping, unit.state, unit.began, unit.until_ = nil, "running", sweep.clock(), epoch
  unit.began_at = values.epoch(unit)
  local id, why = sweep.pool:start(words, file_of(sweep, unit, ".log"))
  if not id then
    unit.state = "waiting"
    store.fail(why)
  end
  sweep.running[id], unit.id = unit, id
end

local function read_report(sweep, unit)
  local text = fs.read_file(file_of(sweep, unit, ".yaml"))
  local report = text and yaml.read(text) or {}
  if report.key then unit.key, unit.hash = report.key, report.hash end
  unit.epochs, unit.begun = report.epochs or unit.epochs, report.begun
  return report
end

-- What is new of a unit that runs. Returns true if it logged rows. Until it has begun, its folder may hold
-- the rows of a run that is about to be trained again.
function M.look(sweep, unit)
  if not unit.begun or not unit.epochs then read_report(sweep, unit) end
  return unit.begun and units.read_rows(unit)
end

-- The last line that the child printed.
local function last_words(sweep, unit)
  local text = fs.read_file(file_of(sweep, unit, ".log")) or ""
  return text:match "([^\n]+)%s*$"
end

local function ended_how(ended)
  return ended.signal and ("ended by signal %d"):format(ended.signal) or ("ended with status %d"):format(ended.status or -1)
end

-- A child that ended without a word of its run's end.
local function lost(sweep, unit, ended)
  if unit.stopping then
    unit.state = unit.key and "paused" or "waiting"
    return
  end
  unit.deaths = unit.deaths + 1
  if (ended.signal or ended.status == 130) and unit.deaths <= M.deaths_allowed then
    unit.state = unit.key and "paused" or "waiting"
    sweep.telling:note(("%s: its process %s; it is started again"):format(unit.label, ended_how(ended)))
  else
    local said = not ended.signal and last_words(sweep, unit)
    unit.state, unit.why = "failed", ("its process %s%s"):format(ended_how(ended), said and ": " .. said or "")
  end
end

local function paused(sweep, unit, report)
  unit.state = "paused"
  if values.epoch(unit) < unit.until_ and unit.until_ < math.huge then
    unit.state, unit.why = "failed", "it stopped on the way without having logged a row for run:log's epochs"
  elseif not report.checkpoint and not sweep.told_anew then
    sweep.told_anew = true
    sweep.telling:note "the script saves no checkpoint (net:epochs { checkpoint = ... }), so a run that goes on begins anew"
  end
end

local function busy(sweep, unit, report)
  unit.state, unit.not_before = "waiting", sweep.clock() + M.busy_pause
  if unit.told_busy then return end
  unit.told_busy = true
  sweep.telling:note(("%s waits: %s"):format(unit.label, report.why or "another process works on it"))
end

-- The script has nothing to learn from: the data set is not on this machine. Nor will the next run.
local function absent(report)
  data_sets.absent = report.absent
  options.fail(report.absent)
end

-- The child of a unit has ended: the unit's state says how. `ended` is from pool:wait.
function M.collect(sweep, unit, ended)
  local report = read_report(sweep, unit)
  unit.wall = unit.wall + sweep.clock() - unit.began
  unit.id, unit.why, unit.reused = nil, report.why, report.reused or false
  units.read_rows(unit)
  if report.script then sweep.ledger:vouch(unit, report) end
  local result = unit.key and store.read(units.path(unit), "result.yaml")
  unit.seconds = result and result.seconds
  if report.absent then absent(report) end
  if report.status == "busy" then busy(sweep, unit, report)
  elseif report.status == "paused" then paused(sweep, unit, report)
  elseif values.over[report.status] then unit.state = report.status
  else lost(sweep, unit, ended) end
  if report.after and unit.state == "done" and not sweep.told_after then
    sweep.told_after = true
    sweep.telling:note(("%s: the script went wrong after its run: %s"):format(unit.label, report.after))
  end
end

return M
