-- diff.lua: `setlab diff A.lua B.lua`: where the numbers of two pages differ.

local arguments = require "lab.util.arguments"
local page_file = require "lab.page.file"
local session = require "lab.script.session"
local shared = require "lab.command.flags"
local store = require "lab.run.store"
local text_table = require "lab.util.text_table"
local weave = require "lab.page.weave"

local M = { name = "diff", summary = "where the numbers of two studies' pages differ" }

local WHERE = "setlab diff"

local flags = { all = { help = "Show what is the same, too." } }
for _, key in ipairs { "runs", "profile", "smoke" } do flags[key] = shared.flags[key] end

M.help = [[
NAME
       setlab diff - where the numbers of two studies' pages differ

SYNOPSIS
       setlab diff [OPTIONS] A.lua B.lua [name=value ...]

DESCRIPTION
       Takes both pages from the runs that are there, as 'setlab report --so-far' does, and compares
       the values in their prose and the cells of their tables: tables by label, else by caption, else by
       their number; rows by their first cell; values by their expression. Both get the same parameters. Nothing is trained, and no figure
       is drawn.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if all numbers are the same, 1 if some differ, runs are missing or a page failed, 2 if the command line was
       wrong.

EXAMPLES
       setlab diff study.lua study_with_srelu.lua]]

-- ---- what a page says ------------------------------------------------------------------------

-- Adds the value of a place; one that comes again gets a number.
local function put(page, place, value)
  local name, n = place, 1
  while page.values[name] do
    n = n + 1
    name = ("%s (%d)"):format(place, n)
  end
  page.values[name], page.order[#page.order + 1] = value, name
end

local function add_table(page, item)
  local o = item.options or {}
  page.tables = page.tables + 1
  local name = o.label or o["tbl-cap"] and ("'%s'"):format(o["tbl-cap"]) or "table " .. page.tables
  for _, row in ipairs(item.rows) do
    for j = 2, #row do put(page, ("%s: %s, %s"):format(name, tostring(row[1]), tostring(item.header[j] or j)), tostring(row[j])) end
  end
end

-- Everything that a page says with numbers: { values by place, order of the places }.
local function page_of(path)
  local woven = page_file.run(path, session.read_script(path))
  if woven.failure then error(woven.failure.full, 0) end
  local page = { values = {}, order = {}, tables = 0, unfinished = 0 }
  for _, run in ipairs(woven.runs) do if store.pending[run.status] then page.unfinished = page.unfinished + 1 end end
  for _, block in ipairs(woven.blocks) do
    for i, value in ipairs(block.texts and block.values or {}) do put(page, ("`%s`"):format(value.code), block.texts[i]) end
    for _, item in ipairs(block.items or {}) do if item.kind == "table" then add_table(page, item) end end
  end
  return page
end

-- ---- the comparison ----------------------------------------------------------------------------

local ABSENT <const> = "–"

-- The number that a cell begins with: "0.691 ± 0.025", "1,234 links", "12.5 %"; nil if it begins with none.
local function number_of(cell)
  local digits = cell:gsub(",(%d%d%d)", "%1"):match "^%-?%d+%.?%d*e?%-?%d*"
  return digits and tonumber(digits)
end

local function difference(a, b)
  local x, y = number_of(a), number_of(b)
  return x and y and x ~= y and ("%+.4g"):format(y - x) or ""
end

-- The rows of the comparison, how many differ, how many are not known yet, and how many there are.
local function compare(a, b, all)
  local rows, differ, unknown, places = {}, 0, 0, table.move(a.order, 1, #a.order, 1, {})
  for _, place in ipairs(b.order) do if not a.values[place] then places[#places + 1] = place end end
  for _, place in ipairs(places) do
    local x, y = a.values[place] or ABSENT, b.values[place] or ABSENT
    if x == weave.unknown or y == weave.unknown then unknown = unknown + 1 elseif x ~= y then differ = differ + 1 end
    if all or x ~= y then rows[#rows + 1] = { place, x, y, difference(x, y) } end
  end
  return rows, differ, unknown, #places
end

function M.main(words)
  local opts, scripts = arguments.parse(WHERE, { words, flags = flags, overrides = true })
  if #scripts ~= 2 then arguments.fail(WHERE, "which two scripts?") end
  opts.progress = "none"
  shared.prepare(opts)
  store.so_far = true
  local pages = { page_of(scripts[1]), page_of(scripts[2]) }
  local rows, differ, unknown, n = compare(pages[1], pages[2], opts.all)
  if #rows > 0 then print(text_table.text { header = { "", "A: " .. scripts[1], "B: " .. scripts[2], "B - A" }, rows = rows, align = "llll" } .. "\n") end
  local unfinished = pages[1].unfinished + pages[2].unfinished
  if unfinished > 0 then print(("%d runs are not finished, and %d of %d numbers are not there yet."):format(unfinished, unknown, n)) end
  print(differ > 0 and ("%d of %d numbers differ."):format(differ, n) or unfinished > 0 and "No number that is there differs." or ("All %d numbers are the same."):format(n))
  return differ == 0 and unfinished == 0 and 0 or 1
end

return M
