-- evolve.lua: how a net's wiring changes between epochs. An evolution is a value for
-- net:epochs { evolve = ... } that names the engine's rules for pruning and for growing; a
-- function(net, epoch) does as well (see net:rewire). A new pair of rules is a word here.

local asking = require "lab.net.ask"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local schedule = require "lab.net.schedule"

local M = {}

local set_spec = {
  zeta = { kind = "number|table|function", default = 0.3, min = 0, max = 1,
    takes = "number, lab.schedule value or function(epoch, epochs)", unit = "share of a layer's links",
    help = "How many of the positive and of the negative links an evolution replaces: those nearest zero." },
  every = { kind = "integer", min = 1, unit = "epochs", default_is = "1, unless every_steps is given", help = "How many epochs lie between two evolutions." },
  every_steps = { kind = "integer", min = 1, unit = "training steps", help = "How many steps lie between two evolutions, counted across the ends of epochs; instead of `every`." },
  newborn = { kind = "string", default = "drawn", choices = { "drawn", "zero" },
    help = "Whether new links draw their weights, by the distribution of the net's first ones at the scale of a dense layer, or start at 0." },
  output = { kind = "boolean", default = false, help = "Whether a sparse output layer evolves too; the published program leaves it alone." },
}

manual.word("lab.set", {
  summary = "SET: prune the links nearest zero and grow as many at random (Mocanu et al. 2018)",
  text = "An evolution for net:epochs. It rewires the sparse layers when an epoch begins, from the second one on; after the last epoch nothing is rewired. "
    .. "With newborn = \"drawn\" new links get weights as in the tutorial's program, with \"zero\" as in the authors' Keras program.",
  options = set_spec,
  returns = "a value for the option `evolve` of net:epochs",
  example = "local evolve = lab.set { zeta = 0.3 }\nfor epoch in net:epochs(data.train, { epochs = 5, batch = 40, lr = 0.02, evolve = evolve }) do end",
})

function M.set(given)
  local o = options.check("lab.set", set_spec, given)
  if o.every and o.every_steps then options.fail("lab.set: give 'every' (epochs) or 'every_steps', not both") end
  return { kind = "prune and grow", prune = "set", grow = "random", zeta = o.zeta,
    newborn = o.newborn ~= "drawn" and o.newborn or nil,
    every = not o.every_steps and (o.every or 1) or nil, every_steps = o.every_steps, output = o.output }
end

-- The last layer that an evolution rewires.
local function last_layer(evolution, net) return asking.ask(net, "epochs", "layers") - (evolution.output and 0 or 1) end

-- How much an evolution will move, for the memory plan: the share of links, as far as it is known
-- beforehand, and the last layer.
function M.extent(evolution, net, epochs)
  if type(evolution) ~= "table" or type(evolution.zeta) == "function" then return 0, 0 end
  if epochs < 2 and not evolution.every_steps then return 0, 0 end
  return schedule.at(evolution.zeta or 0, 1, epochs, "zeta"), last_layer(evolution, net)
end

local function is_rule(evolution) return type(evolution) == "table" and evolution.kind == "prune and grow" end

-- The slices in which epoch n (of `steps` training steps) is trained: { first =, steps =,
-- evolution = number of the evolution that goes before it, or nil }. Steps count from 0; numbers
-- choose the evolution's random stream, 2 the first, so that epochs and as many steps are the same.
function M.slices(evolution, n, steps)
  if evolution and type(evolution) ~= "function" and not is_rule(evolution) then
    options.fail("net:epochs: option 'evolve' takes lab.set { ... } or a function of the net and the epoch")
  end
  local whole = { first = 0, steps = steps }
  if not evolution then return { whole } end
  local k = is_rule(evolution) and evolution.every_steps
  if not k then
    local every = is_rule(evolution) and evolution.every or 1
    if n > 1 and (n - 1) % every == 0 then whole.evolution = n end
    return { whole }
  end
  local slices, first, before = {}, 0, (n - 1) * steps   -- before: steps of the epochs that are done
  while first < steps do
    local done = before + first
    local last = math.min(steps, first + k - done % k)
    slices[#slices + 1] = { first = first, steps = last - first, evolution = done > 0 and done % k == 0 and done // k + 1 or nil }
    first = last
  end
  return slices
end

-- The links that a script's own evolution replaced, as it says itself.
local function replaced_by(f, net, epoch)
  local replaced = f(net, epoch) or 0
  local n = options.whole(replaced)
  if not n or n < 0 then
    options.fail(("net:epochs: option 'evolve': the function returned %s in epoch %d: it must return how many links it replaced, or nothing")
      :format(type(replaced) == "number" and options.show_number(replaced) or "a " .. type(replaced), epoch))
  end
  return n
end

-- Carries out the evolution of that number in `epoch` of `epochs`. Returns the links replaced and
-- the seconds it took.
function M.apply(evolution, net, number, epoch, epochs)
  if type(evolution) == "function" then
    local clock = require("lab.c.system").seconds
    local start = clock()
    return replaced_by(evolution, net, epoch), clock() - start
  end
  local zeta = schedule.at(evolution.zeta, evolution.every and epoch - 1 or epoch, epochs, "zeta")
  if zeta < 0 or zeta > 1 then options.fail(("zeta gave %g in epoch %d: it must be in [0, 1]"):format(zeta, epoch)) end
  local last = last_layer(evolution, net)
  if last < 1 then return 0, 0 end
  return asking.ask(net, "epochs", "evolve", 1, last, evolution.prune, evolution.grow, zeta, evolution.newborn ~= "zero" and net.init or nil, number)
end

return M
