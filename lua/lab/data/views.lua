-- views.lua: how a net has seen data: a net says little about a split that was scaled, standardised or
-- cut otherwise than those it was trained on, and nothing in its outputs shows it.
--
-- net.views is an array of what split:view() gave for each kind of split that the net was trained on;
-- it goes into the net's file. A split that is evaluated must look like one of them.

local attempt = require "lab.util.attempt".call
local options = require "lab.util.options"

local M = {}

-- What split:view() gives; nil if the value is no open split, which others refuse.
local function view_of(split)
  local meta = type(split) == "userdata" and getmetatable(split)
  if not meta or meta.__name ~= "lab.data" then return nil end
  local ok, view = attempt(split.view, split)
  return ok and view or nil
end

-- Names that only one side has say nothing.
local function differ(a, b) return a ~= nil and b ~= nil and a ~= b end

-- Why a net that was trained on `a` should not be evaluated on `b`, in words; nil if it may.
local function difference(a, b)
  if differ(a.features, b.features) then return "its features have other names, or another order" end
  if differ(a.classes, b.classes) then return "its classes have other names, or another order" end
  if differ(a.image, b.image) then return ("its images are %s, those were %s"):format(b.image, a.image) end
  if a.standardised and not b.standardised then return "it is not standardised, that was: split:standardise(training split) does it" end
  if b.standardised and not a.standardised then return "it is standardised, that was not" end
  if a.standardised ~= b.standardised then
    return "it is standardised by other means and deviations: split:standardise(training split) takes those of the training split"
  end
  if not a.standardised and differ(a.scale, b.scale) then return ("its values are %s, those were %s"):format(b.scale, a.scale) end
end

-- Why two splits do not belong together, in words; nil if they may.
function M.difference(a, b)
  local one, other = view_of(a), view_of(b)
  return one and other and difference(one, other)
end

-- The net is trained on the split.
function M.trained(net, split)
  local view = view_of(split)
  if not view then return end
  local views = net.views or {}
  for i, known in ipairs(views) do
    local same = true
    for _, k in ipairs { "features", "classes", "image", "standardised", "scale" } do same = same and known[k] == view[k] end
    if same then table.remove(views, i) break end
  end
  views[#views + 1] = view   -- the last one is what an error compares with
  net.views = views
end

-- Raises at the script's line if the split looks like none that the net was trained on.
function M.check(net, word, split)
  local views = net.views
  local view = views and view_of(split)
  if not view then return end
  local why
  for _, known in ipairs(views) do
    why = difference(known, view)
    if not why then return end
  end
  if why then options.fail(("net:%s: this split is not like the one that the net was trained on: %s"):format(word, why)) end
end

-- Views that a file holds, if they are some; else nil.
function M.read(list)
  if type(list) ~= "table" then return nil end
  local views = {}
  for i, entry in ipairs(list) do
    if type(entry) ~= "table" then return nil end
    for k, v in pairs(entry) do if type(k) ~= "string" or type(v) ~= "string" then return nil end end
    views[i] = entry
  end
  return #views > 0 and views or nil
end

return M
