# Ctrl-C, SIGTERM, the pause of a sweep, os.exit and a full disk end a script whatever it does with
# errors: the run that they meet is interrupted, paused or failed, never done.
. tests/tap.sh
cd "$DIR" || exit 1

# One run of four epochs. In the second it does what `what` says; `road` is how the script catches errors.
cat >study.lua <<'LUA'
local lab = require "lab"
local P = lab.params { road = "pcall", what = "nothing", lr = 0.1, seed = 1 }
local data = lab.data.madelon { train = 100, test = 50, useless = 5, redundant = 2 }
local roads = {
  none = function(f) f() end,
  pcall = function(f) pcall(f) end,
  xpcall = function(f) xpcall(f, function(e) return "words: " .. tostring(e) end) end,
  resume = function(f) coroutine.resume(coroutine.create(f)) end,
  wrap = function(f) coroutine.wrap(function() pcall(coroutine.wrap(f)) end)() end,
  close = function(f) pcall(function() local x <close> = setmetatable({}, { __close = function() error "closing" end }) f() end) end,
  gc = function(f) setmetatable({}, { __gc = f }) collectgarbage() end,
  load = function(f) load(function() f() end) end,
  module = function(f) require "safely"(f) end,
}
local what = {
  nothing = function() end,
  INT = function() io.popen("kill -INT $PPID", "w"):close() for _ = 1, 1e7 do end end,  -- until the signal has come
  TERM = function() io.popen("kill -TERM $PPID", "w"):close() for _ = 1, 1e7 do end end,
  exit = function() os.exit(3) end,
  leave = function() os.exit() end,
  disk = function(run) os.execute(("cd '%s' && rm -f checkpoint.npz && mkdir -p checkpoint.npz/x"):format(run.path)) end,
}
local function train(run, road, action, lr, seed)
  local net <close> = lab.mlp { 12, 6, 2, wiring = lab.dense {}, seed = seed }
  roads[road](function()
    for epoch in net:epochs(data.train, { epochs = 4, batch = 10, lr = lr, checkpoint = { run = run, every = 5 } }) do
      run:log { epoch = epoch.n, loss = epoch.loss }
      if epoch.n == 2 then what[action](run) end
      for _ = 1, 100 do end
    end
  end)
end
print "before"
local runs = lab.runs { "study", road = P.road, what = P.what, zlr = P.lr, zseed = P.seed, run = function(run, ...) train(run, ...) end }
print(runs[1].status, #runs[1]:rows())
print "after"
LUA
sed 's/every = 5/every = 1/' study.lua >saving.lua
echo 'local pcall = pcall return function(f) pcall(f) end' >safely.lua

study() { rm -rf runs; run "$SETLAB" run --progress=none "$@"; }
status_of_run() { sed -n 's/^status: //p' runs/*/meta.yaml; }

study study.lua
expect "left alone the run is done" 0 "before
done	4
after" ""

for road in none pcall xpcall resume wrap close gc load module; do
  for signal in INT TERM; do
    study study.lua road=$road what=$signal
    expect "$signal is heard: $road" 130 "before" "setlab: interrupted; the same command trains 'study road=$road what=$signal *' from the start*"
    check "the run is interrupted: $road" [ "$(status_of_run)" = interrupted ]
    check "it has no result: $road" [ ! -e runs/*/result.yaml ]
  done
  study study.lua road=$road what=exit
  expect "os.exit ends the script: $road" 3 "before" "study road=$road what=exit * is interrupted: study.lua:19: the script ended with os.exit(3)"
  check "its run is interrupted: $road" [ "$(status_of_run)" = interrupted ]
  study study.lua --trial=trial.yaml --until=2 road=$road
  expect "a pause is a pause: $road" 0 "before" "paused after epoch 2"
  check "the run is paused: $road" [ "$(status_of_run)" = paused ]
  check "it is reported: $road" grep -q "^status: paused" trial.yaml
  study saving.lua road=$road what=disk
  expect "what cannot be written is no finished run: $road" 1 "before" "saving.lua:26: runs/*checkpoint.npz: cannot be written: *
    26 |     for epoch in net:epochs*"
  check "the run has failed: $road" [ "$(status_of_run)" = failed ]
done

# ---- functions that the toolkit calls ------------------------------------------------------

cat >callbacks.lua <<'LUA'
local lab = require "lab"
local P = lab.params { where = "none" }
local data = lab.data.madelon { train = 100, test = 50, useless = 5, redundant = 2, standardise = false }
local function kill() pcall(function() io.popen("kill -INT $PPID", "w"):close() for _ = 1, 1000 do end end) end
lab.runs { "callbacks", where = P.where, run = function(run, where)
  local function at(place) if place == where then kill() end end
  if where == "change" then data.train:change(function(values) at "change" return values end) end
  local function wiring() at "wiring" return { 1, 2, 3 }, { 1, 1, 2 } end
  local net <close> = lab.mlp { 12, 6, 2, wiring = wiring, seed = 1 }
  for epoch in net:epochs(data.train, { epochs = 3, batch = 10, lr = function() at "lr" return 0.01 end,
    evolve = function() at "evolve" end }) do run:log { loss = epoch.loss } end
end }
LUA
for place in change wiring lr evolve; do
  study callbacks.lua where=$place
  expect "Ctrl-C in a function of the script: $place" 130 "" "*setlab: interrupted*"
  check "the run is interrupted: $place" [ "$(status_of_run)" = interrupted ]
done

# ---- going on ------------------------------------------------------------------------------

study saving.lua what=INT
expect "how to go on is said" 130 "before" "setlab: interrupted; the same command resumes 'study *' after epoch 1"
printf 'io.popen("kill -INT $PPID"):close() while true do end' >none.lua
run "$SETLAB" run none.lua
expect "where no run was met there is nothing to say" 130 "" "setlab: interrupted"

# ---- os.exit -------------------------------------------------------------------------------

study study.lua what=leave
expect "os.exit() in a run is no failure of the program" 0 "before" "*is interrupted: study.lua:20: the script ended with os.exit()"
rm -rf runs
run "$SETLAB" report --progress=none study.lua what=exit -o pages
expect "a page ends at os.exit in a run" 1 "pages/study.html" "*is interrupted: study.lua:19: *study.lua:19: the script ended with os.exit(3)*"
check "what came before is on the page" grep -q "<samp>before" pages/study.html
check "what would have come after is not" sh -c '! grep -q "<samp>.*after" pages/study.html'
check "the run is interrupted" [ "$(status_of_run)" = interrupted ]
rm -rf runs
run "$SETLAB" report --progress=none study.lua what=leave -o pages
expect "a page that ends with os.exit() is whole" 0 "pages/study.html" "*is interrupted: study.lua:20: *"
study study.lua --trial=trial.yaml what=leave
expect "in a sweep, a run that was left has failed" 1 "before" "*"
check "with words" grep -q '^why: "study.lua:20: the script ended with os.exit()"' trial.yaml
printf 'io.write "no newline" pcall(os.exit, false) print "on"' >left.lua
run "$SETLAB" run left.lua; expect "os.exit outside of runs, caught" 1 "no newline" ""
printf 'local x <close> = setmetatable({}, { __close = function() print "closed" end }) os.exit(true, true)' >closing.lua
run "$SETLAB" run closing.lua; expect "os.exit closes what is open" 0 "closed" ""

# ---- sweeps --------------------------------------------------------------------------------

cat >halving.yaml <<'YAML'
sweep: halving
script: saving.lua
objective: {metric: loss, goal: min}
stop: {rule: halving, min: 1, max: 4, factor: 2}
params:
  lr: [0.01, 0.02, 0.05, 0.1]
YAML
rm -rf runs
run "$SETLAB" sweep --progress=none halving.yaml
expect "halving: the winner comes to its end, the others stop early" 0 "*done*stopped early*stopped early*stopped early" "*"
check "one run is done" [ "$(status_of_run | grep -c '^done')" = 1 ]
check "three were stopped" [ "$(status_of_run | grep -c '^pruned')" = 3 ]

# A file may have one block: what the run has to report does not fit. The earlier report stays.
cat >wordy.lua <<'LUA'
error(("many words "):rep(500), 0)
LUA
echo "status: earlier" >trial.yaml
(trap '' XFSZ; ulimit -f 1; "$SETLAB" run --trial=trial.yaml wordy.lua; echo "status $?") 2>&1 </dev/null | cat >wordy.out
check "a report that cannot be written whole replaces nothing" [ "$(cat trial.yaml)" = "status: earlier" ]
check "it is said" grep -q "cannot write trial.yaml: File too large" wordy.out
check "the process has failed" grep -q "^status 1" wordy.out
check "nothing half-written is left" [ "$(ls | grep -c '^trial')" = 1 ]

# ---- failures ------------------------------------------------------------------------------

cat >failing.lua <<'LUA'
local lab = require "lab"
local runs = lab.runs { "wrong", seed = { 1, 2, 3, 4 }, run = function(run, seed)
  lab.mlp { 12, 6, 2, hidden = "rellu", wiring = lab.dense {}, seed = seed }
end }
print(#runs, runs[1].status)
LUA
message="failing.lua:3: lab.mlp: option 'hidden' has no choice 'rellu' (did you mean 'relu'?)"
run "$SETLAB" run --progress=none failing.lua
expect "what all runs fail of is said once, and last" 1 "4	failed" "wrong seed=1 failed: $message
wrong: 3 more runs failed, for the same reason
setlab: 4 runs failed, the first: wrong seed=1: $message"
echo 'lab.table { runs, columns = { "accuracy" }, by = "arm" }' >>failing.lua
run "$SETLAB" run --progress=none failing.lua
expect "a later error names it" 1 "4	failed" "*failing.lua:6: *
Before that, 4 runs failed, the first: wrong seed=1: $message"
run "$SETLAB" report --progress=none failing.lua -o pages
expect "also for a page" 1 "*" "*failing.lua:6: *
Before that, 4 runs failed, the first: wrong seed=1: $message"
check "and on it" grep -q "Before that, 4 runs failed" pages/failing.html
cat >various.lua <<'LUA'
local lab = require "lab"
lab.runs { "various", seed = { 1, 2, 3, 4, 5 }, run = function(run, seed) error(seed < 4 and "a" or "b", 0) end }
LUA
run "$SETLAB" run --progress=none various.lua
expect "another reason is another line" 1 "" "various seed=1 failed: a
various: 2 more runs failed, for the same reason
various seed=4 failed: b
various: 1 more run failed, for the same reason
setlab: 5 runs failed, the first: various seed=1: a"
cat >values.lua <<'LUA'
local lab = require "lab"
local runs = lab.runs { "values", run = function(run) error { code = 2 } end }
print(runs[1].status, runs[1].why, runs[1]:result().message)
LUA
sentence="the script raised an error that is not a message but a table value"
run "$SETLAB" run --progress=none values.lua
expect "an error that is a table, in words" 1 "failed	$sentence	$sentence" "values * failed: $sentence
setlab: 1 run failed"

# ---- pages ---------------------------------------------------------------------------------

cat >long.lua <<'LUA'
io.stderr:write "begun\n"
while true do end
LUA
for signal in INT TERM; do
  : >long.err
  "$SETLAB" report long.lua -o pages >long.out 2>long.err </dev/null & pid=$!
  until_true 60 grep -q begun long.err
  kill -$signal $pid; wait $pid; status=$? out=$(cat long.out) err=$(cat long.err)
  expect "$signal sent to the report alone reaches the script" 130 "" "begun
setlab: interrupted*"
done
finish
