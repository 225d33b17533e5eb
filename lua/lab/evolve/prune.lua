-- prune.lua: which links an evolution drops. A rule is a value for the option `prune` of lab.evolution.

local halves = require "lab.evolve.halves"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local scored = require "lab.evolve.scored"

local M = {}

manual.group("lab.prune", {
  summary = "which links an evolution drops",
  text = "A rule for the option `prune` of lab.evolution. Most rules score the links and drop those with the lowest scores; of equal ones the last.\n"
    .. "A function(layer) works too: it returns a lab.vector of scores, one for each link, or a vector of booleans, true for the links that stay "
    .. "('setlab help lab.layer').",
})

local RETURNS = "a value for the option `prune` of lab.evolution"

local function word(name, entry, make)
  entry.returns = RETURNS
  entry.example = entry.example or ("local evolve = lab.evolution { prune = lab.prune.%s {}, grow = lab.grow.random {} }"):format(name)
  local spec = manual.word("lab.prune." .. name, entry)
  M[name] = function(given)
    local rule = make(options.check("lab.prune." .. name, spec, given))
    halves[rule] = "prune"
    return rule
  end
end

word("set", {
  summary = "SET's rule: the links nearest zero, of each sign separately (Mocanu et al. 2018)",
  text = "About the given share of the positive and of the negative weights is dropped, computed as in the published tutorial program; ties with a threshold are dropped too.",
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
  summary = "the links of smallest |w| relative to those of their two units: |w| / sum over the input unit + |w| / sum over the output unit (CHTs)",
  options = {},
}, function() return { rule = "relative importance" } end)

word("random", {
  summary = "random links, each with the same probability",
  options = {},
}, function() return { rule = "random" } end)

local function check_line(what, numbers, below)
  local list = type(numbers) == "table" and numbers or { numbers }
  for _, x in ipairs(list) do
    if type(x) ~= "number" or not (x >= 0 and x < below) then options.fail(("%s must be a number from 0 to below %g, or two such numbers"):format(what, below)) end
  end
  if #list ~= (type(numbers) == "table" and 2 or 1) then options.fail(what .. " takes one number, or { first, last }") end
end

word("soft", {
  summary = "links drawn to stay, with a probability in proportion to a power of their score (CHTs)",
  text = "S = (|w|/2 / (alpha + (1 - alpha) sum over the output unit) + |w|/2 / (alpha + (1 - alpha) sum over the input unit)) ^ (delta / (1 - delta)). "
    .. "alpha = 1 looks at |w| alone, alpha = 0 at relative importance. The larger delta, the more the draw resembles keeping the best.\n"
    .. "With `score`, the score of any other rule to the power `power` takes its place: CHTs' program has lab.prune.magnitude {} and a power that grows from 1 to 3.",
  options = {
    alpha = { kind = "number", default = 1, min = 0, max = 1, help = "1: weight magnitude; 0: relative importance." },
    delta = { kind = "number|table", default_is = "{ 0.5, 0.75 }, as in CHTs", takes = "number, or { first, last }", help = "From 0 to below 1; two numbers are the first and last of a straight line over the evolution's window." },
    score = { kind = "table", takes = "lab.prune value that scores links", help = "The rule whose score the draw uses instead of S." },
    power = { kind = "number|table", default_is = "{ 1, 3 } with score", takes = "number, or { first, last }", help = "The power of that score; the inverse of a temperature." },
  },
}, function(o)
  if o.score then
    if not scored[o.score.rule] then options.fail "lab.prune.soft: option 'score' takes a rule that scores links: magnitude, mest, snip, relative_importance or random" end
    local power = o.power or { 1, 3 }
    check_line("lab.prune.soft: option 'power'", power, 1e6)
    return { rule = o.score.rule, soft = "power", lambda = o.score.lambda, power = power }
  end
  if o.power then options.fail "lab.prune.soft: 'power' goes with 'score'" end
  local delta = o.delta or { 0.5, 0.75 }
  check_line("lab.prune.soft: option 'delta'", delta, 1)
  return { rule = "magnitude", soft = "chts", alpha = o.alpha, delta = delta }
end)

word("threshold", {
  summary = "the links of |w| below a threshold (DSR, Mostafa and Wang 2019)",
  text = "The weights decide how many these are. With `adapt` the threshold is halved when more than 1.1 times the evolution's share of the links is dropped, and "
    .. "doubled when less than 0.9 times is.",
  options = {
    value = { kind = "number", default = 1e-3, min = 0, help = "The first threshold." },
    adapt = { kind = "boolean", default = true, help = "Whether the threshold follows the number of dropped links." },
  },
}, function(o) return { rule = "threshold", value = o.value, adapt = o.adapt } end)

word("neurons", {
  summary = "all incoming links of the least important neurons (importance pruning, Curci et al. 2021)",
  text = "A neuron's importance is the sum of |w| over its incoming links. The evolution's share is a share of the layer's neurons; their links are gone for good unless a grow rule or `links` brings others.",
  options = {},
}, function() return { rule = "neurons" } end)

return options.strict("lab.prune", M)
