-- caches.lua: the data caches of the first processor, as sysfs tells them.

local bytes = require "lab.util.bytes"

-- Array of { level =, size = "32K", bytes = }, nearest first; empty where the system does not say.
return function()
  local caches = {}
  for index = 0, 9 do
    local function field(name)
      local file = io.open(("/sys/devices/system/cpu/cpu0/cache/index%d/%s"):format(index, name))
      local text = file and file:read("l")
      if file then file:close() end
      return text
    end
    local level, size = math.tointeger(tonumber(field "level")), bytes.read(field "size" or "")
    if level and size and field "type" ~= "Instruction" then
      caches[#caches + 1] = { level = level, size = field "size", bytes = size }
    end
  end
  return caches
end
