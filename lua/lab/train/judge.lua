-- judge.lua: what a net says of the samples of a split, class by class.
--
-- All of it comes from one walk over the split: the output units' values of every sample.

local options = require "lab.util.options"

local M = {}

-- calls f(class, outputs, at) for every sample: its class from 0; its outputs are at + 1, at + 2, ...
local function each(outputs, split, units, f)
  local samples = split:shape()
  for i = 1, samples do f(split:label(i), outputs, (i - 1) * units) end
end

-- The unit, from 0, with the largest output; the first of equals, as the engine counts hits. Second its output.
local function winner(outputs, at, units)
  local best, value = 0, outputs[at + 1]
  for o = 1, units - 1 do
    local v = outputs[at + o + 1]
    if v > value then best, value = o, v end
  end
  return best, value
end

local function share(part, whole) return whole > 0 and part / whole or nil end

-- The names of the classes; numbers from 0 where they have none.
local function class_names(split, classes)
  local names = split:class_names() or {}
  for c = 1, classes do names[c] = names[c] or tostring(c - 1) end
  return names
end

-- Counts of samples by their class (rows) and by what the net says (columns), with the shares that come of them.
-- outputs: vector of samples * units. A class without samples has no share, nil, and one that is never said has none.
function M.confusion(outputs, split, units)
  local _, _, classes = split:shape()
  local counts, recall, precision, hits, total = {}, {}, {}, 0, 0
  for c = 1, classes do
    counts[c] = {}
    for said = 1, units do counts[c][said] = 0 end
  end
  each(outputs, split, units, function(class, values, at)
    local said = winner(values, at, units)
    counts[class + 1][said + 1] = counts[class + 1][said + 1] + 1
    hits, total = hits + (said == class and 1 or 0), total + 1
  end)
  for c = 1, classes do
    local of_class, as_class = 0, 0
    for said = 1, units do of_class = of_class + counts[c][said] end
    for class = 1, classes do as_class = as_class + counts[class][c] end
    recall[c], precision[c] = share(counts[c][c], of_class), share(counts[c][c], as_class)
  end
  return { counts = counts, recall = recall, precision = precision, accuracy = hits / total, classes = class_names(split, math.max(classes, units)) }
end

M.calibration_options = {
  bins = { kind = "integer", default = 15, min = 1, max = 1000, help = "The number of bins of equal width that cover confidences from 0 to 1." },
}

-- How far confidence is from accuracy: the expected calibration error of Guo et al. 2017, over bins of equal width.
-- outputs as above; those of a sample are shares that add up to 1.
function M.calibration(outputs, split, units, o)
  local bins = {}
  for b = 1, o.bins do bins[b] = { low = (b - 1) / o.bins, high = b / o.bins, samples = 0, confidence = 0, accuracy = 0 } end
  local total = split:shape()
  each(outputs, split, units, function(class, values, at)
    local said, confidence = winner(values, at, units)
    local bin = bins[math.max(1, math.min(o.bins, math.ceil(confidence * o.bins)))]   -- (low, high]
    bin.samples, bin.confidence = bin.samples + 1, bin.confidence + confidence
    bin.accuracy = bin.accuracy + (said == class and 1 or 0)
  end)
  local found = { error = 0, largest = 0, confidence = 0, accuracy = 0, bins = bins }
  for _, bin in ipairs(bins) do
    found.confidence, found.accuracy = found.confidence + bin.confidence / total, found.accuracy + bin.accuracy / total
    if bin.samples > 0 then
      local off = math.abs(bin.accuracy - bin.confidence)
      found.error, found.largest = found.error + off / total, math.max(off / bin.samples, found.largest)   -- NaN stays
      bin.confidence, bin.accuracy = bin.confidence / bin.samples, bin.accuracy / bin.samples
    else bin.confidence, bin.accuracy = nil, nil end
  end
  return found
end

-- Raises where outputs are no shares.
function M.check_shares(word, net)
  if net.options.output ~= "softmax" then
    options.fail(("%s: confidence is the share that softmax gives; this net's output is '%s'"):format(word, tostring(net.options.output)))
  end
end

return M
