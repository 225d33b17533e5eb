-- mlp.lua: lab.mlp { 784, 1000, 10, ... } makes a net; net:epochs trains it.
--
-- The loop belongs to the script, the epoch to the engine: a generic `for` over net:epochs
-- does one epoch a turn, and what a script wants to measure, log or stop stands in its body.

local engine = require "lab.c.net"
local evolve = require "lab.evolve"
local options = require "lab.options"
local progress = require "lab.progress"
local schedule = require "lab.schedule"
local system = require "lab.c.system"
local wirings = require "lab.wiring"

local Net = {}
Net.__index = Net
Net.__name = "lab.mlp"

local told = {}  -- notes already given: the same wiring is built again for every run
local function note(text)
  if not told[text] then progress.note("lab.mlp: " .. text) end
  told[text] = true
end

local spec = {
  positional = true,
  hidden = { kind = "string", default = "relu", choices = engine.activations },
  slope = { kind = "number" },
  output = { kind = "string", choices = { "softmax", table.unpack(engine.activations) } },
  loss = { kind = "string", default = "cross_entropy", choices = engine.losses },
  dropout = { kind = "number", default = 0, min = 0, below = 1 },
  wiring = { kind = "table|function", required = true },
  init = { kind = "string", default = "he_uniform", choices = engine.inits },
  seed = { kind = "integer", required = true },
  threads = { kind = "integer", min = 1, max = 4096 },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" } },
}

local function check_sizes(o)
  if #o < 2 then options.fail "lab.mlp: give the number of units of each level first, for example { 784, 1000, 10, ... }" end
  for l, n in ipairs(o) do
    if math.type(n) ~= "integer" and (type(n) ~= "number" or n ~= math.floor(n)) or n < 1 then
      options.fail(("lab.mlp: level %d has %s units; a whole number from 1 on is needed"):format(l, tostring(n)))
    end
  end
end

-- Softmax goes with cross entropy, which includes it; other outputs go with mse.
local function check_output(o)
  local softmax = o.loss == "cross_entropy"
  o.output = o.output or (softmax and "softmax" or "linear")
  if softmax ~= (o.output == "softmax") then
    options.fail(("lab.mlp: loss '%s' does not go with output '%s': cross_entropy takes softmax, mse any other"):format(o.loss, o.output))
  end
end

local function describe_layers(o)
  local layers, one = {}, type(o.wiring) == "function" or o.wiring.kind ~= nil
  if not one and #o.wiring ~= #o - 1 then
    options.fail(("lab.mlp: %d wirings for %d layers"):format(#o.wiring, #o - 1))
  end
  for l = 1, #o - 1 do
    local hidden = l < #o - 1
    local layer = wirings.layer(one and o.wiring or o.wiring[l], o[l], o[l + 1], note)
    layer.n_in, layer.n_out = o[l], o[l + 1]
    layer.activation = hidden and o.hidden or (o.output == "softmax" and "linear" or o.output)
    layer.slope, layer.dropout = o.slope, hidden and o.dropout or 0
    layers[l] = layer
  end
  return layers
end

-- lab.mlp { n_inputs, n_hidden, ..., n_classes, wiring =, seed =, hidden =, slope =, output =,
-- loss =, dropout =, init =, threads =, isa = } -> net
-- The net owns memory that Lua's collector does not see: declare it `local net <close>`.
-- Raises: an option that is wrong, a wiring without a link, not enough memory.
local function mlp(given)
  local o = options.check("lab.mlp", spec, given)
  check_sizes(o)
  check_output(o)
  local ok, core = pcall(engine.new, {
    layers = describe_layers(o), loss = o.loss, init = o.init, seed = o.seed,
    threads = o.threads or system.threads(), isa = o.isa or os.getenv "SETLAB_ISA",
  })
  if not ok then options.fail("lab.mlp: " .. core) end
  local net = setmetatable({ core = core, init = o.init }, Net)
  for l = 1, #o - 1 do
    if core:links(l) == 0 then
      core:close()
      options.fail(("lab.mlp: the wiring leaves layer %d, of %d to %d units, without a single link; a larger epsilon is needed"):format(l, o[l], o[l + 1]))
    end
  end
  return net
end

function Net:__close() self.core:close() end
Net.close = Net.__close

-- ---- training ----

local epochs_spec = {
  epochs = { kind = "integer", required = true, min = 1 },
  batch = { kind = "integer", required = true, min = 1, max = 1e6 },
  lr = { kind = "number|table|function", required = true, min = 0 },
  momentum = { kind = "number", default = 0, min = 0, below = 1 },
  nesterov = { kind = "boolean", default = false },
  weight_decay = { kind = "number", default = 0, min = 0 },
  decay = { kind = "string", default = "step", choices = { "step", "coupled", "decoupled" } },
  evolve = { kind = "table|function" },
}

local function diverged(epoch, rate)
  error(("diverged: the loss is no longer finite in epoch %d (learning rate %g)"):format(epoch, rate), 0)
end

-- Entering epoch n: evolution, then the epoch itself.
local function train_epoch(net, view, o, n)
  local result = { n = n, lr = schedule.at(o.lr, n, o.epochs, "net:epochs: option 'lr'"), replaced = 0, evolve_seconds = 0 }
  if o.evolve and n > 1 then result.replaced, result.evolve_seconds = evolve.apply(o.evolve, net, n, o.epochs) end
  local links = net:links()
  local function tick(share, loss) progress.update { epoch = n, fraction = share, loss = loss, links = links } end
  local is_diverged, samples
  result.loss, result.accuracy, result.seconds, samples, is_diverged = net.core:train(view, tick, {
    batch = o.batch, rate = result.lr, momentum = o.momentum, nesterov = o.nesterov,
    weight_decay = o.weight_decay, decay = o.decay, epoch = n,
  })
  if is_diverged then diverged(n, result.lr) end
  progress.update { epoch = n, fraction = 1, loss = result.loss, accuracy = result.accuracy, links = links,
    samples_per_second = samples / result.seconds }
  return result
end

-- for epoch in net:epochs(view, { epochs =, batch =, lr =, momentum =, nesterov =,
--   weight_decay =, decay =, evolve = }) do ... end
-- epoch.n; .loss and .accuracy over the epoch as trained, with dropout; .lr; .seconds of
-- training; .replaced links and .evolve_seconds of the evolution on entering it.
-- Raises "diverged: ..." when the loss is no longer finite.
function Net:epochs(view, given)
  local o = options.check("net:epochs", epochs_spec, given)
  progress.expect { epochs = o.epochs, samples_per_epoch = #view // o.batch * o.batch }
  local n = 0
  return function()
    if n == o.epochs then return nil end
    n = n + 1
    return train_epoch(self, view, o, n)
  end
end

-- ---- measuring ----

-- Without dropout, over all samples: { loss = mean, accuracy = share of hits, seconds = }.
function Net:evaluate(view)
  local loss, accuracy, seconds = self.core:evaluate(view)
  progress.update { accuracy = accuracy }
  return { loss = loss, accuracy = accuracy, seconds = seconds }
end

function Net:accuracy(view) return self:evaluate(view).accuracy end

-- The output units' values for sample i of the view: shares that add up to 1 under softmax.
function Net:predict(view, i) return self.core:predict(view, i) end

function Net:layers() return self.core:layers() end        -- layers of links
function Net:links(layer) return self.core:links(layer) end  -- of one layer, or of all
function Net:is_sparse(layer) return self.core:is_sparse(layer) end
function Net:units(level) return self.core:units(level) end  -- level 0: inputs

-- Array of every layer's links.
function Net:links_per_layer()
  local links = {}
  for l = 1, self.core:layers() do links[l] = self.core:links(l) end
  return links
end

-- Links of each unit: "in" those arriving at the units above the layer, "out" those leaving
-- the units below.
function Net:degrees(layer, side) return self.core:degrees(layer, side) end

-- Links that each input unit would keep if SET pruned now: the record from which the maps and
-- the animation of the input connectivity are made. Changes nothing.
function Net:surviving_inputs(given)
  local o = options.check("net:surviving_inputs", { zeta = { kind = "number", default = 0.3, min = 0, max = 1 } }, given)
  return self.core:surviving(1, "set", o.zeta)
end

-- ---- for methods of one's own ----

function Net:weights(layer) return self.core:weights(layer) end   -- array
function Net:biases(layer) return self.core:biases(layer) end     -- array
function Net:links_of(layer) return self.core:links_of(layer) end -- from, to: arrays of units

-- Gives up the links k of a sparse layer for which keep[k] is false, in the order of weights
-- and links_of, and grows as many at random. Returns how many.
function Net:rewire(layer, keep, epoch)
  return self.core:rewire(layer, keep, "random", self.init, epoch)
end

return mlp
