#!/bin/sh
# run_one.sh TEST: runs one test file for tests/run.sh. Leaves in $B/tests/logs NAME.log, all that it
# printed; NAME.report, what is worth reading; and last NAME.counts: passed, failed, skipped. A test that
# dies, or ends before its plan is fulfilled, has failed.
test=$1
name=$(basename "$test")
log=$B/tests/logs/$name.log
case $test in
*.lua) command="$B/setlab test-file" ;;
*.sh)  command=sh ;;
*)     command=$TEST_PREFIX ;;
esac

# Root reads and writes whatever it likes. Without these two capabilities permissions bind it as they
# bind anybody, and no test needs to be skipped; Slurm's daemons want to be root in full.
bound="setpriv --bounding-set=-dac_override,-dac_read_search"
case $(id -u):$test in
0:*slurm*) bound= ;;
0:*) $bound true 2>/dev/null || bound= ;;
*) bound= ;;
esac

begun=$(date +%s)
# The shell that becomes `timeout` leaves its number, so that run.sh can stop it.
sh -c 'echo $$ >"$0"; exec timeout -k 10 "$@"' "$B/tests/logs/$name.pid" "${TEST_TIMEOUT:-1800}" $bound $command "$test" </dev/null >"$log" 2>&1
status=$?
rm -f "$B/tests/logs/$name.pid"
echo "# $name: $(($(date +%s) - begun)) s" >>"$log"

# Prints failures and skips, then "= passed failed skipped died".
summary=$(awk -v name="$name" -v status="$status" '
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
{
  printf '%s\n' "$summary" | sed '$d'
  case $summary in
  *1)
    echo "    the end of $log:"
    tail -n 16 "$log" | sed 's/^/    | /' ;;
  esac
} >"$B/tests/logs/$name.report"
printf '%s\n' "$summary" | sed -n '$s/^= \(.*\) [01]$/\1/p' >"$B/tests/logs/$name.counts.new"
mv "$B/tests/logs/$name.counts.new" "$B/tests/logs/$name.counts"
