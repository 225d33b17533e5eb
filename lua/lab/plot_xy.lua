-- plot_xy.lua: lab.plot.xy, lines and points of any numbers a script has.
--
--   lab.plot.xy { series = { { name = "measured", x = { 1, 2 }, y = { 3, 5 }, marks = "points" } }, xlabel = "size" }
-- A series may leave x out (1, 2, ...), give low and high for a band or whiskers, and labels, a
-- text for each point. `guides` are lines to read it against: see guides.lua.

local figure = require "lab.figure"
local gnuplot = require "lab.gnuplot"
local guides = require "lab.guides"
local lines = require "lab.lines"
local options = require "lab.options"
local statistics = require "lab.statistics"
local format = require "lab.format"

local WHERE = "lab.plot.xy"

local spec = lines.spec {
  series = { kind = "table", required = true },
  guides = { kind = "table" },
}

local series_spec = {
  name = { kind = "string" },
  x = { kind = "table" }, y = { kind = "table", required = true },
  low = { kind = "table" }, high = { kind = "table" }, labels = { kind = "table" },
  spread = { kind = "string", choices = { "band", "whiskers" }, default = "band" },
  marks = { kind = "string", choices = { "lines", "points", "both" }, default = "lines" },
}

-- Points of one series; what is not finite is left out, and no line leads over it.
local function points_of(s, where)
  for _, name in ipairs { "x", "low", "high", "labels" } do
    if s[name] and #s[name] ~= #s.y then
      options.fail(("%s: %s has %d %s, y has %d"):format(where, name, #s[name], name == "labels" and "texts" or "numbers", #s.y))
    end
  end
  local points, broken = {}, nil
  for i = 1, #s.y do
    local x = s.x and s.x[i] or not s.x and i
    if type(s.y[i]) ~= "number" or type(x) ~= "number" then options.fail(("%s: point %d is no number"):format(where, i)) end
    if statistics.finite(x) and statistics.finite(s.y[i]) then
      points[#points + 1] = { x = x, y = s.y[i], low = s.low and s.low[i], high = s.high and s.high[i],
        label = s.labels and tostring(s.labels[i]), breaks = broken }
      broken = nil
    else broken = #points > 0 or nil end
  end
  return points
end

local marks = { lines = false, points = "points", both = "both" }

return function(given)
  local o = figure.check(WHERE, spec, given)
  local traces, rows, notices = {}, {}, {}
  for i, item in ipairs(o.series) do
    local where = ("%s, series %d"):format(WHERE, i)
    local s = options.check(where, series_spec, item)
    local points = points_of(s, where)
    local spread = s.low and s.high and s.spread
    traces[i] = { title = s.name, points = points, colour = i, dash = i, marks = marks[s.marks], labels = s.labels ~= nil,
      band = spread == "band", whiskers = spread == "whiskers" }
    local lost = #s.y - #points
    if lost > 0 then
      notices[#notices + 1] = ("%d of %d points of %s %s not finite and not drawn"):format(lost, #s.y, s.name or "series " .. i, lost == 1 and "is" or "are")
    end
    local ys = statistics.summary(s.y) or {}
    rows[i] = { gnuplot.clean(s.name or ("series %d"):format(i)), tostring(#points), format.number(ys.low), format.number(ys.high) }
  end
  o.xlabel, o.ylabel = o.xlabel or "", o.ylabel or ""
  local values, data, points = lines.figure(WHERE, o, traces, nil, guides.check(WHERE, o.guides))
  local about = o.ylabel ~= "" and ("%s against %s"):format(o.ylabel, o.xlabel ~= "" and o.xlabel or "x") or "figure"
  figure.show {
    kind = "xy", template = "lines", values = values, data = data, points = points, options = o,
    notices = notices, title = about, text = o.title or about,
    table = { kind = "table", header = { "", "points", "lowest", "highest" }, rows = rows, align = "lrrr" },
  }
end
