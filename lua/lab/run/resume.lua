-- resume.lua: what a run that was stopped has left to go on from: the checkpoint of its folder.
--
-- The files that grew after it are cut back to what they were when it was saved; what else the script
-- keeps in the folder stays. run/checkpoint.lua saves it, and fills net and run from it.

local csv = require "lab.util.csv"
local engine = require "lab.c.checkpoint"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local options = require "lab.util.options"
local store = require "lab.run.store"
local is_temporary = require "lab.util.temporary"
local yaml = require "lab.util.yaml"

local M = {
  name = "checkpoint.npz",
  format = 1,  -- of its member run.yaml
}

-- What a checkpoint's run.yaml holds (run/checkpoint.lua), by kind; columns and last only if rows were logged,
-- evolving if the wiring has changed, random and reads not if an earlier version wrote it.
local fields = {
  columns = "table", continued = "table", evolving = "table", epoch = "integer", last = "table", lengths = "table", rows = "integer",
  key = "string", random = "string", reads = "table", run_seconds = "number", series = "table", started = "string", state = "table", trained = "integer", training_seconds = "number",
}
local optional = { columns = true, evolving = true, last = true, random = true, reads = true }

-- Is it that? A forged file may say anything under a checksum that fits.
function M.is_past(past)
  for _, name in ipairs(options.sorted_keys(fields)) do
    local v, kind = past[name], fields[name]
    local fits = type(v) == kind or kind == "integer" and math.type(v) == kind and v >= 0
    if not fits and not (v == nil and optional[name]) then return false end
  end
  for _, name in ipairs(options.sorted_keys(past.lengths)) do
    if math.type(past.lengths[name]) ~= "integer" or past.lengths[name] < 0 or name:find "[/%z]" then return false end
  end
  for _, keys in pairs(past.series) do if type(keys) ~= "table" then return false end end
  return true
end

-- What the file says of its run; or nil and why it is no good for it.
local function read_past(path, full_key, may_read)
  local file, why = engine.open(path .. "/" .. M.name)
  if not file then return nil, why end
  local text, problem = file:text "run.yaml"
  local past = text and yaml.read(text)
  if not past then return nil, problem or ("%s/%s: its run.yaml is not understood"):format(path, M.name) end
  if past.format ~= M.format then return nil, ("%s/%s has the format %s, not %d"):format(path, M.name, tostring(past.format), M.format) end
  if past.results_version ~= hash.results_version then
    return nil, ("%s/%s is of results version %s, this program's is %d"):format(path, M.name, tostring(past.results_version), hash.results_version)
  end
  if past.key ~= full_key then return nil, ("%s/%s belongs to another run"):format(path, M.name) end
  if not M.is_past(past) then return nil, ("%s/%s: its run.yaml is not what a run writes"):format(path, M.name) end
  for _, name in ipairs(options.sorted_keys(past.lengths)) do
    local found = fs.stat(path .. "/" .. name)
    if not found or found.size < past.lengths[name] then
      return nil, ("%s/%s is shorter than it was when the checkpoint was saved"):format(path, name)
    end
  end
  local changed = store.changed(past.reads, may_read)
  if changed then return nil, ("%s/%s cannot be used any more: %s"):format(path, M.name, table.concat(changed, ", ")) end
  past.file = file
  return past
end

-- monitor.csv up to the moment of the checkpoint: cuts it, and says what the kept rows come to.
local function cut_monitor(path, seconds)
  local name = path .. "/monitor.csv"
  local text, kept, spent, last = fs.read_file(name) or "", 0, 0, 0
  local past = { seconds = seconds, peak_uss_mib = 0, peak_rss_mib = 0 }
  for line, after in text:gmatch "([^\n]*\n)()" do
    local row = csv.rows(text:match "^[^\n]*\n" .. line)[1]
    if row and tonumber(row.seconds) then
      if row.seconds > seconds then break end
      spent, last = spent + (row.seconds - last) * row.cpu_percent, row.seconds
      past.peak_uss_mib, past.peak_rss_mib = math.max(past.peak_uss_mib, row.uss_mib), math.max(past.peak_rss_mib, row.rss_mib)
      past.cpu_percent, past.read_bytes, past.written_bytes = row.cpu_percent, row.read_bytes, row.written_bytes
    end
    kept = after - 1
  end
  if #text > 0 and not fs.truncate(name, kept) then return { seconds = seconds } end
  past.mean_cpu_percent = last > 0 and spent / last or 0
  return past
end

-- Whether the run will write this file anew: metrics, a series (its header ends with "values", or was
-- not written yet), a result, what was to be renamed.
local function is_begun_later(path, name)
  if name == "metrics.csv" or name == "result.yaml" or is_temporary(name) then return true end
  if name == "monitor.csv" or not name:find "%.csv$" then return false end
  local text = fs.read_file(path .. "/" .. name)
  local header = text and text:match "^([^\n]*)\n"
  return text == "" or header ~= nil and (header == "values" or header:find ",values$" ~= nil)
end

-- The folder as it was at the moment of the checkpoint. Files of the script's own stay.
local function cut_back(path, past)
  for _, name in ipairs(fs.list(path) or {}) do
    local ok, why, length = true, nil, past.lengths[name]
    if length then ok, why = fs.truncate(path .. "/" .. name, length)
    elseif is_begun_later(path, name) then ok, why = fs.remove_tree(path .. "/" .. name) end
    if not ok then store.fail(why) end
  end
  past.monitor = cut_monitor(path, past.run_seconds)
end

-- For store.claim: what the folder holds to go on from, or nil. A checkpoint that is no good is told
-- to `note`, and the run starts anew. may_read is as in store.inspect.
function M.take_up(folder, full_key, note, may_read)
  if not fs.stat(folder.path .. "/" .. M.name) then return nil end
  local past, why = read_past(folder.path, full_key, may_read)
  if past then cut_back(folder.path, past) else note(("%s; the run starts again"):format(why)) end
  return past
end

-- Removes the checkpoint of a finished run, unless it is to be kept.
function M.tidy(path, keep)
  if not keep and fs.stat(path .. "/" .. M.name) then fs.remove(path .. "/" .. M.name) end
end

-- The monitor's summary of this piece, made one of the whole run's.
function M.whole_summary(past, summary)
  local monitor = past and past.monitor
  if not monitor or not summary.seconds then return summary end
  local all = monitor.seconds + summary.seconds
  summary.peak_uss_mib = math.max(summary.peak_uss_mib, monitor.peak_uss_mib or 0)
  summary.peak_rss_mib = math.max(summary.peak_rss_mib, monitor.peak_rss_mib or 0)
  summary.cpu_percent = ((monitor.mean_cpu_percent or 0) * monitor.seconds + summary.cpu_percent * summary.seconds) / all
  return summary
end

return M
