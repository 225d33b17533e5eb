-- The structure: arrows point down only, nothing goes in a circle, and every room has a README.
local t = dofile "tests/harness.lua"
local graph = dofile "tests/house/graph.lua"
local nodes, texts = graph.read()
local rooms = graph.rooms(nodes)

local function none(list, what)
  table.sort(list)
  t.truthy(#list == 0, what .. "\n  " .. table.concat(list, "\n  "))
end

t.test("every room has a README that says what it may use", function()
  local bad = {}
  for room in pairs(rooms) do
    local _, why = graph.allowed(room)
    bad[#bad + 1] = why
  end
  none(bad, "rooms without")
end)

t.test("arrows between rooms point where the README allows", function()
  local bad = {}
  for _, node in pairs(nodes) do
    local allowed = graph.allowed(node.room) or {}
    for other in pairs(node.uses) do
      local room = nodes[other].room
      if room ~= node.room and not allowed[room] then bad[#bad + 1] = ("%s uses %s (%s)"):format(node.files[1], other, room) end
    end
  end
  none(bad, "arrows that no README allows")
end)

t.test("a README allows no room that is not used", function()
  local bad = {}
  for name, room in pairs(rooms) do
    for other in pairs(graph.allowed(name) or {}) do
      if not room.uses[other] then bad[#bad + 1] = ("%s/README.md allows %s"):format(name, other) end
    end
  end
  none(bad, "allowed and not used")
end)

t.test("rooms form no circle", function() t.equal(graph.circle(rooms), nil) end)
t.test("files form no circle", function() t.equal(graph.circle(nodes), nil) end)

t.test("the program or a script reaches every file", function()
  local bad, seen = graph.unnamed(texts), graph.reached(nodes, { "lab", "lab.cli.cli", "main" })
  for name, node in pairs(nodes) do
    if name:find "^lab" and not seen[name] then bad[#bad + 1] = node.files[1] end
  end
  none(bad, "files that nobody reaches")
end)

t.test("no room is a hall", function()
  local bad = {}
  for folder, count in pairs(graph.crowd()) do
    if count > 25 then bad[#bad + 1] = ("%s: %d files of code"):format(folder, count) end
  end
  none(bad, "more than 25 files of code")
end)

-- The judge is judged: each fault is seen in a small house that has it.
local function house(arrows)
  local made = {}
  for name, uses in pairs(arrows) do
    made[name] = { name = name, room = name:match "^[^.]*", files = { name }, uses = {} }
    for _, other in ipairs(uses) do made[name].uses[other] = true end
  end
  return made
end

t.test("a circle is found, and told by its way", function()
  t.equal(graph.circle(house { a = { "b" }, b = { "c" }, c = { "b" } }), "b -> c -> b")
  t.equal(graph.circle(house { a = { "b", "c" }, b = { "c" }, c = {} }), nil)
  local upstairs = house { ["up.a"] = { "down.b" }, ["down.b"] = {}, ["down.c"] = { "up.d" }, ["up.d"] = {} }
  t.equal(graph.circle(upstairs), nil)
  t.equal(graph.circle(graph.rooms(upstairs)), "down -> up -> down")
end)

t.test("requires are seen in every spelling", function()
  local seen = nodes["lab.cli.commands"].uses
  t.truthy(seen["lab.util.arguments"], "at the top")
  t.truthy(seen["lab.command.run"], "by a computed name")
  t.truthy(nodes["lab.plot"].uses["lab.plot.curves"], "by a table")
  t.equal(nodes["lab.plot.curves"].uses["lab.plot"], nil)
end)

-- tests/run.sh keeps what a test says under the last part of its name.
t.test("no two test files have the same name", function()
  local fs = require "lab.c.fs"
  local seen, bad = {}, {}
  local function look(folder)
    for _, name in ipairs(fs.list(folder)) do
      local path = folder .. "/" .. name
      if fs.stat(path).kind == "directory" then look(path)
      elseif name:find "^test_" then
        local log = name:gsub("%.c$", "")
        if seen[log] then bad[#bad + 1] = path .. " and " .. seen[log] end
        seen[log] = path
      end
    end
  end
  look "tests"
  none(bad, "files of the same name")
end)

t.done()
