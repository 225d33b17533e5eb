-- # How many links, and how many of them should move?
--
-- Sparse Evolutionary Training (SET) has two parameters: $\epsilon$, which sets how many links a
-- network has, and $\zeta$, the share of them that is moved after every epoch. This page tries four
-- values of each, with two seeds for each pair, on the images of the Fashion-MNIST study. It is
-- also an example of how to write a sweep and look at its results.
--
-- The sweep is a short file, `experiments/sweep_zeta_epsilon.yaml`:
--
-- ```yaml
-- script: zeta_epsilon.lua
-- objective: {metric: validation_accuracy, goal: max, at: last}
-- replicates: 2
-- params:
--   zeta: [0, 0.1, 0.3, 0.5]
--   epsilon: {log: [5, 40], n: 4}
-- ```
--
-- The script that it runs, `experiments/zeta_epsilon.lua`, has a page, too. Each pair and seed runs
-- as a process and has its own run folder; finished runs are read back.

local lab = require "lab"
local format = lab.format

local sweep = lab.sweep "experiments/sweep_zeta_epsilon.yaml"

-- ## The best pairs
--
-- @tbl-leaderboard gives the accuracy on the held-out images after the last epoch, mean and standard
-- deviation over the seeds. A run that failed or was stopped early would be in no mean and come
-- last.

--| label: tbl-leaderboard
--| tbl-cap: All pairs of parameters, best first, by their accuracy on the held-out images; n is the number of seeds.
sweep:show()

-- @fig-parallel shows the same table: each line is a pair, and its way across the axes shows which
-- values the good pairs have in common.

--| index: true
--| echo: false
do
  local best = sweep:best()
  local test, n = 0, 0
  for _, run in ipairs(best and best.runs or {}) do
    local v = run.record:last "test_accuracy"
    if v then test, n = test + v, n + 1 end
  end
  if n > 0 then
    lab.say("The best pair reaches %.4f on the held-out images, by which it was chosen, and %.4f on the test images, which played no part in the choice.", best.mean, test / n)
  end
end

--| label: fig-parallel
--| index: true
--| index-order: 11
--| fig-cap: Every pair as a line from its parameters to its accuracy on the held-out images. Vermilion is best, blue worst; the thick line is the best pair. Lines that meet in a value are drawn slightly apart, the better ones higher.
lab.plot.parallel { sweep }

-- ## One parameter at a time
--
-- What does each parameter do, whatever the value of the other? A point below is the mean over all
-- pairs with that value. Its whisker is one standard deviation over these pairs, so it includes the
-- effect of the *other* parameter. The small grey discs are the pairs themselves.

--| label: fig-marginals
--| fig-cap: Accuracy on the held-out images by the value of each parameter: mean and standard deviation over the values of the other one. Grey discs are single pairs.
lab.plot.marginals { sweep }

-- How much of the difference between runs does each parameter explain? The measure is the variance
-- of these means, as a share of the variance of all runs. The rest is what a pair does beyond the
-- sum of its parts, and what changes with nothing but the seed. A bar that does not reach beyond
-- its mark is worth nothing: a parameter explains that much by chance.

--| label: fig-importance
--| fig-cap: Share of the variance over all runs that each parameter explains by itself, and what is left to interactions and to seeds. A mark shows what a parameter explains by chance.
lab.plot.importance { sweep }

-- ## How they learn
--
-- The last epoch is not the whole story: a network may be ahead because it learns faster, and be
-- overtaken in longer training.

--| label: fig-curves
--| fig-cap: Accuracy on the held-out images after each epoch, for the two best and the two worst pairs: mean and standard deviation over the seeds.
lab.plot.curves { sweep:extremes { best = 2, worst = 2 }, y = "validation_accuracy", by = "place", xlabel = "epoch" }

-- Links cost time. So @fig-links shows how much accuracy more links buy.

--| echo: fold
local function last(record, column) return record:last(column) or 0 end

--| echo: fold
local function against_links(wanted)
  local series = { name = ("zeta %s"):format(format.number(wanted)), x = {}, y = {}, marks = "both" }
  for _, trial in ipairs(sweep:leaderboard()) do
    if trial.mean and trial.params.zeta == wanted then series.x[#series.x + 1], series.y[#series.y + 1] = last(trial.runs[1].record, "links"), trial.mean end
  end
  local order = {}
  for i in ipairs(series.x) do order[i] = i end
  table.sort(order, function(a, b) return series.x[a] < series.x[b] end)
  local x, y = {}, {}
  for place, i in ipairs(order) do x[place], y[place] = series.x[i], series.y[i] end
  series.x, series.y = x, y
  return series
end

--| label: fig-links
--| fig-cap: Mean accuracy on the held-out images against the number of links at the end, one line for each zeta (the share of links that moves).
lab.plot.xy { series = { against_links(0), against_links(0.1), against_links(0.3), against_links(0.5) },
  logx = true, xlabel = "links", ylabel = "accuracy on images held out" }

-- ## How long it took
--
-- Each run is a process, so two of them share two cores without waiting for each other.

--| label: fig-timeline
--| fig-cap: When each run was active; a row is a worker. Time without any run is left out.
lab.plot.timeline { sweep }

--| label: tbl-timing
--| tbl-cap: Seconds taken by the runs, and by the sweep.
sweep:show_timing()
