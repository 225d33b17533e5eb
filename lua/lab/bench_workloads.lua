-- bench_workloads.lua: what `setlab bench` measures, a table entry each.
--
-- A workload makes configurations, one for each of its rows:
--   name       of the row
--   units      { inputs, hidden, ..., classes }
--   image      { channels, height, width }; their product is the number of inputs
--   epsilon    links of a layer between n_in and n_out units: epsilon * (n_in + n_out); or
--   density    the share of pairs that are linked; 1 and more, or `dense`, through CBLAS
--   top        "dense": the last layer is
--   samples    of an epoch          batch, lr, momentum, dropout, weight_decay, zeta, threads
--   mode       "train" (default), "infer" (evaluation only) or "evolve" (evolution only)
-- With `interleave` the rows of a workload take turns, epoch by epoch.

local COLOUR, GREY = { 3, 32, 32 }, { 1, 28, 28 }

-- A copy of a configuration with other fields.
local function with(config, changes)
  local copy = {}
  for k, v in pairs(config) do copy[k] = v end
  for k, v in pairs(changes) do copy[k] = v end
  return copy
end

local C = {
  name = "C", units = { 3072, 4000, 1000, 4000, 10 }, image = COLOUR, samples = 50000, epsilon = 20, top = "dense",
  batch = 100, lr = 0.01, momentum = 0.9, dropout = 0.3, zeta = 0.3,
}
local F = {
  name = "F", units = { 784, 1000, 1000, 1000, 10 }, image = GREY, samples = 5000, epsilon = 13, top = "dense",
  batch = 40, lr = 0.05, momentum = 0.9, dropout = 0.2, weight_decay = 2e-4, zeta = 0.3,
}
local tiny = {
  name = "tiny", units = { 784, 40, 30, 10 }, image = GREY, samples = 200, epsilon = 5, top = "dense",
  batch = 20, lr = 0.01, momentum = 0.9, dropout = 0.3, zeta = 0.3,
}

return {
  {
    name = "C", summary = "3072-4000-1000-4000-10, epsilon 20, batch 100, 50,000 images", repeats = 5, seconds = 14,
    configurations = function() return { C } end,
  },
  {
    name = "F", summary = "784-1000-1000-1000-10, epsilon 13, batch 40, 5,000 images", repeats = 15, seconds = 5,
    configurations = function() return { F } end,
  },
  {
    name = "tiny", summary = "784-40-30-10, 200 images: a second, to try the command", repeats = 3, seconds = 2,
    configurations = function() return { tiny } end,
  },
}
