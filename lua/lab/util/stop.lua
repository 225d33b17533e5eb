-- stop.lua: what ends a script that is no error of its own, and that it cannot catch.
--
-- Ctrl-C, the pause of a run, os.exit, a disk that is full: each is raised like an error, wherever
-- the script happens to be, but a pcall in it must not make a finished run of a stopped one. So a
-- script has protected calls that let stops pass (lab.c.stop), and who carries it out asks afterwards
-- whether a stop was raised, in case it was lost on another road (M.watch). A stop is known
-- by what it is (M.kind), not by its text, which any error may have.

local core = require "lab.c.stop"

local M = {}

-- Lua's own, whatever the globals are by now. Who uses them raises a stop again, after tidying up, or
-- has dealt with it and says so: M.forget().
local own_pcall, own_xpcall = pcall, xpcall
function M.catch(f, ...) return own_pcall(f, ...) end
function M.catch_with(f, handler, ...) return own_xpcall(f, handler, ...) end

-- "interrupt", "pause", "exit", "disk", "enough"; nil if the error is no stop.
function M.kind(err) return core.kind(err) end

function M.is_interrupt(err) return core.kind(err) == "interrupt" end

-- Ends the script: { kind =, message =, and what its maker wants to know again }, or a stop that was caught.
function M.raise(stop) core.raise(stop) end

-- The last stop has been dealt with: what follows is not ended by it.
function M.forget() core.forget() end

-- ---- carrying out -----------------------------------------------------------------------

local mark  -- how many stops had been raised when the innermost watch began; nil: none is watched

-- Calls f(...) as catch does. If a stop was raised meanwhile, it is the error, whatever f made of it.
function M.watch(f, ...)
  local before = mark
  mark = core.count()
  local results = table.pack(own_pcall(f, ...))
  local stop = core.since(mark)
  mark = before
  if stop then return false, stop end
  return table.unpack(results, 1, results.n)
end

-- Raises once more a stop that the script under way has swallowed. For what it calls again and again.
function M.check()
  local stop = mark and core.since(mark)
  if stop then core.raise(stop) end
end

-- ---- a script's words -------------------------------------------------------------------

-- The status that os.exit(code) asks for.
local function status_of(code)
  if code == nil or code == true then return 0 end
  if code == false then return 1 end
  local status = math.tointeger(code)
  if status then return status end
  error(("bad argument #1 to 'exit' (a whole number, true or false expected, got %s)"):format(type(code)), 3)
end

-- os.exit of a script: as Lua's own, but what is under way ends tidily. A second argument makes no difference:
-- the state is closed in any case.
local function exit(code)
  local status = status_of(code)
  local where = debug.getinfo(2, "Sl")
  local place = where and where.currentline > 0 and ("%s:%d: "):format(where.short_src, where.currentline) or ""
  core.raise { kind = "exit", status = status, message = ("%sthe script ended with os.exit(%s)"):format(place, code == nil and "" or tostring(code)) }
end

local libraries = { _G = _G, coroutine = coroutine, os = os }

-- The globals become those of a script. Returns a function that brings back what was there.
-- The functions have their places in Lua's libraries, because keys know library functions by name.
function M.enter()
  local before = {}
  local function put(library, name, f)
    before[#before + 1] = { library, name, library[name] }
    library[name] = f
  end
  for library, words in pairs(core.words) do
    for name, f in pairs(words) do put(libraries[library], name, f) end
  end
  put(os, "exit", exit)
  return function() for _, b in ipairs(before) do b[1][b[2]] = b[3] end end
end

return M
