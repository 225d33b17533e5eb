-- methods.lua: the evolutions of the literature by name, with their papers' defaults. Each is a few words of lab.evolution.

local evolution = require "lab.evolve.evolution"
local grow = require "lab.evolve.grow"
local links = require "lab.evolve.links"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local prune = require "lab.evolve.prune"
local schedule = require "lab.net.schedule"
local scores = require "lab.c.net".scores

local M = {}

local RETURNS = "a value for the option `evolve` of net:epochs"

-- A rule of lab.evolution's with another default.
local function with(name, changed)
  local rule = {}
  for k, v in pairs(evolution.options[name]) do rule[k] = v end
  for k, v in pairs(changed) do rule[k] = v end
  return rule
end

-- A share that changes over the training unless it is given.
local function share(default_is)
  local rule = with("share", { default_is = default_is })
  rule.default = nil
  return rule
end

-- The options that every method has beside its own: when, and which layers.
local function common(own, defaults)
  local spec = {}
  for _, name in ipairs { "every", "every_steps", "from", "stop", "output" } do
    local d = defaults[name]
    local of_every = name == "every" or name == "every_steps"
    if name == "every" and defaults.every_steps then d = "none, since every_steps has a default" end
    spec[name] = d == nil and evolution.options[name] or with(name, of_every and { default_is = tostring(d) } or { default = d })
  end
  for name, rule in pairs(own) do spec[name] = rule end
  return spec
end

-- Declares lab.<name>. `make` turns checked options into those of lab.evolution.
local function method(name, entry, defaults, make)
  entry.returns = RETURNS
  entry.options = common(entry.options, defaults)
  entry.example = entry.example or ("for epoch in net:epochs(data.train, { epochs = 5, batch = 40, lr = 0.02, evolve = lab.%s {} }) do end"):format(name)
  local where = "lab." .. name
  local spec = manual.word(where, entry)
  M[name] = function(given)
    given = given == nil and {} or given
    local o = options.check(where, spec, given)
    if not (given.every or given.every_steps) then o.every, o.every_steps = defaults.every, defaults.every_steps end
    local made = make(o)
    for _, k in ipairs { "every", "every_steps", "from", "stop", "output" } do made[k] = o[k] end
    for k, rule in pairs(evolution.options) do if made[k] == nil and not (k == "share" and made.zeta) then made[k] = rule.default end end
    made.name = entry.name_of_method
    return evolution.make(where, made)
  end
  entry.name_of_method = entry.title
end

local function cosine(from, to) return schedule.cosine { value = from, to = to or 0 } end

local newborn = with("newborn", { default = "drawn" })

method("set", {
  title = "SET",
  summary = "SET: prune the links nearest zero and grow as many at random (Mocanu et al. 2018)",
  text = "It rewires the sparse layers when an epoch begins, from the second one on; after the last epoch nothing is rewired. "
    .. "With newborn = \"drawn\" new links get weights as in the tutorial's program, with \"zero\" as in the authors' Keras program.",
  options = {
    zeta = with("share", { help = "How many of the positive and of the negative links an evolution replaces: those nearest zero." }),
    newborn = newborn,
  },
  example = "local evolve = lab.set { zeta = 0.3 }\nfor epoch in net:epochs(data.train, { epochs = 5, batch = 40, lr = 0.02, evolve = evolve }) do end",
}, { every = 1 }, function(o)
  return { prune = prune.set {}, grow = grow.random {}, zeta = o.zeta, newborn = o.newborn }
end)

method("rigl", {
  title = "RigL",
  summary = "RigL: drop the links of smallest |w|, grow those of largest |gradient| (Evci et al. 2020)",
  text = "The batch that an evolution looks at is not trained on, as in the authors' program.",
  options = { share = share("a cosine from 0.3 to 0") },
}, { every_steps = 100, stop = 0.75 }, function(o)
  return { prune = prune.magnitude {}, grow = grow.gradient {}, share = o.share or cosine(0.3), skip_step = true }
end)

method("snfs", {
  title = "SNFS, sampled",
  summary = "sparse networks from scratch, sampled: drop the smallest |w|, give links to the layers with large gradients, grow by averaged gradients (Dettmers and Zettlemoyer 2019)",
  text = "The original grows by a momentum of the dense gradient, which takes a dense gradient in every step. Here it is the average over several batches, and layers share by the mean "
    .. "|gradient| of their links: hence \"sampled\".",
  options = {
    share = share("a cosine from 0.5 to 0.005"),
    batches = { kind = "integer", default = 10, min = 1, max = 10000, help = "How many batches the gradient is averaged over: 10 are what a momentum of 0.9 remembers." },
    subset = { kind = "number", default = 0, min = 0, max = 1e6, unit = "times the layer's links", help = "How many random cells are looked at; 0: all missing cells." },
  },
}, { every = 1 }, function(o)
  return { prune = prune.magnitude {}, grow = grow.gradient { batches = o.batches, subset = o.subset }, share = o.share or cosine(0.5, 0.005),
    redistribute = "gradient", round = "up" }
end)

method("dsr", {
  title = "DSR",
  summary = "dynamic sparse reparameterisation: drop links below a threshold, grow as many at random in layers that keep theirs (Mostafa and Wang 2019)",
  options = {
    share = with("share", { default = 0.1, unit = "share of all links", help = "How many links an evolution should drop: the threshold follows that number." }),
    threshold = { kind = "number", default = 1e-3, min = 0, help = "The first threshold of |w|." },
  },
}, { every_steps = 100 }, function(o)
  return { prune = prune.threshold { value = o.threshold }, grow = grow.random {}, share = o.share, redistribute = "links" }
end)

local density = { kind = "number", required = true, above = 0, max = 1, unit = "share of the cells", help = "The final density of all evolving layers taken together." }
local dense_from = { kind = "number", default = 0.5, above = 0, max = 1, unit = "share of the cells", help = "The density that the wiring begins with." }

method("granet", {
  title = "GraNet",
  summary = "GraNet: prune gradually to a density, dropping and growing links by gradient all the while (Liu et al. 2021)",
  text = "The net begins with a wiring of the density `begin`. By default links are ranked by |w| over all layers together.",
  options = {
    density = density, begin = dense_from, share = share("a cosine from 0.5 to 0.005"),
    scope = with("scope", { default = "net", help = "Whether links are ranked over all layers together, or each layer prunes the same share." }),
  },
  example = "local evolve = lab.granet { density = 0.01 }",
}, { every_steps = 1000, stop = 110 / 160 }, function(o)
  return { prune = prune.magnitude {}, grow = grow.gradient {}, share = o.share or cosine(0.5, 0.005), round = "up",
    links = links.cubic { from = o.begin, to = o.density }, shrink_scope = o.scope }
end)

method("gmp", {
  title = "GMP",
  summary = "gradual magnitude pruning: links are pruned, and none grow (Zhu and Gupta 2017)",
  text = "The net begins with a wiring of the density `begin`.",
  options = { density = density, begin = dense_from, scope = with("scope", { default = "net", help = "Whether links are ranked over all layers together, or each layer prunes the same share." }) },
  example = "local evolve = lab.gmp { density = 0.01 }",
}, { every_steps = 1000, stop = 110 / 160 }, function(o)
  return { prune = prune.magnitude {}, share = 0, links = links.cubic { from = o.begin, to = o.density }, shrink_scope = o.scope }
end)

method("mest", {
  title = "MEST",
  summary = "MEST: drop links of smallest |w| + lambda |gradient|, grow at random (Yuan et al. 2021)",
  text = "\"EM\" drops links below the target and grows back to it. \"EM&S\" grows links above the target and drops them to it at the next evolution, so that new links are tried before old ones "
    .. "go; the last evolution comes down to the target. The share shrinks over the training, as in the paper, where it does so in two or three steps.",
  options = {
    share = share("a line from 0.2 to 0.1 with EM; from 0.5 to 0.25 with EM&S"),
    lambda = { kind = "number", default = 0.01, min = 0, max = 1e30, help = "The weight of the gradient." },
    variant = { kind = "string", default = "EM", choices = { "EM", "EM&S" }, help = "Whether links are dropped first, or grown first." },
    newborn = evolution.options.newborn,
  },
}, { every = 5 }, function(o)
  local score = prune.mest { lambda = o.lambda }
  if o.variant == "EM" then
    return { prune = score, grow = grow.random {}, share = o.share or schedule.linear { value = 0.2, to = 0.1 }, newborn = o.newborn }
  end
  local extra = o.share or schedule.linear { value = 0.5, to = 0.25 }
  return { prune = score, grow = grow.random {}, share = 0, newborn = o.newborn, links = links.band { above = extra } }
end)

method("gse", {
  title = "GSE",
  summary = "guided stochastic exploration: drop the smallest |w|, grow by gradient within a random subset of cells (Heddes et al. 2024)",
  options = {
    share = share("a cosine from 0.2 to 0"),
    subset = { kind = "number", default = 1, above = 0, max = 1e6, unit = "times the layer's links", help = "How many random cells are looked at." },
    guide = { kind = "string", default = "bound", choices = { "uniform", "bound", "sketch" }, help = "How cells are drawn: \"bound\" is the paper's GraBo, \"sketch\" its GraEst." },
    scope = with("scope", { default = "net" }),
  },
}, { every_steps = 1000, stop = 0.6 }, function(o)
  return { prune = prune.magnitude {}, grow = grow.gradient { subset = o.subset, guide = o.guide }, share = o.share or cosine(0.2), scope = o.scope,
    redistribute = o.scope == "net" and "best" or nil, returns = false }
end)

method("srigl", {
  title = "SRigL",
  summary = "structured RigL: every neuron has the same number of incoming links, and neurons with few salient ones are removed (Lasby et al. 2024)",
  options = {
    share = share("a cosine from 0.3 to 0"),
    gamma = { kind = "number", default = 0.3, min = 0, max = 1, unit = "share of a neuron's links", help = "A neuron with fewer salient links than this loses all its links." },
  },
}, { every_steps = 100, stop = 0.75 }, function(o)
  return { prune = prune.magnitude {}, grow = grow.fan_in { gamma = o.gamma }, share = o.share or cosine(0.3), skip_step = true }
end)

method("ctre", {
  title = "CTRE",
  summary = "cosine similarity based evolution: drop the smallest |w|, grow between neurons that behave alike (Atashgahi et al. 2022)",
  options = {
    zeta = with("share", { default = 0.2 }), newborn = newborn,
    subset = { kind = "number", default = 0, min = 0, max = 1e6, unit = "times the layer's links", help = "How many random cells are looked at; 0: all missing cells." },
    batches = { kind = "integer", default = 1, min = 1, max = 10000, help = "How many batches of samples the likeness is measured on." },
  },
}, { every = 1 }, function(o)
  return { prune = prune.magnitude {}, grow = grow.likeness { subset = o.subset, batches = o.batches }, zeta = o.zeta, newborn = o.newborn }
end)

method("cht", {
  title = "CHT",
  summary = "Cannistraci-Hebb training: drop the smallest |w|, remove dead ends, grow the likeliest links (Zhang et al. 2024)",
  options = {
    zeta = with("share", {}),
    score = { kind = "string", default = "CH3-L3p", choices = scores, help = "Which Cannistraci-Hebb score." },
  },
}, { every = 1 }, function(o)
  return { prune = prune.magnitude {}, grow = grow.cannistraci { score = o.score }, zeta = o.zeta, percolate = 2, overlap = 0.9 }
end)

local soft_options = {
  zeta = with("share", {}),
  score = { kind = "string", default = "CH2-L3n", choices = scores, help = "Which Cannistraci-Hebb score." },
  alpha = { kind = "number", default = 1, min = 0, max = 1, help = "What the draw of the links that stay is based on: 1, their weights; 0, their relative importance." },
  delta = { kind = "number|table", default_is = "{ 0.5, 0.75 }", takes = "number, or { first, last }", help = "How sharp that draw is; two numbers are a straight line over the training." },
}

local function with_options(own, more)
  local all = {}
  for k, v in pairs(own) do all[k] = v end
  for k, v in pairs(more) do all[k] = v end
  return all
end

local function soft(o)
  return { prune = prune.soft { alpha = o.alpha, delta = o.delta }, grow = grow.cannistraci { score = o.score, draw = true }, zeta = o.zeta, percolate = 2 }
end

method("chts", {
  title = "CHTs",
  summary = "Cannistraci-Hebb training, soft: links to keep and links to grow are drawn by their scores (Zhang et al. 2025)",
  options = soft_options,
}, { every = 1 }, soft)

method("chtss", {
  title = "CHTss",
  summary = "CHTs that begins with a denser wiring and loses links along an S-shaped curve (Zhang et al. 2025)",
  text = "The net begins with a wiring of the density `begin`. Links are first pruned down to the curve by relative importance; then the soft evolution follows.",
  options = with_options(soft_options, {
    density = density, begin = dense_from,
    steepness = { kind = "number", default = 6, above = 0, max = 100, help = "How steep the curve is in the middle." },
  }),
  example = "local evolve = lab.chtss { density = 0.01 }",
}, { every = 1 }, function(o)
  local made = soft(o)
  made.links, made.shrink = links.logistic { from = o.begin, to = o.density, steepness = o.steepness }, prune.relative_importance {}
  return made
end)

-- Names for lab.method.
local by_name = { "set", "rigl", "snfs", "dsr", "granet", "gmp", "mest", "gse", "srigl", "ctre", "cht", "chts", "chtss" }

manual.word("lab.method", {
  summary = "a method by its name: for sweeps and parameters",
  text = "\"static\" is no evolution: nil. The options are those of the method's own word, such as lab.rigl.",
  arguments = { { "name", "text", "\"static\", or one of " .. table.concat(by_name, ", ") .. "." }, { "options", "table", "The method's options; its defaults without it.", optional = true } },
  returns = "a value for the option `evolve` of net:epochs, or nil",
  raises = "There is no such method, or an option that it needs is missing.",
  example = 'local P = lab.params { method = { "rigl", choices = { "set", "rigl", "static" } } }\n'
    .. "for epoch in net:epochs(data.train, { epochs = 5, batch = 40, lr = 0.02, evolve = lab.method(P.method) }) do end",
})

function M.method(name, given)
  if name == "static" then return nil end
  for _, known in ipairs(by_name) do
    if name == known then return M[name](given) end
  end
  if type(name) ~= "string" then options.fail(("lab.method takes the name of a method, not %s"):format(type(name))) end
  local known = table.move(by_name, 1, #by_name, 2, { "static" })
  options.fail(("lab.method: no method '%s'%s"):format(name, options.suggestion(name, known)))
end

return M
