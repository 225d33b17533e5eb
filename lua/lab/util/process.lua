-- process.lua: running another program to its end.

local process = require "lab.c.process"

local M = {}

-- lab.c.process says what it takes and returns.
function M.run(job) return process.run(job) end

-- A word of a shell command that means exactly this text.
function M.quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

-- The same as one would type it: in quotes only where the shell wants them.
function M.word(s) return s:find "^[%w%%+,%-./:=@_]+$" and s or M.quote(s) end

-- Does the program, with these words, end with status 0?
function M.succeeds(argv)
  local result = process.run { argv = argv }
  return result ~= nil and result.status == 0
end

-- The first line that a shell command prints, or nil if it prints none or cannot be run.
function M.first_line(command)
  local result = process.run { argv = { "/bin/sh", "-c", command }, timeout_seconds = 600 }
  local line = result and result.out:match "^[^\n]*"
  return line and line ~= "" and line or nil
end

return M
