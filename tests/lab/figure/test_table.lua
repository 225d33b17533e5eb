-- lab.table and the formats: means by hand, unfinished runs apart, clear errors.

local t = dofile "tests/harness.lua"
local fake = dofile "tests/fixtures/fake_runs.lua"
local lab = require "lab"
local output = require "lab.util.output"
local text_table = require "lab.util.text_table"
local format = require "lab.util.format"
local statistics = require "lab.util.statistics"

-- The item that a call emits.
local function emitted(f, ...)
  local item
  output.sink = function(i) item = i end
  local ok, why = pcall(f, ...)
  output.sink = nil
  if not ok then error(why, 0) end
  return item
end

t.test("mean and deviation by hand", function()
  local s = statistics.summary { 2, 4, 4, 4, 5, 5, 7, 9 }
  t.equal(s.n, 8)
  t.near(s.mean, 5, 0)
  t.near(s.sd, math.sqrt(32 / 7), 1e-15)
  t.equal({ s.low, s.high }, { 2, 9 })
  t.near(s.error, s.sd / math.sqrt(8), 1e-15)
  t.equal(statistics.summary({ 3.5 }).sd, nil)
  t.equal(statistics.summary({ 3.5 }).error, nil)
  t.equal({ statistics.part({ 1, 2, 3 }, -1, 2), statistics.part({ 1, 2, 3 }, 2), statistics.part({ 1, 2, 3 }, 4) }, { { 1, 2 }, { 2, 3 }, {} })
  t.near(statistics.dispersion { 0, 4 }, 2, 1e-15)
  t.equal(statistics.dispersion { 0, 0 }, nil)
  t.equal(statistics.summary { 0 / 0, math.huge }, nil)
  t.equal({ statistics.range { 0 / 0, 1, 2 }, statistics.range { 1, 0 / 0, 2 }, statistics.range {} }, {})
  t.equal({ statistics.range { 2, 1 } }, { 1, 2 })
  t.raises("test_table.lua:%d+: lab.statistics.summary takes an array of numbers, not nil", function() local _ = statistics.summary(nil) end)
  t.raises("test_table.lua:%d+: lab.statistics.fold: no fold is called 'median'; known: last, first, max", function() local _ = statistics.fold({ 1 }, "median") end)
end)

-- Student's t by its density, summed in small steps.
local function tail_by_sum(t, df)
  local function density(x) return (1 + x * x / df) ^ (-(df + 1) / 2) end
  local function area(from, to)
    local n, total = 200000, 0
    for i = 0, n - 1 do total = total + density(from + (to - from) * (i + 0.5) / n) end
    return total * (to - from) / n
  end
  local inside, rest = area(0, t), 0
  local upper = t
  for _ = 1, 14 do rest, upper = rest + area(upper, 4 * upper + 4), 4 * upper + 4 end
  return rest / (inside + rest)
end

t.test("a paired t-test", function()
  local d = statistics.paired({ 5, 7, 6, 9 }, { 4, 5, 5, 6 })
  t.equal(d.n, 4)
  t.near(d.mean, 7 / 4, 1e-15)
  t.near(d.error, math.sqrt((0.75 ^ 2 + 0.25 ^ 2 + 0.75 ^ 2 + 1.25 ^ 2) / 3) / 2, 1e-15)
  for _, df in ipairs { 2, 3, 4, 5, 9, 10 } do
    local a, b = {}, {}   -- df + 1 pairs whose t is known: differences of m - 1, m, ..., m, m + 1
    for i = 1, df + 1 do a[i], b[i] = 1.3 + (i == 1 and -1 or i == 2 and 1 or 0), 0 end
    local pair = statistics.paired(a, b)
    t.near(pair.p, tail_by_sum(pair.mean / pair.error, df), 2e-4 * (df == 2 and 5 or 1))
  end
  local one = statistics.paired({ 3, 5 }, { 1, 1 })   -- one degree of freedom: a Cauchy distribution
  t.near(one.p, 1 - 2 / math.pi * math.atan(one.mean / one.error), 1e-12)
  t.near(statistics.paired({ 12.706, 14.706 }, { 0.706, 0.706 }).p, 1 - 2 / math.pi * math.atan(13), 1e-12)
  t.equal(statistics.paired({ a = 1, b = 2 }, { b = 1, c = 9 }), { n = 1, mean = 1 })
  t.equal(statistics.paired({ a = 1 }, { b = 1 }), nil)
  t.equal(statistics.paired({ 1, 2 }, { 1, 2 }).p, 1)
  t.equal(statistics.paired({ 2, 3 }, { 1, 2 }).p, 0)
  t.equal(statistics.paired({ 1, 0 / 0, 3 }, { 0, 0, 1 }).n, 2)
  t.raises("lab.statistics.paired takes an array of numbers, not number", function() statistics.paired(1, {}) end)
end)

-- What every fold gives: a number, or why there is none.
local function folds(v)
  local got = {}
  for i, how in ipairs { "last", "first", "max", "min", "sum", "mean" } do
    local value, why = statistics.fold(v, how)
    got[i] = value or why or "nothing"
  end
  return got
end

t.test("not-a-number and infinity are no gaps", function()
  local nan, inf = "not-a-number", "infinity"
  t.equal(folds { 3.0, 1.0, 2.0 }, { 2.0, 3.0, 3.0, 1.0, 6.0, 2.0 })
  t.equal(folds { 3.0, 0 / 0, 1.0, 2.0 }, { 2.0, 3.0, 3.0, 1.0, nan, nan })
  t.equal(folds { 0 / 0, 1.0, 2.0 }, { 2.0, nan, 2.0, 1.0, nan, nan })
  t.equal(folds { 3.0, math.huge, 2.0 }, { 2.0, 3.0, 3.0, 2.0, inf, inf })
  t.equal(folds { 3.0, 1.0, 0 / 0 }, { nan, nan, nan, nan, nan, nan })
  t.equal(folds { 3.0, 1.0, -math.huge }, { inf, inf, inf, inf, inf, inf })
  t.equal(folds {}, { "nothing", "nothing", "nothing", "nothing", "nothing", "nothing" })
  t.equal(statistics.median { 1, 0 / 0, 3, 2, 0 / 0, 5 }, nil)
end)

t.test("the ends of a million values", function()
  local many = {}
  for i = 1, 1000000 do many[i] = (i * 7919) % 1000003 end
  many[123456], many[654321] = -5, 2000000
  t.equal({ statistics.range(many) }, { -5, 2000000 })
  t.equal({ statistics.range { 3 } }, { 3, 3 })
  t.equal(select("#", statistics.range {}), 2)
  t.equal((statistics.range {}), nil)
  local rows = {}
  for i = 1, 300000 do rows[i] = { "x" } end
  t.equal(#text_table.text { header = { "a" }, rows = rows, align = "l" }, 2 * 300002 - 1)
end)

t.test("smoothing keeps both ends and a straight line", function()
  t.equal(statistics.smooth({ 1.0, 2.0, 3.0, 4.0, 9.0 }, 3), { 1.0, 2.0, 3.0, 16 / 3, 9.0 })
end)

t.test("numbers as people read them", function()
  t.equal(format.count(2794000), "2,794,000")
  t.equal(format.count(999), "999")
  t.equal(format.count(-1234567.4), "-1,234,567")
  t.equal(format.number(0.84361), "0.8436")
  t.equal(format.number(0 / 0), "–")
  t.equal(format.percent(0.8436), "84.4 %")
  t.equal(format.mib(79.26), "79.3 MiB")
  t.equal({ format.seconds(0.0051), format.seconds(0.12), format.seconds(65), format.seconds(7380) }, { "5.1 ms", "0.12 s", "1 min 5 s", "2 h 3 min" })
  t.equal(format.mean_sd(format.kinds.number, 0.843612, 0.004512), "0.8436 ± 0.0045")
  t.equal(format.mean_sd(format.kinds.milliseconds, 0.0051, 0.00042), "5.10 ± 0.42 ms")
  t.equal(format.mean_sd(format.kinds.count, 85249.0, 12.3), "85,249 ± 12")
end)

t.test("labels carry units", function()
  t.equal(format.label "train_seconds", "train (s)")
  t.equal(format.label "test_accuracy", "test accuracy")
  local whole, parts = format.common_label { "train_accuracy", "test_accuracy" }
  t.equal({ whole, parts }, { "accuracy", { "train", "test" } })
  t.equal(format.common_label { "loss", "accuracy" }, "loss, accuracy")
end)

local runs = {
  fake.record("SET-MLP", 1, { 0.5, 0.8 }), fake.record("SET-MLP", 2, { 0.6, 0.82 }),
  fake.record("dense", 1, { 0.4, 0.9, 0.7 }), fake.record("dense", 2, { 0.4, 0.1 }, "diverged"),
}

t.test("runs become rows", function()
  local item = emitted(lab.table, { runs, by = "arm", columns = {
    "accuracy", { "accuracy", at = "max", header = "best", format = "%.2f" }, { "uss_mib", source = "monitor", at = "max", format = "mib", sd = false },
    { header = "published", cells = { dense = ".8154" } }, { header = "rows", value = function(r) return #r:rows() end }, links = "count",
  } })
  t.equal(item.header, { "arm", "runs", "accuracy", "best", "highest memory, USS", "published", "rows", "links" })
  t.equal(item.rows[1], { "SET-MLP", "2", "0.810 ± 0.014", "0.81 ± 0.01", "56.5 MiB", "–", "2 ± 0", "1,500 ± 707" })
  t.equal(item.rows[2], { "dense", "1", "0.7", "0.90", "56.0 MiB", ".8154", "3", "1,000" })
  t.equal(item.align, "lrrrrrrr")
  t.equal(item.note, "1 of 2 runs of dense: diverged (not in the means)")
end)

t.test("a run that ends as not-a-number leaves a dash and a sentence", function()
  local broken = { fake.record("good", 1, { 0.5, 0.8 }), fake.record("good", 2, { 0.6, 0.82 }),
    fake.record("bad", 1, { 0.5, 0.9 }), fake.record("bad", 2, { 0.6, 0 / 0 }) }
  local item = emitted(lab.table, { broken, columns = { "accuracy", { "accuracy", at = "max" }, { "accuracy", at = "mean" },
    { header = "own", value = function(r) return r.metrics[2].accuracy end }, "links" } })
  t.equal(item.rows[1], { "good", "2", "0.810 ± 0.014", "0.810 ± 0.014", "0.680 ± 0.042", "0.810 ± 0.014", "1,500 ± 707" })
  t.equal(item.rows[2], { "bad", "2", "–", "–", "–", "–", "1,500 ± 707" })
  t.equal(item.note, "1 of 4 runs ends as not-a-number (accuracy of bad); 1 of 4 runs comes to not-a-number (accuracy of bad); "
    .. "1 of 4 runs comes to not-a-number (own of bad)")
  local two = { fake.record("a", 1, { 1, math.huge }), fake.record("a", 2, { 1, 0 / 0 }) }
  t.equal(emitted(lab.table, { two, columns = { "accuracy" } }).note, "2 of 2 runs end as not-a-number or infinity (accuracy)")
end)

t.test("rows against one row, pair by pair", function()
  local function run(arm, seed, accuracy, lr)
    local record = fake.record(arm, seed, { 0, accuracy })
    record.arguments.lr = lr
    return record
  end
  local runs = { run("set", 1, 0.5), run("set", 2, 0.6), run("set", 3, 0.7), run("rigl", 1, 0.52), run("rigl", 2, 0.63), run("rigl", 3, 0.71), run("odd", 2, 0.5), run("none", 9, 0.1) }
  local item = emitted(lab.table, { runs, columns = { { "accuracy", format = "%.3f" }, { "links", compare = false } }, against = "set", runs = false })
  t.equal(item.header, { "arm", "accuracy", "− set", "links" })
  t.equal(item.rows[1][3], "")
  t.equal(item.rows[2][3], "+0.020 ± 0.006")
  t.equal(item.rows[3][3], "-0.100 (1 pair)")
  t.equal(item.rows[4][3], "–")
  t.truthy(item.note:find("differences from set over pairs of runs, mean ± standard error; * where a paired t-test gives p < 0.05", 1, true))
  local far = { run("set", 1, 0.5), run("set", 2, 0.6), run("set", 3, 0.7), run("rigl", 1, 0.6), run("rigl", 2, 0.71), run("rigl", 3, 0.8) }
  t.equal(emitted(lab.table, { far, columns = { { "accuracy", format = "%.3f" } }, against = "set" }).rows[2][4], "+0.103 ± 0.003 *")
  local broken = { run("set", 1, 0.5), run("set", 2, 0.6), run("rigl", 1, 0.6), run("rigl", 2, 0 / 0) }   -- no mean, so no difference
  t.equal(emitted(lab.table, { broken, columns = { { "accuracy", format = "%.3f" } }, against = "set" }).rows[2][4], "–")
  local fewer = { run("set", 1, 0.5), run("set", 2, 0.6), run("set", 3, 0.7), run("rigl", 1, 0.6), run("rigl", 2, 0.71) }
  t.truthy(emitted(lab.table, { fewer, columns = { { "accuracy", format = "%.3f" } }, against = "set" }).rows[2][4]:find(" (2 pairs)", 1, true))
  local twice = { run("set", 1, 0.5, 0.1), run("set", 1, 0.9, 0.2), run("rigl", 1, 0.6, 0.1), run("rigl", 1, 0.8, 0.2) }   -- pairs have the same rate, too
  t.equal(emitted(lab.table, { twice, by = "arm", columns = { { "accuracy", format = "%.3f" } }, against = "set" }).rows[2][4], "+0.000 ± 0.100")
  t.raises("lab.table: option 'against': no row is called 'sett' %(did you mean 'set'%?%)", function() lab.table { far, columns = { "accuracy" }, against = "sett" } end)
end)

t.test("means over more than seeds are said", function()
  local function record(arm, seed, lr)
    local r = fake.record(arm, seed, { 0.5 })
    r.arguments.lr = lr
    return r
  end
  local list = { record("a", 1, 0.1), record("a", 2, 0.2), record("b", 1, 0.1) }
  t.equal(emitted(lab.table, { list, columns = { "accuracy" } }).note, "means are over runs that differ in lr")
  t.equal(emitted(lab.table, { list, by = "lr", columns = { "accuracy" } }).note, "means are over runs that differ in arm")
  list[2].arguments.lr = 0.1
  t.equal(emitted(lab.table, { list, columns = { "accuracy" } }).note, nil)
end)

local function of_experiment(name, arm, seed, v)
  local r = fake.record(arm, seed, { v })
  r.experiment = name
  return r
end

t.test("runs of two experiments are never one mean", function()
  local list = { of_experiment("first", "a", 1, 0.2), of_experiment("first", "b", 1, 0.3), of_experiment("second", "a", 1, 0.8) }
  local item = emitted(lab.table, { list, columns = { "accuracy" } })
  t.equal(item.rows, { { "a (first)", "1", "0.2" }, { "b", "1", "0.3" }, { "a (second)", "1", "0.8" } })
  item = emitted(lab.table, { list, by = "experiment", columns = { "accuracy" } })
  t.equal({ item.header[1], item.rows }, { "experiment", { { "first", "2", "0.250 ± 0.071" }, { "second", "1", "0.8" } } })
  for _, r in ipairs(list) do r.arguments.arm = nil end
  item = emitted(lab.table, { list, columns = { "accuracy" } })
  t.equal(item.rows, { { "first", "2", "0.250 ± 0.071" }, { "second", "1", "0.8" } })
  t.raises("no argument 'experimnt' %(did you mean 'experiment'", function() lab.table { list, by = "experimnt", columns = { "accuracy" } } end)
end)

t.test("cells that are no UTF-8, or more than a line", function()
  local item = emitted(lab.table, { header = { "a\xff", "b" }, rows = { { "x\ny\27[2J", "\xe4" } }, note = nil })
  t.equal({ item.header, item.rows }, { { "a?", "b" }, { { "x y [2J", "?" } } })
  local list = { fake.record("a\xff\n", 1, { 0.5 }) }
  item = emitted(lab.table, { list, columns = { { "accuracy", header = "h\xff", format = function() return "f\xfe\t" end } } })
  t.equal({ item.header, item.rows }, { { "arm", "runs", "h?" }, { { "a? ", "1", "f? " } } })
  t.equal(text_table.text { header = { "a\xff", "b" }, rows = { { "x\ny", "\xe4\xe4\xe4" } }, align = "lr" }, "a?     b\n---  ---\nx y  ???")
end)

t.test("no runs and nothing finished", function()
  t.equal(emitted(lab.table, { {}, columns = { "accuracy" } }).note, "no runs yet")
  local item = emitted(lab.table, { { fake.record("a", 1, {}, "failed") }, columns = { "accuracy" } })
  t.equal(item.rows, { { "a", "0", "–" } })
end)

t.test("free tables", function()
  local item = emitted(lab.table, { header = { "set", "n" }, rows = { { "a\nb", 12345 }, { "c" } }, note = "why" })
  t.equal({ item.rows, item.align, item.note }, { { { "a b", "12,345" }, { "c", "–" } }, "lr", "why" })
end)

t.test("errors name the script's line and the nearest name", function()
  t.raises("test_table.lua:%d+: .*no column 'acuracy' %(did you mean 'accuracy'", function() lab.table { runs, columns = { "acuracy" } } end)
  t.raises("test_table.lua:%d+: .*no argument 'arn' %(did you mean 'arm'", function() lab.table { runs, by = "arn", columns = { "accuracy" } } end)
  t.raises("no format 'cuont' %(did you mean 'count'", function() lab.table { runs, columns = { { "links", format = "cuont" } } } end)
  t.raises("unknown option 'colums' %(did you mean 'columns'", function() lab.table { runs, colums = {} } end)
  t.raises("row 1 has 2 cells, the header 1", function() lab.table { header = { "a" }, rows = { { 1, 2 } } } end)
  t.raises("one of l, r, c", function() lab.table { header = { "a" }, rows = {}, align = "lx" } end)
  t.raises("what lab.runs returned", function() lab.table { 3, columns = { "a" } } end)
end)

t.done()
