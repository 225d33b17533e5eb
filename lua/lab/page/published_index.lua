-- published_index.lua: the README of published pages: of each page its command, and of its runs
-- how long they took, what they needed, and where. Many runs of one experiment share a row.

local format = require "lab.util.format"
local provenance = require "lab.page.provenance"
local store = require "lab.run.store"

local M = { rows = 12 }  -- of one experiment, at most

local HEAD = [[
# Published results

Pages of full length, and the run folders they were woven from: configuration, metrics, records
and a thinned monitor, no weights. The command trains them anew. With the same data, scripts and
results version of the program it names the same folders, unless a run's values are measured, as
seconds are; so a page can also be woven again without training:

    build/setlab report --runs=%s/runs --profile=... -o reports/html experiments/...

Peak memory is that of the whole process, with what earlier runs left there. Where a commit bears
a +, the run was stopped on its way, and the commit is that of its last part.

]]

local function machine_of(meta)
  local threads = meta.threads
  return ("%s, %s %s, %s"):format(meta.cpu or "?", tostring(threads or "?"), threads == 1 and "thread" or "threads", meta.instruction_set or "?")
end

-- What the README says of one run folder.
local function facts_of(directory, key)
  local path = directory .. "/runs/" .. key
  local meta, run, result = store.read(path, "meta.yaml"), store.read(path, "run.yaml"), store.read(path, "result.yaml")
  return { key = key, name = run.name, experiment = meta.experiment or "", started = tostring(meta.started or ""),
    epochs = result.last and result.last.epoch, seconds = meta.seconds, peak_mib = meta.peak_rss_mib,
    commit = (provenance.commit(meta) or "–") .. (#(meta.continued or {}) > 0 and " +" or ""), machine = machine_of(meta) }
end

-- As they were computed.
local function is_before(a, b)
  if a.started ~= b.started then return a.started < b.started end
  if a.name ~= b.name then return a.name < b.name end
  return a.key < b.key
end

local function mebibytes(x) return x and ("%.0f MiB"):format(x) or "–" end

local function each_once(runs, field) return provenance.distinct(runs, function(run) return run[field] end, "; ") end

local function row_of(run)
  return { run.experiment, run.name, ("`%s`"):format(run.key), run.epochs and format.count(run.epochs) or "–", format.seconds(run.seconds),
    mebibytes(run.peak_mib), run.commit, run.machine }
end

-- Many runs: their seconds together, and the memory of the one that needed most.
local function row_of_many(runs)
  local seconds, peak_mib, keys = 0, nil, {}
  for i, run in ipairs(runs) do
    seconds, keys[i] = seconds + (run.seconds or 0), run.key
    peak_mib = run.peak_mib and math.max(peak_mib or 0, run.peak_mib) or peak_mib
  end
  table.sort(keys)
  return { runs[1].experiment, ("%d runs"):format(#runs), ("`%s` to `%s`"):format(keys[1], keys[#keys]), "–", format.seconds(seconds) .. " in all",
    peak_mib and "at most " .. mebibytes(peak_mib) or "–", each_once(runs, "commit"), each_once(runs, "machine") }
end

-- Lists of runs, one an experiment, in the order in which they were begun.
local function by_experiment(runs)
  table.sort(runs, is_before)
  local lists, of = {}, {}
  for _, run in ipairs(runs) do
    local list = of[run.experiment]
    if not list then
      list = {}
      of[run.experiment], lists[#lists + 1] = list, list
    end
    list[#list + 1] = run
  end
  return lists
end

local function line(cells) return "| " .. table.concat(cells, " | ") .. " |" end

local function chapter(directory, page)
  local lines = { ("## [%s](%s.html)\n\n    %s\n"):format(page.name, page.name, page.command),
    "| experiment | run | folder | epochs | time | peak memory | commit | machine |", "|---|---|---|--:|--:|--:|---|---|" }
  local runs = {}
  for i, key in ipairs(page.runs) do runs[i] = facts_of(directory, key) end
  for _, list in ipairs(by_experiment(runs)) do
    if #list > M.rows then
      lines[#lines + 1] = line(row_of_many(list))
    else
      for _, run in ipairs(list) do lines[#lines + 1] = line(row_of(run)) end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The text of the README of a folder.
--   pages  list of { name, command, runs = keys }; their runs lie in DIR/runs
function M.text(directory, pages)
  local parts = { HEAD:format(directory) }
  for _, page in ipairs(pages) do parts[#parts + 1] = chapter(directory, page) end
  return table.concat(parts, "\n")
end

return M
