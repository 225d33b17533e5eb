-- bench_subject.lua: one row of a workload under measurement: its net, its epochs, its numbers.

local engine = require "lab.c.data"
local mlp = require "lab.mlp"
local statistics = require "lab.bench_statistics"
local system = require "lab.c.system"
local wirings = require "lab.wiring"

local M = {}
M.__index = M

local WARM_SAMPLES = 2000

-- ---- making ----

-- Images of noise for a configuration; those of one shape are made once. A second, small split
-- warms the kernels up and gives the mean and deviation by which both are standardised.
local function data_of(config, cache)
  local image = config.image
  local key = table.concat({ config.samples, table.unpack(image) }, " ")
  if not cache[key] then
    local set = { channels = image[1], height = image[2], width = image[3], classes = config.units[#config.units], seed = 1 }
    local all = assert(engine.noise(set, config.samples, 1))
    local few = assert(engine.noise(set, math.min(WARM_SAMPLES, config.samples), 2))
    all:standardise(few)
    few:standardise(few)
    cache[key] = { all = all, few = few }
  end
  return cache[key]
end

local function wiring_of(config, l)
  local n_in, n_out = config.units[l], config.units[l + 1]
  local epsilon = config.epsilon or config.density * n_in * n_out / (n_in + n_out)
  if config.dense or (l == #config.units - 1 and config.top == "dense") then return wirings.dense {} end
  if epsilon * (n_in + n_out) >= n_in * n_out then return wirings.dense {} end
  return wirings.erdos_renyi { epsilon = epsilon }
end

local function net_of(config, isa)
  local given, wiring = { hidden = "relu", dropout = config.dropout or 0, seed = 1, threads = config.threads, isa = isa }, {}
  for l, n in ipairs(config.units) do given[l] = n end
  for l = 1, #config.units - 1 do wiring[l] = wiring_of(config, l) end
  given.wiring = wiring
  return mlp(given)
end

local function resident() return (select(3, system.memory())) end

-- The net of a configuration, wired, and its data. `cache` keeps data among subjects.
function M.new(config, isa, cache)
  local data = data_of(config, cache)
  local before, start = resident(), system.seconds()
  local net = net_of(config, isa)
  return setmetatable({
    config = config, data = data, net = net, epoch = 0, wire_seconds = system.seconds() - start, before = before,
    seconds = {}, evolve_seconds = {}, after_yard = {},
  }, M)
end

-- ---- running ----

local function train(self, view)
  local c = self.config
  self.epoch = self.epoch + 1
  local loss, _, seconds, samples, diverged = self.net.core:train(view, nil, {
    batch = c.batch, rate = c.lr, momentum = c.momentum, nesterov = false,
    weight_decay = c.weight_decay or 0, decay = "step", epoch = self.epoch,
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

-- Seconds of the evolution of all sparse layers but the last, or of all in a net of sparse ones.
local function evolve(self)
  local last = self.net:layers() - (self.config.top == "dense" and 1 or 0)
  local replaced, seconds = self.net.core:evolve(1, last, "set", "random", self.config.zeta, self.net.init, self.epoch + 1)
  self.replaced = replaced
  return seconds
end

local function turn(self, view)
  if self.config.mode == "infer" then return infer(self, view) end
  return train(self, view)
end

-- Once over little data: memory is there, caches and processor are warm, the clocks at zero.
function M:warm()
  if self.config.mode ~= "evolve" then turn(self, self.data.few) end
  self.net.core:clear_phases()
  self.net_mib = math.max(0, resident() - self.before)
end

-- One measured epoch and the evolution after it. `yards` is how many yardsticks were taken.
function M:measure(yards)
  local n = #self.seconds + 1
  if self.config.mode ~= "evolve" then
    self.seconds[n] = turn(self, self.data.all)
    self.after_yard[n] = yards
  else self.epoch = self.epoch + 1 end
  if self.config.zeta and self.config.mode ~= "infer" then table.insert(self.evolve_seconds, evolve(self)) end
end

function M:close() self.net:close() end

-- ---- counting ----

-- Operations of one epoch: two a link and sample for each of the forward pass, the input
-- gradient (but of the first layer) and the weight gradient.
function M:operations()
  local links = self.net:links_per_layer()
  local all = self.net:links()
  if self.config.mode == "infer" then return 2 * all * self.samples end
  return (6 * all - 2 * links[1]) * self.samples
end

-- Bytes of one epoch in the model that the manual states: a link reads one row of activations
-- forward and one of deltas backward, and its own state.
function M:bytes()
  local c, links = self.config, self.net:links()
  local steps = self.samples / math.min(c.batch, c.samples)
  if c.mode == "infer" then return links * (4 * self.samples + 12 * self.samples / math.min(128, c.samples)) end
  return links * (8 * self.samples + 32 * steps)
end

-- Array of { name =, seconds = } an epoch, in the order of a step.
function M:phases()
  local p, n, list = self.net.core:phases(), #self.seconds, {}
  local layers = self.net:layers()
  local function add(name, seconds) list[#list + 1] = { name = name, seconds = seconds / n } end
  if n == 0 then return nil end
  add("batch", p.batch)
  for l = 1, layers do add("forward " .. l, p.forward[l]) end
  add("loss", p.loss)
  if self.config.mode == "infer" then return list end
  for l = layers, 1, -1 do add("backward " .. l, p.backward[l]) end
  return list
end

-- Epochs' rates as shares of the sgemm around each: smallest and largest.
function M:sgemm_shares(machine)
  local shares = {}
  for i, seconds in ipairs(self.seconds) do
    shares[i] = self:operations() / seconds * 1e-9 / machine:sgemm_around(self.after_yard[i])
  end
  return statistics.range(shares)
end

return M
