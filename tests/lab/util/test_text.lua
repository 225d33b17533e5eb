-- Texts from anywhere: cleaned, measured, cut; and every table that is made of them.

local t = dofile "tests/harness.lua"
local default_columns = require "lab.archive.columns"
local runs_table = require "lab.archive.runs_table"
local text = require "lab.util.text"
local text_table = require "lab.util.text_table"

t.test("clean, width, cut", function()
  t.equal(text.clean "a\xffb\n\t\27[2Jc\u{e9}", "a?b [2Jc\u{e9}")
  t.equal(text.clean(3.5), "3.5")
  t.equal({ text.width "\u{e9}\u{e9}", text.width "\xe4x", text.width "" }, { 2, 2, 0 })
  t.equal({ text.cut("\u{e9}\u{e9}\u{e9}\u{e9}", 3), text.cut("abc", 3), text.cut("\xe4\xe4\xe4\xe4", 3) }, { "\u{e9}\u{e9}…", "abc", "??…" })
end)

t.test("aligned lines", function()
  t.equal(text_table.columns { { "n\xff", "b" }, { "\u{e9}", "x\ny" } }, "n?    b\n\u{e9}   x y")
end)

-- An entry of catalog.lua, as far as a table needs it.
local function entry(key, name, metrics)
  return { key = key, experiment = "ex\xff", name = name, status = "done", rows = 2, seconds = 1.5, started = "2026-01-02T03:04:05Z",
    arguments = {}, parameters = {}, metrics = metrics }
end

local entries = { entry("aaaaaaaaaaaa", "arm=\xe4\xe4 seed=1", { accuracy = 0.5, epoch = 2 }),
  entry("bbbbbbbbbbbb", "two\nlines", { accuracy = 0 / 0, epoch = 2 }), entry("cccccccccccc", "third", { loss = 0.25, epoch = 2 }) }
runs_table.name_runs(entries)

t.test("runs with names that are no UTF-8", function()
  local said = runs_table.text(entries, { "key", "experiment", "run", "no\xffcolumn" })
  t.truthy(utf8.len(said), said)
  t.truthy(said:find("aaaaaaaaaaaa  ex?         arm=?? seed=1", 1, true) and said:find("bbbbbbbbbbbb  ex?         two lines", 1, true), said)
  for width = 1, 100 do t.truthy(utf8.len(runs_table.text(entries, nil, width))) end
end)

t.test("a plain list has the metric of most runs, and another for the rest", function()
  t.equal(default_columns(entries), { "key", "experiment", "run", "status", "accuracy", "loss", "rows", "seconds", "started" })
  t.equal(default_columns { entry("a", "x", { epoch = 1, seconds = 2 }) }, { "key", "experiment", "run", "status", "rows", "seconds", "started" })
  local both = entry("a", "x", { train_accuracy = 1, test_accuracy = 1, loss = 1, accuracy = 1 })
  t.equal(default_columns({ both })[5], "test_accuracy")
  both.parameters.test_accuracy = 3
  t.equal(default_columns({ both })[5], "metrics.test_accuracy")
  local said = runs_table.text(entries, nil)
  t.truthy(said:find "done +–  " and said:find("– is not-a-number, in the last row of a run's metrics: 1 here", 1, true), said)
end)

t.test("a narrow window loses columns before names", function()
  local whole = runs_table.text(entries, nil)
  local first = whole:match "[^\n]*"
  t.truthy(first:find "rows  seconds  started$", first)
  local narrow = runs_table.text(entries, nil, #whole:match "\n([^\n]*)" - 1)
  t.truthy(narrow:find("arm=?? seed=1", 1, true) and not narrow:find("rows", 1, true) and narrow:find("started", 1, true), narrow)
  narrow = runs_table.text(entries, nil, 72)
  t.truthy(narrow:find("arm=?? seed=1", 1, true) and not narrow:find("started", 1, true) and not narrow:find("…", 1, true), narrow)
  t.truthy(runs_table.text(entries, { "key", "run", "experiment" }, 24):find("…", 1, true))
end)

t.test("an order knows no not-a-number", function()
  local list = {}
  for i, v in ipairs { 3, 0 / 0, 1, math.huge, 2, 0 / 0, -math.huge, 5, 0 / 0, 4 } do list[i] = entry(("%012d"):format(i), "x", { loss = v }) end
  list[#list + 1] = entry(("%012d"):format(11), "x", {})
  local function order(column)
    runs_table.sort("test", list, column)
    local values = {}
    for i = 1, 5 do values[i] = list[i].metrics.loss end
    return values
  end
  t.equal(order "loss", { 1, 2, 3, 4, 5 })
  t.equal(order "-loss", { 5, 4, 3, 2, 1 })
end)

t.done()
