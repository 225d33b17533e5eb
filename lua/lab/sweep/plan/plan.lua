-- plan.lua: from a sweep as a user writes it to a plan: the list of what will run.
--
-- A sweep comes as a YAML file, as a Lua table of the same shape, or as words of the command
-- line. All three become one tree of nodes that know where they stand (sweep/plan/tree.lua), and
-- are read by the same code, so that they cannot differ in meaning. Whatever is wrong is
-- raised here, before anything runs. A plan is a plain table:
--
--   name        "set-vs-static"; the file's or the script's name where none is given
--   script      path of the script, to be opened from the current folder
--   origin      path of the file that the sweep was read from, or nil
--   method      "grid", "random", "halton" or "list"
--   seed        of the sampler; trial i depends on (seed, i) only
--   seeds       { 1, 2, 3 }: every configuration runs once with each; never empty
--   seed_parameter  "seed" if the script declares a parameter of that name, which is how a run
--               learns its seed; else nil, and `seeds` has one item
--   names       the parameters that trials may set, sorted
--   axes        what each of them was: a sorted array of { name, kind, values } with kind
--               "fixed", "choice", "range", "int", "log", "uniform" or "derived", and with
--               `low` and `high` (both inclusive) where it is a range of numbers
--   objective   { metric, goal = "max" | "min", at = "last" | "best",
--               over_seeds = "mean" | "median" | "min" | "max" }, or nil
--   stop        { rule = "none" }, { rule = "median", min, trials }, or
--               { rule = "halving" | "asha", min, max, factor }
--   workers     number of runs at a time, or nil: not said
--   budget      { runs, seconds }; either may be nil. Trials are within budget.runs already
--   trials      array of { index, params, extra }: params holds name -> value for all that
--               the sweep sets in this trial, of the kinds that the script declares; a
--               parameter whose `when` does not hold is absent. `extra` marks explicit rows
--   notes       sentences for the user: what `where`, the budget or repetitions left out
--   source      the tree (sweep/plan/tree.lua), for to_yaml

local attempt = require "lab.util.attempt".call
local declared = require "lab.script.declared"
local keys = require "lab.sweep.plan.keys"
local options = require "lab.util.options"
local session = require "lab.script.session"
local space_of = require "lab.sweep.plan.space"
local tree = require "lab.sweep.plan.tree"
local trials = require "lab.sweep.plan.trials"

local M = {}

-- True for what a wrong sweep raises; the command line answers it with status 2.
M.is_problem = tree.is_problem

-- ---- the script -------------------------------------------------------------------------

local function is_file(path)
  local stat = path ~= "" and require "lab.c.fs".stat(path)
  return stat and stat.kind ~= "directory"
end

-- The path of the script that a node names: from the current folder, or else beside the file.
local function find_script(node, origin)
  local path = tree.text(node, "the path of a script")
  if path:find "%z" then tree.expected(node, "the path of a script") end
  local beside = origin and path:sub(1, 1) ~= "/" and (origin:match "^.*/" or "") .. path
  if not is_file(path) and beside and is_file(beside) then return beside end
  if not is_file(path) then tree.fail(node, "there is no script '%s'%s", path, beside and beside ~= path and " here or beside the sweep" or "") end
  return path
end

-- What the script declares. Its own errors become a problem at the node.
local function declaration_of(path, node, profile)
  local ok, found = attempt(function() return declared.of(path, session.read_script(path), nil, profile) end)
  if not ok then tree.fail(node, "the script fails before it has declared its parameters: %s", tostring(found)) end
  if not found then tree.fail(node, "the script '%s' declares no parameters: a sweep sets those of lab.params", path) end
  return found
end

local function base_name(path) return (path:gsub("^.*/", ""):gsub("%.[^.]*$", "")) end

-- ---- the plan ---------------------------------------------------------------------------

-- Where some keys exclude each other.
local function check_keys(plan, fields)
  if plan.method == "list" and not fields.rows then
    tree.fail(fields.method, "the method 'list' runs the configurations of the key 'rows', which is missing")
  end
  if fields.rows and plan.method ~= "list" then
    tree.fail(fields.rows, "'rows' belongs to the method 'list'; rows beside those of a %s are called 'extra'", plan.method)
  end
end

local function axes_of(space, derived)
  local axes = {}
  for _, name in ipairs(space.names) do
    local a = space.axes[name]
    axes[#axes + 1] = { name = name, kind = a.kind, values = a.values, low = a.low, high = a.high }
  end
  for _, d in ipairs(derived) do axes[#axes + 1] = { name = d.name, kind = "derived" } end
  table.sort(axes, function(a, b) return a.name < b.name end)
  return axes
end

-- The parameters that trials set, sorted.
local function names_of(plan)
  local set = {}
  for _, trial in ipairs(plan.trials) do for name in pairs(trial.params) do set[name] = true end end
  return options.sorted_keys(set)
end

-- Explicit rows set parameters on their own: with method list others can only be fixed.
local function check_list(plan, space)
  for _, name in ipairs(plan.method == "list" and space.names or {}) do
    if space.axes[name].kind ~= "fixed" then
      tree.fail(space.axes[name].node, "'%s' has several values; with the method 'list' those stand in 'rows'", name)
    end
  end
end

local empty = { kind = "map", entries = {}, place = "" }

-- The plan of a tree.
--   given   options of read_file; `known` is the script's declaration, if it was looked at already
local function make(root, origin, given, known)
  local fields = tree.fields(root, keys.names, "a map of sweep, script, method, params, ...")
  if not fields.script then tree.fail(root, "the key 'script' is missing: the path of the script that each run executes") end
  local plan = { source = root, origin = origin, script = find_script(fields.script, origin) }
  local declaration = known or declaration_of(plan.script, fields.script, given.profile)
  fields.root = root
  plan.name = fields.sweep and keys.name(fields.sweep) or base_name(origin or plan.script)
  plan.method = fields.method and tree.choice(fields.method, trials.methods) or "grid"
  plan.seed = fields.seed and tree.integer(fields.seed, "the sampler's seed, a whole number,", 0, 2^53) or 1
  plan.budget = keys.budget(fields.budget)
  plan.seeds, plan.seed_parameter = keys.seeds(fields.seeds, fields.replicates, declaration)
  plan.objective = keys.objective(fields.objective)
  plan.stop = keys.stop(fields.stop, plan.objective)
  plan.workers = keys.workers(fields.workers)
  check_keys(plan, fields)
  local space = space_of.read(fields.params or empty, fields.zip, declaration)
  check_list(plan, space)
  trials.fill(plan, fields, space, declaration)
  plan.axes, plan.names, plan.derived = axes_of(space, plan.derived), names_of(plan), nil
  if given.only then plan = M.only(plan, given.only) end
  return plan
end

-- The plan of a YAML file, of a Lua table, or of the command line's words (name=text).
--   options  { profile = name or nil, only = { "name=value", ... } or nil }; for from_words also
--            name, method, seed, seeds ("5" or "1,2,3"), runs, time, workers, where (array of
--            texts), metric, goal, stop ("halving:1:27:3"): as typed, or nil
-- Raises a problem (is_problem): an object that prints as "file:line:column: what is wrong".
-- from_table blames the script's line instead, and names the path in the table.
function M.read_file(path, given)
  return make(require "lab.sweep.plan.yaml".read_file(path), path, given or {})
end

function M.from_table(t, given)
  if type(t) ~= "table" then options.fail(("lab.sweep takes a table or the path of a YAML file, not %s"):format(type(t))) end
  local ok, plan = pcall(function() return make(require "lab.sweep.plan.table".read(t), nil, given or {}) end)
  if ok then return plan end
  if not M.is_problem(plan) then error(plan, 0) end
  options.fail("lab.sweep: " .. plan.message)
end

-- `words` is an array of "name=text" or a table name -> text.
function M.from_words(script, words, given)
  given = given or {}
  local node = tree.scalar(script, script)
  local path = find_script(node)
  local declaration = declaration_of(path, node, given.profile)
  return make(require "lab.sweep.plan.words".read(script, words, given, declaration.rules), nil, given, declaration)
end

-- The plan with only those trials (and seeds) that "name=value" or "name=a,b" words name.
-- Trials keep their indices.
function M.only(plan, words) return require "lab.sweep.plan.words".only(plan, words) end

-- The sweep as the text of a YAML file that gives the same plan.
function M.to_yaml(plan) return require "lab.sweep.plan.text".to_yaml(plan) end

-- What --dry-run prints: the count, the first rows, notes, and what `estimate(plan)` returns.
--   given  { rows = 10, estimate = function(plan) -> text or nil }
function M.describe(plan, given) return require "lab.sweep.plan.text".describe(plan, given) end

return M
