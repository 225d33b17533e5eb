-- layers.lua: what the engine needs to know of a net's layers, from the sizes and the wiring that
-- a script gives. lab.mlp makes a net of them, lab.memory_plan only counts.

local options = require "lab.options"
local wirings = require "lab.wiring"

local M = {}

-- Raises if the array part of o is not the number of units of each level.
function M.check_sizes(where, o)
  if #o < 2 then options.fail(("%s: give the number of units of each level first, for example { 784, 1000, 10, ... }"):format(where)) end
  for l, n in ipairs(o) do
    if math.type(n) ~= "integer" and (type(n) ~= "number" or n ~= math.floor(n)) or n < 1 or n > 1e9 then
      options.fail(("%s: level %d has %s units; a whole number from 1 to 1e9 is needed"):format(where, l, tostring(n)))
    end
  end
end

-- `note` is told what the user may not expect. Returns an array of { n_in, n_out, kind = "sparse" | "dense" | "given", density, from, to }.
function M.describe(where, o, note)
  local layers, one = {}, type(o.wiring) == "function" or o.wiring.kind ~= nil
  if not one and #o.wiring ~= #o - 1 then
    options.fail(("%s: %d wirings for %d layers"):format(where, #o.wiring, #o - 1))
  end
  for l = 1, #o - 1 do
    local layer = wirings.layer(one and o.wiring or o.wiring[l], o[l], o[l + 1], note)
    layer.n_in, layer.n_out = o[l], o[l + 1]
    layers[l] = layer
  end
  return layers
end

return M
