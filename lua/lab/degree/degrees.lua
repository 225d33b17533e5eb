-- degrees.lua: sequences of whole numbers: read from a file, counted, and drawn.
--
-- A file of degrees holds one whole number a line; blank lines and lines that begin with
-- '#' are passed over. Curves are for log-log axes: the complementary cumulative
-- distribution P(X >= x) needs no bins, and the fitted tail is drawn from xmin on.

local attempt = require "lab.util.attempt".call
local c = require "lab.c.powerlaw"
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

local LARGEST = 9007199254740992  -- 2^53

-- A line as it may be shown: short, without control characters.
local function shown(line)
  local text = line:sub(1, 40):gsub("[^\32-\126]", "?")
  return ("'%s%s'"):format(text, #line > 40 and "..." or "")
end

-- What is wrong with a line that is no value.
local function complaint(line)
  local what = shown(line)
  if line:match("^%-%d+$") then what = what .. ", which is negative"
  elseif line:match("^%d+$") then what = what .. ", which is too large"
  elseif tonumber(line) then what = what .. ", which is not a whole number" end
  return ("expected one whole number from 0 to %d, got %s"):format(LARGEST, what)
end

-- The number in a line, false if there is none to take, or nil and what is wrong.
local function parse(line)
  local text = line:match("^%s*(.-)%s*$")
  if text == "" or text:sub(1, 1) == "#" then return false end
  local value = text:match("^%d+$") and math.tointeger(tonumber(text))
  if value and value <= LARGEST then return value end
  return nil, complaint(text)
end

-- The next 64 KiB, or nil at the end. A directory opens, but cannot be read.
local function next_block(file, path)
  local block, why = file:read(65536)
  if why then error(("%s: cannot be read: %s"):format(path, why), 0) end
  if block and block:find("\0", 1, true) then
    error(path .. ": a binary file: expected text, one whole number a line", 0)
  end
  return block
end

-- Lines of a file with their numbers, from blocks: a file without line ends must not fill
-- the memory.
local function lines_of(file, path)
  local text, from, number = "", 1, 0
  return function()
    while true do
      local newline = text:find("\n", from, true)
      if newline then
        local line = text:sub(from, newline - 1)
        from, number = newline + 1, number + 1
        return line, number
      end
      text, from = text:sub(from), 1
      if #text > 65536 then
        error(("%s:%d: a line of more than 64 KiB: expected one whole number a line"):format(path, number + 1), 0)
      end
      local block = next_block(file, path)
      if not block then
        if text == "" then return nil end
        block = "\n"  -- the last line may lack its end
      end
      text = text .. block
    end
  end
end

local function read_all(file, path)
  local values = {}
  for line, number in lines_of(file, path) do
    local value, why = parse(line)
    if value then values[#values + 1] = value
    elseif value == nil then error(("%s:%d: %s"):format(path, number, why), 0) end
  end
  if #values == 0 then error(path .. ": no values: expected one whole number a line", 0) end
  return values
end

manual.group("lab.degrees", {
  summary = "sequences of whole numbers: read from a file, counted, and drawn",
  text = "Curves are for logarithmic axes: the share of values that are at least x, P(X >= x), needs no bins, and the fitted tail is drawn from xmin on.",
})

local VALUES = { "values", "array of whole numbers", "From 0 to 2^53, such as net:degrees(1, \"in\")." }

manual.word("lab.degrees.read", {
  summary = "the whole numbers in a file, one a line",
  text = "Blank lines and lines that begin with # are passed over.",
  arguments = { { "path", "text", "The file; \"-\" is standard input." } },
  returns = "an array; or nil and a sentence that names file, line and what was expected",
  example = 'local values = assert(lab.degrees.read "degrees.txt")',
})

function M.read(path)
  local file, why
  if path == "-" then file, path = io.stdin, "standard input"
  else file, why = io.open(path, "rb") end
  if not file then return nil, why end
  local ok, result = attempt(read_all, file, path)
  if file ~= io.stdin then file:close() end
  if ok then return result end
  return nil, result
end

manual.word("lab.degrees.counts", {
  summary = "how often each value occurs",
  arguments = { VALUES },
  returns = "{ value = ascending, count =, at_least = }, an array each; at_least counts the values that are no smaller",
  example = "local counts = lab.degrees.counts { 1, 1, 2, 5 }\nprint(counts.value[3], counts.count[1], counts.at_least[2])",
})

function M.counts(values)
  local counts, why = c.counts(values)
  if not counts then options.fail("lab.degrees.counts: " .. why) end
  return counts
end

manual.word("lab.degrees.ccdf", {
  summary = "the share of values that are at least x, at every distinct value",
  arguments = { VALUES },
  returns = "{ x =, p = }, an array each",
  example = "local curve = lab.degrees.ccdf { 1, 1, 2, 5 }\nlab.plot.xy { series = { { x = curve.x, y = curve.p } }, logx = true, logy = true }",
})

function M.ccdf(values)
  local counts, p = M.counts(values), {}
  for i, at_least in ipairs(counts.at_least) do p[i] = at_least / #values end
  return { x = counts.value, p = p }
end

manual.word("lab.degrees.model", {
  summary = "the tail that lab.power_law fitted, as a curve beside lab.degrees.ccdf",
  text = "Some sixty points from xmin on, evenly spaced on a logarithmic axis.",
  arguments = { { "fit", "table", "What lab.power_law returned." }, { "highest", "number", "Where the curve ends; the largest value without it.", optional = true } },
  returns = "{ x =, p = }, an array each; nil if nothing was fitted",
  example = "local tail = lab.degrees.model(lab.power_law({ 1, 2, 2, 3, 4, 8, 9, 20 }, { bootstrap = 0 }))",
})

function M.model(fit, highest)
  if not fit.alpha then return nil end
  highest = highest or fit.max
  local x, p, share = {}, {}, fit.n_tail / fit.n
  local ratio = highest / fit.xmin
  for i = 0, 59 do
    local at = math.min(highest, math.floor(fit.xmin * ratio ^ (i / 59) + 0.5))
    if at ~= x[#x] then
      x[#x + 1] = at
      p[#p + 1] = share * c.at_least(fit.alpha, fit.xmin, at)
    end
  end
  return { x = x, p = p }
end

manual.word("lab.degrees.scan", {
  summary = "the search for xmin: exponent, size and distance of the tail of each candidate",
  text = "A fit takes the candidate of the lowest distance D.",
  arguments = { VALUES },
  returns = "{ xmin = ascending, n_tail =, alpha =, D = }, an array each",
  example = "local scan = lab.degrees.scan { 1, 2, 2, 3, 4, 8, 9, 20 }\nprint(scan.xmin[1], scan.D[1])",
})

function M.scan(values)
  local scan, why = c.scan(values)
  if not scan then options.fail("lab.degrees.scan: " .. why) end
  return scan
end

return M
