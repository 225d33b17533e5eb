# One network trained by several processes (mpirun setlab run): the same bits as one process, whatever the number of ranks and
# threads; what one rank says; checkpoints; ranks that die, are interrupted, or differ.
. tests/tap.sh
if ! command -v mpirun >/dev/null 2>&1; then skip "training by ranks" "mpirun is not here; make test-all brings it"; finish; exit; fi
"$SETLAB" doctor --runs="$DIR/none" >"$DIR/doctor" 2>/dev/null
if ! grep -q '^ok *MPI' "$DIR/doctor"; then skip "training by ranks" "the program was built without MPI"; finish; exit; fi
SETLAB_TESTS=$PWD/$B/tests
cd "$DIR" || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none   # a partner that is killed is not read from
export TMPDIR=$DIR
export LSAN_OPTIONS="$LSAN_OPTIONS:detect_leaks=0"      # of the MPI library

cat >net.lua <<'END'
local lab = require "lab"
local P = lab.params { epochs = { 3 }, batch = { 48 }, evolve = { "set" }, optimiser = { "sgd" }, precision = { "float32" }, parallel = { "synchronous" }, parts = { 0 }, hidden = { "relu" }, average = { 0 } }
local evolutions = { set = lab.set {}, rigl = lab.rigl { every_steps = 5 }, none = false }
local data = lab.data.madelon { train = 400, test = 50, useless = 40 }
local runs = lab.runs { "ranks", seed = { 1 }, run = function(run, seed)
  local net <close> = lab.mlp { 60, 40, 30, 2, wiring = { lab.erdos_renyi { epsilon = 5 }, lab.erdos_renyi { epsilon = 5 }, lab.dense {} }, seed = seed,
    dropout = 0.2, hidden = P.hidden, history = true, batch_norm = P.optimiser == "adamw" and {} or nil, optimiser = P.optimiser, precision = P.precision }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = P.batch, lr = 0.02, momentum = 0.9, evolve = evolutions[P.evolve] or nil, average = P.average,
      parallel = P.parallel ~= "no" and P.parallel or nil, parts = P.parts > 0 and P.parts or nil, checkpoint = { run = run, every = 1 } }) do
    local sum = 0
    for layer = 1, 3 do for _, w in ipairs(net:weights(layer)) do sum = sum + w * w end end
    run:log { epoch = epoch.n, loss = epoch.loss, accuracy = epoch.accuracy, weights = sum, links = net:links(), test = net:evaluate(data.test).loss }
    if P.pause > 0 then lab.sleep(P.pause) end
  end
end }
lab.table { header = { "loss" }, rows = { { ("%.17g"):format(runs[1]:last "loss") } } }
END
sed -i '/lab.sleep/d' net.lua
# Epochs of a run that is still under way when it is killed: one takes a millisecond, or more with sanitizers.
long=3000
if grep -q sanitize "$DIR/doctor"; then long=400; fi
alone() { folder=$1; shift; run timeout 120 "$SETLAB" run --progress=none --runs="$folder" net.lua "$@"; }
ranks() { number=$1 threads=$2 folder=$3; shift 3; run timeout 240 mpirun -n "$number" "$SETLAB" run --progress=none --threads="$threads" --runs="$folder" net.lua "$@"; }
metrics() { cat "$1"/*/metrics.csv; }

for options in "" "evolve=rigl" "optimiser=adamw" "optimiser=s2sam" "precision=bfloat16 evolve=none" "batch=70 optimiser=lion" "hidden=srelu batch=500" "evolve=none average=2"; do
  rm -rf one two
  alone one $options; want=$out
  ranks 2 1 two $options
  check "two ranks and one process, the same bits: ${options:-SET}" test -n "$want" -a "$out" = "$want" -a "$(metrics one)" = "$(metrics two)"
done
rm -rf one four
alone one batch=256 evolve=rigl; want=$out
ranks 4 2 four batch=256 evolve=rigl
check "four ranks of two threads, the same bits, printed once" test "$out" = "$want" -a "$(metrics one)" = "$(metrics four)"
run timeout 240 mpirun -n 4 "$SETLAB" run --threads=1 --runs=four net.lua batch=256 evolve=rigl
expect "a finished run is read back by all, and said once" 0 "$want" "ranks: 1 run, 1 read back from four"
rm -rf one four
alone one parts=4 batch=70; want=$out
ranks 4 1 four parts=4 batch=70
check "a batch in more parts than usual, on four ranks and on one" test -n "$want" -a "$out" = "$want" -a "$(metrics one)" = "$(metrics four)"
ranks 4 1 four batch=70
expect "and the advice to do that" 1 "*" "*net:epochs: option 'parallel': 4 ranks cannot share batches of 70 samples, which this net processes in *(option 'parts' can be 4)*"
ranks 3 1 three batch=20
expect "more ranks than a batch has parts" 1 "*" "*net.lua:*net:epochs: option 'parallel': 3 ranks cannot share batches of 20 samples, which this net processes in *"
ranks 2 1 apart parallel=no
expect "ranks that were given nothing to share" 0 "*" "*net:epochs: each of the 2 ranks trains the same net, as option 'parallel' is not given"
check "no folder of another rank is left" test -z "$(ls -d setlab-rank-* 2>/dev/null)"

# WASSP: the nets of the ranks are one again, with as many links; on each rank, whatever its threads. Its results depend on the number of ranks.
cp net.lua synchronous.lua
sed -i 's/parallel = P.parallel ~= "no"/ranks = 3, warm_up = 2, &/' net.lua
rm -rf three again
ranks 3 1 three parallel=wassp epochs=7 batch=48; want=$out
ranks 3 2 again parallel=wassp epochs=7 batch=48
check "wassp twice, the same bits" test -n "$want" -a "$out" = "$want" -a "$(metrics three)" = "$(metrics again)"
links=$(metrics three | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "links") c = i } NR == 2 { first = $c } { last = $c } END { d = last - first; print (NR > 1 && (d < 0 ? -d : d) <= first / 50) }')
check "and as many links as before, nearly" test "$links" = 1
ranks 2 1 two parallel=wassp
expect "wassp with another number of ranks" 1 "*" "*net:epochs: option 'ranks' is 3, and there are 2: start the script with mpirun -n 3 setlab run*"
# WASAP: with one worker gradients come in order, so that the first phase is that of one process. With two it depends on timing.
sed -i 's/ranks = 3, warm_up = 2,/ranks = P.parallel == "wasap" and 2 or nil, local_share = P.parallel == "wasap" and 0 or nil,/' net.lua
for options in "" "optimiser=adamw evolve=rigl" "precision=bfloat16"; do
  rm -rf one two
  alone one $options; want=$out
  ranks 2 2 two parallel=wasap $options
  check "wasap with one worker and one process, the same bits: ${options:-SET}" test -n "$want" -a "$out" = "$want" -a "$(metrics one)" = "$(metrics two)"
done
ranks 2 1 two parallel=wasap optimiser=s2sam
expect "wasap with s2sam" 1 "*" "*net:epochs: parallel = \"wasap\" does not go with s2sam, whose steps follow each other*"
sed -i 's/ranks = P.parallel == "wasap" and 2 or nil, local_share = P.parallel == "wasap" and 0 or nil,/ranks = 3,/' net.lua
rm -rf three
ranks 3 1 three parallel=wasap epochs=10
check "wasap with two workers and a master" test "$status" = 0 -a "$(metrics three | wc -l)" = 11
out_loss=$(echo "$out" | sed -n 3p)
first=$(metrics three | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "loss") c = i } NR == 2 { print $c }')
check "its loss falls" sh -c 'awk -v first="$1" -v last="$2" "BEGIN { exit !(last < 0.9 * first) }"' sh "$first" "$out_loss"
cp synchronous.lua net.lua
ranks 2 1 two parallel=wassp
expect "wassp without a number" 1 "*" "*net:epochs: parallel = \"wassp\" needs option 'ranks', the number of processes: the results depend on it*"
check "the mean of nets against sums of matrices" timeout 60 mpirun -n 3 "$SETLAB_TESTS/core/workers/test_merge"
rm -rf two

# The same with AdamW, whose momentum is not corrected, and with links by gradient; it learns. Stopped while nets are apart, it goes on from where they were one.
rm -rf three
sed -i 's/parallel = P.parallel ~= "no"/ranks = 3, &/' net.lua
ranks 3 1 three parallel=wassp epochs=6 batch=48 optimiser=adamw evolve=rigl
check "wassp with AdamW" test "$status" = 0 -a "$(metrics three | wc -l)" = 7
cp synchronous.lua net.lua
rm -rf two again
sed -i 's/parallel = P.parallel ~= "no"/ranks = 2, local_share = 0.9, &/' net.lua
ranks 2 1 again parallel=wassp epochs=$long batch=48; want=$(metrics again)
(timeout 240 mpirun -n 2 "$SETLAB" run --progress=none --threads=1 --runs=two net.lua parallel=wassp epochs=$long batch=48 >o 2>e; echo $? >s) &
until_true 60 eval 'test "$(cat two/*/metrics.csv 2>/dev/null | wc -l)" -gt 45'
kill -9 $(processes_with --runs=two | while read -r p; do grep -qa mpirun /proc/$p/cmdline || echo $p; done | tail -n 1)
wait
check "is killed while nets are apart" test "$(cat s)" != 0
ranks 2 1 two parallel=wassp epochs=$long batch=48
check "and ends as an undisturbed one" test -n "$want" -a "$(metrics two)" = "$want"
cp synchronous.lua net.lua
rm -rf two

# A checkpoint is gone on with by another number of ranks.
rm -rf one two
alone one epochs=$long; want=$(metrics one)
(timeout 240 mpirun -n 2 "$SETLAB" run --progress=none --threads=1 --runs=two net.lua epochs=$long >o 2>e; echo $? >s) &
until_true 60 eval 'test "$(cat two/*/metrics.csv 2>/dev/null | wc -l)" -gt 5'
kill -9 $(processes_with --runs=two | while read -r p; do grep -qa mpirun /proc/$p/cmdline || echo $p; done | tail -n 1)
wait
check "a rank that dies ends the run" test "$(cat s)" != 0
check "and the launcher says so" grep -q 'signal 9' e
alone two epochs=$long
check "one process goes on from the checkpoint, to the same end" test "$(metrics two)" = "$want"

# Slurm and impatient users stop a launcher by a signal.
rm -rf two
(timeout 240 mpirun -n 2 "$SETLAB" run --progress=none --threads=1 --runs=two net.lua epochs=$long >o 2>e; echo $? >s) &
until_true 60 eval 'test "$(cat two/*/metrics.csv 2>/dev/null | wc -l)" -gt 5'
kill -TERM $(processes_with mpirun | tail -n 1)
wait
check "a launcher that is stopped" grep -q "interrupted; the same command resumes 'ranks seed=1' after epoch" e
ranks 2 1 two epochs=$long
check "the same command goes on, to the same end" test "$(metrics two)" = "$want"

# One rank alone is asked to stop: all do, and nothing half done is kept.
rm -rf two
(timeout 240 mpirun -n 2 "$SETLAB" run --progress=none --threads=1 --runs=two net.lua epochs=$long >o 2>e; echo $? >s) &
until_true 60 eval 'test "$(cat two/*/metrics.csv 2>/dev/null | wc -l)" -gt 5'
kill -TERM $(processes_with --runs=two | while read -r p; do grep -qa mpirun /proc/$p/cmdline || echo $p; done | tail -n 1)
wait
check "one rank is asked to stop" test "$(cat s)" != 0
one_asked=$(metrics two | wc -l)
ranks 2 1 two epochs=$long
check "and the run goes on to the same end" test "$one_asked" -le "$long" -a "$(metrics two)" = "$want"

# A rank that crashes is heard.
cat >crash.lua <<'END'
io.stderr:write("last words\n")
os.execute "test \"$OMPI_COMM_WORLD_RANK\" != 1 || kill -ABRT $PPID"
END
timeout 60 mpirun -n 2 "$SETLAB" run crash.lua >o 2>e; status=$?
check "a rank that crashes is heard" test "$status" != 0 -a "$(grep -c 'last words' e)" = 2

# Random ranks are killed at random moments: KILLS times in make test-all, else a few. Each end comes soon, and the last run is as if
# nothing had happened.
kills=${KILLS:-3} rounds=0 slow=0 killed=0 unequal=0 seed=$$
rm -rf two
while [ $killed -lt "$kills" ] && [ $rounds -lt $((4 * kills)) ]; do
  (timeout 240 mpirun -n 2 "$SETLAB" run --progress=none --threads=1 --runs=two net.lua epochs=$long >o 2>e; echo $? >s) &
  until_true 60 eval 'test "$(processes_with --runs=two | wc -l)" -ge 4'
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  sleep "0.$((seed / 65536 % 10))"
  victim=$(for p in $(processes_with --runs=two); do tr '\0' '\n' <"/proc/$p/cmdline" 2>/dev/null | head -n 1 | grep -q setlab && echo "$p"; done | sed -n "$((1 + seed / 65536 % 2))p")
  began=$(date +%s)
  [ -n "$victim" ] && kill -9 "$victim"
  wait
  # A run that came to its end before that begins anew.
  if [ "$(cat s)" != 0 ]; then killed=$((killed + 1))
  else
    [ "$(metrics two)" = "$want" ] || unequal=$((unequal + 1))
    rm -rf two
  fi
  [ $(($(date +%s) - began)) -le 10 ] || slow=$((slow + 1))
  rounds=$((rounds + 1))
done
check "$killed of $kills ranks are killed in time, and nothing hangs" test $slow = 0 -a $killed = "$kills"
ranks 2 1 two epochs=$long
check "after that a run comes to the same end as an undisturbed one" test $unequal = 0 -a "$(metrics two)" = "$want"

# What is measured and foreseen.
run timeout 100 "$SETLAB" plan 3072 4000 1000 4000 10 --epsilon 20 --ranks 2
expect "what ranks send, and how fast they are" 0 "*2 ranks     each sends 1.4? MiB a step, and receives as much
messages *ms a step at * GB/s, measured between two processes here
speed       about * % of that of one process*" ""
run "$SETLAB" plan 3072 4000 1000 4000 10 --epsilon 20 --ranks 4 --bandwidth 1.25
expect "with a network of one's own" 0 "*4 ranks     each sends 2.2? MiB a step*
messages    1.9* ms a step at 1.25 GB/s, as --bandwidth says*" ""
run "$SETLAB" plan 3072 4000 10 --dense --ranks 2
expect "of a net that cannot be shared" 0 "*2 ranks     cannot share a batch of 100 samples of this net: it*" ""
if grep -q sanitize "$DIR/doctor"; then skip "bench ranks" "too slow with sanitizers"
else
  run timeout 200 "$SETLAB" bench ranks --repeats=1 --sgemm=16 --threads=2 --json
  expect "bench ranks" 0 '*"ranks": 2*' ""
  # A share of one process's speed, whatever it is: two ranks may be the faster ones.
  check "a row of ranks has its speed" test "$(printf '%s' "$out" | grep -o '"speed_of_one": [0-9.]*[1-9]' | wc -l)" -ge 2
fi

# What differs from rank to rank ends all of them, and does not make them wait.
cat >differs.lua <<'END'
local lab = require "lab"
if os.getenv "OMPI_COMM_WORLD_RANK" == "1" then error "only here" end
local data = lab.data.madelon { train = 400, test = 50, useless = 40 }
local net <close> = lab.mlp { 60, 40, 2, wiring = { lab.erdos_renyi { epsilon = 5 }, lab.dense {} }, seed = 1 }
for epoch in net:epochs(data.train, { epochs = 2, batch = 48, lr = 0.02, parallel = "synchronous" }) do end
END
began=$(date +%s)
run timeout 60 mpirun -n 2 "$SETLAB" run --threads=1 differs.lua
expect "ranks that part" 1 "*" "*setlab: rank 1 ended on its own:*only here*"
check "and soon" test $(($(date +%s) - began)) -lt 30
finish
