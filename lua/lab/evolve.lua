-- evolve.lua: how a net's wiring changes between epochs. An evolution is a value for
-- net:epochs { evolve = ... } that names the engine's rules for pruning and for growing; a
-- function(net, epoch) does as well (see net:rewire). A new pair of rules is a word here.

local options = require "lab.options"
local schedule = require "lab.schedule"

local M = {}

-- SET (Mocanu et al. 2018): drops the share zeta of the positive and of the negative weights
-- that lie closest to zero, and grows as many links at random. `zeta` may be a schedule;
-- `every` counts epochs; `output = true` rewires a sparse output layer too, which the
-- published program leaves alone.
function M.set(given)
  local o = options.check("lab.set", {
    zeta = { kind = "number|table|function", default = 0.3, min = 0, max = 1 },
    every = { kind = "integer", default = 1, min = 1 },
    output = { kind = "boolean", default = false },
  }, given)
  return { kind = "prune and grow", prune = "set", grow = "random", zeta = o.zeta, every = o.every, output = o.output }
end

-- The last layer that an evolution rewires.
local function last_layer(evolution, net) return net:layers() - (evolution.output and 0 or 1) end

-- How much an evolution will move, for the memory plan: the share of links, as far as it is known
-- beforehand, and the last layer.
function M.extent(evolution, net, epochs)
  if type(evolution) ~= "table" or epochs < 2 or type(evolution.zeta) == "function" then return 0, 0 end
  return schedule.at(evolution.zeta or 0, 1, epochs, "zeta"), last_layer(evolution, net)
end

-- Carries out `evolution` on entering `epoch` of `epochs` (2, 3, ...: it follows every epoch
-- but the last). Returns the links replaced and the seconds it took.
function M.apply(evolution, net, epoch, epochs)
  if type(evolution) == "function" then
    local clock = require("lab.c.system").seconds
    local start = clock()
    return evolution(net, epoch) or 0, clock() - start
  end
  if type(evolution) ~= "table" or evolution.kind ~= "prune and grow" then
    options.fail("net:epochs: option 'evolve' takes lab.set { ... } or a function of the net and the epoch")
  end
  if (epoch - 1) % evolution.every ~= 0 then return 0, 0 end
  local zeta = schedule.at(evolution.zeta, epoch - 1, epochs, "zeta")
  if zeta < 0 or zeta > 1 then options.fail(("zeta gave %g in epoch %d: it must be in [0, 1]"):format(zeta, epoch)) end
  local last = last_layer(evolution, net)
  if last < 1 then return 0, 0 end
  return net.core:evolve(1, last, evolution.prune, evolution.grow, zeta, net.init, epoch)
end

return M
