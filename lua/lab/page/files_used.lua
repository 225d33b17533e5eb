-- files_used.lua: what a page depends on, for who weaves it again when something of it changes.

local front = require "lab.page.front"
local fs = require "lab.c.fs"
local json = require "lab.util.json"
local options = require "lab.util.options"
local reads = require "lab.script.reads"
local store = require "lab.run.store"

local M = {}

local frame

-- From now on it is noted what the script reads.
function M.open() frame = reads.open() end

-- What was noted, as reads.changed takes it; nil if nothing was to be.
function M.record() return frame and reads.record(frame) end

-- The script's modules, what it reads, its bibliography and the pictures in its prose, which page.render has found: a sorted array of
-- paths. What lies in the folder of runs is not among them, nor are known data sets.
--   record  of what it read; nil: what was noted since `open`
function M.of(script, woven, record)
  local seen, root = { [script] = true }, store.root() .. "/"
  record = record or M.record()
  local function is_apart(name)
    for _, folder in pairs(record.sets or {}) do if name:sub(1, #folder + 1) == folder .. "/" then return true end end
    return name:sub(1, #root) == root
  end
  for name in pairs(record.files or {}) do seen[name] = not is_apart(name) or nil end
  for _, module in pairs(record.modules or {}) do if module then seen[module.file] = true end end
  for _, picture in ipairs(woven.pictures or {}) do seen[picture] = true end
  seen[front.bibliography(woven.front, script) or script] = true
  return options.sorted_keys(seen)
end

-- JSON holds UTF-8 alone.
local function plain(text) return utf8.len(text) and text or (text:gsub("[\128-\255]", "?")) end

-- Writes { files = array of paths, under_way = how many of the runs another process is training, failure = { message =, file =, line = }
-- of a page that failed, or nil } as JSON.
function M.write(path, script, woven)
  local under_way = 0
  for _, run in ipairs(woven.runs) do if run.status == "under way" then under_way = under_way + 1 end end
  local failure = woven.failure and { message = plain(woven.failure.full), file = woven.failure.file, line = woven.failure.line }
  fs.write_file(path, json.encode { files = M.of(script, woven, woven.record), under_way = under_way, failure = failure })
end

return M
