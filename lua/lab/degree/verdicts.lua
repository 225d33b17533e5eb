-- verdicts.lua: do the degrees of trained networks follow power laws, and did those of
-- the untrained ones?
--
-- Epoch 0 is the network before training, the null: whatever holds there too is no work of
-- training.

local fields = require "lab.util.fields"
local manual = require "lab.util.manual"
local memo = require "lab.run.memo"
local options = require "lab.util.options"
local output = require "lab.util.output"
local power_law = require "lab.degree.power_law"
local words = require "lab.degree.words"

local WHERE = "lab.degree_verdicts"

local spec = {
  positional = true,
  series    = { kind = "string", default = "degrees", help = "The name under which run:record wrote the degrees." },
  epochs    = { kind = "table", takes = "array of whole numbers", default_is = "all recorded", help = "The epochs to show; the untrained one is always there." },
  untrained = { kind = "integer", default = 0, help = "The epoch that stands for the untrained network." },
  name      = { kind = "function", takes = "function(layer, side)", default_is = '"layer 1, in"', help = "Returns what a layer and side are called, such as \"pixels, out\"." },
  bootstrap = { kind = "integer", default = 1000, min = 0, max = 1000000, unit = "samples", help = "Synthetic samples that p is estimated from; 0 for no test." },
  seed      = { kind = "integer", default = 1, help = "The seed of the synthetic samples." },
}

manual.word(WHERE, {
  summary = "do the degrees of trained networks follow power laws, and did those of the untrained ones?",
  text = "Each sequence is fitted and compared with other laws once; the fits are kept in the folder of runs.",
  items = { "run", "A run, or an array of runs, that recorded degrees: run:record(\"degrees\", { epoch = 0, layer = 1, side = \"in\" }, net:degrees(1, \"in\"))." },
  options = spec,
  returns = "verdicts",
  gives = "verdicts",
  example = "local verdicts = lab.degree_verdicts { runs[1], bootstrap = 1000 }\nverdicts:table()\nverdicts:say()\n"
    .. 'lab.plot.degrees { layers = verdicts:layers { side = "in", epochs = { 0, 400 } } }',
})

local layers_spec = {
  side = { kind = "string", choices = { "in", "out" }, default_is = "both", help = "Links that arrive at units, or leave them." },
  epochs = { kind = "table", takes = "array of whole numbers", default_is = "all", help = "The epochs to draw." },
  layers = { kind = "table", takes = "array of whole numbers", default_is = "all", help = "The layers to draw." },
}

local table_spec = {
  only = { kind = "string", choices = { "fits", "ratios" }, default_is = "both", help = "One half of a table that is too wide for a page." },
}

manual.object("verdicts", {
  summary = "what lab.degree_verdicts returns: an array of fits, one for each run, layer, side and epoch",
  text = "An item has run (its number), run_name, name, layer, side, epoch, values, fit, null (whether it is the untrained network), stands (whether the tests leave a power law possible) "
    .. "and untrained (the item of the same layer and side before training).",
  fields = { runs = "How many runs there are.", untrained = "The epoch that stands for the untrained network." },
  methods = {
    table = { summary = "show a row for each layer, side and epoch; the untrained layer comes first", options = table_spec },
    last = { summary = "the items of the last epoch", returns = "an array, one item for each run, layer and side." },
    say = { summary = "say in one sentence for each layer and side what the evidence supports" },
    layers = { summary = "what lab.plot.degrees takes: for the first run, a layer for each side and layer, a series for each epoch", options = layers_spec, returns = "an array." },
  },
})

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

function Verdicts:table(given)
  output.emit(words.table(self, options.check("verdicts:table", table_spec, given).only))
end

function Verdicts:last()
  local list = {}
  for i, item in ipairs(self) do
    local next = self[i + 1]
    if not next or next.run ~= item.run or next.layer ~= item.layer or next.side ~= item.side then list[#list + 1] = item end
  end
  return list
end

function Verdicts:say()
  local said = {}
  for i, item in ipairs(self:last()) do said[i] = "- " .. words.sentence(item, self.runs > 1) end
  output.emit { kind = "prose", text = #said > 0 and table.concat(said, "\n") or "No degrees were recorded." }
end

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
