-- xy.lua: lab.plot.xy, lines and points of any numbers a script has.

local clean = require "lab.util.text".clean
local figure = require "lab.figure.figure"
local guides = require "lab.figure.guides"
local lines = require "lab.figure.lines"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"
local format = require "lab.util.format"

local WHERE = "lab.plot.xy"

local series_spec = {
  name = { kind = "string", help = "What the legend calls it." },
  x = { kind = "table", takes = "array of numbers", default_is = "1, 2, ...", help = "The places of the points." },
  y = { kind = "table", required = true, takes = "array of numbers", help = "The heights of the points; NaN leaves a gap." },
  low = { kind = "table", takes = "array of numbers", help = "Where the spread of each point begins; goes with `high`." },
  high = { kind = "table", takes = "array of numbers", help = "Where it ends." },
  labels = { kind = "table", takes = "array of texts", help = "A text beside each point." },
  spread = { kind = "string", choices = { "band", "whiskers" }, default = "band", help = "How low and high are drawn." },
  marks = { kind = "string", choices = { "lines", "points", "both" }, default = "lines", help = "How the points are drawn." },
}

local spec = lines.spec {
  series = { kind = "table", required = true, takes = "array of tables", each = series_spec, help = "What is drawn." },
  guides = guides.option,
}

manual.word(WHERE, {
  summary = "lines and points of any numbers",
  options = spec,
  example = 'lab.plot.xy { series = { { name = "measured", x = { 1, 2 }, y = { 3, 5 }, marks = "points" } }, xlabel = "size", ylabel = "seconds" }',
})

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
    if type(s.y[i]) ~= "number" or type(x) ~= "number" then options.fail(("%s: point %d is not a number"):format(where, i)) end
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
    rows[i] = { clean(s.name or ("series %d"):format(i)), tostring(#points), format.number(ys.low), format.number(ys.high) }
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
