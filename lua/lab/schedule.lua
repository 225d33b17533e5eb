-- schedule.lua: numbers that change from epoch to epoch: learning rates, and zeta.
--
-- A schedule is a value, so that a run's folder can keep it; a plain number is constant, and
-- a function gets the epoch, counted from 1, and how many there are.

local options = require "lab.options"

local M = {}

local value = {}  -- kind -> function(schedule, epoch, epochs)

-- The same in every epoch.
function M.constant(given)
  local o = options.check("lab.schedule.constant", { value = { kind = "number", required = true } }, given)
  return { kind = "constant", value = o.value }
end
function value.constant(s) return s.value end

-- Multiplied by `factor` after every `every` epochs.
function M.step(given)
  local o = options.check("lab.schedule.step", {
    value = { kind = "number", required = true },
    every = { kind = "integer", required = true, min = 1 },
    factor = { kind = "number", required = true, above = 0 },
  }, given)
  return { kind = "step", value = o.value, every = o.every, factor = o.factor }
end
function value.step(s, epoch) return s.value * s.factor ^ ((epoch - 1) // s.every) end

-- Half a cosine from `value` in the first epoch to `to` in the last (Loshchilov and Hutter 2017).
function M.cosine(given)
  local o = options.check("lab.schedule.cosine", {
    value = { kind = "number", required = true }, to = { kind = "number", default = 0 },
  }, given)
  return { kind = "cosine", value = o.value, to = o.to }
end
function value.cosine(s, epoch, epochs)
  local share = epochs > 1 and (epoch - 1) / (epochs - 1) or 0
  return s.to + (s.value - s.to) * (1 + math.cos(math.pi * share)) / 2
end

-- A straight line from `value` in the first epoch to `to` in the last.
function M.linear(given)
  local o = options.check("lab.schedule.linear", {
    value = { kind = "number", required = true }, to = { kind = "number", required = true },
  }, given)
  return { kind = "linear", value = o.value, to = o.to }
end
function value.linear(s, epoch, epochs)
  return s.value + (s.to - s.value) * (epochs > 1 and (epoch - 1) / (epochs - 1) or 0)
end

-- The number that schedule `s` gives in `epoch` of `epochs`; `what` names it in errors.
function M.at(s, epoch, epochs, what)
  local x
  if type(s) == "number" then x = s
  elseif type(s) == "function" then x = s(epoch, epochs)
  elseif type(s) == "table" and value[s.kind] then x = value[s.kind](s, epoch, epochs)
  else options.fail(("%s takes a number, a lab.schedule or a function of the epoch"):format(what)) end
  if type(x) ~= "number" or x ~= x or x == math.huge or x == -math.huge then
    local got = x ~= x and "NaN" or type(x) == "string" and ("the text '%s'"):format(x) or tostring(x)
    options.fail(("%s gave %s in epoch %d: it must be a finite number"):format(what, got, epoch))
  end
  return x
end

return M
