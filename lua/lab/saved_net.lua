-- saved_net.lua: nets in files: net:save(path), lab.load(path).
--
-- The file is core/checkpoint.h's: arrays that NumPy and SciPy open. Its member net.json says what the
-- net is made of, so that it can be made again: the options of lab.mlp but for the wiring, which the
-- arrays hold, and for what belongs to the machine.

local engine = require "lab.c.checkpoint"
local hash = require "lab.c.hash"
local json = require "lab.json"

local M = {}

local FORMAT = 1
local of_the_machine = { threads = true, isa = true }

-- What makes the net: { units = sizes of its levels, options of lab.mlp by name }.
local function configuration(net)
  local units, given = {}, {}
  for level = 0, net:layers() do units[level + 1] = net:units(level) end
  for name, value in pairs(net.options) do
    if type(name) == "string" and type(value) ~= "table" and type(value) ~= "function" and not of_the_machine[name] then given[name] = value end
  end
  return units, given
end

local function describe(net)
  local units, given = configuration(net)
  local layers = {}
  for l = 1, net:layers() do layers[l] = { kind = net:is_sparse(l) and "sparse" or "dense", links = net:links(l) } end
  return { format = FORMAT, results_version = hash.results_version, units = units, options = given, layers = layers, epoch = net.epoch or 0 }
end

-- Writes the net with further texts, an array of { name, bytes }. true; or nil and why.
function M.write(path, net, texts)
  local all = { { "net.json", json.encode(describe(net)) .. "\n" } }
  return engine.write(path, net.core, table.move(texts or {}, 1, #(texts or {}), 2, all))
end

return M
