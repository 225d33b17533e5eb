-- word_help.lua: the manual of a word of `lab` as text, from its declaration (manual.lua).

local manual = require "lab.manual"
local options = require "lab.options"
local pretty = require "lab.pretty"

local M = {}

local WIDTH = 88
local INDENT = (" "):rep(7)

-- ---- text -------------------------------------------------------------------------------

-- A paragraph in lines of at most WIDTH characters; lines that begin with a blank stay as they are.
local function wrap(out, text, indent)
  for paragraph in (text .. "\n"):gmatch "(.-)\n" do
    if paragraph:find "^%s" or paragraph == "" then out[#out + 1] = paragraph == "" and "" or indent .. paragraph
    else
      local line = indent
      for word in paragraph:gmatch "%S+" do
        if line ~= indent and utf8.len(line) + 1 + utf8.len(word) > WIDTH then
          out[#out + 1], line = line, indent
        end
        line = line == indent and indent .. word or line .. " " .. word
      end
      out[#out + 1] = line
    end
  end
end

local function section(out, title, text)
  if not text then return end
  out[#out + 1] = "\n" .. title
  wrap(out, text, INDENT)
end

-- ---- options ----------------------------------------------------------------------------

local kind_words = { integer = "whole number", string = "text", boolean = "true or false", any = "any value" }

local function kind_of(rule)
  if rule.takes then return rule.takes end
  local kinds = {}
  for kind in (rule.kind or "any"):gmatch "[^|]+" do kinds[#kinds + 1] = kind_words[kind] or kind end
  return table.concat(kinds, " or ")
end

-- "from 0 to 1", "above 0", ...; nil if any number will do.
local function limits_of(rule)
  local number = function(v) return math.type(v) == "float" and ("%.10g"):format(v) or tostring(v) end
  if rule.min and rule.max then return ("from %s to %s"):format(number(rule.min), number(rule.max)) end
  local parts = {}
  for _, limit in ipairs { { "min", "at least" }, { "above", "above" }, { "max", "at most" }, { "below", "below" } } do
    if rule[limit[1]] then parts[#parts + 1] = limit[2] .. " " .. number(rule[limit[1]]) end
  end
  return #parts > 0 and table.concat(parts, " and ") or nil
end

local function default_of(rule)
  if rule.required then return "required" end
  if rule.default_is then return "default: " .. rule.default_is end
  if rule.default == nil then return "optional" end
  return "default: " .. pretty.show(rule.default)
end

-- "number (epochs), at least 1, default: 1"
local function rule_text(rule)
  local parts = { kind_of(rule) .. (rule.unit and (" (%s)"):format(rule.unit) or "") }
  parts[#parts + 1] = limits_of(rule)
  if rule.choices then
    local names = {}
    for i, choice in ipairs(rule.choices) do names[i] = ("%q"):format(choice) end
    parts[1] = rule.kind == "string" and "one of " .. table.concat(names, ", ") or parts[1] .. ": " .. table.concat(names, ", ")
  end
  parts[#parts + 1] = default_of(rule)
  return table.concat(parts, "; ")
end

-- The names of a table of rules: those that a call needs, then the others.
function M.option_names(rules)
  local needed, others = {}, {}
  for _, name in ipairs(options.sorted_keys(rules)) do
    if name ~= "positional" then table.insert(rules[name].required and needed or others, name) end
  end
  return table.move(others, 1, #others, #needed + 1, needed)
end

local function put_rules(out, rules, indent)
  for _, name in ipairs(M.option_names(rules)) do
    local rule = rules[name]
    wrap(out, ("%s   %s"):format(name, rule_text(rule)), indent)
    wrap(out, rule.help or "", indent .. "    ")
    if rule.fields then put_rules(out, rule.fields, indent .. "        ") end
    if rule.each then put_rules(out, rule.each, indent .. "        ") end
  end
end

local function has_rules(rules) return rules ~= nil and #M.option_names(rules) > 0 end

-- ---- a call -----------------------------------------------------------------------------

-- What stands in the braces: items, needed options, and dots for the others.
local function braces(entry)
  local parts = { entry.items and entry.items[1] }
  local names, needed = M.option_names(entry.options), 0
  for _, name in ipairs(names) do
    if entry.options[name].required then parts[#parts + 1], needed = name .. " =", needed + 1 end
  end
  for i = needed + 1, #names <= 4 and #names or 0 do parts[#parts + 1] = ("[%s =]"):format(names[i]) end
  if #names > 4 and #names > needed then parts[#parts + 1] = "..." end
  return #parts > 0 and "{ " .. table.concat(parts, ", ") .. " }" or "{}"
end

-- "lab.power_law(values, { bootstrap =, ... })"
function M.signature(entry)
  if not entry.arguments and entry.options then return entry.name .. " " .. braces(entry) end
  local parts = {}
  for i, argument in ipairs(entry.arguments or {}) do parts[i] = argument.optional and "[" .. argument[1] .. "]" or argument[1] end
  if entry.options then parts[#parts + 1] = braces(entry) end
  return ("%s(%s)"):format(entry.name, table.concat(parts, ", "))
end

local function put_arguments(out, entry, indent)
  for _, argument in ipairs(entry.arguments or {}) do
    wrap(out, ("%s   %s%s"):format(argument[1], argument[2], argument.optional and "; optional" or ""), indent)
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
  section(out, "SYNOPSIS", M.signature(entry))
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
    wrap(out, name, INDENT)
    wrap(out, fields[name], INDENT .. "    ")
  end
end

local function put_method(out, call)
  local indent = INDENT .. "    "
  wrap(out, M.signature(call), INDENT)
  wrap(out, call.summary .. "." .. (call.text and " " .. call.text or ""), indent)
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
