-- progress_line.lua: the facts of a run as one line of text: a bar, key=value, or JSON.

local system = require "lab.c.system"

local M = { environment = os.getenv, width = function() return system.width(2) end }

local function in_utf8()
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local value = M.environment(name)
    if value and value ~= "" then return value:lower():find("utf%-?8") ~= nil end
  end
  return false
end

local function is_dumb()
  local term = M.environment "TERM"
  return not term or term == "" or term == "dumb"
end

local function coloured()
  local no = M.environment "NO_COLOR"
  return not is_dumb() and not (no and no ~= "")
end

function M.columns()
  return M.width() or math.tointeger(tonumber(M.environment "COLUMNS")) or 80
end

-- 61 -> "1:01", 3700 -> "1:01:40".
function M.clock_time(seconds)
  local s = math.floor(seconds + 0.5)
  if s >= 3600 then return ("%d:%02d:%02d"):format(s // 3600, s // 60 % 60, s % 60) end
  return ("%d:%02d"):format(s // 60, s % 60)
end

-- 950 -> "950", 48213 -> "48.2k", 1234567 -> "1.23M".
local function short(n)
  if n >= 1e6 then return ("%.3gM"):format(n / 1e6) end
  if n >= 1e3 then return n < 99950 and ("%.3gk"):format(n / 1e3) or ("%.0fk"):format(n / 1e3) end
  return ("%.0f"):format(n)
end

local blocks = { [0] = "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" }

-- A bar of `cells` characters of which `share` is filled.
function M.gauge(share, cells)
  share = math.max(0, math.min(1, share))
  if not in_utf8() then
    local full = math.floor(share * cells + 0.5)
    return "[" .. ("#"):rep(full) .. ("."):rep(cells - full) .. "]"
  end
  local eighths = math.floor(share * cells * 8 + 0.5)
  local full, part = eighths // 8, blocks[eighths % 8]
  return "▕" .. ("█"):rep(full) .. part .. (" "):rep(cells - full - (part ~= "" and 1 or 0)) .. "▏"
end

local function length(s) return utf8.len(s) or #s end

-- The first n characters, also where the text is not UTF-8.
function M.cut(s, n)
  if length(s) <= n then return s end
  if not utf8.len(s) then return s:sub(1, n) end
  return s:sub(1, utf8.offset(s, n + 1) - 1)
end

-- Text for a terminal: no control characters from a label may reach it.
function M.clean(s) return (tostring(s):gsub("%c", " ")) end

-- The parts of the line in their order on it, each with a rank: when the window is narrow
-- the highest rank goes first.
local function parts(f)
  local list = {}
  local function add(rank, format, ...) list[#list + 1] = { rank = rank, text = format:format(...) } end
  if f.label and f.label ~= "" then add(6, "%s", M.clean(f.label)) end
  add(1, f.epochs and "epoch %d/%d" or "epoch %d", f.epoch, f.epochs)
  if f.epochs then list[#list + 1] = { rank = 5, bar = ((f.epoch - 1) + f.fraction) / f.epochs } end
  if f.loss then add(2, "loss %.4g", f.loss) end
  if f.accuracy then add(3, "accuracy %.3f", f.accuracy) end
  if f.samples_per_second then add(8, "%s samples/s", short(f.samples_per_second)) end
  if f.links then add(7, "%s links", short(f.links)) end
  if f.eta_seconds then add(4, "ETA %s", M.clock_time(f.eta_seconds)) end
  if f.memory_mib and f.memory_mib > 0 then add(9, "%.0f MiB", f.memory_mib) end
  return list
end

local bar_cells = 16

local function total_length(list)
  local n = 0
  for i, part in ipairs(list) do n = n + (i > 1 and 2 or 0) + (part.bar and bar_cells + 2 or length(part.text)) end
  return n
end

-- The line that renews itself, made to fit the window; it stays one cell short of it, for
-- terminals that wrap at the last column.
function M.bar(f)
  local list, width = parts(f), M.columns() - 1
  while #list > 1 and total_length(list) > width do
    local worst = 1
    for i, part in ipairs(list) do if part.rank > list[worst].rank then worst = i end end
    table.remove(list, worst)
  end
  local texts, colour = {}, coloured()
  for i, part in ipairs(list) do
    local text = part.bar and M.gauge(part.bar, bar_cells) or M.cut(part.text, width)
    texts[i] = part.bar and colour and "\27[36m" .. text .. "\27[0m" or text
  end
  local line = table.concat(texts, "  ")
  if is_dumb() then return "\r" .. line .. (" "):rep(width - total_length(list)) end
  return "\r" .. line .. "\27[K"
end

function M.erase()
  if is_dumb() then return "\r" .. (" "):rep(M.columns() - 1) .. "\r" end
  return "\r\27[K"
end

-- What stays on a terminal when a run is over.
function M.summary(f)
  local words = { ("%s: %s, %d epoch%s in %s"):format(M.clean(f.label or "run"), f.status, f.epoch, f.epoch == 1 and "" or "s", M.clock_time(f.seconds)) }
  if f.loss then words[#words + 1] = ("loss %.4g"):format(f.loss) end
  if f.accuracy then words[#words + 1] = ("accuracy %.3f"):format(f.accuracy) end
  return table.concat(words, ", ") .. "\n"
end

local order = { "label", "status", "epoch", "epochs", "loss", "accuracy", "samples_per_second", "links", "seconds", "eta_seconds", "memory_mib" }

local function number(v) return math.type(v) == "integer" and ("%d"):format(v) or v ~= v and "nan" or ("%.5g"):format(v) end

-- label="SET seed=1" epoch=3 epochs=400 loss=0.41 ...
--   names  which facts, in what order; default: those of a run
function M.plain(f, names)
  local words = {}
  for _, key in ipairs(names or order) do
    local v = f[key]
    if type(v) == "number" then words[#words + 1] = key .. "=" .. number(v)
    elseif v ~= nil then
      v = M.clean(v)
      words[#words + 1] = key .. "=" .. (v:find("[%s\"=]") and ('"%s"'):format((v:gsub('["\\]', "\\%0"))) or v)
    end
  end
  return table.concat(words, " ") .. "\n"
end

local function json_value(v)
  if type(v) == "number" then return (v ~= v or v == math.huge or v == -math.huge) and "null" or number(v) end
  return '"' .. tostring(v):gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

function M.json(event, f, names)
  local words = { '"event":' .. json_value(event) }
  for _, key in ipairs(names or order) do
    if f[key] ~= nil then words[#words + 1] = ('"%s":%s'):format(key, json_value(f[key])) end
  end
  return "{" .. table.concat(words, ",") .. "}\n"
end

return M
