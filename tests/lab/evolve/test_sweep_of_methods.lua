-- A sweep over methods: the name is a parameter of the script.
local t = dofile "tests/harness.lua"
local lab = require "lab"
require "lab.util.progress".mode = "none"
require "lab.util.output".sink = function() end

t.test("a sweep chooses among methods", function()
  local dir = t.tmpdir()
  require "lab.run.store".directory = dir .. "/runs"
  t.write(dir .. "/study.lua", [[
local lab = require "lab"
local P = lab.params { method = { "set", choices = { "set", "rigl", "chts", "static" } }, seed = 1 }
local data = lab.data.madelon { train = 100, test = 40, informative = 3, redundant = 3, useless = 14, seed = 1 }
lab.runs { "methods", seed = P.seed, run = function(run, seed)
  local net <close> = lab.mlp { 20, 12, 10, 2, wiring = lab.erdos_renyi { density = 0.3, dense_output = true }, seed = seed }
  local replaced = 0
  for epoch in net:epochs(data.train, { epochs = 3, batch = 10, lr = 0.05, evolve = lab.method(P.method) }) do replaced = replaced + epoch.replaced end
  run:log { accuracy = net:accuracy(data.test), replaced = replaced }
end }
]])
  local sweep = lab.sweep { "methods", script = dir .. "/study.lua", params = { method = { "set", "rigl", "chts", "static" } }, seeds = { 1, 2 },
    objective = { metric = "accuracy" } }
  local moved, n = {}, 0
  for _, run in ipairs(sweep:runs()) do
    t.equal(run.status, "done")
    local method = run.arguments.method
    n, moved[method] = n + 1, (moved[method] or 0) + run:last "replaced"
  end
  t.equal(n, 8)
  t.equal({ moved.static, moved.set > 0, moved.chts > 0 }, { 0, true, true })
end)

t.done()
