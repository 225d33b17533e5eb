-- bench.lua: `setlab bench [WORKLOAD ...]`.

local arguments = require "lab.util.arguments"
local options = require "lab.util.options"
local shared = require "lab.command.flags"

local M = { name = "bench", summary = "time named workloads against the machine they run on" }

local WHERE = "setlab bench"

local flags = {
  threads = shared.flags.threads,
  batch = { value = "N", kind = "integer", min = 1, max = 1000000, help = "Samples of a batch, instead of the workload's own." },
  repeats = { value = "N", kind = "integer", min = 1, max = 10000, help = "Measured epochs of a row, at most; each workload has its own number." },
  seconds = { value = "S", kind = "number", min = 0.001, max = 1e6,
    help = "No further round of epochs is begun if it would end later than so many seconds after the first began; each workload has its own number." },
  isa = { value = "NAME", choices = { "avx512", "avx2", "portable" }, help = "Kernels of this instruction set; default: $SETLAB_ISA, else the fastest." },
  sgemm = { value = "N", kind = "integer", min = 1, max = 20000, help = "Rows and columns of the sgemm yardstick; default: 2000." },
  json = { help = "Print JSON: one object for one row, an array for several." },
  baseline = { value = "FILE", help = "Compare with the rows in FILE, which an earlier --json printed." },
  list = { help = "List the workloads." },
}

M.help = [[
NAME
       setlab bench - time named workloads against the machine they run on

SYNOPSIS
       setlab bench [OPTIONS] [WORKLOAD ...]

DESCRIPTION
       Trains nets of given sizes on images of noise, made on the spot, and prints a row for
       each. Each WORKLOAD is one of these; without any they are C and F:

]] .. require "lab.bench.report".list():gsub("[^\n]+", "       %0") .. [[


       Between epochs, at least a second apart, the machine itself is measured: OpenBLAS's
       sgemm of two 2000 x 2000 matrices, reading from each cache and from memory, and how
       long a cache line takes from one thread to another. What is compared has thus met the
       same neighbours on a shared machine. Rows that belong together take turns epoch by
       epoch. All numbers are medians.

WHAT IS PRINTED
       epoch      seconds of one epoch over `samples` images, batch making, dropout, loss and
                  shuffling included: median (least-most). All images, every time
       evolution  of SET after an epoch, zeta 0.3, not in the epoch's seconds
       GFLOP/s    6 operations a link and sample: 2 each for the forward pass, the input
                  gradient and the weight gradient. The first layer has no input gradient: 4.
                  Evaluation: 2
       of sgemm   GFLOP/s as a share of those of sgemm, with as many threads, in this run
       GB/s       by this model of the traffic, for each link and batch: one row of
                  activations read forward, one row of deltas read backward, 4 bytes a sample
                  each (2 with bfloat16); and 32 bytes of the link itself, of whose 20 bytes the weight is read
                  twice and weight and momentum are written. Reads that stay in registers,
                  dense layers' tiling and the batch's own bytes are not in the model
       of L2      GB/s as a share of reading from the second cache, all threads together
       added      what augmentation or an ingredient adds to the epoch, as a share of the plain one's
       net        memory that the process took for the net and one batch
       peak       most memory that the process had by the end of the first epoch and its
                  evolution: program, images as bytes, net; not the yardsticks. Of rows that
                  take turns it is the peak of all of them together, found in --json only
       planned    what was expected of the peak before anything was made
       batch, forward, loss, backward and update
                  shares of the step's time, layers from the inputs up, by the first
                  thread's clock, which includes waiting for the others

       A cache line goes from thread to thread in some 60 ns when the two are near, in 150 to
       700 ns when the host has put them far apart; above 2000 ns they share one processor,
       and the row measures that, not the program.

COMPARING TWO BUILDS
       One after the other compares two moments of the machine. Take turns, and look at the
       least seconds and at the share of sgemm:

       for i in 1 2 3; do
         old/setlab bench C --json >old.$i.json
         new/setlab bench C --json --baseline old.$i.json >new.$i.json
       done

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if all was measured; 1 if not, or if FILE cannot be read or has none of the rows; 2
       if the command line was wrong.

EXAMPLES
       setlab bench C
       setlab bench --json C >before.json
       setlab bench --baseline before.json C
       setlab bench --threads=1 density]]

-- What this program tells itself through mpirun, and no user writes.
local hidden = { value = "JSON" }

-- The workloads asked for, all of which there are.
local function check_names(bench, names)
  if #names == 0 then return { "C", "F" } end
  for _, name in ipairs(names) do
    if not bench.find(name) then
      arguments.fail(WHERE, ("no workload '%s'%s"):format(name, options.suggestion(name, bench.names())))
    end
  end
  return names
end

local run_options = { "batch", "repeats", "seconds", "isa", "sgemm" }

local function print_json(rows)
  print(require "lab.util.json".encode(#rows == 1 and rows[1] or rows))
end

function M.main(words)
  local all = { ["as_rank"] = hidden }
  for key, flag in pairs(flags) do all[key] = flag end
  local opts, names = arguments.parse(WHERE, { words, flags = all })
  if opts.as_rank then
    shared.set_threads(opts.threads)
    return require "lab.bench.child"(opts.as_rank)
  end
  local report = require "lab.bench.report"
  if opts.list then print(report.list()) return 0 end
  local bench, baselines = require "lab.bench", require "lab.bench.baseline"
  names = check_names(bench, names)
  local baseline = opts.baseline and baselines.read(opts.baseline)
  shared.set_threads(opts.threads)
  local given, rows = { threads = opts.threads }, {}
  for _, key in ipairs(run_options) do given[key] = opts[key] end
  for i, name in ipairs(names) do
    local new = bench.run(name, given)
    table.move(new, 1, #new, #rows + 1, rows)
    if not opts.json then print((i > 1 and "\n" or "") .. report.text(new)) end
  end
  local found = baseline and baselines.compare(baseline, rows)
  if opts.json then print_json(rows)
  elseif baseline then print("\n" .. baselines.text(opts.baseline, rows)) end
  if found == 0 then error(("%s has none of the rows that were measured"):format(opts.baseline), 0) end
  return 0
end

return M
