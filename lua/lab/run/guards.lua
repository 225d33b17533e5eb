-- guards.lua: the library functions that scripts get in place of Lua's own.
--
-- Those that read from outside note what they read (script/reads.lua). Those whose answer cannot be compared
-- later, such as the time, are refused in a run function: its result would be used again for ever.
-- math.random draws from a stream that the toolkit can keep and change (run/surroundings.lua).
--
-- A guard stands in its library where the function stood, so that keys, which count library functions by
-- name, do not change, and so that modules and loaded chunks meet it too. The toolkit's own modules have
-- globals of their own (libs.c): there the functions stay what they are.

local attempt = require "lab.util.attempt".call
local modules = require "lab.script.modules"
local options = require "lab.util.options"
local random = require "lab.c.random"
local reads = require "lab.script.reads"

local M = {}

-- In a run function: an error that says why, and what to do instead.
local function refuse(what, advice)
  local frame = reads.inside()
  if frame then options.fail(("%s in %s: its answer could not be compared before the result is used again; %s"):format(what, frame.inside, advice)) end
end

local NO_CLOCK = "for elapsed seconds use run.seconds, epoch.seconds or os.clock(), and take a date before lab.runs"
local NO_PROGRAM = "start it before lab.runs, and let the run function use what it printed"

-- Calls a function of Lua's; its errors are those of the script's line.
local function checked(where, native, ...)
  local results = table.pack(attempt(native, ...))
  if not results[1] then options.fail((tostring(results[2]):gsub("^(bad argument #%d+ to) '[^']*'", ("%%1 '%s'"):format(where)))) end
  return table.unpack(results, 2, results.n)
end

-- ---- io ---------------------------------------------------------------------------------

local native_io = { open = io.open, lines = io.lines, input = io.input, output = io.output, read = io.read, popen = io.popen }
local guarded = { io = {}, os = {}, package = {}, _G = {} }

function guarded.io.open(path, mode)
  mode = mode == nil and "r" or tostring(mode)
  if mode:find "^r" or mode:find "%+" and not mode:find "^w" then reads.note_file(path) end
  local file, why, code = checked("io.open", native_io.open, path, mode)
  if not file then return nil, why, code end
  if mode:find "^w" then reads.note_written(path) end
  return file
end

local NO_INPUT = "open the file with io.open"

-- The input that io.read takes was chosen by the same code, or is not known.
local function check_input(what)
  local frame = reads.inside()
  if frame and not frame.input then refuse(what, NO_INPUT) end
end

function guarded.io.lines(path, ...)
  if path == nil then check_input "io.lines without a file" else reads.note_file(path) end
  return checked("io.lines", native_io.lines, path, ...)
end

function guarded.io.input(file)
  if file == nil then check_input "io.input without a file"
  elseif file == io.stdin then refuse("io.input(io.stdin)", NO_INPUT) end
  reads.note_file(file)
  local frame = reads.inside()
  if frame and file ~= nil then frame.input = true end
  return checked("io.input", native_io.input, file)
end

function guarded.io.output(file)
  local result = checked("io.output", native_io.output, file)
  if type(file) == "string" then reads.note_written(file) end
  return result
end

function guarded.io.read(...)
  check_input "io.read"
  return checked("io.read", native_io.read, ...)
end

function guarded.io.popen(command, mode)
  if mode ~= "w" then refuse("io.popen", NO_PROGRAM) end
  if type(command) == "string" then reads.note_program(command) end
  return checked("io.popen", native_io.popen, command, mode)
end

-- Standard input is a file that any code can name; its methods are those of all files.
local function guard_stdin()
  local methods = debug.getmetatable(io.stdin).__index
  for _, name in ipairs { "read", "lines" } do
    local native = methods[name]
    methods[name] = function(file, ...)
      if file == io.stdin then refuse("io.stdin:" .. name, NO_INPUT) end
      return native(file, ...)
    end
  end
end

-- ---- os ---------------------------------------------------------------------------------

local native_os = { getenv = os.getenv, time = os.time, date = os.date, execute = os.execute, rename = os.rename, tmpname = os.tmpname }

function guarded.os.getenv(name)
  local value = checked("os.getenv", native_os.getenv, name)
  reads.note_environment(name, value)
  return value
end

function guarded.os.time(t)
  if t == nil then refuse("os.time()", NO_CLOCK) end
  return checked("os.time", native_os.time, t)
end

function guarded.os.date(format, t)
  if t == nil then refuse("os.date without a time", NO_CLOCK) end
  return checked("os.date", native_os.date, format, t)
end

function guarded.os.execute(command)
  if type(command) == "string" then reads.note_program(command) end
  return checked("os.execute", native_os.execute, command)
end

function guarded.os.rename(from, to)
  reads.note_renamed(from, to)
  return checked("os.rename", native_os.rename, from, to)
end

function guarded.os.tmpname()
  local name = native_os.tmpname()
  reads.note_written(name)
  return name
end

-- ---- code in files ----------------------------------------------------------------------

local native_loadfile = loadfile
guarded._G.require = modules.require

function guarded._G.loadfile(path, ...)
  if path == nil then check_input "loadfile without a file" else reads.note_file(path) end
  return checked("loadfile", native_loadfile, path, ...)
end

function guarded._G.dofile(path)
  if path == nil then check_input "dofile without a file" else reads.note_file(path) end
  local chunk, why = checked("dofile", native_loadfile, path)
  if not chunk then options.fail(why) end
  return chunk()
end

-- Which of many files is there: `require` notes that, and so does io.open.
function guarded.package.searchpath(...)
  refuse("package.searchpath", "use require, or io.open")
  return checked("package.searchpath", package.searchpath, ...)
end

-- ---- the toolkit's own words ------------------------------------------------------------

-- Why a file was not found, when it is in the script's folder.
local function hint(path)
  local script = require "lab.script.current".script
  local folder = script and script.path:match "^(.*)/[^/]*$"
  local fs = require "lab.c.fs"
  if type(path) ~= "string" or path:find "^/" or not folder or fs.stat(path) or not fs.stat(folder .. "/" .. path) then return "" end
  return (" (paths are relative to the current folder: there is %s/%s, so write that, or start setlab in %s)"):format(folder, path, folder)
end

-- Paths, or arrays of them, in the first two arguments; the second one may be something else.
local function note_paths(first, second)
  for _, path in ipairs(type(first) == "table" and first or { first }) do reads.note_file(path) end
  if type(second) == "string" and require "lab.c.fs".stat(second) then reads.note_file(second) end
end

local function answer(path, ok, why, ...)
  if not ok and type(why) == "string" then return ok, why .. hint(path) end
  return ok, why, ...
end

-- Readers of data, and of nets: their files count like those that the script opens itself. A run's own
-- checkpoint does not: it is opened without this (run/resume.lua).
local function guard_readers()
  local data, checkpoint, saved_net = require "lab.c.data", require "lab.c.checkpoint", require "lab.net.saved_net"
  for name, read in pairs(data) do
    if name:find "^read_" then
      data[name] = function(first, second, ...)
        note_paths(first, second)
        return answer(type(first) == "string" and first, read(first, second, ...))
      end
    end
  end
  local open, write = saved_net.open, checkpoint.write
  saved_net.open = function(path)
    reads.note_file(path)
    return answer(path, open(path))
  end
  checkpoint.write = function(path, ...)
    reads.note_written(path)
    return write(path, ...)
  end
end

-- ---- installation -----------------------------------------------------------------------

-- Puts the guards into the libraries, once; the toolkit keeps Lua's own functions.
function M.install()
  if M.installed then return end
  M.installed = true
  for library, functions in pairs(guarded) do
    local place = _G[library]
    local kept = library == "_G" and _ENV or setmetatable({}, { __index = place, __newindex = place })
    if library ~= "_G" then rawset(_ENV, library, kept) end
    for name, guard in pairs(functions) do
      rawset(kept, name, place[name])
      place[name] = guard
    end
  end
  math.random, math.randomseed = random.random, random.randomseed
  guard_stdin()
  guard_readers()
end

return M
