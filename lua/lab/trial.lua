-- trial.lua: a script as one run of a sweep, seen from inside: `setlab run --trial=FILE`.
--
-- The sweep (sweep_run.lua) starts every run as a process of its own and names a file. Here that
-- process writes down which run the script made, how it ended, and which files it read, so that a
-- later sweep knows without starting anything whether the answer still holds. With --until=N the
-- run stops after epoch N, its checkpoint saved, and can go on later: early stopping needs that. So it
-- does at the end of the epoch in which SIGUSR1 comes, if it saves checkpoints at all.

local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local options = require "lab.options"
local stop = require "lab.stop"
local store = require "lab.store"
local system = require "lab.c.system"
local yaml = require "lab.yaml"

local M = {
  file = nil,   -- where to report; nil: this process is no part of a sweep
  until_ = nil, -- the epoch after which to stop, or nil: run to the end
}

local report = {}
local inputs, seen = {}, {}  -- "size mtime path" of files read
local book                   -- of the run under way (run.lua)

-- ---- the report -------------------------------------------------------------------------

-- { status = starting, running, paused, done, ..., key, hash, name, label, reused, why, epochs, checkpoint,
--   absent = why no data set is here, script = hash of its text, inputs }
local function write()
  if not M.file then return end
  table.sort(inputs)
  report.inputs = table.concat(inputs, "; ")
  store.check(fs.write_file(M.file, yaml.write(report)))
end

-- What stands for a file's content: its size and time; nil if it is not there.
function M.stamp(path)
  local found = fs.stat(path)
  return found and found.kind == "file" and ("%d %d %s"):format(found.size, found.mtime_ns, path) or nil
end

-- What the kernel tells is no file, and what the run itself writes no input.
local function is_input(path)
  return path ~= "" and not path:find "\0" and not path:find "^/proc/" and not path:find "^/sys/"
    and path:sub(1, #store.root() + 1) ~= store.root() .. "/"
end

local function note_input(path)
  if type(path) == "table" then for _, item in ipairs(path) do note_input(item) end end
  if type(path) ~= "string" or seen[path] or not is_input(path) then return end
  seen[path] = true
  inputs[#inputs + 1] = M.stamp(path)
end

-- Calls of library[name] note the files that their first two arguments name; a file that is opened to be
-- written is none. The function keeps its place in its library, so that keys, which count library
-- functions by name, do not change.
local function watch(library, name)
  local original = library[name]
  library[name] = function(a, b, ...)
    if library ~= io or b == nil or tostring(b):find "^r" then note_input(a) end
    if library ~= io then note_input(b) end
    return original(a, b, ...)
  end
end

-- This process becomes a run of a sweep.
function M.begin(file, until_, script_text)
  M.file, M.until_ = file, until_
  system.heed_notice()
  report = { status = "starting", script = hash.xxh128(script_text) }
  local data = require "lab.c.data"
  for _, name in ipairs { "read_idx", "read_cifar10", "read_npz", "read_csv" } do watch(data, name) end
  watch(require "lab.c.checkpoint", "open")
  watch(io, "open")
  watch(io, "lines")
  watch(_G, "loadfile")
  require "lab.output".sink = function() end  -- figures and tables of one run are nobody's
end

-- Modules of the script's own.
local function note_modules()
  for name in pairs(package.loaded) do
    if not package.preload[name] then note_input(package.searchpath(name, package.path)) end
  end
end

-- The process comes to its end; `failure` is what the script raised, or nil. Returns the exit status.
function M.finish(failure)
  note_modules()
  local ended_well = stop.kind(failure) == "exit" and failure.status == 0
  if report.status == "starting" or report.status == "running" then
    report.status = "failed"
    report.why = failure and tostring(failure) or "the script makes no run: it has to call lab.runs once"
    report.absent = not report.key and require "lab.data_sets".absent or nil
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
function M.watch_run(of) if M.file then book = of end end

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

-- run.lua tells that it has tidied up after a pause.
function M.paused(e)
  report.status, report.epoch = "paused", e.epoch
  write()
end

return M
