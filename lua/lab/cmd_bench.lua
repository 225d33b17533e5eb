-- cmd_bench.lua: `setlab bench [WORKLOAD ...]`.

local arguments = require "lab.arguments"
local session = require "lab.session"

local M = { name = "bench", summary = "time named workloads against the machine they run on" }

local flags = {
  threads = session.flags.threads,
  json = { help = "Print JSON instead of a table: one object for one row, an array for several." },
}

M.help = [[
NAME
       setlab bench - time named workloads against the machine they run on

OPTIONS
]] .. arguments.describe(flags)

function M.main(words)
  local opts, names = arguments.parse("setlab bench", { words, flags = flags })
  session.set_threads(opts.threads)
  local bench = require "lab.bench"
  if #names == 0 then names = { "C", "F" } end
  local rows = {}
  for _, name in ipairs(names) do
    for _, row in ipairs(bench.run(name)) do rows[#rows + 1] = row end
  end
  print(require "lab.json".encode(#rows == 1 and rows[1] or rows))
  return 0
end

return M
