-- mlp.lua: lab.mlp { 784, 1000, 10, ... } makes a net; net.lua says what it can do.

local engine = require "lab.c.net"
local Net = require "lab.net"
local options = require "lab.options"
local progress = require "lab.progress"
local system = require "lab.c.system"
local wirings = require "lab.wiring"

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
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" } },
}

local function check_sizes(o)
  if #o < 2 then options.fail "lab.mlp: give the number of units of each level first, for example { 784, 1000, 10, ... }" end
  for l, n in ipairs(o) do
    if math.type(n) ~= "integer" and (type(n) ~= "number" or n ~= math.floor(n)) or n < 1 or n > 1e9 then
      options.fail(("lab.mlp: level %d has %s units; a whole number from 1 to 1e9 is needed"):format(l, tostring(n)))
    end
  end
end

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

local function describe_layers(o)
  local layers, one = {}, type(o.wiring) == "function" or o.wiring.kind ~= nil
  if not one and #o.wiring ~= #o - 1 then
    options.fail(("lab.mlp: %d wirings for %d layers"):format(#o.wiring, #o - 1))
  end
  for l = 1, #o - 1 do
    local hidden = l < #o - 1
    local layer = wirings.layer(one and o.wiring or o.wiring[l], o[l], o[l + 1], note)
    layer.n_in, layer.n_out = o[l], o[l + 1]
    layer.activation = hidden and o.hidden or (o.output == "softmax" and "linear" or o.output)
    layer.slope, layer.dropout = o.slope, hidden and o.dropout or 0
    layers[l] = layer
  end
  return layers
end

-- lab.mlp { n_inputs, n_hidden, ..., n_classes, wiring =, seed =, hidden =, slope =, output =,
-- loss =, dropout =, init =, threads =, isa = } -> net
-- The net owns memory that Lua's collector does not see: declare it `local net <close>`.
-- Raises: an option that is wrong, a wiring without a link, not enough memory.
local function mlp(given)
  local o = options.check("lab.mlp", spec, given)
  check_sizes(o)
  check_output(o)
  local ok, core = pcall(engine.new, {
    layers = describe_layers(o), loss = o.loss, init = o.init, seed = o.seed,
    threads = o.threads or system.threads(), isa = o.isa or os.getenv "SETLAB_ISA",
  })
  if not ok then options.fail("lab.mlp: " .. core) end
  local net = setmetatable({ core = core, init = o.init }, Net)
  for l = 1, #o - 1 do
    if core:links(l) == 0 then
      core:close()
      options.fail(("lab.mlp: the wiring leaves layer %d, of %d to %d units, without a single link; a larger epsilon is needed"):format(l, o[l], o[l + 1]))
    end
  end
  return net
end

return mlp
