-- Words that rank and choose features: lab.select_features, lab.feature_statistics, lab.correlation,
-- net:input_strength.

local t = dofile "tests/harness.lua"
local lab = require "lab"
local c = require "lab.c.feature"
require("lab.util.progress").mode = "none"

local here = "^tests/lab/data/test_features.lua:%d+: "
local dir = t.tmpdir()
local data = lab.data.madelon { train = 300, test = 90, informative = 4, redundant = 2, useless = 14, seed = 3 }

local function number(n, bytes) return ((">I" .. bytes):pack(n)) end

-- A set of bytes: 40 images of 2 x 3, pixel j of sample i = 10 j + i.
local function bytes_set()
  local pixels, labels = {}, {}
  for i = 1, 40 do
    for j = 1, 6 do pixels[#pixels + 1] = string.char(10 * j + i) end
    labels[i] = string.char(i % 3)
  end
  for _, prefix in ipairs { "train", "t10k" } do
    t.write(("%s/%s-images-idx3-ubyte"):format(dir, prefix), number(0x803, 4) .. number(40, 4) .. number(2, 4) .. number(3, 4) .. table.concat(pixels))
    t.write(("%s/%s-labels-idx1-ubyte"):format(dir, prefix), number(0x801, 4) .. number(40, 4) .. table.concat(labels))
  end
  return lab.data.mnist { path = dir }
end

t.test("the features with the highest scores, in the order of the data", function()
  local set = bytes_set()
  local best = lab.select_features { set.train, set.test, scores = { 3, 9, -1, 3, 9.5, 3 }, keep = 3 }
  t.equal(best.columns, { 1, 2, 5 })  -- of the three that score 3, the first
  t.equal({ best.train:shape() }, { 40, 3, 10 })
  t.equal(best.train:image_shape(), nil)
  t.equal(best.train:pixels(7), { 17, 27, 57 })
  t.equal(math.type(best.test:pixels(7)[1]), "integer")  -- bytes stay bytes
  t.equal(best.train:label(7), set.train:label(7))
  local all = lab.select_features { set.train, columns = { 6, 5.0, 4, 3, 2, 1 } }
  t.equal({ all.test, all.columns }, { nil, { 1, 2, 3, 4, 5, 6 } })
  t.equal(all.train:pixels(2), set.train:pixels(2))
end)

t.test("the hash tells content: other columns, other runs", function()
  local function hash(columns) return lab.select_features { data.train, columns = columns }.train:hash() end
  t.equal(hash { 1, 2, 3 }, hash { 3, 2, 1 })
  t.truthy(hash { 1, 2, 3 } ~= hash { 1, 2, 4 })
  t.truthy(hash { 1, 2, 3 } ~= data.train:hash())
end)

t.test("a standardised split of floats keeps its features' scale", function()
  local raw = lab.data.madelon { train = 300, test = 90, informative = 4, redundant = 2, useless = 14, seed = 3, standardise = false }
  local first = lab.select_features { raw.train, raw.test, columns = { 2, 7 } }
  first.test:standardise(first.train)
  first.train:standardise(first.train)
  local after = lab.select_features { data.train, data.test, columns = { 2, 7 } }
  t.equal(after.train:hash(), first.train:hash())
  t.equal(after.test:hash(), first.test:hash())
end)

t.test("wrong calls are refused at the script's line", function()
  local train, scores = data.train, {}
  for j = 1, 20 do scores[j] = j end
  local function fails(pattern, given) t.raises(here .. "lab.select_features" .. pattern, function() lab.select_features(given) end) end
  fails(", first value: expected a split of a data set, such as data.train, not nil", { scores = scores, keep = 2 })
  fails(", first value: expected a split of a data set, such as data.train, not table", { data, scores = scores, keep = 2 })
  fails(", second value: expected a split .- not userdata", { train, io.stdout, scores = scores, keep = 2 })
  fails(": takes two splits at most", { train, train, train, scores = scores, keep = 2 })
  fails(": 3 scores for 20 features", { train, scores = { 1, 2, 3 }, keep = 2 })
  fails(": option 'keep' is 21, there are 20 features", { train, scores = scores, keep = 21 })
  fails(": option 'keep' is 0, must be at least 1", { train, scores = scores, keep = 0 })
  fails(": option 'keep' must be integer, not 1.5", { train, scores = scores, keep = 1.5 })
  fails(": give 'scores' and 'keep', or 'columns'", { train, scores = scores })
  fails(": give 'scores' and 'keep', or 'columns'", { train })
  fails(": give 'scores' and 'keep', or 'columns'", { train, scores = scores, keep = 2, columns = { 1 } })
  fails(": give 'scores' and 'keep', or 'columns'", { train, keep = 2, columns = { 1 } })
  fails(": unknown option 'score' %(did you mean 'scores'%?%)", { train, score = scores, keep = 2 })
  fails(": there is no column 21; there are 1 to 20", { train, columns = { 21 } })
  fails(": there is no column 1.5", { train, columns = { 1.5 } })
  fails(": column 2 is given twice", { train, columns = { 2, 2 } })
  fails(": option 'columns' is empty", { train, columns = {} })
  fails(": the two splits have different features", { train, bytes_set().test, columns = { 1 } })
  scores[4] = 0 / 0
  fails(": score 4 is not a number", { train, scores = scores, keep = 2 })
  local closed = lab.data.madelon { train = 3, test = 3 }.train
  closed:close()
  fails(", first value: data is closed", { closed, columns = { 1 } })
  t.raises("no such feature", c.select, train, { 0 })
  t.raises("a feature is given twice", c.select, train, { 1, 1 })
  t.raises("not from 1 to all features", c.select, train, {})
end)

t.test("statistics of features", function()
  local set = bytes_set()
  local s = lab.feature_statistics(set.train, { bins = 2 })
  t.equal({ #s.mean, #s.variance, #s.information }, { 6, 6, 6 })
  t.near(s.mean[2], (20 + 20.5) / 255, 1e-7)
  t.near(s.variance[2], (40 ^ 2 - 1) / 12 / 255 ^ 2, 1e-7)
  local madelon = lab.feature_statistics(data.train, { bins = 4 })
  local least, most = math.huge, 0
  for j = 1, 6 do least = math.min(least, madelon.information[j]) end
  for j = 7, 20 do most = math.max(most, madelon.information[j]) end
  t.truthy(most < 0.05, "noise tells something")
  t.truthy(least >= 0)
  t.equal(lab.feature_statistics(data.train).information, lab.feature_statistics(data.train, { bins = 8 }).information)
  t.raises(here .. "lab.feature_statistics: option 'bins' is 1, must be at least 2", function() lab.feature_statistics(data.train, { bins = 1 }) end)
  t.raises(here .. "lab.feature_statistics: option 'bins' is 257", function() lab.feature_statistics(data.train, { bins = 257 }) end)
  t.raises(here .. "lab.feature_statistics: expected a split", function() lab.feature_statistics(data) end)
  t.raises("not from 2 to 256 bins", c.statistics, data.train, 1)
end)

t.test("correlation: straight, rising, with ties, and none", function()
  local r = lab.correlation({ 1, 2, 3, 4 }, { 10, 20, 30, 40 })
  t.equal(r.n, 4)
  t.near(r.pearson, 1)
  t.near(r.spearman, 1)
  r = lab.correlation({ 1, 2, 3, 4 }, { 1, -10, -100, -1000 })
  t.near(r.spearman, -1)
  t.truthy(r.pearson > -0.9 and r.pearson < -0.7)
  -- Anscombe's first set, and ranks with ties by hand: 1, 2.5, 2.5, 4 against 1, 3, 2, 4
  t.near(lab.correlation({ 10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5 },
    { 8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68 }).pearson, 0.81642051634484, 1e-12)
  t.near(lab.correlation({ 1, 5, 5, 9 }, { 1, 3, 2, 4 }).spearman, 4.5 / math.sqrt(4.5 * 5), 1e-12)
  t.equal(lab.correlation({ 0.1, 0.1, 0.1 }, { 1, 2, 3 }), { n = 3 })
  t.equal(lab.correlation({}, {}), { n = 0 })
  t.raises(here .. "lab.correlation: 2 numbers and 1: they must be pairs", function() lab.correlation({ 1, 2 }, { 1 }) end)
  t.raises(here .. "lab.correlation: item 2 of the second array is not a finite number", function() lab.correlation({ 1, 2 }, { 1, "x" }) end)
  t.raises(here .. "lab.correlation: item 1 of the first array is not a finite number", function() lab.correlation({ 1 / 0 }, { 1 }) end)
  t.raises(here .. "lab.correlation: the second value must be an array of numbers, not nil", function() lab.correlation({ 1 }) end)
end)

local function strengths(net, layer, n)
  local from, w, sum = net:links_of(layer), net:weights(layer), {}
  for i = 1, n do sum[i] = 0 end
  for k = 1, #w do sum[from[k]] = sum[from[k]] + math.abs(w[k]) end
  return sum
end

t.test("input_strength sums the sizes of weights, in sparse and in dense layers", function()
  local net <close> = lab.mlp { 20, 30, 24, 2, wiring = lab.erdos_renyi { epsilon = 3 }, seed = 1 }
  t.equal(net:is_sparse(1), true)
  for layer, n in ipairs { 20, 30 } do
    for i, v in ipairs(strengths(net, layer, n)) do t.near(net:input_strength(layer)[i], v, 1e-9) end
  end
  t.equal(net:input_strength(), net:input_strength(1))
  local dense <close> = lab.mlp { 20, 5, 2, wiring = lab.dense {}, seed = 1 }
  local w, told = dense:weights(1), dense:input_strength()
  t.equal(#told, 20)
  for i = 1, 20 do
    local sum = 0
    for o = 0, 4 do sum = sum + math.abs(w[o * 20 + i]) end
    t.near(told[i], sum, 1e-9)
  end
  t.raises(here .. "net:input_strength: argument 1", function() net:input_strength(4) end)
  t.raises(here .. "write net:input_strength%(...%), with a colon", function() net.input_strength() end)
end)

t.test("SET's strength finds the features that tell", function()
  local set = lab.data.madelon { train = 1000, test = 90, informative = 4, redundant = 2, useless = 34, clusters = 1, seed = 3 }
  local net <close> = lab.mlp { 40, 60, 60, 2, wiring = lab.erdos_renyi { epsilon = 4 }, seed = 3 }
  for _ in net:epochs(set.train, { epochs = 15, batch = 20, lr = 0.02, momentum = 0.9, weight_decay = 2e-4, evolve = lab.set {} }) do end
  local best = lab.select_features { set.train, scores = net:input_strength(), keep = 6 }
  local found = 0
  for _, column in ipairs(best.columns) do if column <= 6 then found = found + 1 end end
  t.truthy(found >= 4, ("only %d of the 6 features that tell are among the 6 strongest; by chance 0.9 would be"):format(found))
end)

t.done()
