-- mlp.lua: lab.mlp { 784, 1000, 10, ... } makes a net; net.lua says what it can do.

local attempt = require "lab.util.attempt".call
local engine = require "lab.c.net"
local layers = require "lab.net.layers"
local manual = require "lab.util.manual"
local memory_check = require "lab.net.memory_check"
local Net = require "lab.train.net"
local options = require "lab.util.options"
local progress = require "lab.util.progress"
local system = require "lab.c.system"

local told = {}  -- notes already given: the same wiring is built again for every run
local function note(text)
  if not told[text] then progress.note("lab.mlp: " .. text) end
  told[text] = true
end

local spec = {
  positional = true,
  hidden = { kind = "string", default = "relu", choices = engine.activations, help = "The activation of hidden units." },
  slope = { kind = "number", default_is = "0.01 for leaky_relu, 0.6 for all_relu",
    help = "The slope of leaky_relu and all_relu left of 0; other activations take none." },
  output = { kind = "string", choices = layers.outputs, default_is = '"softmax" with cross_entropy, "sigmoid" with binary_cross_entropy, "linear" with mse',
    help = "The activation of output units; cross_entropy goes with softmax, binary_cross_entropy with sigmoid, mse with any but softmax." },
  loss = { kind = "string", default = "cross_entropy", choices = engine.losses, help = "The loss that training minimises: of classes; of numbers, or of classes as 1 and 0 (mse); of several labels at once, each of them there or not (binary_cross_entropy)." },
  batch_norm = { kind = "table", fields = layers.batch_norm, default_is = "none",
    help = "Batch normalisation of the sums of hidden units, before their activation: { samples =, affine = }, or {} for the defaults." },
  skip = layers.skip,
  dropout = { kind = "number", default = 0, min = 0, below = 1, unit = "share of the hidden units", help = "How many hidden units are left out, at random, for each sample of training." },
  wiring = { kind = "table|function", required = true, takes = "lab.erdos_renyi { ... } or another wiring, lab.dense {}, function(n_in, n_out), or an array with one of these for each layer",
    help = "Which links a layer starts with; a function returns two arrays, the source and the target unit of each link, counted from 1." },
  init = { kind = "string", default = "he_links_uniform", choices = engine.inits, help = "The rule by which the first weights are drawn." },
  seed = { kind = "integer", required = true, help = "Seeds the streams for wiring, weights, order of samples, dropout, augmentation and evolution." },
  threads = { kind = "integer", min = 1, max = 4096, default_is = "those of the program (--threads)", help = "Threads that train the net; results do not depend on them." },
  history = { kind = "boolean", default = false,
    help = "Whether the net remembers when each link was born and which cells were ever linked, as net:births, net:cells_tried and lab.grow.unfired need it: 4 bytes a link, and 4 for each cell that was ever linked." },
  precision = { kind = "string", default = "float32", choices = { "float32", "bfloat16" },
    help = "How links read the values and gradients at their far ends; weights and sums are always float32." },
  optimiser = { kind = "string", choices = layers.optimisers, default_is = '"sgd"',
    help = "The rule by which weights learn: stochastic gradient descent with momentum, adamw, lion, beta_lasso or s2sam; net:epochs sets its numbers." },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" }, default_is = "the fastest here", help = "The instruction set of the kernels; it decides the last bits of a result." },
}

manual.word("lab.mlp", {
  summary = "make a multilayer perceptron, sparse or dense",
  text = 'Activations: "all_relu" has the slope -slope left of 0 above the first layer, +slope above the second, and so on in turn; "srelu" is three straight pieces '
    .. "whose two ends and outer slopes are trained for each unit (net:activation_parameters). \"silu\" is x / (1 + exp(-x)), \"gelu\" is x times the share of the normal distribution "
    .. "that lies below x. bfloat16 is faster where a layer does not fit the caches.\n"
    .. '"adamw" (Loshchilov and Hutter 2019) divides a running mean of gradients by the root of a running mean of their squares; each link has an age of its own, so that those which '
    .. 'an evolution grows begin anew. It takes 8 bytes a weight more. "lion" (Chen et al. 2023) moves each weight by the sign of such a mean, and in sparse layers takes no more memory than "sgd". Both need a learning rate '
    .. "well below that of sgd, and a larger weight_decay, with decay = \"decoupled\".\n"
    .. '"beta_lasso" (Neyshabur 2020) is sgd that pulls each link to 0 by the same amount, and sets those that come near to exactly 0, so that an evolution can free them. '
    .. '"s2sam" (Ji et al. 2024) is sgd that takes each gradient a little way up the one before, which seeks flat minima: as sharpness-aware minimisation does, but with one pass a step, '
    .. "and 4 bytes a weight more. In both, biases and parameters of activations learn by sgd.\n"
    .. "Batch normalisation takes the mean and the deviation of a unit over a part of the batch (a ghost batch, Hoffer et al. 2017), so that no thread waits for "
    .. "another. A batch of 100 is cut into parts of 32, 32, 16 and 20: the last part has from 17 to 32 samples. With samples = \"batch\" they are those of the whole batch, and threads "
    .. "share the units of one wide tile instead of having tiles of their own; not with bfloat16. net:evaluate and net:predict use running averages, "
    .. "which move a tenth of the way with each batch (Ioffe and Szegedy 2015). Scale and shift have no weight decay; net:activation_parameters returns them. Biases have no effect then.\n"
    .. 'First weights: "he_links_..." have the variance 2 / (links into the unit), unit by unit, so that sums start at the same scale in every unit, however few links it has; '
    .. '"swi" (normal) and "swi_uniform" 2 / (density n_in), of the layer; "xavier_links_..." 2 / (density n_in + density n_out). "he_..." and "xavier_..." use n_in and n_out '
    .. 'themselves, as published programs of SET do, which gives far smaller weights in a sparse layer; "normal" is a tenth of N(0, 1). In a dense layer he_links and he are the same. '
    .. "Links that an evolution grows are drawn from the same distribution with n_in and n_out: as small as in SET's published program.\n"
    .. "A layer with skip links reads so many units more as there are inputs. To a wiring, to net:degrees, net:links_of and net:rewire they are units below, numbered behind those of the level below; "
    .. "their values are those of the inputs, without dropout.\n"
    .. "A net owns memory that Lua's collector does not see: declare it `local net <close>`.",
  items = { "n_inputs, n_hidden, ..., n_classes", "The number of units of each level, inputs first: two numbers or more, each from 1 to 1e9." },
  options = spec,
  returns = "a net",
  raises = "An option that is wrong, a wiring that leaves a layer without a link, or not enough memory, which is found out beforehand.",
  gives = "net",
  example = 'local net <close> = lab.mlp { 500, 200, 100, 2, hidden = "relu", wiring = lab.erdos_renyi { epsilon = 13 }, seed = 1 }',
})

local function describe(o)
  local described = layers.describe("lab.mlp", o, note)
  for l, layer in ipairs(described) do layer.dropout = l < #described and o.dropout or 0 end  -- of hidden units only
  return described
end

local function keep_history(core)
  local ok, why = attempt(core.keep_history, core)
  if ok then return end
  core:close()
  options.fail("lab.mlp: " .. why)
end

-- Hidden units that no way leads through from the inputs to the outputs learn nothing, or for nothing. Links that are yet to
-- be read from a file (lab.load) say nothing so far.
local function tell_cut_off(core, described)
  for _, layer in ipairs(described) do if layer.kind == "stored" then return end end
  for l, n in ipairs(core:cut_off()) do
    if n > 0 then
      note(("%d of the %d units of hidden layer %d lie on no path from an input to an output"):format(n, core:units(l), l))
    end
  end
end

local function mlp(given)
  local o = options.check("lab.mlp", spec, given)
  layers.check_sizes("lab.mlp", o)
  layers.check_units("lab.mlp", o)
  local described = describe(o)
  local threads, isa = o.threads or system.threads(), o.isa or os.getenv "SETLAB_ISA"
  memory_check.net("lab.mlp", described, { threads = threads, isa = isa, history = o.history, optimiser = o.optimiser })
  local ok, core = attempt(engine.new, {
    layers = described, loss = o.loss, init = o.init, seed = o.seed, threads = threads, isa = isa,
    precision = o.precision, optimiser = o.optimiser, affine = not o.batch_norm or o.batch_norm.affine ~= false,
  })
  if not ok then options.fail("lab.mlp: " .. core) end
  -- init: the rule by which newborn links draw.
  local net = setmetatable({ core = core, init = engine.newborn_init(o.init), options = o }, Net)
  for l = 1, #o - 1 do
    if core:links(l) == 0 then
      core:close()
      options.fail(("lab.mlp: the wiring leaves layer %d, of %d to %d units, without a single link; a larger epsilon or density is needed"):format(l, described[l].n_in, o[l + 1]))
    end
  end
  if o.history then keep_history(core) end
  tell_cut_off(core, described)
  return net
end

return mlp
