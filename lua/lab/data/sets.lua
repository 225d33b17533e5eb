-- sets.lua: the known data sets, and where their files are.
--
-- They are looked for in the folder SETLAB_DATA, in ./data (where `make data` puts them) and
-- in /usr/share/datasets (where Debian's packages do).

local options = require "lab.util.options"
local reads = require "lab.script.reads"

local M = {
  absent = nil,  -- the last sentence that said a set is not here: that is no mistake of the script
}

local idx_files = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" }

-- A known set: the folder it stands in, its files (those of IDX may end in .gz), its classes.
local sets = {
  fashion_mnist = {
    title = "Fashion-MNIST", folder = "fashion-mnist", files = idx_files, sizes = { train = 60000, test = 10000 }, package = "dataset-fashion-mnist",
    classes = { "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot" },
  },
  mnist = {
    title = "MNIST", folder = "mnist", files = idx_files, sizes = { train = 60000, test = 10000 },
    classes = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" },
  },
  cifar10 = {
    title = "CIFAR-10", folder = "cifar-10-batches-bin", sizes = { train = 50000, test = 10000 },
    files = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin" },
    classes = { "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck" },
  },
}

-- The names that `search` knows, sorted.
M.known = options.sorted_keys(sets)

function M.of(name)
  return sets[name] or options.fail(("lab.data knows no set '%s'%s"):format(tostring(name), options.suggestion(name, M.known)))
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- The file as it is or, for IDX, with .gz; nil if neither is there.
function M.file(folder, name)
  for _, ending in ipairs { "", name:find "ubyte$" and ".gz" or nil } do
    local path = folder .. "/" .. name .. ending
    if exists(path) then return path end
  end
end

-- The first of the set's files that the folder lacks, or nil when it is complete; and how
-- many it has.
local function missing(set, folder)
  local lacks, has = nil, 0
  for _, name in ipairs(set.files) do
    if M.file(folder, name) then has = has + 1 else lacks = lacks or name end
  end
  return lacks, has
end

-- The folder that holds all files of a known set, or nil; and the list of folders to look at.
function M.search(name)
  local set = M.of(name)
  local places = {}
  local given = os.getenv "SETLAB_DATA"
  if given and given ~= "" then places[1] = given end
  for _, place in ipairs { "./data", "/usr/share/datasets" } do places[#places + 1] = place end
  for i, place in ipairs(places) do places[i] = place:gsub("/+$", "") .. "/" .. set.folder end
  for _, place in ipairs(places) do
    if not missing(set, place) then return place, places end
  end
  return nil, places
end

-- The set's folder, given as an option or found; otherwise an error that says what to do.
function M.folder(where, name, given)
  local set = M.of(name)
  if given then
    options.check_path(where .. ": option 'path'", given)
    local lacks = missing(set, given)
    if lacks then options.fail(("%s: no file '%s' in '%s'"):format(where, lacks, given)) end
    return given
  end
  local folder, places = M.search(name)
  if folder then
    reads.note_set(name, folder)
    return folder
  end
  for i, place in ipairs(places) do
    local lacks, has = missing(set, place)
    if has > 0 then places[i] = ("%s (which lacks %s)"):format(place, lacks) end
  end
  M.absent = ("%s: %s is not here; looked for %s. Run `make data`%s, or let SETLAB_DATA name the folder that holds %s/")
    :format(where, set.title, table.concat(places, ", "),
            set.package and (" or install Debian's package " .. set.package) or "", set.folder)
  options.fail(M.absent)
end

reads.find_set = M.search

return M
