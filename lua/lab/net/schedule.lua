-- schedule.lua: numbers that change from epoch to epoch: learning rates, and zeta.
--
-- A schedule is a value, so that a run's folder can keep it; a plain number is constant, and
-- a function gets the epoch, counted from 1, and how many there are.

local manual = require "lab.util.manual"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local M = {}

local value = {}  -- kind -> function(schedule, epoch, epochs)

manual.group("lab.schedule", {
  summary = "numbers that change from epoch to epoch: learning rates, and zeta",
  text = "A schedule is a value, so that a run's folder keeps it. Wherever one fits, a plain number is constant, and a function(epoch, epochs) "
    .. "gets the epoch, counted from 1, and how many there are.",
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
  },
  returns = RETURNS,
  example = "local lr = lab.schedule.cosine { value = 0.05 }",
})

function M.cosine(given)
  local o = options.check("lab.schedule.cosine", cosine_spec, given)
  return { kind = "cosine", value = o.value, to = o.to }
end
function value.cosine(s, epoch, epochs)
  local share = epochs > 1 and (epoch - 1) / (epochs - 1) or 0
  return s.to + (s.value - s.to) * (1 + math.cos(math.pi * share)) / 2
end

local linear_spec = manual.word("lab.schedule.linear", {
  summary = "a straight line from the first epoch to the last",
  options = {
    value = { kind = "number", required = true, help = "The number in the first epoch." },
    to = { kind = "number", required = true, help = "The number in the last epoch." },
  },
  returns = RETURNS,
  example = "local zeta = lab.schedule.linear { value = 0.3, to = 0 }",
})

function M.linear(given)
  local o = options.check("lab.schedule.linear", linear_spec, given)
  return { kind = "linear", value = o.value, to = o.to }
end
function value.linear(s, epoch, epochs)
  return s.value + (s.to - s.value) * (epochs > 1 and (epoch - 1) / (epochs - 1) or 0)
end

manual.word("lab.schedule.at", {
  summary = "the number that a schedule gives in an epoch",
  arguments = {
    { "schedule", "number, lab.schedule value or function(epoch, epochs)", "What is asked." },
    { "epoch", "whole number", "The epoch, counted from 1." },
    { "epochs", "whole number", "How many epochs there are." },
    { "what", "text", "What the number is called in an error." },
  },
  returns = "a finite number",
  raises = "The value is no schedule, or gives no finite number.",
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

return M
