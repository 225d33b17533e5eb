-- marginals.lua: lab.plot.marginals { sweep }, a panel a parameter: what it does to the objective,
-- whatever the others are.
--
-- Small discs are trials (over their seeds), the line goes through the means of all trials with one value
-- of the parameter, and whiskers are one standard deviation of these: the spread over the other
-- parameters. All panels have one scale. An axis is logarithmic where the sweep's values are; categories stand
-- at even distances, without a line, since they have no order. Where a parameter has many values, the
-- means are over bins of as many trials each.

local clean = require "lab.util.text".clean
local effects = require "lab.sweep.result.effects"
local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local cut = require "lab.util.text".cut
local scales = require "lab.sweep.result.scales"

local WHERE = "lab.plot.marginals"

local spec = figure.spec { positional = true, parameters = { kind = "table", takes = "array of names", default_is = "all that vary", help = "The parameters to show, in this order." } }

manual.word(WHERE, {
  summary = "what each parameter of a sweep does to the objective, a panel each",
  text = "Small discs are trials, the line goes through the means at each value, and whiskers are one standard deviation over the other parameters.",
  items = { "sweep", "What lab.sweep returned." },
  options = spec,
  example = 'lab.plot.marginals { sweep, parameters = { "zeta" } }',
})

local CANVAS, LEFT, RIGHT, GAP, TOP, BOTTOM, PANEL = 720, 88, 14, 30, 12, 58, 200  -- pixels

-- Finished trials as observations: one each.
local function trials_of(sweep)
  local list = {}
  for _, entry in ipairs(sweep:leaderboard()) do
    if entry.rank then list[#list + 1] = { params = entry.params, value = entry.value, trial = entry.trial } end
  end
  return list
end

local function x_of(scale, v) return scale.kind == "category" and scales.level(scale, v) or v end

-- Tics at the values, if there are few, at some of the categories; and a range with room on both sides.
local function x_axis(scale)
  local n, tics = #scale.levels, {}
  for i = 1, n, -(n // -8) do
    tics[#tics + 1] = ("%s %s"):format(gnuplot.quote(cut(scale.levels[i].text, 12)), gnuplot.number(x_of(scale, scale.levels[i].value)))
  end
  local low, high = x_of(scale, scale.levels[1].value), x_of(scale, scale.levels[n].value)
  if scale.kind == "category" or low == high then low, high = low - 0.5, high + 0.5
  elseif scale.log then low, high = low / (high / low) ^ 0.06, high * (high / low) ^ 0.06
  else low, high = low - 0.06 * (high - low), high + 0.06 * (high - low) end
  return table.concat({
    scale.log and "set logscale x; set format x '%h'" or "unset logscale x; set format x '%h'",
    ("set xrange [%s:%s]"):format(gnuplot.number(low), gnuplot.number(high)),
    (scale.kind == "category" or scale.few and n <= 8 and scales.are_apart(scale, 0.08)) and ("set xtics (%s)"):format(table.concat(tics, ", ")) or "set xtics auto",
  }, "; ")
end

-- Where panel i of n stands: left, right, bottom and top as parts of the canvas.
local function place(i, n, height)
  local columns = math.min(n, 2)
  local w = (CANVAS - LEFT - RIGHT - (columns - 1) * GAP) / columns
  local column, row = (i - 1) % columns, (i - 1) // columns
  local x, top = LEFT + column * (w + GAP), TOP + row * (PANEL + BOTTOM + TOP)
  return x / CANVAS, (x + w) / CANVAS, (height - top - PANEL) / height, (height - top) / height, column
end

-- One panel, its blocks of data added.
local function panel(scale, list, blocks, i, n, height)
  local groups = effects.groups(scale, list)
  local dots, means = {}, {}
  for _, one in ipairs(list) do
    if one.params[scale.name] ~= nil then dots[#dots + 1] = { x_of(scale, one.params[scale.name]), one.value, 0, one.trial, clean(scale.name) } end
  end
  for j, group in ipairs(groups) do means[j] = { scale.kind == "category" and group.level or group.x, group.mean, group.sd or 0, group.n, clean(scale.name) } end
  if #dots == 0 then return nil end
  blocks[#blocks + 1], blocks[#blocks + 2] = dots, means
  local left, right, bottom, top, column = place(i, n, height)
  return table.concat({
    ("set lmargin at screen %.4f; set rmargin at screen %.4f; set bmargin at screen %.4f; set tmargin at screen %.4f"):format(left, right, bottom, top),
    x_axis(scale), ("set xlabel %s"):format(gnuplot.quote(scale.name)), column == 0 and "set ylabel metric; set format y '%h'" or "set ylabel ''; set format y ''",
    ("plot data index %d using 1:2 with points pointtype 7 pointsize 0.45 linecolor rgb grey + 0x60000000, \\"):format(#blocks - 2),
    ("     data index %d using 1:($2-$3):(0):(2*$3) with vectors heads size screen 0.006,90 linewidth 1.5 linecolor rgb shade(1), \\"):format(#blocks - 1),
    ("     data index %d using 1:2 with %s pointtype 7 pointsize 0.8 linewidth 2.2 linecolor rgb shade(1)"):format(#blocks - 1,
      scale.kind == "category" and "points" or "linespoints"),
  }, "\n"), groups
end

local function y_range(list, pieces)
  local low, high = math.huge, -math.huge
  for _, one in ipairs(list) do low, high = math.min(low, one.value), math.max(high, one.value) end
  for _, groups in ipairs(pieces) do
    for _, g in ipairs(groups) do low, high = math.min(low, g.mean - (g.sd or 0)), math.max(high, g.mean + (g.sd or 0)) end
  end
  local room = high > low and 0.05 * (high - low) or math.max(1e-9, 0.05 * math.abs(high))
  return ("set yrange [%s:%s]"):format(gnuplot.number(low - room), gnuplot.number(high + room))
end

-- The means as a table, and as a sentence.
local function stand_ins(all, pieces, metric)
  local item, said = { kind = "table", header = { "parameter", "value", metric, "trials" }, rows = {}, align = "llrr" }, {}
  for i, scale in ipairs(all) do
    local words = {}
    for j, g in ipairs(pieces[i] or {}) do
      local text = format.mean_sd(format.kinds.number, g.mean, g.sd)
      item.rows[#item.rows + 1] = { j == 1 and clean(scale.name) or "", clean(g.text), text, tostring(g.n) }
      words[j] = ("%s: %s"):format(g.text, text)
    end
    said[i] = ("%s by %s: %s"):format(metric, scale.name, table.concat(words, ", "))
  end
  return item, table.concat(said, "; ")
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local sweep = scales.sweep(WHERE, given)
  local all, list = scales.of(WHERE, sweep, o.parameters), trials_of(sweep)
  local metric, rows = sweep.plan.objective.metric, math.max(1, -(#all // -2))
  local height, blocks, drawn, pieces = rows * (PANEL + BOTTOM + TOP), {}, {}, {}
  for i, scale in ipairs(all) do
    local text, groups = panel(scale, list, blocks, i, #all, height)
    drawn[#drawn + 1], pieces[i] = text, groups or {}
  end
  local stand_in, said = stand_ins(all, pieces, metric)
  figure.show {
    kind = "marginals", template = "panels", options = o, width = CANVAS, height = height,
    values = #drawn > 0 and { SETTINGS = ("metric = %s\n%s"):format(gnuplot.quote(format.label(metric)), y_range(list, pieces)), PANELS = table.concat(drawn, "\n\n") } or nil,
    data = gnuplot.csv({ "x", "y", "sd", "trial_or_n", "parameter" }, blocks), points = #list * #all,
    notices = { effects.left_out(sweep, #list) }, title = ("%s by parameter"):format(metric), text = said, table = stand_in,
  }
end
