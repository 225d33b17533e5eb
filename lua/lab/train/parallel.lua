-- parallel.lua: how the processes that were started together share the epochs of one training (net:epochs { parallel = ... }).
--
-- synchronous  every rank takes a part of every batch. The results are those of one process, to the bit.
-- wassp        the synchronous variant of WASAP-SGD (Liu et al. 2021, "Truly sparse neural networks at scale"). For most epochs each of P
--              ranks takes a batch, so that a step is one of P batches, and the learning rate grows within a few epochs to P times what was asked for, momentum
--              corrected. For the last epochs each rank trains and rewires a net of its own on its own part of the samples; the mean of these nets, pruned to
--              the links that there were, is the result. It depends on the number of ranks, which therefore has to be given.

local asking = require "lab.net.ask"
local options = require "lab.util.options"
local progress = require "lab.util.progress"
local ranks = require "lab.run.ranks"

local M = {}

M.options = {
  parallel = { kind = "string", choices = { "synchronous", "wassp" },
    help = "How the processes share the work that 'mpirun -n P setlab run' has started. synchronous: each takes a part of every batch, and the results are the same bits as one process's. "
      .. "wassp: each takes a batch, and for the last epochs trains a net of its own; the result is the mean of these (Liu et al. 2021)." },
  ranks = { kind = "integer", min = 1, max = 4096, default_is = "however many there are", help = "The number of processes that there must be; wassp needs it, as its results depend on it." },
  parts = { kind = "integer", min = 1, max = 4096, default_is = "as many as are fastest; with wassp, one for each rank",
    help = "In how many parts a batch is processed at least, of 16 samples or more: each rank of synchronous needs one. The results depend on it in their last digits, and not on the ranks." },
  warm_up = { kind = "integer", min = 0, default_is = "5 with wassp", unit = "epochs", help = "In how many epochs wassp's learning rate grows to that of all batches of a step." },
  local_share = { kind = "number", min = 0, max = 1, default_is = "0.3 with wassp", help = "The share of the epochs, at the end, for which each rank of wassp trains a net of its own." },
}

local Way = {}
Way.__index = Way

-- ---- before the first epoch ----

local function check_options(o)
  if o.parallel ~= "wassp" then
    for _, name in ipairs { "warm_up", "local_share" } do
      if o[name] then options.fail(("net:epochs: option '%s' goes with parallel = \"wassp\""):format(name)) end
    end
  elseif not o.ranks then options.fail "net:epochs: parallel = \"wassp\" needs option 'ranks', the number of processes: the results depend on it" end
  for _, name in ipairs { "ranks", "parts" } do
    if not o.parallel and o[name] then options.fail(("net:epochs: option '%s' goes with 'parallel'"):format(name)) end
  end
  local trouble = o.parallel and ranks.trouble()
  if trouble then options.fail("net:epochs: option 'parallel': " .. trouble) end
  if o.ranks and o.ranks ~= ranks.number then
    options.fail(("net:epochs: option 'ranks' is %d, and there %s: start the script with mpirun -n %d setlab run"):format(o.ranks,
      ranks.number == 1 and "is one process" or ("are %d"):format(ranks.number), o.ranks))
  end
end

local function check_batch(net, batch, least)
  asking.ask(net, "epochs", "divide", least)
  local why, parts = asking.ask(net, "epochs", "ranks_trouble", batch)
  if not why then return end
  local advice = parts < ranks.number and batch >= 16 * ranks.number and (" (option 'parts' can be %d)"):format(ranks.number) or ""
  options.fail(("net:epochs: option 'parallel': %d ranks cannot share batches of %d samples, which this net processes in %d part%s: %s%s"):format(
    ranks.number, batch, parts, parts == 1 and "" or "s", why, advice))
end

-- For the options of net:epochs, checked, and a view of so many samples: how epochs are to be trained.
function M.begin(net, size, o)
  check_options(o)
  local number = o.parallel and ranks.number or 1
  if ranks.number > 1 and not o.parallel then progress.note(("net:epochs: each of the %d ranks trains the same net, as option 'parallel' is not given"):format(ranks.number)) end
  local way = setmetatable({ size = size, batch = o.batch, number = number, epochs = o.epochs, is_parallel = o.parallel ~= nil,
    batches = 1, apart_from = math.huge, warm_up = o.warm_up or 5 }, Way)
  if o.parallel == "wassp" and number > 1 then
    way.batches = number
    way.apart_from = math.floor((1 - (o.local_share or 0.3)) * o.epochs + 0.5) + 1
    if size < number then options.fail(("net:epochs: option 'parallel': %d samples are too few for %d ranks"):format(size, number)) end
  end
  way.parts_least = o.parts or (way.batches > 1 and number or 0)
  if number > 1 and way.apart_from > 1 then check_batch(net, math.min(size, way.batches * o.batch), way.parts_least) end
  return way
end

-- ---- epoch by epoch ----

-- The learning rate of wassp grows with the samples of a step (Goyal et al. 2017).
function Way:growth(n)
  if self.batches == 1 or n >= self.apart_from or n < 1 then return 1 end
  return math.min(self.number, self.warm_up == 0 and self.number or (self.number - 1) * n / self.warm_up + 1)
end

-- How epoch n is trained: { batch, samples = of the epoch, together, part, parts, growth = of the learning rate, correction = of the momentum in the first step }.
function Way:epoch(n)
  if n >= self.apart_from then
    local samples = self.size // self.number + (ranks.rank < self.size % self.number and 1 or 0)
    return { batch = math.min(self.batch, samples), samples = samples, part = ranks.rank, parts = self.number, growth = 1, correction = n == self.apart_from and 1 / self:growth(n - 1) or 1 }
  end
  return { batch = math.min(self.size, self.batches * self.batch), samples = self.size, together = self.number > 1 or nil, least = self.parts_least, growth = self:growth(n),
    correction = n > 1 and self:growth(n) / self:growth(n - 1) or 1 }
end

-- Before epoch n: from now on each rank has random streams of its own.
function Way:enter(net, n)
  if n ~= self.apart_from then return end
  self.target = {}
  for layer = 1, net:layers() do self.target[layer] = net:links(layer) end
  self.seed = asking.ask(net, "epochs", "reseed")
  asking.ask(net, "epochs", "reseed", self.seed + ranks.rank * 0x9E3779B97F4A7C15)
end

-- After the last epoch: one net again.
function Way:leave(net, n)
  if n < self.epochs or n < self.apart_from then return end
  asking.ask(net, "epochs", "merge", self.target, n)
  asking.ask(net, "epochs", "reseed", self.seed)
end

-- While nets are apart no checkpoint is saved: it would hold one of them. The last one before that is.
function Way:may_save(n) return n < self.apart_from or n == self.epochs end
function Way:must_save(n) return n == self.apart_from - 1 and n > 0 end

-- Seconds that all ranks count alike.
function Way:same(seconds) return self.is_parallel and ranks.same(seconds) or seconds end

return M
