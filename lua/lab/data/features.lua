-- features.lua: which features tell something, and a data set of only these.
--
--   local net <close> = lab.mlp { ... }                        -- trained
--   local best = lab.select_features { data.train, data.test, scores = net:input_strength(), keep = 50 }
--   for epoch in small:epochs(best.train, { ... }) do ... end
--
-- lab.feature_statistics(data.train) tells of every feature alone: its mean, its variance, its
-- mutual information with the label. Any split of any data set will do, of bytes or of floats.

local attempt = require "lab.util.attempt".call
local c = require "lab.c.feature"
local fields = require "lab.util.fields"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local views = require "lab.data.views"

local M = {}

local SELECT, STATISTICS = "lab.select_features", "lab.feature_statistics"

-- A split's number of features; raises if the value is no split.
local function features_of(where, view)
  local meta = type(view) == "userdata" and getmetatable(view)
  if not meta or meta.__name ~= "lab.data" then
    options.fail(("%s: expected a split of a data set, such as data.train, not %s"):format(where, type(view)))
  end
  local ok, _, n = attempt(view.shape, view)
  if not ok then options.fail(where .. ": data is closed") end
  return n
end

-- The columns of the `keep` highest scores, ascending; of equal scores the earlier column wins.
local function best(scores, keep, n)
  if #scores ~= n then options.fail(("%s: %d scores for %d features"):format(SELECT, #scores, n)) end
  if keep > n then options.fail(("%s: option 'keep' is %d, there are %d features"):format(SELECT, keep, n)) end
  local order, chosen = {}, {}
  for j, score in ipairs(scores) do
    if type(score) ~= "number" or score ~= score then options.fail(("%s: score %d is not a number"):format(SELECT, j)) end
    order[j] = j
  end
  table.sort(order, function(a, b)
    if scores[a] ~= scores[b] then return scores[a] > scores[b] end
    return a < b
  end)
  table.move(order, 1, keep, 1, chosen)
  table.sort(chosen)
  return chosen
end

-- The columns that were asked for by number, as whole numbers, ascending.
local function given_columns(list, n)
  local chosen, seen = {}, {}
  if #list == 0 then options.fail(SELECT .. ": option 'columns' is empty") end
  for k, v in ipairs(list) do
    local j = math.tointeger(v)
    if not j or j < 1 or j > n then options.fail(("%s: there is no column %s; there are 1 to %d"):format(SELECT, tostring(v), n)) end
    if seen[j] then options.fail(("%s: column %d is given twice"):format(SELECT, j)) end
    seen[j], chosen[k] = true, j
  end
  table.sort(chosen)
  return chosen
end

local selection = fields.record("a selection of features", { "train", "columns" }, { "test" })

local select_spec = {
  positional = true,
  scores = { kind = "table", takes = "array of numbers", help = "A score for each feature, such as net:input_strength(); goes with `keep`." },
  keep = { kind = "integer", min = 1, unit = "features", help = "How many features to keep: those with the highest scores, of equal ones the earlier." },
  columns = { kind = "table", takes = "array of whole numbers", help = "The features to keep, counted from 1; instead of `scores` and `keep`." },
}

manual.word(SELECT, {
  summary = "a data set of only some features",
  text = "The new splits have their own content hash, so runs on them have their own keys. They are not images, since their features need not fill a rectangle.",
  items = { "train, test", "Two splits, or one." },
  options = select_spec,
  returns = "{ train =, test =, columns = the features' numbers, ascending }",
  gives = "split",
  example = "local best = lab.select_features { data.train, data.test, scores = net:input_strength(), keep = 50 }",
})

function M.select(given)
  local o = options.check(SELECT, select_spec, given)
  local train, test = o[1], o[2]
  local n = features_of(SELECT .. ", first value", train)
  if test and features_of(SELECT .. ", second value", test) ~= n then
    options.fail(SELECT .. ": the two splits have different features")
  end
  local why = test and views.difference(train, test)
  if why then options.fail(("%s: the second split is not like the first: %s"):format(SELECT, why)) end
  if o[3] ~= nil then options.fail(SELECT .. ": takes two splits at most") end
  if not o.columns == not (o.scores and o.keep) or o.columns and (o.scores or o.keep) then
    options.fail(SELECT .. ": give 'scores' and 'keep', or 'columns'")
  end
  local columns = o.columns and given_columns(o.columns, n) or best(o.scores, o.keep, n)
  local function chosen(view)
    local ok, result = attempt(c.select, view, columns)
    return ok and result or options.fail(("%s: %s"):format(SELECT, result))
  end
  return setmetatable({ train = chosen(train), test = test and chosen(test) or nil, columns = columns }, selection)
end

local statistics_spec = {
  bins = { kind = "integer", min = 2, max = 256, default = 8, help = "Bins of equal width between a feature's lowest and highest value, for its information." },
}

manual.word(STATISTICS, {
  summary = "mean, variance and information of each feature by itself",
  text = "Values are as the network sees them without standardisation: bytes from 0 to 1. Variance is divided by the number of samples. Information is the mutual information "
    .. "with the label; from n samples it is estimated too high by up to about (bins - 1) (classes - 1) / (1.39 n) bits.",
  arguments = { { "split", "split of a data set", "Such as data.train." } },
  options = statistics_spec,
  returns = "{ mean =, variance =, information = in bits }, an array by feature each",
  example = "local about = lab.feature_statistics(data.train, { bins = 8 })\nprint(about.information[1])",
})

function M.statistics(view, given)
  features_of(STATISTICS, view)
  local o = options.check(STATISTICS, statistics_spec, given)
  local ok, result = attempt(c.statistics, view, o.bins)
  if not ok then options.fail(STATISTICS .. ": " .. tostring(result)) end
  return result
end

return M
