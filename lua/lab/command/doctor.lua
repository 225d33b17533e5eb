-- doctor.lua: `setlab doctor`: is everything there that a page needs?

local arguments = require "lab.util.arguments"
local facts = require "lab.run.machine"
local shared = require "lab.command.flags"

local M = { name = "doctor", summary = "say what this program and machine have, and what is missing" }

local flags = { runs = shared.flags.runs }

M.help = [[
NAME
       setlab doctor - say what this program and machine have, and what is missing

SYNOPSIS
       setlab doctor [OPTIONS]

DESCRIPTION
       Prints one line for each thing that training or a page needs. A line begins with

       ok        it is there
       missing   it is needed, and the next line says what to do
       without   it is not there, and only some scripts need it

       Looked at are the build and its libraries, MPI, the processor with its caches and the
       instruction set that the kernels use, threads, memory, gnuplot with its terminals,
       git, the known data sets, and whether the folder of runs can be written.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if nothing that is needed is missing, else 1.

EXAMPLES
       setlab doctor]]

-- "L1 32K, L2 1024K, L3 32768K", or nil.
local function caches()
  local sizes = {}
  for i, cache in ipairs(facts.caches()) do sizes[i] = ("L%d %s"):format(cache.level, cache.size) end
  return #sizes > 0 and table.concat(sizes, ", ") or nil
end

local function program(say)
  say("ok", "setlab", ("%s, built by %s with %s"):format(facts.setlab, facts.compiler, facts.flags))
  say("ok", "libraries", ("Lua %s, libplfit %s, md4c %s, libzip %s, zlib %s, libyaml %s, xxhash %s"):format(
    facts.lua:gsub("^Lua ", ""), facts.plfit, facts.md4c, facts.libzip, facts.zlib, facts.libyaml, facts.xxhash))
  if facts.blas_threading == "openmp" then say("ok", "dense products", facts.openblas)
  else
    say("without", "dense products", ("%s: its threads (%s) are not those of the kernels, and the two get in each other's way"):format(
      facts.openblas, facts.blas_threading), "install the OpenMP build, libopenblas-openmp-dev on Debian, and build again")
  end
end

local function ranks(say)
  local library = require "lab.c.ranks".library()
  say(library and "ok" or "without", "MPI", library or "not built in: one process trains a network",
    "for training by several processes or machines (mpirun setlab run), install MPI, libopenmpi-dev on Debian, and build again")
end

local function machine(say)
  local _, available = require "lab.c.system".memory()
  say("ok", "processor", ("%s, %d cores, %d processors"):format(facts.cpu, facts.cores, facts.processors))
  say("ok", "caches", caches() or "unknown")
  if facts.instruction_set then say("ok", "kernels", facts.instruction_set) end
  say("ok", "threads", tostring(facts.threads))
  say(available >= 256 and "ok" or "missing", "memory", ("%d MiB, %.0f MiB free"):format(facts.memory_mib, available),
    "training wants some 100 MiB; end other programs")
end

local function tools(say)
  local install = "install gnuplot (gnuplot-nox on Debian); until then pages show tables in place of figures"
  local terminals = facts.gnuplot and facts.gnuplot_terminals or ""
  local lacks = {}
  for _, name in ipairs { "svg", "pngcairo", "gif" } do
    if not terminals:find(name, 1, true) then lacks[#lacks + 1] = name end
  end
  if not facts.gnuplot then say("missing", "gnuplot", "not found", install)
  elseif #lacks > 0 then say("missing", "gnuplot", facts.gnuplot .. " lacks the terminal " .. table.concat(lacks, ", "), install)
  else say("ok", "gnuplot", ("%s, terminals %s"):format(facts.gnuplot, terminals)) end
  say(facts.git and "ok" or "without", "git", facts.git or "not found", "install git, and pages name the commit they came from")
end

local function data_sets(say)
  local data = require "lab.data"
  for _, name in ipairs(data.known) do
    local place, places = data.search(name)
    local title = "data: " .. name
    if place then say("ok", title, place)
    else
      say(name == "fashion_mnist" and "missing" or "without", title, "not in " .. table.concat(places, ", "),
        "'make data' fetches it; SETLAB_DATA names another folder")
    end
  end
end

-- Writes a file where runs will be written, and takes it away again.
local function run_folder(say, directory)
  local fs = require "lab.c.fs"
  local was_there = fs.stat(directory) ~= nil
  local ok, why = fs.mkdirs(directory)
  if ok then ok, why = fs.write_file(directory .. "/.doctor", "written by setlab doctor\n") end
  if ok then fs.remove(directory .. "/.doctor") end
  if not was_there then fs.remove(directory) end  -- succeeds only if it is empty
  local runs = 0
  for _, name in ipairs(was_there and fs.list(directory) or {}) do if name:match "^%x+$" then runs = runs + 1 end end
  say(ok and "ok" or "missing", "folder of runs", ok and ("%s, %d runs in it"):format(directory, runs) or tostring(why),
    "make the folder writable, or name another with --runs=DIR or SETLAB_RUNS")
end

function M.main(words)
  local opts, rest = arguments.parse("setlab doctor", { words, flags = flags })
  if rest[1] then arguments.fail("setlab doctor", ("unexpected word '%s'"):format(rest[1])) end
  shared.set_threads()
  local missing = 0
  local function say(state, what, found, remedy)
    print(("%-8s %-20s %s"):format(state, what, found))
    if state ~= "ok" and remedy then print(("%-8s %-20s -> %s"):format("", "", remedy)) end
    if state == "missing" then missing = missing + 1 end
  end
  program(say)
  ranks(say)
  machine(say)
  tools(say)
  data_sets(say)
  run_folder(say, opts.runs or os.getenv "SETLAB_RUNS" or "runs")
  if missing == 0 then return 0 end
  print(("%d thing%s missing"):format(missing, missing == 1 and " is" or "s are"))
  return 1
end

return M
