-- bytecode.lua: what a function says, apart from where it stands.
--
-- A run is known by its code. The text of a script will not do: a comment would make
-- every run a new one. string.dump(f, true) comes close, but Lua 5.4 keeps in it the lines
-- where functions begin and end, and the places of the outermost function's upvalues among
-- the locals of the script around it; both change when something above is edited. So the
-- dump is walked (ldump.c) and rewritten without lines, source, debug information and
-- those places. A function inside keeps its upvalues' places: they are its wiring to the
-- function around it.
--
-- The format: a header, the number of upvalues, then the main function:
--   source, line, last line, 3 bytes (parameters, vararg, stack), code, constants,
--   upvalues (3 bytes each), functions inside, debug information.
-- Sizes are big-endian in groups of 7 bits, the last marked by its high bit; a text is its
-- size plus one, then its bytes; size 0 is no text.

--
-- On the way is noted what the code does with each upvalue of the outermost function: which
-- of its fields it reads by a constant name (P.epochs), or that it does something else with
-- it (hands it on, reads P[name]), so that any field may be read.

local M = {}

-- Signature, version 5.4, format 0, the bytes that detect text-mode transfer; then the
-- sizes and forms of instruction, integer and float on this machine.
local HEADER = "\27Lua\x54\0\x19\x93\r\n\x1a\n"
local FORMS = string.pack("=BBBi8d", 4, 8, 8, 0x5678, 370.5)

-- Bytes that follow a constant's tag; texts are read apart.
local CONSTANT_BYTES = { [0x00] = 0, [0x01] = 0, [0x11] = 0, [0x03] = 8, [0x13] = 8 }
local TEXT_TAGS = { [0x04] = true, [0x14] = true }

local function unknown(why)
  error(("this Lua (%s) writes its bytecode in a form that setlab does not know (%s); runs cannot be recognised by their code"):format(_VERSION, why), 0)
end

local function take(state, n)
  local from = state.at
  if from + n - 1 > #state.dump then unknown "it ends too early" end
  state.at = from + n
  return state.dump:sub(from, from + n - 1)
end

local function size(state)
  local n = 0
  for _ = 1, 9 do
    local byte = take(state, 1):byte()
    n = n << 7 | byte & 0x7f
    if byte & 0x80 ~= 0 then return n end
  end
  unknown "a size has no end"
end

-- How many of something follow: at least a byte each.
local function count(state)
  local n = size(state)
  if n > #state.dump then unknown "a size beyond its end" end
  return n
end

local function text(state)
  local n = count(state)
  return n > 0 and take(state, n - 1) or nil
end

local function emit(state, ...)
  for i = 1, select("#", ...) do state.out[#state.out + 1] = (select(i, ...)) end
end

-- Reads the constants; returns those that are texts, by their number from 0.
local function constants(state)
  local n, texts = count(state), {}
  emit(state, "K", n, ";")
  for i = 1, n do
    local tag = take(state, 1):byte()
    if TEXT_TAGS[tag] then
      local s = text(state) or unknown "a constant has no text"
      state.strings[s], texts[i - 1] = true, s
      emit(state, "s", #s, ":", s)
    else
      emit(state, "c", tag, ":", take(state, CONSTANT_BYTES[tag] or unknown("constant of type " .. tag)))
    end
  end
  return texts
end

-- Instructions that touch upvalue B (lopcodes.h of 5.4: 7 bits of opcode, then A in 8, k in
-- 1, B and C in 8 each). GETTABUP reads the field K[C]; the others may do anything.
local GETUPVAL, SETUPVAL, GETTABUP, SETTABUP = 9, 10, 11, 15

-- Notes the uses of the outermost function's upvalues in the code of one function.
--   outer  this function's upvalue, from 0 -> the outermost function's, from 1, or nil
local function note_uses(state, code, texts, outer)
  for i = 1, #code, 4 do
    local instruction = string.unpack("=I4", code, i)
    local op, b = instruction & 0x7f, instruction >> 16 & 0xff
    if op == SETTABUP then b = instruction >> 7 & 0xff end
    local of = (op == GETUPVAL or op == SETUPVAL or op == GETTABUP or op == SETTABUP) and outer[b]
    if of then
      local use = state.uses[of] or { fields = {} }
      local field = op == GETTABUP and texts[instruction >> 24]
      if field then use.fields[field] = true else use.other = true end
      state.uses[of] = use
    end
  end
end

local function skip_debug(state)
  take(state, count(state))                                       -- line of each instruction
  for _ = 1, count(state) do size(state) size(state) end           -- absolute lines
  for _ = 1, count(state) do text(state) size(state) size(state) end -- locals
  for _ = 1, count(state) do text(state) end                       -- names of upvalues
end

-- Upvalues of a function inside: those that are the outermost's too.
local function pass_on(outer, places, n)
  local inner = {}
  for i = 0, n - 1 do
    local in_stack, place = places:byte(3 * i + 1, 3 * i + 2)
    if in_stack == 0 then inner[i] = outer[place] end
  end
  return inner
end

local function walk(state, around)
  text(state)                                     -- source
  size(state) size(state)                         -- first and last line
  emit(state, "F", take(state, 3))
  local n = count(state)
  local code = take(state, 4 * n)
  emit(state, "I", n, ";", code)
  local texts = constants(state)
  n = count(state)
  local places, outer = take(state, 3 * n), {}
  if around then outer = pass_on(around, places, n) else for i = 0, n - 1 do outer[i] = i + 1 end end
  emit(state, "U", n, ";", around and places or "")
  note_uses(state, code, texts, outer)
  n = count(state)
  emit(state, "P", n, ";")
  for _ = 1, n do walk(state, outer) end
  skip_debug(state)
end

-- A dump rewritten: the canonical text; its string constants (those of the functions inside
-- too) as a set; and for each upvalue that is used { fields = set of the names read, other =
-- true if it is used in another way }. Raises if the format is not the one above.
function M.canonical(dump)
  if dump:sub(1, #HEADER) ~= HEADER then unknown "another version" end
  local state = { dump = dump, at = #HEADER + 1, out = {}, strings = {}, uses = {} }
  if take(state, #FORMS) ~= FORMS then unknown "other sizes of numbers" end
  take(state, 1)                                  -- number of upvalues, again below
  walk(state, nil)
  if state.at ~= #dump + 1 then unknown "it goes on after its end" end
  return table.concat(state.out), state.strings, state.uses
end

-- The same of a function; nil if it is written in C.
function M.of(f)
  if debug.getinfo(f, "S").what == "C" then return nil end
  return M.canonical(string.dump(f, true))
end

return M
