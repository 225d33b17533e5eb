-- word_text.lua: parts of a manual (word_help.lua) as lines: paragraphs, rules of options, signatures.

local options = require "lab.util.options"
local pretty = require "lab.cli.pretty"

local M = {}

local WIDTH = 88
local LARGEST = (1 << 31) - 1  -- a limit that nobody reaches is not worth mentioning

-- Paragraphs in lines of at most WIDTH characters, the first of each after `indent`, the others after `hang`
-- (or the same); lines that begin with a blank stay as they are.
function M.wrap(out, text, indent, hang)
  for paragraph in (text .. "\n"):gmatch "(.-)\n" do
    if paragraph:find "^%s" or paragraph == "" then out[#out + 1] = paragraph == "" and "" or indent .. paragraph
    else
      local line = indent
      for word in paragraph:gmatch "%S+" do
        if line:find "%S" and utf8.len(line) + 1 + utf8.len(word) > WIDTH then
          out[#out + 1], line = line, hang or indent
        end
        line = line:find "%S" and line .. " " .. word or line .. word
      end
      out[#out + 1] = line
    end
  end
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
  if rule.min and rule.max and rule.max < LARGEST then return ("from %s to %s"):format(number(rule.min), number(rule.max)) end
  local parts = {}
  for _, limit in ipairs { { "min", "at least" }, { "above", "above" }, { "max", "at most" }, { "below", "below" } } do
    if rule[limit[1]] and math.abs(rule[limit[1]]) < LARGEST then parts[#parts + 1] = limit[2] .. " " .. number(rule[limit[1]]) end
  end
  return #parts > 0 and table.concat(parts, " and ") or nil
end

local function default_of(rule)
  if rule.required then return "required" end
  if rule.default_is then return "default: " .. rule.default_is end
  if rule.default == nil then return "optional" end
  return "default: " .. pretty.show(rule.default)
end

-- What an option takes, "number (epochs); at least 1", and what holds without it, "default: 1".
function M.rule_parts(rule)
  local parts = { kind_of(rule) .. (rule.unit and (" (%s)"):format(rule.unit) or "") }
  parts[#parts + 1] = limits_of(rule)
  if rule.choices then
    local names = {}
    for i, choice in ipairs(rule.choices) do names[i] = ("%q"):format(choice) end
    parts[1] = rule.kind == "string" and "one of " .. table.concat(names, ", ") or parts[1] .. ": " .. table.concat(names, ", ")
  end
  return table.concat(parts, "; "), default_of(rule)
end

-- The names of a table of rules: those that a call needs, then the others.
function M.option_names(rules)
  local needed, others = {}, {}
  for _, name in ipairs(options.sorted_keys(rules)) do
    if name ~= "positional" then table.insert(rules[name].required and needed or others, name) end
  end
  return table.move(others, 1, #others, #needed + 1, needed)
end

-- Every option with its kind, limits and default, its sentence below.
function M.rules(out, rules, indent)
  for _, name in ipairs(M.option_names(rules)) do
    local rule = rules[name]
    local takes, default = M.rule_parts(rule)
    M.wrap(out, ("%s: %s; %s"):format(name, takes, default), indent, indent .. "  ")
    M.wrap(out, rule.help or "", indent .. "    ")
    if rule.fields then M.rules(out, rule.fields, indent .. "        ") end
    if rule.each then M.rules(out, rule.each, indent .. "        ") end
  end
end

function M.has_rules(rules) return rules ~= nil and #M.option_names(rules) > 0 end

-- ---- calls ------------------------------------------------------------------------------

local MOST = 6  -- options that a signature names one by one

-- What stands in the braces: items, needed options, and the others or dots; and whether any is needed.
local function braces(entry)
  local parts = { entry.items and entry.items[1] }
  local names, needed = M.option_names(entry.options), 0
  for _, name in ipairs(names) do
    if entry.options[name].required then parts[#parts + 1], needed = name .. " =", needed + 1 end
  end
  for i = needed + 1, #names <= MOST and #names or 0 do parts[#parts + 1] = ("[%s =]"):format(names[i]) end
  if #names > MOST and #names > needed then parts[#parts + 1] = "..." end
  return #parts > 0 and "{ " .. table.concat(parts, ", ") .. " }" or "{}", needed > 0
end

-- "lab.power_law(values, [{ [bootstrap =], ... }])"
function M.signature(entry)
  if not entry.arguments and entry.options then return entry.name .. " " .. braces(entry) end
  local parts = {}
  for i, argument in ipairs(entry.arguments or {}) do parts[i] = argument.optional and "[" .. argument[1] .. "]" or argument[1] end
  if entry.options then
    local text, needed = braces(entry)
    parts[#parts + 1] = needed and text or "[" .. text .. "]"
  end
  return ("%s(%s)"):format(entry.name, table.concat(parts, ", "))
end

return M
