-- lab.runs: runs are trained once, read back after, and no accident loses or mixes them.
local t = dofile "tests/harness.lua"
local fs, yaml = require "lab.c.fs", require "lab.util.yaml"
local runs, store, params, memo = require "lab.run.runs", require "lab.run.store", require "lab.script.params", require "lab.run.memo"
require "lab.archive.kept"   -- gives lab.runs its word open
local output, progress, system = require "lab.util.output", require "lab.util.progress", require "lab.c.system"
progress.mode = "none"

local program = (os.getenv "B" or "build") .. "/setlab"
local notes = {}
progress.note = function(text) notes[#notes + 1] = text end

-- An empty store; calls are counted by `made`.
local made
local function fresh()
  store.directory, require "lab.script.current".script, made, notes = t.tmpdir() .. "/my runs", nil, 0, {}
  params.overrides, params.allowed = {}, nil
end

-- The run functions below count their calls through a field of a module, which is no
-- captured value: it would change the key.
local counter = { __key = function() return "counter" end }
local tally = setmetatable({}, counter)
function tally.add() made = made + 1 end

local function train(run, arm, seed)
  tally.add()
  for e = 1, 3 do run:log { epoch = e, accuracy = arm.k * e / seed, links = { 7, 9 } } end
  run:record("degrees", { epoch = 3, layer = 1, side = "in" }, { 1, 2.5, 3 })
  run:record("degrees", { epoch = 3, layer = 2, side = "in" }, {})
end
local arms = { { name = "SET-MLP", k = 1 }, { name = "dense", k = 2 } }

local function three_arms() return runs { "three-arms", arm = arms, seed = { 1, 2 }, run = train } end

local function read(record, name) return fs.read_file(record.path .. "/" .. name) end
local function facts(record, name) return yaml.read(read(record, name)) end

t.test("runs are trained once, then read back with the same numbers", function()
  fresh()
  local first, second = three_arms(), three_arms()
  t.equal(made, 4)
  t.equal(#first, 4)
  for i, name in ipairs { "arm=SET-MLP seed=1", "arm=SET-MLP seed=2", "arm=dense seed=1", "arm=dense seed=2" } do
    local a, b = first[i], second[i]
    t.equal({ a.name, a.status, a.reused, b.reused, b.status, b.key }, { name, "done", false, true, "done", a.key })
    t.equal(a:rows(), b:rows())
    t.truthy(a.key:find "^%x+$" and #a.key == 12 and a.path == store.directory .. "/" .. a.key)
  end
  local last = second[3]
  t.equal(last.arguments, { arm = "dense", seed = 1 })
  t.equal(last:rows()[2], { epoch = 2, accuracy = 4.0, links_1 = 7, links_2 = 9 })
  t.equal(last:column "accuracy", { 2.0, 4.0, 6.0 })
  t.equal(last:last "accuracy", 6.0)
  t.equal(last:series "degrees", { { keys = { epoch = 3, layer = 1, side = "in" }, values = { 1, 2.5, 3 } }, { keys = { epoch = 3, layer = 2, side = "in" }, values = {} } })
  t.equal(last:series "nothing", {})
  t.raises("no column 'acuracy' %(did you mean 'accuracy'%?%)", last.column, last, "acuracy")
end)

t.test("the folder tells the whole story", function()
  fresh()
  require "lab.script.current".script = { path = "x.lua", text = "-- the script\n" }
  local record = runs { "story", seed = { 5 }, run = function(run, seed) run:log { epoch = 1, y = seed } end }[1]
  t.equal(read(record, "script.lua"), "-- the script\n")
  local meta, result, configuration = facts(record, "meta.yaml"), facts(record, "result.yaml"), facts(record, "run.yaml")
  t.equal({ meta.status, meta.experiment, meta.pid, meta.host }, { "done", "story", fs.pid(), fs.host() })
  t.truthy(meta.started:find "^%d+%-%d+%-%d+T" and meta.finished >= meta.started and record.finished == meta.finished)
  t.equal({ result.status, result.rows, result.last, type(result.seconds) }, { "done", 1, { epoch = 1, y = 5 }, "number" })
  t.equal({ configuration.key:sub(1, 12), configuration.arguments, configuration.name }, { record.key, { seed = 5 }, "seed=5" })
  t.equal(read(record, "metrics.csv"), "epoch,y\n1,5\n")
  t.equal({ record:meta().status, record:configuration().results_version }, { "done", require("lab.c.hash").results_version })
  if package.preload["lab.c.monitor"] then
    t.truthy(result.peak_uss_mib and result.peak_uss_mib > 0 and #record:monitor() >= 1, "the monitor left no trace")
  end
end)

t.test("neither order nor repetition shows in a folder", function()
  fresh()
  local function names(list) return runs { "o", arm = list, run = function(run, arm) run:log { y = arm.k } end } end
  local forward = {}
  for _, r in ipairs(names(arms)) do forward[r.key] = read(r, "run.yaml") .. read(r, "metrics.csv") end
  fresh()
  for _, r in ipairs(names { arms[2], arms[1] }) do t.equal(read(r, "run.yaml") .. read(r, "metrics.csv"), forward[r.key]) end
end)

t.test("where, group and joining", function()
  fresh()
  local all = three_arms()
  t.equal(#all:where { arm = "dense" }, 2)
  t.equal(#all:where { arm = { "dense" } }, 2)
  t.equal(#all:where { arm = { "dense", "SET-MLP" }, seed = { 1, 2 } }, 4)
  t.raises("no run has arm = 'dens' %(did you mean 'dense'%?%)", function() all:where { arm = { "SET-MLP", "dens" } } end)
  t.raises("runs:where: 'arm' is an empty array", function() all:where { arm = {} } end)
  t.equal(all:where { arm = "dense", seed = 2 }[1].name, "arm=dense seed=2")
  local groups = all:group "arm"
  t.equal({ groups[1].value, #groups[1].records, groups[2].value, groups[2].records[2].name }, { "SET-MLP", 2, "dense", "arm=dense seed=2" })
  t.raises("no 'arms' %(did you mean 'arm'%?%)", all.group, all, "arms")
  t.raises("no run has arm = 'densee' %(did you mean 'dense'%?%)", all.where, all, { arm = "densee" })
  local joined = all:where { arm = "dense" } .. all:where { arm = "SET-MLP" }
  t.equal({ #joined, joined[1].arguments.arm, #joined:group "arm" }, { 4, "dense", 2 })
  t.raises("joined to runs", function() return all .. "x" end)
end)

t.test("joined runs count once", function()
  fresh()
  local all = three_arms()
  local joined = all:where { arm = "SET-MLP" } .. all
  t.equal({ #joined, joined[1].key, joined[4].key }, { 4, all[1].key, all[4].key })
end)

t.test("a kept run is opened by its key", function()
  fresh()
  local all = three_arms()
  local short = all[3].key:sub(1, 11)
  output.runs_used = {}
  local opened = runs.script.open(short)
  t.equal({ opened.name, opened.experiment, opened.key, opened.status, opened.reused, opened.arguments },
    { "arm=dense seed=1", "three-arms", all[3].key, "done", true, { arm = "dense", seed = 1 } })
  t.equal({ opened.hash, opened.finished }, { all[3].hash, all[3].finished })
  t.equal(opened:rows(), all[3]:rows())
  t.equal(opened:last "accuracy", 6.0)
  t.equal(output.runs_used, { opened })
  local several = runs.script.open { all[4].key, all[1].key:upper() }
  t.equal({ #several, several.label, several[2].key, #several:where { arm = "SET-MLP" } }, { 2, "three-arms", all[1].key, 1 })
  t.equal(#(several .. all), 4)
  t.equal(#runs.script.open { all[1].key, all[1].key:sub(1, 10), all[1].key }, 1)
  t.equal(made, 4)
  output.runs_used = nil
end)

t.test("a key that opens nothing is a sentence at the script's line", function()
  fresh()
  t.raises("test_runs.lua:%d+: lab.runs.open: no run in .* begins with '3f', which holds no run", function() runs.script.open "3f" end)
  local all = three_arms()
  local key = all[1].key
  local wrong = key:sub(1, 6) .. (key:sub(7, 7) == "0" and "1" or "0") .. key:sub(8)
  t.raises("test_runs.lua:%d+: .* begins with '" .. wrong .. "' %(did you mean '" .. key .. "'%?%)", function() runs.script.open(wrong) end)
  local twin = key:sub(1, 11) .. (key:sub(12) == "0" and "1" or "0")
  fs.mkdir(store.path(twin))
  t.raises("test_runs.lua:%d+: .*2 runs in .* begin with '" .. key:sub(1, 11) .. "':\n.*three%-arms arm=SET%-MLP seed=1", function() runs.script.open(key:sub(1, 11)) end)
  fs.remove_tree(store.path(twin))
  t.raises(", not ''", function() runs.script.open "" end)
  t.raises("needs the beginning of a run's key.*, not 'arm=dense'", function() runs.script.open "arm=dense" end)
  t.raises("needs the beginning of a run's key.*, not number", function() runs.script.open(12) end)
  t.raises("the list of keys is empty", function() runs.script.open {} end)
  fs.remove(all[1].path .. "/result.yaml")
  local meta = facts(all[1], "meta.yaml")
  meta.status = "interrupted"
  fs.write_file(all[1].path .. "/meta.yaml", yaml.write(meta))
  t.raises("test_runs.lua:%d+: lab.runs.open: the run " .. key .. " is not finished %(interrupted%)", function() runs.script.open(key) end)
  fs.remove(all[1].path .. "/LOCK")  -- in the name of this process
  fs.write_file(all[1].path .. "/meta.yaml", "status: [")
  t.raises("test_runs.lua:%d+: .* is damaged: meta.yaml", function() runs.script.open(key) end)
  local inside = runs { "inside", run = function() require "lab.run.runs".script.open "0" end }
  t.truthy(inside[1].why:find "cannot be called while a run executes", inside[1].why)
end)

t.test("a failing run does not stop the others, and is trained again", function()
  fresh()
  local bad = true
  local state = setmetatable({}, counter)
  function state.check(seed) made = made + 1 if bad and seed == 2 then error "no luck" end end
  local function go() return runs { "f", seed = { 1, 2, 3 }, run = function(run, seed) run:log { y = 1 } state.check(seed) end } end
  local before = runs.failures
  local list = go()
  t.equal({ list[1].status, list[2].status, list[3].status }, { "done", "failed", "done" })
  t.truthy(list[2].why:find("no luck", 1, true))
  t.equal(facts(list[2], "meta.yaml").status, "failed")
  t.truthy(facts(list[2], "result.yaml").message:find("no luck", 1, true))
  t.equal(runs.failures, before + 1)
  t.truthy(notes[1]:find "f seed=2 failed: .*no luck", notes[1])
  bad = false
  list = go()
  t.equal({ made, list[2].status, list[1].reused, list[2].reused }, { 4, "done", true, false })
  t.equal(read(list[2], "metrics.csv"), "y\n1\n")
end)

t.test("a diverged run is an answer: kept, and read back", function()
  fresh()
  local function go() return runs { "d", seed = { 1, 2 }, run = function(_, seed) tally.add() error(seed == 1 and "diverged: the loss is NaN" or { "odd" }) end } end
  go()
  local list = go()
  t.equal({ list[1].status, list[1].reused, list[2].status, made }, { "diverged", true, "failed", 3 })
  t.truthy(list[1].why:find "diverged: the loss is NaN")
end)

t.test("an interrupt goes on up, and the run is trained again", function()
  fresh()
  local stop = true
  local state = setmetatable({}, counter)
  function state.check() made = made + 1 if stop then system.interrupt_me() end end
  local function go() return runs { "i", seed = { 1, 2 }, run = function(run) run:log { y = 1 } state.check() end } end
  t.raises("^interrupted!$", go)
  system.forget_interrupt()
  t.equal(made, 1)
  local keys = store.keys()
  t.equal(#keys, 1)
  t.equal(store.read(store.path(keys[1]), "meta.yaml").status, "interrupted")
  t.equal(fs.stat(store.path(keys[1]) .. "/result.yaml"), nil)
  stop = false
  local list = go()
  t.equal({ made, list[1].status, list[1].reused }, { 3, "done", false })
end)

t.test("log and record are strict, at the script's line", function()
  fresh()
  local function why(body)
    local f = assert(load("return function(run, seed)\n" .. body .. "\nend", "@x.lua"))()
    return runs { "strict", seed = { 1 }, run = f }[1].why or "no error"
  end
  for _, case in ipairs {
    { "run:log { a = 1 }\nrun:log { b = 1 }", "x.lua:3: run:log: 'b' was not in the first row" },
    { "run:log { a = 1, b = 2 }\nrun:log { a = 1 }", "x.lua:3: run:log: 'b' is missing; the first row had it" },
    { "run:log { epoch = 1 }\nrun:log { epohc = 1 }", "(did you mean 'epoch'?)" },
    { "run:log { 1 }", "run:log takes named values" }, { "run:log {}", "an empty row" }, { "run:log(1)", "run:log takes a table" },
    { "run:log { a = print }", "'a' is a function" }, { "run:log { a = { {} } }", "'a_1' is a table" },
    { "run:log { a = { 1 }, a_1 = 2 }", "two values for the column 'a_1'" },
    { "run:lgo { a = 1 }", "a run has no 'lgo' (did you mean 'log'?)" },
    { "run:record('metrics', {}, {})", "cannot be the name of a series" }, { "run:record('../x', {}, {})", "cannot be the name" },
    { "run:record('d', { e = 1 }, { 'x' })", "value 1 is a string" }, { "run:record('d', { e = {} }, { 1 })", "the key 'e' must be" },
    { "run:record('d', { e = 1 }, { 1 })\nrun:record('d', { f = 1 }, { 1 })", "'d' has the keys f; the first had e" },
    { "local r = require('lab').runs { 'inner', run = print }", "cannot be called while a run executes" },
  } do
    local message = why(case[1])
    t.truthy(message:find(case[2], 1, true), message)
    t.truthy(message:find "^x.lua:%d", message)
  end
end)

t.test("the call is checked before anything is trained", function()
  fresh()
  local function refuse(pattern, given) t.raises(pattern, function() local r = runs(given) return r end) end
  local f = function() tally.add() end
  refuse("the first value must be the experiment's name", { seed = { 1 }, run = f })
  refuse("'run' must be a function, not nil", { "x", seed = { 1 } })
  refuse("'seed' has no values", { "x", seed = {}, run = f })
  refuse("'seed' must be a list of values, not function", { "x", seed = print, run = f })
  refuse("values 1 and 3 of 'seed' are both called '1'", { "x", seed = { 1, 2, 1 }, run = f })
  refuse("values 1 and 2 of 'arm' are both called 'a'", { "x", arm = { { name = "a" }, { name = "a", k = 1 } }, run = f })
  refuse("value 1 of 'arm' is a table; .* tables with a name", { "x", arm = { {} }, run = f })
  refuse("'seed' is not a plain list", { "x", seed = { 1, 2, x = 3 }, run = f })
  refuse("alphabetical order: function%(run, arm, seed%); its 'seed' would be given 'arm'", { "x", arm = arms, seed = { 1 }, run = function(run, seed, arm) return run, seed, arm end })
  refuse("must be a Lua function", { "x", run = print })
  refuse("'explain' must be true or false", { "x", run = f, explain = 1 })
  refuse("without a name at %[2%]", { "x", "y", run = f })
  t.equal(made, 0)
  t.equal((fs.stat(store.directory)), nil)
end)

t.test("one value may stand without a list; no dimension is one run", function()
  fresh()
  t.equal(runs { "one", seed = 7, arm = { name = "a" }, run = function() end }[1].name, "arm=a seed=7")
  t.equal(runs { "none", run = function() end }[1].name, "none")
end)

t.test("a parameter read in a roundabout way is refused while the run executes", function()
  fresh()
  local P = params { epochs = 3, zeta = 0.3 }
  local name = { "ze", "ta" }
  local list = runs { "p", seed = { 1 }, run = function(run) run:log { y = P[table.concat(name)], e = P.epochs } end }
  t.truthy(list[1].why:find("'zeta' is read here, but the run function does not name it", 1, true), list[1].why)
  t.equal(P.zeta, 0.3)
end)

t.test("what a crash left is taken over, and nothing of it stays", function()
  fresh()
  local record = three_arms()[1]
  local configuration = read(record, "run.yaml")
  for _, left in ipairs {
    { ["run.yaml"] = configuration, ["meta.yaml"] = "status: running\n", ["metrics.csv"] = "accuracy,epoch,links_1,links_2\n99,1,2,3\n88,2", ["old.csv"] = "x\n" },
    { ["run.yaml"] = configuration:sub(1, 40), ["result.yaml"] = "status: do" },
    { ["result.yaml.tmp77"] = "status: done\n" }, {},
  } do
    fs.remove_tree(record.path)
    fs.mkdirs(record.path)
    for name, text in pairs(left) do t.write(record.path .. "/" .. name, text) end
    made = 0
    local again = three_arms()[1]
    t.equal({ made, again.status, again.reused, #again:rows(), again.why }, { 1, "done", false, 3 })
    t.equal((fs.stat(record.path .. "/old.csv")), nil)
    t.equal((fs.stat(record.path .. "/result.yaml.tmp77")), nil)
  end
end)

t.test("a cut last line of the metrics is no row", function()
  fresh()
  local record = three_arms()[1]
  local text = read(record, "metrics.csv")
  t.write(record.path .. "/metrics.csv", text:sub(1, -4))
  t.equal(#three_arms()[1]:rows(), 2)
end)

t.test("a folder whose lock is held is left alone, and only that run fails", function()
  fresh()
  local record = three_arms()[2]
  fs.remove(record.path .. "/result.yaml")
  local before = fs.list(record.path)
  local lock <close> = fs.lock(record.path .. "/LOCK", "pid 4711 on elsewhere\n")
  made = 0
  local list = three_arms()
  t.equal({ made, list[1].status, list[2].status, list[3].status }, { 0, "done", "failed", "done" })
  t.truthy(list[2].why:find("process 4711 on elsewhere is working on this run", 1, true), list[2].why)
  t.equal(fs.list(record.path), before)
end)

t.test("another run's folder under the same name is refused", function()
  fresh()
  local record = three_arms()[1]
  local text = read(record, "run.yaml")
  t.write(record.path .. "/run.yaml", (text:gsub('(key: "?%x+)%x', '%1_')))
  local list = three_arms()
  t.equal({ list[1].status, list[2].status }, { "failed", "done" })
  t.truthy(list[1].why:find("belongs to another run", 1, true), list[1].why)
  t.truthy(fs.stat(record.path .. "/result.yaml"))
end)

t.test("explain says why", function()
  fresh()
  local factor, epochs = 1, "2"
  local function go()
    params.overrides, notes = { epochs = epochs }, {}
    local P = params { epochs = 1 }
    local k = { value = factor }
    runs { "e", seed = { 1 }, explain = true, run = function(run) for e = 1, P.epochs do run:log { y = e * k.value } end end }
    return notes[1]
  end
  t.truthy(go():find "trained: there is no run of this name yet")
  local record_path = store.path(store.keys()[1])
  t.truthy(go():find("read back from " .. record_path, 1, true))
  epochs = "3"
  t.truthy(go():find("what differs from " .. record_path .. " is parameter epochs (3, was 2)", 1, true), notes[1])
  factor = 5
  t.truthy(go():find("variable k.value (5, was 1)", 1, true), notes[1])
  fs.remove(record_path .. "/result.yaml")
  factor, epochs = 1, "2"
  t.truthy(go():find "trained again: an earlier attempt did not finish", notes[1])
end)

t.test("a run that changes a variable outside itself is told", function()
  fresh()
  local n = 0
  runs { "w", seed = { 1, 2 }, run = function(run) n = n + 1 run:log { y = 1 } end }
  t.equal(#notes, 1)
  t.truthy(notes[1]:find "changes a variable outside itself")
end)

t.test("the weaver is told which runs were used", function()
  fresh()
  output.runs_used = nil
  local list = three_arms()
  t.equal(output.runs_used, table.move(list, 1, 4, 1, {}))
  output.runs_used = nil
end)

-- ---- disks -----------------------------------------------------------------------------

t.test("a store that cannot be made is a sentence at the script's line", function()
  fresh()
  local file = t.write(t.tmpdir() .. "/file", "")
  store.directory = file .. "/runs"
  local script = assert(load("local runs, f = ...\nlocal r = runs { 'x', run = f }", "@x.lua"))
  t.raises("^x.lua:2: cannot make the folder " .. file:gsub("%-", "%%-") .. ".*: Not a directory", script, runs, train)
end)

t.test("a disk that fills up stops the script, and nothing half-written has a final name", function()
  fresh()
  if not fs.stat "/dev/full" then t.skip "no /dev/full here" end
  local fill = setmetatable({}, counter)
  function fill.up(run) os.execute(("ln -s /dev/full '%s/metrics.csv'"):format(run.path)) end
  local function f(run) fill.up(run) run:log { y = 1 } end
  t.raises("cannot write .*/metrics.csv: No space left on device", function() local r = runs { "full", seed = { 1, 2 }, run = f } return r end)
  local keys = store.keys()
  t.equal(#keys, 1)
  t.equal(store.read(store.path(keys[1]), "meta.yaml").status, "failed")
  t.equal(fs.lock(store.path(keys[1]) .. "/LOCK") ~= nil, true)
end)

t.test("a read-only store is a sentence, and finished runs are still read", function()
  fresh()
  local list = three_arms()
  os.execute(("chmod -R a-w '%s'"):format(store.directory))
  if fs.write_file(store.directory .. "/probe", "") then
    os.execute(("chmod -R u+w '%s'"):format(store.directory))
    t.skip "permissions do not bind this user"
  end
  t.equal(three_arms()[1].reused, true)
  t.raises("cannot make the folder .*: Permission denied", function() local r = runs { "x", run = function() end } return r end)
  t.equal(memo("m", 1, function() return 2 end), 2)
  os.execute(("chmod -R u+w '%s'"):format(store.directory))
end)

-- ---- other processes -------------------------------------------------------------------

-- A script whose run appends a line to the file CALLS and naps in the middle.
local function child_script()
  return t.write(t.tmpdir() .. "/child.lua", [[
local lab = require "lab"
local function train(run, seed)
  local calls <close> = io.open(os.getenv "CALLS", "a")
  calls:write "call\n"
  calls:flush()
  for e = 1, 3 do run:log { epoch = e } end
  os.execute "while [ -e \"$HOLD\" ]; do sleep 0.02; done"
  for e = 4, 6 do run:log { epoch = e } end
end
local runs = lab.runs { "child", seed = { 1 }, run = train }
print(runs[1].status, runs[1].reused, #runs[1]:rows(), runs[1].why or "")
]])
end

-- The run stays after three epochs for as long as the file `hold` is there.
local function command(script, calls, hold)
  return ("HOLD='%s' CALLS='%s' exec '%s' run --progress=none --runs '%s' '%s' 2>/dev/null"):format(hold, calls, program, store.directory, script)
end

local function lines_of(path) return select(2, (fs.read_file(path) or ""):gsub("\n", "\n")) end

t.test("kill -9 in the middle: the next call trains again, the one after reads back", function()
  fresh()
  local calls, script, pid_file = t.tmpdir() .. "/calls", child_script(), t.tmpdir() .. "/pid"
  local function say()
    local pipe <close> = io.popen(command(script, calls, "/none"))
    return pipe:read "a"
  end
  local hold = t.write(t.tmpdir() .. "/hold", "")
  os.execute(("sh -c 'echo $$ >%s; %s' &"):format(pid_file, (command(script, calls, hold):gsub("'", "'\\''"))))
  local deadline = fs.seconds() + 300
  while lines_of(store.path(store.keys()[1] or "x") .. "/metrics.csv") < 4 and fs.seconds() < deadline do os.execute "sleep 0.02" end
  t.truthy(say():find "^failed\tfalse\t3\t.*is working on this run")
  os.execute(("kill -9 $(cat %s); rm '%s'"):format(pid_file, hold))
  os.execute(("while [ -n \"$(tr -d '\\0' </proc/$(cat %s)/cmdline)\" ]; do sleep 0.02; done 2>/dev/null"):format(pid_file))
  local path = store.path(store.keys()[1])
  t.equal(store.read(path, "meta.yaml").status, "running")
  t.equal((fs.stat(path .. "/result.yaml")), nil)
  t.equal({ say(), lines_of(calls) }, { "done\tfalse\t6\t\n", 2 })
  t.equal({ say(), lines_of(calls) }, { "done\ttrue\t6\t\n", 2 })
end)

t.test("processes that race for a run train it once", function()
  fresh()
  local calls, script = t.tmpdir() .. "/calls", child_script()
  local children, said = {}, { done = 0, failed = 0 }
  for i = 1, 6 do children[i] = io.popen(command(script, calls, 0.5)) end
  for _, child in ipairs(children) do
    local status, reused, rows, why = child:read("a"):match "^(%a+)\t(%a+)\t(%d+)\t([^\n]*)\n"
    child:close()
    said[status] = said[status] + 1
    if status == "done" then t.equal(rows, "6") else t.truthy(why:find "is working on this run", why) end
    t.truthy(reused)
  end
  t.equal(lines_of(calls), 1)
  t.truthy(said.done >= 1)
  t.equal(said.done + said.failed, 6)
end)

-- Runs the program on a script's text; returns what it prints on both channels, and its status.
local function run_program(text, words)
  local path = t.write(t.tmpdir() .. "/x.lua", text)
  local pipe = io.popen(("'%s' run --progress=none --runs '%s' %s '%s' 2>&1"):format(program, store.directory, words or "", path))
  local said = pipe:read "a"
  local _, _, status = pipe:close()
  return said, status
end

t.test("setlab run --explain; a failed run is exit status 1", function()
  fresh()
  local text = 'local lab = require "lab"\nlocal r = lab.runs { "e", seed = { 1, 2 }, run = function(run, seed) run:log { y = seed } end }\n'
  local said, status = run_program(text, "--explain")
  t.truthy(status == 0 and said:find "e seed=1: trained: there is no run of this name yet", said)
  said, status = run_program("-- Prose.\n\n" .. text, "--explain")
  t.truthy(status == 0 and said:find "e seed=2: read back from ", said)
  said, status = run_program((text:gsub("run:log", "if seed == 2 then error 'bad luck' end run:log")))
  t.truthy(status == 1 and said:find "x.lua:2: bad luck", said)
  said, status = run_program(text, "epochs=3")
  t.truthy(status == 1 and said:find "no parameter 'epochs', which the command line sets", said)
end)

t.test("Ctrl-C in a run: status 130, the folder says interrupted and is trained again", function()
  fresh()
  local script = t.write(t.tmpdir() .. "/loop.lua", [[
local lab = require "lab"
local r = lab.runs { "loop", run = function(run) run:log { y = 1 } if os.getenv "LOOP" then while true do end end end }
print(r[1].status, #r[1]:rows())
]])
  local words = ("'%s' run --progress=none --runs '%s' '%s' 2>/dev/null"):format(program, store.directory, script)
  local folder = t.tmpdir()
  os.execute(("cd '%s'; (cd '%s'; LOOP=1 %s; echo $? >'%s/status') & "):format(folder, os.getenv "PWD", words, folder))
  local deadline, key = fs.seconds() + 300, nil
  repeat
    os.execute "sleep 0.02"
    key = store.keys()[1]
  until key and lines_of(store.path(key) .. "/metrics.csv") == 2 or fs.seconds() > deadline
  os.execute(("kill -INT %s"):format(t.read(store.path(key) .. "/LOCK"):match "pid (%d+)"))
  while not fs.stat(folder .. "/status") and fs.seconds() < deadline do os.execute "sleep 0.02" end
  while t.read(folder .. "/status") == "" do os.execute "sleep 0.02" end
  t.equal(t.read(folder .. "/status"), "130\n")
  t.equal(store.read(store.path(key), "meta.yaml").status, "interrupted")
  local pipe <close> = io.popen(words)
  t.equal(pipe:read "a", "done\t1\n")
end)

-- ---- memo ------------------------------------------------------------------------------

t.test("memo computes once for a label, a value and a function", function()
  fresh()
  local function fit(v) tally.add() return { sum = v[1] + v[2], list = { 0.1, 2 }, name = "n", none = 0 / 0, ok = true } end
  local first, second = memo("fit", { 1, 2 }, fit), memo("fit", { 1, 2 }, fit)
  t.equal(made, 1)
  t.equal(first, second)
  t.equal({ first.sum, first.list, math.type(first.sum) }, { 3, { 0.1, 2 }, "integer" })
  memo("fit", { 1, 3 }, fit)
  memo("other", { 1, 2 }, fit)
  memo("fit", { 1, 2 }, function(v) tally.add() return v[1] end)
  t.equal(made, 4)
end)

t.test("memo's key holds the parameters that the function reads", function()
  fresh()
  local function go(text)
    params.overrides = { n = text }
    local P = params { n = 1, other = 2 }
    return memo("p", 1, function(v) tally.add() return v + P.n end)
  end
  t.equal({ go "1", go "1", go "5", made }, { 2, 2, 6, 2 })
  params.overrides = {}
  local P = params { zeta = 1 }
  local name = { "ze", "ta" }
  t.raises("'zeta' is read here", memo, "q", 1, function() return P[table.concat(name)] end)
end)

t.test("a damaged memo is computed again; what cannot be kept is refused", function()
  fresh()
  local function f() tally.add() return { 1, 2 } end
  memo("d", 1, f)
  local path = store.directory .. "/memo/" .. fs.list(store.directory .. "/memo")[1]
  for _, text in ipairs { "", "garbage", "key: x\nresult: 5\n", t.read(path):sub(1, -5) } do
    made = 0
    t.write(path, text)
    t.equal(memo("d", 1, f), { 1, 2 })
    t.equal(made, 1)
  end
  t.raises("cannot be kept: a function", memo, "f", 1, function() return { print } end)
  t.raises("cannot be kept: it is nil", memo, "n", 1, function() end)
  t.raises("label must be text", memo, 1, 1, f)
  t.raises("must be a function", memo, "x", 1)
  t.raises("boom", memo, "e", 1, function() error "boom" end)
end)

t.done()
