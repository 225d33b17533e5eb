-- origin.lua: where and by what a run was computed, for its meta.yaml.
--
-- None of this decides a result; it is what a reader wants to know when two results
-- differ. What cannot be found out is left out.

local fs = require "lab.c.fs"
local process = require "lab.util.process"

local M = {}

-- A module that may be missing from this build, or nil.
function M.optional(name)
  if package.loaded[name] or package.preload[name] then return require(name) end
end

local repository -- { commit, dirty } of the current directory, asked once

local function git()
  if repository then return repository end
  repository = {}
  repository.commit = process.first_line "git rev-parse HEAD"
  if repository.commit then repository.dirty = process.first_line "git status --porcelain --untracked-files=no" ~= nil end
  return repository
end

-- Strings, numbers and booleans by name: host, pid, cpu, threads, commit, dirty, setlab,
-- compiler, flags, and what the engine's facts add (instruction_set).
function M.facts()
  local facts = { host = fs.host(), pid = fs.pid(), commit = git().commit, dirty = git().dirty }
  local system = M.optional "lab.c.system"
  if system then
    facts.cpu, facts.threads = (system.cpu()), (system.threads())
    facts.setlab, facts.compiler, facts.flags = system.version, system.compiler, system.flags
  end
  for name, value in pairs(M.optional "lab.run.facts" or {}) do
    local kind = type(value)
    if type(name) == "string" and (kind == "string" or kind == "number" or kind == "boolean") then facts[name] = value end
  end
  return facts
end

return M
