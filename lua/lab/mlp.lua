-- mlp.lua: lab.mlp { 784, 1000, 10, ... } makes a net; net.lua says what it can do.

local attempt = require "lab.attempt".call
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
  slope = { kind = "number" },  -- of leaky_relu and all_relu
  output = { kind = "string", choices = layers.outputs },
  loss = { kind = "string", default = "cross_entropy", choices = engine.losses },
  dropout = { kind = "number", default = 0, min = 0, below = 1 },
  wiring = { kind = "table|function", required = true },
  init = { kind = "string", default = "he_uniform", choices = engine.inits },
  seed = { kind = "integer", required = true },
  threads = { kind = "integer", min = 1, max = 4096 },
  precision = { kind = "string", default = "float32", choices = { "float32", "bfloat16" } },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" } },
}

local function describe(o)
  local described = layers.describe("lab.mlp", o, note)
  for l, layer in ipairs(described) do layer.dropout = l < #described and o.dropout or 0 end  -- of hidden units only
  return described
end

-- lab.mlp { n_inputs, n_hidden, ..., n_classes, wiring =, seed =, hidden =, slope =, output =,
-- loss =, dropout =, init =, threads =, isa =, precision = } -> net
-- hidden "relu", "leaky_relu", "sigmoid", "tanh", "linear"; "all_relu": the slope left of 0 is -slope
-- (0.6) above the first layer, slope above the second, and so on in turn; "srelu": three straight
-- pieces, whose two ends and outer slopes are trained for each unit (net:activation_parameters).
-- precision "bfloat16": links read the values and loss gradients at their far ends as bfloat16;
-- weights, sums and all else stay float32. Faster where a layer does not fit the caches.
-- The net owns memory that Lua's collector does not see: declare it `local net <close>`.
-- Raises: an option that is wrong, a wiring without a link, not enough memory (found out beforehand).
local function mlp(given)
  local o = options.check("lab.mlp", spec, given)
  layers.check_sizes("lab.mlp", o)
  layers.check_units("lab.mlp", o)
  local described = describe(o)
  local threads, isa = o.threads or system.threads(), o.isa or os.getenv "SETLAB_ISA"
  memory_check.net("lab.mlp", described, threads, isa)
  local ok, core = attempt(engine.new, {
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
