-- checkpoint.lua: a run that was stopped goes on where it was last saved.
--
-- net:epochs { checkpoint = { run = run, every = 20 } } saves the net and, in the member run.yaml of
-- the same file, how far the run is: the epoch, the length of every file that it appends to, the
-- seconds so far, run.state, where math.random stands, what the run has read. It does so when the loop asks for its next epoch: the body of the last
-- one is over, the evolution that comes next has not begun.
--
-- When lab.runs comes upon a folder that was left so, it cuts the files back to those lengths and
-- calls the run function as ever. What this logs before its loop is there already and is not written
-- again; the loop takes the net from the file and begins with the epoch after it.

local attempt = require "lab.util.attempt".call
local clock = require "lab.c.system".seconds
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local random = require "lab.c.random"
local reads = require "lab.script.reads"
local options = require "lab.util.options"
local resume = require "lab.run.resume"
local saved_net = require "lab.net.saved_net"
local store = require "lab.run.store"
local yaml = require "lab.util.yaml"

local M = {}

-- ---- the run ----------------------------------------------------------------------------

-- What a run knows of its folder and of itself: { folder, columns, rows, last, series, key, clock = how
-- many seconds it has run, started, continued = when, past = until the loop is reached }.
function M.book(folder, id)
  local past, began = folder.past, clock()
  local before = past and past.run_seconds or 0
  local book = { folder = folder, key = id.hash, rows = 0, series = {}, past = past,
    started = past and past.started or fs.now(), continued = past and past.continued or {} }
  if past then book.continued[#book.continued + 1] = fs.now() end
  function book.clock() return before + clock() - began end
  return book
end

-- The error of a run that came to its end without the loop that its checkpoint belongs to.
function M.unused(run)
  return ("the run has a checkpoint, but did not reach the loop that it belongs to; remove %s/%s to start again"):format(run.path, resume.name)
end

-- ---- the loop ---------------------------------------------------------------------------

local spec = {
  run = { kind = "table", required = true, takes = "run", help = "What lab.runs gives to the run function; its folder takes the checkpoint." },
  every = { kind = "integer", min = 1, unit = "epochs", help = "Save after every so many epochs; give this or `minutes`." },
  minutes = { kind = "number", min = 0, unit = "minutes", help = "Save at the end of an epoch once this much time has passed since the last save." },
  keep = { kind = "boolean", default = false, help = "Whether the checkpoint of a finished run stays in its folder." },
}
M.options = spec  -- train/epochs.lua shows them

local function check(given)
  local o = options.check("net:epochs: checkpoint", spec, given)
  if not rawget(o.run, "book") then options.fail "net:epochs: checkpoint: 'run' must be what lab.runs gives to the run function" end
  if (o.every == nil) == (o.minutes == nil) then options.fail "net:epochs: checkpoint: give either 'every' (epochs) or 'minutes'" end
  if o.run.book.saver then options.fail "net:epochs: checkpoint: one loop of a run can be saved, and this is the second" end
  return o
end

local Saver = {}
Saver.__index = Saver

-- Net and run as the checkpoint has them.
local function restore(saver, net)
  local run, past = saver.run, saver.run.book.past
  if past.evolving and not saved_net.is_state(past.evolving, net:layers()) then
    options.fail("net:epochs: checkpoint: what it says of the evolution does not fit the net; remove it to start again")
  end
  local asked, ok, why = attempt(saved_net.restore, past.file, run.path .. "/" .. resume.name, net)
  if not asked then ok, why = nil, ok end
  if not ok then options.fail(("net:epochs: checkpoint: %s; remove it to start again"):format(why)) end
  past.file:close()
  local book = run.book
  if past.columns then
    book.columns = past.columns
    book.columns.set = {}
    for _, column in ipairs(past.columns) do book.columns.set[column] = true end
  end
  book.rows, book.last, book.series, book.past = past.rows, past.last, past.series, nil
  if past.random then random.restore(past.random) end
  for k in pairs(run.state) do run.state[k] = nil end
  for k, v in pairs(past.state) do run.state[k] = v end
  net.epoch, net.evolving, saver.epoch, saver.seconds = past.trained, past.evolving, past.epoch, past.training_seconds
end

-- A loop over `net` begins. Returns a saver whose `epoch` is the one after which it goes on, 0 if it
-- begins, and whose `seconds` were spent until then. Nothing `given`, nothing will be saved.
function M.begin(net, given)
  local saver = setmetatable({ epoch = 0, seconds = 0, saved = clock() }, Saver)
  if not given then return saver end
  local o = check(given)
  saver.run, saver.every, saver.minutes = o.run, o.every, o.minutes
  o.run.book.saver, o.run.book.keep = saver, o.keep
  if o.run.book.past then restore(saver, net) end
  return saver
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return math.type(a) == math.type(b) and (a == b or a ~= a and b ~= b) end
  for k, v in pairs(a) do if not same(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end

-- As text, from which the same will be read.
local function write(past)
  local ok, text = attempt(yaml.write, past)
  if not ok then options.fail(("net:epochs: checkpoint: run.state cannot be kept: %s"):format(text)) end
  local again = yaml.read(text)
  if not again or not same(again.state, past.state) then
    options.fail "net:epochs: checkpoint: run.state cannot be kept: it may hold numbers, text in UTF-8, true, false and tables of these"
  end
  return text
end

local function lengths(run)
  local list, names = {}, options.sorted_keys(run.book.series)
  for i, name in ipairs(names) do names[i] = name .. ".csv" end
  if run.book.columns then names[#names + 1] = "metrics.csv" end
  for _, name in ipairs(names) do list[name] = fs.stat(run.path .. "/" .. name).size end
  return list
end

-- The body of epoch n is over: saves if it is time to, or `pausing`. `seconds`: of all epochs and evolutions so far.
function Saver:turn(net, n, seconds, pausing)
  local now = clock()
  if not self.run or n == self.epoch then return end
  local due = self.every and n % self.every == 0 or self.minutes and now - self.saved >= 60 * self.minutes
  if not due and not pausing then return end
  local book, run = self.run.book, self.run
  book.folder:sync()
  local columns = book.columns and table.move(book.columns, 1, #book.columns, 1, {})
  local text = write {
    format = resume.format, key = book.key, results_version = hash.results_version, epoch = n, trained = net.epoch, training_seconds = seconds,
    run_seconds = book.clock(), started = book.started, continued = book.continued, lengths = lengths(run),
    columns = columns, rows = book.rows, last = book.last, series = book.series, state = run.state,
    random = random.state(), evolving = net.evolving, reads = reads.record(book.reads),
  }
  local ok, why = saved_net.write(run.path .. "/" .. resume.name, net, { { "run.yaml", text } })
  if not ok then store.fail(why) end
  self.saved, book.folder.saved = clock(), n
end

return M
