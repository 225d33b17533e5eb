-- Targets that are numbers, from CSV and NumPy files: what is read, and what is wrong with them.

local t = dofile "tests/harness.lua"
local lab = require "lab"
local progress = require "lab.util.progress"
progress.mode = "none"
local npz_file = dofile "tests/fixtures/npz_file.lua" (t)
local dir = t.tmpdir()

local function csv(text, o)
  o = o or {}
  local train, test = dir .. "/train.csv", dir .. "/test.csv"
  t.write(train, text)
  t.write(test, o.test or text)
  return lab.data.csv { train = train, test = test, targets = o.targets or "price", header = o.header, label = o.label, validate = o.validate }
end

-- Targets as single precision has them.
local function near(a, b)
  t.equal(#a, #b)
  for i, v in ipairs(a) do t.truthy(math.abs(v - b[i]) < 1e-6) end
end

t.test("csv: one column, two of them, by name and by number, in the order that is asked for", function()
  local text = "a,price,b,rent\n1,10,2,0.5\n3,20,4,0.25\n5,35,7,0.5\n"
  local one = csv(text)
  t.equal({ one.train:shape() }, { 3, 3, 1 })
  t.equal(one.train:targets(), 1)
  near(one.train:targets(2), { 20 })
  near(one.train:pixels(2), { 3, 4, 0.25 })
  t.equal(one.train:feature_names(), { "a", "b", "rent" })
  local two = csv(text, { targets = { "rent", 2 } })
  near(two.train:targets(2), { 0.25, 20 })
  near(two.train:pixels(3), { 5, 7 })
  t.truthy(one.train:hash() ~= two.train:hash())
  local bare = csv("1,10,2\n3,20,4\n", { targets = 2, header = false })
  near(bare.train:targets(2), { 20 })
end)

t.test("csv: the test file's columns are found by their names", function()
  local data = csv("a,price,b\n1,10,2\n3,20,4\n", { test = "b,a,price\n7,5,35\n" })
  near(data.test:targets(1), { 35 })
  near(data.test:pixels(1), { 5, 7 })
end)

t.test("csv: held-out samples have their targets", function()
  local lines = { "a,price" }
  for i = 1, 40 do lines[#lines + 1] = ("%d,%d"):format(i, 3 * i) end
  local data = csv(table.concat(lines, "\n") .. "\n", { validate = 10 })
  t.equal({ #data.train, #data.validate }, { 30, 10 })
  for _, split in ipairs { data.train, data.validate } do
    for i = 1, #split do near(split:targets(i), { 3 * split:pixels(i)[1] }) end
  end
end)

t.test("csv: what is wrong is named by file, line and column", function()
  local function fails(pattern, text, o) t.raises("lab.data.csv: " .. pattern, function() csv(text, o) end) end
  fails(".*train.csv:3:3: 'cheap' is not a finite number", "a,price\n1,2\n3,cheap\n")
  fails(".*train.csv:3:3: empty field, expected a number %(a missing value%?", "a,price\n1,2\n3,\n")
  fails(".*train.csv:2:3: 'NA' is not a finite number %(a missing value%?", "a,price\n1,NA\n3,4\n")
  fails(".*train.csv: column 2, the target 'price', is the same in all 2 records: there is nothing to learn", "a,price\n1,2\n3,2\n")
  fails(".*train.csv: column 2, the target, is the same in all 2 records", "1,2\n3,2\n", { targets = 2, header = false })
  fails(".*train.csv:1:1: no column is named 'prices'; the first is 'a', the last 'price'", "a,price\n1,2\n3,4\n", { targets = "prices" })
  fails(".*train.csv:1:3: column 2 is target 1 and target 2", "a,price,b\n1,2,3\n3,4,5\n", { targets = { "price", 2 } })
  fails(".*train.csv:1:1: target 1 is column 3, but there are 2 columns", "a,price\n1,2\n3,4\n", { targets = 3 })
  fails(".*train.csv:1:1: 1 column, expected features and 1 target", "price\n2\n4\n")
  fails(".*train.csv:1:1: the first record would be the header, but looks like a sample", "1,2\n3,4\n", { targets = 2 })
  fails(".*test.csv:1:1: no column is named 'price'", "a,price\n1,2\n3,4\n", { test = "a,prize\n1,2\n" })
  fails("give 'label', for classes, or 'targets', for numbers, not both", "a,price\n1,2\n3,4\n", { label = "a" })
  fails("option 'targets' is an empty array", "a,price\n1,2\n3,4\n", { targets = {} })
  fails("option 'targets': element 1 is neither a column's name nor its number", "a,price\n1,2\n3,4\n", { targets = { 1.5 } })
  fails("option 'targets' has the name 'price', but header = false", "a,price\n1,2\n3,4\n", { header = false })
end)

t.test("a split of chosen features has its targets", function()
  local data = csv("a,price,b\n1,10,2\n3,20,4\n")
  local chosen = lab.select_features { data.train, data.test, scores = { 0.1, 0.9 }, keep = 1 }
  near(chosen.train:pixels(2), { 4 })
  near(chosen.train:targets(2), { 20 })
end)

-- ---- NumPy -----------------------------------------------------------------------------------

local floats = ("<f"):rep(4)
local function npz(y_train, y_test)
  local path = npz_file.write(dir .. "/a.npz", {
    { "X_train.npy", npz_file.array("<f4", "4, 1", floats:pack(1, 2, 3, 4)) }, { "y_train.npy", y_train },
    { "X_test.npy", npz_file.array("<f4", "1, 1", ("<f"):pack(5)) }, { "y_test.npy", y_test or npz_file.array("<f4", "1,", ("<f"):pack(9)) },
  })
  return lab.data.npz { file = path, targets = true }
end

t.test("npz: one target a sample, and rows of them", function()
  local one = npz(npz_file.array("<f8", "4,", ("<d"):rep(4):pack(0.5, 1.5, -2, 3)))
  t.equal(one.train:targets(), 1)
  near(one.train:targets(3), { -2 })
  near(one.test:targets(1), { 9 })
  local two = npz(npz_file.array("<i2", "4, 2", ("<h"):rep(8):pack(1, 2, 3, 4, 5, 6, 7, 8)), npz_file.array("<i2", "1, 2", ("<hh"):pack(0, 0)))
  near(two.train:targets(3), { 5, 6 })
end)

t.test("npz: what is wrong names the array", function()
  local function fails(pattern, ...)
    local arrays = { ... }
    t.raises("lab.data.npz: .*a.npz: array " .. pattern, function() npz(table.unpack(arrays)) end)
  end
  fails("y_train: target 1 of sample 2 is not a finite number", npz_file.array("<f4", "4,", floats:pack(1, 0 / 0, 3, 4)))
  fails("y_train: target 1 is the same for all 4 samples: there is nothing to learn", npz_file.array("<f4", "4,", floats:pack(2, 2, 2, 2)))
  fails("y_train holds text, expected numbers to be learnt", npz_file.array("|S1", "4,", "abcd"))
  fails("y_test has 1 target a sample, the training split has 2", npz_file.array("<f4", "4, 2", (floats .. floats:gsub("<", "")):pack(1, 2, 3, 4, 5, 6, 7, 8)))
end)

t.done()
