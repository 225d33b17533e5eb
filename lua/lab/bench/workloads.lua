-- workloads.lua: what `setlab bench` measures, a table entry each.
--
-- A workload makes configurations, one for each of its rows, from the options of the call:
--   name       of the row
--   units      { inputs, hidden, ..., classes }
--   image      { channels, height, width }; their product is the number of inputs
--   epsilon    links of a layer between n_in and n_out units: epsilon * (n_in + n_out); or
--   density    the share of pairs that are linked, of sparse layers even where it is 1; or
--   dense      all layers go through CBLAS
--   top        "dense": the last layer does
--   samples    of an epoch          batch, lr, momentum, dropout, weight_decay, zeta, threads
--   warm       samples of the small epoch before the first that counts; default 2000, 0: none
--   augment    what lab.augment takes
--   hidden, batch_norm, skip, optimiser, precision   as in lab.mlp; second_momentum, radius, lasso, mixup, cutmix   as in net:epochs
--   ranks      processes that train together (bench/ranks.lua); parts as in net:epochs
--   mode       "train" (default), "infer" (evaluation only) or "evolve" (evolution only)
--   evolve     the evolution, instead of SET's with zeta; history: as in lab.mlp
-- Rows of a workload with `interleave` take turns, epoch by epoch. `finish` adds to the rows what
-- only all of them together show; `columns` are shown besides the usual ones (bench/report.lua).

local evolution = require "lab.evolve.evolution".evolution
local format = require "lab.util.format"
local grow = require "lab.evolve.grow"
local methods = require "lab.evolve.methods"
local prune = require "lab.evolve.prune"
local ranks = require "lab.bench.ranks"

local COLOUR, GREY = { 3, 32, 32 }, { 1, 28, 28 }

-- A copy of a configuration with other fields.
local function with(config, changes)
  local copy = {}
  for k, v in pairs(config) do copy[k] = v end
  for k, v in pairs(changes) do copy[k] = v end
  return copy
end

local C = {
  name = "C", units = { 3072, 4000, 1000, 4000, 10 }, image = COLOUR, samples = 50000, epsilon = 20, top = "dense",
  batch = 100, lr = 0.01, momentum = 0.9, dropout = 0.3, zeta = 0.3,
}
local C16 = with(C, { name = "C16", precision = "bfloat16" })
local F = {
  name = "F", units = { 784, 1000, 1000, 1000, 10 }, image = GREY, samples = 5000, epsilon = 13, top = "dense",
  batch = 40, lr = 0.05, momentum = 0.9, dropout = 0.2, weight_decay = 2e-4, zeta = 0.3,
}

-- ---- dense and sparse ----

local function densities()
  local base = { units = { 3072, 1024, 512, 10 }, image = COLOUR, samples = 3000, top = "dense", batch = 100, lr = 0.001, momentum = 0.9 }
  local list = { with(base, { name = "dense", dense = true }) }
  for _, percent in ipairs { 100, 50, 20, 10, 5, 2, 1, 0.5, 0.1 } do
    list[#list + 1] = with(base, { name = ("%g %%"):format(percent), density = percent / 100 })
  end
  return list
end

-- The density at which a sparse epoch takes as long as the dense one, between two rows on
-- logarithmic scales; the last row's where none is slower, nil where all are.
local function break_even(dense, rows)
  local above
  for _, row in ipairs(rows) do  -- densest first
    if row.train_seconds_per_epoch <= dense then
      if not above then return row.density end
      local function log(a, b, field) return math.log(a / b[field]) end
      local share = log(dense, row, "train_seconds_per_epoch") / log(above.train_seconds_per_epoch, row, "train_seconds_per_epoch")
      return row.density * (above.density / row.density) ^ share
    end
    above = row
  end
end

local function finish_densities(rows)
  local dense = rows[1]
  local even = break_even(dense.train_seconds_per_epoch, table.move(rows, 2, #rows, 1, {}))
  for _, row in ipairs(rows) do
    row.speedup_over_dense = dense.train_seconds_per_epoch / row.train_seconds_per_epoch
    row.break_even_density = even
  end
end

-- ---- size ----

-- 784-W/2-W/2-10 with W hidden units has some 10 W links.
local function width(units, samples)
  return {
    name = format.count(units) .. " hidden", units = { 784, units // 2, units // 2, 10 }, image = GREY, samples = samples, epsilon = 5,
    batch = 16, lr = 0.01, momentum = 0.9, zeta = 0.3, warm = 32,
  }
end

local function widths()
  return { width(1000, 20000), width(10000, 20000), width(100000, 4000), width(1000000, 400), width(10000000, 48) }
end

-- The largest net for 24 GiB: a hundred million hidden units, ten steps.
local function large()
  return { {
    name = "100,000,000 hidden", units = { 784, 50000000, 50000000, 10 }, image = GREY, samples = 80, epsilon = 2, batch = 8, lr = 0.01, momentum = 0.9, zeta = 0.3,
    precision = "bfloat16", warm = 0,
  } }
end

local function scale() return { with(width(10000000, 48), { warm = 0 }) } end

-- ---- threads, batches, evolution ----

local function threads(o)
  local list = {}
  for n = 1, o.threads do list[n] = with(C, { name = ("%d thread%s"):format(n, n == 1 and "" or "s"), samples = 10000, threads = n }) end
  return list
end

local function finish_threads(rows)
  for _, row in ipairs(rows) do row.speedup = rows[1].train_seconds_per_epoch / row.train_seconds_per_epoch end
end

local function batches(o)
  local list = {}
  for i, n in ipairs(o.batch and { o.batch } or { 1, 2, 4, 8, 16, 32, 64, 100, 128, 256, 512, 1024 }) do
    local samples = math.max(1, math.min(10240, 500 * n) // n) * n
    list[i] = with(C, { name = "batch " .. n, batch = n, samples = samples, lr = 1e-4, warm = math.min(2000, 50 * n) })
    list[i].zeta = nil
  end
  return list
end

-- Steps that have little to do: what remains is meetings and calls.
local function small(o)
  local list = {}
  for _, n in ipairs(o.batch and { o.batch } or { 1, 8, 32, 40, 128 }) do
    local more = { batch = n, samples = math.max(1, math.min(5000, 500 * n) // n) * n, lr = 1e-3, warm = 20 * n }
    list[#list + 1] = with(with(F, more), { name = ("F, batch %d"):format(n) })
    list[#list + 1] = with(with(F, more), { name = ("784-100-10, batch %d"):format(n), units = { 784, 100, 10 }, epsilon = 20 })
  end
  for _, config in ipairs(list) do config.zeta = nil end
  return list
end

-- What images go through in each row after the first.
local CHANGES = {
  { "turned, moved", { rotation = 10, shift = 0.1, flip = true } },
  { "cropped", { crop = 4, flip = true, fill = "reflect", interpolation = "nearest" } },
  { "resized", { resized_crop = 0.4, flip = true } },
  { "recoloured", { brightness = 0.2, contrast = 0.2, saturation = 0.2, cutout = 8, flip = true } },
  { "TrivialAugment", { trivial = true, flip = true } },
}

local function augmented()
  local c = with(C, { samples = 20000 })
  local list = { with(c, { name = "plain" }) }
  for i, change in ipairs(CHANGES) do list[i + 1] = with(c, { name = change[1], augment = change[2] }) end
  return list
end

-- What the others add to the first row's epoch, as a share of it.
local function finish_added(rows)
  for i = 2, #rows do rows[i].added = rows[i].train_seconds_per_epoch / rows[1].train_seconds_per_epoch - 1 end
end

-- One ingredient of a recipe at a time.
local function ingredients()
  local c = with(C, { samples = 20000, name = "plain" })
  local list = { c }
  local function add(name, changes) list[#list + 1] = with(with(c, changes), { name = name }) end
  add("SReLU", { hidden = "srelu" })
  add("GELU", { hidden = "gelu" })
  add("batch norm", { batch_norm = { samples = 16 } })
  add("batch norm, whole batch", { batch_norm = { samples = "batch" } })
  add("skip links", { skip = true })
  add("mixup", { mixup = 0.2 })
  add("cutmix", { cutmix = 0.5 })
  add("AdamW", { optimiser = "adamw", lr = 1e-4, second_momentum = 0.999 })
  add("Lion", { optimiser = "lion", lr = 1e-5, second_momentum = 0.99 })
  add("S2-SAM", { optimiser = "s2sam", radius = 0.05 })
  return list
end

-- The least important links by a rule of the script's own, over whole layers.
local function own_prune(layer) return layer.weights:abs() + 0.01 * layer.velocities:abs() end

-- Every method of the literature once, in the middle of a training, on the layers of C.
local function evolutions()
  local rules = {
    { "SET", methods.set {} }, { "RigL", methods.rigl {} }, { "GSE, gamma 1", methods.gse {} }, { "SNFS, 10 batches", methods.snfs {} }, { "DSR", methods.dsr {} },
    { "MEST", methods.mest {} }, { "GraNet", methods.granet { begin = 0.0168, density = 0.01 } }, { "SRigL", methods.srigl {} },
    { "CTRE", methods.ctre {} }, { "CHT, CH3-L3p", evolution { prune = prune.magnitude {}, grow = grow.cannistraci { score = "CH3-L3p" }, percolate = 2 } }, { "CHTs, CH2-L3n", methods.chts {} }, { "CHTs, CH3-L3p", methods.chts { score = "CH3-L3p" } },
    { "SNIP, random", evolution { prune = prune.snip {}, grow = grow.random {} } }, { "ITOP", evolution { prune = prune.magnitude {}, grow = grow.unfired {} } },
    { "own prune in Lua", evolution { prune = own_prune, grow = grow.random {} } },
  }
  local list = {}
  for i, rule in ipairs(rules) do
    list[i] = with(C, { name = rule[1], mode = "evolve", evolve = rule[2], samples = 1000, warm = 500, history = rule[1] == "ITOP" })
    list[i].zeta = nil
  end
  return list
end

local function sizes()
  local list = {}
  for i, n in ipairs { 1000, 3000, 10000, 30000, 100000, 300000, 1000000 } do
    list[i] = { name = format.count(n) .. " units", units = { n, n, 10 }, epsilon = 20, top = "dense", mode = "evolve", zeta = 0.3 }
  end
  return list
end

-- ---- the table ----

local tiny = {
  name = "tiny", units = { 784, 40, 30, 10 }, image = GREY, samples = 200, epsilon = 5, top = "dense",
  batch = 20, lr = 0.01, momentum = 0.9, dropout = 0.3, zeta = 0.3,
}

return {
  {
    name = "C", summary = "3072-4000-1000-4000-10, epsilon 20, batch 100, 50,000 images", repeats = 5, seconds = 16,
    configurations = function() return { C } end,
  },
  {
    name = "F", summary = "784-1000-1000-1000-10, epsilon 13, batch 40, 5,000 images", repeats = 15, seconds = 5,
    configurations = function() return { F } end,
  },
  {
    name = "C16", summary = "C with precision = \"bfloat16\"", repeats = 5, seconds = 16,
    configurations = function() return { C16 } end,
  },
  {
    name = "density", summary = "3072-1024-512-10 at 100 to 0.1 % against dense layers, and where they break even", repeats = 5, seconds = 30,
    interleave = true, configurations = densities, finish = finish_densities, columns = { "speedup_over_dense", "net_mib" },
  },
  {
    name = "widths", summary = "784-W/2-W/2-10 with 10 W links, W from 1,000 to 10,000,000", repeats = 3, seconds = 8,
    configurations = widths, columns = { "ns_per_link_sample", "wire_seconds", "net_mib" },
  },
  {
    name = "threads", summary = "C with 10,000 images on 1 to all threads", repeats = 5, seconds = 20,
    interleave = true, configurations = threads, finish = finish_threads, columns = { "speedup" },
  },
  {
    name = "ranks", summary = "C with 20,000 images by one process, and by several of fewer threads (mpirun)", repeats = 5, seconds = 60,
    interleave = true, configurations = function(o) return ranks.rows(with(C, { samples = 20000, zeta = false }), with, o.threads) end, finish = ranks.finish, columns = { "speed_of_one" },
  },
  {
    name = "batch", summary = "C without evolution at batches from 1 to 1,024", repeats = 3, seconds = 20,
    interleave = true, configurations = batches, columns = { "samples_per_second" },
  },
  {
    name = "small", summary = "F and 784-100-10 at batches from 1 to 128: what a step costs", repeats = 5, seconds = 10,
    interleave = true, configurations = small, columns = { "us_per_step" },
  },
  {
    name = "augment", summary = "C with 20,000 images, plain and turned, cropped or recoloured", repeats = 5, seconds = 50,
    interleave = true, configurations = augmented, finish = finish_added, columns = { "added" },
  },
  {
    name = "ingredients", summary = "C with 20,000 images: what normalisation, mixing and optimisers add to an epoch", repeats = 5, seconds = 40,
    interleave = true, configurations = ingredients, finish = finish_added, columns = { "added" },
  },
  {
    name = "inference", summary = "C and F evaluated, not trained", repeats = 5, seconds = 10,
    interleave = true, columns = { "samples_per_second" },
    configurations = function() return { with(C, { mode = "infer" }), with(F, { mode = "infer" }) } end,
  },
  {
    name = "evolution", summary = "one evolution by every method, on the layers of C", repeats = 5, seconds = 10,
    configurations = evolutions, columns = { "evolve_mib", "replaced" },
  },
  {
    name = "links", summary = "SET's evolution alone, of 40,000 to 40,000,000 links", repeats = 5, seconds = 5,
    configurations = sizes, columns = { "evolve_ns_per_link", "net_mib" },
  },
  {
    name = "scale", summary = "10,000,000 hidden units, 100,000,000 links: wired, three steps, one evolution", repeats = 1, seconds = 1,
    configurations = scale, columns = { "wire_seconds", "net_mib" },
  },
  {
    name = "large", summary = "100,000,000 hidden units, 400,000,000 links, in 18 GiB: wired, ten steps, one evolution", repeats = 1, seconds = 1,
    configurations = large, columns = { "us_per_step", "wire_seconds", "net_mib" },
  },
  {
    name = "tiny", summary = "784-40-30-10, 200 images: a second, to try the command", repeats = 3, seconds = 2,
    configurations = function() return { tiny } end,
  },
}
