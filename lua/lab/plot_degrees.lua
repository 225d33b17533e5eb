-- plot_degrees.lua: lab.plot.degrees, degree distributions with their power-law fits.
--
--   lab.plot.degrees { series = { { name = "before", values = degrees, fit = lab.power_law(degrees) }, ... } }
--   lab.plot.degrees { layers = { { title = "layer 1", series = { ... } }, ... } }
-- One row a layer, two panels a row. The fit stands beside its n_tail: a tail of few units
-- fits any law.

local curves = require "lab.degree_curves"
local figure = require "lab.figure"
local format = require "lab.format"
local gnuplot = require "lab.gnuplot"
local lines = require "lab.lines"
local options = require "lab.options"

local WHERE = "lab.plot.degrees"

local spec = {
  series = { kind = "table" }, layers = { kind = "table" },
  xlabel = { kind = "string", default = "links of a unit" }, ylabel = { kind = "string", default = "units" },
}
local series_spec = {
  name = { kind = "string", default = "" }, values = { kind = "table", required = true }, fit = { kind = "table" },
}

local function check_series(where, given)
  local s = options.check(where, series_spec, given)
  for i, v in ipairs(s.values) do
    local whole = math.tointeger(v)
    if not whole or whole < 0 then options.fail(("%s: value %d is %s, must be a whole number of links"):format(where, i, tostring(v))) end
  end
  local fit = s.fit
  for _, key in ipairs { "alpha", "xmin", "n_tail", "n" } do
    if fit and not tonumber(fit[key]) then s.fit = nil end -- too few values for a fit
  end
  return s
end

-- The rows of the figure: { title, series }, with every series checked.
local function check_layers(o)
  if (o.series == nil) == (o.layers == nil) then options.fail(WHERE .. ": give either 'series' or 'layers'") end
  local layers = {}
  for i, given in ipairs(o.layers or { { series = o.series } }) do
    local where = o.layers and ("%s, layer %d"):format(WHERE, i) or WHERE
    local layer = options.check(where, { title = { kind = "string" }, series = { kind = "table", required = true } }, given)
    local checked = {}
    for j, s in ipairs(layer.series) do checked[j] = check_series(("%s, series %d"):format(where, j), s) end
    layers[i] = { title = layer.title, series = checked }
  end
  return layers
end

local function fit_text(fit)
  return ("α %.2f, xmin %s, n_tail %s"):format(fit.alpha, format.count(fit.xmin), format.count(fit.n_tail))
end

-- The histogram's bars, and a sentence on what lies beyond its right end.
local function histogram_clauses(layer, block)
  local low, high, beyond, highest = math.huge, 0, 0, 0
  for _, s in ipairs(layer.series) do
    if #s.values > 0 then
      local bulk = curves.bulk(s.values)
      high = math.max(high, bulk)
      for _, v in ipairs(s.values) do low, highest = math.min(low, v), math.max(highest, v) end
    end
  end
  local width, clauses = curves.bin_width(low, high, 60), {}
  for i, s in ipairs(layer.series) do
    local shown = {}
    for _, v in ipairs(s.values) do
      if v <= high then shown[#shown + 1] = v else beyond = beyond + 1 end
    end
    if #shown > 0 then
      clauses[#clauses + 1] = ("data index %d using 1:2:(%d) with boxes fillcolor rgb shade(%d) notitle"):format(
        block(curves.histogram(shown, low, width)), width, i)
    end
  end
  if beyond == 0 then return clauses, "" end
  return clauses, ("%s %s beyond, up to %s"):format(format.count(beyond), beyond == 1 and "unit" or "units", format.count(highest))
end

-- The right panel's points and fits, the smallest share, the lowest and highest degree.
local function ccdf_clauses(layer, block)
  local points, keys, smallest, lowest, highest = {}, {}, 1.0, math.huge, 1
  for i, s in ipairs(layer.series) do
    local tail, n = curves.ccdf(s.values)
    if n > 0 then
      smallest = math.min(smallest, 1 / n)
      lowest, highest = math.min(lowest, tail[1][1]), math.max(highest, tail[#tail][1])
      local text = s.fit and (s.name ~= "" and s.name .. ": " or "") .. fit_text(s.fit) or s.name
      local look = ("linecolor rgb shade(%d) pointtype %d pointsize"):format(i, i % 2 == 1 and 7 or 5)
      points[#points + 1] = ("data index %d using 1:2 with points %s 0.4 notitle"):format(block(tail), look)
      if text ~= "" then
        keys[#keys + 1] = ("keyentry with points %s 0.8 title %s"):format(look, gnuplot.quote(text))
      end
      if s.fit then
        local to = math.max(tail[#tail][1], s.fit.xmin + 1)
        points[#points + 1] = ("data index %d using 1:2 with lines linecolor rgb 'black' linewidth 1.5 dashtype %s notitle"):format(
          block(curves.fitted(s.fit, to)), lines.dashes[(i - 1) % 2 + 2])
      end
    end
  end
  table.move(keys, 1, #keys, #points + 1, points)
  return points, smallest, lowest, highest
end

-- The range of a logarithmic axis of degrees; where decades are too few, also 2 and 5 of each.
local function degree_axis(lowest, highest)
  if lowest > highest then return "set xrange [1:10]; set xtics auto" end
  local from, to, tics = lowest / 1.15, highest * 1.15, {}
  for power = 0, math.floor(math.log(to, 10)) do
    for _, digit in ipairs { 1, 2, 5 } do
      local tic = math.tointeger(digit * 10 ^ power)
      if tic >= from and tic <= to then tics[#tics + 1] = tostring(tic) end
    end
  end
  local few = to / from < 200 and #tics > 0
  return ("set xrange [%.4g:%.4g]; set xtics %s"):format(from, to, few and "(" .. table.concat(tics, ", ") .. ")" or "auto")
end

local ROW = 320 -- pixels: of them 50 above the panels for the legend, 72 below for the axis

-- One panel at its place on the canvas: `row` of `rows` from the top, left or right half.
local function panel(row, rows, column, setup, clauses)
  local top, bottom = 1 - (row - 1) / rows, 1 - row / rows
  return table.concat({
    ("set lmargin at screen %.4f; set rmargin at screen %.4f"):format(column == 1 and 0.12 or 0.625, column == 1 and 0.485 or 0.965),
    ("set bmargin at screen %.4f; set tmargin at screen %.4f"):format(bottom + 72 / ROW / rows, top - 50 / ROW / rows),
    table.concat(setup, "\n"), #clauses > 0 and "plot " .. table.concat(clauses, ", \\\n     ") or "",
  }, "\n")
end

local function panels_of(layers, o, blocks)
  local panels = {}
  local function block(rows) blocks[#blocks + 1] = rows return #blocks - 1 end
  for i, layer in ipairs(layers) do
    local bars, note = histogram_clauses(layer, block)
    local points, smallest, lowest, highest = ccdf_clauses(layer, block)
    panels[#panels + 1] = panel(i, #layers, 1, {
      "unset logscale; set format '%h'; set autoscale; set xtics auto; set yrange [0:*]; unset key",
      ("set label 1 %s at graph 0, graph 1 left offset 0,1.2"):format(gnuplot.quote(layer.title or "")),
      ("set label 2 %s at graph 1, graph 1 right offset 0,-0.8 font ',13'"):format(gnuplot.quote(note)),
      ("set xlabel %s; set ylabel %s offset 1.2,0"):format(gnuplot.quote(o.xlabel), gnuplot.quote(o.ylabel)),
    }, bars)
    panels[#panels + 1] = panel(i, #layers, 2, {
      "unset label; set logscale xy; set format y '%h'; set autoscale",
      degree_axis(lowest, highest), ("set yrange [%.3g:1.5]"):format(smallest / 2),
      "set ylabel 'share with ≥ x links' offset 1,0",
      ("set key at screen 0.53, graph 1.04 left bottom vertical Left reverse samplen 0.5 maxrows %d font ',13'"):format(#layer.series),
    }, points)
  end
  return table.concat(panels, "\n\n")
end

local function table_rows(layers)
  local rows, said = {}, {}
  for i, layer in ipairs(layers) do
    for _, s in ipairs(layer.series) do
      local name = table.concat({ layer.title or (#layers > 1 and "layer " .. i or nil) or "", s.name }, " "):gsub("^ ", "")
      local fit = s.fit
      rows[#rows + 1] = { gnuplot.clean(name), format.count(#s.values), fit and ("%.2f"):format(fit.alpha) or "–",
        fit and format.count(fit.xmin) or "–", fit and format.count(fit.n_tail) or "–", fit and fit.verdict or "–" }
      said[#said + 1] = fit and ("%s: %s"):format(name, fit_text(fit)) or ("%s: %d units"):format(name, #s.values)
    end
  end
  return rows, table.concat(said, "; ")
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local layers, blocks = check_layers(o), {}
  local panels = panels_of(layers, o, blocks)
  local rows, said = table_rows(layers)
  figure.show {
    kind = "degrees", template = "degrees", options = o, width = 720, height = ROW * math.max(1, #layers),
    values = #blocks > 0 and { PANELS = panels } or nil,
    data = gnuplot.csv({ "degree", "value", "from", "to" }, blocks),
    title = "degree distributions", text = "degree distributions; " .. said,
    table = { kind = "table", header = { "", "units", "alpha", "xmin", "n_tail", "verdict" }, rows = rows, align = "lrrrrl" },
  }
end
