-- data/init.lua: data sets by name.
--
--   local data = lab.data.fashion_mnist { train = 5000, test = 1000 }
--
-- The two splits are held against each other: by their columns' names, their types, their ranges and
-- their classes. What is certain to be a mistake is an error; what was guessed is a note.
--
-- data/sets.lua says where the known sets are looked for. Other files come through `npz` and
-- `csv`; `madelon` needs no file at all.

local attempt = require "lab.util.attempt".call
local c = require "lab.c.data"
local fields = require "lab.util.fields"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local progress = require "lab.util.progress"
local sets = require "lab.data.sets"

-- `search` is for whoever wants to know where a set is without reading it.
local M = { known = sets.known, search = sets.search }

-- ---- what the words share --------------------------------------------------------------

local most = (1 << 31) - 1   -- of anything that C counts

local given_moments = {
  mean = { kind = "number|table", required = true, takes = "number, or array of numbers", help = "The value that becomes 0." },
  sd = { kind = "number|table", required = true, takes = "number, or array of numbers", help = "The distance from it that becomes 1." },
}

local draw = {
  train       = { kind = "integer", min = 1, max = most, unit = "samples", default_is = "all", help = "How many training samples to take." },
  test        = { kind = "integer", min = 1, max = most, unit = "samples", default_is = "all", help = "How many test samples to take." },
  validate    = { kind = "number", above = 0, max = most, unit = "samples, or share",
    help = "How many training samples to hold out, or which share of them if below 1: drawn evenly over the classes, with a random stream of their own. They form data.validate and are not in data.train." },
  sample      = { kind = "string", choices = { "first", "random", "numpy" }, default = "first",
    help = "Which samples: the first; some drawn without replacement; or those that numpy.random.seed(sample_seed) and a shuffle of the training, then of the test set put first, "
      .. "as published programs do (known sets only)." },
  sample_seed = { kind = "integer", default = 1, help = "The seed of that draw." },
  scale       = { kind = "string", choices = { "bytes", "none" }, default_is = "bytes of images are divided by 255; so are, with a note, those of a table that holds more than 0 and 1",
    help = "For both splits: \"bytes\" divides by 255 whatever type the values have, \"none\" leaves them as they are stored." },
  standardise = { kind = "boolean|string|table", default = false, choices = { "pixels", "channels" }, fields = given_moments, takes = "true, false, \"pixels\", \"channels\" or { mean =, sd = }",
    help = "Whether each feature is brought to mean 0 and standard deviation 1, using those of the training split; \"pixels\": all features by one mean and deviation, as images often are; "
      .. "\"channels\": those of each channel. A table gives them, a number for all values or an array with one for each channel, of bytes divided by 255." },
  change      = { kind = "function", takes = "function(values, i)",
    help = "Preprocessing of the raw values of sample i (bytes from 0 to 255, or floats), once and before standardisation; returns an array of the same length." },
}

local function spec(more)
  local all = {}
  for k, v in pairs(draw) do all[k] = v end
  for k, v in pairs(more) do all[k] = v end
  return all
end

-- The options of a word, checked, with what a table among them holds.
local function check(where, rules, given)
  local o = options.check(where, rules, given)
  if type(o.standardise) == "table" then options.check(where .. ", option 'standardise'", given_moments, o.standardise) end
  return o
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

local function array_of(v) return type(v) == "table" and v or { v } end

-- way: true, "pixels", "channels", or { mean =, sd = }.
local function standardised(where, split, reference, way)
  local ok, err
  if type(way) == "table" then ok, err = attempt(split.standardise_by, split, array_of(way.mean), array_of(way.sd))
  else ok, err = attempt(split.standardise, split, reference, way ~= true and way or nil) end
  if not ok then options.fail(("%s: option 'standardise': %s"):format(where, err)) end
end

local function changed(where, split, f)
  local ok, err = attempt(split.change, split, f)
  if not ok then options.fail(("%s: option 'change': %s"):format(where, err)) end
end

-- The training split without what is held out, and that; the split itself if nothing is.
local function held_out(where, o, train)
  if not o.validate then return train end
  local n = o.validate < 1 and math.max(1, math.floor(o.validate * #train)) or math.tointeger(o.validate)
  if not n then options.fail(("%s: option 'validate' is %g: neither a whole number of samples nor a share below 1"):format(where, o.validate)) end
  if n >= #train then options.fail(("%s: option 'validate': %d of %d training samples are to be held out, and none would be left"):format(where, n, #train)) end
  return c.hold_out(train, n, o.sample_seed or o.seed or 1)
end

local data_set = fields.record("a data set", { "name", "train", "test" }, { "classes", "validate" })

local function finished(name, o, all, test, classes)
  local where = "lab.data." .. name
  local train, validate = held_out(where, o, all)
  local others = { test, validate }
  if o.change then
    changed(where, train, o.change)
    for _, split in ipairs(others) do changed(where, split, o.change) end
  end
  if o.standardise then
    for _, split in ipairs(others) do standardised(where, split, train, o.standardise) end
    standardised(where, train, train, o.standardise)
  end
  return setmetatable({ name = name, train = train, validate = validate, test = test, classes = classes }, data_set)
end

local ABSENT = "The set is not here; the message says where it was looked for and what to do."

-- ---- the words -------------------------------------------------------------------------

-- Declares a data set.
local function word(name, entry)
  entry.returns = "{ name =, train =, validate =, test =, classes = }: splits ('setlab help lab.split'), validate only if it is asked for; and the classes' names, or nil when they are plain numbers"
  entry.gives, entry.example = "split", entry.example or ("local data = lab.data.%s { train = 5000, test = 1000 }"):format(name)
  return manual.word("lab.data." .. name, entry)
end

local known_set = spec { path = { kind = "string", default_is = "searched for", help = "The folder of the files." } }

-- The split knows its classes by name, so that a net is not evaluated on other ones.
local function named(split, set)
  c.name_classes(split, set.classes)
  return split
end

local function idx_word(name)
  local where, set = "lab.data." .. name, sets.of(name)
  word(name, { summary = set.title .. ": images of 28 x 28 grey pixels in ten classes, 60,000 to train and 10,000 to test", options = known_set, raises = ABSENT })
  return function(given)
    local o = check(where, known_set, given)
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

word("cifar10", { summary = "CIFAR-10: images of 32 x 32 pixels in three colours and ten classes, 50,000 to train and 10,000 to test", options = known_set, raises = ABSENT })

function M.cifar10(given)
  local where, set, records = "lab.data.cifar10", sets.of "cifar10", 10000
  local o = check(where, known_set, given)
  local folder = sets.folder(where, "cifar10", o.path)
  local files = {}
  for i = 1, 5 do files[i] = folder .. "/" .. set.files[i] end
  local train = checked(where, c.read_cifar10(files, records, wanted(o, nil, nil, set.sizes)))
  local test = checked(where, c.read_cifar10({ folder .. "/" .. set.files[6] }, records, wanted(o, train, nil, set.sizes)))
  return finished("cifar10", o, named(train, set), named(test, set), set.classes)
end

local array_spec = {}
for _, name in ipairs { "X_train", "y_train", "X_test", "y_test" } do
  array_spec[name] = { kind = "string", default_is = '"' .. name .. '"', help = "The name of this array in the archive." }
end

local npz_spec = word("npz", { summary = "a NumPy archive with X_train, y_train, X_test and y_test, whatever the case of the letters",
  text = "Numbers may have any type, Fortran order and either byte order. Labels are whole numbers from 0, one-hot rows, or text.",
  example = 'local data = lab.data.npz { file = "mine.npz", standardise = true }',
  options = spec {
    file = { kind = "string", required = true, help = "The archive, a file in .npz format." },
    targets = { kind = "boolean", default = false, help = "Whether y_train and y_test hold numbers that are learnt in place of classes (split:set_targets), one or a row for each sample: regression, or several labels." },
    arrays = { kind = "table", fields = array_spec, help = "Other names of the arrays: { X_train = \"images\", y_train = \"targets\" }." },
  },
  raises = "The file is missing or damaged, lacks an array, or its two splits do not fit each other; the message says what does not." })

function M.npz(given)
  local where = "lab.data.npz"
  local o = check(where, npz_spec, given)
  options.check_path(where .. ": option 'file'", o.file)
  local names = options.check(where .. ", option 'arrays'", array_spec, o.arrays)
  local function read(split, like)
    local want = wanted(o, like)
    want.numbers = o.targets
    want.samples, want.labels = names["X_" .. split], names["y_" .. split]
    return checked(where, c.read_npz(o.file, split, want))
  end
  local train = read "train"
  local test = read("test", train)
  return finished("npz", o, train, test, train:class_names())
end

local function files_of(help, required) return { kind = "table", takes = "{ file of X, file of y }", required = required, help = help } end

local npy_spec = word("npy", { summary = "two NumPy files for each split, whose samples may exceed memory: they stay in their file, which is mapped",
  text = "X is of bytes (u1) or floats (f4), in C order, images with their channels first; nothing is converted. y may be what it may be in an archive, and is read. A split is read when it is opened, to see whether its values are sound, for its hash and for what `standardise` needs: once, or a few times. "
    .. "The file must not be written to while the split is there, or the program may end with a bus error: write another file, and rename it. "
    .. "A split of more than 32 MiB is trained on in blocks of that size, in random order: a file that is sorted by class has to be shuffled first. "
    .. "Processes on one machine share the memory.",
  example = 'local data = lab.data.npy { train = { "X_train.npy", "y_train.npy" }, test = { "X_test.npy", "y_test.npy" } }',
  options = {
    train = files_of("The files of the training samples and of their labels.", true),
    test = files_of("The files of the test samples and of their labels.", true),
    validate = files_of "The files of the samples of data.validate and of their labels.",
    count = { kind = "integer", min = 1, max = most, unit = "samples", default_is = "all", help = "How many training samples to take, the first ones." },
    targets = npz_spec.targets, scale = draw.scale, standardise = draw.standardise,
  },
  raises = "A file is missing or damaged, or its values cannot be used where they are; the message says why, and what to do." })

function M.npy(given)
  local where = "lab.data.npy"
  local o = check(where, npy_spec, given)
  local function map(split, like)
    local files = o[split]
    if #files ~= 2 or type(files[1]) ~= "string" or type(files[2]) ~= "string" then
      options.fail(("%s: option '%s' must be two paths, { file of X, file of y }"):format(where, split))
    end
    for _, path in ipairs(files) do options.check_path(("%s: option '%s'"):format(where, split), path) end
    local want = wanted({ train = o.count, sample_seed = 1, scale = o.scale }, like)
    want.numbers = o.targets
    return checked(where, c.map_npy(files[1], files[2], want))
  end
  local train = map "train"
  local test, validate = map("test", train), o.validate and map("validate", train)
  if o.standardise then
    for _, split in ipairs { test, validate or nil } do standardised(where, split, train, o.standardise) end
    standardised(where, train, train, o.standardise)
  end
  return setmetatable({ name = "npy", train = train, validate = validate or nil, test = test, classes = train:class_names() }, data_set)
end

local csv_spec = word("csv", { summary = "two files of separated values, plain or gzip",
  text = "Columns of the test file are matched by their names where both files have them. Labels whose values are whole numbers are ordered as numbers, others as text. "
    .. "A comma that does not separate is a decimal comma.",
  options = {
    train = { kind = "string", required = true, help = "The file of the training samples, one a line." },
    test = { kind = "string", required = true, help = "The file of the test samples, with the same columns." },
    label = { kind = "string|integer", min = 1, max = most, default_is = "the last column", help = "The column of the labels, by its name or its number from 1." },
    targets = { kind = "string|integer|table", takes = "a column's name or its number from 1, or an array of these",
      help = "Columns of numbers that are learnt in place of a class (split:set_targets): regression, or several labels." },
    header = { kind = "boolean", default_is = "true; a first line that looks like a sample is an error", help = "Whether the first line holds the names of the columns." },
    separator = { kind = "string", choices = { "auto", ",", ";", "tab", "|", "blank" }, default = "auto",
      help = "What stands between two fields; \"auto\" takes the one that gives all records the same number of fields, most of them numbers." },
    scale = draw.scale, standardise = draw.standardise, change = draw.change, validate = draw.validate,
  }, example = 'local data = lab.data.csv { train = "train.csv", test = "test.csv", label = "class" }',
  raises = "A file is missing, or a line does not fit; the message names file, line and what was expected." })

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

-- The columns of the targets as an array; nil without any.
local function targets_of(where, o)
  if o.targets == nil then return nil end
  if o.label ~= nil then options.fail(where .. ": give 'label', for classes, or 'targets', for numbers, not both") end
  local list = type(o.targets) == "table" and o.targets or { o.targets }
  if #list == 0 then options.fail(where .. ": option 'targets' is an empty array") end
  for i, column in ipairs(list) do
    if type(column) ~= "string" and not (math.type(column) == "integer" and column >= 1) then
      options.fail(("%s: option 'targets': element %d is neither a column's name nor its number from 1"):format(where, i))
    end
    if type(column) == "string" and o.header == false then
      options.fail(("%s: option 'targets' has the name '%s', but header = false: give the column's number"):format(where, column))
    end
  end
  return list
end

function M.csv(given)
  local where = "lab.data.csv"
  local o = check(where, csv_spec, with_words(given))
  for _, name in ipairs { "train", "test" } do options.check_path(("%s: option '%s'"):format(where, name), o[name]) end
  if type(o.label) == "string" and o.header == false then
    options.fail(("%s: option 'label' is the name '%s', but header = false: give the column's number"):format(where, o.label))
  end
  local how = { header = o.header, label = o.label, targets = targets_of(where, o) }
  if o.separator ~= "auto" then how.separator = separators[o.separator] or o.separator end
  local train = checked(where, c.read_csv(o.train, how, { scale = o.scale }))
  local test = checked(where, c.read_csv(o.test, how, { scale = o.scale, like = train }))
  return finished("csv", o, train, test, train:class_names())
end

local madelon_spec = word("madelon", { summary = "a built-in set that is generated on the spot: 500 features, of which 20 carry information", options = {
  informative = { kind = "integer", default = 5, min = 1, max = 20, unit = "features", help = "Features in which the classes' clusters lie on the vertices of a hypercube; the first columns." },
  redundant = { kind = "integer", default = 15, min = 0, max = most, unit = "features", help = "Linear combinations of the informative features; the next columns." },
  useless = { kind = "integer", default = 480, min = 0, max = most, unit = "features", help = "Features of noise; the last columns." },
  classes = { kind = "integer", default = 2, min = 2, max = most, help = "The number of classes." },
  clusters = { kind = "integer", min = 1, max = most, default_is = "16, or as many as there are vertices", help = "The number of clusters of each class." },
  separation = { kind = "number", default = 2, min = 0, help = "Half the length of the hypercube's edges: how far apart the clusters lie." },
  flip = { kind = "number", default = 0.01, min = 0, max = 1, unit = "share of the samples", help = "How many samples get a label at random." },
  train = { kind = "integer", default = 2000, min = 1, max = most, unit = "samples", help = "How many training samples to make." },
  test = { kind = "integer", default = 600, min = 1, max = most, unit = "samples", help = "How many test samples to make." },
  seed = { kind = "integer", default = 1, help = "The seed of everything that is drawn." },
  standardise = { kind = "boolean|string|table", default = true, choices = draw.standardise.choices, fields = draw.standardise.fields, takes = draw.standardise.takes, help = draw.standardise.help },
  change = draw.change, validate = draw.validate,
}, example = "local data = lab.data.madelon { train = 2000, test = 600, seed = 1 }" })

function M.madelon(given)
  local where = "lab.data.madelon"
  local o = check(where, madelon_spec, given)
  o.clusters = o.clusters or math.max(1, math.min(16, (1 << o.informative) // o.classes))
  local train = checked(where, c.madelon(o, o.train, 1))
  local test = checked(where, c.madelon(o, o.test, 2))
  return finished("madelon", o, train, test)
end

-- ---- the manual ------------------------------------------------------------------------

manual.group("lab.data", { summary = "data sets by name, and from files", fields = { known = "Array of the names that lab.data.search knows." } })

manual.word("lab.data.search", { summary = "where a known set is, without reading it",
  text = "Sets are looked for in the folder SETLAB_DATA, in ./data, where `make data` puts them, and in /usr/share/datasets, where Debian's packages do.",
  arguments = { { "name", "text", "One of lab.data.known." } }, returns = "the folder with all its files, or nil; and an array of the folders that were looked at",
  example = 'if lab.data.search "mnist" then print "MNIST is here" end' })

manual.object("split", {
  summary = "one part of a data set: data.train, data.validate, data.test",
  text = "#split is the number of samples. Bytes stay bytes until a batch is made.",
  methods = {
    shape = { summary = "the size of the split", returns = "three numbers: samples, features, classes." },
    image_shape = { summary = "the size of an image", returns = "three numbers, channels, height and width; nil if the samples are not images." },
    label = { summary = "the class of a sample", arguments = { { "i", "whole number", "The sample, counted from 1." } }, returns = "a number counted from 0." },
    pixels = { summary = "the raw values of a sample", arguments = { { "i", "whole number", "The sample, counted from 1." } }, returns = "an array: bytes from 0 to 255, or floats." },
    class_names = { summary = "the names of the classes", returns = "an array in the order of the classes, or nil when they are plain numbers." },
    feature_names = { summary = "the names of the features", returns = "an array in the order of the features, or nil when they are known by their places." },
    describe = { summary = "how the split was read and what a network sees of it", returns = "text, which tostring(split) shows too." },
    warning = { summary = "what the reader had to guess", returns = "sentences, or nil." },
    view = { summary = "how a network sees the split, to be compared with another", returns = "{ scale =, image =, features =, classes =, standardised = } as text; all but scale may be nil." },
    hash = { summary = "the hash that stands for the content in the keys of runs", returns = "text of 32 hexadecimal digits." },
    standardise = { summary = "bring each feature to mean 0 and standard deviation 1, by those of a reference split",
      text = "The option `standardise` of lab.data's words does it for both splits.", arguments = { { "reference", "split", "The training split; standardise it last." },
        { "way", "\"features\", \"pixels\" or \"channels\"", "Each feature by itself, all by one mean and deviation, or each channel of images; \"features\" without it.", optional = true } } },
    standardise_by = { summary = "standardise by given means and deviations, of bytes divided by 255",
      arguments = { { "means", "array of numbers", "One for all values, or one for each channel." }, { "deviations", "array of numbers", "As many." } } },
    set_targets = { summary = "give each sample numbers to be learnt in place of its class",
      text = "A net with the loss \"mse\" and as many outputs as a sample has targets learns them; with \"binary_cross_entropy\" they say which of several labels are there (1) and which not (0). With a split, the targets are what a net sees of its samples: `data.train:set_targets(data.train)` makes an autoencoder's "
        .. "data; with a split that has been changed since, a denoising one's. The split's hash follows; do it before the training, and for the test split too.",
      arguments = { { "what", "lab.vector of floats, or a split", "The targets of a sample side by side, sample after sample; or a split of as many samples." } },
      raises = "A number that is not finite, a target that is the same for all samples (but several labels, all 0 or 1, may be), or another number of samples." },
    targets = { summary = "how many numbers a sample is to give, or those of one sample", arguments = { { "i", "whole number", "The sample, counted from 1.", optional = true } },
      returns = "a whole number, or an array; nil if samples have classes." },
    noisy = { summary = "the same samples with noise: what a denoising autoencoder is shown", text = "Values are those that a net sees, as floats; labels and targets are the same. With `noisy:set_targets(split)` the targets are the samples without noise.",
      arguments = { { "sd", "number", "The standard deviation of the normal noise that each value gets, once." }, { "seed", "whole number", "The seed of the noise; 1 without it.", optional = true } },
      returns = "a split of its own, which is standardised no further." },
    target_spread = { summary = "how far targets lie from their mean", returns = "the mean over the samples of the squared distance, summed over the targets of a sample: R^2 compares errors with it." },
    compare_labels = { summary = "compare outputs with several labels for each sample",
      text = "A label counts as there from 1/2 on, in an output as in a target.", arguments = { { "outputs", "lab.vector of floats", "What net:predict(split) returns." } },
      returns = "{ accuracy = share of labels that are right, exact = share of samples whose labels are all right, precision = share of right ones among the labels that the outputs say, "
        .. "recall = share of the labels that are there and said, f1 = harmonic mean of these two }, the last three over all labels together, and nil where there is none." },
    change = { summary = "replace the raw values of every sample by what a function returns, as the option `change` does",
      arguments = { { "f", "function(values, i)", "Given the values of sample i; returns an array of as many." } } },
    close = { summary = "free the split's memory; Lua's collector does it too" },
  },
})

-- A misspelt set is named at the script's line.
return setmetatable(M, { __index = function(_, name)
  options.fail(("lab.data has no word '%s'%s"):format(tostring(name), options.suggestion(name, options.sorted_keys(M))))
end })
