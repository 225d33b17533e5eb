# Sweeps on more than one machine: `sweep --slurm` with a stand-in for Slurm (tests/fixtures/slurm_local.sh does the
# same with Slurm itself), `task`, and `farm`.
. tests/tap.sh
. tests/fixtures/cluster.sh
mkdir "$DIR/bin" "$DIR/none" "$DIR/standin"
for name in sbatch squeue scontrol; do cp tests/fixtures/standin_slurm.sh "$DIR/bin/$name"; done
STANDIN=$DIR/standin; export STANDIN
PATH=$DIR/bin:$PATH
cd "$DIR" || exit 1
write_study
unset SLURM_JOB_ID SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID SLURM_PROCID SLURM_NTASKS SLURM_CPUS_PER_TASK SLURM_CPUS_ON_NODE \
  PMI_RANK PMI_SIZE OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE PAUSE

# ---- an array ------------------------------------------------------------------------------

run sweep study.yaml --slurm --dry-run --run-time 5m --threads 3 --sbatch=--time=01:00:00 "--sbatch=--partition=x --mem=2G"
expect "a dry run prints the batch script" 0 "#!/bin/sh
#SBATCH --job-name=try
#SBATCH --array=1-3
#SBATCH --chdir=*
#SBATCH --output=/*/cluster/task-%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --cpus-per-task=3
#SBATCH --time=01:00:00
#SBATCH --partition=x --mem=2G
exec '*/setlab' task 'runs/*/plan.yaml' \"\$SLURM_ARRAY_TASK_ID\"" "*6 of 6 runs are left, in 3 tasks*"
check "and makes nothing" test ! -e runs
# The slow run, the third task's, is held in its first epoch until the other tasks are over; then comes the
# notice, and each further epoch takes a second.
: >"$STANDIN/by_hand"; : >"$DIR/slow"
only_the_third_is_left() { [ ! -e "$STANDIN/1_1" ] && [ ! -e "$STANDIN/1_2" ]; }
standin_notice() {
  until_true 300 only_the_third_is_left
  : >"$STANDIN/notice"
  sleep 1; rm "$DIR/slow"
}
scenario 00:10:00 120 "1; while [ -e '$DIR/slow' ]; do sleep 0.05; done" 300
check "the task that was requeued ended with status 75" sh -c "head -n 1 '$STANDIN'/ends_1_3 | grep -qE '^(75|143|130) '"
check "all ended well" sh -c "tail -q -n 1 '$STANDIN'/ends_1_* | awk '\$1 != 0 { exit 1 }'"

run sweep study.yaml --slurm --dry-run --runs other
expect "without a word of the time each run is a task" 0 "*--array=1-6*" "*in 6 tasks; how long a run takes is not known yet*"
run sweep study.yaml --slurm --dry-run --runs plain --only zeta=0.1
expect "runs of the same script tell, and those that are over need no task" 0 "*--array=1-1*" "*2 of 2 runs are left, in 1 task; a run takes about 0:0*, by the 6 of this script in plain"
run sweep study.lua zeta=0.1,0.2,0.3 --seeds 1,2,3 --metric accuracy --slurm --dry-run --runs plain --task-minutes 0
expect "--task-minutes" 0 "*--array=1-9*" "*9 of 9 runs are left, in 9 tasks*"

# ---- what fails ----------------------------------------------------------------------------

run sweep study.lua zeta=0.1,0.2 fail=0.2 --metric accuracy --runs fails --slurm --run-time 20m --threads 1
expect "runs that fail" 0 "2" "*in 2 tasks*"
check "are no reason to stay" until_true 300 is_over 2
check "their task ends with status 1" grep -q "^1 " "$STANDIN/ends_2_2"
check "the other with 0" grep -q "^0 " "$STANDIN/ends_2_1"
run sweep study.lua zeta=0.1,0.2 fail=0.2 --metric accuracy --runs fails --slurm
expect "they are told, and left" 1 "*1 *0.1 *done*0.2 *failed" "*no run is left*1 of 2 done (1 read back), 1 failed"
run sweep study.lua zeta=0.1,0.2 fail=0.2 --metric accuracy --runs fails --slurm --threads 1 --retry failed
expect "--retry failed submits what failed" 0 "3" "*1 of 2 runs are left, in 1 task; a run takes about *, by the 1 that is done*"
check "and only that" until_true 300 is_over 3
check "which fails again" grep -q "^1 " "$STANDIN/ends_3_1"
sed 's/checkpoint = .*/}) do/' study.lua >bare.lua
export PAUSE=3  # notice after 10 s, patience until 20 s, the limit at 30 s; the run would take 60 s
run sweep bare.lua zeta=0.3 --seeds 1 --metric accuracy --threads 1 --slurm --runs limits --sbatch=--time=00:00:30 --notice 20
expect "a run that saves nothing, and takes longer than its time" 0 "4" "*"
unset PAUSE
check "is over soon" until_true 300 is_over 4
check "for it is not requeued for ever" grep -q "no progress was saved: give a longer time limit" limits/sweeps/*/cluster/task-1.log

# A task that is killed where it stands: the rest is submitted by the same command.
export PAUSE=3
run sweep study.yaml --slurm --runs struck --run-time 5m --threads 1
until_true 300 has_come_to struck 2
kill -9 "$(cat "$STANDIN/5_3")"
check "a killed array is over some time" until_true 300 is_over 5
unset PAUSE
run sweep study.yaml --slurm --runs struck --threads 1
expect "what a killed task left is submitted again" 0 "6" "try: 2 of 6 runs are left, in 1 task; a run takes about *, by the 4 that are done*"
check "and carried out" until_true 300 is_over 6
run sweep study.yaml --slurm --runs struck
expect "to the same table" 0 "$table" "*no run is left*try: 6 of 6 done (6 read back)"

run env PATH="$DIR/none" "$SETLAB" sweep study.yaml --slurm --runs nowhere
expect "without sbatch" 1 "" "*nothing is submitted: sbatch cannot be run*"
cat >"$DIR/none/sbatch" <<'END'
#!/bin/sh
echo "sbatch: error: invalid partition specified: x" >&2
exit 1
END
chmod +x "$DIR/none/sbatch"
run env PATH="$DIR/none:/bin:/usr/bin" "$SETLAB" sweep study.yaml --slurm --runs nowhere --sbatch=--partition=x
expect "what sbatch says is told" 1 "" "*nothing is submitted: sbatch: sbatch: error: invalid partition specified: x"
run sweep study.lua zeta=0.1,0.2 --metric accuracy --stop median:2 --slurm
expect "early stopping is for one machine" 2 "" "--stop: the rule 'median' compares runs that are under way*"
run sweep study.yaml --sbatch=--time=1
expect "--sbatch alone" 2 "" "*--sbatch is for --slurm*"
run sweep study.yaml --slurm --sbatch=time=1
expect "what is no option" 2 "" "*--sbatch takes an option of sbatch's*'time=1'*"
run sweep study.yaml --slurm --run-time soon
expect "a time that is none" 2 "" "--run-time: a time such as 2h, 30m or 90s is expected, not the text 'soon'"

# ---- a task by itself ----------------------------------------------------------------------

run sweep study.yaml --plan --runs tasks --run-time 5m --threads 1
expect "--plan prints the plan's path" 0 "tasks/sweeps/*/cluster/plan.yaml" "*6 of 6 runs are left, in 3 tasks*"
plan=$out
task() { "$SETLAB" task --progress=lines "$@"; }
run task "$plan" 2
expect "a task carries out its runs" 0 "" "*\"try task 2\" trial=2 seed=1*finished=1 of=2*try task 2: 2 of 2 done"
before=$(started)
run task "$plan" 2
expect "those that are over are left alone" 0 "" "try task 2: 2 of 2 done (2 read back)"
check "and not even started" [ "$(started)" = "$before" ]
task "$plan" 1 >one 2>&1 </dev/null & pid=$!
run task "$plan" 1
wait $pid
check "two processes with the same task do not get in each other's way" [ "$(($(started) - before))" = 2 ]
expect "both see its end" 0 "" "*try task 1: 2 of 2 done (*"

export PAUSE=2
"$SETLAB" task --progress=lines "$plan" 3 >/dev/null 2>killed </dev/null & pid=$!
until_true 300 has_come_to tasks 2
kill -USR1 $pid; wait $pid; status=$? out= err=$(cat killed)
expect "SIGUSR1 is a notice" 75 "" "*status=paused epoch=*2 runs are not finished; the same task continues them"
before=$(epochs_of tasks)
"$SETLAB" task --progress=lines "$plan" 3 >/dev/null 2>killed </dev/null & pid=$!
until_true 300 has_come_to tasks $((before + 2))
kill -TERM $pid; wait $pid; status=$? out= err=$(cat killed)
expect "SIGTERM is an end" 130 "" "*setlab: interrupted"
unset PAUSE
run task "$plan" 3
expect "and both can be gone on from" 0 "" "*try task 3: 2 of 2 done"
metrics plain >a; metrics tasks >b
check "to the same numbers" cmp a b

# ---- a farm --------------------------------------------------------------------------------

farm() { "$SETLAB" farm --progress=lines "$@"; }
run sweep study.yaml --plan --runs farm --run-time 5m --threads 1
plan=$out
before=$(started)
for rank in 0 1 2; do
  OMPI_COMM_WORLD_RANK=$rank OMPI_COMM_WORLD_SIZE=3 "$SETLAB" farm --progress=lines "$plan" >/dev/null 2>rank$rank </dev/null & eval "pid$rank=\$!"
done
status=0
for pid in $pid0 $pid1 $pid2; do wait "$pid" || status=$?; done
out= err=$(cat rank0 rank1 rank2)
expect "the ranks of a farm share the runs" 0 "" "*try rank 0 of 3: 6 of 6 done*try rank 1 of 3: 6 of 6 done*try rank 2 of 3: 6 of 6 done*"
check "each is made once" [ "$(($(started) - before))" = 6 ]
check "by all of them" [ "$(grep -l 'status=done' rank0 rank1 rank2 | wc -l)" = 3 ]
metrics farm >b
check "to the same numbers" cmp a b
run farm "$plan"
expect "a farm of one, and nothing to do" 0 "" "try: 6 of 6 done (6 read back)"
run sweep study.yaml --runs farm
expect "the sweep reads it back" 0 "$table" "try: 6 of 6 done (6 read back)"
run sweep study.yaml --runs farm --plan
expect "a plan of nothing" 0 "" "try: no run is left, and nothing is planned"

# One rank is killed, the other takes over what it had.
run sweep study.yaml --plan --runs farm2 --run-time 5m --threads 1
plan=$out
export PAUSE=1
PMI_RANK=1 PMI_SIZE=2 "$SETLAB" farm --progress=lines "$plan" >/dev/null 2>rank1 </dev/null & pid1=$!
PMI_RANK=0 PMI_SIZE=2 "$SETLAB" farm --progress=lines "$plan" >/dev/null 2>rank0 </dev/null & pid0=$!
until_true 300 has_come_to farm2 2
holder=$(sed -n 's/^pid \([0-9]*\) .*/\1/p' "$(dirname "$plan")/units/3-1.lock")
kill -9 "$holder"
failed_ranks=0
for pid in $pid0 $pid1; do wait "$pid" || failed_ranks=$((failed_ranks + 1)); done
unset PAUSE
check "one rank died" [ $failed_ranks = 1 ]
run sweep study.yaml --runs farm2
expect "the other one finished its work" 0 "$table" "try: 6 of 6 done (6 read back)"
metrics farm2 >b
check "to the same numbers again" cmp a b

if command -v mpirun >/dev/null 2>&1; then
  run sweep study.yaml --plan --runs mpi --run-time 5m --threads 1
  run env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 timeout 120 mpirun -n 3 "$SETLAB" farm --progress=lines "$out"
  expect "mpirun setlab farm" 0 "" "*try rank * of 3: 6 of 6 done*"
  metrics mpi >b
  check "gives the same numbers" cmp a b
else skip "mpirun setlab farm" "mpirun is not here; make test-all brings it"; fi

# ---- plans that are none -------------------------------------------------------------------

run task; expect "a task of nothing" 2 "" "setlab task: a plan and the number of a task are expected*"
run farm; expect "a farm of nothing" 2 "" "setlab farm: one plan is expected*"
run task missing.yaml 1; expect "a missing plan" 2 "" "missing.yaml: there is no plan of tasks to read: *"
run task . 1; expect "a directory" 2 "" ".: a YAML file is expected, but this is a directory"
for n in 0 4 x 1.5 -- -1; do
  [ $n = -- ] && continue
  if [ $n = -1 ]; then run task -- "$plan" $n; else run task "$plan" $n; fi
  expect "no task $n" 2 "" "$plan:*: there is no task '$n'; a number from 1 to 3 is expected"
done
# wrong NAME SED PATTERN: the plan with one thing changed.
wrong() {
  sed "$2" "$plan" >wrong.yaml
  run task wrong.yaml 1
  expect "$1" 2 "" "$3"
  run farm wrong.yaml
  expect "$1, farm" 2 "" "$3"
}
: >empty.yaml
run task empty.yaml 1; expect "an empty plan" 2 "" "empty.yaml:1:1: the file is empty"
wrong "another format" 's/^format: 1/format: 2/' "wrong.yaml:*:*: the format of this plan is 2, this program reads 1*"
wrong "no format" '/^format/d' "wrong.yaml:*: a plan of tasks, * is expected; the key 'format' is missing"
wrong "no tasks" '/^tasks/,$d' "wrong.yaml:*: a plan of tasks, * is expected; the key 'tasks' is missing"
wrong "cut in the middle" '$s/, set.*//' "wrong.yaml:*"
wrong "a list" '1,$s/.*/- x/' "wrong.yaml:1:1: a plan of tasks, * is expected, not a list"
wrong "an unknown key" 's/^runs:/run:/' "wrong.yaml:*: unknown key 'run'*'runs'*"
wrong "a key that is missing" '/^runs:/d' "wrong.yaml:*: the key 'runs' is missing"
wrong "another script" 's/^script_hash: .*/script_hash: abcd/' "wrong.yaml:*: study.lua has changed since this plan was made*"
wrong "no script" 's/^script: .*/script: absent.lua/' "wrong.yaml:*: there is no script 'absent.lua' here; the plan was made in *"
wrong "no folder" 's/^folder: .*/folder: elsewhere/' "wrong.yaml:*: there is no folder 'elsewhere/units' here; the plan was made in *"
wrong "no word" 's/zeta=0.1/zeta/' "wrong.yaml:*: a word name=value is expected, not the text 'zeta'"
wrong "no trial" 's/trial: 1, //' "wrong.yaml:*: the key 'trial' of this run is missing"
wrong "a trial that is none" 's/trial: 2/trial: two/' "wrong.yaml:*: the number of a trial is expected, not the text 'two'"
wrong "a run that stands twice" 's/trial: 3/trial: 2/' "wrong.yaml:*: trial 2 seed * occurs here for the second time (first at wrong.yaml:*)"
wrong "tasks out of order" 's/^  2:/  7:/' "wrong.yaml:*: task 2 is expected here, not '7'"
wrong "a task of nothing" 's/^  2:/  2: []\n  3:/' "wrong.yaml:*"
wrong "workers" 's/^workers: .*/workers: none/' "wrong.yaml:*: a number of runs at a time is expected, not the text 'none'"
printf 'format: 1\ntasks: \377\n' >bytes.yaml
run task bytes.yaml 1; expect "no UTF-8" 2 "" "bytes.yaml:2:*: this is not UTF-8*"
finish
