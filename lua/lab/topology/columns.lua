-- columns.lua: lab.topology.columns(net): all that is cheap, for run:log.

local c = require "lab.c.topology"
local asking = require "lab.topology.asking"
local flow = require "lab.topology.flow"
local layers = require "lab.topology.layers"
local manual = require "lab.util.manual"

local M = {}

manual.word("lab.topology.columns", {
  summary = "the measures that cost little, as columns for run:log",
  text = "Numbers: active, effective_density, log10_paths. Arrays, which run:log turns into columns: dead, by level, the inputs first; cv_in, cv_out, gini_in, gini_out, assortativity "
    .. "(each link once), by layer; in_out, by hidden level. Undefined values are not-a-number, so that every row has the same columns.",
  arguments = { { "net", "net", "The net that is looked at." } },
  returns = "a table of numbers and arrays",
  example = "for name, value in pairs(lab.topology.columns(net)) do print(name, value) end",
})

local NONE = -(0 / 0)  -- which is "nan" as text

local function by_layer(row, net)
  for l = 1, net:layers() do
    local above, below = layers.spread(net, l, "in"), layers.spread(net, l, "out")
    row.cv_in[l], row.cv_out[l], row.gini_in[l], row.gini_out[l] = above.cv, below.cv, above.gini, below.gini
    row.assortativity[l] = layers.assortativity(net, l).once or NONE
  end
end

function M.columns(net)
  local levels, active = asking.ask("columns", c.units, asking.core("columns", net))
  local row = { active = active, effective_density = flow.effective(net).total, dead = {}, cv_in = {}, cv_out = {}, gini_in = {}, gini_out = {},
    assortativity = {}, log10_paths = flow.paths(net).log10 or NONE }
  for l, level in ipairs(levels) do row.dead[l] = level.either end
  by_layer(row, net)
  if net:layers() > 1 then row.in_out = {} end
  for level = 1, net:layers() - 1 do row.in_out[level] = layers.in_out(net, level) or NONE end
  return row
end

return M
