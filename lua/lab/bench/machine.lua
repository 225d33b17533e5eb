-- machine.lua: the state of the machine while a workload runs.
--
-- Yardsticks are taken between epochs, a second or more apart, so that on a shared machine
-- they run under the same load as the epochs.

local caches = require "lab.run.machine".caches
local statistics = require "lab.util.statistics"
local system = require "lab.c.system"
local yardstick = require "lab.c.yardstick"

local M = {}
M.__index = M

local SGEMM = 2000            -- rows and columns
local READ_SECONDS = 0.008    -- for each level of memory
local NEAR, FAR = 150, 2000   -- nanoseconds that a line takes at most

-- Bytes that each thread reads to find a level's speed: half of a cache of its own, a quarter
-- of a shared one, and three times the last cache, all threads together, for memory.
local function reading_sizes(threads)
  local sizes, last = {}, 16 << 20
  for _, cache in ipairs(caches()) do
    sizes["l" .. cache.level] = cache.level < 3 and cache.bytes // 2 or cache.bytes // (4 * threads)
    last = cache.bytes
  end
  sizes.dram = math.min(3 * last, 512 << 20) // threads
  return sizes
end

-- A record for one number of threads. `plan.sgemm` other than 2000 is for tests.
function M.new(threads, plan)
  return setmetatable({ threads = threads, n = plan.sgemm or SGEMM, sizes = reading_sizes(threads), taken = {} }, M)
end

-- Takes all yardsticks now.
function M:take()
  local y = { pass_ns = yardstick.pass(), sgemm = yardstick.sgemm(self.n, self.threads, 2) }
  for level, bytes in pairs(self.sizes) do y[level] = yardstick.read(bytes, self.threads, READ_SECONDS) end
  y.at = system.seconds()
  self.taken[#self.taken + 1] = y
end

-- Takes them if the last time is a second ago.
function M:take_if_due()
  local last = self.taken[#self.taken]
  if not last or system.seconds() - last.at > 1 then self:take() end
end

-- Median sgemm of the yardsticks nearest to an epoch: those with numbers n and n + 1.
function M:sgemm_around(n)
  local before, after = self.taken[n], self.taken[n + 1]
  if before and after then return (before.sgemm + after.sgemm) / 2 end
  return (before or after or self.taken[#self.taken]).sgemm
end

-- Median of a yardstick, or nil if there is none: "sgemm", "l1", "l2", "l3", "dram", "pass_ns".
function M:median(name)
  local values = {}
  for _, y in ipairs(self.taken) do values[#values + 1] = y[name] end
  return statistics.median(values)
end

-- How long a cache line takes from thread to thread, in a word: "near", "far" when it crosses
-- the machine, "one processor" when the threads wait for each other's turn; nil with one thread.
function M.distance(ns) return ns and (ns < NEAR and "near" or ns < FAR and "far" or "one processor") end

return M
