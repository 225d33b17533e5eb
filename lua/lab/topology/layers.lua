-- layers.lua: measures of one layer of links.

local asking = require "lab.topology.asking"
local c = require "lab.c.topology"
local manual = require "lab.util.manual"

local M = {}

local NET = { "net", "net", "The net that is looked at." }
local LAYER = { "layer", "whole number", "Counted from 1, the layer above the inputs." }

manual.word("lab.topology.spread", {
  summary = "how unequal the degrees of a layer's units are",
  text = "Units without links count. cv is the standard deviation (with 1/n) over the mean; the Gini coefficient is 0 where all are equal and near 1 where one has all. "
    .. "Links that are placed at random have cv near 1 over the square root of the mean.",
  arguments = { NET, LAYER, { "side", "\"in\" or \"out\"", "\"in\": links that arrive at the units above; \"out\": links that leave the units below." } },
  returns = "{ cv =, gini =, largest_over_mean = }",
  example = 'print(lab.topology.spread(net, 1, "out").gini)',
})

function M.spread(net, layer, side)
  local cv, gini, largest = asking.ask("spread", c.spread, asking.core("spread", net), layer, side)
  return { cv = cv, gini = gini, largest_over_mean = largest }
end

manual.word("lab.topology.in_out", {
  summary = "do hidden units that have many links in have many links out?",
  text = "Spearman's correlation over the units of the level, ties by their mean rank.",
  arguments = { NET, { "level", "whole number", "A hidden level, from 1." } },
  returns = "a number from -1 to 1; nil if one side does not vary",
  example = "print(lab.topology.in_out(net, 1))",
})

function M.in_out(net, level) return asking.ask("in_out", c.in_out, asking.core("in_out", net), level) end

manual.word("lab.topology.assortativity", {
  summary = "are units with many links linked to units with many links? (Newman 2002)",
  text = "Pearson's correlation, over the links, of the degrees at their two ends. `once` takes each link once, from its input to its output; `both` takes it both ways, "
    .. "as for an undirected graph, so that levels of different mean degree count as disassortative. Compare it with a null that keeps the degrees: lab.topology.null with \"swaps\".",
  arguments = { NET, LAYER },
  returns = "{ once =, both = }; nil where the degrees do not vary, or with fewer than two links",
  example = "print(lab.topology.assortativity(net, 1).once)",
})

function M.assortativity(net, layer)
  local once, both = asking.ask("assortativity", c.assortativity, asking.core("assortativity", net), layer)
  return { once = once, both = both }
end

manual.word("lab.topology.c4", {
  summary = "how many paths of three links close into a cycle of four (Robins and Alexander 2004)",
  text = "The clustering coefficient of bipartite graphs: 4 cycles / paths. Time is in proportion to the sum of the squares of one side's degrees. "
    .. "In a random layer it is about the density; lab.topology.null shows what it is for the same degrees.",
  arguments = { NET, LAYER },
  returns = "{ c4 =, four_cycles =, three_paths = }",
  example = "print(lab.topology.c4(net, 1).c4)",
})

function M.c4(net, layer)
  local c4, cycles, paths = asking.ask("c4", c.squares, asking.core("c4", net), layer)
  return { c4 = c4, four_cycles = cycles, three_paths = paths }
end

manual.word("lab.topology.spectrum", {
  summary = "the two largest singular values of a layer's mask, and how far it is from a Ramanujan graph",
  text = "mu1 and mu2 are those of the matrix of zeros and ones, found by Lanczos's method. delta_s = 2 sqrt(mu1 - 1) - mu2, delta_r = sqrt(mean_in - 1) + sqrt(mean_out - 1) - mu2 with "
    .. "the mean degrees of the inputs and of the units above that have links: at least 0 for a Ramanujan graph, whose links spread as well as possible (Hoang et al. 2023). "
    .. "They were published for mean degrees of at least 3; `valid` says whether that holds.",
  arguments = { NET, LAYER },
  returns = "{ mu1 =, mu2 =, mean_in =, mean_out =, delta_s =, delta_r =, valid = }; the deltas are nil without links",
  example = "print(lab.topology.spectrum(net, 1).delta_r)",
})

function M.spectrum(net, layer) return asking.ask("spectrum", c.spectrum, asking.core("spectrum", net), layer) end

return M
