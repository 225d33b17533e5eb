-- study.lua: what several studies of this folder share.
--
--   local study = require "shared.study"
--   local P = lab.params { epsilon = study.epsilon(20.0), batch = study.batch(100), ... }
--
-- A parameter that several studies declare has its range and help text here, and its default in the study.
--
-- No run function calls these: whatever a run function calls is part of its key, so a word changed here would
-- train every study anew. They serve around the runs: to declare parameters, to list seeds, to sum up.

local lab = require "lab"
local statistics = lab.statistics

local M = {}

-- ---- parameters: each takes the study's default ---------------------------------------------

function M.epsilon(default) return { default, above = 0, help = "sparsity: a layer has about epsilon * (inputs + outputs) links" } end
function M.zeta(default) return { default, min = 0, max = 1, help = "share of links rewired after an epoch" } end
function M.lr(default) return { default, min = 0, help = "learning rate" } end
function M.momentum(default) return { default, min = 0, below = 1, help = "share of the last step that the next one keeps" } end
function M.dropout(default) return { default, min = 0, below = 1, help = "share of hidden units left out in each step" } end
function M.batch(default) return { default, min = 1, help = "samples per step" } end
function M.weight_decay(default) return { default, min = 0, help = "share of every weight taken off after every step" } end
function M.train(default, max) return { default, min = 1, max = max, help = "training images" } end
function M.test(default, max) return { default, min = 1, max = max, help = "test images" } end
function M.hidden(default) return { default, min = 1, help = "units in each of the three hidden layers" } end
function M.outer(default) return { default, min = 1, help = "units of the first and third hidden layer" } end
function M.inner(default) return { default, min = 1, help = "units of the second hidden layer" } end
function M.bootstrap(default) return { default, min = 0, help = "synthetic samples behind each power law's p" } end

-- ---- lists -----------------------------------------------------------------------------------

-- { 1, 2, ..., n }
function M.seeds(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

-- The mean of of(item) over the items that have one; nil if none has.
function M.mean(list, of)
  local total, n = 0.0, 0
  for _, item in ipairs(list) do
    local v = of(item)
    if v then total, n = total + v, n + 1 end
  end
  return n > 0 and total / n or nil
end

-- The mean of an array's last n numbers; nil if it is empty or its last value is not a number.
function M.mean_of_last(values, n) return statistics.fold(statistics.part(values, #values - n + 1), "mean") end

return M
