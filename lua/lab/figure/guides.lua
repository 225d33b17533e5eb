-- guides.lua: thin grey lines that a figure is read against, each with its name beside it.

local gnuplot = require "lab.figure.gnuplot"
local options = require "lab.util.options"

local M = {}

local spec = {
  x = { kind = "number", help = "Where an upright line stands." },
  y = { kind = "number", help = "Where a level line lies." },
  slope = { kind = "number", help = "The slope of a straight line on the figure's own axes: a power law where both are logarithmic." },
  through = { kind = "table", takes = "{ x, y }", help = "A point of that line." },
  from = { kind = "number", default_is = "the figure's edge, or the first point", help = "Where a level line or a slope begins." },
  to = { kind = "number", default_is = "the figure's edge, or the last point", help = "Where it ends." },
  label = { kind = "string", default = "", help = "The name beside the line." },
  at = { kind = "number", min = 0, max = 1, default = 1, unit = "share of the line", help = "Where the name stands along the line." },
  below = { kind = "boolean", default = false, help = "Whether the name stands below the line." },
}

-- The option `guides` of a figure.
M.option = { kind = "table", takes = "array of tables", each = spec, help = "Thin grey lines to read the figure against; each has `x`, `y` or `slope`, one of them." }

local LOOK = "linecolor rgb grey dashtype (6, 4) linewidth 1.2"
local BESIDE, ABOVE = 90, 110  -- pixels of a figure beside and above its axes: for the tilt of a label

-- Checked guides.
function M.check(where, given)
  local list = {}
  for i, item in ipairs(given or {}) do
    local here = ("%s, guide %d"):format(where, i)
    local g = options.check(here, spec, item)
    if (g.x and 1 or 0) + (g.y and 1 or 0) + (g.slope and 1 or 0) ~= 1 then options.fail(here .. ": give exactly one of 'x', 'y' and 'slope'") end
    if g.slope and not (g.through and type(g.through[1]) == "number" and type(g.through[2]) == "number") then
      options.fail(here .. ": a slope needs 'through', { x, y }")
    end
    list[i] = g
  end
  return list
end

-- A place on an axis as a length: its logarithm where the axis is logarithmic.
local function forth(v, log) return log and math.log(v, 10) or v end
local function back(v, log) return log and 10.0 ^ v or v end

-- The ends of each axis as gnuplot will choose them, near enough.
local function extents(o, traces)
  local ends = {}
  for _, axis in ipairs { "x", "y" } do
    local log, range = o["log" .. axis], o[axis .. "range"] or {}
    local low, high = math.huge, -math.huge
    for _, t in ipairs(traces) do
      for _, p in ipairs(t.points) do
        if not log or p[axis] > 0 then low, high = math.min(low, p[axis]), math.max(high, p[axis]) end
      end
    end
    local decades = log and low < high
    ends[axis] = {
      low = range[1] or range.min or decades and 10.0 ^ math.floor(math.log(low, 10)) or low,
      high = range[2] or range.max or decades and 10.0 ^ math.ceil(math.log(high, 10)) or high, seen = { low, high }, log = log,
    }
  end
  return ends
end

local function label(i, text, x, y, rest)
  return ("set label %d %s at %s,%s %s font ',13' textcolor rgb grey"):format(100 + i, gnuplot.quote(text), x, y, rest)
end

local function arrow(i, x1, y1, x2, y2)
  return ("set arrow %d from %s,%s to %s,%s nohead back %s"):format(100 + i, x1, y1, x2, y2, LOOK)
end

local function first(v) return "first " .. gnuplot.number(v) end

local function level(i, g, lines)
  local left, right = g.from and first(g.from) or "graph 0", g.to and first(g.to) or "graph 1"
  lines[#lines + 1] = arrow(i, left, first(g.y), right, first(g.y))
  local where = g.at < 0.5 and "left offset 0.5,%s" or "right offset -0.4,%s"
  lines[#lines + 1] = label(i, g.label, g.at < 0.5 and left or right, first(g.y), where:format(g.below and "-0.6" or "0.6"))
end

local function place(i, g, lines, ends)
  lines[#lines + 1] = arrow(i, first(g.x), "graph 0", first(g.x), "graph 1")
  local e = ends.x
  local beyond = forth(g.x, e.log) - forth(e.low, e.log) > 0.6 * (forth(e.high, e.log) - forth(e.low, e.log))
  lines[#lines + 1] = label(i, g.label, first(g.x), "graph 1", beyond and "right offset -0.6,-0.7" or "left offset 0.6,-0.7")
end

-- y at x on a slope.
local function y_at(g, x, ends)
  local ex, ey = ends.x.log, ends.y.log
  return back(forth(g.through[2], ey) + g.slope * (forth(x, ex) - forth(g.through[1], ex)), ey)
end

-- A slope is two points of the data.
local function slope_points(g, ends)
  local from, to = g.from or ends.x.seen[1], g.to or ends.x.seen[2]
  return { { x = from, y = y_at(g, from, ends) }, { x = to, y = y_at(g, to, ends) } }
end

-- Its label lies along it, on a figure of so many pixels.
local function slope_label(i, g, points, ends, size, lines)
  local ex, ey = ends.x, ends.y
  local from, to = forth(points[1].x, ex.log), forth(points[2].x, ex.log)
  local x = back(from + g.at * (to - from), ex.log)
  local wide, tall = forth(ex.high, ex.log) - forth(ex.low, ex.log), forth(ey.high, ey.log) - forth(ey.low, ey.log)
  local tilt = wide > 0 and tall > 0 and math.deg(math.atan(g.slope * (size[2] - ABOVE) / tall, (size[1] - BESIDE) / wide)) or 0
  lines[#lines + 1] = label(i, g.label, first(x), first(y_at(g, x, ends)),
    ("%s offset %s rotate by %.0f"):format(g.at < 0.5 and "left" or "right", g.below and "0.8,-0.6" or "0,0.6", tilt))
end

-- What guides add to a figure: lines for the axes, and traces for the slopes.
function M.draw(guides, o, traces)
  local lines, more, ends = {}, {}, extents(o, traces)
  local all, size = table.move(traces, 1, #traces, 1, {}), { o.width or 720, o.height or 400 }
  for i, g in ipairs(guides) do
    if g.slope then
      more[#more + 1] = { guide = i, name = g.label, points = slope_points(g, ends) }
      all[#all + 1] = more[#more]
    end
  end
  ends = extents(o, all)  -- slopes may reach farther than the points
  for i, g in ipairs(guides) do
    if g.y then level(i, g, lines) elseif g.x then place(i, g, lines, ends) end
  end
  for _, t in ipairs(more) do slope_label(t.guide, guides[t.guide], t.points, ends, size, lines) end
  return table.concat(lines, "\n"), more
end

M.look = LOOK
return M
