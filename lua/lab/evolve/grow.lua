-- grow.lua: where an evolution grows links. A rule is a value for the option `grow` of lab.evolution.

local engine = require "lab.c.net"
local halves = require "lab.evolve.halves"
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

manual.group("lab.grow", {
  summary = "where an evolution grows new links",
  text = "A rule for the option `grow` of lab.evolution. Rules that look at gradients or values use a probe: one pass over a batch without an update.\n"
    .. "A function(layer, count) works too: it returns two lab.vectors of whole numbers, the source and the target units of exactly `count` new links, counted from 1, and optionally a "
    .. "third vector with their weights ('setlab help lab.layer').",
})

local RETURNS = "a value for the option `grow` of lab.evolution"

local function word(name, entry, make)
  entry.returns = RETURNS
  entry.example = entry.example or ("local evolve = lab.evolution { prune = lab.prune.magnitude {}, grow = lab.grow.%s {} }"):format(name)
  local spec = manual.word("lab.grow." .. name, entry)
  M[name] = function(given)
    local rule = make(options.check("lab.grow." .. name, spec, given))
    halves[rule] = "grow"
    return rule
  end
end

local batches = { kind = "integer", default = 1, min = 1, max = 10000, help = "How many batches the probe looks at; their gradients are averaged." }

local function subset(default)
  return { kind = "number", default = default, min = 0, max = 1e6, unit = "times the layer's links",
    help = "How many random cells are looked at; with 0, and in layers that are more than half full, all missing cells." }
end

local within = { kind = "boolean", default = false, help = "Whether each output unit grows as many links as it has lost." }

word("random", {
  summary = "anywhere, each missing link with the same probability (SET)",
  options = { within = within },
}, function(o) return { rule = "random", within = o.within } end)

word("unfired", {
  summary = "first where there has never been a link, then anywhere (ITOP, Liu et al. 2021)",
  text = "The net must be made with lab.mlp { history = true }, which remembers the cells that were ever linked.",
  options = {},
}, function() return { rule = "unfired" } end)

word("gradient", {
  summary = "where the loss falls fastest: the largest |dL/dw| (RigL, GraNet, GSE)",
  text = "With subset = 0 all missing cells are looked at (RigL, Evci et al. 2020); otherwise a random subset, `subset` times the layer's number of links (GSE, Heddes et al. 2024), drawn by `guide`: "
    .. "\"uniform\"; \"bound\" in proportion to the sums of the inputs' values and of the outputs' gradients; \"sketch\" the same with random signs for the samples. "
    .. "Several batches average the gradient, as SNFS does over all steps.",
  options = {
    subset = subset(0),
    guide = { kind = "string", default = "uniform", choices = { "uniform", "bound", "sketch" }, help = "How the subset is drawn." },
    batches = batches,
    within = within,
  },
}, function(o) return { rule = "gradient", subset = o.subset, guide = o.guide, batches = o.batches, within = o.within } end)

word("fan_in", {
  summary = "SRigL: every neuron gets the same number of incoming links; neurons with few salient ones lose all (Lasby et al. 2024)",
  text = "Salient links are those of largest |w| that would stay and the missing ones of largest |gradient| that would grow. The rule also prunes: the option `prune` only decides how many links are dropped.",
  options = {
    gamma = { kind = "number", default = 0.3, min = 0, max = 1, unit = "share of a neuron's links", help = "A neuron with fewer salient links than this loses all its links." },
    batches = batches,
  },
}, function(o) return { rule = "fan-in", gamma = o.gamma, batches = o.batches } end)

word("likeness", {
  summary = "between neurons that behave alike: the largest |cosine| of their values over samples (CTRE, Atashgahi et al. 2022)",
  options = { subset = subset(0), batches = batches },
}, function(o) return { rule = "likeness", subset = o.subset, batches = o.batches } end)

word("cannistraci", {
  summary = "where many paths of three links suggest a missing link: Cannistraci-Hebb link prediction (CHT, CHTs)",
  text = "The scores depend on the wiring alone. With draw = true links are drawn in proportion to their score (CHTs), otherwise the best grow (CHT).",
  options = {
    score = { kind = "string", default = "CH2-L3n", choices = engine.scores, help = "Which score: of the paths (L3p) or of the neurons on them (L3n)." },
    draw = { kind = "boolean", default = false, help = "Whether links are drawn instead of the best taken." },
  },
}, function(o) return { rule = "cannistraci", score = o.score, draw = o.draw } end)

return options.strict("lab.grow", M)
