-- timeline.lua: lab.plot.timeline { sweep }, when each run of a sweep was under way.
--
-- A bar is a run; a row has one after the other, so that there are as many rows as workers were busy.
-- Colour and legend show how it ended. Idle time is left out (sweep/result/timing.lua).

local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local timing = require "lab.sweep.result.timing"

local WHERE = "lab.plot.timeline"

local spec = figure.spec { positional = true }

manual.word(WHERE, {
  summary = "when each run of a sweep was under way, and how it ended",
  text = "A bar is a run; there are as many rows as workers were busy. Idle time is left out.",
  items = { "sweep", "What lab.sweep returned." },
  options = spec,
  example = "lab.plot.timeline { sweep }",
})

local HALF = 0.38
local colours = { { "done", "shade(1)" }, { "pruned", "grey" }, { "diverged", "shade(2)" }, { "failed", "shade(4)" }, { "waiting", "shade(5)" } }
local said_as = { pruned = "stopped early", waiting = "not at its end" }

-- A block of rectangles for each status that there is.
local function script_values(spans, rows, wall)
  local blocks, plots, gap = {}, {}, 0.0015 * wall
  for _, colour in ipairs(colours) do
    local block = {}
    for _, span in ipairs(spans) do
      if span.entry.status == colour[1] then
        local from, to = span.from, math.max(span.to - gap, span.from + gap)
        block[#block + 1] = { (from + to) / 2, span.row, from, to, span.row - HALF, span.row + HALF, span.entry.index, tostring(span.entry.seed) }
      end
    end
    if #block > 0 then
      blocks[#blocks + 1] = block
      plots[#plots + 1] = ("data index %d using 1:2:3:4:5:6 with boxxyerror fillcolor rgb %s title %s"):format(#blocks - 1, colour[2],
        gnuplot.quote(said_as[colour[1]] or colour[1]))
    end
  end
  if #blocks == 0 or wall <= 0 then return nil end
  local tics = {}
  for i = 1, rows do tics[i] = ("'%d' %d"):format(i, i) end
  return {
    XLABEL = "'seconds, idle time left out'", NAMES = table.concat(tics, ", "), LAST = gnuplot.number(rows + 0.6), MOST = gnuplot.number(wall),
    KEY = #plots > 1 and "set key tmargin left horizontal samplen 1.5 width -1" or "unset key", PLOT = table.concat(plots, ", \\\n     "),
  }, gnuplot.csv({ "x", "row", "from", "to", "low", "high", "trial", "seed" }, blocks)
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local sweep = given[1]
  if not require "lab.sweep.result.results".is_sweep(sweep) then options.fail(WHERE .. ": the first value must be what lab.sweep returned") end
  local spans, wall = timing.spans(sweep)
  local rows = timing.rows(spans)
  local values, data = script_values(spans, rows, wall)
  local s = timing.summary(sweep)
  figure.show {
    kind = "timeline", template = "stacks", values = values, data = data, points = #spans, options = o, height = 110 + 44 * math.max(1, math.min(rows, 16)),
    title = "runs under way", table = timing.table(sweep),
    text = s and ("%d runs of %s on average in %s, %s at a time"):format(s.n, format.seconds(s.mean), format.seconds(s.wall),
      s.busy and ("%.1f"):format(s.busy) or "–") or "no run has finished",
  }
end
