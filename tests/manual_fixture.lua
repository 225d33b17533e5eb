-- One of each kind of value that a script meets, small and real: for the tests of the manual.
return function(t)
  local lab = require "lab"
  local M = { dir = t.tmpdir() }
  require "lab.store".directory = M.dir .. "/runs"
  require "lab.progress".mode = "none"
  require "lab.output".sink = function() end  -- figures and tables are nobody's

  M.data = lab.data.madelon { train = 60, test = 40, seed = 1 }
  M.net = lab.mlp { 500, 20, 2, wiring = lab.erdos_renyi { epsilon = 2 }, seed = 1 }
  M.fit = lab.power_law({ 1, 1, 2, 2, 3, 3, 4, 5, 8, 9, 20, 30 }, { bootstrap = 10, alternatives = true })
  M.plan = lab.memory_plan { 500, 20, 2, wiring = lab.erdos_renyi { epsilon = 2 } }
  for epoch in M.net:epochs(M.data.train, { epochs = 1, batch = 20, lr = 0.01 }) do M.epoch = epoch end
  M.split = M.data.train

  -- Nothing of the fixture's own may be captured by a run function.
  local function make(run, seed)
    local inside = require "lab"
    run:log { epoch = 1, accuracy = 0.5 + 0.1 * seed, seconds = 1.0 * seed }
    for epoch = 0, 1 do run:record("degrees", { epoch = epoch, layer = 1, side = "in" }, { 1, 1, 2, 2, 3, 4 + seed, 5, 9, 12, 20 }) end
    assert(inside)
  end
  M.runs = lab.runs { "fixture", seed = { 1, 2 }, run = make }
  M.record = M.runs[1]
  M.verdicts = lab.degree_verdicts { M.runs[1], bootstrap = 0 }

  -- A run as its function is given it: what it can do is looked at while it is under way.
  function M.inside(f)
    package.loaded.manual_probe = f
    local list = lab.runs { "inside " .. tostring(f), run = function(run) package.loaded.manual_probe(run) end }
    package.loaded.manual_probe = nil
    if list[1].status ~= "done" then error(list[1].why, 0) end
  end

  t.write(M.dir .. "/study.lua", [[
local lab = require "lab"
local P = lab.params { zeta = 0.3, seed = 1 }
lab.runs { "study", seed = P.seed, run = function(run, seed) run:log { epoch = 1, accuracy = P.zeta + seed } end }
]])
  M.sweep = lab.sweep { "fixture", script = M.dir .. "/study.lua", params = { zeta = { 0.1, 0.3 } }, seeds = { 1, 2 }, objective = { metric = "accuracy" } }

  -- The files that examples name.
  M.net:save(M.dir .. "/final.npz")
  t.write(M.dir .. "/degrees.txt", "1\n2\n2\n5\n")
  t.write(M.dir .. "/train.csv", "a,b,class\n1,2,0\n2,1,1\n3,2,0\n")
  t.write(M.dir .. "/test.csv", "a,b,class\n1,1,0\n2,2,1\n")
  return M
end
