-- base64.lua: files as data URIs, so that a page needs no other file.

local M = {}

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- Twelve bits at a time: 4096 pairs of digits.
local pairs_of = {}
for i = 0, 4095 do
  pairs_of[i] = digits:sub(i // 64 + 1, i // 64 + 1) .. digits:sub(i % 64 + 1, i % 64 + 1)
end

function M.encode(bytes)
  local out, n = {}, 0
  local whole = #bytes - #bytes % 3
  for i = 1, whole, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    n = n + 1
    out[n] = pairs_of[a << 4 | b >> 4] .. pairs_of[(b & 15) << 8 | c]
  end
  if whole < #bytes then
    local a, b = bytes:byte(whole + 1, whole + 2)
    local text = pairs_of[a << 4 | (b or 0) >> 4] .. pairs_of[((b or 0) & 15) << 8]
    out[n + 1] = b and text:sub(1, 3) .. "=" or text:sub(1, 2) .. "=="
  end
  return table.concat(out)
end

local types = { png = "image/png", gif = "image/gif", jpg = "image/jpeg", jpeg = "image/jpeg", svg = "image/svg+xml", webp = "image/webp" }

-- A picture file as "data:image/png;base64,...", or nil, why.
function M.data_uri(path)
  local kind = types[(path:match("%.(%w+)$") or ""):lower()]
  if not kind then return nil, path .. " is not a picture that a page can hold (png, jpg, gif, svg, webp)" end
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local bytes
  bytes, why = file:read("a")
  file:close()
  if not bytes then return nil, ("%s cannot be read: %s"):format(path, why) end
  if bytes == "" then return nil, path .. " is empty" end
  return "data:" .. kind .. ";base64," .. M.encode(bytes)
end

return M
