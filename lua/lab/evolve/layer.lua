-- layer.lua: a layer as functions of a script see it: whole vectors (lab.vector) of what its links and units have.
--
-- A vector is made when it is first asked for, and is a copy: changing it changes nothing.

local asking = require "lab.net.ask"
local fields = require "lab.util.fields"
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local Layer = {}

local of_links = { weights = true, velocities = true, from = true, to = true, births = true }
local of_probe = { gradients = "gradients", values = "values", loss_gradients = "values" }

local function core(layer, word, method, ...) return asking.ask(rawget(layer, "net"), "layer:" .. word, method, ...) end

local function need(layer, name)
  if not rawget(layer, "probe") then
    options.fail(("layer.%s: the evolution has not looked at a batch; give lab.evolution the option needs = { \"%s\" }"):format(name, of_probe[name] or "values"))
  end
  return rawget(layer, "probe")
end

local function fetch(layer, name)
  if of_links[name] then return core(layer, name, "vector", layer.number, name) end
  if of_probe[name] then return core(layer, name, "probed", need(layer, name), layer.number, name) end
end

local methods = {}

function methods.degrees(layer, side)
  if side ~= "in" and side ~= "out" then options.fail "layer:degrees takes \"in\" (links that arrive at the units above) or \"out\" (links that leave those below)" end
  return core(layer, "degrees", "vector", layer.number, side .. "_degrees")
end

function methods.missing(layer, unit) return core(layer, "missing", "missing", layer.number, rawget(layer, "keep"), unit) end

function methods.gradients_of(layer, from, to) return core(layer, "gradients_of", "gradients_of", need(layer, "gradients_of"), layer.number, from, to) end

-- How often the layer has drawn in this evolution: each call draws anew.
local function draws(layer)
  local n = rawget(layer, "drawn") or 0
  rawset(layer, "drawn", n + 1)
  return n
end

function methods.free_places(layer, from)
  if not rawget(layer, "evolution") then options.fail "layer:free_places draws from an evolution's random stream: it only works in functions for 'prune' and 'grow'" end
  return core(layer, "free_places", "free_places", layer.number, rawget(layer, "keep"), from, layer.evolution, draws(layer))
end

function methods.draw_cells(layer, count, below, above)
  if not rawget(layer, "evolution") then options.fail "layer:draw_cells draws from an evolution's random stream: it only works in functions for 'prune' and 'grow'" end
  return core(layer, "draw_cells", "draw_cells", layer.number, rawget(layer, "keep"), below, above, count, layer.evolution, draws(layer))
end

local known = { "number", "n_in", "n_out", "links", "epoch", "evolution", "batch", "weights", "velocities", "gradients", "from", "to", "births", "values", "loss_gradients" }
local missing = fields.index("a layer", methods, known, { "epoch", "batch", "keep" })

Layer.__plain = true
function Layer.__index(layer, name)
  if methods[name] then return methods[name] end
  local value = fetch(layer, name)
  if value == nil then return missing(layer, name) end
  rawset(layer, name, value)
  return value
end

manual.object("layer", {
  summary = "a sparse layer as functions for `prune` and `grow` of lab.evolution see it, and net:layer returns it",
  text = "Vectors of links are in the order of net:links_of: by input unit, then by output unit. Those of a probe belong to the batches that the evolution has looked at.",
  fields = {
    number = "The layer, counted from 1.",
    n_in = "Units that the layer reads: those below and, with skip links, the inputs behind them.", n_out = "Units above.", links = "Links.",
    epoch = "The epoch that begins, or in which the evolution is.",
    evolution = "The number of the evolution.",
    batch = "Samples that the probe has looked at, or nil.",
    weights = "Vector, one for each link.", velocities = "Vector, one for each link.",
    from = "Vector of whole numbers: the units below that the links come from, from 1.", to = "Vector of whole numbers: the units above that they go to, from 1.",
    keep = "In a function for `grow` a vector of booleans: which links stay; elsewhere nil.",
    births = "Vector of whole numbers: the evolution in which each link was born, 0 for the first wiring; needs lab.mlp { history = true }.",
    gradients = "Vector, dL/dw of each link, a mean over the probe's samples; needs = { \"gradients\" }.",
    values = "Vector, n_in times batch: the values of the units below, unit by unit, its samples in order; needs = { \"values\" }.",
    loss_gradients = "Vector, n_out times batch: the loss gradients of the sums of the units above, unit by unit as in `values`.",
  },
  methods = {
    degrees = { summary = "the number of links of each unit on one side", arguments = { { "side", "\"in\" or \"out\"", "\"in\": links that arrive at the units above; \"out\": links that leave those below." } },
      text = "In a function for `grow` the links that were just dropped still count; those that stay are layer.to:pick(layer.keep):bincount(layer.n_out) above and layer.from:pick(layer.keep):bincount(layer.n_in) below.",
      returns = "a vector of whole numbers." },
    missing = { summary = "the cells without a link that stays", text = "In a function for `grow`, this includes the cells of links that were just dropped. Without a unit all missing cells of the layer are listed: mind the memory.",
      arguments = { { "unit", "whole number", "An input unit; without it all.", optional = true } }, returns = "two vectors of whole numbers: from, to." },
    gradients_of = { summary = "the gradients dL/dw of any cells, linked or not, a mean over the probe's samples",
      arguments = { { "from", "vector of whole numbers", "Units below, from 1." }, { "to", "vector of whole numbers", "Units above, from 1." } }, returns = "a vector." },
    draw_cells = { summary = "cells without a link that stays, drawn by weights of their units; none is drawn twice",
      text = "One after the other, each in proportion to the product of its two units' weights among the cells that are left. Drawn from the evolution's random stream, so runs of one seed draw alike.",
      arguments = { { "count", "whole number", "How many." }, { "below", "vector of floats", "A weight of at least 0 for each unit below." },
        { "above", "vector of floats", "The same for the units above; without it all are alike.", optional = true } },
      returns = "two vectors of whole numbers: from, to.", raises = "Fewer cells than that have a weight above 0." },
    free_places = { summary = "for each unit of a vector, a random cell without a link that stays; no cell is drawn twice",
      text = "Drawn from the evolution's random stream.", arguments = { { "from", "vector of whole numbers", "Units below, from 1; a unit may come several times." } }, returns = "a vector of whole numbers: units above.",
      raises = "A unit occurs more often than it has such cells." },
  },
  example = [[
-- Who has many links gets more: cells are drawn by the links of the units below and above.
local function rich(layer, count)
  local below = layer.from:pick(layer.keep):bincount(layer.n_in)
  local above = layer.to:pick(layer.keep):bincount(layer.n_out)
  return layer:draw_cells(count, below + 1.0, above + 1.0)
end

local evolve = lab.evolution { prune = function(layer) return layer.weights:abs() end, grow = rich, share = 0.3 }]],
})

-- facts: { number, epoch, evolution, batch }; probe and keep (a vector of booleans) as they are there.
return function(net, facts, probe, keep)
  local l = facts.number
  return setmetatable({ net = net, number = l, n_in = net:reads(l), n_out = net:units(l), links = net:links(l), epoch = facts.epoch,
    evolution = facts.evolution, batch = facts.batch, probe = probe or nil, keep = keep }, Layer)
end
