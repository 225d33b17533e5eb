-- run.lua: `setlab run SCRIPT.lua`.

local arguments = require "lab.util.arguments"
local options = require "lab.util.options"
local session = require "lab.script.session"
local shared = require "lab.command.flags"
local stop = require "lab.util.stop"

local M = { name = "run", summary = "run a script" }

local flags = {
  params = { help = "Print the parameters that the script declares, with their values, ranges and meaning, and stop." },
  traceback = { help = "After an error, print the calls that led to it." },
}
for key, rule in pairs(shared.flags) do flags[key] = rule end

M.help = [[
NAME
       setlab run - run a script

SYNOPSIS
       setlab run [OPTIONS] SCRIPT.lua [name=value ...]

DESCRIPTION
       Runs a script: trains what the folder of runs does not hold yet, reads back what it
       does, and prints tables as text. The same script gives the same numbers here and in
       'setlab report'. A script sees the standard libraries of Lua and what it requires;
       a name that is not declared is an error.

       Words of the form name=value set parameters that the script declares with
       lab.params. A parameter that it does not declare is an error.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if the script ran to its end, 1 if it or one of its runs failed, 2 if the command
       line was wrong, 130 after Ctrl-C, or what the script passed to os.exit. Ctrl-C once
       stops tidily: finished runs are kept, and the same command goes on. Twice stops at
       once. Neither Ctrl-C nor os.exit is an error that a pcall of the script could catch.

FILES
       runs/       one folder a training run, with its metrics and measurements

EXAMPLES
       setlab run experiments/fashion_mnist.lua --smoke
       setlab run experiments/fashion_mnist.lua epochs=50 zeta=0.2
       setlab run experiments/fashion_mnist.lua --params]]

local function value_text(v) return type(v) == "table" and table.concat(v, ",") or tostring(v) end

-- One declared parameter as a line: its value, what it may be, what it means.
local function parameter_line(p)
  local facts = {}
  if p.min then facts[#facts + 1] = "at least " .. tostring(p.min) end
  if p.max then facts[#facts + 1] = "at most " .. tostring(p.max) end
  if p.above then facts[#facts + 1] = "above " .. tostring(p.above) end
  if p.below then facts[#facts + 1] = "below " .. tostring(p.below) end
  if p.choices then facts[#facts + 1] = "one of " .. table.concat(p.choices, ", ") end
  if value_text(p.value) ~= value_text(p.default) then facts[#facts + 1] = "by default " .. value_text(p.default) end
  return ("%s=%s%s%s"):format(p.name, value_text(p.value), #facts > 0 and "  (" .. table.concat(facts, "; ") .. ")" or "",
    p.help and "  " .. p.help or "")
end

local function profile_line(name, values)
  local sets = {}
  for i, key in ipairs(options.sorted_keys(values)) do sets[i] = key .. "=" .. value_text(values[key]) end
  return ("--profile=%s  %s"):format(name, table.concat(sets, " "))
end

-- Prints what the script declares.
local function list_parameters(path, text)
  local params = require "lab.script.params"
  local state = require "lab.script.declared".of(path, text, params.overrides, params.profile)
  if not state then print(path .. " declares no parameters") end
  for _, parameter in ipairs(state and params.declared(state) or {}) do print(parameter_line(parameter)) end
  for _, name in ipairs(options.sorted_keys(state and state.profiles or {})) do print(profile_line(name, state.profiles[name])) end
  return 0
end

-- The script as one run of a sweep: returns the exit status.
local function run_trial(path, text, opts)
  local trial = require "lab.run.trial"
  trial.begin(opts.trial, opts["until"], text)
  local ok, err = stop.catch(session.run, path, text)
  if stop.is_interrupt(err) then error(err, 0) end
  if not ok then io.stderr:write(tostring(err), "\n") end
  return trial.finish(not ok and err or nil)
end

-- What a sweep tells its children, and no user writes.
local hidden = { trial = { value = "FILE" }, ["until"] = { value = "EPOCH", kind = "integer", min = 1 } }

function M.main(words)
  local all = {}
  for _, list in ipairs { flags, hidden } do for key, rule in pairs(list) do all[key] = rule end end
  local opts, files = arguments.parse("setlab run", { words, flags = all, overrides = true })
  if #files == 0 then arguments.fail("setlab run", "which script?") end
  if #files > 1 then
    arguments.fail("setlab run", ("one script at a time; '%s' is one too many (parameters are written name=value)"):format(files[2]))
  end
  shared.prepare(opts)
  local text = session.read_script(files[1])
  if opts.params then return list_parameters(files[1], text) end
  if opts.trial then return run_trial(files[1], text, opts) end
  local together <close> = require "lab.run.ranks".join()
  local ok, err = stop.catch(session.run, files[1], text)
  if ok then
    require "lab.run.runs".check()
    return 0
  end
  if opts.traceback and session.is_failure(err) and err.trace then io.stderr:write(err.trace, "\n") end
  error(err, 0)
end

return M
