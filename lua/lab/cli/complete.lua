-- complete.lua: what may follow the name before the cursor.
--
-- "lab.erd" is taken apart at its last dot or colon; the part before it is looked up
-- without calling anything but what indexing calls, the part after it is completed.

local attempt = require "lab.util.attempt".call
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

local keywords = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}

local function add_keys(names, t)
  if type(t) ~= "table" then return end
  for k in next, t do if type(k) == "string" then names[k] = true end end
end

-- Every name that v may be indexed with, as far as its tables tell.
local function names_of(v)
  local names, meta = {}, getmetatable(v)
  add_keys(names, v)
  local object = type(meta) == "table" and manual.entries[tostring(rawget(meta, "__name")):match "^lab%.(.*)$"]
  if object then  -- a run answers by a function: its names stand in the manual alone
    add_keys(names, object.fields)
    add_keys(names, object.methods)
  end
  for _ = 1, 5 do  -- classes of classes; never in circles for long
    if type(meta) ~= "table" then break end
    add_keys(names, rawget(meta, "words"))
    local index = rawget(meta, "__index")
    add_keys(names, index)
    meta = type(index) == "table" and getmetatable(index) or nil
  end
  return names
end

-- The value that "a.b.c" names in the environment, or nil.
local function look_up(path, environment)
  local value = environment
  for name in path:gmatch("[%a_][%w_]*") do
    local ok, found = attempt(function() return value[name] end)
    if not ok or found == nil then return nil end
    value = found
  end
  return value
end

local function common_prefix(words)
  local prefix = words[1]
  for _, word in ipairs(words) do
    while word:sub(1, #prefix) ~= prefix do prefix = prefix:sub(1, -2) end
  end
  return prefix
end

-- The options of the call in whose table the cursor stands at a name: "lab.set { ze"; else an empty table.
local function options_at(text)
  local before, inside = text:gsub("%b{}", ""):match "^(.*){([^{]*)$"
  local name = inside and inside:match "[^,]*$"
  if not name or not name:find "^%s*[%w_]*$" then return {} end
  local word = before:match "(lab[%w_%.]+)%s*%(?[^(){}]*$" or before:match "([%a_][%w_]*:[%a_]+)%s*%(?[^(){}]*$"
  local entry = word and manual.find(word)[1]
  return entry and entry.options or {}
end

-- For the text before the cursor: what to insert, or nil; else the candidates on one or
-- more lines, or nil if there are none.
function M.complete(text, environment)
  local word = text:match("[%a_][%w_%.:]*$") or ""
  local path, start = word:match("^(.*)[%.:]([%w_]*)$")
  start = start or word
  local names
  if path then
    local value = look_up(path, environment)
    if value == nil then return nil end
    names = names_of(value)
  else
    names = {}
    for name, rule in pairs(options_at(text)) do names[name] = type(rule) == "table" or nil end
    if start == "" and not next(names) then return nil end
    for name in pairs(start ~= "" and environment or {}) do names[name] = true end
    for _, keyword in ipairs(start ~= "" and keywords or {}) do names[keyword] = true end
  end
  local candidates = {}
  for _, name in ipairs(options.sorted_keys(names)) do
    if name:sub(1, #start) == start and (start:sub(1, 1) == "_" or name:sub(1, 1) ~= "_") then
      candidates[#candidates + 1] = name
    end
  end
  if #candidates == 0 then return nil end
  local more = common_prefix(candidates):sub(#start + 1)
  if more ~= "" then return more end
  if #candidates == 1 then return nil end
  return nil, table.concat(candidates, "  ")
end

return M
