# A sweep that is killed with -9 again and again: its parent, one of its children, or all at once, at
# any moment. The same command goes on each time, and in the end all is as if nothing had been.
#   KILLS=50 SEED=7   how many kills (make test-kill takes 50), and at which moments
. tests/tap.sh
KILLS=${KILLS:-5} SEED=${SEED:-$$}
echo "# KILLS=$KILLS SEED=$SEED"

cat >"$DIR/study.lua" <<'LUA'
local lab = require "lab"
local P = lab.params { zeta = 0.3, epochs = 12, seed = 1 }
local data = lab.data.madelon { informative = 3, redundant = 3, useless = 44, train = 400, test = 100, seed = 1 }
lab.runs { "study", seed = P.seed, run = function(run, seed)
  local net <close> = lab.mlp { 50, 60, 30, 2, dropout = 0.2, wiring = lab.erdos_renyi { epsilon = 6 }, seed = seed }
  run:record("degrees", { epoch = 0 }, net:degrees(1, "in"))
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 20, lr = 0.02, momentum = 0.9, evolve = lab.set { zeta = P.zeta },
      checkpoint = { run = run, every = 1 } }) do
    local done = io.open("epochs", "a")  -- every epoch that anybody trains
    done:write(run.key, " ", epoch.n, "\n")
    done:close()
    run:log { epoch = epoch.n, accuracy = net:accuracy(data.test), loss = epoch.loss, z_seconds = epoch.total_seconds }
    if epoch.n % 5 == 0 then run:record("degrees", { epoch = epoch.n }, net:degrees(1, "in")) end
  end
  net:save(run.path .. "/final.npz")
end }
LUA
cd "$DIR" || exit 1
plain="study.lua zeta=0.1,0.2,0.3 --seeds 2 --metric accuracy --workers 2"
halving="study.lua zeta=0.1,0.2,0.3,0.4 --seeds 1 --metric accuracy --workers 2 --stop halving:3:12:2"

# random N: a whole number below N, the next of SEED's.
draws=0
random() {
  draws=$((draws + 1))
  value=$(awk -v seed=$((SEED * 1000 + draws)) -v n="$1" 'BEGIN { srand(seed); rand(); printf "%d", rand() * n }')
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }
children() { processes_with "trial=$1/sweeps"; }
no_children() { [ -z "$(children "$1")" ]; }
# What the runs of a folder of runs say, but for seconds; and the ledger, where a later row counts.
metrics() { for file in "$1"/*/metrics.csv; do echo "${file#"$1"}"; cut -d, -f1-3 "$file"; done; }
ledger() { cut -d, -f1-4,7,8 "$1"/sweeps/*/ledger.csv | awk -F, '{ row[$1 "," $2] = $0 } END { for (job in row) print row[job] }' | sort; }
# Names of all files: nothing is missing, and nothing temporary stays.
names() { (cd "$1" && find . | LC_ALL=C sort); }
finished() { stat -c '%n %i %y' "$1"/*/result.yaml 2>/dev/null; }
again() { [ "$(wc -l <epochs)" -le $(($1 + 4 * ($2 + 1))) ]; }

# undisturbed NAME WORDS: how it should be, and how long that takes.
undisturbed() {
  name=$1; shift
  : >epochs
  begun=$(milliseconds)
  run "$SETLAB" sweep --progress=none --runs "$name" "$@"
  eval "lasts_$name=$(($(milliseconds) - begun)) trained_$name=$(wc -l <epochs)"
  cp run.out "$name.out"
  expect "undisturbed: $name" 0 "*done*" ""
  metrics "$name" >"$name.metrics"; ledger "$name" >"$name.ledger"; names "$name" >"$name.names"
}

# kill_one KIND RUNS: kills the parent, all, or a child.
kill_one() {
  some=$(children "$2")
  case $1 in
  parent) kill -9 "$pid" ;;
  all) kill -9 "$pid" $some ;;
  child)
    [ -n "$some" ] || return 1
    random "$(echo "$some" | wc -l)"
    kill -9 "$(echo "$some" | sed -n "$((value + 1))p")" ;;
  esac 2>/dev/null
}

# disturbed WHOLE RUNS WORDS: one sweep, killed until it ends or has been killed KILLS times in all.
kills=0 parents=0 childs=0 alls=0 rounds=0
disturbed() {
  whole=$1 runs=$2; shift 2
  eval "lasts=\$lasts_$whole trained=\$trained_$whole"
  : >epochs; : >finished; here=0
  while [ $kills -lt "$KILLS" ]; do
    "$SETLAB" sweep --progress=none --runs "$runs" "$@" >out 2>err </dev/null & pid=$!
    had_child=
    while :; do
      random $((lasts * 2 / 3))
      sleep "$(printf '%d.%03d' $((value / 1000)) $((value % 1000)))"
      if ! kill -0 $pid 2>/dev/null; then lasts=$((lasts * 2 / 3 + 30)); break; fi  # too late: the machine is quicker than it was
      random 3
      # Who loses the process of a run twice takes the run for faulty: one child a start.
      case $value$had_child in 0*) kind=parent ;; 1) kind=child had_child=yes ;; *) kind=all ;; esac
      kill_one $kind "$runs" || continue
      kills=$((kills + 1)) here=$((here + 1))
      case $kind in parent) parents=$((parents + 1)) ;; child) childs=$((childs + 1)) ;; all) alls=$((alls + 1)) ;; esac
      [ $kind = child ] || break
      [ $kills -lt "$KILLS" ] || break
    done
    wait $pid 2>/dev/null && break
    finished "$runs" >>finished
  done
  eval "lasts_$whole=\$lasts"
  run "$SETLAB" sweep --progress=none --runs "$runs" "$@"
  said="$runs, killed $here times"
  expect "$said: the same table" 0 "$(cat "$whole.out")" "*"
  check "$said: no process is left" until_true 300 no_children "$runs"
  metrics "$runs" >metrics; ledger "$runs" >ledger; names "$runs" >names
  check "$said: the same metrics" diff "$whole.metrics" metrics
  check "$said: the same ledger" diff "$whole.ledger" ledger
  check "$said: the same files, and no others" diff "$whole.names" names
  for file in $(cd "$whole" && ls ./*/final.npz ./*/degrees.csv ./*/run.yaml ./*/script.lua ./sweeps/*/decisions.csv 2>/dev/null); do
    cmp "$whole/$file" "$runs/$file" || echo "$file differs"
  done >differ 2>&1
  check "$said: the same bytes" diff /dev/null differ
  check "$said: checksums fit" "$SETLAB" runs --verify --runs "$runs"
  finished "$runs" >last
  check "$said: what was finished stays as it was" sh -c '! grep -vxF -f last finished'
  check "$said: only what no checkpoint held is trained again" again "$trained" $here
  before=$(wc -l <epochs)
  run "$SETLAB" sweep --progress=none --runs "$runs" "$@"
  check "$said: all is known now" [ "$(wc -l <epochs)" = "$before" ]
}

undisturbed plain $plain
undisturbed halving $halving
begun=$(milliseconds)
while [ $kills -lt "$KILLS" ]; do
  rounds=$((rounds + 1))
  if [ $((rounds % 3)) -eq 0 ]; then disturbed halving killed$rounds $halving; else disturbed plain killed$rounds $plain; fi
done
# Killed between writing and renaming: a moment too short to be met by chance.
folder=$(echo plain/sweeps/*)
touch "$folder/ledger.csv.tmp99" "$folder/units/1-1.yaml.new"
run "$SETLAB" sweep --progress=none --runs plain $plain
names plain >names
check "what was left half written goes" diff plain.names names
# Killed when the last run had ended, and before that was written.
folder=$(echo plain/sweeps/*)
awk -F, -v OFS=, '$3 == "done" { $3 = "paused"; $4 = 9 } { print }' "$folder/ledger.csv" >ledger.new && mv ledger.new "$folder/ledger.csv"
run "$SETLAB" sweep --progress=none --runs plain $plain
expect "what had ended is read, without early stopping" 0 "$(cat plain.out)" "*"
ledger plain >ledger
check "and written as it ended" diff plain.ledger ledger
folder=$(echo halving/sweeps/*)
cp "$folder/decisions.csv" decisions
awk -F, -v OFS=, '$3 == "done" { $3 = "paused"; $4 = 6 } { print }' "$folder/ledger.csv" >ledger.new && mv ledger.new "$folder/ledger.csv"
rm "$folder/decisions.csv"
before=$(wc -l <epochs)
run "$SETLAB" sweep --progress=none --runs halving $halving
expect "what had ended is read" 0 "$(cat halving.out)" "*"
ledger halving >ledger
check "and written" diff halving.ledger ledger
check "with the decisions" cmp decisions "$folder/decisions.csv"
check "without training" [ "$(wc -l <epochs)" = "$before" ]
check "$kills kills" [ $kills -eq "$KILLS" ]
echo "# $kills kills ($parents of the parent, $childs of a child, $alls of all at once) over $rounds sweeps, $((($(milliseconds) - begun) / 1000)) s"
finish
