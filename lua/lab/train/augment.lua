-- augment.lua: lab.augment { rotation = 10, shift = 0.1, flip = true }: images turned, moved, cropped,
-- flipped, recoloured and cut out in training.
--
--   local shake = lab.augment { rotation = 10, shift = 0.1, flip = true }
--   for epoch in net:epochs(data.train, { ..., augment = shake }) do
--
-- The numbers come from a stream of the net's for this epoch and sample. Images of any shape are turned, zoomed and
-- sheared about their middle. The rules are those of Keras's ImageDataGenerator, whose releases before 2.1.4 took
-- the nearest pixel.

local manual = require "lab.util.manual"
local options = require "lab.util.options"

local WHERE = "lab.augment"

local shift_spec = {
  rows = { kind = "number", default = 0, min = 0, max = 1, unit = "share of the height", help = "Up to so much up or down." },
  columns = { kind = "number", default = 0, min = 0, max = 1, unit = "share of the width", help = "Up to so much to the left or right." },
}

local spec = {
  positional = true,
  rotation = { kind = "number|table", min = 0, max = 180, takes = "number or { from, to }", unit = "degrees", help = "Turns an image up to so many degrees either way." },
  shift = { kind = "number|table", min = 0, max = 1, unit = "share of height and width", fields = shift_spec, help = "Moves an image up to so much either way; a table sets rows and columns separately." },
  flip = { kind = "boolean|string", choices = { "horizontal", "vertical", "both" }, takes = "true, false or one of", help = "Mirrors an image with probability 1/2 each way; true is \"horizontal\"." },
  zoom = { kind = "number|table", min = 0, below = 1, takes = "number or { from, to }", help = "z: a new pixel spans from 1 - z to 1 + z old ones, separately for rows and columns." },
  shear = { kind = "number|table", min = 0, below = 90, takes = "number or { from, to }", unit = "degrees", help = "Slants an image up to so many degrees either way." },
  brightness = { kind = "number|table", min = 0, max = 1, takes = "number or { from, to }", help = "b: multiplies values by a factor from 1 - b to 1 + b; bytes stay at most 255." },
  contrast = { kind = "number|table", min = 0, max = 1, takes = "number or { from, to }", help = "c: multiplies the distance from the image's mean grey by a factor from 1 - c to 1 + c." },
  saturation = { kind = "number|table", min = 0, max = 1, takes = "number or { from, to }", help = "s: multiplies the distance from a pixel's grey by a factor from 1 - s to 1 + s; needs three channels." },
  crop = { kind = "integer", min = 0, max = 1000, unit = "pixels", help = "Pads the image by so many pixels and takes a part of its own size anywhere: a move by whole pixels, up to so many each way." },
  resized_crop = { kind = "number|table", above = 0, max = 1, takes = "number or { from, to }", unit = "share of the area", help = "Stretches a part of the image to its whole size: of so much of its area or more, 3:4 to 4:3 as wide as high." },
  cutout = { kind = "integer", min = 0, max = 1000, unit = "pixels", help = "Sets a square with so many pixels on a side to 0, after standardisation, about any pixel (DeVries and Taylor 2017); an image has one, that of the last of several augmentations." },
  trivial = { kind = "boolean", default = false, help = "TrivialAugment (Müller and Hutter 2021), before all else: one change of nine, at a strength drawn evenly: none, rotation up to 30 degrees, shear up to 0.3 or shift up to 10/32 along either axis, or brightness, contrast or saturation by factors from 0.1 to 1.9." },
  fill = { kind = "string", choices = { "nearest", "constant", "reflect", "wrap" }, default_is = '"nearest"', help = "What lies outside the image: its edge pixels repeated, `value`, its mirror image, or its opposite side." },
  value = { kind = "number", default_is = "0", help = "What lies outside with fill = \"constant\", on the scale of the raw data: 0 to 255 for bytes." },
  interpolation = { kind = "string", choices = { "bilinear", "nearest" }, default_is = '"bilinear"', help = "What a place between pixels shows: a mixture of the four around it, or one of them, which leaves edges sharp." },
}

manual.word(WHERE, {
  summary = "move, crop, flip and recolour images in training, differently in every epoch",
  text = "Each change is drawn uniformly from its range, independently of the others, and applied to the raw data; scaling and standardisation follow. Evaluation is never augmented. "
    .. "A range { from, to } may replace a number: degrees, shares of the area for resized_crop, or factors for zoom, brightness, contrast and saturation. "
    .. "Brightness, contrast and saturation follow one another; bytes are clipped to 0 to 255 at the end.",
  items = { "augmentations and functions", "Applied one after the other, before the options below, with a single resampling; a function(epoch, n) returns columns of n numbers: rotation and shear "
    .. "in degrees, row_shift and column_shift as shares, row_zoom, column_zoom, brightness, contrast and saturation as factors, flip_vertical and flip_horizontal as true or false; row_crop, column_crop and "
    .. "cutout in pixels, area as a share, aspect as a factor; area_row, area_column, cutout_row and cutout_column, where these lie, from 0 to 1." },
  options = spec,
  returns = "a value for the option `augment` of net:epochs",
  example = "local shake = lab.augment { rotation = 10, shift = 0.1, flip = true }",
})

-- How far a range { from, to } may go.
local limits = { rotation = { -360, 360 }, zoom = { 0.1, 4 }, shear = { -89, 89 }, brightness = { 0, 100 }, contrast = { 0, 100 }, saturation = { 0, 100 }, resized_crop = { 0.01, 1 } }

-- `given` as { from, to }; a number is so much around `middle`, and is not asked for without one.
local function range(name, given, middle)
  if type(given) == "number" then return { middle - given, middle + given } end
  local least, most = table.unpack(limits[name])
  local from, to = given[1], given[2]
  local fits = #given == 2 and type(from) == "number" and type(to) == "number" and least <= from and from <= to and to <= most
  if not fits then
    options.fail(("%s: option '%s' takes a number or { from, to }, two numbers in order between %g and %g"):format(WHERE, name, least, most))
  end
  return { from, to }
end

-- What a call names itself, as ranges of what the engine draws; nil if it names nothing.
local function own_part(o)
  local part = {}
  if o.rotation then part.rotation = range("rotation", o.rotation, 0) end
  if o.shear then part.shear = range("shear", o.shear, 0) end
  if o.brightness then part.brightness = range("brightness", o.brightness, 1) end
  if o.contrast then part.contrast = range("contrast", o.contrast, 1) end
  if o.saturation then part.saturation = range("saturation", o.saturation, 1) end
  if o.crop and o.crop > 0 then part.row_crop, part.column_crop = { -o.crop, o.crop }, { -o.crop, o.crop } end
  if o.resized_crop then
    part.area = range("resized_crop", type(o.resized_crop) == "number" and { o.resized_crop, 1.0 } or o.resized_crop)
    part.aspect = { 3 / 4, 4 / 3 }
  end
  if o.cutout and o.cutout > 0 then part.cutout = { o.cutout, o.cutout } end
  if o.zoom then
    part.row_zoom = range("zoom", o.zoom, 1)
    part.column_zoom = { part.row_zoom[1], part.row_zoom[2] }
  end
  if o.shift then
    local shift = type(o.shift) == "number" and { rows = o.shift, columns = o.shift } or options.check(WHERE .. ", shift", shift_spec, o.shift)
    part.row_shift, part.column_shift = { -shift.rows, shift.rows }, { -shift.columns, shift.columns }
  end
  if o.flip == "vertical" or o.flip == "both" then part.flip_vertical = 0.5 end
  if o.flip == true or o.flip == "horizontal" or o.flip == "both" then part.flip_horizontal = 0.5 end
  return next(part) and part or nil
end

-- Adds the parts of item i of a list to the augmentation.
local function add_item(augment, i, item)
  if type(item) == "function" then
    table.insert(augment.parts, item)
    return
  end
  if type(item) ~= "table" or item.kind ~= "augment" then
    options.fail(("%s: item %s is %s: a list takes lab.augment { ... } and functions"):format(WHERE, tostring(i),
      type(item) == "table" and "a table of something else" or "a " .. type(item)))
  end
  for _, part in ipairs(item.parts) do table.insert(augment.parts, part) end
  for _, name in ipairs { "fill", "value", "interpolation" } do augment[name] = augment[name] or item[name] end
end

-- How many old pixels a step of one new pixel may span, at most: zooms multiply, and a shear may
-- lengthen a step by up to sqrt(2).
local function longest_step(parts)
  local step = 1.0
  for _, part in ipairs(parts) do
    if type(part) == "table" then
      step = step * math.max(1, part.row_zoom and part.row_zoom[2] or 1) * (part.shear and math.sqrt(2) or 1)
    end
  end
  return step
end

local STEP = 7.9 -- the engine's limit (core/data/augment.h)

return function(given)
  local o = options.check(WHERE, spec, given)
  local augment = { kind = "augment", parts = {}, fill = o.fill, value = o.value, interpolation = o.interpolation }
  for k in pairs(o) do
    if type(k) == "number" and not (math.type(k) == "integer" and 1 <= k and k <= #o) then options.fail(WHERE .. ": its list has a hole") end
  end
  for i, item in ipairs(o) do add_item(augment, i, item) end
  if o.trivial then table.insert(augment.parts, { trivial = true }) end
  augment.parts[#augment.parts + 1] = own_part(o)
  if #augment.parts > 8 then options.fail(("%s: %d changes one after the other are too many: 8 at most"):format(WHERE, #augment.parts)) end
  if longest_step(augment.parts) > STEP then
    options.fail(("%s: these zooms one after the other could shrink images by up to %.3g; %g is the most"):format(WHERE, longest_step(augment.parts), STEP))
  end
  augment.fill, augment.value = augment.fill or "nearest", augment.value or 0
  if augment.interpolation == "bilinear" then augment.interpolation = nil end -- as if it was not named
  return augment
end
