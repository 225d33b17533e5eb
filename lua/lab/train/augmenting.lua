-- augmenting.lua: what net:epochs makes of its option `augment`: checked against the data once, and
-- before every epoch put into the engine's form, with what a script's functions return. The same for ensemble:add. `where` names the option in messages.

local attempt = require "lab.util.attempt".call
local engine = require "lab.c.augment"
local options = require "lab.util.options"

local M = {}

-- The augmentation as a value with parts, or nil for none. Raises if it is none or the data are
-- not images.
function M.check(where, given, view)
  if given == nil then return nil end
  local augment = type(given) == "function" and { kind = "augment", parts = { given }, fill = "nearest", value = 0 } or given
  if augment.kind ~= "augment" then options.fail(where .. " takes lab.augment { ... } or a function of the epoch and the number of samples") end
  if not view:image_shape() then options.fail(where .. " needs images, and this data set has no image shape: its features are just numbers") end
  return augment
end

local names = {}
for _, name in ipairs(engine.names) do names[name] = true end

-- What a script's function gives for an epoch.
local function columns_of(where, f, epoch, n)
  local columns = f(epoch, n)
  if type(columns) ~= "table" then options.fail(("%s: the function returned %s, not a table of columns"):format(where, type(columns))) end
  for name in pairs(columns) do
    if not names[name] then
      options.fail(("%s: the function gave a column '%s'%s"):format(where, tostring(name), options.suggestion(tostring(name), engine.names)))
    end
  end
  return columns
end

-- The engine's form for one epoch over n samples, or nil.
function M.prepare(where, augment, epoch, n)
  if not augment then return nil end
  local parts = {}
  for i, part in ipairs(augment.parts) do
    parts[i] = type(part) == "function" and { given = columns_of(where, part, epoch, n) } or { drawn = part }
  end
  local ok, result = attempt(engine.new, { parts = parts, fill = augment.fill, value = augment.value, interpolation = augment.interpolation, samples = n })
  if not ok then options.fail(("%s: %s"):format(where, result)) end
  return result
end

return M
