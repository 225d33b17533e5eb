-- load.lua: lab.load, a net from a file that net:save has written, or from a run's checkpoint.npz.

local attempt = require "lab.util.attempt".call
local manual = require "lab.util.manual"
local mlp = require "lab.train.mlp"
local options = require "lab.util.options"
local saved_net = require "lab.net.saved_net"
local views = require "lab.data.views"

local M = {}

local spec = {
  threads = { kind = "integer", min = 1, max = 4096, default_is = "those of the program (--threads)", help = "Threads that train the net; results do not depend on them." },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" }, default_is = "the fastest here", help = "The instruction set of the kernels; it decides the last bits of a result." },
}

manual.word("lab.load", {
  summary = "make a net from a file that net:save wrote, or from a run's checkpoint.npz",
  text = "The net has its velocities, so training can continue. It owns memory that Lua's collector does not see: declare it `local net <close>`.",
  arguments = { { "path", "text", "The file." } },
  options = spec,
  returns = "a net",
  raises = "The file is missing, damaged or holds no net; not enough memory.",
  gives = "net",
  example = 'local net <close> = lab.load("final.npz", { threads = 2 })',
})

-- What lab.mlp is asked for, so that it makes a net with room for the file's links.
local function request(description, given)
  local wiring, o = {}, table.move(description.units, 1, #description.units, 1, {})
  for name, value in pairs(description.options) do o[name] = value end
  for l, layer in ipairs(description.layers) do wiring[l] = { kind = layer.kind == "dense" and "dense" or "stored", links = layer.links } end
  o.wiring, o.threads, o.isa = wiring, given.threads, given.isa
  return o
end

-- What an evolution remembers changes while the net trains: no two nets share it.
local function copy(value)
  if type(value) ~= "table" then return value end
  local made = {}
  for k, v in pairs(value) do made[k] = copy(v) end
  return made
end

-- A net of an open file; or nil and why, if the file describes none that lab.mlp makes, say.
function M.make(file, description, given)
  local made, net = attempt(mlp, request(description, given))
  if not made then return nil, ("%s: %s"):format(description.path, tostring(net):match "lab%.mlp: (.*)" or tostring(net)) end
  if description.averaged then net.core:make_average() end
  local ok, why = file:restore(net.core)
  if ok then
    net.epoch, net.views = description.epoch, views.read(description.views)
    net.evolution, net.evolving = description.evolution, copy(description.evolving)
    return net
  end
  net:close()
  return nil, why
end

function M.load(path, given)
  if type(path) ~= "string" or path == "" then options.fail("lab.load: argument 1 must be the path of a file") end
  options.check_path("lab.load: the path", path)
  local o = options.check("lab.load", spec, given)
  local file <close>, description = saved_net.open(path)
  if not file then options.fail("lab.load: " .. description) end
  local net, why = M.make(file, description, o)
  return net or options.fail("lab.load: " .. why)
end

return M
