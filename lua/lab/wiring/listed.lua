-- listed.lua: wirings whose links are known: of a file, or of a net that is pruned.

local attempt = require "lab.util.attempt".call
local engine = require "lab.c.links"
local manual = require "lab.util.manual"
local options = require "lab.util.options"
local place = require "lab.wiring.place"
local reads = require "lab.script.reads"

local M = { kinds = {} }

local function listed(list) return { kind = "sparse", wiring = "listed", links = list:count(), list = list } end

-- ---- a file ----

local file_spec = manual.word("lab.links_of", {
  summary = "the links of one layer, from a file",
  text = "The file holds two columns of whole numbers, the source and the target unit of each link: CSV, plain or gzip, with or without a line of names; a NumPy array (.npy) of n rows and two "
    .. "columns; or a NumPy archive (.npz) with an array for each column. The file is read when lab.links_of is called, and its content is part of a run's key.",
  options = {
    file = { kind = "string", required = true, help = "The file." },
    base = { kind = "integer", default = 0, min = 0, max = 1, help = "The number of the first unit: 0 as in NumPy, 1 as in Lua." },
    from = { kind = "string", default = "from", help = "The array of an archive that holds the source units." },
    to = { kind = "string", default = "to", help = "The array of an archive that holds the target units." },
  },
  returns = place.RETURNS .. ", for one layer",
  example = 'local net <close> = lab.mlp { 500, 100, 2, wiring = { lab.links_of { file = "links.csv" }, lab.dense {} }, seed = 1 }',
  raises = "The file is missing or damaged, or a row is not as expected; the message names file and line.",
})

function M.links_of(given)
  local o = options.check("lab.links_of", file_spec, given)
  options.check_path("lab.links_of: option 'file'", o.file)
  local ok, list, why = attempt(engine.read, o.file, o.base, o.from, o.to)
  if not ok or not list then options.fail("lab.links_of: " .. (ok and why or list)) end
  reads.note_file(o.file)
  return { kind = "links_of", file = o.file, base = o.base, list = list }
end

-- Where a link of the file stands, for messages.
local function row(wiring, k) return ("%s, %s"):format(wiring.file, wiring.list:row(k)) end

function M.kinds.links_of(wiring, p)
  local list, base = wiring.list, wiring.base
  local k, from, to = list:outside(p.n_in, p.n_out)
  if k then
    local bad, n, what = from + base, p.n_in, "comes from"
    if from < p.n_in then bad, n, what = to + base, p.n_out, "goes to" end
    place.fail(p, ("%s: the link %s unit %d, expected one from %d to %d"):format(row(wiring, k), what, bad, base, n - 1 + base))
  end
  local second, first = list:twice()
  if second then place.fail(p, ("%s: the link was given before, in %s"):format(row(wiring, second), list:row(first))) end
  return listed(list)
end

-- ---- a pruned net ----

local pruned_spec = manual.word("lab.pruned", {
  summary = "the links that a net keeps when it is pruned",
  text = "The net, dense or sparse, is left as it is. The wiring is for a net of the same sizes, whose weights are drawn anew. "
    .. "By \"magnitude\" the links with the largest |weight| stay, by \"snip\" those with the largest |weight x gradient| over one batch (Lee et al. 2019), for which the net must not have dropout.",
  options = {
    net = { kind = "table", required = true, takes = "a net", help = "The net that is pruned." },
    density = place.required_density,
    by = { kind = "string", default = "magnitude", choices = { "magnitude", "snip" }, help = "What decides which links are kept." },
    scope = { kind = "string", default_is = '"layer" by magnitude, "net" by snip', choices = { "layer", "net" }, help = "Whether each layer has this density, or all of them together." },
    dense_output = { kind = "boolean", default = false, help = "Whether the last layer is dense; it does not count for the density." },
    data = { kind = "any", takes = "a split, such as data.train", help = "With snip: the samples." },
    batch = { kind = "integer", default = 100, min = 1, max = 1000000, unit = "samples", help = "With snip: how many samples are drawn." },
    seed = { kind = "integer", default = 1, help = "With snip: seeds the draw of samples." },
  },
  returns = place.RETURNS,
  example = "local dense <close> = lab.mlp { 500, 100, 100, 2, wiring = lab.dense {}, seed = 1 }\nlocal wiring = lab.pruned { net = dense, density = 0.05 }\n"
    .. "local net <close> = lab.mlp { 500, 100, 100, 2, wiring = wiring, seed = 2 }",
})

local function is_split(v) return type(v) == "userdata" and (debug.getmetatable(v) or {}).__name == "lab.data" end

local function check_pruned(given)
  local o = options.check("lab.pruned", pruned_spec, given)
  if not o.net.core or not o.net.options then options.fail "lab.pruned: option 'net' takes a net, as lab.mlp or lab.load return it" end
  if o.by == "snip" and not is_split(o.data) then options.fail "lab.pruned: by = \"snip\" needs the option 'data', a split such as data.train" end
  if o.by == "snip" and (o.net.options.dropout or 0) > 0 then options.fail "lab.pruned: by = \"snip\" needs a net without dropout" end
  if o.by ~= "snip" and o.data then options.fail "lab.pruned: option 'data' goes with by = \"snip\"" end
  return o
end

-- How many links each layer keeps, or all together: what the engine's `kept` takes. sizes: of each layer, { units that it reads, units above }.
local function counts_of(o, sizes)
  local last, counts, cells = #sizes - (o.dense_output and 1 or 0), {}, 0
  for l = 1, last do
    local p = { word = "lab.pruned", l = l, n_in = sizes[l][1], n_out = sizes[l][2] }
    counts[l] = place.links(p, o.density)
    if counts[l] < 1 then place.fail(p, "no link is left at this density; a larger one is needed") end
    local links = o.net:links(l)
    cells = cells + p.n_in * p.n_out
    if counts[l] > links and (o.scope or "layer") == "layer" and o.by ~= "snip" then
      place.fail(p, ("the net has %d links there, of which %d are to be kept"):format(links, counts[l]))
    end
  end
  if (o.scope or (o.by == "snip" and "net" or "layer")) == "layer" then return counts end
  return { all = require("lab.c.net").density_links(1, cells, o.density), last = last }
end

function M.pruned(given)
  local o, sizes = check_pruned(given), {}
  local ok, why = attempt(function() for l = 1, o.net.core:layers() do sizes[l] = { o.net.core:reads(l), o.net.core:units(l) } end end)
  if not ok then options.fail("lab.pruned: " .. tostring(why)) end
  if o.dense_output and #sizes == 1 then options.fail "lab.pruned: with dense_output a net of one layer has nothing to prune" end
  local asked, lists = attempt(engine.kept, o.net.core, counts_of(o, sizes), o.data, {}, o.batch, o.seed)
  if not asked then options.fail("lab.pruned: " .. lists) end
  for l, list in pairs(lists) do
    if list:count() == 0 then
      options.fail(("lab.pruned: layer %d, of %d to %d units: no link is left at this density; a larger one is needed"):format(l, sizes[l][1], sizes[l][2]))
    end
  end
  return { kind = "pruned", by = o.by, density = o.density, sizes = sizes, lists = lists }
end

function M.kinds.pruned(wiring, p)
  local size = wiring.sizes[p.l]
  if not size or size[1] ~= p.n_in or size[2] ~= p.n_out then
    place.fail(p, size and ("the net that was pruned has %d to %d units there"):format(size[1], size[2])
      or "the net that was pruned has no such layer")
  end
  local list = wiring.lists[p.l]
  if not list or list:count() == p.n_in * p.n_out then return place.dense() end
  return listed(list)
end

return M
