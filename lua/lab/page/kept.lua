-- kept.lua: a woven page as a file, so that a change of its prose alone is shown without running the script again.
--
-- What a page shows depends on its statements, the options above them that change what is drawn, and the
-- values in its prose, each at its place among the statements. As long as that sequence is the same, what was shown is
-- taken from the file, and prose, captions and the front block are new. Modules and other files that the script has read must be
-- as they were, and all its runs finished. Whoever keeps a page answers for the rest: that no parameter has changed. Line numbers that
-- a script prints may be those of before, but a page that shows the script's name with a line is not kept.

local attempt = require "lab.util.attempt".call
local front = require "lab.page.front"
local fs = require "lab.c.fs"
local literate = require "lab.page.literate"
local options = require "lab.util.options"
local reads = require "lab.script.reads"
local store = require "lab.run.store"

local M = {}

local FORMAT <const> = 1

local of_words = { ["fig-cap"] = true, ["fig-alt"] = true, ["tbl-cap"] = true, echo = true, index = true, ["index-order"] = true }

-- What decides the items of a page, in order, as texts.
local function sequence_of(blocks)
  local list = {}
  for _, block in ipairs(blocks) do
    for _, value in ipairs(block.values or {}) do list[#list + 1] = "value " .. value.code end
    if block.kind == "code" then
      local drawn = {}
      for _, name in ipairs(options.sorted_keys(block.options or {})) do
        if not of_words[name] then drawn[#drawn + 1] = name .. "=" .. tostring(block.options[name]) end
      end
      list[#list + 1] = "code " .. table.concat(drawn, ",") .. "\n" .. block.text
    end
  end
  return list
end

-- ---- writing --------------------------------------------------------------------------------

-- A value as Lua source. Raises what is no plain data.
local function write(v, out)
  local kind = type(v)
  if kind == "table" then
    if getmetatable(v) then error "no plain table" end
    out[#out + 1] = "{"
    for k, item in next, v do
      out[#out + 1] = "["
      write(k, out)
      out[#out + 1] = "]="
      write(item, out)
      out[#out + 1] = ","
    end
    out[#out + 1] = "}"
  elseif kind == "string" or kind == "number" or kind == "boolean" then out[#out + 1] = ("%q"):format(v)
  else error("no way to keep a " .. kind) end
end

local function plain_runs(runs)
  local list = {}
  for i, run in ipairs(runs) do
    local meta = type(run.meta) == "function" and run:meta() or {}
    list[i] = { name = run.name, key = run.key, status = run.status, reused = run.reused, finished = run.finished, why = run.why, seconds = meta.seconds }
  end
  return list
end

local function plain_items(items)
  local list = {}
  for i, item in ipairs(items or {}) do
    list[i] = {}
    for name, value in pairs(item) do
      if name == "runs" then list[i].runs = plain_runs(value) elseif name ~= "options" then list[i][name] = value end
    end
  end
  return list
end

-- Whether everything that a page shows would be the same if it were woven again now.
local function is_lasting(woven)
  if not woven.finished or woven.failure then return false end
  for _, run in ipairs(woven.runs) do if not store.finished[run.status] then return false end end
  for _, block in ipairs(woven.blocks) do
    for _, item in ipairs(block.items or {}) do
      for _, piece in ipairs(item.pieces or { item.text }) do
        local _, last = piece:find(woven.path, 1, true)
        if last and piece:find("^:%d", last + 1) then return false end
      end
    end
  end
  return true
end

-- Keeps a page that ran to its end in a file; removes the file of any other, and of one that shows what cannot be kept.
--   groups  of page/provenance.lua
--   record  of what the script read, of script/reads.lua
function M.save(path, woven, groups, record)
  fs.remove(path)
  if not is_lasting(woven) or record and (record.files or {})[woven.path] then return end
  local page = { format = FORMAT, record = record, sequence = sequence_of(woven.blocks), runs = plain_runs(woven.runs), groups = groups, blocks = {} }
  for i, block in ipairs(woven.blocks) do
    page.blocks[i] = { kind = block.kind, reached = block.reached, texts = block.texts, items = plain_items(block.items) }
  end
  local out = { "return " }
  if attempt(write, page, out) then fs.write_file(path, table.concat(out)) end
end

-- ---- reading --------------------------------------------------------------------------------

local function same(a, b)
  if #a ~= #b then return false end
  for i = 1, #a do if a[i] ~= b[i] then return false end end
  return true
end

local function with_meta(runs)
  for _, run in ipairs(runs) do run.meta = function(self) return { seconds = self.seconds } end end
  return runs
end

-- Hands what the kept blocks showed to the new ones: statement by statement, value by value. Prose is there if what stands
-- next to it was reached.
local function hand_over(blocks, kept)
  local texts, code, was, n = {}, {}, {}, 0
  for _, block in ipairs(kept) do
    table.move(block.texts or {}, 1, #(block.texts or {}), #texts + 1, texts)
    if block.kind == "code" then code[#code + 1] = block else was[#code] = was[#code] or block.reached end
  end
  local taken = 0
  for _, block in ipairs(blocks) do
    if block.kind == "code" then
      n = n + 1
      block.reached, block.items = code[n].reached, code[n].items
      for _, item in ipairs(block.items) do
        item.options = block.options or {}
        if item.runs then with_meta(item.runs) end
      end
    else
      local left, right = code[n], code[n + 1]
      block.reached = was[n] or not block.tail and (left or right) and (not left or left.reached) and (not right or right.reached) or false
      block.texts = table.move(texts, taken + 1, taken + #(block.values or {}), 1, {})
      taken = taken + #block.texts
    end
  end
end

-- Whether a kept page shows nothing below prose itself: items of prose have no statement to go with.
local function is_by_statements(kept)
  for _, block in ipairs(kept) do if block.kind ~= "code" and #block.items > 0 then return false end end
  return true
end

-- The table in a file that M.save wrote; nil if it is no such file.
local function read(path)
  local source = fs.read_file(path)
  local chunk = source and load(source, "=kept", "t", {})
  local ok, kept = attempt(chunk or error)
  return ok and type(kept) == "table" and kept.format == FORMAT and kept or nil
end

-- The page of a changed script, as weave.run returns it, with `groups` and `record`; nil if there is no kept one, or more than words has changed.
function M.take(path, script, text)
  local kept = read(path)
  local ok, blocks = attempt(literate.parse, text, script)
  if kept and kept.record and reads.changed(kept.record) then return nil end
  if not (kept and ok and same(sequence_of(blocks), kept.sequence) and is_by_statements(kept.blocks)) then return nil end
  local page = { path = script, text = text, blocks = blocks, finished = true, groups = kept.groups, record = kept.record, runs = with_meta(kept.runs) }
  local whole = attempt(function()
    page.front = front.take(blocks, script)
    page.bibliography = front.sources(page.front, script)
  end)
  if not whole then return nil end
  hand_over(blocks, kept.blocks)
  return page
end

return M
