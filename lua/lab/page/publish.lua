-- publish.lua: what of a store of runs goes into the repository, beside the page it was for.
--
--   DIR/NAME.html            the page, woven from the folders below
--   DIR/NAME.yaml            its command, its runs, its remembered computations and its pictures
--   DIR/runs/<key>/          run.yaml, meta.yaml, result.yaml, metrics.csv, series: small, and
--                            read by lab.runs as any run folder is
--   DIR/runs/memo/           bootstraps and the like
--   DIR/pictures/            figures that were asked for, each as a file of its own
--   DIR/README.md            all pages with their commands and machines
--
-- Left behind: weights, checkpoints, locks, the script (the commit names it), most samples of
-- the monitor, and who computed it: host and process; the checksums are those of what is published. The
-- same store gives the same files.

local checksums = require "lab.run.checksums"
local csv = require "lab.util.csv"
local fs = require "lab.c.fs"
local index = require "lab.page.published_index"
local options = require "lab.util.options"
local svg = require "lab.figure.svg"
local yaml = require "lab.util.yaml"

local M = { samples = 200 }  -- of the monitor, at most

local private = { "host", "pid" }
local as_it_is = { ["run.yaml"] = true, ["result.yaml"] = true, ["metrics.csv"] = true }

local function check(ok, why) return ok or error(why, 0) end

-- A monitor's samples, thinned: every k-th line, with the first and the last.
local function thinned(text)
  local lines = {}
  for line in text:gmatch "[^\n]*\n" do lines[#lines + 1] = line end
  local n = #lines - 1
  if n <= M.samples then return table.concat(lines) end
  local kept = { lines[1] }
  for i = 0, M.samples - 1 do kept[#kept + 1] = lines[2 + math.floor(i * (n - 1) / (M.samples - 1) + 0.5)] end
  return table.concat(kept)
end

local function without_place(text)
  local facts = check(yaml.read(text))
  for _, name in ipairs(private) do facts[name] = nil end
  return yaml.write(facts)
end

-- The text to publish for a file of a run folder; nil: it stays behind.
local function published(name, text)
  if as_it_is[name] then return text end
  if name == "meta.yaml" then return without_place(text) end
  if name == "monitor.csv" then return thinned(text) end
  return name:find "%.csv$" and csv.rows(text)[1] and text or nil
end

-- Raises if a text that is to be published names a folder of this machine.
function M.check_text(file, text)
  for _, variable in ipairs { "PWD", "HOME" } do
    local folder = (os.getenv(variable) or ""):gsub("/+$", "") .. "/"
    if #folder > 1 and text:find(folder, 1, true) then
      error(("%s holds '%s', a folder of this machine: it is not published"):format(file, folder), 0)
    end
  end
end

-- Writes a file that is to be published; returns its bytes.
function M.write(path, text)
  M.check_text(path, text)
  check(fs.write_file(path, text))
  return #text
end

-- Checksums in a result become those of the published files.
local function with_own_checksums(to)
  local result = check(yaml.read(check(fs.read_file(to .. "/result.yaml"))))
  if not result.checksums then return end
  result.checksums = check(checksums.of(to))
  M.write(to .. "/result.yaml", yaml.write(result))
end

-- Copies one run folder; returns the bytes written.
function M.run(from, to)
  check(fs.mkdirs(to))
  local bytes, kept = 0, {}
  for _, name in ipairs(check(fs.list(from))) do
    local path = from .. "/" .. name
    local text = fs.stat(path).kind == "file" and published(name, check(fs.read_file(path)))
    if text then
      bytes, kept[name] = bytes + M.write(to .. "/" .. name, text), true
    end
  end
  for _, name in ipairs(check(fs.list(to))) do
    if not kept[name] then check(fs.remove_tree(to .. "/" .. name)) end
  end
  with_own_checksums(to)
  return bytes
end

-- ---- pictures ----

-- The figures of a woven page that have one of these labels, as { { name =, file = }, ... }: several of
-- one label are numbered. Films and figures of pixels have no SVG and are left out.
function M.pictures(blocks, labels)
  local wanted, seen, list = {}, {}, {}
  for _, label in ipairs(labels) do wanted[label] = true end
  for _, block in ipairs(blocks) do
    for _, item in ipairs(block.items or {}) do
      local label = item.kind == "figure" and item.options and item.options.label
      if label and wanted[label] and item.files and item.files.svg then
        seen[label] = (seen[label] or 0) + 1
        list[#list + 1] = { name = seen[label] == 1 and label or ("%s-%d"):format(label, seen[label]), file = item.files.svg }
      end
    end
  end
  return list
end

-- Writes them to `directory` as PREFIX-NAME.svg; returns the files' names, in order.
function M.write_pictures(directory, prefix, pictures)
  local names = {}
  for i, picture in ipairs(pictures) do
    names[i] = ("%s-%s.svg"):format(prefix, picture.name)
    M.write(directory .. "/" .. names[i], svg.standalone(check(fs.read_file(picture.file))))
  end
  return names
end

-- ---- what a folder of pages holds ----

-- Every page's NAME.yaml in a folder, by name.
local function manifests(directory)
  local list = {}
  for _, file in ipairs(check(fs.list(directory))) do
    if file:find "%.yaml$" then
      list[#list + 1] = check(yaml.read(check(fs.read_file(directory .. "/" .. file))))
      list[#list].name = file:sub(1, -6)
    end
  end
  return list
end

-- Removes what no page of the folder uses any more.
local function remove_orphans(directory, pages)
  local used = {}
  for _, page in ipairs(pages) do
    for _, key in ipairs(page.runs) do used[key] = true end
    for _, key in ipairs(page.memos) do used["memo/" .. key .. ".yaml"] = true end
    for _, file in ipairs(page.pictures or {}) do used["pictures/" .. file] = true end
  end
  for _, file in ipairs(fs.list(directory .. "/pictures") or {}) do
    if not used["pictures/" .. file] then check(fs.remove_tree(directory .. "/pictures/" .. file)) end
  end
  fs.remove(directory .. "/pictures") -- succeeds only if nothing is left there
  local runs = directory .. "/runs"
  for _, key in ipairs(fs.list(runs) or {}) do
    if key ~= "memo" and not used[key] then check(fs.remove_tree(runs .. "/" .. key)) end
  end
  for _, file in ipairs(fs.list(runs .. "/memo") or {}) do
    if not used["memo/" .. file] then check(fs.remove_tree(runs .. "/memo/" .. file)) end
  end
end

-- Writes NAME.yaml and README.md, and removes what is used no more.
--   page  { name, command, runs = sorted keys, memos = sorted keys, pictures = files or nil }
function M.finish(directory, page)
  local name = page.name
  page.name = nil
  M.write(("%s/%s.yaml"):format(directory, name), yaml.write(page))
  local pages = manifests(directory)
  remove_orphans(directory, pages)
  M.write(directory .. "/README.md", index.text(directory, pages))
end

-- Is there a picture of some page's figure with this label?
function M.has_picture(directory, label)
  for _, page in ipairs(manifests(directory)) do
    for _, file in ipairs(page.pictures or {}) do
      if file == ("%s-%s.svg"):format(page.name, label) then return true end
    end
  end
  return false
end

-- Keys of a list of records, or of a list of keys, sorted and each once.
function M.keys(list)
  local set = {}
  for _, item in ipairs(list) do set[type(item) == "table" and item.key or item] = true end
  return options.sorted_keys(set)
end

return M
