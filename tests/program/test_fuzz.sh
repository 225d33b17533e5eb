# The inputs that are kept for the fuzzer, read once: its seeds, and whatever it has found.
. tests/tap.sh

TMPDIR=$DIR; export TMPDIR
OMP_NUM_THREADS=1; export OMP_NUM_THREADS
for folder in tests/fuzz/corpus/*; do
  target=$(basename "$folder")
  check "$target: $(ls "$folder" | wc -l) kept inputs" "$B/tests/fuzz/fuzz" "$target" "$folder"/*
done
run "$B/tests/fuzz/fuzz" nothing tests/fuzz/corpus/csv/numbers
expect "a target must be known" 2 "" "usage:*"
for target in $(sed -n 's/^  { "\([a-z0-9]*\)", fuzz_.*/\1/p' tests/fuzz/fuzz.c); do
  check "$target has seeds" test -d "tests/fuzz/corpus/$target"
done
finish
