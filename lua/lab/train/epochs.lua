-- epochs.lua: for epoch in net:epochs(view, { ... }): the loop belongs to the script, the epoch to
-- the engine; what a script wants to measure, log or stop stands in the loop's body.

local asking = require "lab.net.ask"
local attempt = require "lab.util.attempt".call
local augmenting = require "lab.train.augmenting"
local checkpoint = require "lab.run.checkpoint"
local describe = require "lab.evolve.describe"
local evolve = require "lab.evolve.apply"
local fields = require "lab.util.fields"
local memory_check = require "lab.net.memory_check"
local options = require "lab.util.options"
local parallel = require "lab.train.parallel"
local plan = require "lab.c.plan"
local progress = require "lab.util.progress"
local schedule = require "lab.net.schedule"
local stop = require "lab.util.stop"
local store = require "lab.run.store"
local trial = require "lab.run.trial"
local views = require "lab.data.views"
local when = require "lab.evolve.when"

local spec = {
  epochs = { kind = "integer", required = true, min = 1, help = "How many epochs to train." },
  batch = { kind = "integer", required = true, min = 1, max = 1000000, unit = "samples", help = "The size of a batch; samples that do not fill the last one are left out of the epoch." },
  lr = { kind = "number|table|function", required = true, min = 0, takes = "number, lab.schedule value or function(epoch, epochs)", help = "The learning rate." },
  layer_rates = { kind = "table", takes = "array of numbers", help = "Factors of the learning rate, one for each layer from the inputs on; 0: the layer learns nothing." },
  momentum = { kind = "number", min = 0, below = 1, default_is = "0, or 0.9 with adamw and lion",
    help = "The share of a weight's velocity that stays from step to step; the first of the two betas of adamw and lion." },
  second_momentum = { kind = "number", above = 0, below = 1, default_is = "0.999 with adamw, 0.99 with lion",
    help = "The second beta of adamw, for the mean of squared gradients, or of lion, for the mean that is kept." },
  lasso = { kind = "number", min = 0, max = 1e6, default_is = "2e-5 with beta_lasso", help = "lambda of beta_lasso: the gradient of each link gets lambda * sign(w) more." },
  lasso_cut = { kind = "number", min = 0, max = 1e6, default_is = "50 with beta_lasso", help = "beta of beta_lasso: after a step, weights of links at most beta * lambda from 0 become 0." },
  radius = { kind = "number", min = 0, max = 1e6, default_is = "0.05 with s2sam", help = "rho of s2sam: how far from the weights, over all links together, a gradient is taken." },
  nesterov = { kind = "boolean", default = false, help = "Whether momentum is Nesterov's." },
  weight_decay = { kind = "number", default = 0, min = 0, help = "How strongly weights are pulled towards 0; `decay` says how." },
  decay = { kind = "string", default = "step", choices = { "step", "coupled", "decoupled" },
    help = "How weight_decay acts on a weight w: step takes weight_decay * w off after every step, coupled adds it to the gradient (L2), decoupled takes lr * weight_decay * w off; biases decay like weights." },
  clip_norm = { kind = "number", default = 0, min = 0, max = 1e6,
    help = "The largest norm of a step's gradient, the mean over its batch, over all links and units together: a longer one is scaled down to it, before weight decay (Pascanu et al. 2013); 0: any. Not with `parallel` over several ranks." },
  label_smoothing = { kind = "number", default = 0, min = 0, below = 1,
    help = "s: the target of a sample's own class is 1 - s + s / classes, of every other class s / classes (Szegedy et al. 2016); evaluation uses none." },
  mixup = { kind = "number", default = 0, min = 0, max = 100,
    help = "a: samples are mixed in pairs, x = l x + (1 - l) x', their targets alike, with l drawn from Beta(a, a) for each batch (Zhang et al. 2018); 0: none." },
  cutmix = { kind = "number", default = 0, min = 0, max = 100,
    help = "a: the same with a rectangle of the image, which the two of a pair exchange, of the area 1 - l (Yun et al. 2019). With mixup, each batch takes one of the two." },
  average = { kind = "integer", default = 0, min = 0, unit = "epochs",
    help = "k: after the last epoch the weights are the mean of those after each of the last k (Izmailov et al. 2018); the loop's body sees that mean in its last turn. It needs links that stay: a change of the wiring begins the mean anew." },
  evolve = { kind = "table|function", takes = "lab.set { ... }, another method, lab.evolution { ... } or function(net, epoch)",
    help = "How the wiring changes while the net trains; a function is called before every epoch but the first, changes the wiring itself, with net:rewire, and returns how many links it replaced." },
  augment = { kind = "table|function", takes = "lab.augment { ... } or function(epoch, n)", help = "How images are changed in training; needs a data set of images." },
  checkpoint = { kind = "table", help = "How often the net and its run are saved, so that a stopped run goes on from there.", fields = checkpoint.options },
}
for name, option in pairs(parallel.options) do spec[name] = option end

local AUGMENT <const> = "net:epochs: option 'augment'"

-- The number of samples of a split that is not closed.
local function size_of(view)
  if type(view) ~= "userdata" or not (getmetatable(view) or {}).__len then
    options.fail(("net:epochs: the first argument must be a split of a data set, such as data.train, not %s"):format(type(view)))
  end
  local ok, n = attempt(function() return #view end)
  if not ok then options.fail("net:epochs: " .. n:gsub("^[^:]*:%d+: ", "")) end
  return n
end

-- How many samples an epoch over the view will train on.
local function samples_of(view, batch)
  local n = size_of(view)
  return n < batch and n or n // batch * batch
end

-- Raises if the memory that training takes beside the net cannot be had.
local function check_memory(net, view, o, batch)
  local use = { batch = batch, samples = #view }
  use.history, use.averages = net.options.history, o.average > 0
  use.evolution, use.evolved, use.probed, use.evolutions = evolve.extent(o.evolve, net, o, math.max(1, #view // o.batch))
  memory_check.training("net:epochs", net, use, asking.answer("epochs", attempt(plan.more, net.core, use)))
end

local function rate_of(lr, n, epochs)
  local rate = schedule.at(lr, n, epochs, "net:epochs: option 'lr'")
  if rate < 0 then options.fail(("net:epochs: option 'lr' gave %g in epoch %d: it must be at least 0"):format(rate, n)) end
  if rate > options.single then options.fail(("net:epochs: option 'lr' gave %g in epoch %d: it must be at most %g"):format(rate, n, options.single)) end
  return rate
end

local function diverged(epoch, rate)
  options.fail(("diverged: the loss is no longer finite in epoch %d (learning rate %g)"):format(epoch, rate))
end

-- Trains one slice of an epoch and adds what came of it to the epoch's result. `way` is parallel.lua's.
-- The net's clipping for the steps that come, and what it cannot do in steps of such batches: the wiring may have grown since the last ones.
local function prepare_steps(net, o, batch)
  local unclipped = asking.ask(net, "epochs", "clip", o.clip_norm, batch)
  if unclipped then options.fail("net:epochs: option 'clip_norm': " .. unclipped) end
  local unable = asking.ask(net, "epochs", "norm_trouble", batch)
  if unable then options.fail("net:epochs: batch normalisation: " .. unable) end
end

local function train_slice(net, view, o, way, slice, result, tick)
  prepare_steps(net, o, math.min(way.batch, size_of(view)))
  local loss, accuracy, seconds, samples, is_diverged, clipped = asking.ask(net, "epochs", "train", view, tick, {
    batch = way.batch, rate = result.lr, layer_rates = o.layer_rates, momentum = o.momentum * (slice.correction or 1), second_momentum = o.second_momentum, lasso = o.lasso, lasso_cut = o.lasso_cut, radius = o.radius, nesterov = o.nesterov,
    weight_decay = o.weight_decay, decay = o.decay, epoch = result.n, first_step = slice.first, steps = slice.steps,
    augment = slice.augment, together = way.together, asynchronous = way.asynchronous, part = way.part, parts = way.parts,
  })
  if is_diverged then diverged(result.n, result.lr) end
  local before, all = result.samples, result.samples + samples
  result.loss = (result.loss * before + loss * samples) / all
  result.accuracy = (result.accuracy * before + accuracy * samples) / all
  result.seconds, result.samples = result.seconds + seconds, all
  if result.clipped then result.clipped = result.clipped + clipped * way.batch end   -- samples; a share, in the end
end

-- The evolution that goes before a slice. The batch that it looks at may not be trained on (RigL).
local function evolve_before(net, view, o, way, slice, result)
  local replaced, seconds = evolve.apply(o.evolve, net, { moment = slice.moment, view = view, batch = way.batch, first_step = slice.first,
    augment = slice.augment, diverged = function() diverged(result.n, result.lr) end })
  result.replaced, result.evolve_seconds = result.replaced + replaced, result.evolve_seconds + seconds
  if type(o.evolve) == "table" and o.evolve.skip_step and way.samples >= 2 * way.batch then slice.first, slice.steps = slice.first + 1, slice.steps - 1 end
end

local epoch_meta = fields.record("an epoch", { "n", "lr", "replaced", "evolve_seconds", "loss", "seconds", "samples",
  "phases", "total_seconds" }, { "accuracy", "clipped" })

-- The first step of the slice by itself, with the momentum corrected for a learning rate that has changed.
local function train_first_step(net, view, o, way, slice, result, tick)
  train_slice(net, view, o, way, { first = slice.first, steps = 1, augment = slice.augment, correction = way.correction }, result, tick)
  slice.first, slice.steps, way.correction = slice.first + 1, slice.steps - 1, 1
end

-- Entering epoch n: evolution, then the epoch itself; or slices of it with evolutions between.
local function train_epoch(net, view, o, way, n)
  asking.ask(net, "epochs", "divide", way.least or 0)
  asking.ask(net, "epochs", "mix_samples", o.mixup, o.cutmix)
  asking.ask(net, "epochs", "smooth_labels", o.label_smoothing)   -- of the steps, and of what evolutions probe before them
  local result = { n = n, lr = rate_of(o.lr, n, o.epochs) * way.growth, replaced = 0, evolve_seconds = 0,
    loss = 0, accuracy = 0, seconds = 0, samples = 0, clipped = o.clip_norm > 0 and 0 or nil }
  local links = asking.ask(net, "epochs", "links")
  asking.ask(net, "epochs", "clear_phases")
  local function tick(share, loss) progress.update { epoch = n, fraction = share, loss = loss, links = links } end
  local augment = augmenting.prepare(AUGMENT, o.augment, n, size_of(view))
  for _, slice in ipairs(when.slices(o.evolve, n, math.max(1, way.samples // way.batch), o.epochs)) do
    slice.augment = augment
    if slice.moment then evolve_before(net, view, o, way, slice, result) end
    if slice.steps > 0 and way.correction ~= 1 then train_first_step(net, view, o, way, slice, result, tick) end
    if slice.steps > 0 then train_slice(net, view, o, way, slice, result, tick) end
  end
  if view:targets() then result.accuracy = nil end
  if result.clipped then result.clipped = result.clipped / result.samples end
  result.phases = asking.ask(net, "epochs", "phases")
  progress.update { epoch = n, fraction = 1, loss = result.loss, accuracy = result.accuracy, links = links,
    samples_per_second = result.samples / result.seconds }
  return result
end

-- After epoch n: adds to the mean of weights, or makes it the net's.
local function average(net, o, n)
  local first = o.epochs - o.average + 1
  if o.average == 0 or n < first then return end
  if n == first then asking.ask(net, "epochs", "forget_average") end
  local moments = asking.ask(net, "epochs", "average")
  if n < o.epochs then return end
  asking.ask(net, "epochs", "take_average")
  if moments < math.min(o.average, o.epochs) then
    progress.note(("net:epochs: the weights are the mean over %d epochs, not %d: the wiring changed before epoch %d"):format(moments, o.average, o.epochs - moments + 1))
  end
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in pairs(a) do if not same(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end

-- An evolution that never comes is no evolution: a sweep over methods would compare static nets.
local function tell_rare(net, evolution, steps, epochs)
  if type(evolution) ~= "table" then return end
  local sparse = false
  for l = 1, net:layers() - (evolution.output and 0 or 1) do sparse = sparse or net:is_sparse(l) end
  if not sparse then progress.note(("net:epochs: the wiring never changes: no layer that %s works on is sparse"):format(evolution.name or "the evolution")) end
  if not sparse or when.ever(evolution, steps, epochs) then return end
  progress.note(("net:epochs: the wiring never changes: %s %s, and the training has %d steps in %d %s"):format(evolution.name or "the evolution",
    evolution.every_steps and ("comes every %d steps"):format(evolution.every_steps) or ("comes every %d epochs"):format(evolution.every), steps * epochs, epochs, epochs == 1 and "epoch" or "epochs"))
end

-- Each optimiser (lab.mlp) has numbers of its own.
local own_numbers = {
  sgd = {}, adamw = { momentum = 0.9, second_momentum = 0.999 }, lion = { momentum = 0.9, second_momentum = 0.99 },
  beta_lasso = { lasso = 2e-5, lasso_cut = 50 }, s2sam = { radius = 0.05 },
}
local owners = { second_momentum = { "adamw", "lion" }, lasso = { "beta_lasso" }, lasso_cut = { "beta_lasso" }, radius = { "s2sam" } }

local function take_numbers(net, o)
  local name = net.options.optimiser or "sgd"
  local its = own_numbers[name]
  for option, names in pairs(owners) do
    if not its[option] and o[option] then
      options.fail(("net:epochs: option '%s' is for nets of lab.mlp { optimiser = \"%s\" }, and this one learns by %s"):format(option, table.concat(names, "\" } or { optimiser = \""), name))
    end
    o[option] = o[option] or its[option]
  end
  if its.second_momentum and o.nesterov then options.fail(("net:epochs: option 'nesterov' is for sgd, and this net learns by %s"):format(name)) end
  if its.lasso and o.weight_decay > 0 then options.fail "net:epochs: option 'weight_decay' does not go with beta_lasso, which pulls weights by its option 'lasso'" end
  o.momentum = o.momentum or its.momentum or 0
end

local function check_layer_rates(net, o)
  if not o.layer_rates then return end
  local layers = net:layers()
  if #o.layer_rates ~= layers then options.fail(("net:epochs: option 'layer_rates' has %d numbers for %d layers"):format(#o.layer_rates, layers)) end
  for l, rate in ipairs(o.layer_rates) do
    if type(rate) ~= "number" or not (rate >= 0 and rate <= 1e6) then options.fail(("net:epochs: option 'layer_rates', layer %d: %s is no number from 0 to 1e6"):format(l, tostring(rate))) end
  end
end

-- What net:epochs does (train/net.lua).
local function epochs(net, view, given)
  if store.so_far then options.fail "net:epochs: a page of what is there so far trains nothing, and this is outside lab.runs" end
  local o = options.check("net:epochs", spec, given)
  local samples = samples_of(view, o.batch)
  take_numbers(net, o)
  check_layer_rates(net, o)
  o.augment = augmenting.check(AUGMENT, o.augment, view)
  asking.ask(net, "epochs", "clip", o.clip_norm, o.batch)   -- ranks ask whether there is any
  local way = parallel.begin(net, size_of(view), o)
  asking.ask(net, "epochs", "divide", way.least or 0)
  prepare_steps(net, o, math.min(way.batch, size_of(view)))
  if net.options.batch_norm and math.min(o.batch, size_of(view)) < 2 then
    options.fail "net:epochs: batch normalisation needs batches of at least two samples: over one, every unit is constant"
  end
  if o.cutmix > 0 and not view:image_shape() then options.fail("net:epochs: option 'cutmix' needs a data set of images") end
  if view:targets() and (o.mixup > 0 or o.cutmix > 0 or o.label_smoothing > 0) then
    options.fail "net:epochs: options 'mixup', 'cutmix' and 'label_smoothing' are for classes, and these samples have numbers as targets"
  end
  evolve.check(o.evolve)
  tell_rare(net, o.evolve, math.max(1, #view // o.batch), o.epochs)
  check_memory(net, view, o, way.batches * o.batch)
  views.trained(net, view)
  local evolution = describe.plain(o.evolve)
  if not same(evolution, net.evolution) then net.evolving = nil end   -- what another evolution remembers is not this one's
  net.evolution = evolution
  progress.expect { epochs = o.epochs, samples_per_epoch = samples }
  local saver = checkpoint.begin(net, o.checkpoint)
  local n, total = saver.epoch, saver.seconds
  trial.loop(o.epochs, o.checkpoint)
  return function()
    stop.check()  -- the script may have swallowed what was to end it
    local pausing = n < o.epochs and trial.is_due(n > saver.epoch)  -- a sweep decides first whether it goes on
    if way:may_save(n) then saver:turn(net, n, total, pausing or way:must_save(n)) end
    if pausing then trial.pause() end
    if n >= o.epochs then return nil end
    n = n + 1
    local result = way:train(net, n, function() return train_epoch(net, view, o, way:epoch(n), n) end)
    result.seconds, result.evolve_seconds = way:same(result.seconds, result.evolve_seconds)
    average(net, o, n)
    total = total + result.seconds + result.evolve_seconds
    net.epoch, result.total_seconds = (net.epoch or 0) + 1, total
    return setmetatable(result, epoch_meta)
  end, nil, nil, way:closing()
end

return { loop = epochs, options = spec }
