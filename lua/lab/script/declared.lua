-- declared.lua: what a script declares with lab.params, without running the rest of it.

local current = require "lab.script.current"
local params = require "lab.script.params"
local session = require "lab.script.session"
local stop = require "lab.util.stop"

local M = {}

-- Runs the text of a script as far as its lab.params and stops there. Returns the declaration:
-- { names = sorted, rules = name -> rule (script/parameter.lua), values = name -> value, profiles }; or
-- nil if the script ends without one. Raises the script's own errors.
--   overrides, profile  as in script/params.lua
-- Nothing of the script that runs now is touched, if one does.
function M.of(path, text, overrides, profile)
  local before = { overrides = params.overrides, profile = params.profile, on_declare = params.on_declare }
  local script, found = current.script, nil
  params.overrides, params.profile = overrides or {}, profile
  params.on_declare = function(state)
    found = state
    stop.raise { kind = "enough", message = "as far as lab.params" }
  end
  local ok, err = stop.catch(session.run, path, text)
  current.script, params.on_declare = script, before.on_declare
  params.overrides, params.profile = before.overrides, before.profile
  if stop.kind(err) == "enough" then stop.forget()
  elseif not ok and (not found or stop.kind(err)) then error(err, 0) end
  return found
end

return M
