-- breaks.lua: runs whose numbers broke down, counted over the groups of a figure or table, as sentences.

local text = require "lab.util.text"

local M = {}

local verbs = { first = "begin%s as", mean = "come%s to", sum = "come%s to" }

-- Remembers in an array that of a group's runs so many broke down, for M.notices.
function M.add(breaks, group, label, at, broken, word)
  if broken == 0 then return end
  local key, known = ("%s\0%s\0%s"):format(label, verbs[at] or "", word), nil
  for _, b in ipairs(breaks) do known = known or b.key == key and b or nil end
  if not known then
    known = { key = key, label = label, verb = verbs[at] or "end%s as", word = word, count = 0, names = {}, seen = {} }
    breaks[#breaks + 1] = known
  end
  if known.seen[group] then return end
  known.seen[group], known.count = true, known.count + broken
  known.names[#known.names + 1] = group.name
end

-- Sentences about all finished runs of the groups: { "1 of 2 runs ends as not-a-number (loss of SET-MLP)", ... }.
function M.notices(breaks, groups)
  local finished, notices = 0, {}
  for _, group in ipairs(groups) do finished = finished + #group.finished end
  for i, b in ipairs(breaks) do
    local of = #groups > 1 and " of " .. table.concat(b.names, ", ") or ""
    local verb = b.verb:format(b.count == 1 and "s" or "")
    notices[i] = ("%d of %d runs %s %s (%s%s)"):format(b.count, finished, verb, b.word, text.clean(b.label), of)
  end
  return notices
end

return M
