-- Kinds of figures: what each draws of its numbers, and what it refuses. What all kinds share is tested in tests/lab/figure.

local t = dofile "tests/harness.lua"
local fake = dofile "tests/fixtures/fake_runs.lua"
local page = dofile "tests/fixtures/woven.lua" (t)
local lab = require "lab"
local fs = require "lab.c.fs"

local NAN = 0 / 0
local nasty = "a `touch hacked` 'q' \"x\" $(touch hacked) @NAME@ @x _^{b} <i>&amp; \\ { }\n\t\0end \xff"

-- Runs of one arm, a seed for each value of `accuracy`.
local function runs_of(arm, values, into)
  local list = into or {}
  for seed, v in ipairs(values) do list[#list + 1] = fake.record(arm, seed, { 0.1, v }) end
  return list
end

local function data(dir, name) return fs.read_file(("%s/%s.csv"):format(dir, name)) end

t.test("text that looks like commands stays text", function()
  local items, dir = page.drawn(function()
    local runs = runs_of(nasty, { 0.1, 0.2, 0.3, 0.4, 0.5 })
    lab.plot.box { runs, y = "accuracy", xlabel = nasty, ylabel = nasty }
    lab.plot.scatter { runs, x = "links", y = "accuracy", xlabel = nasty, names = true }
    lab.plot.heatmap { values = { { 1, 2 } }, rows = { nasty }, columns = { nasty, "b" }, label = nasty, xlabel = nasty, ylabel = nasty,
      format = function() return nasty end }
  end)
  t.equal(#items, 3)
  for _, item in ipairs(items) do t.truthy(item.files, item.note) end
  t.equal({ (fs.stat(dir .. "/hacked")), (fs.stat "hacked") }, {})
end)

-- ---- box ----

t.test("a box: quartiles from five runs on, every run a point", function()
  local items, dir = page.drawn(function()
    lab.plot.box { runs_of("b", { 0.4, 0.6 }, runs_of("a", { 0.5, 0.1, 0.3, 0.2, 0.4 })), y = "accuracy" }
  end)
  local csv = data(dir, "fig-box")
  t.truthy(csv:find("1,0.3,0.2,0.4\n", 1, true), csv)          -- median and quartiles of five
  t.truthy(csv:find("2,0.5,NaN,NaN\n", 1, true), csv)          -- of two only the median
  t.truthy(csv:find("0.89,0.1\n", 1, true) or csv:find("0.89,0.1,NaN", 1, true), csv)
  t.equal(items[1].table.rows[1], { "a", "5", "0.1", "0.2", "0.3", "0.4", "0.5" })
  local gp = fs.read_file(items[1].sources.gp)
  t.equal(select(2, gp:gsub("boxxyerror", "")), 1)
end)

t.test("a box: quartiles lie between two numbers", function()
  local items = page.woven(function() lab.plot.box { runs_of("a", { 1, 2, 3, 4 }), y = "accuracy" } end)
  t.equal(items[1].table.rows[1], { "a", "4", "1", "1.75", "2.5", "3.25", "4" })
end)

t.test("a box: runs that broke down are no points, and said", function()
  local items = page.woven(function()
    lab.plot.box { runs_of("a", { 0.2, NAN }), y = "accuracy" }
    lab.plot.box { runs_of("a", { NAN }), y = "accuracy" }
    lab.plot.box { {}, y = "accuracy" }
  end)
  t.truthy(items[1].note:find "1 of 2 runs ends as not%-a%-number", items[1].note)
  t.equal(items[1].table.rows[1], { "a", "1", "0.2", "0.2", "0.2", "0.2", "0.2" })
  t.equal(items[2].table.rows[1], { "a", "0", "–", "–", "–", "–", "–" })
  for i = 2, 3 do t.truthy(items[i].note:find "^nothing to draw yet", items[i].note) end
  t.raises("runs have no column 'acuracy' %(did you mean 'accuracy'%?%)", function() lab.plot.box { runs_of("a", { 1 }), y = "acuracy" } end)
end)

t.test("bars on a logarithmic axis are dots", function()
  local items = page.drawn(function()
    lab.plot.bars { runs_of("a", { 10, 1000 }), y = "accuracy" }
    lab.plot.bars { runs_of("a", { 10, 1000 }), y = "accuracy", log = true }
  end)
  local plain, log = fs.read_file(items[1].sources.gp), fs.read_file(items[2].sources.gp)
  t.truthy(plain:find("with boxes", 1, true) and not plain:find("with points", 1, true), plain)
  t.truthy(log:find("with points", 1, true) and not log:find("with boxes", 1, true), log)
end)

-- ---- scatter ----

t.test("a scatter: a point a run, x and y columns or functions", function()
  local items, dir = page.drawn(function()
    local runs = runs_of("b", { 0.5 }, runs_of("a", { 0.2, 0.4 }))
    lab.plot.scatter { runs, x = "links", y = "accuracy" }
    lab.plot.scatter { runs, x = function(run) return run.arguments.seed * 10 end, y = "accuracy", at = "first", names = true, xlabel = "ten seeds" }
  end)
  local csv = data(dir, "fig-scatter")
  t.truthy(csv:find('1000,0.2,NaN,NaN,NaN,"a"', 1, true) and csv:find('2000,0.4,NaN,NaN,NaN,"a"', 1, true) and csv:find('1000,0.5,NaN,NaN,NaN,"b"', 1, true), csv)
  local named = data(dir, "fig-scatter-2")
  t.truthy(named:find('15,0.1,NaN,NaN,NaN,"a","a"', 1, true), named)   -- the mean, with the group's name
  t.equal(items[2].table.rows[1], { "a", "2", "15.0 ± 7.1", "0.1 ± 0" })
end)

t.test("a scatter: runs without a number are no points, and said", function()
  local items = page.woven(function()
    lab.plot.scatter { runs_of("a", { 0.2, NAN, 0.3 }), x = "links", y = "accuracy" }
    lab.plot.scatter { runs_of("a", { 0.2 }), x = function() return nil end, y = "accuracy" }
  end)
  t.truthy(items[1].note:find "1 of 3 runs of a has no point", items[1].note)
  t.truthy(items[2].note:find "^nothing to draw yet", items[2].note)
  local runs = runs_of("a", { 1 })
  t.raises("test_kinds.lua:%d+: lab.plot.scatter: the function for 'x' returned a string, not a number", function() lab.plot.scatter { runs, x = function() return "1" end, y = "accuracy" } end)
  t.raises("option 'x' is missing", function() lab.plot.scatter { runs, y = "accuracy" } end)
  t.raises("runs have no column 'link'", function() lab.plot.scatter { runs, x = "link", y = "accuracy" } end)
end)

-- ---- heat map ----

t.test("a heat map: cells, their texts, and an empty one", function()
  local items, dir = page.drawn(function()
    lab.plot.heatmap { values = { { 1, 2 }, { NAN, 4 } }, rows = { "r", "s" }, columns = { 10, 20 }, format = "%.1f", label = "share" }
  end)
  local csv = data(dir, "fig-heatmap")
  t.equal(csv, 'column,row,value,label\n1,1,1,"1.0"\n2,1,2,"2.0"\n1,2,NaN,""\n\n\n2,2,4,"4.0"\n')
  t.equal(items[1].table.rows, { { "r", "1.0", "2.0" }, { "s", "–", "4.0" } })
  t.equal(items[1].text, "share, 2 rows by 2 columns")
end)

t.test("a heat map of differences: colours part at the middle, texts stay legible", function()
  local _, dir = page.drawn(function()
    lab.plot.heatmap { values = { { -1, 0 }, { 0.2, 1 } }, range = { -1, 1 }, diverging = true }
  end)
  t.equal(data(dir, "fig-heatmap"), 'column,row,value,label\n1,1,-1,"-1"\n2,2,1,"1"\n\n\n2,1,0,"0"\n1,2,0.2,"0.2"\n')
  t.truthy(fs.read_file(dir .. "/fig-heatmap.gp"):find("#b2182b", 1, true))
end)

t.test("a heat map: what the rows are stands beside their names, however long these are", function()
  local items = page.drawn(function()
    lab.plot.heatmap { values = { { 1, 2 }, { 3, 4 } }, rows = { ("long name "):rep(3), "b" }, columns = { "a", "b" }, ylabel = "kind of thing", xlabel = "said" }
  end)
  local svg = fs.read_file(items[1].files.svg)
  t.truthy(svg:find(">kind of thing<", 1, true) and svg:find("long name long name", 1, true), svg)
end)

t.test("a line figure over few whole numbers has no tics between them", function()
  local items = page.drawn(function()
    lab.plot.xy { series = { { x = { 1, 2, 3, 4 }, y = { 1, 3, 2, 4 } } } }
    lab.plot.xy { series = { { x = { 1, 2.5 }, y = { 1, 3 } } } }
    lab.plot.xy { series = { { x = { 0, 100 }, y = { 1, 3 } } } }
    lab.plot.xy { series = { { x = { 0, 2 }, y = { 1, 3 } } }, xrange = { 0, 100 } }
  end)
  local whole = {}
  for i, item in ipairs(items) do whole[i] = fs.read_file(item.sources.gp):find("set xtics 1\n", 1, true) ~= nil end
  t.equal(whole, { true, false, false, false })
end)

t.test("a heat map: one value, none, many columns", function()
  local items, dir = page.drawn(function()
    lab.plot.heatmap { values = { { 3 } } }
    lab.plot.heatmap { values = {} }
    lab.plot.heatmap { values = { { 5, 5 }, { 5, 5 } }, range = { 0, 10 } }
    local wide = {}
    for i = 1, 21 do wide[i] = i end
    lab.plot.heatmap { values = { wide } }
  end)
  t.truthy(items[1].files)
  t.truthy(items[2].note:find "^nothing to draw yet", items[2].note)
  t.truthy(fs.read_file(items[3].sources.gp):find("set cbrange [0:10]", 1, true))
  t.equal(select(2, data(dir, "fig-heatmap-3"):gsub('""', "")), 21)   -- too narrow for numbers
end)

t.test("a heat map: what does not fit is named", function()
  local function fails(pattern, o) t.raises("test_kinds.lua:%d+: lab.plot.heatmap: " .. pattern, function() lab.plot.heatmap(o) end) end
  fails("row 2 has 1 values, the first has 2", { values = { { 1, 2 }, { 1 } } })
  fails("row 1 has 0 values", { values = { {} } })
  fails("row 2 is not an array", { values = { { 1 }, 2 } })
  fails("row 1, column 2 is not a number", { values = { { 1, "2" } } })
  fails("1 names for 2 rows", { values = { { 1 }, { 2 } }, rows = { "a" } })
  fails("3 names for 1 columns", { values = { { 1 } }, columns = { 1, 2, 3 } })
  fails("option 'range' must be { low, high }", { values = { { 1 } }, range = { 2, 1 } })
  fails("option 'range' must be { low, high }", { values = { { 1 } }, range = { -math.huge, 1 } })
  fails("the name of row 1 is a table", { values = { { 1 } }, rows = { {} } })
end)

t.done()
