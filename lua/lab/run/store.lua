-- store.lua: the folder of runs: one folder a run, named by what decides its result.
--
--   run.yaml      the whole configuration, with the full hash    written when claimed; at its end with
--                 what the run read from outside (script/reads.lua)
--   script.lua    the script as it ran                           written when claimed
--   meta.yaml     status, times, machine, build                  rewritten as it changes
--   metrics.csv   one flushed line a report                      grows
--   monitor.csv   processor and memory                           grows
--   <name>.csv    series recorded by the run                     grows
--   checkpoint.npz  the net and how far the run is               by rename; gone when it is finished
--   result.yaml   how it ended                                   last, by rename
--   LOCK          who works here; locked while that process lives
--
-- A folder is claimed by mkdir and by its lock. The system drops the lock of a process
-- that dies, so a folder with no lock and no result was left by a crash and may be taken
-- over: emptied, or gone on with if it holds a checkpoint; a folder whose lock is held is never touched. With a result of status done or
-- diverged it is finished, and read without a lock: unless what it read is not the same any more; then it
-- is emptied and trained again.

local fs = require "lab.c.fs"
local options = require "lab.util.options"
local reads = require "lab.script.reads"
require "lab.data.sets"   -- tells reads where data sets are now
local stop = require "lab.util.stop"
local yaml = require "lab.util.yaml"
local is_temporary = require "lab.util.temporary"

local M = {
  finished = { done = true, diverged = true },  -- how a run may have ended that is not done again
  stopped = { interrupted = true, paused = true }, -- and one that can go on
  pending = { ["under way"] = true, ["not begun"] = true, ["out of date"] = true }, -- of which more may come: `so_far`
  directory = nil,  -- the folder of runs; nil: $SETLAB_RUNS, else "runs"
  read_only = false, -- finished runs are read, none is begun
  so_far = false,    -- the same, and others are read as far as they have come
}

local keys_kept = { LOCK = true }  -- what a second attempt at a run leaves in its folder

function M.root() return M.directory or os.getenv "SETLAB_RUNS" or "runs" end
function M.path(key) return M.root() .. "/" .. key end

-- The table in a YAML file of a run folder; or nil and why.
function M.read(path, name)
  local file = path .. "/" .. name
  local text, why = fs.read_file(file)
  if not text then return nil, why end
  local t, problem = yaml.read(text)
  if not t then return nil, ("%s: %s"):format(file, problem) end
  return t
end

-- What is known of a folder: its result if it is finished; nil and a word if not:
-- "absent", "failed" (it ended badly; the result is third), "unfinished", "collision", "changed" (what it
-- read is not the same any more; third: phrases that say what).
--   may_read  a run that has no record of what it read may have read something
function M.inspect(path, hash, may_read)
  if not fs.stat(path) then return nil, "absent" end
  local configuration = M.read(path, "run.yaml")
  local owner = configuration and configuration.key
  if type(owner) == "string" and owner ~= hash then return nil, "collision", owner end
  local result = owner and M.read(path, "result.yaml")
  if not result then return nil, "unfinished" end
  if M.finished[result.status] then
    local changed = M.changed(configuration.reads, may_read)
    if changed then return nil, "changed", changed end
    return result
  end
  return nil, "failed", result
end

-- What of a kept record of reads is not the same any more, as reads.changed; `record` is nil if an earlier
-- version of the program made none.
function M.changed(record, may_read)
  if record ~= nil then return reads.changed(record) end
  return may_read and { "an earlier version of setlab did not note what it read" } or nil
end

local function collision(path, hash, other)
  return ("%s belongs to another run: its full key is %s, this one's %s; move that folder away"):format(path, tostring(other), hash)
end

local Folder = {}
Folder.__index = Folder

-- Writes a file whole. Raises an error that `is_failure` recognises: the disk is full, or
-- may not be written.
function Folder:write(name, text)
  local ok, why = fs.write_file(self.path .. "/" .. name, text)
  if not ok then M.fail(why) end
end

function Folder:write_yaml(name, t) self:write(name, yaml.write(t)) end

-- Appends one line to a file that grows; it is flushed before this returns.
function Folder:append(name, line)
  local file, why = self.files[name], nil
  if not file then
    file, why = fs.appender(self.path .. "/" .. name)
    if not file then M.fail(why) end
    self.files[name] = file
  end
  local ok, reason = file:write(line)
  if not ok then M.fail(("cannot write %s/%s: %s"):format(self.path, name, reason)) end
end

-- Everything that was appended reaches the disk.
function Folder:sync()
  for name, file in pairs(self.files) do
    local ok, why = file:sync()
    if not ok then M.fail(("cannot write %s/%s: %s"):format(self.path, name, why)) end
  end
end

-- Closes the files and lets go of the lock. The folder stays.
function Folder:release()
  for _, file in pairs(self.files) do file:close() end
  self.files = {}
  self.lock:release()
end
Folder.__close = Folder.release

-- Errors of the disk, told apart from those of a script, which cannot catch them in a run function: a
-- run that could not write what it measured is not done.
function M.fail(message) stop.raise { kind = "disk", message = options.placed(message) } end
function M.is_failure(e) return stop.kind(e) == "disk" end

-- What a function of lab.c.fs returned, or an error of the disk.
function M.check(value, why)
  if not value then M.fail(why) end
  return value
end

-- Does a process hold the folder, as far as LOCK says? Nothing is locked to find out.
function M.is_held(path)
  local pid, host = (fs.read_file(path .. "/LOCK") or ""):match "^pid (%d+) on ([^\n]+)\n"
  if not pid then return false end
  return host ~= fs.host() or not fs.stat "/proc/self" or fs.stat("/proc/" .. pid) ~= nil
end

-- Who holds a folder's lock, in words.
function M.holder(path)
  local text = fs.read_file(path .. "/LOCK") or ""
  local pid, host = text:match("^pid (%d+) on ([^\n]+)\n")
  return pid and ("process %s on %s"):format(pid, host) or "another process"
end

local function clear(path)
  local names, why = fs.list(path)
  for _, name in ipairs(names or {}) do
    if not keys_kept[name] and not why then _, why = fs.remove_tree(path .. "/" .. name) end
  end
  if why then M.fail(why) end
end

-- Locks a file in the name of this process, which it will hold (`holder` tells). As fs.lock: the lock; or
-- nil, why, and true if another process has it.
function M.lock(file) return fs.lock(file, ("pid %d on %s\nsince %s\n"):format(fs.pid(), fs.host(), fs.now())) end

-- Claims the folder of a run. Returns it, locked, with the word that says why it was free
-- ("absent", "failed", "unfinished", "changed"); or nil, a sentence and "busy", "collision" or "read-only"; or
-- nil, nil, "finished" if another process has finished the run meanwhile. Raises if the disk does not let it.
--   take_up  function(folder), or nil: what an earlier attempt left to go on from, which becomes
--            folder.past. Without that the folder is emptied
--   may_read  as in inspect
function M.claim(key, hash, take_up, may_read)
  local path = M.path(key)
  if M.read_only then
    local _, state, changes = M.inspect(path, hash, may_read)
    local why = state == "changed" and table.concat(changes, ", ") or "it is not in " .. path
    return nil, ("%s, and nothing is trained here"):format(why), "read-only"
  end
  local ok, why, exists = fs.mkdirs(M.root())
  if ok then ok, why, exists = fs.mkdir(path) end
  if not ok and not exists then M.fail(why) end
  local lock, problem, held = M.lock(path .. "/LOCK")
  if held then return nil, ("%s is working on this run (%s)"):format(M.holder(path), path), "busy" end
  if not lock then M.fail(problem) end
  local folder = setmetatable({ path = path, lock = lock, files = {} }, Folder)
  local result, state, other = M.inspect(path, hash, may_read)
  if state == "collision" or result then
    folder:release()
    if result then return nil, nil, "finished" end
    return nil, collision(path, hash, other), "collision"
  end
  if not exists then return folder, "absent" end
  local cleared, trouble = stop.catch(function()
    folder.past = take_up and take_up(folder)
    if not folder.past then clear(path) end
  end)
  if cleared then return folder, state end
  folder:release()
  error(trouble, 0)
end

-- The files that a process began to write in these folders and did not live to rename, as paths. To remove
-- them is for who holds the folder's lock.
function M.left_over(...)
  local found = {}
  for _, path in ipairs { ... } do
    for _, name in ipairs(fs.list(path) or {}) do
      if is_temporary(name) or name:find "%.new$" then found[#found + 1] = path .. "/" .. name end
    end
  end
  return found
end

-- All keys in the folder of runs, sorted.
function M.keys()
  local keys = {}
  for _, name in ipairs(fs.list(M.root()) or {}) do
    if name:find("^%x+$") and #name == 12 then keys[#keys + 1] = name end
  end
  return keys
end

return M
