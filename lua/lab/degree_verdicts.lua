-- degree_verdicts.lua: do the degrees of trained networks follow power laws, and did those of
-- the untrained ones?
--
--   local verdicts = lab.degree_verdicts { run, bootstrap = 1000 }
--   verdicts:table()      one row for each layer, side and epoch; the untrained layer comes first.
--                         In two tables, where one is too wide: { only = "fits" }, { only = "ratios" }
--   verdicts:say()        one sentence a layer and side: what the evidence supports
--   verdicts:last()       the items of the last epoch, one for each run, layer and side
--   lab.plot.degrees { layers = verdicts:layers { side = "in", epochs = { 0, 400 } } }
--
-- Takes a run, or several, that recorded degrees:
--   run:record("degrees", { epoch = 0, layer = 1, side = "in" }, net:degrees(1, "in"))
-- Epoch 0 is the network before training, the null: whatever holds there too is no work of
-- training. Each sequence is fitted and compared with other laws once (lab.memo keeps the fits);
-- `verdicts` itself is an array of { run, name, layer, side, epoch, values, fit, stands, untrained }, where
-- stands says whether the tests leave a power law possible, and untrained is the item of the same layer
-- and side at epoch 0.

local fields = require "lab.fields"
local memo = require "lab.memo"
local options = require "lab.options"
local output = require "lab.output"
local power_law = require "lab.power_law"
local words = require "lab.degree_words"

local WHERE = "lab.degree_verdicts"

local spec = {
  positional = true,
  series    = { kind = "string", default = "degrees" },  -- the name in run:record
  epochs    = { kind = "table" },                        -- those to show; default: all recorded
  untrained = { kind = "integer", default = 0 },         -- the epoch that is the null
  name      = { kind = "function" },                     -- f(layer, side) -> "pixels, out"
  bootstrap = { kind = "integer", default = 1000, min = 0, max = 1000000 },
  seed      = { kind = "integer", default = 1 },
}

local layers_spec = { side = { kind = "string", choices = { "in", "out" } }, epochs = { kind = "table" }, layers = { kind = "table" } }

local table_spec = { only = { kind = "string", choices = { "fits", "ratios" } } }

local Verdicts = fields.class({}, "the verdicts", { "runs" }, { "untrained" })
Verdicts.__index = Verdicts

local function set_of(list)
  if not list then return nil end
  local set = {}
  for _, v in ipairs(list) do set[v] = true end
  return set
end

-- The run, or the runs, that stand first among the options.
local function runs_of(given)
  local first = given[1]
  if type(first) == "table" and #first == 0 and first.series then return { first } end
  if type(first) ~= "table" or #first == 0 or type(first[1]) ~= "table" or not first[1].series then
    options.fail(WHERE .. ": the first value must be a run of lab.runs, or several")
  end
  return first
end

local function fit(task) return power_law(task.values, { bootstrap = task.bootstrap, seed = task.seed, alternatives = true }) end

local function default_name(layer, side) return ("layer %s, %s"):format(layer, side) end

local function before(a, b)
  if a.run ~= b.run then return a.run < b.run end
  if a.layer ~= b.layer then return a.layer < b.layer end
  if a.side ~= b.side then return a.side < b.side end
  return a.epoch < b.epoch
end

-- One item of the verdicts for each sequence that the run recorded and the options want.
local function add_run(items, run, number, o)
  local wanted = set_of(o.epochs)
  for _, series in ipairs(run:series(o.series)) do
    local k = series.keys
    if not (k.layer and k.side and k.epoch) then
      options.fail(("%s: '%s' of the run %s has no layer, side and epoch"):format(WHERE, o.series, tostring(run.name)))
    end
    if not wanted or wanted[k.epoch] or k.epoch == o.untrained then
      items[#items + 1] = { run = number, run_name = run.name, layer = k.layer, side = k.side, epoch = k.epoch, values = series.values,
        name = (o.name or default_name)(k.layer, k.side),
        fit = memo("power law, alternatives and verdict", { values = series.values, bootstrap = o.bootstrap, seed = o.seed }, fit) }
    end
  end
end

-- Every item learns of the untrained one of its run, layer and side.
local function add_untrained(items, epoch)
  local null = {}
  local function place(item) return ("%s %s %s"):format(item.run, item.layer, item.side) end
  for _, item in ipairs(items) do if item.epoch == epoch then null[place(item)] = item end end
  for _, item in ipairs(items) do if item.epoch ~= epoch then item.untrained = null[place(item)] end end
end

-- Shows the table of all items: exponent, tail, distance, p, the four ratios with theirs, and the
-- kind of verdict; or one half of it.
function Verdicts:table(given)
  output.emit(words.table(self, options.check("verdicts:table", table_spec, given).only))
end

-- The items of the last epoch, one for each run, layer and side.
function Verdicts:last()
  local list = {}
  for i, item in ipairs(self) do
    local next = self[i + 1]
    if not next or next.run ~= item.run or next.layer ~= item.layer or next.side ~= item.side then list[#list + 1] = item end
  end
  return list
end

-- Says, for each layer and side, what the last of its epochs supports, and what the null says.
function Verdicts:say()
  local said = {}
  for i, item in ipairs(self:last()) do said[i] = "- " .. words.sentence(item, self.runs > 1) end
  output.emit { kind = "prose", text = #said > 0 and table.concat(said, "\n") or "No degrees were recorded." }
end

-- What lab.plot.degrees takes: of the first run, a layer for each side and layer, a series for
-- each epoch. Options: side = "in" or "out", epochs and layers = lists of numbers; default: all.
function Verdicts:layers(given)
  local o = options.check("verdicts:layers", layers_spec, given)
  local epochs, numbers, list, at = set_of(o.epochs), set_of(o.layers), {}, {}
  for _, item in ipairs(self) do
    if item.run == 1 and (not o.side or o.side == item.side) and (not epochs or epochs[item.epoch]) and (not numbers or numbers[item.layer]) then
      local layer = at[item.name] or { title = item.name, series = {} }
      if not at[item.name] then at[item.name], list[#list + 1] = layer, layer end
      table.insert(layer.series, { name = words.moment(item), values = item.values, fit = item.fit })
    end
  end
  return list
end

return function(given)
  local o = options.check(WHERE, spec, given)
  local items, runs = {}, runs_of(o)
  for number, run in ipairs(runs) do add_run(items, run, number, o) end
  table.sort(items, before)
  add_untrained(items, o.untrained)
  items.runs, items.untrained = #runs, o.untrained
  for _, item in ipairs(items) do item.null, item.stands = item.epoch == o.untrained, words.stands[item.fit.kind] or false end
  return setmetatable(items, Verdicts)
end
