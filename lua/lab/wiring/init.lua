-- wiring/init.lua: what the engine needs to know of each layer, from the wirings that a script gives: one for all layers, or an
-- array with one for each.

local listed = require "lab.wiring.listed"
local options = require "lab.util.options"
local random = require "lab.wiring.random"
local shaped = require "lab.wiring.shaped"

local M = {}

local TAKES = "takes a wiring ('setlab help lab.erdos_renyi' and others), lab.dense {} or a function, for all layers or in an array for each"

-- kind of a value -> function(wiring, place, note) that describes one layer.
local kinds = {}
for _, words in ipairs { random, shaped, listed } do
  for kind, f in pairs(words.kinds) do kinds[kind] = f end
end

function kinds.stored(wiring) return { kind = "stored", links = wiring.links } end  -- lab.load

-- A wiring of the user's: function(n_in, n_out) -> from, to: arrays of unit numbers from 1.
local function given_layer(wiring, place)
  local from, to = wiring(place.n_in, place.n_out)
  if type(from) ~= "table" or type(to) ~= "table" then
    options.fail("lab.mlp: a wiring function must return two arrays: the units that links come from, and those they go to")
  end
  return { kind = "given", from = from, to = to }
end

-- The places of all layers, and for each wiring that looks at several of them together, which those are.
local function places_of(wirings, reads, units)
  local places, together = {}, {}
  for l, wiring in ipairs(wirings) do
    local kind = type(wiring) == "table" and wiring.kind
    places[l] = { word = "lab." .. tostring(kind), l = l, last = l == #wirings, n_in = reads[l], n_out = units[l] }
    if random.together[kind] then
      together[wiring] = together[wiring] or {}
      table.insert(together[wiring], places[l])
    end
  end
  for wiring, of_it in pairs(together) do random.together[wiring.kind](wiring, of_it) end
  return places
end

-- Array of { kind = "sparse" | "dense" | "given" | "stored", and what that takes }, one for each layer; layer l is from `reads[l]` units to `units[l]`. `given` is
-- what a script gave as the option `wiring` of `where`; `note` is told what the user may not expect.
function M.layers(where, given, reads, units, note)
  local wirings, layers = given, {}
  if type(given) == "function" or given.kind ~= nil then
    wirings = {}
    for l = 1, #units do wirings[l] = given end
  elseif #given ~= #units then
    options.fail(("%s: %d wirings for %d layers"):format(where, #given, #units))
  end
  for l, wiring in ipairs(wirings) do
    if type(wiring) ~= "function" and not (type(wiring) == "table" and kinds[wiring.kind]) then options.fail("lab.mlp: option 'wiring' " .. TAKES) end
  end
  local places = places_of(wirings, reads, units)
  for l, wiring in ipairs(wirings) do
    layers[l] = type(wiring) == "function" and given_layer(wiring, places[l]) or kinds[wiring.kind](wiring, places[l], note)
  end
  return layers
end

return M
