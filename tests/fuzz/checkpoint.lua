-- checkpoint.lua -- reads a file as a saved net, as `setlab inspect` does and as a run does that goes
-- on. What it is told of must be a net; what is refused, is refused by a sentence that names the file.

local data = require "lab.c.data"
local engine = require "lab.c.checkpoint"
local fs = require "lab.c.fs"
local inspect = require "lab.command.inspect"
local progress = require "lab.util.progress"
local load = require "lab.train.load"
local resume = require "lab.run.resume"
local saved_net = require "lab.net.saved_net"
local yaml = require "lab.util.yaml"

local MOST_INPUTS = 1000  -- of a net that is asked for its outputs

progress.note = function() end
print = function() end

-- Calls f: what it returns, or nil and what it raised. That must be a sentence for the user, not one of
-- Lua's about our code.
local function polite(what, f, ...)
  local ok, result, why = xpcall(f, function(err) return { tostring(err), debug.traceback() } end, ...)
  if ok then return result, why end
  local message, trace = result[1], result[2]
  if message:find "^lua/lab/" or message:find "attempt to" or message:find "bad argument" then error(what .. ": " .. message .. "\n" .. trace, 0) end
  return nil, message
end

-- The outputs of a net are as many numbers as it has output units, whatever its weights are.
local function use(net)
  local inputs, outputs = net:units(0), net:units(net:layers())
  if inputs > MOST_INPUTS or outputs < 2 or outputs > 4096 then return end
  local view <close> = data.noise({ channels = 1, height = 1, width = inputs, classes = outputs, seed = 1 }, 4, 1)
  local values = net:predict(view, 1)
  if #values ~= outputs then error(("%d outputs of %d"):format(#values, outputs), 0) end
end

local function read_net(path)
  local file <close>, description = saved_net.open(path)
  if not file then return nil, description end
  local net <close>, why = load.make(file, description, { threads = 1 })
  if not net then return nil, why end
  use(net)
  return true
end

-- What a run would go on from. A folder of its own has the file as its checkpoint, and all that grows.
local folder = ("%s/setlab-fuzz.%d"):format(os.getenv "TMPDIR" or "/tmp", fs.pid())
local grows = {
  ["metrics.csv"] = "epoch,loss\n" .. ("1,0.5\n"):rep(99),
  ["degrees.csv"] = "epoch,values\n" .. ("1,2 2 3\n"):rep(99),
  ["monitor.csv"] = "seconds,cpu_percent,uss_mib,rss_mib,threads,read_bytes,written_bytes\n" .. ("0.05,99,10,12,1,0,0\n"):rep(99),
}

local function fill_folder(path)
  if fs.mkdir(folder) then os.execute(("ln -s '%s' '%s/%s'"):format(path, folder, resume.name)) end
  for name, text in pairs(grows) do
    local file <close> = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
  end
end

local function read_run(path)
  local file <close> = engine.open(path)
  local text = file and file:text "run.yaml"
  local past = text and yaml.read(text)
  if not past then return end
  fill_folder(path)
  local told
  local taken = resume.take_up({ path = folder }, type(past.key) == "string" and past.key or "none", function(why) told = why end)
  if taken then taken.file:close()
  elseif not told then error("a checkpoint is refused without a word", 0) end
end

return function(path)
  local whole, why = polite("lab.load", read_net, path)
  if not whole and not tostring(why):find(path, 1, true) then error("no file is named: " .. tostring(why), 0) end
  polite("setlab inspect", inspect.main, { path })
  polite("a run that goes on", read_run, path)
end
