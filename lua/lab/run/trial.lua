-- trial.lua: a script as one run of a sweep, seen from inside: `setlab run --trial=FILE`.
--
-- The sweep (sweep/run/run.lua) starts every run as a process of its own and names a file. Here that
-- process writes down which run the script made, how it ended, and what it read from outside, so that a
-- later sweep knows without starting anything whether the answer still holds. With --until=N the
-- run stops after epoch N, its checkpoint saved, and can go on later: early stopping needs that. So it
-- does at the end of the epoch in which SIGUSR1 comes, if it saves checkpoints at all.

local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local json = require "lab.util.json"
local options = require "lab.util.options"
local reads = require "lab.script.reads"
local stop = require "lab.util.stop"
local store = require "lab.run.store"
local system = require "lab.c.system"
local yaml = require "lab.util.yaml"

local M = {
  file = nil,   -- where to report; nil: this process is no part of a sweep
  until_ = nil, -- the epoch after which to stop, or nil: run to the end
}

local report = {}
local inputs                 -- frame of what this process reads (script/reads.lua)
local book                   -- of the run under way (run/run.lua)

-- ---- the report -------------------------------------------------------------------------

-- { status = starting, running, paused, done, ..., key, hash, name, label, reused, why, epochs, checkpoint,
--   begun = its folder is the run's own by now, absent = why no data set is here, script = hash of its text,
--   inputs = what it read, as JSON }
local function write()
  if not M.file then return end
  report.inputs = json.encode(reads.record(inputs)):gsub("\n *", "")  -- on one line
  store.check(fs.write_file(M.file, yaml.write(report)))
end

-- This process becomes a run of a sweep.
function M.begin(file, until_, script_text)
  M.file, M.until_ = file, until_
  system.heed_notice()
  report = { status = "starting", script = hash.xxh128(script_text) }
  inputs = reads.open()
  require "lab.util.output".sink = function() end  -- figures and tables of one run are nobody's
end

-- The process comes to its end; `failure` is what the script raised, or nil. Returns the exit status.
function M.finish(failure)
  local ended_well = stop.kind(failure) == "exit" and failure.status == 0
  if report.status == "starting" or report.status == "running" then
    report.status = "failed"
    report.why = failure and tostring(failure) or "the script makes no run: it has to call lab.runs once"
    report.absent = not report.key and require "lab.data.sets".absent or nil
  elseif failure and not ended_well and report.status ~= "paused" then report.after = tostring(failure) end
  write()
  return report.status == "failed" and 1 or 0
end

-- ---- what lab.runs asks -----------------------------------------------------------------

local function refuse(text)
  report.status, report.why = "failed", text
  options.fail(text)
end

-- lab.runs is about to carry out these tasks: in a sweep one, and once.
function M.take(label, tasks)
  if not M.file then return end
  if report.key then refuse(("a script of a sweep calls lab.runs once; this is the second call (%s)"):format(label)) end
  if #tasks ~= 1 then
    refuse(("%s: the script makes %d runs, and in a sweep one process makes one: let a parameter choose, such as seed = P.seed"):format(label, #tasks))
  end
  report.key, report.hash, report.name, report.label = tasks[1].id.key, tasks[1].id.hash, tasks[1].name, label
  report.status = "running"
  write()
end

-- How it ended.
function M.told(known)
  if not M.file then return end
  report.status, report.reused, report.why = known.busy and "busy" or known.status, known.reused, known.why
  write()
end

-- ---- what loops ask ---------------------------------------------------------------------

-- A run begins in this process.
function M.watch_run(of)
  if not M.file then return end
  book, report.begun = of, true
  write()
end

-- A loop of so many epochs begins; `saver` if it saves checkpoints.
function M.loop(epochs, saver)
  if not M.file or not book then return end
  local most, saves = math.max(report.epochs or 0, epochs), report.checkpoint or saver ~= nil
  if most == report.epochs and saves == report.checkpoint then return end
  report.epochs, report.checkpoint = most, saves
  write()
end

-- The epoch that a run has come to by its metrics: the last row's epoch, or the number of rows.
function M.epoch_of(row, rows) return row and tonumber(row.epoch) or rows end

-- Has the run come to where it is to stop? After a notice that is here, if this process has trained at all:
-- one that always stopped before its first epoch would never get anywhere.
function M.is_due(trained)
  if trained and book and report.checkpoint and system.noticed() then return true end
  return M.until_ ~= nil and book ~= nil and book.rows > 0 and M.epoch_of(book.last, book.rows) >= M.until_
end

-- Stops the run under way.
function M.pause()
  local epoch = M.epoch_of(book.last, book.rows)
  stop.raise { kind = "pause", epoch = epoch, message = ("paused after epoch %d"):format(epoch) }
end

-- run/run.lua tells that it has tidied up after a pause.
function M.paused(e)
  report.status, report.epoch = "paused", e.epoch
  write()
end

return M
