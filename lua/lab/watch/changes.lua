-- changes.lua: whether one of some files has changed. Their folders are watched, as editors replace files.

local fs = require "lab.c.fs"
local system = require "lab.c.system"
local watch = require "lab.c.watch"

local M = {}

local QUIET <const> = 0.15   -- seconds without a change after which a save counts as finished

local Changes = {}
Changes.__index = Changes

-- Watches nothing yet; it ends with the collector.
function M.new()
  local watcher, why = watch.new()
  if not watcher then error(why, 0) end
  return setmetatable({ watcher = watcher, names = {}, changed = {} }, Changes)
end

-- Watches the folder of a file. One that is not there is left out.
local function add(self, path, place)
  local folder, name = place:match "^(.*)/([^/]+)$"
  local number = self.watcher:folder(folder == "" and "/" or folder or ".")
  if not number then return end
  self.names[number] = self.names[number] or {}
  self.names[number][name or place] = path
end

-- From now on these files count, and what they are links to.
--   any_module  whether every Lua file beside them counts, too: one that is missing may come
function Changes:set(files, any_module)
  self.names, self.files, self.any_module = {}, files, any_module
  for _, path in ipairs(files) do
    add(self, path, path)
    local real = fs.real(path)
    if real then add(self, path, real) end
  end
end

-- Which of the files a change concerns; nil if none.
local function concerns(self, folder, name)
  if folder == 0 then   -- the system lost track
    self:set(self.files, self.any_module)
    return "everything"
  end
  local names = self.names[folder]
  return names and (names[name] or self.any_module and name:find "^[^.].*%.lua$" and name)
end

-- Waits at most `seconds` for changes. Once they have been quiet for a moment, returns the changed files as a set,
-- and when the first changed (as system.seconds); else nil.
function Changes:wait(seconds)
  local folder, name = self.watcher:next(self.since and math.min(seconds, 0.03) or seconds)
  while folder do
    local path = concerns(self, folder, name)
    if path then self.changed[path], self.since = true, system.seconds() end
    self.first = self.first or self.since
    folder, name = self.watcher:next(0)
  end
  if not self.since or system.seconds() - self.since < QUIET then return nil end
  local changed, first = self.changed, self.first
  self.changed, self.since, self.first = {}, nil, nil
  return changed, first
end

return M
