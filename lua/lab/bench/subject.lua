-- subject.lua: one row of a workload under measurement: its net, its epochs, its numbers.

local augment = require "lab.train.augment"
local augmenting = require "lab.train.augmenting"
local engine = require "lab.c.data"
local evolutions = require "lab.evolve.apply"
local memory_plan = require "lab.train.memory_plan"
local mlp = require "lab.train.mlp"
local plan = require "lab.c.plan"
local ranked = require "lab.bench.ranks"
local rows = require "lab.bench.row"
local sets = require "lab.evolve.methods".set
local statistics = require "lab.util.statistics"
local system = require "lab.c.system"
local wirings = require "lab.wiring.random"

local M = {}
M.__index = M

local WARM_SAMPLES = 2000
local ALMOST_ALL = 1 - 1e-9  -- a density of 1 means a dense layer

-- ---- making ----

local function noise(config, samples, part)
  local image = config.image
  return assert(engine.noise({ channels = image[1], height = image[2], width = image[3],
    classes = config.units[#config.units], seed = 1 }, samples, part))
end

-- Images for a configuration: { all =, few = }; those of one shape are made once. The few are
-- for warming up, and give the mean and deviation by which all are standardised.
local function data_of(config, cache)
  local warm = config.warm or WARM_SAMPLES
  local key = table.concat({ config.samples, warm, table.unpack(config.image) }, " ")
  if not cache[key] then
    local data = { all = noise(config, config.samples, 1), few = noise(config, math.max(1, math.min(warm, config.samples)), 2) }
    data.all:standardise(data.few)
    data.few:standardise(data.few)
    cache[key] = data
  end
  return cache[key]
end

-- Gives back the memory of all data made.
function M.forget(cache)
  for _, data in pairs(cache) do
    data.all:close()
    data.few:close()
  end
end

local function wiring_of(config, l)
  local n_in, n_out = config.units[l], config.units[l + 1]   -- a density is for nets without skip links
  if config.dense or (l == #config.units - 1 and config.top == "dense") then return wirings.dense {} end
  if config.epsilon then return wirings.erdos_renyi { epsilon = config.epsilon } end
  return wirings.erdos_renyi { epsilon = math.min(config.density, ALMOST_ALL) * n_in * n_out / (n_in + n_out) }
end

-- Puts the sizes of the levels into `given`; returns the wirings of the layers.
local function describe(config, given)
  local wiring = {}
  for l, n in ipairs(config.units) do given[l] = n end
  for l = 1, #config.units - 1 do wiring[l] = wiring_of(config, l) end
  return wiring
end

local function net_of(config, isa)
  local given = { hidden = config.hidden or "relu", dropout = config.dropout or 0, seed = 1, threads = config.threads, isa = isa, precision = config.precision, history = config.history,
    batch_norm = config.batch_norm, skip = config.skip, optimiser = config.optimiser }
  given.wiring = describe(config, given)
  return mlp(given)
end

-- MiB that this process will have at most; for training only.
local function planned_mib(config, isa)
  if config.mode then return nil end
  local given = { batch = config.batch, zeta = config.zeta or 0, output_evolves = config.top ~= "dense", threads = config.threads, isa = isa, precision = config.precision,
    hidden = config.hidden, batch_norm = config.batch_norm, skip = config.skip, optimiser = config.optimiser }
  given.train = config.samples + math.min(config.warm or WARM_SAMPLES, config.samples)
  given.wiring = describe(config, given)
  return memory_plan(given).total / 1024 ^ 2
end

local function resident() return (select(3, system.memory())) end

-- A configuration's net, wired, and its data, which `cache` keeps among subjects.
function M.new(config, isa, cache)
  local planned, at_first = planned_mib(config, isa), resident()
  local data = config.image and data_of(config, cache) or nil   -- an evolution may have none to look at
  local before, start = resident(), system.seconds()
  local net = net_of(config, isa)
  return setmetatable({
    config = config, data = data, net = net, augment = config.augment and augment(config.augment), epoch = 0, wire_seconds = system.seconds() - start,
    planned_mib = planned, data_mib = before - at_first, before = before,
    seconds = {}, evolve_seconds = {}, epoch_phases = {}, after_yard = {}, cpu = 0, wall = 0,
  }, M)
end

-- ---- running ----

local function train(self, view)
  local c = self.config
  self.epoch = self.epoch + 1
  self.net.core:mix_samples(c.mixup or 0, c.cutmix or 0)
  self.net.core:divide(c.parts or 0)
  local loss, _, seconds, samples, diverged = self.net.core:train(view, nil, {
    batch = c.batch, rate = c.lr, momentum = c.momentum, second_momentum = c.second_momentum, radius = c.radius, lasso = c.lasso, lasso_cut = c.lasso and 50, nesterov = false,
    weight_decay = c.weight_decay or 0, decay = "step", epoch = self.epoch,
    augment = augmenting.prepare("option 'augment'", self.augment, self.epoch, #view), together = c.ranks ~= nil,
  })
  if diverged then error(("bench %s: the loss is no longer finite"):format(c.name), 0) end
  self.loss, self.samples = loss, samples
  return seconds
end

local function infer(self, view)
  local loss, _, seconds = self.net.core:evaluate(view)
  self.loss, self.samples = loss, #view
  return seconds
end

-- A moment amid a training of a hundred epochs.
local function moment(number)
  return { epoch = number, epochs = 100, number = number, schedule_epoch = 50, schedule_epochs = 100, reached = 0.5, last = false }
end

local function diverged() error("diverged", 0) end

-- Seconds of an evolution: SET's with the share zeta, or the configuration's own, which may look at a batch.
local function evolve(self)
  local config = self.config
  local evolution = config.evolve or sets { zeta = config.zeta, output = config.top ~= "dense" }
  plan.mark()
  local held = plan.held()
  local replaced, seconds = evolutions.apply(evolution, self.net, { moment = moment(self.epoch + 1), view = self.data and self.data.all, batch = config.batch,
    first_step = 0, diverged = diverged })
  self.replaced, self.evolve_mib = replaced, math.max(self.evolve_mib or 0, (select(2, plan.held()) - held) / 1024 ^ 2)
  return seconds
end

-- By other processes; this one's net stays as it is.
local function train_elsewhere(self, view)
  local seconds, loss = ranked.epoch(self.config)
  self.loss, self.samples = loss, #view // self.config.batch * self.config.batch
  return seconds
end

-- The seconds of an epoch, in one of those processes.
function M:train_together() return train(self, self.data.all) end

local function turn(self, view)
  if self.config.mode == "infer" then return infer(self, view) end
  if self.config.ranks and not ranked.is_child then return train_elsewhere(self, view) end
  return train(self, view)
end

-- Once over little data: memory is there, caches and processor are warm.
function M:warm()
  local warm = self.data and self.config.warm ~= 0 and (not self.config.ranks or ranked.is_child)
  if warm then turn(self, self.data.few) end
  if warm or not self.data then self.net_mib = math.max(0, resident() - self.before) end
end

-- One measured epoch; seconds are the engine's.
local function epoch(self, yards)
  local n, cpu, start = #self.seconds + 1, os.clock(), system.seconds()
  self.net.core:clear_phases()
  self.seconds[n], self.after_yard[n] = turn(self, self.data.all), yards
  self.epoch_phases[n] = not self.config.ranks and self.net.core:phases() or nil
  self.cpu, self.wall = self.cpu + os.clock() - cpu, self.wall + system.seconds() - start
end

-- How many processors the epochs had, or nil where they were too short for the system's ticks.
function M:processors() return not self.config.ranks and self.wall > 0.2 and self.cpu / self.wall or nil end

-- An epoch and the evolution after it. `yards` is how many yardsticks were taken before.
function M:measure(yards)
  if self.config.mode == "evolve" then self.epoch = self.epoch + 1 else epoch(self, yards) end
  if (self.config.zeta or self.config.evolve) and self.config.mode ~= "infer" then table.insert(self.evolve_seconds, evolve(self)) end
  self.net_mib = self.net_mib or math.max(0, resident() - self.before)
end

function M:close() self.net:close() end

-- Epochs' rates as shares of the sgemm around each: smallest and largest.
function M:sgemm_shares(machine)
  local shares = {}
  for i, seconds in ipairs(self.seconds) do
    shares[i] = rows.operations(self) / seconds * 1e-9 / machine:sgemm_around(self.after_yard[i])
  end
  return statistics.range(shares)
end

return M
