-- when.lua: the moments at which a net evolves, and the slices of an epoch that lie between them.
--
-- Time is counted in training steps: t of T, `steps` an epoch. An evolution has a window, from its option `from` to its option
-- `stop`, shares of the training.

local M = {}

local NEVER <const> = 1 << 30   -- epochs or steps: so many that sums and products fit

-- Steps between two evolutions.
local function period(evolution, steps)
  if evolution.every_steps then return math.min(evolution.every_steps, NEVER << 20) end
  return math.min(evolution.every or 1, NEVER) * steps
end

-- What shares of the training come to need not be whole, but for rounding.
local function ends(evolution, total)
  local slack = 1e-9 * total
  return (evolution.from or 0) * total - slack, (evolution.stop or 1) * total + slack
end

local function in_window(evolution, t, total)
  local first, last = ends(evolution, total)
  return t > 0 and t >= first and t <= last and t < total
end

-- The last moment of the training at which there is an evolution.
local function last_time(evolution, k, total)
  local _, stop = ends(evolution, total)
  local most = math.min(math.floor(stop), total - 1)
  return most - most % k
end

local function clamp(x) return math.max(0, math.min(1, x)) end

-- The moment t: { t, epoch = in which it lies, epochs, number = of the evolution, which chooses its random streams, share =
-- of the window, reached = the same such that the last evolution has 1, last = whether it is that, schedule_epoch and schedule_epochs: what a
-- lab.schedule is asked for; asked: the epoch that a function is asked for: the last one that is over, or with every_steps the one under way }.
local function moment(evolution, t, n, steps, epochs)
  local total, k = steps * epochs, period(evolution, steps)
  local first, last = (evolution.from or 0) * total, (evolution.stop or 1) * total
  local final = last_time(evolution, k, total)
  return {
    t = t, epoch = n, epochs = epochs, asked = evolution.every_steps and n or n - 1, number = t // k * (evolution.every_steps and 1 or evolution.every or 1) + 1,
    reached = final > first and clamp((t - first) / (final - first)) or 1, last = t >= final,
    schedule_epoch = 1 + (t - first) / steps, schedule_epochs = 1 + (last - first) / steps,
  }
end

-- The slices in which epoch n, of `steps` training steps, is trained: { first =, steps =, moment = of the evolution that goes before
-- it, or nil }. Steps count from 0. The evolution of epoch n that goes by epochs has number n, so 2 is the first.
function M.slices(evolution, n, steps, epochs)
  if not evolution then return { { first = 0, steps = steps } } end
  if type(evolution) == "function" then return { { first = 0, steps = steps, moment = n > 1 and { epoch = n, epochs = epochs, number = n } or nil } } end
  local slices, first, before, k, total = {}, 0, (n - 1) * steps, period(evolution, steps), steps * epochs
  while first < steps do
    local t = before + first
    local last = math.min(steps, first + k - t % k)
    local now = t % k == 0 and in_window(evolution, t, total)
    slices[#slices + 1] = { first = first, steps = last - first, moment = now and moment(evolution, t, n, steps, epochs) or nil }
    first = last
  end
  return slices
end

-- Whether there is any evolution in so many epochs.
function M.ever(evolution, steps, epochs)
  local k = period(evolution, steps)
  local t = last_time(evolution, k, steps * epochs)
  return in_window(evolution, t, steps * epochs)
end

-- How many there are at most.
function M.count(evolution, steps, epochs) return steps * epochs // period(evolution, steps) end

-- The first moment at which there is one.
function M.first(evolution, steps, epochs)
  local k = period(evolution, steps)
  local t = math.max(k, math.ceil(ends(evolution, steps * epochs) / k) * k)
  return moment(evolution, t, t // steps + 1, steps, epochs)
end

return M
