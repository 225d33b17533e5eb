-- index.html: which pages are on it, in which order, and what each shows.

local t = dofile "tests/harness.lua"
local fs = require "lab.c.fs"
local index = require "lab.page.index"
local page = require "lab.page.page"

local function fact(name, value) return ('<meta name="setlab:%s" content="%s">\n'):format(name, value) end

local function write(dir, name, facts, body)
  local head = {}
  for key, value in pairs(facts) do head[#head + 1] = fact(key, value) end
  t.write(dir .. "/" .. name, "<!doctype html>\n" .. table.concat(head) .. (body or ""))
end

local plain = { title = "T", woven = "now", status = "complete" }
local function with(more)
  local facts = {}
  for k, v in pairs(plain) do facts[k] = v end
  for k, v in pairs(more) do facts[k] = v end
  return facts
end

local function made(dir)
  t.truthy(index.write(dir))
  return fs.read_file(dir .. "/index.html")
end

t.test("pages in their order, others by name, strangers left out", function()
  local dir = t.tmpdir()
  write(dir, "a.html", with { title = "A", order = "" })
  write(dir, "b.html", with { title = "B", order = "2" })
  write(dir, "c.html", with { title = "C", order = "10" })
  write(dir, "d.html", with { title = "D" })
  t.write(dir .. "/stranger.html", "<title>no page of ours</title>")
  local titles = {}
  for title in made(dir):gmatch '<h2><a href="[^"]*">(.-)</a></h2>' do titles[#titles + 1] = title end
  t.equal(titles, { "B", "C", "A", "D" })
end)

t.test("a headline, and how long training took", function()
  local dir = t.tmpdir()
  write(dir, "a.html", with { headline = "SET wins &amp; how", seconds = "90.0", summary = "About." })
  local html = made(dir)
  t.truthy(html:find('<p class="headline">SET wins &amp; how</p><p class="about">About.</p>', 1, true), html)
  t.truthy(html:find("1 min 30 s of training", 1, true), html)
end)

t.test("the figure that a page names, its ids made its own", function()
  local dir = t.tmpdir()
  write(dir, "a.html", with { figure = "fig-x" }, '<figure id="fig-y"><svg id="no"></svg></figure>'
    .. '<figure id="fig-x"><svg id="s"><use href="#s"/><g clip-path="url(#s)"/></svg><svg id="second"></svg></figure>')
  write(dir, "b.html", with { figure = "fig-none" })
  write(dir, "c.html", with { figure = "fig-png" }, '<figure id="fig-png"><img></figure><figure id="fig-z"><svg id="z"></svg></figure>')
  local html = made(dir)
  t.truthy(html:find('<svg id="a-s"><use href="#a-s"/><g clip-path="url(#a-s)"/></svg></a></figure>', 1, true), html)
  t.truthy(not html:find("second", 1, true) and not html:find('id="no"', 1, true) and not html:find('id="c-z"', 1, true))
  t.equal(select(2, html:gsub('class="thumb"', "")), 1)
end)

t.test("what a page says of itself", function()
  local function prose(text, options) return { kind = "code", text = "x()", line = 1, last_line = 1, reached = true, options = options, items = { { kind = "prose", text = text } } } end
  local woven = { path = "x.lua", finished = true, runs = {}, blocks = {
    { kind = "prose", text = "# Title", line = 1, last_line = 1, reached = true },
    prose("not this", {}), prose("**SET** has 3 < 4 %", { index = true, ["index-order"] = 3 }), prose("and more", { index = true }),
  } }
  local html = page.render(woven, { name = "x", outdir = t.tmpdir(), woven = "now", provenance = {} })
  t.truthy(html:find('<meta name="setlab:order" content="3">', 1, true), html:sub(1, 900))
  t.truthy(html:find('<meta name="setlab:headline" content="SET has 3 &lt; 4 % and more">', 1, true), html:sub(1, 900))
  t.truthy(html:find('<meta name="setlab:figure" content="">', 1, true))
end)

t.test("what came out stands at the head", function()
  local figure = { kind = "html", html = '<figure id="fig-x"><svg id="s"></svg></figure>' }   -- as a figure is shown
  local woven = { path = "x.lua", finished = true, runs = {}, blocks = {
    { kind = "prose", text = "# Title\n\nThe question.", line = 1, last_line = 1, reached = true },
    { kind = "code", text = "x()", line = 1, last_line = 1, reached = true, options = { index = true, label = "fig-x" }, items = { figure, { kind = "prose", text = "**SET** wins." } } },
  } }
  local html = page.render(woven, { name = "x", outdir = t.tmpdir(), woven = "now", provenance = {} })
  local at = html:find('<section class="outcome"', 1, true)
  t.truthy(at and at < html:find("The question.</p>", 1, true), html)
  t.truthy(html:find("<p><strong>SET</strong> wins.</p>", at, true) < html:find("The question.</p>", 1, true), html)
  t.truthy(html:find('content="The question."', 1, true), "the summary is that of the text")
  local plain = page.render({ path = "x.lua", finished = true, runs = {}, blocks = { woven.blocks[1] } }, { name = "x", outdir = t.tmpdir(), woven = "now", provenance = {} })
  t.equal(plain:find('<section class="outcome"', 1, true), nil)
end)

t.done()
