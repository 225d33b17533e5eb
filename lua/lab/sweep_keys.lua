-- sweep_keys.lua: the keys of a sweep that are not about parameters: budget, seeds, objective,
-- early stopping. Each reader takes a node (or nil) and gives what stands in the plan.

local parameter = require "lab.parameter"
local tree = require "lab.sweep_tree"

local M = {}

-- In the order in which a sweep is written.
M.names = { "sweep", "script", "method", "budget", "seed", "replicates", "seeds", "objective", "params", "zip",
  "where", "derive", "extra", "rows", "stop", "workers" }

local MOST_SEEDS, MOST_RUNS, MOST_WORKERS = 10000, 100000, 1024

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
  local fields = tree.fields(node, { "runs", "time" }, "a map such as {runs: 60, time: 2h}")
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
    if seen[seeds[i]] then tree.fail(item, "the seed %d stands twice", seeds[i]) end
    seen[seeds[i]] = true
  end
  return seeds
end

-- The seeds of every configuration, and the parameter through which a run learns its own.
function M.seeds(seeds, replicates, declaration)
  local rule = declaration.rules.seed
  local given = seeds or replicates
  if seeds and replicates then tree.fail(seeds, "'seeds' and 'replicates' exclude each other") end
  if rule and rule.kind ~= "integer" then
    if given then tree.fail(given, "the script's parameter 'seed' is no whole number, and cannot take the seeds of runs") end
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
  local fields = tree.fields(node, { "at", "goal", "metric", "over_seeds" }, "a map such as {metric: accuracy, goal: max}")
  if not fields.metric then tree.fail(node, "the key 'metric' is missing: the name of a column of metrics.csv") end
  local function choice(name, choices) return fields[name] and tree.choice(fields[name], choices) or choices[1] end
  return {
    metric = tree.text(fields.metric, "the name of a column of metrics.csv"),
    goal = choice("goal", { "max", "min" }),
    at = choice("at", { "last", "best" }),
    over_seeds = choice("over_seeds", { "mean", "median", "min", "max" }),
  }
end

local rules = {
  none = {},
  median = { "min", "rule", "trials" },
  halving = { "factor", "max", "min", "rule" },
  asha = { "factor", "max", "min", "rule" },
}
local rule_names = { "none", "median", "halving", "asha" }

-- { rule, ... }: how runs are stopped early. Epochs are counted by the column 'epoch'.
function M.stop(node, objective)
  if not node then return { rule = "none" } end
  local fields = node.kind == "text" and { rule = node } or nil
  fields = fields or tree.fields(node, { "factor", "max", "min", "rule", "trials" }, "a rule, or a map such as {rule: halving, max: 27}")
  if not fields.rule then tree.fail(node, "the key 'rule' is missing: one of %s", table.concat(rule_names, ", ")) end
  local rule = tree.choice(fields.rule, rule_names)
  if rule == "none" then return { rule = rule } end
  if node.kind == "map" then tree.fields(node, rules[rule]) end
  if not objective then tree.fail(node, "early stopping compares runs by an objective: add  objective: {metric: ..., goal: max}") end
  local stop = { rule = rule, min = fields.min and tree.integer(fields.min, "a number of epochs", 1) or 1 }
  if rule == "median" then
    stop.trials = fields.trials and tree.integer(fields.trials, "a number of configurations", 1, MOST_RUNS) or 5
    return stop
  end
  if not fields.max then tree.fail(node, "the rule '%s' needs max, the epochs of a run that is never stopped", rule) end
  stop.max = tree.integer(fields.max, "a number of epochs", 1)
  stop.factor = fields.factor and tree.integer(fields.factor, "a factor", 2, 1000) or 3
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
