-- net.lua: what a net can do once lab.mlp has made it: train, measure, be looked into.
--
-- The loop belongs to the script, the epoch to the engine: a generic `for` over net:epochs
-- does one epoch a turn, and what a script wants to measure, log or stop stands in its body.
-- Whatever the engine refuses is told at the script's line.

local augmenting = require "lab.augmenting"
local checkpoint = require "lab.checkpoint"
local evolve = require "lab.evolve"
local memory_check = require "lab.memory_check"
local options = require "lab.options"
local plan = require "lab.c.plan"
local progress = require "lab.progress"
local saved_net = require "lab.saved_net"
local schedule = require "lab.schedule"

local Net = {}
Net.__index = Net
Net.__name = "lab.mlp"

-- ---- asking the engine ----

-- The engine's message, made fit for the script: net is argument 0 of a method.
local function explain(word, message)
  local number, what = message:match("^bad argument #(%d+) to '.-' %((.*)%)$")
  if number then message = ("argument %d: %s"):format(number - 1, what) end
  options.fail(("net:%s: %s"):format(word, message))
end

local function answer(word, ok, ...)
  if ok then return ... end
  local message = ...
  if type(message) ~= "string" or message == "interrupted!" then error(message, 0) end
  explain(word, message)
end

local function check_colon(net, word)
  if getmetatable(net) ~= Net then options.fail(("write net:%s(...), with a colon"):format(word)) end
end

-- Calls a method of the engine's net on behalf of the script's net:word(...).
local function ask(net, word, method, ...)
  check_colon(net, word)
  return answer(word, pcall(net.core[method], net.core, ...))
end

function Net:__close() self.core:close() end
Net.close = Net.__close
Net.save = saved_net.save

-- ---- training ----

local epochs_spec = {
  epochs = { kind = "integer", required = true, min = 1 },
  batch = { kind = "integer", required = true, min = 1, max = 1000000 },
  lr = { kind = "number|table|function", required = true, min = 0 },
  momentum = { kind = "number", default = 0, min = 0, below = 1 },
  nesterov = { kind = "boolean", default = false },
  weight_decay = { kind = "number", default = 0, min = 0 },
  decay = { kind = "string", default = "step", choices = { "step", "coupled", "decoupled" } },
  evolve = { kind = "table|function" },
  augment = { kind = "table|function" },
  checkpoint = { kind = "table" },
}

-- How many samples an epoch over the view will train on.
local function samples_of(view, batch)
  if type(view) ~= "userdata" or not (getmetatable(view) or {}).__len then
    options.fail(("net:epochs: the first argument must be a split of a data set, such as data.train, not %s"):format(type(view)))
  end
  local ok, n = pcall(function() return #view end)
  if not ok then options.fail("net:epochs: " .. n:gsub("^[^:]*:%d+: ", "")) end
  return n < batch and n or n // batch * batch
end

-- Raises if the memory that training takes beside the net cannot be had.
local function check_memory(net, view, o)
  local use = { batch = o.batch, samples = #view }
  use.zeta, use.evolved = evolve.extent(o.evolve, net, o.epochs)
  memory_check.training("net:epochs", net, use, answer("epochs", pcall(plan.more, net.core, use)))
end

local function rate_of(lr, n, epochs)
  local rate = schedule.at(lr, n, epochs, "net:epochs: option 'lr'")
  if rate < 0 then options.fail(("net:epochs: option 'lr' gave %g in epoch %d: it must be at least 0"):format(rate, n)) end
  return rate
end

local function diverged(epoch, rate)
  options.fail(("diverged: the loss is no longer finite in epoch %d (learning rate %g)"):format(epoch, rate))
end

-- Trains one slice of an epoch and adds what came of it to the epoch's result.
local function train_slice(net, view, o, slice, result, tick)
  local loss, accuracy, seconds, samples, is_diverged = ask(net, "epochs", "train", view, tick, {
    batch = o.batch, rate = result.lr, momentum = o.momentum, nesterov = o.nesterov,
    weight_decay = o.weight_decay, decay = o.decay, epoch = result.n, first_step = slice.first, steps = slice.steps,
    augment = slice.augment,
  })
  if is_diverged then diverged(result.n, result.lr) end
  local before, all = result.samples, result.samples + samples
  result.loss = (result.loss * before + loss * samples) / all
  result.accuracy = (result.accuracy * before + accuracy * samples) / all
  result.seconds, result.samples = result.seconds + seconds, all
end

-- Entering epoch n: evolution, then the epoch itself; or slices of it with evolutions between.
local function train_epoch(net, view, o, n)
  local result = { n = n, lr = rate_of(o.lr, n, o.epochs), replaced = 0, evolve_seconds = 0,
    loss = 0, accuracy = 0, seconds = 0, samples = 0 }
  local links = ask(net, "epochs", "links")
  net.core:clear_phases()
  local function tick(share, loss) progress.update { epoch = n, fraction = share, loss = loss, links = links } end
  local augment = augmenting.prepare(o.augment, n, #view)
  for _, slice in ipairs(evolve.slices(o.evolve, n, math.max(1, #view // o.batch))) do
    slice.augment = augment
    if slice.evolution then
      local replaced, seconds = evolve.apply(o.evolve, net, slice.evolution, n, o.epochs)
      result.replaced, result.evolve_seconds = result.replaced + replaced, result.evolve_seconds + seconds
    end
    train_slice(net, view, o, slice, result, tick)
  end
  result.phases = net.core:phases()
  progress.update { epoch = n, fraction = 1, loss = result.loss, accuracy = result.accuracy, links = links,
    samples_per_second = result.samples / result.seconds }
  return result
end

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
  local o = options.check("net:epochs", epochs_spec, given)
  local samples = samples_of(view, o.batch)
  o.augment = augmenting.check(o.augment, view)
  check_memory(self, view, o)
  progress.expect { epochs = o.epochs, samples_per_epoch = samples }
  local saver = checkpoint.begin(self, o.checkpoint)
  local n, total = saver.epoch, saver.seconds
  return function()
    saver:turn(self, n, total)
    if n >= o.epochs then return nil end
    n = n + 1
    local result = train_epoch(self, view, o, n)
    total = total + result.seconds + result.evolve_seconds
    self.epoch, result.total_seconds = (self.epoch or 0) + 1, total
    return result
  end
end

-- ---- measuring ----

-- Without dropout, over all samples: { loss = mean, accuracy = share of hits, seconds = }.
function Net:evaluate(view)
  local loss, accuracy, seconds = ask(self, "evaluate", "evaluate", view)
  progress.update { accuracy = accuracy }
  return { loss = loss, accuracy = accuracy, seconds = seconds }
end

function Net:accuracy(view) return self:evaluate(view).accuracy end

-- The output units' values for sample i of the view: shares that add up to 1 under softmax.
function Net:predict(view, i) return ask(self, "predict", "predict", view, i) end

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
