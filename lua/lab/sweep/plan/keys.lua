-- keys.lua: the keys of a sweep that are not about parameters: budget, seeds, objective,
-- early stopping. Each reader takes a node (or nil) and gives what stands in the plan.

local options = require "lab.util.options"
local parameter = require "lab.script.parameter"
local tree = require "lab.sweep.plan.tree"

local M = {}

-- In the order in which a sweep is written.
M.names = { "sweep", "script", "method", "budget", "seed", "replicates", "seeds", "objective", "params", "zip",
  "where", "derive", "extra", "rows", "stop", "workers" }

local MOST_SEEDS, MOST_RUNS, MOST_WORKERS = 10000, 100000, 1024

local PARAMETER = "values: 20, { 10, 20 }, { log = { low, high }, n = }, { uniform = { low, high }, n = }, { int = { low, high }, step = or n = }, { range = { from, to, step } }, "
  .. "{ choice = { ... }, when = { name = value } } or { value =, when = }"

local budget_rules = {
  runs = { kind = "integer", min = 1, max = MOST_RUNS, default_is = "all", help = "The most runs: configurations times seeds; random and halton need it." },
  time = { kind = "number|string", takes = "number or text such as \"2h\", \"1h30m\", \"90s\"", unit = "seconds", help = "The sweep is stopped after this time." },
}
local objective_rules = {
  metric = { kind = "string", required = true, help = "The column of run:log that decides." },
  goal = { kind = "string", choices = { "max", "min" }, default = "max", help = "Whether higher or lower is better." },
  at = { kind = "string", choices = { "last", "best" }, default = "last", help = "Which value of a run counts." },
  over_seeds = { kind = "string", choices = { "mean", "median", "min", "max" }, default = "mean", help = "How the seeds of a configuration become one value." },
}
local stop_rules = {
  rule = { kind = "string", required = true, choices = { "none", "median", "halving", "asha" },
    help = "median stops a trial that is worse than the median of those before it; halving trains all a little and the best of them more; asha does so without waiting, so its decisions depend on timing." },
  min = { kind = "integer", min = 1, default = 1, unit = "epochs", help = "No run is stopped before this many." },
  max = { kind = "integer", min = 1, unit = "epochs", help = "The epochs of a run that is never stopped; halving and asha need it." },
  factor = { kind = "integer", min = 2, max = 1000, default = 3, help = "One in so many trials continues at each decision of halving and asha." },
  trials = { kind = "integer", min = 1, max = MOST_RUNS, default = 5, help = "How many configurations median waits for." },
}

-- The keys as options, for help; what they mean in full is read below and in sweep/plan/space.lua.
M.options = {
  positional = true,
  sweep = { kind = "string", default_is = "the script's name", help = "The name of the sweep." },
  script = { kind = "string", required = true, help = "The path of the script that makes one run, from the current folder or beside the file." },
  method = { kind = "string", choices = { "grid", "halton", "list", "random" }, default = "grid", help = "How configurations are chosen; list takes those of `rows`." },
  budget = { kind = "table", help = "How much to run.", fields = budget_rules },
  seed = { kind = "integer", min = 0, default = 1, help = "The seed of the sampler." },
  replicates = { kind = "integer", min = 1, max = MOST_SEEDS, help = "Runs of every configuration, with the seeds 1, 2, ...; instead of `seeds`." },
  seeds = { kind = "table", takes = "array of whole numbers", help = "The seeds of every configuration." },
  objective = { kind = "string|table", help = "What is compared; the name of a metric alone, or:", fields = objective_rules },
  params = { kind = "table", takes = "name = " .. PARAMETER, help = "What is varied: parameters that the script declares." },
  zip = { kind = "table", takes = "array of arrays of names", help = "Parameters that go through their points together." },
  where = { kind = "table", takes = "array of texts", help = "Only configurations for which these expressions hold: { \"epsilon * 3 < hidden\" }." },
  derive = { kind = "table", takes = "name = text", help = "Parameters set to the result of an expression: { momentum = \"1 - lr\" }." },
  extra = { kind = "table", takes = "array of tables", help = "Further configurations; parameters that they do not name have their fixed value, or that of the script." },
  rows = { kind = "table", takes = "array of tables", help = "The configurations of the method list." },
  stop = { kind = "string|table", default_is = '"none"', help = "Whether runs are stopped early; the name of a rule alone, or:", fields = stop_rules },
  workers = { kind = "integer", min = 1, max = MOST_WORKERS, default_is = "one for each core", help = "Runs at a time; the cores are shared out among them." },
}

local seconds_of = { d = 86400, h = 3600, m = 60, s = 1 }

-- "2h", "1h30m", "90s", or a number of seconds.
function M.duration(node)
  local what = "a time such as 2h, 30m or 90s"
  if node.kind == "number" and node.value > 0 then return tree.number(node, what) end
  local rest, total = tree.text(node, what), 0
  while rest ~= "" do
    local count, unit, after = rest:match "^(%d+%.?%d*)([dhms])(.*)$"
    if not count then tree.expected(node, what) end
    total, rest = total + tonumber(count) * seconds_of[unit], after
  end
  if total <= 0 or total == math.huge then tree.expected(node, what) end
  return math.tointeger(total) or total
end

-- { runs, seconds }
function M.budget(node)
  if not node then return {} end
  local fields = tree.fields(node, options.sorted_keys(budget_rules), "a map such as {runs: 60, time: 2h}")
  return {
    runs = fields.runs and tree.integer(fields.runs, "a number of runs", 1, MOST_RUNS),
    seconds = fields.time and M.duration(fields.time),
  }
end

local function listed_seeds(node, rule)
  local seeds, seen = {}, {}
  for i, item in ipairs(tree.items(node, "a list of seeds")) do
    seeds[i] = tree.integer(item, "a seed, a whole number,", 0, 2^53)
    local _, why = parameter.try(rule, seeds[i], "")
    if why then tree.fail(item, "'seed' %s", why) end
    if seen[seeds[i]] then tree.fail(item, "the seed %d occurs twice", seeds[i]) end
    seen[seeds[i]] = true
  end
  return seeds
end

-- The seeds of every configuration, and the parameter through which a run learns its own.
function M.seeds(seeds, replicates, declaration)
  local rule = declaration.rules.seed
  local given = seeds or replicates
  if seeds and replicates then tree.fail(seeds, "'seeds' and 'replicates' cannot be combined") end
  if rule and rule.kind ~= "integer" then
    if given then tree.fail(given, "the script's parameter 'seed' is not a whole number, and cannot take the seeds of runs") end
    rule = nil
  end
  if not given then return { rule and declaration.values.seed or 1 }, rule and "seed" end
  local n = replicates and tree.integer(replicates, "a number of runs of every configuration", 1, MOST_SEEDS)
  if not rule then
    if n == 1 then return { 1 } end
    tree.fail(given, "the script declares no parameter 'seed', by which a run could learn its seed: add  seed = 1  to its lab.params")
  end
  if seeds then return listed_seeds(seeds, rule), "seed" end
  local all = {}
  for i = 1, n do
    local _, why = parameter.try(rule, i, "")
    if why then tree.fail(replicates, "'seed' %s", why) end
    all[i] = i
  end
  return all, "seed"
end

-- { metric, goal, at, over_seeds }, or nil
function M.objective(node)
  if not node then return nil end
  if node.kind == "text" then return { metric = tree.text(node), goal = "max", at = "last", over_seeds = "mean" } end
  local fields = tree.fields(node, options.sorted_keys(objective_rules), "a map such as {metric: accuracy, goal: max}")
  if not fields.metric then tree.fail(node, "the key 'metric' is missing: the name of a column of metrics.csv") end
  local function choice(name) return fields[name] and tree.choice(fields[name], objective_rules[name].choices) or objective_rules[name].default end
  return {
    metric = tree.text(fields.metric, "the name of a column of metrics.csv"),
    goal = choice "goal",
    at = choice "at",
    over_seeds = choice "over_seeds",
  }
end

local rules = {
  none = {},
  median = { "min", "rule", "trials" },
  halving = { "factor", "max", "min", "rule" },
  asha = { "factor", "max", "min", "rule" },
}
local rule_names = stop_rules.rule.choices

-- { rule, ... }: how runs are stopped early. Epochs are counted by the column 'epoch'.
function M.stop(node, objective)
  if not node then return { rule = "none" } end
  local fields = node.kind == "text" and { rule = node } or nil
  fields = fields or tree.fields(node, options.sorted_keys(stop_rules), "a rule, or a map such as {rule: halving, max: 27}")
  if not fields.rule then tree.fail(node, "the key 'rule' is missing: one of %s", table.concat(rule_names, ", ")) end
  local rule = tree.choice(fields.rule, rule_names)
  if rule == "none" then return { rule = rule } end
  if node.kind == "map" then tree.fields(node, rules[rule]) end
  if not objective then tree.fail(node, "early stopping compares runs by an objective: add  objective: {metric: ..., goal: max}") end
  local stop = { rule = rule, min = fields.min and tree.integer(fields.min, "a number of epochs", 1) or stop_rules.min.default }
  if rule == "median" then
    stop.trials = fields.trials and tree.integer(fields.trials, "a number of configurations", 1, MOST_RUNS) or stop_rules.trials.default
    return stop
  end
  if not fields.max then tree.fail(node, "the rule '%s' needs max, the epochs of a run that is never stopped", rule) end
  stop.max = tree.integer(fields.max, "a number of epochs", 1)
  stop.factor = fields.factor and tree.integer(fields.factor, "a factor", 2, 1000) or stop_rules.factor.default
  if stop.min * stop.factor > stop.max then
    tree.fail(fields.max, "max is %d, and no decision falls between min (%d) and max: it must be at least min * factor, %d",
      stop.max, stop.min, stop.min * stop.factor)
  end
  return stop
end

function M.workers(node) return node and tree.integer(node, "a number of runs at a time", 1, MOST_WORKERS) end

-- The name of a sweep: one line of text.
function M.name(node)
  local name = tree.text(node, "a name")
  if #name > 100 or name:find "%c" then tree.fail(node, "a name is one line of at most 100 bytes") end
  return name
end

return M
