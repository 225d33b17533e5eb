-- exchange.lua: what ranks of a training send each other in a step, and how much of the speed that leaves (setlab plan --ranks).
--
-- Each rank sends the gradients of its parts of the batch to those who update them, and the weights that it has updated to all: core/net/net_ranks.h.
-- The prediction adds the time of the messages to that of the step, as if nothing overlapped. A step is taken to read activations as fast as
-- that of workload C does, as a share of the second cache's rate, which is measured here.

local fs = require "lab.c.fs"
local json = require "lab.util.json"
local process = require "lab.util.process"
local ranks = require "lab.c.ranks"
local machines = require "lab.bench.machine"
local yardstick = require "lab.c.yardstick"

local M = {}

local C_SHARE <const> = 0.38      -- of the second cache's rate that workload C has (setlab bench C)
local LINK_BYTES <const> = 32     -- of a link's own, in a step (setlab bench, GB/s)

-- Bytes that each of `number` ranks sends in a step, and receives; nil if the net keeps no gradients by part of a batch.
function M.bytes(plan, number, batch)
  local links, units, partial = 0, 0, 0
  for _, layer in ipairs(plan.layers) do links, units = links + layer.links, units + layer.n_out end
  for _, part in ipairs(plan.parts) do if part.name == "tiles" then partial = part.bytes end end
  local tiles = math.max(number, math.floor(partial / (4 * (links + units)) + 0.5))
  if partial == 0 or batch < 16 * number then return nil end
  local own = math.ceil(tiles / number)
  return math.floor(4 * (number - 1) * (links * (own + 1) / number + units * own))
end

-- Bytes a second in each direction between two processes here, which mpirun starts; nil and why if it cannot.
function M.rate(bytes)
  if not ranks.library() then return nil, "this program was built without MPI" end
  local words = { "mpirun", "-n", "2", fs.real "/proc/self/exe", "bench", "--as-rank=" .. json.encode { exchange = bytes } }
  local result = process.run { argv = words, timeout_seconds = 60 }
  if not result or result.status ~= 0 then return nil, (result and result.err:match "%a[^\n]*" or "it cannot be started") end
  return json.decode(result.out).rate
end

-- Seconds of a step of one process with all threads, by the model of setlab bench.
function M.step_seconds(plan, batch, threads, precision)
  local rows = (precision == "bfloat16" and 2 or 4) * batch
  local size, seconds = machines.new(threads, {}).sizes.l2, 0.2
  return size and plan.links * (2 * rows + LINK_BYTES) / (C_SHARE * 1e9 * yardstick.read(size, threads, seconds)) or nil
end

return M
