-- lab.data.npy: samples that stay in their file. What is mapped must be what would be read, train alike, and be refused where it cannot be used.

local t = dofile "tests/harness.lua"
local npz = dofile "tests/fixtures/npz_file.lua" (t)
local lab, progress = require "lab", require "lab.util.progress"
progress.mode = "none"

local here = "^tests/lab/data/test_npy.lua:%d+: "   -- errors must blame this script's line
local dir = t.tmpdir()

local function npy(name, descr, shape, bytes) return t.write(dir .. "/" .. name, npz.array(descr, shape, bytes)) end

-- Samples of two features, of which the first tells the class: files, and the same as an archive.
local function samples(n, descr, format)
  local x, y = {}, {}
  for i = 1, n do
    x[i], y[i] = format:pack(i % 3 * 40, i % 7), string.pack("<i8", i % 3)
  end
  x, y = table.concat(x), table.concat(y)
  local shapes = { ("%d, 2"):format(n), ("%d,"):format(n) }
  local archive = npz.write(dir .. "/all.npz", { { "X_train.npy", npz.array(descr, shapes[1], x) }, { "y_train.npy", npz.array("<i8", shapes[2], y) },
    { "X_test.npy", npz.array(descr, shapes[1], x) }, { "y_test.npy", npz.array("<i8", shapes[2], y) } })
  return { npy("X.npy", descr, shapes[1], x), npy("y.npy", "<i8", shapes[2], y) }, archive
end

t.test("a mapped file is the split that an archive gives, to the hash", function()
  for descr, format in pairs { ["|u1"] = "BB", ["<f4"] = "<ff" } do
    local files, archive = samples(30, descr, format)
    local mapped = lab.data.npy { train = files, test = files, standardise = true }
    local read = lab.data.npz { file = archive, standardise = true }
    t.equal(mapped.train:hash(), read.train:hash())
    t.equal(mapped.test:hash(), read.test:hash())
    t.equal(mapped.train:pixels(5), read.train:pixels(5))
    t.equal(mapped.name, "npy")
    t.equal(mapped.validate, nil)
  end
end)

t.test("a mapped split trains as one that was read", function()
  local files, archive = samples(60, "<f4", "<ff")
  local function losses(data)
    local net <close> = lab.mlp { 2, 8, 3, wiring = lab.dense(), seed = 3 }
    local list = {}
    for epoch in net:epochs(data.train, { epochs = 3, batch = 10, lr = 0.01 }) do list[#list + 1] = epoch.loss end
    return list
  end
  t.equal(losses(lab.data.npy { train = files, test = files }), losses(lab.data.npz { file = archive }))
end)

t.test("count takes the first samples; validate has files of its own", function()
  local files = samples(30, "|u1", "BB")
  local data = lab.data.npy { train = files, test = files, validate = files, count = 7, scale = "none" }
  t.equal(#data.train, 7)
  t.equal(#data.validate, 30)
  t.equal(data.train:pixels(7), { 40, 0 })
  t.raises(here .. "lab.data.npy: .*X.npy: has 30 samples, 31 were asked for", function() lab.data.npy { train = files, test = files, count = 31 } end)
end)

t.test("a file that has changed is refused; one that another has taken the name of is not", function()
  local files = samples(30, "|u1", "BB")
  local data = lab.data.npy { train = files, test = files, scale = "none" }
  local net <close> = lab.mlp { 2, 4, 3, wiring = lab.dense {}, seed = 1 }
  net:accuracy(data.test)
  local bytes = t.read(files[1])
  t.write(files[1], bytes:sub(1, -2) .. "\1")
  t.raises("X.npy has changed since it was opened: what is read in place must stay as it is; write another file, and rename it", function() net:accuracy(data.test) end)
  t.raises("X.npy has changed since it was opened", function() for _ in net:epochs(data.train, { epochs = 1, batch = 10, lr = 0.1 }) do end end)
  data.train:close()
  local again = lab.data.npy { train = files, test = files, scale = "none" }
  local before = net:accuracy(again.test)
  t.write(files[1] .. ".new", bytes:sub(1, -2) .. "\2")
  os.rename(files[1] .. ".new", files[1])
  t.equal(net:accuracy(again.test), before)
end)

t.test("targets are read as numbers", function()
  local x = npy("Xr.npy", "<f4", "4, 2", ("<ffffffff"):pack(1, 2, 3, 4, 5, 6, 7, 8))
  local y = npy("yr.npy", "<f4", "4,", ("<ffff"):pack(0.5, 1.5, 2.5, 3))
  local data = lab.data.npy { train = { x, y }, test = { x, y }, targets = true }
  t.equal(data.train:targets(2), { 1.5 })
end)

t.test("values that cannot be used where they are", function()
  local files = samples(3, "|u1", "BB")
  local function refused(why, name, descr, shape, bytes)
    local x = npy(name, descr, shape, bytes)
    t.raises(here .. "lab.data.npy: .*" .. name .. ": array " .. name .. why, function() lab.data.npy { train = { x, files[2] }, test = files } end)
  end
  refused(" has values of another type than u1 and f4, and nothing is converted: save it with .astype%('f4'%)", "doubles.npy", "<f8", "3, 1", ("<ddd"):pack(1, 2, 3))
  refused(" has its bytes in the other order", "big.npy", ">f4", "3, 1", (">fff"):pack(1, 2, 3))
  refused(" has its channels last, expected %(samples, channels, height, width%)", "last.npy", "|u1", "3, 2, 2, 3", ("x"):rep(36))
  refused(": value 1 of sample 2 is not a finite number", "nan.npy", "<f4", "3, 1", ("<fff"):pack(1, 0 / 0, 3))
  refused(" has 5 bytes of values, its shape promises 6 of 1 bytes", "short.npy", "|u1", "3, 2", "12345")
  refused(" has rank 1, expected samples in rows", "rank.npy", "|u1", "3,", "123")
  local none = t.write(dir .. "/none.npy", "no array, but bytes enough")
  t.raises(here .. "lab.data.npy: .*none.npy: array none.npy does not begin with the magic number", function() lab.data.npy { train = { none, files[2] }, test = files } end)
  t.raises(here .. "lab.data.npy: option 'test' must be two paths, { file of X, file of y }", function() lab.data.npy { train = files, test = { files[1] } } end)
end)

t.done()
