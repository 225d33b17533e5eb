-- lines.lua: line figures put together: traces with bands, dashes and a legend.
--
-- A trace is { title = text or nil, colour = 1.., dash = 1.., thin = true or nil,
-- points = { { x =, y =, low =, high =, n =, label = }, ... }, band = true, whiskers = true, cross =
-- true }: cross marks its last point, where a run broke off; low and high are a band or whiskers;
-- labels stand beside the points, end_name at the line's end in its colour; no line leads to a point with `breaks`. One trace is one block of the data file.

local clean = require "lab.util.text".clean
local end_names = require "lab.figure.end_names"
local gnuplot = require "lab.figure.gnuplot"
local figure = require "lab.figure.figure"
local guides = require "lab.figure.guides"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local M = {}

M.dashes = { "solid", "(8, 5)", "(2, 4)", "(10, 4, 2, 4)", "(14, 5)", "(5, 3, 1, 3)" }

-- Options of the axes that every line figure takes.
M.axes = {
  xlabel = { kind = "string", default_is = "made of the column's name", help = "The text below the x axis." },
  ylabel = { kind = "string", default_is = "made of the column's name", help = "The text beside the y axis." },
  logx = { kind = "boolean", default = false, help = "Whether the x axis is logarithmic." },
  logy = { kind = "boolean", default = false, help = "Whether the y axis is logarithmic." },
  xrange = { kind = "table", takes = "{ low, high }, { min = } or { max = }", default_is = "what the points need", help = "The ends of the x axis." },
  yrange = { kind = "table", takes = "{ low, high }, { min = } or { max = }", default_is = "what the points need", help = "The ends of the y axis." },
  xstep = { kind = "number", above = 0, help = "The distance between two tics of the x axis." },
  ystep = { kind = "number", above = 0, help = "The distance between two tics of the y axis." },
  xtics = { kind = "table", takes = "array of numbers", help = "The numbers on the x axis that get a tic." },
  ytics = { kind = "table", takes = "array of numbers", help = "The numbers on the y axis that get a tic." },
}

-- The options of a line figure: those of its kind, of the axes and of every figure.
function M.spec(own)
  local all = { positional = true }
  for name, rule in pairs(M.axes) do all[name] = rule end
  for name, rule in pairs(own) do all[name] = rule end
  return figure.spec(all)
end

-- The points with y, low and high averaged over k neighbours (in place).
function M.smoothed(points, k)
  if k <= 1 then return points end
  for _, key in ipairs { "y", "low", "high" } do
    local values = {}
    for i, p in ipairs(points) do values[i] = p[key] or p.y end
    for i, v in ipairs(statistics.smooth(values, k)) do points[i][key] = v end
  end
  return points
end

-- "[0:1]" from { 0, 1 }; either end may be missing.
local function range(where, name, given)
  local low, high = given[1] or given.min, given[2] or given.max
  for _, v in pairs { low, high } do
    if type(v) ~= "number" or v ~= v then options.fail(("%s: option '%s' must be { low, high } in numbers"):format(where, name)) end
  end
  return ("set %s [%s:%s]"):format(name, low and gnuplot.number(low) or "*", high and gnuplot.number(high) or "*")
end

-- Tics at the numbers of a list, without small ones between them.
local function tics(where, axis, list)
  local at = {}
  for i, v in ipairs(list) do
    if not statistics.finite(v) then options.fail(("%s: option '%stics' must hold finite numbers, and item %d is not one"):format(where, axis, i)) end
    at[i] = gnuplot.number(v)
  end
  if #at == 0 then options.fail(("%s: option '%stics' is empty"):format(where, axis)) end
  return ("set %stics (%s)"):format(axis, table.concat(at, ", "))
end

-- How a logarithmic axis writes its numbers: 10 k, 100 k, 1 M where they are large.
local function log_format(axis, traces)
  local low, high = math.huge, -math.huge
  for _, t in ipairs(traces) do
    for _, p in ipairs(t.points) do low, high = math.min(low, p[axis]), math.max(high, p[axis]) end
  end
  return low >= 1 and high >= 1e4 and "%.0s %c" or "%h"
end

-- Whether all x are whole numbers, and few: then tics between them would say nothing.
local function is_countable(traces)
  local low, high = math.huge, -math.huge
  for _, t in ipairs(traces) do
    for _, p in ipairs(t.points) do
      if p.x ~= math.floor(p.x) then return false end
      low, high = math.min(low, p.x), math.max(high, p.x)
    end
  end
  return high - low >= 1 and high - low <= 10
end

local function axes(where, o, traces)
  local lines = {}
  if not (o.logx or o.xstep or o.xtics or o.xrange) and is_countable(traces) then lines[1] = "set xtics 1" end
  for _, axis in ipairs { "x", "y" } do
    if o["log" .. axis] then
      lines[#lines + 1] = "set logscale " .. axis
      lines[#lines + 1] = ("set format %s '%s'"):format(axis, log_format(axis, traces))
    end
    if o[axis .. "step"] then lines[#lines + 1] = ("set %stics %s"):format(axis, gnuplot.number(o[axis .. "step"])) end
    if o[axis .. "tics"] then lines[#lines + 1] = tics(where, axis, o[axis .. "tics"]) end
    local name = axis .. "range"
    if o[name] then lines[#lines + 1] = range(where, name, o[name]) end
  end
  return table.concat(lines, "\n")
end

-- The seventh line has the first one's colour again, and not its dash.
local function dash(i)
  local n = #M.dashes
  return M.dashes[(i - 1 + (i - 1) // n) % n + 1]
end

local symbols = { 7, 4, 8, 12, 10, 14 }  -- a disc; outlines of a square, triangle, diamond, ...: what lies below shows

-- How a trace is drawn, in the plot and in the legend.
local function look(t)
  local shape = t.marks == "points" and "points" or t.marks and "linespoints" or "lines"
  local colour = t.grey and "grey" or ("%s(%d)"):format(t.thin and "faint" or "shade", t.colour)
  local line = ("with %s linecolor rgb %s"):format(shape, colour)
  if shape ~= "points" then line = ("%s dashtype %s linewidth %s"):format(line, dash(t.dash or 1), t.thin and "1" or "2.2") end
  if shape == "points" then return ("%s pointtype %d pointsize 0.85 linewidth 1.6"):format(line, symbols[(t.dash - 1 + (t.dash - 1) // #symbols) % #symbols + 1]) end
  return t.marks and line .. " pointtype 7 pointsize 0.45" or line
end

-- The rows of a trace; one without numbers breaks the line.
local function rows_of(t)
  local rows = {}
  for _, p in ipairs(t.points) do
    if p.breaks then rows[#rows + 1] = {} end
    rows[#rows + 1] = { p.x, p.y, p.low, p.high, p.n, t.name or t.title or "", p.label or "" }
  end
  return rows
end

local CROSS = "with points pointtype 2 pointsize 1.2 linecolor rgb 'black'"

-- The clauses of one trace, each into its layer: bands below, then lines, then crosses.
local function clauses(index, t, layers)
  local function add(layer, text, ...) table.insert(layers[layer], text:format(index, ...)) end
  if t.guide then return add(1, "data index %d using 1:2 with lines %s notitle", guides.look) end
  if t.band then
    add(1, "data index %d using 1:3:4 with filledcurves fillcolor rgb band(%d) fillstyle solid noborder notitle", t.colour)
  end
  if t.whiskers then
    add(2, "data index %d using 1:3:(0):($4-$3) with vectors heads size screen 0.005,90 linewidth 1.4 linecolor rgb shade(%d) notitle", t.colour)
  end
  add(2, "data index %d using 1:2 %s notitle", look(t))
  if t.labels then add(3, "data index %d using 1:2:7 with labels left offset 0.6,0.5 font ',13' notitle") end
  if t.cross then add(3, "data index %d every ::%d using 1:2 " .. CROSS .. " notitle", #rows_of(t) - 1) end
end

-- One entry of the legend: a trace, or { title =, swatch = true }, { title =, mark = true },
-- { title =, grey = true, dash = } for what holds of all colours, { title = } for words alone; {} is an empty place.
local function entry(e)
  local drawn = "with lines linecolor rgb 0xFF000000"
  if e.swatch then drawn = "with boxes fillcolor rgb grey fillstyle transparent solid 0.35 noborder"
  elseif e.mark then drawn = CROSS
  elseif e.colour or e.grey then drawn = look(e) end
  return ("keyentry %s title %s"):format(drawn, gnuplot.quote(e.title or " "))
end

-- The legend in rows: the traces first, then the rest. gnuplot fills a legend column by
-- column, so the places are dealt out here, with empty ones where a row is short.
local function legend(traces, entries, width)
  local items, longest = {}, 0
  for _, t in ipairs(traces) do if t.title then items[#items + 1] = t end end
  local n = #items
  table.move(entries, 1, #entries, n + 1, items)
  for _, e in ipairs(items) do longest = math.max(longest, utf8.len(clean(e.title))) end
  local fits = math.max(1, (width - 110) // (62 + 8.6 * longest)) -- a sample and its text
  local columns = math.min(#items <= fits and #items or math.max(n, #entries), fits) // 1 | 0
  columns = math.max(1, columns)
  local split = n > columns and #items or n -- traces that fill one row leave the rest a new one
  local rows, places = {}, {}
  for i, e in ipairs(items) do
    if i == 1 or #rows[#rows] == columns or (i == split + 1 and #items > columns) then rows[#rows + 1] = {} end
    table.insert(rows[#rows], e)
  end
  for c = 1, columns do
    for r = 1, #rows do places[#places + 1] = entry(rows[r][c] or {}) end
  end
  return places, #rows
end

-- Script values, data and number of points of a line figure, or nil if no trace has a point.
--   o       checked options with the axes' labels filled in
--   traces  in drawing order; entries: more lines of the legend; marked: checked guides
function M.figure(where, o, traces, entries, marked)
  local layers, blocks, points = { {}, {}, {} }, {}, 0
  for _, t in ipairs(traces) do points = points + #t.points end
  if points == 0 then return nil end
  local lines, drawn = { axes(where, o, traces) }, table.move(traces, 1, #traces, 1, {})
  if marked then
    local more
    lines[2], more = guides.draw(marked, o, traces)
    table.move(more, 1, #more, #drawn + 1, drawn)
  end
  lines[#lines + 1] = end_names.lines(traces, o)
  local header = { gnuplot.header_name(o.x_name or "x"), "y", "low", "high", "runs", "series" }
  for i, t in ipairs(drawn) do
    clauses(i - 1, t, layers)
    if t.labels then header[7] = "label" end
    blocks[i] = rows_of(t)
  end
  local key, key_rows = legend(traces, entries or {}, o.width or 720)
  layers[4] = key
  local all = {}
  for _, layer in ipairs(layers) do table.move(layer, 1, #layer, #all + 1, all) end
  return {
    XLABEL = gnuplot.quote(o.xlabel), YLABEL = gnuplot.quote(o.ylabel), AXES = table.concat(lines, "\n"),
    KEY = #key > 0 and "set key vertical maxrows " .. key_rows or "unset key",
    PLOT = table.concat(all, ", \\\n     "),
  }, gnuplot.csv(header, blocks), points
end

return M
