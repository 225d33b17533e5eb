-- What lab.data makes of the files that people have, and how two splits are held against each other:
-- by the reader, and by a net that was trained on one and is evaluated on the other.

local t = dofile "tests/harness.lua"
local lab, progress = require "lab", require "lab.util.progress"
progress.mode = "none"

local here = "^tests/lab/data/test_readers.lua:%d+: "   -- errors must blame this script's line
local dir = t.tmpdir()
local notes = {}
progress.note = function(text) if not text:find "^lab%.mlp" then notes[#notes + 1] = text end end

local function file(name, text) return t.write(dir .. "/" .. name, text) end
local function notes_of(f)
  notes = {}
  f()
  return table.concat(notes, "\n")
end

-- ---- csv ---------------------------------------------------------------------------------

t.test("csv: separators, detected or given, and said", function()
  local plain = file("plain.csv", "a,b,y\n1.5,2.5,u\n3.5,4.5,v\n")
  local want = lab.data.csv { train = plain, test = plain }
  t.equal(tostring(want.train), "data (2 samples of 2 features, 2 classes; separated by ',')")
  t.equal(want.train:feature_names(), { "a", "b" })
  for name, text in pairs {
    [";"] = "a;b;y\n1,5;2,5;u\n3,5;4,5;v\n", tab = "a\tb\ty\n1.5\t2.5\tu\n3.5\t4.5\tv\n", ["\t"] = "a\tb\ty\r1.5\t2.5\tu\r3.5\t4.5\tv",
    blank = "a b y\r\n1.5  2.5 u\r\n3.5 4.5 v\r\n", [" "] = " a b y\n1,5 2,5 u \n3,5 4,5 v\n", ["|"] = "\xef\xbb\xbfa|b|y\n1.5|2.5|u\n3.5|4.5|v\n",
  } do
    local path = file("dialect.csv", text)
    for _, separator in ipairs { "auto", name } do
      t.equal(lab.data.csv { train = path, test = path, separator = separator }.train:hash(), want.train:hash())
    end
  end
  local semicolons = file("dialect.csv", "a;b;y\n1,5;2,5;u\n3,5;4,5;v\n")
  t.equal(lab.data.csv { train = semicolons, test = plain }.train:describe(), "2 samples of 2 features, 2 classes; separated by ';', decimal commas")
  t.raises(here .. "lab.data.csv: .*dialect.csv:1:1: one column, expected features and a label; the line has 2 of ';' and none of ','",
    function() lab.data.csv { train = semicolons, test = semicolons, separator = "," } end)
  t.raises(here .. "lab.data.csv: option 'separator' has no choice ':'", function() lab.data.csv { train = semicolons, test = semicolons, separator = ":" } end)
end)

t.test("csv: a header that looks like a sample, and the three ways to say what it is", function()
  local path = file("nohead.csv", "1,2,0\n3,4,1\n1,2,0\n")
  t.raises(here .. "lab.data.csv: .*nohead.csv:1:1: the first record would be the header, but looks like a sample: say header = false",
    function() lab.data.csv { train = path, test = path } end)
  t.equal(#lab.data.csv { train = path, test = path, header = false }.train, 3)
  t.equal(lab.data.csv { train = path, test = path, header = true }.train:feature_names(), { "1", "2" })
end)

t.test("csv: the test file's columns may stand in another order, and must be the same", function()
  local train = file("train.csv", "height,weight,kind\n1,100,a\n2,200,b\n")
  local data = lab.data.csv { train = train, test = file("test.csv", "weight,kind,height\n100,a,1\n200,b,2\n") }
  t.equal(data.test:pixels(2), { 2.0, 200.0 })
  t.equal(data.test:hash(), data.train:hash())
  t.raises(here .. "lab.data.csv: .*test.csv:1:1: feature 1 of the training split, 'height', is missing; column 1 here is 'weight'",
    function() lab.data.csv { train = train, test = file("test.csv", "weight,size,kind\n100,1,a\n") } end)
end)

t.test("csv: an index is noted", function()
  local lines = { ",x,y" }
  for i = 1, 12 do lines[#lines + 1] = ("%d,%d,%d"):format(i - 1, i % 5, i % 2) end
  local path = file("index.csv", table.concat(lines, "\n"))
  t.equal(notes_of(function() lab.data.csv { train = path, test = path } end),
    "lab.data.csv: feature 1 ('column 1') counts the records: is it an index? A net sees it like any other.")
end)

-- ---- npz ---------------------------------------------------------------------------------

local function crc32(s)
  local crc = 0xffffffff
  for i = 1, #s do
    crc = crc ~ s:byte(i)
    for _ = 1, 8 do crc = (crc >> 1) ~ (0xedb88320 & -(crc & 1)) end
  end
  return crc ~ 0xffffffff
end

-- An archive of stored arrays: { name = { descr, shape, bytes }, ... }.
local function npz(name, arrays)
  local body, directory, at, n = {}, {}, 0, 0
  for entry, a in pairs(arrays) do
    local header = ("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"):format(a[1], a[2])
    header = header .. (" "):rep(-(11 + #header) % 64) .. "\n"
    local bytes = "\x93NUMPY\1\0" .. ("<I2"):pack(#header) .. header .. a[3]
    local facts = ("<I2I2I2I2I2I4I4I4I2I2"):pack(20, 0, 0, 0, 0x21, crc32(bytes), #bytes, #bytes, #entry + 4, 0)
    body[#body + 1] = "PK\3\4" .. facts .. entry .. ".npy" .. bytes
    directory[#directory + 1] = "PK\1\2" .. ("<I2"):pack(20) .. facts .. ("<I2I2I2I4I4"):pack(0, 0, 0, 0, at) .. entry .. ".npy"
    at, n = at + #body[#body], n + 1
  end
  local list = table.concat(directory)
  return file(name, table.concat(body) .. list .. "PK\5\6" .. ("<I2I2I2I2I4I4I2"):pack(0, 0, n, n, #list, at, 0))
end

local labels = { "|u1", "2,", "\0\1" }

t.test("npz: names in another case, names that are given, text labels", function()
  local keras = npz("keras.npz", { x_train = { "<f4", "2, 1", ("<ff"):pack(1, 2) }, Y_train = { "|S3", "2,", "dogcat" },
    x_test = { "<f4", "2, 1", ("<ff"):pack(1, 2) }, y_TEST = { "|S3", "2,", "catdog" } })
  local data = lab.data.npz { file = keras }
  t.equal(data.classes, { "cat", "dog" })
  t.equal({ data.train:label(1), data.test:label(1) }, { 1, 0 })
  t.equal(tostring(data.test), "data (2 samples of 1 features, 2 classes; x_test f4 (2, 1))")
  local other = npz("other.npz", { images = { "<f4", "2, 1", ("<ff"):pack(1, 2) }, kinds = labels, more = { "<f4", "2, 1", ("<ff"):pack(3, 4) }, y_test = labels })
  data = lab.data.npz { file = other, arrays = { X_train = "images", y_train = "kinds", X_test = "more" } }
  t.equal(data.test:pixels(1), { 3.0 })
  t.raises(here .. "lab.data.npz: .*other.npz: has no array X_train; it holds .*Other names can be given: arrays = { X_train = ... }",
    function() lab.data.npz { file = other } end)
  t.raises(here .. "lab.data.npz, option 'arrays': unknown option 'x_train' %(did you mean 'X_train'%?%)",
    function() lab.data.npz { file = other, arrays = { x_train = "images" } } end)
end)

t.test("npz: bytes are pictures, or are not, and both splits are scaled alike", function()
  local function pair(train, test) return npz("pair.npz", { X_train = train, y_train = labels, X_test = test, y_test = labels }) end
  local bits, bytes, floats = { "|u1", "2, 2", "\0\1\1\0" }, { "|u1", "2, 2", "abcd" }, { "<f4", "2, 2", ("<ffff"):pack(97, 98, 99, 100) }
  t.equal(notes_of(function()
    t.equal(lab.data.npz { file = pair(bits, bits) }.train:describe(), "2 samples of 2 features, 2 classes; X_train u1 (2, 2)")
  end), "")
  t.equal(notes_of(function() t.truthy(lab.data.npz { file = pair(bytes, bytes) }.train:describe():find "; divided by 255$") end),
    'lab.data.npz: X_train u1 (2, 2): a table of bytes above 1 is taken for pictures and divided by 255: say scale = "bytes" if that is right, scale = "none" if not.')
  t.equal(notes_of(function()
    local data = lab.data.npz { file = pair(bytes, floats), scale = "bytes" }
    t.equal({ data.train:view().scale, data.test:view().scale }, { "divided by 255", "divided by 255" })
    t.equal(lab.data.npz { file = pair(bytes, floats), scale = "none" }.train:view().scale, "as stored")
  end), "")
  t.raises(here .. "lab.data.npz: .*pair.npz: has X_test f4 %(2, 2%), the training split X_train u1 %(2, 2%): bytes are divided by 255",
    function() lab.data.npz { file = pair(bytes, floats) } end)
  t.raises("option 'scale' has no choice 'byte' %(did you mean 'bytes'%?%)", function() lab.data.npz { file = pair(bytes, floats), scale = "byte" } end)
end)

-- ---- a split that is not like the one a net was trained on -----------------------------------

local function train(net, split) for _ in net:epochs(split, { epochs = 1, batch = 5, lr = 0.01 }) do end return net end
local function small(n_in, n_out) return lab.mlp { n_in, 4, n_out, wiring = lab.dense {}, seed = 1 } end

t.test("a net refuses a split that is standardised otherwise", function()
  local plain = lab.data.madelon { train = 30, test = 10, standardise = false }
  local ready = lab.data.madelon { train = 30, test = 10 }
  local other = lab.data.madelon { train = 30, test = 10, seed = 2 }
  local net <close> = small(500, 2)
  net:accuracy(plain.test)   -- it has seen nothing yet
  train(net, ready.train)
  net:accuracy(ready.test)
  local function where(word) return here .. "net:" .. word .. ": this split is not like the one that the net was trained on: " end
  t.raises(where "accuracy" .. "it is not standardised", function() net:accuracy(plain.test) end)
  t.raises(where "evaluate" .. "it is not standardised", function() net:evaluate(plain.test) end)
  t.raises(where "predict" .. "it is not standardised", function() local _ = net:predict(plain.test, 1) end)
  t.raises("it is standardised by other means and deviations", function() net:accuracy(other.test) end)
  other.test:standardise(plain.train)   -- as the net has seen data
  net:accuracy(other.test)
  -- Whatever it was trained on may be evaluated, also after more training on something else.
  train(net, plain.train)
  t.truthy(net:accuracy(plain.test) and net:accuracy(ready.test))
  -- It is part of the net's file.
  local path = dir .. "/net.npz"
  local only <close> = train(small(500, 2), ready.train)
  only:save(path)
  local again <close> = lab.load(path)
  t.equal(again:accuracy(ready.test), only:accuracy(ready.test))
  t.raises("it is not standardised", function() again:accuracy(plain.test) end)
  local raw <close> = train(small(500, 2), plain.train)
  t.raises("it is standardised, that was not", function() raw:accuracy(ready.test) end)
end)

t.test("the label is no feature, whatever the training split calls it, and -0 is 0", function()
  local c = require "lab.c.data"
  local four, three = { "a,b,c,y" }, { "a,b,c" }
  for i = 1, 32 do four[i + 1], three[i + 1] = ("%d,1,2,%d"):format(i, i % 2), ("%d,1,%d"):format(i, i % 2) end
  local train = c.read_csv(file("four.csv", table.concat(four, "\n") .. "\n"), { label = "y" }, {})
  local path = file("three.csv", table.concat(three, "\n") .. "\n")
  local split, why = c.read_csv(path, { label = "c" }, { like = train })
  t.equal(split, nil)
  t.truthy(why:find("three.csv:1:%d+: feature 3 of the training split, 'c', is missing"), why)
  local zeros = c.read_csv(file("zeros.csv", "a,y\n1,0\n2,-0\n3,1\n4,-0.0\n"), { label = "y" }, {})
  t.equal(zeros:class_names(), { "0", "1" })
end)

t.test("a net refuses other features, classes and scaling", function()
  local function csv(header, rows)
    local path = file("one.csv", header .. "\n" .. rows)
    return lab.data.csv { train = path, test = path, label = "y" }.train
  end
  local rows = "1,2,a\n3,4,b\n5,6,a\n1,1,b\n2,2,a\n"
  local net <close> = train(small(2, 2), csv("height,weight,y", rows))
  net:accuracy(csv("height,weight,y", rows))
  t.raises("its features have other names, or another order", function() net:accuracy(csv("weight,height,y", rows)) end)
  t.raises("its classes have other names, or another order", function() net:accuracy(csv("height,weight,y", rows:gsub("b", "c"))) end)
  local madelon = lab.data.madelon { train = 30, test = 10 }
  local chosen = lab.select_features { madelon.train, madelon.test, columns = { 1, 2 } }
  local other = lab.select_features { madelon.train, madelon.test, columns = { 1, 3 } }
  t.equal(other.test:feature_names(), { "1", "3" })
  local second <close> = train(small(2, 2), chosen.train)
  second:accuracy(chosen.test)
  t.raises("its features have other names", function() second:accuracy(other.test) end)
  local function bytes(scale)
    local path = npz("scaled.npz", { X_train = { "|u1", "5, 1", "abcde" }, y_train = { "|u1", "5,", "\0\1\0\1\0" }, X_test = { "|u1", "5, 1", "abcde" }, y_test = { "|u1", "5,", "\0\1\0\1\0" } })
    return lab.data.npz { file = path, scale = scale }
  end
  local third <close> = train(small(1, 2), bytes("bytes").train)
  third:accuracy(bytes("bytes").test)
  t.raises("its values are as stored, those were divided by 255", function() third:accuracy(bytes("none").test) end)
end)

t.test("splits of different data do not go together", function()
  local madelon = lab.data.madelon { train = 30, test = 10 }
  local raw = lab.data.madelon { train = 30, test = 10, standardise = false }
  t.raises(here .. "lab.select_features: the second split is not like the first: it is not standardised",
    function() lab.select_features { madelon.train, raw.test, columns = { 1, 2 } } end)
  local a, b = lab.select_features { raw.train, columns = { 1, 2 } }.train, lab.select_features { raw.train, columns = { 1, 3 } }.train
  t.raises("the two splits have different features, or a different order of them", a.standardise, a, b)
  local path = npz("scaled.npz", { X_train = { "|u1", "2, 1", "ab" }, y_train = labels, X_test = { "|u1", "2, 1", "ab" }, y_test = labels })
  local bytes, plain = lab.data.npz { file = path, scale = "bytes" }, lab.data.npz { file = path, scale = "none" }
  t.raises("one of the splits is divided by 255, the other is not", plain.test.standardise, plain.test, bytes.train)
end)

t.test("a run's folder says how its data were read", function()
  local store = require "lab.run.store"
  store.directory = dir .. "/runs"
  local path = file("run.csv", "a;b;y\n1,5;2;u\n2,5;3;v\n")
  local data = lab.data.csv { train = path, test = path, standardise = true }
  local runs = lab.runs { "read", seed = { 1 }, run = function(run, seed) run:log { n = #data.train + seed } end }
  local text = t.read(store.path(runs[1].key) .. "/run.yaml")
  t.truthy(text:find('data.train: "2 samples of 2 features, 2 classes; separated by \';\', decimal commas; standardised"', 1, true), text)
end)

t.done()
