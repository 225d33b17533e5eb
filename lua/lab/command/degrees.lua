-- degrees.lua: `setlab degrees FILE`.

local arguments = require "lab.util.arguments"
local degrees = require "lab.degree.degrees"
local words = require "lab.degree.words"

local M = { name = "degrees", summary = "fit a power law to a file of degrees" }

local flags = {
  bootstrap = { value = "N", kind = "integer", min = 0, max = 1000000, default = 1000,
    help = "Replicates of the bootstrap that gives p; default 1000, whose p is good to about 0.03; 2500 give 0.02. 0: none, and no p." },
  seed = { value = "N", kind = "integer", min = 0, default = 1,
    help = "Seed of the bootstrap; default 1. The same seed gives the same p, with any number of threads." },
  json = { help = "Print one line of JSON with the keys n, alpha, sigma, xmin, n_tail, D, L, p, zeros, verdict, kind, and exponential_R, exponential_normalised, exponential_p, the same for poisson, lognormal, cutoff. What there is not is null: p without a bootstrap, everything of the fit where there is none." },
}

M.help = [[
NAME
       setlab degrees - fit a power law to a file of degrees

SYNOPSIS
       setlab degrees [OPTIONS] FILE

DESCRIPTION
       Reads whole numbers from 0 up, one a line; blank lines and lines that begin with '#'
       are passed over; FILE may be - for standard input. Says whether the largest of them
       follow a discrete power law, P(x) proportional to x^-alpha from xmin on:

       n          values in the file
       zeros      how many of them are 0; these take no part in the fit
       alpha      exponent of greatest likelihood
       sigma      its standard error
       xmin       where the tail begins: the value that makes D least
       n_tail     values in the tail
       D          Kolmogorov-Smirnov distance between the tail and the power law
       L          log-likelihood of the tail
       p          share of samples drawn from the fit that are farther from their own fit
                  than the data are from theirs

       And it compares the power law with four other laws on the same tail, each at its
       greatest likelihood: exponential; Poisson; log-normal, sigma of ln x at most 20; power
       law with exponential cut-off, x^-alpha exp(-lambda x). A log-normal whose sigma would
       grow beyond 20 is the power law in all but name: the verdict then finds no difference,
       unless R itself is large.

       R          log-likelihood of the power law minus that of the other: above 0 the power
                  law fits better
       normalised R over its standard deviation (Vuong); the cut-off, which contains the
                  power law, has none
       p          of the comparison: small where the sign of R is more than chance; for the
                  cut-off, small where it is needed

       The method is that of Clauset, Shalizi and Newman (SIAM Review 51, 2009); libplfit
       makes the fit. The bootstrap draws whole samples, the part below xmin from the data
       themselves, and searches xmin again for each.

HOW TO READ IT
       Look at n_tail first. The search for xmin always finds some tail that looks straight,
       if need be one of eight values, with an exponent above 15: a random wiring, whose
       degrees are binomial, does just that. The verdict calls a tail too short below 50
       values or below one decade. A p of at most 0.1 rejects the power law. A large p
       proves nothing: other distributions may fit as well, and the comparisons say which. A
       power law is supported if none of the four fits as well. Exponents outside 1.5 to 5 are
       implausible. Fewer than three different positive values are not fitted at all.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if the file was read, whatever the verdict; 1 if it could not be read or holds
       something else; 2 if the command line was wrong.

EXAMPLES
       setlab degrees runs/degrees.txt
       setlab degrees --json --bootstrap=0 degrees.txt
       sort -n degrees.txt | tail -n 500 | setlab degrees -]]

-- A number in the shortest form that reads back as the same number.
local function exact(value)
  if value == nil then return "null" end
  if math.type(value) == "integer" then return tostring(value) end
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then return text end
  end
end

local function member(key, value) return ('"%s": %s'):format(key, value) end

local function quoted(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

-- Flat keys, so that a line of sed can read them too: "poisson_p".
local function json(fit)
  local parts = {}
  for i, key in ipairs { "n", "alpha", "sigma", "xmin", "n_tail", "D", "L", "p", "zeros" } do
    parts[i] = member(key, exact(fit[key]))
  end
  parts[#parts + 1] = member("verdict", quoted(fit.verdict))
  parts[#parts + 1] = member("kind", quoted(fit.kind))
  for _, law in ipairs(words.laws) do
    local a = (fit.alternatives or {})[law[1]] or {}
    for _, key in ipairs { "R", "normalised", "p" } do parts[#parts + 1] = member(law[1] .. "_" .. key, exact(a[key])) end
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function print_fit(fit, seed)
  print(("alpha    %.4f +- %.4f"):format(fit.alpha, fit.sigma))
  print(("xmin     %d"):format(fit.xmin))
  print(("n_tail   %d (%.3g %% of the values, up to %d)"):format(fit.n_tail, 100 * fit.n_tail / fit.n, fit.max))
  print(("D        %.6g"):format(fit.D))
  print(("L        %.2f"):format(fit.L))
  if not fit.p then return print("p        not asked for (--bootstrap=0)") end
  if fit.p == 0 then return print(("p        below %.2g: none of %d replicates fits worse (seed %d)"):format(1 / fit.bootstrap, fit.bootstrap, seed)) end
  local error_of_p = math.sqrt(fit.p * (1 - fit.p) / fit.bootstrap)
  print(("p        %.3f +- %.3f (%d replicates, seed %d)"):format(fit.p, error_of_p, fit.bootstrap, seed))
end

local function print_alternatives(alternatives)
  local function column(p, v) return v and p:format(v) or "-" end
  print(("\n%-16s %12s  %10s  %8s"):format("against", "R", "normalised", "p"))
  for _, law in ipairs(words.laws) do
    local a = alternatives[law[1]]
    print(("%-16s %12s  %10s  %8s"):format(law[2], column("%.4f", a.R), column("%.3f", a.normalised), column("%.3g", a.p)))
  end
  print ""
end

function M.main(given)
  local opts, files = arguments.parse("setlab degrees", { given, flags = flags })
  if #files == 0 then arguments.fail("setlab degrees", "which file?") end
  if #files > 1 then arguments.fail("setlab degrees", ("one file at a time; '%s' is one too many"):format(files[2])) end
  local values, why = degrees.read(files[1])
  if not values then error(why, 0) end
  local fit = require "lab.degree.power_law"(values, { bootstrap = opts.bootstrap, seed = opts.seed, alternatives = true })
  if opts.json then print(json(fit)) return 0 end
  print(("n        %d"):format(fit.n))
  print(("zeros    %d"):format(fit.zeros))
  if fit.alpha then print_fit(fit, opts.seed) end
  if fit.alternatives then print_alternatives(fit.alternatives) end
  print("verdict  " .. fit.verdict)
  return 0
end

return M
