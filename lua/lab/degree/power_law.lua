-- power_law.lua: lab.power_law(values, { bootstrap = 1000, seed = 1 }): does a degree sequence have a
-- power-law tail?

local manual = require "lab.util.manual"
local options = require "lab.util.options"
local c = require "lab.c.powerlaw"

local spec = {
  bootstrap = { kind = "integer", default = 1000, min = 0, max = 1000000, unit = "samples", help = "Synthetic samples that p is estimated from; 0 for no test." },
  seed      = { kind = "integer", default = 1, help = "The seed of the synthetic samples." },
  alternatives = { kind = "boolean", default = false, help = "Whether the power law is compared with an exponential, a Poisson, a log-normal and a power law with cut-off." },
}

manual.word("lab.power_law", {
  summary = "does a degree sequence have a power-law tail?",
  text = "Zeros are counted separately and take no part in the fit.",
  arguments = { { "values", "array or lab.vector of whole numbers", "Such as net:degrees(1, \"in\")." } },
  options = spec,
  returns = "a fit",
  raises = "A value that is negative or no whole number.",
  gives = "fit",
  example = 'local fit = lab.power_law({ 1, 2, 2, 3, 4, 8, 9, 20 }, { bootstrap = 100, alternatives = true })\nprint(fit.verdict)',
})

manual.object("fit", {
  summary = "what lab.power_law returns",
  text = "With the kind \"no fit\" there is no alpha, sigma, xmin, D, L, p and alternatives.",
  fields = {
    n = "How many values were given.",
    zeros = "How many values are zero.",
    distinct = "How many different values there are.",
    max = "The largest value.",
    bootstrap = "Synthetic samples that were drawn.",
    alpha = "The exponent.",
    sigma = "The standard error of alpha.",
    xmin = "Where the tail begins.",
    n_tail = "How many values the tail has.",
    D = "The distance to the power law (Kolmogorov-Smirnov).",
    L = "The log-likelihood.",
    p = "The share of synthetic samples that fit worse; nil with bootstrap = 0.",
    kind = '"no fit", "short tail", "rejected", "another fits better", "odd alpha", "untested" or "possible"; with alternatives "undecided" or "supported" in place of the last.',
    verdict = "The same as a sentence.",
    alternatives = "With alternatives = true: { exponential =, poisson =, lognormal =, cutoff = }, each with R, the log-likelihood ratio of the power law to it on the same tail; "
      .. "its normalised value (Vuong's; the cut-off has none); p, small where the sign of R is more than chance; L; the law's parameters (lambda; mu; mu and sigma of ln x; alpha and lambda); "
      .. "and limit, true where sigma would grow beyond 20 or lambda is 0.",
  },
})

return function(values, given)
  local o = options.check("lab.power_law", spec, given)
  if options.is_vector(values) then values = values:table() end
  if type(values) ~= "table" then
    options.fail("lab.power_law: expected an array or a lab.vector of whole numbers, not " .. type(values))
  end
  local fit, why = c.fit(values, o.bootstrap, o.seed, o.alternatives)
  if not fit then options.fail("lab.power_law: " .. why) end
  return fit
end
