-- degrees.lua: lab.plot.degrees, degree distributions with their power-law fits.
--
-- One row a layer, a panel for each of `panels`; with one of them, two layers a row:
--   histogram  how many units have how many links: bars, linear axes
--   ccdf       the share of units with at least so many, logarithmic axes, fits from xmin on
--   distance   D against xmin, the curve whose lowest point is the fit; faint where the tail has
--              fewer than 50 units
-- The fit stands beside its n_tail: a tail of few units fits any law.
-- More rows than a printed page holds become several figures, unless a height is given.

local clean = require "lab.util.text".clean
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local panels = require "lab.figure.degree_panels"

local WHERE = "lab.plot.degrees"

local panel_names = { "histogram", "ccdf", "distance" }
local series_spec = {
  name = { kind = "string", default = "", help = "What the legend calls it." },
  values = { kind = "table", required = true, takes = "array of whole numbers", help = "The degrees, such as net:degrees(1, \"in\")." },
  fit = { kind = "table", takes = "fit", help = "What lab.power_law returned for them." },
}
local layer_spec = {
  title = { kind = "string", help = "The text above the row." },
  series = { kind = "table", required = true, takes = "array of tables", each = series_spec, help = "The distributions of the row." },
}
local spec = figure.spec {
  series = { kind = "table", takes = "array of tables", each = series_spec, help = "The distributions of a single row." },
  layers = { kind = "table", takes = "array of tables", each = layer_spec, help = "Several rows, instead of `series`." },
  panels = { kind = "table", default = { "histogram", "ccdf" }, takes = "one or two of \"" .. table.concat(panel_names, "\", \"") .. "\"", help = "What each row shows." },
  xlabel = { kind = "string", default = "links of a unit", help = "What a value is." },
  ylabel = { kind = "string", default = "units", help = "What is counted." },
}

manual.word(WHERE, {
  summary = "degree distributions with their power-law fits",
  text = "histogram: how many units have how many links. ccdf: the share of units with at least so many, on logarithmic axes, fits from xmin on. "
    .. "distance: D against xmin, the curve whose lowest point is the fit, faint where the tail has fewer than 50 units. More rows than a printed page holds become several figures.",
  options = spec,
  example = 'local degrees = net:degrees(1, "in")\nlab.plot.degrees { series = { { name = "layer 1", values = degrees, fit = lab.power_law(degrees, { bootstrap = 0 }) } } }',
})

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
    local layer = options.check(where, layer_spec, given)
    local checked = {}
    for j, s in ipairs(layer.series) do checked[j] = check_series(("%s, series %d"):format(where, j), s) end
    layers[i] = { title = layer.title, series = checked }
  end
  return layers
end

local function check_panels(given)
  if #given < 1 or #given > 2 then options.fail(WHERE .. ": option 'panels' takes one or two names") end
  for _, name in ipairs(given) do options.check(WHERE, { panels = { kind = "string", choices = panel_names } }, { panels = name }) end
end

local PANEL, BELOW, TITLE, ENTRY = 190, 72, 36, 18  -- pixels: a panel, its axis, above it a title and the legend

-- The height above a panel: the longest legend decides.
local function above(layers)
  local most = 1
  for _, layer in ipairs(layers) do most = math.max(most, #layer.series) end
  return TITLE + ENTRY * most
end

local TALLEST = 1250  -- pixels of one figure: on a printed page its words are still read

-- The layers in as few lists as possible, of about as many rows each: none is taller than TALLEST.
local function cut(layers, o)
  local a_row = 2 // #o.panels
  local rows = math.max(1, (#layers + a_row - 1) // a_row)
  local most = o.height and rows or math.max(1, TALLEST // (above(layers) + PANEL + BELOW))
  local parts, list = (rows + most - 1) // most, {}
  for part = 1, parts do
    local first, last = (part - 1) * rows // parts * a_row + 1, part * rows // parts * a_row
    list[part] = table.move(layers, first, math.min(last, #layers), 1, {})
  end
  return list
end

-- Where a panel stands on the canvas: `row` of `rows` from the top, left or right half; `head`
-- pixels stay free above it.
local function place(row, rows, column, head)
  local height = rows * (head + PANEL + BELOW)
  local top, bottom = 1 - (row - 1) / rows, 1 - row / rows
  return ("set lmargin at screen %.4f; set rmargin at screen %.4f\nset bmargin at screen %.4f; set tmargin at screen %.4f"):format(
    column == 1 and 0.13 or 0.635, column == 1 and 0.48 or 0.985, bottom + BELOW / height, top - head / height)
end

-- The panels in reading order, with `head` pixels above each, and the height of them all.
local function panels_of(layers, o, head, blocks)
  local list, rows = {}, (#layers * #o.panels + 1) // 2
  local function block(data) blocks[#blocks + 1] = data return #blocks - 1 end
  for i, layer in ipairs(layers) do
    for j, name in ipairs(o.panels) do
      local at = (i - 1) * #o.panels + j - 1
      local setup, clauses = panels[name](layer, o, block)
      list[#list + 1] = table.concat({
        place(at // 2 + 1, rows, at % 2 + 1, head), "unset label", ("set xlabel %s"):format(gnuplot.quote(o.xlabel)),
        ("set label 1 %s at graph 0, graph %.4f left"):format(gnuplot.quote(j == 1 and layer.title or ""), 1 + (head - 12) / PANEL),
        table.concat(setup, "\n"), #clauses > 0 and "plot " .. table.concat(clauses, ", \\\n     ") or "",
      }, "\n")
    end
  end
  return table.concat(list, "\n\n"), math.max(1, rows) * (head + PANEL + BELOW)
end

local function table_rows(layers)
  local rows, said = {}, {}
  for i, layer in ipairs(layers) do
    for _, s in ipairs(layer.series) do
      local name = table.concat({ layer.title or (#layers > 1 and "layer " .. i or nil) or "", s.name }, " "):gsub("^ ", "")
      local fit = s.fit
      rows[#rows + 1] = { clean(name), format.count(#s.values), fit and ("%.2f"):format(fit.alpha) or "–",
        fit and format.count(fit.xmin) or "–", fit and format.count(fit.n_tail) or "–", fit and fit.verdict or "–" }
      said[#said + 1] = fit and ("%s: %s"):format(name, panels.fit_text(fit)) or ("%s: %d units"):format(name, #s.values)
    end
  end
  return rows, table.concat(said, "; ")
end

local function show(layers, o, head)
  local blocks = {}
  local drawn, height = panels_of(layers, o, head, blocks)
  local rows, said = table_rows(layers)
  figure.show {
    kind = "degrees", template = "degrees", options = o, width = 720, height = height,
    values = #blocks > 0 and { PANELS = drawn } or nil,
    data = gnuplot.csv({ "degree", "value", "from", "to" }, blocks),
    title = "degree distributions", text = "degree distributions; " .. said,
    table = { kind = "table", header = { "", "units", "alpha", "xmin", "n_tail", "verdict" }, rows = rows, align = "lrrrrl" },
  }
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  check_panels(o.panels)
  local layers = check_layers(o)
  local head = above(layers)
  for _, part in ipairs(cut(layers, o)) do show(part, o, head) end
end
