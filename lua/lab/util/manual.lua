-- manual.lua: what a script may say, declared beside the code that does it.
--
-- A module declares its words when it is loaded. The very table that options.check holds a call
-- against is the declaration's `options`, so help, completion and checks cannot tell different things.
--
--   manual.word("lab.set", { summary = "...", options = spec, returns = "..." })
--
-- An entry has:
--   summary    one phrase, without a full stop
--   text       more about it, in paragraphs
--   arguments  array of { name, kind, sentence, optional = true }: what stands before the options
--   items      what stands in the table of options without a name, or with a free one:
--              { "size, ...", "sentence", each = the rules of these, if they are tables }
--   also       { text =, options = }: another form of the same call
--   options    name -> rule (util/options.lua), each with `help`, one sentence; and where they tell more
--              `unit`, `takes` (the kind in words), `default_is` (what holds where nothing is given),
--              `fields` (the rules of a table's fields) or `each` (those of the tables in a list)
--   returns, raises, example   text; gives = name of the object that comes back
-- An object ("net", "run") has no call but `fields`, name -> sentence, and `methods`, name -> entry; a
-- group ("lab.data") has `fields` beside its words.

local M = {
  entries = {},
  root = nil,   -- the table of all words (lab/init.lua)
}

local function add(kind, name, entry)
  entry.kind, entry.name = kind, name
  M.entries[name] = entry
end

-- Declares a function of lab's. Returns its options, for options.check.
function M.word(name, entry)
  add("word", name, entry)
  return entry.options
end

-- Declares a table of words: lab.data, lab.plot.
function M.group(name, entry) add("group", name, entry) end

-- Declares a kind of value that words return: net, run. Returns its methods.
function M.object(name, entry)
  add("object", name, entry)
  for method, call in pairs(entry.methods or {}) do call.kind, call.name = "method", name .. ":" .. method end
  return entry.methods
end

-- ---- what there is ----------------------------------------------------------------------

local function is_callable(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(value) == "function" or type(meta) == "table" and meta.__call ~= nil
end

-- The names in a table of words, loaded or not, sorted.
function M.names_in(words)
  local meta, names, seen = getmetatable(words), {}, {}
  local tables = { words, type(meta) == "table" and rawget(meta, "words") or {} }
  for _, t in ipairs(tables) do
    for name in next, t do
      if type(name) == "string" and not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  table.sort(names)
  return names
end

-- Calls visit(name, value) for each function that a script reaches through lab, and for each table
-- of functions before what is in it: "lab.data", "lab.data.csv", ... Loads every word's module.
function M.walk(visit)
  local function descend(prefix, words)
    for _, name in ipairs(M.names_in(words)) do
      local value, full = words[name], prefix .. "." .. name
      local is_group = type(value) == "table" and M.entries[full]
      if is_group or is_callable(value) then visit(full, value) end
      if is_group then descend(full, value) end
    end
  end
  descend("lab", M.root)
end

-- The name under which scripts know a word that is loaded, such as "lab.set"; nil for any other value.
function M.name_of(value)
  for name, entry in pairs(M.entries) do
    local found = M.root
    if entry.kind == "word" then
      for part in name:gmatch "[^.]+" do
        if part ~= "lab" then found = type(found) == "table" and rawget(found, part) or nil end
      end
      if found ~= nil and rawequal(found, value) then return name end
    end
  end
end

-- Every name that help knows, sorted: words, groups, objects as "lab.net", methods as "net:epochs".
function M.names()
  M.walk(function() end)
  local set, names = { lab = true }, {}
  for name, entry in pairs(M.entries) do
    set[entry.kind == "object" and "lab." .. name or name] = true
    for _, call in pairs(entry.methods or {}) do set[call.name] = true end
  end
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- The names of words and methods whose name or summary has a text in it, those of the name first; at most `most`.
function M.search(text, most)
  M.walk(function() end)
  text = text:lower()
  local by_name, by_summary = {}, {}
  local function look(name, entry)
    if name:lower():find(text, 1, true) then by_name[#by_name + 1] = name
    elseif entry.summary:lower():find(text, 1, true) then by_summary[#by_summary + 1] = name end
  end
  for name, entry in pairs(M.entries) do
    if entry.kind ~= "object" then look(name, entry) end
    for _, call in pairs(entry.methods or {}) do look(call.name, call) end
  end
  table.sort(by_name)
  table.sort(by_summary)
  local found = table.move(by_summary, 1, #by_summary, #by_name + 1, by_name)
  return table.move(found, 1, math.min(#found, most), 1, {})
end

-- The entries that a name asks for: a word, an object or both; one method for "net:epochs"; none.
function M.find(name)
  M.walk(function() end)
  local found = {}
  local object, method = name:match "^([%w_]+)[:.]([%w_]+)$"
  local owner = object and object ~= "lab" and M.entries[object]
  if owner and owner.methods and owner.methods[method] then return { owner.methods[method] } end
  found[1] = M.entries[name]
  local plain = name:match "^lab%.([%w_]+)$"
  found[#found + 1] = plain and M.entries[plain] or nil
  return found
end

return M
