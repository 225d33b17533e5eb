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
  t.equal(lab.augment { contrast = 0.25, saturation = { 0, 1.5 }, crop = 4, cutout = 8 }.parts,
    { { contrast = { 0.75, 1.25 }, saturation = { 0, 1.5 }, row_crop = { -4, 4 }, column_crop = { -4, 4 }, cutout = { 8, 8 } } })
  t.equal(lab.augment { resized_crop = 0.5 }.parts, { { area = { 0.5, 1 }, aspect = { 3 / 4, 4 / 3 } } })
  t.equal(lab.augment { resized_crop = { 0.25, 0.5 } }.parts, { { area = { 0.25, 0.5 }, aspect = { 3 / 4, 4 / 3 } } })
  t.equal(lab.augment { trivial = true, flip = true }.parts, { { trivial = true }, { flip_horizontal = 0.5 } })
  t.equal(lab.augment { trivial = false, crop = 0, cutout = 0 }.parts, {})
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
  fails("option 'contrast' is 2, must be at most 1", "lab.augment { contrast = 2 }")
  fails("option 'saturation' takes a number or { from, to }, two numbers in order between 0 and 100", "lab.augment { saturation = { 2, 1 } }")
  fails("option 'crop' must be integer, not 0.5", "lab.augment { crop = 0.5 }")
  fails("option 'resized_crop' is 0, must be above 0", "lab.augment { resized_crop = 0 }")
  fails("option 'resized_crop' takes a number or { from, to }, two numbers in order between 0.01 and 1", "lab.augment { resized_crop = { 0.5, 2 } }")
  fails("option 'cutout' is %-1, must be at least 0", "lab.augment { cutout = -1 }")
  fails("option 'trivial' must be boolean", "lab.augment { trivial = 1 }")
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

t.test("saturation needs colours", function()
  local grey = assert(engine.noise({ channels = 1, height = 6, width = 6, classes = 3, seed = 1 }, 20, 1))
  local f = assert(load("local lab, net, view = ...\n" .. loop:format("view", "lab.augment { saturation = 0.5 }"), "@script.lua"))
  local net <close> = lab.mlp { 36, 10, 3, wiring = lab.dense {}, seed = 1 }
  t.raises("^script.lua:2: .*saturation is of colours: it needs images of three channels", f, lab, net, grey)
end)

t.test("columns of a function are checked", function()
  local function gives(columns) return loop:format("images", ("function(epoch, n) return %s end"):format(columns)) end
  fails("option 'augment': the function returned number, not a table", gives "3")
  fails("the function gave a column 'rotations' %(did you mean 'rotation'%?%)", gives "{ rotations = {} }")
  fails("option 'augment': 'rotation' has 2 numbers for 60 samples", gives "{ rotation = { 1, 2 } }")
  fails("'rotation' must be an array of numbers, not number", gives "{ rotation = 1 }")
  fails("number 3 of 'rotation' is not a finite number", gives "(function() local c = {} for i = 1, n do c[i] = i == 3 and 0/0 or 1 end return { rotation = c } end)()")
  fails("number 1 of 'area' is 2.0: it must be above 0 and at most 1", gives("(function() local c = {} for i = 1, n do c[i] = 2 end return { area = c } end)()"))
  fails("number 60 of 'row_zoom' is 0.0: it must be above 0 and at most 4",
    gives "(function() local c = {} for i = 1, n do c[i] = i < n and 1 or 0 end return { row_zoom = c } end)()")
end)

t.test("what a function gives is done: contrast 0 shows the mean grey, a large square nothing", function()
  local function all(value) return function(n) local c = {} for i = 1, n do c[i] = value end return c end end
  local function shown(columns)
    return loss_shown(images, function(_, n)
      local given = {}
      for name, value in pairs(columns) do given[name] = all(value)(n) end
      return given
    end)
  end
  t.near(shown { contrast = 0 }, shown { contrast = 0, flip_vertical = 1, rotation = 33 }, 1e-6)
  t.near(shown { cutout = 100 }, shown { cutout = 100, brightness = 0.5 }, 1e-9)
  t.near(shown { row_crop = 2, column_crop = -1 }, shown { row_shift = 2 / 6, column_shift = -1 / 6 }, 1e-6)
  t.near(shown { area = 0.25, area_row = 0.5, area_column = 0.5 }, shown { row_zoom = 0.5, column_zoom = 0.5 }, 1e-6)
  t.truthy(math.abs(shown { saturation = 0 } - shown {}) > 1e-6)
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
  for _, shake in ipairs { lab.augment { crop = 2, contrast = 0.5, cutout = 3 }, lab.augment { resized_crop = 0.4, saturation = 1 }, lab.augment { trivial = true } } do
    local losses, weights = train(shake, 1)
    local again, same = train(shake, 4)
    t.truthy(losses[1] ~= plain[1])
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
