-- claims.lua: what tasks on several machines know of a sweep's runs, and which of them works at which.
--
-- All of it is files in runs/sweeps/<hash>/cluster/units, four for a run, so that no file has two
-- writers at a time and none is appended to from two machines:
--
--   <trial>-<seed>.lock   locked by the task that works at the run; others leave it alone
--   <trial>-<seed>.yaml   what the run's process reports (run/trial.lua); .log is what it prints
--   <trial>-<seed>.csv    how the run ended: a ledger of one row, written once, by rename
--
-- These locks spare a task the start of a script whose run is taken. That no run is made twice is up to
-- the lock in the run's own folder (run/store.lua), whoever asks for it.
--
-- Both are flock's, and have to hold between machines. On NFS they do: Linux makes of them locks of the
-- server, and drops them when the machine that held them is found to be gone. Lustre has to be mounted with
-- the option flock; with localflock they hold within one machine only, and without either locking fails,
-- which is told. An array's tasks have different runs, so they never depend on it; a farm does.

local csv = require "lab.util.csv"
local fs = require "lab.c.fs"
local ledgers = require "lab.sweep.run.ledger"
local store = require "lab.run.store"
local units = require "lab.sweep.run.units"
local values = require "lab.sweep.plan.values"
local yaml = require "lab.util.yaml"

local M = {}

-- The file of a unit.
function M.file(path, unit, ending) return ("%s/units/%d-%s%s"):format(path, unit.trial.index, units.text(unit.seed), ending) end

-- A run that is to be done again: what was known of its end is forgotten.
function M.forget(path, unit)
  local file = M.file(path, unit, ".csv")
  if fs.stat(file) then store.check(fs.remove(file)) end
end

local Rows = {}
Rows.__index = Rows

-- Is the run over, whoever made it? Fills in how, if it is.
function Rows:recall(unit)
  local row = csv.rows(fs.read_file(M.file(self.path, unit, ".csv")) or "")[1]
  if not row or not values.over[row.status] then return false end
  unit.state, unit.why, unit.key, unit.hash, unit.seconds, unit.reused = row.status, row.reason, row.key, row.hash, row.seconds, true
  return true
end

-- When the checkpoint was saved that a unit goes on from; nil if there is none.
function M.saved(unit)
  local found = unit.key and fs.stat(units.path(unit) .. "/checkpoint.npz")
  return found and found.mtime_ns
end

-- Takes a unit for this process. Returns true; or false if it is over, or another one works at it.
function Rows:claim(unit)
  if self:recall(unit) then return false end
  local lock, why, held = store.lock(M.file(self.path, unit, ".lock"))
  if not lock and not held then store.fail(why) end
  if not lock then return false end
  if self:recall(unit) then  -- it ended while we asked
    lock:release()
    return false
  end
  self.locks[unit] = lock
  local report = yaml.read(fs.read_file(M.file(self.path, unit, ".yaml")) or "") or {}
  unit.key = unit.key or report.key  -- of an earlier attempt
  unit.saved = M.saved(unit)
  return true
end

-- Another one may have the unit.
function Rows:release(unit)
  if self.locks[unit] then self.locks[unit]:release() end
  self.locks[unit] = nil
end

-- Does anybody work at the unit?
function Rows:is_held(unit)
  local lock, _, held = fs.lock(M.file(self.path, unit, ".lock"))
  if lock then lock:release() end
  return held ~= nil
end

-- What the loop of a sweep asks of its ledger (sweep/run/ledger.lua).

Rows.vouch = ledgers.vouch

function Rows:add(unit)
  if values.over[unit.state] then store.check(fs.write_file(M.file(self.path, unit, ".csv"), ledgers.row_text(unit))) end
end

function Rows:write() for unit in pairs(self.locks) do self:release(unit) end end

-- What is known in a folder; profile: of the script's parameters, or nil.
function M.open(path, profile) return setmetatable({ path = path, profile = profile, locks = {} }, Rows) end

return M
