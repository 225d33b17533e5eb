-- prompt.lua: `setlab` alone.

local session = require "lab.session"

local M = {}

-- Runs the standard input as a script.
local function run_input()
  session.prepare { progress = "auto" }
  session.run("stdin", (io.read("a"):gsub("^#[^\n]*", "")))
  return 0
end

function M.main()
  return run_input()
end

return M
