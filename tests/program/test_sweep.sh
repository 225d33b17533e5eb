# Sweeps as a user has them: runs that are read back, that fail, that are killed, that are stopped early.
. tests/tap.sh

cat >"$DIR/study.lua" <<'LUA'
-- A comment.
local lab = require "lab"
local P = lab.params { zeta = 0.3, epochs = 6, lr = 0.02, fail = 9.0, seed = 1 }
local data = lab.data.madelon { informative = 3, redundant = 3, useless = 44, train = 400, test = 100, seed = 1 }
local calls = io.open("calls", "a")
calls:write("x\n")
calls:close()
lab.runs { "study", seed = P.seed, run = function(run, seed)
  if P.zeta >= P.fail then
    local mended = io.open "mended"
    if not mended then error "this one fails" end
    mended:close()
  end
  local net <close> = lab.mlp { 50, 60, 30, 2, dropout = 0.2, wiring = lab.erdos_renyi { epsilon = 6 }, seed = seed }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 20, lr = P.lr, momentum = 0.9, evolve = lab.set { zeta = P.zeta },
      checkpoint = { run = run, every = 1 } }) do
    run:log { epoch = epoch.n, accuracy = net:accuracy(data.test), loss = epoch.loss, z_seconds = epoch.total_seconds }
    -- Epochs at which the test holds a run, by a file, until it has done to it what it wants to.
    if epoch.n == 50 or epoch.n == 150 then io.popen("while [ -e hold" .. epoch.n .. " ]; do sleep 0.02; done", "w"):close() end
  end
  net:save(run.path .. "/final.npz")
end }
LUA
cat >"$DIR/study.yaml" <<'YAML'
sweep: try
script: study.lua
objective: {metric: accuracy}
seeds: [1, 2]
params:
  zeta: [0.1, 0.2, 0.3]
workers: 2
YAML
cd "$DIR" || exit 1

sweep() { "$SETLAB" sweep --progress=lines "$@"; }
started() { wc -l <calls; }
# Metrics but for the seconds, of all runs of a folder of runs.
metrics() { for file in "$1"/*/metrics.csv; do echo "${file#"$1"}"; cut -d, -f1-3 "$file"; done; }

# ---- reuse ---------------------------------------------------------------------------------

run sweep --dry-run study.yaml
expect "a dry run counts" 0 "*try: 6 runs*0 of 6 runs are there*" ""
check "and makes nothing" test ! -e runs
run sweep study.yaml
expect "a sweep prints who is best" 0 "*trial  zeta  *accuracy  n  status*
1 * ± *  2  done
2 *
3 *" "*sweep=try trial=* status=done epoch=6 value=* finished=6 of=6*try: 6 of 6 done"
first=$out before=$(started)
run sweep study.yaml
expect "a second time all is read back" 0 "$first" "try: 6 of 6 done (6 read back)"
check "without starting anything" [ "$(started)" = "$before" ]
run "$SETLAB" run --explain --progress=none study.lua zeta=0.2 seed=2
expect "a script by itself finds the sweep's run" 0 "" "*read back*"
run sweep study.lua zeta=0.2,0.3 lr=0.02 --seeds 2 --metric accuracy
expect "another sweep finds it too" 0 "*" "*reused=yes*study: 4 of 4 done (4 read back)"
before=$(started)
sed -i 's/^-- A comment/-- Another comment/' study.lua
run sweep study.yaml
expect "a script that changed is asked again, and its runs are read back" 0 "$first" "*try: 6 of 6 done (6 read back)"
check "which it was" [ "$(started)" -eq $((before + 6)) ]
rm -r "runs/$(ls runs | head -n 1)"
run sweep study.yaml
expect "a run that was removed is made again" 0 "$first" "*try: 6 of 6 done (5 read back)"
run sweep study.yaml --only zeta=0.2
expect "--only" 0 "*
1 *2  done" "*try: 2 of 2 done (2 read back)"
run sweep --dry-run study.yaml
expect "a dry run knows what is there" 0 "*6 of 6 runs are there already" ""

# ---- failures ------------------------------------------------------------------------------

run sweep study.lua zeta=0.1,0.2,0.3 fail=0.2 --metric accuracy --workers 1
expect "a run that fails does not stop the others" 1 "*1 *1 *0.1 *done*failed*failed" "*status=failed*this one fails*study: 1 of 3 done, 2 failed"
before=$(started)
run sweep study.lua zeta=0.1,0.2,0.3 fail=0.2 --metric accuracy --workers 1
expect "it is not tried again unasked" 1 "*failed*" "study: 1 of 3 done (1 read back), 2 failed"
check "nothing was started" [ "$(started)" = "$before" ]
touch mended
run sweep study.lua zeta=0.1,0.2,0.3 fail=0.2 --metric accuracy --workers 1 --retry failed
expect "--retry failed" 0 "*1 *
2 *
3 *done" "*study: 3 of 3 done (1 read back)"
check "only those that failed were started" [ "$(started)" -eq $((before + 2)) ]
rm mended
run sweep study.lua zeta=0.4,0.5,0.6 fail=0.4 --metric accuracy --workers 1 --fail-fast
expect "--fail-fast" 1 "*failed*waiting*" "*study: a run failed; 2 of 3 runs are not finished*"
run sweep study.lua zeta=0.1 epochs=2 --metric acuracy
expect "a metric that nobody logs is told after the first run" 1 "" "*the objective is 'acuracy'*did you mean 'accuracy'*"

cat >two.lua <<'LUA'
local lab = require "lab"
local P = lab.params { what = "two", seed = 1 }
if P.what == "two" then lab.runs { "two", n = { 1, 2 }, run = function(run) run:log { x = 1 } end }
elseif P.what == "twice" then
  lab.runs { "one", run = function(run) run:log { x = 1 } end }
  lab.runs { "other", run = function(run) run:log { x = 2 } end }
elseif P.what == "early" then error "before any run" end
LUA
run sweep two.lua what=two,twice,none,early --metric x
expect "one process makes one run" 1 "*failed*failed*failed*failed*" "*makes 2 runs*"
case $err in *"calls lab.runs once"*"makes no run"*|*"makes no run"*"calls lab.runs once"*) passed "none and twice are told" ;; *) fail "none and twice are told" "$err" ;; esac
case $err in *"before any run"*) passed "and a script's own error" ;; *) fail "and a script's own error" "$err" ;; esac

# ---- what kills it ---------------------------------------------------------------------------

long="study.lua zeta=0.1,0.2 epochs=200 --seeds 2 --metric accuracy --workers 2"
run sweep $long --runs whole
expect "undisturbed" 0 "*1 *2  done*" "*4 of 4 done"
whole=$out
rows() { cat "$1"/*/metrics.csv 2>/dev/null | wc -l; }
more_than() { [ "$(rows "$1")" -gt "$2" ]; }
children() { processes_with "trial=$1/sweeps"; }
no_children() { [ -z "$(children "$1")" ]; }

for n in 50 150; do
  : >hold$n
  "$SETLAB" sweep --progress=none $long --runs killed >/dev/null 2>&1 </dev/null & pid=$!
  until_true 300 more_than killed $n
  kill -9 $pid; wait $pid 2>/dev/null
  rm hold$n
  check "kill -9 of the parent ends the children ($n)" until_true 300 no_children killed
done
run sweep $long --runs killed
expect "the same command goes on" 0 "$whole" "*4 of 4 done*"
metrics whole >a; metrics killed >b
check "with the same numbers" cmp a b
for key in $(ls whole | grep -v sweeps); do
  check "$key/final.npz is the same" cmp "whole/$key/final.npz" "killed/$key/final.npz"
done

: >hold50
"$SETLAB" sweep --progress=lines $long --runs child >child.out 2>child.err </dev/null & pid=$!
until_true 300 more_than child 40
kill -9 "$(children child | head -n 1)"
rm hold50
wait $pid; status=$? out=$(cat child.out) err=$(cat child.err)
expect "a child that is killed is started again" 0 "$whole" "*ended by signal 9; it is started again*4 of 4 done"
metrics child >b
check "with the same numbers again" cmp a b

: >hold50
"$SETLAB" sweep --progress=lines $long --runs stopped >int.out 2>int.err </dev/null & pid=$!
until_true 300 more_than stopped 40
kill -INT $pid
sleep 1; rm hold50
wait $pid; status=$? out=$(cat int.out) err=$(cat int.err)
expect "Ctrl-C ends tidily, and says how to go on" 130 "" "*interrupted; * of 4 runs are not finished, and the same command continues them*setlab: interrupted"
check "no child is left" no_children stopped
check "its runs know that they were interrupted" grep -q "status: interrupted" stopped/*/meta.yaml
run sweep $long --runs stopped
expect "and it does" 0 "$whole" "*4 of 4 done*"
metrics stopped >b
check "with the same numbers once more" cmp a b

: >hold50
"$SETLAB" sweep --progress=none $long --runs twice >/dev/null 2>&1 </dev/null & pid=$!
until_true 300 more_than twice 20
held=$(children twice)
kill -STOP $held  # children that take their time over tidying up
while kill -INT $pid 2>/dev/null; do sleep 0.6; done  # two that find it asleep are one
wait $pid; status=$? out= err=
expect "Ctrl-C twice stops at once" 130 "" ""
kill -CONT $held 2>/dev/null
rm hold50
check "and its children with it" until_true 300 no_children twice
run sweep $long --runs twice
expect "nothing is lost by that" 0 "$whole" "*4 of 4 done*"

run sweep $long --runs timed --time 0.3s
expect "a budget of time" 0 "*" "*its time is up; * of 4 runs are not finished*"

# Two sweeps that share runs: each run is made once.
"$SETLAB" sweep --progress=none $long --runs both >both.out 2>/dev/null </dev/null & pid=$!
run sweep study.lua zeta=0.2,0.1 epochs=200 --seeds 2,1 --metric accuracy --workers 2 --runs both
wait $pid
expect "two sweeps at once" 0 "*1 *2  done*" "*4 of 4 done*"
check "the other one has the same" [ "$(cat both.out)" = "$whole" ]
metrics both >b
check "and the runs are whole" cmp a b

# ---- early stopping --------------------------------------------------------------------------

for n in 1 2; do
  run sweep study.lua zeta=0.1,0.2,0.3,0.4 lr=0.002,0.05 --seeds 2 --metric accuracy --stop halving:1:6:2 --workers $n --runs half$n
  expect "halving with $n" 0 "*1 *2  done
 *stopped early*" "*2 of 16 done, 14 stopped early"
  cp half$n/sweeps/*/decisions.csv decisions$n
done
check "decides the same with 1 worker and with 2" cmp decisions1 decisions2
check "and says why" grep -q "^halving,1,1,[0-9]*,,0.*,stopped,place . of 8 by accuracy at epoch 1; the best 4 go on" decisions1
metrics half1 >a; metrics half2 >b
check "its runs are the same, too" cmp a b
check "who was stopped is marked" [ "$(grep -l "status: pruned" half1/*/meta.yaml | wc -l)" = 14 ]
before=$(started) first=$out
run sweep study.lua zeta=0.1,0.2,0.3,0.4 lr=0.002,0.05 --seeds 2 --metric accuracy --stop halving:1:6:2 --workers 2 --runs half2
expect "and is known" 0 "$first" "study: 2 of 16 done (2 read back), 14 stopped early"
check "without starting anything, too" [ "$(started)" = "$before" ]
run sweep study.lua zeta=0.1,0.2,0.3,0.4 lr=0.002,0.05 --seeds 2 --metric accuracy --workers 2 --runs half2
expect "what was stopped can go on" 0 "*8 *2  done" "*16 of 16 done (2 read back)"

# A halving sweep that is killed comes to the same decisions.
for n in 5 12 20; do
  "$SETLAB" sweep --progress=none study.lua zeta=0.1,0.2,0.3,0.4 lr=0.002,0.05 --seeds 2 --metric accuracy --stop halving:1:6:2 --workers 2 --runs half3 >/dev/null 2>&1 </dev/null & pid=$!
  until_true 300 more_than half3 $n
  kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
done
run sweep study.lua zeta=0.1,0.2,0.3,0.4 lr=0.002,0.05 --seeds 2 --metric accuracy --stop halving:1:6:2 --workers 2 --runs half3
expect "halving that was killed ends as it would have" 0 "$first" "*2 of 16 done*, 14 stopped early"
check "by the same decisions" cmp half3/sweeps/*/decisions.csv decisions1
metrics half3 >b
check "and the same numbers" cmp a b

sed 's/checkpoint = .*/}) do/' study.lua >bare.lua
run sweep bare.lua zeta=0.1,0.2,0.3,0.4 lr=0.002,0.05 --seeds 2 --metric accuracy --stop halving:1:6:2 --runs bare
expect "a script without checkpoints begins anew, and that is told" 0 "*stopped early*" "*saves no checkpoint*2 of 16 done, 14 stopped early"
check "to the same decisions" cmp bare/sweeps/*/decisions.csv decisions1

for n in 1 2; do
  run sweep study.lua zeta=0.1,0.2,0.3,0.4 lr=0.05,0.002 epochs=12 --metric accuracy --stop median:2 --workers $n --runs median$n
  expect "the median rule with $n" 0 "*stopped early*" "*stopped early"
  mv median$n/sweeps/*/decisions.csv decisions$n
done
check "the median rule decides the same with 1 worker and with 2" cmp decisions1 decisions2
check "and stops some" grep -q "^median,,[0-9]*,[0-9]*,1,.*,stopped,best accuracy so far is worse than the median" decisions1
run sweep study.lua zeta=0.1,0.2,0.3,0.4 lr=0.002,0.05 --metric accuracy --stop asha:1:6:2 --workers 2 --runs asha
expect "asha says that it depends on timing" 0 "*1 *done*stopped early*" "*asha: its decisions depend*stopped early"

# ---- the terminal ------------------------------------------------------------------------------

# Runs that last: nothing is shown in the first half second.
LC_ALL=C.UTF-8 on_terminal 60 "$SETLAB" sweep study.lua zeta=0.1,0.2 epochs=900 --seeds 2 --metric accuracy --workers 2 --runs terminal
expect "a table that renews itself on a terminal" 0 "*study *of 4 done*running*ETA*
  trial * seed *  epoch */900  accuracy *  zeta=0.*study: 4 of 4 done*1 *done*" ""
check "no line is wider than the window" test "$(printf '%s\n' "$out" | grep '^  trial' | widest)" -lt 60
finish
