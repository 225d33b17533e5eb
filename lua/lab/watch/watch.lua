-- watch.lua: weaves a script's page again whenever the script changes, and shows it while it trains.

local browser = require "lab.watch.browser"
local changes = require "lab.watch.changes"
local fs = require "lab.c.fs"
local json = require "lab.util.json"
local output = require "lab.watch.output"
local pool = require "lab.c.pool"
local stop = require "lab.util.stop"
local system = require "lab.c.system"

local M = {}

local STEP <const>, IDLE <const> = 0.02, 1      -- seconds between two looks, with a child at work and without
local TICK <const>, NEWS <const> = 10, 0.25     -- seconds between two rounds of the waiting browsers, and two news of a training
local PEEK_AFTER <const>, PEEK_SHARE <const> = 2, 10  -- seconds of training before its first page, and how many times as long as a page took until the next

local function file(self, name) return self.folder .. "/" .. name end

-- ---- children ---------------------------------------------------------------------------------

-- Starts a child that weaves. `kind` is "whole", or "peek" for a page of what is there so far, which trains nothing.
local function start(self, kind)
  local child = { kind = kind, began = system.seconds(), output = output.new(file(self, kind .. ".out")) }
  fs.write_file(child.output.path, "")
  local words = self.words(kind, { folder = file(self, kind), files = file(self, kind .. ".json"), keep = kind == "whole" and file(self, "kept") or nil })
  local id, why = self.children:start(words, child.output.path)
  if not id then error(why, 0) end
  self.running[id], self[kind] = child, child
  child.id = id
end

local function read_files(self, kind)
  local text = fs.read_file(file(self, kind .. ".json"))
  fs.remove(file(self, kind .. ".json"))
  return text and json.decode(text) or {}
end

-- The message of a failed child, which may have told its failure, and what it points at: { message, file, line, source = { { number, text }, ... } }.
local function error_of(child, failure)
  local text = failure and failure.message or child.output:text()
  local path, line = text:match "([^\n:]+%.lua):(%d+): "
  if failure and failure.file then path, line = failure.file, failure.line end
  local found = { message = text ~= "" and text or "it ended without a message", file = path, line = tonumber(line) }
  local source = path and line and fs.read_file(path)
  if not source then return found end
  found.message, found.source = text:gsub("\n%s*" .. line .. " | [^\n]*", "", 1), {}
  local n = 0
  for row in (source .. "\n"):gmatch "([^\n]*)\n" do
    n = n + 1
    if math.abs(n - found.line) <= 2 and utf8.len(row) then found.source[#found.source + 1] = { number = n, text = row } end
  end
  return found
end

-- Does the child that weaves train a network right now?
local function is_training(self) return self.whole ~= nil and (self.whole.output.progress or "") ~= "" end

local function page_of(self, kind) return ("%s/%s.html"):format(file(self, kind), self.name) end

-- ---- what the browser sees ----------------------------------------------------------------------

local function tell(self)
  local whole = self.whole
  self.browser:tell({
    script = self.script, state = is_training(self) and "training" or (whole or self.peek) and "weaving" or "ready", error = self.error,
    so_far = self.so_far or false, log = whole and whole.output:text() or "", seconds = self.seconds,
  }, whole and whole.output.progress or "")
end

local function say(self, form, ...) self.say(form:format(...)) end

local function show(self, kind, child, status, failure)
  child.output:read()
  if status == 0 or not self.has_page then self.browser:show(page_of(self, kind)) end
  if status == 0 then self.has_page, self.so_far, self.error = true, kind == "peek", nil
  else self.error = error_of(child, failure) end
end

-- The files that count from now on. A page that failed may not have come to what it reads, so the earlier ones stay.
local function watch_files(self, files, status)
  if status == 0 and files then self.files = files else
    local known = {}
    for _, path in ipairs(self.files) do known[path] = true end
    for _, path in ipairs(files or {}) do if not known[path] then self.files[#self.files + 1] = path end end
  end
  self.changes:set(self.files, status ~= 0)
end

-- ---- events -----------------------------------------------------------------------------------

local function whole_ended(self, child, status)
  self.whole = nil
  local facts = read_files(self, "whole")
  watch_files(self, facts.files, status)
  if child.is_stale then
    self.must_weave = true
    return
  end
  show(self, "whole", child, status, facts.failure)
  self.seconds = system.seconds() - (child.saved or child.began)
  if status == 0 then say(self, "%s is woven, %.2f s after it was saved", self.script, self.seconds)
  else say(self, "%s", child.output:text()) end
end

-- A page of what is there so far. If the script has changed since the training began, it says whether that still counts.
local function peek_ended(self, child, status)
  self.peek = nil
  self.next_peek = system.seconds() + PEEK_SHARE * (system.seconds() - child.began)
  if not self.whole then return end
  local facts = read_files(self, "peek")
  watch_files(self, facts.files, status)
  if child.follows_change or status == 0 then show(self, "peek", child, status, facts.failure) end
  if child.follows_change and status == 0 and (facts.under_way or 0) == 0 then
    if is_training(self) then say(self, "%s does not show the run under way any more: it is interrupted", self.script) end
    self.whole.is_stale = true
    self.children:signal(self.whole.id, "INT")
  end
end

local function child_ended(self, ended)
  local child = self.running[ended.id]
  self.running[ended.id] = nil
  child.output:read()
  local handle = child.kind == "whole" and whole_ended or peek_ended
  handle(self, child, ended.status or 128 + (ended.signal or 0))
  tell(self)
end

local function files_changed(self, changed, when)
  self.saved = when
  if self.whole then self.must_peek, self.must_weave = true, true else self.must_weave = true end
end

-- What is to be done now, if anything.
local function act(self)
  local now = system.seconds()
  if self.must_weave and not self.whole then
    self.must_weave, self.must_peek = false, false
    start(self, "whole")
    self.whole.saved, self.next_peek = self.saved, now + PEEK_AFTER
  end
  if self.whole and not self.peek and (self.must_peek or is_training(self) and not self.whole.is_stale and now >= self.next_peek) then
    start(self, "peek")
    self.peek.follows_change, self.must_peek = self.must_peek, false
  end
end

local function loop(self)
  local next_tick, next_news = 0, 0
  while true do
    act(self)
    local changed, when = self.changes:wait((self.whole or self.peek) and STEP or IDLE)
    if changed then files_changed(self, changed, when) end
    local ended = self.children:wait(0)
    if ended then child_ended(self, ended) end
    local now = system.seconds()
    if self.whole and now >= next_news and self.whole.output:read() then
      next_news = now + NEWS
      tell(self)
    end
    if now >= next_tick then
      next_tick = now + TICK
      self.browser:tick()
    end
  end
end

-- Children that train save what they have.
local function drain(self)
  self.children:signal(0, "INT")
  while #self.children > 0 do self.children:wait(60) end
end

-- Watches until Ctrl-C, which is raised.
--   given  { script =, name = of its page, folder = for pages and notes, port = or nil, say = function(sentence),
--            words = function(kind, { folder, files, keep }): those that make a child weave }
function M.run(given)
  local children <close> = pool.new()
  local shown <close> = browser.open(given.port)
  local self = { script = given.script, name = given.name, folder = given.folder, words = given.words, say = given.say,
    children = children, browser = shown, changes = changes.new(), running = {}, must_weave = true, saved = system.seconds() }
  self.files = { self.script }
  self.changes:set(self.files)
  say(self, "%s is at %s  (Ctrl-C ends it)", self.script, shown:address())
  tell(self)
  local _, err = stop.catch(loop, self)
  stop.catch(drain, self)
  error(err, 0)
end

return M
