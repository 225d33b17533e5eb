# The page on CIFAR-10, woven from made-up images.
. tests/tap.sh
page=experiments/cifar10.lua

mkdir -p "$DIR/data/cifar-10-batches-bin"
"$SETLAB" test-file tests/fixtures/make_cifar.lua "$DIR/data/cifar-10-batches-bin" || fail "six files of images" "not made"
SETLAB_DATA=$DIR/data SETLAB_RUNS=$DIR/runs
export SETLAB_DATA SETLAB_RUNS
run "$SETLAB" report --smoke --progress=none -o "$DIR/html" "$page"
expect "the page is woven" 0 "$DIR/html/cifar10.html" "*"
check "it is complete" grep -q 'name="setlab:status" content="complete"' "$DIR/html/cifar10.html"
check "no sign of JPEG in noise" grep -q "no sign of JPEG" "$DIR/html/cifar10.html"
runs=$(ls "$DIR/runs")
check "three networks, two activations" test "$(printf '%s\n' "$runs" | grep -c '^[0-9a-f]*$')" = 6
run "$SETLAB" run --smoke --progress=none experiments/cifar10.lua
expect "a second time it says the same" 0 "*With ReLU, SET ends at *With SReLU, SET ends at *times the links*" "*"
check "and trains nothing" test "$runs" = "$(ls "$DIR/runs")"
check "degrees are judged against other laws and the untrained layers" test "$(printf '%s\n' "$out" |
  grep -c '^- \*\*S*ReLU: \(inputs, out\|classes, in\|hidden [1-3], [a-z]*\)\*\*, epoch 2: .* untrained layer ')" = 16
dense=$(grep -l "name: dense" "$DIR"/runs/*/run.yaml)
check "the dense network ran with each activation" test "$(printf '%s\n' "$dense" | grep -c .)" = 2
for file in $dense; do
  check "the seconds of the dense network are a matter of its folder's name" grep -q '^    seconds: [0-9]' "$file"
done
run "$SETLAB" run --smoke --progress=none experiments/cifar10.lua activations=relu seeds=2 augment=false
expect "other seeds, no augmentation" 0 "*none *±10°*" "*"
finish
