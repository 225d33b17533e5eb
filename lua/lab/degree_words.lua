-- degree_words.lua: verdicts on degrees in cells and sentences.
--
-- Claims are no stronger than the evidence: a law that is not rejected is not proven, and what
-- the untrained network shows as well is not the work of training.

local format = require "lab.format"

local M = {}

M.laws = {
  { "exponential", "exponential" }, { "poisson", "Poisson" }, { "lognormal", "log-normal" }, { "cutoff", "with cut-off" },
}

local NONE = "–"

local function pattern(p, v) return v and p:format(v) or NONE end

-- A p as it is read: 0.042, 0.30, or a bound.
function M.p(v)
  if not v then return NONE end
  return v < 0.001 and "<0.001" or ("%.2g"):format(v)
end

-- "9.14 (<0.001)": the ratio as it is tested, normalised but for the nested cut-off, and its p.
function M.ratio(alternative)
  local R = alternative and (alternative.normalised or alternative.R)
  if not R then return NONE end
  return ("%s%.2f (%s)"):format(R < 0 and "−" or "", math.abs(R), M.p(alternative.p))
end

-- The cells of one fit: kind of verdict, exponent, tail, distance, p, four ratios.
function M.cells(fit)
  local cells = {
    fit.kind, fit.alpha and ("%.2f ± %.2f"):format(fit.alpha, fit.sigma) or NONE, pattern("%d", fit.xmin),
    format.count(fit.n_tail), pattern("%.3f", fit.D), fit.p and ("%.2f"):format(fit.p) or NONE,
  }
  for _, law in ipairs(M.laws) do cells[#cells + 1] = M.ratio((fit.alternatives or {})[law[1]]) end
  return cells
end

M.header = { "verdict", "α", "xmin", "n_tail", "D", "p" }
for _, law in ipairs(M.laws) do M.header[#M.header + 1] = law[2] end
M.align = "lrrrrrrrrr"
M.note = "Exponential to cut-off: log-likelihood ratio of the power law to each, normalised (Vuong) but for the cut-off, and in brackets its p; above 0 the power law fits better, and a p above 0.1 leaves it open"

-- The table of all items.
function M.table(items)
  local item = { kind = "table", header = { "units", "epoch" }, rows = {}, align = "lr" .. M.align, note = M.note }
  table.move(M.header, 1, #M.header, 3, item.header)
  if items.runs > 1 then
    table.insert(item.header, 1, "run")
    item.align = "l" .. item.align
  end
  for i, v in ipairs(items) do
    local row = { v.name, v.null and ("%d, untrained"):format(v.epoch) or tostring(v.epoch) }
    table.move(M.cells(v.fit), 1, #M.header, 3, row)
    if items.runs > 1 then table.insert(row, 1, v.run_name) end
    item.rows[i] = row
  end
  return item
end

-- "before training", "epoch 10".
function M.moment(item) return item.null and "before training" or ("epoch %d"):format(item.epoch) end

-- ---- sentences ------------------------------------------------------------------------------

-- Variance over mean, 1 for links that fall at random (less a little); nil without links.
function M.dispersion(values)
  local sum, squares = 0, 0
  for _, v in ipairs(values) do sum = sum + v end
  if sum == 0 then return nil end
  local mean = sum / #values
  for _, v in ipairs(values) do squares = squares + (v - mean) ^ 2 end
  return squares / #values / mean
end

local stands = { possible = true, undecided = true, supported = true }  -- kinds that p has not rejected

-- What the null makes of the verdict on a trained layer.
local function against_null(kind, null)
  if kind == "untested" or null == "untested" then return "without a bootstrap nothing follows about training" end
  if stands[kind] and stands[null] then
    return ("but so says the test of the untrained layer (%s): it is not training that brought it about"):format(null)
  elseif kind == "supported" then
    return ("the untrained layer shows none (%s): training went towards a power law"):format(null)
  elseif stands[kind] then
    return ("the untrained layer shows none (%s): training went towards a heavier tail, which may be a power law or another"):format(null)
  elseif stands[null] then
    return ("the untrained layer was nearer to one (%s): training led away from it"):format(null)
  end
  return ("neither does the untrained layer show one (%s): nothing here speaks for an evolution towards a power law"):format(null)
end

local function spread(item)
  local now, then_ = M.dispersion(item.values), M.dispersion(item.untrained.values)
  if not now or not then_ then return "" end
  return ("; variance over mean of the degrees %.2f, untrained %.2f; largest %d, untrained %d"):format(
    now, then_, item.fit.max, item.untrained.fit.max)
end

-- One sentence on the last epoch of a layer's side, as Markdown.
function M.sentence(item, name_run)
  local head = ("**%s%s**, %s: %s"):format(name_run and item.run_name .. ", " or "", item.name, M.moment(item), item.fit.verdict)
  if not item.untrained then return head .. (item.null and "." or "; there is no untrained layer to compare with.") end
  return ("%s; %s%s."):format(head, against_null(item.fit.kind, item.untrained.fit.kind), spread(item))
end

return M
