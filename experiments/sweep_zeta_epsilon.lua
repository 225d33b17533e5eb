-- # How many links, and how many of them should move?
--
-- Sparse Evolutionary Training has two numbers of its own: $\epsilon$, which sets how many links a
-- network has, and $\zeta$, the share of them that is moved after every epoch. This page tries
-- four values of each, two seeds for each pair, on the images of the Fashion-MNIST study. It
-- is also an example of how a sweep is written and looked at.
--
-- The sweep is a file of a dozen lines, `experiments/sweep_zeta_epsilon.yaml`:
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
-- The script that it runs, `experiments/zeta_epsilon.lua`, has a page, too. Every pair and seed
-- is a process and a run folder of its own; what is there already is read back.

local lab = require "lab"
local format = lab.format

local sweep = lab.sweep "experiments/sweep_zeta_epsilon.yaml"

-- ## Who is best
--
-- Mean and standard deviation of the accuracy on the images held out, after the last epoch, over the
-- seeds. A run that was stopped early or failed would be in no mean, and stand at the end.

--| label: tbl-leaderboard
--| tbl-cap: All pairs, best first; n is the number of seeds.
sweep:show()

-- The same table as a picture: each line is a pair, and its way across the axes shows which values
-- the good ones have in common.

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
    lab.say("The winner has %.4f on the images held out, by which it was chosen, and %.4f on the test images, which had no say.", best.mean, test / n)
  end
end

--| label: fig-parallel
--| index: true
--| index-order: 11
--| fig-cap: Every pair as a line from its parameters to its accuracy on the images held out. Vermilion is best, blue worst; the thick line is the winner. Lines that meet in a value are set apart, the better ones higher.
lab.plot.parallel { sweep }

-- ## One parameter at a time
--
-- What does each of them do, whatever the other is? A point below is the mean over all pairs
-- with that value, the whisker one standard deviation of these pairs, so it holds what the *other*
-- parameter does; the small grey discs are the pairs themselves.

--| label: fig-marginals
--| fig-cap: Accuracy on the images held out by parameter, mean and standard deviation over the values of the other.
lab.plot.marginals { sweep }

-- How much of all the differences between runs is explained so is a number: the variance of the
-- means, as a share of the variance of all runs. What is left over is what a pair
-- does beyond the sum of its parts, and what changes with nothing but the seed. A bar that does not
-- reach beyond its mark is worth nothing: so much a parameter explains by chance.

--| label: fig-importance
--| fig-cap: Share of the variance over all runs that each parameter explains by itself, and what is left to interactions and to seeds.
lab.plot.importance { sweep }

-- ## How they learn
--
-- The end is not the whole story: a network may be ahead because it learns faster, and be overtaken
-- in a longer training.

--| label: fig-curves
--| fig-cap: Accuracy on the images held out after each epoch, for the two best and the two worst pairs; mean and standard deviation over the seeds.
lab.plot.curves { sweep:extremes { best = 2, worst = 2 }, y = "validation_accuracy", by = "place", xlabel = "epoch" }

-- Links cost time. Against the number of links, the question becomes what one more of them buys.

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
--| fig-cap: Mean accuracy on the images held out against the number of links at the end, one line for each share that moves.
lab.plot.xy { series = { against_links(0), against_links(0.1), against_links(0.3), against_links(0.5) },
  logx = true, xlabel = "links", ylabel = "accuracy on images held out" }

-- ## How long it took
--
-- Runs are processes, so two of them share two cores without waiting for each other.

--| label: fig-timeline
--| fig-cap: When each run was under way; a row is a worker. Time without any run is left out.
lab.plot.timeline { sweep }

--| label: tbl-timing
--| tbl-cap: Seconds of the runs, and of the sweep.
sweep:show_timing()
