-- bytes.lua: sizes of memory as people write and read them. K, M, G and T are powers of 1024.

local M = {}

local powers = { [""] = 0, K = 1, M = 2, G = 3, T = 4 }

-- "100M", "1.5G", "4096", "2 GiB" -> bytes, or nil.
function M.read(text)
  local number, unit = text:match "^%s*(%d+%.?%d*)%s*(%a*)%s*$"
  unit = unit and unit:upper()
  local power = unit and powers[unit:match "^([KMGT]?)B?$" or unit:match "^([KMGT])IB$"]
  return power and math.floor(tonumber(number) * 1024.0 ^ power) or nil
end

-- 1536 -> "1.5 KiB": three digits, or all before the point.
function M.text(bytes)
  local units, i = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB" }, 1
  while bytes >= 1024 and i < #units do bytes, i = bytes / 1024, i + 1 end
  if i == 1 then return ("%d bytes"):format(bytes) end
  return (bytes < 10 and "%.2f %s" or bytes < 100 and "%.1f %s" or "%.0f %s"):format(bytes, units[i])
end

return M
