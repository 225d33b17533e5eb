-- sweep_plan.lua: from a sweep as a user writes it to a plan: the list of what will run.
--
-- A sweep comes as a YAML file, as a Lua table of the same shape, or as words of the command
-- line. All three become one tree of nodes that know where they stand (sweep_tree.lua), and
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
--   source      the tree, for to_yaml

local M = {}

-- The plan of a YAML file, of a Lua table, or of the command line's words (name=text).
--   options  { profile = name or nil, only = { "name=value", ... } or nil }; for from_words also
--            name, method, seed, seeds ("5" or "1,2,3"), runs, time, workers, where (array of
--            texts), metric, goal, stop ("halving:1:27:3"): texts as typed, or nil
-- Raises a problem (is_problem): an object that prints as "file:line:column: what is wrong".
-- from_table blames the script's line instead, and names the path in the table.
function M.read_file(path, options) error "not yet" end
function M.from_table(given, options) error "not yet" end
function M.from_words(script, words, options) error "not yet" end

-- True for what a wrong sweep raises; the command line answers it with status 2.
function M.is_problem(e) error "not yet" end

-- The plan with only those trials (and seeds) that "name=value" or "name=a,b" words name.
-- Trials keep their indices.
function M.only(plan, words) error "not yet" end

-- The sweep as the text of a YAML file that gives the same plan.
function M.to_yaml(plan) error "not yet" end

-- What --dry-run prints: the count, the first rows, notes, and what `estimate(plan)` returns.
function M.describe(plan, given) error "not yet" end

return M
