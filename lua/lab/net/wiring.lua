-- wiring.lua: which links a layer starts with. Wirings are values: lab.mlp takes one for all
-- layers, or an array with one for each.

local manual = require "lab.util.manual"
local options = require "lab.util.options"
local engine = require "lab.c.net"

local M = {}

local RETURNS = "a value for the option `wiring` of lab.mlp"

local erdos_renyi_spec = manual.word("lab.erdos_renyi", {
  summary = "a random wiring: every pair of units is linked with the same probability",
  text = "Links are drawn independently with probability epsilon (n_in + n_out) / (n_in n_out), for a layer of n_in inputs and n_out units "
    .. "(Mocanu et al. 2018). A layer for which this is 1 or more is dense.\n"
    .. "A wiring of one's own is a function(n_in, n_out) that returns two arrays: the units that links come from, and those they go to, both from 1.",
  options = {
    epsilon = { kind = "number", required = true, above = 0,
      help = "Sets the number of links: a layer has about epsilon times the sum of its inputs and units." },
  },
  returns = RETURNS,
  example = "local wiring = lab.erdos_renyi { epsilon = 20 }\nlocal net <close> = lab.mlp { 500, 100, 100, 2, wiring = wiring, seed = 1 }",
})

function M.erdos_renyi(given)
  local o = options.check("lab.erdos_renyi", erdos_renyi_spec, given)
  return { kind = "erdos_renyi", epsilon = o.epsilon }
end

local dense_spec = manual.word("lab.dense", {
  summary = "a full wiring: every pair of units is linked",
  options = {},
  returns = RETURNS,
  example = "local net <close> = lab.mlp { 500, 100, 2, wiring = { lab.erdos_renyi { epsilon = 20 }, lab.dense {} }, seed = 1 }",
})

function M.dense(given)
  options.check("lab.dense", dense_spec, given)
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
