-- number.lua: numbers as text, so that the same double comes back.
--
-- The shortest of %.15g, %.16g and %.17g that reads back exactly. A float always looks
-- like one ("5.0", "1e+30"), an integer never does, so that both kinds survive a file.

local M = {}

-- Text of a finite or infinite number; infinities and NaN are "inf", "-inf" and "nan".
function M.text(v)
  if math.type(v) == "integer" then return ("%d"):format(v) end
  if v ~= v then return "nan" end
  if v == math.huge then return "inf" elseif v == -math.huge then return "-inf" end
  local s
  for digits = 15, 17 do
    s = ("%." .. digits .. "g"):format(v)
    if tonumber(s) == v then break end
  end
  return s:find("[.e]") and s or s .. ".0"
end

-- Which sign 0 / 0 has depends on the processor; a script prints what it reads, and "-nan" asks questions.
local nan = 0.0 / 0.0
if tostring(nan):find("-", 1, true) then nan = -nan end

local special = { inf = math.huge, ["-inf"] = -math.huge, nan = nan }

-- The number that a text written by `text` stands for, or nil. Decimal only: Lua's own
-- reader would also take "0x10" and " 1 ".
function M.read(s)
  if special[s] then return special[s] end
  if s:find("^-?%d+$") or s:find("^-?%d+%.?%d*[eE]?[-+]?%d*$") then return tonumber(s) end
end

-- The number that a user typed, or nil: as Lua reads it, but for hexadecimal numbers that would wrap
-- around.
function M.typed(text)
  local digits = text:match "^%s*[-+]?0[xX]0*(%x*)%s*$"
  if digits and (#digits > 16 or #digits == 16 and digits:find "^[^0-7]") then return nil end
  return tonumber(text)
end

return M
