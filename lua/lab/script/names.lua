-- names.lua: the names under which library functions and the toolkit's words count in keys.
--
-- A word counts by what scripts say, lab.data.mnist, and not by the file it comes from, so that files can
-- move. Some words were written into the keys of published runs by the files they had then: `written_as`
-- keeps these names for ever, or those runs would be trained again.

local options = require "lab.util.options"

local M = {}

local written_as = {
  ["lab.dense"] = "lab.wiring.dense",
  ["lab.erdos_renyi"] = "lab.wiring.erdos_renyi",
  ["lab.feature_statistics"] = "lab.features.statistics",
  ["lab.select_features"] = "lab.features.select",
  ["lab.set"] = "lab.evolve.set",
}

local libraries = { "_G", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8" }

-- Names of Lua 5.4's own globals. A script can have no others unless it runs outside the
-- strict environment (the prompt, a test); then those that the code names are captured.
M.standard = {}
for name in ([[_G _VERSION arg assert collectgarbage coroutine debug dofile error getmetatable io ipairs lab
  load loadfile math next os package pairs pcall print rawequal rawget rawlen rawset require select
  setmetatable string table tonumber tostring type utf8 warn xpcall]]):gmatch("[%w_]+") do M.standard[name] = true end

local given = setmetatable({}, { __mode = "k" })

-- A function that stands in for a library's, and has its name.
function M.stand_in(f, name)
  given[f] = name
  return f
end

local function add(named, value, name)
  local kind = type(value)
  if (kind == "table" or kind == "function" or kind == "userdata") and not named[value] then named[value] = name end
end

-- A table's functions, and what it holds of C's; not its tables, which count by content. Of two names for
-- one value the first in the alphabet counts.
local function add_fields(named, name, t, fits)
  local own = {}
  for k, v in next, t do
    local kind = type(v)
    if type(k) == "string" and (kind == "function" or kind == "userdata") and (not fits or fits[k])
      and (not named[v] or own[v] and k < own[v]) then
      named[v], own[v] = name .. "." .. k, k
    end
  end
end

local function add_libraries(named)
  for _, name in ipairs(libraries) do
    add(named, package.loaded[name], name)
    add_fields(named, name, package.loaded[name], name == "_G" and M.standard)  -- a user's global counts by content
  end
end

-- The words that were said so far.
local function add_words(named)
  local meta = getmetatable(package.loaded.lab)
  local words = meta and meta.words or {}
  for _, word in ipairs(options.sorted_keys(words)) do
    local place, name = words[word], "lab." .. word
    local value = package.loaded[place[1]]
    if place[2] then value = value and value[place[2]] end
    add(named, value, written_as[name] or name)
    if type(value) == "table" then add_fields(named, name, value) end
  end
end

-- What scripts do not say: the toolkit's other modules, by their file.
local function add_modules(named)
  local modules = {}
  for name in pairs(package.loaded) do
    if type(name) == "string" and name:find "^lab%." then modules[#modules + 1] = name end
  end
  table.sort(modules)
  for _, name in ipairs(modules) do
    local module = package.loaded[name]
    add(named, module, name)
    if type(module) == "table" then add_fields(named, name, module) end
  end
end

-- value -> name of all that counts by name. `lab` itself comes last: a word counts by its own name,
-- whether or not the script has said it yet.
function M.all()
  local named = {}
  for f, name in pairs(given) do named[f] = name end
  add_libraries(named)
  add_words(named)
  add_modules(named)
  add(named, package.loaded.lab, "lab")
  if type(package.loaded.lab) == "table" then add_fields(named, "lab", package.loaded.lab) end
  return named
end

return M
