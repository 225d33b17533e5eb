# The thread sanitizer reports a race that was planted, and none where there is none: tests/race.c. Part of
# tests/tsan.sh, which sets the sanitizer up.
. tests/tap.sh
run $TEST_PREFIX "$B/tests/race" clean
expect "threads that share work as they should" 0 "*" ""
for kind in loop team; do
  run $TEST_PREFIX "$B/tests/race" $kind
  expect "a planted race: $kind" 66 "*" "*WARNING: ThreadSanitizer: data race*"
done
finish
