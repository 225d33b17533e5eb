-- What a page shows of a sweep: scales, effects, importance, timing, figures.

local t = dofile "tests/harness.lua"
local effects = require "lab.sweep.result.effects"
local gnuplot = require "lab.figure.gnuplot"
local lab = require "lab"
local output = require "lab.util.output"
local results = require "lab.sweep.result.results"
local scales = require "lab.sweep.result.scales"
local timing = require "lab.sweep.result.timing"

-- A sweep as it comes back: trials = { { params, values = one a seed, status } }.
local function sweep_of(trials, plan)
  plan = plan or {}
  plan.name, plan.seeds = plan.name or "study", plan.seeds or { 1, 2 }
  if plan.objective == nil then plan.objective = { metric = "accuracy", goal = plan.goal or "max", at = "last", over_seeds = "mean" } end
  local sweep = { plan = plan, trials = {}, jobs = {}, ledger = { path = "nowhere" } }
  for i, given in ipairs(trials) do
    local trial = { index = i, params = given[1], jobs = {} }
    for s, v in ipairs(given[2]) do
      local job = { trial = trial, seed = s, state = given.state or "done", params = given[1], rows = { { epoch = 1, accuracy = v / 2 }, { epoch = 2, accuracy = v } },
        pruned = given.pruned and { epoch = 1, reason = "worse" } }
      trial.jobs[s], sweep.jobs[#sweep.jobs + 1] = job, job
    end
    sweep.trials[i] = trial
  end
  return results.of(sweep)
end

-- A grid over a and b, with f(a, b, seed).
local function grid(as, bs, f, plan)
  local trials = {}
  for _, a in ipairs(as) do
    for _, b in ipairs(bs) do trials[#trials + 1] = { { a = a, b = b }, { f(a, b, 1), f(a, b, 2) } } end
  end
  return sweep_of(trials, plan)
end

local function share(shares, name) for _, s in ipairs(shares) do if s.name == name then return s end end end

-- ---- scales ------------------------------------------------------------------------------

t.test("a scale is logarithmic where the sweep says so, or its choices go up by a factor", function()
  local sweep = grid({ 1, 2, 4, 8 }, { 1, 2, 3, 4 }, function() return 1 end)
  local all = scales.of("x", sweep)
  t.equal({ all[1].log, all[2].log }, { true, false })
  sweep = grid({ 1, 2 }, { 0, 1, 10 }, function() return 1 end, { axes = { { name = "a", kind = "log" }, { name = "b", kind = "log" } } })
  all = scales.of("x", sweep)
  t.equal({ all[1].log, all[2].log }, { true, false })
  t.near(scales.position(scales.of("x", grid({ 1, 10, 100 }, { 1, 2 }, function() return 1 end))[1], 10), 0.5, 1e-12)
end)

t.test("categories are evenly spaced, in the order of the trials", function()
  local all = scales.of("x", sweep_of { { { m = "set", on = true }, { 1 } }, { { m = "rigl", on = false }, { 1 } }, { { m = "none", on = true }, { 1 } } })
  t.equal({ all[1].kind, all[1].name, all[2].kind }, { "category", "m", "category" })
  t.equal({ scales.position(all[1], "set"), scales.position(all[1], "rigl"), scales.position(all[1], "none"), scales.position(all[1], nil) }, { 0.0, 0.5, 1.0 })
end)

t.test("what does not differ is no axis, and a wrong name is reported with the nearest", function()
  local sweep = sweep_of { { { zeta = 1, same = 3 }, { 1 } }, { { zeta = 2, same = 3 }, { 1 } } }
  t.equal(#scales.of("x", sweep), 1)
  t.raises("'zetta' does not differ among the trials %(did you mean 'zeta'%?%)", lab.plot.parallel, { sweep, parameters = { "zetta" } })
  t.raises("must be what lab.sweep returned", lab.plot.marginals, { {} })
  t.raises("must be what lab.sweep returned", lab.plot.timeline, {})
  t.raises("no objective", lab.plot.importance, { sweep_of({ { { a = 1 }, { 1 } } }, { objective = false }) })
end)

-- ---- effects -----------------------------------------------------------------------------

t.test("a sum of two effects has no interactions", function()
  local shares, rest = effects.importance("x", grid({ 1, 2, 3 }, { 1, 2 }, function(a, b) return 3 * a + b end))
  -- variances of 3a and b over the grid: 9 * 2/3 and 1/4
  t.near(share(shares, "a").share, 6 / 6.25, 1e-12)
  t.near(share(shares, "b").share, 0.25 / 6.25, 1e-12)
  t.equal({ shares[1].name, share(shares, "a").levels, share(shares, "a").n }, { "a", 3, 12 })
  t.near(share(shares, "a").chance, 2 / 11, 1e-12)
  t.near(rest.interactions, 0, 1e-12)
  t.near(rest.seeds, 0, 1e-12)
end)

t.test("what only matters together is interaction, and what only the seed does is the seeds'", function()
  local shares, rest = effects.importance("x", grid({ -1, 1 }, { -1, 1 }, function(a, b, seed) return a * b + (seed == 1 and 0.5 or -0.5) end))
  t.near(share(shares, "a").share, 0, 1e-12)
  t.near(rest.interactions, 0.8, 1e-12)
  t.near(rest.seeds, 0.2, 1e-12)
end)

t.test("stopped and failed runs are left out, and that is noted", function()
  local trials = { { { a = 1 }, { 1, 2 } }, { { a = 2 }, { 3, 4 } }, { { a = 3 }, { 100, 100 }, pruned = true, state = "paused" }, { { a = 4 }, { 100, 100 }, state = "failed" } }
  local sweep = sweep_of(trials)
  local shares, rest, left = effects.importance("x", sweep)
  t.equal({ share(shares, "a").n, rest, left }, { 4, nil, "2 of 4 trials did not finish and are left out" })
  t.near(share(shares, "a").share, 0.8, 1e-12)
  t.equal(#effects.groups(scales.of("x", sweep)[1], (effects.observations(sweep))), 2)
end)

t.test("a parameter that some trials do not set is judged by those that do", function()
  local shares, rest = effects.importance("x", sweep_of { { { a = 1, b = 1 }, { 1 } }, { { a = 1, b = 2 }, { 2 } }, { { a = 2 }, { 9 } } })
  t.near(share(shares, "b").share, 1, 1e-12)
  t.equal({ share(shares, "b").n, rest }, { 2, nil })
end)

t.test("nothing that differs, or nothing at all, explains nothing", function()
  local shares, rest = effects.importance("x", grid({ 1, 2 }, { 1, 2 }, function() return 7 end))
  t.equal({ shares[1].share, rest }, {})
  shares = effects.importance("x", sweep_of { { { a = 1 }, { 1 }, state = "failed" }, { { a = 2 }, { 1 }, state = "failed" } })
  t.equal({ shares[1].share, shares[1].n }, { nil, 0 })
end)

t.test("many values fall into bins of as many runs", function()
  local trials = {}
  for i = 1, 60 do trials[i] = { { lr = 10.0 ^ (i / 20) }, { i } } end
  local sweep = sweep_of(trials, { seeds = { 1 }, axes = { { name = "lr", kind = "log" } } })
  local scale = scales.of("x", sweep)[1]
  local groups, n = effects.groups(scale, (effects.observations(sweep)))
  t.equal({ scale.few, #groups, n }, { false, 6, 60 })
  for i, group in ipairs(groups) do t.equal({ group.n, group.mean }, { 10, 10.0 * i - 4.5 }) end
  t.near(groups[1].x, math.sqrt(10 ^ 0.05 * 10 ^ 0.5), 1e-9)
  for i = 1, 60 do trials[i][1].lr = i <= 40 and 1.0 or 10.0 + i end
  groups = effects.groups(scales.of("x", sweep_of(trials))[1], (effects.observations(sweep_of(trials))))
  t.equal({ groups[1].n, groups[1].text }, { 40, "1" })
end)

t.test("values drawn from a range are never looked at one by one", function()
  local trials = {}
  for i = 1, 9 do trials[i] = { { x = i / 7, y = i % 3 }, { i } } end
  local plan = { method = "random", seeds = { 1 }, axes = { { name = "x", kind = "uniform" }, { name = "y", kind = "choice" } } }
  local sweep = sweep_of(trials, plan)
  local shares = effects.importance("x", sweep)
  t.equal({ share(shares, "x").levels, share(shares, "y").levels }, { 3, 3 })
  for i = 6, 9 do trials[i] = nil end
  shares = effects.importance("x", sweep_of(trials, plan))
  t.equal({ share(shares, "x").levels, share(shares, "x").share }, { 1, nil })
  t.equal(scales.are_apart(scales.of("x", sweep)[1], 0.2), false)
  t.equal(scales.are_apart(scales.of("x", sweep)[1], 0.1), true)
end)

-- ---- timing ------------------------------------------------------------------------------

local function timed(list)
  local trials = {}
  for i in ipairs(list) do trials[i] = { { a = i }, { 1 } } end
  local sweep = sweep_of(trials, { seeds = { 1 } })
  for i, meta in ipairs(list) do sweep.trials[i].record = { meta = function() return meta end } end
  return sweep
end

t.test("idle time is left out, and workers are counted", function()
  local sweep = timed { { finished_unix = 110.0, seconds = 10 }, { finished_unix = 112.0, seconds = 10 }, { finished_unix = 1000.0, seconds = 4 }, {} }
  local s = timing.summary(sweep)
  t.equal({ s.n, s.low, s.high }, { 3, 4, 10 })
  t.near(s.wall, 16, 1e-9)
  t.near(s.busy, 24 / 16, 1e-9)
  local spans = timing.spans(sweep)
  t.equal({ timing.rows(spans), spans[1].row, spans[2].row, spans[3].row }, { 2, 1, 2, 1 })
  t.near(spans[3].from, 12, 1e-9)
end)

t.test("folders of before tell the end to the second", function()
  local sweep = timed { { finished = "2024-02-29T23:59:58Z", seconds = 2 }, { finished = "2024-03-01T00:00:01Z", seconds = 1 }, { finished = "1970-01-01T00:00:10Z", seconds = 10 },
    { finished = "no time", seconds = 1 }, { finished = "2024-03-01T00:00:01Z", seconds = "long" } }
  local s = timing.summary(sweep)
  t.equal(s.n, 3)
  t.near(s.wall, 15, 1e-6)  -- 10 s in 1970, then 2 s, 2 s without a run, 1 s
  t.equal(timing.summary(timed { {} }), nil)
  t.equal(timing.table(timed { {} }).note, "no run has finished")
end)

-- ---- what is shown -------------------------------------------------------------------------

t.test("the best and the worst trials are groups for a plot", function()
  local sweep = grid({ 1, 2 }, { 1, 2 }, function(a, b) return 10 * a + b end)
  for _, entry in ipairs(sweep.trials) do entry.record = { status = "done", arguments = {}, name = "x" } end
  local runs = sweep:extremes { best = 1, worst = 2 }
  t.equal(runs.labels.place, { "best: a=2 b=2", "no. 3: a=1 b=2", "worst: a=1 b=1" })
  t.equal({ #runs, runs[1].arguments.place, runs[6].arguments.place }, { 6, "best: a=2 b=2", "worst: a=1 b=1" })
  t.equal(sweep.trials[1].record.arguments, {})
  t.raises("unknown option 'wurst' %(did you mean 'worst'%?%)", sweep.extremes, sweep, { wurst = 1 })
end)

-- Runs f as if a page were woven; returns its items.
local function woven(f)
  local items = {}
  output.directory, output.options = t.tmpdir(), {}
  output.sink = function(item) items[#items + 1] = item end
  local ok, why = pcall(f)
  output.directory, output.sink, output.options = nil, nil, {}
  if not ok then error(why, 0) end
  return items
end

local kinds = { "parallel", "marginals", "importance" }

local function all_drawn(sweep)
  if not gnuplot.version() then t.skip "gnuplot is not installed" end
  local items = woven(function()
    for _, kind in ipairs(kinds) do lab.plot[kind] { sweep } end
    lab.plot.timeline { sweep }
  end)
  for _, item in ipairs(items) do
    t.equal({ item.kind, item.table.kind, type(item.alt) }, { "figure", "table", "string" })
  end
  return items
end

t.test("all figures are drawn of a grid", function()
  local items = all_drawn(grid({ 5, 10, 20, 40 }, { 0, 0.1, 0.3 }, function(a, b, seed) return a / 100 + b / 10 + seed / 1000 end))
  for i = 1, 3 do
    local svg = t.read(items[i].files.svg)
    t.equal({ #svg > 3000, items[i].note }, { true })
  end
  t.equal(items[1].text, "12 trials; best accuracy 0.4315 with a 40, b 0.3; worst 0.0515 with a 5, b 0")
  t.equal(items[2].table.rows[1], { "a", "5", "0.065 ± 0.015", "3" })
  t.equal(items[3].table.rows[1][1], "a")
  t.equal(items[4].note, "nothing to draw yet")
end)

t.test("of text that looks like commands, of gaps, and of stopped trials", function()
  local nasty = "a `touch hacked` 'q' \"x\" @NAME@ {b}\n\xff"
  local items = all_drawn(sweep_of({
    { { [nasty] = nasty, b = 1 }, { 1, 2 } }, { { [nasty] = "plain", b = 1 }, { 1, 3 } }, { { b = 2, c = 0.5 }, { 2, 2 } },
    { { [nasty] = "plain", b = 2 }, { 9, 9 }, pruned = true, state = "paused" }, { { b = 3 }, { 9, 9 }, state = "diverged" },
  }, { goal = "min", name = nasty }))
  t.equal(io.open "hacked", nil)
  t.equal(items[1].note, "1 trial stopped early (dashed); 1 without a finished run not shown")
  t.equal(items[2].note, "2 of 5 trials did not finish and are left out")
  t.equal(items[1].text:find("^3 trials; best accuracy 1.5") ~= nil, true)
end)

t.test("what ends as not-a-number is in no figure, and is said", function()
  local items = all_drawn(sweep_of({ { { a = 1 }, { 1, 2 } }, { { a = 2 }, { 0, 0 / 0 } }, { { a = 3 }, { 3, 4 } }, { { a = 4 }, { 1, 1 / 0 } },
    { { a = 5 }, { 9, 9 }, state = "failed" } }, { goal = "min" }))
  local note = "2 of 5 trials end as not-a-number or infinity (accuracy) and have no rank"
  t.equal(items[1].note, note .. "; 1 without a finished run not shown")
  t.equal(items[2].note, "1 of 5 trials did not finish and are left out; " .. note)
  t.equal(items[1].text:find("2 trials; best accuracy 1.5 with a 1; worst 3.5 with a 3", 1, true), 1)
  t.equal(#items[2].table.rows, 2)
end)

t.test("of one trial, of equal values, of hundreds", function()
  all_drawn(sweep_of { { { a = 1 }, { 1, 1 } } })
  all_drawn(grid({ 1, 2 }, { "x", "y" }, function() return 0.5 end))
  local trials = {}
  for i = 1, 300 do trials[i] = { { a = i * 0.37 % 1, b = 10.0 ^ (i % 17), c = "kind " .. i % 30 }, { math.sin(i), math.sin(i) } } end
  all_drawn(sweep_of(trials))
end)

t.test("of nothing", function()
  local items = all_drawn(sweep_of { { { a = 1 }, { 1 }, state = "failed" }, { { a = 2 }, { 1 }, state = "failed" } })
  for _, item in ipairs(items) do t.equal(item.note:find("nothing to draw yet", 1, true), 1) end
end)

t.done()
