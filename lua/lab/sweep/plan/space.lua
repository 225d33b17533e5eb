-- space.lua: the parameters of a sweep together: which vary with which, which depend on
-- which, and every way to choose a value for each.
--
-- What varies as one is a group: a parameter of its own, or those of a `zip`, which go through
-- their points hand in hand. A parameter with `when` belongs to those configurations only in
-- which its conditions hold, and so is chosen after the parameters that these name. Groups are
-- otherwise in alphabetical order of their first names, wherever the sweep was written: so a
-- file, a table and a command line that say the same give the same trials.

local axis = require "lab.sweep.plan.axis"
local options = require "lab.util.options"
local tree = require "lab.sweep.plan.tree"

local M = {}

-- ---- conditions -------------------------------------------------------------------------

-- Can the axis ever take this value? True where its values are not listed.
local function possible(parent, v)
  if not parent.values then return true end
  for _, value in ipairs(parent.values) do if tree.show(value) == tree.show(v) then return true end end
  return false
end

-- The conditions of a `when`: an array of { name, set of values as shown }.
local function conditions(space, a)
  local found = {}
  if tree.fields(a.when, nil, "a map such as {method: rigl}") and #a.when.entries == 0 then tree.expected(a.when, "a condition") end
  for _, entry in ipairs(a.when.entries) do
    local parent, set = space.axes[entry.name], {}
    if not parent then
      tree.fail(entry.key, "this sweep sets no parameter '%s'%s", entry.name, options.suggestion(entry.name, space.names))
    end
    for _, item in ipairs(entry.value.kind == "list" and tree.items(entry.value) or { entry.value }) do
      local v = axis.value(entry.name, parent.rule, item)
      if not possible(parent, v) then
        tree.fail(item, "'%s' is never %s in this sweep%s", entry.name, tree.show(v), tree.suggestion(v, parent.values))
      end
      set[tree.show(v)] = true
    end
    found[#found + 1] = { name = entry.name, set = set }
  end
  return found
end

-- Do all conditions hold in a row? What is absent meets none.
local function holds(group, row)
  for _, condition in ipairs(group.conditions) do
    local v = row[condition.name]
    if v == nil or not condition.set[tree.show(v)] then return false end
  end
  return true
end

-- ---- groups -----------------------------------------------------------------------------

local function single(space, a)
  return {
    names = { a.name }, conditions = a.when and conditions(space, a) or {}, fixed = a.kind == "fixed",
    size = function() return #a.points() end,
    put = function(row, i) row[a.name] = a.points()[i] end,
    draw = function(row, u) row[a.name] = a.draw(u) end,
  }
end

-- How many steps a zip has: as many as its lists have values. A range that goes on by steps may
-- go further than the others, and is left there.
local function common_length(space, node, axes, columns)
  local n, first
  for i, a in ipairs(axes) do
    if not a.open and not n then n, first = #columns[i], a end
  end
  if not n then n, first = #columns[1], axes[1] end
  for i, a in ipairs(axes) do
    if #columns[i] < n or (#columns[i] > n and not (a.open and not first.open)) then
      tree.fail(node.items[i], "'%s' has %d values and '%s' has %d; zipped parameters have equally many", a.name, #columns[i], first.name, n)
    elseif #columns[i] > n then
      space.notes[#space.notes + 1] = ("'%s' is zipped with %d values of '%s': the first %d of its %d are taken"):format(
        a.name, n, first.name, n, #columns[i])
    end
  end
  return n
end

-- The axes of one zip, `node` being the list of their names.
local function zipped(space, node)
  local names, axes, columns = {}, {}, {}
  for i, item in ipairs(tree.items(node, "a list of parameters")) do
    local name = tree.text(item, "the name of a parameter")
    local a = space.axes[name]
    if not a then tree.fail(item, "this sweep sets no parameter '%s'%s", name, options.suggestion(name, space.names)) end
    if a.zipped then tree.fail(item, "'%s' is zipped twice", name) end
    if a.when then tree.fail(item, "'%s' has a 'when', and cannot be zipped", name) end
    a.zipped = true
    names[i], axes[i], columns[i] = name, a, a.points()
  end
  if #names < 2 then tree.fail(node, "at least two parameters are expected in a zip") end
  local n = common_length(space, node, axes, columns)
  local function put(row, i) for j, name in ipairs(names) do row[name] = columns[j][i] end end
  return { names = names, conditions = {}, size = function() return n end, put = put,
    draw = function(row, u) put(row, math.min(math.floor(u * n) + 1, n)) end }
end

-- Puts a group into space.groups, those before it that its conditions name.
local function place(space, group, trail)
  if group.placed then return end
  if trail[group] then tree.fail(space.axes[group.names[1]].when, "'%s' depends on itself", group.names[1]) end
  trail[group] = true
  for _, condition in ipairs(group.conditions) do place(space, space.group_of[condition.name], trail) end
  trail[group], group.placed = nil, true
  space.groups[#space.groups + 1] = group
end

local function make_groups(space, zip)
  local all = {}
  for _, node in ipairs(zip and tree.items(zip, "a list of lists of parameters") or {}) do all[#all + 1] = zipped(space, node) end
  for _, name in ipairs(space.names) do
    if not space.axes[name].zipped then all[#all + 1] = single(space, space.axes[name]) end
  end
  for _, group in ipairs(all) do
    group.first = group.names[1]
    for _, name in ipairs(group.names) do
      space.group_of[name] = group
      if name < group.first then group.first = name end
    end
  end
  table.sort(all, function(a, b) return a.first < b.first end)
  local dimension = 0
  for _, group in ipairs(all) do
    if not group.fixed then
      dimension = dimension + 1
      group.dimension = dimension
    end
  end
  for _, group in ipairs(all) do place(space, group, {}) end
end

-- The space of the `params` and `zip` of a sweep (nodes; zip may be nil) over a script's
-- declaration: { names = sorted, axes = name -> axis, groups = in the order of choosing, notes }.
function M.read(node, zip, declaration)
  local space = { names = {}, axes = {}, groups = {}, group_of = {}, notes = {} }
  for _, entry in ipairs(tree.fields(node, nil, "a map of parameters") and node.entries) do
    space.names[#space.names + 1] = entry.name
    space.axes[entry.name] = axis.read(entry.name, axis.rule(entry, declaration), entry.value)
  end
  table.sort(space.names)
  make_groups(space, zip)
  return space
end

-- ---- rows -------------------------------------------------------------------------------

-- Calls visit(row) for every row of the grid, the last group varying fastest; a row belongs to
-- the visitor. Stops when visit returns true.
function M.grid(space, visit)
  local row = {}
  for _, group in ipairs(space.groups) do group.size() end  -- raises where a grid needs n
  for _, name in ipairs(space.names) do
    space.notes[#space.notes + 1], space.axes[name].note = space.axes[name].note, nil
  end
  local function descend(i)
    local group = space.groups[i]
    if not group then
      local copy = {}
      for name, v in pairs(row) do copy[name] = v end
      return visit(copy)
    end
    local active = holds(group, row)
    for k = 1, active and group.size() or 1 do
      if active then group.put(row, k) end
      if descend(i + 1) then return true end
    end
    for _, name in ipairs(group.names) do row[name] = nil end
  end
  descend(1)
end

-- One row from numbers in [0, 1): u(group) for each group that is not fixed.
function M.draw(space, u)
  local row = {}
  for _, group in ipairs(space.groups) do
    if holds(group, row) then
      if group.fixed then group.put(row, 1) else group.draw(row, u(group)) end
    end
  end
  return row
end

return M
