-- saved_net.lua: nets in files: net:save(path), lab.load(path).
--
-- The file is core/save/checkpoint.h's: arrays that NumPy and SciPy open. Its member net.json says what the
-- net is made of, so that it can be made again: the options of lab.mlp but for the wiring, which the
-- arrays hold, and for what belongs to the machine.

local attempt = require "lab.util.attempt".call
local engine = require "lab.c.checkpoint"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local json = require "lab.util.json"
local layers = require "lab.net.layers"
local options = require "lab.util.options"

local M = {}

local FORMAT = 1
local not_kept = { wiring = true, threads = true, isa = true }

-- ---- writing ----

-- The options of lab.mlp that decide what the net is.
local function options_of(net)
  local kept = {}
  for _, name in ipairs(options.sorted_keys(net.options)) do
    if not not_kept[name] then kept[name] = net.options[name] end
  end
  return kept
end

-- What a net is made of, as net.json says it.
function M.describe(net)
  local units, layers = {}, {}
  for level = 0, net:layers() do units[level + 1] = net:units(level) end
  for l = 1, net:layers() do layers[l] = { kind = net:is_sparse(l) and "sparse" or "dense", links = net:links(l) } end
  return { format = FORMAT, results_version = hash.results_version, units = units, options = options_of(net), layers = layers, epoch = net.epoch or 0,
    views = net.views, averaged = net.core:averaged() > 0 or nil,
    evolution = net.evolution, evolving = net.evolving }
end

-- Writes the net with further texts, an array of { name, bytes }. true; or nil and why.
function M.write(path, net, texts)
  local all = { { "net.json", json.encode(M.describe(net)) .. "\n" } }
  local asked, ok, why = attempt(engine.write, path, net.core, table.move(texts or {}, 1, #(texts or {}), 2, all))
  if not asked then return nil, ok end
  return ok, why
end

-- What net:save does (train/net.lua).
function M.save(net, path)
  if type(net) ~= "table" or not net.core then options.fail("write net:save(path), with a colon") end
  if type(path) ~= "string" or path == "" then options.fail("net:save: argument 1 must be the path of a file") end
  options.check_path("net:save: the path", path)
  if not attempt(net.core.layers, net.core) then options.fail("net:save: the net is closed") end
  local ok, why = M.write(path, net)
  if not ok then options.fail("net:save: " .. why) end
end

-- ---- reading ----

local function is_count(v, least) return math.type(v) == "integer" and v >= least end

-- What an evolution remembers (evolve/apply.lua): an array for each layer, and a threshold.
local function is_state(s, n)
  if type(s) ~= "table" or type(s.base) ~= "table" or type(s.stopped) ~= "table" or #s.base ~= n or #s.stopped ~= n then return false end
  for l = 1, n do
    if not is_count(s.base[l], 0) or type(s.stopped[l]) ~= "boolean" then return false end
  end
  return s.threshold == nil or type(s.threshold) == "number"
end
M.is_state = is_state

-- Is it what M.describe makes? lab.mlp checks the options.
local function is_description(d)
  if type(d) ~= "table" or type(d.units) ~= "table" or type(d.layers) ~= "table" or type(d.options) ~= "table" then return false end
  if #d.units ~= #d.layers + 1 or #d.layers < 1 or not is_count(d.epoch, 0) then return false end
  for _, n in ipairs(d.units) do if not is_count(n, 1) then return false end end
  for _, layer in ipairs(d.layers) do
    if type(layer) ~= "table" or not is_count(layer.links, 0) or layer.kind ~= "sparse" and layer.kind ~= "dense" then return false end
  end
  if d.averaged ~= nil and d.averaged ~= true then return false end
  return (d.evolution == nil or type(d.evolution) == "table" or type(d.evolution) == "string") and (d.evolving == nil or is_state(d.evolving, #d.layers))
end

-- The bytes of the links, weights, biases and velocities of such a net. A float: no product overflows.
local function bytes_of(d, reads)
  local sum = 0.0
  for l, layer in ipairs(d.layers) do
    local n_in, n_out, sparse = reads[l], d.units[l + 1], layer.kind == "sparse"
    sum = sum + (sparse and 12.0 * layer.links + 8.0 * n_in or 8.0 * n_in * n_out) + 8.0 * n_out
  end
  return sum
end

-- What an open file says that it holds; or nil and why it cannot be. One that describes a larger net than it has
-- room for is refused here, before memory is taken for that net.
function M.description(file, path)
  local text, missing = file:text "net.json"
  if not text then return nil, missing end
  local description, problem = json.decode(text)
  if description and description.format ~= FORMAT then problem = ("it has the format %s, not %d"):format(tostring(description.format), FORMAT) end
  if not problem and not is_description(description) then problem = "it does not describe a net" end
  local readable, reads
  if not problem then
    readable, reads = attempt(layers.reads, "net.json", table.move(description.units, 1, #description.units, 1, { skip = description.options.skip }))
    if not readable then problem = "it does not describe a net" end
  end
  if not problem and bytes_of(description, reads) > fs.stat(path).size then problem = "it describes a larger net than the file has room for" end
  if problem then return nil, ("%s: net.json: %s"):format(path, problem) end
  description.path = path
  return description
end

-- The open file and its description; or nil and why.
function M.open(path)
  local file, why = engine.open(path)
  if not file then return nil, why end
  local description, problem = M.description(file, path)
  if not description then return nil, problem end
  return file, description
end

-- Fills a net from an open file, whose layers may have other numbers of links: evolution has changed them. True; or nil and why.
function M.restore(file, path, net)
  local description, problem = M.description(file, path)
  if not description then return nil, problem end
  for l, layer in ipairs(description.layers) do
    local fits = l <= net:layers() and layer.kind == "sparse" and net:is_sparse(l)
    if fits and layer.links ~= net:links(l) then file:make_room(net.core, l, layer.links) end
  end
  if description.averaged then net.core:make_average() else net.core:forget_average() end
  return file:restore(net.core)
end

return M
