-- cmd_run.lua: `setlab run SCRIPT.lua`.

local arguments = require "lab.arguments"
local options = require "lab.options"
local session = require "lab.session"

local M = { name = "run", summary = "run a script" }

local flags = {
  params = { help = "Print the parameters that the script declares, with their values, ranges and meaning, and stop." },
  traceback = { help = "After an error, print the calls that led to it." },
}
for key, rule in pairs(session.flags) do flags[key] = rule end

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
       line was wrong, 130 after Ctrl-C. Ctrl-C once stops tidily: finished runs are kept.
       Twice stops at once.

FILES
       runs/       one folder a training run, with its metrics and measurements

EXAMPLES
       setlab run experiments/fashion_mnist.lua --smoke
       setlab run experiments/fashion_mnist.lua epochs=50 zeta=0.2
       setlab run experiments/fashion_mnist.lua --params]]

-- One declared parameter as a line: its value, what it may be, what it means.
local function parameter_line(name, given)
  local rule = type(given) == "table" and given or { given }
  local facts = {}
  if rule.min then facts[#facts + 1] = "at least " .. tostring(rule.min) end
  if rule.max then facts[#facts + 1] = "at most " .. tostring(rule.max) end
  if rule.choices then facts[#facts + 1] = "one of " .. table.concat(rule.choices, ", ") end
  local value = type(rule[1]) == "table" and table.concat(rule[1], ",") or tostring(rule[1])
  return ("%s=%s%s%s"):format(name, value, #facts > 0 and "  (" .. table.concat(facts, "; ") .. ")" or "",
    rule.help and "  " .. rule.help or "")
end

local function print_parameters(declared)
  for _, name in ipairs(options.sorted_keys(declared)) do
    if name ~= "profiles" then print(parameter_line(name, declared[name])) end
  end
  local profiles = options.sorted_keys(declared.profiles or {})
  for _, profile in ipairs(profiles) do
    local sets = {}
    for _, name in ipairs(options.sorted_keys(declared.profiles[profile])) do
      local value = declared.profiles[profile][name]
      sets[#sets + 1] = name .. "=" .. (type(value) == "table" and table.concat(value, ",") or tostring(value))
    end
    print(("--profile=%s  %s"):format(profile, table.concat(sets, " ")))
  end
end

-- Runs the script as far as its lab.params, prints what that declares, and stops there.
local function list_parameters(path, text)
  local declared
  local stop = {}
  rawset(require "lab", "params", function(given)
    declared = given
    error(stop, 0)
  end)
  local ok, err = pcall(session.run, path, text)
  if declared then print_parameters(declared)
  elseif not ok then error(err, 0)
  else print(path .. " declares no parameters") end
  return 0
end

function M.main(words)
  local opts, files = arguments.parse("setlab run", { words, flags = flags, overrides = true })
  if #files == 0 then arguments.fail("setlab run", "which script?") end
  if #files > 1 then
    arguments.fail("setlab run", ("one script at a time; '%s' is one too many (parameters are written name=value)"):format(files[2]))
  end
  session.prepare(opts)
  local text = session.read_script(files[1])
  if opts.params then return list_parameters(files[1], text) end
  local ok, err = pcall(session.run, files[1], text)
  local runs = session.optional "lab.runs"
  if ok then return runs and runs.failures > 0 and 1 or 0 end
  if opts.traceback and session.is_failure(err) and err.trace then io.stderr:write(err.trace, "\n") end
  error(err, 0)
end

return M
