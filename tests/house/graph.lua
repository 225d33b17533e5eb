-- graph.lua: who uses whom, read from the sources: a graph of files, and one of rooms.
--
-- A node is a module: a Lua file, or a C file with the header of its name. An arrow is a
-- `require` (also inside a function, through `optional` or package.loaded, or by a table of
-- module names that is required from) or an #include. A room is a folder of code; its README
-- says in a line "May use: base, data." which rooms its arrows may point to.

local fs = require "lab.c.fs"

local M = {}

-- The trees that have rooms: where they lie, and how a node of theirs is named.
local trees = { { root = "lua/lab", language = "lua" }, { root = "core", language = "c" }, { root = "lua", language = "c", flat = true } }

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

-- Paths of all files below a folder, sorted; of the folder alone if flat.
local function files(folder, flat, found)
  found = found or {}
  for _, name in ipairs(assert(fs.list(folder))) do
    local path = folder .. "/" .. name
    if fs.stat(path).kind ~= "directory" then found[#found + 1] = path
    elseif not flat then files(path, false, found) end
  end
  table.sort(found)
  return found
end

local function folder_of(path) return path:match("^(.*)/[^/]*$") end

-- ---- Lua ---------------------------------------------------------------------------------

-- Comments and long texts hold names that are no arrows.
local function code_of(text)
  text = text:gsub("%-%-%[(=*)%[.-%]%1%]", ""):gsub("%[(=*)%[.-%]%1%]", "''")
  return (text:gsub("%-%-[^\n]*", ""))
end

local function module_of(path) return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")) end

local spellings = { 'require%s*%(?%s*"(lab[%w_.]*)"', 'optional%s*%(?%s*"(lab[%w_.]*)"', 'package%.%a+%[%s*"(lab[%w_.]*)"%s*%]' }

-- The names in a module's code that are modules, and those that begin one ("lab.cmd.command.").
local function required(code, known)
  local found = {}
  for _, spelling in ipairs(spellings) do
    for name in code:gmatch(spelling) do found[name] = true end
  end
  for prefix in code:gmatch 'require%s*%(%s*"(lab[%w_.]*%.)"%s*%.%.' do
    for other in pairs(known) do if other:sub(1, #prefix) == prefix then found[other] = true end end
  end
  -- Where the name is computed, every text that is a module's name, or begins some, may be meant.
  if code:find "require%s*%(%s*[^\"%s)]" then
    for name in code:gmatch '"(lab%.[%w_.]*)"' do
      if known[name] then found[name] = true end
      if name:sub(-1) == "." then
        for other in pairs(known) do if other:sub(1, #name) == name then found[other] = true end end
      end
    end
  end
  return found
end

local function add_lua(graph, root)
  local known = {}
  for _, path in ipairs(files(root)) do
    if path:find "%.lua$" then known[module_of(path)] = path end
  end
  for name, path in pairs(known) do
    local node = { name = name, room = folder_of(path), files = { path }, uses = {} }
    for other in pairs(required(code_of(read(path)), known)) do
      if known[other] and other ~= name then node.uses[other] = true end
    end
    graph[name] = node
  end
end

-- ---- C -----------------------------------------------------------------------------------

-- A header x_internal.h is a part of x: what the files of x share and nobody else sees.
local function stem_of(path) return (path:match("([^/]*)%.[ch]$"):gsub("_internal$", "")) end

local function add_c(graph, root, flat)
  local texts = {}
  for _, path in ipairs(files(root, flat)) do
    if path:find "%.[ch]$" then
      local name = stem_of(path)
      local node = graph[name] or { name = name, room = folder_of(path), files = {}, uses = {} }
      table.insert(node.files, path)
      graph[name], texts[path] = node, read(path)
    end
  end
  return texts
end

-- Arrows of C, once all nodes are there: an include names a file by its room, or one beside it.
local function connect(graph, texts)
  for path, text in pairs(texts) do
    local name = stem_of(path)
    for include in text:gmatch '#include "([%w_/]+%.h)"' do
      local other = stem_of(include)
      if graph[other] and other ~= name then graph[name].uses[other] = true end
    end
  end
end

-- name -> true of the functions and tables that a C file defines for others. A kernel's table has the name that
-- the file gives to a macro of its one source.
local function defined(text)
  local names = {}
  for name in text:gmatch "#define KERNELS ([%w_]+)" do names[name] = true end
  for line in text:gmatch "[^\n]+" do
    local head = line:match "^(%a[%w_%s*]-[%s*][%a_][%w_]*)%s*[%(%[=]"
    if head and not head:find "^static" and not head:find "^typedef" and not head:find "^return" then
      names[head:match "([%w_]+)$"] = true
    end
  end
  return names
end

-- The C files of which no other file names anything.
function M.unnamed(texts)
  local lonely = {}
  for path, text in pairs(texts) do
    local used = not path:find "%.c$"
    for name in pairs(used and {} or defined(text)) do
      if used then break end
      for other, words in pairs(texts) do
        if other ~= path and words:find("%f[%w_]" .. name .. "%f[^%w_]") and (other:find "%.c$" or stem_of(other) ~= stem_of(path)) then used = true end
      end
    end
    if not used and not text:find "\nint main " then lonely[#lonely + 1] = path end
  end
  table.sort(lonely)
  return lonely
end

-- The graph of the sources below the current folder: name -> { name, room, files, uses = set of
-- names }, with the texts of C files by path as second value.
function M.read()
  local graph, texts = {}, {}
  for _, tree in ipairs(trees) do
    if tree.language == "lua" then add_lua(graph, tree.root)
    else for path, text in pairs(add_c(graph, tree.root, tree.flat)) do texts[path] = text end end
  end
  connect(graph, texts)
  return graph, texts
end

-- ---- questions ---------------------------------------------------------------------------

-- Sorted keys of a set.
function M.sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

-- One circle of a graph, name -> { uses = set }, as "a -> b -> a"; nil if there is none.
function M.circle(graph)
  local state, path = {}, {}
  local function visit(name)
    if state[name] == "done" then return end
    path[#path + 1] = name
    if state[name] then
      local first = 1
      while path[first] ~= name do first = first + 1 end
      return table.concat(path, " -> ", first)
    end
    state[name] = "open"
    for _, other in ipairs(M.sorted(graph[name].uses)) do
      local found = graph[other] and visit(other)
      if found then return found end
    end
    state[name], path[#path] = "done", nil
  end
  for _, name in ipairs(M.sorted(graph)) do
    local found = visit(name)
    if found then return found end
  end
end

-- room -> { name = room, uses = set of rooms } of a graph of files.
function M.rooms(graph)
  local rooms = {}
  for _, node in pairs(graph) do
    local room = rooms[node.room] or { name = node.room, uses = {} }
    rooms[node.room] = room
    for other in pairs(node.uses) do
      if graph[other].room ~= node.room then room.uses[graph[other].room] = true end
    end
  end
  return rooms
end

-- The set of nodes that can be reached from the named ones.
function M.reached(graph, roots)
  local seen, stack = {}, table.move(roots, 1, #roots, 1, {})
  while #stack > 0 do
    local name = table.remove(stack)
    if not seen[name] and graph[name] then
      seen[name] = true
      for other in pairs(graph[name].uses) do stack[#stack + 1] = other end
    end
  end
  return seen
end

-- What the README of a room allows: a set of rooms, or nil and why. "May use: base, os." names
-- rooms of the same tree; "May use: nothing."; rooms of another tree are named whole.
function M.allowed(room)
  local file = io.open(room .. "/README.md", "rb")
  if not file then return nil, room .. " has no README.md" end
  local text = file:read("a")
  file:close()
  local line = text:match "May use: ([^\n]-)%.\n"
  if not line then return nil, room .. "/README.md has no line 'May use: ...'" end
  local set, tree = {}, room:match "^lua/lab" or room:match "^core" or room
  for name in line:gmatch "[%w_/]+" do
    if name ~= "nothing" then
      local whole = (name:find "^lua" or name:find "^core") and name or tree .. "/" .. name
      set[whole] = true
    end
  end
  return set
end

-- Folders below tests/, core/ and lua/lab/ with the number of files of code in each.
function M.crowd()
  local counts = {}
  for _, root in ipairs { "core", "lua/lab", "tests" } do
    for _, path in ipairs(files(root)) do
      if path:find "%.lua$" or path:find "%.[ch]$" or path:find "%.sh$" or path:find "%.pl$" then
        local folder = folder_of(path)
        counts[folder] = (counts[folder] or 0) + 1
      end
    end
  end
  return counts
end

return M
