-- lab.say: a sentence with values in it; for a % that stands for itself the error says what to write.

local t = dofile "tests/harness.lua"
local lab = require "lab"
local output = require "lab.util.output"

local function said(...)
  local item
  output.sink = function(i) item = i end
  local ok, why = pcall(lab.say, ...)
  output.sink = nil
  if not ok then error(why, 0) end
  return item.text
end

t.test("values in their places", function()
  t.equal(said "nothing", "nothing")
  t.equal(said("%d of %s, %.1f %%", 3, "x", 12.34), "3 of x, 12.3 %")
  t.equal(said("%q %5.1f|%-3s|%+d %g %c", "x", 2, 1, 3, 0.5, 65), '"x"   2.0|1  |+3 0.5 A')
  t.equal(said("50%%"), "50%")
  t.equal(said("%s", ("a b"):gsub("a", "c")), "c b")
  t.equal(said("%s", nil), "nil")
end)

t.test("a % that is meant", function()
  local hint = "; write %%%% for a percent sign"
  local function refused(want, text, ...) t.raises("test_say.lua:%d+: lab.say: " .. want, function(...) lab.say(text, ...) end, ...) end
  refused("'%% ?' is not a place for a value" .. hint, "Accuracy is 95 %.")
  refused("'%%' is not a place for a value" .. hint, "100%")
  refused("'%% done' is not a place for a value" .. hint, "95 % done, %d left", 3, 4)
  refused("'%%' is not a place for a value" .. hint, "5 %\u{fc}ber")
  refused("the text has 2 places for values %(%%d %%s%), and 1 value came" .. hint, "%d of %s", 3)
  refused("the text has 1 place for values %(%%d%), and 0 values came" .. hint, "95 %done")
  refused("bad argument #2", "%d", "x")
end)

t.done()
