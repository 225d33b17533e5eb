-- under_way.lua: the runs that are being trained on this machine, as text: how far they are, their curves in blocks, and
-- where they stand among the runs of their experiment.

local catalog = require "lab.archive.catalog"
local csv = require "lab.util.csv"
local format = require "lab.util.format"
local fs = require "lab.c.fs"
local moment = require "lab.util.moment"
local options = require "lab.util.options"
local system = require "lab.c.system"
local text = require "lab.util.text"

local M = {}

local BLOCKS <const> = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local BEST <const> = 5   -- lines of a ranking

-- A curve of `width` signs: each is the mean of its share of the values, from the lowest to the highest. What is no number is a blank.
function M.curve(values, width)
  local n, means, low, high = #values, {}, math.huge, -math.huge
  width = math.min(width, n)
  for i = 1, width do
    local sum, count = 0, 0
    for j = (i - 1) * n // width + 1, i * n // width do
      local v = values[j]
      if type(v) == "number" and v == v and math.abs(v) < math.huge then sum, count = sum + v, count + 1 end
    end
    means[i] = count > 0 and sum / count or false
    if means[i] then low, high = math.min(low, means[i]), math.max(high, means[i]) end
  end
  for i, mean in ipairs(means) do
    local share = mean and (high > low and (mean - low) / (high - low) or 0.5)
    means[i] = mean and BLOCKS[1 + math.min(#BLOCKS - 1, share * #BLOCKS // 1 | 0)] or " "
  end
  return table.concat(means)
end

-- Columns that are worth a curve, the most telling first: accuracies, losses, then others that are no measure of time or count.
local function telling(row)
  local ranked = {}
  for _, name in ipairs(options.sorted_keys(row)) do
    if type(row[name]) == "number" then
      local rank = name:find "^validation" and 1 or name:find "test.*accuracy" and 2 or name:find "accuracy" and 3 or name:find "loss" and 4
      if rank then ranked[#ranked + 1] = { name = name, rank = rank } end
    end
  end
  table.sort(ranked, function(a, b) return a.rank < b.rank or a.rank == b.rank and a.name < b.name end)
  local names = {}
  for i, it in ipairs(ranked) do names[i] = it.name end
  return names
end

-- A number of epochs, which may be a part of one.
local function plain(n)
  local whole = math.tointeger(n)
  return whole and ("%d"):format(whole) or format.number(n)
end

local function say_progress(entry, rows, now)
  local epoch, epochs = rows[#rows] and rows[#rows].epoch, entry.parameters.epochs or entry.arguments.epochs
  epoch, epochs = type(epoch) == "number" and epoch or nil, type(epochs) == "number" and epochs or nil
  local parts = { epoch and "epoch " .. plain(epoch) .. (epochs and " of " .. plain(epochs) or "") or "no epoch yet" }
  local began = moment(entry.started)
  local age = began and now - began
  if age and age >= 0 then parts[#parts + 1] = format.seconds(age) end
  if age and epoch and epochs and epoch > 0 and epochs >= epoch then parts[#parts + 1] = format.seconds(age / epoch * (epochs - epoch)) .. " left" end
  return table.concat(parts, ", ")
end

local function column(rows, name)
  local values = {}
  for i, row in ipairs(rows) do values[i] = row[name] or false end
  return values
end

-- The lines of one run.
local function run_lines(entry, width, now)
  local rows = csv.rows(fs.read_file(entry.path .. "/metrics.csv") or "")
  local names = telling(rows[#rows] or {})
  local lines = { text.clean(("%s  %s %s: %s"):format(entry.key, entry.experiment or "", entry.name or "", say_progress(entry, rows, now))) }
  local widest = 0
  for i = 1, math.min(3, #names) do widest = math.max(widest, text.width(names[i])) end
  for i = 1, math.min(3, #names) do
    local name = names[i]
    local head = ("  %s%s  %-8s  "):format(text.clean(name), (" "):rep(widest - text.width(name)), format.number(rows[#rows][name]))
    lines[#lines + 1] = head .. M.curve(column(rows, name), math.max(4, width - text.width(head) - 1))
  end
  return lines, names[1]
end

-- The best runs of an experiment by a column, those under way among them.
local function ranking_lines(entries, experiment, by)
  local list = {}
  for _, e in ipairs(entries) do
    if e.experiment == experiment and type(e.metrics[by]) == "number" and e.metrics[by] == e.metrics[by] then list[#list + 1] = e end
  end
  if #list < 2 then return {} end
  local sign = by:find "loss" and 1 or -1
  table.sort(list, function(a, b) return sign * a.metrics[by] < sign * b.metrics[by] or a.metrics[by] == b.metrics[by] and a.key < b.key end)
  local lines = { text.clean(("%s, the best of %d runs by %s:"):format(experiment, #list, by)) }
  for i = 1, math.min(BEST, #list) do
    local e = list[i]
    lines[#lines + 1] = text.clean(("  %d  %s  %s  %s%s"):format(i, format.number(e.metrics[by]), e.key, e.name or "", e.status == "running" and "  (under way)" or e.status ~= "done" and ("  (%s)"):format(e.status) or ""))
  end
  return lines
end

-- What is under way, as lines that fit a window; and how many runs there are.
--   given  { width =, by = column of the rankings, or nil: the first that tells }
function M.lines(given)
  local entries, lines, n, seen, now = catalog.all(), {}, 0, {}, system.wall()
  local rankings = {}
  for _, e in ipairs(entries) do
    if e.status == "running" then
      n = n + 1
      local own, first = run_lines(e, given.width, now)
      table.move(own, 1, #own, #lines + 1, lines)
      local by = given.by or first
      if by and e.experiment and not seen[e.experiment] then
        seen[e.experiment] = true
        rankings[#rankings + 1] = ranking_lines(entries, e.experiment, by)
      end
    end
  end
  for _, list in ipairs(rankings) do
    if #list > 0 then
      lines[#lines + 1] = ""
      table.move(list, 1, #list, #lines + 1, lines)
    end
  end
  for i, line in ipairs(lines) do lines[i] = text.cut(line, given.width) end
  return lines, n
end

return M
