-- progress.lua: how a sweep stands, on standard error.
--
-- On a terminal a few lines renew themselves: the count, and one line for each run under way. Elsewhere
-- a key=value line, or a JSON object, for every run that ends. Failures are reported at once everywhere.

local jobs = require "lab.sweep.run.jobs"
local line = require "lab.util.progress_line"
local progress = require "lab.util.progress"
local values = require "lab.sweep.plan.values"

local M = { every = 0.1, quiet_start = 0.5, most_lines = 8 }  -- seconds; lines for runs under way

local Progress = {}
Progress.__index = Progress

-- { done, reused, failed, diverged, stopped, running, waiting, all } of the jobs: a job counts once.
function M.counts(all)
  local counts = { done = 0, reused = 0, failed = 0, diverged = 0, stopped = 0, running = 0, waiting = 0, all = #all }
  for _, job in ipairs(all) do
    local name = "waiting"
    if job.state == "running" then name = "running"
    elseif job.state == "failed" or job.state == "diverged" then name = job.state
    elseif job.pruned then name = "stopped"
    elseif job.state == "done" then name = job.reused and "reused" or "done" end
    counts[name] = counts[name] + 1
  end
  return counts
end

local words = { { "running", "running" }, { "stopped", "stopped early" }, { "diverged", "diverged" }, { "failed", "failed" } }

-- "12 of 24 done (5 read back), 2 running, 1 failed"
function M.count_text(counts)
  local back = counts.reused > 0 and (" (%d read back)"):format(counts.reused) or ""
  local parts = { ("%d of %d done%s"):format(counts.done + counts.reused, counts.all, back) }
  for _, word in ipairs(words) do
    local n = counts[word[1]]
    if n > 0 then parts[#parts + 1] = ("%d %s"):format(n, word[2]) end
  end
  return table.concat(parts, ", ")
end

-- Seconds until the end, from what the runs of this call took; nil while nothing is known. A run under
-- way counts by its epochs. With a rule that stops runs it is the most that it may take.
function M.remaining(all, workers, now)
  local seconds, shares, left = 0, 0, 0
  for _, job in ipairs(all) do
    local epoch = values.epoch(job)
    local share = jobs.share(job, epoch)
    local wall = job.wall + (job.state == "running" and now - job.began or 0)
    if wall > 0 and not job.reused then
      seconds, shares = seconds + wall, shares + share - jobs.share({ epochs = job.epochs }, job.began_at or 0)
    end
    if not job.pruned then left = left + 1 - share end
  end
  if shares <= 0 then return nil end
  return left * seconds / shares / workers
end

function M.eta_text(seconds, at_most) return seconds and ("ETA %s%s"):format(at_most and "at most " or "", line.clock_time(seconds)) end

-- A sweep is about to run.
function M.new(sweep)
  local now = sweep.clock()
  return setmetatable({ sweep = sweep, mode = progress.resolve(progress.mode), last = now + M.quiet_start - M.every, lines = 0 }, Progress)
end

-- ---- the terminal -----------------------------------------------------------------------

function Progress:clear()
  if self.lines == 0 then return end
  progress.write("\r\27[K" .. ("\27[A\27[K"):rep(self.lines - 1))
  self.lines = 0
end

function Progress:eta(now)
  local sweep = self.sweep
  return M.remaining(sweep.jobs, sweep.workers * (sweep.sharers or 1), now), sweep.plan.stop and sweep.plan.stop.rule ~= "none"
end

-- What a job is worth so far: a number, not-a-number or an infinity if its metric stands there (second the
-- word for it), or nil.
function M.value(plan, job)
  if not plan.objective then return nil end
  local value, broken = values.value(plan.objective, job)
  local history = broken and values.history(plan.objective, job, math.huge)
  return history and history[#history] or value, broken
end

local function job_line(plan, job)
  local parts, epoch = { "  " .. job.label }, values.epoch(job)
  if epoch > 0 then parts[#parts + 1] = job.epochs and ("epoch %d/%d"):format(epoch, job.epochs) or ("epoch %d"):format(epoch) end
  local value, broken = M.value(plan, job)
  if value then parts[#parts + 1] = ("%s %s"):format(plan.objective.metric, broken or ("%.4g"):format(value)) end
  parts[#parts + 1] = job.differs
  return table.concat(parts, "  ")
end

-- The lines that renew themselves, none wider than the window.
function Progress:block(now)
  local sweep, counts = self.sweep, M.counts(self.sweep.jobs)
  local over = counts.all - counts.running - counts.waiting
  local first = { line.clean(sweep.plan.name), line.gauge(over / counts.all, 12), M.count_text(counts), M.eta_text(self:eta(now)) }
  local list, running = { table.concat(first, "  ") }, {}
  for _, job in pairs(sweep.running) do running[#running + 1] = job end
  table.sort(running, function(a, b) return a.id < b.id end)
  for i, job in ipairs(running) do
    if i > M.most_lines then
      list[#list + 1] = ("  and %d more"):format(#running - M.most_lines)
      break
    end
    list[#list + 1] = line.clean(job_line(sweep.plan, job))
  end
  for i, text in ipairs(list) do list[i] = line.cut(text, line.columns() - 1) end
  return list
end

-- Called often: renews what is due.
function Progress:tick()
  local now = self.sweep.clock()
  if self.mode ~= "bar" or now - self.last < M.every then return end
  self.last = now
  local list = self:block(now)
  self:clear()
  progress.write(table.concat(list, "\n"))
  self.lines = #list
end

-- ---- what happens -----------------------------------------------------------------------

-- A sentence of its own.
function Progress:note(text)
  self:clear()
  if self.mode ~= "json" then progress.write(("%s: %s\n"):format(self.sweep.plan.name, text)) end
end

local order = { "sweep", "trial", "seed", "params", "status", "epoch", "value", "seconds", "reused", "why", "finished", "of", "eta_seconds" }

-- A process has come to an end.
function Progress:ended(job)
  local sweep = self.sweep
  if job.state == "failed" and (self.mode == "bar" or self.mode == "none") then
    local why = tostring(job.why)
    self:note(("%s failed%s  [%s]"):format(job.label, why == self.said and " for the same reason" or ": " .. why, job.name))
    self.said = why
  end
  if self.mode ~= "lines" and self.mode ~= "json" then return end
  local counts = M.counts(sweep.jobs)
  local facts = { sweep = sweep.plan.name, trial = job.trial.index, seed = job.seed, params = job.name, status = job.pruned and "stopped" or job.state,
    epoch = values.epoch(job), value = M.value(sweep.plan, job), seconds = job.seconds,
    reused = job.reused and "yes" or nil, why = job.why, finished = counts.all - counts.running - counts.waiting, of = counts.all,
    eta_seconds = self:eta(sweep.clock()) }
  progress.write(self.mode == "json" and line.json("run", facts, order) or line.plain(facts, order))
end

function Progress:pruned(trial, verdict)
  if self.mode == "lines" then self:note(("trial %d %s"):format(trial.index, verdict.reason)) end
end

-- The sweep is over, or was stopped: one sentence stays.
function Progress:close()
  self:clear()
  if self.mode ~= "none" and self.mode ~= "json" then self:note(M.count_text(M.counts(self.sweep.jobs))) end
end

return M
