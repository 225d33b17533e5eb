-- ranks.lua: epochs that several processes train together: mpirun starts this program again, for each round of a row that asks for ranks.
--
-- The configuration goes along as JSON, so that both sides speak of the same net and data. A round is a few epochs, of which the
-- median counts: to start the processes takes longer than an epoch, and is not measured.

local fs = require "lab.c.fs"
local json = require "lab.util.json"
local process = require "lab.util.process"
local statistics = require "lab.util.statistics"
local system = require "lab.c.system"

local M = {
  is_child = false,   -- true in the processes that mpirun started (bench/child.lua)
}

local LONGEST <const> = 600      -- seconds that a round may take

-- Why rows of ranks cannot be measured here; nil if they can.
function M.trouble()
  if require "lab.c.ranks".launched() > 1 then return "this is one of several processes already" end
  if not require "lab.c.ranks".library() then return "this program was built without MPI (setlab doctor)" end
  if not process.succeeds { "/bin/sh", "-c", "command -v mpirun" } then return "mpirun is not here" end
end

-- Seconds of an epoch by config.ranks processes, of config.threads threads in all, and its loss.
function M.epoch(config, isa)
  local trouble = M.trouble()
  if trouble then error("setlab bench: ranks: " .. trouble, 0) end
  local words = { "mpirun", "-n", tostring(config.ranks), fs.real "/proc/self/exe", "bench", "--threads=" .. math.max(1, config.threads // config.ranks), "--as-rank=" .. json.encode { config = config, isa = isa } }
  local result, why = process.run { argv = words, timeout_seconds = LONGEST }
  if not result then error("setlab bench: ranks: " .. why, 0) end
  local told = result.status == 0 and json.decode(result.out)
  if not told then error(("setlab bench: ranks: mpirun ended with status %s: %s"):format(result.status, result.err), 0) end
  return statistics.median(told.seconds), told.loss
end

-- How fast the rows are beside the first, which one process of as many threads as cores trains.
function M.finish(rows)
  for _, row in ipairs(rows) do row.speed_of_one = rows[1].train_seconds_per_epoch / row.train_seconds_per_epoch end
end

-- Rows for numbers of processes that are powers of two, as long as a batch has parts and the machine cores for them.
function M.rows(config, with, threads)
  local list = { with(config, { name = ("1 process, %d thread%s"):format(threads, threads == 1 and "" or "s") }) }
  local number = 2
  while number <= math.max(2, system.threads()) and 16 * number <= config.batch do
    list[#list + 1] = with(config, { name = number .. " ranks", ranks = number, threads = math.max(number, threads), parts = number > 2 and number or nil })
    number = 2 * number
  end
  return list
end

return M
