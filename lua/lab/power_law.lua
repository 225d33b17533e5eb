-- power_law.lua: lab.power_law(values, { bootstrap = 1000, seed = 1 }).
--
-- Does a degree sequence have a power-law tail? Values are whole numbers; zeros are counted
-- apart and take no part. Returns a table:
--   n, zeros      values given, and how many of them are zero
--   alpha, sigma  exponent and its standard error
--   xmin, n_tail  where the tail begins, how many values it has
--   D, L          distance to the power law (Kolmogorov-Smirnov), log-likelihood
--   p             share of synthetic samples that fit worse; nil when bootstrap = 0
--   kind          "no fit", "short tail", "rejected", "another fits better", "odd alpha",
--                 "untested", "possible"; with alternatives in place of the last also
--                 "undecided" and "supported"
--   verdict       the same as a sentence
--   alternatives  if asked for: { exponential =, poisson =, lognormal =, cutoff = }, each with
--                 R, the log-likelihood ratio, power law minus this one, on the same tail; its
--                 normalised value (Vuong's; the nested cut-off has none); p, small where the
--                 sign of R is more than chance; L; and the law's own parameters: lambda; mu;
--                 mu and sigma of ln x; alpha and lambda. limit = true: sigma would grow
--                 beyond 20, lambda is 0
-- With "no fit" there is no alpha, sigma, xmin, D, L, p and alternatives.

local options = require "lab.options"
local c = require "lab.c.powerlaw"

local spec = {
  bootstrap = { kind = "integer", default = 1000, min = 0, max = 1000000 },
  seed      = { kind = "integer", default = 1 },
  alternatives = { kind = "boolean", default = false },
}

return function(values, given)
  local o = options.check("lab.power_law", spec, given)
  if type(values) ~= "table" then
    options.fail("lab.power_law: expected an array of whole numbers, not " .. type(values))
  end
  local fit, why = c.fit(values, o.bootstrap, o.seed, o.alternatives)
  if not fit then options.fail("lab.power_law: " .. why) end
  return fit
end
