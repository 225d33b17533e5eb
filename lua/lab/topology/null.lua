-- null.lua: a net with the same numbers, otherwise wired: what a measure, or an accuracy, is held against.

local asking = require "lab.topology.asking"
local attempt = require "lab.util.attempt".call
local c = require "lab.c.topology"
local load = require "lab.train.load"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local saved_net = require "lab.net.saved_net"

local M = {}

local kinds = { random = true, swaps = true, weights = true }

manual.word("lab.topology.null", {
  summary = "a copy of a net with one layer, or all, wired at random",
  text = "\"random\": as many links, anywhere (Erdos and Renyi). \"swaps\": links trade their ends until every one has moved some ten times (Maslov and Sneppen 2002), so that all units keep "
    .. "their degrees, and each input its weights. \"weights\": the same wiring, its weights in another order. Everything else is copied, except what the net remembers of its wiring (history = true); the layer's velocities become 0 where its wiring changes. "
    .. "Several seeds show how much a measure varies by chance.",
  arguments = { { "net", "net", "The net that is copied; it stays as it is." }, { "layer", "whole number", "A sparse layer, counted from 1; nil for all of them." },
    { "kind", "\"random\", \"swaps\" or \"weights\"", "What is randomised." }, { "seed", "whole number", "The seed of the draw." } },
  returns = "a net",
  raises = "The layer is dense; not enough memory.",
  gives = "net",
  example = 'local null <close> = lab.topology.null(net, 1, "swaps", 1)\nprint(lab.topology.c4(net, 1).c4, lab.topology.c4(null, 1).c4)',
})

-- The net once more, made as lab.load makes one of a file.
local function copy(net, core)
  local description = saved_net.describe(net)
  description.path, description.options.history = "a copy of the net", nil
  local source = { restore = function(_, made) return attempt(c.copy, made, core) end }
  local made, why = load.make(source, description, { threads = core:threads(), isa = core:isa() })
  return made or options.fail("lab.topology.null: " .. why)
end

local function rewire(null, layer, kind, seed)
  for l = layer or 1, layer or null:layers() do
    if layer or null:is_sparse(l) then asking.ask("null", c.null, null.core, l, kind, seed) end
  end
end

function M.null(net, layer, kind, seed)
  local core = asking.core("null", net)
  if not kinds[kind] then options.fail(('lab.topology.null: argument 3 must be "random", "swaps" or "weights", not %s'):format(type(kind) == "string" and ("'%s'"):format(kind) or type(kind))) end
  if math.type(seed) ~= "integer" then options.fail(("lab.topology.null: argument 4 must be a seed, a whole number, not %s"):format(tostring(seed))) end
  asking.ask("null", core.layers, core)   -- is it closed?
  local null = copy(net, core)
  local ok, why = attempt(rewire, null, layer, kind, seed)
  if ok then return null end
  null:close()
  error(why, 0)
end

return M
