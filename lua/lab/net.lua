-- net.lua: what a net can do once lab.mlp has made it: train, measure, be looked into.

local asking = require "lab.net_ask"
local epochs = require "lab.epochs"
local options = require "lab.options"
local progress = require "lab.progress"
local saved_net = require "lab.saved_net"
local views = require "lab.views"

local Net = {}
Net.__index = Net
Net.__name = "lab.mlp"

local function check_colon(net, word)
  if getmetatable(net) ~= Net then options.fail(("write net:%s(...), with a colon"):format(word)) end
end

-- Calls a method of the engine's net on behalf of the script's net:word(...).
local function ask(net, word, method, ...)
  check_colon(net, word)
  return asking.ask(net, word, method, ...)
end

function Net:__close() self.core:close() end
Net.close = Net.__close

-- Writes the net to a file that NumPy and SciPy open and lab.load reads; under a temporary name first,
-- so that what has that name is whole, whatever happens. Raises if it cannot.
function Net:save(path) saved_net.save(self, path) end

-- for epoch in net:epochs(view, { epochs =, batch =, lr =, momentum =, nesterov =,
--   weight_decay =, decay =, evolve =, augment =, checkpoint = { run =, every = | minutes =, keep = } }) do ... end
-- epoch.n; .loss and .accuracy over the epoch as trained, with dropout; .lr; .seconds of
-- training, without .evolve_seconds; .total_seconds of both since epoch 1; .replaced links on
-- entering it, or within it; .samples; .phases, where the seconds went: { batch =, loss =,
-- forward = by layer, backward = by layer }. With `checkpoint` the net and its run are saved every so many
-- epochs or minutes, and a run that was stopped goes on from there (checkpoint.lua). What else the
-- body must know of earlier epochs has its place in run.state, which this call restores.
-- Raises "diverged: ..." when the loss is no longer finite. Epochs count from 1 in every call:
-- a second call on the same net sees the same orders of samples again.
function Net:epochs(view, given)
  check_colon(self, "epochs")
  return epochs(self, view, given)
end

-- ---- measuring ----

-- Without dropout, over all samples: { loss = mean, accuracy = share of hits, seconds = }. Raises if
-- the split is not like one that the net was trained on: other features or classes by their names,
-- other scaling or standardisation.
function Net:evaluate(view)
  check_colon(self, "evaluate")
  views.check(self, "evaluate", view)
  local loss, accuracy, seconds = ask(self, "evaluate", "evaluate", view)
  progress.update { accuracy = accuracy }
  return { loss = loss, accuracy = accuracy, seconds = seconds }
end

function Net:accuracy(view) return self:evaluate(view).accuracy end

-- The output units' values for sample i of the view: shares that add up to 1 under softmax.
function Net:predict(view, i)
  check_colon(self, "predict")
  views.check(self, "predict", view)
  return ask(self, "predict", "predict", view, i)
end

function Net:layers() return ask(self, "layers", "layers") end             -- layers of links
function Net:links(layer) return ask(self, "links", "links", layer) end    -- of one layer, or of all
function Net:is_sparse(layer) return ask(self, "is_sparse", "is_sparse", layer) end
function Net:units(level) return ask(self, "units", "units", level) end    -- level 0: inputs

-- Array of every layer's links.
function Net:links_per_layer()
  local links = {}
  for l = 1, self:layers() do links[l] = self:links(l) end
  return links
end

-- Links of each unit: "in" those arriving at the units above the layer, "out" those leaving
-- the units below.
function Net:degrees(layer, side) return ask(self, "degrees", "degrees", layer, side) end

-- Strength of each input unit: the sum of |w| over its links, as an array. A feature that tells
-- something of the class earns many links of some weight, so lab.select_features can rank by it.
-- Of another layer, given its number: of the units below that layer.
function Net:input_strength(layer) return ask(self, "input_strength", "strength", layer or 1) end

-- Links that each input unit would keep if SET pruned now: the record from which the maps and
-- the animation of the input connectivity are made. Changes nothing.
function Net:surviving_inputs(given)
  local o = options.check("net:surviving_inputs", { zeta = { kind = "number", default = 0.3, min = 0, max = 1 } }, given)
  return ask(self, "surviving_inputs", "surviving", 1, "set", o.zeta)
end

-- ---- for methods of one's own ----

function Net:weights(layer) return ask(self, "weights", "weights", layer) end      -- array
function Net:biases(layer) return ask(self, "biases", "biases", layer) end         -- array
-- { t_left =, a_left =, t_right =, a_right = } of SReLU, an array each; nil where an activation has no parameters.
function Net:activation_parameters(layer) return ask(self, "activation_parameters", "activation_parameters", layer) end
function Net:links_of(layer) return ask(self, "links_of", "links_of", layer) end   -- from, to: arrays of units

-- Gives up the links k of a sparse layer for which keep[k] is false, in the order of weights
-- and links_of, and grows as many at random, from a stream of the net's for this layer and
-- epoch. Returns how many.
function Net:rewire(layer, keep, epoch)
  return ask(self, "rewire", "rewire", layer, keep, epoch, "random", self.init)
end

return Net
