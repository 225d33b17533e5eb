-- A script for sweeps to sweep, and sweeps over it, in a folder of their own.
return function(t)
  local plans = require "lab.sweep_plan"
  local M = { dir = t.tmpdir() }

  M.script = t.write(M.dir .. "/x.lua", [[
local lab = require "lab"
local P = lab.params {
  seed = { 1, min = 0 }, epochs = { 400, min = 1 }, epsilon = 20.0, lr = { 0.05, above = 0 },
  dropout = { 0.2, min = 0, below = 1 }, hidden = 100, zeta = { 0.3, min = 0, max = 1 }, momentum = 0.9,
  method = { "set", choices = { "set", "rigl", "static" } }, rigl_alpha = 0.3, note = "text",
  sizes = { { 100, 100 }, min = 1 }, fast = false,
  profiles = { small = { hidden = 7 } },
}
error "the script was run too far"
]])

  -- The plan of a file with this text below "script: x.lua" (line 1).
  function M.yaml(text, options)
    return plans.read_file(t.write(M.dir .. "/s.yaml", "script: x.lua\n" .. text), options)
  end

  -- The plan of a table, its script filled in, from line 2 of a script called user.lua.
  function M.table(given, options)
    given.script = given.script or M.script
    return assert(load("local plans, given, options = ...\nlocal plan = plans.from_table(given, options)\nreturn plan", "@user.lua"))(plans, given, options)
  end

  function M.words(line, options)
    local words = {}
    for word in line:gmatch "%S+" do words[#words + 1] = word end
    return plans.from_words(M.script, words, options)
  end

  -- The trials' params.
  function M.rows(plan)
    local rows = {}
    for i, trial in ipairs(plan.trials) do rows[i] = trial.params end
    return rows
  end

  -- The values of one parameter over the trials.
  function M.column(plan, name)
    local values = {}
    for i, trial in ipairs(plan.trials) do values[i] = trial.params[name] == nil and "-" or trial.params[name] end
    return values
  end

  return M
end
