-- mlp.lua: lab.mlp { 784, 1000, 10, ... } makes a net; net.lua says what it can do.

local engine = require "lab.c.net"
local layers = require "lab.layers"
local memory_check = require "lab.memory_check"
local Net = require "lab.net"
local options = require "lab.options"
local progress = require "lab.progress"
local system = require "lab.c.system"

local told = {}  -- notes already given: the same wiring is built again for every run
local function note(text)
  if not told[text] then progress.note("lab.mlp: " .. text) end
  told[text] = true
end

local spec = {
  positional = true,
  hidden = { kind = "string", default = "relu", choices = engine.activations },
  slope = { kind = "number", min = 0 },  -- below 0 a value's sign would not tell its derivative
  output = { kind = "string", choices = { "softmax", table.unpack(engine.activations) } },
  loss = { kind = "string", default = "cross_entropy", choices = engine.losses },
  dropout = { kind = "number", default = 0, min = 0, below = 1 },
  wiring = { kind = "table|function", required = true },
  init = { kind = "string", default = "he_uniform", choices = engine.inits },
  seed = { kind = "integer", required = true },
  threads = { kind = "integer", min = 1, max = 4096 },
  precision = { kind = "string", default = "float32", choices = { "float32", "bfloat16" } },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" } },
}

-- Softmax goes with cross entropy, which includes it; other outputs go with mse.
local function check_output(o)
  local softmax = o.loss == "cross_entropy"
  o.output = o.output or (softmax and "softmax" or "linear")
  if softmax ~= (o.output == "softmax") then
    options.fail(("lab.mlp: loss '%s' does not go with output '%s': cross_entropy takes softmax, mse any other"):format(o.loss, o.output))
  end
  if o.slope and o.hidden ~= "leaky_relu" and o.output ~= "leaky_relu" then
    options.fail(("lab.mlp: option 'slope' belongs to leaky_relu, not to '%s'"):format(o.hidden))
  end
end

-- The layers with what the engine wants to know of their units.
local function describe(o)
  local described = layers.describe("lab.mlp", o, note)
  for l, layer in ipairs(described) do
    local hidden = l < #described
    layer.activation = hidden and o.hidden or (o.output == "softmax" and "linear" or o.output)
    layer.slope, layer.dropout = o.slope, hidden and o.dropout or 0
  end
  return described
end

-- lab.mlp { n_inputs, n_hidden, ..., n_classes, wiring =, seed =, hidden =, slope =, output =,
-- loss =, dropout =, init =, threads =, isa =, precision = } -> net
-- precision "bfloat16": links read the values and loss gradients at their far ends as bfloat16;
-- weights, sums and all else stay float32. Faster where a layer does not fit the caches.
-- The net owns memory that Lua's collector does not see: declare it `local net <close>`.
-- Raises: an option that is wrong, a wiring without a link, not enough memory (found out beforehand).
local function mlp(given)
  local o = options.check("lab.mlp", spec, given)
  layers.check_sizes("lab.mlp", o)
  check_output(o)
  local described = describe(o)
  local threads, isa = o.threads or system.threads(), o.isa or os.getenv "SETLAB_ISA"
  memory_check.net("lab.mlp", described, threads, isa)
  local ok, core = pcall(engine.new, {
    layers = described, loss = o.loss, init = o.init, seed = o.seed, threads = threads, isa = isa,
    precision = o.precision,
  })
  if not ok then options.fail("lab.mlp: " .. core) end
  local net = setmetatable({ core = core, init = o.init, options = o }, Net)
  for l = 1, #o - 1 do
    if core:links(l) == 0 then
      core:close()
      options.fail(("lab.mlp: the wiring leaves layer %d, of %d to %d units, without a single link; a larger epsilon is needed"):format(l, o[l], o[l + 1]))
    end
  end
  return net
end

return mlp
