-- modules.lua: a script's own modules: where they are looked for, and what they have read.
--
-- `require` looks in the script's folder first, then where Lua looks: in its folders of modules and in
-- the current folder. Every script of a process loads its modules anew, since two scripts may mean
-- different files by one name.
--
-- A module that is loaded already has read its file, what it requires in turn, and perhaps more; that
-- counts again for whoever requires it later (script/reads.lua).

local attempt = require "lab.util.attempt".call
local options = require "lab.util.options"
local reads = require "lab.script.reads"

local M = {}

local loaded = {}   -- name -> { file, hash, read = frame of its loading } of modules from files
local native = require

local function is_toolkit(name) return package.preload[name] ~= nil or name == "lab" or name:find "^lab%." ~= nil end

-- Loads a module from its file. Errors of the module itself pass; others are the script's line's.
local function load_module(name, file)
  local module = { file = file, hash = reads.content(file) }
  local frame <close> = reads.open()
  local result = table.pack(attempt(native, name))
  if not result[1] then
    reads.note_file(file)   -- of one that fails nothing else is noted
    local err = result[2]
    if type(err) == "string" and err:find "^error loading module" then options.fail(err) end
    error(err, 0)
  end
  module.read = frame
  loaded[name] = module
  return table.unpack(result, 2, result.n)
end

local function note(name)
  local module = loaded[name]
  if module then reads.note_module(name, module, module.read) end
end

-- `require` as scripts and their modules get it.
function M.require(name)
  if type(name) ~= "string" then options.fail(("require: argument 1 must be the name of a module, not %s"):format(type(name))) end
  if is_toolkit(name) or package.loaded[name] ~= nil then
    note(name)
    return native(name)
  end
  local file = reads.find_module(name)
  if not file then
    reads.note_module(name, false)
    local found, module = attempt(native, name)  -- another searcher's; or it says where it looked
    return found and module or options.fail(module)
  end
  local result = table.pack(load_module(name, file))
  note(name)
  return table.unpack(result, 1, result.n)
end

local Script = {}
function Script:__close()
  package.path, package.cpath = self.path, self.cpath
  for name in pairs(loaded) do package.loaded[name] = nil end
  for name, value in pairs(self.values) do package.loaded[name] = value end
  loaded = self.loaded
end
Script.__index = Script

-- A script begins: its folder is searched, and none of its modules is loaded. All is as before once the
-- value is closed.
function M.of_script(path)
  local folder, values = path:match "^(.*)/[^/]*$", {}
  local script = setmetatable({ path = package.path, cpath = package.cpath, values = values, loaded = loaded }, Script)
  for name in pairs(loaded) do
    values[name], package.loaded[name] = package.loaded[name], nil
  end
  loaded = {}
  if folder and folder ~= "." then
    if folder == "" then folder = "/" end
    package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(folder, folder, package.path)
    package.cpath = ("%s/?.so;%s"):format(folder, package.cpath)
  end
  return script
end

return M
