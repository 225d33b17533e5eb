-- changes.lua: whether one of some files has changed. Their folders are watched, as editors replace files.

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

-- From now on these files count. One whose folder is not there is left out.
function Changes:set(files)
  self.names = {}
  for _, path in ipairs(files) do
    local folder, name = path:match "^(.*)/([^/]+)$"
    local number = self.watcher:folder(folder == "" and "/" or folder or ".")
    if number then
      self.names[number] = self.names[number] or {}
      self.names[number][name or path] = path
    end
  end
end

-- Waits at most `seconds` for changes. Once they have been quiet for a moment, returns the changed files as a set,
-- and when the first changed (as system.seconds); else nil.
function Changes:wait(seconds)
  local folder, name = self.watcher:next(self.since and math.min(seconds, 0.03) or seconds)
  while folder do
    local path = folder == 0 and "everything" or self.names[folder] and self.names[folder][name]
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
