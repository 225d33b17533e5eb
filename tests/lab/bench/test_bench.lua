-- The benchmark counts and compares rightly. How fast anything is is not tested.
local t = dofile "tests/harness.lua"
local lab = require "lab"
local baseline = require "lab.bench.baseline"
local json = require "lab.util.json"
local machines = require "lab.bench.machine"
local report = require "lab.bench.report"
local statistics = require "lab.util.statistics"
local workloads = require "lab.bench.workloads"

local quick = { repeats = 2, sgemm = 16, threads = 1 }
local rows = lab.bench.run("tiny", quick)
local row = rows[1]

t.test("a workload of one row: the promised keys", function()
  t.equal(#rows, 1)
  for _, key in ipairs { "train_seconds_per_epoch", "min", "max", "evolve_ms_per_epoch", "gflops", "gb_per_second", "sgemm_gflops",
    "sgemm_share", "sgemm_share_min", "sgemm_share_max", "peak_rss_mib", "density", "samples_per_second", "net_mib", "wire_seconds" } do
    t.truthy(type(row[key]) == "number" and row[key] >= 0 and row[key] < math.huge, key)
  end
  for _, key in ipairs { "threads", "links", "epochs", "batch", "samples" } do t.equal(math.type(row[key]), "integer") end
  t.equal({ row.workload, row.name, row.mode, row.threads, row.epochs, row.batch, row.samples }, { "tiny", "tiny", "train", 1, 2, 20, 200 })
  t.equal(row.units, { 784, 40, 30, 10 })
  t.truthy(row.min <= row.train_seconds_per_epoch and row.train_seconds_per_epoch <= row.max)
end)

t.test("operations and bytes by hand", function()
  local l = row.layer_links
  t.equal(row.links, l[1] + l[2] + l[3])
  t.equal(l[3], 300)  -- dense: 30 to 10
  local operations = 200 * (4 * l[1] + 6 * l[2] + 6 * l[3])
  t.near(row.gflops * 1e9 * row.train_seconds_per_epoch / operations, 1, 1e-9)
  local bytes = 10 * row.links * (8 * 20 + 32)  -- ten steps of twenty samples
  t.near(row.gb_per_second * 1e9 * row.train_seconds_per_epoch / bytes, 1, 1e-9)
  t.near(row.density, row.links / (784 * 40 + 40 * 30 + 30 * 10), 1e-12)
  t.near(row.sgemm_share, row.gflops / row.sgemm_gflops, 1e-12)
  t.near(row.ns_per_link_sample * row.links * 200, row.train_seconds_per_epoch * 1e9, 1)
end)

t.test("rows of bfloat16 count two bytes a sample", function()
  local r = lab.bench.run("C16", { repeats = 1, sgemm = 16, threads = 1, samples = 100, batch = 20 })[1]
  t.near(r.gb_per_second * 1e9 * r.train_seconds_per_epoch / (5 * r.links * (4 * 20 + 32)), 1, 1e-9)
end)

t.test("phases: each of a step, together no more than the slowest epoch", function()
  local names, sum = {}, 0
  for i, phase in ipairs(row.phases) do names[i], sum = phase.name, sum + phase.seconds end
  t.equal(names, { "batch", "forward 1", "forward 2", "forward 3", "loss", "backward 3", "backward 2", "backward 1" })
  t.truthy(sum > 0 and sum <= row.max)
end)

t.test("phases: what a layer did, and by the model what it moved", function()
  local l, by_name = row.layer_links, {}
  for _, phase in ipairs(row.phases) do by_name[phase.name] = phase end
  t.equal({ by_name.batch.operations, by_name.loss.bytes }, {})
  t.near(by_name["forward 2"].operations, 2 * l[2] * 200, 0)
  t.near(by_name["backward 2"].operations, 4 * l[2] * 200, 0)
  t.near(by_name["backward 1"].operations, 2 * l[1] * 200, 0)  -- no input gradient
  t.near(by_name["forward 1"].bytes, l[1] * (4 * 200 + 12 * 10), 0)
  t.near(by_name["backward 1"].bytes, l[1] * (4 * 200 + 20 * 10), 0)
  t.equal({ by_name["forward 3"].operations, by_name["forward 3"].bytes }, { 2 * 300 * 200 })  -- dense: not in the model
  local operations = 0
  for _, phase in ipairs(row.phases) do operations = operations + (phase.operations or 0) end
  t.near(operations / row.train_seconds_per_epoch * 1e-9, row.gflops, 1e-9)
end)

t.test("options: only some rows, fewer images; the first row of a comparison stays", function()
  local r = lab.bench.run("density", { repeats = 1, sgemm = 16, threads = 1, samples = 20, only = { "0.1 %" } })
  t.equal({ #r, r[1].name, r[2].name, r[1].samples, r[2].samples }, { 2, "dense", "0.1 %", 20, 20 })
  r = lab.bench.run("widths", { repeats = 1, sgemm = 16, threads = 1, samples = 16, only = { "1,000 hidden" } })
  t.equal({ #r, r[1].name, r[1].samples }, { 1, "1,000 hidden", 16 })
  t.raises("lab.bench.run: widths has no row '1,00 hidden' %(did you mean '1,000 hidden'%?%)", lab.bench.run, "widths", { only = { "1,00 hidden" } })
end)

t.test("a machine is a value that lab.runs takes, with the build in it", function()
  local machine = lab.bench.machine()
  t.truthy(machine.build:find "^%x%x%x%x%x%x%x%x%x%x%x%x$" ~= nil, machine.build)
  t.truthy(machine.name:find(machine.build, 1, true))
  t.truthy(machine.threads >= 1 and machine.isa and machine.cores)
end)

t.test("options: batch, threads; a batch that leaves samples over", function()
  local other = lab.bench.run("tiny", { repeats = 1, sgemm = 16, threads = 2, batch = 64 })[1]
  t.equal({ other.batch, other.samples, other.epochs }, { 64, 192, 1 })
  t.truthy(other.threads == 1 or other.threads == 2)
  t.raises("lab.bench.run: no workload 'tyni' %(did you mean 'tiny'%?%)", lab.bench.run, "tyni")
  t.raises("unknown option 'repeat'", lab.bench.run, "tiny", { ["repeat"] = 1 })
end)

t.test("the same seed: links and loss do not depend on threads", function()
  local two = lab.bench.run("tiny", { repeats = 2, sgemm = 16, threads = 2 })[1]
  t.equal(two.loss, row.loss)
  t.equal(two.layer_links, row.layer_links)
end)

-- Rows that only infer or only evolve, and rows that take turns, on small nets.
local function with_workload(workload, f)
  table.insert(workloads, workload)
  local ok, why = pcall(f)
  table.remove(workloads)
  if not ok then error(why, 0) end
end
local small = { name = "a", units = { 784, 20, 10 }, image = { 1, 28, 28 }, samples = 100, batch = 10, lr = 0.01, momentum = 0.9 }
local function like(changes)
  local c = {}
  for k, v in pairs(small) do c[k] = v end
  for k, v in pairs(changes) do c[k] = v end
  return c
end

t.test("inference counts two operations a link and does not train", function()
  local function configurations() return { like { mode = "infer", epsilon = 3, zeta = 0.3 } } end
  with_workload({ name = "look", summary = "", repeats = 2, seconds = 9, configurations = configurations }, function()
    local r = lab.bench.run("look", quick)[1]
    t.near(r.gflops * 1e9 * r.train_seconds_per_epoch / (2 * 100 * r.links), 1, 1e-9)
    t.equal(r.evolve_ms_per_epoch, nil)
    t.equal(#r.phases, 4)
  end)
end)

t.test("evolution alone needs no data and has no epoch", function()
  local function configurations() return { { name = "e", units = { 50, 50, 10 }, epsilon = 5, top = "dense", mode = "evolve", zeta = 0.3 } } end
  with_workload({ name = "move", summary = "", repeats = 3, seconds = 9, configurations = configurations }, function()
    local r = lab.bench.run("move", quick)[1]
    t.equal({ r.epochs, r.train_seconds_per_epoch, r.phases }, { 2, nil, nil })
    t.truthy(r.evolve_ms_per_epoch > 0 and r.replaced > 0 and r.replaced < r.layer_links[1])
    t.truthy(report.text { (function() r.workload = "links" return r end)() }:find "ns/link")
  end)
end)

t.test("rows that take turns; a density of 1 is sparse, `dense` is not", function()
  local function configurations() return { like { dense = true }, like { name = "b", density = 1 }, like { name = "c", density = 0.1 } } end
  with_workload({ name = "turns", summary = "", repeats = 2, seconds = 9, interleave = true, configurations = configurations }, function()
    local r = lab.bench.run("turns", quick)
    t.equal({ r[1].links, r[1].dense, r[2].dense }, { 784 * 20 + 200, true, nil })
    t.near(r[2].links, r[1].links, 1)
    t.near(r[3].density, 0.1, 0.02)
    t.equal(r[1].gb_per_second, nil)  -- the model is none of a dense product
  end)
end)

t.test("every workload can be described, and fits its images", function()
  for _, workload in ipairs(workloads) do
    for _, c in ipairs(workload.configurations { threads = 3 }) do
      if c.mode ~= "evolve" then t.equal(c.image[1] * c.image[2] * c.image[3], c.units[1]) end
      t.truthy(c.name and (c.epsilon or c.density or c.dense), workload.name)
      t.truthy(c.mode == "evolve" or c.samples >= c.batch, workload.name .. " " .. c.name)
    end
  end
  local c = lab.bench.find("C").configurations {}[1]
  t.equal({ c.units, c.epsilon, c.batch, c.dropout, c.lr, c.momentum, c.zeta, c.samples, c.top },
    { { 3072, 4000, 1000, 4000, 10 }, 20, 100, 0.3, 0.01, 0.9, 0.3, 50000, "dense" })
  c = lab.bench.find("F").configurations {}[1]
  t.equal({ c.units, c.epsilon, c.batch, c.samples }, { { 784, 1000, 1000, 1000, 10 }, 13, 40, 5000 })
end)

t.test("break-even between two rows on logarithmic scales", function()
  local density
  for _, w in ipairs(workloads) do if w.name == "density" then density = w end end
  local function finished(...)
    local r = { { train_seconds_per_epoch = 1 } }
    for _, p in ipairs { ... } do r[#r + 1] = { density = p[1], train_seconds_per_epoch = p[2] } end
    density.finish(r)
    return r
  end
  local r = finished({ 1, 4 }, { 0.25, 1.0 }, { 0.1, 0.4 })
  t.near(r[1].break_even_density, 0.25, 1e-12)
  t.near(r[2].speedup_over_dense, 0.25, 1e-12)
  t.near(finished({ 1, 4 }, { 0.04, 0.25 })[1].break_even_density, 0.2, 1e-9)
  t.equal(finished({ 1, 0.9 }, { 0.1, 0.4 })[1].break_even_density, 1)
  t.equal(finished({ 1, 4 }, { 0.1, 2 })[1].break_even_density, nil)
end)

-- ---- in the run store, and on a page ----

-- What run:log and run:record keep, as a record gives it back.
local function fake_run()
  local record = { status = "done", lines = {}, lists = {} }
  function record:log(line) self.lines[#self.lines + 1] = line end
  function record:record(name, keys, values)
    self.lists[name] = self.lists[name] or {}
    table.insert(self.lists[name], { keys = keys, values = values })
  end
  function record:rows() return self.lines end
  function record:series(name) return self.lists[name] or {} end
  return record
end

t.test("rows are kept and read back as they were", function()
  local run = fake_run()
  local other = { workload = "tiny", name = "other", dense = true, distance = "near", units = { 3, 2 }, links = 6 }
  lab.bench.log(run, { row, other })
  local names = {}
  for i, line in ipairs(run.lines) do
    for k, v in pairs(line) do
      names[k] = (names[k] or 0) + 1
      t.truthy(type(v) ~= "table" and v ~= nil, ("%s of row %d"):format(k, i))
    end
  end
  for name, n in pairs(names) do t.equal({ name, n }, { name, 2 }) end  -- every row has every column
  t.equal(lab.bench.rows(run), { row, other })
  run.status = "failed"
  t.equal(lab.bench.rows(run), {})
end)

t.test("the run store keeps them too", function()
  local store = require "lab.run.store"
  local before, progress = store.directory, require "lab.util.progress"
  local mode = progress.mode
  store.directory, progress.mode = t.tmpdir(), "none"
  local function measure(run) lab.bench.log(run, { row }) end
  local function runs() return lab.runs { "timing", machine = lab.bench.machine(), workload = { { name = "tiny" } }, run = measure } end
  local first, second = runs()[1], runs()[1]
  store.directory, progress.mode = before, mode
  t.equal({ first.status, first.reused, second.reused }, { "done", false, true })
  t.equal(lab.bench.rows(second), { row })
end)

t.test("a table of columns", function()
  local output = require "lab.util.output"
  local emit, item = output.emit, nil
  output.emit = function(i) item = i end
  local list = { { name = "a", batch = 5, train_seconds_per_epoch = 2.0, min = 1.5, max = 2.5 }, { name = "b", dense = true, density = 1.0 } }
  local ok, why = pcall(lab.bench.table, { list, columns = { { "name", header = "net" }, "epoch", "density",
    { header = "twice", value = function(r) return r.batch and 2 * r.batch end } } })
  output.emit = emit
  assert(ok, why)
  t.equal({ item.header, item.align }, { { "net", "epoch", "density", "twice" }, "lrrr" })
  t.equal(item.rows, { { "a", "2 s (1.5–2.5)", "–", "10" }, { "b", "–", "dense layers", "–" } })
  t.raises("test_bench.lua:%d+: lab.bench.table, column 1: no column 'epoh' %(did you mean 'epoch'", function() lab.bench.table { list, columns = { "epoh" } } end)
  t.raises("lab.bench.table, column 1: option 'header' is missing", function() lab.bench.table { list, columns = { { value = print } } } end)
end)

t.test("median, range, distance", function()
  t.equal(statistics.median { 3, 1, 2 }, 2)
  t.equal(statistics.median { 4, 1, 2, 3 }, 2.5)
  t.equal(statistics.median {}, nil)
  t.equal({ statistics.range { 3, 1, 2 } }, { 1, 3 })
  t.equal({ machines.distance(60), machines.distance(500), machines.distance(5000), machines.distance(nil) }, { "near", "far", "one processor" })
end)

t.test("an epoch is held against the yardsticks right before and after it", function()
  local machine = machines.new(1, { sgemm = 16 })
  machine.taken = { { sgemm = 10 }, { sgemm = 20 }, { sgemm = 40 } }
  t.equal({ machine:sgemm_around(0), machine:sgemm_around(1), machine:sgemm_around(2), machine:sgemm_around(3) }, { 10, 15, 30, 40 })
  t.equal(machine:median "sgemm", 20)
  t.equal(machine:median "l2", nil)
end)

-- ---- baselines ----

local directory = t.tmpdir()
local function saved(value) return t.write(directory .. "/base.json", type(value) == "string" and value or json.encode(value)) end

t.test("a baseline: ratios of seconds, of shares, and their spread", function()
  local before = { workload = "C", name = "C", mode = "train", threads = 2, batch = 100, samples = 500, links = 1000,
    train_seconds_per_epoch = 3.0, min = 2.0, max = 4.0, evolve_ms_per_epoch = 30.0, sgemm_share = 0.2 }
  local now = { workload = "C", name = "C", mode = "train", threads = 2, batch = 100, samples = 500, links = 1010,
    train_seconds_per_epoch = 1.5, min = 1.0, max = 2.0, evolve_ms_per_epoch = 10.0, sgemm_share = 0.5 }
  local new = { now, { workload = "F", name = "F" } }
  t.equal(baseline.compare(baseline.read(saved(before)), new), 1)
  t.equal({ now.baseline.speed, now.baseline.least, now.baseline.most, now.baseline.share, now.baseline.evolve }, { 2.0, 1.0, 4.0, 2.5, 3.0 })
  local text = baseline.text("base.json", new)
  t.truthy(text:find("C +2 +1%-4 +2.5 +3\n"), text)
  t.truthy(text:find "F: no such row in the baseline")
  now.baseline, now.threads = nil, 1
  t.equal(baseline.compare(baseline.read(saved { before }), new), 1)
  t.equal(now.baseline, { difference = "threads was 2, is 1" })
  now.baseline, now.threads, now.links = nil, 2, 2000
  baseline.compare(baseline.read(saved { before }), new)
  t.equal(now.baseline, { difference = "links were 1000, are 2000" })
end)

t.test("a baseline that is none: a sentence with the file's name", function()
  local function refused(pattern, value) t.raises(pattern, baseline.read, saved(value)) end
  refused("base.json: line 1, column 2: expected a name", "{")
  refused("base.json: expected an object or an array", "5")
  refused("base.json: line 1, column 1: expected a value", "")
  refused("base.json: expected an object or an array", "null")
  refused("base.json: no rows", "{}")
  refused("base.json: row 1 is not an object", "[7]")
  refused("base.json: row 1 has no text 'name'", '{"workload": "C"}')
  refused("base.json: row 2 has no text 'workload'", '[{"workload": "C", "name": "C"}, {}]')
  refused("row 1 has a 'min' that is not a number above 0", '{"workload": "C", "name": "C", "min": "x"}')
  refused("row 1 has a 'max' that is not a number above 0", '{"workload": "C", "name": "C", "max": 0}')
  t.raises("cannot read the baseline: .*none.json", baseline.read, directory .. "/none.json")
  t.raises("cannot read the baseline", baseline.read, directory)
end)

t.test("what is printed reads back", function()
  local text = json.encode(row)
  t.equal(baseline.read(saved(text))[1].links, row.links)
end)

t.done()
