-- amounts.lua: how many links there are to be at a moment, by a value of lab.links (evolve/links.lua).

local engine = require "lab.c.net"
local options = require "lab.util.options"
local schedule = require "lab.net.schedule"
local statistics = require "lab.util.statistics"

local M = {}

local at = {}
function at.linear(links, x) return links.from + (links.to - links.from) * x end
function at.cubic(links, x) return engine.cubic(links.from, links.to, x) end
function at.logistic(links, x) return engine.logistic(links.from, links.to, links.steepness, x) end

-- The density at a moment (evolve/when.lua) of one that has a density.
function M.density(links, moment)
  if type(links) ~= "function" then return at[links.kind](links, moment.reached) end
  local d = links(moment.asked, moment.epochs)
  if not statistics.finite(d) or d <= 0 or d > 1 then
    options.fail(("lab.evolution: option 'links' gave %s in epoch %d: it must be a density above 0 and at most 1"):format(d ~= d and "NaN" or tostring(d), moment.asked))
  end
  return d
end

local function ask(s, moment, name)
  local is_function = type(s) == "function"
  local x = schedule.at(s, is_function and moment.asked or moment.schedule_epoch, is_function and moment.epochs or moment.schedule_epochs, "lab.links.band: option '" .. name .. "'")
  if x < 0 then options.fail(("lab.links.band: option '%s' gave %g: it must be at least 0"):format(name, x)) end
  return x
end

-- The two multiples of a band: what there is when links have been dropped, and when they have grown.
function M.band(links, moment)
  local lower = ask(links.lower, moment, "lower")
  local upper = lower + ask(links.above, moment, "above")
  if moment.last and upper > 1 then upper = math.max(lower, 1) end
  return lower, upper
end

function M.is_value(links) return type(links) == "function" or type(links) == "table" and (at[links.kind] or links.kind == "constant" or links.kind == "band") and true end

return M
