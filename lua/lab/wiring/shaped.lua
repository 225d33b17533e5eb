-- shaped.lua: wirings with a shape: small world, receptive fields, scale free, correlated inputs.

local manual = require "lab.util.manual"
local options = require "lab.util.options"
local place = require "lab.wiring.place"

local M = { kinds = {} }

local COUNTS = " A layer has exactly cells - floor((1 - density) cells) links."

local function example(code) return ("local wiring = %s\nlocal net <close> = lab.mlp { 500, 100, 100, 2, wiring = wiring, seed = 1 }"):format(code) end

-- A layer of `density` by a maker of the engine, dense where the wiring says so.
local function shaped(wiring, p, maker, more)
  if place.is_dense_output(wiring, p) then return place.dense() end
  return place.counted(p, maker, place.links(p, wiring.density), more)
end

-- ---- small world ----

local small_world_spec = manual.word("lab.small_world", {
  summary = "bipartite small world (BSW): neighbours on a ring, with some links redrawn at random",
  text = "Each unit of the larger side is linked to consecutive units of the other side, around the one opposite to it; then each link is removed with probability beta, and "
    .. "as many are added at random." .. COUNTS,
  options = { density = place.required_density, dense_output = place.dense_output,
    beta = { kind = "number", default = 0.1, min = 0, max = 1, unit = "share of the links", help = "How many links are redrawn. 0: a ring lattice; 1: a random wiring." } },
  returns = place.RETURNS,
  example = example "lab.small_world { density = 0.05, beta = 0.2, dense_output = true }",
})

function M.small_world(given)
  local o = options.check("lab.small_world", small_world_spec, given)
  return { kind = "small_world", density = o.density, beta = o.beta, dense_output = o.dense_output }
end

function M.kinds.small_world(wiring, p) return shaped(wiring, p, "small_world", { beta = wiring.beta }) end

-- ---- receptive fields ----

local side = { kind = "integer", required = true, min = 1, max = 100000, unit = "pixels", help = "Of the image." }

local image_spec = {
  height = side, width = side,
  channels = { kind = "integer", default = 1, min = 1, max = 100000, help = "Values of a pixel; the inputs lie channel by channel, as in lab.data." },
}

local field_spec = manual.word("lab.receptive_field", {
  summary = "bipartite receptive field (BRF): the nearer two units are, the likelier is a link",
  text = "Units lie evenly along a ring, and the probability of a link over the distance c is proportional to (1 + c)^(-(1 - r) / r), r being the randomness." .. COUNTS .. "\n"
    .. "With `image` the inputs lie on the grid of the pixels, all channels of a pixel at one place, and the units evenly along the pixels, row by row; "
    .. "distances are those of the grid. Use it for the first layer.",
  options = { density = place.required_density, dense_output = place.dense_output,
    randomness = { kind = "number", default = 0.25, min = 0, max = 1, help = "r: 0 links the nearest units, 1 any." },
    degrees = { kind = "string", default = "fixed", choices = { "fixed", "random" }, help = "Whether all units have the same number of links from below, or a random number." },
    image = { kind = "table", fields = image_spec, default_is = "none: a ring", help = "The size of the image that the inputs are: { height =, width =, channels = }." },
  },
  returns = place.RETURNS,
  example = "local near = lab.receptive_field { density = 0.05, image = { height = 20, width = 25 } }\n"
    .. "local net <close> = lab.mlp { 500, 100, 100, 2, wiring = { near, lab.receptive_field { density = 0.1 }, lab.dense {} }, seed = 1 }",
})

function M.receptive_field(given)
  local o = options.check("lab.receptive_field", field_spec, given)
  local image = o.image and options.check("lab.receptive_field, option 'image'", image_spec, o.image)
  return { kind = "receptive_field", density = o.density, randomness = o.randomness, degrees = o.degrees, dense_output = o.dense_output,
    image = image and { height = image.height, width = image.width, channels = image.channels } }
end

function M.kinds.receptive_field(wiring, p)
  local image = wiring.image or {}
  if wiring.image and image.height * image.width * image.channels ~= p.n_in then
    place.fail(p, ("an image of %d x %d pixels with %d channels has %d inputs"):format(image.height, image.width, image.channels,
      image.height * image.width * image.channels))
  end
  return shaped(wiring, p, "receptive_field", { randomness = wiring.randomness, any_degree = wiring.degrees == "random",
    height = image.height, width = image.width, channels = image.channels })
end

-- ---- scale free ----

local scale_free_spec = manual.word("lab.scale_free", {
  summary = "bipartite scale free (BSF): units with many links get more",
  text = "Units of both sides are added in random order. Each brings the same number of links, to units of the other side drawn in proportion to their number of "
    .. "links plus one (preferential attachment)." .. COUNTS,
  options = { density = place.required_density, dense_output = place.dense_output },
  returns = place.RETURNS,
  example = example "lab.scale_free { density = 0.05, dense_output = true }",
})

function M.scale_free(given)
  local o = options.check("lab.scale_free", scale_free_spec, given)
  return { kind = "scale_free", density = o.density, dense_output = o.dense_output }
end

function M.kinds.scale_free(wiring, p) return shaped(wiring, p, "scale_free") end

-- ---- correlated inputs ----

local correlated_spec = manual.word("lab.correlated", {
  summary = "correlated sparse topological initialisation (CSTI): correlated features are linked",
  text = "Links go to the cells whose two features have the largest absolute correlation over the samples. Unit u of a level stands for feature u modulo the number of "
    .. "features, so the number of units on each side of the layer must be a multiple of the number of features." .. COUNTS,
  options = { density = place.required_density, dense_output = place.dense_output,
    data = { kind = "any", required = true, takes = "a split, such as data.train", help = "The samples over which features are correlated." },
    samples = { kind = "integer", default = 5000, min = 2, max = 2147483647, help = "How many samples are used: the first ones of the split." },
  },
  returns = place.RETURNS,
  example = "local data = lab.data.madelon { train = 500, test = 100 }\nlocal csti = lab.correlated { data = data.train, density = 0.01, dense_output = true }\n"
    .. "local net <close> = lab.mlp { 500, 500, 500, 2, wiring = csti, seed = 1 }",
})

function M.correlated(given)
  local o = options.check("lab.correlated", correlated_spec, given)
  if type(o.data) ~= "userdata" or (debug.getmetatable(o.data) or {}).__name ~= "lab.data" then
    options.fail "lab.correlated: option 'data' takes a split of a data set, such as data.train"
  end
  return { kind = "correlated", density = o.density, data = o.data, samples = o.samples, dense_output = o.dense_output }
end

function M.kinds.correlated(wiring, p)
  if place.is_dense_output(wiring, p) then return place.dense() end
  local _, features = wiring.data:shape()
  if p.n_in % features ~= 0 or p.n_out % features ~= 0 then
    place.fail(p, ("both sides must be multiples of the data's %d features"):format(features))
  end
  return shaped(wiring, p, "correlated", { data = wiring.data, samples = wiring.samples })
end

return M
