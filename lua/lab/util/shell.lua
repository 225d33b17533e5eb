-- shell.lua: asking another program for a line.

local M = {}

-- A word of a shell command that means exactly this text.
function M.quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

-- The same as one would type it: in quotes only where the shell wants them.
function M.word(s) return s:find "^[%w%%+,%-./:=@_]+$" and s or M.quote(s) end

-- The first line that a shell command prints, or nil if it prints none or cannot be run.
function M.first_line(command)
  local pipe = io.popen(command .. " 2>/dev/null </dev/null")
  local line = pipe and pipe:read("l")
  if pipe then pipe:close() end
  return line and line ~= "" and line or nil
end

return M
