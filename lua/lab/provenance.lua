-- provenance.lua: how a page came about, as groups of label and value.
--
-- Everything is asked of the machine at the moment of weaving; what cannot be found out is
-- left out rather than guessed.

local options = require "lab.options"
local session = require "lab.session"
local system = require "lab.c.system"

local M = {}

-- The first line that a command prints, or nil.
local function asked(command)
  local pipe = io.popen(command .. " 2>/dev/null")
  local line = pipe and pipe:read("l")
  if pipe then pipe:close() end
  return line and line ~= "" and line or nil
end

local function quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

local function add(group, label, value)
  if value ~= nil and value ~= "" then group[#group + 1] = { label, value } end
end

local function mib(n) return n and n > 0 and ("%.0f MiB"):format(n) or nil end

local function seconds(s) return s and (s < 1 and ("%.0f ms"):format(s * 1000) or s < 60 and ("%.1f s"):format(s) or ("%d min %d s"):format(s // 60, s % 60)) end

-- Values of one kind from all runs, each once, in order of appearance: "1, 2, 3".
local function distinct(runs, value_of)
  local seen, list = {}, {}
  for _, run in ipairs(runs) do
    local v = value_of(run)
    if v ~= nil and v ~= "" and not seen[tostring(v)] then
      seen[tostring(v)] = true
      list[#list + 1] = tostring(v)
    end
  end
  return table.concat(list, ", ")
end

local function script_group(page, given)
  local group = { title = "Script" }
  add(group, "file", page.path)
  local hash = session.optional "lab.c.hash"
  add(group, "hash (xxh3)", hash and hash.xxh128(page.text))
  local directory = page.path:match("^(.*)/") or "."
  local commit = asked(("git -C %s describe --always --dirty=+ --abbrev=12 --exclude '*'"):format(quote(directory)))
  add(group, "git commit", commit and (commit:find("%+$") and commit:sub(1, -2) .. ", with changes not committed" or commit))
  add(group, "woven", given.woven)
  add(group, "weaving took", seconds(given.seconds))
  add(group, "profile", given.profile)
  return group
end

local function engine_group()
  local group, facts = { title = "Program" }, session.optional "lab.facts" or {}
  local hash = session.optional "lab.c.hash"
  add(group, "setlab", system.version)
  add(group, "results version", hash and hash.results_version)
  add(group, "compiler", system.compiler)
  add(group, "flags", system.flags)
  for _, name in ipairs(options.sorted_keys(system.libraries())) do add(group, name, system.libraries()[name]) end
  add(group, "gnuplot", facts.gnuplot or (asked("gnuplot --version") or "not installed"):gsub("^gnuplot ", ""))
  return group
end

local function machine_group()
  local group, facts = { title = "Machine" }, session.optional "lab.facts" or {}
  local os_name, release, architecture = system.machine()
  add(group, "processor", (system.cpu()))
  add(group, "system", ("%s %s, %s"):format(os_name, release, architecture))
  add(group, "instructions", facts.instruction_set)
  add(group, "threads", system.threads())
  local total, _, _, peak = system.memory()
  add(group, "memory", mib(total))
  add(group, "peak of weaving", mib(peak))
  return group
end

local function runs_group(page, given)
  local group, runs = { title = "Runs and parameters" }, page.runs
  if #runs > 0 then
    local reused = 0
    for _, run in ipairs(runs) do if run.reused then reused = reused + 1 end end
    add(group, "runs", ("%d, of which %d read back"):format(#runs, reused))
    add(group, "seeds", distinct(runs, function(run) return run.arguments and run.arguments.seed end))
    for _, fact in ipairs(given.run_facts or {}) do add(group, fact[1], fact[2]) end
  end
  for _, name in ipairs(options.sorted_keys(given.params or {})) do
    local value = given.params[name]
    if type(value) == "table" then
      local parts = {}
      for i, v in ipairs(value) do parts[i] = tostring(v) end
      value = table.concat(parts, ", ")
    end
    add(group, name, tostring(value))
  end
  return group
end

-- page   what weave.run returned
-- given  { woven, seconds, profile, params = name -> value, run_facts = { { label, value } } }
function M.collect(page, given)
  return { script_group(page, given), runs_group(page, given), machine_group(), engine_group() }
end

return M
