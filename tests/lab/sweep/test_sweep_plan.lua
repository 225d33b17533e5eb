-- Sweeps as plans: kinds of parameters, methods, conditions, and three ways to say the same.
local t = dofile "tests/harness.lua"
local make = dofile "tests/fixtures/sweep_fixture.lua"(t)
local plans, sampler = require "lab.sweep.plan.plan", require "lab.sweep.plan.sampler"
local yaml, words, rows, column = make.yaml, make.words, make.rows, make.column

t.test("the smallest sweep: the script once, as it is", function()
  local plan = yaml ""
  t.equal({ plan.name, plan.method, plan.seed, plan.seeds, plan.seed_parameter }, { "s", "grid", 1, { 1 }, "seed" })
  t.equal({ plan.script, plan.origin, plan.workers, plan.objective }, { make.script, make.dir .. "/s.yaml", nil, nil })
  t.equal({ plan.trials, plan.names, plan.budget, plan.stop, plan.notes, plan.axes }, { { { index = 1, params = {} } }, {}, {}, { rule = "none" }, {}, {} })
end)

t.test("all keys but those of parameters", function()
  local plan = yaml [[
sweep: set vs static
method: random
budget: {runs: 12, time: 1h30m}
seed: 7
seeds: [3, 1]
objective: {metric: loss, goal: min, at: best, over_seeds: median}
params: {lr: {log: [1e-3, 1]}}
stop: {rule: asha, min: 2, max: 54, factor: 4}
workers: 2
]]
  t.equal({ plan.name, plan.method, plan.seed, plan.seeds, plan.workers }, { "set vs static", "random", 7, { 3, 1 }, 2 })
  t.equal(plan.budget, { runs = 12, seconds = 5400 })
  t.equal(plan.objective, { metric = "loss", goal = "min", at = "best", over_seeds = "median" })
  t.equal(plan.stop, { rule = "asha", min = 2, max = 54, factor = 4 })
  t.equal(#plan.trials, 6)
  t.equal(yaml "replicates: 3".seeds, { 1, 2, 3 })
  t.equal(yaml "objective: accuracy\nstop: median".stop, { rule = "median", min = 1, trials = 5 })
  t.equal(yaml "objective: accuracy".objective, { metric = "accuracy", goal = "max", at = "last", over_seeds = "mean" })
  t.equal(yaml "objective: accuracy\nstop: {rule: halving, max: 9}".stop, { rule = "halving", min = 1, max = 9, factor = 3 })
  t.equal(yaml "stop: none".stop, { rule = "none" })
  for text, seconds in pairs { ["2h"] = 7200, ["30m"] = 1800, ["90s"] = 90, ["90"] = 90, ["1d2h3m4s"] = 93784, ["0.5h"] = 1800, ["1.5s"] = 1.5 } do
    t.equal(yaml("budget: {time: " .. text .. "}").budget.seconds, seconds)
  end
end)

t.test("every kind of parameter has its points", function()
  local points = {
    { "epochs: 20", "epochs", { 20 } }, { "epsilon: [10, 20.5]", "epsilon", { 10.0, 20.5 } },
    { "lr: {log: [1e-4, 1e-1], n: 4}", "lr", { 1e-4, 1e-3, 1e-2, 1e-1 } }, { "lr: {log: [1e-14, 1], n: 3}", "lr", { 1e-14, 1e-7, 1.0 } },
    { "dropout: {uniform: [0, 0.5], n: 3}", "dropout", { 0.0, 0.25, 0.5 } },
    { "hidden: {int: [100, 400], step: 100}", "hidden", { 100, 200, 300, 400 } }, { "hidden: {int: [100, 399], step: 100}", "hidden", { 100, 200, 300 } },
    { "hidden: {int: [1, 3]}", "hidden", { 1, 2, 3 } }, { "hidden: {int: [1, 10], n: 3}", "hidden", { 1, 6, 10 } }, { "hidden: {int: [1, 2], n: 5}", "hidden", { 1, 2 } },
    { "hidden: {int: [4, 4]}", "hidden", { 4 } }, { "hidden: {log: [10, 1000], n: 3}", "hidden", { 10, 100, 1000 } }, { "hidden: {uniform: [0, 3], n: 4}", "hidden", { 0, 1, 2, 3 } },
    { "zeta: {range: [0.1, 0.5, 0.1]}", "zeta", { 0.1, 0.2, 0.3, 0.4, 0.5 } }, { "zeta: {range: [0, 1, 0.4]}", "zeta", { 0.0, 0.4, 0.8 } },
    { "momentum: {range: [-0.3, 0.3, 0.1]}", "momentum", { -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3 } }, { "hidden: {range: [1, 7, 3]}", "hidden", { 1, 4, 7 } },
    { "zeta: {range: [0.5, 0.5, 1]}", "zeta", { 0.5 } }, { "zeta: {value: 0.5}", "zeta", { 0.5 } }, { "zeta: {choice: [0.5, 1]}", "zeta", { 0.5, 1.0 } },
    { "method: [set, static]", "method", { "set", "static" } }, { "fast: [true, false]", "fast", { true, false } }, { "note: [yes, 1e-3, true, 07]", "note", { "yes", "1e-3", "true", "07" } },
    { "sizes: [[1, 2], [3]]", "sizes", { { 1, 2 }, { 3 } } }, { "sizes: [1, 2]", "sizes", { { 1, 2 } } }, { "sizes: 5", "sizes", { { 5 } } }, { "epochs: 1e2", "epochs", { 100 } },
  }
  for _, case in ipairs(points) do
    local got = column(yaml("params: {" .. case[1] .. "}"), case[2])
    t.equal(got, case[3])
    for i, v in ipairs(got) do t.equal(math.type(v), math.type(case[3][i])) end
  end
end)

t.test("the rows of a grid: names in order, the last varying fastest, wherever they stood", function()
  local plan = yaml "params: {zeta: [0.1, 0.2], epsilon: [10, 20], epochs: 5}"
  t.equal(rows(plan), { { epochs = 5, epsilon = 10.0, zeta = 0.1 }, { epochs = 5, epsilon = 10.0, zeta = 0.2 }, { epochs = 5, epsilon = 20.0, zeta = 0.1 },
    { epochs = 5, epsilon = 20.0, zeta = 0.2 } })
  t.equal({ plan.names, plan.trials[3].index }, { { "epochs", "epsilon", "zeta" }, 3 })
  t.equal(plan.axes, { { name = "epochs", kind = "fixed", values = { 5 } }, { name = "epsilon", kind = "choice", values = { 10.0, 20.0 } },
    { name = "zeta", kind = "choice", values = { 0.1, 0.2 } } })
  local axis = yaml "params: {lr: {log: [1e-3, 1], n: 2}}".axes[1]
  t.equal({ axis.kind, axis.low, axis.high, axis.values }, { "log", 1e-3, 1, nil })
end)

t.test("a parameter with `when` belongs to some configurations only", function()
  local plan = yaml "params: {method: [set, rigl, static], rigl_alpha: {uniform: [0.1, 0.5], n: 3, when: {method: rigl}}}"
  t.equal(column(plan, "method"), { "set", "rigl", "rigl", "rigl", "static" })
  t.equal(column(plan, "rigl_alpha"), { "-", 0.1, 0.3, 0.5, "-" })
  plan = yaml "params: {method: [set, rigl, static], rigl_alpha: {choice: [1, 2], when: {method: [rigl, set], zeta: 0.5}}, zeta: [0, 0.5], epsilon: {value: 3, when: {rigl_alpha: 2}}}"
  local text = {}
  for i, row in ipairs(rows(plan)) do text[i] = ("%s %s %s %s"):format(row.method, row.zeta, row.rigl_alpha, row.epsilon) end
  t.equal(text, { "set 0.0 nil nil", "set 0.5 1.0 nil", "set 0.5 2.0 3.0", "rigl 0.0 nil nil", "rigl 0.5 1.0 nil", "rigl 0.5 2.0 3.0", "static 0.0 nil nil", "static 0.5 nil nil" })
  plan = yaml "method: random\nbudget: {runs: 40}\nparams: {method: [set, rigl], rigl_alpha: {uniform: [0, 1], when: {method: rigl}}}"
  t.equal(#plan.trials, 40)
  local sets = 0
  for _, row in ipairs(rows(plan)) do
    t.equal(row.rigl_alpha ~= nil, row.method == "rigl")
    sets = sets + (row.method == "set" and 1 or 0)
  end
  t.equal(sets, 1)
end)

t.test("zipped parameters go hand in hand", function()
  local plan = yaml "params: {hidden: {int: [100, 300], step: 100}, epsilon: [1, 2, 3], zeta: [0, 1]}\nzip: [[hidden, epsilon]]"
  t.equal(column(plan, "hidden"), { 100, 100, 200, 200, 300, 300 })
  t.equal(column(plan, "epsilon"), { 1.0, 1.0, 2.0, 2.0, 3.0, 3.0 })
  t.equal(column(plan, "zeta"), { 0.0, 1.0, 0.0, 1.0, 0.0, 1.0 })
  for _, method in ipairs { "random", "halton" } do
    for _, row in ipairs(rows(yaml("method: " .. method .. "\nbudget: {runs: 20}\nparams: {hidden: {int: [100, 300], step: 100}, epsilon: [1, 2, 3], lr: {log: [1e-3, 1]}}\nzip: [[hidden, epsilon]]"))) do
      t.equal(row.hidden, row.epsilon * 100)
    end
  end
end)

t.test("a range by steps may go further than what it is zipped with, and says so", function()
  local plan = yaml "params: {hidden: {int: [100, 1000], step: 100}, epsilon: [10, 20, 50]}\nzip: [[hidden, epsilon]]"
  t.equal({ column(plan, "hidden"), column(plan, "epsilon") }, { { 100, 200, 300 }, { 10.0, 20.0, 50.0 } })
  t.equal(plan.notes, { "'hidden' is zipped with 3 values of 'epsilon': the first 3 of its 10 are taken" })
end)

t.test("the example of the manual", function()
  local example = t.read "lua/lab/sweep/README.md":match "```yaml\n(sweep: set%-vs%-static.-)```"
  local plan = yaml((example:gsub("script:[^\n]*\n", "")))
  t.equal({ #plan.trials, plan.seeds, plan.name, plan.stop.rule }, { 12, { 1, 2, 3, 4, 5 }, "set-vs-static", "halving" })
  t.equal(plan.trials[12], { index = 12, params = { epochs = 20, epsilon = 5.0, method = "static", momentum = 0.95 }, extra = true })
end)

t.test("where and derive see the configuration, and the script's defaults", function()
  t.equal(rows(yaml "params: {epsilon: [10, 40], hidden: [50, 100]}\nwhere: [\"epsilon * 3 < hidden\"]"), { { epsilon = 10.0, hidden = 50 }, { epsilon = 10.0, hidden = 100 } })
  t.equal(column(yaml "params: {epsilon: [10, 40]}\nwhere: epsilon * 3 < hidden", "epsilon"), { 10.0 })
  t.equal(column(yaml("params: {epsilon: [2, 4]}\nwhere: epsilon * 3 < hidden", { profile = "small" }), "epsilon"), { 2.0 })
  t.equal(column(yaml "params: {method: [set, rigl], zeta: [0, 0.5]}\nwhere: [\"method ~= 'rigl' or zeta > 0\", not (fast)]", "zeta"), { 0.0, 0.5, 0.5 })
  t.equal(column(yaml "params: {hidden: [1, 4, 9, 16]}\nwhere: [\"floor(sqrt(hidden)) % 2 == 0 and max(hidden, 3) ~= 3 and log(exp(1)) == 1\"]", "hidden"), { 4, 16 })
  local plan = yaml "params: {zeta: [0.2, 0.4]}\nderive: {rigl_alpha: zeta / 2, momentum: 1 - rigl_alpha, note: \"'a'\", epochs: 2.0 * 3, fast: zeta > 0.3}\nwhere: momentum < 0.85"
  t.equal(rows(plan), { { zeta = 0.4, rigl_alpha = 0.2, momentum = 0.8, note = "a", epochs = 6, fast = true } })
  t.equal({ plan.notes, plan.axes[1] }, { { "'where' refused 1 of 2 configurations" }, { name = "epochs", kind = "derived" } })
end)

t.test("extra rows, and a list of rows", function()
  local plan = yaml "params: {epochs: 5, epsilon: [1, 2]}\nextra: [{method: static}, {epsilon: 1}, {epochs: 7, zeta: 1}]\nderive: {momentum: zeta / 2}\nwhere: method ~= 'static'"
  t.equal(rows(plan), { { epochs = 5, epsilon = 1.0, momentum = 0.15 }, { epochs = 5, epsilon = 2.0, momentum = 0.15 }, { epochs = 5, method = "static", momentum = 0.15 },
    { epochs = 7, zeta = 1.0, momentum = 0.5 } })
  t.equal({ plan.trials[2].extra, plan.trials[3].extra, plan.trials[4].index }, { nil, true, 4 })
  plan = yaml "method: list\nparams: {epochs: 5}\nrows:\n  - {zeta: 0.1}\n  - {zeta: 0.2, epochs: 6}\n  - {zeta: 0.1}\n"
  t.equal({ rows(plan), plan.notes }, { { { epochs = 5, zeta = 0.1 }, { epochs = 6, zeta = 0.2 } }, { "1 configuration came up again, and runs once" } })
end)

t.test("a budget counts runs: configurations times seeds", function()
  local plan = yaml "params: {epsilon: [1, 2, 3, 4]}\nreplicates: 2\nbudget: {runs: 7}\nextra: [{zeta: 0}]"
  t.equal(column(plan, "epsilon"), { 1.0, 2.0, "-" })
  t.equal(plan.notes, { "the budget of 7 runs takes the first 2 of 4 configurations" })
  plan = yaml "method: random\nparams: {epsilon: [1, 2, 3]}\nbudget: {runs: 50}"
  t.equal({ #plan.trials, plan.notes }, { 3, { "only 3 different configurations found, of 50 that the budget allows" } })
end)

t.test("trial i depends on the seed and i only", function()
  for _, method in ipairs { "random", "halton" } do
    local function draw(runs, more)
      return yaml(("method: %s\nbudget: {runs: %d}\nparams: {lr: {log: [1e-4, 1]}, zeta: {uniform: [0, 1]}, hidden: {int: [1, 9]}%s}\n"):format(method, runs, more or ""))
    end
    local few, many = rows(draw(5)), rows(draw(50))
    t.equal(few, table.move(many, 1, 5, 1, {}))
    local other = rows(yaml(("seed: 2\nmethod: %s\nbudget: {runs: 5}\nparams: {lr: {log: [1e-4, 1]}, zeta: {uniform: [0, 1]}, hidden: {int: [1, 9]}}"):format(method)))
    t.truthy(other[1].lr ~= few[1].lr and other[2].zeta ~= few[2].zeta)
    for _, row in ipairs(many) do t.truthy(1e-4 <= row.lr and row.lr <= 1 and 0 <= row.zeta and row.zeta <= 1 and 1 <= row.hidden and row.hidden <= 9) end
  end
  local function lr(text) return column(yaml("method: random\nbudget: {runs: 4}\nparams: {lr: {log: [1e-4, 1]}" .. text .. "}"), "lr") end
  t.equal(lr "", lr ", zeta: {uniform: [0, 1]}, epsilon: [1, 2]")
end)

t.test("draws fill their ranges, logarithms and choices evenly", function()
  local function shares(method)
    local plan = yaml("method: " .. method .. "\nbudget: {runs: 2000}\nparams: {lr: {log: [1e-4, 1]}, hidden: {int: [1, 4]}, method: [set, rigl, static], epsilon: {uniform: [-1, 1]}}")
    local low, first, set, negative = 0, 0, 0, 0
    for _, row in ipairs(rows(plan)) do
      low, first = low + (row.lr < 1e-2 and 1 or 0), first + (row.hidden == 1 and 1 or 0)
      set, negative = set + (row.method == "set" and 1 or 0), negative + (row.epsilon < 0 and 1 or 0)
    end
    return { low / 2000, first / 2000, set / 2000, negative / 2000 }
  end
  local random, halton = shares "random", shares "halton"
  for i, share in ipairs { 1 / 2, 1 / 4, 1 / 3, 1 / 2 } do
    t.near(random[i], share, 0.04)
    t.near(halton[i], share, 0.004)
  end
end)

t.test("scrambled Halton: every part of [0, 1) gets its point, in every base", function()
  local u = sampler.halton(3)
  for d, base in ipairs { 2, 3, 5, 7, 11, 13 } do
    for _, start in ipairs { 0, 4 } do  -- any base^2 points from a multiple of base^2
      local seen, n = {}, base * base
      for j = start * n + 1, start * n + n do
        local v = u(d, j)
        t.truthy(0 <= v and v < 1)
        t.truthy(not seen[math.floor(v * n)], "two points in one part")
        seen[math.floor(v * n)] = true
      end
    end
  end
  -- Unscrambled, dimensions 20 and 21 (bases 71 and 73) move along a line at first.
  local sum_x, sum_y, sum_xy, sum_xx, sum_yy, n = 0, 0, 0, 0, 0, 70
  for j = 1, n do
    local x, y = u(20, j), u(21, j)
    sum_x, sum_y, sum_xy, sum_xx, sum_yy = sum_x + x, sum_y + y, sum_xy + x * y, sum_xx + x * x, sum_yy + y * y
  end
  local r = (n * sum_xy - sum_x * sum_y) / math.sqrt((n * sum_xx - sum_x ^ 2) * (n * sum_yy - sum_y ^ 2))
  t.near(r, 0, 0.4)
end)

t.test("known values: a plan is the same next year", function()
  local random, halton = sampler.random(7), sampler.halton(7)
  t.near(random("lr", 1), 0.61642399402410919, 1e-15)
  t.near(random("zeta", 3), 0.85945448430309201, 1e-15)
  t.near(halton(1, 1), 0.4325824280566557, 1e-15)
  t.near(halton(4, 10), 0.017770206369933744, 1e-15)
end)

local full = [==[
sweep: three ways
method: random
budget: {runs: 20, time: 2h}
seed: 7
replicates: 2
objective: {metric: accuracy, goal: max}
params:
  epochs: 20
  epsilon: [10, 20, 50]
  lr: {log: [1e-4, 1e-1], n: 7}
  zeta: {range: [0.1, 0.5, 0.1]}
  hidden: {int: [100, 1000], step: 100}
  dropout: {uniform: [0, 0.5], n: 3}
  method: [set, static]
  sizes: [[10, 20], [30, 40]]
  fast: true
where: [epsilon * 3 < hidden]
stop: {rule: halving, min: 1, max: 27}
workers: 2
]==]

-- All of a plan but where it came from.
local function content(plan)
  return { plan.name, plan.method, plan.seed, plan.seeds, plan.names, plan.axes, plan.objective, plan.stop, plan.workers, plan.budget, plan.trials, plan.notes }
end

t.test("a file, a table and a command line that say the same give the same plan", function()
  local from_file = yaml(full)
  t.equal(#from_file.trials, 10)
  local from_table = make.table {
    "three ways", method = "random", budget = { runs = 20, time = "2h" }, seed = 7, replicates = 2, objective = { metric = "accuracy", goal = "max" },
    params = { epochs = 20, epsilon = { 10, 20, 50 }, lr = { log = { 1e-4, 1e-1 }, n = 7 }, zeta = { range = { 0.1, 0.5, 0.1 } },
      hidden = { int = { 100, 1000 }, step = 100 }, dropout = { uniform = { 0, 0.5 }, n = 3 }, method = { "set", "static" },
      sizes = { { 10, 20 }, { 30, 40 } }, fast = true },
    where = { "epsilon * 3 < hidden" }, stop = { rule = "halving", min = 1, max = 27 }, workers = 2,
  }
  local from_words = words("epochs=20 epsilon=10,20,50 lr=log:1e-4:1e-1:7 zeta=range:0.1:0.5:0.1 hidden=int:100:1000:step:100 dropout=uniform:0:0.5:3 "
    .. "method=set,static sizes=10,20/30,40 fast=true", { name = "three ways", method = "random", runs = "20", time = "2h", seed = "7", seeds = "2",
    metric = "accuracy", goal = "max", where = { "epsilon * 3 < hidden" }, stop = "halving:1:27", workers = 2 })
  t.equal(content(from_table), content(from_file))
  t.equal(content(from_words), content(from_file))
end)

t.test("words: the lines of the manual", function()
  t.equal(words("lr=0.1", { seeds = "5" }).seeds, { 1, 2, 3, 4, 5 })
  t.equal(words("lr=0.1", { seeds = "7," }).seeds, { 7 })
  t.equal(words("lr=0.1", { seeds = "4,2" }).seeds, { 4, 2 })
  t.equal(column(words "hidden=int:1:10:4", "hidden"), { 1, 4, 7, 10 })
  t.equal(column(words "note=log:1:2,b", "note"), { "log:1:2", "b" })
  t.equal(plans.from_words(make.script, { lr = "0.1,0.2", fast = "true" }).names, { "fast", "lr" })
  t.equal(words("lr=0.1,0.2", { stop = "median:3:4", metric = "a" }).stop, { rule = "median", min = 3, trials = 4 })
end)

t.test("to_yaml: what is saved reads as the same sweep", function()
  local sources = { yaml(full), words("lr=log:1e-4:1e-1:7 sizes=10,20/30,40 hidden=int:1:5:step:2 note=yes,~,1e3", { seeds = "3", name = "a: b" }),
    yaml "method: list\nparams: {epochs: 5}\nrows:\n  - {zeta: 0.1}\n  - {note: 'x y', zeta: 0.2}\n",
    make.table { params = { lr = { log = { 1e-4, 0.1 }, n = 3, when = { method = "set" } }, method = { "set", "rigl" } }, derive = { zeta = "lr" }, extra = { { fast = true } } } }
  for _, plan in ipairs(sources) do
    local text = plans.to_yaml(plan)
    local again = plans.read_file(t.write(make.dir .. "/saved.yaml", text))
    t.equal(content(again), content(plan))
    t.equal(plans.to_yaml(again), text)
  end
  local text = plans.to_yaml(sources[1])
  t.truthy(text:find('script: x.lua\nmethod: random\nbudget: {runs: 20, time: "2h"}\nseed: 7\n', 1, true), text)
  t.truthy(text:find("\n  lr: {log: [1e-4, 1e-1], n: 7}\n", 1, true), text)
end)

t.test("only: some trials, some seeds", function()
  local plan = yaml "params: {method: [set, rigl], zeta: [0.1, 0.2, 0.3], rigl_alpha: {value: 1, when: {method: rigl}}}\nseeds: [1, 2, 3]"
  local function indices(...)
    local part, out = plans.only(plan, { ... }), {}
    for i, trial in ipairs(part.trials) do out[i] = trial.index end
    return out, part.seeds
  end
  t.equal({ indices "method=rigl" }, { { 4, 5, 6 }, { 1, 2, 3 } })
  t.equal({ indices("zeta=0.10,3e-1", "method=set", "seed=2,3") }, { { 1, 3 }, { 2, 3 } })
  t.equal({ indices "rigl_alpha=1" }, { { 4, 5, 6 }, { 1, 2, 3 } })
  t.equal(#plan.trials, 6)
  t.equal(#yaml("params: {zeta: [0, 1]}", { only = { "zeta=1" } }).trials, 1)
  for word, message in pairs {
    ["zeta=0.4"] = "^%-%-only zeta=0.4: 'zeta' is never 0.4 in this sweep; known: 0.1, 0.2, 0.3", ["method=rgil"] = "did you mean 'rigl'",
    ["zata=0.1"] = "sets no parameter 'zata' %(did you mean 'zeta'%?%)", ["zeta"] = "name=value is expected", ["zeta="] = "name=value is expected", ["seed=4"] = "'seed' is never 4",
  } do t.raises(message, plans.only, plan, { word }) end
  t.raises("no configuration is left", plans.only, plan, { "method=set", "rigl_alpha=1" })
end)

t.test("describe: the count, the first rows, what was left out, the estimate", function()
  local plan = yaml "sweep: set\nreplicates: 2\nparams: {epochs: 5, lr: {log: [1e-4, 1], n: 5}, method: [set, rigl], rigl_alpha: {value: 1, when: {method: rigl}}}\nwhere: lr < 0.1"
  local text = plans.describe(plan, { rows = 4, estimate = function(p) return #p.trials .. " minutes" end })
  t.equal(text, "set: 12 runs of " .. make.script .. [[ by grid: 6 configurations x 2 seeds
fixed: epochs=5
#      lr  method  rigl_alpha
1  0.0001     set           -
2  0.0001    rigl           1
3   0.001     set           -
4   0.001    rigl           1
... and 2 more
note: 'where' refused 4 of 10 configurations
6 minutes]])
  t.equal(plans.describe(yaml ""), "s: 1 run of " .. make.script .. " by grid: 1 configuration x 1 seed")
end)

t.test("asking what a script declares leaves the script that asks alone", function()
  local params, store = require "lab.script.params", require "lab.run.store"
  params.overrides, params.profile, require "lab.script.current".script = {}, nil, { path = "outer.lua", text = "" }
  local P = params { outer = 5 }
  params.overrides = { outer = "6" }
  t.equal(#yaml "params: {zeta: [0, 1]}".trials, 2)
  t.equal({ P.outer, params.declared()[1].name, params.overrides.outer, require "lab.script.current".script.path, params.on_declare }, { 5, "outer", "6", "outer.lua", nil })
  params.overrides, require "lab.script.current".script = {}, nil
end)

t.done()
