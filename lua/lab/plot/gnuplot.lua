-- gnuplot.lua: lab.plot.gnuplot, a figure that no other word draws.
--
-- The script comes after the theme and after a line for each column, `epoch = 1`, so that `plot data using epoch:loss`
-- names columns. What it may not do is kept from it by the system (core/os/confine.h): start programs, reach a network, write
-- elsewhere. The usual words that would only fail there, or mislay the picture, are refused beforehand with their line. A script
-- can still read other files; then the figure does not know when they change.

local figure = require "lab.figure.figure"
local gnuplot = require "lab.figure.gnuplot"
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

local WHERE = "lab.plot.gnuplot"

local spec = figure.spec {
  script = { kind = "string", required = true, help = "Lines of gnuplot. `data` is the file of the data, and each column's name its number." },
  data = { kind = "table", required = true, takes = "arrays by name, or an array of such tables",
    help = "Columns of numbers or texts, all of one length; or several such tables, which are `index 0`, `index 1`, ... of the file." },
}

manual.word(WHERE, {
  summary = "a figure from a gnuplot script of one's own",
  text = "Theme, size and terminal are set before the script; script and data are kept beside the page. The colours of all figures are shade(1) to shade(6). "
    .. "The script cannot start programs or write files. A figure kind of one's own is a module beside the study that returns a function which calls this word.",
  options = spec,
  raises = "Columns of different lengths, a name that gnuplot cannot use, a word that starts programs or writes files, or what gnuplot says, with the line of the script.",
  example = 'lab.plot.gnuplot { data = { epoch = { 1, 2, 3 }, loss = { 2.1, 1.4, 1.2 }, sd = { 0.2, 0.1, 0.1 } }, script = [[\n  set logscale y\n  set xlabel "epoch"\n'
    .. '  plot data using epoch:loss:sd with yerrorlines linecolor rgb shade(1) title "loss"\n]] }',
})

-- Names that mean something to gnuplot between `using` and the end of a line, or to the theme.
local reserved = {}
for name in ([[axes axis data every for if else do while index in keyentry matrix nonuniform notitle
  plot print sample set smooth splot title unset using via with lines points band colour faint grey pi shade]]):gmatch "%S+" do reserved[name] = true end

-- What starts programs or opens files.
local forbidden = {}
for name in ("system shell load call save import cd pwd exit quit raise lower history pause bind"):gmatch "%S+" do forbidden[name] = true end
local forbidden_settings = { "output", "terminal", "print", "table", "loadpath", "fontpath" }

local function check_name(name, place)
  if type(name) ~= "string" or not name:find "^%l[%w_]*$" then
    options.fail(("%s: %s: a column's name is a lower-case letter, then letters, digits or '_', not '%s'"):format(WHERE, place, tostring(name)))
  end
  if reserved[name] or forbidden[name] then options.fail(("%s: %s: '%s' is a word of gnuplot or of the theme; give the column another name"):format(WHERE, place, name)) end
end

local function check_column(column, name, place)
  if type(column) ~= "table" and type(column) ~= "userdata" then options.fail(("%s: %s: '%s' must be an array"):format(WHERE, place, name)) end
  for i = 1, #column do
    local kind = type(column[i])
    if kind ~= "number" and kind ~= "string" then options.fail(("%s: %s: %s[%d] must be a number or text, not %s"):format(WHERE, place, name, i, kind)) end
  end
end

-- The rows of a table of columns, which has these names.
local function rows_of(columns, names, place)
  local rows, n = {}, nil
  for _, name in ipairs(options.sorted_keys(columns)) do check_name(name, place) end
  for j, name in ipairs(names) do
    local column = columns[name]
    if column == nil then options.fail(("%s: %s has no column '%s', which another has"):format(WHERE, place, name)) end
    check_column(column, name, place)
    n = n or #column
    if #column ~= n then options.fail(("%s: %s: %s has %d rows, %s has %d"):format(WHERE, place, names[1], n, name, #column)) end
    for i = 1, n do
      rows[i] = rows[i] or {}
      rows[i][j] = column[i] == "" and " " or column[i]  -- of an empty text stringcolumn() takes the rest of the line
    end
  end
  return rows
end

-- Names in order, those of columns with texts last: gnuplot loses the numbers behind a text that is blank.
local function in_order(seen, tables)
  local numbers, texts = {}, {}
  for _, name in ipairs(options.sorted_keys(seen)) do
    local has_text = false
    for _, columns in ipairs(tables) do
      local column = columns[name]
      for i = 1, type(column) == "table" and #column or 0 do has_text = has_text or type(column[i]) == "string" end
    end
    table.insert(has_text and texts or numbers, name)
  end
  return table.move(texts, 1, #texts, #numbers + 1, numbers)
end

-- The names of the columns, and the rows of each table.
local function blocks_of(data)
  local tables = #data > 0 and data or { data }
  local seen, blocks = {}, {}
  for b, columns in ipairs(tables) do
    if type(columns) ~= "table" then options.fail(("%s: data[%d] must be a table of columns, not %s"):format(WHERE, b, type(columns))) end
    for name in pairs(columns) do
      check_name(name, #data > 0 and ("data[%d]"):format(b) or "data")
      seen[name] = true
    end
  end
  local names = in_order(seen, tables)
  if #names == 0 then options.fail(WHERE .. ": data has no column") end
  for b, columns in ipairs(tables) do blocks[b] = rows_of(columns, names, #data > 0 and ("data[%d]"):format(b) or "data") end
  return names, blocks
end

-- ---- what a script may not say ------------------------------------------------------------------

-- The line without texts in quotes and without its comment, so that only gnuplot's own words are left; and the texts.
local function bare(line)
  local texts = {}
  line = line:gsub("(['\"])(.-)%1", function(_, text)
    texts[#texts + 1] = text
    return "''"
  end)
  return (line:gsub("#.*", "")), texts
end

-- A word that a line may not hold, or nil.
local function found_in(line)
  local code, texts = bare(line)
  if code:find "`" then return "`" end
  if code:find "^%s*!" or code:find ";%s*!" then return "!" end
  for _, text in ipairs(texts) do if text:find "^%s*[<|]" or text:find "`" then return text:match "^%s*([<|])" or "`" end end
  for word in code:gmatch "[%a_][%w_]*" do if forbidden[word] then return word end end
  for setting in code:gmatch "%f[%a]set?%s+(%a+)" do
    for _, whole in ipairs(forbidden_settings) do   -- gnuplot takes beginnings of words; "t" is the title
      if whole:sub(1, #setting) == setting and #setting > 1 or setting == "o" then return "set " .. setting end
    end
  end
end

-- Raises at a word that starts programs, or reads or writes files by its nature.
local function check_script(script)
  if script:find "%z" then options.fail(WHERE .. ": the script holds a zero byte") end
  local n = 0
  for line in (script .. "\n"):gmatch "([^\n]*)\n" do
    n = n + 1
    local word = found_in(line)
    if word then
      options.fail(("%s: line %d of the script: '%s' is not for a figure: it starts programs, or opens files other than its data"):format(WHERE, n, word))
    end
  end
end

-- The lines that name the columns.
local function column_lines(names)
  local lines = {}
  for j, name in ipairs(names) do lines[j] = ("%s = %d"):format(name, j) end
  return table.concat(lines, "\n")
end

-- Makes of what gnuplot said the same with lines of the user's script in place of those of the whole, where five name data and output.
local function explainer(values, script)
  local whole = gnuplot.script("own", { OUTPUT = "\n\n\n\n", COLUMNS = values.COLUMNS, SCRIPT = "\1" })
  local above = select(2, whole:match "^[^\1]*":gsub("\n", ""))
  local last = select(2, script:gsub("\n", "")) + 1
  return function(said)
    return (said:gsub('"[^"]*%.gp",? line (%d+)', function(line)
      local own = tonumber(line) - above
      return own >= 1 and own <= last and ("line %d of the script"):format(own) or nil
    end))
  end
end

function M.draw(given)
  local o = figure.check(WHERE, spec, given)
  check_script(o.script)
  local names, blocks = blocks_of(o.data)
  local values = { COLUMNS = column_lines(names), SCRIPT = o.script }
  local explain, rows = explainer(values, o.script), 0
  for _, block in ipairs(blocks) do rows = rows + #block end
  local title = o.title or "figure of " .. table.concat(names, ", ")
  figure.show {
    kind = "gnuplot", template = "own", values = values, data = gnuplot.csv(names, blocks), options = o, points = rows,
    title = title, text = title, confined = true, explain = explain,
    table = { kind = "table", header = { "rows", table.unpack(names) }, rows = { { tostring(rows) } }, align = "r" },
  }
end

return M.draw
