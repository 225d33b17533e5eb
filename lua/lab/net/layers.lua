-- layers.lua: what the engine needs to know of a net's layers, from the sizes and the wiring that
-- a script gives. lab.mlp makes a net of them, lab.memory_plan only counts.

local engine = require "lab.c.net"
local options = require "lab.util.options"
local wirings = require "lab.wiring"

local M = {}

-- What an output unit can be: all_relu is for hidden ones.
M.outputs = { "softmax" }
for _, name in ipairs(engine.activations) do if name ~= "all_relu" then M.outputs[#M.outputs + 1] = name end end

local has_slope = { leaky_relu = true, all_relu = true }

M.optimisers = { "sgd", "adamw", "lion", "beta_lasso", "s2sam" }   -- as core/kernel/kernel.h describes them

-- Of the option batch_norm, which lab.mlp and lab.memory_plan have.
M.batch_norm = {
  samples = { kind = "integer|string", default = 32, min = 16, max = 32, choices = { "batch" }, takes = "16, 32 or", unit = "samples", help = "Over how many samples of a batch a unit is normalised, 16 or 32; \"batch\": over all of them." },
  affine = { kind = "boolean", default = true, help = "Whether each unit has a scale and a shift that are trained." },
}

-- The options of batch_norm; nil if there is none.
function M.check_batch_norm(where, given)
  if not given then return nil end
  local o = options.check(where .. ", option 'batch_norm'", M.batch_norm, given)
  if o.samples ~= 16 and o.samples ~= 32 and o.samples ~= "batch" then
    options.fail(("%s, option 'batch_norm': samples must be 16 or 32, or \"batch\", not %d"):format(where, o.samples))
  end
  return o
end

-- Of the option skip, which both have, too.
M.skip = { kind = "boolean|table", default = false, takes = "true, false or an array of layers from 2 on, 2 being the first above the first hidden units",
  help = "Which layers have skip links: they read the inputs besides the units below them. true: those into every hidden level above the first." }

-- Array: how many units each layer reads, those below it and behind them, with skip links, the inputs.
function M.reads(where, o)
  local reads, skips = table.move(o, 1, #o - 1, 1, {}), o.skip or {}
  if skips == true then
    skips = {}
    for l = 2, #o - 2 do skips[l - 1] = l end
    if #skips == 0 then options.fail(where .. ": option 'skip' is for hidden units above the first level of them, and there are none; { 2 } means the output layer") end
  end
  for key in pairs(skips) do
    if math.type(key) ~= "integer" then options.fail(("%s: option 'skip': an array is expected, but it has '%s'"):format(where, tostring(key))) end
  end
  for _, l in ipairs(skips) do
    if math.type(l) ~= "integer" or l < 2 or l > #o - 1 then
      options.fail(("%s: option 'skip': %s; a layer from 2 to %d is needed"):format(where, tostring(l), #o - 1))
    end
    if reads[l] > o[l] then options.fail(("%s: option 'skip' names layer %d twice"):format(where, l)) end
    reads[l] = o[l] + o[1]
  end
  return reads
end

-- Two losses include what makes outputs of sums; other outputs go with mse.
local includes = { cross_entropy = "softmax", binary_cross_entropy = "sigmoid" }

function M.check_units(where, o)
  local included = includes[o.loss]
  o.output = o.output or included or "linear"
  if included and o.output ~= included or not included and o.output == "softmax" then
    options.fail(("%s: loss '%s' does not go with output '%s': cross_entropy takes softmax, binary_cross_entropy takes sigmoid, mse any but softmax"):format(where, o.loss, o.output))
  end
  if o.slope and not has_slope[o.hidden] and not has_slope[o.output] then
    options.fail(("%s: option 'slope' belongs to leaky_relu and all_relu, not to '%s'"):format(where, o.hidden))
  end
end

-- Raises if the array part of o is not the number of units of each level.
function M.check_sizes(where, o)
  if type(o[1]) == "table" then
    options.fail(("%s: the number of units of each level must stand in the call itself, not in a table: { 784, 1000, 10, ... }, or { wiring = ..., table.unpack(sizes) }"):format(where))
  end
  if #o < 2 then options.fail(("%s: give the number of units of each level first, for example { 784, 1000, 10, ... }"):format(where)) end
  for l, n in ipairs(o) do
    if math.type(n) ~= "integer" and (type(n) ~= "number" or n ~= math.floor(n)) or n < 1 or n > 1e9 then
      options.fail(("%s: level %d has %s units; a whole number from 1 to 1e9 is needed"):format(where, l, tostring(n)))
    end
  end
end

-- `note` is told what the user may not expect. Returns an array of { n_in, n_out,
-- kind = "sparse" | "dense" | "given" | "stored", what that takes, activation, slope, ghost }.
function M.describe(where, o, note)
  local norm = M.check_batch_norm(where, o.batch_norm)
  if norm and #o < 3 then options.fail(where .. ": option 'batch_norm' is for hidden units, and there are none") end
  local reads = M.reads(where, o)
  local layers = wirings.layers(where, o.wiring, reads, table.move(o, 2, #o, 1, {}), note)
  for l, layer in ipairs(layers) do
    layer.n_in, layer.n_out = reads[l], o[l + 1]
    layer.activation = l < #o - 1 and o.hidden or (includes[o.loss] and "linear" or o.output)
    layer.slope = o.slope
    layer.ghost = norm and l < #o - 1 and (norm.samples == "batch" and engine.ghost_all or norm.samples) or 0
  end
  return layers
end

return M
