-- lab.attempt: what fails is told, what is to end the script goes through.
local t = dofile "tests/harness.lua"
local attempt, stop = require "lab.util.attempt", require "lab.util.stop"
local system = require "lab.c.system"

t.test("as pcall", function()
  t.equal({ attempt.call(function(a, b) return a + b, b end, 1, 2) }, { true, 3, 2 })
  local ok, err = attempt.call(error, "broken", 0)
  t.equal({ ok, err }, { false, "broken" })
  local value = setmetatable({}, { __tostring = function() return "interrupted!" end })
  t.equal({ attempt.call(error, value) }, { false, value }) -- an error of somebody's own
  t.equal({ attempt.call(error, "interrupted!", 0) }, { false, "interrupted!" })
end)

-- What comes of a Ctrl-C within `call`, which is pcall or its like.
local function interrupted(call)
  local _, err = stop.catch(function()
    call(function()
      system.interrupt_me()
      for _ = 1, 1000 do end
    end)
    return "swallowed"
  end)
  system.forget_interrupt()
  return err
end

t.test("Ctrl-C goes through", function()
  t.equal(interrupted(stop.catch), "swallowed")
  t.truthy(stop.is_interrupt(interrupted(attempt.call)))
  t.equal(tostring(interrupted(attempt.call)), "interrupted!")
  for _, other in ipairs { "interrupted!", "broken", {}, { kind = "interrupt" }, 1, true } do t.truthy(not stop.is_interrupt(other)) end
  t.truthy(not stop.is_interrupt(nil))
end)

t.done()
