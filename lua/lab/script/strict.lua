-- strict.lua: the world a script lives in, and how its errors are told.
--
-- A script sees the standard libraries and nothing else: reading a name that nobody
-- declared, or writing any global, is an error at the script's line, with the nearest
-- known name. A misspelt variable is then found by the first run, not by the reviewer.

local attempt = require "lab.util.attempt".call
local names = require "lab.script.names"
local options = require "lab.util.options"
local progress = require "lab.util.progress"

local M = {}

local function unknown_global(base, name)
  name = tostring(name)
  if name == "lab" then options.fail("'lab' is not declared: begin the script with  local lab = require \"lab\"") end
  local names = options.sorted_keys(base)
  local near = options.nearest(name, names)
  options.fail(("'%s' is not declared%s"):format(name, near and (" (did you mean '%s'?)"):format(near) or ""))
end

-- A script's print: the progress line makes room for what is printed.
local function polite_print(...)
  progress.clear()
  print(...)
end

-- A new environment for load(text, "@" .. path, "t", environment). given.names adds
-- to what is known; with given.open globals may be written, as at the prompt.
function M.environment(given)
  local base, environment = {}, {}
  for name, value in pairs(_G) do base[name] = value end
  base._G, base.print = environment, polite_print
  for name, value in pairs(given and given.names or {}) do base[name] = value end
  -- Code that a script loads lives under the same rules, unless it is given its own world.
  base.load = names.stand_in(function(chunk, name, mode, ...)
    if select("#", ...) > 0 then return load(chunk, name, mode, ...) end
    return load(chunk, name, mode, environment)
  end, "_G.load")
  base.loadfile = names.stand_in(function(path, mode, ...)
    if select("#", ...) > 0 then return _G.loadfile(path, mode, ...) end
    return _G.loadfile(path, mode, environment)
  end, "_G.loadfile")
  base.dofile = names.stand_in(function(path)
    local chunk, why = _G.loadfile(path, nil, environment)
    if not chunk then options.fail(why) end
    return chunk()
  end, "_G.dofile")
  return setmetatable(environment, {
    __metatable = "the environment of scripts is fixed",
    __index = function(_, name)
      local value = base[name]
      if value == nil then unknown_global(base, name) end
      return value
    end,
    __newindex = function(_, name, value)
      if given and given.open then
        base[name] = value
        return
      end
      options.fail(("'%s' would become a global: write  local %s = ...  first"):format(tostring(name), tostring(name)))
    end,
    __pairs = function() return next, base, nil end,
  })
end

-- The n-th line of a text, or nil.
local function line_of(text, n)
  local i = 0
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do
    i = i + 1
    if i == n then return line end
  end
end

local function read_file(path)
  local file = io.open(path, "rb")
  local text = file and file:read("a")
  if file then file:close() end
  return text
end

-- Splits "file:12: words" into file, 12, words; nil if the message names no line. Lua
-- shortens long file names to "...end/of/name.lua"; `name` gives the whole one back.
function M.split(message, name)
  local file, line, words = message:match("^([^\n]-):(%d+): (.*)$")
  if not file then return nil end
  local tail = file:match("^%.%.%.(.+)$")
  if tail and name and name:sub(-#tail) == tail then file = name end
  return file, math.tointeger(tonumber(line)), words
end

-- What a script raised, in words: a table's address would tell a reader nothing.
function M.words(err)
  local meta = debug.getmetatable(err)
  if type(err) == "string" or type(err) == "number" then return tostring(err) end
  if meta and rawget(meta, "__tostring") then
    local ok, text = attempt(tostring, err)
    return ok and text or ("the script raised an error whose __tostring fails: %s"):format(type(text) == "string" and text or type(text))
  end
  return ("the script raised an error that is not a message but a %s value"):format(type(err))
end

-- An error as a reader wants it: "file:line: message" and, below it, the line's source.
--   script_text, script_name  what was run; without them the file named is read
function M.message(err, script_text, script_name)
  local message = M.words(err)
  local file, line, words = M.split(message, script_name)
  if not file then return message end
  local text = (file == script_name or not script_name) and script_text or read_file(file)
  local source = text and line_of(text, line)
  local told = ("%s:%d: %s"):format(file, line, words)
  if not source or source:match("^%s*$") then return told end
  return ("%s\n%6d | %s"):format(told, line, source)
end

return M
