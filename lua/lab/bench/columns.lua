-- columns.lua: the columns that a table of a benchmark's rows may have, and such tables.
--
--   lab.bench.table { rows, columns = { "batch", "epoch", { "name", header = "workload" },
--     { header = "twice", value = function(row) return 2 * row.batch end } } }

local clean = require "lab.util.text".clean
local format = require "lab.util.format"
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = { missing = "-" }

-- ---- cells ----

local function seconds(x) return x and format.seconds(x) or M.missing end
local function percent(x) return x and ("%.3g %%"):format(100 * x) or M.missing end
local function plain(x) return x and (x < 1000 and ("%.3g"):format(x) or format.count(x)) or M.missing end
local function count(x) return x and format.count(x) or M.missing end
local function mib(x) return x and ("%.0f MiB"):format(x) or M.missing end

-- "2.31 s (2.25-2.60)": the median and the range; of one epoch, what it took.
local function spread(median, low, high)
  if not median then return M.missing end
  local scale, unit = 1, "s"
  if median < 0.1 then scale, unit = 1e3, "ms" end
  if low == high then return ("%.3g %s"):format(median * scale, unit) end
  return ("%.3g %s (%.3g-%.3g)"):format(median * scale, unit, low * scale, high * scale)
end

local function evolution(r)
  local function s(ms) return ms and ms / 1e3 end
  return spread(s(r.evolve_ms_per_epoch), s(r.evolve_ms_min), s(r.evolve_ms_max))
end

local function density(r) return r.dense and "dense layers" or percent(r.density) end

-- Name -> header and text of a row's cell.
M.kinds = {
  name = { "row", function(r) return r.name end },
  links = { "links", function(r) return count(r.links) end },
  density = { "density", density },
  hidden = { "hidden units", function(r) return count(r.units[2] + r.units[3]) end },
  samples = { "samples", function(r) return count(r.samples) end },
  batch = { "batch", function(r) return count(r.batch) end },
  threads = { "threads", function(r) return count(r.threads) end },
  processors = { "processors", function(r) return r.processors and ("%.2f"):format(r.processors) or M.missing end },
  epoch = { "epoch", function(r) return spread(r.train_seconds_per_epoch, r.min, r.max) end },
  evolution = { "evolution", evolution },
  gflops = { "GFLOP/s", function(r) return plain(r.gflops) end },
  sgemm_gflops = { "sgemm", function(r) return plain(r.sgemm_gflops) end },
  sgemm_share = { "of sgemm", function(r) return percent(r.sgemm_share) end },
  gb_per_second = { "GB/s", function(r) return plain(r.gb_per_second) end },
  l2_share = { "of L2", function(r) return percent(r.l2_share) end },
  peak_rss_mib = { "peak", function(r) return mib(r.peak_rss_mib) end },
  planned_mib = { "planned", function(r) return mib(r.planned_mib) end },
  net_mib = { "net", function(r) return mib(r.net_mib) end },
  wire_seconds = { "wired in", function(r) return seconds(r.wire_seconds) end },
  added = { "added", function(r) return percent(r.added) end },
  speed_of_one = { "of one process", function(r) return percent(r.speed_of_one) end },
  speedup = { "speedup", function(r) return plain(r.speedup) end },
  speedup_over_dense = { "over dense", function(r) return plain(r.speedup_over_dense) end },
  samples_per_second = { "samples/s", function(r) return count(r.samples_per_second) end },
  us_per_step = { "µs/step", function(r) return plain(r.us_per_step) end },
  ns_per_link_sample = { "ns/link/sample", function(r) return plain(r.ns_per_link_sample) end },
  evolve_mib = { "claims", function(r) return mib(r.evolve_mib) end },
  replaced = { "grown", function(r) return count(r.replaced) end },
  evolve_ns_per_link = { "ns/link", function(r) return plain(r.evolve_ns_per_link) end },
}

-- ---- tables on pages ----

local WHERE = "lab.bench.table"

local column_spec = {
  positional = true,
  header = { kind = "string", default_is = "the column's own", help = "The head; `value` needs one." },
  value = { kind = "function", takes = "function(row)", help = "Returns a cell: a number, text or nil." },
}
local spec = {
  positional = true,
  columns = { kind = "table", required = true, takes = "array of names, or of tables", each = column_spec,
    help = "The columns, the first to the left: " .. table.concat(options.sorted_keys(M.kinds), ", ") .. "; a table has the name first, or a `value`." },
  note = { kind = "string", help = "A sentence below the table." },
}

manual.word(WHERE, {
  summary = "a table of measurements",
  items = { "rows", "What lab.bench.run or lab.bench.rows returned." },
  options = spec,
  example = 'lab.bench.table { lab.bench.rows(runs[1]), columns = { "name", "epoch", { "links", header = "all links" } } }',
})

-- A column as { header, function of a row }.
local function check_column(i, given)
  local where = ("%s, column %d"):format(WHERE, i)
  local c = options.check(where, column_spec, type(given) == "string" and { given } or given)
  if (c[1] == nil) == (c.value == nil) then options.fail(where .. ": give either the name of a column or 'value'") end
  if c.value then
    if not c.header then options.fail(where .. ": option 'header' is missing") end
    return { c.header, c.value }
  end
  local kind = M.kinds[c[1]]
  if not kind then options.fail(("%s: no column '%s'%s"):format(where, tostring(c[1]), options.suggestion(tostring(c[1]), options.sorted_keys(M.kinds)))) end
  return { c.header or kind[1], kind[2] }
end

-- Ranges with a dash of their own, and one where nothing is.
local function cell(v)
  if type(v) == "number" then return plain(v) end
  local text = v == nil and M.missing or clean(v)
  if text == M.missing then return "–" end
  return (text:gsub("(%d)%-(%d)", "%1–%2"))
end

-- Shows a table of rows; the first column stands to the left.
function M.table(given)
  local o = options.check(WHERE, spec, given)
  if type(o[1]) ~= "table" then options.fail(WHERE .. ": the first value must be rows of lab.bench.run") end
  local shown, columns = { header = {}, rows = {}, note = o.note, align = "" }, {}
  for i, column in ipairs(o.columns) do
    columns[i] = check_column(i, column)
    shown.header[i] = columns[i][1]
    shown.align = shown.align .. (i == 1 and "l" or "r")
  end
  for i, row in ipairs(o[1]) do
    shown.rows[i] = {}
    for j, column in ipairs(columns) do shown.rows[i][j] = cell(column[2](row)) end
  end
  require "lab.figure.table" (shown)
end

return M
