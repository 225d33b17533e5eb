# counts.sh -- total FILE...: lines of "passed failed skipped" as the sentence that ends each run of tests.
total() {
  awk '{ passed += $1; failed += $2; skipped += $3 } END {
    printf "%d passed, %d failed", passed, failed
    if (skipped) printf ", %d skipped", skipped
    print "" }' "$@"
}
