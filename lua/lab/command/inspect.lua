-- inspect.lua: `setlab inspect FILE`.

local arguments = require "lab.util.arguments"
local describe = require "lab.evolve.describe"
local format = require "lab.util.format"
local json = require "lab.util.json"
local options = require "lab.util.options"
local resume = require "lab.run.resume"
local load = require "lab.train.load"
local saved_net = require "lab.net.saved_net"
local text_table = require "lab.util.text_table"
local yaml = require "lab.util.yaml"

local M = { name = "inspect", summary = "say what a saved network or a checkpoint holds" }

local flags = {
  json = { help = "Print JSON." },
}

M.help = [[
NAME
       setlab inspect - say what a saved network or a checkpoint holds

SYNOPSIS
       setlab inspect [OPTIONS] FILE

DESCRIPTION
       Reads a file that net:save has written, or the checkpoint.npz of a run folder, and
       compares its checksum. Prints what the network is made of, how many epochs it has
       trained, how its wiring evolved, and for every layer:

       inputs, units      units that the layer reads, and above it
       links, density     weights that are there, and their share of all pairs of units
       out, in            links that leave a unit below, and that arrive at one above: the
                          fewest, the mean and the most

       Of a checkpoint, where the run was when it was saved.

       The file is a .npz archive; its arrays are listed in core/net/net_state.h. In Python:

           f = numpy.load("net.npz")
           W = scipy.sparse.csr_matrix((f["layer1_data"], f["layer1_indices"],
                                        f["layer1_indptr"]), shape=f["layer1_shape"])
           sums = x @ W + f["layer1_bias"]

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if the file is whole; 1 if it is not, or holds no network; 2 if the command line
       was wrong.

EXAMPLES
       setlab inspect best.npz
       setlab inspect runs/0123456789ab/checkpoint.npz]]

-- Fewest, mean and most.
local function summary(degrees)
  local low, high, sum = math.huge, 0, 0
  for _, d in ipairs(degrees) do low, high, sum = math.min(low, d), math.max(high, d), sum + d end
  return { min = low, mean = sum / #degrees, max = high }
end

-- Everything that is told.
local function facts_of(net, description, run)
  local facts = { units = description.units, options = description.options, epoch = description.epoch, results_version = description.results_version,
    links = net:links(), layers = {}, run = run, evolution = description.evolution }
  for l = 1, net:layers() do
    local n_in, n_out = net:reads(l), net:units(l)
    facts.layers[l] = { inputs = n_in, units = n_out, links = net:links(l), density = net:links(l) / (n_in * n_out),
      kind = net:is_sparse(l) and "sparse" or "dense", out_degree = summary(net:degrees(l, "out")), in_degree = summary(net:degrees(l, "in")) }
  end
  return facts
end

-- Of a checkpoint's run.yaml, what is told: nothing if it is not what a run writes.
local function told_of(run)
  return run and resume.is_past(run) and { key = run.key, epoch = run.epoch, started = run.started, training_seconds = run.training_seconds, run_seconds = run.run_seconds, rows = run.rows }
end

local function range(d) return d.min == d.max and format.count(d.min) or ("%d–%d, mean %.3g"):format(d.min, d.max, d.mean) end

local function print_facts(facts)
  local rows = { { "layer", "inputs", "units", "links", "density", "out", "in", "" } }
  for l, layer in ipairs(facts.layers) do
    rows[l + 1] = { tostring(l), format.count(layer.inputs), format.count(layer.units), format.count(layer.links), ("%.3g %%"):format(100 * layer.density),
      range(layer.out_degree), range(layer.in_degree), layer.kind }
  end
  print(text_table.columns(rows))
  print ""
  print(("links    %s"):format(format.count(facts.links)))
  print(("epoch    %d"):format(facts.epoch))
  local said = {}
  for i, name in ipairs(options.sorted_keys(facts.options)) do said[i] = ("%s=%s"):format(name, tostring(facts.options[name])) end
  print("made of  " .. table.concat(said, " "))
  if facts.evolution then print("evolves  " .. describe.text(facts.evolution)) end
  if facts.run then
    print(("run      %s, begun %s; %.0f s of training in %.0f s; %d rows of metrics"):format(facts.run.key:sub(1, 12), facts.run.started,
      facts.run.training_seconds, facts.run.run_seconds, facts.run.rows))
  end
end

function M.main(words)
  local opts, files = arguments.parse("setlab inspect", { words, flags = flags })
  if #files == 0 then arguments.fail("setlab inspect", "which file?") end
  if #files > 1 then arguments.fail("setlab inspect", ("one file at a time; '%s' is one too many"):format(files[2])) end
  local file <close>, description = saved_net.open(files[1])
  if not file then error(description, 0) end
  local net <close>, why = load.make(file, description, {})
  if not net then error(why, 0) end
  local text = file:text "run.yaml"
  local facts = facts_of(net, description, text and told_of(yaml.read(text)))
  if opts.json then print(json.encode(facts)) else print_facts(facts) end
  return 0
end

return M
