-- Records as lab.runs makes them, without training: for the tests of figures and tables.

local Record = {}
Record.__index = Record

function Record:rows() return self.metrics end
function Record:monitor() return self.samples end

local M = {}

-- A record of arm and seed whose column `accuracy` has the given values; epochs count from 1.
function M.record(arm, seed, accuracies, status)
  local rows = {}
  for i, v in ipairs(accuracies) do rows[i] = { epoch = i, accuracy = v, train_accuracy = v + 0.1, test_accuracy = v, seconds = 0.5 * seed, links = 1000 * seed } end
  local samples = {}
  for i = 1, 5 do samples[i] = { seconds = 0.5 * i, uss_mib = 50.0 + i + seed, cpu_percent = 100.0 } end
  return setmetatable({ name = ("arm=%s seed=%d"):format(arm, seed), arguments = { arm = arm, seed = seed },
    status = status or "done", metrics = rows, samples = samples }, Record)
end

return M
