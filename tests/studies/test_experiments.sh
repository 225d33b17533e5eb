# Every experiment runs in its smoke profile, and a second time it trains nothing.
. tests/tap.sh
# The data are made up here, so that nothing waits for those that have to be fetched.
SETLAB_DATA=$DIR/data; export SETLAB_DATA
mkdir -p "$DIR/data/mnist" "$DIR/data/fashion-mnist" "$DIR/data/cifar-10-batches-bin"
"$SETLAB" test-file tests/fixtures/make_digits.lua "$DIR/data/mnist" && "$SETLAB" test-file tests/fixtures/make_digits.lua "$DIR/data/fashion-mnist" 60000 10000 &&
  "$SETLAB" test-file tests/fixtures/make_cifar.lua "$DIR/data/cifar-10-batches-bin" || fail "made-up data" "not made"
for script in experiments/*.lua; do
  run "$SETLAB" run --smoke --progress=none --runs="$DIR/runs" "$script"
  expect "$script" 0 "*" "*"
  first=$out
  runs=$(ls "$DIR/runs" 2>/dev/null)
  run "$SETLAB" run --smoke --progress=none --runs="$DIR/runs" "$script"
  check "$script again makes no other runs" test "$runs" = "$(ls "$DIR/runs" 2>/dev/null)"
  check "$script again says the same" test "$status:$first" = "0:$out"
  run "$SETLAB" report --smoke --progress=none --runs="$DIR/runs" -o "$DIR/pages" "$script"
  expect "$script as a page" 0 "*.html" "*"
done
finish
