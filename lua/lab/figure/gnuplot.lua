-- gnuplot.lua: one figure = one complete script, its data beside it, one run of gnuplot.
--
-- A script is the theme and a kind's template (plots/*.gp) with the figure's values put in
-- for @NAMES@. Pictures are drawn under a temporary name, checked and renamed; script and
-- data stay next to them, so that a reader can draw the figure again: `gnuplot fig.gp`.
-- A figure whose script and data have not changed is not drawn again. A script that draws SVG names the version
-- of figure/svg.lua that tidies it, so that all figures are drawn again when that changes.

local clean = require "lab.util.text".clean
local fs = require "lab.c.fs"
local process = require "lab.util.process"
local embed = require "lab.c.embed"
local svg = require "lab.figure.svg"

local M = {
  timeout_seconds = 60,
  missing = "gnuplot is not installed",
}

-- Single quotes: nothing inside them is a command, an escape or a macro.
function M.quote(text) return "'" .. clean(text):gsub("'", "''") .. "'" end

function M.number(x)
  if x == nil or x ~= x then return "NaN" end
  if x == math.huge or x == -math.huge then return "NaN" end
  if math.type(x) == "integer" then return ("%d"):format(x) end
  return ("%.10g"):format(x)
end

local function cell(v)
  if type(v) == "string" then return '"' .. clean(v):gsub('"', "'") .. '"' end
  return M.number(v)
end

-- Blocks of rows under one header, blocks two blank lines apart (gnuplot's `index`). Column
-- names begin with a small letter: by that the theme knows the header from the data.
function M.csv(header, blocks)
  local lines = { table.concat(header, ",") }
  for b, rows in ipairs(blocks) do
    if b > 1 then lines[#lines + 1] = "\n" end
    for _, row in ipairs(rows) do
      local cells = {}
      for j = 1, #header do cells[j] = cell(row[j]) end
      lines[#lines + 1] = table.concat(cells, ",")
    end
    if #rows == 0 then lines[#lines + 1] = table.concat({ "NaN", ("NaN"):rep(#header - 1, ",") }, ",") end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- A column's name fit for such a header.
function M.header_name(name)
  name = name:lower():gsub("[^%w_]", "_")
  return name:find("^[a-z]") and name or "x_" .. name
end

-- The script: theme, then the template of the kind. A value stands for its @NAME@ once and
-- is not looked through again, so a user's text may hold @ signs.
function M.script(kind, values)
  local path = ("plots/%s.gp"):format(kind)
  local template = embed.read(path) or error(path .. " is not part of the program")
  local used = {}
  local text = (embed.read("plots/theme.gp") .. "\n" .. template):gsub("@([A-Z][A-Z_]*)@", function(name)
    used[name] = true
    return values[name] or error(("%s: no value for @%s@"):format(path, name))
  end)
  for name in pairs(values) do
    if not used[name] then error(("%s: nothing takes the value %s"):format(path, name)) end
  end
  return text
end

-- The terminal, as `set terminal` takes it; sizes in CSS pixels, raster pictures twice as fine.
function M.terminal(kind, width, height, delay)
  if kind == "svg" then
    return ("svg size %d,%d fixed noenhanced rounded font 'sans-serif,16'"):format(width, height)
  elseif kind == "png" then
    return ("pngcairo size %d,%d noenhanced rounded fontscale 2 linewidth 2 pointscale 2 font 'sans,11'")
      :format(2 * width, 2 * height)
  end
  return ("gif animate optimize delay %d loop 0 size %d,%d noenhanced font 'sans,11'"):format(delay, width, height)
end

local function same(path, text) return fs.read_file(path) == text end

local function has_bytes(path)
  local stat = fs.stat(path)
  return stat ~= nil and stat.size > 0
end

-- Is everything on disk as it would be made now?
local function up_to_date(paths, job)
  if not same(paths.gp, job.script) or not same(paths.csv, job.data) then return false end
  for _, kind in ipairs(job.outputs) do
    if not has_bytes(paths[kind]) then return false end
  end
  return true
end

-- What gnuplot said, on one line, without its remark on degree signs under LC_ALL=C.
local function first_words(text)
  text = text:gsub("[^\n]*iconv failed to convert degree sign[^\n]*\n?", "")
  text = clean(text):gsub("%s+", " "):gsub("^ ", "")
  return #text > 600 and text:sub(1, 600) .. " ..." or text
end

-- Runs gnuplot over the script on disk; true, or nil and a sentence.
local function run(job, part)
  local argv = { "gnuplot", "-d" }
  for _, kind in ipairs(job.outputs) do
    argv[#argv + 1] = "-e"
    argv[#argv + 1] = ("out_%s=%s"):format(kind, M.quote(part[kind]))
  end
  argv[#argv + 1] = job.name .. ".gp"
  local result, why = process.run { argv = argv, env = { "LC_ALL=C" }, cwd = job.directory, timeout_seconds = M.timeout_seconds, confined = job.confined }
  if not result then return nil, why:find("No such file", 1, true) and M.missing or why end
  if result.timed_out then return nil, ("gnuplot did not finish %s.gp within %g s"):format(job.name, M.timeout_seconds) end
  if result.status ~= 0 then
    return nil, ("gnuplot failed on %s.gp (%s): %s"):format(job.name,
      result.signal and "signal " .. result.signal or "status " .. result.status, first_words(result.err))
  end
  return true
end

-- Takes one picture over from its temporary name.
local function keep(job, kind, from, to)
  if not has_bytes(from) then return nil, ("gnuplot made no picture from %s.gp"):format(job.name) end
  if kind == "svg" then
    local text, why = fs.read_file(from)
    if not text then return nil, why end
    if not text:find "<svg.*</svg>" then return nil, ("gnuplot left %s.svg half-written"):format(job.name) end
    local ok
    ok, why = fs.write_file(from, svg.tidy(text, job.name))
    if not ok then return nil, why end
  end
  return fs.rename(from, to)
end

local function draw(job, paths, part)
  for _, kind in ipairs(job.outputs) do fs.remove(paths[kind]) end
  local ok, why = fs.write_file(paths.csv, job.data)
  if ok then ok, why = fs.write_file(paths.gp, job.script) end
  if ok then ok, why = run(job, part) end
  for _, kind in ipairs(job.outputs) do
    if ok then ok, why = keep(job, kind, job.directory .. "/" .. part[kind], paths[kind]) end
  end
  for _, kind in ipairs(job.outputs) do fs.remove(job.directory .. "/" .. part[kind]) end
  return ok, why
end

-- The script as it is kept. The remark stands at its end: gnuplot's messages name lines.
local function with_version(job)
  for _, kind in ipairs(job.outputs) do
    if kind == "svg" then return ("%s\n# setlab tidies the SVG, version %d\n"):format(job.script, svg.version) end
  end
  return job.script
end

-- Draws a figure. job = { directory =, name =, script = text, data = csv text,
-- outputs = { "svg" } or { "gif", "png" }, confined = true if a script of somebody's is in it }. Returns { svg = path, ... } and { gp = path,
-- data = { path } } and whether it was drawn now; or nil and a sentence (M.missing if
-- there is no gnuplot), and then no picture stands under the final name.
function M.draw(job)
  job = { directory = job.directory, name = job.name, script = with_version(job), data = job.data, outputs = job.outputs, confined = job.confined }
  local base = job.directory .. "/" .. job.name
  local paths, part, files = { gp = base .. ".gp", csv = base .. ".csv" }, {}, {}
  for _, kind in ipairs(job.outputs) do
    paths[kind], files[kind] = base .. "." .. kind, base .. "." .. kind
    part[kind] = ("%s.part.%s"):format(job.name, kind)
  end
  local sources, fresh = { gp = paths.gp, data = { paths.csv } }, up_to_date(paths, job)
  if not fresh then
    local ok, why = draw(job, paths, part)
    if not ok then return nil, why end
  end
  return files, sources, not fresh
end

-- The same figure drawn with letters, `columns` wide and `lines` high; nil if that fails.
--   job  as of M.draw; its outputs must be { "svg" } or { "png" }
function M.letters(job, columns, lines)
  local folder = fs.temporary_folder "setlab-letters"
  if not folder then return nil end
  local kind, text = job.outputs[1], nil
  if fs.write_file(("%s/%s.csv"):format(folder, job.name), job.data) and fs.write_file(folder .. "/a.gp", job.script) then
    local settings = ("terminal_%s = 'dumb size %d,%d noenhanced'; out_%s = 'a.txt'"):format(kind, columns, lines, kind)
    local result = process.run { argv = { "gnuplot", "-d", "-e", settings, "a.gp" }, env = { "LC_ALL=C.UTF-8" }, cwd = folder, timeout_seconds = M.timeout_seconds, confined = true }
    text = result and result.status == 0 and fs.read_file(folder .. "/a.txt")
  end
  fs.remove_tree(folder)
  return text and text:find "%S" and text:gsub("\f", ""):gsub("[ \t]+\n", "\n"):gsub("^\n+", "") or nil
end

-- "5.4 patchlevel 4", or nil.
function M.version()
  local result = process.run { argv = { "gnuplot", "--version" }, timeout_seconds = 10 }
  return result and result.status == 0 and result.out:match("gnuplot%s+([^\n]+)") or nil
end

return M
