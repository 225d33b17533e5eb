-- pack.lua: a study as one archive: script, modules, pictures, runs, remembered computations, and the page that they give.
--
--   MANIFEST.yaml     what made it: command, versions, hashes of the data, and of every file below
--   study/...         the script and the files that it reads, at their paths
--   runs/<key>/...    the folders of its runs, without checkpoints and locks
--   runs/memo/...     bootstraps and the like
--   page/NAME.html    the page

local bundle = require "lab.c.bundle"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local options = require "lab.util.options"
local store = require "lab.run.store"
local system = require "lab.c.system"
local yaml = require "lab.util.yaml"

local M = { MANIFEST = "MANIFEST.yaml", format = 1 }

local left_behind = { LOCK = true, ["checkpoint.npz"] = true }

local function read(path)
  local text, why = fs.read_file(path)
  return text or error(why, 0)
end

-- Whether a path stays below the current folder.
local function is_inside(path) return path:sub(1, 1) ~= "/" and not ("/" .. path .. "/"):find("/../", 1, true) end

-- Raises unless the script can be packed from here.
function M.check_place(script)
  if not is_inside(script) then error(("%s lies outside the current folder: go to a folder above it"):format(script), 0) end
end

-- The pictures that prose names, beside the script.
local function pictures_of(woven)
  local found, folder = {}, woven.path:match "^.*/" or ""
  for _, block in ipairs(woven.blocks) do
    for name in (block.kind == "prose" and block.text or ""):gmatch "!%[[^%]]*%]%(([^%s%)]+)" do
      if fs.stat(folder .. name) then found[#found + 1] = folder .. name end
    end
  end
  return found
end

local function add_runs(files, woven, memos)
  for _, run in ipairs(woven.runs) do
    for _, name in ipairs(assert(fs.list(run.path or store.path(run.key)))) do
      local path = store.path(run.key) .. "/" .. name
      if not left_behind[name] and fs.stat(path).kind == "file" then files[("runs/%s/%s"):format(run.key, name)] = read(path) end
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
  local paths = table.move(pictures_of(woven), 1, #pictures_of(woven), #given.used + 1, given.used)
  for _, path in ipairs(paths) do
    if not is_inside(path) then elsewhere[#elsewhere + 1] = path
    elseif fs.stat(path) and fs.stat(path).kind == "file" then files["study/" .. path] = read(path) end
  end
  add_runs(files, woven, given.memos)
  files[("page/%s.html"):format(given.name)] = given.html
  local sums, list = {}, {}
  for _, name in ipairs(options.sorted_keys(files)) do
    sums[name] = hash.xxh128(files[name])
    list[#list + 1] = { name, files[name] }
  end
  local manifest = { format = M.format, script = woven.path, page = given.name, words = given.words, profile = given.profile, files = sums, data = data_of(woven),
    article = hash.xxh128(M.article(given.html)), versions = { setlab = system.version, results_version = hash.results_version, libraries = system.libraries() } }
  table.insert(list, 1, { M.MANIFEST, yaml.write(manifest) })
  local ok, why = bundle.write(given.path, list)
  if not ok then error(why, 0) end
  return #list, elsewhere
end

return M
