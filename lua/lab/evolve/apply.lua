-- apply.lua: carries out an evolution at a moment of training: numbers of links by layer, a probe if a rule looks at one, and
-- the engine's net:evolve.

local asking = require "lab.net.ask"
local attempt = require "lab.util.attempt".call
local clock = require "lab.c.system".seconds
local links = require "lab.evolve.links"
local options = require "lab.util.options"
local own = require "lab.evolve.own"
local schedule = require "lab.net.schedule"
local statistics = require "lab.util.statistics"
local when = require "lab.evolve.when"

local M = {}

local FIRST_PHASE <const> = 1 << 30   -- set in the number of an evolution's streams while links go down to their number

local function whole(x) return math.floor(x + 0.5) end

-- ---- the numbers of a moment ----

local function schedule_at(evolution, s, moment, what)
  if type(s) == "function" then return schedule.at(s, evolution.every and moment.epoch - 1 or moment.epoch, moment.epochs, what) end
  return schedule.at(s, moment.schedule_epoch, moment.schedule_epochs, what)
end

local function share_at(evolution, moment)
  local share = schedule_at(evolution, evolution.share, moment, "the share of links that go")
  if share < 0 or share > 1 then options.fail(("the share of links that go is %g in epoch %d: it must be in [0, 1]"):format(share, moment.epoch)) end
  return share
end

-- The layers that evolve: array by layer of the net of { links, cells }, false for the others.
local function layers_of(evolution, net, state)
  local all, n = {}, net:layers()
  for l = 1, n do
    local evolves = net:is_sparse(l) and (l < n or evolution.output) and not state.stopped[l]
    all[l] = evolves and { links = net:links(l), cells = net:units(l - 1) * net:units(l) }
  end
  return all
end

local function sum(layers, field)
  local total = 0
  for _, layer in ipairs(layers) do total = total + (layer and layer[field] or 0) end
  return total
end

local function counts(layers, f)
  local list = {}
  for l, layer in ipairs(layers) do list[l] = layer and f(layer, l) or 0 end
  return list
end

-- What an evolution remembers from one time to the next; kept in checkpoints (net/saved_net.lua): { base = links of each layer when
-- training began, threshold = DSR's, stopped = boolean for each layer }.
local function state_of(net)
  if not net.evolving then
    local base, stopped = net:links_per_layer(), {}
    for l = 1, #base do stopped[l] = false end
    net.evolving = { base = base, stopped = stopped }
  end
  return net.evolving
end

-- How many links each layer shall have by the evolution's `links`, if it has them.
local function targets(evolution, layers, state, moment)
  if not evolution.links or evolution.links.kind == "constant" then return nil end
  if evolution.links.kind == "band" then
    local lower, upper = links.band_at(evolution.links, moment)
    local function of(multiple) return counts(layers, function(layer, l) return math.min(layer.cells, math.max(1, whole(multiple * state.base[l]))) end) end
    return { lower = of(lower), upper = of(upper) }
  end
  local total = math.max(1, whole(links.density_at(evolution.links, moment) * sum(layers, "cells")))
  local base = 0
  for l, layer in ipairs(layers) do if layer then base = base + state.base[l] end end
  local each = counts(layers, function(layer, l) return math.min(layer.cells, math.max(1, whole(total * state.base[l] / base))) end)
  return { total = total, lower = each, upper = each }
end

-- ---- the tables for the engine ----

local function add_prune(how, rule, moment, state)
  how.prune, how.lambda, how.alpha, how.gamma = rule.rule, rule.lambda, rule.alpha, rule.gamma
  if rule.rule == "threshold" then how.threshold = state.threshold or rule.value end
  if rule.rule == "soft" then
    local delta = rule.delta
    how.delta = type(delta) == "number" and delta or delta[1] + (delta[2] - delta[1]) * moment.reached
  end
  return how
end

local function add_grow(how, rule, evolution, net)
  if rule then
    how.grow, how.subset, how.guide, how.scores, how.draw = rule.rule, rule.subset, rule.guide, rule.score, rule.draw
  end
  how.may_return = evolution.returns
  how.init = evolution.newborn == "drawn" and net.init or nil
  return how
end

local function frame(layers, moment, phase)
  local first, last = #layers, 0
  for l, layer in ipairs(layers) do
    if layer then first, last = math.min(first, l), math.max(last, l) end
  end
  return { first = first, last = last, number = moment.number | phase }
end

-- ---- one step ----

-- A probe for what a rule looks at, or nil. Raises "diverged" as training does, if the loss is not finite.
local function look(net, how, batches, context)
  local values, gradients = asking.ask(net, "epochs", "needs", how)
  if not values and not gradients then return nil end
  return M.probe(net, batches, gradients, context)
end

function M.probe(net, batches, gradients, context)
  local probe, loss = asking.ask(net, "epochs", "probe", context.view, { epoch = context.moment.epoch, first_step = context.first_step, batch = context.batch,
    batches = batches, gradients = gradients, augment = context.augment })
  if not statistics.finite(loss) then
    probe:close()
    context.diverged()
  end
  return probe
end

-- Calls the engine with a probe if it needs one, and closes that whatever happens. Returns links born, and what became of each layer.
local function evolve(net, how, batches, context)
  local probe = look(net, how, batches, context)
  local ok, born, _, layers = attempt(net.core.evolve, net.core, how, probe)
  if probe then probe:close() end
  asking.answer("epochs", ok, born)
  return born, layers
end

-- Links go down to the number that is set for them; none grow.
local function shrink(evolution, net, layers, target, moment, state, context)
  local scope, rule = evolution.shrink_scope or evolution.scope, evolution.shrink or evolution.prune
  local how = add_prune(frame(layers, moment, FIRST_PHASE), rule, moment, state)
  how.links = counts(layers, function() return 0 end)
  if scope == "net" and target.total then
    if target.total >= sum(layers, "links") then return end
    how.together, how.stay_together = true, target.total
  else
    how.stay = counts(layers, function(layer, l) return math.min(layer.links, target.lower[l]) end)
    local less = false
    for l, layer in ipairs(layers) do less = less or layer and how.stay[l] < layer.links end
    if not less then return end
  end
  evolve(net, how, 1, context)
  for l, layer in ipairs(layers) do if layer then layer.links = net:links(l) end end
end

-- How many links stay in each layer when the share goes.
local function staying(evolution, layers, share)
  local up = evolution.round == "up"
  return counts(layers, function(layer)
    local exact = share * layer.links
    return layer.links - (up and math.ceil(exact) or math.floor(exact))
  end)
end

-- DSR's threshold follows the number of links that went.
local function adapt(rule, state, went, wanted)
  if rule.rule ~= "threshold" or not rule.adapt then return end
  local threshold = state.threshold or rule.value
  if went > 1.1 * wanted then threshold = threshold / 2 elseif went < 0.9 * wanted then threshold = threshold * 2 end
  state.threshold = threshold
end

-- A layer whose new links are mostly those just dropped evolves no more (CHT).
local function stop_layers(evolution, state, results)
  if not evolution.overlap then return end
  for l, r in ipairs(results or {}) do
    if r.born > 0 and r.returned > evolution.overlap * r.born then state.stopped[l] = true end
  end
end

-- The share goes and links grow, by the engine's rules.
local function exchange(evolution, net, layers, target, moment, state, context)
  local share = evolution.prune and share_at(evolution, moment) or 0
  local rule = evolution.prune or { rule = "magnitude" }
  local how = add_grow(add_prune(frame(layers, moment, 0), rule, moment, state), evolution.grow, evolution, net)
  how.links = counts(layers, function(layer, l) return evolution.grow and (target and not (target.total and evolution.shrink_scope == "net") and math.max(layer.links, target.upper[l]) or layer.links) or 0 end)
  local grows = false
  for l, layer in ipairs(layers) do grows = grows or layer and how.links[l] > layer.links end
  if share == 0 and not grows and evolution.percolate == 0 and rule.rule ~= "threshold" then return 0 end
  how.share, how.percolate, how.redistribute = share, evolution.percolate, evolution.redistribute
  if evolution.scope == "net" then
    local all = sum(layers, "links")
    how.together, how.stay_together = true, all - (evolution.round == "up" and math.ceil(share * all) or math.floor(share * all))
  elseif rule.rule ~= "set" and rule.rule ~= "threshold" and rule.rule ~= "neurons" and rule.rule ~= "constant fan-in" then
    how.stay = staying(evolution, layers, share)
  end
  local born, results = evolve(net, how, evolution.grow and evolution.grow.batches or 1, context)
  adapt(rule, state, born, share * sum(layers, "links"))
  stop_layers(evolution, state, results)
  return born
end

-- The share goes and links grow, where a function of the script decides about one or both.
local function exchange_own(evolution, net, layers, target, moment, state, context)
  local share = evolution.prune and share_at(evolution, moment) or 0
  local stay = staying(evolution, layers, share)
  local how = frame(layers, moment, 0)
  if type(evolution.prune) ~= "function" then add_prune(how, evolution.prune or { rule = "magnitude" }, moment, state) end
  add_grow(how, type(evolution.grow) == "table" and evolution.grow or nil, evolution, net)
  how.share, how.stay = share, stay
  how.links = counts(layers, function(layer, l) return target and math.max(layer.links, target.upper[l]) or layer.links end)
  local wants = {}
  for _, need in ipairs(evolution.needs or {}) do wants[need] = true end
  local values, gradients = asking.ask(net, "epochs", "needs", how)
  local batches = type(evolution.grow) == "table" and evolution.grow.batches or evolution.batches
  local probe = (values or gradients or next(wants)) and M.probe(net, batches, gradients or wants.gradients, context) or nil
  local ok, born = attempt(own.exchange, evolution, net, function(l)
    if not layers[l] then return nil end
    return { stay = stay[l], after = evolution.grow and how.links[l] or 0, how = how, batch = probe and batches * context.batch,
      facts = { number = l, epoch = moment.epoch, evolution = moment.number } }
  end, probe)
  if probe then probe:close() end
  if not ok then error(born, 0) end
  return born
end

-- Carries out `evolution` at `context.moment` (evolve/when.lua). context = { moment, view, batch, first_step, augment, diverged = function that
-- raises it }. Returns the links born and the seconds it took.
function M.apply(evolution, net, context)
  local start = clock()
  if type(evolution) == "function" then return own.whole(evolution, net, context.moment.epoch), clock() - start end
  local state, moment = state_of(net), context.moment
  local layers = layers_of(evolution, net, state)
  if sum(layers, "links") == 0 then return 0, 0 end
  local target = targets(evolution, layers, state, moment)
  if target and evolution.prune then shrink(evolution, net, layers, target, moment, state, context) end
  local born
  if type(evolution.prune) == "function" or type(evolution.grow) == "function" then
    born = exchange_own(evolution, net, layers, target, moment, state, context)
  else born = exchange(evolution, net, layers, target, moment, state, context) end
  return born, clock() - start
end


-- Raises unless the option `evolve` of net:epochs is an evolution.
function M.check(evolution)
  if evolution and type(evolution) ~= "function" and evolution.kind ~= "evolution" then
    options.fail("net:epochs: option 'evolve' takes lab.set { ... }, another method, lab.evolution { ... } or a function of the net and the epoch")
  end
end

-- What an evolution will do at most, for the memory plan: the engine's table, the last layer and the samples of a probe; nothing if there will be none.
function M.extent(evolution, net, o, steps)
  if type(evolution) ~= "table" or not when.ever(evolution, steps, o.epochs) then return nil, 0, 0 end
  local last, moment = net:layers() - (evolution.output and 0 or 1), when.first(evolution, steps, o.epochs)
  local prune = type(evolution.prune) == "table" and evolution.prune or { rule = "magnitude" }
  local grow = type(evolution.grow) == "table" and evolution.grow or nil
  local how = add_grow(add_prune({ number = 0 }, prune, moment, {}), grow, evolution, net)
  how.share = type(evolution.share) ~= "function" and evolution.prune and share_at(evolution, moment) or 1
  return how, last, math.min((grow and grow.batches or evolution.batches or 1) * o.batch, 1 << 30)
end

return M
