-- words.lua: verdicts on degrees in cells and sentences.
--
-- Claims are no stronger than the evidence: a law that is not rejected is not proven, and what
-- the untrained network shows as well is not the work of training.

local format = require "lab.util.format"
local statistics = require "lab.util.statistics"

local M = {}

M.laws = {
  { "exponential", "exponential" }, { "poisson", "Poisson" }, { "lognormal", "log-normal" }, { "cutoff", "with cut-off" },
}

local NONE = "–"

-- A p as it is read: 0.0042, 0.30, or a bound.
function M.p(v)
  if not v then return NONE end
  return v < 0.001 and "<0.001" or (v < 0.1 and "%.2g" or "%.2f"):format(v)
end

-- The bootstrap's p. None of B synthetic samples fitting worse does not make it 0.
function M.bootstrap_p(fit)
  if not fit.p then return NONE end
  return fit.p == 0 and fit.bootstrap and ("<%.2g"):format(1 / fit.bootstrap) or M.p(fit.p)
end

-- "9.14 (<0.001)": the ratio as it is tested, normalised but for the nested cut-off, and its p.
function M.ratio(alternative)
  local R = alternative and (alternative.normalised or alternative.R)
  if not R then return NONE end
  return ("%s%.2f (%s)"):format(R < 0 and "−" or "", math.abs(R), M.p(alternative.p))
end

-- The columns of a table: what they are called, how they stand, which part they belong to, and
-- the cell of a fit.
local columns = {
  { "verdict", "l", "fits", function(f) return f.kind end },
  { "α", "r", "fits", function(f) return f.alpha and ("%.2f ± %.2f"):format(f.alpha, f.sigma) or NONE end },
  { "xmin", "r", "fits", function(f) return f.xmin and format.count(f.xmin) or NONE end },
  { "n_tail", "r", "fits", function(f) return format.count(f.n_tail) end },
  { "D", "r", "fits", function(f) return f.D and ("%.3f"):format(f.D) or NONE end },
  { "p", "r", "fits", M.bootstrap_p },
}
for _, law in ipairs(M.laws) do
  columns[#columns + 1] = { law[2], "r", "ratios", function(f) return M.ratio((f.alternatives or {})[law[1]]) end }
end

local NOTE = "Exponential to cut-off: log-likelihood ratio of the power law to each, normalised (Vuong) but for the cut-off, and in brackets its p; above 0 the power law fits better, and a p above 0.1 leaves it open"

-- The table of all items; `only` is "fits" or "ratios", nil for both.
function M.table(items, only)
  local item = { kind = "table", header = { "units", "epoch" }, rows = {}, align = "lr", note = only ~= "fits" and NOTE or nil }
  local shown = {}
  for _, c in ipairs(columns) do if not only or only == c[3] then shown[#shown + 1] = c end end
  for _, c in ipairs(shown) do item.header[#item.header + 1], item.align = c[1], item.align .. c[2] end
  for i, v in ipairs(items) do
    local row = { v.name, v.null and "untrained" or tostring(v.epoch) }
    for _, c in ipairs(shown) do row[#row + 1] = c[4](v.fit) end
    item.rows[i] = row
  end
  if items.runs > 1 then
    table.insert(item.header, 1, "run")
    item.align = "l" .. item.align
    for i, v in ipairs(items) do table.insert(item.rows[i], 1, v.run_name) end
  end
  return item
end

-- "untrained", "epoch 10".
function M.moment(item) return item.null and "untrained" or ("epoch %d"):format(item.epoch) end

-- ---- sentences ------------------------------------------------------------------------------

M.stands = { possible = true, undecided = true, supported = true }  -- kinds that p has not rejected

-- What the null makes of the verdict on a trained layer.
local function against_null(kind, null)
  if kind == "untested" or null == "untested" then return "without a bootstrap nothing follows about training" end
  if M.stands[kind] and M.stands[null] then
    return ("but so says the test of the untrained layer (%s): it is not training that brought it about"):format(null)
  elseif kind == "supported" then
    return ("the untrained layer shows none (%s): training went towards a power law"):format(null)
  elseif M.stands[kind] then
    return ("the untrained layer shows none (%s): training brought a tail that may be a power law or another"):format(null)
  elseif M.stands[null] then
    return ("the untrained layer was nearer to one (%s): training led away from it"):format(null)
  end
  return ("neither does the untrained layer show one (%s): nothing here speaks for an evolution towards a power law"):format(null)
end

local function spread(item)
  local now, then_ = statistics.dispersion(item.values), statistics.dispersion(item.untrained.values)
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
