-- about.lua: what a script may ask of a sweep's results (sweep/result/results.lua), declared.

local manual = require "lab.util.manual"

local MOST = { "most", "whole number", "How many trials to show; all without it.", optional = true }

local function count(which) return { kind = "integer", min = 0, default = 2, unit = "trials", help = ("How many of the %s trials."):format(which) } end

return manual.object("sweep", {
  summary = "the results of a sweep: what lab.sweep returns",
  text = "A trial is a configuration with all its seeds. mean, sd and n are over the seeds whose run finished. A trial that was stopped early, has no finished run, or has a "
    .. "run whose metric ends as not-a-number or infinity has no rank and stands below the others.",
  fields = {
    trials = "Array of one entry a run: { index, params, seed, key, status, reused, why, value, epoch, seconds, record, broken }; status is done, failed, diverged, "
      .. "pruned (stopped early) or waiting (not finished); broken is \"not-a-number\" or \"infinity\" where the metric ends so.",
    list = "Array of the trials as they were planned.",
    by_trial = "For each item of `list` its entries of `trials`.",
    plan = "The resolved plan of the sweep.",
    path = "The sweep's folder.",
    stopped = "Why the sweep ended before all runs were made, or nil.",
  },
  methods = {
    leaderboard = { summary = "one entry a trial, best first", returns = "an array of { rank, trial, params, value, mean, sd, n, status, runs, broken }." },
    best = { summary = "the best trial", returns = "the first entry of the leaderboard; nil if no trial has a rank." },
    rows = { summary = "one row a run, in the order of the plan", returns = "an array of { trial, seed, status, value, epoch, seconds, key, reused, why } with the parameters by their names." },
    runs = { summary = "the finished runs, for figures and tables", returns = "runs, as lab.runs does.",
      options = { stopped = { kind = "boolean", default = false, help = "Whether runs that were stopped early are among them." } } },
    extremes = { summary = "the runs of the best and the worst trials", text = "They have an argument `place`, such as \"best: zeta=0.3\", for lab.plot.curves { ..., by = \"place\" }.",
      options = { best = count "best", worst = count "worst" }, returns = "runs." },
    show = { summary = "show the leaderboard", arguments = { MOST } },
    table = { summary = "the leaderboard as a table of text", arguments = { MOST }, returns = "{ header =, rows =, align =, note = }." },
    show_timing = { summary = "show how long the runs and the whole sweep took, and how many runs were under way at a time" },
    timing = { summary = "the timing as a table of text", returns = "{ header =, rows =, align =, note = }." },
  },
})
