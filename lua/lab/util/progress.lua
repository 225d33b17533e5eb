-- progress.lua: how far a run is, on standard error.
--
-- On a terminal one line renews itself, at most ten times a second and not at all in the
-- first half second. Elsewhere plain key=value lines say it, at most one an epoch and one
-- every 30 s, and one at the end. Words that train call begin, update and finish; update
-- looks at the clock first and is cheap when nothing is due.

local line = require "lab.util.progress_line"
local system = require "lab.c.system"

local M = {
  mode = "auto",  -- auto, bar, lines, json or none: the option --progress
  clock = system.seconds,
  write = function(text) io.stderr:write(text) end,
  memory = function() return (select(3, system.memory())) end,
}

local every = { bar = 0.1, lines = 30, json = 0.1 }  -- seconds between two tellings
local quiet_start = 0.5                              -- seconds before the first line on a terminal

local run    -- what is known of the run under way, or nil
local shown  -- true while the terminal's last line is ours

-- "auto" becomes what standard error can show.
function M.resolve(mode)
  if mode ~= "auto" then return mode end
  local term = os.getenv "TERM"
  return system.isatty(2) and term and term ~= "" and term ~= "dumb" and "bar" or "lines"
end

-- Removes the progress line, before anything else is written to the terminal.
function M.clear()
  if shown then M.write(line.erase()) end
  shown = false
end

-- Writes a line of its own, above the progress line.
function M.note(text)
  M.clear()
  M.write(text .. "\n")
end

-- A run begins: { label = what to call it, epochs = how many, samples_per_epoch = n }.
function M.begin(given)
  M.clear()
  local now = M.clock()
  run = {
    mode = M.resolve(M.mode), label = given.label, epochs = given.epochs, samples_per_epoch = given.samples_per_epoch,
    began = now, epoch_began = now, seen = { epoch = 1, fraction = 0 }, durations = {},
    last = M.resolve(M.mode) == "bar" and now + quiet_start - every.bar or now,
  }
  if run.mode == "json" then M.write(line.json("begin", { label = run.label, epochs = run.epochs })) end
end

-- A loop begins that may stand in a run which lab.runs began, or alone: { epochs =,
-- samples_per_epoch = } are noted where nothing better is known.
function M.expect(given)
  if not run then return M.begin(given) end
  run.epochs = run.epochs or given.epochs
  run.samples_per_epoch = run.samples_per_epoch or given.samples_per_epoch
end

-- Keeps the seconds of whole epochs in ascending order, for their median.
local function keep_duration(seconds)
  local i = #run.durations + 1
  while i > 1 and run.durations[i - 1] > seconds do i = i - 1 end
  table.insert(run.durations, i, seconds)
end

local function median(sorted)
  local n = #sorted
  if n % 2 == 1 then return sorted[n // 2 + 1] end
  return (sorted[n // 2] + sorted[n // 2 + 1]) / 2
end

-- Seconds until the run's end by the median epoch so far, or nil if nothing is known.
local function remaining(now)
  local seen = run.seen
  if not run.epochs then return nil end
  local left = run.epochs - seen.epoch + 1 - (seen.fraction or 0)
  if #run.durations > 0 then return math.max(0, left * median(run.durations)) end
  local done = seen.fraction or 0
  return done > 0.02 and left * (now - run.epoch_began) / done or nil
end

-- Everything a line may tell, named as the key=value lines name it.
local function facts(now)
  local seen = run.seen
  if not run.memory_at or now - run.memory_at >= 1 then run.memory_at, run.memory = now, M.memory() end
  return {
    label = run.label, epoch = seen.epoch, epochs = run.epochs, fraction = seen.fraction or 0,
    loss = seen.loss, accuracy = seen.accuracy, samples_per_second = seen.samples_per_second,
    links = seen.links, eta_seconds = remaining(now), memory_mib = run.memory, seconds = now - run.began,
  }
end

local function tell(now)
  run.last, run.told_epoch = now, run.seen.epoch
  local f = facts(now)
  if run.mode == "bar" then
    M.write(line.bar(f))
    shown = true
  elseif run.mode == "lines" then M.write(line.plain(f))
  elseif run.mode == "json" then M.write(line.json("progress", f)) end
end

-- What is due: on a terminal by the clock alone; a json line once an epoch; a plain line
-- every 30 s, wherever the epoch stands then.
local function is_due(now)
  if now - run.last < every[run.mode] then return false end
  return run.mode ~= "json" or run.told_epoch ~= run.seen.epoch
end

-- The run has come to { epoch =, fraction = share of it done, loss =, accuracy =, links =,
-- samples_per_second = }. What is not named keeps its last value.
function M.update(news)
  if not run then M.begin { label = news.label, epochs = news.epochs } end
  if run.mode == "none" then return end
  local now, seen = M.clock(), run.seen
  if news.epoch and news.epoch ~= seen.epoch then
    if news.epoch == seen.epoch + 1 then keep_duration(now - run.epoch_began) end
    run.epoch_began, seen.fraction = now, 0
  end
  for name, value in pairs(news) do seen[name] = value end
  run.epochs = news.epochs or run.epochs
  if is_due(now) then tell(now) end
end

-- The run is over: { status = "done", "failed", ... }. One line stays.
function M.finish(given)
  M.clear()
  if not run then return end
  local f = facts(M.clock())
  f.status, f.eta_seconds = given and given.status or "done", nil
  if run.mode == "json" then M.write(line.json("finish", f))
  elseif run.mode == "lines" then M.write(line.plain(f))
  elseif run.mode == "bar" and f.seconds >= quiet_start then M.write(line.summary(f)) end
  run = nil
end

return M
