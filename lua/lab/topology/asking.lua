-- asking.lua: asking the engine for a word of lab.topology: what it refuses is told at the script's line.

local attempt = require "lab.util.attempt".call
local options = require "lab.util.options"

local M = {}

-- The engine's net of argument number i.
function M.core(word, net, i)
  local core = type(net) == "table" and rawget(net, "core")
  if not core then
    options.fail(("lab.topology.%s: argument %d must be a net, such as lab.mlp and lab.load give, not %s"):format(word, i or 1, net == nil and "nil" or "a " .. type(net)))
  end
  return core
end

local function answer(word, ok, ...)
  if ok then return ... end
  local message = ...
  if type(message) ~= "string" then error(message, 0) end
  local number, what = message:match "^bad argument #(%d+) to '.-' %((.*)%)$"
  if number then message = ("argument %s: %s"):format(number, what) end
  options.fail(("lab.topology.%s: %s"):format(word, message))
end

-- What f(...) returns; its arguments are those of lab.topology.<word>.
function M.ask(word, f, ...) return answer(word, attempt(f, ...)) end

return M
