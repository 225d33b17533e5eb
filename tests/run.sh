#!/bin/sh
# Runs test files side by side, one on each processor, and prints what failed, what was skipped and
# why, file by file in a fixed order, and a last line "N passed, M failed, K skipped".
#   B=DIR TEST_JOBS=N tests/run.sh [test ...]      names such as tests/program/test_cli.sh; default: all,
#   with SLURM=yes also tests/fixtures/slurm_local.sh
# Tests print TAP; whatever else they print is kept in $B/tests/logs (tests/run_one.sh).
B=${B:-build}
export B
cd "$(dirname "$0")/.." || exit 1
logs=$B/tests/logs
rm -rf "$logs"
mkdir -p "$logs" || exit 1
unset SETLAB_RUNS SETLAB_DEBUG MAKEFLAGS MAKELEVEL MFLAGS
LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$PWD/tests/leaks.supp:print_suppressions=0}
# Too large a request is answered as on any machine: with NULL.
ASAN_OPTIONS=${ASAN_OPTIONS:-allocator_may_return_null=1}
# Several tests share the processors: a thread that waits sleeps.
OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
export LSAN_OPTIONS ASAN_OPTIONS OMP_WAIT_POLICY

# Every test file below tests/, by its name; C tests as the programs that make built of them.
if [ $# -eq 0 ]; then
  for file in $(find tests -name 'test_*.c' | LC_ALL=C sort); do set -- "$@" "$B/${file%.c}"; done
  for file in $(find tests -name 'test_*.lua' -o -name 'test_*.sh' | LC_ALL=C sort); do set -- "$@" "$file"; done
  [ -z "$SLURM" ] || set -- "$@" tests/fixtures/slurm_local.sh
fi
jobs=${TEST_JOBS:-$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)}

# Those that take longest begin; scripts come next, since they mostly do.
queue() {
  for test in "$@"; do
    case $test in
    *slurm_local.sh) echo "1 $test" ;;
    *test_kill*.sh | *test_sweep.sh | *test_cluster.sh | *test_prompt.sh) echo "2 $test" ;;
    *.sh) echo "3 $test" ;;
    *) echo "4 $test" ;;
    esac
  done | sort -s -k 1,1 | cut -d ' ' -f 2-
}

# Prints the report of each file as soon as all before it are printed.
print_reports() {
  for test in "$@"; do
    name=$logs/$(basename "$test")
    until [ -e "$name.counts" ] || [ -e "$logs/over" ]; do sleep 0.1; done
    if [ -e "$name.counts" ]; then cat "$name.report"
    else echo "FAILED  ${test##*/}: was not run"; echo "0 1 0" >"$name.counts"; fi
  done
}

stop() {  # Ctrl-C: `timeout` passes the signal on to each test
  kill $printer $(cat "$logs"/*.pid 2>/dev/null) 2>/dev/null
  exit 130
}
trap stop HUP INT TERM
print_reports "$@" & printer=$!
queue "$@" | xargs -P "$jobs" -n 1 sh tests/run_one.sh
: >"$logs/over"
wait $printer
. tests/counts.sh
total "$logs"/*.counts >"$logs/summary"
cat "$logs/summary"
grep -q ' 0 failed' "$logs/summary"
