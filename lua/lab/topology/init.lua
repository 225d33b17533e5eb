-- topology/init.lua: lab.topology.<word>(net, ...): the words of this room in one table.

local manual = require "lab.util.manual"
local options = require "lab.util.options"

local parts = { "lab.topology.flow", "lab.topology.layers", "lab.topology.compare", "lab.topology.null", "lab.topology.track", "lab.topology.columns" }

manual.group("lab.topology", {
  summary = "what a net's wiring looks like, and what becomes of its links",
  text = "Every word takes a net: one in training, one that lab.load has read, or its null. Layers count from 1, levels of units from 0, the inputs. "
    .. "Arrays by level begin with the inputs, as in lab.mlp. In a dense layer all links count. "
    .. "All but lab.topology.c4, lab.topology.spectrum and lab.topology.distance take time in proportion to the links, some milliseconds, and can be called every epoch.",
})

local M = {}
for _, part in ipairs(parts) do
  for name, word in pairs(require(part)) do M[name] = word end
end

return setmetatable(M, {
  __index = function(_, name)
    if type(name) == "string" then options.fail(("lab.topology has no word '%s'%s"):format(name, options.suggestion(name, options.sorted_keys(M)))) end
  end,
  __tostring = function() return "lab.topology: " .. table.concat(options.sorted_keys(M), ", ") end,
})
