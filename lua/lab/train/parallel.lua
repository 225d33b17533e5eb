-- parallel.lua: how the processes that were started together share the epochs of one training (net:epochs { parallel = ... }).
--
-- synchronous  every rank takes a part of every batch. The results are those of one process, to the bit.
-- wasap        WASAP-SGD (Curci et al. 2021, "Truly sparse neural networks at scale"). For most epochs rank 0 is the master of the others, the workers: each takes batch after batch
--              and sends its gradient, and the master updates the weights as gradients come (core/net/net_async.h). For the last epochs each rank trains and rewires a net of its own on
--              its own part of the samples; the mean of these nets, pruned to the links that there were, is the result, which depends on when messages arrive.
-- wassp        the synchronous variant of it. For most epochs each of P
--              ranks takes a batch, so that a step is one of P batches, and the learning rate grows within a few epochs to P times what was asked for, momentum
--              corrected. The last epochs are as those of wasap. The result depends on the number of ranks, which therefore has to be given.

local asking = require "lab.net.ask"
local engine = require "lab.c.ranks"
local options = require "lab.util.options"
local progress = require "lab.util.progress"
local ranks = require "lab.run.ranks"
local stop = require "lab.util.stop"

local M = {}

M.options = {
  parallel = { kind = "string", choices = { "synchronous", "wassp", "wasap" },
    help = "How the processes share the work that 'mpirun -n P setlab run' has started. synchronous: each takes a part of every batch, and the results are the same bits as one process's. "
      .. "wassp: each takes a batch, and for the last epochs trains a net of its own; the result is the mean of these (Curci et al. 2021). "
      .. "wasap: the same, but at first rank 0 updates the weights by the other ranks' gradients as they come; results depend on timing." },
  ranks = { kind = "integer", min = 1, max = 4096, default_is = "however many there are", help = "The number of processes that there must be; wassp and wasap need it, as their results depend on it." },
  parts = { kind = "integer", min = 1, max = 4096, default_is = "as many as are fastest; with wassp, one for each rank",
    help = "In how many parts a batch is processed at least, of 16 samples or more: each rank of synchronous needs one. The results depend on it in their last digits, and not on the ranks." },
  warm_up = { kind = "integer", min = 0, default_is = "5 with wassp", unit = "epochs", help = "In how many epochs wassp's learning rate grows to that of all batches of a step." },
  local_share = { kind = "number", min = 0, max = 1, default_is = "0.3 with wassp and wasap", help = "The share of the epochs, at the end, for which each rank trains a net of its own." },
}

local FINE <const>, FAILED <const> = 11, 12   -- what ranks agree on after an epoch apart

local Way = {}
Way.__index = Way

-- ---- before the first epoch ----

local function check_options(o)
  local parts_ways = o.parallel == "wassp" or o.parallel == "wasap"
  if o.warm_up and o.parallel ~= "wassp" then options.fail "net:epochs: option 'warm_up' goes with parallel = \"wassp\"" end
  if o.local_share and not parts_ways then options.fail "net:epochs: option 'local_share' goes with parallel = \"wassp\" and \"wasap\"" end
  if parts_ways and not o.ranks then options.fail(("net:epochs: parallel = \"%s\" needs option 'ranks', the number of processes: the results depend on it"):format(o.parallel)) end
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

local function check_batch(net, batch, least, number)
  asking.ask(net, "epochs", "divide", least)
  local why, parts = asking.ask(net, "epochs", "ranks_trouble", batch, number)
  if not why then return end
  local norm = net.options.batch_norm
  local advice = not (norm and norm.samples == "batch") and parts < number and batch >= 16 * number and (" (option 'parts' can be %d)"):format(number) or ""
  options.fail(("net:epochs: option 'parallel': %d ranks cannot share batches of %d samples, which this net processes in %d part%s: %s%s"):format(
    number, batch, parts, parts == 1 and "" or "s", why, advice))
end

-- Optimisers whose velocities have the learning rate in them.
local corrected = { sgd = true, beta_lasso = true, s2sam = true }

-- For the options of net:epochs, checked, and a view of so many samples: how epochs are to be trained.
function M.begin(net, size, o)
  check_options(o)
  if o.parallel == "wasap" and net.options.optimiser == "s2sam" then options.fail "net:epochs: parallel = \"wasap\" does not go with s2sam, whose steps follow each other" end
  local number = o.parallel and ranks.number or 1
  if ranks.number > 1 and not o.parallel then progress.note(("net:epochs: each of the %d ranks trains the same net, as option 'parallel' is not given"):format(ranks.number)) end
  local way = setmetatable({ size = size, batch = o.batch, number = number, epochs = o.epochs, is_parallel = o.parallel ~= nil,
    batches = 1, apart_from = math.huge, warm_up = o.warm_up or 5, is_corrected = corrected[net.options.optimiser or "sgd"] }, Way)
  if number > 1 and o.parallel ~= "synchronous" then
    way.batches = o.parallel == "wassp" and number or 1
    way.asynchronous = o.parallel == "wasap" or nil
    way.apart_from = math.floor((1 - (o.local_share or 0.3)) * o.epochs + 0.5) + 1
    if size < 2 * number then options.fail(("net:epochs: option 'parallel': %d samples are too few for %d ranks"):format(size, number)) end
  end
  way.parts_least = o.parts or (way.batches > 1 and number or 0)
  if number > 1 and way.apart_from > 1 then check_batch(net, math.min(size, way.batches * o.batch), way.parts_least, way.asynchronous and 2 or number) end
  return way
end

-- ---- epoch by epoch ----

-- The learning rate of wassp grows with the samples of a step (Goyal et al. 2017).
function Way:growth(n)
  if self.batches == 1 or n >= self.apart_from or n < 1 then return 1 end
  local most = math.min(self.size, self.batches * self.batch) / math.min(self.size, self.batch)
  return math.min(most, self.warm_up == 0 and most or (most - 1) * n / self.warm_up + 1)
end

-- How epoch n is trained: { batch, samples = of the epoch, together, part, parts, growth = of the learning rate, correction = of the momentum in the first step }.
function Way:epoch(n)
  local correction = n > 1 and self.is_corrected and self:growth(n) / self:growth(n - 1) or 1
  if n >= self.apart_from then
    local samples = self.size // self.number + (ranks.rank < self.size % self.number and 1 or 0)
    return { batch = math.min(self.batch, samples), samples = samples, part = ranks.rank, parts = self.number, growth = 1, correction = correction }
  end
  return { batch = math.min(self.size, self.batches * self.batch), samples = self.size, together = self.number > 1 or nil, asynchronous = self.asynchronous, least = self.parts_least,
    growth = self:growth(n), correction = correction }
end

local function failed(err) options.fail((tostring(err):gsub("^[^:]*:%d+: ", ""))) end

-- An epoch of each rank's own net. If one of them fails, so do all: its loss may not be finite any more.
local function train_apart(train, n)
  local ok, result = stop.catch(train)
  if not ok and stop.kind(result) then error(result, 0) end
  if not engine.agree(ok and FINE or FAILED, math.huge) then
    if not ok then failed(result) end
    options.fail(("diverged: another rank's own net failed in epoch %d, or its script went another way"):format(n))
  end
  if not ok then failed(result) end
  return result
end

-- Trains epoch n by train(), which returns its result. Before the first epoch in which nets are apart, each rank gets random streams of its own; after the last one
-- they become one net, with what rank 0 remembers of its evolution.
function Way:train(net, n, train)
  if n < self.apart_from then return train() end
  if n == self.apart_from then
    self.seed = asking.ask(net, "epochs", "reseed")
    asking.ask(net, "epochs", "reseed", self.seed + (ranks.rank + 1) * 0x9E3779B97F4A7C15)
  end
  self.is_apart = true
  local result = train_apart(train, n)
  if n < self.epochs then return result end
  asking.ask(net, "epochs", "reseed", self.seed)
  asking.ask(net, "epochs", "merge", n)
  net.evolving, self.is_apart = nil, false
  return result
end

-- What closes the loop: whoever leaves it while nets are apart should know.
function Way:closing()
  return setmetatable({}, { __close = function()
    if self.is_apart then progress.note "net:epochs: the loop has been left while each rank had a net of its own: they have not become one" end
  end })
end

-- While nets are apart no checkpoint is saved: it would hold one of them. The last one before that is.
function Way:may_save(n) return n < self.apart_from or n == self.epochs end
function Way:must_save(n) return n == self.apart_from - 1 and n > 0 end

-- Seconds that all ranks count alike.
function Way:same(...)
  if self.is_parallel then return ranks.same(...) end
  return ...
end

return M
