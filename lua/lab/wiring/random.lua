-- random.lua: wirings whose links lie anywhere: Erdos-Renyi, uniform, constant fan-in; and dense.

local engine = require "lab.c.net"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local place = require "lab.wiring.place"

local M = { kinds = {} }

-- ---- Erdos-Renyi ----

local erdos_renyi_spec = manual.word("lab.erdos_renyi", {
  summary = "a random wiring: every pair of units of a layer is linked with the same probability",
  text = "With `epsilon` a layer of n_in inputs and n_out units has the density epsilon (n_in + n_out) / (n_in n_out) (Mocanu et al. 2018), and links are drawn independently. "
    .. "A layer for which this is 1 or more is dense.\n"
    .. "With `density` all layers that the wiring is given for have this density taken together: with one factor e for all, each has the density e ((n_in + n_out) / (n_in n_out))^power, and layers for which this is above 1 are dense "
    .. "(ER, which is the same as ERK for these nets). Each layer has exactly cells - floor((1 - density) cells) links.\n"
    .. "A wiring of your own is a function(n_in, n_out) that returns two arrays: the source and the target unit of each link, counted from 1.",
  options = {
    epsilon = { kind = "number", above = 0, help = "Sets the number of links: a layer has about epsilon times the sum of its inputs and units. This or `density` has to be given." },
    density = { kind = "number", above = 0, max = 1, unit = "share of the cells", help = "How many of the cells of all these layers are links." },
    power = { kind = "number", min = 0, default_is = "1", help = "With density: how much denser small layers are; 0: all layers alike." },
    exact = { kind = "boolean", default_is = "true with density, false with epsilon", help = "Whether a layer has exactly this number of links, or each cell is linked by chance." },
    dense_output = { kind = "boolean", default_is = "false", help = "Whether the net's last layer is dense instead; it does not count for the density." },
  },
  returns = place.RETURNS,
  example = "local wiring = lab.erdos_renyi { epsilon = 20 }\nlocal net <close> = lab.mlp { 500, 100, 100, 2, wiring = wiring, seed = 1 }",
})

function M.erdos_renyi(given)
  local o = options.check("lab.erdos_renyi", erdos_renyi_spec, given)
  if not o.epsilon == not o.density then
    options.fail("lab.erdos_renyi: option 'epsilon' or 'density' must be given" .. (o.epsilon and ", not both" or ""))
  end
  if o.epsilon and o.power then options.fail "lab.erdos_renyi: option 'power' goes with 'density', not with 'epsilon'" end
  local exact = o.exact
  if exact == (o.density ~= nil) then exact = nil end   -- the default is not part of the value
  return { kind = "erdos_renyi", epsilon = o.epsilon, density = o.density, power = o.power, exact = exact, dense_output = o.dense_output or nil }
end

-- The density of each place that one wiring with `density` is for, which it sets.
local function share_density(wiring, places)
  local n_in, n_out, counted = {}, {}, {}
  for _, p in ipairs(places) do
    if not place.is_dense_output(wiring, p) then
      counted[#counted + 1], n_in[#n_in + 1], n_out[#n_out + 1] = p, p.n_in, p.n_out
    end
  end
  local densities = engine.densities(n_in, n_out, wiring.density, wiring.power or 1)
  for i, p in ipairs(counted) do p.density = densities[i] end
end

M.together = { erdos_renyi = function(wiring, places) if wiring.density then share_density(wiring, places) end end }

function M.kinds.erdos_renyi(wiring, p, note)
  if place.is_dense_output(wiring, p) then return place.dense() end
  local density, exact = p.density or engine.density(wiring.epsilon, p.n_in, p.n_out), wiring.exact
  if exact == nil then exact = wiring.density ~= nil end
  if density >= 1 then
    note(("the layer of %d to %d units has every link: it is too small to be sparse at %s"):format(p.n_in, p.n_out,
      wiring.epsilon and ("epsilon %g"):format(wiring.epsilon) or ("an overall density of %g"):format(wiring.density)))
    return place.dense()
  end
  if exact then return place.counted(p, "random", place.links(p, density)) end
  return { kind = "sparse", wiring = "erdos_renyi", density = density }
end

-- ---- uniform ----

local uniform_spec = manual.word("lab.uniform", {
  summary = "a random wiring with the same density in every layer",
  text = "A layer has exactly cells - floor((1 - density) cells) links, and all sets of that many links are equally likely.",
  options = { density = place.required_density, dense_output = place.dense_output,
    exact = { kind = "boolean", default = true, help = "Whether a layer has exactly this number of links, or each cell is linked by chance." } },
  returns = place.RETURNS,
  example = "local wiring = lab.uniform { density = 0.05, dense_output = true }\nlocal net <close> = lab.mlp { 500, 100, 100, 2, wiring = wiring, seed = 1 }",
})

function M.uniform(given)
  local o = options.check("lab.uniform", uniform_spec, given)
  return { kind = "uniform", density = o.density, exact = o.exact, dense_output = o.dense_output }
end

function M.kinds.uniform(wiring, p)
  if place.is_dense_output(wiring, p) or wiring.density >= 1 then return place.dense() end
  if wiring.exact then return place.counted(p, "random", place.links(p, wiring.density)) end
  return { kind = "sparse", wiring = "erdos_renyi", density = wiring.density }
end

-- ---- fan-in ----

local fan_in_spec = manual.word("lab.fan_in", {
  summary = "constant fan-in: every unit has the same number of links from below, drawn at random",
  options = {
    links = { kind = "integer", min = 1, unit = "links", help = "How many links arrive at each unit. This or `density` has to be given." },
    density = { kind = "number", above = 0, max = 1, unit = "share of the inputs", help = "How many of a layer's inputs each unit is linked to; rounded up to a whole number." },
    dense_output = place.dense_output,
  },
  returns = place.RETURNS,
  example = "local wiring = lab.fan_in { links = 20 }\nlocal net <close> = lab.mlp { 500, 100, 100, 2, wiring = wiring, seed = 1 }",
})

function M.fan_in(given)
  local o = options.check("lab.fan_in", fan_in_spec, given)
  if not o.links == not o.density then
    options.fail("lab.fan_in: option 'links' or 'density' must be given" .. (o.links and ", not both" or ""))
  end
  return { kind = "fan_in", links = o.links, density = o.density, dense_output = o.dense_output }
end

function M.kinds.fan_in(wiring, p)
  if place.is_dense_output(wiring, p) then return place.dense() end
  local links = wiring.links or engine.density_links(p.n_in, 1, wiring.density)
  if links > p.n_in then place.fail(p, ("%d links for each unit are more than there are inputs"):format(links)) end
  return place.counted(p, "fan_in", links * p.n_out)
end

-- ---- dense ----

local dense_spec = manual.word("lab.dense", {
  summary = "a full wiring: every pair of units is linked",
  options = {},
  returns = place.RETURNS,
  example = "local net <close> = lab.mlp { 500, 100, 2, wiring = { lab.erdos_renyi { epsilon = 20 }, lab.dense {} }, seed = 1 }",
})

function M.dense(given)
  options.check("lab.dense", dense_spec, given)
  return { kind = "dense" }
end

M.kinds.dense = place.dense

return M
