-- place.lua: what wirings share. A place is a layer that a wiring is for: { word, l, last, n_in, n_out, density }.

local engine = require "lab.c.net"
local options = require "lab.util.options"

local M = {}

M.RETURNS = "a value for the option `wiring` of lab.mlp"

M.density = { kind = "number", above = 0, max = 1, unit = "share of the cells", help = "How many of a layer's cells are links." }
M.required_density = { kind = "number", required = true, above = 0, max = 1, unit = M.density.unit, help = M.density.help }
M.dense_output = { kind = "boolean", default = false, help = "Whether the net's last layer is dense instead." }

-- Raises about the layer at this place.
function M.fail(place, what)
  options.fail(("%s: layer %d, of %d to %d units: %s"):format(place.word, place.l, place.n_in, place.n_out, what))
end

-- The layer as dense, where all cells are links.
function M.dense() return { kind = "dense" } end

-- A layer with exactly so many links by a maker of the engine; `more` are its other fields.
function M.counted(place, maker, links, more)
  if links < 1 then M.fail(place, "no link is left at this density; a larger one is needed") end
  if links >= place.n_in * place.n_out then return M.dense() end
  local layer = { kind = "sparse", wiring = maker, links = links }
  for name, value in pairs(more or {}) do layer[name] = value end
  return layer
end

-- cells - floor((1 - density) cells): as many cells are empty as the density asks for, rounded down.
function M.links(place, density) return engine.density_links(place.n_in, place.n_out, density) end

-- Is this layer the one that stays dense?
function M.is_dense_output(wiring, place) return wiring.dense_output and place.last end

return M
