-- manual_markdown.lua: the manual of all words as one Markdown text, from their declarations (util/manual.lua).
--
-- lua/README.md holds it, a test compares the two, and `setlab help --page` makes a page of it.

local manual = require "lab.util.manual"
require "lab"   -- whose words the manual is of
local options = require "lab.util.options"
local text_of = require "lab.cli.word_text"

local M = {}

-- Chapters in the order in which one would read them: a title, a sentence, and names; "lab.plot.*" are all words of a group that are
-- not named elsewhere. Objects and what they can do stand by their own name.
local chapters = {
  { "Networks", "Make a network, train it, examine it.", { "lab.mlp", "net", "epoch", "lab.augment", "lab.schedule", "lab.schedule.*", "lab.load", "lab.ensemble", "ensemble", "lab.memory_plan", "plan" } },
  { "Wirings", "Which links a network starts with.", { "lab.erdos_renyi", "lab.uniform", "lab.fan_in", "lab.dense", "lab.receptive_field", "lab.small_world", "lab.scale_free", "lab.correlated",
    "lab.links_of", "lab.pruned" } },
  { "Methods", "How the wiring changes while a network trains: the value of the option `evolve` of net:epochs.", { "lab.set", "lab.rigl", "lab.snfs", "lab.dsr", "lab.granet", "lab.gmp", "lab.mest", "lab.gse",
    "lab.srigl", "lab.ctre", "lab.cht", "lab.chts", "lab.chtss", "lab.method" } },
  { "Your own methods", "Any prune rule with any grow rule, or functions over whole layers.", { "lab.evolution", "lab.prune", "lab.prune.*", "lab.grow", "lab.grow.*", "lab.links", "lab.links.*", "layer", "lab.vector", "lab.vector.*", "vector" } },
  { "Data", "Data sets by name and from files, and measures of their features.", { "lab.data", "lab.data.*", "split", "lab.feature_statistics", "lab.select_features", "lab.correlation" } },
  { "Runs", "Experiments whose results are kept.", { "lab.params", "lab.runs", "lab.runs.*", "run", "runs", "record", "lab.memo" } },
  { "Sweeps", "A script run with many values of its parameters.", { "lab.sweep", "sweep" } },
  { "Figures, tables, sentences", "What a page shows.", { "lab.plot", "lab.plot.*", "lab.table", "lab.say", "lab.format", "lab.format.*", "lab.statistics", "lab.statistics.*" } },
  { "Measuring the wiring", "Measures of topology, and links followed from epoch to epoch.", { "lab.topology", "lab.topology.*", "track", "look" } },
  { "Degrees and power laws", "Fits, tests and other laws.", { "lab.degrees", "lab.degrees.*", "lab.power_law", "fit", "lab.degree_verdicts", "verdicts" } },
  { "Speed", "Named workloads, timed.", { "lab.bench", "lab.bench.*" } },
}

-- ---- pieces ---------------------------------------------------------------------------------------

-- Text on one line that means itself: no star makes it slanted, no bracket a link.
local function escape(text) return (text:gsub("[*_<%[%]]", "\\%0"):gsub("\n", " ")) end

-- The text outside of `code`, escaped.
local function prose(text)
  local pieces = {}
  for plain, code in (text .. "``"):gmatch "(.-)(`[^`]*`)" do pieces[#pieces + 1] = escape(plain) .. (code ~= "``" and code or "") end
  return table.concat(pieces)
end

-- Lines of a declaration are paragraphs; those that begin with a blank are lines of code.
local function paragraphs(text)
  local pieces = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    if line ~= "" then pieces[#pieces + 1] = line:find "^%s" and "    " .. line or prose(line) end
  end
  return table.concat(pieces, "\n\n")
end

local function sentence(text) return (text:gsub("^%l", string.upper):gsub("([^.:;?!])$", "%1.")) end

local function option_line(name, rule, indent)
  local takes, default = text_of.rule_parts(rule)
  return ("%s- `%s` (%s; %s): %s"):format(indent, name, escape(takes), escape(default), prose(rule.help or ""))
end

-- A line for each option but those that stand elsewhere; those of tables inside it below it.
local function option_lines(out, rules, indent, elsewhere)
  for _, name in ipairs(text_of.option_names(rules)) do
    local rule = rules[name]
    if not elsewhere[rule] then
      out[#out + 1] = option_line(name, rule, indent)
      if rule.fields then option_lines(out, rule.fields, indent .. "  ", {}) end
      if rule.each then option_lines(out, rule.each, indent .. "  ", {}) end
    end
  end
end

-- `elsewhere`: rules that the chapter shows once, for all of its words.
local function options_list(out, rules, elsewhere)
  if not text_of.has_rules(rules) then return end
  local own, common = {}, {}
  option_lines(own, rules, "", elsewhere)
  for _, name in ipairs(text_of.option_names(rules)) do if elsewhere[rules[name]] then common[#common + 1] = "`" .. name .. "`" end end
  if #own > 0 then
    out[#out + 1] = "\nOptions:\n"
    table.move(own, 1, #own, #out + 1, out)
  end
  if #common > 0 then out[#out + 1] = ("\n%s at the head of the chapter: %s."):format(#own > 0 and "More options, described" or "Options, described", table.concat(common, ", ")) end
end

local function arguments_list(out, entry)
  if entry.arguments or entry.items then out[#out + 1] = "" end
  for _, a in ipairs(entry.arguments or {}) do
    out[#out + 1] = ("- `%s` (%s%s): %s"):format(a[1], escape(a[2]), a.optional and ", optional" or "", prose(a[3]))
  end
  if entry.items then out[#out + 1] = ("- `%s`: %s"):format(entry.items[1], prose(entry.items[2])) end
end

local function call(out, entry, level, elsewhere)
  out[#out + 1] = ("\n%s %s\n"):format(("#"):rep(level), escape(entry.name))
  out[#out + 1] = ("`%s`: %s"):format(text_of.signature(entry), prose(sentence(entry.summary)))
  if entry.text then out[#out + 1] = "\n" .. paragraphs(entry.text) end
  arguments_list(out, entry)
  if entry.items and entry.items.each then options_list(out, entry.items.each, {}) end
  options_list(out, entry.options, elsewhere)
  if entry.also then
    out[#out + 1] = "\n" .. paragraphs(entry.also.text)
    options_list(out, entry.also.options, {})
  end
  if entry.returns then out[#out + 1] = "\nReturns " .. prose(entry.returns:gsub("%.$", "")) .. "." end
  if entry.raises then out[#out + 1] = "\nRaises: " .. prose(sentence(entry.raises)) end
  if entry.example then out[#out + 1] = ("\n```lua\n%s\n```"):format(entry.example) end
end

local function fields(out, entry)
  if not entry.fields then return end
  out[#out + 1] = "\nFields:\n"
  for _, name in ipairs(options.sorted_keys(entry.fields)) do out[#out + 1] = ("- `%s`: %s"):format(name, prose(entry.fields[name])) end
end

local function object(out, entry)
  out[#out + 1] = ("\n### %s\n"):format(entry.name)
  out[#out + 1] = prose(sentence(entry.summary)) .. (entry.text and "\n\n" .. paragraphs(entry.text) or "")
  fields(out, entry)
  for _, name in ipairs(options.sorted_keys(entry.methods or {})) do call(out, entry.methods[name], 4, {}) end
end

local function group(out, entry)
  out[#out + 1] = ("\n### %s\n"):format(entry.name)
  out[#out + 1] = prose(sentence(entry.summary)) .. (entry.text and "\n\n" .. paragraphs(entry.text) or "")
  fields(out, entry)
end

local put = { word = function(out, entry, elsewhere) call(out, entry, 3, elsewhere) end, object = object, group = group }

-- ---- options that a chapter's words share ------------------------------------------------------------

local MANY <const> = 4

-- The rules that at least so many words have in common, by identity, as a set; and { name, rule } of each in order.
local function shared(entries)
  local count, name_of = {}, {}
  for _, entry in ipairs(entries) do
    for name, rule in pairs(entry.kind == "word" and entry.options or {}) do
      if type(rule) == "table" then count[rule], name_of[rule] = (count[rule] or 0) + 1, name end
    end
  end
  local set, list = {}, {}
  for rule, n in pairs(count) do
    if n >= MANY then set[rule], list[#list + 1] = true, { name_of[rule], rule } end
  end
  table.sort(list, function(x, y) return x[1] < y[1] end)
  return set, list
end

-- ---- the whole ------------------------------------------------------------------------------------

-- The entries that a name of a chapter means, in order.
local function entries_of(name, taken)
  local prefix = name:match "^(.*)%.%*$"
  if not prefix then return { manual.entries[name] or error("the manual has a chapter with '" .. name .. "', which there is not") } end
  local found = {}
  for _, full in ipairs(options.sorted_keys(manual.entries)) do
    if full:sub(1, #prefix + 1) == prefix .. "." and not taken[full] then found[#found + 1] = manual.entries[full] end
  end
  return found
end

-- The Markdown text. Second, an array of the names that no chapter has: none, or the manual is not whole.
function M.text()
  manual.walk(function() end)   -- loads all words
  local out, taken = {}, {}
  for _, chapter in ipairs(chapters) do
    for _, name in ipairs(chapter[3]) do if not name:find "%*$" then taken[name] = true end end
  end
  for _, chapter in ipairs(chapters) do
    out[#out + 1] = ("\n## %s\n\n%s"):format(chapter[1], chapter[2])
    local entries = {}
    for _, name in ipairs(chapter[3]) do
      for _, entry in ipairs(entries_of(name, name:find "%*$" and taken or {})) do
        taken[entry.name], entries[#entries + 1] = true, entry
      end
    end
    local elsewhere, common = shared(entries)
    if #common > 0 then out[#out + 1] = "\nOptions that several words of this chapter take:\n" end
    for _, item in ipairs(common) do
      option_lines(out, { [item[1]] = item[2] }, "", {})
    end
    for _, entry in ipairs(entries) do put[entry.kind](out, entry, elsewhere) end
  end
  local missing = {}
  for _, name in ipairs(options.sorted_keys(manual.entries)) do if not taken[name] then missing[#missing + 1] = name end end
  return table.concat(out, "\n"):gsub("^\n", "") .. "\n", missing
end

return M
