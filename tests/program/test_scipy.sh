# What SciPy computes and we compute, compared while the test runs: fits of degrees, and images turned and moved.
. tests/tap.sh
python=$(python_with numpy scipy.optimize scipy.ndimage)
[ -n "$python" ] || { skip "SciPy's fits and images" "there is no Python with NumPy and SciPy; make test-all brings them"; finish; }

# near NAME TOLERANCE: of our value and SciPy's, by their share.
near() {
  ours=$(printf '%s\n' "$out" | sed -n "s/.*\"$1\": \([^,}]*\).*/\1/p") theirs=$(sed -n "s/^$1=//p" "$DIR/scipy.txt")
  check "$said: $1 is $theirs" awk -v a="$ours" -v b="$theirs" -v t="$2" 'BEGIN {
    d = a - b; if (b < 0) b = -b; t = t * b + 1e-6; exit !(a != "" && a != "null" && d <= t && -d <= t) }'
}
# fit NAME AWK: numbers that awk makes up.
fit() {
  said=$1
  awk "$2" >"$DIR/values.txt"
  "$python" tests/fixtures/scipy_fits.py "$DIR/values.txt" >"$DIR/scipy.txt" 2>"$DIR/err" || { fail "$said: SciPy's fit" "$(cat "$DIR/err")"; return; }
  run "$SETLAB" degrees --json --bootstrap=0 "$DIR/values.txt"
  for name in n xmin n_tail; do near $name 0; done
  near alpha 1e-5; near L 1e-6; near D 1e-3
  near exponential_normalised 1e-4; near poisson_normalised 1e-4; near cutoff_R 1e-3
}
fit "a power law" 'BEGIN {
  for (i = 1; i <= 1500; i++) { u = (i * 0.6180339887498949) % 1; x = int(0.5 + 5.5 * (1 - u) ^ (-1 / 1.4)); print x < 2000 ? x : 2000 }
  for (i = 1; i <= 1000; i++) print i % 6 }'
fit "a geometric law" 'BEGIN { for (i = 1; i <= 800; i++) { u = (i * 0.6180339887498949) % 1; print int(log(1 - u) / log(0.8)) } }'
fit "a steep law with a few large values" 'BEGIN {
  for (i = 1; i <= 300; i++) { u = (i * 0.7548776662466927) % 1; print int(0.5 + 2.5 * (1 - u) ^ (-1 / 2.3)) }
  for (i = 1; i <= 4; i++) print 100 * i }'

"$python" tests/fixtures/scipy_images.py 60 >"$DIR/images.txt" 2>"$DIR/err" || fail "SciPy's images" "$(cat "$DIR/err")"
run "$B/tests/golden/golden" "$DIR/images.txt"
expect "images that SciPy turned, moved and flipped" 0 "60 passed, 0 failed" ""
finish
