-- format.lua: numbers and names as people read them.
--
-- A format is { text = function(x) -> "0.105", unit = " s" }: the unit stands apart so
-- that a mean and its deviation share one. A format with a `scale` lets a deviation decide
-- how many digits of the mean are worth showing: 0.8436 ± 0.0045. `named` makes one from what a script says:
-- a name below, a pattern such as "%.4f", or a function.

local attempt = require "lab.util.attempt".call
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

local MISSING = "–"

-- Thousands separators for the digits before the point: 2794000 -> "2,794,000".
local function separated(digits)
  local sign, whole, rest = digits:match("^(%-?)(%d+)(.*)$")
  if not whole then return digits end
  whole = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. whole .. rest
end

local function finite(x) return type(x) == "number" and x == x and math.abs(x) ~= math.huge end

-- Text for a value of any kind; numbers that are none get a name or a dash.
local function guarded(f)
  return function(x)
    if type(x) == "string" then return x end
    if x == nil or x ~= x then return MISSING end
    if not finite(x) then return tostring(x) end
    return f(x)
  end
end

local function pattern(p) return guarded(function(x) return separated(p:format(x)) end) end

-- A few significant digits, no exponent where people would not write one.
local function plain(x)
  if x == math.floor(x) and math.abs(x) < 1e15 then return separated(("%.0f"):format(x)) end
  local size = math.abs(x)
  if size >= 1000 and size < 1e15 then return separated(("%.0f"):format(x)) end
  return (("%.4g"):format(x))
end

M.kinds = {
  number   = { text = guarded(plain), unit = "", scale = 1 },
  count    = { text = pattern("%.0f"), unit = "" },
  fraction = { text = pattern("%.4f"), unit = "" },
  percent  = { text = guarded(function(x) return ("%.1f"):format(100 * x) end), unit = " %" },
  seconds  = { text = pattern("%.3g"), unit = " s", scale = 1 },
  milliseconds = { text = guarded(function(x) return ("%.3g"):format(1000 * x) end), unit = " ms", scale = 1000 },
  mib      = { text = pattern("%.1f"), unit = " MiB" },
}

local X = { "x", "number, text or nil", "Text stays as it is; nil and NaN become a dash." }
local FORMAT = { "format", "format", "A member of lab.format.kinds, or what lab.format.named returned." }

manual.group("lab.format", {
  summary = "numbers and names as people read them",
  fields = { kinds = "The formats by name: number, count, fraction, percent, seconds, milliseconds, mib; each { text = function(x), unit = text, scale = number or nil }." },
})

manual.word("lab.format.named", {
  summary = "a format from what a script gives",
  arguments = { { "where", "text", "The caller's name, for the error." }, { "given", "text or function(number)", "A name of lab.format.kinds, a pattern such as \"%.4f\", or a function that returns text.", optional = true } },
  returns = "a format, { text = function(x), unit = text }; that of plain numbers for nil",
  raises = "There is no format of that name, or the pattern does not fit a number.",
  example = 'print(lab.format.value(lab.format.named("mine", "%.4f"), 0.25))',
})

function M.named(where, given)
  if given == nil then return M.kinds.number end
  if type(given) == "function" then return { text = guarded(function(x) return tostring(given(x)) end), unit = "" } end
  if M.kinds[given] then return M.kinds[given] end
  if type(given) == "string" and given:find("%%") then
    if attempt(string.format, given, 1.5) then return { text = guarded(function(x) return given:format(x) end), unit = "" } end
    options.fail(("%s: format '%s' does not fit one number"):format(where, given))
  end
  options.fail(("%s: no format '%s'%s"):format(where, tostring(given), options.suggestion(given, options.sorted_keys(M.kinds))))
end

-- Two digits of the deviation, but no more than five of the mean.
local function decimals(mean, sd)
  local wanted = 1 - math.floor(math.log(sd, 10))
  local most = mean == 0 and 6 or 4 - math.floor(math.log(math.abs(mean), 10))
  return math.max(0, math.min(wanted, most, 9))
end

manual.word("lab.format.mean_sd", {
  summary = "a mean with its standard deviation: \"0.105 ± 0.003 s\"",
  text = "The deviation decides how many digits of the mean are shown.",
  arguments = { FORMAT, { "mean", "number or nil", "The mean." }, { "sd", "number or nil", "The standard deviation.", optional = true } },
  returns = "text",
  example = "print(lab.format.mean_sd(lab.format.kinds.number, 0.8436, 0.0045))",
})

function M.mean_sd(format, mean, sd)
  if mean == nil or mean ~= mean then return MISSING end
  local unit = finite(mean) and format.unit or ""
  if not sd then return format.text(mean) .. unit end
  if format.scale and finite(mean) and finite(sd) and sd > 0 then
    local m, s = mean * format.scale, sd * format.scale
    local p = ("%%.%df"):format(decimals(m, s))
    return ("%s ± %s%s"):format(separated(p:format(m)), separated(p:format(s)), unit)
  end
  return ("%s ± %s%s"):format(format.text(mean), format.text(sd), unit)
end

manual.word("lab.format.value", { summary = "a number with its unit: \"0.105 s\"", arguments = { FORMAT, X }, returns = "text", example = "print(lab.format.value(lab.format.kinds.mib, 12.5))" })
manual.word("lab.format.number", { summary = "a number with four significant digits: \"0.1235\"", arguments = { X }, returns = "text", example = "print(lab.format.number(0.123456))" })
manual.word("lab.format.count", { summary = "a whole number with separators: \"2,794,000\"", arguments = { X }, returns = "text", example = "print(lab.format.count(2794000))" })
manual.word("lab.format.percent", { summary = "a share as a percentage: \"12.3 %\"", arguments = { X }, returns = "text", example = "print(lab.format.percent(0.123))" })
manual.word("lab.format.mib", { summary = "an amount of memory in MiB: \"12.5 MiB\"", arguments = { X }, returns = "text", example = "print(lab.format.mib(12.5))" })
manual.word("lab.format.seconds", { summary = "a time of any length: \"5.1 ms\", \"1 min 5 s\"", arguments = { X }, returns = "text", example = "print(lab.format.seconds(65))" })

function M.value(format, x) return M.mean_sd(format, x, nil) end
function M.number(x)  return M.kinds.number.text(x) end
function M.count(x)   return M.kinds.count.text(x) end
function M.percent(x) return M.value(M.kinds.percent, x) end
function M.mib(x)     return M.value(M.kinds.mib, x) end

function M.seconds(x)
  if not finite(x) then return MISSING end
  if x ~= 0 and math.abs(x) < 0.1 then return M.value(M.kinds.milliseconds, x) end
  if x < 60 then return M.value(M.kinds.seconds, x) end
  local whole = math.floor(x + 0.5)
  if whole < 3600 then return ("%d min %d s"):format(whole // 60, whole % 60) end
  return ("%d h %d min"):format(whole // 3600, whole % 3600 // 60)
end

local units = { seconds = "s", mib = "MiB", percent = "%", bytes = "bytes" }
local whole_names = {
  seconds = "time (s)", cpu_percent = "CPU (% of one core)", uss_mib = "memory, USS (MiB)", rss_mib = "memory, RSS (MiB)",
}

manual.word("lab.format.label", {
  summary = "a column's name as an axis label: \"train_seconds\" becomes \"train (s)\"",
  arguments = { { "column", "text", "The name." } }, returns = "text", example = 'print(lab.format.label "train_seconds")',
})

function M.label(column)
  if whole_names[column] then return whole_names[column] end
  local stem, unit = column:match("^(.+)_(%a+)$")
  if units[unit] then return ("%s (%s)"):format((stem:gsub("_", " ")), units[unit]) end
  return (column:gsub("_", " "))
end

manual.word("lab.format.common_label", {
  summary = "the ending that several column names share, and what is left of each",
  arguments = { { "columns", "array of texts", "Such as { \"train_accuracy\", \"test_accuracy\" }." } }, returns = "text and an array: \"accuracy\", { \"train\", \"test\" }",
  example = 'print(lab.format.common_label { "train_accuracy", "test_accuracy" })',
})

function M.common_label(columns)
  if #columns == 1 then return M.label(columns[1]), { M.label(columns[1]) } end
  local tail = columns[1]:match("[^_]+$")
  local heads = {}
  for i, c in ipairs(columns) do
    heads[i] = c:match("^(.*)_" .. tail:gsub("%p", "%%%0") .. "$")
    if not heads[i] then tail = nil break end
  end
  if tail then
    for i, h in ipairs(heads) do heads[i] = h:gsub("_", " ") end
    return M.label(tail), heads
  end
  for i, c in ipairs(columns) do heads[i] = M.label(c) end
  return table.concat(heads, ", "), heads
end

return M
