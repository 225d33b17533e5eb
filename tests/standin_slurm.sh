#!/bin/sh
# standin_slurm.sh -- sbatch, squeue and scontrol for tests, under whichever of these names it is called: as
# much of Slurm as a job array needs. All tasks of an array run at once. A time limit (--time=MM:SS or
# HH:MM:SS) is kept: first the signal of --signal=B:NAME@SECONDS, then TERM, then KILL. A task that asks to
# be requeued is ended, and starts again. With a file $STANDIN/by_hand the first notice comes when there is a
# file $STANDIN/notice, however busy the machine. STANDIN is a folder for what it remembers; one file a task,
# $STANDIN/<job>_<task>, for as long as it is queued or running.

# The value of an option in the #SBATCH lines of script $1: the last one counts.
option() { sed -n "s/^#SBATCH .*--$2=\"\{0,1\}\([^\" ]*\).*/\1/p" "$1" | tail -n 1; }

# HH:MM:SS as seconds; nothing for nothing.
seconds() { [ -n "$1" ] && echo "$1" | awk -F: '{ s = 0; for (i = 1; i <= NF; i++) s = 60 * s + $i; print s }'; }

# Sends what the time limit asks for to process $1, for as long as it lives. $2: limit, $3: name@seconds
keep_time() {
  [ -n "$2" ] || exit 0
  if [ -e "$STANDIN/by_hand" ]; then until [ -e "$STANDIN/notice" ]; do sleep 0.05; done; rm -f "$STANDIN/by_hand" "$STANDIN/notice"
  else sleep $(($2 - ${3#*@})); fi
  kill "-${3%@*}" "$1" 2>/dev/null || exit 0
  sleep "${3#*@}"; kill -TERM "$1" 2>/dev/null || exit 0
  sleep 2; kill -KILL "$1" 2>/dev/null
}

# One task, until it ends without having asked for more. $1: script, $2: job, $3: task
task() {
  SLURM_JOB_ID=$2$3 SLURM_ARRAY_JOB_ID=$2 SLURM_ARRAY_TASK_ID=$3 SLURM_CPUS_ON_NODE=1
  export SLURM_JOB_ID SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID SLURM_CPUS_ON_NODE
  output=$(option "$1" output | sed "s/%a/$3/; s/%%/%/g")
  signal=$(option "$1" signal)
  limit=$(seconds "$(option "$1" time)")
  cd "$(option "$1" chdir)" || exit 1
  while :; do
    sh "$1" >>"$output" 2>&1 </dev/null & pid=$!
    echo $pid >"$STANDIN/$2_$3"
    keep_time $pid "$limit" "${signal#B:}" & keeper=$!
    wait $pid
    echo "$? $SLURM_RESTART_COUNT" >>"$STANDIN/ends_$2_$3"
    kill $keeper 2>/dev/null
    [ -e "$STANDIN/requeue_$2_$3" ] || break
    rm "$STANDIN/requeue_$2_$3"
    SLURM_RESTART_COUNT=$((${SLURM_RESTART_COUNT:-0} + 1)); export SLURM_RESTART_COUNT
  done
  rm "$STANDIN/$2_$3"
}

case ${0##*/} in
sbatch)
  for script; do :; done
  job=$(($(cat "$STANDIN/last" 2>/dev/null || echo 0) + 1))
  echo $job >"$STANDIN/last"
  copy=$STANDIN/job_$job.sh
  cp "$script" "$copy"
  array=$(option "$copy" array)
  for n in $(seq "${array%-*}" "${array#*-}"); do
    : >"$STANDIN/${job}_$n"
    task "$copy" $job "$n" >/dev/null 2>&1 </dev/null &
  done
  echo $job ;;
squeue)
  for word; do case $word in --jobs=*) job=${word#--jobs=} ;; esac; done
  for file in "$STANDIN/${job}"_*; do [ -e "$file" ] && echo "${file##*/} R"; done
  exit 0 ;;
scontrol)
  [ "$1" = requeue ] && [ -s "$STANDIN/$2" ] || { echo "scontrol: error: Invalid job id specified" >&2; exit 1; }
  : >"$STANDIN/requeue_$2"
  kill -TERM "$(cat "$STANDIN/$2")" ;;
esac
