local program = (os.getenv "B" or "build") .. "/setlab"
local t = dofile "tests/harness.lua"
local lab = require "lab"
local c = require "lab.c.data"

local here = "^tests/lab/data/test_data.lua:%d+: "   -- errors must blame this script's line
local dir = t.tmpdir()

local function number(n, bytes) return ((">I" .. bytes):pack(n)) end

-- An IDX pair: n images of 2 x 3, pixel = sample, label = sample mod 3.
local function write_idx(prefix, n)
  local pixels, labels = {}, {}
  for i = 1, n do
    pixels[i] = string.char(i):rep(6)
    labels[i] = string.char(i % 3)
  end
  t.write(prefix .. "-images-idx3-ubyte", number(0x803, 4) .. number(n, 4) .. number(2, 4) .. number(3, 4) .. table.concat(pixels))
  t.write(prefix .. "-labels-idx1-ubyte", number(0x801, 4) .. number(n, 4) .. table.concat(labels))
end

-- ---- views -------------------------------------------------------------------------------

t.test("a set gives two views", function()
  write_idx(dir .. "/train", 9)
  write_idx(dir .. "/t10k", 4)
  local data = lab.data.mnist { path = dir, train = 5 }
  t.equal(data.name, "mnist")
  t.equal(#data.classes, 10)
  t.equal({ #data.train, #data.test }, { 5, 4 })
  t.equal({ data.train:shape() }, { 5, 6, 10 })
  t.equal({ data.train:image_shape() }, { 1, 2, 3 })
  t.equal({ data.train:label(1), data.train:label(5) }, { 1, 2 })
  t.equal(data.train:pixels(3), { 3, 3, 3, 3, 3, 3 })
  t.equal(tostring(data.train), "data (5 samples of 6 features, 10 classes; divided by 255)")
  t.equal(data.train:class_names(), data.classes)
  t.truthy(data.train:hash():find "^%x+$" and #data.train:hash() == 32)
  t.equal(data.train:hash(), lab.data.mnist { path = dir, train = 5, test = 2 }.train:hash())
  t.truthy(data.train:hash() ~= data.test:hash())
end)

t.test("NumPy's draw needs the set's true size", function()
  t.raises(here .. ".-has 9 samples, the draw is from 60000", function()
    local _ = lab.data.mnist { path = dir, train = 5, sample = "numpy", sample_seed = 0 }
  end)
  t.raises(here .. ".-has 9 samples, 60000 were asked for", function() local _ = lab.data.mnist { path = dir, sample = "numpy" } end)
  t.raises(here .. ".-option 'sample_seed' is %-1: NumPy's seeds are 0 to 4294967295", function()
    local _ = lab.data.mnist { path = dir, train = 5, sample = "numpy", sample_seed = -1 }
  end)
  -- All samples are drawn too, in the same order as some of them.
  local images, labels = dir .. "/train-images-idx3-ubyte", dir .. "/train-labels-idx1-ubyte"
  local numpy = { before = 0, n = 9 }
  local all, some = c.read_idx(images, labels, { numpy = numpy, seed = 7 }), c.read_idx(images, labels, { numpy = numpy, seed = 7, count = 6 })
  local firsts, in_order = {}, true
  for i = 1, 9 do
    firsts[i] = all:pixels(i)[1]
    in_order = in_order and firsts[i] == i
    if i <= 6 then t.equal(some:pixels(i), all:pixels(i)) end
  end
  t.truthy(not in_order, "the file's order")
  table.sort(firsts)
  t.equal(firsts, { 1, 2, 3, 4, 5, 6, 7, 8, 9 })
  t.raises(here .. ".-named sets", function() local _ = lab.data.npz { file = dir .. "/none.npz", sample = "numpy" } end)
end)

-- Sample numbers of a split, which the pixels tell.
local function numbers(split)
  local list = {}
  for i = 1, #split do list[i] = split:pixels(i)[1] end
  return list
end

t.test("training samples are held out, evenly over the classes", function()
  local data = lab.data.mnist { path = dir, validate = 3, standardise = true }
  t.equal({ #data.train, #data.validate, #data.test }, { 6, 3, 4 })
  local labels, all = {}, {}
  for i = 1, 3 do labels[i] = data.validate:label(i) end
  table.sort(labels)
  t.equal(labels, { 0, 1, 2 })
  for _, split in ipairs { data.train, data.validate } do table.move(numbers(split), 1, #split, #all + 1, all) end
  table.sort(all)
  t.equal(all, { 1, 2, 3, 4, 5, 6, 7, 8, 9 })
  t.equal(data.validate:class_names(), data.classes)
  t.equal(data.validate:view(), data.train:view())   -- standardised by what is left to train on
  t.truthy(data.train:view().standardised ~= lab.data.mnist { path = dir, standardise = true }.train:view().standardised)
  t.equal(numbers(lab.data.mnist { path = dir, validate = 0.34 }.validate), numbers(data.validate))
  t.truthy(not rawget(lab.data.mnist { path = dir }, "validate"))
  t.equal(lab.data.mnist { path = dir }.validate, nil)
  local other = lab.data.mnist { path = dir, validate = 3, sample_seed = 2 }.validate
  t.truthy(table.concat(numbers(other), " ") ~= table.concat(numbers(data.validate), " "))
end)

t.test("what cannot be held out", function()
  t.raises(here .. "lab.data.mnist: option 'validate': 9 of 9 training samples are to be held out, and none would be left", function()
    local _ = lab.data.mnist { path = dir, validate = 9 }
  end)
  t.raises(here .. ".-option 'validate' is 2.5: neither a whole number of samples nor a share below 1", function()
    local _ = lab.data.mnist { path = dir, validate = 2.5 }
  end)
  t.raises(here .. ".-option 'validate' is 0, must be above 0", function() local _ = lab.data.madelon { train = 50, test = 5, validate = 0 } end)
  t.equal(#lab.data.madelon { train = 50, test = 5, validate = .1 }.validate, 5)
end)

t.test("samples outside are refused", function()
  local view = lab.data.mnist { path = dir }.train
  t.raises("no sample 0, there are 1 to 9", view.label, view, 0)
  t.raises("no sample 10, there are 1 to 9", view.pixels, view, 10)
  t.raises("number expected", view.label, view, "x")
  t.raises("lab.data expected", view.label, io.stdout, 1)
end)

t.test("a closed view says so", function()
  local view = lab.data.mnist { path = dir }.train
  view:close()
  view:close()
  t.raises("data is closed", view.shape, view)
  t.raises("data is closed", function() return #view end)
  t.raises("data is closed", c.read_idx, dir .. "/t10k-images-idx3-ubyte", dir .. "/t10k-labels-idx1-ubyte", { like = view })
  t.equal(tostring(view), "data (closed)")
  local kept
  do
    local other <close> = lab.data.mnist { path = dir }.train
    kept = other
  end
  t.raises("data is closed", kept.hash, kept)
end)

t.test("samples are drawn without replacement, the same ones for a seed", function()
  local function draw(seed)
    local view = lab.data.mnist { path = dir, train = 4, sample = "random", sample_seed = seed }.train
    local drawn = {}
    for i = 1, #view do
      drawn[i] = view:pixels(i)[1]
      t.equal(view:label(i), drawn[i] % 3)
      t.truthy(i == 1 or drawn[i] > drawn[i - 1], "not in the file's order")
    end
    return table.concat(drawn, " ")
  end
  local different = {}
  for seed = 1, 20 do
    t.equal(draw(seed), draw(seed))
    different[draw(seed)] = true
  end
  t.truthy(next(different, next(different)), "every seed draws the same")
end)

t.test("given means and deviations, and channels", function()
  local function hash(way) return lab.data.mnist { path = dir, standardise = way }.train:hash() end
  t.equal(hash "channels", hash "pixels")   -- one channel
  t.equal(hash { mean = 0.5, sd = 0.25 }, hash { mean = { 0.5 }, sd = { 0.25 } })
  t.truthy(hash { mean = 0.5, sd = 0.25 } ~= hash { mean = 0.5, sd = 0.5 })
  -- pixels are 1 to 9 of 255: mean 5, deviation sqrt(60 / 9); test and training split alike
  local given = lab.data.mnist { path = dir, standardise = { mean = 5 / 255, sd = (60 / 9) ^ 0.5 / 255 } }
  t.equal(given.train:view(), given.test:view())
  local function fails(pattern, way) t.raises(here .. "lab.data.mnist" .. pattern, function() local _ = lab.data.mnist { path = dir, standardise = way } end) end
  fails(": option 'standardise' has no choice 'pixel' %(did you mean 'pixels'%?%)", "pixel")
  fails(", option 'standardise': option 'sd' is missing", { mean = 1 })
  fails(": option 'standardise': mean 1.0, deviation 0.0: both must be finite, and the deviation above 0", { mean = 1, sd = 0 })
  fails(": option 'standardise': 2 means: give one for all values$", { mean = { 1, 2 }, sd = { 1, 2 } })
  fails(": option 'standardise': 0 means", { mean = {}, sd = {} })
  fails(": option 'standardise': mean 0.0, deviation 1e%-200: both must be finite, and the deviation above 0", { mean = 0, sd = 1e-200 })
  fails(": option 'standardise': 1 means and 2 deviations", { mean = 1, sd = { 1, 2 } })
  fails(": option 'standardise': element 2 of an array is not a number", { mean = { 1, "a" }, sd = { 1, 2 } })
  t.raises("\"channels\" is for images, and these samples are not images", function() lab.data.madelon { train = 5, test = 5, standardise = "channels" } end)
end)

t.test("standardise makes mean 0 and deviation 1 over the training split", function()
  local plain, ready = lab.data.mnist { path = dir }, lab.data.mnist { path = dir, standardise = true }
  t.truthy(plain.train:hash() ~= ready.train:hash())
  t.equal(plain.test:standardise(plain.train), nil)
  t.equal(plain.test:hash(), ready.test:hash())
  local other = lab.data.madelon { train = 3, test = 3 }.train
  t.raises("different features", plain.train.standardise, plain.train, other)
  -- A deviation whose inverse is no float: the feature is only shifted.
  local tiny = t.write(dir .. "/tiny.csv", "a,b,y\n0,1,u\n1e-40,2,v\n")
  local far = t.write(dir .. "/far.csv", "a,b,y\n0,1,u\n1e30,2,v\n")
  local small = t.write(dir .. "/small.csv", "a,b,y\n0,1,u\n1e-30,2,v\n")
  lab.data.csv { train = tiny, test = tiny, standardise = true }
  t.raises(here .. "lab.data.csv: option 'standardise': feature 1 cannot be standardised: it has values so many standard deviations from the mean",
    function() lab.data.csv { train = small, test = far, standardise = true } end)
end)

t.test("a function changes the raw values of every sample, once", function()
  local asked = {}
  local function invert(values, i)
    asked[#asked + 1] = i
    for j, v in ipairs(values) do values[j] = 254.6 - v end -- rounded
    return values
  end
  local plain, other = lab.data.mnist { path = dir }, lab.data.mnist { path = dir, change = invert }
  t.equal(#asked, #plain.train + #plain.test)
  t.equal({ asked[1], asked[#plain.train], asked[#plain.train + 1] }, { 1, #plain.train, 1 })
  for j, v in ipairs(other.test:pixels(2)) do t.equal(v, 255 - plain.test:pixels(2)[j]) end
  t.equal(other.test:label(2), plain.test:label(2))
  t.truthy(other.train:hash() ~= plain.train:hash())
  t.equal(lab.data.mnist { path = dir, change = function(values) return values end }.train:hash(), plain.train:hash())
  -- Means and deviations are those of what came out.
  local ready = lab.data.mnist { path = dir, change = invert, standardise = true }
  other.train:standardise(other.train)
  t.equal(ready.train:hash(), other.train:hash())
  t.raises("it is standardised already", ready.train.change, ready.train, invert)
  -- Numbers that are no bytes stay as they are.
  local numbers = lab.data.madelon { train = 5, test = 2, standardise = false, change = function(values) values[2] = 0.125 return values end }
  t.equal(numbers.train:pixels(5)[2], 0.125)
  t.near(numbers.train:pixels(5)[3], lab.data.madelon { train = 5, test = 2, standardise = false }.train:pixels(5)[3], 1e-12)
end)

t.test("what such a function must return", function()
  local function told(what, f) t.raises(here .. "lab.data.mnist: option 'change': " .. what, function() lab.data.mnist { path = dir, change = f } end) end
  told("the function returned nil for sample 1, not an array", function() end)
  told("value 2 of sample 3 became 256: it must be a number from 0 to 255", function(v, i) if i == 3 then v[2] = 256 end return v end)
  told("value 6 of sample 1 became nil", function(v) v[6] = nil return v end)
  told("tests/lab/data/test_data.lua:%d+: broken", function() error "broken" end)
  t.raises("option 'change': value 1 of sample 2 became %-?nan: it must be a finite number", function()
    lab.data.madelon { train = 5, test = 2, change = function(v, i) if i == 2 then v[1] = 0 / 0 end return v end }
  end)
  -- The hash is that of what is there, also after a failure.
  local plain, half = lab.data.mnist { path = dir }.train, lab.data.mnist { path = dir }.train
  pcall(half.change, half, function(v, i) if i == 2 then error "broken" end v[1] = 77 return v end)
  t.truthy(half:hash() ~= plain:hash())
  t.equal(half:pixels(2), plain:pixels(2))
end)

t.test("a net that knows one set's classes is not evaluated on another's", function()
  local mnist, fashion = lab.data.mnist { path = dir }, lab.data.fashion_mnist { path = dir }   -- the same files
  t.equal(mnist.test:hash(), fashion.test:hash())
  local net <close> = lab.mlp { 6, 4, 10, wiring = lab.dense {}, seed = 1 }
  for _ in net:epochs(mnist.train, { epochs = 1, batch = 3, lr = 0.01 }) do end
  net:accuracy(mnist.test)
  t.raises(here .. "net:accuracy: this split is not like the one that the net was trained on: its classes have other names",
    function() net:accuracy(fashion.test) end)
end)

-- ---- words and their errors ----------------------------------------------------------------

t.test("misspelt words, options and choices name the nearest", function()
  t.raises(here .. "lab.data has no word 'fashon_mnist' %(did you mean 'fashion_mnist'%?%)", function() return lab.data.fashon_mnist end)
  t.raises(here .. "lab.data.mnist: unknown option 'trian' %(did you mean 'train'%?%)", function() lab.data.mnist { trian = 5 } end)
  t.raises(here .. "lab.data.mnist: option 'sample' has no choice 'randm'", function() lab.data.mnist { sample = "randm" } end)
  t.raises(here .. "lab.data.mnist: option 'train' is 0, must be at least 1", function() lab.data.mnist { train = 0 } end)
  t.raises(here .. "lab.data.mnist: option 'train' must be integer, not 2.5", function() lab.data.mnist { train = 2.5 } end)
  t.raises(here .. "lab.data knows no set 'minst' %(did you mean 'mnist'%?%)", function() lab.data.search "minst" end)
end)

t.test("errors name the very line", function()
  local line = debug.getinfo(1, "l").currentline + 1
  local _, err = pcall(function() lab.data.npz { file = dir .. "/none.npz" } end)
  t.equal(err, ("tests/lab/data/test_data.lua:%d: lab.data.npz: %s/none.npz: cannot be opened: No such file or directory"):format(line, dir))
end)

t.test("a set that is not here says where it was looked for", function()
  local path, places = lab.data.search "cifar10"
  t.truthy(#places >= 2)
  t.truthy(places[#places]:find "cifar%-10%-batches%-bin$")
  t.raises(here .. "lab.data.cifar10: no file 'data_batch_1.bin' in '" .. dir:gsub("%-", "%%-"), function() lab.data.cifar10 { path = dir } end)
  if path then return end  -- it is in ./data or of the system: test_weave.lua looks at the rest from elsewhere
  t.raises(here .. "lab.data.cifar10: CIFAR%-10 is not here; looked for .*data/cifar%-10%-batches%-bin.*Run `make data`", function() lab.data.cifar10 {} end)
end)

t.test("a damaged file is named with its place", function()
  local broken = t.tmpdir()
  write_idx(broken .. "/train", 3)
  write_idx(broken .. "/t10k", 3)
  local file = broken .. "/t10k-images-idx3-ubyte"
  t.write(file, t.read(file):sub(1, -2))
  t.raises(here .. "lab.data.mnist: .*t10k%-images%-idx3%-ubyte: has 33 bytes, expected 34 by its header", function() lab.data.mnist { path = broken } end)
  t.raises(here .. "lab.data.mnist: .*train%-images%-idx3%-ubyte: has 3 samples, 4 were asked for", function() lab.data.mnist { path = broken, train = 4 } end)
end)

-- ---- CSV -------------------------------------------------------------------------------------

local train_csv = t.write(dir .. "/train.csv", "x,kind,y\n1,cat,2\n3,ant,4\n5,cat,6\n")
local test_csv = t.write(dir .. "/test.csv", "x,kind,y\n7,ant,8\n")

t.test("csv: label by name or number", function()
  local data = lab.data.csv { train = train_csv, test = test_csv, label = "kind" }
  t.equal({ data.train:shape() }, { 3, 2, 2 })
  t.equal(data.train:image_shape(), nil)
  t.equal(data.classes, { "ant", "cat" })
  t.equal({ data.train:label(1), data.test:label(1) }, { 1, 0 })
  t.equal(data.test:pixels(1), { 7.0, 8.0 })
  t.equal(lab.data.csv { train = train_csv, test = test_csv, label = 2 }.train:hash(), data.train:hash())
end)

t.test("csv: errors have line and column", function()
  t.raises(here .. "lab.data.csv: .*train.csv:2:3: 'cat' is not a finite number", function() lab.data.csv { train = train_csv, test = test_csv } end)
  t.raises(here .. "lab.data.csv: .*train.csv:1:1: no column is named 'kid'", function() lab.data.csv { train = train_csv, test = test_csv, label = "kid" } end)
  t.raises(here .. "lab.data.csv: option 'label' is the name 'kind', but header = false",
    function() lab.data.csv { train = train_csv, test = test_csv, label = "kind", header = false } end)
  t.raises(here .. "lab.data.csv: option 'test' is missing", function() lab.data.csv { train = train_csv } end)
  t.raises(here .. "lab.data.csv: option 'label' is 0, must be at least 1", function() lab.data.csv { train = train_csv, test = test_csv, label = 0 } end)
end)

-- ---- NPZ -------------------------------------------------------------------------------------

local npz_file = dofile "tests/fixtures/npz_file.lua" (t)
local write_zip, npy = npz_file.write, npz_file.array

t.test("npz: four arrays", function()
  local path = write_zip(dir .. "/a.npz", {
    { "X_train.npy", npy("|u1", "3, 2, 2", "abcdefghijkl") }, { "y_train.npy", npy("<i8", "3,", ("<i8i8i8"):pack(0, 2, 1)) },
    { "X_test.npy", npy("|u1", "1, 2, 2", "ABCD") }, { "y_test.npy", npy("<i8", "1,", ("<i8"):pack(2)) },
  })
  local data = lab.data.npz { file = path }
  t.equal({ data.train:shape() }, { 3, 4, 3 })
  t.equal({ data.train:image_shape() }, { 1, 2, 2 })
  t.equal(data.test:pixels(1), { 65, 66, 67, 68 })
  t.equal({ data.train:label(2), data.test:label(1) }, { 2, 2 })
  t.equal(#lab.data.npz { file = path, train = 2 }.train, 2)
  t.raises(here .. "lab.data.npz: .*a.npz: has 3 samples, 4 were asked for", function() lab.data.npz { file = path, train = 4 } end)
end)

-- ---- CIFAR-10 --------------------------------------------------------------------------------

t.test("cifar10: published layout", function()
  local folder = t.tmpdir()
  for _, name in ipairs { "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch" } do
    local file <close> = assert(io.open(folder .. "/" .. name .. ".bin", "wb"))
    file:write("\7", ("R"):rep(1024), ("G"):rep(1024), ("B"):rep(1024))
    file:seek("set", 10000 * 3073 - 1)   -- the rest is a hole of zero bytes
    file:write "\0"
  end
  local data = lab.data.cifar10 { path = folder, train = 2, test = 1 }
  t.equal({ data.train:shape() }, { 2, 3072, 10 })
  t.equal({ data.train:image_shape() }, { 3, 32, 32 })
  t.equal(data.classes[data.train:label(1) + 1], "horse")
  local pixels = data.train:pixels(1)
  t.equal({ pixels[1], pixels[1025], pixels[3072] }, { 82, 71, 66 })
  t.write(folder .. "/data_batch_3.bin", "short")
  t.raises(here .. "lab.data.cifar10: .*data_batch_3.bin: has 5 bytes, expected 30730000", function() lab.data.cifar10 { path = folder, train = 2 } end)
end)

-- ---- Madelon ---------------------------------------------------------------------------------

t.test("madelon needs no file", function()
  local data = lab.data.madelon {}
  t.equal({ data.train:shape() }, { 2000, 500, 2 })
  t.equal({ data.test:shape() }, { 600, 500, 2 })
  t.equal(data.train:hash(), lab.data.madelon {}.train:hash())
  t.truthy(data.train:hash() ~= lab.data.madelon { seed = 2 }.train:hash())
  t.equal({ lab.data.madelon { informative = 2, redundant = 0, useless = 1, classes = 3, train = 9, test = 3 }.train:shape() }, { 9, 3, 3 })
end)

-- Nearest neighbours in the informative features know the class; in the useless ones they do not.
t.test("madelon: informative features inform", function()
  local data = lab.data.madelon { informative = 3, redundant = 0, useless = 3, train = 300, test = 200, flip = 0, clusters = 4, separation = 4 }
  local function accuracy(first)
    local right, train = 0, {}
    for i = 1, #data.train do train[i] = data.train:pixels(i) end
    for i = 1, #data.test do
      local x, best, label = data.test:pixels(i), math.huge, nil
      for k, y in ipairs(train) do
        local d = 0
        for j = first, first + 2 do d = d + (x[j] - y[j]) ^ 2 end
        if d < best then best, label = d, data.train:label(k) end
      end
      if label == data.test:label(i) then right = right + 1 end
    end
    return right / #data.test
  end
  t.truthy(accuracy(1) > 0.95, "informative: " .. accuracy(1))
  t.truthy(accuracy(4) < 0.65, "useless: " .. accuracy(4))
end)

t.test("madelon refuses what makes no set", function()
  t.raises(here .. "lab.data.madelon: madelon: classes times clusters must be at most 2%^informative", function() lab.data.madelon { informative = 2, clusters = 3 } end)
  t.raises(here .. "lab.data.madelon: option 'informative' is 0", function() lab.data.madelon { informative = 0 } end)
  t.raises(here .. "lab.data.madelon: option 'separation' is not a number", function() lab.data.madelon { separation = 0 / 0 } end)
  t.raises("option 'train' is 3000000000", function() lab.data.madelon { train = 3000000000 } end)
end)

-- ---- real data -------------------------------------------------------------------------------

t.test("Fashion-MNIST as Debian has it", function()
  if not lab.data.search "fashion_mnist" then t.skip "Fashion-MNIST is not on this machine" end
  local data = lab.data.fashion_mnist { train = 5000, test = 1000 }
  t.equal({ data.train:shape() }, { 5000, 784, 10 })
  t.equal({ data.test:shape() }, { 1000, 784, 10 })
  local first = {}
  for i = 1, 10 do first[i] = data.train:label(i) end
  t.equal(first, { 9, 0, 0, 3, 0, 2, 7, 2, 5, 5 })
  t.equal(data.classes[data.test:label(1) + 1], "Ankle boot")
  local sum = 0
  for _, v in ipairs(data.train:pixels(1)) do sum = sum + v end
  t.equal(sum, 76247)
end)

t.test("MNIST's format, on made-up digits", function()
  local path = t.tmpdir()
  t.truthy(os.execute(("%s test-file tests/fixtures/make_digits.lua '%s'"):format(program, path)))
  local data = lab.data.mnist { path = path }
  t.equal({ data.train:shape() }, { 300, 784, 10 })
  t.equal({ data.test:shape() }, { 100, 784, 10 })
  local first, counts = {}, {}
  for i = 1, 12 do first[i] = data.train:label(i) end
  t.equal(first, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2 })
  for i = 1, #data.test do counts[data.test:label(i) + 1] = (counts[data.test:label(i) + 1] or 0) + 1 end
  t.equal(counts, { 10, 10, 10, 10, 10, 10, 10, 10, 10, 10 })
  local pixels = data.train:pixels(1)  -- the bar of class 1: row 6, columns 6 to 21
  t.equal({ pixels[6 * 28 + 6], pixels[6 * 28 + 7], pixels[6 * 28 + 22], pixels[6 * 28 + 23] }, { 0, 100 + (7 + 174) % 150, 100 + (7 + 189) % 150, 0 })
end)

t.done()
