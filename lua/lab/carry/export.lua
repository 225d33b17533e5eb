-- export.lua: what stands on a woven page, as files for a paper: figures at the width of a column, tables, the page as PDF.
--
-- A figure's script is complete and draws to whatever terminal it is given, so it is drawn again rather than converted.

local fs = require "lab.c.fs"
local process = require "lab.util.process"

local M = {}

local BROWSERS <const> = { "chromium", "chromium-browser", "google-chrome" }
local DOTS_PER_CM <const> = 600 / 2.54

-- Width and height in pixels of the picture that a script draws, and how it calls its terminal; nil of a film, false of a
-- script from before there were such lines.
local function size_of(script)
  local kind, words = script:match "terminal_(%a+) = \"([^\"]*)\""
  local width, height = (words or ""):match "size (%d+),(%d+)"
  if not width then return false end
  if kind == "gif" then return nil end
  return tonumber(width), tonumber(height), kind
end

-- The terminal for a format, at a width in cm.
local terminals = {
  pdf = function(w, h) return ("pdfcairo size %.2fcm,%.2fcm noenhanced rounded font 'sans,7' linewidth 0.6 pointscale 0.4"):format(w, h) end,
  png = function(w, h)
    return ("pngcairo size %d,%d noenhanced rounded font 'sans,7' fontscale 4.3 linewidth 2.6 pointscale 1.8"):format(w * DOTS_PER_CM // 1, h * DOTS_PER_CM // 1)
  end,
}

M.formats = { "pdf", "png" }

-- Draws the figure of a script in a folder as FOLDER/NAME.FORMAT. true; nil for a film; nil and why.
local function draw(files, script, target, format, width_cm)
  local text, why = fs.read_file(files .. "/" .. script)
  if not text then return nil, why end
  local w, h, kind = size_of(text)
  if w == false then return nil, ("%s/%s was written by an earlier version: weave the page again"):format(files, script) end
  if not w then return nil end
  local part = script .. ".part"
  local settings = ('terminal_%s = "%s"; out_%s = "%s"'):format(kind, terminals[format](width_cm, width_cm * h / w), kind, part)
  local result, problem = process.run { argv = { "gnuplot", "-d", "-e", settings, script }, cwd = files, env = { "LC_ALL=C" }, timeout_seconds = 120, confined = true }
  if not result then return nil, problem end
  if result.status ~= 0 or not fs.stat(files .. "/" .. part) then return nil, ("gnuplot failed on %s/%s: %s"):format(files, script, result.err:gsub("%s+", " ")) end
  local picture = fs.read_file(files .. "/" .. part)
  fs.remove(files .. "/" .. part)
  return fs.write_file(target, picture)
end

-- Draws the figures of a folder of files, and copies its tables, to another. Returns the paths of what was written.
--   given  { files =, folder =, formats = array, width_cm =, seen = set of the targets so far, to be extended }
function M.files(given)
  local written, figures = {}, {}
  local names = fs.list(given.files) or {}
  table.sort(names)
  for _, name in ipairs(names) do if name:find "%.gp$" then figures[name:sub(1, -4)] = true end end
  local function claim(target)
    if given.seen[target] then error(("%s would be written twice: give each page a folder of its own"):format(target), 0) end
    given.seen[target] = true
    return target
  end
  local function keep(target, ok, why)
    if why then error(why, 0) end
    if ok then written[#written + 1] = target end
  end
  for _, name in ipairs(names) do
    local base, ending = name:match "^(.*)%.(%w+)$"
    for _, format in ipairs(ending == "gp" and given.formats or {}) do
      local target = claim(("%s/%s.%s"):format(given.folder, base, format))
      keep(target, draw(given.files, name, target, format, given.width_cm))
    end
    if (ending == "csv" or ending == "tex") and not figures[base] then
      keep(claim(given.folder .. "/" .. name), fs.write_file(given.folder .. "/" .. name, fs.read_file(given.files .. "/" .. name)))
    end
  end
  return written
end

-- Prints a page to a PDF file through Chromium. true; nil and why, and true third if there is none here.
function M.page(html, target)
  for _, browser in ipairs(BROWSERS) do
    if process.succeeds { "sh", "-c", 'command -v "$1" >/dev/null', "sh", browser } then
      local words = { browser, "--headless", "--disable-gpu", "--no-pdf-header-footer", "--virtual-time-budget=10000", "--print-to-pdf=" .. target,
        "file://" .. (html:sub(1, 1) == "/" and html or fs.current() .. "/" .. html) }
      if process.first_line "id -u" == "0" then table.insert(words, 2, "--no-sandbox") end
      local result, why = process.run { argv = words, timeout_seconds = 120 }
      if result and result.status == 0 and fs.stat(target) then return true end
      return nil, ("%s did not print %s: %s"):format(browser, html, why or result.err:sub(-300))
    end
  end
  return nil, "Chromium is not here, so the page itself is not printed (on Debian the package chromium)", true
end

return M
