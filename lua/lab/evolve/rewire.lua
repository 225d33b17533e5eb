-- rewire.lua: net:rewire(layer, { keep =, from =, to = }, epoch): a change of the wiring that a script has computed itself.

local asking = require "lab.net.ask"
local options = require "lab.util.options"
local vector = require "lab.util.vector"

local M = {}

M.options = {
  keep = { kind = "any", takes = "vector of booleans, or array of true and false", default_is = "all links stay", help = "One for each link: false drops it." },
  from = { kind = "any", takes = "vector of whole numbers, or array", help = "The units below that new links come from, from 1; goes with `to`." },
  to = { kind = "any", takes = "vector of whole numbers, or array", help = "The units above that they go to, from 1." },
  weights = { kind = "any", takes = "vector of numbers, or array", help = "Their weights." },
  newborn = { kind = "string", default = "drawn", choices = { "drawn", "zero" }, help = "Whether new links without weights draw them as the net's first links did, or start at 0." },
}

local is_vector = options.is_vector

-- The vector that a value is, or makes, of that kind.
local function to_vector(name, v, kind)
  if v == nil or is_vector(v) and v:kind() == kind then return v end
  if type(v) == "table" then v = vector(v) end
  if not is_vector(v) then options.fail(("net:rewire: '%s' must be a lab.vector or an array, not %s"):format(name, type(v))) end
  if #v == 0 or kind == "floats" and v:kind() == "integers" then return v[kind](v) end
  if v:kind() ~= kind then options.fail(("net:rewire: '%s' must be a vector of %s, not of %s"):format(name, kind, v:kind())) end
  return v
end

local function is_marks(change) return is_vector(change) or type(change) ~= "table" or #change > 0 or next(change) == nil end

-- Returns how many links have grown.
function M.rewire(net, layer, change, epoch)
  if is_marks(change) and not is_vector(change) then return asking.ask(net, "rewire", "rewire", layer, change, epoch, "random", net.init) end
  if is_vector(change) then change = { keep = change } end
  local o = options.check("net:rewire", M.options, change)
  if not o.from ~= not o.to then options.fail "net:rewire: 'from' and 'to' go together" end
  if o.weights and not o.from then options.fail "net:rewire: 'weights' go with 'from' and 'to'" end
  local keep = to_vector("keep", o.keep, "booleans")
  local how = { number = epoch, may_return = true, anew = true, init = o.newborn == "drawn" and net.init or nil, grow = { rule = "random" } }
  if not o.from then return asking.ask(net, "rewire", "grow_marked", layer, keep, how, keep and #keep - keep:count() or 0, nil) end
  how.may_return = false
  local from = to_vector("from", o.from, "integers")
  if keep and #keep > 0 and keep:count() + #from == 0 then options.fail(("net:rewire: layer %d would be left without a link"):format(layer)) end
  return asking.ask(net, "rewire", "grow_given", layer, keep, how, from, to_vector("to", o.to, "integers"), to_vector("weights", o.weights, "floats"))
end

return M
