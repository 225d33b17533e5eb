-- baseline.lua: new rows compared with rows that an earlier `setlab bench --json` printed,
-- perhaps of another build.
--
-- Rows belong together if workload and name are the same, and are compared if they did the same
-- work. Seconds compare two moments of a machine that may have changed; shares of sgemm, each
-- measured in its own run, compare the programs.

local json = require "lab.util.json"
local text_table = require "lab.util.text_table"

local M = {}

-- What must be equal, or nearly: the links of a wiring are drawn.
local same = { "threads", "batch", "samples", "mode" }

local function check_row(path, i, row)
  local function wrong(what) error(("%s: row %d %s; expected what 'setlab bench --json' prints"):format(path, i, what), 0) end
  if type(row) ~= "table" then wrong "is not an object" end
  for _, key in ipairs { "workload", "name" } do
    if type(row[key]) ~= "string" then wrong(("has no text '%s'"):format(key)) end
  end
  for _, key in ipairs { "train_seconds_per_epoch", "min", "max", "evolve_ms_per_epoch", "sgemm_share", "links" } do
    if row[key] ~= nil and (type(row[key]) ~= "number" or row[key] <= 0) then wrong(("has a '%s' that is not a number above 0"):format(key)) end
  end
end

-- The rows in a file. Raises a sentence with the file's name.
function M.read(path)
  local file, why = io.open(path, "rb")
  local text
  if file then
    text, why = file:read "a"
    file:close()
    why = why and path .. ": " .. why
  end
  if not text then error("cannot read the baseline: " .. (why or path), 0) end
  local rows, wrong = json.decode(text)
  if wrong then error(("%s: %s"):format(path, wrong), 0) end
  if type(rows) ~= "table" then error(("%s: expected an object or an array of them"):format(path), 0) end
  if rows.workload then rows = { rows } end
  if #rows == 0 then error(("%s: no rows; expected what 'setlab bench --json' prints"):format(path), 0) end
  for i, row in ipairs(rows) do check_row(path, i, row) end
  return rows
end

-- Why two rows of one name cannot be compared, or nil.
local function difference(before, now)
  for _, key in ipairs(same) do
    if before[key] ~= now[key] then return ("%s was %s, is %s"):format(key, tostring(before[key]), tostring(now[key])) end
  end
  if before.links and math.abs(before.links - now.links) > 0.05 * now.links then
    return ("links were %d, are %d"):format(before.links, now.links)
  end
end

local function ratio(a, b) return a and b and a / b end

local function compare(before, now)
  return {
    workload = now.workload, name = now.name, difference = difference(before, now),
    speed = ratio(before.train_seconds_per_epoch, now.train_seconds_per_epoch),
    least = ratio(before.min, now.max), most = ratio(before.max, now.min),
    evolve = ratio(before.evolve_ms_per_epoch, now.evolve_ms_per_epoch),
    share = ratio(now.sgemm_share, before.sgemm_share),
  }
end

-- Adds `baseline` to each row that has a partner: { speed = how many times as fast, least and
-- most of any two epochs, evolve, share = the same of the shares of sgemm }, or { difference =
-- why not }. Returns how many have one.
function M.compare(baseline, rows)
  local partners, found = {}, 0
  for _, row in ipairs(baseline) do partners[row.workload .. "\0" .. row.name] = row end
  for _, row in ipairs(rows) do
    local before = partners[row.workload .. "\0" .. row.name]
    if before then
      row.baseline, found = compare(before, row), found + 1
      if row.baseline.difference then row.baseline = { difference = row.baseline.difference } end
    end
  end
  return found
end

local function times(x) return x and ("%.3g"):format(x) or "-" end

-- The comparison as text.
function M.text(path, rows)
  local lines, notes = { { "times as fast as " .. path, "epoch", "least-most", "of sgemm", "evolution" } }, {}
  for _, row in ipairs(rows) do
    local b = row.baseline
    local name = row.workload == row.name and row.name or row.workload .. ", " .. row.name
    if not b then notes[#notes + 1] = name .. ": no such row in the baseline"
    elseif b.difference then notes[#notes + 1] = ("%s: not compared: %s"):format(name, b.difference)
    else
      lines[#lines + 1] = { name, times(b.speed), b.least and b.most and times(b.least) .. "-" .. times(b.most) or "-", times(b.share), times(b.evolve) }
    end
  end
  local text = #lines > 1 and text_table.columns(lines) .. "\n" or ""
  return text .. table.concat(notes, "\n")
end

return M
