# The page of input connectivity on made-up digits in MNIST's format, and a report without the data.
. tests/tap.sh
script=$PWD/experiments/mnist_inputs.lua

mkdir -p "$DIR/data/mnist" "$DIR/empty"
run "$SETLAB" test-file tests/fixtures/make_digits.lua "$DIR/data/mnist"
expect "made-up digits" 0 "" ""
cd "$DIR/empty" || exit 1
page=$DIR/html/mnist_inputs.html
report() { run env SETLAB_DATA="$1" "$SETLAB" report --smoke --progress=none --runs="$DIR/runs" -o "$DIR/html" "$script" $2; }

report "$DIR/data"
expect "the page is woven" 0 "$page" "*"
check "its runs are done" grep -q 'name="setlab:status" content="complete"' "$page"
for label in fig-accuracy fig-film fig-maps fig-border fig-statistics tbl-correlation fig-correlation fig-chosen fig-selection tbl-selection; do
  check "$label is there" grep -q "<figure[^>]* id=\"$label\"" "$page"
done
check "the film has its slider" grep -q '<input type="range" min="1" max="4" value="4"' "$page"
check "the rule of two standard errors is applied" grep -q '<em>SET, strength</em> against <em>variance</em>: .* standard errors: ' "$page"
check "pixels that never change are counted" grep -q '624 pixels are the same in all 300 training images' "$page"
runs=$(ls "$DIR/runs")
report "$DIR/data"
check "again: nothing is trained" test "$status:$runs" = "0:$(ls "$DIR/runs")"
report "$DIR/data" seeds=1
expect "one seed" 0 "*" "*"
check "one seed has no standard error" grep -q 'one seed alone has no standard error' "$page"

if [ -e /usr/share/datasets/mnist ]; then skip "no data" "MNIST is in /usr/share/datasets"; finish; fi
report "$DIR/none"
expect "no data: a failure" 1 "*" "*mnist_inputs.lua:*MNIST is not here; looked for $DIR/none/mnist, *make data*"
report "$DIR/none" --skip-missing-data
expect "no data, but that was foreseen" 0 "$page" "setlab: *mnist_inputs.lua waits for its data: *make data*"
check "the page says what to do" grep -q 'The data are not here.*make data' "$page"
check "so does the index" grep -q 'waits for its data' "$DIR/html/index.html"
finish
