-- axis.lua: what a sweep says of one parameter: its points in a grid, its draws.
--
--   epochs: 20                          fixed
--   epsilon: [10, 20, 50]               a choice
--   lr: {log: [1e-4, 1e-1], n: 7}       even in the logarithm; n points in a grid, drawn freely else
--   dropout: {uniform: [0, 0.5], n: 3}  even
--   hidden: {int: [100, 1000], step: 100}   whole numbers; with n: that many in a grid; else all
--   zeta: {range: [0.1, 0.5, 0.1]}      from, to, step; `to` is included
--   alpha: {choice: [1, 2], when: {method: rigl}}    {value: 3, when: ...} for a single one
--
-- Ends are inclusive. Points are rounded to twelve digits, so that 0.1 + 0.2 is 0.3 and the run of
-- a range is the run of a list. Where a script declares a whole number, the ends of log and uniform must be
-- whole, and what lies between is rounded; so nothing leaves the range.

local number = require "lab.util.number"
local options = require "lab.util.options"
local parameter = require "lab.script.parameter"
local tree = require "lab.sweep.plan.tree"

local M = {}

local MOST_POINTS = 10000  -- of one parameter in a grid

local kinds, options_of = {}, { choice = "", int = "n step", log = "n", range = "", uniform = "n", value = "" }

-- What the script declares of the parameter that an entry of a map names.
function M.rule(entry, declaration)
  local rule = declaration.rules[entry.name]
  if not rule then
    tree.fail(entry.key, "the script declares no parameter '%s'%s", entry.name, options.suggestion(entry.name, declaration.names))
  end
  if entry.name == "seed" then tree.fail(entry.key, "the seeds of runs are set by 'seeds' or 'replicates', not among the parameters") end
  return rule
end

-- A node's value as the script declares the parameter. Raises a problem.
function M.value(name, rule, node)
  local given = node.value
  if rule.kind == "list" and node.kind ~= "map" and node.kind ~= "null" then
    given = {}
    for i, item in ipairs(node.items or { node }) do given[i] = M.value(name, { kind = rule.item }, item) end
  elseif rule.kind == "string" and node.kind ~= "null" then given = node.text end
  if given == nil then tree.fail(node, "a value of '%s' is expected, not %s", name, tree.describe(node)) end
  local v, why = parameter.try(rule, given, "")
  if why then tree.fail(node, "'%s' %s", name, why) end
  return v
end

-- Twelve digits of x, within the ends; what a sum of steps leaves of zero is zero.
local function neat(axis, x)
  local low, high = axis.low, axis.high
  x = math.max(low, math.min(high, x))
  if axis.kind ~= "log" and math.abs(x) < 1e-12 * math.max(math.abs(low), math.abs(high)) then x = 0.0 end
  return math.max(low, math.min(high, tonumber(("%.12g"):format(x)) + 0.0))
end

-- A number as the script takes it. Raises a problem at the node if it does not: a fraction where a whole
-- number is declared, or one beyond the script's limits.
local function taken(axis, x, node)
  local v, why = parameter.try(axis.rule, x, "")
  if why then tree.fail(node, "'%s' %s", axis.name, why) end
  return v
end

-- A number between the ends as a value of the axis.
local function adapt(axis, x)
  if axis.kind ~= "int" then x = neat(axis, x) end
  if axis.rule.kind == "integer" and (axis.kind == "log" or axis.kind == "uniform") then x = math.floor(x + 0.5) end
  return taken(axis, x, axis.node)
end

-- The values of x(1) .. x(n), each once.
local function points(axis, n, x)
  local values, seen = {}, {}
  for i = 1, n do
    local v = adapt(axis, x(i))
    if not seen[v] then values[#values + 1], seen[v] = v, true end
  end
  return values
end

local function index(u, n) return math.min(math.floor(u * n), n - 1) + 1 end

local function set_values(axis, values)
  axis.values = values
  axis.points = function() return values end
  axis.draw = function(u) return values[index(u, #values)] end
end

-- The numbers of [low, high] or [low, high, step], low below high.
local function ends(axis, node, form, same)
  if axis.rule.kind ~= "integer" and axis.rule.kind ~= "float" then
    tree.fail(node, "'%s' is not a number in the script (by default %s): a list of values is expected", axis.name, tree.show(axis.rule.default))
  end
  local items = tree.items(node, form)
  if #items ~= select(2, form:gsub(",", "")) + 1 then tree.fail(node, "%s is expected, not %d numbers", form, #items) end
  if axis.kind == "int" then
    axis.low, axis.high = tree.integer(items[1], nil, -2^53, 2^53), tree.integer(items[2], nil, -2^53, 2^53)
  else axis.low, axis.high = tree.number(items[1]), tree.number(items[2]) end
  if axis.low > axis.high or (axis.low == axis.high and not same) then
    tree.fail(items[2], "%s is not above %s: %s is expected", items[2].text, items[1].text, form)
  end
  if axis.high - axis.low == math.huge then tree.fail(node, "from %s to %s is too large a range for a number", items[1].text, items[2].text) end
  taken(axis, axis.low, items[1])
  taken(axis, axis.high, items[2])
  return items[3]
end

function kinds.value(axis, node)
  axis.kind = "fixed"
  set_values(axis, { M.value(axis.name, axis.rule, node) })
end

function kinds.choice(axis, node)
  axis.kind = "choice"
  local values, seen = {}, {}
  for i, item in ipairs(tree.items(node, "a list of values")) do
    values[i] = M.value(axis.name, axis.rule, item)
    local shown = tree.show(values[i])
    if seen[shown] then tree.fail(item, "%s occurs twice in the list", shown) end
    seen[shown] = true
  end
  set_values(axis, values)
end

function kinds.range(axis, node)
  local step = ends(axis, node, "[low, high, step]", true)
  if tree.number(step) <= 0 then tree.fail(step, "the step must be above 0, and is %s", step.text) end
  local n = math.floor((axis.high - axis.low) / step.value + 1e-9) + 1
  if n > MOST_POINTS then tree.fail(node, "a range of more than %d values", MOST_POINTS) end
  set_values(axis, points(axis, n, function(i) return axis.low + (i - 1) * step.value end))
  axis.open = true
end

-- Points of a grid over a continuous range; `at(u)` goes from low to high.
local function continuous(axis, node, given, at)
  local n = given.n and tree.integer(given.n, "a number of points", 2, MOST_POINTS)
  axis.draw = function(u) return adapt(axis, at(u)) end
  axis.points = function()
    if n then
      local values = points(axis, n, function(i) return i == n and axis.high or at((i - 1) / (n - 1)) end)
      if #values < n then axis.note = ("'%s' takes whole numbers: of %d points between %s and %s, %d differ"):format(
        axis.name, n, number.text(axis.low), number.text(axis.high), #values) end
      return values
    end
    tree.fail(node, "a grid needs n, the number of points: %s: {%s: [%s, %s], n: 5}", axis.name, axis.kind,
      number.text(axis.low), number.text(axis.high))
  end
end

function kinds.uniform(axis, node, given)
  ends(axis, node, "[low, high]")
  continuous(axis, node, given, function(u) return axis.low + u * (axis.high - axis.low) end)
end

function kinds.log(axis, node, given)
  ends(axis, node, "[low, high]")
  if axis.low <= 0 then tree.fail(node.items[1], "a logarithmic range begins above 0, not at %s", node.items[1].text) end
  local from, to = math.log(axis.low), math.log(axis.high)
  continuous(axis, node, given, function(u) return math.exp(from + u * (to - from)) end)
end

function kinds.int(axis, node, given)
  ends(axis, node, "[low, high]", true)
  if given.n and given.step then tree.fail(given.n, "n or step, not both") end
  local step = given.step and tree.integer(given.step, "a step", 1) or 1
  local n, width = given.n and tree.integer(given.n, "a number of points", 2, MOST_POINTS), axis.high - axis.low
  local count = width // step + 1
  axis.open = not n
  axis.draw = function(u) return adapt(axis, axis.low + (index(u, count) - 1) * step) end
  axis.points = function()
    if not n and count > MOST_POINTS then tree.fail(node, "%d values are too many for a grid: give n or a larger step", count) end
    if n then return points(axis, n, function(i) return axis.low + math.floor((i - 1) / (n - 1) * width + 0.5) end) end
    return points(axis, count, function(i) return axis.low + (i - 1) * step end)
  end
end

-- The one word of a map that says what kind it is, with the map's fields.
local function kind_of(node)
  local fields, keys = tree.fields(node, { "choice", "int", "log", "n", "range", "step", "uniform", "value", "when" })
  local found
  for _, entry in ipairs(node.entries) do
    if kinds[entry.name] then
      if found then tree.fail(entry.key, "'%s' and '%s' cannot be combined", found, entry.name) end
      found = entry.name
    end
  end
  if not found then tree.fail(node, "one of choice, int, log, range, uniform, value is expected in the map") end
  for _, word in ipairs { "n", "step" } do
    if fields[word] and not options_of[found]:find(word, 1, true) then tree.fail(keys[word], "'%s' has no '%s'", found, word) end
  end
  return found, fields
end

-- The axis of a parameter: { name, kind, rule, node, points() -> values, draw(u in [0, 1)) -> value,
-- open = it goes on by steps, when = node or nil }, with `values` if these are listed, `low` and `high` if it is a range.
function M.read(name, rule, node)
  local axis, kind, fields = { name = name, rule = rule, node = node }, nil, {}
  if node.kind == "map" then
    kind, fields = kind_of(node)
    node = fields[kind]
  elseif node.kind ~= "list" then kind = "value"
  else kind = rule.kind == "list" and #node.items > 0 and node.items[1].kind ~= "list" and "value" or "choice" end
  axis.kind, axis.when = kind, fields.when
  kinds[kind](axis, node, fields)
  local make, made = axis.points, nil
  axis.points = function() made = made or make() return made end
  return axis
end

return M
