-- animation.lua: lab.plot.animation, a map over time: on the page a film with a slider, in a
-- file of its own an animated GIF that loops.
--
-- The colour scale is fixed over all frames. Of more than max_frames frames an even choice
-- is shown, the first and the last among them. The last frame also goes out as a PNG.
-- Here width and height are the map's; map_size is its size on the screen.

local clean = require "lab.util.text".clean
local figure = require "lab.figure.figure"
local film = require "lab.figure.film"
local format = require "lab.util.format"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local maps = require "lab.figure.maps"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local WHERE = "lab.plot.animation"

local spec = {
  frames = { kind = "table", required = true, takes = "array of arrays of numbers", help = "The values of each map, row after row, the top row first." },
  titles = { kind = "table", takes = "array of texts", default_is = "1, 2, ...", help = "The text above each frame." },
  width = { kind = "integer", min = 1, max = 4096, unit = "values", default_is = "that of a square", help = "The length of a map's row." },
  height = { kind = "integer", min = 1, max = 4096, unit = "rows", default_is = "that of a square", help = "The number of a map's rows." },
  title = { kind = "string", default_is = "`label`", help = "What the page's lists call the figure; it is not in the picture." },
  alt = { kind = "string", default_is = "the figure in one line", help = "The text that stands in for the picture." },
  label = { kind = "string", default = "", help = "What the values are: the text beside the colour scale." },
  beside = { kind = "table", fields = maps.options, help = "A picture that stands beside the map, in grey." },
  max_frames = { kind = "integer", min = 1, max = 200, default = 60, help = "Of more frames an even choice is shown, the first and the last among them." },
  delay_seconds = { kind = "number", above = 0, max = 60, default = 0.15, unit = "seconds", help = "How long a frame stands." },
  map_size = { kind = "integer", min = 80, max = 800, default = 252, unit = "pixels", help = "The width of the map on the screen." },
}

manual.word(WHERE, {
  summary = "a heat map over time, with a slider on the page and as an animated GIF",
  text = "The colour scale is the same for all frames. The last frame also goes out as a PNG.",
  options = spec,
  example = 'lab.plot.animation { frames = { { 1, 2, 3, 4 }, { 2, 2, 3, 5 } }, titles = { "epoch 1", "epoch 2" }, label = "links per pixel" }',
})

-- At most `most` whole numbers from 1 to n, evenly, with both ends.
local function chosen(n, most)
  local list = {}
  if n <= most then for i = 1, n do list[i] = i end return list end
  if most == 1 then return { n } end
  for i = 0, most - 1 do list[i + 1] = 1 + math.floor(i * (n - 1) / (most - 1) + 0.5) end
  return list
end

local function check_frames(o)
  if o.titles and #o.titles ~= #o.frames then
    options.fail(("%s: %d titles for %d frames"):format(WHERE, #o.titles, #o.frames))
  end
  local list = {}
  for k, i in ipairs(chosen(#o.frames, o.max_frames)) do
    list[k] = maps.check(("%s, frame %d"):format(WHERE, i), {
      values = o.frames[i], width = o.width, height = o.height, title = tostring(o.titles and o.titles[i] or i),
    })
  end
  return list
end

-- The texts as gnuplot variables.
local function title_lines(list, o, beside)
  local lines = { "label = " .. gnuplot.quote(o.label), "beside_title = " .. gnuplot.quote(beside and beside.title or "") }
  for i, map in ipairs(list) do lines[#lines + 1] = ("titles[%d] = %s"):format(i, gnuplot.quote(map.title)) end
  return table.concat(lines, "\n")
end

-- The values of the script; the canvas has the picture at the left, the map, the scale.
local function script_values(list, o, beside)
  local size, gap, title, scale = o.map_size, 16, 30, 96
  local h = math.floor(size * list[1].height / list[1].width + 0.5)
  local left = beside and gap + size + gap or gap
  local width, height = left + size + scale, h + title + gap
  local frame = {}
  if beside then
    local _, most = maps.range { beside }
    -- Dark on light, in 24 greys: a GIF has 256 colours, and the map needs most of them.
    local ink = ("(255 - 11 * floor(23.0 * $3 / %s + 0.5))"):format(gnuplot.number(most))
    local tall = math.min(h, size * beside.height / beside.width)
    local picture = maps.panel(#list, beside, "beside_title", gap, gap, size, tall, width, height)
    local grey = ("using 1:2:%s:%s:%s with rgbimage"):format(ink, ink, ink)
    frame[1] = picture:gsub("using 1:2:3 with image", function() return grey end)
  end
  frame[#frame + 1] = maps.panel("(i - 1)", list[1], "titles[i]", left, gap, size, h, width, height)
  local low, high = maps.range(list)
  return {
    RANGE = ("[%s:%s]"):format(gnuplot.number(low), gnuplot.number(high)), FRAMES = tostring(#list),
    TITLES = title_lines(list, o, beside), FRAME = table.concat(frame, "\n"),
    SCALE = maps.scale("label", left + size + 14, gap, 14, h, width, height),
  }, width, height, ("frames from %s to %s, values from %s to %s")
    :format(list[1].title, list[#list].title, format.number(low), format.number(high))
end

-- Mean and spread of the first and of the last frame.
local function summary_rows(list)
  local rows = {}
  for _, i in ipairs(#list > 1 and { 1, #list } or { 1 }) do
    local s = statistics.summary(list[i].values) or {}
    rows[#rows + 1] = { clean(list[i].title), format.number(s.low), format.number(s.mean), format.number(s.high) }
  end
  return rows
end

return function(given)
  local o = options.check(WHERE, spec, given)
  local list = check_frames(o)
  local beside = o.beside and maps.check(WHERE .. ", beside", o.beside)
  local what, values, width, height, said = o.label ~= "" and o.label or "map", nil, nil, nil, "no frames"
  local all = table.move(list, 1, #list, 1, {})
  all[#all + 1] = beside
  if #list > 0 then values, width, height, said = script_values(list, o, beside) end
  figure.show {
    film = #list > 0 and film.of(list, { label = o.label, map_size = o.map_size, delay = o.delay_seconds, beside = beside }) or nil,
    kind = "animation", template = "animation", values = values, data = maps.csv(all), outputs = { "gif", "png" },
    delay = math.max(1, math.floor(100 * o.delay_seconds + 0.5)), width = width, height = height,
    options = { title = o.title, alt = o.alt, width = width, height = height },
    title = what, text = ("animation of %s: %s"):format(what, said),
    table = {
      kind = "table", header = { "", "lowest", "mean", "highest" }, align = "lrrr",
      rows = #list > 0 and summary_rows(list) or {},
    },
  }
end
