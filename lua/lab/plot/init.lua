-- plot/init.lua: lab.plot.<kind> { ... }. A new kind is one file plot/<kind>.lua and one line here.

local manual = require "lab.util.manual"
local options = require "lab.util.options"

local kinds = {
  curves    = "lab.plot.curves",     -- mean and spread over seeds against a column
  bars      = "lab.plot.bars",       -- one number a group
  monitor   = "lab.plot.monitor",    -- memory and CPU over time
  degrees   = "lab.plot.degrees",    -- degree distributions with power-law fits
  image_map = "lab.plot.image_map",  -- heat maps that share one scale
  animation = "lab.plot.animation",  -- a heat map over time
  stacks    = "lab.plot.stacks",     -- parts of a whole, a bar each
  parallel  = "lab.plot.parallel",   -- the trials of a sweep across its parameters
  marginals = "lab.plot.marginals",  -- what each parameter of a sweep does by itself
  importance = "lab.plot.importance", -- how much of the differences each parameter explains
  timeline  = "lab.plot.timeline",   -- when the runs of a sweep were under way
  xy        = "lab.plot.xy",         -- lines and points of any numbers
  scatter   = "lab.plot.scatter",    -- one number of a run against another
  box       = "lab.plot.box",        -- how a number is spread over runs
  gnuplot   = "lab.plot.gnuplot",    -- a script of one's own
  heatmap   = "lab.plot.heatmap",    -- a grid of named rows and columns
}

manual.group("lab.plot", {
  summary = "figures, drawn with gnuplot when a page is woven",
  text = "Without a page each figure prints one line that says what it shows.",
})

return setmetatable({}, {
  words = kinds,  -- for completion and help
  __tostring = function() return "lab.plot: " .. table.concat(options.sorted_keys(kinds), ", ") end,
  __index = function(t, name)
    if not kinds[name] then
      options.fail(("lab.plot has no figure '%s'%s"):format(tostring(name), options.suggestion(name, options.sorted_keys(kinds))))
    end
    local draw = require(kinds[name])
    rawset(t, name, draw)
    return draw
  end,
})
