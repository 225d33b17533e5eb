-- ask.lua: asking the engine on behalf of a script's net:word(...): what the engine refuses is
-- told at the script's line.

local attempt = require "lab.util.attempt".call
local options = require "lab.util.options"

local M = {}

-- The engine's message, made fit for the script: net is argument 0 of a method. `word` is a net's, or has its object before it (layer:missing).
local function explain(word, message)
  local number, what = message:match("^bad argument #(%d+) to '.-' %((.*)%)$")
  if number then message = ("argument %d: %s"):format(number - 1, what) end
  options.fail(("%s: %s"):format(word:find ":" and word or "net:" .. word, message))
end

-- What follows an attempt's success; its error otherwise, at the script's line.
function M.answer(word, ok, ...)
  if ok then return ... end
  local message = ...
  if type(message) ~= "string" then error(message, 0) end
  explain(word, message)
end

-- Calls a method of the engine's net for net:word(...).
function M.ask(net, word, method, ...)
  return M.answer(word, attempt(net.core[method], net.core, ...))
end

return M
