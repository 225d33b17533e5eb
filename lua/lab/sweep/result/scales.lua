-- scales.lua: the parameters of a sweep as scales that a figure can use.
--
-- A scale is { name, kind = "number" or "category", log, levels = { { value, text }, ... }, few }: the values
-- that the trials took, in order; `few` where they are few enough to be looked at one by one, and were not
-- drawn from a range, each value once. A number's scale is logarithmic if the sweep says so, or if its choices go up by a factor. Categories come in
-- the order of the trials.

local format = require "lab.util.format"
local jobs = require "lab.sweep.run.jobs"
local options = require "lab.util.options"

local M = { most_levels = 12 }

-- Do the numbers go up by about the same factor, rather than by the same step?
local function by_factor(list)
  if #list < 3 or list[1] <= 0 or list[#list] / list[1] < 4 then return false end
  local ratios, steps = { math.huge, 0 }, { math.huge, 0 }
  for i = 2, #list do
    local ratio, step = math.log(list[i] / list[i - 1]), list[i] - list[i - 1]
    ratios = { math.min(ratios[1], ratio), math.max(ratios[2], ratio) }
    steps = { math.min(steps[1], step), math.max(steps[2], step) }
  end
  return ratios[2] / ratios[1] < steps[2] / steps[1]
end

local function is_log(axis, list)
  if list[1] <= 0 or list[1] == list[#list] then return false end
  if axis and axis.kind == "log" then return true end
  return (not axis or axis.kind == "choice" or axis.kind == "derived") and by_factor(list)
end

local continuous = { log = true, uniform = true }

local function is_drawn(plan, axis)
  return axis ~= nil and continuous[axis.kind] ~= nil and (plan.method == "random" or plan.method == "halton")
end

local function scale_of(sweep, name)
  local values, seen, numbers = {}, {}, true
  for _, trial in ipairs(sweep.list) do
    local v = trial.params[name]
    local text = v ~= nil and jobs.text(v)
    if text and not seen[text] then
      seen[text], values[#values + 1] = true, v
      numbers = numbers and type(v) == "number"
    end
  end
  local scale = { name = name, kind = numbers and "number" or "category", levels = {} }
  if numbers then table.sort(values) end
  for i, v in ipairs(values) do scale.levels[i] = { value = v, text = numbers and format.number(v) or jobs.text(v) } end
  local axis
  for _, a in ipairs(sweep.plan.axes or {}) do if a.name == name then axis = a end end
  scale.log = numbers and is_log(axis, values)
  scale.few = not numbers or #values <= M.most_levels and not is_drawn(sweep.plan, axis)
  return scale
end

-- The scales of the parameters that differ among the trials, sorted by name; or of those named, in that
-- order. Raises at the script's line for a name that the sweep does not set.
function M.of(where, sweep, names)
  local varied, known, scales = jobs.varied(sweep.list), {}, {}
  for _, name in ipairs(varied) do known[name] = true end
  for i, name in ipairs(names or varied) do
    if not known[name] then
      options.fail(("%s: '%s' does not differ among the trials%s"):format(where, tostring(name), options.suggestion(tostring(name), varied)))
    end
    scales[i] = scale_of(sweep, name)
  end
  return scales
end

-- Which level a value is, or nil.
function M.level(scale, v)
  local text = v ~= nil and jobs.text(v)
  for i, level in ipairs(scale.levels) do if text and jobs.text(level.value) == text then return i end end
end

-- Where a value stands, from 0 to 1; categories evenly spaced, one alone in the middle. nil if the trial
-- does not set it.
function M.position(scale, v)
  if v == nil then return nil end
  local n = #scale.levels
  if scale.kind == "category" then return n == 1 and 0.5 or (M.level(scale, v) - 1) / (n - 1) end
  local low, high = scale.levels[1].value, scale.levels[n].value
  if low == high then return 0.5 end
  if scale.log then return math.log(v / low) / math.log(high / low) end
  return (v - low) / (high - low)
end

-- Do all levels stand at least this far from one another, in parts of the axis?
function M.are_apart(scale, distance)
  for i = 2, #scale.levels do
    if M.position(scale, scale.levels[i].value) - M.position(scale, scale.levels[i - 1].value) < distance then return false end
  end
  return true
end

-- The sweep that stands first in the options of a word, with an objective.
function M.sweep(where, given)
  local sweep = given[1]
  if not require "lab.sweep.result.results".is_sweep(sweep) then options.fail(("%s: the first value must be what lab.sweep returned"):format(where)) end
  if not sweep.plan.objective then options.fail(("%s: the sweep has no objective, so there is nothing to compare"):format(where)) end
  return sweep
end

return M
