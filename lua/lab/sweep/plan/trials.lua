-- trials.lua: the rows of a sweep: what its method chooses of the space, what `derive` adds,
-- what `where` and the budget leave, and the rows that were written out.

local axis = require "lab.sweep.plan.axis"
local expression = require "lab.sweep.plan.expression"
local options = require "lab.util.options"
local parameter = require "lab.script.parameter"
local sampler = require "lab.sweep.plan.sampler"
local space_of = require "lab.sweep.plan.space"
local tree = require "lab.sweep.plan.tree"

local M = { methods = { "grid", "halton", "list", "random" } }

local MOST_CANDIDATES = 100000  -- configurations of a grid

local FRUITLESS = 10000         -- draws in a row without a new configuration that end the search

-- ---- the method -------------------------------------------------------------------------

-- The methods that draw: seed -> u(group of the space, j), the number that draw j is made from.
local samplers = {
  halton = function(seed)
    local u = sampler.halton(seed)
    return function(group, j) return u(group.dimension, j) end
  end,
  random = function(seed)
    local u = sampler.random(seed)
    return function(group, j) return u(group.first, j) end
  end,
}

-- Calls visit(row) for what a method chooses, in its order, until that returns true. A grid ends by
-- itself, or after `most` rows; only then the result is true.
function M.visit(method, space, seed, most, visit)
  if method == "list" then return false end
  if method == "grid" then
    local count, cut = 0, false
    space_of.grid(space, function(row)
      cut = count == most
      count = count + 1
      return cut or visit(row)
    end)
    return cut
  end
  local draw, j = samplers[method](seed), 0
  local function u(group) return draw(group, j) end
  repeat j = j + 1 until visit(space_of.draw(space, u))
  return false
end

-- ---- derive and where -------------------------------------------------------------------

-- The derived parameters in an order in which each comes after those that it names.
local function read_derive(node, space, declaration)
  local found, order, by_name = {}, {}, {}
  for _, entry in ipairs(node and tree.fields(node, nil, "a map of parameters and expressions") and node.entries or {}) do
    local name, rule = entry.name, axis.rule(entry, declaration)
    if space.axes[name] then tree.fail(entry.key, "'%s' stands among 'params' already", name) end
    local evaluate, used = expression.compile(entry.value, declaration)
    by_name[name] = { name = name, rule = rule, key = entry.key, node = entry.value, evaluate = evaluate, used = used }
    found[#found + 1] = by_name[name]
  end
  table.sort(found, function(a, b) return a.name < b.name end)
  local function place(d)
    if d.state == "placed" then return end
    if d.state == "open" then tree.fail(d.key, "'%s' is derived from itself", d.name) end
    d.state = "open"
    for _, name in ipairs(options.sorted_keys(d.used)) do if by_name[name] then place(by_name[name]) end end
    d.state = "placed"
    order[#order + 1] = d
  end
  for _, d in ipairs(found) do place(d) end
  return order
end

local function derive(derived, row)
  for _, d in ipairs(derived) do
    if row[d.name] == nil then
      local v, why = parameter.try(d.rule, d.evaluate(row), "")
      if why then tree.fail(d.node, "'%s' %s", d.name, why) end
      row[d.name] = v
    end
  end
  return row
end

local function read_where(node, declaration)
  local tests = {}
  if not node then return tests end
  for i, item in ipairs(node.kind == "list" and tree.items(node, "a list of expressions") or { node }) do
    tests[i] = expression.compile(item, declaration, "boolean")
  end
  return tests
end

local function passes(tests, row)
  for _, test in ipairs(tests) do if not test(row) then return false end end
  return true
end

-- ---- rows written out -------------------------------------------------------------------

-- The rows of `extra` or `rows`, over the fixed parameters of the space.
local function explicit_rows(node, space, declaration)
  local rows = {}
  for i, item in ipairs(tree.items(node, "a list of maps of parameters")) do
    local row = {}
    for _, entry in ipairs(tree.fields(item, nil, "a map of parameters") and item.entries) do
      row[entry.name] = axis.value(entry.name, axis.rule(entry, declaration), entry.value)
    end
    for name, a in pairs(space.axes) do
      if row[name] == nil and a.kind == "fixed" and not a.when then row[name] = a.values[1] end
    end
    rows[i] = row
  end
  return rows
end

-- ---- all together -----------------------------------------------------------------------

local function text_of(row)
  local parts = {}
  for i, name in ipairs(options.sorted_keys(row)) do parts[i] = name .. "=" .. tree.show(row[name]) end
  return table.concat(parts, "\n")
end

-- What the method gives, each once, tested, at most `wanted` of it; and what was left out.
local function collect(plan, sweep, wanted)
  local found, seen, count = {}, {}, { candidates = 0, refused = 0, repeated = 0 }
  local drawn = samplers[plan.method] ~= nil
  local fruitless = 0  -- draws since one was new
  local function take(row)
    count.candidates, fruitless = count.candidates + 1, fruitless + 1
    derive(sweep.derived, row)
    local text = text_of(row)
    if seen[text] then count.repeated = count.repeated + 1
    elseif passes(sweep.tests, row) then
      found[#found + 1], seen[text] = row, true
      fruitless = 0
    else count.refused = count.refused + 1 end
    return drawn and (#found == wanted or fruitless > FRUITLESS + 20 * #found)
  end
  if sweep.rows then for _, row in ipairs(sweep.rows) do take(row) end end
  local cut = M.visit(plan.method, sweep.space, plan.seed, not drawn and MOST_CANDIDATES or nil, take)
  if cut then
    tree.fail(sweep.node, "a grid of more than %d configurations: take fewer points, or method random with a budget of runs", MOST_CANDIDATES)
  end
  return found, count
end

local function note(plan, format, ...) plan.notes[#plan.notes + 1] = format:format(...) end

local function counted(n, word) return ("%d %s%s"):format(n, word, n == 1 and "" or "s") end

-- Notes of what is not run, and why.
local function note_omissions(plan, count, found, wanted)
  if count.refused > 0 then note(plan, "'where' refused %d of %s", count.refused, counted(count.candidates, "configuration")) end
  local drawn = samplers[plan.method] ~= nil
  if count.repeated > 0 and not drawn then
    note(plan, "%s came up again, and run%s once", counted(count.repeated, "configuration"), count.repeated == 1 and "s" or "")
  end
  if wanted and found > wanted then
    note(plan, "the budget of %s takes the first %d of %s", counted(plan.budget.runs, "run"), wanted, counted(found, "configuration"))
  elseif drawn and found < wanted then
    note(plan, "only %s found, of %d that the budget allows", counted(found, "different configuration"), wanted)
  end
end

-- How many rows the method may give within budget.runs, beside `extra` ones; nil: any number.
local function within_budget(plan, fields, extra)
  local runs, seeds = plan.budget.runs, #plan.seeds
  if not runs then
    if samplers[plan.method] then
      tree.fail(fields.method or fields.root, "the method '%s' needs a number of runs: budget: {runs: 60}", plan.method)
    end
    return nil
  end
  local wanted = runs // seeds - extra
  if wanted < 1 then
    tree.fail(fields.budget, "a budget of %s is too small: a configuration takes %s, one a seed%s",
      counted(runs, "run"), counted(seeds, "run"), extra > 0 and ", and so does each extra row" or "")
  end
  return wanted
end

-- Fills plan.trials, plan.notes and plan.derived. `fields` are the sweep's nodes by key, and
-- `root` the sweep itself.
function M.fill(plan, fields, space, declaration)
  local sweep = { space = space, node = fields.params or fields.root, derived = read_derive(fields.derive, space, declaration),
    tests = read_where(fields.where, declaration), rows = fields.rows and explicit_rows(fields.rows, space, declaration) }
  local extra = fields.extra and explicit_rows(fields.extra, space, declaration) or {}
  plan.notes, plan.trials, plan.derived = space.notes, {}, sweep.derived
  local wanted = within_budget(plan, fields, #extra)
  local found, count = collect(plan, sweep, wanted)
  if #found == 0 then tree.fail(fields.where or fields.root, "'where' leaves none of %s", counted(count.candidates, "configuration")) end
  note_omissions(plan, count, #found, wanted)
  local seen = {}
  local function add(row, is_extra)
    local text = text_of(row)
    if not seen[text] then plan.trials[#plan.trials + 1] = { index = #plan.trials + 1, params = row, extra = is_extra } end
    seen[text] = true
  end
  for i = 1, math.min(#found, wanted or #found) do add(found[i]) end
  for _, row in ipairs(extra) do add(derive(sweep.derived, row), true) end
end

return M
