-- lab.attempt: what fails is told, what is interrupted stays an interrupt.
local t = dofile "tests/harness.lua"
local attempt = require "lab.attempt"
local system = require "lab.c.system"

t.test("as pcall", function()
  t.equal({ attempt.call(function(a, b) return a + b, b end, 1, 2) }, { true, 3, 2 })
  local ok, err = attempt.call(error, "broken", 0)
  t.equal({ ok, err }, { false, "broken" })
  local value = setmetatable({}, { __tostring = function() return "interrupted!" end })
  t.equal({ attempt.call(error, value) }, { false, value }) -- an error of somebody's own
end)

-- What comes of a Ctrl-C within `call`, which is pcall or its like.
local function interrupted(call)
  local _, err = pcall(function()
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
  t.equal(interrupted(pcall), "swallowed")
  t.equal(interrupted(attempt.call), "interrupted!")
  t.truthy(attempt.is_interrupt "interrupted!")
  t.truthy(not attempt.is_interrupt "broken")
  t.truthy(not attempt.is_interrupt({}))
end)

t.done()
