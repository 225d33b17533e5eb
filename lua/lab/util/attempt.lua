-- attempt.lua: pcall for what may fail, but must not swallow a stop (stop.lua).
--
-- Code that makes another error, or a nil, of whatever goes wrong would take Ctrl-C for a failure of
-- its own: a run stopped in that moment would count as failed, and not go on.

local call = require "lab.c.stop".words._G.pcall

local M = {}

-- As pcall, but a stop is raised again.
function M.call(f, ...) return call(f, ...) end

return M
