-- ranks.lua: a script that several processes carry out together, as `mpirun -n P setlab run` starts them.
--
-- All ranks run the same script, and so build the same nets; net:epochs { parallel = ... } lets them share the work. Rank 0 is the
-- one that is seen: it prints, and its folder of runs is the user's. Every other rank works in a folder of runs of its own, which
-- nobody sees. What rank 0 finds there before a run, a finished one or a checkpoint to go on from, is sent to the others first, so that they need not have
-- a file system in common.

local c = require "lab.c.ranks"
local fs = require "lab.c.fs"
local json = require "lab.util.json"
local progress = require "lab.util.progress"
local stop = require "lab.util.stop"
local store = require "lab.run.store"

local M = {
  rank = 0, number = 1,
  alone = false,   -- whether a launcher started several, and this process has joined none
}

-- Seconds that ranks wait for each other where a run ends well: one may be slow, or have more to do; and where it does not, so that a rank that goes another
-- way is found out soon.
local patient <const>, impatient <const> = 600, 8

local together = {}
together.__close = function() if M.rank > 0 then fs.remove_tree(store.directory) end end

-- Joins the processes that a launcher started beside this one. Returns what is to be closed at the end of the script; nil if there are
-- none. Without MPI it is nil too, and net:epochs { parallel = ... } says so.
function M.join()
  if c.launched() < 2 then return nil end
  local rank, number = c.join()
  M.alone = rank and number < 2
  if not rank or M.alone then return nil end
  M.rank, M.number = rank, number
  if rank > 0 then
    store.directory = store.check(fs.temporary_folder "setlab-rank-")
    progress.mode = "none"
  end
  return setmetatable({}, together)
end

-- ---- before a run -----------------------------------------------------------------------

local function file_names(path)
  local names = {}
  for _, name in ipairs(fs.list(path) or {}) do
    local found = fs.stat(path .. "/" .. name)
    if name ~= "LOCK" and found and found.kind == "file" then names[#names + 1] = name end
  end
  return names
end

-- Rank 0 knows what becomes of a run: "train" (after which epoch), "finished" or "failed" (and why). The others get its folder.
function M.tell_folder(path, word, more)
  if M.number == 1 or M.rank > 0 then return end
  local names = word == "failed" and {} or file_names(path)
  c.broadcast(json.encode { word = word, why = more and more.why, epoch = more and more.epoch, names = names })
  for _, name in ipairs(names) do c.broadcast(store.check(fs.read_file(path .. "/" .. name))) end
end

-- On another rank: makes the folder what rank 0's is. Returns what rank 0 told: { word, why, epoch }.
function M.hear_folder(path)
  local told = json.decode(c.broadcast())
  fs.remove_tree(path)
  if told.word ~= "failed" then store.check(fs.mkdirs(path)) end
  for _, name in ipairs(told.names) do store.check(fs.write_file(path .. "/" .. name, c.broadcast())) end
  return told
end

-- ---- while it trains, and after ---------------------------------------------------------

-- Rank 0's numbers, for all: what each has measured itself would lead them apart.
function M.same(...)
  if M.number == 1 then return ... end
  local mine = table.pack(...)
  for i = 1, mine.n do mine[i] = ("%.17g"):format(mine[i]) end
  local all = {}
  for text in c.broadcast(table.concat(mine, " ")):gmatch "%S+" do all[#all + 1] = tonumber(text) end
  return table.unpack(all)
end

local ends = { done = 1, diverged = 2, failed = 3 }

-- A run has ended with this status: on all ranks, or they are stopped.
function M.meet(status)
  if M.number == 1 then return end
  if not c.agree(ends[status] or 0, status == "done" and patient or impatient) then
    progress.note(("the ranks did not all end this run in the same way (here it is %s), and are stopped"):format(status))
    c.abort(1)
  end
end

-- A word for net:epochs: why several processes that were started together cannot train together; nil if they can, or if there is one.
function M.trouble()
  if M.number > 1 or c.launched() < 2 then return nil end
  if not c.library() then
    return "a launcher started several processes, and this program was built without MPI: install it (libopenmpi-dev on Debian) and build again"
  end
  if M.alone then return ("the launcher is not that of %s, which this program was built with: the processes do not find each other"):format(c.library()) end
  return "several processes train together in 'mpirun setlab run', and not in this command"
end

return M
