-- Schedules: what number each gives in which epoch.

local t = dofile "tests/harness.lua"
local lab = require "lab"
local schedule = lab.schedule

local function numbers(s, epochs)
  local list = {}
  for n = 1, epochs do list[n] = schedule.at(s, n, epochs, "lr") end
  return list
end

local function near(s, epochs, want)
  for n, v in ipairs(numbers(s, epochs)) do t.near(v, want[n], 1e-12) end
end

t.test("constant, step, linear, cosine", function()
  near(schedule.constant { value = 2 }, 3, { 2, 2, 2 })
  near(schedule.step { value = 8, every = 2, factor = 0.5 }, 5, { 8, 8, 4, 4, 2 })
  near(schedule.linear { value = 1, to = 3 }, 5, { 1, 1.5, 2, 2.5, 3 })
  near(schedule.cosine { value = 2 }, 3, { 2, 1, 0 })
  near(schedule.linear { value = 1, to = 3 }, 1, { 1 })
end)

t.test("stop: the last number is reached before the end and stays", function()
  near(schedule.linear { value = 5, to = 1, stop = 0.5 }, 10, { 5, 4, 3, 2, 1, 1, 1, 1, 1, 1 })
  near(schedule.cosine { value = 2, to = 0, stop = 0.6 }, 5, { 2, 1, 0, 0, 0 })
  near(schedule.linear { value = 5, to = 1, stop = 0.1 }, 5, { 1, 1, 1, 1, 1 })   -- over before the first epoch ends
  t.equal(schedule.linear { value = 1, to = 0 }, { kind = "linear", value = 1, to = 0 })   -- as before `stop`: runs keep their folders
  t.raises("option 'stop' is 0, must be above 0", schedule.linear, { value = 1, to = 0, stop = 0 })
end)

t.test("warm-up, then what follows over the epochs that are left", function()
  near(schedule.warm_up { epochs = 4, schedule = 1 }, 6, { 0, 0.25, 0.5, 0.75, 1, 1 })
  near(schedule.warm_up { epochs = 2, from = 1, schedule = schedule.linear { value = 3, to = 1 } }, 5, { 1, 2, 3, 2, 1 })
  near(schedule.warm_up { epochs = 2, from = 1, schedule = function(epoch, epochs) return 10 * epoch + epochs end }, 4, { 1, 6.5, 12, 22 })
  near(schedule.warm_up { epochs = 9, schedule = 3 }, 3, { 0, 1 / 3, 2 / 3 })   -- a training shorter than the rise
  t.raises("lab.schedule.warm_up: option 'schedule' takes a number, a lab.schedule or a function", schedule.warm_up, { epochs = 1, schedule = {} })
  -- evolutions ask between epochs: the rise goes on until what follows begins
  t.near(schedule.at(schedule.warm_up { epochs = 2, schedule = schedule.linear { value = 1, to = 0 } }, 2.5, 6, "share"), 0.75)
  near(schedule.warm_up { epochs = 1, schedule = function(e, n) return (e - 1) / (n - 1) end }, 4, { 0, 0, 0.5, 1 })
  t.raises("option 'epochs' is 0", schedule.warm_up, { epochs = 0, schedule = 1 })
end)

t.test("one cycle", function()
  near(schedule.one_cycle { peak = 10, at = 0.5, from = 0, to = 2 }, 5, { 0, 5, 10, 6, 2 })
  local list = numbers(schedule.one_cycle { peak = 1 }, 11)
  t.near(list[1], 0.04)
  t.near(list[4], 1)
  t.near(list[11], 1e-4)
  t.raises("option 'at' is 1, must be below 1", schedule.one_cycle, { peak = 1, at = 1 })
end)

t.done()
