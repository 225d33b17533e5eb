-- results.lua: what a sweep gives back: its runs, and who is best.
--
-- mean, sd and n are over the seeds whose run came to its end. A trial that was stopped early, or has no
-- such run, has no rank, and stands below; what it was worth when it was stopped is its `value`.

local about = require "lab.sweep.result.about"
local fields = require "lab.util.fields"
local format = require "lab.util.format"
local jobs = require "lab.sweep.run.jobs"
local ledger = require "lab.sweep.run.ledger"
local options = require "lab.util.options"
local output = require "lab.util.output"
local records = require "lab.run.records"
local statistics = require "lab.util.statistics"
local values = require "lab.sweep.plan.values"

local M = {}

local Sweep = {}

-- ---- one run ----------------------------------------------------------------------------

local function record_of(plan, job, status)
  if not job.key then return nil end
  local arguments = { trial = job.trial.index }
  for name, v in pairs(job.params) do arguments[name] = v end
  local task = { name = job.name, arguments = arguments, label = plan.name, id = { key = job.key, hash = job.hash } }
  return records.record(task, { status = status, reused = job.reused, why = job.pruned and job.pruned.reason or job.why })
end

local function entry_of(plan, job)
  local status = ledger.status(job)
  if status == "paused" or status == "running" then status = "waiting" end
  local record = record_of(plan, job, status)
  if record and not job.rows then job.rows = record:rows() end
  local epoch = job.pruned and status == "pruned" and job.pruned.epoch or nil
  local value, broken
  if plan.objective then value, broken = values.value(plan.objective, job, epoch) end
  local why = job.pruned and job.pruned.reason or job.why
  return {
    index = job.trial.index, params = job.trial.params, seed = job.seed, key = job.key, status = status, reused = job.reused or false,
    why = why or broken and ("%s ends as %s"):format(plan.objective.metric, broken), seconds = job.seconds, record = record,
    epoch = epoch or values.epoch(job), value = value, broken = broken,
  }
end

-- ---- many -------------------------------------------------------------------------------

-- done if all its runs are; else the word of those that are not.
local function trial_status(entries)
  local status = "done"
  for _, word in ipairs { "waiting", "diverged", "failed", "pruned" } do
    for _, entry in ipairs(entries) do if entry.status == word then status = word end end
  end
  return status
end

local function board_entry(plan, trial, entries)
  local finished, reached, broken = {}, {}, nil
  for _, entry in ipairs(entries) do
    if entry.status == "done" then finished[#finished + 1] = entry.value end
    reached[#reached + 1], broken = entry.value, broken or entry.broken
  end
  local status = trial_status(entries)
  local s = status ~= "pruned" and not broken and statistics.summary(finished) or nil
  local value
  if plan.objective and not broken then value = values.over_seeds(plan.objective, s and finished or reached) end
  return { trial = trial.index, params = trial.params, runs = entries, status = status, value = value, broken = broken,
    n = status ~= "pruned" and #finished or 0, mean = s and s.mean, sd = s and s.sd }
end

-- One entry a trial, best first; last those without a finished run, or with one whose metric ends as
-- not-a-number or infinity (`broken` says which): they have no mean and no rank.
function Sweep:leaderboard()
  local ranked, rest = {}, {}
  for _, trial in ipairs(self.list) do
    local entry = board_entry(self.plan, trial, self.by_trial[trial])
    table.insert(entry.mean and ranked or rest, entry)
    entry.index = entry.trial  -- equals keep the order of the plan
  end
  if self.plan.objective then
    ranked = values.ranked(self.plan.objective, ranked, function(entry) return entry.value end)
  end
  for place, entry in ipairs(ranked) do entry.rank = self.plan.objective and place or nil end
  table.sort(rest, function(a, b)
    if a.status ~= b.status then return a.status < b.status end
    return a.trial < b.trial
  end)
  table.move(rest, 1, #rest, #ranked + 1, ranked)
  return ranked
end

function Sweep:best()
  local first = self:leaderboard()[1]
  return first and first.rank and first or nil
end

function Sweep:rows()
  local rows = {}
  for i, entry in ipairs(self.trials) do
    local row = { trial = entry.index, seed = entry.seed, status = entry.status, value = entry.value, epoch = entry.epoch,
      seconds = entry.seconds, key = entry.key, reused = entry.reused, why = entry.why }
    for name, v in pairs(entry.params) do if row[name] == nil then row[name] = v end end
    rows[i] = row
  end
  return rows
end

function Sweep:runs(given)
  local o = options.check("sweep:runs", about.runs.options, given)
  local list, labels, seen = {}, {}, {}
  for _, entry in ipairs(self.trials) do
    local record = entry.record
    if record and (entry.status == "done" or o.stopped and entry.status == "pruned") then
      list[#list + 1] = record
      for name, v in pairs(record.arguments) do
        labels[name], seen[name] = labels[name] or {}, seen[name] or {}
        if not seen[name][v] then table.insert(labels[name], v) end
        seen[name][v] = true
      end
    end
  end
  return records.runs(list, self.plan.name, labels)
end

-- ---- to look at -------------------------------------------------------------------------

-- "1 of 3 trials ends as not-a-number (loss) and has no rank", or nil; of entries of a leaderboard.
function M.broken_note(board, metric)
  local broken, word = 0, nil
  for _, entry in ipairs(board) do
    if entry.broken then
      broken, word = broken + 1, (not word or word == entry.broken) and entry.broken or "not-a-number or infinity"
    end
  end
  if broken == 0 then return nil end
  local several = broken > 1
  return ("%d of %d trials %s as %s (%s) and %s no rank"):format(broken, #board, several and "end" or "ends", word, metric, several and "have" or "has")
end

-- A sentence if the metric is called after the test split: who chooses by it has peeked. nil if it is not.
local function peeking_note(metric)
  if not metric:find "%f[%a]test%f[%A]" then return nil end
  return ("ranked by %s: choosing by the test split makes the winner look better than it is; hold samples out (validate =) and compare by these"):format(metric)
end

-- A parameter's value in a table.
local function shown(v) return v == nil and "–" or type(v) == "number" and format.number(v) or jobs.text(v) end

-- The leaderboard as a table item (util/output.lua): the parameters that vary, and the objective.
function Sweep:table(most)
  local names, objective = jobs.varied(self.list), self.plan.objective
  local item = { kind = "table", header = { "", "trial" }, rows = {}, align = "rr" }
  for _, name in ipairs(names) do item.header[#item.header + 1], item.align = name, item.align .. "l" end
  for _, name in ipairs { objective and format.label(objective.metric) or "value", "n", "status" } do item.header[#item.header + 1] = name end
  item.align = item.align .. "rrl"
  local board = self:leaderboard()
  for i = 1, math.min(most or #board, #board) do
    local entry = board[i]
    local row = { entry.rank and tostring(entry.rank) or "", tostring(entry.trial) }
    for _, name in ipairs(names) do row[#row + 1] = shown(entry.params[name]) end
    row[#row + 1] = entry.mean and format.mean_sd(format.kinds.number, entry.mean, entry.sd) or entry.value and ("(%s)"):format(format.number(entry.value)) or "–"
    row[#row + 1], row[#row + 2] = tostring(entry.n), entry.status == "pruned" and "stopped early" or entry.status
    item.rows[i] = row
  end
  local notes = { most and #board > most and ("and %d more"):format(#board - most) or nil }
  notes[#notes + 1] = objective and M.broken_note(board, objective.metric)
  notes[#notes + 1] = objective and peeking_note(objective.metric)
  item.note = #notes > 0 and table.concat(notes, "; ") or nil
  return item
end

function Sweep:show(most) output.emit(self:table(most)) end

function Sweep:extremes(given)
  local o = options.check("sweep:extremes", about.extremes.options, given)
  local names, board, list, labels = jobs.varied(self.list), {}, {}, { place = {} }
  for _, entry in ipairs(self:leaderboard()) do if entry.rank then board[#board + 1] = entry end end
  for i, entry in ipairs(board) do
    local back, words = #board - i + 1, {}
    for j, name in ipairs(names) do words[j] = name .. "=" .. shown(entry.params[name]) end
    local rank = i <= o.best and (i == 1 and "best" or "no. " .. i) or back <= o.worst and (back == 1 and "worst" or "no. " .. i)
    local place = rank and ("%s: %s"):format(rank, table.concat(words, " "))
    if place then table.insert(labels.place, place) end
    for _, run in ipairs(place and entry.runs or {}) do
      local copy = setmetatable({}, getmetatable(run.record))
      for k, v in pairs(run.record or {}) do copy[k] = v end
      copy.arguments = { place = place }
      if run.record then list[#list + 1] = copy end
    end
  end
  return records.runs(list, self.plan.name, labels)
end

function Sweep:timing() return require "lab.sweep.result.timing".table(self) end
function Sweep:show_timing() output.emit(self:timing()) end

local meta = { __name = "lab.sweep", __index = fields.class(Sweep, "a sweep", { "trials", "path" }, { "stopped" }) }
meta.__key = function(sweep)  -- what its results are, not how they came about
  local all = {}
  for i, entry in ipairs(sweep.trials) do all[i] = { entry.index, entry.seed, entry.params, entry.status, entry.epoch, entry.record or false } end
  return all
end

-- The value of a sweep that was carried out, or read from its ledger.
function M.of(sweep)
  local value = setmetatable({ plan = sweep.plan, trials = {}, list = sweep.trials, by_trial = {}, stopped = sweep.stopped, path = sweep.ledger.path }, meta)
  for _, trial in ipairs(sweep.trials) do
    value.by_trial[trial] = {}
    for _, job in ipairs(trial.jobs) do
      local entry = entry_of(sweep.plan, job)
      table.insert(value.trials, entry)
      table.insert(value.by_trial[trial], entry)
    end
  end
  for _, job in ipairs(sweep.jobs) do values.check_metric(sweep.plan, job) end
  return value
end

function M.is_sweep(value) return getmetatable(value) == meta end

return M
