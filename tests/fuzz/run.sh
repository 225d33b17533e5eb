#!/bin/sh
# tests/fuzz/run.sh SECONDS [TARGET ...]: libFuzzer looks at each reader for so long. Stops at the
# first input that crashes, leaks, takes $HANG seconds, or asks for 512 MB at once; prints how many inputs there
# were and what they covered. Inputs that found something new are kept for the next time.
cd "$(dirname "$0")/../.." || exit 1
seconds=${1:-600}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- bundle checkpoint cifar10 csv idx links npy npz yaml
B=${B:-build-fuzz}
work=$PWD/$B/work
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/setlab-fuzz.XXXXXX") || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM
# Leaks are looked for at every input that may have left something. A request that is refused is no crash.
export ASAN_OPTIONS="allocator_may_return_null=0:detect_leaks=1"
export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.supp:print_suppressions=0"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 SETLAB_MEMORY=1G
most() { case $1 in cifar10) echo 16384 ;; checkpoint) echo 16384 ;; *) echo 4096 ;; esac; }

status=0
for target in "$@"; do
  mkdir -p "$work/$target" "$work/found" || exit 1
  log=$work/$target.log
  dictionary=tests/fuzz/$target.dict
  "$B/tests/fuzz/fuzz" "$target" "$work/$target" "tests/fuzz/corpus/$target" \
    -max_total_time="$seconds" -max_len="$(most "$target")" -timeout="${HANG:-20}" -rss_limit_mb=2048 -malloc_limit_mb=512 \
    -print_final_stats=1 -artifact_prefix="$work/found/$target-" \
    $([ -e "$dictionary" ] && echo "-dict=$dictionary") >"$log" 2>&1 </dev/null
  ended=$?
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in ${seconds} s, $(grep -ao 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)" \
    "$([ $ended = 0 ] && echo "nothing found" || echo "FOUND, status $ended: see $log")"
  [ $ended = 0 ] || status=1
done
exit $status
