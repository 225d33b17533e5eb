-- own.lua: evolutions that a script computes itself: functions for `prune` and `grow`, or for the whole of it.

local asking = require "lab.net.ask"
local attempt = require "lab.util.attempt".call
local new_layer = require "lab.evolve.layer"
local options = require "lab.util.options"

local M = {}

local is_vector = options.is_vector

-- The links that a script's own evolution replaced, as it says itself.
function M.whole(f, net, epoch)
  local replaced = f(net, epoch) or 0
  local n = options.whole(replaced)
  if not n or n < 0 then
    options.fail(("net:epochs: option 'evolve': the function returned %s in epoch %d: it must return how many links it replaced, or nothing")
      :format(type(replaced) == "number" and options.show_number(replaced) or "a " .. type(replaced), epoch))
  end
  return n
end

-- Blames the script's function, by the line where it begins.
local function refuse(f, name, l, what)
  local info = debug.getinfo(f, "S")
  options.fail(("lab.evolution: the function for '%s' (%s:%d), called for layer %d, %s"):format(name, info.short_src, info.linedefined, l, what))
end

-- Marks of the links that stay, by the script's function: of scores the best `stay` do.
local function marks(net, f, layer, stay)
  local v = f(layer)
  if not is_vector(v) then refuse(f, "prune", layer.number, ("returned %s: it must return a lab.vector, scores or booleans, one for each link"):format(type(v))) end
  if #v ~= layer.links then refuse(f, "prune", layer.number, ("returned %d values for %d links"):format(#v, layer.links)) end
  if v:kind() == "booleans" then return v end
  local ok, keep = attempt(net.core.best, net.core, v:floats(), stay)
  if not ok then refuse(f, "prune", layer.number, "gave scores that cannot be ranked: " .. keep) end
  return keep
end

-- The cells that the script's function grows `count` links in.
local function cells(f, layer, count)
  local from, to, weights = f(layer, count)
  if not is_vector(from) or not is_vector(to) then
    refuse(f, "grow", layer.number, ("returned %s and %s: it must return two lab.vectors of whole numbers, the units that links come from and those they go to"):format(type(from), type(to)))
  end
  if weights ~= nil and not is_vector(weights) then refuse(f, "grow", layer.number, ("returned %s for the weights: a lab.vector, or nothing"):format(type(weights))) end
  if #from == 0 then from = from:integers() end
  if #to == 0 then to = to:integers() end
  if from:kind() ~= "integers" or to:kind() ~= "integers" then
    refuse(f, "grow", layer.number, ("returned vectors of %s and %s: units are whole numbers, so vectors of integers are needed"):format(from:kind(), to:kind()))
  end
  if #from ~= #to then refuse(f, "grow", layer.number, ("returned %d units that links come from and %d that they go to"):format(#from, #to)) end
  if #from ~= count then refuse(f, "grow", layer.number, ("returned %d link%s, and %d %s asked for"):format(#from, #from == 1 and "" or "s", count, count == 1 and "was" or "were")) end
  if weights and weights:kind() == "integers" then weights = weights:floats() end
  if weights and #weights ~= #from then refuse(f, "grow", layer.number, ("returned %d weights for %d links"):format(#weights, #from)) end
  return from, to, weights
end

-- What a layer is to become: { l, keep, and from, to, weights or how many links grow by the rule }. Nothing is changed yet.
local function plan_layer(evolution, net, how, probe, numbers)
  local l = numbers.facts.number
  local change = { l = l }
  if type(evolution.prune) == "function" then change.keep = marks(net, evolution.prune, new_layer(net, numbers.facts, probe), numbers.stay)
  else change.keep = asking.ask(net, "epochs", "mark", l, how, probe) end
  local kept = change.keep:count()
  change.count = evolution.grow and math.max(0, numbers.after - kept) or 0
  if kept + change.count == 0 then refuse(evolution.prune or evolution.grow, "prune", l, "left the layer without a link") end
  if type(evolution.grow) ~= "function" or change.count == 0 then return change end
  change.from, change.to, change.weights = cells(evolution.grow, new_layer(net, numbers.facts, probe, change.keep), change.count)
  local ok, why = attempt(net.core.check_given, net.core, l, change.keep, how, change.from, change.to, change.weights)
  if not ok then refuse(evolution.grow, "grow", l, "gave links that cannot grow: " .. why) end
  return change
end

local function carry_out(net, how, probe, change)
  if change.from then return asking.ask(net, "epochs", "grow_given", change.l, change.keep, how, change.from, change.to, change.weights) end
  return asking.ask(net, "epochs", "grow_marked", change.l, change.keep, how, change.count, probe)
end

-- All layers. numbers(l) gives { stay, after = links when they were dropped, in the end; facts = of the layer (evolve/layer.lua) } of one that
-- evolves, or nil. Every function is called, and what it gives is checked, before anything is changed. Returns the links that have grown.
function M.exchange(evolution, net, how, probe, numbers)
  local changes, total = {}, 0
  for l = 1, net:layers() do
    local n = numbers(l)
    if n then changes[#changes + 1] = plan_layer(evolution, net, how, probe, n) end
  end
  for _, change in ipairs(changes) do total = total + carry_out(net, how, probe, change) end
  return total
end

return M
