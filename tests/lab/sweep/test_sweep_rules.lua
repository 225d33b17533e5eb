-- Early stopping as functions of what is known: no process runs here.
local t = dofile "tests/harness.lua"
local asha = require "lab.sweep.run.asha"
local halving = require "lab.sweep.run.halving"
local median = require "lab.sweep.run.median"
local progress = require "lab.sweep.run.progress"
local values = require "lab.sweep.plan.values"
local run = require "lab.sweep.run.run"

local up = { metric = "a", goal = "max", at = "last", over_seeds = "mean" }

-- A job whose metric went through these values, epoch by epoch.
local function job(history, state, epochs)
  local u = { state = state or "paused", rows = {}, epochs = epochs, deaths = 0, wall = 0 }
  for i, v in ipairs(history) do u.rows[i] = { epoch = i, a = v } end
  return u
end

-- Trials of one or several jobs.
local function trials_of(...)
  local list = {}
  for i, jobs in ipairs { ... } do
    if jobs.state then jobs = { jobs } end
    list[i] = { index = i, jobs = jobs, params = {} }
    for k, u in ipairs(jobs) do u.trial, u.seed, u.seed_index = list[i], k, k end
  end
  return list
end

local function indices(list)
  local out = {}
  for i, trial in ipairs(list) do out[i] = trial.index end
  return out
end

-- trial index -> epoch of its end
local function ends(pruned)
  local out = {}
  for trial, verdict in pairs(pruned) do out[trial.index] = verdict.epoch end
  return out
end

-- ---- values -----------------------------------------------------------------------------

t.test("a job's value: last or best, up to an epoch", function()
  local u = job { 0.5, 0.7, 0.6 }
  t.equal(values.value(up, u), 0.6)
  t.equal(values.value(up, u, 2), 0.7)
  t.equal(values.value({ metric = "a", goal = "max", at = "best" }, u), 0.7)
  t.equal(values.value({ metric = "a", goal = "min", at = "best" }, u), 0.5)
  t.equal(values.value(up, u, 0), nil)
  t.equal(values.epoch(u), 3)
end)

t.test("a gap is passed over, not-a-number and infinity are not", function()
  local u = job { 0.5, 0.7 }
  u.rows[3] = { epoch = 3 }
  t.equal(values.value(up, u), 0.7)
  for word, v in pairs { ["not-a-number"] = 0 / 0, infinity = 1 / 0 } do
    u.rows[4] = { epoch = 4, a = v }
    for _, at in ipairs { "last", "best" } do
      local objective = { metric = "a", goal = "max", at = at }
      t.equal({ values.value(objective, u) }, { nil, word })
      t.equal({ values.value(objective, u, 3) }, { 0.7 })
    end
  end
  u.rows[5] = { epoch = 5, a = 0.6 }  -- it came back
  t.equal({ values.value(up, u), values.value({ metric = "a", goal = "max", at = "best" }, u) }, { 0.6, 0.7 })
end)

t.test("a seed that is not-a-number leaves the trial none", function()
  local trial = trials_of({ job { 0.5 }, job { 0 / 0 }, job({ 9 }, "diverged") })[1]
  t.equal({ values.of_trial(up, trial, 1) }, { nil, "not-a-number" })
  trial.jobs[2].rows[1].a = 0.7
  t.equal({ values.of_trial(up, trial, 1) }, { 0.6 })
end)

t.test("a run that failed or diverged is worth nothing", function()
  t.equal(values.value(up, job({ 0.5 }, "failed")), nil)
  t.equal(values.value(up, job({ 0.5 }, "diverged")), nil)
end)

t.test("rows without an epoch count by their place", function()
  local u = { state = "done", rows = { { a = 1 }, { a = 2 }, { a = 3 } } }
  t.equal(values.value(up, u, 2), 2)
end)

t.test("over seeds", function()
  t.equal(values.over_seeds({ over_seeds = "mean" }, { 1, 2, 6 }), 3.0)
  t.equal(values.over_seeds({ over_seeds = "median" }, { 1, 2, 6 }), 2)
  t.equal(values.over_seeds({ over_seeds = "min" }, { 1, 2, 6 }), 1)
  t.equal(values.over_seeds({ over_seeds = "max" }, { 1, 2, 6 }), 6)
  t.equal(values.over_seeds(up, {}), nil)
end)

-- ---- halving ----------------------------------------------------------------------------

local function halved(list, stop, objective) return halving.advance({ objective = objective or up, stop = stop or { min = 2, max = 8, factor = 2 } }, list) end

t.test("rungs lie below max", function()
  t.equal(halving.rungs { min = 2, max = 20, factor = 3 }, { 2, 6, 18 })
  t.equal(halving.rungs { min = 1, max = 27, factor = 3 }, { 1, 3, 9 })
  t.equal(halving.rungs { min = 5, max = 5, factor = 3 }, {})
end)

t.test("halving waits for all of a rung", function()
  local list = trials_of(job { 1, 1 }, job { 1 }, job({}, "waiting"), job { 1, 9 })
  local advice = halved(list)
  t.equal(indices(advice.wanted), { 1, 2, 3, 4 })
  for _, trial in ipairs(list) do t.equal(advice.targets[trial], 2) end
  t.equal(advice.decisions, {})
end)

t.test("the best half goes on, in the order of the plan", function()
  local list = trials_of(job { 0, 3 }, job { 9, 1 }, job { 0, 2 }, job { 0, 4, 9 })
  local advice = halved(list)
  t.equal(indices(advice.wanted), { 1, 4 })
  t.equal(advice.targets[list[1]], 4)
  t.equal(ends(advice.pruned), { [2] = 2, [3] = 2 })
  t.equal(#advice.decisions, 4)
  t.equal(advice.decisions[3].decision, "stopped")
  t.truthy(advice.decisions[3].reason:find "place 3 of 4")
end)

t.test("the last one runs to its end", function()
  local list = trials_of(job { 0, 3, 3, 3 }, job { 0, 1 }, job { 0, 2 }, job { 0, 4, 4, 5 })
  local advice = halved(list)
  t.equal(indices(advice.wanted), { 4 })
  t.equal(advice.targets[list[4]], math.huge)
  t.equal(ends(advice.pruned), { [1] = 4, [2] = 2, [3] = 2 })
end)

t.test("a goal of min; equals go by their place", function()
  local down = { metric = "a", goal = "min", at = "last", over_seeds = "mean" }
  t.equal(indices(halved(trials_of(job { 0, 3 }, job { 0, 1 }, job { 0, 2 }, job { 0, 4 }), nil, down).wanted), { 2, 3 })
  t.equal(indices(halved(trials_of(job { 0, 1 }, job { 0, 1 }, job { 0, 1 }, job { 0, 1 })).wanted), { 1, 2 })
end)

t.test("what failed or diverged stands last and is waited for no more", function()
  local list = trials_of(job({}, "failed"), job({ 9 }, "diverged"), job { 0, 1 }, job { 0, 2 })
  t.equal(indices(halved(list).wanted), { 3, 4 })
end)

t.test("seeds are judged together", function()
  local list = trials_of({ job { 0, 5 }, job { 0, 1 } }, { job { 0, 2 }, job { 0, 2 } }, { job { 0, 4 }, job { 0, 4 } }, { job { 0, 0 }, job { 0, 0 } })
  t.equal(indices(halved(list).wanted), { 1, 3 })
end)

t.test("a run that the store held finished is judged by its value at the rung", function()
  local list = trials_of(job({ 0, 1, 9, 9, 9, 9, 9, 9 }, "done"), job { 0, 2 }, job { 0, 3 }, job { 0, 0 })
  t.equal(indices(halved(list).wanted), { 2, 3 })
end)

t.test("not-a-number stands last, and does not go on while a number is there", function()
  local nan, down = 0 / 0, { metric = "a", goal = "min", at = "last", over_seeds = "mean" }
  local list = trials_of(job { 0, nan }, job { 9, 3 }, job { 0, -math.huge }, job { 9, nan })
  local advice = halved(list, nil, down)
  t.equal(indices(advice.wanted), { 2 })
  t.equal(ends(advice.pruned), { [1] = 2, [3] = 2, [4] = 2 })
  t.truthy(advice.pruned[list[1]].reason:find("(a not-a-number)", 1, true), advice.pruned[list[1]].reason)
  t.truthy(advice.pruned[list[3]].reason:find("(a infinity)", 1, true))
  t.equal(indices(halved(trials_of(job { 0, nan }, job { 0, nan })).wanted), { 1 })
end)

-- ---- asha -------------------------------------------------------------------------------

local function asked(list, memory, idle) return asha.advance({ objective = up, stop = { min = 1, max = 4, factor = 2 } }, list, memory, idle) end

t.test("asha goes on with the best half seen, before anything new begins", function()
  local list, memory = trials_of(job { 1 }, job { 2 }, job({}, "waiting"), job({}, "waiting")), {}
  local advice = asked(list, memory, false)
  t.equal(indices(advice.wanted), { 2, 3, 4 })
  t.equal(advice.targets[list[2]], 2)
  t.equal(advice.targets[list[3]], 1)
end)

t.test("asha lets no not-a-number go on", function()
  local list = trials_of(job { 0 / 0 }, job { 2 }, job { 0 / 0 }, job { 1 / 0 })
  t.equal(indices(asked(list, {}, false).wanted), { 2 })
end)

t.test("asha keeps its word", function()
  local list, memory = trials_of(job { 1 }, job { 2 }, job({}, "waiting"), job({}, "waiting")), {}
  asked(list, memory, false)
  list[3].jobs[1].rows, list[4].jobs[1].rows = { { epoch = 1, a = 5 } }, { { epoch = 1, a = 6 } }
  local advice = asked(list, memory, false)
  t.equal(indices(advice.wanted), { 2, 3, 4 })  -- the second of four now stands third, and goes on
  t.equal(#advice.decisions, 3)
end)

t.test("asha stops the others once nothing is left, and one run always ends", function()
  local list, memory = trials_of(job { 1 }, job { 2 }, job { 3 }), {}
  t.equal(indices(asked(list, memory, true).wanted), { 3 })
  list[3].jobs[1].rows[2] = { epoch = 2, a = 3 }
  local advice = asked(list, memory, true)
  t.equal(indices(advice.wanted), { 3 })
  t.equal(advice.targets[list[3]], math.huge)
  list[3].jobs[1].state = "done"
  t.equal(ends(asked(list, memory, true).pruned), { [1] = 1, [2] = 1 })
end)

-- ---- median -----------------------------------------------------------------------------

local function weighed(list, stop) return median.advance({ objective = up, stop = stop or { min = 1, trials = 2 } }, list) end

t.test("worse than the median of those before: stopped", function()
  local list = trials_of(job({ 4, 4, 4 }, "done"), job({ 6, 6, 6 }, "done"), job({ 5, 4, 9 }, "running", 5))
  local advice = weighed(list)
  t.equal(indices(advice.wanted), { 1, 2, 3 })  -- 5 is not strictly worse than 5, and the best so far counts
  list[3].jobs[1].rows[1].a = 4.9
  advice = weighed(list)
  t.equal(ends(advice.pruned), { [3] = 1 })
  t.equal(advice.decisions[1].threshold, 5.0)
end)

t.test("the median rule: not-a-number is worse than any, and in no median", function()
  local function list(a, b) return trials_of(job({ 4, 4, 4 }, "done"), job({ 6, 6, 6 }, "done"), a, b) end
  local advice = weighed(list(job({ 9, 0 / 0, 9 }, "running", 5)))
  local trials = list(job({ 9, 0 / 0, 9 }, "running", 5))
  advice = weighed(trials)
  t.equal(ends(advice.pruned), { [3] = 2 })
  t.equal(advice.pruned[trials[3]].reason, "stopped at epoch 2: a is not-a-number, median of 2 trials before it 5")
  -- 5, 5 and 5 of the healthy: were the infinity a forerunner, everything would be worse than the median
  t.equal(ends(weighed(list(job({ 1 / 0, 1 / 0, 1 / 0 }, "done"), job({ 5, 5, 5 }, "running", 5))).pruned), { [3] = 1 })
end)

t.test("not before min, not with fewer forerunners than trials, not at the last epoch", function()
  local function list() return trials_of(job({ 4, 4 }, "done"), job({ 6, 6 }, "done"), job({ 1, 1 }, "running", 2)) end
  t.equal(ends(weighed(list(), { min = 2, trials = 2 }).pruned), {})
  t.equal(ends(weighed(list(), { min = 1, trials = 3 }).pruned), {})
  t.equal(ends(weighed(list()).pruned), { [3] = 1 })
end)

t.test("a decision waits for the trials before it", function()
  local list = trials_of(job({ 4, 4 }, "done"), job({ 6 }, "running", 3), job({ 1, 1, 1 }, "done"))
  t.equal(ends(weighed(list, { min = 2, trials = 2 }).pruned), {})
  list[2].jobs[1].rows[2] = { epoch = 2, a = 6 }
  t.equal(ends(weighed(list, { min = 2, trials = 2 }).pruned), { [3] = 2 })
end)

t.test("what was stopped counts no further than it came", function()
  local list = trials_of(job({ 4, 4, 4 }, "done"), job({ 6, 6, 6 }, "done"), job({ 1, 9, 9 }, "paused", 3), job({ 5, 6, 6 }, "running", 5))
  local advice = weighed(list)
  t.equal(ends(advice.pruned), { [3] = 1 })
end)

t.test("seeds: each is compared with its like, and the trial falls with the first", function()
  local list = trials_of({ job({ 4, 4 }, "done"), job({ 1, 1 }, "done") }, { job({ 4, 4 }, "done"), job({ 1, 1 }, "done") },
    { job({ 5, 5 }, "done"), job({ 0, 0 }, "paused", 2) }, { job({ 3, 3 }, "paused", 2), job({}, "waiting") })
  local advice = weighed(list)
  t.equal(ends(advice.pruned), { [3] = 1, [4] = 1 })
  t.equal(advice.pruned[list[3]].job.seed, 2)
  t.equal(indices(advice.wanted), { 1, 2 })
end)

-- The same decisions whatever the order in which runs grew: all interleavings of a few are tried.
t.test("the median rule does not depend on timing", function()
  local seed = 12345
  local function random(n) seed = (seed * 1103515245 + 12345) % (1 << 31) return seed // 65536 % n end
  local histories = {}
  for i = 1, 8 do
    histories[i] = {}
    for e = 1, 5 do histories[i][e] = random(100) end
  end
  local expected
  for _ = 1, 200 do
    local parts = {}
    for i = 1, 8 do parts[i] = job({}, "waiting", 5) end
    local list, verdicts = trials_of(table.unpack(parts)), {}
    local left = 40
    while left > 0 do
      local i = random(8) + 1
      local u = list[i].jobs[1]
      local e = #u.rows + 1
      if e <= 5 then
        u.rows[e], left = { epoch = e, a = histories[i][e] }, left - 1
        u.state = e == 5 and "done" or "running"
      end
      for trial, verdict in pairs(weighed(list).pruned) do
        if verdicts[trial.index] then t.equal(verdict.epoch, verdicts[trial.index]) end
        verdicts[trial.index] = verdict.epoch
      end
    end
    expected = expected or verdicts
    t.equal(verdicts, expected)
  end
  t.truthy(next(expected))
end)

-- ---- progress and sharing ---------------------------------------------------------------

t.test("counts, and what is left", function()
  local a, b, c, d = job({ 1, 1 }, "done", 2), job({ 1 }, "running", 2), job({}, "waiting"), job({ 1 }, "paused", 2)
  a.wall, b.began, b.began_at, d.pruned = 10, 100, 0, { epoch = 1 }
  local counts = progress.counts { a, b, c, d }
  t.equal(progress.count_text(counts), "1 of 4 done, 1 running, 1 stopped early")
  -- 10 s for one run and 5 s for half of one; one and a half are left, for two workers
  t.equal(progress.remaining({ a, b, c, d }, 2, 105), 7.5)
  t.equal(progress.eta_text(7.5), "ETA 0:08")
  t.equal(progress.eta_text(7000, true), "ETA at most 1:56:40")
  t.equal(progress.remaining({ c }, 2, 105), nil)
  a.reused = true
  t.equal(progress.count_text(progress.counts { a }), "1 of 1 done (1 read back)")
end)

t.test("a run whose metric is not-a-number is shown so", function()
  local line, plan = require "lab.util.progress_line", { objective = up }
  local v, word = progress.value(plan, job { 1, 0 / 0 })
  t.equal({ v, word }, { 0 / 0, "not-a-number" })
  t.truthy(line.plain({ value = v }, { "value" }):find("value=nan", 1, true))
  t.truthy(line.json("run", { value = v }, { "value" }):find('"value": ?null'))
  t.equal({ progress.value(plan, job { 1, 1 / 0 }) }, { math.huge, "infinity" })
  t.equal({ progress.value(plan, job { 1, 2 }) }, { 2 })
  t.equal(progress.value({}, job { 1 }), nil)
end)

t.test("no more threads than cores", function()
  local plan = { trials = { {}, {}, {} }, seeds = { 1, 2 } }
  t.equal({ run.share(plan, {}, 2) }, { 2, 1 })
  t.equal({ run.share(plan, {}, 16) }, { 6, 2 })
  t.equal({ run.share(plan, { workers = 3 }, 16) }, { 3, 5 })
  t.equal({ run.share(plan, { workers = 4 }, 2) }, { 4, 1 })
  t.equal({ run.share(plan, { threads = 1 }, 8) }, { 1, 1 })
  plan.workers = 2
  t.equal({ run.share(plan, {}, 8) }, { 2, 4 })
end)

t.done()
