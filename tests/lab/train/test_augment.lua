-- lab.augment: what it makes of its options, what it refuses, and training with it.
local t = dofile "tests/harness.lua"
local lab = require "lab"
local canonical = require "lab.run.canonical"
local engine = require "lab.c.data"
require "lab.util.progress".mode = "none"

local images = assert(engine.noise({ channels = 3, height = 6, width = 6, classes = 3, seed = 1 }, 60, 1))

local function net_of(threads)
  return lab.mlp { 108, 30, 3, wiring = lab.erdos_renyi { epsilon = 6 }, seed = 2, threads = threads }
end

-- Losses of three epochs and the weights after them.
local function train(augment, threads, evolve)
  local net <close> = net_of(threads)
  local losses = {}
  for epoch in net:epochs(images, { epochs = 3, batch = 10, lr = 0.05, augment = augment, evolve = evolve }) do losses[epoch.n] = epoch.loss end
  return losses, net:weights(1)
end

-- Runs one line of a script, which must fail there.
local function fails(pattern, code)
  local f = assert(load("local lab, images, net = ...\n" .. code, "@script.lua"))
  local net <close> = net_of()
  t.raises("^script.lua:2: .*" .. pattern, f, lab, images, net)
end

t.test("options become ranges of what the engine draws", function()
  t.equal(lab.augment { rotation = 10, shift = 0.1, flip = true }, { kind = "augment", fill = "nearest", value = 0,
    parts = { { rotation = { -10, 10 }, row_shift = { -0.1, 0.1 }, column_shift = { -0.1, 0.1 }, flip_horizontal = 0.5 } } })
  t.equal(lab.augment { shift = { rows = 0.25 }, flip = "both", zoom = 0.25, shear = { -2, 5 }, brightness = { 0.5, 1 }, fill = "constant", value = 7 }.parts,
    { { row_shift = { -0.25, 0.25 }, column_shift = { 0, 0 }, flip_vertical = 0.5, flip_horizontal = 0.5, row_zoom = { 0.75, 1.25 },
      column_zoom = { 0.75, 1.25 }, shear = { -2, 5 }, brightness = { 0.5, 1 } } })
  t.equal(lab.augment { flip = "vertical" }.parts, { { flip_vertical = 0.5 } })
  t.equal(lab.augment({ flip = false }).parts, {})
end)

t.test("lists are put together", function()
  local f = function() return {} end
  local turned = lab.augment { rotation = 5, fill = "reflect" }
  local all = lab.augment { turned, f, lab.augment { flip = true }, shear = 3 }
  t.equal(all, { kind = "augment", fill = "reflect", value = 0, parts = { { rotation = { -5, 5 } }, f, { flip_horizontal = 0.5 }, { shear = { -3, 3 } } } })
  t.equal(lab.augment { turned, fill = "wrap" }.fill, "wrap")
  local sharp = lab.augment { flip = true, interpolation = "nearest" }
  t.equal(lab.augment { turned, sharp }.interpolation, "nearest")
  t.equal(lab.augment { sharp, interpolation = "bilinear" }.interpolation, nil)
end)

-- With a rate of 0 the loss of an epoch says what the net was shown.
local function loss_shown(view, augment)
  local n, features, classes = view:shape()
  local net <close> = lab.mlp { features, 7, classes, wiring = lab.dense {}, seed = 1, hidden = "tanh" }
  for epoch in net:epochs(view, { epochs = 1, batch = n, lr = 0, augment = augment }) do return epoch.loss end
end

t.test("images of any shape are turned about their middle", function()
  for _, shape in ipairs { { 10, 14 }, { 14, 10 }, { 3, 40 }, { 2, 5 }, { 9, 9 } } do
    local view = assert(engine.noise({ channels = 2, height = shape[1], width = shape[2], classes = 3, seed = 1 }, 12, 1))
    local both = {}
    for i = 1, #view do both[i] = true end
    local by_hand = assert(engine.noise({ channels = 2, height = shape[1], width = shape[2], classes = 3, seed = 1 }, 12, 1))
    local size = shape[1] * shape[2]
    by_hand:change(function(v)
      local turned = {}
      for k = 1, 2 * size do turned[k] = v[(k - 1) // size * size + size - (k - 1) % size] end
      return turned
    end)
    local want = loss_shown(by_hand)
    t.near(loss_shown(view, function() return { flip_horizontal = both, flip_vertical = both } end), want, 1e-6)
    t.near(loss_shown(view, lab.augment { rotation = { 180, 180 } }), want, 1e-5)
  end
end)

t.test("wrong options, at the script's line", function()
  fails("lab.augment: unknown option 'rotations' %(did you mean 'rotation'%?%)", "lab.augment { rotations = 10 }")
  fails("option 'rotation' is %-1, must be at least 0", "lab.augment { rotation = -1 }")
  fails("option 'rotation' takes a number or { from, to }, two numbers in order between %-360 and 360", "lab.augment { rotation = { 5, -5 } }")
  fails("option 'brightness' takes a number or { from, to }", "lab.augment { brightness = { 1 } }")
  fails("option 'zoom' is 1, must be below 1", "lab.augment { zoom = 1 }")
  fails("option 'zoom' takes a number or { from, to }, two numbers in order between 0.1 and 4", "lab.augment { zoom = { 0, 2 } }")
  fails("option 'shift' is 4, must be at most 1", "lab.augment { shift = 4 }")
  fails("lab.augment, shift: unknown option 'row' %(did you mean 'rows'%?%)", "lab.augment { shift = { row = 0.1 } }")
  fails("option 'flip' has no choice 'sideways'", "lab.augment { flip = 'sideways' }")
  fails("option 'fill' has no choice 'mirror'", "lab.augment { fill = 'mirror' }")
  fails("option 'interpolation' has no choice 'cubic'", "lab.augment { interpolation = 'cubic' }")
  fails("item 1 is a number: a list takes lab.augment", "lab.augment { 10 }")
  fails("item 1 is a table of something else", "lab.augment { { rotation = 10 } }")
  fails("these zooms one after the other could shrink images by up to 16; 7.9 is the most", "local z = lab.augment { zoom = { 1, 4 } } lab.augment { z, z }")
  fails("its list has a hole", "lab.augment { [2] = lab.augment { flip = true } }")
  fails("9 changes one after the other are too many", "local a = lab.augment { flip = true } lab.augment { a, a, a, a, a, a, a, a, a }")
end)

local loop = "for _ in net:epochs(%s, { epochs = 2, batch = 10, lr = 0.1, augment = %s }) do end"

t.test("net:epochs refuses what is none, and data that are no images", function()
  fails("option 'augment' takes lab.augment { ... } or a function", loop:format("images", "{ rotation = 10 }"))
  fails("option 'augment' must be table or function, not 10", loop:format("images", "10"))
  local numbers = lab.data.madelon { train = 50, test = 10, informative = 4, redundant = 4, useless = 100, seed = 3 }
  local f = assert(load("local lab, net, view = ...\n" .. loop:format("view", "lab.augment { rotation = 10 }"), "@script.lua"))
  local net <close> = net_of()
  t.raises("^script.lua:2: net:epochs: option 'augment' needs images, and this data set has no image shape", f, lab, net, numbers.train)
end)

t.test("columns of a function are checked", function()
  local function gives(columns) return loop:format("images", ("function(epoch, n) return %s end"):format(columns)) end
  fails("option 'augment': the function returned number, not a table", gives "3")
  fails("the function gave a column 'rotations' %(did you mean 'rotation'%?%)", gives "{ rotations = {} }")
  fails("option 'augment': 'rotation' has 2 numbers for 60 samples", gives "{ rotation = { 1, 2 } }")
  fails("'rotation' must be an array of numbers, not number", gives "{ rotation = 1 }")
  fails("number 3 of 'rotation' is not a finite number", gives "(function() local c = {} for i = 1, n do c[i] = i == 3 and 0/0 or 1 end return { rotation = c } end)()")
  fails("number 60 of 'row_zoom' is 0.0: it must be above 0 and at most 4",
    gives "(function() local c = {} for i = 1, n do c[i] = i < n and 1 or 0 end return { row_zoom = c } end)()")
end)

t.test("another training, the same for any number of threads and in slices", function()
  local plain = train()
  for _, fill in ipairs { "nearest", "constant", "reflect", "wrap" } do
    local shake = lab.augment { rotation = 10, shift = 0.1, flip = true, zoom = 0.1, shear = 5, brightness = 0.2, fill = fill }
    local losses, weights = train(shake, 1)
    t.truthy(losses[1] ~= plain[1])
    local again, same = train(shake, 3)
    t.equal(losses, again)
    t.equal(weights, same)
  end
  local mixed, sharp = train(lab.augment { rotation = 40 }), train(lab.augment { rotation = 40, interpolation = "nearest" })
  t.truthy(mixed[1] ~= sharp[1] and sharp[1] ~= plain[1])
end)

t.test("nothing to do is the plain training, bit by bit", function()
  local losses, weights = train()
  local other, same = train(lab.augment {})
  t.equal(losses, other)
  t.equal(weights, same)
end)

t.test("a function is asked once an epoch, with slices too, and its columns are what is done", function()
  local asked = {}
  local function turns(epoch, n)
    asked[#asked + 1] = { epoch, n }
    local rotation, flip = {}, {}
    for i = 1, n do rotation[i], flip[i] = 180, true end
    return { rotation = rotation, flip_horizontal = flip }
  end
  local _, turned = train(turns, 2, lab.set { every_steps = 2 })
  t.equal(asked, { { 1, 60 }, { 2, 60 }, { 3, 60 } })
  -- Half a turn and a flip of the columns are a flip of the rows.
  local function flips(_, n)
    local flip = {}
    for i = 1, n do flip[i] = 1 end
    return { flip_vertical = flip }
  end
  local _, flipped = train(flips, 2, lab.set { every_steps = 2 })
  for k, w in ipairs(flipped) do t.near(turned[k], w, 1e-4) end
  local _, both = train(lab.augment { flips, flips }, 2)
  local _, plain = train(nil, 2)
  t.equal(both, plain)
end)

t.test("it is a value that lab.runs can compare", function()
  local function key(augment) return canonical.write(augment, "shake").hash end
  t.equal(key(lab.augment { rotation = 10 }), key(lab.augment { rotation = 10 }))
  t.truthy(key(lab.augment { rotation = 10 }) ~= key(lab.augment { rotation = 11 }))
  t.truthy(key(lab.augment { rotation = 10 }) ~= key(lab.augment { rotation = 10, fill = "wrap" }))
  t.truthy(key(lab.augment { rotation = 10 }) ~= key(lab.augment { rotation = 10, interpolation = "nearest" }))
  t.equal(key(lab.augment { rotation = 10 }), key(lab.augment { rotation = 10, interpolation = "bilinear" }))
end)

t.done()
