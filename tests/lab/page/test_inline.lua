-- Values and references in prose: what is taken for one, what a page shows, and what is said where one is wrong.

local t = dofile "tests/harness.lua"
local inline = require "lab.page.inline"
local weave = require "lab.page.weave"
local page = require "lab.page.page"

local program = (os.getenv "B" or "build") .. "/setlab"
local function has(text, piece) t.truthy(text:find(piece, 1, true), "no " .. piece .. " in: " .. text:sub(1, 3000)) end
local function lacks(text, piece) t.truthy(not text:find(piece, 1, true), piece .. " in: " .. text:sub(1, 3000)) end

local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir -p " .. folder .. "/s_files"))

local function woven(text)
  local result = weave.run("s.lua", text, folder .. "/s_files")
  local html = page.render(result, { name = "s", outdir = folder, woven = "2026-01-02 03:04 UTC", provenance = {} })
  return html:match "<article>\n(.*)\n</article>", result
end

local function codes(text)
  local list = {}
  for i, e in ipairs(inline.expressions(text)) do list[i] = e.line .. " " .. e.code end
  return list
end

t.test("expressions are code spans that begin with {lua}, and have the line where they stand", function()
  t.equal(codes "a `{lua} x` and\n``{lua} y `` b\n\n- `{lua}z`", { "0 x", "1 y", "3 z" })
  t.equal(codes "over `{lua} f(1,\n  2)` lines", { "0 f(1, 2)" })
  t.equal(codes "`` `{lua} x` `` and ` {lua} x` and \\`{lua} x` and {lua} x", {})
  t.equal(codes "```\n`{lua} x`\n```\n\n~~~\n`{lua} y`\n~~~\n`{lua} z`", { "7 z" })
  t.equal(codes "| `{lua} a` | b |\n|---|---|\n| c | `{lua} \"|\"` |", { "0 a", '2 "|"' })
  t.equal(codes "[link](http://x.org/`{lua}y) `{lua} z`", { "0 z" })
  t.equal(codes "`{lua} x", {})
end)

t.test("values: whole numbers, shares, words, and what has a text of its own", function()
  t.equal(inline.text(50000), "50,000")
  t.equal(inline.text(-3), "-3")
  t.equal(inline.text(0.123456), "0.1235")
  t.equal(inline.text(12345.6), "12,346")
  t.equal(inline.text "a <b>", "a <b>")
  t.equal(inline.text(true), "true")
  t.equal(inline.text(setmetatable({}, { __tostring = function() return "mine" end })), "mine")
  t.equal(select(2, inline.text(nil)), "is nil")
  t.equal(select(2, inline.text {}), "is a table, which has no text")
end)

t.test("they see the locals at their place, and what they give is text and not Markdown", function()
  local html = woven(table.concat({ "-- # Of `{lua} 1 + 1` parts", "", "local n = 3", "-- First `{lua} n`.", "n = '*4* <b>'", "-- Then `{lua} n`,", "-- [`{lua} n`](x).", "--[[",
    "Long: `{lua} #n`", "]]", "local function f() return 1, 2 end", "-- One of two: `{lua} f()`.", "print(n)" }, "\n"))
  has(html, "Of 2 parts</h1>")
  has(html, 'id="of-2-parts"')
  has(html, "<p>First 3.</p>")
  has(html, "Then *4* &lt;b&gt;,")
  has(html, '<a href="x">*4* &lt;b&gt;</a>')
  has(html, "Long: 7")
  has(html, "One of two: 1.")
end)

t.test("prose in a loop keeps its first values; the script does the same without weaving", function()
  local html, result = woven "local all = {}\nfor i = 1, 3 do\n  all[i] = i\nend\n-- Sum `{lua} #all`.\nprint(#all)\n"
  has(html, "Sum 3.")
  t.equal(result.failure, nil)
  local again = woven "local i = 0\n::top::\n-- Turn `{lua} i`.\ni = i + 1\nif i < 3 then goto top end\n"
  has(again, "Turn 0.")
  lacks(again, "Turn 1.")
end)

t.test("what is wrong is said at its line", function()
  local function fails(text, message)
    local _, result = woven(text)
    t.equal(result.failure and result.failure.message, message)
  end
  fails("-- a\n-- `{lua} 1 +`\nprint(1)", "s.lua:2: `{lua} 1 +`: unexpected symbol near ')'")
  fails("-- `{lua} x)end,(function() return 1`\nprint(1)", "s.lua:1: `{lua} x)end,(function() return 1`: <eof> expected near 'end'")
  fails("-- `{lua}`\nprint(1)", "s.lua:1: `{lua} `: there is no expression")
  fails("local x\n-- a\n--\n-- `{lua} x`\nprint(1)", "s.lua:4: `{lua} x` is nil")
  fails("local x = {}\n-- `{lua} x.y.z`\nprint(1)", "s.lua:2: `{lua} x.y.z` failed: attempt to index a nil value (field 'y')")
  fails("-- `{lua} oops`\nprint(1)", "s.lua:1: `{lua} oops` failed: 'oops' is not declared (did you mean 'os'?)")
  fails("print(1)\nreturn 1\n-- `{lua} 1`\n", "s.lua:3: `{lua} 1`: the script has ended here, and computes nothing any more")
end)

t.test("a page that stops at a value keeps what came before", function()
  local html, result = woven "-- # Title\nprint 'before'\n-- Bad `{lua} nil`.\nprint 'after'\n"
  has(html, "before")
  has(html, "The script stopped here")
  t.equal(result.failure.line, 3)
end)

local FIGURE <const> = "local lab = require 'lab'\n--| label: fig-a\n--| fig-cap: As @tbl-b says.\nlab.plot.xy { series = { { x = { 1, 2 }, y = { 1, 2 } } } }\n"
  .. "--| label: tbl-b\n--| tbl-cap: Numbers.\nlab.table { header = { 'n' }, rows = { { 1 } } }\n"

t.test("references, forward and back", function()
  local html, result = woven("-- # Title {#sec-top}\n-- @fig-a, (@tbl-b), @sec-two: @eq-x.\n" .. FIGURE
    .. "-- ## Two *words* {#sec-two}\n--\n-- $$ x $$ {#eq-x}\n--\n-- $$ y $$\n--\n-- $$ z $$ {#eq-z}\n--\n-- Of @eq-z, @fig-a.\nlab.say 'Said: @fig-a.'\n")
  has(html, '<a class="ref" href="#fig-a">Figure 1</a>, (<a class="ref" href="#tbl-b">Table 1</a>), <a class="ref" href="#sec-two">Two <em>words</em></a>: <a class="ref" href="#eq-x">Equation 1</a>.')
  has(html, 'As <a class="ref" href="#tbl-b">Table 1</a> says.')
  has(html, '<h2 id="sec-two">Two <em>words</em></h2>')
  has(html, 'id="eq-z"')
  has(html, 'Of <a class="ref" href="#eq-z">Equation 2</a>, <a class="ref" href="#fig-a">Figure 1</a>.')
  has(html, 'Said: <a class="ref" href="#fig-a">Figure 1</a>.')
  t.equal(result.unresolved, {})
end)

t.test("what only looks like one", function()
  local html, result = woven "-- a@fig-x, \\@fig-x, `@fig-x`, @figure, @fig-, @@fig-x, http://x.org/@fig-x\n--\n-- ```\n-- @fig-x\n-- ```\nprint(1)\n"
  lacks(html, 'class="ref"')
  lacks(html, 'class="missing"')
  t.equal(result.unresolved, {})
end)

t.test("labels that are nowhere, each once and with the nearest", function()
  local _, result = woven("-- @fig-a and @fig-aa,\n-- @fig-aa and @eq-q.\n" .. FIGURE)
  local told = {}
  for i, r in ipairs(result.unresolved) do told[i] = ("%d %s"):format(r.line, r.message) end
  t.equal(told, { "1 no figure, table, heading or formula has the label 'fig-aa' (did you mean 'fig-a'?)", "2 no figure, table, heading or formula has the label 'eq-q'; known: fig-a, tbl-b" })
  local html, failed = woven "-- @fig-later\nerror 'no'\n"
  has(html, "[fig-later is not on this page]")
  t.equal(failed.unresolved, {})
  local page_today, other = woven "-- @fig-some-day\n--| label: fig-some-day\nlocal x = 1\nprint(x)\n"   -- a label that the script has, and shows on another day
  has(page_today, "[fig-some-day is not on this page]")
  t.equal(other.unresolved, {})
end)

t.test("numbers stand at their own formulas; headings may refer; labels are given once", function()
  local html, result = woven "-- $$ a = b $$\n--\n-- Words.\n--\n-- $$ c = d $$ {#eq-c}\n--\n-- ## Of @eq-c {#sec-r}\n--\n-- See @sec-r.\nprint(1)\n"
  has(html, '<p>Words.</p>\n<p><span class="equation" id="eq-c">')
  has(html, '>Of Equation 1</a>')
  t.equal(result.unresolved, {})
  local head, said = woven "local lab = require 'lab'\n--| index: true\nlab.say '$$ x = y $$ {#eq-s}\\n\\nSee @eq-s.'\n"   -- shown at the head as well
  t.equal(said.unresolved, {})
  t.equal(select(2, head:gsub("See <a class=\"ref\" href=\"#eq%-s\">Equation 1</a>", "")), 2)
  local _, twice = woven "-- ## A {#sec-a}\n--\n-- ## B {#sec-a}\nprint(1)\n"
  t.equal(twice.unresolved[1].message, "the label 'sec-a' is given twice")
end)

t.test("no door for markup: values, labels and signs that stand for them", function()
  local html = woven "local s = '\\4' .. '1\\5\\6fig-a\\7<script>alert(1)</script>'\n-- Value `{lua} s` \4 1\5 \6fig-x\7 @fig-x\"onclick=.\nprint(1)\n"
  lacks(html, "<script>alert")
  lacks(html, "onclick=\"")
  has(html, "&lt;script&gt;")
end)

-- ---- front block, citations, footnotes ----

local BIB <const> = [==[
Text between entries is passed over. @comment{not @this{either}}
@string{nc = "Nature " # {Communications}}
@article{mocanu2018, author = {Mocanu, Decebal Constantin and Mocanu, Elena and Stone, Peter and others},
  title = {Scalable training of {ANN}s}, journal = nc, year = 2018, volume = 9, pages = "1--12", doi = {10.1038/s41467-018-04316-3}}
@inproceedings(evci2020, author = "Utku Evci and G{\"o}k{\c{c}}e {\'A}v\'{\i}", title = "Rigging the <lottery>", booktitle = {ICML} # " " # 2020, year = {2020},)
@misc{two-a, author = {{The Team}}, title = {Beta}, year = 2020, url = {https://example.org/a"b}}
@misc{a:b, author = {Colon, A.}, title = {Gamma}, year = 2021, url = {https://example.org/~x/a--b_c.pdf}}
@misc{a.b, author = {Dot, A.}, title = {Delta}, year = 2021, url = {https://example.org/a\_b}}
@misc{two-b, author = {{The Team}}, title = {Alpha}, year = 2020, url = {https://example.org/ab}}
]==]
local file <close> = assert(io.open(folder .. "/refs.bib", "w"))
file:write(BIB)
file:close()
local FRONT <const> = ("-- ---\n-- title: Of links\n-- author: [Ada Byron, Charles <Babbage>]\n-- date: 2026-11-30\n-- abstract: Links *move* [@mocanu2018].\n-- bibliography: %s/refs.bib\n-- ---\n--\n"):format(folder)

t.test("the front block: title, authors, date, abstract", function()
  local html, result = woven(FRONT .. "-- First paragraph.\nprint(1)\n")
  t.equal(result.failure, nil)
  has(html, '<h1 id="of-links">Of links</h1>')
  has(html, "Ada Byron, Charles &lt;Babbage&gt; · 2026-11-30")
  has(html, 'Links <em>move</em> (<a class="ref" href="#ref:mocanu2018">Mocanu et al. 2018</a>).')
  has(html, "<p>First paragraph.</p>")
  local bare = woven "-- ---\n-- author: Ada\n-- abstract: Cites nothing[^a].\n-- ---\n--\n-- Text.\n--\n-- [^a]: The note.\nprint(1)\n"
  has(bare, "Ada")
  has(bare, "The note.")
  local own = woven(FRONT .. "-- # A title of its own\nprint(1)\n")
  has(own, "A title of its own</h1>")
  lacks(own, "Of links</h1>")
  lacks((woven "-- --- dashes\n-- a: 1\nprint(1)\n"), "byline")
end)

t.test("a front block that is wrong", function()
  local function fails(front, message)
    local _, result = woven(front .. "print(1)\n")
    t.equal(result.failure and result.failure.message, message)
  end
  fails("-- ---\n-- titel: x\n-- ---\n", "s.lua:1: the front block: unknown name 'titel' (did you mean 'title'?)")
  fails("-- ---\n-- title: x\n", "s.lua:1: the front block that begins with '---' has no end: a line '---' is expected")
  fails("-- ---\n-- title: [a]\n-- ---\n", "s.lua:1: the front block: 'title' must be text")
  fails("-- ---\n-- just text\n-- ---\n", "s.lua:1: the front block: expected lines of 'name: value'")
  fails("-- ---\n-- title: x\n-- date: `{lua} os.date()`\n-- ---\n", "s.lua:1: the front block has a value: nothing is computed yet where it stands")
  fails("-- ---\n-- bibliography: nothere.bib\n-- ---\n", "s.lua: the bibliography cannot be read: nothere.bib: No such file or directory")
  local _, broken = woven "-- ---\n-- title: 'x\n-- ---\nprint(1)\n"
  t.truthy(broken.failure.message:find "^s.lua:%d: the front block: ", broken.failure.message)
end)

t.test("citations, and the list of what was cited", function()
  local html, result = woven(FRONT .. "-- As @evci2020 say; others too [@mocanu2018, p. 5; @two-a].\n-- `[@evci2020]`, \\[@evci2020], a@evci2020, @nobody, [see @evci2020](x), @two-b.\nprint(1)\n")
  t.equal(result.unresolved, {})
  has(html, 'As Evci and Áví (<a class="ref" href="#ref:evci2020">2020</a>) say')
  has(html, '(<a class="ref" href="#ref:mocanu2018">Mocanu et al. 2018</a>, p. 5; <a class="ref" href="#ref:two-a">The Team 2020b</a>)')
  has(html, "<code>[@evci2020]</code>, [@evci2020], ")
  has(html, '@nobody, <a href="x">see @evci2020</a>')
  has(html, '<h2 id="sources">Sources</h2>')
  has(html, '<li id="ref:mocanu2018">Mocanu, D. C., E. Mocanu, P. Stone, et al. (2018). Scalable training of ANNs. <em>Nature Communications</em> 9, 1–12, <a href="https://doi.org/10.1038/s41467-018-04316-3">')
  has(html, '<li id="ref:evci2020">Evci, U. and G. Áví (2020). Rigging the &lt;lottery&gt;. <em>ICML 2020</em>.</li>')
  has(html, "The Team (2020b). Beta.</li>")
  lacks(html, 'a"b')
  local signs = woven(FRONT .. "-- [@a:b; @a.b]\nprint(1)\n")
  has(signs, 'href="https://example.org/~x/a--b_c.pdf"')
  has(signs, 'href="https://example.org/a_b"')
  local from, to = signs:match 'href="#(ref:a[^"]*)".-href="#(ref:a[^"]*)"'
  t.truthy(from and to and from ~= to)
  local at, later = html:find("ref:evci2020\">Evci", 1, true), html:find("ref:mocanu2018\">Mocanu, D", 1, true)
  t.truthy(at and later and at < later)
  lacks((woven(FRONT .. "-- Nothing @cited.\nprint(1)\n"):gsub("<p class=\"abstract\">.-</p>", "")), "ref:evci2020")
end)

t.test("keys that are nowhere", function()
  local _, result = woven(FRONT .. "-- [@mocanu2081]\nprint(1)\n")
  t.equal(result.unresolved[1].message, "'mocanu2081' is cited, and is in no bibliography (did you mean 'mocanu2018'?)")
  t.equal(result.unresolved[1].line, 9)
  local html, none = woven "-- [@mocanu2018] @mocanu2018\nprint(1)\n"
  has(html, "[@mocanu2018] @mocanu2018")
  t.equal(none.unresolved[1].message, "'mocanu2018' is cited, and is in no bibliography: the front block can name a file of BibTeX, 'bibliography: FILE.bib'")
end)

t.test("footnotes", function()
  local html, result = woven(FRONT .. "-- One[^a], two[^b], one again[^a], `[^a]`.\n--\n-- [^b]: Of $x^2$ and [@evci2020], `{lua} 1 + 1`,\n--   over lines.\n-- [^a]: First.\nprint(1)\n-- [^c]: Never asked for.\nprint(2)\n")
  t.equal(result.unresolved, {})
  has(html, 'One<sup class="ref" id="noteref:1"><a href="#note:1">1</a></sup>, two<sup class="ref" id="noteref:2"><a href="#note:2">2</a></sup>, one again<sup class="ref"><a href="#note:1">1</a></sup>, <code>[^a]</code>.')
  has(html, '<li id="note:1">First. <a href="#noteref:1"')
  has(html, 'and (<a class="ref" href="#ref:evci2020">Evci and Áví 2020</a>), 2,\nover lines. <a href="#noteref:2"')
  lacks(html, "Never asked for")
  local _, missing = woven "-- See[^x].\nprint(1)\n"
  t.equal(missing.unresolved[1].message, "the footnote [^x] has no text, a paragraph that begins like it and a colon")
end)

t.test("bibliographies that are wrong, at their line", function()
  local bibtex = require "lab.page.bibtex"
  local function fails(text, message) t.raises(message, bibtex.parse, text, "r.bib") end
  fails("@article{a, title = {x", "^r.bib:1: '{' is never closed")
  fails("\n@article{a, title = {x}\n year = 2}", "^r.bib:3: expected ',' or '}' after the value of 'title'")
  fails("@article{a, title = }", '^r.bib:1: expected a value: {text}, "text" or a number')
  fails("@article{a, journal = nc}", "^r.bib:1: 'nc' is no name of @string")
  fails("@article{, title = {x}}", "^r.bib:1: expected a key after '@article{'")
  fails("@article{a}\n@misc{a}", "^r.bib:2: the key 'a' was used before")
  fails("@article a", "^r.bib:1: expected '{' after '@article'")
  fails("@{a}", "^r.bib:1: expected the kind of an entry after '@'")
  t.equal(bibtex.parse("", "r.bib"), {})
  t.equal(bibtex.parse("@Article{a, TITLE = \"{\\'e}t{\\'e} \\& \\textbf{x}~y\", month = jan}", "r.bib").a.fields, { title = "été & x y", month = "January" })
  local people, others = bibtex.people "von Neumann, Jr., John and {Acme and Sons} and Ada Byron and others"
  t.equal({ people[1], people[2], people[3], others },
    { { family = "von Neumann", given = "John Jr." }, { family = "Acme and Sons", given = "" }, { family = "Byron", given = "Ada" }, true })
end)

t.test("values stand at their places, whatever is around them", function()
  local html, result = woven(table.concat({ "-- ---", ("-- bibliography: %s/refs.bib"):format(folder), "-- ---", "local a, b = 97.5, 12", "-- As in [@evci2020, `{lua} 5` runs] we saw `{lua} a` and `{lua} b`, $n = `{lua} 6 * 7`$.",
    "--", "-- - ```", "--   x `{lua} 1`", "--   ```", "local c = 'C'", "-- Then `{lua} c` in @sec-x.", "--", "-- ## X {#sec-x}" }, "\n"))
  t.equal(result.failure, nil)
  has(html, ", 5 runs) we saw 97.5 and 12,")
  has(html, "<mn>42</mn>")
  has(html, 'Then C in <a class="ref" href="#sec-x">X</a>')
  local code = woven "-- - a\n--\n--       code @fig-b `{lua} 7` here\nprint(1)\n"
  has(code, "code @fig-b `{lua} 7` here")
end)

t.test("prose that no script computes keeps its expressions as code", function()
  local prose = { path = "m", text = "# M\n\nWrite `{lua} x` and @sec-m.\n\n## N {#sec-m}", runs = {}, finished = true }
  prose.blocks = { { kind = "prose", text = prose.text, line = 1, last_line = 5, reached = true } }
  local html = page.render(prose, { name = "m", outdir = folder, woven = "", provenance = {} })
  has(html, '<code>{lua} x</code> and <a class="ref" href="#sec-m">N</a>')
end)

t.test("the command says it, with status 1", function()
  assert(os.execute(("printf -- '-- @fig-x\\nprint(1)\\n' > %s/s.lua"):format(folder)))
  local pipe <close> = assert(io.popen(("%s report -o %s/out %s/s.lua 2>&1; echo status $?"):format(program, folder, folder)))
  local said = pipe:read "a"
  has(said, "s.lua:1: no figure, table, heading or formula has the label 'fig-x'")
  has(said, "status 1")
end)

os.execute("rm -r " .. folder)

t.done()
