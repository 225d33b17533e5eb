-- draw.lua: draws who uses whom. `make graph` draws the rooms, `make graph ROOM=core/net` the files of one room
-- and the rooms that these use.
--
-- The graph is written as DOT. Graphviz makes a picture of it; where that is not installed gnuplot does, from
-- the same graph in layers; where neither is, the DOT text is the result.
--
--   setlab test-file tests/house/draw.lua FILE [ROOM]    writes FILE.dot, and FILE.svg if it can

local fs = require "lab.c.fs"
local process = require "lab.c.process"
local graph = dofile "tests/house/graph.lua"

local file, wanted = arg[1], arg[2] ~= "" and arg[2] or nil

-- ---- which graph ---------------------------------------------------------------------------

-- The full name of a room that is named in short: "net" or "lab/net" for "lua/lab/net".
local function room_of(rooms, name)
  local fits = {}
  for room in pairs(rooms) do
    if room == name then return room end
    if room:sub(-#name - 1) == "/" .. name then fits[#fits + 1] = room end
  end
  table.sort(fits)
  if #fits == 1 then return fits[1] end
  error(#fits == 0 and ("there is no room '%s': %s"):format(name, table.concat(graph.sorted(rooms), ", "))
    or ("'%s' may be %s"):format(name, table.concat(fits, " or ")), 0)
end

local function files_of(nodes, room)
  local small = {}
  for name, node in pairs(nodes) do
    if node.room == room then
      local uses = {}
      for other in pairs(node.uses) do
        local its = nodes[other].room
        uses[its == room and other or its] = true
        if its ~= room then small[its] = small[its] or { name = its, uses = {}, is_room = true } end
      end
      small[name] = { name = name, uses = uses }
    end
  end
  return small
end

-- ---- as DOT --------------------------------------------------------------------------------

local function dot(drawn)
  local lines = { "digraph house {", "  rankdir=TB; node [shape=box, fontname=\"sans-serif\", fontsize=11];" }
  for _, name in ipairs(graph.sorted(drawn)) do
    lines[#lines + 1] = ("  %q%s;"):format(name, drawn[name].is_room and " [style=rounded]" or "")
  end
  for _, name in ipairs(graph.sorted(drawn)) do
    for _, other in ipairs(graph.sorted(drawn[name].uses)) do
      if drawn[other] then lines[#lines + 1] = ("  %q -> %q;"):format(name, other) end
    end
  end
  return table.concat(lines, "\n") .. "\n}\n"
end

-- ---- by gnuplot ------------------------------------------------------------------------------

-- Each node's height above the floor: one more than the highest that it uses. A circle ends where it began.
local function heights(drawn)
  local height = {}
  local function of(name, open)
    if height[name] then return height[name] end
    if open[name] then return 0 end
    open[name] = true
    local high = 0
    for other in pairs(drawn[name].uses) do
      if drawn[other] then high = math.max(high, 1 + of(other, open)) end
    end
    height[name], open[name] = high, nil
    return high
  end
  for _, name in ipairs(graph.sorted(drawn)) do of(name, {}) end
  return height
end

-- Nodes side by side on their height, the middle at 0; those of odd floors are moved a little, so that long
-- arrows do not run through boxes.
local function places(drawn)
  local height, rows, place = heights(drawn), {}, {}
  for _, name in ipairs(graph.sorted(drawn)) do
    local row = rows[height[name]] or {}
    rows[height[name]] = row
    row[#row + 1] = name
  end
  for y, row in pairs(rows) do
    for i, name in ipairs(row) do place[name] = { x = i - (#row + 1) / 2 + y % 2 * 0.3, y = y } end
  end
  return place
end

local function gnuplot(drawn, svg)
  local place, widest, highest = places(drawn), 1, 1
  for _, p in pairs(place) do widest, highest = math.max(widest, math.abs(p.x) + 0.7), math.max(highest, p.y) end
  local lines = { ("set terminal svg size %d,%d font 'sans-serif,11'"):format(math.ceil(300 * widest), 110 * (highest + 1)),
    ("set output '%s'"):format(svg:gsub("'", "''")), "unset border; unset tics; unset key",
    ("set xrange [%g:%g]; set yrange [-0.5:%g]"):format(-widest, widest, highest + 0.5) }
  for _, name in ipairs(graph.sorted(drawn)) do
    local from = place[name]
    for _, other in ipairs(graph.sorted(drawn[name].uses)) do
      local to = place[other]
      if to then lines[#lines + 1] = ("set arrow from %g,%g to %g,%g lc rgb '#999999' size screen 0.008,15 filled"):format(from.x, from.y - 0.12, to.x, to.y + 0.12) end
    end
    lines[#lines + 1] = ("set label '%s' at %g,%g center noenhanced front"):format(name, from.x, from.y)
  end
  lines[#lines + 1] = "plot NaN"
  return table.concat(lines, "\n") .. "\n"
end

-- ---- what there is to draw with ---------------------------------------------------------------

local function write(path, text) assert(fs.write_file(path, text)) end

local function draws(argv)
  local result = process.run { argv = argv, timeout_seconds = 60 }
  return result and result.status == 0
end

local function main()
  local nodes = graph.read()
  local rooms = graph.rooms(nodes)
  local drawn = wanted and files_of(nodes, room_of(rooms, wanted)) or rooms
  local text, svg, script = dot(drawn), file .. ".svg", file .. ".gp"
  write(file .. ".dot", text)
  if draws { "dot", "-Tsvg", "-o", svg, file .. ".dot" } then return print(svg .. ", by Graphviz") end
  write(script, gnuplot(drawn, svg))
  if draws { "gnuplot", script } then return print(svg .. ", by gnuplot") end
  print(text)
end

local ok, why = pcall(main)
if not ok then
  io.stderr:write("make graph: ", tostring(why), "\n")
  os.exit(1)
end
