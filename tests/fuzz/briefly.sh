# Some seconds of libFuzzer for each reader, from the seeds that are kept: FUZZ_SECONDS, 10 if not said.
. tests/tap.sh
for target in $(sed -n 's/^  { "\([a-z0-9]*\)", fuzz_.*/\1/p' tests/fuzz/fuzz.c); do
  check "$target: ${FUZZ_SECONDS:-10} s of made-up input" sh tests/fuzz/run.sh "${FUZZ_SECONDS:-10}" "$target"
done
finish
