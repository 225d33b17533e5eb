-- A page that is kept: what counts as a change of words alone, and that it then looks as if it had been woven.

local t = dofile "tests/harness.lua"
local fs = require "lab.c.fs"
local kept = require "lab.page.kept"
local page = require "lab.page.page"
local weave = require "lab.page.weave"

local file = os.tmpname()

local function render(result)
  result.echo = true
  local html = page.render(result, { name = "s", outdir = "/nowhere", woven = "2026-01-02 03:04 UTC", provenance = {} })
  return html:match("<article>\n(.*)\n</article>")
end

local function keep(text)
  local result = weave.run("s.lua", text, "/nowhere/s_files")
  t.equal(result.failure and result.failure.message, nil)
  kept.save(file, result, { { title = "Script", { "file", "s.lua" } } })
  return result
end

local function taken(text) return kept.take(file, "s.lua", text) end

-- The changed script's page, taken from the kept one, is what weaving it gives.
local function same(before, after)
  keep(before)
  local result = taken(after)
  t.truthy(result, "it was not taken: " .. after)
  t.equal(render(result), render(weave.run("s.lua", after, "/nowhere/s_files")))
  t.equal(result.groups[1][1][2], "s.lua")
end

local function other(before, after)
  keep(before)
  t.equal(taken(after), nil, "it was taken: " .. after)
end

local base = [[
-- # Title
--
-- Some prose with `{lua} x + 1` in it.

local x = 4   -- a remark

-- More prose.

--| label: tbl-x
--| tbl-cap: A caption.
require "lab".table { header = { "x" }, rows = { { x } } }

print(x)

-- The end, and `{lua} x * 2`.
]]
base = base:gsub("^(.-)\nlocal x = 4", "local x = 4\n%1\n", 1)

local function edit(from, to)
  local at, last = base:find(from, 1, true)
  return base:sub(1, at - 1) .. to .. base:sub(last + 1)
end

t.test("words may change", function()
  same(base, base)
  same(base, edit("Some prose with", "Other prose, on\n-- two lines, with"))
  same(base, edit("-- More prose.", "-- More prose.\n--\n-- And a paragraph, see @tbl-x.\n--\n-- ## A heading"))
  same(base, edit("A caption.", "Another caption."))
  same(base, edit("--| label: tbl-x\n", "--| label: tbl-x\n--| echo: fold\n"))
  same(base, edit("-- More prose.\n", "-- More prose.\n\n-- A block of its own.\n"))
  same(base, edit("-- More prose.\n\n", ""))
  same(base, edit("-- # Title", "-- ---\n-- title: From the front block\n-- author: A. Author\n-- ---\n-- # Title"))
end)

t.test("what is computed may not", function()
  other(base, edit("print(x)", "print(x + 1)"))
  other(base, edit("x + 1", "x + 2"))
  other(base, edit("label: tbl-x", "label: tbl-y"))
  other(base, edit("--| label: tbl-x\n", "--| label: tbl-x\n--| width: 300\n"))
  other(base, edit("Some prose with `{lua} x + 1`", "Some prose"))
  other(base, edit("print(x)\n", ""))
  other(base, edit("   -- a remark", "   -- another remark"))
  other(base, "local x = (\n")
  -- a value sees the locals at its place
  other("local x = 1\n-- `{lua} x`\nx = 2\n-- Words.\nprint(x)\n", "local x = 1\n-- Words.\nx = 2\n-- `{lua} x`\nprint(x)\n")
end)

t.test("what was not reached stays away", function()
  local text = "local x = 1\n-- Before.\nif x > 1 then\n-- Hidden.\n  print 'no'\nend\n-- After.\nprint 'yes'\n"
  same(text, (text:gsub("Before", "Earlier")))
  same(text, (text:gsub("After", "Later")))
end)

t.test("loops over prose, and text that comes with it", function()
  local text = "local x = 1\nfor i = 1, 2 do\n-- Round.\n  print(i)\nend\n-- After.\nprint 'yes'\n"
  keep(text)
  local result = taken((text:gsub("Round", "Again")))
  if result then t.equal(render(result), render(weave.run("s.lua", (text:gsub("Round", "Again")), "/nowhere/s_files"))) end
end)

t.test("pages that failed or ended early are not kept", function()
  keep(base)
  kept.save(file, weave.run("s.lua", "print(1)\nerror 'no'\n", "/nowhere/s_files"), {})
  t.equal(fs.stat(file), nil)
  t.equal(taken(base), nil)
  kept.save(file, weave.run("s.lua", "print(1)\nos.exit(0)\n", "/nowhere/s_files"), {})
  t.equal(fs.stat(file), nil)
end)

t.test("pages that say where they are, or read themselves or what has changed, are not kept", function()
  keep "print(debug.traceback() ~= nil and 's.lua:1: here')\n"
  t.equal(fs.stat(file), nil)
  local reads = require "lab.script.reads"
  local data = os.tmpname()
  fs.write_file(data, "one")
  local frame <close> = reads.open()
  reads.note_file(data)
  local result = weave.run("s.lua", base, "/nowhere/s_files")
  kept.save(file, result, {}, reads.record(frame))
  t.truthy(taken(base))
  fs.write_file(data, "three")
  t.equal(taken(base), nil)
  kept.save(file, result, {}, { files = { ["s.lua"] = "0" } })
  t.equal(fs.stat(file), nil)
  result.runs = { { name = "a", status = "failed" } }
  kept.save(file, result, {})
  t.equal(fs.stat(file), nil)
  os.remove(data)
end)

t.test("a damaged file is no page", function()
  keep(base)
  local text = fs.read_file(file)
  for _, damaged in ipairs { "", "return", "return 1", "return {", text:sub(1, #text // 2), "return { sequence = {} }", "error 'x'" } do
    fs.write_file(file, damaged)
    t.equal(taken(base), nil, damaged:sub(1, 40))
  end
end)

os.remove(file)
t.done()
