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

-- The script's modules, what it reads, its bibliography and the pictures in its prose: a sorted array of paths. What lies in the
-- folder of runs is not among them, nor are known data sets.
function M.of(script, woven)
  local seen, record, root = { [script] = true }, reads.record(frame), store.root() .. "/"
  local function is_apart(name)
    for _, folder in pairs(record.sets or {}) do if name:sub(1, #folder + 1) == folder .. "/" then return true end end
    return name:sub(1, #root) == root
  end
  for name in pairs(record.files or {}) do seen[name] = not is_apart(name) or nil end
  for _, module in pairs(record.modules or {}) do if module then seen[module.file] = true end end
  seen[front.bibliography(woven.front, script) or script] = true
  return options.sorted_keys(seen)
end

-- Writes { files = array of paths, under_way = how many of the runs another process is training } as JSON.
function M.write(path, script, woven)
  local under_way = 0
  for _, run in ipairs(woven.runs) do if run.status == "under way" then under_way = under_way + 1 end end
  fs.write_file(path, json.encode { files = M.of(script, woven), under_way = under_way })
end

return M
