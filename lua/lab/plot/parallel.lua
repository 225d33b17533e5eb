-- parallel.lua: lab.plot.parallel { sweep }, each trial a line across the parameters to the objective.
--
-- An axis a parameter, the last one the objective (over a trial's seeds), which is also the colour: from
-- blue for the worst over grey to vermilion for the best, whose line is the thickest. Where an axis has
-- a few values only, lines that meet in one are set apart a little, the better ones higher. A trial that
-- does not set a parameter passes below its axis. One that was stopped early is dashed, and ends before
-- the last axis: its value is of another epoch.

local figure = require "lab.figure.figure"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local results = require "lab.sweep.result.results"
local scales = require "lab.sweep.result.scales"
local text = require "lab.util.text"

local WHERE = "lab.plot.parallel"

local spec = figure.spec { positional = true, parameters = { kind = "table", takes = "array of names", default_is = "all that vary", help = "The parameters to show, in this order." } }

manual.word(WHERE, {
  summary = "each trial of a sweep as a line across its parameters to the objective",
  text = "The best trial's line is the thickest; a trial that was stopped early is dashed and ends before the last axis. A trial that does not set a parameter passes below its axis.",
  items = { "sweep", "What lab.sweep returned." },
  options = spec,
  example = 'lab.plot.parallel { sweep, parameters = { "zeta" } }',
})

local SPREAD, MARGIN = 0.045, 0.12  -- of lines that meet, in axes' heights; beside the outer axes, in axes' distances
local NOT_SET = -0.16               -- where lines pass below an axis
local ramp = { { 0x00, 0x72, 0xB2 }, { 0x96, 0x96, 0x96 }, { 0xD5, 0x5E, 0x00 } }
local GREY = 0x8A8A8A

-- The colour for a share from 0, the worst, to 1, the best.
local function colour(share)
  local at = math.min(share * 2, 1.999999)
  local i, part, rgb = at // 1 + 1, at % 1, 0
  for k = 1, 3 do rgb = rgb * 256 + math.floor(ramp[i][k] + part * (ramp[i + 1][k] - ramp[i][k]) + 0.5) end
  return rgb | 0
end

-- Entries of the leaderboard that end on the last axis, best first; those that were stopped early; how many
-- have no finished run; a sentence on those that end as not-a-number, or nil.
local function sorted_out(sweep)
  local ranked, stopped, other, board = {}, {}, 0, sweep:leaderboard()
  for _, entry in ipairs(board) do
    if entry.rank then ranked[#ranked + 1] = entry
    elseif entry.status == "pruned" then stopped[#stopped + 1] = entry
    elseif not entry.broken then other = other + 1 end
  end
  return ranked, stopped, other, results.broken_note(board, sweep.plan.objective.metric)
end

-- How far up or down the lines that meet in a level stand apart, by entry: the best one highest.
local function spread(scale, entries)
  local at, shift = {}, {}
  for _, entry in ipairs(entries) do
    local level = scales.level(scale, entry.params[scale.name])
    if level then
      at[level] = at[level] or {}
      table.insert(at[level], entry)
    end
  end
  local room = #scale.levels > 1 and math.min(SPREAD, 0.35 / (#scale.levels - 1)) or SPREAD
  for _, list in pairs(at) do
    for i, entry in ipairs(list) do shift[entry] = #list > 1 and scale.few and room * (1 - 2 * (i - 1) / (#list - 1)) or 0 end
  end
  return shift
end

-- The trials' lines as blocks of rows: axis, height, colour, trial.
local function blocks_of(all, ranked, stopped, low, high, sign)
  local blocks, entries, shifts = {}, table.move(stopped, 1, #stopped, #ranked + 1, table.move(ranked, 1, #ranked, 1, {})), {}
  for i, scale in ipairs(all) do shifts[i] = spread(scale, entries) end
  for place = #entries, 1, -1 do
    local entry, rows = entries[place], {}
    local share = place <= #ranked and (high > low and (entry.value - low) / (high - low) or 0.5)
    local rgb = share and colour(sign > 0 and share or 1 - share) or GREY
    for i, scale in ipairs(all) do
      local y = scales.position(scale, entry.params[scale.name])
      rows[#rows + 1] = { i, y and y + shifts[i][entry] or NOT_SET, rgb, entry.trial }
    end
    if share then rows[#rows + 1] = { #all + 1, share, rgb, entry.trial } end
    blocks[#blocks + 1] = rows
  end
  return blocks
end

-- Round numbers along a scale: of a logarithmic one 1, 2 and 5 of each decade, or powers of ten.
local function round_ticks(scale)
  local low, high, list = scale.levels[1].value, scale.levels[#scale.levels].value, {}
  local function add(v)
    v = tonumber(("%.12g"):format(v))
    if v >= low - 1e-9 * (high - low) and v <= high + 1e-9 * (high - low) then list[#list + 1] = { scales.position(scale, v), format.number(v) } end
  end
  if scale.log then
    for power = math.floor(math.log(low, 10)), math.ceil(math.log(high, 10)) do
      for _, digit in ipairs(high / low < 200 and { 1, 2, 5 } or { 1 }) do add(digit * 10.0 ^ power) end
    end
  else
    local step = 10.0 ^ math.floor(math.log((high - low) / 4, 10))
    for _, times in ipairs { 5, 2 } do if (high - low) / (times * step) >= 3 then step = times * step break end end
    for i = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) do add(i * step) end
  end
  return list
end

-- What to write on an axis: the levels if they are few, else some of them or round numbers.
local function ticks(scale, most)
  local n, list = #scale.levels, {}
  if scale.few and n <= most and (scale.kind == "category" or scales.are_apart(scale, 0.05)) then
    for i, level in ipairs(scale.levels) do list[i] = { scales.position(scale, level.value), level.text } end
    return list
  end
  if scale.kind == "category" then
    for i = 1, n, -(n // -most) do list[#list + 1] = { (i - 1) / (n - 1), scale.levels[i].text } end
    return list
  end
  return round_ticks(scale)
end

-- One axis at x: a line, its name above, its tics, written to its left, or right of the last one.
local function axis(lines, x, name, list, last)
  local function add(line, ...) lines[#lines + 1] = line:format(...) end
  add("set arrow from %d, -0.06 to %d, 1.06 nohead linewidth 1 linecolor rgb grey", x, x)
  add("set label %s at %d, 1.14 center font ',15'", gnuplot.quote(text.cut(name, 16)), x)
  for _, tic in ipairs(list) do
    add("set label %s at %d, %.4f %s offset %s font ',13'", gnuplot.quote(text.cut(tic[2], 12)), x, tic[1],
      last and "left" or "right", last and "0.8,0" or "-0.6,0")
  end
end

-- Does any of the trials leave a parameter out?
local function has_gaps(scale, ...)
  for _, list in ipairs { ... } do
    for _, entry in ipairs(list) do if entry.params[scale.name] == nil then return true end end
  end
  return false
end

local function script_values(sweep, all, ranked, stopped)
  local low, high = math.huge, -math.huge
  for _, entry in ipairs(ranked) do low, high = math.min(low, entry.value), math.max(high, entry.value) end
  if #ranked == 0 or #all == 0 then return nil end
  local objective, lines, plots = sweep.plan.objective, {}, {}
  local blocks = blocks_of(all, ranked, stopped, low, high, objective.goal == "min" and -1 or 1)
  local bottom = -0.08
  for i, scale in ipairs(all) do
    local list = ticks(scale, scales.most_levels)
    if has_gaps(scale, ranked, stopped) then list[#list + 1], bottom = { NOT_SET, "not set" }, NOT_SET - 0.04 end
    axis(lines, i, scale.name, list)
  end
  local scale = { kind = "number", levels = { { value = low }, { value = high } } }
  axis(lines, #all + 1, format.label(objective.metric), low < high and ticks(scale, 5) or { { 0.5, format.number(low) } }, true)
  lines[#lines + 1] = ("set xrange [%g:%g]; set yrange [%g:1.2]"):format(1 - MARGIN, #all + 1 + MARGIN, bottom)
  local function draw(from, to, look)
    if from <= to then plots[#plots + 1] = ("data index %d:%d using 1:2:3 with lines %s linecolor rgb variable"):format(from - 1, to - 1, look) end
  end
  draw(1, #stopped, "dashtype (4, 5) linewidth 1")
  draw(#stopped + 1, #blocks - 1, ("dashtype solid linewidth %s"):format(#ranked > 60 and "1" or "1.7"))
  draw(#blocks, #blocks, "dashtype solid linewidth 4")
  return { AXES = table.concat(lines, "\n"), PLOT = table.concat(plots, ", \\\n     ") },
    gnuplot.csv({ "axis", "height", "colour", "trial" }, blocks)
end

local function setting(all, entry)
  local words = {}
  for i, scale in ipairs(all) do
    local level = scales.level(scale, entry.params[scale.name])
    words[i] = ("%s %s"):format(scale.name, level and scale.levels[level].text or "–")
  end
  return table.concat(words, ", ")
end

return function(given)
  local o = figure.check(WHERE, spec, given)
  local sweep = scales.sweep(WHERE, given)
  local all = scales.of(WHERE, sweep, o.parameters)
  local ranked, stopped, other, broken = sorted_out(sweep)
  local values, data = script_values(sweep, all, ranked, stopped)
  local metric, notices, said = sweep.plan.objective.metric, {}, "no trial has finished"
  if #stopped > 0 then notices[1] = ("%d trial%s stopped early (dashed)"):format(#stopped, #stopped == 1 and "" or "s") end
  notices[#notices + 1] = broken
  if other > 0 then notices[#notices + 1] = ("%d without a finished run not shown"):format(other) end
  if ranked[1] then
    said = ("%d trials; best %s %s with %s; worst %s with %s"):format(#ranked, metric, format.number(ranked[1].value), setting(all, ranked[1]),
      format.number(ranked[#ranked].value), setting(all, ranked[#ranked]))
  end
  figure.show {
    kind = "parallel", template = "parallel", values = values, data = data, points = (#ranked + #stopped) * (#all + 1), options = o, height = 400,
    notices = notices, title = ("%s against the parameters"):format(metric), text = said, table = sweep:table(20),
  }
end
