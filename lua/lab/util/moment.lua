-- moment.lua: "2026-11-22T17:20:42Z" in seconds since 1970, or nil for anything else.

local EPOCH <const> = 719469  -- days before 1970, as they are counted here

return function(text)
  local y, m, d, hour, minute, second = tostring(text or ""):match "^(%d+)%-(%d+)%-(%d+)T(%d+):(%d+):(%d+)Z$"
  if not y then return nil end
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if m <= 2 then y, m = y - 1, m + 12 end  -- the year begins in March, so that leap days come last
  local days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + d
  return (((days - EPOCH) * 24 + tonumber(hour)) * 60 + tonumber(minute)) * 60 + tonumber(second)
end
