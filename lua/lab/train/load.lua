-- load.lua: lab.load, a net from a file that net:save has written, or from a run's checkpoint.npz.

local manual = require "lab.util.manual"
local options = require "lab.util.options"
local saved_net = require "lab.net.saved_net"

local spec = {
  threads = { kind = "integer", min = 1, max = 4096, default_is = "those of the program (--threads)", help = "Threads that train the net; results do not depend on them." },
  isa = { kind = "string", choices = { "avx512", "avx2", "portable" }, default_is = "the fastest here", help = "The instruction set of the kernels; it decides the last bits of a result." },
}

manual.word("lab.load", {
  summary = "make a net of a file that net:save wrote, or of a run's checkpoint.npz",
  text = "The net has its velocities: training can go on. It owns memory that Lua's collector does not see: declare it `local net <close>`.",
  arguments = { { "path", "text", "The file." } },
  options = spec,
  returns = "a net",
  raises = "The file is missing, damaged or holds no net; not enough memory.",
  gives = "net",
  example = 'local net <close> = lab.load("final.npz", { threads = 2 })',
})

return function(path, given)
  if type(path) ~= "string" or path == "" then options.fail("lab.load: argument 1 must be the path of a file") end
  options.check_path("lab.load: the path", path)
  local o = options.check("lab.load", spec, given)
  local file <close>, description = saved_net.open(path)
  if not file then options.fail("lab.load: " .. description) end
  local net, why = saved_net.make(file, description, o)
  return net or options.fail("lab.load: " .. why)
end
