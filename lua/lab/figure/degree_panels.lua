-- degree_panels.lua: what a panel of lab.plot.degrees can show. A new one is a function here.
--
-- A panel takes a layer { title, series }, the figure's options, `block` (keeps rows of data and
-- returns their index) and whether it stands first in its row. It returns lines of gnuplot that
-- set it up and the clauses of its plot.

local degrees = require "lab.degree.degrees"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local lines = require "lab.figure.lines"
local panel_data = require "lab.figure.degree_panel_data"

local M = {}

local SHORTEST_TAIL = 50  -- as in core/degree/powerlaw_verdict.c

function M.fit_text(fit)
  return ("α %.2f, xmin %s, n_tail %s"):format(fit.alpha, format.count(fit.xmin), format.count(fit.n_tail))
end

local function look(i)
  return ("linecolor rgb shade(%d) pointtype %d pointsize"):format(i, i % 2 == 1 and 7 or 5)
end

-- The legend's line of a series: its name and what `text` says of it.
local function titled(s, text)
  if not text then return s.name end
  return s.name ~= "" and s.name .. ": " .. text or text
end

-- A legend above the panel, a row a series.
local function key(layer)
  return ("set key at graph -0.14, graph 1.04 left bottom vertical Left reverse samplen 0.5 spacing 0.9 maxrows %d font ',13'"):format(
    math.max(1, #layer.series))
end

local digits = { { 1, 2, 5 }, { 1, 2, 3, 4, 5, 6, 7, 8, 9 } }

-- Evenly spaced ones, where high is but a few times low.
local function even_tics(low, high)
  local power = 10 ^ math.floor(math.log((high - low) / 3, 10))
  local rough = (high - low) / 4 / power
  local step, tics = math.max(1, math.tointeger((rough < 1.5 and 1 or rough < 3.5 and 2 or rough < 7.5 and 5 or 10) * power // 1)), {}
  for tic = math.ceil(low / step) * step, math.floor(high), step do tics[#tics + 1] = tostring(math.tointeger(tic)) end
  return tics
end

-- Tics from low to high: 1, 2 and 5 of each decade, all digits where that gives only one, or the ends.
local function few_tics(low, high)
  if high / low < 4 then
    local tics = even_tics(low, high)
    if #tics > 1 then return tics end
  end
  for _, list in ipairs(digits) do
    local tics = {}
    for power = 0, math.floor(math.log(high, 10)) do
      for _, digit in ipairs(list) do
        local tic = math.tointeger(digit * 10 ^ power)
        if tic >= low and tic <= high then tics[#tics + 1] = tostring(tic) end
      end
    end
    if #tics > 1 then return tics end
  end
  return { math.ceil(low), math.floor(high) }
end

-- The range of a logarithmic axis of degrees; where decades are too few for gnuplot's tics, our own.
local function degree_axis(lowest, highest)
  if lowest > highest then return "set xrange [1:10]; set xtics auto" end
  local from, to = lowest / 1.15, highest * 1.15
  local tics = to / from < 200 and "(" .. table.concat(few_tics(from, to), ", ") .. ")" or "auto"
  return ("set xrange [%.4g:%.4g]; set xtics %s"):format(from, to, tics)
end

-- ---- histogram ---------------------------------------------------------------------------

-- Bars on linear axes, a later series over an earlier one; a few units far out are only counted.
function M.histogram(layer, o, block)
  local low, high, beyond, highest = math.huge, 0, 0, 0
  for _, s in ipairs(layer.series) do
    if #s.values > 0 then
      local bulk = panel_data.bulk(s.values)
      high = math.max(high, bulk)
      for _, v in ipairs(s.values) do low, highest = math.min(low, v), math.max(highest, v) end
    end
  end
  local width, clauses = panel_data.bin_width(low, high, 60), {}
  for i, s in ipairs(layer.series) do
    local shown = {}
    for _, v in ipairs(s.values) do
      if v <= high then shown[#shown + 1] = v else beyond = beyond + 1 end
    end
    if #shown > 0 then
      clauses[#clauses + 1] = ("data index %d using 1:2:(%d) with boxes fillcolor rgb shade(%d) fillstyle transparent solid %g border rgb shade(%d) %s"):format(
        block(panel_data.histogram(shown, low, width)), width, i, i == 1 and 0.45 or 0.15, i, s.name ~= "" and "title " .. gnuplot.quote(s.name) or "notitle")
    end
  end
  local note = beyond == 0 and "" or ("%s %s beyond, up to %s"):format(format.count(beyond), beyond == 1 and "unit" or "units", format.count(highest))
  return {
    ("unset logscale; set format '%%h'; set autoscale; set xtics auto; set yrange [0:*]; set xrange [%s:*]"):format(low < math.huge and ("%.4g"):format(low - width) or "*"),
    ("set label 2 %s at graph 1, graph 1 right offset 0,-0.8 font ',13'"):format(gnuplot.quote(note)),
    ("set ylabel %s offset 1.2,0"):format(gnuplot.quote(o.ylabel)), key(layer),
  }, clauses
end

-- ---- cumulative distribution ----------------------------------------------------------------

-- Share of units with at least so many links on logarithmic axes, fits from xmin on.
function M.ccdf(layer, _, block)
  local points, keys, smallest, lowest, highest = {}, {}, 1.0, math.huge, 1
  for i, s in ipairs(layer.series) do
    local tail = panel_data.points(degrees.ccdf(s.values))
    if #tail > 0 then
      smallest = math.min(smallest, tail[#tail][2])
      lowest, highest = math.min(lowest, tail[1][1]), math.max(highest, tail[#tail][1])
      local text = titled(s, s.fit and M.fit_text(s.fit))
      points[#points + 1] = ("data index %d using 1:2 with points %s 0.4 notitle"):format(block(tail), look(i))
      if text ~= "" then keys[#keys + 1] = ("keyentry with points %s 0.8 title %s"):format(look(i), gnuplot.quote(text)) end
      if s.fit then
        local model = degrees.model(s.fit, math.max(tail[#tail][1], s.fit.xmin + 1))
        points[#points + 1] = ("data index %d using 1:2 with lines linecolor rgb 'black' linewidth 1.5 dashtype %s notitle"):format(
          block(panel_data.points(model)), lines.dashes[(i - 1) % 2 + 2])
      end
    end
  end
  table.move(keys, 1, #keys, #points + 1, points)
  return {
    "set logscale xy; set format '%h'; set autoscale", degree_axis(lowest, highest),
    ("set yrange [%.3g:1.5]; set ylabel 'share with ≥ x links' offset 1,0"):format(smallest / 2), key(layer),
  }, points
end

-- ---- the search for xmin ----------------------------------------------------------------------

-- Rows of one series' scan in two blocks: tails long enough to speak, and those that are not.
local function scan_blocks(values)
  local scan, long, short = degrees.scan(values), {}, {}
  for i, xmin in ipairs(scan.xmin) do
    local row = { xmin, scan.D[i] }
    if scan.n_tail[i] >= SHORTEST_TAIL then long[#long + 1] = row
    else
      if #short == 0 then short[1] = long[#long] end  -- the lines meet
      short[#short + 1] = row
    end
  end
  return long, short, scan.xmin
end

-- Distance between tail and power law against where the tail begins; the chosen xmin is ringed.
function M.distance(layer, o, block)
  local clauses, rings, lowest, highest = {}, {}, math.huge, 1
  for i, s in ipairs(layer.series) do
    local long, short, all = scan_blocks(s.values)
    if #all > 0 then
      lowest, highest = math.min(lowest, all[1]), math.max(highest, all[#all])
      for k, rows in ipairs { long, short } do
        if #rows > 0 then
          clauses[#clauses + 1] = ("data index %d using 1:2 with linespoints linecolor rgb %s(%d) linewidth 1.6 pointtype 7 pointsize 0.25 notitle"):format(
            block(rows), k == 1 and "shade" or "faint", i)
        end
      end
      local text = titled(s, s.fit and s.fit.D and ("xmin %s, D %.3f"):format(format.count(s.fit.xmin), s.fit.D))
      if s.fit and s.fit.D then
        rings[#rings + 1] = ("data index %d using 1:2 with points linecolor rgb 'black' pointtype %d pointsize 1.6 linewidth 1.6 notitle"):format(
          block { { s.fit.xmin, s.fit.D } }, i % 2 == 1 and 6 or 4)
      end
      if text ~= "" then rings[#rings + 1] = ("keyentry with points %s 0.8 title %s"):format(look(i), gnuplot.quote(text)) end
    end
  end
  table.move(rings, 1, #rings, #clauses + 1, clauses)
  return {
    "set logscale x; unset logscale y; set format '%h'; set autoscale", degree_axis(lowest, highest),
    "set yrange [0:*]; set ylabel 'distance D' offset 1.8,0", key(layer),
    ("set xlabel %s"):format(gnuplot.quote("xmin, in " .. o.xlabel)),
  }, clauses
end

return M
