-- ---
-- bibliography: shared/sources.bib
-- ---
--
-- # CIFAR-10: what JPEG and blurred training images cost
--
-- Two details can separate a published accuracy on CIFAR-10 from your own, and neither is in the
-- network. Some copies of the data set have pixels that have been through JPEG. And programs that
-- rotate and shift training images differ in how they interpolate between the old pixels. This page
-- measures both with the same network, seed and batches: it encodes the images once more, and it
-- interpolates them in the two ways.

local lab = require "lab"
local study = require "shared.study"
local format, statistics = lab.format, lab.statistics

local P = lab.params {
  train = study.train(5000, 50000),
  test = study.test(2000, 10000),
  epochs = { 15, min = 1 },
  seeds = { 1, min = 1, help = "runs for each kind of image" },
  quality = { 0, min = 0, max = 100, help = "quality of the second encoding; 0: the quality found in the copy, or 75" },
  hidden = { "srelu", choices = { "relu", "srelu" } },
  outer = study.outer(4000), inner = study.inner(1000),
  epsilon = study.epsilon(20.0), zeta = study.zeta(0.3), dropout = study.dropout(0.3),
  lr = study.lr(0.01), momentum = study.momentum(0.9), batch = study.batch(100),
  profiles = {
    quick = { train = 2000, test = 1000, epochs = 6 },
    full = { train = 50000, test = 10000, epochs = 200, seeds = 3 },
    smoke = { train = 200, test = 100, epochs = 2, outer = 60, inner = 30, epsilon = 5 },
  },
}

--| echo: false
if P.train < 50000 then
  lab.say([[
**This page is a short one**: %s of the 50,000 training images and %d of 200 epochs. The differences it measures show up late;
`make report PROFILE=full` trains it all.]], format.count(P.train), P.epochs)
end

local sizes = { train = P.train, test = P.test }
local function read(more)
  local options = { standardise = true }
  for name, value in pairs(sizes) do options[name] = value end
  for name, value in pairs(more or {}) do options[name] = value end
  return lab.data.cifar10(options)
end

local plain = read()

-- ## JPEG
--
-- JPEG [@itu1992] turns red, green and blue into brightness and two colour differences, and halves the latter in
-- both directions. It cuts all three into blocks of 8 by 8, and writes each block as a sum of 64
-- waves, each the product of a cosine down and a cosine across. It rounds the weights of the waves to
-- multiples of a step, which is small for slow waves and large for fast ones.

local cosine, places = {}, {}  -- cosine[wave][place] = places[place][wave], counted from 1
for k = 1, 8 do cosine[k], places[k] = {}, {} end
for wave = 1, 8 do
  for place = 1, 8 do
    local height = math.sqrt((wave == 1 and 1 or 2) / 8) * math.cos(math.pi * (2 * place - 1) * (wave - 1) / 16)
    cosine[wave][place], places[place][wave] = height, height
  end
end

-- A block of 64 numbers, row by row: each row times the waves; rows become columns.
local function turned(block, waves)
  local out = {}
  for row = 1, 8 do
    local a, b, c, d, e, f, g, h = table.unpack(block, row * 8 - 7, row * 8)
    for k = 1, 8 do
      local w = waves[k]
      out[k * 8 - 8 + row] = a * w[1] + b * w[2] + c * w[3] + d * w[4] + e * w[5] + f * w[6] + g * w[7] + h * w[8]
    end
  end
  return out
end

-- These are the steps of the standard's annex K at quality 50. Nearly all programs scale them.

--| echo: fold
local steps_at_50 = {
  brightness = { 16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99 },
  colour = { 17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99 },
}
--| echo: fold
for i = 33, 64 do steps_at_50.colour[i] = 99 end

local function steps_of(kind, quality)
  local percent = quality < 50 and 5000 // quality or 200 - 2 * quality
  local steps = {}
  for i, step in ipairs(steps_at_50[kind]) do steps[i] = math.max(1, math.min(255, (step * percent + 50) // 100)) end
  return steps
end

-- ## At which quality was this copy encoded?
--
-- If brightness went through JPEG, the weights of its cosines still lie near multiples of a step. The
-- measure of nearness, for a step $q$, is the length of the mean of $e^{2 \pi i w / q}$: about 1 when
-- all weights $w$ are multiples of $q$, about 0 when they are not. Halves and thirds of a step fit as
-- well, so the largest step that fits is taken.

local function brightness_of(p, at) return 0.299 * p[at] + 0.587 * p[at + 1024] + 0.114 * p[at + 2048] - 128 end

-- The weights of all blocks of brightness in the first images: one list for each wave.
local function weights(view, images)
  local lists = {}
  for k = 1, 64 do lists[k] = {} end
  for i = 1, math.min(images, #view) do
    local p = view:pixels(i)
    for corner = 0, 15 do
      local first, block = corner // 4 * 256 + corner % 4 * 8, {}
      for k = 0, 63 do block[k + 1] = brightness_of(p, first + k // 8 * 32 + k % 8 + 1) end
      for k, w in ipairs(turned(turned(block, cosine), cosine)) do table.insert(lists[k], w) end
    end
  end
  return lists
end

local function nearness(list, step)
  local re, im, n = 0.0, 0.0, 0
  for _, w in ipairs(list) do
    if math.abs(w) > step / 2 then
      re, im, n = re + math.cos(2 * math.pi * w / step), im + math.sin(2 * math.pi * w / step), n + 1
    end
  end
  return n >= 50 and math.sqrt(re * re + im * im) / n or 0.0
end

--| echo: fold
local function found_step(list)
  local by_step, best = {}, 0.0
  for step = 2, 40 do
    by_step[step] = nearness(list, step)
    best = math.max(best, by_step[step])
  end
  if best < 0.3 then return nil end
  for step = 40, 2, -1 do if by_step[step] > 0.6 * best then return step end end
end

--| echo: fold
local waves = { { 1, 2 }, { 2, 1 }, { 2, 2 }, { 1, 3 }, { 3, 1 }, { 2, 3 }, { 3, 2 }, { 1, 4 } }

--| echo: fold
local function quality_of(found)
  local best, least
  for quality = 1, 100 do
    local steps, off = steps_of("brightness", quality), 0
    for i, wave in ipairs(waves) do off = off + math.abs((found[i] or 1) - steps[(wave[1] - 1) * 8 + wave[2]]) end
    if not least or off <= least then best, least = quality, off end
  end
  return best, least
end

local found, lists = {}, weights(plain.train, 500)
for i, wave in ipairs(waves) do found[i] = found_step(lists[(wave[1] - 1) * 8 + wave[2]]) end

--| label: tbl-steps
--| tbl-cap: Steps found in this copy for slow waves in brightness, and the steps of the standard's table at the quality that fits best. A wave is named by its half-periods down and across; a dash means that no step was found.
--| echo: fold
local copy_quality, misfit = quality_of(found)
local is_jpeg = #waves == #found and misfit <= 4
do
  local header, mine, standard, align = { "wave" }, { "this copy" }, { ("quality %d"):format(copy_quality) }, "l"
  for i, wave in ipairs(waves) do
    header[i + 1] = ("%d, %d"):format(wave[1] - 1, wave[2] - 1)
    mine[i + 1] = found[i] and tostring(found[i]) or "–"
    standard[i + 1] = tostring(steps_of("brightness", copy_quality)[(wave[1] - 1) * 8 + wave[2]])
    align = align .. "r"
  end
  lab.table { header = header, align = align, rows = is_jpeg and { mine, standard } or { mine } }
end

--| echo: false
lab.say(is_jpeg and ("This copy's pixels **went through JPEG at quality %d**."):format(copy_quality)
  or "No sign of JPEG: these seem to be the pixels of the original release.")

-- ## Once more through JPEG
--
-- To see what an encoding costs, the images are encoded once more at the same quality, with blocks
-- that begin four pixels further left and up. On the old blocks almost nothing would change, because
-- multiples of the step stay multiples of it. For this, an image is extended to 48 by 48 pixels by
-- repeating its edge.

local quality = P.quality > 0 and P.quality or is_jpeg and copy_quality or 75
local brightness_steps, colour_steps = steps_of("brightness", quality), steps_of("colour", quality)

-- Rounds the weights of a block's waves as JPEG does, and returns them as a block again.
local function rounded(block, steps)
  local w = turned(turned(block, cosine), cosine)
  for k = 1, 64 do w[k] = math.floor(w[k] / steps[k] + 0.5) * steps[k] end
  return turned(turned(w, places), places)
end

-- Does this to the first `blocks` by `blocks` blocks of a plane with `columns` columns.
local function through_blocks(plane, columns, blocks, steps)
  for top = 0, blocks - 1 do
    for left = 0, blocks - 1 do
      local corner, block = top * 8 * columns + left * 8, {}
      for k = 0, 63 do block[k + 1] = plane[corner + k // 8 * columns + k % 8 + 1] end
      block = rounded(block, steps)
      for k = 0, 63 do plane[corner + k // 8 * columns + k % 8 + 1] = block[k + 1] end
    end
  end
end

-- `source` says where each pixel of the larger image comes from. For each pixel of the image, `inner`
-- is its place in the larger one, and `near` its four nearest places in the halved planes, which are
-- mixed.
local source, inner, near = {}, {}, {}
for k = 0, 48 * 48 - 1 do
  local y, x = math.min(math.max(k // 48 - 4, 0), 31), math.min(math.max(k % 48 - 4, 0), 31)
  source[k + 1] = y * 32 + x + 1
end
for k = 0, 1023 do
  local y, x = k // 32 + 4, k % 32 + 4
  local other_y, other_x = y // 2 + (y % 2 == 1 and 1 or -1), x // 2 + (x % 2 == 1 and 1 or -1)
  inner[k + 1] = y * 48 + x + 1
  near[k + 1] = { y // 2 * 24 + x // 2 + 1, y // 2 * 24 + other_x + 1, other_y * 24 + x // 2 + 1, other_y * 24 + other_x + 1 }
end

local function halved(plane)
  local half = {}
  for k = 0, 24 * 24 - 1 do
    local at = k // 24 * 96 + k % 24 * 2 + 1
    half[k + 1] = (plane[at] + plane[at + 1] + plane[at + 48] + plane[at + 49]) / 4
  end
  return half
end

local function mixed(half, n) return (9 * half[n[1]] + 3 * half[n[2]] + 3 * half[n[3]] + half[n[4]]) / 16 end

local function byte(v) return math.min(255, math.max(0, math.floor(v + 0.5))) end

-- The 3,072 values of an image, as they come out of JPEG.
local function jpeg(p)
  local bright, blue, red = {}, {}, {}
  for k, at in ipairs(source) do
    local r, g, b = p[at], p[at + 1024], p[at + 2048]
    bright[k] = 0.299 * r + 0.587 * g + 0.114 * b - 128
    blue[k], red[k] = -0.168736 * r - 0.331264 * g + 0.5 * b, 0.5 * r - 0.418688 * g - 0.081312 * b
  end
  blue, red = halved(blue), halved(red)
  through_blocks(bright, 48, 5, brightness_steps)
  through_blocks(blue, 24, 3, colour_steps)
  through_blocks(red, 24, 3, colour_steps)
  for k, at in ipairs(inner) do
    local y, cb, cr = bright[at] + 128, mixed(blue, near[k]), mixed(red, near[k])
    p[k], p[k + 1024], p[k + 2048] = byte(y + 1.402 * cr), byte(y - 0.344136 * cb - 0.714136 * cr), byte(y + 1.772 * cb)
  end
  return p
end

local again = read { change = jpeg }

--| echo: fold
local function mean_change(a, b, images)
  local squares, n = 0.0, 0
  for i = 1, math.min(images, #a) do
    local p, q = a:pixels(i), b:pixels(i)
    for k = 1, #p do squares, n = squares + (p[k] - q[k]) ^ 2, n + 1 end
  end
  return math.sqrt(squares / n)
end

--| echo: false
lab.say("At quality %d a value changes by %.1f of 255 grey levels (root mean square over 500 images).", quality, mean_change(plain.train, again.train, 500))

-- ## Three trainings
--
-- The network is SET-MLP [@mocanu2018] as on the page about CIFAR-10 [@krizhevsky2009], trained for fewer epochs. The first two
-- trainings differ only in the images, including the test images. The first and the third differ only
-- in how a rotated training image is interpolated: by the nearest old pixel, or by a mixture of four
-- (bilinear), which blurs it, while the test images stay sharp.

local variants = {
  { name = "as they are, nearest", train = plain.train, test = plain.test, interpolation = "nearest" },
  { name = "JPEG again, nearest", train = again.train, test = again.test, interpolation = "nearest" },
  { name = "as they are, bilinear", train = plain.train, test = plain.test, interpolation = "bilinear" },
}

local function train(run, images, seed)
  local net <close> = lab.mlp { 3072, P.outer, P.inner, P.outer, 10, hidden = P.hidden, dropout = P.dropout,
    init = "xavier_uniform", wiring = lab.erdos_renyi { epsilon = P.epsilon }, seed = seed }
  for epoch in net:epochs(images.train, { epochs = P.epochs, batch = P.batch, lr = P.lr, momentum = P.momentum,
      evolve = lab.set { zeta = P.zeta, newborn = "zero" }, checkpoint = { run = run, every = 10 },
      augment = lab.augment { rotation = 10, shift = 0.1, flip = true, interpolation = images.interpolation } }) do
    local unseen = net:evaluate(images.test)
    run:log { epoch = epoch.n, loss = epoch.loss, train_accuracy = epoch.accuracy, test_loss = unseen.loss, test_accuracy = unseen.accuracy }
  end
end

local runs = lab.runs { "cifar-10 copies", images = variants, seed = study.seeds(P.seeds), run = train }

-- ## What they cost
--
-- Test accuracy jumps from epoch to epoch, and so does the difference between two runs, even between
-- means over ten epochs. So each run is compared with the run of the same seed on the images as they
-- are, over windows of several lengths.

--| echo: fold
local function differences(variant, of_run)  -- a list for each seed: points from the first variant, by epoch
  local lists = {}
  for _, run in ipairs(runs:where { images = variant.name }) do
    local plain_run = runs:where { images = variants[1].name, seed = run.arguments.seed }[1]
    if run.status == "done" and plain_run.status == "done" then lists[#lists + 1] = of_run(run:column "test_accuracy", plain_run:column "test_accuracy") end
  end
  return lists
end

--| echo: fold
local function mean_points(mine, theirs, first, last)
  local sum = 0.0
  for i = first, last do sum = sum + 100 * (mine[i] - theirs[i]) end
  return sum / (last - first + 1)
end

--| echo: fold
local function points(v) return (("%+.2f"):format(v):gsub("^-", "−")) end

--| echo: fold
local function cost(variant, window)  -- over the last so many epochs: { n =, mean =, sd =, ... } over the seeds
  return statistics.summary(differences(variant, function(mine, theirs) return mean_points(mine, theirs, math.max(1, #mine - window + 1), #mine) end))
end

--| echo: fold
local function with_error(found)
  if not found then return "–" end
  return points(found.mean) .. (found.error and (" ± %.2f"):format(found.error) or "")
end

--| echo: fold
local half = math.max(1, P.epochs // 2)

--| echo: fold
local function late_accuracy(variant)  -- means over the second half, over the seeds: { n =, mean =, sd =, ... }
  local values = {}
  for _, run in ipairs(runs:where { images = variant.name }) do
    local column = run:column "test_accuracy"
    values[#values + 1] = study.mean_of_last(column, half)
  end
  return statistics.summary(values)
end

--| label: tbl-cost
--| tbl-cap: Test accuracy, mean over the second half of the epochs, and its difference in points from the images as they are, over the same window and over shorter ones at the end. With several seeds: mean and standard error.
--| echo: fold
do
  local header, rows, align, windows = { "images", "runs", "accuracy", ("last %d"):format(half) }, {}, "lrrr", { half }
  for _, window in ipairs { 50, 10 } do
    if window < half then windows[#windows + 1], header[#header + 1], align = window, ("last %d"):format(window), align .. "r" end
  end
  for i, variant in ipairs(variants) do
    local found = late_accuracy(variant)
    rows[i] = { variant.name, found and found.n or 0, found and ("%.4f"):format(found.mean) or "–" }
    for _, window in ipairs(windows) do table.insert(rows[i], i == 1 and "" or with_error(cost(variant, window))) end
  end
  lab.table { header = header, align = align, rows = rows }
end

--| label: fig-differences
--| index: true
--| index-order: 9
--| fig-cap: Difference in test accuracy from the images as they are, in points: means over blocks of up to ten epochs. With several seeds, the line is their mean and the band goes from the lowest to the highest.
--| echo: fold
do
  local block, series = math.min(10, half), {}
  for i = 2, #variants do
    local of_seeds = differences(variants[i], function(mine, theirs)
      local list = {}
      for last = block, #mine, block do list[#list + 1] = mean_points(mine, theirs, last - block + 1, last) end
      return list
    end)
    local s = { name = variants[i].name, x = {}, y = {}, low = #of_seeds > 1 and {} or nil, high = #of_seeds > 1 and {} or nil, marks = "both" }
    for k = 1, #of_seeds > 0 and #of_seeds[1] or 0 do
      local values = {}
      for j, list in ipairs(of_seeds) do values[j] = list[k] end
      local found = statistics.summary(values)
      s.x[k], s.y[k] = k * block - (block - 1) / 2, found.mean
      if s.low then s.low[k], s.high[k] = found.low, found.high end
    end
    series[#series + 1] = s
  end
  lab.plot.xy { series = series, xlabel = "epoch", ylabel = "points", guides = { { y = 0 } } }
end

--| label: fig-curves
--| fig-cap: Test accuracy after each epoch, for the three kinds of images.
--| echo: fold
lab.plot.curves { runs, x = "epoch", y = "test_accuracy", by = "images", xlabel = "epoch", ylabel = "test accuracy" }

--| echo: fold
local function judged(found)
  if not found then return "not measured" end
  if not found.error then return ("%s points in one run of each, which says nothing of chance"):format(points(found.mean)) end
  if found.error == 0 then return with_error(found) .. " points" end
  return ("%s points, %.1f standard errors of %d seeds from none"):format(with_error(found), math.abs(found.mean) / found.error, found.n)
end

--| index: true
--| echo: false
lab.say("Over the last %d epochs, one more encoding at quality %d: %s. Blurred training images: %s.", half, quality,
  judged(cost(variants[2], half)), judged(cost(variants[3], half)))

--| echo: false
do
  local found = late_accuracy(variants[1])
  if found and found.sd then
    lab.say("For comparison: on the images as they are, the seeds differ by a standard deviation of %.2f points.", 100 * found.sd)
  end
end

-- This is what a *second* encoding costs, with blocks in other places. The first one, if the copy has
-- been through one, may have cost more or less; to know, one would need the original pixels.
