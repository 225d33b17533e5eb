-- film.lua: a map over time that a reader steps through on the page.
--
-- The frames go into the page as one byte a cell, in base64, and reports/film.js paints them: sharp at
-- every size, stepped by a slider or played. Without JavaScript the film stays hidden, and the
-- picture below it, an animated GIF or its last frame, is what shows.

local base64 = require "lab.util.base64"
local format = require "lab.util.format"
local maps = require "lab.figure.maps"
local statistics = require "lab.util.statistics"
local escape = require "lab.util.html".escape

local M = {}

local LEVELS, EMPTY = 254, "\255"  -- colours from 0 to LEVELS; a cell without a number

-- A map's cells as bytes on the scale from low to high.
local function bytes_of(map, low, high)
  local cells = {}
  for i, v in ipairs(map.values) do
    local share = (v - low) / (high - low)
    cells[i] = statistics.finite(v) and string.char(math.floor(LEVELS * math.max(0, math.min(1, share)) + 0.5)) or EMPTY
  end
  return table.concat(cells)
end

-- What the page needs of checked maps of one size (see figure/maps.lua):
--   given  { label =, map_size = CSS pixels, delay = seconds a frame, beside = a map or nil }
function M.of(list, given)
  local low, high = maps.range(list)
  local frames, titles, beside = {}, {}, given.beside
  for i, map in ipairs(list) do frames[i], titles[i] = bytes_of(map, low, high), map.title end
  local film = { width = list[1].width, height = list[1].height, low = low, high = high, titles = titles,
    frames = table.concat(frames), label = given.label, size = given.map_size, delay = given.delay }
  if beside then
    film.beside = { width = beside.width, height = beside.height, title = beside.title, cells = bytes_of(beside, maps.range { beside }) }
  end
  return film
end

-- A canvas under its title; `more` are attributes.
local function canvas(map, title, size, alt, more)
  return ('<div class="film-map"><p class="panel-title">%s</p><canvas width="%d" height="%d" style="width:%dpx" role="img" aria-label="%s"%s></canvas></div>')
    :format(escape(title), map.width, map.height, size, escape(alt), more)
end

-- Markup of a film, hidden until the page's script shows it. Titles are one a line.
function M.html(film, alt)
  local titles, n = {}, #film.titles
  for i, title in ipairs(film.titles) do titles[i] = escape((title:gsub("%c", " "))) end
  local last = film.titles[n]
  return table.concat {
    ('<div class="film" hidden data-delay="%d" data-titles="%s">'):format(math.floor(1000 * film.delay + 0.5), table.concat(titles, "&#10;")),
    '<div class="film-maps">',
    film.beside and canvas(film.beside, film.beside.title, film.size, film.beside.title,
      (' data-ink="%s"'):format(base64.encode(film.beside.cells))) or "",
    canvas(film, last, film.size, alt, (' data-frames="%s"'):format(base64.encode(film.frames))),
    ('<div class="film-scale"><span>%s</span><i></i><span>%s</span><b>%s</b></div></div>'):format(
      escape(format.number(film.high)), escape(format.number(film.low)), escape(film.label)),
    '<div class="film-controls"><button type="button">Play</button>',
    ('<input type="range" min="1" max="%d" value="%d" aria-label="frame" aria-valuetext="%s"><output>%s</output></div></div>')
      :format(n, n, escape(last), escape(last)),
  }
end

return M
