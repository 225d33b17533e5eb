-- pack.lua: a study as one archive: script, modules, pictures, runs, remembered computations, and the page that they give.
--
--   MANIFEST.yaml     what made it: command, versions, hashes of the data, and of every file below
--   study/...         the script and the files that it reads, at their paths
--   runs/<key>/...    the folders of its runs
--   runs/memo/...     bootstraps and the like
--   page/NAME.html    the page

local bundle = require "lab.c.bundle"
local checksums = require "lab.run.checksums"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local options = require "lab.util.options"
local store = require "lab.run.store"
local system = require "lab.c.system"
local yaml = require "lab.util.yaml"

local M = { MANIFEST = "MANIFEST.yaml", format = 1 }

local function check(value, why) return value or error(why, 0) end

local function read(path) return check(fs.read_file(path)) end

-- A path from the current folder on, without "." and "x/.."; nil if it does not stay below it.
local function plain(path)
  local here = fs.current() .. "/"
  if path:sub(1, #here) == here then path = path:sub(#here + 1) end
  if path:sub(1, 1) == "/" then return nil end
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then
      if #parts == 0 then return nil end
      parts[#parts] = nil
    elseif part ~= "." then parts[#parts + 1] = part end
  end
  return #parts > 0 and table.concat(parts, "/") or nil
end

-- The script's path as it is packed. Raises if it does not lie below the current folder.
function M.place(script) return plain(script) or error(("%s lies outside the current folder: go to a folder above it"):format(script), 0) end

local function add_runs(files, woven, memos)
  for _, run in ipairs(woven.runs) do
    local path = store.path(run.key)
    for _, name in ipairs(check(checksums.files(path))) do files[("runs/%s/%s"):format(run.key, name)] = read(path .. "/" .. name) end
    for _, name in ipairs { "result.yaml", "tags.yaml" } do   -- without a checksum of their own
      if fs.stat(path .. "/" .. name) then files[("runs/%s/%s"):format(run.key, name)] = read(path .. "/" .. name) end
    end
  end
  for key in pairs(memos or {}) do files[("runs/memo/%s.yaml"):format(key)] = read(("%s/memo/%s.yaml"):format(store.root(), key)) end
end

-- The hashes of the data that the runs were trained with, by name.
local function data_of(woven)
  local data = {}
  for _, run in ipairs(woven.runs) do
    local meta = type(run.meta) == "function" and run:meta() or {}
    for name, sum in pairs(type(meta.data) == "table" and meta.data or {}) do data[name] = tostring(sum) end
  end
  return data
end

-- The text of a page between the marks of its article: what the script gave, without clock times and machine.
function M.article(html) return html:match "<article>\n(.*)\n</article>" or "" end

-- Writes an archive. Returns how many files it has, and the paths that it could not take along as they lie elsewhere.
--   given  { path =, woven =, html = of its page, name = of the page, used = paths that the script reads, memos = keys as a set,
--            words = the words of the command behind the script, profile = or nil }
function M.write(given)
  local woven, files, elsewhere = given.woven, {}, {}
  for _, path in ipairs(given.used) do
    local place, stat = plain(path), fs.stat(path)
    if not place then elsewhere[#elsewhere + 1] = path
    elseif stat and stat.kind == "file" then files["study/" .. place] = read(path) end
  end
  add_runs(files, woven, given.memos)
  files[("page/%s.html"):format(given.name)] = given.html
  local sums, list = {}, {}
  for _, name in ipairs(options.sorted_keys(files)) do
    sums[name] = hash.xxh128(files[name])
    list[#list + 1] = { name, files[name] }
  end
  local manifest = { format = M.format, script = M.place(woven.path), page = given.name, words = given.words, profile = given.profile, files = sums, data = data_of(woven),
    article = hash.xxh128(M.article(given.html)), versions = { setlab = system.version, results_version = hash.results_version, libraries = system.libraries() } }
  table.insert(list, 1, { M.MANIFEST, yaml.write(manifest) })
  local ok, why = bundle.write(given.path, list)
  if not ok then error(why, 0) end
  return #list, elsewhere
end

return M
