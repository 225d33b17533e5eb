-- apply.lua: carries out an evolution at a moment of training: numbers of links by layer, a probe if a rule looks at one, and
-- the engine's net:evolve.

local amounts = require "lab.evolve.amounts"
local asking = require "lab.net.ask"
local attempt = require "lab.util.attempt".call
local clock = require "lab.c.system".seconds
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local progress = require "lab.util.progress"
local own = require "lab.evolve.own"
local schedule = require "lab.net.schedule"
local scored = require "lab.evolve.scored"
local statistics = require "lab.util.statistics"
local when = require "lab.evolve.when"

local M = {}

local function whole(x) return math.floor(x + 0.5) end

-- ---- the numbers of a moment ----

local function schedule_at(evolution, s, moment, what)
  if type(s) == "function" then return schedule.at(s, moment.asked or moment.epoch, moment.epochs, what) end
  return schedule.at(s, moment.schedule_epoch, moment.schedule_epochs, what)
end

-- SET and some others call it zeta.
local function share_of(evolution) return evolution.zeta or evolution.share end

local function share_at(evolution, moment)
  local share = schedule_at(evolution, share_of(evolution), moment, "the share of links that go")
  if share < 0 or share > 1 then options.fail(("the share of links that go is %g in epoch %d: it must be in [0, 1]"):format(share, moment.epoch)) end
  return share
end

-- The layers that evolve: array by layer of the net of { links, cells }, false for the others.
local function layers_of(evolution, net, state)
  local all, n = {}, net:layers()
  for l = 1, n do
    local evolves = net:is_sparse(l) and (l < n or evolution.output) and not state.stopped[l]
    all[l] = evolves and { links = net:links(l), cells = net:reads(l) * net:units(l) }
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

-- Says once that a net is of another density than its schedule of links begins with.
local function note_density(evolution, layers, state)
  local from, density = type(evolution.links) == "table" and evolution.links.from, sum(layers, "links") / sum(layers, "cells")
  if not state.noted and from and math.abs(density - from) > 0.1 * from then
    progress.note(("net:epochs: the layers that evolve have the density %.3g, and their number of links is to begin at %.3g: give the wiring that density"):format(density, from))
  end
  state.noted = true
end

-- So many links for the layers in proportion to `base`, at least one each; what is too much for a layer goes to the others.
local function in_proportion(layers, base, total)
  local each, full, left = {}, {}, total
  repeat
    local weight, changed = 0, false
    for l, layer in ipairs(layers) do if layer and not full[l] then weight = weight + base[l] end end
    for l, layer in ipairs(layers) do
      if layer and not full[l] then
        each[l] = math.max(1, whole(left * base[l] / weight))
        if each[l] > layer.cells then each[l], full[l], changed = layer.cells, true, true end
      end
    end
    left = total
    for l in pairs(full) do left = left - each[l] end
  until not changed
  return counts(layers, function(_, l) return each[l] end)
end

-- Links are shared out in proportion to those of the beginning: a layer must get one.
local function check_density(layers, base, density)
  local links = density * sum(layers, "cells")
  local all = 0
  for l, layer in ipairs(layers) do all = all + (layer and base[l] or 0) end
  for l, layer in ipairs(layers) do
    if layer and links * base[l] / all < 0.5 then
      options.fail(("lab.evolution: option 'links': a density of %.3g is %.3g links, which leaves none for layer %d"):format(density, links, l))
    end
  end
end

-- A function is asked as training goes: only now is it known that it wants more than there is. Wirings are drawn, so that a few are no matter.
local function check_rise(evolution, layers, density, epoch)
  local have = sum(layers, "links") / sum(layers, "cells")
  if type(evolution.links) ~= "function" or evolution.grow or density <= 1.1 * have then return end
  options.fail(("lab.evolution: option 'links' gave %.3g in epoch %d; the layers that evolve have a density of %.3g, and nothing grows"):format(density, epoch, have))
end

-- How many links each layer shall have by the evolution's `links`, if it has them.
local function targets(evolution, layers, state, moment)
  local kind = type(evolution.links) == "table" and evolution.links.kind
  if not evolution.links or kind == "constant" then return nil end
  if kind == "band" then
    local lower, upper = amounts.band(evolution.links, moment)
    local function of(multiple) return counts(layers, function(layer, l) return math.min(layer.cells, math.max(1, whole(multiple * state.base[l]))) end) end
    return { lower = of(lower), upper = of(upper) }
  end
  local density = amounts.density(evolution.links, moment)
  check_rise(evolution, layers, density, moment.epoch)
  check_density(layers, state.base, density)
  if type(evolution.links) == "table" then check_density(layers, state.base, evolution.links.to) end   -- now, and not at the end
  local total = whole(density * sum(layers, "cells"))
  local each = in_proportion(layers, state.base, total)
  return { total = total, lower = each, upper = each }
end

-- ---- the table for the engine (lua/levolve.h) ----

local function straight(numbers, moment) return type(numbers) == "number" and numbers or numbers[1] + (numbers[2] - numbers[1]) * moment.reached end

-- A rule for pruning, and the numbers that it takes at this moment.
local function dropping(rule, moment, state)
  return {
    rule = rule.rule, soft = rule.soft, lambda = rule.lambda, alpha = rule.alpha, power = rule.power and straight(rule.power, moment),
    delta = rule.delta and straight(rule.delta, moment), threshold = rule.rule == "threshold" and (state.threshold or rule.value) or nil,
  }
end

local function check_shrink(rule)
  if type(rule) == "table" and scored[rule.rule] then return end
  options.fail("lab.evolution: 'links' asks for fewer links, which takes a rule that scores links for 'shrink' or 'prune': magnitude, mest, snip, relative_importance or random")
end

-- What goes first, down to the number that `links` sets; nil if there are no more.
local function cut(evolution, layers, target, moment, state)
  local rule = evolution.shrink or evolution.prune
  if not target then return nil end
  if target.total and (evolution.shrink_scope or evolution.scope) == "net" then
    if target.total >= sum(layers, "links") then return nil end
    check_shrink(rule)
    local how = dropping(rule, moment, state)
    how.together, how.stay = true, target.total
    return how
  end
  local less, stay = false, counts(layers, function(layer, l) return math.min(layer.links, target.lower[l]) end)
  for l, layer in ipairs(layers) do less = less or layer and stay[l] < layer.links end
  if not less then return nil end
  check_shrink(rule)
  local how = dropping(rule, moment, state)
  how.stay = stay
  return how
end

-- How many links each layer has in the end; nil for as many as are left when links were cut. `grown` by what there are too few of.
local function after(evolution, layers, target)
  if not target or not evolution.grow then return nil end
  if target.total and (evolution.shrink_scope or evolution.scope) == "net" and target.total <= sum(layers, "links") then return nil end
  return counts(layers, function(_, l) return target.upper[l] end)
end

local function frame(layers, moment)
  local first, last = #layers, 0
  for l, layer in ipairs(layers) do
    if layer then first, last = math.min(first, l), math.max(last, l) end
  end
  local only = {}
  for l, layer in ipairs(layers) do only[l] = layer and true or false end
  return { first = first, last = last, only = only, number = moment.number }
end

local function describe(evolution, net, layers, target, moment, state)
  local how = frame(layers, moment)
  how.cut = cut(evolution, layers, target, moment, state)
  if type(evolution.prune) == "table" then
    how.prune = dropping(evolution.prune, moment, state)
    how.prune.share, how.prune.round_up, how.prune.together = share_at(evolution, moment), evolution.round == "up", evolution.scope == "net"
  end
  if type(evolution.grow) == "table" then how.grow = evolution.grow end
  how.links, how.may_return = after(evolution, layers, target), evolution.returns
  how.init = evolution.newborn == "drawn" and net.init or nil
  how.percolate, how.redistribute = evolution.percolate, evolution.redistribute
  return how
end

-- ---- one step ----

-- One walk over batches without an update. Raises as training does, if the loss is not finite.
local function look(net, batches, gradients, context)
  local probe, loss, samples = asking.ask(net, "epochs", "probe", context.view, { epoch = context.moment.epoch, first_step = context.first_step, batch = context.batch,
    batches = batches, gradients = gradients, augment = context.augment })
  if statistics.finite(loss) then return probe, samples end
  probe:close()
  context.diverged()
end

-- A probe for what the rules look at, and what functions of the script ask for; or nil.
local function probe_for(evolution, net, how, context)
  local values, gradients = asking.ask(net, "epochs", "needs", how)
  for _, need in ipairs(evolution.needs or {}) do values, gradients = true, gradients or need == "gradients" end
  if not values and not gradients then return nil end
  local batches = type(evolution.grow) == "table" and evolution.grow.batches or evolution.batches or 1
  return look(net, batches, gradients, context)
end

-- DSR's threshold follows the number of links that went.
local function adapt(evolution, how, state, layers, changes)
  local rule = evolution.prune
  if not rule or rule.rule ~= "threshold" or not rule.adapt then return end
  local went, wanted, threshold = 0, how.prune.share * sum(layers, "links"), state.threshold or rule.value
  for _, change in ipairs(changes) do went = went + change.dropped end
  if went > 1.1 * wanted then threshold = threshold / 2 elseif went < 0.9 * wanted then threshold = threshold * 2 end
  state.threshold = threshold
end

-- A layer whose new links are mostly those just dropped evolves no more (CHT).
local function stop_layers(evolution, state, changes)
  for l, change in ipairs(changes) do
    if change.grown > 0 and change.returned > evolution.overlap * change.grown then state.stopped[l] = true end
  end
end

-- By the engine's rules alone. Returns the links that have grown.
local function by_rules(evolution, net, layers, how, state, context)
  local probe = probe_for(evolution, net, how, context)
  local ok, grown, _, changes = attempt(net.core.evolve, net.core, how, probe)
  if probe then probe:close() end
  grown = asking.answer("epochs", ok, grown)
  if not grown then context.diverged() end
  adapt(evolution, how, state, layers, changes)
  if evolution.overlap then stop_layers(evolution, state, changes) end
  return grown
end

-- Where a function of the script decides about one half or both. Links that `links` cuts off go first, so that no function sees them.
local function by_functions(evolution, net, layers, how, state, context)
  if how.cut then
    local cutting = frame(layers, context.moment)
    cutting.cut, how.cut = how.cut, nil
    by_rules({ prune = nil }, net, layers, cutting, state, context)
    for l, layer in ipairs(layers) do if layer then layer.links = net:links(l) end end
  end
  local share, probe, samples = evolution.prune and share_at(evolution, context.moment) or 0, probe_for(evolution, net, how, context)
  local up = evolution.round == "up"
  local ok, grown = attempt(own.exchange, evolution, net, how, probe, function(l)
    local layer = layers[l]
    if not layer then return nil end
    local goes = share * layer.links
    return { stay = layer.links - (up and math.ceil(goes) or math.floor(goes)), after = how.links and how.links[l] or layer.links,
      facts = { number = l, epoch = context.moment.epoch, evolution = context.moment.number, batch = samples } }
  end)
  if probe then probe:close() end
  if not ok then error(grown, 0) end
  return grown
end

local function check_net(evolution, net)
  if type(evolution.grow) == "table" and evolution.grow.rule == "unfired" and not net.options.history then
    options.fail("lab.grow.unfired: the net does not keep which cells were linked: make it with lab.mlp { history = true }")
  end
end

-- Carries out `evolution` at `context.moment` (evolve/when.lua). context = { moment, view, batch, first_step, augment, diverged = function that
-- raises it }. Returns how many links have grown, and the seconds it took.
function M.apply(evolution, net, context)
  local start, moment = clock(), context.moment
  if type(evolution) == "function" then return own.whole(evolution, net, moment.epoch), clock() - start end
  local state = state_of(net)
  local layers = layers_of(evolution, net, state)
  check_net(evolution, net)
  if sum(layers, "links") == 0 then return 0, 0 end
  note_density(evolution, layers, state)
  local target = targets(evolution, layers, state, moment)
  local how = describe(evolution, net, layers, target, moment, state)
  local grown
  if type(evolution.prune) == "function" or type(evolution.grow) == "function" then grown = by_functions(evolution, net, layers, how, state, context)
  else grown = by_rules(evolution, net, layers, how, state, context) end
  return grown, clock() - start
end

-- Raises unless the option `evolve` of net:epochs, or of `where`, is an evolution.
function M.check(evolution, where)
  local word = type(evolution) == "function" and manual.name_of(evolution)
  if word then options.fail(("%s: option 'evolve': write %s {}, with braces: it makes the evolution"):format(where or "net:epochs", word)) end
  if evolution and type(evolution) ~= "function" and evolution.kind ~= "evolution" then
    options.fail((where or "net:epochs") .. ": option 'evolve' takes lab.set { ... }, another method, lab.evolution { ... } or a function of the net and the epoch")
  end
end

-- ---- for the memory plan ----

-- The moment at which schedules reach their end.
local function end_of(moment)
  local last = {}
  for k, v in pairs(moment) do last[k] = v end
  last.schedule_epoch, last.reached = moment.schedule_epochs, 1
  return last
end

local function most_share(evolution, moment)
  if not evolution.prune or type(share_of(evolution)) == "function" then return evolution.prune and 1 or 0 end
  return math.max(share_at(evolution, moment), share_at(evolution, end_of(moment)))
end

-- The most links that each layer up to the last that evolves will have, by `links`; nil where that says nothing.
local function most_links(evolution, net, last, moment)
  local plan, n = evolution.links, net:layers()
  if type(plan) ~= "table" or plan.kind == "constant" or plan.kind == "band" and not net.links then return nil end
  local cells, have, all, there = {}, {}, 0, 0
  for l = 1, n do
    cells[l] = net:reads(l) * net:units(l)
    have[l] = net.links and net:links(l) or cells[l]
    if l <= last then all, there = all + cells[l], there + have[l] end
  end
  local factor
  if plan.kind == "band" then
    local _, first = amounts.band(plan, moment)
    local _, final = amounts.band(plan, end_of(moment))
    factor = math.max(first, final)
  else factor = math.max(plan.from, plan.to) * all / there end
  local most = {}
  for l = 1, n do most[l] = l <= last and math.min(cells[l], math.ceil(factor * have[l])) or have[l] end
  return most
end

-- What an evolution will do at most: the engine's table, the last layer, the samples of a probe and how many evolutions there are;
-- nothing if there will be none. net has layers(), units(level), reads(layer), and links(l) if it stands.
function M.extent(evolution, net, o, steps)
  if type(evolution) ~= "table" or not when.ever(evolution, steps, o.epochs) then return nil, 0, 0, 0 end
  local last, moment = net:layers() - (evolution.output and 0 or 1), when.first(evolution, steps, o.epochs)
  if last < 1 then return nil, 0, 0, 0 end
  local how = { number = 0, first = 1, last = last, may_return = evolution.returns, percolate = evolution.percolate, redistribute = evolution.redistribute }
  how.prune = dropping(type(evolution.prune) == "table" and evolution.prune or { rule = "magnitude" }, moment, {})
  how.prune.share = most_share(evolution, moment)
  how.grow = type(evolution.grow) == "table" and evolution.grow or { rule = "random" }
  how.links = most_links(evolution, net, last, moment)
  for _, need in ipairs(evolution.needs or {}) do how.looks_at_values, how.looks_at_gradients = true, how.looks_at_gradients or need == "gradients" end
  return how, last, math.min((how.grow.batches or evolution.batches or 1) * o.batch, 1 << 30), math.min(when.count(evolution, steps, o.epochs), 1 << 30)
end

return M
