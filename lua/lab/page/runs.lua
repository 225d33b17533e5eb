-- runs.lua: what a page says of the runs it shows: how many were read back and how many
-- trained, when they were computed, and which ones failed.

local escape = require "lab.util.html".escape

local M = {}

local function short_time(s) return s and tostring(s):gsub("T", " "):gsub(":%d%d%.?%d*Z?$", "") or "" end

-- What the runs of a page add up to: counts, troubles, and when they were computed.
function M.count(runs)
  local sum = { n = #runs, reused = 0, troubled = {}, statuses = {} }
  for _, run in ipairs(runs) do
    if run.reused then sum.reused = sum.reused + 1 end
    if run.status ~= "done" then
      sum.troubled[#sum.troubled + 1] = run
      sum.statuses[run.status] = (sum.statuses[run.status] or 0) + 1
    end
    local time = run.finished and tostring(run.finished)
    if time and (not sum.first or time < sum.first) then sum.first = time end
    if time and (not sum.last or time > sum.last) then sum.last = time end
  end
  return sum
end

local function runs_sentence(sum)
  local parts = { ("%d %s"):format(sum.n, sum.n == 1 and "run" or "runs") }
  if sum.reused > 0 then parts[#parts + 1] = ("%s read back from earlier"):format(sum.reused == sum.n and "all" or sum.reused) end
  if sum.reused < sum.n then parts[#parts + 1] = ("%s trained for this page"):format(sum.reused == 0 and "all" or sum.n - sum.reused) end
  local first, last = short_time(sum.first), short_time(sum.last)
  local when = first == "" and "" or first == last and ("; computed %s UTC"):format(first) or ("; computed between %s and %s UTC"):format(first, last)
  return table.concat(parts, ", ") .. when .. "."
end

-- The runs as HTML: one sentence that opens into a table, and what went wrong in full view.
-- `table_markup` is the page's way to write a table.
function M.html(runs, table_markup)
  local sum = M.count(runs)
  local out, rows = {}, {}
  for i, run in ipairs(runs) do
    rows[i] = { run.name or "", run.key or "", run.status or "", run.reused and "read back" or "trained", short_time(run.finished) }
  end
  for _, run in ipairs(sum.troubled) do
    local why = run.why and tostring(run.why) or "It is missing in what follows."
    why = why:gsub("^(%S*:%d+: )" .. (run.status or "") .. ": ", "%1"):gsub("^" .. (run.status or "") .. ": ", "")  -- said already
    out[#out + 1] = ('<p class="trouble"><b>%s %s.</b> %s</p>'):format(escape("Run " .. (run.name or run.key or "?")), escape(run.status or "?"), escape(why))
  end
  return ('<details class="runs"><summary>%s</summary>%s</details>%s\n'):format(escape(runs_sentence(sum)),
    table_markup { header = { "run", "key", "status", "", "finished (UTC)" }, rows = rows }, table.concat(out))
end

return M
