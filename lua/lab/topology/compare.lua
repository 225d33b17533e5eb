-- compare.lua: how far the wirings of two nets are apart.

local asking = require "lab.topology.asking"
local c = require "lab.c.topology"
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

local NET = { "net", "net", "A net." }
local OTHER = { "other", "net", "A net of the same sizes, such as an earlier state of the same net (lab.load)." }

manual.word("lab.topology.jaccard", {
  summary = "the number of links that two nets share over the number that either has",
  arguments = { NET, OTHER, { "layer", "whole number", "Counted from 1, the layer above the inputs." } },
  returns = "a number from 0 to 1; 1 if both have no link",
  raises = "The nets differ in their sizes.",
  example = "print(lab.topology.jaccard(net, net, 1))",
})

function M.jaccard(net, other, layer)
  local a, b = asking.core("jaccard", net), asking.core("jaccard", other, 2)
  local common = asking.ask("jaccard", c.common, a, b, layer)
  local any = a:links(layer) + b:links(layer) - common
  return any > 0 and common / any or 1.0
end

local distance_spec = manual.word("lab.topology.distance", {
  summary = "how far apart two nets are when their hidden units may trade places (NNSTD, Liu et al. 2020)",
  text = "The distance between two units is the share of their inputs that only one of them has. Level by level the units of the second net are assigned to those of the first so that the mean distance "
    .. "is smallest; the next layer's inputs are reordered in the same way. Time grows with the cube of the units that are compared: a second for 1000. Fewer give a larger distance, since there are fewer to choose from.",
  arguments = { NET, OTHER },
  options = {
    units = { kind = "integer", default = c.most_units, min = 1, max = c.most_units, unit = "units", help = "How many units of a level are compared; in larger levels they are drawn at random, the same units in both nets." },
    seed = { kind = "integer", default = 1, help = "The seed of the draw." },
  },
  returns = "{ mean =, layers = array }, from 0 to 1",
  raises = "The nets differ in their sizes.",
  example = 'local null <close> = lab.topology.null(net, 1, "random", 1)\nprint(lab.topology.distance(net, null, { units = 20 }).mean)',
})

function M.distance(net, other, given)
  local o = options.check("lab.topology.distance", distance_spec, given)
  local a, b = asking.core("distance", net), asking.core("distance", other, 2)
  local layers = asking.ask("distance", c.distance, a, b, o.units, o.seed)
  local sum = 0.0
  for _, x in ipairs(layers) do sum = sum + x end
  return { mean = sum / #layers, layers = layers }
end

return M
