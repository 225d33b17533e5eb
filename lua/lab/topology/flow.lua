-- flow.lua: what leads from inputs to outputs: units that lead nowhere, links that have an effect, paths.

local asking = require "lab.topology.asking"
local c = require "lab.c.topology"
local manual = require "lab.util.manual"

local M = {}

local NET = { "net", "net", "The net that is looked at." }

local function units_of(word, net) return asking.ask(word, c.units, asking.core(word, net)) end

-- One count of every level.
local function each(levels, name)
  local list = {}
  for l, level in ipairs(levels) do list[l] = level[name] end
  return list
end

manual.word("lab.topology.dead", {
  summary = "units without a link in, or without one out",
  text = "An input needs no link in, an output none out.",
  arguments = { NET },
  returns = "{ no_in =, no_out =, either = }: how many, an array by level each, the inputs first",
  example = "print(lab.topology.dead(net).either[2])",
})

function M.dead(net)
  local levels = units_of("dead", net)
  return { no_in = each(levels, "no_in"), no_out = each(levels, "no_out"), either = each(levels, "either") }
end

manual.word("lab.topology.active", {
  summary = "the share of active units (ANP)",
  text = "A unit is active if it has a link out, an output if it has a link in; inputs are counted (Zhang et al. 2024).",
  arguments = { NET },
  returns = "a number from 0 to 1",
  example = "print(lab.topology.active(net))",
})

function M.active(net)
  local _, active = units_of("active", net)
  return active
end

manual.word("lab.topology.effective", {
  summary = "the links that lie on a path from an input to an output, and their density",
  text = "Other links cannot change the net's outputs (Vysogorets and Kempe 2023).",
  arguments = { NET },
  returns = "{ links = array by layer, density = array by layer, total = density of the whole net }",
  example = "print(lab.topology.effective(net).total)",
})

function M.effective(net)
  local levels, _, links = units_of("effective", net)
  local density, all, cells = {}, 0, 0
  for l, n in ipairs(links) do
    local of_layer = levels[l].units * levels[l + 1].units
    density[l], all, cells = n / of_layer, all + n, cells + of_layer
  end
  return { links = links, density = density, total = all / cells }
end

manual.word("lab.topology.compressed", {
  summary = "the sizes of the net without the units that lead nowhere",
  text = "`units` are those on a path from an input to an output: dead units are taken out until there are none. "
    .. "`once` are those that RigL's published program counts: it makes one pass from the first layer to the last.",
  arguments = { NET },
  returns = "{ units =, once = }, an array by level each, the inputs first",
  example = 'print(table.concat(lab.topology.compressed(net).units, "-"))',
})

function M.compressed(net)
  local levels = units_of("compressed", net)
  return { units = each(levels, "on_path"), once = each(levels, "once") }
end

manual.word("lab.topology.paths", {
  summary = "how many paths lead from inputs to outputs",
  text = "The number is exact: deep nets have more than 2^64.",
  arguments = { NET },
  returns = "{ digits = the number as text, log10 = its logarithm, nil if there is no path, share_of_dense = of the paths of the dense net }",
  example = "print(lab.topology.paths(net).digits)",
})

function M.paths(net)
  local core = asking.core("paths", net)
  local digits, log10 = asking.ask("paths", c.paths, core)
  local dense = 0.0
  for level = 0, core:layers() do dense = dense + math.log(core:units(level), 10) end
  return { digits = digits, log10 = log10 > -math.huge and log10 or nil, share_of_dense = 10 ^ (log10 - dense) }
end

manual.word("lab.topology.path_shares", {
  summary = "the share of all paths that goes through each unit of a level",
  arguments = { NET, { "level", "whole number", "0 for the inputs." } },
  returns = "an array that adds up to 1; all 0 if there is no path",
  example = "local shares = lab.topology.path_shares(net, 1)",
})

function M.path_shares(net, level) return asking.ask("path_shares", c.path_shares, asking.core("path_shares", net), level) end

return M
