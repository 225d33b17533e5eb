-- report.lua: rows of a benchmark as text for people.

local columns = require "lab.bench.columns"
local facts = require "lab.run.machine"
local machines = require "lab.bench.machine"
local statistics = require "lab.util.statistics"
local text_table = require "lab.util.text_table"
local workloads = require "lab.bench.workloads"

local M = {}

local kinds, MISSING = columns.kinds, columns.missing
local function percent(x) return ("%.3g %%"):format(100 * x) end
local function plain(x) return ("%.3g"):format(x) end

-- ---- tables ----

-- The usual columns, those of the workload, and memory; a column that no row fills is left out.
local function columns_of(workload, rows)
  local names = { "name", "links", "samples", "epoch", "evolution", "gflops", "sgemm_share", "gb_per_second", "l2_share" }
  table.move(workload.columns or {}, 1, #(workload.columns or {}), #names + 1, names)
  if not workload.interleave or #rows == 1 then table.move({ "planned_mib", "peak_rss_mib" }, 1, 2, #names + 1, names) end
  local shown = {}
  for _, name in ipairs(names) do
    for _, row in ipairs(rows) do
      if kinds[name][2](row) ~= MISSING then
        shown[#shown + 1] = name
        break
      end
    end
  end
  return shown
end

local function table_of(workload, rows)
  local names, lines = columns_of(workload, rows), { {} }
  for j, name in ipairs(names) do lines[1][j] = kinds[name][1] end
  for i, row in ipairs(rows) do
    lines[i + 1] = {}
    for j, name in ipairs(names) do lines[i + 1][j] = kinds[name][2](row) end
  end
  return text_table.columns(lines)
end

-- ---- sentences ----

local function machine_line(row)
  local parts = { ("%d thread%s: sgemm %d %s GFLOP/s"):format(row.threads, row.threads == 1 and "" or "s", row.sgemm_rows, plain(row.sgemm_gflops)) }
  for _, level in ipairs { "l1", "l2", "l3", "dram" } do
    local rate = row[level .. "_gb_per_second"]
    if rate then parts[#parts + 1] = ("%s %s"):format(level:upper(), plain(rate)) end
  end
  return table.concat(parts, ", ") .. " GB/s"
end

-- What the system gave to the rows of one number of threads.
local function state_line(rows)
  local words, had, first = {}, {}, rows[1]
  for _, row in ipairs(rows) do had[#had + 1] = row.processors end
  local least, most = statistics.range(had)
  if least then
    local range = most - least < 0.05 and ("%.2f"):format(most) or ("%.2f to %.2f"):format(least, most)
    local busy = least < 0.9 * first.threads and ": the machine was busy" or ""
    words[1] = ("%s of %d processor%s were had%s"):format(range, first.threads, first.threads == 1 and "" or "s", busy)
  end
  if first.pass_ns then
    words[#words + 1] = ("a line went from thread to thread in %.0f ns before, %.0f ns after (%s)"):format(
      first.pass_ns_before or first.pass_ns, first.pass_ns_after or first.pass_ns, machines.distance(first.pass_ns))
  end
  return table.concat(words, "; ")
end

-- The rows by their number of threads, in order of appearance.
local function by_threads(rows)
  local groups, place = {}, {}
  for _, row in ipairs(rows) do
    if not place[row.threads] then
      groups[#groups + 1] = {}
      place[row.threads] = groups[#groups]
    end
    table.insert(place[row.threads], row)
  end
  return groups
end

-- "batch 6.2 %, forward 14 + 11 + 3 %, loss 2 %, backward 10 + 15 + 16 %", layers from below.
local function phase_line(row)
  local total, forward, backward, single = 0, {}, {}, {}
  for _, phase in ipairs(row.phases) do total = total + phase.seconds end
  for _, phase in ipairs(row.phases) do
    local kind, layer = phase.name:match "^(%a+) ?(%d*)$"
    local share = ("%.2g"):format(100 * phase.seconds / total)
    local list = kind == "forward" and forward or backward
    if layer ~= "" then list[math.tointeger(tonumber(layer))] = share else single[kind] = share end
  end
  local parts = { ("batch %s %%"):format(single.batch), ("forward %s %%"):format(table.concat(forward, " + ")) }
  parts[3] = ("loss %s %%"):format(single.loss)
  if #backward > 0 then parts[4] = ("backward and update %s %%"):format(table.concat(backward, " + ")) end
  return table.concat(parts, ", ")
end

-- The text of one workload's rows.
function M.text(rows)
  local workload, first = require "lab.bench".find(rows[1].workload), rows[1]
  local lines = { ("%s: %s"):format(workload.name, workload.summary), ("%s, %s"):format(facts.cpu, first.isa), "", table_of(workload, rows), "" }
  local function say(text) lines[#lines + 1] = text end
  if first.break_even_density then say(("sparse and dense layers break even at a density of %s"):format(percent(first.break_even_density)))
  elseif first.speedup_over_dense then say "dense layers are faster at every density" end
  for _, group in ipairs(by_threads(rows)) do
    say(machine_line(group[1]))
    say(state_line(group))
  end
  for _, row in ipairs(#rows <= 2 and rows or {}) do
    if row.phases then say((#rows > 1 and row.name .. ": " or "") .. phase_line(row)) end
  end
  return table.concat(lines, "\n")
end

-- What can be run, for --list.
function M.list()
  local lines = {}
  for i, workload in ipairs(workloads) do lines[i] = ("%-10s %s"):format(workload.name, workload.summary) end
  return table.concat(lines, "\n")
end

return M
