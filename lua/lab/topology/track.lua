-- track.lua: lab.topology.track(net): a net's wiring from look to look.
--
-- What was looked at is kept by the track and in no file. A run that goes on from a checkpoint begins a new
-- track, whose net then jumps from its first wiring to that of the checkpoint: the looks between are missing, and the
-- next look says so instead of counting what it has not seen.

local asking = require "lab.topology.asking"
local attempt = require "lab.util.attempt".call
local engine = require "lab.c.track"
local fields = require "lab.util.fields"
local manual = require "lab.util.manual"
local options = require "lab.util.options"

local M = {}

local Track = {}
Track.__index = Track
Track.__name = "lab.topology.track"

local spec = manual.word("lab.topology.track", {
  summary = "follow a net's links from epoch to epoch: what is tried, what survives, what comes back",
  text = "Making the track is the first look, so make it before the loop. In the body of net:epochs call track:look(), which compares the wiring with that of the previous look. "
    .. "A look takes time in proportion to the links; memory is in proportion to the cells that were ever linked. Links that come and go between two looks are not seen.\n"
    .. "Checkpoints do not hold tracks: in a resumed run the next look is an error that names the missing looks. net:cells_tried and "
    .. "net:births of a net with history = true do continue.",
  arguments = { { "net", "net", "The net that is followed." } },
  options = {
    every = { kind = "integer", default = 1, min = 1, unit = "epochs", help = "The most epochs between two looks; more is an error, since looks are missing then." },
  },
  returns = "a track",
  gives = "track",
  example = "local track <close> = lab.topology.track(net)\nfor epoch in net:epochs(data.train, { epochs = 2, batch = 20, lr = 0.01, evolve = lab.set { zeta = 0.3 } }) do\n"
    .. "  local look = track:look()\n  print(look.epoch, look.rs, look.tried)\nend",
})

function M.track(net, given)
  local o = options.check("lab.topology.track", spec, given)
  local core = asking.core("track", net)
  local track = setmetatable({ net = net, every = o.every, epochs = {} }, Track)
  track.engine = asking.ask("track", engine.new, core)
  track.epochs[1] = net.epoch or 0
  return track
end

-- ---- a look ----------------------------------------------------------------------------------------

local function check_colon(track, word)
  if getmetatable(track) ~= Track then options.fail(("write track:%s(...), with a colon"):format(word)) end
end

local function ask(track, word, method, ...)
  check_colon(track, word)
  local ok, a, b = attempt(track.engine[method], track.engine, ...)
  if ok then return a, b end
  if type(a) ~= "string" then error(a, 0) end
  local number, what = a:match "^bad argument #(%d+) to '.-' %((.*)%)$"
  options.fail(("track:%s: %s"):format(word, number and ("argument %d: %s"):format(number - 1, what) or a))
end

-- Raises if looks are missing between the last one and now.
local function check_epoch(track, epoch)
  local last = track.epochs[#track.epochs]
  if epoch < last then options.fail(("track:look: the net has trained %d epochs, fewer than the %d of the last look"):format(epoch, last)) end
  if epoch <= last + track.every then return end
  options.fail(("track:look: a look is missing: the last was after epoch %d, the net has now trained %d, and every = %d. "
    .. "A run that resumes from a checkpoint has lost its looks: start it again, or use net:cells_tried and net:births of a net with history = true"):format(last, epoch, track.every))
end

-- The numbers of a layer, or of all sparse layers together, from the engine's counts.
local function numbers(n)
  local common, any = n.links - n.born, n.links + n.gone
  local any_first = n.links + n.first - n.common_first
  return { links = n.links, born = n.born, gone = n.gone, tried = n.tried, regrown = n.regrown, ever = n.ever, rs = n.ever / n.cells,
    regrown_share = n.all_gone > 0 and n.all_regrown / n.all_gone or -(0 / 0), jaccard_before = any > 0 and common / any or 1.0, jaccard_first = any_first > 0 and n.common_first / any_first or 1.0 }
end

local look_meta = fields.record("a look", { "epoch", "links", "born", "gone", "tried", "regrown", "ever", "rs", "regrown_share", "jaccard_before", "jaccard_first", "layers" })

function Track:look()
  check_colon(self, "look")
  local net, epoch = self.net, self.net.epoch or 0
  check_epoch(self, epoch)
  ask(self, "look", "look", net.core)
  self.epochs[#self.epochs + 1] = epoch
  return self:last()
end

function Track:last()
  check_colon(self, "last")
  local layers, all = {}, {}
  for l = 1, self.net:layers() do
    local counts = ask(self, "last", "layer", l)
    layers[l] = numbers(counts)
    if self.net:is_sparse(l) then
      for name, n in pairs(counts) do all[name] = (all[name] or 0) + n end
    end
  end
  if not all.links then options.fail "track:look: all layers are dense: there is nothing to follow" end
  local look = numbers(all)
  look.epoch, look.layers = self.epochs[#self.epochs], layers
  return setmetatable(look, look_meta)
end

-- ---- links by age ----------------------------------------------------------------------------------

function Track:cohorts(layer)
  local born, alive = ask(self, "cohorts", "cohorts", layer)
  if not born then options.fail(("track:cohorts: layer %d is dense"):format(layer)) end
  local list = {}
  for look, epoch in ipairs(self.epochs) do list[look] = { epoch = epoch, born = born[look], alive = alive[look] } end
  return list
end

function Track:births(layer)
  local births = ask(self, "births", "births", layer)
  if not births then options.fail(("track:births: layer %d is dense"):format(layer)) end
  for k, look in ipairs(births) do births[k] = self.epochs[look] end
  return births
end

function Track:close() ask(self, "close", "close") end
Track.__close = Track.close

local LAYER = { "layer", "whole number", "A sparse layer, counted from 1." }

manual.object("track", {
  summary = "a net's wiring from look to look: what lab.topology.track returns",
  text = "It owns memory that Lua's collector does not see: declare it `local track <close>`.",
  fields = { net = "The net that is followed.", every = "The most epochs between two looks.", epochs = "For each look the epochs that the net had trained." },
  methods = {
    look = { summary = "look at the wiring and compare it with the previous look",
      returns = "a look ('setlab help lab.look').", raises = "an error if a look is missing, as after a run has resumed from a checkpoint." },
    last = { summary = "the last look again", returns = "a look ('setlab help lab.look')." },
    cohorts = { summary = "how many of the links born at each look still exist", arguments = { LAYER },
      returns = "an array by look of { epoch =, born =, alive = }; the first look's are all its links. A link that disappeared and came back is born again." },
    births = { summary = "the epoch of the look that first saw each link", arguments = { LAYER }, returns = "an array in the order of net:links_of." },
    close = { summary = "free the track's memory; `local track <close>` does it automatically" },
  },
})

manual.object("look", {
  summary = "what track:look returns: all sparse layers together, and each layer",
  text = "Its numbers can be logged: run:log { epoch = look.epoch, rs = look.rs, tried = look.tried }.",
  fields = {
    epoch = "Epochs that the net had trained.",
    links = "Links now.",
    born = "Links that the previous look did not see; 0 at the first look.",
    gone = "Links that the previous look saw and this one does not.",
    tried = "How many of `born` are at cells that were never linked before: new cells that evolution has tried.",
    regrown = "How many of `born` are at cells that were linked at an earlier look.",
    ever = "Cells that were linked at any look.",
    rs = "R_s, the share of cells that were linked at any look (ITOP, Liu et al. 2021).",
    regrown_share = "Of all times that a link disappeared, the share after which it came back; not-a-number before any did.",
    jaccard_before = "Links in common with the previous look over links of either.",
    jaccard_first = "The same with the first look.",
    layers = "An array with these numbers for each layer, without epoch; a dense layer never changes.",
  },
})

fields.class(Track, "a track", { "net", "every", "epochs" })

return M
