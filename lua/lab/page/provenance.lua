-- provenance.lua: how a page came about, as groups of label and value.
--
-- Everything is asked of the machine at the moment of weaving; what cannot be found out is
-- left out rather than guessed.

local format = require "lab.util.format"
local options = require "lab.util.options"
local process = require "lab.util.process"
local system = require "lab.c.system"

local M = {}

local function add(group, label, value)
  if value ~= nil and value ~= "" and value ~= false then group[#group + 1] = { label, value } end
end

local function mib(n) return n and n > 0 and ("%.0f MiB"):format(n) or nil end

local function seconds(s) return s and format.seconds(s) end

-- Values of one kind from all runs, each once, in order of appearance: "1, 2, 3", or with
-- something else `between` them.
function M.distinct(runs, value_of, between)
  local seen, list = {}, {}
  for _, run in ipairs(runs) do
    local v = value_of(run)
    if v ~= nil and v ~= "" and not seen[tostring(v)] then
      seen[tostring(v)] = true
      list[#list + 1] = tostring(v)
    end
  end
  return table.concat(list, between or ", ")
end

-- The commit that a run's meta.yaml names, short; nil if it names none.
function M.commit(meta) return meta.commit and meta.commit:sub(1, 12) .. (meta.dirty and " with changes" or "") end

-- Whether files of the script's repository are changed, but for pages that are written into it: they
-- are no part of what a page was made with.
local function has_changes(directory, pages)
  local folder = pages and process.first_line(("git -C %s rev-parse --show-prefix"):format(process.quote(pages)))
  local but = folder and (" -- ':(top)' %s"):format(process.quote(":(top,exclude,literal)" .. folder)) or ""
  return process.first_line(("git -C %s status --porcelain --untracked-files=no%s"):format(process.quote(directory), but)) ~= nil
end

local function commit_of(directory, pages)
  local commit = process.first_line(("git -C %s rev-parse --short=12 HEAD"):format(process.quote(directory)))
  return commit and commit .. (has_changes(directory, pages) and ", with changes not committed" or "")
end

local function script_group(page, given)
  local group = { title = "Script" }
  add(group, "file", page.path)
  local hash = require "lab.c.hash"
  add(group, "hash (xxh3)", hash and hash.xxh128(page.text))
  add(group, "git commit", commit_of(page.path:match("^(.*)/") or ".", given.folder))
  add(group, "woven", given.woven)
  add(group, "weaving took", seconds(given.seconds))
  add(group, "profile", given.profile)
  return group
end

local function engine_group()
  local group, facts = { title = "Program" }, require "lab.run.machine"
  local hash = require "lab.c.hash"
  add(group, "setlab", system.version)
  add(group, "build", facts.build)
  add(group, "results version", hash and hash.results_version)
  add(group, "compiler", system.compiler)
  add(group, "flags", system.flags)
  for _, name in ipairs(options.sorted_keys(system.libraries())) do add(group, name, system.libraries()[name]) end
  add(group, "gnuplot", facts.gnuplot or (process.first_line("gnuplot --version") or "not installed"):gsub("^gnuplot ", ""))
  return group
end

local function machine_group()
  local group, facts = { title = "Machine" }, require "lab.run.machine"
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

-- What the runs' own records say: by whom they were computed, from which data, at what cost.
local function add_run_facts(group, runs)
  local metas, total, peak = {}, 0, 0
  for _, run in ipairs(runs) do
    local meta = type(run.meta) == "function" and run:meta() or {}
    metas[#metas + 1] = meta
    total = total + (tonumber(meta.seconds) or 0)
    peak = math.max(peak, tonumber(meta.peak_rss_mib) or 0)
  end
  local function each(name) return M.distinct(metas, function(meta) return meta[name] end) end
  add(group, "seeds", M.distinct(runs, function(run) return run.arguments and run.arguments.seed end))
  add(group, "seconds of training", total > 0 and ("%.1f s in all"):format(total))
  add(group, "peak memory of a run", mib(peak))
  add(group, "computed on", each "cpu")
  add(group, "with instructions", each "instruction_set")
  add(group, "with threads", each "threads")
  add(group, "at commit", M.distinct(metas, M.commit))
  local data = {}
  for _, meta in ipairs(metas) do
    for name, hash in pairs(type(meta.data) == "table" and meta.data or {}) do data[name] = tostring(hash) end
  end
  for _, name in ipairs(options.sorted_keys(data)) do add(group, name, data[name]) end
end

local function runs_group(runs)
  local group, reused = { title = "Runs" }, 0
  if #runs == 0 then return group end
  for _, run in ipairs(runs) do if run.reused then reused = reused + 1 end end
  add(group, "runs", ("%d, of which %d read back"):format(#runs, reused))
  add_run_facts(group, runs)
  return group
end

-- `declared` is the array of lab.params: { name, value }.
local function parameters_group(declared)
  local group = { title = "Parameters" }
  for _, parameter in ipairs(declared or {}) do
    local value = parameter.value
    if type(value) == "table" then
      local parts = {}
      for i, v in ipairs(value) do parts[i] = tostring(v) end
      value = table.concat(parts, ", ")
    end
    add(group, parameter.name, tostring(value))
  end
  return group
end

-- page   what weave.run returned
-- given  { woven, seconds, profile, folder of the page, params = array of lab.params' declarations }
function M.collect(page, given)
  return { script_group(page, given), parameters_group(given.params), runs_group(page.runs), machine_group(), engine_group() }
end

-- The groups of an earlier weaving, with what is new of the script.
function M.again(groups, page, given)
  local new = table.move(groups, 1, #groups, 1, {})
  new[1] = script_group(page, given)
  return new
end

return M
