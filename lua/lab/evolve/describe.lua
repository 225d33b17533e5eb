-- describe.lua: an evolution in words and as plain data, for saved nets and `setlab inspect`.

local options = require "lab.util.options"
local number = require "lab.util.number"

local M = {}

-- A copy without functions, whose places say that they are some.
function M.plain(value)
  if type(value) == "function" then return "a function" end
  if type(value) ~= "table" then return value end
  local copy = {}
  for k, v in pairs(value) do copy[k] = M.plain(v) end
  return copy
end

local function show(value)
  if type(value) == "table" then
    local parts = {}
    for _, k in ipairs(options.sorted_keys(value)) do
      if k ~= "rule" and k ~= "kind" then parts[#parts + 1] = k .. " " .. show(value[k]) end
    end
    for _, v in ipairs(value) do parts[#parts + 1] = show(v) end
    local name = value.rule or value.kind
    if #parts == 0 then return name or "nothing" end
    return ("%s(%s)"):format(name and name .. " " or "", table.concat(parts, ", "))
  end
  return type(value) == "number" and number.text(value) or tostring(value)
end

-- One line: "SET: prune set, grow random, share 0.3, every 1 epochs, newborn drawn".
function M.text(e)
  if type(e) ~= "table" then return tostring(e) end
  local parts = {}
  for _, name in ipairs { "prune", "grow", "zeta", "share", "links" } do
    if e[name] ~= nil then parts[#parts + 1] = name .. " " .. show(e[name]) end
  end
  parts[#parts + 1] = e.every_steps and e.every_steps == 1 and "every step" or e.every_steps and ("every %d steps"):format(e.every_steps)
    or (e.every or 1) == 1 and "every epoch" or ("every %d epochs"):format(e.every)
  parts[#parts + 1] = "newborn " .. tostring(e.newborn)
  return (e.name and e.name .. ": " or "") .. table.concat(parts, ", ")
end

return M
