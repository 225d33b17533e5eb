-- ensemble.lua: lab.ensemble, the mean of what several nets say of the same samples.
--
-- An ensemble keeps what its members said, not the members: snapshots of one run may join as the run passes by.

local asking = require "lab.net.ask"
local augmenting = require "lab.train.augmenting"
local fields = require "lab.util.fields"
local judge = require "lab.train.judge"
local manual = require "lab.util.manual"
local Net = require "lab.train.net"
local options = require "lab.util.options"
local views = require "lab.data.views"

local spec = {
  positional = true,
  split = { kind = "any", required = true, takes = "split of a data set", help = "The samples that the ensemble is asked about, such as data.test." },
}

local add_spec = {
  augment = { kind = "table|function", takes = "lab.augment { ... } or function(epoch, n)", help = "How the images are changed that the net is asked about; each time counts as an epoch." },
  times = { kind = "integer", default_is = "16 with augment", min = 1, max = 10000, help = "How often it is asked, with augment." },
}

manual.word("lab.ensemble", {
  summary = "the mean of what several nets say of the same samples",
  text = "The outputs of the nets are averaged, sample by sample; under softmax these are shares. The nets may be snapshots of one run, taken where a rate that falls and rises in turn has fallen "
    .. "(lab.schedule.cycles; Huang et al. 2017, and with sparse nets Liu et al. 2022): ensemble:add(net) in the loop's body. An ensemble keeps outputs only, 4 bytes for each sample and class, so a net may "
    .. "train on or be closed.",
  items = { "net, ...", "Nets that belong to it from the start; there may be none." },
  options = spec,
  returns = "an ensemble",
  raises = "A net that does not fit the samples or the other nets.",
  gives = "ensemble",
  example = "local together = lab.ensemble { split = data.test }\n"
    .. "for epoch in net:epochs(data.train, { epochs = 30, batch = 50, lr = lab.schedule.cycles { epochs = 10, schedule = lab.schedule.cosine { value = 0.05 } } }) do\n"
    .. "  if epoch.n % 10 == 0 then together:add(net) end\nend\nprint(together:accuracy())",
})

manual.object("ensemble", {
  summary = "what lab.ensemble returns: the mean of what several nets say",
  fields = { members = "How many nets have been added." },
  methods = {
    add = { summary = "add what a net says now", arguments = { { "net", "net", "A net with as many outputs as the others." } }, options = add_spec, returns = "the ensemble.",
      text = "With `augment`, the net is asked about changed images, `times` times, and joins with the mean of what it says: test-time augmentation (Krizhevsky et al. 2012). The changes are drawn from the net's seed: added once more, the same net sees the same ones.",
      example = "together:add(net, { augment = lab.augment { shift = 0.1, flip = true }, times = 16 })" },
    predict = { summary = "the mean outputs", arguments = { { "i", "whole number", "The sample, counted from 1; without it all samples.", optional = true } },
      returns = "for one sample an array, one number for each class. For all a lab.vector of samples times units, sample after sample.", raises = "There is no member yet." },
    accuracy = { summary = "the share of samples whose largest mean output is that of their class", returns = "a number from 0 to 1.", raises = "There is no member yet." },
    confusion = { summary = "which classes the ensemble confuses", returns = "as net:confusion.", raises = "There is no member yet." },
    calibration = { summary = "how well the ensemble's confidence matches its accuracy", options = judge.calibration_options, returns = "as net:calibration.",
      raises = "There is no member yet, or the outputs of one are not softmax's." },
  },
})

local Ensemble = fields.class({ __name = "lab.ensemble" }, "an ensemble", { "members" }, { "split", "sum", "units", "unlike_shares" })
Ensemble.__index = Ensemble

local function check_net(where, net)
  if getmetatable(net) ~= Net then options.fail(("%s takes a net, not %s"):format(where, type(net))) end
end

local AUGMENT <const> = "ensemble:add: option 'augment'"

-- What the net says of the split, or the mean of what it says of changed images.
local function said(net, split, o)
  local augment, outputs = augmenting.check(AUGMENT, o.augment, split), nil
  if not augment and o.times then options.fail "ensemble:add: option 'times' goes with 'augment': without it a net always says the same" end
  if not augment then return net:predict(split) end
  local times = o.times or 16
  views.check(net, "predict", split)
  for time = 1, times do
    local once = asking.ask(net, "predict", "outputs", split, augmenting.prepare(AUGMENT, augment, time, #split), time)
    outputs = outputs and outputs + once or once
  end
  return outputs / times
end

function Ensemble:add(net, given)
  check_net("ensemble:add", net)
  local o = options.check("ensemble:add", add_spec, given)
  local outputs, units = said(net, self.split, o), net:units(net:layers())
  if self.units and units ~= self.units then options.fail(("ensemble:add: the net has %d outputs, and the others have %d"):format(units, self.units)) end
  self.units, self.members = units, self.members + 1
  self.sum = self.sum and self.sum + outputs or outputs
  if net.options.output ~= "softmax" then self.unlike_shares = net.options.output end
  return self
end

local function mean(self, word)
  if self.members == 0 then options.fail(("ensemble:%s: the ensemble has no member yet; ensemble:add(net) adds one"):format(word)) end
  return self.sum / self.members
end

function Ensemble:predict(i)
  local outputs, n = mean(self, "predict"), self.split:shape()
  if i == nil then return outputs end
  if math.type(i) ~= "integer" or i < 1 or i > n then options.fail(("ensemble:predict: there is no sample %s of %d"):format(tostring(i), n)) end
  local one = {}
  for o = 1, self.units do one[o] = outputs[(i - 1) * self.units + o] end
  return one
end

function Ensemble:confusion() return judge.confusion(mean(self, "confusion"), self.split, self.units) end

function Ensemble:accuracy() return judge.confusion(mean(self, "accuracy"), self.split, self.units).accuracy end

function Ensemble:calibration(given)
  local o = options.check("ensemble:calibration", judge.calibration_options, given)
  local outputs = mean(self, "calibration")
  if self.unlike_shares then options.fail(("ensemble:calibration: confidence is the share that softmax gives; a net's output is '%s'"):format(self.unlike_shares)) end
  return judge.calibration(outputs, self.split, self.units, o)
end

return function(given)
  local o = options.check("lab.ensemble", spec, given)
  local ensemble = setmetatable({ split = o.split, members = 0 }, Ensemble)
  for _, net in ipairs(o) do
    check_net("lab.ensemble", net)
    ensemble:add(net)
  end
  return ensemble
end
