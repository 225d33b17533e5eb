-- schedule.lua: numbers that change from epoch to epoch: learning rates, and zeta.
--
-- A schedule is a value, so that a run's folder can keep it; a plain number is constant, and
-- a function gets the epoch, counted from 1, and how many there are.

local manual = require "lab.util.manual"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local M = {}

local value = {}  -- kind -> function(schedule, epoch, epochs)

local stop_rule = { kind = "number", above = 0, max = 1, unit = "share of the epochs", default_is = "1", help = "When the last number is reached; it stays from then on." }

-- How much of the way from the first epoch to the last, or to the one at `stop`, lies behind.
local function share_of(epoch, epochs, stop)
  local last = (stop or 1) * epochs
  return last > 1 and math.min(1, (epoch - 1) / (last - 1)) or epoch > last and 1 or 0
end

manual.group("lab.schedule", {
  summary = "numbers that change from epoch to epoch: learning rates, and zeta",
  text = "A schedule is a plain value, so that a run's folder can keep it. Where a schedule is expected, a number is a constant, and a "
    .. "function(epoch, epochs) gets the epoch, counted from 1, and the number of epochs.",
})

local RETURNS = "a value for the option `lr` of net:epochs and `zeta` of lab.set"

local constant_spec = manual.word("lab.schedule.constant", {
  summary = "the same number in every epoch",
  options = { value = { kind = "number", required = true, help = "The number." } },
  returns = RETURNS,
  example = "local lr = lab.schedule.constant { value = 0.01 }",
})

function M.constant(given)
  local o = options.check("lab.schedule.constant", constant_spec, given)
  return { kind = "constant", value = o.value }
end
function value.constant(s) return s.value end

local step_spec = manual.word("lab.schedule.step", {
  summary = "a number that is multiplied by a factor every so many epochs",
  options = {
    value = { kind = "number", required = true, help = "The number in the first epoch." },
    every = { kind = "integer", required = true, min = 1, unit = "epochs", help = "How many epochs lie between two multiplications." },
    factor = { kind = "number", required = true, above = 0, help = "What the number is multiplied by." },
  },
  returns = RETURNS,
  example = "local lr = lab.schedule.step { value = 0.05, every = 50, factor = 0.5 }",
})

function M.step(given)
  local o = options.check("lab.schedule.step", step_spec, given)
  return { kind = "step", value = o.value, every = o.every, factor = o.factor }
end
function value.step(s, epoch) return s.value * s.factor ^ ((epoch - 1) // s.every) end

local cosine_spec = manual.word("lab.schedule.cosine", {
  summary = "half a cosine from the first epoch to the last (Loshchilov and Hutter 2017)",
  options = {
    value = { kind = "number", required = true, help = "The number in the first epoch." },
    to = { kind = "number", default = 0, help = "The number in the last epoch." },
    stop = stop_rule,
  },
  returns = RETURNS,
  example = "local lr = lab.schedule.cosine { value = 0.05 }",
})

function M.cosine(given)
  local o = options.check("lab.schedule.cosine", cosine_spec, given)
  return { kind = "cosine", value = o.value, to = o.to, stop = o.stop }
end
function value.cosine(s, epoch, epochs)
  return s.to + (s.value - s.to) * (1 + math.cos(math.pi * share_of(epoch, epochs, s.stop))) / 2
end

local linear_spec = manual.word("lab.schedule.linear", {
  summary = "a straight line from the first epoch to the last",
  options = {
    value = { kind = "number", required = true, help = "The number in the first epoch." },
    to = { kind = "number", required = true, help = "The number in the last epoch." },
    stop = stop_rule,
  },
  returns = RETURNS,
  example = "local zeta = lab.schedule.linear { value = 0.3, to = 0 }",
})

function M.linear(given)
  local o = options.check("lab.schedule.linear", linear_spec, given)
  return { kind = "linear", value = o.value, to = o.to, stop = o.stop }
end
function value.linear(s, epoch, epochs)
  return s.value + (s.to - s.value) * share_of(epoch, epochs, s.stop)
end

local warm_up_spec = manual.word("lab.schedule.warm_up", {
  summary = "a linear rise over the first epochs, then another schedule over the rest (Goyal et al. 2017)",
  options = {
    epochs = { kind = "integer", required = true, min = 1, unit = "epochs", help = "How long the rise takes." },
    from = { kind = "number", default = 0, help = "The number in the first epoch." },
    schedule = { kind = "number|table|function", required = true, takes = "number, lab.schedule value or function(epoch, epochs)",
      help = "The schedule that follows: the rise ends at its first number, and it runs over the remaining epochs." },
  },
  returns = RETURNS,
  example = "local lr = lab.schedule.warm_up { epochs = 5, from = 0.01, schedule = lab.schedule.cosine { value = 0.1 } }",
})

function M.warm_up(given)
  local o = options.check("lab.schedule.warm_up", warm_up_spec, given)
  if type(o.schedule) == "table" and not value[o.schedule.kind] then
    options.fail "lab.schedule.warm_up: option 'schedule' takes a number, a lab.schedule or a function of the epoch"
  end
  return { kind = "warm_up", epochs = o.epochs, from = o.from, schedule = o.schedule }
end
function value.warm_up(s, epoch, epochs)
  local rest = math.max(1, epochs - s.epochs)
  -- An evolution may ask between two epochs: the rise goes on until the first that follows.
  if epoch >= s.epochs + 1 then return M.at(s.schedule, epoch - s.epochs, rest, "lab.schedule.warm_up") end
  return s.from + (M.at(s.schedule, 1, rest, "lab.schedule.warm_up") - s.from) * (epoch - 1) / s.epochs
end

local one_cycle_spec = manual.word("lab.schedule.one_cycle", {
  summary = "up to a peak and down again, each along half a cosine (Smith 2018)",
  options = {
    peak = { kind = "number", required = true, help = "The largest number." },
    at = { kind = "number", default = 0.3, above = 0, below = 1, unit = "share of the epochs", help = "When it is reached." },
    from = { kind = "number", default_is = "peak / 25", help = "The number in the first epoch." },
    to = { kind = "number", default_is = "peak / 10000", help = "The number in the last epoch." },
  },
  returns = RETURNS,
  example = "local lr = lab.schedule.one_cycle { peak = 0.1 }",
})

function M.one_cycle(given)
  local o = options.check("lab.schedule.one_cycle", one_cycle_spec, given)
  return { kind = "one_cycle", peak = o.peak, at = o.at, from = o.from or o.peak / 25, to = o.to or o.peak / 1e4 }
end
function value.one_cycle(s, epoch, epochs)
  local share = share_of(epoch, epochs)
  local from, way = s.from, share / s.at
  if share > s.at then from, way = s.to, (1 - share) / (1 - s.at) end
  return s.peak + (from - s.peak) * (1 + math.cos(math.pi * way)) / 2
end

local cycles_spec = manual.word("lab.schedule.cycles", {
  summary = "another schedule, begun anew every so many epochs (Loshchilov and Hutter 2017)",
  options = {
    epochs = { kind = "integer", required = true, min = 1, unit = "epochs", help = "How long a cycle is; the last one may be cut short." },
    schedule = { kind = "number|table|function", required = true, takes = "number, lab.schedule value or function(epoch, epochs)", help = "The schedule of a cycle; it counts the epochs of the cycle." },
  },
  returns = RETURNS,
  example = "local lr = lab.schedule.cycles { epochs = 20, schedule = lab.schedule.cosine { value = 0.05 } }",
})

function M.cycles(given)
  local o = options.check("lab.schedule.cycles", cycles_spec, given)
  if type(o.schedule) == "table" and not value[o.schedule.kind] then
    options.fail "lab.schedule.cycles: option 'schedule' takes a number, a lab.schedule or a function of the epoch"
  end
  return { kind = "cycles", epochs = o.epochs, schedule = o.schedule }
end
function value.cycles(s, epoch) return M.at(s.schedule, (epoch - 1) % s.epochs + 1, s.epochs, "lab.schedule.cycles") end

manual.word("lab.schedule.at", {
  summary = "the number that a schedule gives in an epoch",
  arguments = {
    { "schedule", "number, lab.schedule value or function(epoch, epochs)", "What is asked." },
    { "epoch", "whole number", "The epoch, counted from 1." },
    { "epochs", "whole number", "How many epochs there are." },
    { "what", "text", "What the number is called in an error." },
  },
  returns = "a finite number",
  raises = "The value is not a schedule, or does not give a finite number.",
  example = 'print(lab.schedule.at(lab.schedule.cosine { value = 0.1 }, 3, 10, "lr"))',
})

function M.at(s, epoch, epochs, what)
  local x
  if type(s) == "number" then x = s
  elseif type(s) == "function" then x = s(epoch, epochs)
  elseif type(s) == "table" and value[s.kind] then x = value[s.kind](s, epoch, epochs)
  else options.fail(("%s takes a number, a lab.schedule or a function of the epoch"):format(what)) end
  if not statistics.finite(x) then
    local got = x ~= x and "NaN" or type(x) == "string" and ("the text '%s'"):format(x) or tostring(x)
    options.fail(("%s gave %s in epoch %d: it must be a finite number"):format(what, got, math.floor(epoch)))
  end
  return x
end

return options.strict("lab.schedule", M)
