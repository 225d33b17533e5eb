-- prompt.lua: `setlab` alone: a prompt on a terminal, else a script on standard input.
--
-- Every line is a chunk of its own, so a `local` would be gone by the next one; at the
-- prompt it makes a name that stays, and lines copied from a script work as they are.

local complete = require "lab.cli.complete"
local options = require "lab.util.options"
local fs = require "lab.c.fs"
local pretty = require "lab.cli.pretty"
local output = require "lab.util.output"
local progress = require "lab.util.progress"
local session = require "lab.script.session"
local shared = require "lab.command.flags"
local stop = require "lab.util.stop"
local strict = require "lab.script.strict"
local system = require "lab.c.system"

local M = {}

-- `local x <const> = 1` -> `x = 1`; other lines as they are.
function M.without_local(text)
  local name = text:match("^%s*local%s+function%s+()")
  if name then return "function " .. text:sub(name) end
  local names, rest = text:match("^%s*local%s+([%w_%s,<>]-)%s*(=[^=].*)$")
  if not names then
    names = text:match("^%s*local%s+([%w_%s,<>]-)%s*;?%s*$")
    rest = "= nil"
  end
  if not names or not names:gsub("<%s*%a+%s*>", ""):match("^[%a_][%w_]*[%w_%s,]*$") then return text end
  return names:gsub("%s*<%s*%a+%s*>", "") .. " " .. rest
end

local function is_incomplete(why) return why:sub(-5) == "<eof>" end

-- Compiles what was typed: as an expression if it is one. Returns the chunk, or nil and
-- the message; a message that ends in <eof> means that more has to come.
function M.compile(text, environment)
  local chunk = load("return " .. text, "=prompt", "t", environment)
  if chunk then return chunk end
  return load(M.without_local(text), "=prompt", "t", environment)
end

-- Several lines as one that means the same and can be called back and changed; nil if it is one already, or a comment or a long
-- text is in it.
function M.on_one_line(text)
  if not text:find "\n" or text:find "%-%-" or text:find "%[=*%[" or text:find "\\\n" then return nil end
  return (text:gsub("%s*\n%s*", " "))
end

-- Reads a line and those that continue it. Returns a chunk; nil and a message for what is
-- no Lua; nil at the end; false when Ctrl-C gave it up.
local function read_chunk(editor, environment)
  local text
  while true do
    local line, given_up = editor:read(text and ">> " or "> ")
    if not line then
      io.write(given_up and "^C\n" or "\n")
      if given_up or text then return false end
      return nil
    end
    if line:match("%S") then editor:remember(line) end
    local word = not text and line:match "^%s*%?%s*([%w_.:]*)%s*$"
    if word then return function() M.help(word ~= "" and word or nil) end end
    text = text and text .. "\n" .. line or line:gsub("^%s*=", "")
    local chunk, why = M.compile(text, environment)
    if chunk then
      local whole = M.on_one_line(text)
      if whole then editor:remember(whole) end
      return chunk
    end
    if not is_incomplete(why) then return nil, why end
  end
end

-- Runs a chunk and prints its values. No error gets out, only os.exit; Ctrl-C ends only the chunk.
local function evaluate(chunk, environment)
  output.window = { columns = math.max(40, math.min(100, system.width(1) or 80)), lines = 22 }   -- the window may have changed
  system.forget_interrupt()
  local results = table.pack(stop.watch(chunk))
  progress.finish { status = session.status(results[1], results[2]) }
  if not results[1] then
    local kind = stop.kind(results[2])
    if kind == "exit" then error(results[2], 0) end
    io.stderr:write(kind == "interrupt" and "interrupted" or strict.message(results[2]), "\n")
  elseif results.n > 1 then
    local texts = {}
    for i = 2, results.n do texts[i - 1] = pretty.show(results[i]) end
    print(table.concat(texts, "\t"))
    environment._ = results[2]
  end
end

-- Where the history is kept, its folder made; nil if that is not possible.
local function history_path()
  local home = os.getenv "HOME"
  local state = os.getenv "XDG_STATE_HOME"
  if not state or state:sub(1, 1) ~= "/" then state = home and home .. "/.local/state" end
  if not state or not fs.mkdirs(state .. "/setlab") then return nil end
  return state .. "/setlab/history"
end

-- help() prints the words, help "lab.set" the manual of one; the word itself will do: help(lab.set). Raises
-- at a name that is none.
function M.help(what)
  local manual, word_help = require "lab.util.manual", require "lab.cli.word_help"
  local name = what == nil and "lab" or what
  if type(what) ~= "string" then manual.walk(function(word, value) if value == what then name = word end end) end
  local text = type(name) == "string" and word_help.text(name)
  local near = not text and options.nearest(tostring(name), word_help.names())
  if not text then options.fail(("help: there is no word '%s'%s"):format(tostring(name), near and (" (did you mean '%s'?)"):format(near) or ": help() lists them")) end
  print(text)
end

local function converse()
  stop.enter()
  local environment = strict.environment { open = true, names = { lab = require "lab", help = M.help, _ = false } }
  local editor <close> = require "lab.c.prompt".open(function(text) return complete.complete(text, environment) end)
  local history = history_path()
  if history then editor:load(history) end
  print("setlab " .. system.version .. ", Lua 5.4 with 'lab' loaded. An expression prints its value; help() lists the words, ?lab.mlp explains one, Tab completes, Ctrl-D leaves.")
  while true do
    local chunk, why = read_chunk(editor, environment)
    if chunk then evaluate(chunk, environment)
    elseif why then io.stderr:write(why, "\n")
    elseif chunk == nil then break end
    if history then editor:save(history) end
  end
  return 0
end

-- `piped`: standard input is a script even if it is a terminal (setlab -).
function M.main(piped)
  shared.prepare { progress = "auto" }
  if not piped and system.isatty(0) then return converse() end
  session.run("stdin", (io.read("a"):gsub("^#[^\n]*", "")))
  return 0
end

return M
