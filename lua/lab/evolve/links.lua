-- links.lua: how many links there are while a net trains. A value for the option `links` of lab.evolution.

local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

manual.group("lab.links", {
  summary = "how many links there are while a net trains",
  text = "A value for the option `links` of lab.evolution. Densities are those of all layers that evolve, taken together: links divided by cells. They change over the "
    .. "evolution's window, from its option `from` to its option `stop`, and the last evolution reaches the end.\n"
    .. "A function(epoch, epochs) that returns a density works too.",
})

local RETURNS = "a value for the option `links` of lab.evolution"
local density = { kind = "number", required = true, above = 0, max = 1, unit = "share of the cells" }

local function rule(from, with)
  local copy = {}
  for k, v in pairs(from) do copy[k] = v end
  for k, v in pairs(with) do copy[k] = v end
  return copy
end

local from = rule(density, { help = "The density at the first moment." })
local to = rule(density, { help = "The density at the last." })

local function word(name, entry, make)
  entry.returns = RETURNS
  local spec = manual.word("lab.links." .. name, entry)
  M[name] = function(given) return make(options.check("lab.links." .. name, spec, given)) end
end

local function both(kind) return function(o) return { kind = kind, from = o.from, to = o.to, steepness = o.steepness } end end

word("constant", {
  summary = "as many as before", options = {},
  example = "local evolve = lab.evolution { prune = lab.prune.set {}, grow = lab.grow.random {}, links = lab.links.constant {} }",
}, function() return { kind = "constant" } end)

word("linear", {
  summary = "a straight line", options = { from = from, to = to },
  example = "local links = lab.links.linear { from = 0.1, to = 0.01 }",
}, both "linear")

word("cubic", {
  summary = "fast at first, then slower: to + (from - to)(1 - x)^3 (Zhu and Gupta 2017; GMP, GraNet)", options = { from = from, to = to },
  example = "local links = lab.links.cubic { from = 0.5, to = 0.01 }",
}, both "cubic")

word("logistic", {
  summary = "an S-shaped curve (CHTss)", text = "from + (to - from) f(x), where f is the logistic function of steepness (2 x - 1), scaled to run from 0 to 1.",
  options = { from = from, to = to, steepness = { kind = "number", default = 6, above = 0, max = 100, help = "How steep the curve is in the middle." } },
  example = "local links = lab.links.logistic { from = 0.5, to = 0.01 }",
}, both "logistic")

local multiple = { kind = "number|table|function", min = 0, max = 1e6, takes = "number, lab.schedule value or function(epoch, epochs)", unit = "times the first links" }

word("band", {
  summary = "links are dropped down to one number and grown up to another (MEST's EM and EM&S)",
  text = "The numbers are multiples of the links that the layers have when training begins. After the last evolution no links beyond that number are left.",
  options = {
    lower = rule(multiple, { default = 1, help = "How many links are left after dropping." }),
    above = rule(multiple, { default = 0, help = "How many more links there are after growing." }),
  },
  example = "local links = lab.links.band { above = lab.schedule.linear { value = 0.5, to = 0.1 } }",
}, function(o) return { kind = "band", lower = o.lower, above = o.above } end)

return options.strict("lab.links", M)
