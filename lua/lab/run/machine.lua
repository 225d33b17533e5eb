-- machine.lua: with what and on what results are computed, as strings and numbers by name.
--
-- They go into a run's meta.yaml and a page's footer. None of them decides a result; it is what a reader wants
-- to know when two results differ. What costs a child process (gnuplot, terminals) is found out when it is first
-- asked for, and is not among the pairs of the table; nor are its functions: of_run and caches.

local bytes = require "lab.util.bytes"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local process = require "lab.util.process"
local system = require "lab.c.system"

local M = {}

local os_name, release, architecture, host = system.machine()
M.setlab, M.compiler, M.flags = system.version, system.compiler, system.flags
M.system, M.host = ("%s %s %s"):format(os_name, release, architecture), host
M.cpu = system.cpu() or architecture
M.cores, M.processors = system.cores()
M.memory_mib = math.floor((system.memory()) + 0.5)
M.blas_threading = system.blas_threading()
for name, version in pairs(system.libraries()) do M[name] = version end

-- The kernels that nets use here: "avx512", "avx2" or "portable".
if package.preload["lab.c.net"] then M.instruction_set = require "lab.c.net".fastest() end

local function terminals()
  local found = {}
  for _, name in ipairs { "svg", "pngcairo", "gif" } do
    if process.succeeds { "gnuplot", "-d", "-e", "set terminal " .. name } then found[#found + 1] = name end
  end
  return table.concat(found, " ")
end

-- The program's own file, in twelve hexadecimal digits; where it cannot be read, its version.
local function build()
  local text = fs.read_file "/proc/self/exe"
  return hash.xxh128(text or table.concat({ system.version, system.compiler, system.flags }, "\0")):sub(1, 12)
end

-- name -> how it is found out: false where there is none.
local asked = {
  threads = function() return (system.threads()) end,
  build = build,
  gnuplot = function() return (process.first_line "gnuplot --version" or ""):match "^gnuplot (.+)$" or false end,
  gnuplot_terminals = terminals,
  git = function() return (process.first_line "git --version" or ""):match "%d[%d%.]*" or false end,
}

-- ---- what is more than a fact ------------------------------------------------------------

local methods = {}

local repository -- { commit, dirty } of the current directory, asked once

local function git()
  if repository then return repository end
  repository = {}
  repository.commit = process.first_line "git rev-parse HEAD"
  if repository.commit then repository.dirty = process.first_line "git status --porcelain --untracked-files=no" ~= nil end
  return repository
end

-- What a run's meta.yaml says of where and by what it was computed: all facts, with the process, its threads, and
-- commit and dirty of the current directory.
function methods.of_run()
  local found = { pid = fs.pid(), threads = system.threads(), commit = git().commit, dirty = git().dirty }
  for name, value in pairs(M) do found[name] = value end
  found.host, found.cpu = fs.host(), (system.cpu())
  return found
end

-- The data caches of the first processor, as sysfs says: array of { level =, size = "32K", bytes = }, nearest
-- first; empty where the system does not say.
function methods.caches()
  local caches = {}
  for index = 0, 9 do
    local function field(name)
      local file = io.open(("/sys/devices/system/cpu/cpu0/cache/index%d/%s"):format(index, name))
      local text = file and file:read("l")
      if file then file:close() end
      return text
    end
    local level, size = math.tointeger(tonumber(field "level")), bytes.read(field "size" or "")
    if level and size and field "type" ~= "Instruction" then
      caches[#caches + 1] = { level = level, size = field "size", bytes = size }
    end
  end
  return caches
end

local answers = {}

return setmetatable(M, {
  __index = function(_, name)
    if methods[name] then return methods[name] end
    if not asked[name] then return nil end
    if name == "threads" then return asked.threads() end  -- may change at any time
    if answers[name] == nil then answers[name] = asked[name]() end
    return answers[name] or nil
  end,
})
