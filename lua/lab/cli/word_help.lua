-- word_help.lua: the manual of a word of `lab` as text, from its declaration (manual.lua).

local manual = require "lab.util.manual"
require "lab"   -- whose words the manual is of
local options = require "lab.util.options"
local text_of = require "lab.cli.word_text"

local M = {}

local INDENT = (" "):rep(7)

local wrap, signature, has_rules, put_rules = text_of.wrap, text_of.signature, text_of.has_rules, text_of.rules

local function section(out, title, text)
  if not text then return end
  out[#out + 1] = "\n" .. title
  wrap(out, text, INDENT)
end

-- ---- a call -----------------------------------------------------------------------------

local function put_arguments(out, entry, indent)
  for _, argument in ipairs(entry.arguments or {}) do
    wrap(out, ("%s: %s%s"):format(argument[1], argument[2], argument.optional and "; optional" or ""), indent, indent .. "  ")
    wrap(out, argument[3], indent .. "    ")
  end
  if entry.items then
    wrap(out, entry.items[1], indent)
    wrap(out, entry.items[2], indent .. "    ")
    if entry.items.each then put_rules(out, entry.items.each, indent .. "        ") end
  end
end

local function put_call(out, entry)
  out[#out + 1] = "NAME"
  wrap(out, entry.name .. " - " .. entry.summary, INDENT)
  section(out, "SYNOPSIS", signature(entry))
  section(out, "DESCRIPTION", entry.text)
  if entry.arguments or entry.items then
    out[#out + 1] = "\nARGUMENTS"
    put_arguments(out, entry, INDENT)
  end
  if has_rules(entry.options) then
    out[#out + 1] = "\nOPTIONS"
    put_rules(out, entry.options, INDENT)
  end
  if entry.also then
    out[#out + 1] = ""
    wrap(out, entry.also.text, INDENT)
    put_rules(out, entry.also.options, INDENT)
  end
  section(out, "RETURNS", entry.returns)
  section(out, "ERRORS", entry.raises)
  if entry.example then out[#out + 1] = "\nEXAMPLE\n" .. entry.example:gsub("[^\n]+", INDENT .. "%0") end
  if entry.gives then section(out, "SEE ALSO", ("'setlab help lab.%s'"):format(entry.gives)) end
end

-- ---- objects and groups -----------------------------------------------------------------

local function put_fields(out, fields)
  if not fields then return end
  out[#out + 1] = "\nFIELDS"
  for _, name in ipairs(options.sorted_keys(fields)) do
    wrap(out, name .. ": " .. fields[name], INDENT, INDENT .. "    ")
  end
end

local function put_method(out, call)
  local indent = INDENT .. "    "
  wrap(out, signature(call), INDENT, INDENT .. "  ")
  wrap(out, call.summary:gsub("^%l", string.upper) .. "." .. (call.text and " " .. call.text or ""), indent)
  put_arguments(out, call, indent .. "    ")
  if has_rules(call.options) then put_rules(out, call.options, indent .. "    ") end
  if call.returns then wrap(out, "Returns " .. call.returns, indent) end
  if call.raises then wrap(out, "Raises " .. call.raises, indent) end
end

local function put_object(out, entry)
  out[#out + 1] = #out > 0 and "\nWHAT COMES BACK" or "NAME"
  wrap(out, entry.name .. " - " .. entry.summary, INDENT)
  section(out, "DESCRIPTION", entry.text)
  put_fields(out, entry.fields)
  if entry.methods and next(entry.methods) then
    out[#out + 1] = "\nMETHODS"
    for _, name in ipairs(options.sorted_keys(entry.methods)) do put_method(out, entry.methods[name]) end
  end
end

local function put_list(out, title, names)
  if #names == 0 then return end
  out[#out + 1] = "\n" .. title
  local longest = 0
  for _, item in ipairs(names) do longest = math.max(longest, #item[1]) end
  for _, item in ipairs(names) do out[#out + 1] = ("%s%-" .. longest .. "s  %s"):format(INDENT, item[1], item[2]) end
end

local function put_group(out, entry)
  out[#out + 1] = "NAME"
  wrap(out, entry.name .. " - " .. entry.summary, INDENT)
  section(out, "DESCRIPTION", entry.text)
  local words = {}
  manual.walk(function(name)
    if name:sub(1, #entry.name + 1) == entry.name .. "." then words[#words + 1] = { name, manual.entries[name].summary } end
  end)
  put_list(out, "WORDS", words)
  put_fields(out, entry.fields)
end

local function overview()
  local words, objects, out = {}, {}, {}
  manual.walk(function(name) if not name:find "%..*%." then words[#words + 1] = { name, manual.entries[name].summary } end end)
  for _, name in ipairs(options.sorted_keys(manual.entries)) do
    local entry = manual.entries[name]
    if entry.kind == "object" then objects[#objects + 1] = { "lab." .. name, entry.summary } end
  end
  out[1] = "NAME\n" .. INDENT .. "lab - the words of a script:  local lab = require \"lab\""
  put_list(out, "WORDS", words)
  put_list(out, "WHAT THEY RETURN AND WHAT A RUN FUNCTION IS GIVEN", objects)
  section(out, "ERRORS", "Every word takes one table of named options. A name that is misspelt or unknown, a value of the wrong kind or beyond its "
    .. "limits and an option that is missing raise an error at the script's line, with the nearest known name.")
  section(out, "SEE ALSO", "'setlab help lab.mlp' explains a word, 'setlab help net:epochs' a method.")
  return table.concat(out, "\n")
end

local put = { word = put_call, method = put_call, object = put_object, group = put_group }

-- The names that can be asked for: "lab.data", "lab.dense", ..., "lab.net", "net:epochs".
M.names = manual.names

-- The manual of a word, an object or a method as text, or nil if there is none of that name. "lab" lists the words.
function M.text(name)
  if name == "lab" then return overview() end
  local out = {}
  for _, entry in ipairs(manual.find(name)) do put[entry.kind](out, entry) end
  return #out > 0 and table.concat(out, "\n") or nil
end

return M
