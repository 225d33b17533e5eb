-- evolution.lua: lab.evolution { ... }: a prune rule, a grow rule and all that goes with them, as one value for
-- net:epochs { evolve = ... }. The named methods (evolve/methods.lua) are such values too.

local amounts = require "lab.evolve.amounts"
local halves = require "lab.evolve.halves"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local scored = require "lab.evolve.scored"

local M = {}

local SHARE = "number, lab.schedule value or function(epoch, epochs)"

-- The options that every evolution has. `when` and the others are shared by the named methods.
M.options = {
  prune = { kind = "table|function", takes = "lab.prune value or function(layer)", help = "Which links are dropped; nothing is dropped without it." },
  grow = { kind = "table|function", takes = "lab.grow value or function(layer, count)", help = "Where links grow; nothing grows without it." },
  share = { kind = "number|table|function", default = 0.3, min = 0, max = 1, takes = SHARE, unit = "share of a layer's links", help = "How many links an evolution drops." },
  links = { kind = "table|function", takes = "lab.links value or function(epoch, epochs)", help = "How many links there are; as many as before without it." },
  shrink = { kind = "table", takes = "lab.prune value", default_is = "that of `prune`", help = "The rule that prunes links down to the number that `links` sets." },
  shrink_scope = { kind = "string", choices = { "layer", "net" }, default_is = "that of `scope`", help = "Whether this is done in each layer, or by ranking the scores over all layers." },
  scope = { kind = "string", default = "layer", choices = { "layer", "net" }, help = "Whether each layer drops its share, or links are ranked by score over all layers together." },
  redistribute = { kind = "string", default = "none", choices = { "none", "links", "gradient", "best" },
    help = "Which layers get the links that were dropped: those that lost them (\"none\"); all, in proportion to the links they have left (\"links\", DSR) or to the mean |gradient| of these (\"gradient\", SNFS); or those that have the cells of the highest score (\"best\", GSE)." },
  every = { kind = "integer", min = 1, unit = "epochs", default_is = "1, unless every_steps is given", help = "How many epochs lie between two evolutions." },
  every_steps = { kind = "integer", min = 1, unit = "training steps", help = "How many steps lie between two evolutions, counted across the ends of epochs; instead of `every`." },
  from = { kind = "number", default = 0, min = 0, max = 1, unit = "share of the training", help = "The earliest point at which the wiring may evolve." },
  stop = { kind = "number", default = 1, min = 0, max = 1, unit = "share of the training", help = "The latest point at which the wiring may evolve; schedules reach their end there." },
  newborn = { kind = "string", default = "zero", choices = { "drawn", "zero" }, help = "Whether new links draw their weights, from the distribution of the net's first weights at the scale of a dense layer, or start at 0." },
  returns = { kind = "boolean", default = true, help = "Whether a link that has just been dropped may grow again; where the best cells grow, it then keeps its weight." },
  percolate = { kind = "integer", default = 0, min = -1, max = 1000, unit = "rounds",
    help = "How many times links of units without in-links or without out-links are removed before new ones grow; -1: until none is left." },
  skip_step = { kind = "boolean", default = false, help = "Whether the batch that the evolution looks at is not trained on (RigL)." },
  output = { kind = "boolean", default = false, help = "Whether a sparse output layer evolves too." },
  round = { kind = "string", default = "down", choices = { "down", "up" }, help = "How the number of links to drop is rounded to a whole number." },
  overlap = { kind = "number", min = 0, max = 1, unit = "share of the grown links", help = "A layer stops evolving when more than this share of its new links had just been dropped (CHT); without it, layers never stop." },
  needs = { kind = "table", takes = "array of \"gradients\" and \"values\"", help = "What a probe of `batches` batches measures for functions given as `prune` and `grow`." },
  batches = { kind = "integer", default = 1, min = 1, max = 10000, help = "How many batches the probe of functions looks at." },
}

manual.word("lab.evolution", {
  summary = "how the wiring changes while a net trains: any combination of rules",
  text = "A value for the option `evolve` of net:epochs. An evolution drops links by `prune`, grows others by `grow`, and keeps weight and momentum of those that stay. "
    .. "It happens before a training step, never before the first one.\n"
    .. "Where `links` shrinks, links are first pruned down to its number, by the same rule; then the share is dropped and as many grow.\n"
    .. "`prune` and `grow` may be functions: a method of your own in ten lines, as 'setlab help layer' shows. All of them are called, and what they return is checked, before "
    .. "any layer changes.\n"
    .. "Numbers may be functions(epoch, epochs). They are called with the epoch that has just ended; with every_steps, with the current one.",
  options = M.options,
  returns = "a value for the option `evolve` of net:epochs",
  example = [[
local evolve = lab.evolution {
  prune = lab.prune.soft { alpha = 0.5 }, grow = lab.grow.cannistraci { score = "CH2-L3n", draw = true },
  share = 0.3, percolate = 2,
}]],
})

local function check_window(where, o)
  if o.every and o.every_steps then options.fail(where .. ": give 'every' (epochs) or 'every_steps', not both") end
  if not o.every_steps then o.every = o.every or 1 end
  if o.stop < o.from then
    options.fail(("%s: option 'stop' is %g, before option 'from', %g: the last evolution would come before the first"):format(where, o.stop, o.from))
  end
end

local function check_rule(where, name, rule)
  local word = type(rule) == "function" and manual.name_of(rule)
  if word then options.fail(("%s: option '%s': write %s {}, with braces: it makes the rule"):format(where, name, word)) end
  if halves[rule or 0] and halves[rule] ~= name then
    options.fail(("%s: option '%s' takes lab.%s.… { ... } or a function, not a rule for '%s'"):format(where, name, name, halves[rule]))
  end
  if type(rule) == "table" and type(rule.rule) ~= "string" then
    options.fail(("%s: option '%s' takes lab.%s.… { ... } or a function"):format(where, name, name))
  end
end

local needs_known = { gradients = true, values = true }

local function check_needs(where, o)
  for _, need in ipairs(o.needs or {}) do
    if not needs_known[need] then
      options.fail(("%s: option 'needs' has no choice '%s'%s"):format(where, tostring(need), options.suggestion(tostring(need), { "gradients", "values" })))
    end
  end
end

local function check_order(where, name, rule)
  if type(rule) == "table" and scored[rule.rule] then return end
  options.fail(("%s: %s = \"net\" ranks the links of all layers together, which needs a rule that scores links: magnitude, mest, snip, relative_importance or random"):format(where, name))
end

-- What functions of the script do not go with: it would be left out without a word.
local function check_own(where, o, own)
  if not own then return end
  if o.scope == "net" then options.fail(where .. ": functions for 'prune' and 'grow' work on one layer at a time: 'scope' must be \"layer\"") end
  if o.percolate ~= 0 then options.fail(where .. ": with functions for 'prune' or 'grow' there is no 'percolate'") end
  if o.overlap then options.fail(where .. ": with functions for 'prune' or 'grow' there is no 'overlap'") end
  if type(o.grow) == "function" and not o.returns then options.fail(where .. ": a function for 'grow' sees itself which links were dropped: 'returns' must be true") end
end

local function check_fan_in(where, o)
  if type(o.grow) ~= "table" or o.grow.rule ~= "fan-in" then return end
  if type(o.prune) == "function" then options.fail(where .. ": lab.grow.fan_in prunes, too: 'prune' cannot be a function") end
  if o.scope == "net" or o.percolate ~= 0 or o.redistribute ~= "none" then
    options.fail(where .. ": lab.grow.fan_in works on each layer by itself: not with scope = \"net\", 'percolate' or 'redistribute'")
  end
end

local function check_purpose(where, o)
  if not o.prune and not o.links then
    options.fail(where .. ": nothing would ever change: give 'prune', or 'links' if their number is to change")
  end
  if type(o.links) == "table" and o.links.to and o.links.to > o.links.from and not o.grow then
    options.fail(("%s: the density of links would rise from %.3g to %.3g, and nothing grows"):format(where, o.links.from, o.links.to))
  end
  if o.skip_step and o.every_steps == 1 then options.fail(where .. ": with every_steps = 1 and skip_step no batch would be trained on") end
end

local function check_together(where, o)
  local own = type(o.prune) == "function" or type(o.grow) == "function"
  if o.scope == "net" then check_order(where, "scope", o.prune) end
  if o.shrink_scope == "net" then check_order(where, "shrink_scope", o.shrink or o.prune) end
  if o.links and type(o.prune) == "function" and not o.shrink then
    options.fail(where .. ": with a function for 'prune', 'links' needs 'shrink', the rule by which links go down to its number")
  end
  check_own(where, o, own)
  check_fan_in(where, o)
  if o.redistribute ~= "none" and own then
    options.fail(where .. ": functions for 'prune' and 'grow' work on one layer at a time: 'redistribute' must be \"none\"")
  end
end

-- Makes the value from options that were checked.
function M.make(where, o)
  check_window(where, o)
  check_rule(where, "prune", o.prune)
  check_rule(where, "grow", o.grow)
  check_needs(where, o)
  if o.links and not amounts.is_value(o.links) then options.fail(where .. ": option 'links' takes lab.links.… { ... } or a function(epoch, epochs)") end
  check_together(where, o)
  check_purpose(where, o)
  o.kind = "evolution"
  return o
end

function M.evolution(given) return M.make("lab.evolution", options.check("lab.evolution", M.options, given)) end

return M
