-- augment.lua: lab.augment { rotation = 10, shift = 0.1, flip = true }: images turned, moved, zoomed
-- and flipped in training.
--
--   local shake = lab.augment { rotation = 10, shift = 0.1, flip = true }
--   for epoch in net:epochs(data.train, { ..., augment = shake }) do
--
-- Every image is changed in every epoch anew, by numbers from a stream of the net's for this
-- epoch and sample; each change is drawn evenly from its range, whatever the others are:
--   rotation    degrees, up to so many either way; or { from, to }
--   shift       shares of height and width, up to so much either way; or { rows =, columns = }
--   flip        true or "horizontal", "vertical", "both": each with probability 1/2
--   zoom        z: from 1 - z to 1 + z old pixels to a new one, rows and columns apart; or { from, to }
--   shear       degrees, up to so many either way; or { from, to }
--   brightness  b: a factor from 1 - b to 1 + b; bytes stay at most 255; or { from, to }
--   fill        what lies outside: "nearest" (the edge goes on), "constant" (`value`, on the scale
--               of the raw data: 0 to 255 for bytes), "reflect", "wrap"
--   interpolation  what a place between pixels shows: "bilinear", a mixture of the four around it,
--               or "nearest", one of them, which leaves edges sharp
-- Images of any shape are turned, zoomed and sheared about their middle.
-- The rules are those of Keras's ImageDataGenerator (whose releases before 2.1.4 took the nearest pixel), on
-- the raw data: they are scaled and standardised after that. Evaluation is never augmented.
--
-- Changes put together in a list are carried out one after the other, in one sampling:
-- lab.augment { first, second, rotation = 5 }; what is named here comes last. An item may also be
-- a function(epoch, n) that returns columns of its own, n numbers for the n samples of the data:
-- rotation and shear in degrees, row_shift and column_shift as shares, row_zoom, column_zoom and
-- brightness as factors, flip_vertical and flip_horizontal as true or false; what it leaves out
-- is left alone. net:epochs takes such a function itself as option `augment` too.

local options = require "lab.options"

local WHERE = "lab.augment"

local spec = {
  positional = true,
  rotation = { kind = "number|table", min = 0, max = 180 },
  shift = { kind = "number|table", min = 0, max = 1 },
  flip = { kind = "boolean|string", choices = { "horizontal", "vertical", "both" } },
  zoom = { kind = "number|table", min = 0, below = 1 },
  shear = { kind = "number|table", min = 0, below = 90 },
  brightness = { kind = "number|table", min = 0, max = 1 },
  fill = { kind = "string", choices = { "nearest", "constant", "reflect", "wrap" } },
  value = { kind = "number" },
  interpolation = { kind = "string", choices = { "bilinear", "nearest" } },
}

-- How far a range { from, to } may go.
local limits = { rotation = { -360, 360 }, zoom = { 0.1, 4 }, shear = { -89, 89 }, brightness = { 0, 100 } }

-- `given` as { from, to }; a number is so much around `middle`.
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
  if o.zoom then
    part.row_zoom = range("zoom", o.zoom, 1)
    part.column_zoom = { part.row_zoom[1], part.row_zoom[2] }
  end
  if o.shift then
    local shift = type(o.shift) == "number" and { rows = o.shift, columns = o.shift } or options.check(WHERE .. ", shift", {
      rows = { kind = "number", default = 0, min = 0, max = 1 }, columns = { kind = "number", default = 0, min = 0, max = 1 } }, o.shift)
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

local STEP = 7.9 -- the engine's limit (core/augment.h)

-- lab.augment { rotation =, shift =, flip =, zoom =, shear =, brightness =, fill = "nearest",
-- value = 0, interpolation = "bilinear", or a list of augmentations } -> a value that net:epochs takes
return function(given)
  local o = options.check(WHERE, spec, given)
  local augment = { kind = "augment", parts = {}, fill = o.fill, value = o.value, interpolation = o.interpolation }
  for k in pairs(o) do
    if type(k) == "number" and not (math.type(k) == "integer" and 1 <= k and k <= #o) then options.fail(WHERE .. ": its list has a hole") end
  end
  for i, item in ipairs(o) do add_item(augment, i, item) end
  augment.parts[#augment.parts + 1] = own_part(o)
  if #augment.parts > 8 then options.fail(("%s: %d changes one after the other are too many: 8 at most"):format(WHERE, #augment.parts)) end
  if longest_step(augment.parts) > STEP then
    options.fail(("%s: these zooms one after the other could shrink images by up to %.3g; %g is the most"):format(WHERE, longest_step(augment.parts), STEP))
  end
  augment.fill, augment.value = augment.fill or "nearest", augment.value or 0
  if augment.interpolation == "bilinear" then augment.interpolation = nil end -- as if it was not named
  return augment
end
