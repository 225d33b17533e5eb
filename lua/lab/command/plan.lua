-- plan.lua: `setlab plan SIZE SIZE ...`.

local arguments = require "lab.util.arguments"
local bytes = require "lab.util.bytes"
local shared = require "lab.command.flags"

local M = { name = "plan", summary = "say how much memory a network will take" }

local flags = {
  epsilon = { value = "E", kind = "number",
    help = "As in lab.erdos_renyi: about E * (inputs + units) links a layer. A layer for which that is every link and more is dense." },
  density = { value = "D", kind = "number",
    help = "The share of all possible links that is there, the same in every layer: 0.05 is 5 %; 1 is dense." },
  dense = { help = "Every link is there." },
  batch = { value = "N", kind = "integer", min = 1, max = 1000000, default = 100, help = "Samples of a training step; default 100." },
  zeta = { value = "Z", kind = "number", min = 0, default = 0.3,
    help = "The share of links that an evolution moves; default 0.3. 0: the wiring stays as it is." },
  images = { value = "N", kind = "integer", min = 0, max = 2147483647, default = 0, help = "Training samples that are held in memory; default 0: they are not counted." },
  test_images = { value = "N", kind = "integer", min = 0, max = 2147483647, default = 0,
    help = "Test samples that are held in memory and evaluated; default 0." },
  floats = { help = "A value of a sample takes 4 bytes, as in CSV files, not one, as in images." },
  hidden = { value = "NAME", choices = require("lab.c.net").activations, default = "relu",
    help = "As in lab.mlp: the activation of the hidden units; default relu. srelu has parameters, and some keep the units' sums." },
  precision = { value = "NAME", choices = { "float32", "bfloat16" }, default = "float32",
    help = "As in lab.mlp: what links read at their far ends; default float32." },
  threads = { value = "N", kind = "integer", min = 1, max = 4096, help = "Threads that train; default as in 'setlab run'." },
  ranks = { value = "P", kind = "integer", min = 2, max = 4096, help = "Say also what P processes that train the net together (mpirun -n P setlab run) send each other, and how fast they are at least." },
  bandwidth = { value = "RATE", kind = "number", above = 0, help = "Gigabytes a second from rank to rank, in each direction; default: measured between two processes here." },
  memory = { value = "SIZE", help = "Hold the plan against so much memory, such as 8G, in place of what this machine has left." },
  json = { help = "Print a JSON object: sizes in bytes, the parts by name, and the layers. There is no 'available' where nobody knows." },
}

M.help = [[
NAME
       setlab plan - say how much memory a network will take

SYNOPSIS
       setlab plan SIZE SIZE ... --epsilon=E [OPTIONS]
       setlab plan SIZE SIZE ... --density=D [OPTIONS]
       setlab plan SIZE SIZE ... --dense [OPTIONS]

DESCRIPTION
       Each SIZE is a number of units: inputs first, outputs last; 1e6 is a million. Prints
       for every layer its links and what they, its units, their activations and gradients
       take, then all that training takes:

       links        weight, momentum, source, target, mirrored order: 20 bytes a link; 8 if dense
       units        biases with momentum, srelu's parameters, where the links of a unit begin
       activations  of a batch, in training or evaluation, whichever is wider
       gradients    of the loss, for a batch; and the sums, where srelu, all_relu, silu or gelu need them
       tiles        weight gradients of a layer, where a batch is walked in several tiles
       evolution    buffers while links are replaced; they pass
       data         the samples that are held in memory
       program      setlab itself

       With --ranks it says, too, what processes that train the net together send each other
       in a step. The speed that this leaves is an estimate: some messages pass while a rank
       is at work, and sometimes one has to wait for another.

       Nothing is allocated. The links of a random wiring are expected values. Scripts ask
       the same with lab.memory_plan, and lab.mlp refuses what cannot fit by it.

       The available memory is the least of what the machine has free or can free, what the
       control groups of a container leave, and what ulimit leaves. A fiftieth of it is not
       given away.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if the network fits; 1 if not; 2 if the command line was wrong.

ENVIRONMENT
       SETLAB_MEMORY      so much memory for networks and data, such as 8G, whatever the
                          machine says; none: plan and lab.mlp refuse nothing

EXAMPLES
       setlab plan 3072 4000 1000 4000 10 --epsilon 20 --batch 100 --images 50000
       setlab plan 3072 4000 1000 4000 10 --epsilon 20 --ranks 4 --bandwidth 1.25
       setlab plan 784 1e7 10 --density 0.001 --batch 16 --memory 64G]]

local WHERE = "setlab plan"

-- What P ranks send, and how fast they are.
local function ranks_text(plan, opts)
  local exchange, number = require "lab.bench.exchange", opts.ranks
  local sent = exchange.bytes(plan, number, opts.batch)
  if not sent then return ("%d ranks     cannot share a batch of %d samples of this net: it has too few parts, or keeps no gradients by part"):format(number, opts.batch) end
  local lines = { ("%d ranks     each sends %s a step, and receives as much"):format(number, bytes.text(sent)) }
  local rate, why = opts.bandwidth and opts.bandwidth * 1e9, nil
  if not rate then rate, why = exchange.rate(math.min(sent, 1 << 28)) end
  local step = exchange.step_seconds(plan, opts.batch, require "lab.c.system".threads(), opts.precision)
  if rate and step then
    local messages = sent / rate
    lines[2] = ("messages    %.3g ms a step at %.3g GB/s, %s"):format(messages * 1e3, rate / 1e9, opts.bandwidth and "as --bandwidth says" or "measured between two processes here")
    lines[3] = ("speed       about %.0f %% of that of one process with as many threads, whose step takes some %.3g ms here; 'setlab bench ranks' measures it"):format(100 * step / (step + messages), step * 1e3)
  else lines[2] = "speed       unknown: --bandwidth=RATE can say how fast messages are" .. (why and "; mpirun: " .. why or "") end
  return table.concat(lines, "\n")
end

local function sizes_of(words)
  local sizes = {}
  for i, word in ipairs(words) do
    local n = math.tointeger(tonumber(word))
    if not n or n < 1 or n > 1000000000 then
      arguments.fail(WHERE, ("'%s' is not a number of units: a whole number from 1 to 1e9 is needed"):format(word))
    end
    sizes[i] = n
  end
  if #sizes < 2 then arguments.fail(WHERE, "give the number of units of each level: inputs, hidden ones, outputs") end
  return sizes
end

-- The wiring that the flags ask for. A density is the epsilon of each layer that leads to it.
local function wiring_of(opts, sizes)
  local given = (opts.epsilon and 1 or 0) + (opts.density and 1 or 0) + (opts.dense and 1 or 0)
  if given ~= 1 then
    arguments.fail(WHERE, given == 0 and "how many links? --epsilon=E, --density=D or --dense" or "--epsilon, --density and --dense cannot be combined")
  end
  local value, name = opts.epsilon or opts.density or 1, opts.epsilon and "--epsilon" or "--density"
  if value <= 0 or value == math.huge then arguments.fail(WHERE, ("%s is %g, must be above 0 and finite"):format(name, value)) end
  if opts.density and value > 1 then arguments.fail(WHERE, ("--density is %g, must be at most 1"):format(value)) end
  if opts.epsilon then return { kind = "erdos_renyi", epsilon = value } end
  local wirings = {}
  for l = 1, #sizes - 1 do
    local n_in, n_out = sizes[l], sizes[l + 1]
    wirings[l] = value == 1 and { kind = "dense" } or { kind = "erdos_renyi", epsilon = value * n_in * n_out / (n_in + n_out) }
  end
  return wirings
end

local function json(plan)
  local parts, layers = {}, {}
  for _, part in ipairs(plan.parts) do parts[part.name] = part.bytes end
  for l, a in ipairs(plan.layers) do
    layers[l] = { inputs = a.n_in, units = a.n_out, links = a.links, dense = a.dense, density = a.density,
      links_bytes = a.link_bytes, units_bytes = a.unit_bytes, activations_bytes = a.value_bytes, gradients_bytes = a.gradient_bytes }
  end
  return require "lab.util.json".encode { total = plan.total, available = plan.available, fits = plan.fits, links = plan.links,
    parts = parts, layers = layers }
end

function M.main(words)
  local opts, rest = arguments.parse(WHERE, { words, flags = flags })
  local given = sizes_of(rest)
  if opts.zeta > 1 then arguments.fail(WHERE, ("--zeta is %g, must be at most 1"):format(opts.zeta)) end
  local limit = opts.memory and bytes.read(opts.memory)
  if opts.memory and not limit then arguments.fail(WHERE, ("--memory needs a size such as 8G, not '%s'"):format(opts.memory)) end
  given.wiring = wiring_of(opts, given)
  given.batch, given.zeta, given.train, given.test, given.floats = opts.batch, opts.zeta, opts.images, opts.test_images, opts.floats
  given.precision, given.hidden = opts.precision, opts.hidden
  shared.set_threads(opts.threads)
  local plan = require "lab.train.memory_plan"(given)
  if limit then plan:compare(limit, "--memory") end
  print(opts.json and json(plan) or tostring(plan))
  if opts.ranks and not opts.json then print("\n" .. ranks_text(plan, opts)) end
  if not plan.fits then error(plan:refusal(), 0) end
  return 0
end

return M
