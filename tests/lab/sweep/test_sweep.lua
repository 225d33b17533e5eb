-- lab.sweep as a script says it, what it gives back, and the pool of processes beneath.
local t = dofile "tests/harness.lua"
local fs = require "lab.c.fs"
local lab = require "lab"
local perform = require "lab.sweep.perform"
local pool = require "lab.c.pool"
local progress = require "lab.util.progress"
local store = require "lab.run.store"

progress.mode = "none"
local folder = t.tmpdir()
store.directory = folder .. "/runs"

-- A script that trains nothing: its runs log what their parameters say.
local script = t.write(folder .. "/made.lua", [[
local lab = require "lab"
local P = lab.params { a = 1.0, kind = { "plain", choices = { "plain", "fails", "diverges", "silent" } }, rows = 3, seed = 1 }
lab.runs { "made", seed = P.seed, run = function(run, seed)
  if P.kind == "fails" and seed == 2 then error "as it should" end
  if P.kind == "silent" then return end
  for epoch = 1, P.rows do run:log { epoch = epoch, value = P.a * epoch + seed, test_value = P.a, other = "text" } end
  if P.kind == "diverges" and seed == 2 then error("diverged: so it says", 0) end
end }
]])

local function spec(params, more)
  local given = { sweep = "made", script = script, params = params, seeds = { 1, 2 }, objective = { metric = "value" }, workers = 2 }
  for k, v in pairs(more or {}) do given[k] = v end
  return given
end

-- ---- what comes back --------------------------------------------------------------------

t.test("rows, leaderboard, best", function()
  local made = lab.sweep(spec { a = { 1.0, 3.0, 2.0 } })
  t.equal(#made.trials, 6)
  t.equal(made.trials[3].params, { a = 3.0 })
  t.equal({ made.trials[3].index, made.trials[3].seed, made.trials[3].value, made.trials[3].status }, { 2, 1, 10.0, "done" })
  t.equal(made.trials[3].record:column "value", { 4.0, 7.0, 10.0 })
  local rows = made:rows()
  t.equal({ rows[6].trial, rows[6].seed, rows[6].a, rows[6].value, rows[6].epoch, rows[6].status }, { 3, 2, 2.0, 8.0, 3, "done" })
  local board, order = made:leaderboard(), {}
  for i, entry in ipairs(board) do order[i] = entry.trial end
  t.equal(order, { 2, 3, 1 })
  t.equal({ board[1].rank, board[1].n, board[1].mean, board[1].value, board[1].status }, { 1, 2, 10.5, 10.5, "done" })
  t.near(board[1].sd, 0.5 ^ 0.5)
  t.equal(made:best().params, { a = 3.0 })
end)

t.test("a second call reads back; its runs are records", function()
  local made = lab.sweep(spec { a = { 1.0, 3.0, 2.0 } })
  for _, entry in ipairs(made.trials) do t.equal(entry.reused, true) end
  local runs = made:runs()
  t.equal(#runs, 6)
  t.equal(#runs:where { a = 3.0 }, 2)
  t.equal(#runs:group "seed", 2)
  t.equal(runs[1]:last "value", 4.0)
end)

t.test("a goal of min; the best row; over seeds", function()
  t.equal(lab.sweep(spec({ a = { 1.0, 3.0, 2.0 } }, { objective = { metric = "value", goal = "min" } })):best().trial, 1)
  local best = lab.sweep(spec({ a = { -1.0, 3.0 } }, { objective = { metric = "value", at = "best", over_seeds = "max" } }))
  t.equal(best.trials[1].value, 0.0)
  t.equal(best:best().value, 11.0)
end)

t.test("failed and diverged runs are in no mean", function()
  local made = lab.sweep(spec { a = 1.0, kind = { "plain", "fails", "diverges" } })
  local board = made:leaderboard()
  t.equal({ board[1].n, board[1].sd ~= nil }, { 2, true })
  for i = 2, 3 do t.equal({ board[i].n, board[i].mean, board[i].sd }, { 1, 4.0 }) end
  t.equal({ made.trials[4].status, made.trials[6].status }, { "failed", "diverged" })
  t.truthy(made.trials[4].why:find "as it should")
  t.equal(made.trials[4].value, nil)
  t.equal(#made:runs(), 4)
end)

t.test("a checkpoint that a killed process left in a finished run's folder goes", function()
  local given = spec { a = { 5.0 } }
  local made = lab.sweep(given)
  local left = made.trials[1].record.path .. "/checkpoint.npz"
  t.write(left, "left behind")
  t.equal(lab.sweep(given).trials[1].status, "done")
  t.equal((fs.stat(left)), nil)
end)

t.test("without an objective there is no rank", function()
  local given = spec { a = { 1.0, 3.0 } }
  given.objective = nil
  local made = lab.sweep(given)
  t.equal(made:best(), nil)
  t.equal(#made:leaderboard(), 2)
end)

t.test("a table to look at", function()
  local item = lab.sweep(spec { a = { 1.0, 3.0 } }):table()
  t.equal(item.header, { "", "trial", "a", "value", "n", "status" })
  t.equal(item.rows[1], { "1", "2", "3", "10.50 ± 0.71", "2", "done" })
  t.equal(lab.sweep(spec { a = { 1.0, 3.0 } }):table(1).note, "and 1 more")
end)

t.test("a ranking by the test split has a note that says so", function()
  local item = lab.sweep(spec({ a = { 1.0, 3.0 } }, { objective = { metric = "test_value" } })):table()
  t.truthy(item.note:find "^ranked by test_value: choosing by the test split makes the winner look better", item.note)
  t.equal(lab.sweep(spec { a = { 1.0, 3.0 } }):table().note, nil)
end)

t.test("an objective that nobody logs, also where all is known", function()
  t.raises("the objective is 'valu'.*did you mean 'value'", lab.sweep, spec({ a = { 1.0, 3.0 } }, { objective = { metric = "valu" } }))
  t.raises("the objective is 'other'", lab.sweep, spec({ a = { 1.0, 3.0 } }, { objective = { metric = "other" } }))
  t.raises("logs no such number: it has to call run:log", lab.sweep, spec { kind = "silent" })
end)

t.test("what was stopped early is in no mean, and says what it was worth", function()
  local stop = { rule = "halving", min = 1, max = 3, factor = 2 }
  local made = lab.sweep(spec({ a = { 5.0, 6.0, 7.0, 8.0 }, rows = 3 }, { stop = stop }))
  -- The script has no loop of net:epochs, so that its runs come to their ends; the sweep judges them at epoch 1 all the same.
  local board = made:leaderboard()
  t.equal({ board[1].trial, board[1].n, board[1].status }, { 4, 2, "done" })
  for i = 2, 4 do t.equal({ board[i].n, board[i].status }, { 0, "pruned" }) end
  t.equal(made.trials[1].value, 6.0)
  t.equal(made.trials[1].record:meta().status, "done")
  t.equal(#made:runs(), 2)
  t.equal(#made:runs { stopped = true }, 8)
  local again = lab.sweep(spec({ a = { 5.0, 6.0, 7.0, 8.0 }, rows = 3 }, { stop = stop }))
  t.equal(again:rows()[1].value, 6.0)
  t.equal(again:leaderboard()[1].trial, 4)
end)

-- ---- not-a-number ----------------------------------------------------------------------

local breaking = t.write(folder .. "/breaking.lua", [[
local lab = require "lab"
local P = lab.params { a = 1.0, b = 1, seed = 1 }
lab.runs { "breaking", seed = P.seed, run = function(run, seed)
  for n = 1, 6 do
    local loss = P.a / n
    if P.a < 0.05 and n > 3 and seed == 2 then loss = 0 / 0 end
    run:log { epoch = n, loss = loss }
  end
end } ]])

local function broken_spec(at)
  return { sweep = "breaking", script = breaking, params = { a = { 0.01, 0.1, 0.2 }, b = { 1, 2 } }, seeds = { 1, 2 }, workers = 2,
    objective = { metric = "loss", goal = "min", at = at } }
end

t.test("a trial that ends as not-a-number has no rank, a dash, and a note", function()
  for _, at in ipairs { "last", "best" } do
    local made = lab.sweep(broken_spec(at))
    local board = made:leaderboard()
    t.equal(made:best().params, { a = 0.1, b = 1 })
    t.equal({ board[5].trial, board[5].rank, board[5].mean, board[5].value, board[5].broken }, { 1, nil, nil, nil, "not-a-number" })
    local item = made:table()
    t.equal({ item.rows[5][1], item.rows[5][5], item.rows[5][7] }, { "", "–", "done" })
    t.equal(item.note, "2 of 6 trials end as not-a-number (loss) and have no rank")
    t.equal(made:table(2).note, "and 4 more; 2 of 6 trials end as not-a-number (loss) and have no rank")
    t.equal({ made:rows()[2].value, made:rows()[2].why }, { nil, "loss ends as not-a-number" })
  end
end)

t.test("nor does it take part in effects", function()
  local effects = require "lab.sweep.result.effects"
  local made = lab.sweep(broken_spec())
  local list, trials = effects.observations(made)
  t.equal({ #list, trials }, { 8, 4 })
  local _, _, note = effects.importance("test", made)
  t.equal(note, "2 of 6 trials end as not-a-number (loss) and have no rank")
  for _, one in ipairs(list) do t.truthy(one.params.a > 0.05) end
end)

-- ---- where it may stand -----------------------------------------------------------------

t.test("not in a run, and not in a run of a sweep", function()
  local runs = lab.runs { "outer", run = function() require "lab.sweep"(spec { a = 1.0 }) end }
  t.truthy(runs[1].why:find "while a run executes")
  local nested = t.write(folder .. "/nested.lua", [[
    local lab = require "lab"
    local P = lab.params { a = 1, seed = 1 }
    lab.sweep { script = "other.lua", params = { a = P.a } } ]])
  local plan = { name = "nested", script = nested, seeds = { 1 }, seed_parameter = "seed", trials = { { index = 1, params = { a = 1 } } } }
  t.truthy(perform.perform(plan, {}).trials[1].why:find "this script runs in a sweep")
end)

t.test("where nothing may be trained, all must be there", function()
  store.read_only = true
  local ok, err = pcall(lab.sweep, spec { a = { 77.0 } })
  local known = lab.sweep(spec { a = { 1.0, 3.0, 2.0 } })
  store.read_only = false
  t.equal(ok, false)
  t.truthy(tostring(err):find "nothing is trained here")
  t.equal(#known.trials, 6)
end)

t.test("one process at a time", function()
  local looked = perform.look({ name = "x", script = script, seeds = { 1 }, trials = { { index = 1, params = { a = 99.0 } } } }, {})
  t.truthy(looked.ledger:claim())
  t.raises("is running this sweep", perform.perform, looked.plan, {})
  looked.ledger:close()
end)

-- ---- the ledger -------------------------------------------------------------------------

t.test("a file that the script reads belongs to what its answer rests on", function()
  local reading = t.write(folder .. "/reading.lua", ([[
    local lab = require "lab"
    local P = lab.params { a = 1, seed = 1 }
    local file = io.open(%q)
    local number = file:read "n"
    file:close()
    lab.runs { "reading", seed = P.seed, run = function(run, seed) run:log { value = P.a * number } end } ]]):format(folder .. "/number"))
  local given = { script = reading, params = { a = { 2, 3 } }, objective = { metric = "value" } }
  t.write(folder .. "/number", "10")
  t.equal(lab.sweep(given):best().value, 30)
  t.equal(lab.sweep(given).trials[1].reused, true)
  t.write(folder .. "/number", "7")
  local changed = lab.sweep(given)
  t.equal({ changed:best().value, changed.trials[1].reused }, { 21, false })
end)

t.test("a ledger whose end is cut, or that is rubbish, costs no run", function()
  local made = lab.sweep(spec { a = { 1.0, 3.0, 2.0 } })
  local path = made.path .. "/ledger.csv"
  local text = t.read(path)
  for _, broken in ipairs { text:sub(1, -30), "", "rubbish\n", text:sub(1, 200) .. "\0\1\2" } do
    t.write(path, broken)
    local again = lab.sweep(spec { a = { 1.0, 3.0, 2.0 } })
    for i, entry in ipairs(again.trials) do t.equal({ entry.status, entry.reused, entry.value }, { "done", true, made.trials[i].value }) end
  end
  t.equal(t.read(path), text)
end)

-- ---- the pool ---------------------------------------------------------------------------

t.test("children end in their own time", function()
  local jobs <close> = pool.new()
  t.equal(#jobs, 0)
  t.equal(jobs:wait(0), nil)
  local a = t.truthy(jobs:start({ "--version" }, folder .. "/a.log"))
  local b = t.truthy(jobs:start({ "nonsense" }, folder .. "/b.log"))
  t.equal(#jobs, 2)
  local ends = {}
  for _ = 1, 2 do
    local ended = t.truthy(jobs:wait(20))
    ends[ended.id] = ended.status
  end
  t.equal(ends, { [a] = 0, [b] = 2 })
  t.equal(#jobs, 0)
  t.truthy(t.read(folder .. "/a.log"):find "^setlab ")
  t.truthy(t.read(folder .. "/b.log"):find "nonsense")
end)

t.test("waiting has a limit; a signal ends; nothing is left behind", function()
  local sleeper = t.write(folder .. "/sleep.lua", "while true do end")
  local jobs <close> = pool.new()
  local a = jobs:start({ "run", sleeper }, folder .. "/c.log")
  t.equal(jobs:wait(0.05), nil)
  jobs:signal(a, "KILL")
  t.equal(jobs:wait(300), { id = a, signal = 9 })
  jobs:signal(a, "KILL")  -- it is gone: no error
  jobs:start({ "run", sleeper }, folder .. "/c.log")
  jobs:close()
  t.raises("closed", function() return #jobs end)
  t.raises("closed", jobs.start, jobs, { "--version" }, folder .. "/c.log")
end)

-- Waits until a file is there. For children, too.
local function await(path) while not fs.stat(path) do end end

t.test("a notice that comes before its handler is there is heard late, and ends nobody", function()
  local child = t.write(folder .. "/late.lua", [[
    local fs, system = require "lab.c.fs", require "lab.c.system"
    while not fs.stat(arg[1] .. "/go") do end
    system.heed_notice()
    print(system.noticed())
  ]])
  local jobs <close> = pool.new()
  local id = t.truthy(jobs:start({ "test-file", child, folder }, folder .. "/late.log"))
  jobs:signal(id, "USR1")
  t.write(folder .. "/go", "")
  t.equal(jobs:wait(60), { id = id, status = 0 })
  t.equal(t.read(folder .. "/late.log"), "true\n")
end)

t.test("a notice is for the child, not for what it has started", function()
  local child = t.write(folder .. "/starts.lua", [[
    require "lab.c.system".heed_notice()
    print(os.execute(("touch '%s/begun'; until [ -e '%s/end' ]; do sleep 0.02; done"):format(arg[1], arg[1])))
    print(require "lab.c.system".noticed())
  ]])
  local jobs <close> = pool.new()
  local id = t.truthy(jobs:start({ "test-file", child, folder }, folder .. "/starts.log"))
  await(folder .. "/begun")
  jobs:signal(id, "USR1")
  t.write(folder .. "/end", "")
  t.equal(jobs:wait(60), { id = id, status = 0 })
  t.equal(t.read(folder .. "/starts.log"), "true\texit\t0\ntrue\n")
end)

t.test("what cannot be started is reported", function()
  local jobs <close> = pool.new()
  local id, why = jobs:start({ "--version" }, folder .. "/none/x.log")
  t.equal(id, nil)
  t.truthy(why:find "No such file")
  t.raises("is not a string", jobs.start, jobs, { "a", 1.5 }, folder .. "/x.log")
  t.raises("finite", jobs.wait, jobs, 1 / 0)
  t.raises("invalid option", jobs.signal, jobs, 1, "HUP")
end)

t.done()
