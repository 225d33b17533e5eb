-- Figures: what is drawn, that nothing a user writes is run, and what happens when gnuplot
-- fails, hangs or is not there.

local t = dofile "tests/harness.lua"
local fake = dofile "tests/fake_runs.lua"
local lab = require "lab"
local fs = require "lab.c.fs"
local output = require "lab.output"
local options = require "lab.options"
local gnuplot = require "lab.gnuplot"
local curves = require "lab.degree_curves"
local series = require "lab.series"
local process = require "lab.c.process"

local have_gnuplot = gnuplot.version() ~= nil

-- Runs f as if a page were woven into `dir` (a fresh folder if nil); returns its items.
local function woven(f, dir)
  local items = {}
  output.directory, output.options = dir or t.tmpdir(), {}
  output.sink = function(item) items[#items + 1] = item end
  local ok, why = pcall(f)
  local used = output.directory
  output.directory, output.sink, output.options = nil, nil, {}
  if not ok then error(why, 0) end
  return items, used
end

local function drawn(f, dir)
  if not have_gnuplot then t.skip "gnuplot is not installed" end
  return woven(f, dir)
end

local function seeds(arm, list, status) local r = {} for i, v in ipairs(list) do r[i] = fake.record(arm, i, v, status) end return r end

local function join(...)
  local all = {}
  for _, part in ipairs { ... } do table.move(part, 1, #part, #all + 1, all) end
  return all
end

local nasty = "a `touch hacked` 'q' \"x\" $(touch hacked) @NAME@ @x _^{b} <i>&amp; \\ { }\n\t\0end \xff"

t.test("quoting", function()
  t.equal(gnuplot.quote "it's", "'it''s'")
  t.equal(gnuplot.clean "a\nb\0c\xffd\u{e9}", "a b c?d\u{e9}")
  t.equal(gnuplot.clean "\xff\xfe", "??")
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
    lab.plot.xy { series = { { name = nasty, y = { 1, 2 } } }, xlabel = nasty }
  end)
  t.equal(#items, 7)
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
    lab.plot.xy { series = {} }
  end)
  t.equal(fs.read_file(dir .. "/fig-curves.gp"):find "filledcurves", nil)
  for i = 2, 9 do
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

t.test("without a page only a line of text", function()
  local said
  local emit = output.emit
  output.emit = function(item) said = item end
  lab.plot.curves { seeds("a", { { 0.1, 0.25 } }), y = "accuracy" }
  output.emit = emit
  t.equal({ said.text, said.files }, { "accuracy against epoch; at the end: a 0.25", nil })
end)

t.test("degrees: shares, bins and the fitted tail", function()
  local points, n, zeros = curves.ccdf { 0, 3, 1, 1, 2 }
  t.equal({ points, n, zeros }, { { { 1, 1.0 }, { 2, 0.5 }, { 3, 0.25 } }, 4, 1 })
  t.equal(curves.histogram({ 0, 1, 2, 5 }, 0, 2), { { 0.5, 2, 0, 1 }, { 2.5, 1, 2, 3 }, { 4.5, 1, 4, 5 } })
  t.equal({ curves.bin_width(0, 59, 60), curves.bin_width(0, 60, 60) }, { 1, 2 })
  t.near(curves.tail_share(2, 1, 2), 1 - 6 / math.pi ^ 2, 1e-12)     -- zeta(2) = pi^2 / 6
  t.near(curves.tail_share(4, 1, 2), 1 - 90 / math.pi ^ 4, 1e-12)    -- zeta(4) = pi^4 / 90
  t.near(curves.tail_share(58, 100000, 100000), 1, 0)
  local fit = curves.fitted({ alpha = 2.5, xmin = 4, n_tail = 30, n = 60 }, 1000)
  t.equal(fit[1], { 4, 0.5 })
  for i = 2, #fit do t.equal(fit[i][1] > fit[i - 1][1] and fit[i][2] < fit[i - 1][2], true) end
end)

t.test("long films are thinned, both ends kept", function()
  local frames, titles = {}, {}
  for i = 1, 30 do frames[i], titles[i] = { i, 2, 3, 4 }, "epoch " .. i end
  local items, dir = drawn(function() lab.plot.animation { frames = frames, titles = titles, max_frames = 4 } end)
  local gp = fs.read_file(dir .. "/fig-animation.gp")
  t.equal(gp:match "frames = (%d+)", "4")
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
  t.raises(here .. ".*x has 1 numbers, y has 2", function() lab.plot.xy { series = { { x = { 1 }, y = { 1, 2 } } } } end)
  t.equal(options.nearest("curvs", { "curves" }), "curves")
end)

t.done()
