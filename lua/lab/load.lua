-- load.lua: lab.load, a net from a file that net:save has written, or from a run's checkpoint.npz.

local options = require "lab.options"
local saved_net = require "lab.saved_net"

local spec = {
  threads = { kind = "integer", min = 1, max = 4096 },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" } },
}

-- lab.load(path, { threads =, isa = }) -> net, with its velocities: training can go on.
-- The net owns memory that Lua's collector does not see: declare it `local net <close>`.
-- Raises: no such file, a damaged one, one that holds no net, not enough memory.
return function(path, given)
  if type(path) ~= "string" or path == "" then options.fail("lab.load: argument 1 must be the path of a file") end
  options.check_path("lab.load: the path", path)
  local o = options.check("lab.load", spec, given)
  local file <close>, description = saved_net.open(path)
  if not file then options.fail("lab.load: " .. description) end
  local net, why = saved_net.make(file, description, o)
  return net or options.fail("lab.load: " .. why)
end
