-- caches.lua: the data caches of the first processor, as sysfs tells them.

local multiples = { [""] = 1, K = 1024, M = 1024 ^ 2, G = 1024 ^ 3 }

-- "32K" -> 32768; nil for what is no size.
local function bytes_of(text)
  local number, unit = (text or ""):match "^(%d+)([KMG]?)$"
  return number and math.tointeger(tonumber(number) * multiples[unit])
end

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
    local level, bytes = math.tointeger(tonumber(field "level")), bytes_of(field "size")
    if level and bytes and field "type" ~= "Instruction" then
      caches[#caches + 1] = { level = level, size = field "size", bytes = bytes }
    end
  end
  return caches
end
