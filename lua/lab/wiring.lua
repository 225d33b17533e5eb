-- wiring.lua: which links a layer starts with. Wirings are values: lab.mlp takes one for all
-- layers, or an array with one for each.

local options = require "lab.options"
local engine = require "lab.c.net"

local M = {}

-- Every pair of units is linked with the same probability, epsilon (n_in + n_out) / (n_in n_out),
-- independently (Erdos-Renyi; Mocanu et al. 2018). A layer for which this is 1 or more is dense.
function M.erdos_renyi(given)
  local o = options.check("lab.erdos_renyi", { epsilon = { kind = "number", required = true, above = 0 } }, given)
  return { kind = "erdos_renyi", epsilon = o.epsilon }
end

-- Every pair of units is linked.
function M.dense(given)
  options.check("lab.dense", {}, given)
  return { kind = "dense" }
end

local function erdos_renyi_layer(wiring, n_in, n_out, note)
  local density = engine.density(wiring.epsilon, n_in, n_out)
  if density < 1 then return { kind = "sparse", density = density } end
  note(("the layer of %d to %d units has every link: it is too small to be sparse at epsilon %g"):format(n_in, n_out, wiring.epsilon))
  return { kind = "dense" }
end

-- A wiring of the user's: function(n_in, n_out) -> from, to: arrays of unit numbers from 1.
local function given_layer(wiring, n_in, n_out)
  local from, to = wiring(n_in, n_out)
  if type(from) ~= "table" or type(to) ~= "table" then
    options.fail("lab.mlp: a wiring function must return two arrays: the units that links come from, and those they go to")
  end
  return { kind = "given", from = from, to = to }
end

-- What the engine needs to know of one layer: kind, and density or from and to. `note` is
-- told what the user may not expect.
function M.layer(wiring, n_in, n_out, note)
  if type(wiring) == "function" then return given_layer(wiring, n_in, n_out) end
  if type(wiring) == "table" and wiring.kind == "erdos_renyi" then return erdos_renyi_layer(wiring, n_in, n_out, note) end
  if type(wiring) == "table" and wiring.kind == "dense" then return { kind = "dense" } end
  if type(wiring) == "table" and wiring.kind == "stored" then return { kind = "stored", links = wiring.links } end  -- lab.load
  options.fail("lab.mlp: option 'wiring' takes lab.erdos_renyi { ... }, lab.dense {} or a function, for all layers or in an array for each")
end

return M
