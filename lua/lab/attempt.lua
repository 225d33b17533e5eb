-- attempt.lua: pcall for what may fail, but must not swallow Ctrl-C.
--
-- An interrupt is raised as an error, anywhere. Code that makes another error, or a nil, of whatever
-- goes wrong would take it for a failure of its own: a run stopped in that moment would count as
-- failed, and not go on.

local M = {}

function M.is_interrupt(err) return type(err) == "string" and err:find("interrupted!", 1, true) ~= nil end

local function pass(ok, ...)
  if not ok and M.is_interrupt((...)) then error((...), 0) end
  return ok, ...
end

-- As pcall, but an interrupt is raised again.
function M.call(f, ...) return pass(pcall(f, ...)) end

return M
