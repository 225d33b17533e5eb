-- Sweeps that are wrong: what is said, and where, before anything runs.
local t = dofile "tests/harness.lua"
local make = dofile "tests/fixtures/sweep_fixture.lua"(t)
local plans = require "lab.sweep.plan.plan"

local function literal(text) return (text:gsub("%p", "%%%0")) end

-- text below "script: x.lua", the place in the file, and what the message says (not a pattern).
local function check(cases)
  for _, case in ipairs(cases) do
    local ok, problem = pcall(make.yaml, case[1])
    t.truthy(not ok, ("no problem: %q"):format(case[1]))
    t.truthy(plans.is_problem(problem), tostring(problem))
    local want = ("%s/s.yaml:%s: %s"):format(make.dir, case[2], case[3])
    t.truthy(tostring(problem):find("^" .. literal(want)), ("%q gives %q, not %q"):format(case[1], tostring(problem), want))
  end
end

t.test("the keys of a sweep", function()
  check {
    { "metod: grid", "2:1", "unknown key 'metod' (did you mean 'method'?)" },
    { "method: gird", "2:9", "there is no choice 'gird' (did you mean 'grid'?)" },
    { "method: [grid]", "2:9", "one of grid, halton, list, random is expected, not a list" },
    { "method: 3", "2:9", "one of grid, halton, list, random is expected, not 3" },
    { "method: grid\nmethod: grid", "3:1", "duplicate key 'method' (first at line 2)" },
    { "sweep: [a]", "2:8", "a name is expected, not a list" },
    { "sweep: \"a\\nb\"", "2:8", "a name is one line of at most 100 bytes" },
    { "sweep:", "2:7", "a name is expected, not nothing" },
    { "seed: -1", "2:7", "the sampler's seed, a whole number, is expected, at least 0, not -1" },
    { "seed: 1.5", "2:7", "the sampler's seed, a whole number, is expected, not 1.5" },
    { "workers: 0", "2:10", "a number of runs at a time is expected, at least 1, not 0" },
    { "workers: 2000", "2:10", "a number of runs at a time is expected, at most 1024, not 2000" },
    { "workers: many", "2:10", "a number of runs at a time is expected, not the text 'many'" },
    { "params: [lr]", "2:9", "a map of parameters is expected, not a list" },
    { "params: 3", "2:9", "a map of parameters is expected, not 3" },
  }
end)

t.test("budget, seeds", function()
  check {
    { "budget: 60", "2:9", "a map such as {runs: 60, time: 2h} is expected, not 60" },
    { "budget: {run: 60}", "2:10", "unknown key 'run' (did you mean 'runs'?)" },
    { "budget: {runs: 0}", "2:16", "a number of runs is expected, at least 1, not 0" },
    { "budget: {runs: 1e9}", "2:16", "a number of runs is expected, at most 100000, not 1e9" },
    { "budget: {time: 2 hours}", "2:16", "a time such as 2h, 30m or 90s is expected, not the text '2 hours'" },
    { "budget: {time: h}", "2:16", "a time such as 2h, 30m or 90s is expected, not the text 'h'" },
    { "budget: {time: 0s}", "2:16", "a time such as" }, { "budget: {time: -5}", "2:16", "a time such as" }, { "budget: {time: .inf}", "2:16", "a time such as" },
    { "budget: {time: 1:30}", "2:16", "a time such as 2h, 30m or 90s is expected, not the text '1:30'" },
    { "budget: {runs: 2}\nreplicates: 3", "2:9", "a budget of 2 runs is too small: a configuration takes 3 runs, one a seed" },
    { "budget: {runs: 2}\nextra: [{zeta: 0}, {zeta: 1}]", "2:9", "a budget of 2 runs is too small: a configuration takes 1 run, one a seed, and so does each extra row" },
    { "method: random\nparams: {lr: [1, 2]}", "2:9", "the method 'random' needs a number of runs: budget: {runs: 60}" },
    { "budget: {time: 1h}\nmethod: halton", "3:9", "the method 'halton' needs a number of runs" },
    { "replicates: 0", "2:13", "a number of runs of every configuration is expected, at least 1, not 0" },
    { "replicates: 2\nseeds: [1]", "3:8", "'seeds' and 'replicates' cannot be combined" },
    { "seeds: 3", "2:8", "a list of seeds is expected, not 3" }, { "seeds: []", "2:8", "a list of seeds is expected, not an empty list" },
    { "seeds: [1, 2, 1]", "2:15", "the seed 1 occurs twice" }, { "seeds: [1, x]", "2:12", "a seed, a whole number, is expected, not the text 'x'" },
    { "seeds: [-1]", "2:9", "a seed, a whole number, is expected, at least 0, not -1" },
    { "params: {seed: [1, 2]}", "2:10", "the seeds of runs are set by 'seeds' or 'replicates', not among the parameters" },
  }
end)

t.test("objective, stop", function()
  check {
    { "objective: {goal: max}", "2:12", "the key 'metric' is missing" }, { "objective: {metrik: a}", "2:13", "unknown key 'metrik' (did you mean 'metric'?)" },
    { "objective: {metric: a, goal: maximum}", "2:30", "there is no choice 'maximum'; known: max, min" },
    { "objective: {metric: a, at: end}", "2:28", "there is no choice 'end'" }, { "objective: {metric: 3}", "2:21", "the name of a column of metrics.csv is expected, not 3" },
    { "stop: halving", "2:7", "early stopping compares runs by an objective" }, { "objective: a\nstop: halvin", "3:7", "there is no choice 'halvin' (did you mean 'halving'?)" },
    { "objective: a\nstop: halving", "3:7", "the rule 'halving' needs max" }, { "objective: a\nstop: {max: 9}", "3:7", "the key 'rule' is missing: one of none, median, halving, asha" },
    { "objective: a\nstop: {rule: median, factor: 3}", "3:22", "unknown key 'factor'; known: min, rule, trials" },
    { "objective: a\nstop: {rule: asha, maks: 3}", "3:20", "unknown key 'maks' (did you mean 'max'?)" },
    { "objective: a\nstop: {rule: halving, max: 2}", "3:28", "max is 2, and no decision falls between min (1) and max: it must be at least min * factor, 3" },
    { "objective: a\nstop: {rule: halving, max: 9, factor: 1}", "3:39", "a factor is expected, at least 2, not 1" },
    { "objective: a\nstop: {rule: halving, max: 9, min: 0.5}", "3:36", "a number of epochs is expected, at least 1, not 0.5" },
  }
end)

t.test("parameters: names, types, limits, choices", function()
  check {
    { "params: {zata: 1}", "2:10", "the script declares no parameter 'zata' (did you mean 'zeta'?)" },
    { "params:\n  lr: 0.1\n  lr: 0.2", "4:3", "duplicate key 'lr' (first at line 3)" },
    { "params: {epochs: many}", "2:18", "'epochs' is 'many', must be a whole number" }, { "params: {epochs: 1.5}", "2:18", "'epochs' is 1.5, must be a whole number; declare it as 400.0 to allow fractions" },
    { "params: {epochs: 0}", "2:18", "'epochs' is 0, must be at least 1" }, { "params: {epochs: '20'}", "2:18", "'epochs' is '20', must be a whole number" },
    { "params: {epochs: }", "2:18", "a value of 'epochs' is expected, not nothing" }, { "params: {note: ~}", "2:16", "a value of 'note' is expected, not nothing" },
    { "params: {fast: yes}", "2:16", "'fast' is 'yes', must be true or false" }, { "params: {fast: 1}", "2:16", "'fast' is 1, must be true or false" },
    { "params: {lr: 0}", "2:14", "'lr' is 0.0, must be above 0" }, { "params: {lr: .inf}", "2:14", "'lr' is inf, must be a number" }, { "params: {lr: .nan}", "2:14", "'lr' is nan, must be a number" },
    { "params: {lr: true}", "2:14", "'lr' is true, must be a number" }, { "params: {method: rgil}", "2:18", "'method' has no choice 'rgil' (did you mean 'rigl'?)" },
    { "params: {zeta: [0, 0.5, 2]}", "2:25", "'zeta' is 2.0, must be at most 1" }, { "params: {zeta: []}", "2:16", "a list of values is expected, not an empty list" },
    { "params: {zeta: [0.5, 5e-1]}", "2:22", "0.5 occurs twice in the list" }, { "params: {zeta: [[0.1]]}", "2:17", "a value of 'zeta' is expected, not a list" },
    { "params: {sizes: [[1, 0]]}", "2:18", "'sizes' is 0, must be at least 1" }, { "params: {sizes: [[1, x]]}", "2:22", "'sizes' is 'x', must be a whole number" },
    { "params: {sizes: [[1], 2.5]}", "2:23", "'sizes' is 2.5, must be a whole number" },
  }
end)

t.test("parameters: ranges", function()
  check {
    { "params: {lr: {log: [1e-4, 1e-1]}}", "2:20", "a grid needs n, the number of points: lr: {log: [0.0001, 0.1], n: 5}" },
    { "params: {zeta: {uniform: [0, 1]}, epochs: {value: 1, when: {method: set}}, method: rigl}", "2:69", "'method' is never 'set' in this sweep" },
    { "params: {zeta: {uniform: [0, 1]}}", "2:26", "a grid needs n" }, { "params: {zeta: {uniform: [0, 1], n: 1}}", "2:37", "a number of points is expected, at least 2, not 1" },
    { "params: {zeta: {uniform: [0, 1], n: 1e6}}", "2:37", "a number of points is expected, at most 10000, not 1e6" },
    { "params: {zeta: {uniform: [0, 1], m: 3}}", "2:34", "unknown key 'm' (did you mean 'n'?)" }, { "params: {zeta: {unifrom: [0, 1]}}", "2:17", "unknown key 'unifrom' (did you mean 'uniform'?)" },
    { "params: {zeta: {uniform: [0, 1], step: 1}}", "2:34", "'uniform' has no 'step'" }, { "params: {zeta: {range: [0, 1, 0.5], n: 1}}", "2:37", "'range' has no 'n'" },
    { "params: {zeta: {uniform: [0, 1], log: [1, 2]}}", "2:34", "'uniform' and 'log' cannot be combined" }, { "params: {zeta: {n: 3}}", "2:16", "one of choice, int, log, range, uniform, value is expected" },
    { "params: {zeta: {}}", "2:16", "one of choice" }, { "params: {zeta: {uniform: 1, n: 2}}", "2:26", "[low, high] is expected, not 1" }, { "params: {zeta: {uniform: [1], n: 2}}", "2:26", "[low, high] is expected, not 1 number" },
    { "params: {zeta: {uniform: [0, 1, 2], n: 2}}", "2:26", "[low, high] is expected, not 3 numbers" }, { "params: {zeta: {uniform: [1, 0], n: 2}}", "2:30", "0 is not above 1: [low, high] is expected" },
    { "params: {epsilon: {uniform: [-1e308, 1e308], n: 5}}", "2:29", "from -1e308 to 1e308 is too large a range for a number" },
    { "params: {zeta: {uniform: [1, 1], n: 2}}", "2:30", "1 is not above 1" }, { "params: {zeta: {uniform: [0, a], n: 2}}", "2:30", "a number is expected, not the text 'a'" },
    { "params: {zeta: {uniform: [0, .inf], n: 2}}", "2:30", "a number is expected, not inf" }, { "params: {zeta: {uniform: [0, .nan], n: 2}}", "2:30", "a number is expected, not nan" },
    { "params: {zeta: {uniform: [0, 1.5], n: 2}}", "2:30", "'zeta' is 1.5, must be at most 1" }, { "params: {dropout: {uniform: [0, 1], n: 2}}", "2:33", "'dropout' is 1.0, must be below 1" },
    { "params: {momentum: {log: [0, 1], n: 2}}", "2:27", "a logarithmic range begins above 0, not at 0" }, { "params: {momentum: {log: [-1, 1], n: 2}}", "2:27", "a logarithmic range begins above 0, not at -1" },
    { "params: {zeta: {range: [0, 1]}}", "2:24", "[low, high, step] is expected, not 2 numbers" }, { "params: {zeta: {range: [0, 1, 0]}}", "2:31", "the step must be above 0, and is 0" },
    { "params: {zeta: {range: [0, 1, -0.1]}}", "2:31", "the step must be above 0, and is -0.1" }, { "params: {zeta: {range: [0, 1, 1e-9]}}", "2:24", "a range of more than 10000 values" },
    { "params: {zeta: {range: [1, 0, 0.1]}}", "2:28", "0 is not above 1" }, { "params: {hidden: {range: [1, 2, 0.5]}}", "2:18", "'hidden' is 1.5, must be a whole number" },
    { "params: {hidden: {int: [0.5, 2]}}", "2:25", "a whole number is expected, not 0.5" }, { "params: {hidden: {int: [1, 9], n: 2, step: 2}}", "2:35", "n or step, not both" },
    { "params: {hidden: {int: [1, 9], step: 0}}", "2:38", "a step is expected, at least 1, not 0" }, { "params: {hidden: {int: [1, 9000000]}}", "2:24", "9000000 values are too many for a grid: give n or a larger step" },
    { "params: {hidden: {int: [1, 9e99]}}", "2:28", "a whole number is expected, at most" }, { "params: {method: {log: [1, 2], n: 2}}", "2:24", "'method' is not a number in the script (by default 'set'): a list of values is expected" },
    { "params: {fast: {int: [0, 1]}}", "2:22", "'fast' is not a number in the script" }, { "params: {zeta: {choice: 1}}", "2:25", "a list of values is expected, not 1" },
    { "params: {hidden: {int: [1, 9999]}, epochs: {int: [1, 9999]}}", "2:9", "a grid of more than 100000 configurations: take fewer points, or method random" },
  }
end)

t.test("the ends of a range of whole numbers are whole", function()
  local hint = "; declare it as 100.0 to allow fractions"
  for _, method in ipairs { "method: grid", "method: random\nbudget: {runs: 6}", "method: halton\nbudget: {runs: 6}" } do
    local line = select(2, method:gsub("\n", "")) + 3
    for kind, ends in pairs { uniform = "[0, 0.5]", log = "[1, 9.5]" } do
      local text = ("%s\nparams: {hidden: {%s: %s%s}}"):format(method, kind, ends, method:find "grid" and ", n: 3" or "")
      check { { text, ("%d:%d"):format(line, 25 + #kind), ("'hidden' is %s, must be a whole number%s"):format(ends:match "%d%.%d", hint) } }
    end
    check { { method .. "\nparams: {hidden: {uniform: [0.2, 3], n: 3}}", line .. ":29", "'hidden' is 0.2, must be a whole number" .. hint },
      { method .. "\nparams: {hidden: {range: [0, 1, 0.25]}}", line .. ":18", "'hidden' is 0.25, must be a whole number" .. hint },
      { method .. "\nparams: {hidden: {range: [0, 0.5, 0.5]}}", line .. ":30", "'hidden' is 0.5, must be a whole number" .. hint },
      { method .. "\nparams: {hidden: {choice: [0, 0.25]}}", line .. ":31", "'hidden' is 0.25, must be a whole number" .. hint } }
  end
end)

t.test("decimals with a comma, a colon without its blank", function()
  check { { "params: {lr: '0,1'}", "2:14", "'lr' is '0,1', must be a number; decimals stand after a point" },
    { "params:\n  lr:0.1", "3:3", "a map of parameters is expected, not the text 'lr:0.1'; a space is missing after the colon" } }
end)

t.test("when, zip", function()
  local head = "params: {method: [set, rigl], rigl_alpha: "
  check {
    { head .. "{value: 1, when: {metod: rigl}}}", "2:61", "this sweep sets no parameter 'metod' (did you mean 'method'?)" }, { head .. "{value: 1, when: {method: riggl}}}", "2:69", "'method' has no choice 'riggl' (did you mean 'rigl'?)" },
    { head .. "{value: 1, when: {method: static}}}", "2:69", "'method' is never 'static' in this sweep; known: set, rigl" }, { head .. "{value: 1, when: rigl}}", "2:60", "a map such as {method: rigl} is expected, not the text 'rigl'" },
    { head .. "{value: 1, when: {}}}", "2:60", "a condition is expected, not an empty map" }, { head .. "{value: 1, when: {method: []}}}", "2:69", "a list is expected, not an empty list" },
    { head .. "{value: 1, when: {rigl_alpha: 1}}}", "2:60", "'rigl_alpha' depends on itself" },
    { "params: {zeta: {choice: [0, 1], when: {lr: 1}}, lr: {choice: [1, 2], when: {zeta: 1}}}", "2:76", "'lr' depends on itself" },
    { "params: {zeta: [0, 1], lr: [1, 2, 3]}\nzip: [[zeta, lr]]", "3:14", "'lr' has 3 values and 'zeta' has 2; zipped parameters have equally many" }, { "params: {zeta: [0, 1]}\nzip: [[zeta, lr]]", "3:14", "this sweep sets no parameter 'lr'" },
    { "params: {zeta: [0, 1, 0.5], hidden: {int: [1, 2]}}\nzip: [[zeta, hidden]]", "3:14", "'hidden' has 2 values and 'zeta' has 3" }, { "params: {zeta: [0, 1, 0.5], hidden: {int: [1, 9], n: 5}}\nzip: [[zeta, hidden]]", "3:14", "'hidden' has 5 values and 'zeta' has 3" },
    { "params: {epochs: {int: [1, 2]}, hidden: {int: [1, 9]}}\nzip: [[epochs, hidden]]", "3:16", "'hidden' has 9 values and 'epochs' has 2" },
    { "params: {zeta: [0, 1]}\nzip: [[zeta, zeta]]", "3:14", "'zeta' is zipped twice" }, { "params: {zeta: [0, 1]}\nzip: [[zeta]]", "3:7", "at least two parameters are expected in a zip" },
    { "params: {zeta: [0, 1], lr: [1, 2]}\nzip: [zeta, lr]", "3:7", "a list of parameters is expected, not the text 'zeta'" }, { "params: {zeta: [0, 1]}\nzip: zeta", "3:6", "a list of lists of parameters is expected, not the text 'zeta'" },
    { "params: {zeta: [0, 1], lr: {choice: [1, 2], when: {zeta: 1}}}\nzip: [[zeta, lr]]", "3:14", "'lr' has a 'when', and cannot be zipped" },
    { "params: {zeta: {uniform: [0, 1]}, lr: [1, 2]}\nzip: [[lr, zeta]]", "2:26", "a grid needs n" },
  }
end)

t.test("where", function()
  local cases = {
    { "while true do end", "'while' is not allowed in an expression over parameters" }, { "(function() while true do end end)()", "'function' is not allowed in an expression over parameters" },
    { "os.exit(1)", "there is no parameter 'os'" }, { "lr < io", "there is no parameter 'io'" }, { "math.floor(lr) < 1", "there is no parameter 'math'; functions have no prefix: floor(x), not math.floor(x)" },
    { "('x'):rep(1e9) == ''", "':' is not allowed" }, { "#note < 3", "'#' is not allowed" }, { "note .. note == ''", "'..' is not allowed" }, { "sizes[1] == 1", "'[' is not allowed" }, { "{} == {}", "'{' is not allowed" },
    { "lr = 3", "'=' is not allowed in an expression over parameters; equal is written ==" }, { "lr != 3", "'!' is not allowed in an expression over parameters; unequal is written ~=" },
    { "lr < 1 && zeta < 1", "'&' is not allowed in an expression over parameters; both is written 'and'" }, { "lr < 1 -- small", "'-- small' is not allowed" }, { "[[a]] == note", "'[[a]]' is not allowed" },
    { "true; return false", "';' is not allowed" }, { "nil == lr", "'nil' is not allowed" }, { "zetta < 1", "there is no parameter 'zetta' (did you mean 'zeta'?)" }, { "lr(3) < 1", "'lr' is a parameter, not a function" }, { "floor == 3", "'floor' is a function: floor(x)" },
    { "lr <", "'lr <' is not an expression: unexpected symbol near <eof>" }, { "lr < 1)", "'lr < 1)' is not an expression" }, { "", "an expression in quotes is expected, not the text ''" }, { "lr + 1", "'lr + 1' must be true or false, and is 1.05 (configuration zeta=0.0)" },
    { "method < 3", "'method < 3' cannot be evaluated: attempt to compare" }, { "fast + 1 > 0", "'fast + 1 > 0' cannot be evaluated: attempt to perform arithmetic" }, { "hidden // 0 > 1", "'hidden // 0 > 1' cannot be evaluated: attempt to " },
    { "max() > 1", "'max() > 1' cannot be evaluated: bad argument #1 to 'max'" }, { "epochs < 0", "'where' leaves none of 2 configurations" }, { ("("):rep(300) .. "lr" .. (")"):rep(300) .. " > 0", "" },
    { ("1 + "):rep(300) .. "lr > 0", "an expression of more than 1000 characters" }, { "goto x", "'goto' is not allowed" }, { "...", "'...' is not allowed" }, { "load('x')", "there is no parameter 'load'" }, { "_ENV == lr", "there is no parameter '_ENV'" },
  }
  for _, case in ipairs(cases) do
    local line = ("params: {zeta: [0, 1]}\nwhere: '%s'"):format((case[1]:gsub("'", "''")))
    check { { line, "3:8", case[2] } }
  end
  check {
    { "where: [true]", "2:9", "an expression in quotes is expected, not true" }, { "where: {a: 1}", "2:8", "an expression in quotes is expected, not a map" }, { "where: []", "2:8", "a list of expressions is expected, not an empty list" },
    { "where: ['lr > 0', 'lr >']", "2:19", "'lr >' is not an expression" },
    { "method: random\nbudget: {runs: 3}\nparams: {zeta: {uniform: [0, 1]}}\nwhere: zeta > 1", "5:8", "'where' leaves none of 10001 configurations" },
  }
end)

t.test("an expression has a limit on its steps, whatever came through", function()
  local expression = require "lab.sweep.plan.expression"
  local ok, why = expression.limited(function() while true do end end, 1000)
  t.equal({ ok, why }, { false, "it takes too many steps" })
  t.equal({ expression.limited(function() return 7 end, 1000) }, { true, 7 })
end)

t.test("derive, extra, rows", function()
  check {
    { "derive: {zata: lr}", "2:10", "the script declares no parameter 'zata' (did you mean 'zeta'?)" }, { "derive: {zeta: lr + x}", "2:16", "there is no parameter 'x'" },
    { "params: {zeta: 1}\nderive: {zeta: lr}", "3:10", "'zeta' stands among 'params' already" }, { "derive: {zeta: 2 * hidden}", "2:16", "'zeta' is 200.0, must be at most 1" },
    { "derive: {zeta: momentum, momentum: zeta}", "2:26", "'momentum' is derived from itself" }, { "derive: {epochs: 3 / 2}", "2:18", "'epochs' is 1.5, must be a whole number" }, { "derive: {zeta: 5}", "2:16", "an expression in quotes is expected, not 5" },
    { "derive: {epsilon: hidden / 0}", "2:19", "'epsilon' is inf, must be a number" }, { "derive: [zeta]", "2:9", "a map of parameters and expressions is expected, not a list" },
    { "extra: {zeta: 1}", "2:8", "a list of maps of parameters is expected, not a map" }, { "extra: [{zata: 1}]", "2:10", "the script declares no parameter 'zata'" }, { "extra: [{zeta: 2}]", "2:16", "'zeta' is 2.0, must be at most 1" },
    { "extra: [3]", "2:9", "a map of parameters is expected, not 3" }, { "extra: [{zeta: [0, 1]}]", "2:16", "a value of 'zeta' is expected, not a list" }, { "extra: [{zeta: {log: [1, 2]}}]", "2:16", "a value of 'zeta' is expected, not a map" },
    { "extra: [{seed: 3}]", "2:10", "the seeds of runs are set by" }, { "derive: {seed: '3'}", "2:10", "the seeds of runs are set by" },
    { "method: list", "2:9", "the method 'list' runs the configurations of the key 'rows', which is missing" }, { "rows: [{zeta: 1}]", "2:7", "'rows' belongs to the method 'list'; rows beside those of a grid are called 'extra'" },
    { "method: list\nrows: [{zeta: 1}]\nparams: {lr: [1, 2]}", "4:14", "'lr' has several values; with the method 'list' those stand in 'rows'" },
  }
end)

t.test("the script", function()
  local function file(name, text) return t.write(make.dir .. "/" .. name, text) end
  local function plan(script) return plans.read_file(file("q.yaml", "script: " .. script .. "\n")) end
  local at = "q.yaml:1:9: "
  t.raises(at .. "there is no script 'nothing.lua' here or beside the sweep", plan, "nothing.lua")
  t.raises(at .. "there is no script '.'", plan, ".")
  t.raises(at .. "the path of a script is expected, not 3", plan, "3")
  file("broken.lua", "local lab = = 3")
  t.raises(at .. "the script fails before it has declared its parameters: .*broken.lua:1: unexpected symbol", plan, "broken.lua")
  file("early.lua", "local lab = require 'lab'\nerror 'too early'\nlab.params { a = 1 }")
  t.raises(at .. "the script fails before it has declared its parameters: .*early.lua:2: too early", plan, "early.lua")
  file("bad.lua", "local lab = require 'lab'\nlab.params { a = { 1, maxx = 2 } }")
  t.raises(at .. "the script fails .*bad.lua:2: lab.params: 'a' has no option 'maxx'", plan, "bad.lua")
  file("none.lua", "local x = 1")
  t.raises(at .. "the script '.*none.lua' declares no parameters", plan, "none.lua")
  file("unseeded.lua", "local lab = require 'lab'\nlab.params { a = 1 }")
  t.equal({ plan "unseeded.lua".seeds, plan "unseeded.lua".seed_parameter, plan "unseeded.lua\nreplicates: 1".seeds }, { { 1 }, nil, { 1 } })
  t.raises("q.yaml:2:13: the script declares no parameter 'seed'", plan, "unseeded.lua\nreplicates: 2")
  t.raises("q.yaml:2:8: the script declares no parameter 'seed'", plan, "unseeded.lua\nseeds: [4]")
  file("text.lua", "local lab = require 'lab'\nlab.params { seed = 'a' }")
  t.raises("q.yaml:2:8: the script's parameter 'seed' is not a whole number", plan, "text.lua\nseeds: [4]")
  file("low.lua", "local lab = require 'lab'\nlab.params { seed = { 1, max = 2 } }")
  t.raises("q.yaml:2:12: 'seed' is 3, must be at most 2", plan, "low.lua\nseeds: [1, 3]")
  t.raises("q.yaml:2:13: 'seed' is 3, must be at most 2", plan, "low.lua\nreplicates: 3")
  t.raises("q.yaml:1:1: the key 'script' is missing", function() return plans.read_file(file("q.yaml", "method: grid")) end)
  t.raises("q.yaml:1:1: a map of sweep, script, method, params, ... is expected, not a list", function() return plans.read_file(file("q.yaml", "[1]")) end)
end)

t.test("a table: the line of the script and the path in the table", function()
  for _, case in ipairs {
    { { params = { lr = { log = { 1e-4, 1e-1 } } } }, "params.lr.log: a grid needs n" }, { { params = { lr = { log = { 1e-4 }, n = 3 } } }, "params.lr.log: [low, high] is expected, not 1 number" },
    { { params = { zeta = { 0.1, 2 } } }, "params.zeta[2]: 'zeta' is 2.0, must be at most 1" }, { { metod = "grid" }, "metod: unknown key 'metod' (did you mean 'method'?)" },
    { { params = { zeta = { 0.1, n = 3 } } }, "params.zeta: a list or named values are expected, not both in one table" }, { { params = { zeta = print } }, "params.zeta: a sweep holds numbers, text, true, false and tables, not a function" },
    { { params = { zeta = { [2] = 1 } } }, "params.zeta: a list has a hole, or does not begin at 1" }, { { params = { [true] = 1 } }, "params: a boolean cannot be a key of a sweep" }, { { "a", "b" }, "the table: a list" },
    { { "a", sweep = "b" }, "[1]: the sweep has a name already: sweep = 'b'" }, { { params = { zeta = 0 / 0 } }, "params.zeta: 'zeta' is nan, must be a number" }, { { where = { "lr >" } }, "where[1]: 'lr >' is not an expression" },
    { { script = "nothing.lua" }, "script: there is no script 'nothing.lua'" }, { { params = {}, zip = { { "a" } } }, "zip[1][1]: this sweep sets no parameter 'a'" }, { { params = { epochs = "20" } }, "params.epochs: 'epochs' is '20', must be a whole number" },
  } do
    local message = t.raises("", make.table, case[1])
    t.truthy(message:find("user.lua:2: lab.sweep: " .. case[2], 1, true), message)
  end
  local loop = { script = "x" }
  loop.params = loop
  t.raises("more than 16 tables inside each other", make.table, loop)
  t.raises("lab.sweep takes a table or the path of a YAML file, not number", plans.from_table, 3)
end)

t.test("words: the word itself", function()
  for line, message in pairs {
    ["zata=1"] = "zata=1: the script declares no parameter 'zata' (did you mean 'zeta'?)", ["zeta"] = "zeta: name=value is expected", ["zeta=0.1 zeta=0.2"] = "zeta=0.2: duplicate key 'zeta'",
    ["zeta=lgo:1:2"] = "zeta=lgo:1:2: 'lgo' is not a kind of range (did you mean 'log'?)", ["zeta=range:0:1"] = "zeta=range:0:1: range:low:high:step is expected", ["lr=log:1:2:3:4"] = "lr=log:1:2:3:4: log:low:high or log:low:high:n is expected",
    ["hidden=int:1:9:stop:2"] = "hidden=int:1:9:stop:2: int:low:high, int:low:high:n or int:low:high:step:s is expected", ["lr=log:1e-4:0.1"] = "lr=log:1e-4:0.1: a grid needs n", ["epochs=a,b"] = "epochs=a,b: 'epochs' is 'a', must be a whole number",
    ["lr="] = "lr=: a value of 'lr' is expected, not nothing", ["lr=0.1,,0.2"] = "lr=0.1,,0.2: a value of 'lr' is expected, not nothing", ["lr=log:a:b:3"] = "lr=log:a:b:3: a number is expected, not the text 'a'", ["fast=yes"] = "fast=yes: 'fast' is 'yes', must be true or false",
    ["method=set,rgil"] = "method=set,rgil: 'method' has no choice 'rgil' (did you mean 'rigl'?)", ["seed=3"] = "seed=3: the seeds of runs are set by 'seeds' or 'replicates'", ["sizes=1/1"] = "sizes=1/1: [1] occurs twice in the list",
  } do
    local got = t.raises("", make.words, line)
    t.equal(got:sub(1, #message), message)
  end
  for option, case in pairs {
    seeds = { "x", "--seeds x: a number of runs of every configuration is expected, not the text 'x'" }, runs = { "many", "--runs many: a number of runs is expected" }, time = { "2x", "--time 2x: a time such as" },
    method = { "gird", "--method gird: there is no choice 'gird' (did you mean 'grid'?)" }, goal = { "max", "the command line: the key 'metric' is missing" }, stop = { "halving:1:2:3:4", "--stop halving:1:2:3:4: too many numbers" },
    workers = { "0", "--workers 0: a number of runs at a time" }, seed = { "x", "--seed x: the sampler's seed" },
  } do
    local got = t.raises("", make.words, "lr=0.1", { [option] = case[1] })
    t.equal(got:sub(1, #case[2]), case[2])
  end
  t.raises("^%-%-where lr >: 'lr >' is not an expression", make.words, "lr=0.1", { where = { "lr >" } })
  t.raises("^none.lua: there is no script 'none.lua'$", plans.from_words, "none.lua", {})
end)

t.done()
