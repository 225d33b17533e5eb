-- figure.lua: from a figure's script and data to an item of the page.
--
-- Every kind of figure ends here. While a page is woven the picture is drawn; without a
-- page only its one-line text goes out. Each figure carries alternative text and a table
-- that stands in for it, so a page without gnuplot still says what was measured.

local clean = require "lab.util.text".clean
local options = require "lab.util.options"
local output = require "lab.util.output"
local gnuplot = require "lab.figure.gnuplot"

local M = {}

-- Options that every kind of figure takes.
local common = {
  title  = { kind = "string", default_is = "made of the options", help = "What the page's lists call the figure; it is not in the picture." },
  alt    = { kind = "string", default_is = "the figure in one line", help = "The text that stands in for the picture." },
  width  = { kind = "integer", min = 200, max = 4000, unit = "pixels", default_is = "720", help = "The picture's width." },
  height = { kind = "integer", min = 120, max = 6000, unit = "pixels", default_is = "what the kind of figure needs", help = "The picture's height." },
  terminal = { kind = "string", choices = { "svg", "png" }, default_is = '"svg", or "png" for more than 20,000 points', help = "The format of the picture." },
}

-- The options of a kind of figure with those that all kinds take.
function M.spec(own)
  local all = {}
  for name, rule in pairs(common) do all[name] = rule end
  for name, rule in pairs(own) do all[name] = rule end
  return all
end

-- Checks a figure's options, which M.spec has put together.
function M.check(where, spec, given) return options.check(where, spec, given) end

-- Names already given while one page is woven: a page is one sink, or one folder.
local taken = setmetatable({}, { __mode = "k" })
local taken_in = {}

local function free_name(wanted)
  local names
  if output.sink then
    taken[output.sink] = taken[output.sink] or {}
    names = taken[output.sink]
  else
    taken_in[output.directory] = taken_in[output.directory] or {}
    names = taken_in[output.directory]
  end
  local n, name = names[wanted] or 0, nil
  repeat
    n = n + 1
    name = n == 1 and wanted or ("%s-%d"):format(wanted, n)
  until not names[name]
  names[wanted], names[name] = n, names[name] or 1
  return name
end

-- "fig-accuracy" from `--| label: fig-accuracy`; else "fig-curves", "fig-curves-2", ...
local function figure_name(kind)
  local label = (output.options or {}).label
  local name = label and tostring(label):gsub("[^%w_-]", "-"):sub(1, 80)
  return free_name((name and name ~= "" and name) or "fig-" .. kind)
end

-- The size in CSS pixels: what the call says, what `--| width:` says, or the kind's own.
local function size(figure)
  local given, stated = figure.options, output.options or {}
  local function number(v) v = tonumber(v) return v and v >= 100 and v <= 6000 and v // 1 end
  return math.tointeger(given.width or number(stated.width) or figure.width or 720),
         math.tointeger(given.height or number(stated.height) or figure.height or 400)
end

-- Names of terminals to draw with. More than some twenty thousand points weigh less as
-- pixels than as lines.
local function choose_outputs(figure)
  if figure.outputs then return figure.outputs end
  local kind = figure.options.terminal or ((figure.points or 0) > 20000 and "png" or "svg")
  return { kind }
end

-- gnuplot lines which name a picture and draw it as that kind, unless the caller of the script asks for another name or
-- terminal: gnuplot -e "terminal_svg = 'pdfcairo'; out_svg = 'a.pdf'" fig.gp
local function output_lines(kind, name, width, height, delay)
  return table.concat({
    ("if (!exists('out_%s')) out_%s = '%s.%s'"):format(kind, kind, name, kind),
    ("if (!exists('terminal_%s')) terminal_%s = \"%s\""):format(kind, kind, gnuplot.terminal(kind, width, height, delay)),
    ("eval 'set terminal ' . terminal_%s"):format(kind),
    "set output out_" .. kind,
  }, "\n")
end

local function job_of(figure, name)
  local width, height = size(figure)
  local outputs, values = choose_outputs(figure), {}
  for k, v in pairs(figure.values) do values[k] = v end
  values.OUTPUT = ("data = '%s.csv'\n"):format(name) .. output_lines(outputs[1], name, width, height, figure.delay)
  if outputs[2] then values.SECOND = output_lines(outputs[2], name, width, height, figure.delay) end
  return {
    directory = output.directory, name = name, outputs = outputs, data = figure.data, confined = figure.confined,
    script = gnuplot.script(figure.template, values),
  }
end

local function draw(figure, name) return gnuplot.draw(job_of(figure, name)) end

-- With letters, for a terminal. Films and pictures of pixels are none for it.
local function letters(figure)
  local job = job_of(figure, "figure")
  if #job.outputs > 1 or figure.film then return nil end
  return gnuplot.letters(job, output.window.columns, output.window.lines)
end

-- Shows a figure. figure = { kind = "curves", template = "lines", values = { XLABEL = ... },
-- data = csv text, options = checked options, text = one line, alt =, table = stand-in,
-- notices = array of sentences, points = how many, width =, height =, outputs =, film = what
-- film.of returned: a slider on the page in place of the picture, confined = as gnuplot.draw takes it,
-- explain = function(what gnuplot said) -> the same for whoever wrote the script }.
-- figure.values is nil if there is nothing to draw: then the item says so.
function M.show(figure)
  local notices = figure.notices or {}
  local text = clean(figure.text)
  local item = {
    kind = "figure", title = clean(figure.options.title or figure.title), text = text,
    alt = clean(figure.options.alt or figure.alt or text), table = figure.table, film = figure.film,
    note = #notices > 0 and table.concat(notices, "; ") or nil,
  }
  if figure.values and output.window and not output.directory then item.drawing = letters(figure) end
  if not figure.values then item.note = table.concat({ "nothing to draw yet", item.note }, "; ")
  elseif output.directory then
    local files, sources = draw(figure, figure_name(figure.kind))
    if files then item.files, item.sources = files, sources
    elseif sources == gnuplot.missing then
      item.note = table.concat({ gnuplot.missing .. ": table in place of the figure", item.note }, "; ")
    else options.fail(("lab.plot.%s: %s"):format(figure.kind, figure.explain and figure.explain(sources) or sources)) end
  end
  if item.note then item.text = ("%s (%s)"):format(item.text or figure.kind, item.note) end
  output.emit(item)
end

return M
