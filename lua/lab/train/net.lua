-- net.lua: what a net can do once lab.mlp has made it: train, measure, be looked into.

local asking = require "lab.net.ask"
local epochs = require "lab.train.epochs"
local fields = require "lab.util.fields"
local judge = require "lab.train.judge"
local new_layer = require "lab.evolve.layer"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local progress = require "lab.util.progress"
local rewiring = require "lab.evolve.rewire"
local saved_net = require "lab.net.saved_net"
local views = require "lab.data.views"

local Net = {}
Net.__index = Net
Net.__name = "lab.mlp"

local function check_colon(net, word)
  if getmetatable(net) ~= Net then options.fail(("write net:%s(...), with a colon"):format(word)) end
end

-- Calls a method of the engine's net on behalf of the script's net:word(...).
local function ask(net, word, method, ...)
  check_colon(net, word)
  return asking.ask(net, word, method, ...)
end

function Net:__close() ask(self, "close", "close") end
Net.close = Net.__close

function Net:save(path) saved_net.save(self, path) end

function Net:epochs(view, given)
  check_colon(self, "epochs")
  return epochs.loop(self, view, given)
end

-- ---- measuring ----

local evaluation = fields.record("an evaluation", { "loss", "seconds" }, { "accuracy", "rmse", "r2", "exact", "f1" })

local function measure(net, word, view)
  check_colon(net, word)
  views.check(net, word, view)
  local loss, accuracy, seconds = ask(net, word, "evaluate", view)
  local targets = view:targets()
  if targets and net.options.loss == "binary_cross_entropy" then
    local right = view:compare_labels(ask(net, word, "outputs", view))
    return setmetatable({ loss = loss, accuracy = right.accuracy, exact = right.exact, f1 = right.f1, seconds = seconds }, evaluation)
  end
  if targets then
    local spread = view:target_spread()
    return setmetatable({ loss = loss, rmse = math.sqrt(2 * loss / targets), r2 = spread > 0 and 1 - 2 * loss / spread or nil, seconds = seconds }, evaluation)
  end
  progress.update { accuracy = accuracy }
  return setmetatable({ loss = loss, accuracy = accuracy, seconds = seconds }, evaluation)
end

function Net:evaluate(view) return measure(self, "evaluate", view) end

-- Words about classes need samples that have some.
local function check_classes(word, view)
  local targets = type(view) == "userdata" and view.targets and view:targets()
  if targets then options.fail(("net:%s: the samples have numbers as targets, not classes; net:evaluate measures the error"):format(word)) end
end

function Net:accuracy(view)
  check_classes("accuracy", view)
  return measure(self, "accuracy", view).accuracy
end

function Net:predict(view, i)
  check_colon(self, "predict")
  views.check(self, "predict", view)
  if i == nil then return ask(self, "predict", "outputs", view) end
  return ask(self, "predict", "predict", view, i)
end

-- The outputs for all samples of a split, and how many there are of each.
local function outputs(net, word, view)
  check_colon(net, word)
  check_classes(word, view)
  views.check(net, word, view)
  return ask(net, word, "outputs", view), net:units(net:layers())
end

function Net:confusion(view)
  local values, units = outputs(self, "confusion", view)
  return judge.confusion(values, view, units)
end

function Net:calibration(view, given)
  check_colon(self, "calibration")
  local o = options.check("net:calibration", judge.calibration_options, given)
  judge.check_shares("net:calibration", self)
  local values, units = outputs(self, "calibration", view)
  return judge.calibration(values, view, units, o)
end

function Net:layers() return ask(self, "layers", "layers") end
function Net:links(layer) return ask(self, "links", "links", layer) end
function Net:is_sparse(layer) return ask(self, "is_sparse", "is_sparse", layer) end
function Net:units(level) return ask(self, "units", "units", level) end
function Net:reads(layer) return ask(self, "reads", "reads", layer) end

function Net:links_per_layer()
  local links = {}
  for l = 1, ask(self, "links_per_layer", "layers") do links[l] = self:links(l) end
  return links
end

function Net:degrees(layer, side) return ask(self, "degrees", "degrees", layer, side) end

function Net:input_strength(layer) return ask(self, "input_strength", "strength", layer or 1) end

local surviving_spec = {
  zeta = { kind = "number", default = 0.3, min = 0, max = 1, unit = "share of a layer's links", help = "How many of the positive and of the negative links would be pruned." },
}

function Net:surviving_inputs(given)
  local o = options.check("net:surviving_inputs", surviving_spec, given)
  return ask(self, "surviving_inputs", "surviving", 1, "set", o.zeta)
end

-- ---- for your own methods ----

function Net:weights(layer) return ask(self, "weights", "weights", layer) end
function Net:biases(layer) return ask(self, "biases", "biases", layer) end
function Net:activation_parameters(layer) return ask(self, "activation_parameters", "activation_parameters", layer) end
function Net:links_of(layer) return ask(self, "links_of", "links_of", layer) end

function Net:layer(layer)
  if not ask(self, "layer", "is_sparse", layer) then options.fail(("net:layer: layer %d is dense"):format(layer)) end
  return new_layer(self, { number = layer, epoch = self.epoch })
end

function Net:births(layer) return ask(self, "births", "vector", layer, "births") end

function Net:cells_tried(layer)
  local cells = ask(self, "cells_tried", "cells_tried", layer)
  if not cells then options.fail "net:cells_tried: the net does not keep which cells were linked: make it with lab.mlp { history = true }" end
  return cells
end

function Net:rewire(layer, change, epoch)
  check_colon(self, "rewire")
  return rewiring.rewire(self, layer, change, epoch)
end

-- ---- the manual -----------------------------------------------------------------------------------

local LAYER = { "layer", "whole number", "Counted from 1, the layer above the inputs." }
local SPLIT = { "split", "split of a data set", "Such as data.test." }

manual.object("net", {
  summary = "a multilayer perceptron: what lab.mlp and lab.load return",
  fields = {
    options = "The options of lab.mlp, defaults filled in; do not change them.",
    epoch = "Epochs that the net has been trained, or nil before the first.",
    evolution = "The evolution that it was last trained with, functions left out, or nil.",
  },
  methods = {
    epochs = {
      summary = "train: for epoch in net:epochs(data.train, { ... }) do ... end",
      text = "The loop belongs to the script: measure, log or stop in its body; `break` ends the training. "
        .. "Epochs count from 1 in every call, and a second call on the same net sees the samples in the same orders. With `checkpoint` a run that was stopped "
        .. "resumes after the last saved epoch; put what the body has to remember from epoch to epoch into run.state.",
      arguments = { { "split", "split of a data set", "What to train on, such as data.train." } },
      options = epochs.options,
      returns = "an iterator over epochs ('setlab help lab.epoch').",
      raises = "\"diverged: ...\" when the loss is no longer finite.",
    },
    evaluate = { summary = "measure loss and accuracy over all samples, without dropout", arguments = { SPLIT },
      returns = "{ loss = mean, accuracy = share of correct samples, seconds = }. Where samples have numbers as targets (split:set_targets): { loss = mean of half the squared error, summed over a sample's targets, "
        .. "rmse = root of the mean squared error of a target, r2 = 1 - squared error / that of whoever says the mean, seconds = }; r2 is nil where no target varies. "
        .. "Where they are labels, with the loss binary_cross_entropy: { loss = mean over the samples, summed over a sample's labels, accuracy, exact, f1 (split:compare_labels), seconds = }." },
    accuracy = { summary = "the share of samples that the net classifies correctly, without dropout", arguments = { SPLIT }, returns = "a number from 0 to 1." },
    predict = { summary = "the values of the output units, without dropout",
      arguments = { SPLIT, { "i", "whole number", "The sample, counted from 1; without it all samples.", optional = true } },
      returns = "for one sample an array, one number for each class; under softmax they add up to 1, under sigmoid each is the share that its label is there. For all a lab.vector of samples times units, sample after sample." },
    confusion = { summary = "which classes the net confuses", arguments = { SPLIT },
      returns = "{ counts = array by true class of arrays by predicted class, recall =, precision = arrays by class, accuracy =, classes = names }. "
        .. "recall is the share of a class's samples that are predicted correctly, precision the share of a class's predictions that are correct; nil where there are none." },
    calibration = { summary = "how well the net's confidence matches its accuracy",
      text = "The confidence in a sample is its largest softmax output. The expected calibration error is the mean absolute difference between accuracy and confidence over the bins, weighted by their numbers of samples (Guo et al. 2017).",
      arguments = { SPLIT }, options = judge.calibration_options,
      returns = "{ error =, largest = that of the worst bin, confidence =, accuracy =, bins = array of { low =, high =, samples =, confidence =, accuracy = } }; a bin without samples has neither confidence nor accuracy.",
      raises = "The output is not softmax." },
    layers = { summary = "the number of layers of links", returns = "a whole number." },
    links = { summary = "the number of links of one layer, or of all",
      arguments = { { "layer", "whole number", "Counted from 1, the layer above the inputs; without it all layers together.", optional = true } }, returns = "a whole number." },
    links_per_layer = { summary = "the number of links of every layer", returns = "an array." },
    is_sparse = { summary = "whether a layer is sparse", arguments = { LAYER }, returns = "true or false." },
    units = { summary = "the number of units of a level", arguments = { { "level", "whole number", "0 for the inputs." } }, returns = "a whole number." },
    reads = { summary = "how many units a layer reads: those below it and, with skip links, the inputs", arguments = { LAYER }, returns = "a whole number." },
    degrees = { summary = "the number of links of each unit on one side of a layer",
      arguments = { LAYER, { "side", "\"in\" or \"out\"", "\"in\": links that arrive at the units above; \"out\": links that leave the units below." } }, returns = "an array." },
    input_strength = { summary = "the sum of |w| over the links of each input unit",
      text = "Informative features gain links with large weights, so lab.select_features can rank by this.",
      arguments = { { "layer", "whole number", "The layer whose lower units are meant; 1 by default, so the inputs.", optional = true } }, returns = "an array." },
    surviving_inputs = { summary = "the number of links that each input unit would keep if SET pruned now", text = "Nothing changes.", options = surviving_spec,
      returns = "an array; the first layer has to be sparse." },
    weights = { summary = "the weights of a layer", arguments = { LAYER },
      returns = "an array: of a sparse layer in the order of net:links_of, of a dense one unit by unit, its inputs in order." },
    biases = { summary = "the biases of the units above a layer", arguments = { LAYER }, returns = "an array." },
    activation_parameters = { summary = "the parameters of the units above a layer: those that srelu trains, and those of batch normalisation with its running mean and variance", arguments = { LAYER },
      returns = "{ t_left =, a_left =, t_right =, a_right = }, an array each; nil where the activation has none." },
    links_of = { summary = "which units the links of a sparse layer join", arguments = { LAYER }, returns = "two arrays of unit numbers from 1: from, to." },
    layer = { summary = "a sparse layer as vectors: weights, ends of links, degrees", arguments = { LAYER }, returns = "a layer ('setlab help lab.layer'); fields that belong to an evolution are missing." },
    births = { summary = "the evolution in which each link of a sparse layer was born; 0 for the first wiring", text = "The net must be made with lab.mlp { history = true }. "
        .. "Evolutions between epochs are numbered by the epoch that begins; the numbers start again in every call of net:epochs.", arguments = { LAYER }, returns = "a vector of whole numbers, in the order of net:links_of." },
    cells_tried = { summary = "how many cells of a layer have ever been linked", text = "The net must be made with lab.mlp { history = true }. Divided by the number of cells, it is ITOP's rate R_s.", arguments = { LAYER }, returns = "a whole number." },
    rewire = { summary = "change the wiring of a sparse layer: drop links, grow others",
      text = "The change is a table. `keep` has one boolean a link, in the order of net:weights; false drops the link. `from` and `to` say where links grow, with units counted from 1; without them "
        .. "as many grow at random as were dropped. A lab.vector of booleans, or an array of them, alone stands for `keep`. Nothing is changed if a new link exists already, is given twice or leads to a unit that does not exist.",
      arguments = { LAYER, { "change", "table, vector or array", "{ keep =, from =, to =, weights =, newborn = \"drawn\" or \"zero\" }, or what to keep." },
        { "epoch", "whole number", "The epoch, as a function for `evolve` receives it; it chooses the random stream." } },
      returns = "how many links have grown.",
      raises = "A link that is impossible; the message names the first one." },
    save = { summary = "write the net to a file that lab.load, NumPy and SciPy read",
      text = "The file is written under a temporary name first, so a file of this name is always complete.", arguments = { { "path", "text", "The file, such as run.path .. \"/final.npz\"." } },
      raises = "an error if the file cannot be written." },
    close = { summary = "free the net's memory; `local net <close>` does it automatically" },
  },
})

manual.object("epoch", {
  summary = "what the loop `for epoch in net:epochs(...)` is given",
  fields = {
    n = "The epoch, counted from 1.",
    loss = "Mean loss while the epoch was trained, with dropout.",
    accuracy = "Share of samples classified correctly while the epoch was trained, with dropout.",
    lr = "The learning rate.",
    seconds = "Seconds of training, evolution not counted.",
    evolve_seconds = "Seconds of evolution when the epoch began, or within it.",
    total_seconds = "Seconds of training and evolution since epoch 1.",
    replaced = "How many links evolution replaced when the epoch began, or within it.",
    samples = "How many samples were trained on.",
    clipped = "Share of steps whose gradient was scaled down to clip_norm; nil without that option.",
    phases = "Where the seconds went: { batch =, loss =, forward = array by layer, backward = array by layer }.",
  },
})

return fields.class(Net, "a net", { "options" }, { "epoch", "views", "evolution", "evolving" })
