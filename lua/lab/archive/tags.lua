-- tags.lua: words and a note on a run, in a file of its folder.
--
-- tags.yaml holds { tags = sorted array of words, note = text }. It is no part of the run's key and has no checksum: people
-- change it, and nothing is computed from it.

local fs = require "lab.c.fs"
local store = require "lab.run.store"
local yaml = require "lab.util.yaml"

local M = { FILE = "tags.yaml" }

function M.is_word(word) return type(word) == "string" and word:find "^[%w\x80-\xff][%w\x80-\xff._:-]*$" ~= nil end

-- What stands on the run in a folder: { tags = array, note = text or nil }. What cannot be read counts as nothing.
function M.read(path)
  local found = fs.stat(path .. "/" .. M.FILE) and store.read(path, M.FILE) or {}
  local words = {}
  for _, word in ipairs(type(found.tags) == "table" and found.tags or {}) do
    if M.is_word(tostring(word)) then words[#words + 1] = tostring(word) end
  end
  return { tags = words, note = type(found.note) == "string" and found.note or nil }
end

function M.take_off(has, word)
  for i = #has.tags, 1, -1 do if has.tags[i] == word then table.remove(has.tags, i) end end
end

function M.add(has, word)
  M.take_off(has, word)
  has.tags[#has.tags + 1] = word
  table.sort(has.tags)
end

-- Writes them by renaming, so that nobody finds half a file; without words and note there is none. Returns true; or nil and why.
function M.write(path, has)
  local file = path .. "/" .. M.FILE
  if #has.tags == 0 and not has.note then
    if not fs.stat(file) then return true end
    return fs.remove(file)
  end
  return fs.write_file(file, yaml.write { tags = has.tags, note = has.note })
end

return M
