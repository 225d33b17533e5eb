-- Verdicts on degrees: which sequences are taken, the untrained layer as the null, the words.
local t = dofile "tests/harness.lua"
local lab = require "lab"
local store = require "lab.run.store"
local output = require "lab.util.output"
local words = require "lab.degree.words"

-- Links that fell at random, and links by the rank of their units.
local function binomial(n, seed)
  local values, state = {}, seed
  for i = 1, n do
    local links = 0
    for _ = 1, 40 do
      state = state * 6364136223846793005 + 1442695040888963407
      if state >> 62 == 0 then links = links + 1 end
    end
    values[i] = links
  end
  return values
end

local function law(n, alpha)
  local values = {}
  for i = 1, n do values[i] = math.floor(0.5 + 1.5 * (i / n) ^ (-1 / (alpha - 1))) end
  return values
end

-- A run that recorded these: { layer, side, epoch, values }.
local function run_of(name, list)
  local series = {}
  for i, s in ipairs(list) do series[i] = { keys = { layer = s[1], side = s[2], epoch = s[3] }, values = s[4] } end
  return { name = name, series = function(_, what) return what == "degrees" and series or {} end }
end

local function shown(f)
  local items, emit = {}, output.emit
  output.emit = function(item) items[#items + 1] = item end
  local ok, why = pcall(f)
  output.emit = emit
  if not ok then error(why, 0) end
  return items
end

store.directory = t.tmpdir()
local run = run_of("seed=1", {
  { 1, "out", 10, law(1500, 2.5) }, { 1, "in", 0, binomial(784, 2) }, { 1, "in", 10, binomial(784, 3) },
  { 1, "out", 0, binomial(1500, 1) }, { 1, "out", 1, binomial(1500, 4) }, { 2, "in", 10, { 5, 5, 5 } },
})

t.test("items in order, each with its untrained layer", function()
  local v = lab.degree_verdicts { run, bootstrap = 20 }
  local order = {}
  for i, item in ipairs(v) do order[i] = ("%s %d"):format(item.name, item.epoch) end
  t.equal(order, { "layer 1, in 0", "layer 1, in 10", "layer 1, out 0", "layer 1, out 1", "layer 1, out 10", "layer 2, in 10" })
  t.equal({ v[2].untrained == v[1], v[5].untrained == v[3], v[3].untrained, v[6].untrained }, { true, true, nil, nil })
  t.equal({ v[1].fit.kind, v[6].fit.kind }, { "short tail", "no fit" })
  t.truthy(v[5].fit.alternatives.exponential.R > 0)
end)

t.test("the table has a row an item, the null named", function()
  local items = shown(function() lab.degree_verdicts({ run, bootstrap = 20 }):table() end)
  local item = items[1]
  t.equal({ #items, item.kind, #item.header, #item.rows, #item.align }, { 1, "table", 12, 6, 12 })
  t.equal({ item.rows[1][1], item.rows[1][2], item.rows[2][2] }, { "layer 1, in", "untrained", "10" })
  for _, row in ipairs(item.rows) do t.equal(#row, 12) end
  t.truthy(item.rows[5][9]:find "^%d+%.%d+ %(.+%)$")
  t.equal({ item.rows[6][3], item.rows[6][4], item.rows[6][9] }, { "no fit", "–", "–" })
end)

t.test("the table in two halves", function()
  local items = shown(function()
    local v = lab.degree_verdicts { run, bootstrap = 0 }
    v:table { only = "fits" } v:table { only = "ratios" }
  end)
  t.equal(items[1].header, { "units", "epoch", "verdict", "α", "xmin", "n_tail", "D", "p" })
  t.equal(items[2].header, { "units", "epoch", "exponential", "Poisson", "log-normal", "with cut-off" })
  t.equal({ items[1].note, items[2].note ~= nil, items[2].align }, { nil, true, "lrrrrr" })
end)

t.test("one sentence a layer and side, against the untrained layer", function()
  local items = shown(function() lab.degree_verdicts({ run, bootstrap = 20 }):say() end)
  local lines = {}
  for line in items[1].text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  t.equal({ items[1].kind, #lines }, { "prose", 3 })
  t.truthy(lines[1]:find "^%- %*%*layer 1, in%*%*, epoch 10: tail too short.*neither does the untrained layer show one %(short tail%)")
  t.truthy(lines[1]:find "variance over mean of the degrees 0%.%d+, untrained 0%.%d+")
  t.truthy(lines[2]:find "the untrained layer shows none %(short tail%): training ")
  t.truthy(lines[3]:find "no untrained layer to compare with")
end)

t.test("the last epoch of each layer and side, and whether a power law still stands", function()
  local verdicts = lab.degree_verdicts { run, bootstrap = 20 }
  local last, stands = verdicts:last(), { supported = true, undecided = true, possible = true }
  t.equal(#last, 3)
  for _, item in ipairs(last) do
    for _, other in ipairs(verdicts) do
      if other.layer == item.layer and other.side == item.side then t.truthy(other.epoch <= item.epoch) end
    end
    t.equal(item.stands, stands[item.fit.kind] or false)
  end
end)

t.test("what the null makes of a verdict", function()
  local function said(now, null)
    local function item(kind) return { name = "x", epoch = 9, values = { 1, 2 }, fit = { kind = kind, verdict = "v", max = 2 } } end
    local i = item(now)
    i.untrained = item(null)
    return words.sentence(i)
  end
  t.truthy(said("supported", "short tail"):find "went towards a power law")
  t.truthy(said("undecided", "rejected"):find "training brought a tail that may be a power law or another")
  t.truthy(said("undecided", "supported"):find "it is not training that brought it about")
  t.truthy(said("rejected", "possible"):find "training led away from it")
  t.truthy(said("another fits better", "odd alpha"):find "nothing here speaks for an evolution")
  t.truthy(said("untested", "supported"):find "nothing follows about training")
  t.truthy(said("rejected", "untested"):find "nothing follows about training")
end)

t.test("several runs, chosen epochs, names of one's own", function()
  local v = lab.degree_verdicts { { run, run_of("seed=2", { { 1, "in", 0, binomial(300, 9) } }) }, epochs = { 10 }, bootstrap = 0,
    name = function(layer, side) return layer .. side end }
  t.equal({ #v, v.runs, v[1].epoch, v[2].epoch, v[#v].run_name }, { 6, 2, 0, 10, "seed=2" })
  local items = shown(function() v:table() v:say() end)
  t.equal({ items[1].header[1], items[1].rows[1][1], items[1].rows[1][2] }, { "run", "seed=1", "1in" })
  t.truthy(items[2].text:find("**seed=2, 1in**", 1, true))
end)

t.test("layers for the figure", function()
  local v = lab.degree_verdicts { run, bootstrap = 0 }
  local layers = v:layers { side = "out", epochs = { 0, 10 } }
  t.equal({ #layers, layers[1].title, #layers[1].series }, { 1, "layer 1, out", 2 })
  t.equal({ layers[1].series[1].name, layers[1].series[2].name }, { "untrained", "epoch 10" })
  t.equal(#v:layers {}, 3)
  t.equal(#v:layers { layers = { 2 } }, 1)
end)

t.test("errors name the script's line", function()
  local here = "test_degree_verdicts.lua:%d+: lab.degree_verdicts: "
  t.raises(here .. "the first value must be a run", function() lab.degree_verdicts { 7 } end)
  t.raises(here .. "the first value must be a run", function() lab.degree_verdicts {} end)
  t.raises(here .. "unknown option 'bootstraps'.*'bootstrap'", function() lab.degree_verdicts { run, bootstraps = 1 } end)
  local odd = { name = "odd", series = function() return { { keys = { epoch = 1 }, values = { 1 } } } end }
  t.raises(here .. "'degrees' of the run odd has no layer, side and epoch", function() lab.degree_verdicts { odd } end)
  t.raises("verdicts:layers: option 'side' has no choice 'up'", function() lab.degree_verdicts({ run, bootstrap = 0 }):layers { side = "up" } end)
end)

t.test("nothing recorded is said", function()
  local items = shown(function()
    local v = lab.degree_verdicts { run_of("empty", {}) }
    v:table() v:say()
  end)
  t.equal({ #items[1].rows, items[2].text }, { 0, "No degrees were recorded." })
end)

t.test("a bootstrap's p is a bound where no sample fits worse", function()
  t.equal(words.bootstrap_p { p = 0, bootstrap = 1000 }, "<0.001")
  t.equal(words.bootstrap_p { p = 0.004, bootstrap = 1000 }, "0.004")
  t.equal(words.bootstrap_p { p = 0.31, bootstrap = 1000 }, "0.31")
  t.equal(words.bootstrap_p {}, "–")
end)

t.done()
