# cluster.sh -- a sweep shared out among the tasks of a job array, for whatever answers to the names sbatch,
# squeue and scontrol: Slurm itself (tests/slurm_local.sh) or a stand-in (tests/test_cluster.sh).
#   . tests/tap.sh; . tests/cluster.sh; cd "$DIR"; write_study; scenario TIME NOTICE PAUSE SECONDS

# Six short runs. With PAUSE in the environment one of them takes its time. Only its shell asks for it: what a
# run function asks for itself decides its result.
write_study() {
  cat >study.lua <<'LUA'
local lab = require "lab"
local P = lab.params { zeta = 0.3, epochs = 20, fail = 9.0, seed = 1 }
local data = lab.data.madelon { informative = 3, redundant = 3, useless = 44, train = 400, test = 100, seed = 1 }
local calls = io.open("calls", "a")
calls:write("x\n")
calls:close()
lab.runs { "study", seed = P.seed, run = function(run, seed)
  if P.zeta >= P.fail then error "this one fails" end
  local net <close> = lab.mlp { 50, 60, 30, 2, dropout = 0.2, wiring = lab.erdos_renyi { epsilon = 6 }, seed = seed }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 20, lr = 0.02, momentum = 0.9, evolve = lab.set { zeta = P.zeta },
      checkpoint = { run = run, every = 1000 } }) do  -- no other checkpoint than that of a notice
    if P.zeta == 0.3 and seed == 1 then io.popen("sleep ${PAUSE:-0}", "w"):close() end  -- os.execute would miss Ctrl-C
    run:log { epoch = epoch.n, accuracy = net:accuracy(data.test), loss = epoch.loss, z_seconds = epoch.total_seconds }
  end
  net:save(run.path .. "/final.npz")
end }
LUA
  cat >study.yaml <<'YAML'
sweep: try
script: study.lua
objective: {metric: accuracy}
seeds: [1, 2]
params:
  zeta: [0.1, 0.2, 0.3]
YAML
}

sweep() { "$SETLAB" sweep --progress=lines "$@"; }
started() { wc -l <calls; }
# Metrics but for the seconds, of all runs of a folder of runs.
metrics() { for file in "$1"/*/metrics.csv; do echo "${file#"$1"}"; cut -d, -f1-3 "$file"; done; }
# The epochs that the slow run has logged; $1: the folder of runs.
epochs_of() {
  key=$(sed -n 's/^key: "*\([0-9a-f]*\)"*$/\1/p' "$1"/sweeps/*/cluster/units/3-1.yaml 2>/dev/null)
  [ -n "$key" ] && tail -n +2 "$1/$key/metrics.csv" 2>/dev/null | wc -l || echo 0
}
has_come_to() { [ "$(epochs_of "$1")" -ge "$2" ]; }
is_over() { [ -z "$(squeue --noheader --jobs="$1" 2>/dev/null)" ]; }

# Three tasks of two runs; the third meets its time limit, is requeued, and goes on.
#   scenario TIME NOTICE PAUSE SECONDS: --time, --notice, seconds an epoch of the slow run takes, and seconds
#   until all must be over
scenario() {
  run sweep study.yaml --workers 1 --threads 1 --runs plain
  expect "the sweep without Slurm" 0 "*3 *2  done" "*6 of 6 done"
  table=$out
  PAUSE=$3; export PAUSE
  run sweep study.yaml --slurm --runs array --threads 1 --run-time 5m --notice "$2" "--sbatch=--time=$1"
  expect "a job array is submitted" 0 "[0-9]*" "try: 6 of 6 runs are left, in 3 tasks; a run takes about 5:00*
try: submitted as job *"
  job=$out
  run sweep study.yaml --slurm --runs array
  expect "nothing twice while it is there" 0 "" "*job $job is still at it*nothing else is submitted*"
  if [ -n "$STANDIN" ]; then standin_notice; fi
  check "it comes to its end" until_true "$4" is_over "$job"
  logs=$(echo array/sweeps/*/cluster)
  check "the third task was told of its time limit" grep -q "try task 3: the time is nearly over; 2 runs are not at their end; the task goes back into the queue" "$logs/task-3.log"
  check "its run was saved on the way" grep -q "status=paused epoch=[1-9]" "$logs/task-3.log"
  check "and went on from there" grep -q "^continued: " array/*/meta.yaml
  check "the others were not disturbed" sh -c "! grep -q nearly '$logs/task-1.log' '$logs/task-2.log'"
  unset PAUSE
  before=$(started)
  run sweep study.yaml --slurm --runs array
  expect "nothing is left; the table is that without Slurm" 0 "$table" "try: no run is left, and nothing is submitted
try: 6 of 6 done (6 read back)"
  run sweep study.yaml --runs array
  expect "and without --slurm" 0 "$table" "try: 6 of 6 done (6 read back)"
  check "for which nothing was started" [ "$(started)" = "$before" ]
  metrics plain >a; metrics array >b
  check "the same numbers" cmp a b
  for key in $(ls plain | grep -v sweeps); do
    check "$key/final.npz is the same" cmp "plain/$key/final.npz" "array/$key/final.npz"
  done
}
