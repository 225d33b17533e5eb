-- prune.lua: which links an evolution drops. A rule is a value for the option `prune` of lab.evolution.

local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

manual.group("lab.prune", {
  summary = "which links an evolution drops",
  text = "A rule for the option `prune` of lab.evolution. Most rules score the links, and those of the lowest score go; of equal ones the last.\n"
    .. "A function(layer) does as well: it returns a lab.vector of scores, one for each link, or a vector of booleans, true for the links that stay "
    .. "('setlab help lab.layer').",
})

local RETURNS = "a value for the option `prune` of lab.evolution"

local function word(name, entry, make)
  entry.returns = RETURNS
  entry.example = entry.example or ("local evolve = lab.evolution { prune = lab.prune.%s {}, grow = lab.grow.random {} }"):format(name)
  local spec = manual.word("lab.prune." .. name, entry)
  M[name] = function(given) return make(options.check("lab.prune." .. name, spec, given)) end
end

word("set", {
  summary = "SET's rule: the links nearest zero, of each sign separately (Mocanu et al. 2018)",
  text = "About the share of the positive and of the negative weights goes, as the published tutorial program computes it; ties with a threshold go too.",
  options = {},
}, function() return { rule = "set" } end)

word("magnitude", {
  summary = "the links of smallest |w| (RigL, GraNet, GSE and others)",
  options = {},
}, function() return { rule = "magnitude" } end)

word("mest", {
  summary = "the links of smallest |w| + lambda |gradient| (MEST, Yuan et al. 2021)",
  options = {
    lambda = { kind = "number", default = 0.01, min = 0, max = 1e30,
      help = "The weight of the gradient. The code of CHT has 0.01, the scripts that MEST's authors released 0, \"Fantastic weights\" (2023) 1." },
  },
}, function(o) return { rule = "mest", lambda = o.lambda } end)

word("snip", {
  summary = "the links of smallest |w gradient| (SNIP, Lee et al. 2019)",
  options = {},
}, function() return { rule = "snip" } end)

word("relative_importance", {
  summary = "the links of smallest |w| as shares of what their two units have: |w| / sum over the input unit + |w| / sum over the output unit (CHTs)",
  options = {},
}, function() return { rule = "relative importance" } end)

word("random", {
  summary = "any links, each with the same probability",
  options = {},
}, function() return { rule = "random" } end)

word("soft", {
  summary = "links drawn to stay, with a probability in proportion to a power of their score (CHTs)",
  text = "S = (|w|/2 / (alpha + (1 - alpha) sum over the output unit) + |w|/2 / (alpha + (1 - alpha) sum over the input unit)) ^ (delta / (1 - delta)). "
    .. "alpha = 1 looks at |w| alone, alpha = 0 at relative importance. The larger delta, the more the draw resembles keeping the best.",
  options = {
    alpha = { kind = "number", default = 1, min = 0, max = 1, help = "1: weight magnitude; 0: relative importance." },
    delta = { kind = "number|table", default_is = "{ 0.5, 0.75 }, as in CHTs", takes = "number, or { first, last }", help = "From 0 to below 1; two numbers are the first and last of a straight line over the training." },
  },
}, function(o)
  local delta = o.delta or { 0.5, 0.75 }
  for _, d in ipairs(type(delta) == "table" and delta or { delta }) do
    if type(d) ~= "number" or not (d >= 0 and d < 1) then options.fail "lab.prune.soft: option 'delta' must be from 0 to below 1, or two such numbers" end
  end
  if type(delta) == "table" and #delta ~= 2 then options.fail "lab.prune.soft: option 'delta' takes one number, or { first, last }" end
  return { rule = "soft", alpha = o.alpha, delta = delta }
end)

word("threshold", {
  summary = "the links of |w| below a threshold (DSR, Mostafa and Wang 2019)",
  text = "How many these are, the weights decide. With `adapt` the threshold is halved when more than 1.1 times the evolution's share of the links goes, and doubled "
    .. "when less than 0.9 times as many do.",
  options = {
    value = { kind = "number", default = 1e-3, min = 0, help = "The first threshold." },
    adapt = { kind = "boolean", default = true, help = "Whether the threshold follows the number of links that go." },
  },
}, function(o) return { rule = "threshold", value = o.value, adapt = o.adapt } end)

word("neurons", {
  summary = "all incoming links of the least important neurons (importance pruning, Curci et al. 2021)",
  text = "A neuron's importance is the sum of |w| over its incoming links. The evolution's share is that of the neurons of a layer; their links go for good unless a rule of growth or `links` brings others.",
  options = {},
}, function() return { rule = "neurons" } end)

return M
