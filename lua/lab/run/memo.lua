-- memo.lua: lab.memo("degree fit", degrees, fit): f(value), remembered.
--
-- For figures that compute for seconds what the runs already decide, such as a bootstrap.
-- The key is the label, the value, the function with what it captures, and the results
-- version; what the function reads from outside is noted and compared, as of a run. The result is a number, a text, true, false, or a table of these, kept in
-- runs/memo/<key>.yaml. A store that cannot be written only costs time.

local attempt = require "lab.util.attempt".call
local fs = require "lab.c.fs"
local key = require "lab.run.key"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local output = require "lab.util.output"
local params = require "lab.script.params"
local reads = require "lab.script.reads"
local store = require "lab.run.store"
local surroundings = require "lab.run.surroundings"
local yaml = require "lab.util.yaml"

-- What f makes of the value, and what it reads.
local function compute(hash, names, f, value)
  local around <close> = surroundings.of_memo(hash)
  local result = params.guard(names, f, value)
  return result, reads.record(around.reads)
end

manual.word("lab.memo", {
  summary = "f(value), computed once and then read back",
  text = "For slow computations whose result depends only on the runs, such as a bootstrap for a figure. The label, the value, and the function with what it captures and reads decide the result.",
  arguments = {
    { "label", "text", "A name for the result." },
    { "value", "any value with content", "What the function is given." },
    { "f", "function(value)", "Returns a number, text, true, false or a table of these." },
  },
  returns = "what f returned, now or earlier",
  raises = "The result cannot be kept, or f raises.",
  example = 'local fit = lab.memo("degree fit", { 1, 2, 2, 3, 4, 8 }, function(values) return lab.power_law(values) end)',
})

return function(label, value, f)
  if type(label) ~= "string" then options.fail(("lab.memo: the label must be text, not %s"):format(type(label))) end
  if type(f) ~= "function" then options.fail(("lab.memo: the third value must be a function, not %s"):format(type(f))) end
  local hash, names, may_read = key.of_memo(label, value, f)
  if output.memos_used then table.insert(output.memos_used, hash) end
  local folder = store.root() .. "/memo"
  local path = ("%s/%s.yaml"):format(folder, hash)
  local kept = yaml.read(fs.read_file(path) or "")
  if kept and kept.key == hash and kept.result ~= nil and not store.changed(kept.reads, may_read) then
    reads.add_to_all(kept.reads)
    return kept.result
  end
  local result, record = compute(hash, names, f, value)
  local ok, text = attempt(yaml.write, { key = hash, label = label, result = result, reads = record })
  if result == nil then ok, text = false, "it is nil" end
  if not ok then options.fail(("lab.memo: the result of '%s' cannot be kept: %s"):format(label, text)) end
  if fs.mkdirs(folder) then fs.write_file(path, text) end
  return yaml.read(text).result  -- the same, remembered or not: an empty list is an empty table
end
