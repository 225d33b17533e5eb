-- end_names.lua: names at the ends of lines, in their colours, instead of a legend.
--
-- Where two lines end at nearly the same height their names are moved apart. How high a line of text is in the units of the
-- axis is estimated from the numbers drawn and the usual size of a picture: the names stay readable, and may lie a little off.

local clean = require "lab.util.text".clean
local gnuplot = require "lab.figure.gnuplot"

local M = {}

local GAP <const> = 0.075          -- of the axis, between two names
local LINES <const> = 17           -- heights of a letter in an axis
local FIRST_LABEL <const> = 301    -- gnuplot's numbers of labels; guides have those below

-- Share of the axis below y, by the numbers that are drawn.
local function scale(traces, logy)
  local low, high = math.huge, -math.huge
  local function unit(y) return logy and (y > 0 and math.log(y) or -math.huge) or y end
  for _, t in ipairs(traces) do
    for _, p in ipairs(t.points) do
      for _, y in ipairs { p.y, p.low or p.y, p.high or p.y } do
        local u = unit(y)
        if u == u and math.abs(u) < math.huge then low, high = math.min(low, u), math.max(high, u) end
      end
    end
  end
  return function(y) return high > low and (unit(y) - low) / (high - low) or 0.5 end
end

-- Moves places, in ascending order, apart until each is GAP above the one below; each cluster keeps its middle.
local function apart(places)
  local clusters = {}
  for i, place in ipairs(places) do
    clusters[#clusters + 1] = { first = i, n = 1, middle = place }
    while #clusters > 1 do
      local a, b = clusters[#clusters - 1], clusters[#clusters]
      if b.middle - (b.n - 1) * GAP / 2 - (a.middle + (a.n - 1) * GAP / 2) >= GAP then break end
      a.middle, a.n = (a.middle * a.n + b.middle * b.n) / (a.n + b.n), a.n + b.n
      clusters[#clusters] = nil
    end
  end
  local moved = {}
  for _, c in ipairs(clusters) do
    for k = 0, c.n - 1 do moved[c.first + k] = c.middle + (k - (c.n - 1) / 2) * GAP end
  end
  return moved
end

M.apart = apart

-- gnuplot lines that write the `end_name` of each trace that has one and a point; nil if there is none.
function M.lines(traces, o)
  local named, share, longest = {}, scale(traces, o.logy), 0
  for i, t in ipairs(traces) do
    if t.end_name and #t.points > 0 then
      local last = t.points[#t.points]
      named[#named + 1] = { t = t, x = last.x, y = last.y, share = share(last.y), order = i }
      longest = math.max(longest, utf8.len(clean(t.end_name)) or 0)
    end
  end
  if #named == 0 then return nil end
  table.sort(named, function(a, b) return a.share < b.share or a.share == b.share and a.order < b.order end)
  local places = {}
  for i, n in ipairs(named) do places[i] = n.share end
  local lines = { ("set rmargin %d"):format(longest + 3) }
  for i, place in ipairs(apart(places)) do
    local n = named[i]
    lines[#lines + 1] = ("set label %d %s at first %s,first %s left offset character 0.8,%.2f textcolor rgb shade(%d)"):format(FIRST_LABEL + i - 1,
      gnuplot.quote(n.t.end_name), gnuplot.number(n.x), gnuplot.number(n.y), (place - n.share) * LINES, n.t.colour)
  end
  return table.concat(lines, "\n")
end

return M
