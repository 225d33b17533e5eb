-- From script to page: what is kept, what a page holds, how errors end it, what the command
-- leaves in the folder.

local t = dofile "tests/harness.lua"
local weave = require "lab.page.weave"
local page = require "lab.page.page"
local tidier = require "lab.figure.svg"
local output = require "lab.util.output"

local program = (os.getenv "B" or "build") .. "/setlab"
local function seen(text) return (text:match("<article>.*</article>") or text):sub(1, 3000) end
local function has(text, piece) t.truthy(text:find(piece, 1, true), "no " .. piece .. " in: " .. seen(text)) end
local function lacks(text, piece) t.truthy(not text:find(piece, 1, true), piece .. " in: " .. seen(text)) end
local function before(text, a, b)
  local i, j = text:find(a, 1, true), text:find(b, 1, true)
  t.truthy(i and j and i < j, a .. " is not before " .. b)
end

local function woven(text, outdir)
  local result = weave.run("s.lua", text, (outdir or "/nowhere") .. "/s_files")
  return result, page.render(result, { name = "s", outdir = outdir or "/nowhere", woven = "2026-01-02 03:04 UTC", provenance = { { title = "Script", { "file", "s.lua" } } } })
end

-- Only the article: what the script gave.
local function article(text, outdir)
  local result, html = woven(text, outdir)
  return html:match("<article>\n(.*)\n</article>"), result
end

-- Every tag closed, every id once, nothing fetched from anywhere.
local function check_page(html)
  local void = { meta = true, link = true, img = true, source = true, input = true, br = true, hr = true, ["!doctype"] = true }
  local open, ids = {}, {}
  local body = html:gsub("<style>.-</style>", ""):gsub("<script>.-</script>", "")
  for close, name, rest in body:gmatch("<(/?)([%a!][%w]*)([^<>]*)>") do
    if close == "/" then t.equal(table.remove(open), name)
    elseif not void[name] and rest:sub(-1) ~= "/" then open[#open + 1] = name end
    local id = rest:match("%sid=[\"']([^\"']+)")
    if id then
      t.truthy(not ids[id], "id twice: " .. id)
      ids[id] = true
    end
  end
  t.equal(open, {})
  for target in body:gmatch("href=[\"']#([^\"']+)") do t.truthy(ids[target], "no target for #" .. target) end
  for target in body:gmatch("url%(#([^)]+)%)") do t.truthy(ids[target], "no target for url(#" .. target .. ")") end
  for address in html:gmatch("src=[\"']([^\"']+)") do t.truthy(address:find("^data:"), address) end
  lacks(html, "@import")
  lacks(html, "<link rel=\"stylesheet\"")
  t.truthy(not html:find("url%([\"']?%a+:"), "a style sheet fetches something")
  t.truthy(not html:find("https?://"), "an address of the network: " .. (html:match("https?://[^\"'<> ]*") or ""))
end

local svg = [==[<?xml version="1.0"?>
<svg width="10" height="10" viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<title>Gnuplot</title><script type="text/javascript"><![CDATA[ alert(1) ]]></script>
<defs><circle id='gpPt0' r='1'/><filter id="textbox"></filter></defs>
<g id="gnuplot_plot_1" onclick="alert(1)"><use xlink:href='#gpPt0'/><path filter="url(#textbox)" d="M0,0"/></g></svg>
]==]

t.test("locals cross cells, printing and io.write stand below their cell", function()
  local html = article("-- # A\nlocal x = 41\nprint('x', x)\n-- ## B\nio.write(x + 1, '\\n')\nio.stdout:write('c', 'd')\nprint()\n-- end\n")
  has(html, "<samp>x\t41</samp>")
  has(html, "<samp>42\ncd</samp>")
  before(html, "<samp>x\t41", '<h2 id="b">')
  before(html, "<samp>42", "<p>end</p>")
end)

t.test("everything is given back after weaving", function()
  local was = { print, io.write, io.stdout, os.exit, output.sink, output.directory, getmetatable("").__call }
  woven("-- a\nprint(1)\nerror('x')")
  woven("-- a\nlocal = 1")
  t.equal({ print, io.write, io.stdout, os.exit, output.sink, output.directory, getmetatable("").__call }, was)
end)

t.test("echo: true, false, fold", function()
  local html = article("-- # A\n--| echo: false\nlocal hidden = 1\n--| echo: fold\nlocal folded = 2\nlocal shown = hidden + folded\nprint(shown)\n")
  lacks(html, "hidden = ")
  has(html, '<details class="fold"><summary>Code, line 5</summary>')
  has(html, '<span class="k">local</span> shown')
  has(html, "<samp>3</samp>")
end)

t.test("options are in force for their statement only", function()
  local seen = {}
  output.note_for_test = function() seen[#seen + 1] = output.options.label or "none" end
  woven("local o = require 'lab.util.output'\n--| label: fig-a\no.note_for_test()\no.note_for_test()\n--| label: fig-b\no.note_for_test() o.note_for_test()\n-- prose\no.note_for_test()\n")
  output.note_for_test = nil
  t.equal(seen, { "fig-a", "none", "fig-b", "none", "none" })
end)

t.test("a figure: inline, its own ids, caption, alternative text, sources", function()
  local dir = t.tmpdir()
  os.execute("mkdir '" .. dir .. "/s_files'")
  for _, name in ipairs { "f", "g", "h" } do t.write(("%s/s_files/%s.svg"):format(dir, name), tidier.tidy(svg, name)) end
  t.write(dir .. "/s_files/p.png", "foo")
  local function emit(name)
    return ("require('lab.util.output').emit { kind = 'figure', title = 'T', files = { svg = '%s/s_files/%s.svg' }, alt = 'rises & <falls>', sources = { gp = '%s/s_files/f.gp', data = { '%s/s_files/f.csv', '/etc/passwd' } } }\n"):format(dir, name, dir, dir)
  end
  local text = "-- # A\n--| label: fig-a\n--| fig-cap: Cap *one* $\\alpha$.\n" .. emit "f" .. emit "g" .. "--| fig-alt: other\n" .. emit "h"
    .. ("--| fig-cap: Two maps.\n--| width: 120\nfor i = 1, 2 do require('lab.util.output').emit { kind = 'figure', title = 'epoch ' .. i, files = { png = '%s/s_files/p.png' } } end\n"):format(dir)
    .. ("--| fig-cap: Two pieces.\nfor i = 1, 2 do require('lab.util.output').emit { kind = 'figure', title = 'pieces', files = { png = '%s/s_files/p.png' } } end\n"):format(dir)
    .. "require('lab.util.output').emit { kind = 'figure', text = 'a curve', files = {}, table = { kind = 'table', header = { 'a' }, rows = { { '1' } } } }\n"
  local result, html = woven(text, dir)
  t.equal(result.failure, nil)
  check_page(html)
  has(html, '<figure id="fig-a">')
  has(html, "<b>Figure 1.</b> Cap <em>one</em> <math>")
  has(html, "<b>Figure 2.</b> T")
  has(html, '<b>Figure 4.</b> Two maps.')
  has(html, '<p class="panel-title">epoch 2</p><img src="data:image/png;base64,Zm9v" alt="epoch 2" style="width:120px">')
  has(html, 'aria-label="rises &amp; &lt;falls&gt;"')
  has(html, 'aria-label="other"')
  has(html, '<a href="s_files/f.gp">f.gp</a>, <a href="s_files/f.csv">f.csv</a>')
  has(html, "a curve")
  has(html, '<div class="panel"><img src="data:image/png;base64,Zm9v" alt="pieces"')
  lacks(html, '<p class="panel-title">pieces</p>')
  has(html, "<b>Figure 6.</b>")
  lacks(html, 'href="/etc')
  lacks(html, "alert(1)")
  lacks(html, "xmlns")
end)

t.test("folded statements that follow each other fold into one; prose, code and outputs part them", function()
  local html = article("-- # A\n--| echo: fold\nlocal a = 1\n--| echo: fold\nlocal b = 2\n--| echo: false\nlocal c = 3\n--| echo: fold\nprint(a, b, c)\n"
    .. "--| echo: fold\nlocal d = 4\n-- between\n--| echo: fold\nlocal e = 5\nlocal f = 6\n--| echo: fold\nlocal g = 7\n")
  local found = {}
  for where in html:gmatch "<summary>Code, (.-)</summary>" do found[#found + 1] = where end
  t.equal(found, { "lines 3 to 9", "line 11", "line 14", "line 17" })
  before(html, "<samp>1", "line 11")
  before(html, "line 11", "<p>between</p>")
  before(html, "line 14", '<span class="n">6</span>')
  lacks(html, '<span class="n">3</span>')
end)

t.test("what lab.say says is prose, with its values, in its place", function()
  local html = article("-- # A\nlocal lab = require 'lab'\n--| echo: false\nlab.say('Took **%.1f s** for `%s` <b>', 1.25, 'x')\n-- ## After\n")
  has(html, "<p>Took <strong>1.2 s</strong> for <code>x</code> &lt;b&gt;</p>")
  before(html, "Took", "After</h2>")
  lacks(html, "lab.say")
  html = article("local lab = require 'lab'\nlab.say('%d', 'x')\n")
  has(html, "lab.say: bad argument")
  has(html, "s.lua:2")
end)

t.test("fifty thousand printed lines stay whole, and take linear time", function()
  local html = article("-- # A\nfor i = 1, 50000 do print(i) end\n")
  has(html, "\n50000</samp>")
  local growth = t.growth(10000, 40000, function(n) article(("-- # A\nfor i = 1, %d do print(i) end\n"):format(n)) end)
  t.truthy(growth < 10, growth)
end)

t.test("a moving picture has one that stands still beside it", function()
  local dir = t.tmpdir()
  t.write(dir .. "/m.gif", "gif")
  t.write(dir .. "/m.png", "png")
  local html = article(("-- # A\nrequire('lab.util.output').emit { kind = 'figure', alt = 'moves', files = { gif = '%s/m.gif', png = '%s/m.png' } }\n"):format(dir, dir), dir)
  has(html, '<source media="print, (prefers-reduced-motion: reduce)" srcset="data:image/png;base64,cG5n">')
  has(html, '<img src="data:image/gif;base64,Z2lm" alt="moves">')
end)

t.test("a film is hidden until the page's script shows it, before its picture", function()
  local film = require "lab.figure.film"
  local maps = {}
  for i = 1, 3 do maps[i] = { width = 2, height = 2, title = "epoch <" .. i .. ">", values = { 0, i, 4, 0 / 0 } } end
  local strip = film.of(maps, { label = "links & more", map_size = 100, delay = 0.2, beside = { width = 2, height = 1, title = "it", values = { 0, 9 } } })
  t.equal(strip.frames, "\0\64\254\255\0\127\254\255\0\191\254\255")
  t.equal(strip.beside.cells, "\0\254")
  local dir, text = t.tmpdir(), "-- # A\nrequire('lab.util.output').emit { kind = 'figure', alt = 'a <map>', film = package.loaded.a_film%s }\n"
  t.write(dir .. "/m.gif", "gif")
  package.loaded.a_film = strip
  local result, html = woven(text:format((", files = { gif = '%s/m.gif' }"):format(dir)), dir)
  check_page(html)
  has(html, '<div class="film" hidden data-delay="200" data-titles="epoch &lt;1&gt;&#10;epoch &lt;2&gt;&#10;epoch &lt;3&gt;">')
  has(html, 'aria-label="a &lt;map&gt;" data-frames="' .. require("lab.util.base64").encode(strip.frames) .. '"')
  has(html, '<input type="range" min="1" max="3" value="3" aria-label="frame" aria-valuetext="epoch &lt;3&gt;">')
  has(html, '<div class="film-picture"><img src="data:image/gif;base64,Z2lm" alt="a &lt;map&gt;"></div>')
  has(html, "links &amp; more")
  has(html, 'querySelectorAll(".film")')
  result, html = woven(text:format "", dir)
  check_page(html)  -- without gnuplot there is no picture, but there is a film
  has(html, '<div class="film" hidden')
  has(html, '<p class="missing">')
  package.loaded.a_film = nil
  lacks(select(2, woven("-- # A\n")), 'querySelectorAll(".film")')
  t.equal(result.failure, nil)
end)

t.test("tables", function()
  local html = article("-- # A\n--| label: tbl-x\n--| tbl-cap: Last epoch.\nrequire('lab.util.output').emit { kind = 'table', header = { 'arm', 'n<m' }, rows = { { 'a', '1' } }, align = 'lr', note = 'N & M' }\nrequire('lab.util.output').emit { kind = 'table', header = { 'x' }, rows = {} }\n")
  has(html, '<figure class="table" id="tbl-x"><figcaption id="tbl-x-caption"><b>Table 1.</b> Last epoch.</figcaption>')
  has(html, '<th class="r" scope="col">n&lt;m</th>')
  has(html, '<td class="r">1</td>')
  has(html, "N &amp; M")
  has(html, '<div class="table">')
end)

t.test("runs: what was reused, and trouble that is seen", function()
  local text = [[
-- # A
local o = require "lab.util.output"
table.insert(o.runs_used, { name = "seed=1", key = "abc", status = "done", reused = true, finished = "2026-01-01T10:00:00Z" })
table.insert(o.runs_used, { name = "seed=2", key = "def", status = "diverged", reused = false, finished = "2026-01-01T11:00:00Z", why = "diverged: the loss is <NaN>" })
-- after
]]
  local html, result = article(text)
  has(html, "2 runs, 1 read back from earlier, 1 trained for this page; computed between 2026-01-01 10:00 and 2026-01-01 11:00 UTC.")
  has(html, '<p class="trouble"><b>Run seed=2 diverged.</b> the loss is &lt;NaN&gt;</p>')
  before(html, "2 runs", "after")
  t.equal(page.status(result), "1 run diverged")
end)

t.test("an error ends the page there", function()
  local html, result = article("-- # A\nprint('one')\n-- ## B\nlocal x\nlocal function f() return x.y end\nf()\n-- ## Never\nprint('two')\n")
  has(html, "<samp>one</samp>")
  has(html, "The script stopped here")
  has(html, "s.lua:5: attempt to index a nil value")
  has(html, '<mark class="failed">local function f() return x.y end</mark>')
  has(html, "Called from: line 6.")
  lacks(html, "Never")
  t.equal(result.failure.line, 5)
  t.equal(page.status(result), "stopped by an error")
end)

t.test("errors of every kind still give a page", function()
  for text, want in pairs {
    ["-- # A\nlocal = 5\n-- b"] = "s.lua:2: ", ["-- # A\nprnt(1)"] = "did you mean", ["-- # A\nx = 1"] = "s.lua:2: ",
    ["-- # A\n--| lable: x\nprint(1)"] = "s.lua:2: unknown option", ["-- # A\n--| echo: true\n"] = "no statement follows",
    ["-- # A\nerror({})"] = "table", ["-- # A\nerror()"] = "nil", ["-- # A\nos.exit(3)"] = "os.exit(3)", ["-- # A\nprint('x"] = "unfinished string",
    ["-- # A\nlocal function f() return 1 + f() end f()"] = "stack overflow", ["-- # A\ngoto nowhere"] = "nowhere" } do
    local result, html = woven(text)
    t.truthy(result.failure, "no failure: " .. text)
    check_page(html)
    has(html, '<h1 id="a">A</h1>')
    has(result.failure.message, want)
  end
end)

t.test("os.exit without an error ends the page in peace", function()
  local html, result = article("-- # A\nos.exit()\n-- after\n")
  t.equal(result.failure, nil)
  lacks(html, "after")
end)

t.test("prose after a final return, and prose that was never reached", function()
  local html = article("-- # A\nif true then return end\n-- unreached\n")
  lacks(html, "unreached")
  html = article("-- # A\nreturn 1\n-- the afterword\n")
  has(html, "<p>the afterword</p>")
end)

t.test("a backward goto shows its prose once, with all outputs", function()
  local html = article("-- # A\nlocal n = 0\n::again::\n-- words\nn = n + 1\nprint(n)\nif n < 3 then goto again end\n")
  t.equal(select(2, html:gsub("<p>words</p>", "")), 1)
  has(html, "<samp>1\n2\n3</samp>")
end)

t.test("an interrupt is not a page", function()
  local system = require "lab.c.system"
  t.raises("interrupted!", weave.run, "s.lua", "-- a\nrequire 'lab.c.system'.interrupt_me()\n", "/nowhere")
  system.forget_interrupt()
  local html = article("-- # A\nerror('interrupted!', 0)\n")  -- no more than a message
  has(html, "interrupted!")
end)

t.test("lists hold together across blank lines; title, summary and contents", function()
  local result, html = woven("-- - one\n\n-- - two\n\n-- # Title & more\n-- First *words*\n-- $$x$$ here.\n-- ## Sub\n-- #### Deep\n-- ### Sub sub\n-- ## Other\n")
  t.equal(result.failure, nil)
  check_page(html)
  t.equal(select(2, html:gsub("<ul>", "")), 1)
  has(html, "<title>Title &amp; more</title>")
  has(html, '<ol><li><a href="#sub">Sub</a><ol><li><a href="#sub-sub">Sub sub</a></li></ol></li><li><a href="#other">Other</a></li></ol>')
  local _, plain = woven("print(1)")
  has(plain, "<title>s</title>")
  has(plain, "<h1>s</h1>")
end)

t.test("a summary does not end in a colon", function()
  local function summary(text) return select(2, woven(text)):match('name="description" content="([^"]*)"') end
  t.equal(summary("-- # A\n-- One thing. Two: of them.\n"), "One thing. Two: of them.")
  t.equal(summary("-- # A\n-- One thing! And these\n-- are more:\n--\n-- - b\n"), "One thing!")
  t.equal(summary("-- # A\n-- These:\n--\n-- - b\n"), "These\u{2026}")
end)

t.test("four times as many blocks take four times as long to weave", function()
  local piece = "-- Some words about $x_i$ and `code`.\ndo local function f(a) return a + 1 end print(f(1)) end\n\n"
  local growth = t.growth(50, 200, function(n) woven("-- # A\n" .. piece:rep(n)) end)
  t.truthy(growth < 10, growth)
end)

-- ---- the command ----------------------------------------------------------------------

local function run(command)
  local pipe = io.popen(command .. " 2>&1; echo status=$?")
  local text = pipe:read("a")
  pipe:close()
  return text:match("^(.*)status=(%d+)\n$")
end

t.test("captions of what shows nothing are reported, and tables that are wide get small letters", function()
  local dir = t.tmpdir()
  t.write(dir .. "/idle.lua", table.concat({ "local lab = require 'lab'", "--| fig-cap: lost", "local x = 1", "--| tbl-cap: lost too", "lab.say('a')", "--| tbl-cap: kept",
    "lab.table { header = { 'a' }, rows = { { x } } }",
    "lab.table { header = { 'a', 'b', 'c', 'd' }, rows = { { ('w'):rep(30), ('w'):rep(30), ('w'):rep(30), ('w'):rep(30) } } }" }, "\n") .. "\n")
  local pipe = io.popen(("%s report --progress=none --runs='%s/runs' -o '%s/html' '%s/idle.lua' 2>&1"):format(program, dir, dir, dir))
  local out = pipe:read "a"
  pipe:close()
  has(out, "idle.lua:3: fig-cap is given to a statement that shows no figure, so it is on no page")
  has(out, "idle.lua:5: tbl-cap is given to a statement that shows no table")
  t.equal(out:find("idle.lua:7", 1, true), nil)
  local html = t.read(dir .. "/html/idle.html")
  has(html, '<table class="wider">')
  has(html, "<table><thead>")
end)

t.test("setlab report: pages, index, exit status, nothing left over", function()
  local dir = t.tmpdir()
  t.write(dir .. "/good.lua", "-- # Good one\n-- Fine words.\nprint(1)\n")
  t.write(dir .. "/bad.lua", "-- # Bad one\nlocal x\nprint(x.y)\n")
  local out, status = run(("%s report '%s/good.lua' '%s/bad.lua' -o '%s/html/deep/'"):format(program, dir, dir, dir))
  t.equal(status, "1")
  has(out, dir .. "/html/deep/good.html\n" .. dir .. "/html/deep/bad.html\n")
  has(out, "bad.lua:3: attempt to index")
  local index = t.read(dir .. "/html/deep/index.html")
  check_page(index)
  has(index, '<a href="good.html">Good one</a></h2><p class="about">Fine words.</p>')
  has(index, "stopped by an error")
  check_page(t.read(dir .. "/html/deep/good.html"))
  has(t.read(dir .. "/html/deep/good.html"), "Provenance")
  local listed = run(("ls -A '%s/html/deep'"):format(dir))
  t.equal(listed, "bad.html\ngood.html\nindex.html\n")
  out, status = run(("%s report '%s/good.lua' --output='%s/html/deep'"):format(program, dir, dir))
  t.equal(status, "0")
  has(t.read(dir .. "/html/deep/index.html"), "Bad one")
end)

t.test("setlab report: a data set that is not here is no mistake of the script", function()
  local dir = t.tmpdir()
  t.write(dir .. "/a.lua", "-- # A\nlocal lab = require 'lab'\nlocal data = lab.data.cifar10 {}\n-- Later.\nprint(data)\n")
  t.write(dir .. "/b.lua", "-- # B\nlocal lab = require 'lab'\npcall(lab.data.cifar10, {})\nerror 'my own'\n")
  local whole = program:sub(1, 1) == "/" and program or os.getenv "PWD" .. "/" .. program
  local function report(words) return run(("cd '%s' && SETLAB_DATA='%s/none' '%s' report %s -o html"):format(dir, dir, whole, words)) end
  if io.open "/usr/share/datasets/cifar-10-batches-bin/test_batch.bin" then t.skip "CIFAR-10 is in /usr/share/datasets" end
  local out, status = report "a.lua"
  t.equal(status, "1")
  has(out, "a.lua:3: lab.data.cifar10: CIFAR-10 is not here; looked for")
  out, status = report "--skip-missing-data a.lua"
  t.equal(status, "0")
  has(out, "setlab: a.lua waits for its data: lab.data.cifar10: CIFAR-10 is not here")
  local page_text = t.read(dir .. "/html/a.html")
  check_page(page_text)
  has(page_text, "The data are not here")
  lacks(page_text, "Later.")
  has(t.read(dir .. "/html/index.html"), "waits for its data")
  out, status = report "--skip-missing-data b.lua"
  t.equal(status, "1")  -- another error is a failure still
  has(t.read(dir .. "/html/b.html"), "The script stopped here")
end)

t.test("setlab report: each script starts fresh", function()
  local dir = t.tmpdir()
  t.write(dir .. "/a.lua", "-- # A\npackage.loaded.leak = 1\nos.exit = nil\n")
  t.write(dir .. "/b.lua", "-- # B\nassert(package.loaded.leak == nil)\n")
  local out, status = run(("%s report '%s/a.lua' '%s/b.lua' -o '%s/html'"):format(program, dir, dir, dir))
  t.equal({ status, out }, { "0", dir .. "/html/a.html\n" .. dir .. "/html/b.html\n" })
end)

t.test("a figure's note stands in its caption, picture or not", function()
  local html = article('local o = require "lab.util.output"\no.emit { kind = "figure", title = "F", text = "x", note = "1 of 3 runs <diverged>" }\n')
  has(html, '<span class="note">1 of 3 runs &lt;diverged&gt;</span>')
end)

t.test("provenance: weaving may take longer than a minute", function()
  local groups = require("lab.page.provenance").collect(weave.run("s.lua", "-- # A\n", "/nowhere"), { seconds = 65.4, woven = "today" })
  local text = {}
  for _, group in ipairs(groups) do for _, pair in ipairs(group) do text[#text + 1] = table.concat(pair, ": ") end end
  has(table.concat(text, "\n"), "weaving took: 1 min 5 s")
end)

t.test("setlab report: a crash takes no other page with it", function()
  local dir = t.tmpdir()
  t.write(dir .. "/a.lua", "-- # A\nio.open('/proc/self/stat'):close()\nlocal pid = io.open('/proc/self/stat'):read('n')\nos.execute('kill -9 ' .. pid)\n")
  t.write(dir .. "/b.lua", "-- # B\n")
  local out, status = run(("%s report '%s/a.lua' '%s/b.lua' -o '%s/html'"):format(program, dir, dir, dir))
  t.equal(status, "1")
  has(out, "a.lua: ended by signal 9; its page is not written")
  has(out, dir .. "/html/b.html\n")
end)

t.test("setlab report: wrong words and places", function()
  local dir = t.tmpdir()
  t.write(dir .. "/a.lua", "-- # A\n")
  t.write(dir .. "/index.lua", "-- # A\n")
  t.write(dir .. "/file", "x")
  local function wrong(words, want, code)
    local out, status = run(program .. " report " .. words)
    t.equal(status, code)
    has(out, want)
  end
  wrong("", "which script?", "2")
  wrong(("'%s/a.lua' --ouput=x"):format(dir), "did you mean '--output'?", "2")
  wrong(("'%s/index.lua' -o '%s/html'"):format(dir, dir), "would overwrite the index", "2")
  wrong(("'%s/a.lua' '%s/../%s/a.lua' -o '%s/html'"):format(dir, dir, dir:match("[^/]+$"), dir), "would both become a.html", "2")
  wrong(("'%s/none.lua' -o '%s/html'"):format(dir, dir), "none.lua", "1")
  wrong(("'%s/a.lua' -o '%s/file/html'"):format(dir, dir), "the pages cannot go to", "1")
  wrong(("'%s/a.lua' -o /proc/setlab"):format(dir), "the pages cannot go to '/proc/setlab'", "1")
end)

t.done()
