-- checksums.lua: the files of a run folder by their hashes, in result.yaml.
--
-- They are taken when a run has ended and nothing in its folder will be written any more: of every
-- file but LOCK, tags.yaml and result.yaml itself. A folder that was copied, or lay on a disk that fails, can so
-- be told from the one that was written. Runs of before there were checksums have none.

local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local is_temporary = require "lab.util.temporary"
local options = require "lab.util.options"

local M = {}

local DEPTH = 8  -- of folders within a run folder
local ignored = { LOCK = true, ["result.yaml"] = true, ["tags.yaml"] = true }   -- tags are written by people, at any time

local function collect(found, path, inside, depth)
  local names, why = fs.list(path)
  if not names then return nil, why end
  for _, name in ipairs(names) do
    local stat, here = fs.stat(path .. "/" .. name), inside .. name
    if stat and stat.kind == "directory" and depth < DEPTH then
      local ok, problem = collect(found, path .. "/" .. name, here .. "/", depth + 1)
      if not ok then return nil, problem end
    elseif stat and stat.kind == "file" and not ignored[here] and not is_temporary(name) and utf8.len(here) then
      found[#found + 1] = here
    end
  end
  return found
end

-- The names of the files that have checksums, those in folders within as "folder/name".
function M.files(path) return collect({}, path, "", 1) end

-- name -> 32 hex digits for the files in a run folder, but for the one called `except`; or nil and why.
function M.of(path, except)
  local names, why = M.files(path)
  if not names then return nil, why end
  local sums = {}
  for _, name in ipairs(names) do
    if name ~= except then
      sums[name], why = hash.file(path .. "/" .. name)
      if not sums[name] then return nil, why end
    end
  end
  return sums
end

-- Compares a folder with the checksums of its result: "ok", "changed" or "missing" (which counts more),
-- or "none" if there is nothing to compare with; and an array of { name, what = "changed" or "missing" }.
function M.verify(path, sums)
  if type(sums) ~= "table" or next(sums) == nil then return "none", {} end
  local status, wrong = "ok", {}
  for _, name in ipairs(options.sorted_keys(sums)) do
    local stat = fs.stat(path .. "/" .. name)
    local what = not stat and "missing" or hash.file(path .. "/" .. name) ~= sums[name] and "changed"
    if what then
      wrong[#wrong + 1] = { name = name, what = what }
      if status ~= "missing" then status = what end
    end
  end
  return status, wrong
end

return M
