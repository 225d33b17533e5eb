-- data.lua: data sets by name.
--
--   local data = lab.data.fashion_mnist { train = 5000, test = 1000 }
--
-- Every word takes one table of options and returns { name =, train =, test =, classes = }:
-- two splits, and the classes' names or nil when they are plain numbers. A split answers
-- #split, split:shape() (samples, features, classes), split:image_shape() (channels, height,
-- width, or nil), split:label(i) (counted from 0), split:pixels(i), split:hash(),
-- split:class_names() and split:feature_names() (or nil), split:describe() (how it was read and
-- scaled, which tostring shows too).
--
-- The two splits are held against each other: by their columns' names, their types, their ranges and
-- their classes. What is certain to be a mistake is an error; what was guessed is a note.
--
-- Option change = function(values, i), in every word: preprocessing of a script's own, done once to
-- the raw values of each sample (bytes from 0 to 255, or floats), before any standardisation; it
-- returns an array of as many.
--
-- data_sets.lua says where the known sets are looked for. Other files come through `npz` and
-- `csv`; `madelon` needs no file at all.

local attempt = require "lab.attempt".call
local c = require "lab.c.data"
local options = require "lab.options"
local progress = require "lab.progress"
local sets = require "lab.data_sets"

-- `search` is for whoever wants to know where a set is without reading it.
local M = { known = sets.known, search = sets.search }

-- ---- what the words share --------------------------------------------------------------

local most = (1 << 31) - 1   -- of anything that C counts

local draw = {
  train       = { kind = "integer", min = 1, max = most },   -- samples; default: all
  test        = { kind = "integer", min = 1, max = most },
  sample      = { kind = "string", choices = { "first", "random", "numpy" }, default = "first" },
  sample_seed = { kind = "integer", default = 1 },
  scale       = { kind = "string", choices = { "bytes", "none" }, default_is = "bytes of images",
    help = "Which values of both splits are divided by 255: \"bytes\", all, whatever their type; \"none\"; by default bytes of images, and bytes of a table unless "
      .. "it holds only 0 and 1, with a note." },
  standardise = { kind = "boolean", default = false },       -- by the training split's means and deviations
  change      = { kind = "function" },                       -- f(values, i) -> values, for every sample
}

local function spec(more)
  local all = {}
  for k, v in pairs(draw) do all[k] = v end
  for k, v in pairs(more) do all[k] = v end
  return all
end

-- What the C readers want; train is nil for the training split itself. `sizes` is known for
-- the named sets: { train =, test = } samples.
local function wanted(o, train, classes, sizes)
  local numpy
  if o.sample == "numpy" then
    if not sizes then options.fail "lab.data.npz: sample = \"numpy\" is for named sets, whose sizes are known" end
    if o.sample_seed < 0 or o.sample_seed > 0xffffffff then
      options.fail(("option 'sample_seed' is %d: NumPy's seeds are 0 to 4294967295"):format(o.sample_seed))
    end
    numpy = { before = train and sizes.train or 0, n = train and sizes.test or sizes.train }
  end
  return { count = train and o.test or not train and o.train or nil, random = o.sample == "random", numpy = numpy, scale = o.scale,
           seed = o.sample_seed, part = train and 2 or 1, classes = classes, like = train }
end

-- A split, or an error at the script's line. What its reader had to guess is noted.
local function checked(where, split, why)
  if not split then options.fail(where .. ": " .. why) end
  local warning = split:warning()
  if warning then progress.note(("%s: %s"):format(where, warning)) end
  return split
end

local function standardised(where, split, reference)
  local ok, err = attempt(split.standardise, split, reference)
  if not ok then options.fail(("%s: option 'standardise': %s"):format(where, err)) end
end

local function changed(where, split, f)
  local ok, err = attempt(split.change, split, f)
  if not ok then options.fail(("%s: option 'change': %s"):format(where, err)) end
end

local function finished(name, o, train, test, classes)
  if o.change then
    changed("lab.data." .. name, train, o.change)
    changed("lab.data." .. name, test, o.change)
  end
  if o.standardise then
    standardised("lab.data." .. name, test, train)
    standardised("lab.data." .. name, train, train)
  end
  return { name = name, train = train, test = test, classes = classes }
end

-- ---- the words -------------------------------------------------------------------------

-- Options: train, test (how many samples), sample ("first"; "random", drawn without
-- replacement with sample_seed; "numpy", those that numpy.random.seed(sample_seed) and a
-- shuffle of the training, then of the test set put first, as published programs do),
-- standardise (by each feature's mean and standard deviation over the training split), path
-- (the folder of the files, instead of the search), change.
local known_set = spec { path = { kind = "string" } }

-- The split knows its classes by name, so that a net is not evaluated on other ones.
local function named(split, set)
  c.name_classes(split, set.classes)
  return split
end

local function idx_word(name)
  local where, set = "lab.data." .. name, sets.of(name)
  return function(given)
    local o = options.check(where, known_set, given)
    local folder = sets.folder(where, name, o.path)
    local files = {}
    for i, file in ipairs(set.files) do files[i] = sets.file(folder, file) end
    local train = checked(where, c.read_idx(files[1], files[2], wanted(o, nil, #set.classes, set.sizes)))
    local test = checked(where, c.read_idx(files[3], files[4], wanted(o, train, nil, set.sizes)))
    return finished(name, o, named(train, set), named(test, set), set.classes)
  end
end

M.fashion_mnist = idx_word "fashion_mnist"
M.mnist = idx_word "mnist"

function M.cifar10(given)
  local where, set, records = "lab.data.cifar10", sets.of "cifar10", 10000
  local o = options.check(where, known_set, given)
  local folder = sets.folder(where, "cifar10", o.path)
  local files = {}
  for i = 1, 5 do files[i] = folder .. "/" .. set.files[i] end
  local train = checked(where, c.read_cifar10(files, records, wanted(o, nil, nil, set.sizes)))
  local test = checked(where, c.read_cifar10({ folder .. "/" .. set.files[6] }, records, wanted(o, train, nil, set.sizes)))
  return finished("cifar10", o, named(train, set), named(test, set), set.classes)
end

-- A NumPy archive with X_train, y_train, X_test and y_test, whatever the case of the letters. Numbers
-- of any type; labels from 0, one-hot, or text. Images of bytes are divided by 255 (option scale).
local npz_spec = spec {
  file = { kind = "string", required = true },
  arrays = { kind = "table", default_is = "these names, in any case",
    help = "Other names of the arrays: { X_train = \"images\", y_train = \"targets\", X_test =, y_test = }." },
}

local array_spec = { X_train = { kind = "string" }, y_train = { kind = "string" }, X_test = { kind = "string" }, y_test = { kind = "string" } }

function M.npz(given)
  local where = "lab.data.npz"
  local o = options.check(where, npz_spec, given)
  local names = options.check(where .. ", option 'arrays'", array_spec, o.arrays)
  local function read(split, like)
    local want = wanted(o, like)
    want.samples, want.labels = names["X_" .. split], names["y_" .. split]
    return checked(where, c.read_npz(o.file, split, want))
  end
  local train = read "train"
  local test = read("test", train)
  return finished("npz", o, train, test, train:class_names())
end

-- Two files of separated values, plain or gzip. Columns of the test file are matched by their names.
local csv_spec = {
  train = { kind = "string", required = true }, test = { kind = "string", required = true },
  label = { kind = "string|integer", min = 1, max = most },   -- the label's column, by name or number; default: the last
  header = { kind = "boolean", default_is = "true, unless the line looks like a sample: then it must be said",
    help = "Whether the first line holds the names of the columns; those of the test file are then matched by name." },
  separator = { kind = "string", choices = { "auto", ",", ";", "tab", "|", "blank" }, default = "auto",
    help = "What separates fields; \"auto\" takes what gives all records as many, most of them numbers. A comma that does not separate is a decimal comma." },
  scale = draw.scale, standardise = draw.standardise, change = draw.change,
}

local separators = { tab = "\t", blank = " " }

-- The options, with "tab" for a separator that is given as "\t", and "blank" for " ".
local function with_words(given)
  local word = type(given) == "table" and ({ ["\t"] = "tab", [" "] = "blank" })[given.separator]
  if not word then return given end
  local copy = {}
  for k, v in pairs(given) do copy[k] = v end
  copy.separator = word
  return copy
end

function M.csv(given)
  local where = "lab.data.csv"
  local o = options.check(where, csv_spec, with_words(given))
  if type(o.label) == "string" and o.header == false then
    options.fail(("%s: option 'label' is the name '%s', but header = false: give the column's number"):format(where, o.label))
  end
  local how = { header = o.header, label = o.label }
  if o.separator ~= "auto" then how.separator = separators[o.separator] or o.separator end
  local train = checked(where, c.read_csv(o.train, how, { scale = o.scale }))
  local test = checked(where, c.read_csv(o.test, how, { scale = o.scale, like = train }))
  return finished("csv", o, train, test, train:class_names())
end

-- The built-in set: clusters on the vertices of a hypercube in the informative features;
-- redundant features are linear combinations of these, useless ones are noise. The columns
-- stand in that order. clusters: per class, default 16 or as many as there are vertices.
local madelon_spec = {
  informative = { kind = "integer", default = 5, min = 1, max = 20 },
  redundant = { kind = "integer", default = 15, min = 0, max = most }, useless = { kind = "integer", default = 480, min = 0, max = most },
  classes = { kind = "integer", default = 2, min = 2, max = most }, clusters = { kind = "integer", min = 1, max = most },
  separation = { kind = "number", default = 2, min = 0 }, flip = { kind = "number", default = 0.01, min = 0, max = 1 },
  train = { kind = "integer", default = 2000, min = 1, max = most }, test = { kind = "integer", default = 600, min = 1, max = most },
  seed = { kind = "integer", default = 1 }, standardise = { kind = "boolean", default = true }, change = draw.change,
}

function M.madelon(given)
  local where = "lab.data.madelon"
  local o = options.check(where, madelon_spec, given)
  o.clusters = o.clusters or math.max(1, math.min(16, (1 << o.informative) // o.classes))
  local train = checked(where, c.madelon(o, o.train, 1))
  local test = checked(where, c.madelon(o, o.test, 2))
  return finished("madelon", o, train, test)
end

-- A misspelt set is named at the script's line.
return setmetatable(M, { __index = function(_, name)
  options.fail(("lab.data has no word '%s'%s"):format(tostring(name), options.suggestion(name, options.sorted_keys(M))))
end })
