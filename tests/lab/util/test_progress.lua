local t = dofile "tests/harness.lua"
local progress = require "lab.util.progress"
local line = require "lab.util.progress_line"

-- A clock that the test moves, a terminal that it reads, an environment that it sets.
local now, written, environment, width
environment = {}
progress.clock = function() return now end
progress.write = function(text) written[#written + 1] = text end
progress.memory = function() return 61.4 end
line.environment = function(name) return environment[name] end
line.width = function() return width end

local function start(mode, more)
  if written then progress.finish {} end
  now, written, width = 100, {}, 200
  environment = { TERM = "xterm", LANG = "C.UTF-8" }
  progress.mode = mode
  for k, v in pairs(more or {}) do environment[k] = v end
  progress.begin { label = "SET seed=1", epochs = 10 }
end
local function update(seconds, epoch, fraction, more)
  now = 100 + seconds
  local news = { epoch = epoch, fraction = fraction, loss = 0.4321, accuracy = 0.8612, links = 129313, samples_per_second = 48213 }
  for k, v in pairs(more or {}) do news[k] = v end
  progress.update(news)
end
local function visible(text) return (text:gsub("\27%[[%d;]*%a", ""):gsub("\r", "")) end

t.test("nothing in the first half second, then ten lines a second", function()
  start "bar"
  for i = 1, 49 do update(i / 100, 1, i / 1000) end
  t.equal(#written, 0)
  for i = 50, 150 do update(i / 100, 1, i / 1000) end
  t.truthy(#written >= 9 and #written <= 11, #written .. " lines in a second")
end)

t.test("the line says all that DESIGN wants", function()
  start "bar"
  update(1, 1, 0.5)
  update(2, 2, 0)
  update(4, 3, 0.5)
  t.equal(visible(written[#written]),
    "SET seed=1  epoch 3/10  ▕████            ▏  loss 0.4321  accuracy 0.861  48.2k samples/s  129k links  ETA 0:15  61 MiB")
end)

t.test("the ETA is the median epoch times what is left", function()
  start "bar"
  update(1, 2, 0)     -- 1 s
  update(2, 3, 0)     -- 1 s
  update(20, 4, 0)    -- 18 s: the machine was busy
  update(20.2, 4, 0.5)
  t.truthy(visible(written[#written]):find("ETA 0:07", 1, true), written[#written])  -- 6.5 epochs of 1 s
end)

t.test("the median of an even number of epochs", function()
  start "bar"
  update(1, 2, 0)
  update(4, 3, 0)
  t.truthy(visible(written[#written]):find("ETA 0:16", 1, true), written[#written])  -- 8 of 2 s
end)

t.test("a narrow window loses the least important parts, never wraps", function()
  for w = 200, 1, -1 do
    start "bar"
    width = w
    update(1, 1, 0.5)
    local text = visible(written[1])
    t.truthy(utf8.len(text) <= math.max(w - 1, 0), ("%d cells in a window of %d: %s"):format(utf8.len(text), w, text))
  end
  start "bar"
  width = 50
  update(1, 1, 0.5)
  t.truthy(visible(written[1]):find("^epoch 1/10"), written[1])
end)

t.test("the width is asked at every line", function()
  start "bar"
  update(1, 1, 0.5)
  width = 30
  update(2, 1, 0.6)
  t.truthy(utf8.len(visible(written[2])) < 30)
end)

t.test("NO_COLOR, and its being empty", function()
  start("bar", { NO_COLOR = "1" })
  update(1, 1, 0.5)
  t.equal(written[1]:find("\27[36m", 1, true), nil)
  start("bar", { NO_COLOR = "" })
  update(1, 1, 0.5)
  t.truthy(written[1]:find("\27[36m", 1, true))
end)

t.test("a dumb terminal gets no escapes", function()
  start("bar", { TERM = "dumb" })
  update(1, 1, 0.5)
  progress.clear()
  t.equal(table.concat(written):find("\27", 1, true), nil)
end)

t.test("without UTF-8 the bar is of plain characters", function()
  for _, locale in ipairs { { LANG = "C" }, { LANG = "de_DE.UTF-8", LC_ALL = "C" }, { LANG = "" } } do
    start("bar", locale)
    update(1, 6, 0)
    t.truthy(visible(written[1]):find("[########........]", 1, true), written[1])
    t.equal(written[1]:find("[\128-\255]"), nil)
  end
end)

t.test("a label cannot drive the terminal", function()
  start "bar"
  progress.begin { label = "a\27[2Jb\nc", epochs = 2 }
  update(1, 1, 0.5)
  t.equal(written[#written]:find("\27[2J", 1, true), nil)
  t.equal(written[#written]:find("\n", 1, true), nil)
end)

t.test("finish erases the line and leaves one", function()
  start "bar"
  update(1, 1, 0.5)
  now = 161
  progress.finish { status = "done" }
  t.equal(written[2], "\r\27[K")
  t.equal(written[3], "SET seed=1: done, 1 epoch in 1:01, loss 0.4321, accuracy 0.861\n")
end)

t.test("a run shorter than half a second leaves nothing on a terminal", function()
  start "bar"
  update(0.2, 1, 1)
  progress.finish { status = "done" }
  t.equal(written, {})
end)

t.test("plain lines: one in 30 s, one at the end", function()
  start "lines"
  for i = 1, 100 do update(i, 1 + i // 10, i % 10 / 10) end
  t.equal(#written, 3)
  t.equal(written[1], 'label="SET seed=1" epoch=4 epochs=10 loss=0.4321 accuracy=0.8612 samples_per_second=48213 links=129313 seconds=30 eta_seconds=70 memory_mib=61.4\n')
  progress.finish { status = "failed" }
  t.truthy(written[4]:find('status=failed', 1, true))
end)

t.test("json lines: begin, one an epoch, finish", function()
  start "json"
  for i = 1, 100 do update(i, 1 + i // 10, i % 10 / 10) end
  progress.finish {}
  t.equal(written[1], '{"event":"begin","label":"SET seed=1","epochs":10}\n')
  t.equal(#written, 1 + 11 + 1)
  t.truthy(written[#written]:find('^{"event":"finish","label":"SET seed=1","status":"done"'))
end)

t.test("json: what JSON cannot say", function()
  start "json"
  progress.begin { label = 'a "b" \\ \n' }
  t.equal(written[2], '{"event":"begin","label":"a \\u0022b\\u0022 \\u005c \\u000a"}\n')
  update(1, 1, 0, { loss = 0 / 0 })
  t.truthy(written[3]:find('"loss":null', 1, true))
end)

t.test("none says nothing", function()
  start "none"
  for i = 1, 100 do update(i, i, 0) end
  progress.finish {}
  t.equal(written, {})
end)

t.test("updates without a begin, finish without a run", function()
  start "bar"
  progress.finish {}
  progress.finish {}
  update(0, 1, 0, { epochs = 4, label = "alone" })
  update(2, 1, 0.5, { epochs = 4 })
  t.truthy(visible(written[#written]):find("^alone  epoch 1/4"), written[#written])
end)

t.test("a loop inside a run does not rename it; alone it is a run", function()
  start "bar"
  progress.expect { epochs = 99 }
  update(1, 1, 0.5)
  t.truthy(visible(written[1]):find("^SET seed=1  epoch 1/10"), written[1])
  progress.finish {}
  progress.expect { epochs = 99 }
  update(2, 1, 0.5)
  t.truthy(visible(written[#written]):find("^epoch 1/99"), written[#written])
end)

t.test("a note stands above the line", function()
  start "bar"
  update(1, 1, 0.5)
  progress.note "reused 3 runs"
  t.equal({ written[2], written[3] }, { "\r\27[K", "reused 3 runs\n" })
end)

t.test("standard error is no terminal here: auto means lines", function()
  start "auto"
  update(31, 1, 0.5)
  t.truthy(written[1]:find("^label="), written[1])
end)

t.done()
