-- arguments.lua: the words after a command's name, taken apart and checked.
--
-- A command states its flags in one table; the parser and the OPTIONS part of its help
-- both read that table, so they cannot disagree. What a user typed wrong is raised as a
-- usage error: a value that prints as a sentence and that lab.cli turns into status 2.

local number = require "lab.util.number"
local options = require "lab.util.options"

local M = {}

local usage = { __tostring = function(e) return e.message end }

-- Raises a usage error. `where` is the command ("setlab run"), named in the message.
function M.fail(where, message)
  error(setmetatable({ where = where, message = message }, usage), 0)
end

-- True for a value raised by M.fail; `is_help` for a request for help.
function M.is_usage(e) return getmetatable(e) == usage end
function M.is_help(e) return getmetatable(e) == usage and e.help == true end

local function option_name(key) return "--" .. key:gsub("_", "-") end

-- "--output" or "-o" -> its key and rule, or nil.
local function find(flags, text)
  for key, rule in pairs(flags) do
    if text == option_name(key) or (rule.short and text == "-" .. rule.short) then return key, rule end
  end
end

local function unknown(where, flags, text)
  local names = { "--help" }
  for key, rule in pairs(flags) do if not rule.hidden then names[#names + 1] = option_name(key) end end
  table.sort(names)
  M.fail(where, ("unknown option '%s'%s"):format(text, options.suggestion(text, names)))
end

-- The text of a value as what its rule wants: a number, an integer, one of the choices.
local function convert(where, name, rule, text)
  if rule.choices then
    for _, choice in ipairs(rule.choices) do if choice == text then return text end end
    M.fail(where, ("%s has no choice '%s'%s"):format(name, text, options.suggestion(text, rule.choices)))
  end
  if rule.kind ~= "number" and rule.kind ~= "integer" then return text end
  local value = number.typed(text)
  if value and rule.kind == "integer" then value = options.whole(value) end
  if not value or value ~= value or math.abs(value) == math.huge then
    M.fail(where, ("%s wants %s, not '%s'"):format(name, rule.kind == "integer" and "a whole number" or "a number", text))
  end
  if rule.min and value < rule.min then M.fail(where, ("%s is %s, must be at least %s"):format(name, text, rule.min)) end
  if rule.max and value > rule.max then M.fail(where, ("%s is %s, must be at most %s"):format(name, text, rule.max)) end
  return value
end

-- "-qo DIR" and "-oDIR" as separate words; everything else as it is.
local function split_short(flags, word)
  local words, rest = {}, word:sub(2)
  while rest ~= "" do
    local letter = rest:sub(1, 1)
    local _, rule = find(flags, "-" .. letter)
    words[#words + 1] = "-" .. letter
    rest = rest:sub(2)
    if rule and rule.value and rest ~= "" then
      words[#words + 1] = (rest:gsub("^=", ""))
      break
    end
  end
  return words
end

local function take_flag(where, spec, state, word)
  local name, text = word:match("^(%-%-[^=]+)=(.*)$")
  name = name or word
  if name == "--help" or name == "-h" then error(setmetatable({ where = where, help = true, message = "help" }, usage), 0) end
  local key, rule = find(spec.flags, name)
  if not key then unknown(where, spec.flags, name) end
  if not rule.value then
    if text then M.fail(where, ("%s takes no value"):format(name)) end
    state.opts[key] = true
    return
  end
  if not text then
    text = table.remove(state.words, 1)
    if not text then M.fail(where, ("%s wants a value: %s %s"):format(name, name, rule.value)) end
  end
  local value = convert(where, name, rule, text)
  if rule.repeated then
    state.opts[key] = state.opts[key] or {}
    table.insert(state.opts[key], value)
  else state.opts[key] = value end
end

-- Takes the words apart: returns opts (flag key -> value, defaults filled in) and the
-- array of positional words. `spec` is { words, flags = { ... } } with
--   flags      key -> { short = "o", value = "DIR" (nil: a switch), kind = "integer",
--              choices = { ... }, min =, max =, default =, repeated = true, help = "..." };
--              key `dry_run` is written --dry-run
--   overrides  true: words like name=value are collected in opts.overrides
--   stop_early true: the first positional word ends the flags
-- A lone "--" ends the flags. `--help` and `-h` are understood everywhere.
function M.parse(where, spec)
  spec.flags = spec.flags or {}
  local state = { opts = {}, words = table.move(spec[1], 1, #spec[1], 1, {}) }
  local rest, flags_over = {}, false
  if spec.overrides then state.opts.overrides = {} end
  while #state.words > 0 do
    local word = table.remove(state.words, 1)
    local name, value = word:match("^([%a_][%w_]*)=(.*)$")
    if flags_over or word == "-" then rest[#rest + 1] = word
    elseif word == "--" then flags_over = true
    elseif word:sub(1, 2) == "--" then take_flag(where, spec, state, word)
    elseif word:sub(1, 1) == "-" then
      local words = split_short(spec.flags, word)
      table.move(state.words, 1, #state.words, #words + 1, words)
      state.words = words
      take_flag(where, spec, state, table.remove(state.words, 1))
    elseif spec.overrides and name then state.opts.overrides[name] = value
    else
      rest[#rest + 1] = word
      flags_over = spec.stop_early
    end
  end
  for key, rule in pairs(spec.flags) do
    if state.opts[key] == nil then state.opts[key] = rule.default end
  end
  return state.opts, rest
end

-- `text` broken into lines of at most `width` characters, each after `indent` spaces.
local function wrapped(text, indent, width)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if line ~= "" and #line + 1 + #word > width - indent then
      lines[#lines + 1], line = (" "):rep(indent) .. line, ""
    end
    line = line == "" and word or line .. " " .. word
  end
  lines[#lines + 1] = (" "):rep(indent) .. line
  return table.concat(lines, "\n")
end

-- The OPTIONS part of a help text, from the flags' own `help`.
function M.describe(flags)
  local parts = {}
  for _, key in ipairs(options.sorted_keys(flags)) do
    local rule = flags[key]
    local head = (rule.short and "-" .. rule.short .. ", " or "") .. option_name(key) .. (rule.value and "=" .. rule.value or "")
    parts[#parts + 1] = "       " .. head .. "\n" .. wrapped(rule.help or "", 11, 79)
  end
  parts[#parts + 1] = "       -h, --help\n           Print this text."
  return table.concat(parts, "\n\n")
end

return M
