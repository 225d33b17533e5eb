#!/bin/sh
# Runs every test and prints what failed, what was skipped and why, and a last line
# "N passed, M failed, K skipped". Tests print TAP; whatever else they print is kept in
# $B/tests/logs. A test that dies, or ends before its plan is fulfilled, has failed.
#   B=DIR tests/run.sh [test ...]      names such as tests/test_cli.sh; default: all
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
export LSAN_OPTIONS ASAN_OPTIONS
limit=${TEST_TIMEOUT:-900}

if [ $# -eq 0 ]; then
  for source in tests/test_*.c; do
    [ -e "$source" ] && set -- "$@" "$B/${source%.c}"
  done
  for file in tests/test_*.lua tests/test_*.sh; do
    [ -e "$file" ] && set -- "$@" "$file"
  done
fi

passed=0 failed=0 skipped=0
for test in "$@"; do
  log=$logs/$(basename "$test").log
  case $test in
  *.lua) command="$B/setlab test-file" ;;
  *.sh)  command=sh ;;
  *)     command= ;;
  esac
  timeout -k 10 "$limit" $command "$test" </dev/null >"$log" 2>&1
  status=$?
  # Counts the lines of one file; prints its failures, then "= passed failed skipped".
  summary=$(awk -v name="$(basename "$test")" -v status="$status" '
    /^[0-9]+\.\.[0-9]+/ { split($0, p, /\.\./); plan += p[2] + 0; planned = 1; bad = 0; next }
    /^(not )?ok / && /# *[Ss][Kk][Ii][Pp]/ {
      skipped++; bad = 0; sub(/^(not )?ok *[0-9]*( *- *)?/, ""); print "skipped " name ": " $0; next }
    /^ok /     { passed++; bad = 0; next }
    /^not ok / { failed++; bad = 1; sub(/^not ok *[0-9]*( *- *)?/, ""); print "FAILED  " name ": " $0; next }
    bad && /^#/ { print "    " $0 }
    END {
      seen = passed + failed + skipped
      died = 1
      if (status == 124 || status == 137) { failed++; print "FAILED  " name ": took too long and was stopped" }
      else if (!planned) { failed++; print "FAILED  " name ": ended without a plan, status " status }
      else if (seen < plan) { failed++; print "FAILED  " name ": " seen " of " plan " tests ran, status " status }
      else if (status != 0 && !failed) { failed++; print "FAILED  " name ": status " status " although no test failed" }
      else died = 0
      print "= " passed + 0 " " failed + 0 " " skipped + 0 " " died
    }' "$log")
  printf '%s\n' "$summary" | sed '$d'
  counts=$(printf '%s\n' "$summary" | sed -n '$s/^= //p')
  read -r p f s died <<END
$counts
END
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if [ "$died" = 1 ]; then
    echo "    the end of $log:"
    tail -n 15 "$log" | sed 's/^/    | /'
  fi
done

last="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then last="$last, $skipped skipped"; fi
echo "$last" | tee "$logs/summary"
[ "$failed" -eq 0 ]
