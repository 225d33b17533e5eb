-- unpack.lua: an archive that pack.lua wrote, perhaps elsewhere: checked, and laid out in a folder.

local bundle = require "lab.c.bundle"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local options = require "lab.util.options"
local pack = require "lab.carry.pack"
local yaml = require "lab.util.yaml"

local M = {}

local function fail(path, form, ...) error(("%s: %s"):format(path, form:format(...)), 0) end

-- All files of an archive, by name. Raises on anything that is not as the archive itself says.
local function read(path)
  local archive <close>, why = bundle.open(path)
  if not archive then error(why, 0) end
  local files = {}
  for i, name in ipairs(archive:names()) do
    local text, problem = archive:read(i)
    if not text then error(problem, 0) end
    files[name] = text
  end
  return files
end

local function is_text(v) return type(v) == "string" and v ~= "" end

local function manifest_of(path, files)
  local text = files[pack.MANIFEST]
  if not text then fail(path, "it has no %s: 'setlab pack' did not write it", pack.MANIFEST) end
  local manifest, why = yaml.read(text)
  if type(manifest) ~= "table" then fail(path, "%s: %s", pack.MANIFEST, why or "it holds no table") end
  if manifest.format ~= pack.format then fail(path, "its format is %s, and this version reads %d", tostring(manifest.format), pack.format) end
  local whole = type(manifest.files) == "table" and is_text(manifest.script) and is_text(manifest.page) and is_text(manifest.article)
  if manifest.words ~= nil then whole = whole and type(manifest.words) == "table" and #manifest.words > 0 end
  for _, word in ipairs(type(manifest.words) == "table" and manifest.words or {}) do whole = whole and is_text(word) and word:find "^[%a_][%w_]*=" end
  if not whole or manifest.profile ~= nil and not (is_text(manifest.profile) and manifest.profile:find "^[%w_]+$") then fail(path, "its %s is not complete", pack.MANIFEST) end
  return manifest
end

-- Reads an archive and compares every file with the hash that its manifest gives. Returns the files by name, and the manifest.
function M.read(path)
  local files = read(path)
  local manifest = manifest_of(path, files)
  for _, name in ipairs(options.sorted_keys(manifest.files)) do
    if not files[name] then fail(path, "'%s' is missing", name) end
    if hash.xxh128(files[name]) ~= manifest.files[name] then fail(path, "'%s' is not what was packed", name) end
  end
  for _, name in ipairs(options.sorted_keys(files)) do
    if name ~= pack.MANIFEST and not manifest.files[name] then fail(path, "'%s' is not in its manifest", name) end
  end
  if not files["study/" .. manifest.script] or not files[("page/%s.html"):format(manifest.page)] then fail(path, "its script or its page is missing") end
  return files, manifest
end

-- Lays the files out in a folder that is not there yet, or empty: what was in study/ directly, so that paths are as they were.
function M.lay_out(files, folder)
  if fs.stat(folder) and #(fs.list(folder) or { "?" }) > 0 then error(("'%s' is there already, and not empty"):format(folder), 0) end
  for _, name in ipairs(options.sorted_keys(files)) do
    local target = folder .. "/" .. name:gsub("^study/", "")
    local ok, why = fs.mkdirs((target:match "^(.*)/"))
    if ok then ok, why = fs.write_file(target, files[name]) end
    if not ok then error(why, 0) end
  end
end

return M
