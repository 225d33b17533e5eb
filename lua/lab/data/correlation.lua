-- correlation.lua: lab.correlation(x, y): do two lists of numbers go together?

local manual = require "lab.util.manual"
local options = require "lab.util.options"
local statistics = require "lab.util.statistics"

local WHERE = "lab.correlation"

manual.word(WHERE, {
  summary = "do two lists of numbers go together?",
  text = "Pearson's r measures how close they are to a straight line; Spearman's rho, which is r of the ranks, to any monotonic relation. Equal values share the mean of their ranks.",
  arguments = { { "x", "array of numbers", "Finite numbers." }, { "y", "array of numbers", "As many." } },
  returns = "{ n =, pearson =, spearman = }; both are nil where one list does not vary",
  raises = "The lists differ in length, or hold something that is not a finite number.",
  example = "print(lab.correlation({ 1, 2, 3 }, { 1, 4, 9 }).spearman)",
})

-- Ranks from 1, ties averaged.
local function ranks(values)
  local order, rank = {}, {}
  for i = 1, #values do order[i] = i end
  table.sort(order, function(a, b) return values[a] < values[b] end)
  local from = 1
  while from <= #order do
    local to = from
    while to < #order and values[order[to + 1]] == values[order[from]] do to = to + 1 end
    for k = from, to do rank[order[k]] = (from + to) / 2 end
    from = to + 1
  end
  return rank
end

local function pearson(x, y)
  local n, mean_x, mean_y = #x, 0.0, 0.0
  for i = 1, n do mean_x, mean_y = mean_x + x[i] / n, mean_y + y[i] / n end
  local xx, yy, xy = 0.0, 0.0, 0.0
  for i = 1, n do
    local a, b = x[i] - mean_x, y[i] - mean_y
    xx, yy, xy = xx + a * a, yy + b * b, xy + a * b
  end
  if xx == 0 or yy == 0 then return nil end
  return math.max(-1, math.min(1, xy / (math.sqrt(xx) * math.sqrt(yy))))
end

local function varies(values)
  for i = 2, #values do if values[i] ~= values[1] then return true end end
  return false
end

local function check(name, values)
  if type(values) ~= "table" then options.fail(("%s: the %s value must be an array of numbers, not %s"):format(WHERE, name, type(values))) end
  for i = 1, #values do
    if not statistics.finite(values[i]) then options.fail(("%s: item %d of the %s array is not a finite number"):format(WHERE, i, name)) end
  end
end

return function(x, y)
  check("first", x)
  check("second", y)
  if #x ~= #y then options.fail(("%s: %d numbers and %d: they must be pairs"):format(WHERE, #x, #y)) end
  if not varies(x) or not varies(y) then return { n = #x } end
  return { n = #x, pearson = pearson(x, y), spearman = pearson(ranks(x), ranks(y)) }
end
