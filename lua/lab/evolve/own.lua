-- own.lua: evolutions that a script computes itself: functions for `prune` and `grow`, or for the whole of it.

local asking = require "lab.net.ask"
local attempt = require "lab.util.attempt".call
local new_layer = require "lab.evolve.layer"
local options = require "lab.util.options"

local M = {}

local function is_vector(v) return type(v) == "userdata" and (getmetatable(v) or {}).__name == "lab.vector" end

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
  return asking.ask(net, "epochs", "best", v:floats(), stay)
end

-- The cells that the script's function grows `count` links in.
local function cells(f, layer, count)
  local from, to, weights = f(layer, count)
  if not is_vector(from) or not is_vector(to) then
    refuse(f, "grow", layer.number, ("returned %s and %s: it must return two lab.vectors of whole numbers, the units that links come from and those they go to"):format(type(from), type(to)))
  end
  if weights ~= nil and not is_vector(weights) then refuse(f, "grow", layer.number, ("returned %s for the weights: a lab.vector, or nothing"):format(type(weights))) end
  if #from ~= #to then refuse(f, "grow", layer.number, ("returned %d units that links come from and %d that they go to"):format(#from, #to)) end
  if weights and #weights ~= #from then refuse(f, "grow", layer.number, ("returned %d weights for %d links"):format(#weights, #from)) end
  return from, to, weights
end

-- The script's functions never see links that `links` has cut off first: so the cut comes as an evolution of its own.
local function cut_first(net, how)
  if not how.cut then return end
  asking.ask(net, "epochs", "evolve", { number = how.number, first = how.first, last = how.last, cut = how.cut })
end

local function exchange_layer(evolution, net, how, probe, numbers)
  local l = numbers.facts.number
  local keep
  if type(evolution.prune) == "function" then keep = marks(net, evolution.prune, new_layer(net, numbers.facts, probe), numbers.stay)
  else keep = asking.ask(net, "epochs", "mark", l, how, probe) end
  local count = math.max(0, numbers.after - keep:count())
  if type(evolution.grow) ~= "function" then return asking.ask(net, "epochs", "grow_marked", l, keep, how, evolution.grow and count or 0, probe) end
  if count == 0 then return asking.ask(net, "epochs", "grow_marked", l, keep, how, 0, probe) end
  local from, to, weights = cells(evolution.grow, new_layer(net, numbers.facts, probe, keep), count)
  local ok, born = attempt(net.core.grow_given, net.core, l, keep, how, from, to, weights)
  if not ok then refuse(evolution.grow, "grow", l, "gave links that cannot grow: " .. born) end
  return born
end

-- All layers, one after the other. numbers(l) gives { left, stay, after = links when they were cut, when they were dropped, in the end;
-- facts = of the layer (evolve/layer.lua) } of one that evolves, or nil. Returns the links that have grown.
function M.exchange(evolution, net, how, probe, numbers)
  local total = 0
  cut_first(net, how)
  for l = 1, net:layers() do
    local n = numbers(l)
    if n then total = total + exchange_layer(evolution, net, how, probe, n) end
  end
  return total
end

return M
