-- Figures: what is drawn, that nothing a user writes is run, and what happens when gnuplot
-- fails, hangs or is not there.

local t = dofile "tests/harness.lua"
local fake = dofile "tests/fixtures/fake_runs.lua"
local page = dofile "tests/fixtures/woven.lua" (t)
local clean = require "lab.util.text".clean
local lab = require "lab"
local fs = require "lab.c.fs"
local output = require "lab.util.output"
local options = require "lab.util.options"
local gnuplot = require "lab.figure.gnuplot"
local svg_tidier = require "lab.figure.svg"
local panel_data = require "lab.figure.degree_panel_data"
local degrees = require "lab.degree.degrees"
local series = require "lab.figure.series"
local process = require "lab.c.process"

local have_gnuplot = gnuplot.version() ~= nil

local woven, drawn = page.woven, page.drawn

local function seeds(arm, list, status) local r = {} for i, v in ipairs(list) do r[i] = fake.record(arm, i, v, status) end return r end

local function join(...)
  local all = {}
  for _, part in ipairs { ... } do table.move(part, 1, #part, #all + 1, all) end
  return all
end

local nasty = "a `touch hacked` 'q' \"x\" $(touch hacked) @NAME@ @x _^{b} <i>&amp; \\ { }\n\t\0end \xff"

t.test("quoting", function()
  t.equal(gnuplot.quote "it's", "'it''s'")
  t.equal(clean "a\nb\0c\xffd\u{e9}", "a b c?d\u{e9}")
  t.equal(clean "\xff\xfe", "??")
  t.equal(gnuplot.number(0 / 0), "NaN")
end)

t.test("a value is put in once and an unknown name is refused", function()
  local script = gnuplot.script("lines", { OUTPUT = "out", XLABEL = "@YLABEL@", YLABEL = "y", AXES = "", KEY = "", PLOT = "x" })
  t.equal(script:find("set xlabel @YLABEL@", 1, true) ~= nil, true)
  t.raises("no value for @OUTPUT@", gnuplot.script, "lines", {})
  t.raises("nothing takes the value EXTRA", gnuplot.script, "lines", { OUTPUT = "", XLABEL = "", YLABEL = "", AXES = "", KEY = "", PLOT = "", EXTRA = "" })
end)

t.test("text that looks like commands stays text", function()
  local items, dir = drawn(function()
    local runs = join(seeds(nasty, { { 0.1, 0.2 }, { 0.2, 0.3 } }), seeds("b", { { 0.3, 0.4 } }))
    lab.plot.curves { runs, y = "accuracy", xlabel = nasty, ylabel = nasty }
    lab.plot.bars { runs, y = "accuracy", ylabel = nasty }
    lab.plot.monitor { runs, xlabel = nasty }
    lab.plot.degrees { layers = { { title = nasty, series = { { name = nasty, values = { 0, 1, 2, 2, 3 }, fit = { alpha = 2, xmin = 1, n_tail = 4, n = 4 } } } } }, xlabel = nasty }
    lab.plot.image_map { maps = { { title = nasty, values = { 1, 2, 3, 4 } } }, label = nasty }
    lab.plot.animation { frames = { { 1, 2, 3, 4 }, { 2, 2, 3, 4 } }, titles = { nasty, nasty }, label = nasty, beside = { title = nasty, values = { 0, 0, 0, 0 } } }
    lab.plot.xy { series = { { name = nasty, y = { 1, 2 }, labels = { nasty, nasty } } }, xlabel = nasty,
      guides = { { y = 1.5, label = nasty }, { x = 1.5, label = nasty }, { slope = 1, through = { 1, 1 }, label = nasty } } }
    lab.plot.stacks { bars = { { name = nasty, parts = { { name = nasty, label = nasty, value = 1 } } } }, xlabel = nasty }
  end)
  t.equal(#items, 8)
  for _, item in ipairs(items) do
    for _, path in pairs(item.files) do t.equal(fs.stat(path).size > 100, true) end
    t.equal(utf8.len(item.alt) ~= nil and not item.alt:find "%c", true)
  end
  t.equal((fs.stat(dir .. "/hacked")), nil)
  t.equal((fs.stat("hacked")), nil)
  local svg = fs.read_file(items[1].files.svg)
  t.equal(svg:find("a `touch hacked` 'q' \"x\" $(touch hacked) @NAME@ @x _^{b} &lt;i>&amp;amp; \\ { }", 1, true) ~= nil, true)
end)

t.test("names, sources and a picture that can stand in a page", function()
  local items, dir = drawn(function()
    output.options = { label = "fig-a/../b" }
    local runs = seeds("a", { { 0.1, 0.2 } })
    lab.plot.curves { runs, y = "accuracy" }
    lab.plot.curves { runs, y = "accuracy" }
    output.options = {}
    lab.plot.curves { runs, y = "accuracy" }
  end)
  t.equal(items[1].files.svg, dir .. "/fig-a----b.svg")
  t.equal(items[2].files.svg, dir .. "/fig-a----b-2.svg")
  t.equal(items[3].sources, { gp = dir .. "/fig-curves.gp", data = { dir .. "/fig-curves.csv" } })
  local svg = fs.read_file(items[3].files.svg)
  for id in svg:gmatch(" id=['\"]([^'\"]+)") do t.equal(id:find("^fig%-curves%-") ~= nil, true) end
  t.equal(svg:find("<title>", 1, true), nil)
  for _, name in ipairs(fs.list(dir)) do t.equal((type(name) == "table" and name.name or name):find ".part", nil) end
  t.equal(process.run({ argv = { "gnuplot", "fig-curves.gp" }, cwd = dir }).status, 0) -- a reader can redraw it
end)

t.test("two figures never share a name", function()
  local items, dir = drawn(function()
    for _, label in ipairs { "fig-a", "fig-a", "fig-a-2" } do
      output.options = { label = label }
      lab.plot.curves { seeds("a", { { 0.1, 0.2 } }), y = "accuracy" }
    end
    output.options = {}
  end)
  local names = {}
  for i, item in ipairs(items) do names[i] = item.files.svg:sub(#dir + 2) end
  t.equal(names, { "fig-a.svg", "fig-a-2.svg", "fig-a-2-2.svg" })
end)

t.test("an SVG is tidied once: nothing active, ids of its own, texts as they are", function()
  local raw = [==[<?xml version="1.0"?>
<!-- made by gnuplot -->
<svg
 width="10" height="10" viewBox="0 0 10 10"
 xmlns="http://www.w3.org/2000/svg"
 xmlns:xlink="http://www.w3.org/1999/xlink"
>
<title>Gnuplot</title><script type="text/javascript"><![CDATA[ alert(1) ]]></script>
<g id="p" onclick="alert(1)" color="black" stroke="black"><use xlink:href='#p'/><path stroke='rgb( 1, 2,  3)' filter="url(#p)"/></g>
<text>rgb(0,0,0) onset="1" id='q' xlink:href='#p' > &lt;g></text></svg>
]==]
  local tidy = svg_tidier.tidy(raw, "fig-x")
  t.equal(tidy, [==[<svg width="10" height="10" viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg">
<g id="fig-x-p" stroke="currentColor"><use href='#fig-x-p'/><path stroke='rgb(1,2,3)' filter="url(#fig-x-p)"/></g>
<text>rgb(0,0,0) onset="1" id='q' xlink:href='#p' > &lt;g></text></svg>
]==])
  t.equal(svg_tidier.inline(tidy, 'a "<b>" %1'):match "[^\n]*", '<svg role="img" aria-label="a &quot;&lt;b&gt;&quot; %1" width="10" height="10" viewBox="0 0 10 10">')
  t.equal(svg_tidier.standalone(tidy):match "[^\n]*",
    '<svg width="10" height="10" viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg" color="#1b1b1b"><rect width="100%" height="100%" fill="white"/>')
end)

t.test("the same figure is not drawn again, a changed one is", function()
  local dir = t.tmpdir()
  local function draw(value) drawn(function() lab.plot.curves { seeds("a", { { 0.1, value } }), y = "accuracy" } end, dir) end
  draw(0.2)
  local path = dir .. "/fig-curves.svg"
  assert(fs.write_file(path, "kept"))
  draw(0.2)
  t.equal(fs.read_file(path), "kept")
  draw(0.3)
  t.equal(fs.read_file(path):find "^kept", nil)
  assert(fs.remove(path))
  draw(0.3)
  t.equal(fs.stat(path).size > 100, true)
  assert(fs.write_file(path, "kept"))
  svg_tidier.version = svg_tidier.version + 1
  draw(0.3)
  svg_tidier.version = svg_tidier.version - 1
  t.equal(fs.read_file(path):find "^kept", nil)
end)

local function job(dir, script)
  return { directory = dir, name = "x", outputs = { "svg" }, data = "1,2\n", script = script }
end

t.test("a script that fails leaves gnuplot's words and no picture", function()
  if not have_gnuplot then t.skip "gnuplot is not installed" end
  local dir = t.tmpdir()
  assert(fs.write_file(dir .. "/x.svg", "old"))
  local files, why = gnuplot.draw(job(dir, "set terminal svg\nset output out_svg\nplot nonsense\n"))
  t.equal(files, nil)
  t.equal(why:find("x.gp", 1, true) ~= nil and why:find "undefined variable: nonsense" ~= nil, true)
  t.equal((fs.stat(dir .. "/x.svg")), nil)
  t.equal((fs.stat(dir .. "/x.part.svg")), nil)
  files, why = gnuplot.draw(job(dir, "print 1\n"))
  t.equal({ files, why }, { nil, "gnuplot made no picture from x.gp" })
  local line = t.raises("gnuplot failed", woven, function() lab.plot.xy { series = { { y = { -1, -2 } } }, logy = true, yrange = { 5, 5 } } end)
  t.equal(line:find "test_plot.lua:%d+: lab.plot.xy" ~= nil, true)
end)

t.test("a folder that takes no files is a sentence at the script's line", function()
  local why = t.raises("test_plot.lua:%d+: lab.plot.xy: .*/dev/null/page", woven, function() lab.plot.xy { series = { { y = { 1 } } } } end, "/dev/null/page")
  t.equal(why:find "fig%-xy" ~= nil, true)
end)

t.test("a script that hangs is ended", function()
  if not have_gnuplot then t.skip "gnuplot is not installed" end
  gnuplot.timeout_seconds = 0.3
  local files, why = gnuplot.draw(job(t.tmpdir(), "pause 30\n"))
  gnuplot.timeout_seconds = 60
  t.equal({ files, why }, { nil, "gnuplot did not finish x.gp within 0.3 s" })
end)

t.test("without gnuplot the table goes out", function()
  local run, dir, items = process.run, t.tmpdir(), nil
  process.run = function(o) o.argv[1] = "no-gnuplot-here" return run(o) end
  local ok, why = pcall(function()
    items = woven(function() lab.plot.curves { seeds("a", { { 0.1, 0.2 }, { 0.1, 0.4 } }), y = "accuracy" } end, dir)
  end)
  process.run = run
  assert(ok, why)
  t.equal({ items[1].files, items[1].note }, { nil, "gnuplot is not installed: table in place of the figure" })
  t.equal(items[1].table.rows, { { "a", "2", "0.30 ± 0.14" } })
end)

t.test("means and gaps: only epochs that every run has", function()
  local function points(list) local p = {} for i, v in ipairs(list) do p[i] = { x = i, y = v } end return p end
  local folded = series.fold { points { 1.0, 2.0, 3.0 }, points { 3.0, 6.0 } }
  t.equal(#folded, 2)
  t.near(folded[2].mean, 4, 0)
  t.near(folded[2].sd, math.sqrt(8), 1e-15)
  t.equal(series.fold {}, {})
end)

local function lines_of(dir, name) return fs.read_file(dir .. "/" .. name .. ".csv") end

t.test("a diverged run is drawn apart and said", function()
  local runs = join(seeds("a", { { 0.1, 0.2, 0.3 }, { 0.3, 0.4, 0.5 } }), { fake.record("a", 3, { 0.1, 0 / 0 }, "diverged") })
  local items, dir = drawn(function() lab.plot.curves { runs, y = "accuracy" } end)
  t.equal(items[1].note, "1 of 3 runs of a: diverged")
  local csv = lines_of(dir, "fig-curves")
  t.equal(csv:find('1,0.1,NaN,NaN,NaN,"a"\n', 1, true) ~= nil, true)
  t.equal(csv:find('3,0.4,0.2585786438,0.5414213562,2,"a accuracy"\n', 1, true) ~= nil, true)
  t.equal(fs.read_file(items[1].sources.gp):find "run ended early" ~= nil, true)
end)

t.test("one seed has no band, no run no picture", function()
  local items, dir = drawn(function()
    lab.plot.curves { seeds("a", { { 0.1, 0.2 } }), y = { "train_accuracy", "test_accuracy" } }
    lab.plot.curves { {}, y = "accuracy" }
    lab.plot.bars { {}, y = "accuracy" }
    lab.plot.monitor { {} }
    lab.plot.curves { { fake.record("a", 1, {}, "failed") }, y = "accuracy" }
    lab.plot.degrees { series = { { values = {} } } }
    lab.plot.image_map { maps = {} }
    lab.plot.animation { frames = {} }
    lab.plot.xy { series = {}, guides = { { y = 1 } } }
    lab.plot.stacks { bars = {} }
  end)
  t.equal(fs.read_file(dir .. "/fig-curves.gp"):find "filledcurves", nil)
  for i = 2, 10 do
    t.equal(items[i].files, nil)
    t.equal(items[i].note:find "^nothing to draw yet" ~= nil, true)
  end
end)

t.test("against seconds: each seed, and the mean epoch by epoch", function()
  local _, dir = drawn(function()
    lab.plot.curves { seeds("a", { { 0.1, 0.2 }, { 0.3, 0.4 } }), y = "accuracy", cumulative = "seconds" }
  end)
  t.equal(lines_of(dir, "fig-curves"):find('0.75,0.2,NaN,NaN,2,"a accuracy"\n1.5,0.3,', 1, true) ~= nil, true)
end)

-- Runs of one arm whose seconds are their own: seed s takes s * 0.5 + 0.5 seconds an epoch.
local function timed(arm, list)
  local runs = seeds(arm, list)
  for s, r in ipairs(runs) do for e, row in ipairs(r.metrics) do row.seconds = e * (0.5 + 0.5 * s) end end
  return runs
end

t.test("a measured x: each seed, and the mean over a common grid", function()
  local items, dir = drawn(function()
    lab.plot.curves { timed("a", { { 0.1, 0.2, 0.3, 0.4 }, { 0.3, 0.6 } }), x = "seconds", y = "accuracy" }
  end)
  local csv, gp = lines_of(dir, "fig-curves"), fs.read_file(items[1].sources.gp)
  -- seed 1 has 1, 2, 3, 4 seconds, seed 2 has 1.5 and 3: common are 1.5 to 3
  local mean = csv:match '\n(1%.5,[^\n]*"a accuracy"\n.*)$'
  t.equal(mean, '1.5,0.225,0.1189339828,0.3310660172,2,"a accuracy"\n2,0.3,0.1585786438,0.4414213562,2,"a accuracy"\n'
    .. '3,0.45,0.2378679656,0.6621320344,2,"a accuracy"\n')
  t.truthy(csv:find('4,0.4,NaN,NaN,NaN,"a"\n', 1, true), csv)
  t.truthy(gp:find("filledcurves", 1, true) and gp:find("± 1 sd, 2 seeds", 1, true) and gp:find("each of 2 seeds", 1, true))
  t.equal(items[1].note, nil)
end)

t.test("a measured x: nothing in common, to and fro, falling, and smoothed", function()
  local items, dir = drawn(function()
    local far = timed("a", { { 0.1, 0.2 }, { 0.3, 0.6 } })
    for _, row in ipairs(far[2].metrics) do row.seconds = row.seconds + 100 end
    lab.plot.curves { far, x = "seconds", y = "accuracy" }
    local fro = timed("a", { { 0.1, 0.2, 0.3 }, { 0.3, 0.6, 0.9 } })
    fro[1].metrics[3].seconds = 0.25
    lab.plot.curves { fro, x = "seconds", y = "accuracy" }
    local falling = timed("a", { { 0.1, 0.2, 0.3 }, { 0.3, 0.6, 0.9 } })
    for _, r in ipairs(falling) do for _, row in ipairs(r.metrics) do row.seconds = -row.seconds end end
    lab.plot.curves { falling, x = "seconds", y = "accuracy" }
    lab.plot.curves { timed("a", { { 0.1, 0.5, 0.3 }, { 0.1, 0.5, 0.3 } }), x = "seconds", y = "accuracy", smooth = 3 }
  end)
  t.equal(items[1].note, "the runs of a have no time (s) in common, so there is no mean")
  t.truthy(lines_of(dir, "fig-curves"):find('1,0.1,NaN,NaN,NaN,"a"', 1, true))
  t.truthy(lines_of(dir, "fig-curves-2"):find('1.25,0.2,NaN,NaN,2,"a accuracy"', 1, true), lines_of(dir, "fig-curves-2"))
  t.truthy(lines_of(dir, "fig-curves-3"):find('-3,0.45,[^\n]*,2,"a accuracy"'), lines_of(dir, "fig-curves-3"))
  t.truthy(lines_of(dir, "fig-curves-4"):find('1.5,0.15,[^\n]*\n2,0.2333333333,[^\n]*,2,"a accuracy"\n3,0.3,'), lines_of(dir, "fig-curves-4"))
end)

t.test("a run that ends as not-a-number: no bar, no end of the curve, and a sentence", function()
  local nan = 0 / 0
  local runs = join(seeds("good", { { 0.5, 0.25, 0.2, 0.125 } }), seeds("bad", { { 0.4, 0.1, nan, nan }, { 0.4, 0.1, 0.1, 0.1 } }))
  local items, dir = drawn(function()
    lab.plot.bars { runs, y = "accuracy" }
    lab.plot.bars { runs, y = "accuracy", at = "min" }
    lab.plot.curves { runs, y = "accuracy" }
    lab.plot.bars { seeds("bad", { { 0.4, 1 / 0 } }), y = "accuracy" }
  end)
  for i = 1, 3 do
    t.equal(items[i].table.rows, { { "good", "1", "0.125" }, { "bad", "2", "–" } })
    t.equal(items[i].note, "1 of 3 runs ends as not-a-number (accuracy of bad)")
  end
  t.truthy(lines_of(dir, "fig-bars"):find('2,NaN,NaN,2,"bad","–"', 1, true))
  local csv, gp = lines_of(dir, "fig-curves"), fs.read_file(items[3].sources.gp)
  t.truthy(csv:find('2,0.1,0.1,0.1,2,"bad accuracy"\n$'), csv)
  t.truthy(gp:find("no number beyond", 1, true) and gp:find("every ::1 using", 1, true), gp)
  t.equal({ items[4].files, items[4].note }, { nil, "nothing to draw yet; 1 of 1 runs ends as infinity (accuracy)" })
end)

t.test("no line leads over a not-a-number", function()
  local items, dir = drawn(function()
    lab.plot.curves { seeds("a", { { 0.1, 0 / 0, 0.3, 0.4 } }), y = "accuracy" }
    lab.plot.xy { series = { { name = "s", y = { 1, 0 / 0, 3, 4 } }, { y = { 1, 2, 3, 4 } } } }
  end)
  t.truthy(lines_of(dir, "fig-curves"):find('1,0.1,0.1,0.1,1,"a accuracy"\nNaN,NaN,NaN,NaN,NaN,NaN\n3,0.3,', 1, true), lines_of(dir, "fig-curves"))
  t.equal(items[1].note, nil)
  t.truthy(lines_of(dir, "fig-xy"):find('1,1,NaN,NaN,NaN,"s"\nNaN,NaN,NaN,NaN,NaN,NaN\n3,3,', 1, true))
  t.equal(items[2].note, "1 of 4 points of s is not finite and not drawn")
end)

t.test("two experiments are two lines", function()
  local function of(experiment, list)
    local runs = seeds("a", list)
    for _, r in ipairs(runs) do r.experiment = experiment end
    return runs
  end
  local items = drawn(function()
    local both = join(of("first", { { 0.1, 0.2 }, { 0.1, 0.2 } }), of("second", { { 0.8, 0.9 } }))
    lab.plot.curves { both, y = "accuracy" }
    lab.plot.curves { both, y = "accuracy", by = "experiment" }
    lab.plot.bars { both, y = "accuracy" }
  end)
  t.equal(items[1].table.rows, { { "a (first)", "2", "0.2 ± 0" }, { "a (second)", "1", "0.9" } })
  t.equal(items[2].table.rows, { { "first", "2", "0.2 ± 0" }, { "second", "1", "0.9" } })
  t.equal(items[3].table.rows, items[1].table.rows)
end)

local function script_of(items, i) return fs.read_file(items[i or 1].sources.gp) end

t.test("tics at given numbers", function()
  local _, dir = drawn(function() lab.plot.xy { series = { { x = { 25, 200 }, y = { 1, 2 } } }, logx = true, xtics = { 25, 50, 100, 200 }, ytics = { 1.5 } } end)
  local gp = fs.read_file(dir .. "/fig-xy.gp")
  t.truthy(gp:find("set xtics (25, 50, 100, 200)", 1, true) and gp:find("set ytics (1.5)", 1, true))
  t.raises("test_plot.lua:%d+: lab.plot.xy: option 'xtics' is empty", function() lab.plot.xy { series = { { y = { 1 } } }, xtics = {} } end)
  t.raises("test_plot.lua:%d+: lab.plot.xy: option 'ytics' must hold finite numbers, and item 2 is not one", function() lab.plot.xy { series = { { y = { 1 } } }, ytics = { 1, "2" } } end)
end)

t.test("curves take guides too", function()
  local _, dir = drawn(function() lab.plot.curves { seeds("a", { { 0.1, 0.2 } }), y = "accuracy", guides = { { y = 0.15, label = "chance" } } } end)
  t.truthy(fs.read_file(dir .. "/fig-curves.gp"):find("'chance'", 1, true))
  t.raises("test_plot.lua:%d+: lab.plot.curves, guide 1: unknown option 'z'", function() lab.plot.curves { seeds("a", { { 0.1 } }), y = "accuracy", guides = { { z = 1 } } } end)
end)

t.test("guides: levels, places, slopes; labels turn with the line", function()
  local items, dir = drawn(function()
    lab.plot.xy { series = { { x = { 10, 1000 }, y = { 1, 90 } } }, logx = true, logy = true, guides = {
      { y = 50, label = "dense", at = 0 }, { x = 700, label = "even" }, { slope = 1, through = { 100, 20 }, label = "by links" } } }
  end)
  local gp, csv = script_of(items), lines_of(dir, "fig-xy")
  t.truthy(gp:find("set arrow 101 from graph 0,first 50 to graph 1,first 50 nohead back", 1, true), gp)
  t.truthy(gp:find("set label 101 'dense' at graph 0,first 50 left", 1, true))
  t.truthy(gp:find("set arrow 102 from first 700,graph 0 to first 700,graph 1", 1, true))
  t.truthy(gp:find("set label 102 'even' at first 700,graph 1 right", 1, true))  -- no room to its right
  t.truthy(csv:find('\n10,2,NaN,NaN,NaN,"by links"\n1000,200,', 1, true), csv)    -- y ~ x between the points' ends
  local tilt = tonumber(gp:match "rotate by (%d+)")
  t.truthy(tilt and tilt > 15 and tilt < 30, gp)
  local linear, folder = drawn(function()
    lab.plot.xy { series = { { y = { 1, 2 } } }, guides = { { slope = 2, through = { 1, 1 }, from = 0, to = 2 }, { y = 3, from = 1, to = 2, below = true } } }
  end)
  t.truthy(lines_of(folder, "fig-xy"):find("\n0,-1,NaN,NaN,NaN,\"\"\n2,3,", 1, true))
  t.truthy(script_of(linear):find("from first 1,first 3 to first 2,first 3", 1, true))
end)

t.test("whiskers, labels of points, tics of large numbers and of whole ones", function()
  local items, dir = drawn(function()
    lab.plot.xy { series = { { x = { 1, 1000000 }, y = { 1, 2 }, low = { 0.5, 1 }, high = { 1.5, 3 }, spread = "whiskers", labels = { "a", "b" } } },
      logx = true, ystep = 1 }
    lab.plot.xy { series = { { x = { 0.1, 1000000 }, y = { 1, 2 }, marks = "points" }, { y = { 1 }, marks = "points" } }, logx = true }
  end)
  local gp = script_of(items)
  t.truthy(gp:find("using 1:3:(0):($4-$3) with vectors heads", 1, true) and not gp:find "filledcurves")
  t.truthy(gp:find("using 1:2:7 with labels", 1, true))
  t.truthy(gp:find("set format x '%.0s %c'", 1, true) and gp:find("set ytics 1\n", 1, true))
  t.truthy(lines_of(dir, "fig-xy"):find('1,1,0.5,1.5,NaN,"","a"\n', 1, true))
  gp = script_of(items, 2)
  t.truthy(gp:find("set format x '%h'", 1, true))  -- 0.1 would be 100 m
  t.truthy(gp:find "pointtype 7" and gp:find "pointtype 4")  -- told apart by shape as well
end)

t.test("stacks: parts of one name share a colour, lie end to end, and are added in the table", function()
  local items, dir = drawn(function()
    lab.plot.stacks { bars = {
      { name = "C", parts = { { name = "there", label = "1", value = 30 }, { name = "loss", label = "long label", value = 2 }, { name = "there", label = "2", value = 68 } } },
      { name = "F", parts = { { name = "back", value = 50 } } } }, xlabel = "share (%)" }
  end)
  local csv, gp = lines_of(dir, "fig-stacks"), script_of(items)
  t.truthy(csv:find('15,1,0.15,29.85,0.68,1.32,"there","1"\n66,1,32.15,99.85,0.68,1.32,"there","2"\n', 1, true), csv)
  t.truthy(csv:find('31,1,30.15,31.85,0.68,1.32,"loss",""\n', 1, true), "no room for its label")
  t.truthy(gp:find("set xrange [0:100]", 1, true) and gp:find("keyentry with boxes fillcolor rgb shade(3) title 'back'", 1, true))
  t.equal({ items[1].alt }, { "share (%); C: there 98, loss 2; F: back 50" })
  t.raises("lab.plot.stacks, bar 1, part 1: option 'value' is %-1", function() lab.plot.stacks { bars = { { name = "a", parts = { { name = "b", value = -1 } } } } } end)
end)

t.test("without a page only a line of text", function()
  local said
  local emit = output.emit
  output.emit = function(item) said = item end
  lab.plot.curves { seeds("a", { { 0.1, 0.25 } }), y = "accuracy" }
  output.emit = emit
  t.equal({ said.text, said.files }, { "accuracy against epoch; at the end: a 0.25", nil })
end)

t.test("degrees: shares, bins and the fitted tail", function()
  t.equal(panel_data.points(degrees.ccdf { 0, 3, 1, 1, 2 }), { { 1, 0.8 }, { 2, 0.4 }, { 3, 0.2 } })
  t.equal(panel_data.histogram({ 0, 1, 2, 5 }, 0, 2), { { 0.5, 2, 0, 1 }, { 2.5, 1, 2, 3 }, { 4.5, 1, 4, 5 } })
  t.equal({ panel_data.bin_width(0, 59, 60), panel_data.bin_width(0, 60, 60) }, { 1, 2 })
  local c = require "lab.c.powerlaw"
  t.near(c.at_least(2, 1, 2), 1 - 6 / math.pi ^ 2, 1e-12)     -- zeta(2) = pi^2 / 6
  t.near(c.at_least(4, 1, 2), 1 - 90 / math.pi ^ 4, 1e-12)    -- zeta(4) = pi^4 / 90
  t.near(c.at_least(58, 100000, 100000), 1, 0)
  local fit = panel_data.points(degrees.model({ alpha = 2.5, xmin = 4, n_tail = 30, n = 60 }, 1000))
  t.equal({ fit[1], fit[#fit][1] }, { { 4, 0.5 }, 1000 })
  for i = 2, #fit do t.equal(fit[i][1] > fit[i - 1][1] and fit[i][2] < fit[i - 1][2], true) end
end)

t.test("degrees: an axis of few decades has two tics at least", function()
  for want, values in pairs { ["(30, 35, 40, 45)"] = { 29, 35, 41 }, ["(2, 5, 10, 20)"] = { 2, 9, 20 }, ["(110, 120, 130, 140)"] = { 123, 123 }, ["(80, 100, 120, 140)"] = { 80, 130 }, ["(5, 5)"] = { 5, 5 }, auto = { 1, 900 } } do
    local _, dir = drawn(function() lab.plot.degrees { series = { { values = values } }, panels = { "ccdf" } } end)
    local gp = fs.read_file(dir .. "/fig-degrees.gp")
    t.truthy(gp:find("]; set xtics " .. want .. "\n", 1, true), want .. ": " .. tostring(gp:match "%]; set xtics [^\n]*"))
  end
end)

t.test("degrees: more rows than a printed page holds become several figures of equal length, unless a height is given", function()
  local layers = {}
  for i = 1, 5 do layers[i] = { title = "layer " .. i, series = { { name = "s", values = { 1, 2, 2, 3 } } } } end
  local function titles(items)
    local list = {}
    for i, item in ipairs(items) do list[i] = item.text:gsub("[^%d ]", ""):gsub("%s+", " ") end
    return list
  end
  local items, dir = drawn(function() lab.plot.degrees { layers = layers } end)
  t.equal(titles(items), { " 1 4 2 4 ", " 3 4 4 4 5 4 " })
  local gp = fs.read_file(dir .. "/fig-degrees-2.gp")
  t.truthy(gp:find("'layer 5'", 1, true) and not gp:find("'layer 2'", 1, true))
  items = drawn(function() lab.plot.degrees { layers = layers, panels = { "ccdf" } } end)
  t.equal(#items, 1, "two layers a row")
  items = drawn(function() lab.plot.degrees { layers = layers, height = 2000 } end)
  t.equal(#items, 1)
end)

t.test("degrees: panels in two columns, the search for xmin with its lowest point ringed", function()
  local values = {}
  for i = 1, 400 do values[i] = math.floor(0.5 + 2 * (i / 400) ^ (-1 / 1.5)) end
  local fit = lab.power_law(values, { bootstrap = 0 })
  local layer = { title = "a", series = { { name = "b", values = values, fit = fit }, { name = "c", values = { 5, 5, 5 } } } }
  local items, dir = drawn(function() lab.plot.degrees { layers = { layer, layer, layer }, panels = { "distance" } } end)
  local gp, csv = fs.read_file(dir .. "/fig-degrees.gp"), fs.read_file(dir .. "/fig-degrees.csv")
  local _, panels = gp:gsub("\nplot ", "")
  t.equal({ panels, select(2, gp:gsub("set lmargin at screen 0.1300", "")), items[1].files.svg ~= nil }, { 3, 2, true })
  t.truthy(gp:find(("keyentry with points .- title 'b: xmin %d, D %.3f'"):format(fit.xmin, fit.D)))
  local lowest, at = math.huge
  for x, d in csv:gmatch "\n([%d.]+),([%d.]+),NaN" do if tonumber(d) < lowest then lowest, at = tonumber(d), tonumber(x) end end
  t.equal(at, fit.xmin)
  t.near(lowest, fit.D, 1e-4)
end)

t.test("long films are thinned, both ends kept", function()
  local frames, titles = {}, {}
  for i = 1, 30 do frames[i], titles[i] = { i, 2, 3, 4 }, "epoch " .. i end
  local items, dir = drawn(function() lab.plot.animation { frames = frames, titles = titles, max_frames = 4 } end)
  local gp = fs.read_file(dir .. "/fig-animation.gp")
  t.equal(gp:match "frames = (%d+)", "4")
  t.equal({ items[1].film.titles[1], #items[1].film.titles, #items[1].film.frames }, { "epoch 1", 4, 16 })
  t.equal(gp:find("titles[1] = 'epoch 1'", 1, true) ~= nil and gp:find("titles[4] = 'epoch 30'", 1, true) ~= nil, true)
  t.equal(fs.read_file(items[1].files.gif):sub(1, 6), "GIF89a")
  t.equal(fs.read_file(items[1].files.png):sub(2, 4), "PNG")
end)

t.test("very many points become pixels", function()
  local y = {}
  for i = 1, 20001 do y[i] = i % 7 end
  local items = drawn(function() lab.plot.xy { series = { { y = y } } } end)
  t.equal({ items[1].files.svg, items[1].files.png ~= nil }, { nil, true })
end)

t.test("errors name the script's line and the nearest name", function()
  local runs = seeds("a", { { 0.1 } })
  local here = "test_plot.lua:%d+: "
  t.raises(here .. ".*no column 'acuracy' %(did you mean 'accuracy'", function() lab.plot.curves { runs, y = "acuracy" } end)
  t.raises(here .. ".*no column 'uss_mb' %(did you mean 'uss_mib'", function() lab.plot.monitor { runs, y = "uss_mb" } end)
  t.raises(here .. ".*unknown option 'bnd' %(did you mean 'band'", function() lab.plot.curves { runs, y = "accuracy", bnd = "sd" } end)
  t.raises(here .. ".*no choice 'se' ", function() lab.plot.curves { runs, y = "accuracy", band = "se" } end)
  t.raises(here .. ".*no figure 'curvs' %(did you mean 'curves'", function() lab.plot.curvs { runs } end)
  t.raises(here .. ".*5 values do not fill 2 x 2", function() lab.plot.image_map { maps = { { values = { 1, 2, 3, 4, 5 } } } } end)
  t.raises(here .. ".*1 titles for 2 frames", function() lab.plot.animation { frames = { { 1 }, { 1 } }, titles = { "a" } } end)
  t.raises(here .. ".*value 2 is 1.5, must be a whole number", function() lab.plot.degrees { series = { { values = { 1, 1.5 } } } } end)
  t.raises(here .. ".*no choice 'distanze' %(did you mean 'distance'", function() lab.plot.degrees { series = {}, panels = { "distanze" } } end)
  t.raises(here .. ".*'panels' takes one or two names", function() lab.plot.degrees { series = {}, panels = {} } end)
  t.raises(here .. ".*x has 1 numbers, y has 2", function() lab.plot.xy { series = { { x = { 1 }, y = { 1, 2 } } } } end)
  t.raises(here .. ".*labels has 1 texts, y has 2", function() lab.plot.xy { series = { { labels = { "a" }, y = { 1, 2 } } } } end)
  t.raises(here .. ".*guide 1: give exactly one of 'x', 'y' and 'slope'", function() lab.plot.xy { series = {}, guides = { { x = 1, y = 1 } } } end)
  t.raises(here .. ".*guide 2: a slope needs 'through'", function() lab.plot.xy { series = {}, guides = { { x = 1 }, { slope = 1 } } } end)
  t.equal(options.nearest("curvs", { "curves" }), "curves")
end)

t.done()
