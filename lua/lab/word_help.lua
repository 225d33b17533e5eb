-- word_help.lua: the manual of a word of `lab`, read from the file that defines it.
--
-- What stands in the source is what is true: the comment at the file's head, the tables of
-- options with their kinds, limits and defaults, and the comment above every function that
-- a script can call. Nothing is written twice.

local embed = require "lab.c.embed"
local options = require "lab.options"

local M = {}

local function plain(comment) return (comment:gsub("^%-%- ?", "")) end

-- The comment that opens a file, without the file's own name.
local function head(lines)
  local out, i = {}, 1
  while lines[i] and lines[i]:find "^%-%-" do
    out[i] = i == 1 and plain(lines[i]):gsub("^[%w_]+%.lua: ", "") or plain(lines[i])
    i = i + 1
  end
  return table.concat(out, "\n"), i
end

-- A table of options as it stands, from its first line to the brace that closes it.
local function spec_at(lines, i)
  local out = {}
  repeat
    out[#out + 1] = "  " .. lines[i]
    i = i + 1
  until lines[i - 1]:find "^}" or not lines[i] or (#out == 1 and lines[i - 1]:find "}%s*$")
  return table.concat(out, "\n")
end

-- Functions of a script's reach and tables of options, each with the comment above it.
local function entries(lines, i, word)
  local out, comment = {}, {}
  for n = i, #lines do
    local line = lines[n]
    local object, name, parameters = line:match "^function (%u%l*)([.:][%w_]+)(%b())"
    if line:find "^%-%-" then comment[#comment + 1] = plain(line)
    else
      local shown
      if object and #comment > 0 then shown = (object == "M" and word or object:lower()) .. name .. " " .. parameters
      elseif line:find "^local [%w_]*spec = " or line:find "^local [%w_]+ = spec {" then shown = "options\n" .. spec_at(lines, n) end
      if shown then out[#out + 1] = shown .. (#comment > 0 and "\n    " .. table.concat(comment, "\n    ") or "") end
      comment = {}
    end
  end
  return out
end

local function split(text)
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  return lines
end

-- The module that defines "lab.mlp" or "lab.plot.curves".
local function module_of(name)
  if name == "lab.net" then return "lab.net" end  -- what lab.mlp returns
  local words = getmetatable(require "lab").words
  local word, part = name:match "^lab%.([%w_]+)%.?([%w_]*)$"
  if not word or not words[word] then return nil end
  local module = words[word][1]
  if word == "plot" and part ~= "" then module = "lab.plot_" .. part end
  return module
end

-- The names that can be asked for: "lab.data", "lab.dense", ...
function M.names()
  local names = {}
  for _, word in ipairs(options.sorted_keys(getmetatable(require "lab").words)) do names[#names + 1] = "lab." .. word end
  return names
end

local function source_of(module) return embed.read("lua/" .. module:gsub("%.", "/") .. ".lua") end

-- The manual of a word as text, or nil if there is no such word. "lab" lists the words.
function M.text(name)
  if name == "lab" then return "Words of lab: " .. table.concat(M.names(), ", ") .. "\n'setlab help lab.mlp' explains one." end
  local module = module_of(name)
  local source = module and source_of(module)
  if not source then return nil end
  local lines = split(source)
  local text, at = head(lines)
  local parts = { name .. "\n", text }
  for _, entry in ipairs(entries(lines, at, name)) do parts[#parts + 1] = "\n" .. entry end
  for _, entry in ipairs(name == "lab.net" and entries(split(source_of "lab.epochs"), 1, "net:epochs") or {}) do
    parts[#parts + 1] = "\nnet:epochs, " .. entry
  end
  if name == "lab.mlp" then parts[#parts + 1] = "\n" .. M.text "lab.net" end
  return table.concat(parts, "\n")
end

return M
