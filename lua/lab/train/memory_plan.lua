-- memory_plan.lua: lab.memory_plan, what a net and its training will take of memory.
--
--   local plan = lab.memory_plan { 3072, 4000, 1000, 4000, 10, wiring = lab.erdos_renyi { epsilon = 20 },
--     batch = 100, zeta = 0.3, train = 50000 }
--   print(plan)            -- all of it; plan.total, plan.available and the like are bytes
--   if plan.fits then ...  -- is that available here and now?
-- Nothing is allocated. It takes the options of lab.mlp, most of which take no memory, and those
-- below. lab.mlp and net:epochs use the same calculation to refuse what cannot fit.

local attempt = require "lab.util.attempt".call
local bytes = require "lab.util.bytes"
local check = require "lab.net.memory_check"
local engine = require "lab.c.plan"
local evolve = require "lab.evolve.apply"
local fields = require "lab.util.fields"
local format = require "lab.util.format"
local layers = require "lab.net.layers"
local manual = require "lab.util.manual"
local nets = require "lab.c.net"
local options = require "lab.util.options"
local system = require "lab.c.system"
local text_table = require "lab.util.text_table"

local spec = {
  positional = true,
  hidden = { kind = "string", default = "relu", choices = nets.activations, help = "The activation of hidden units." },
  slope = { kind = "number", default_is = "0.01 for leaky_relu, 0.6 for all_relu", help = "The slope of leaky_relu and all_relu left of 0; it takes no memory." },
  output = { kind = "string", choices = layers.outputs, default_is = '"softmax" with cross_entropy, "sigmoid" with binary_cross_entropy, "linear" with mse', help = "The activation of output units." },
  loss = { kind = "string", default = "cross_entropy", choices = nets.losses, help = "The loss that training minimises." },
  wiring = { kind = "table|function", required = true, takes = "lab.erdos_renyi { ... } or another wiring, lab.dense {}, function(n_in, n_out), or an array with one of these for each layer",
    help = "Which links a layer starts with; of a random wiring the expected number is counted." },
  batch_norm = { kind = "table", fields = layers.batch_norm, default_is = "none", help = "As in lab.mlp. It takes memory for each unit, and for each unit and sample of a batch." },
  skip = layers.skip,
  threads = { kind = "integer", min = 1, max = 4096, default_is = "those of the program (--threads)", help = "Threads that would train the net; each takes memory of its own." },
  precision = { kind = "string", default = "float32", choices = { "float32", "bfloat16" }, help = "How links read the values and gradients at their far ends." },
  optimiser = { kind = "string", choices = layers.optimisers, default_is = '"sgd"', help = "As in lab.mlp: adamw takes 8 bytes a weight more, s2sam 4." },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" }, default_is = "the fastest here", help = "The instruction set of the kernels." },
  batch = { kind = "integer", default = 100, min = 1, max = 1000000, unit = "samples", help = "The size of a batch." },
  zeta = { kind = "number", default = 0.3, min = 0, max = 1, unit = "share of a layer's links", help = "How many links SET moves; 0 for a net that does not evolve." },
  evolve = { kind = "table", takes = "lab.rigl { ... } or another evolution", help = "How the wiring changes, instead of `zeta`; the memory of its rules and of their probe is counted." },
  epochs = { kind = "integer", default = 100, min = 1, max = 1000000000, help = "The number of epochs; with more of them, more cells are ever linked." },
  average = { kind = "integer", default = 0, min = 0, unit = "epochs", help = "As in net:epochs: a mean of weights takes 4 bytes a weight." },
  clip_norm = { kind = "number", default = 0, min = 0, help = "As in net:epochs: where it is not 0, all gradients of a step are kept." },
  history = { kind = "boolean", default = false, help = "As in lab.mlp: 4 bytes a link, and 4 for each cell that is ever linked." },
  train = { kind = "integer", default = 0, min = 0, max = 2147483647, unit = "samples", help = "Training samples that are held in memory beside the net." },
  test = { kind = "integer", default = 0, min = 0, max = 2147483647, unit = "samples", help = "Test samples that are held in memory beside the net." },
  floats = { kind = "boolean", default = false, help = "Whether the data are floats, 4 bytes a value, instead of bytes." },
  output_evolves = { kind = "boolean", default = false, help = "Whether the output layer evolves too, as with lab.set { output = true }." },
  -- What lab.mlp takes and memory does not depend on.
  dropout = { help = "As in lab.mlp; memory does not depend on it." },
  init = { help = "As in lab.mlp; memory does not depend on it." },
  seed = { help = "As in lab.mlp; memory does not depend on it." },
}

manual.word("lab.memory_plan", {
  summary = "how much memory a net and its training will take",
  text = "Nothing is allocated. lab.mlp and net:epochs use the same calculation to refuse what cannot fit. Links of a random wiring, and those that evolve, are expected values. "
    .. "A net is taken to evolve by SET unless `zeta` is 0, as for a fixed wiring, or `evolve` says otherwise; dense layers never do.",
  items = { "n_inputs, n_hidden, ..., n_classes", "The number of units of each level, inputs first." },
  options = spec,
  returns = "a plan; print shows all of it",
  gives = "plan",
  example = "local plan = lab.memory_plan { 3072, 4000, 1000, 4000, 10, wiring = lab.erdos_renyi { epsilon = 20 }, batch = 100, train = 50000 }\n"
    .. "print(plan)\nif plan.fits then print \"it fits\" end",
})

manual.object("plan", {
  summary = "what lab.memory_plan returns: the memory that a net and its training will take",
  fields = {
    total = "Bytes of everything: net, training, data and program.",
    available = "Bytes that are available here and now, or nil if that is unknown.",
    whose = "What leaves no more, as text: a limit or the machine; nil if nothing does.",
    fits = "Whether `need` is available.",
    need = "Bytes that still have to be claimed: `peak` and `data`.",
    parts = "Array of { name, bytes, note, passing }, which add up to `total`; passing = true for temporary memory.",
    links = "Links of all layers.",
    layers = "Array of { n_in, n_out, dense, links, density, link_bytes, unit_bytes, value_bytes, gradient_bytes }.",
    net = "Bytes that lab.mlp claims.",
    peak = "The most bytes that net and training claim at a time.",
    data = "Bytes of the training and test samples.",
    program = "Bytes of the process as it is now.",
    passing = "Whether a part of `parts` is temporary.",
  },
  methods = {
    compare = { summary = "compare the plan with another amount of memory: sets `available`, `whose`, `need` and `fits`",
      arguments = { { "available", "number (bytes) or nil", "How much there is; nil if unknown." }, { "whose", "text", "What leaves no more.", optional = true } } },
    refusal = { summary = "why the plan does not fit", returns = "a sentence" },
  },
})

local MIB = 1024 * 1024
local function mib(n) return format.mib(n / MIB) end
local function plain_mib(n) return format.kinds.mib.text(n / MIB) end
local function percent(share) return ("%.3g %%"):format(100 * share) end

-- ---- as text ----

local function layer_rows(plan)
  local rows = { { "layer", "inputs", "units", "links", "density", "links MiB", "units MiB", "activations MiB", "gradients MiB" } }
  for l, layer in ipairs(plan.layers) do
    rows[l + 1] = { tostring(l), format.count(layer.n_in), format.count(layer.n_out), format.count(layer.links),
      layer.dense and "dense" or percent(layer.density), plain_mib(layer.link_bytes), plain_mib(layer.unit_bytes),
      plain_mib(layer.value_bytes), plain_mib(layer.gradient_bytes) }
  end
  return rows
end

local function text(plan)
  local lines = { text_table.columns(layer_rows(plan)), "" }
  local rows = {}
  for _, part in ipairs(plan.parts) do rows[#rows + 1] = { part.name, mib(part.bytes) } end
  rows[#rows + 1] = { "total", mib(plan.total) }
  rows[#rows + 1] = { "available", plan.available and mib(plan.available) or "unknown" }
  local notes = {}
  for i, part in ipairs(plan.parts) do notes[i] = part.note end
  notes[#notes + 1] = plan.passing and "at the worst moment" or ""
  notes[#notes + 1] = plan.whose or ""
  local i = 0
  for line in text_table.columns(rows):gmatch "[^\n]+" do
    i = i + 1
    lines[#lines + 1] = line .. (notes[i] ~= "" and "   " .. notes[i] or "")
  end
  return table.concat(lines, "\n")
end

-- ---- the plan ----

local function sum(list, field)
  local total = 0
  for _, item in ipairs(list) do total = total + item[field] end
  return total
end

-- What optimisers keep of each link beside its momentum.
local remembered = { adamw = { bytes = 8, text = "second moment, age, " }, s2sam = { bytes = 4, text = "last gradient, " } }

local function links_note(plan, o)
  local sparse, dense = 0, 0
  for _, layer in ipairs(plan.layers) do
    if layer.dense then dense = dense + layer.links else sparse = sparse + layer.links end
  end
  local parts = {}
  if sparse > 0 then
    local more = remembered[o.optimiser] or { bytes = 0, text = "" }
    parts[1] = ("%s at %d bytes: weight, momentum, %ssource, target, mirrored order"):format(format.count(sparse), 20 + more.bytes, more.text)
  end
  local keeps = o.optimiser and o.optimiser ~= "sgd"
  if dense > 0 then parts[#parts + 1] = ("%s dense at 8: weight, momentum%s"):format(format.count(dense), keeps and "; and what " .. o.optimiser .. " keeps" or "") end
  return table.concat(parts, "; ")
end

local keeps_sums = { srelu = true, all_relu = true, silu = true, gelu = true }

-- What takes memory, in the order in which it comes.
local function parts_of(plan, p, o)
  local function add(name, amount, note, passing)
    if amount > 0 then plan.parts[#plan.parts + 1] = { name = name, bytes = amount, note = note, passing = passing } end
  end
  local links = sum(p.layers, "link_bytes")
  add("links", links, links_note(plan, o))
  add("units", p.net - links, o.hidden == "srelu" and "biases and SReLU's parameters with momentum, and where the links of a unit begin"
    or "biases with momentum, and where the links of a unit begin")
  add("activations", p.values, p.columns < p.batch + 16 and ("of a batch of %d samples, and the batch itself"):format(p.batch)
    or ("of %d samples at a time, in evaluation"):format(p.columns))
  add("gradients", p.gradients, ("of the loss, for a batch of %d%s"):format(p.batch, keeps_sums[o.hidden] and ", and the sums that " .. o.hidden .. " goes backward from" or ""))
  add("tiles", p.partial, "weight gradients, for each tile of a batch")
  add("walks", p.orders, "links once more, in the orders of the forward and the backward walk")
  add("average", p.average, "the mean of weights over the last epochs")
  -- One of the next two passes before the other comes: only the larger one adds to the total.
  local evolves = p.evolve > p.order
  add("evolution", evolves and p.evolve or 0, o.evolve and "passing, while the wiring changes" or ("passing, while %s of the links move"):format(percent(o.zeta)), true)
  add("shuffle", evolves and 0 or p.order, "passing, of the samples in an epoch", true)
  add("data", plan.data, ("%s training and %s test samples of %s %s"):format(format.count(o.train), format.count(o.test),
    format.count(o[1]), o.floats and "floats" or "bytes"))
  add("program", plan.program, "this process as it is now")
  plan.passing = evolves or p.order > 0
end

local Plan = fields.class({ __name = "lab.memory_plan", __tostring = text }, "a memory plan",
  { "total", "fits", "need", "parts", "links", "layers", "net", "peak", "data", "program" }, { "available", "whose" })
Plan.__index = Plan

local function memory_plan(given)
  local o = options.check("lab.memory_plan", spec, given)
  layers.check_sizes("lab.memory_plan", o)
  layers.check_units("lab.memory_plan", o)
  local described = layers.describe("lab.memory_plan", o, function() end)  -- what is dense, the plan shows
  local samples = o.train > 0 and o.train or o.batch
  local last = #described - (o.output_evolves and 0 or 1)
  local how, probed, evolutions = o.zeta > 0 and { last = last, prune = { rule = "set", share = o.zeta }, grow = { rule = "random" } } or nil, 0, 1
  if o.evolve then
    evolve.check(o.evolve, "lab.memory_plan")
    how, last, probed, evolutions = evolve.extent(o.evolve, { layers = function() return #described end, units = function(_, level) return o[level + 1] end,
      reads = function(_, l) return described[l].n_in end }, { epochs = o.epochs, batch = o.batch }, math.max(1, samples // o.batch))
  end
  local ok, p = attempt(engine.net, described, { threads = o.threads or system.threads(), isa = o.isa or os.getenv "SETLAB_ISA", precision = o.precision, optimiser = o.optimiser,
    batch = o.batch, samples = samples, evaluated = o.test, evolved = last, evolution = how, probed = probed,
    history = o.history, averages = o.average > 0, clips = o.clip_norm > 0, evolutions = evolutions })
  if not ok then options.fail("lab.memory_plan: " .. p) end
  p.batch = math.min(o.batch, samples)
  for _, layer in ipairs(p.layers) do layer.density = layer.links / layer.n_in / layer.n_out end
  local _, _, resident = system.memory()
  local plan = setmetatable({ layers = p.layers, links = sum(p.layers, "links"), net = p.net, peak = p.peak, parts = {} }, Plan)
  plan.data = (o.train > 0 and engine.data(o.train, o[1], o.floats) or 0) + (o.test > 0 and engine.data(o.test, o[1], o.floats) or 0)
  plan.program = math.max(0, math.floor(resident * MIB) - (engine.held()))
  parts_of(plan, p, o)
  plan.total = plan.peak + plan.data + plan.program
  plan:compare(check.available())
  return plan
end

-- Holds the plan against so many bytes, which `whose` leaves. The program is there already.
function Plan:compare(available, whose)
  self.available, self.whose = available, whose
  self.need = self.peak + self.data
  self.fits = not available or (check.fits(self.need, available, whose))
end

-- Why the plan does not fit, as a sentence.
function Plan:refusal()
  local most = self.parts[1]
  for _, part in ipairs(self.parts) do if part.bytes > most.bytes and part.name ~= "program" then most = part end end
  return check.refusal("this", self.need, ("%s for %s"):format(bytes.text(most.bytes), most.name), self.available, self.whose)
end

return memory_plan
