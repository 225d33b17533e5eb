-- weave.lua: runs a literate script and keeps what belongs on its page.
--
-- The calls in the woven chunk say which block is running; whatever a word shows, and
-- whatever is printed, is kept with that block. The page follows the order of the document,
-- not of execution: a loop over prose shows it once, with all outputs below. What was never
-- reached is not shown. An error ends the page where it happened.

local attempt = require "lab.util.attempt".call
local front = require "lab.page.front"
local inline = require "lab.page.inline"
local literate = require "lab.page.literate"
local output = require "lab.util.output"
local progress = require "lab.util.progress"
local session = require "lab.script.session"
local stop = require "lab.util.stop"
local store = require "lab.run.store"
local strict = require "lab.script.strict"

local M = {
  unknown = "\u{2026}",   -- stands for a value that may come yet
}

-- Adds an item; printed text joins the text just before it.
local function add_item(items, item)
  local last = items[#items]
  if last and last.kind == "text" and item.kind == "text" then last.pieces[#last.pieces + 1] = item.text
  else
    items[#items + 1] = item
    if item.kind == "text" then item.pieces = { item.text } end
  end
end

-- A stand-in for io.stdout that keeps what is written; anything else is asked of the real one.
local function captured_stdout(put)
  local real = io.stdout
  return setmetatable({
    write = function(self, ...)
      for i = 1, select("#", ...) do put(tostring((select(i, ...)))) end
      return self
    end,
    flush = function() return true end,
  }, { __index = function(_, name)
    return function(_, ...) return real[name](real, ...) end
  end })
end

-- Redirects print, io.write and io.stdout; returns a function that undoes it.
local function capture(put)
  local was = { print = print, write = io.write, stdout = io.stdout }
  io.stdout = captured_stdout(put)
  io.write = function(...) return io.stdout:write(...) end
  print = function(...)
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    put(table.concat(words, "\t") .. "\n")
  end
  return function() print, io.write, io.stdout = was.print, was.write, was.stdout end
end

-- Opens the page's sink for the time of the run; returns a function that closes it.
local function open_sink(page)
  local was = { sink = output.sink, options = output.options, directory = output.directory }
  output.directory, output.options, output.runs_used = page.directory, {}, {}
  output.sink = function(item) add_item(page:current_items(), item) end
  return function()
    output.sink, output.options, output.directory = was.sink, was.options, was.directory
    page.runs, output.runs_used = output.runs_used, nil
  end
end

-- Captions above a statement that shows nothing of their kind, as sentences: such as `fig-cap` above a line that only computes. One that
-- speaks of a figure or table may show it on another day: it depends on the data.
local function idle_options(page)
  local found = {}
  for _, block in ipairs(page.blocks) do
    local has = {}
    for _, item in ipairs(block.items or {}) do has[item.kind] = true end
    for name, kind in pairs { ["fig-cap"] = "figure", ["tbl-cap"] = "table" } do
      local may_show = (block.text or ""):find "plot" or (block.text or ""):find "table" or (block.text or ""):find "show"
      if block.reached and (block.options or {})[name] and not has[kind] and not may_show then
        found[#found + 1] = ("%s:%d: %s is given to a statement that shows no %s, so it is on no page"):format(page.path, block.line, name, kind)
      end
    end
  end
  return found
end

local Page = {}
Page.__index = Page

function Page:current_items()
  local block = self.blocks[self.current]
  block.items = block.items or {}
  return block.items
end

-- The runs that registered themselves since the last look belong to the block that ran.
function Page:take_runs()
  local runs = output.runs_used or {}
  if #runs > self.runs_seen then
    local new = table.move(runs, self.runs_seen + 1, #runs, 1, {})
    self.runs_seen = #runs
    add_item(self:current_items(), { kind = "runs", runs = new, options = {} })
  end
end

-- Whether a run that the page has used so far is not finished, and another process may finish it (`setlab report --so-far`).
function Page:waits_for_runs()
  for _, run in ipairs(output.runs_used or {}) do if store.pending[run.status] then return true end end
  return false
end

-- The values in a block's prose as texts. Prose in a loop is shown once, with those of the first time.
function Page:take_values(block, closures)
  block.texts = {}
  for i, value in ipairs(block.values) do
    local ok, result = attempt(closures[i])
    local text, why
    if ok then text, why = inline.text(result) else why = strict.words(result):gsub("^[^\n]-:%d+: ", "") end
    if not text and self:waits_for_runs() then text = M.unknown end
    if not text then error(("%s:%d: `{lua} %s` %s"):format(self.path, value.line, value.code, ok and why or "failed: " .. why), 0) end
    block.texts[i] = text
  end
end

-- Block n begins; with prose, the unmarked code after it begins too.
function Page:enter(n, ...)
  self:take_runs()
  local block, after = self.blocks[n], self.blocks[n + 1]
  block.reached, self.current = true, n
  if block.kind == "prose" and after and after.kind == "code" and not after.marked then
    after.reached, self.current = true, n + 1
  end
  output.options = block.options or {}
  if block.values and block.values[1] and not block.texts then self:take_values(block, { ... }) end
end

-- The sentence of a data set that is not here, if that is what the message says.
local function absent_data(message)
  local sets = require "lab.data.sets"
  local sentence = sets.absent
  return sentence and message:sub(-#sentence) == sentence and sentence or nil
end

-- What is to be said of an error: { message, file, line, source, trace, absent }.
local function describe(err, page, trace)
  local message = strict.message(err, page.text, page.path)
  local first, source = message:match("^(.-)\n%s*%d+ | (.*)$")
  local file, line = strict.split(first or message, page.path)
  return { message = first or message, full = message, file = file, line = line, source = source, trace = trace,
    absent = absent_data(first or message) }
end

-- The calls that led to an error, those of the script only: "line 12, in function 'f'".
local function script_calls(path)
  local calls, level = {}, 2
  while #calls < 20 do
    local info = debug.getinfo(level, "Sln")
    if not info then break end
    if info.source == "@" .. path and info.currentline > 0 then
      calls[#calls + 1] = { line = info.currentline, name = info.what ~= "main" and info.name or nil }
    end
    level = level + 1
  end
  return calls
end

-- A page of what stands above the mistake, when nothing could be run.
local function still(page, err)
  page.failure = describe(err, page)
  local ok, blocks = attempt(literate.parse, page.text:gsub("\n%-%-|", "\n--:"):gsub("^%-%-|", "--:"), page.path)
  page.blocks = ok and blocks or {}
  local own_line = page.failure.file == page.path and page.failure.line or 0
  for _, block in ipairs(page.blocks) do block.reached = block.line <= own_line end
end

local function run(page, chunk)
  local first = page.blocks[1]
  if first and first.kind == "code" and not first.marked then first.reached, page.current = true, 1 end
  local params, trace = require "lab.script.params", nil
  local ok, err = stop.watch(function()
    local fine, e = stop.catch_with(function()
      chunk()
      params.check_used()  -- name=value that nobody declared
    end, function(e)
      trace = script_calls(page.path)
      return e
    end)
    if not fine then error(e, 0) end
  end)
  if #page.blocks > 0 then page:take_runs() end
  local kind = stop.kind(err)
  if kind == "interrupt" or kind == "pause" then error(err, 0) end
  if kind then stop.forget() end
  page.stopped = kind == "exit"  -- the page ends there, and is still written
  if page.stopped then ok, trace = err.status == 0, {} end
  page.finished = ok and not page.stopped
  if ok then return end
  page.failure = describe(err, page, trace)
  page.failure.cause = session.cause()
end

-- Runs the script and returns its page:
--   front     what its front block says, or nil; bibliography: its sources (page/front.lua)
--   blocks    of literate.parse, each with reached and items (what it showed)
--   finished  true if the script came to its end: prose after a final return is shown too
--   failure   { message, file, line, source, trace, absent } or nil; absent is set where nothing is
--             wrong but that a data set is not here
--   runs      records of the runs that were used, as lab.runs registered them
-- `directory` is where figures keep their files. An interrupt is raised, not kept.
function M.run(path, text, directory)
  local page = setmetatable({ path = path, text = text, directory = directory, current = 1, blocks = {}, runs = {}, runs_seen = 0 }, Page)
  local ok, blocks, chunk = attempt(literate.parse, text, path)
  if not ok then
    still(page, blocks)
    return page
  end
  page.blocks = blocks
  local whole, why = attempt(function()
    page.front = front.take(blocks, path)
    page.bibliography = front.sources(page.front, path)
  end)
  if not whole then
    still(page, why)
    return page
  end
  local undo = { stop.enter(), literate.install(function(n, ...) page:enter(n, ...) end), open_sink(page),
    capture(function(s) output.emit { kind = "text", text = s } end) }
  local own_modules <close> = require "lab.script.modules".of_script(path)
  local f
  f, why = load(chunk, "@" .. path, "t", strict.environment())
  local fine, err = true, nil
  if f then fine, err = stop.catch(run, page, f) end
  for i = #undo, 1, -1 do undo[i]() end
  if not fine then error(err, 0) end
  if not f then still(page, why) end
  if page.finished then for _, sentence in ipairs(idle_options(page)) do progress.note(sentence) end end
  return page
end

return M
