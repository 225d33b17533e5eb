. tests/tap.sh

# A value of the JSON line in $out.
value() { printf '%s\n' "$out" | sed -n "s/.*\"$1\": \([^,}]*\).*/\1/p"; }
# near NAME GOT WANT TOLERANCE
near() {
  if awk -v a="$2" -v b="$3" -v t="$4" 'BEGIN { d = a - b; exit !(a != "" && a != "null" && d <= t && -d <= t) }'
  then passed "$1"; else fail "$1" "got $2, want $3 within $4"; fi
}
# A power law of exponent 2.4 from 6 on, over as many small values. What it should be is from SciPy
# (tests/fixtures/scipy_fits.py, which test_scipy.sh runs where SciPy is).
awk 'BEGIN {
  for (i = 1; i <= 1500; i++) { u = (i * 0.6180339887498949) % 1; x = int(0.5 + 5.5 * (1 - u) ^ (-1 / 1.4)); print x < 2000 ? x : 2000 }
  for (i = 1; i <= 1000; i++) print i % 6 }' >"$DIR/tail.txt"
run "$SETLAB" degrees --json --bootstrap=200 "$DIR/tail.txt"
expect "one line of JSON" 0 '{"n": 2500, "alpha": *, "sigma": *, "xmin": 6, "n_tail": 1500, "D": *, "L": *, "p": *, "zeros": 166, *}' ""
near "alpha" "$(value alpha)" 2.406119 0.00001
near "L" "$(value L)" -4624.38073 0.0001
near "D" "$(value D)" 0.001001 0.000001
near "p: no sample lies nearer than these quantiles" "$(value p)" 1 0
near "against the exponential" "$(value exponential_normalised)" 5.03167 0.0001
near "against the Poisson" "$(value poisson_normalised)" 3.55505 0.0001
near "against the cut-off" "$(value cutoff_R)" -0.103868 0.0001
near "against the cut-off, p" "$(value cutoff_p)" 0.64855 0.0001

# Steps of a discrete power law with exponent 2.5, xmin 1: n P(X >= x) values at least x.
awk 'BEGIN { for (i = 1; i <= 4000; i++) { x = int(0.5 + 0.5 * (i / 4000) ^ (-1 / 1.5)); print x < 1 ? 1 : x } }' >"$DIR/law.txt"
run "$SETLAB" degrees --json --bootstrap=0 "$DIR/law.txt"
near "a power law by rule: alpha" "$(value alpha)" 2.5 0.1
expect "p is null without a bootstrap" 0 '*"p": null, "zeros": 0*not tested*' ""
run "$SETLAB" degrees --json --bootstrap=100 --seed=1 "$DIR/law.txt"; first=$out
run env OMP_NUM_THREADS=1 "$SETLAB" degrees --json --bootstrap=100 --seed 1 "$DIR/law.txt"
check "the same seed gives the same line, with one thread too" [ "$first" = "$out" ]
run "$SETLAB" degrees --bootstrap 50 "$DIR/law.txt"
expect "for people" 0 "n *4000*zeros *alpha *+-*xmin *n_tail *D *L *p *50 replicates, seed 1*against *R *normalised *p*exponential *Poisson *log-normal *with cut-off * - *verdict *" ""
run sh -c "\"$SETLAB\" degrees --json --bootstrap=0 - <\"$DIR/law.txt\""
expect "standard input" 0 '{"n": 4000, *' ""

printf '# degrees\r\n\n  7 \r\n7\n7' >"$DIR/constant.txt"
run "$SETLAB" degrees --json "$DIR/constant.txt"
expect "constant data are not fitted" 0 '{"n": 3, "alpha": null, "sigma": null, "xmin": null, "n_tail": 0, "D": null, "L": null, "p": null, "zeros": 0, "verdict": "no fit: every positive value is 7", "kind": "no fit", "exponential_R": null,*"cutoff_p": null}' ""
run "$SETLAB" degrees "$DIR/constant.txt"
expect "nor for people" 0 "n *3*zeros *0*verdict *no fit*" ""
printf '0\n0\n' >"$DIR/zeros.txt"
run "$SETLAB" degrees "$DIR/zeros.txt"; expect "zeros only" 0 "n *2*zeros *2*no positive value" ""

# What a file must not hold: status 1, file and line, what was expected, nothing printed.
bad() { # name, contents for printf, message
  printf "$2" >"$DIR/bad.txt"
  run "$SETLAB" degrees --json "$DIR/bad.txt"
  expect "$1" 1 "" "setlab: $DIR/bad.txt$3"
}
bad "negative"            '1\n2\n-3\n'      ":3: expected one whole number from 0*'-3', which is negative"
bad "fraction"            '1\n2.5\n'        ":2: *'2.5', which is not a whole number"
bad "exponent"            '1e3\n'           ":1: *'1e3', which is not a whole number"
bad "too large for exact" '9007199254740993\n' ":1: *which is too large"
bad "overflow"            '1\n99999999999999999999999\n' ":2: *which is too large"
bad "word"                '# a\n\nten\n'    ":3: expected one whole number*'ten'"
bad "two on a line"       '1 2\n'           ":1: *'1 2'"
bad "control characters"  '1\n\033[31m\n'   ":2: *'?\[31m'"
bad "empty"               ''                ": no values: expected one whole number a line"
bad "only comments"       '# a\n\n'         ": no values: *"
bad "binary"              '1\n\000\001\n'   ": a binary file*"
head -c 200000 /dev/zero | tr '\0' 7 >"$DIR/bad.txt"
run "$SETLAB" degrees "$DIR/bad.txt"; expect "endless line" 1 "" "setlab: $DIR/bad.txt:1: a line of more than*"
# No replicate fits worse: that is a bound, not a p of 0.
{ yes 1 | head -n 800; yes 9 | head -n 800; yes 300 | head -n 800; } >"$DIR/three.txt"
run "$SETLAB" degrees --bootstrap=50 "$DIR/three.txt"; expect "a p below what the bootstrap can tell" 0 "*p        below 0.02: none of 50 replicates*" ""
run "$SETLAB" degrees "$DIR"; expect "a directory" 1 "" "setlab: $DIR: cannot be read: *directory"
run "$SETLAB" degrees "$DIR/none.txt"; expect "no such file" 1 "" "setlab: $DIR/none.txt: No such file*"

run "$SETLAB" degrees; expect "no file is named" 2 "" "setlab degrees: which file*--help*"
run "$SETLAB" degrees a b; expect "two files" 2 "" "*'b' is one too many*"
run "$SETLAB" degrees --boostrap=3 a; expect "misspelt option" 2 "" "*--boostrap*--bootstrap*"
run "$SETLAB" degrees --bootstrap=-1 a; expect "negative replicates" 2 "" "*--bootstrap*at least 0*"
run "$SETLAB" degrees --bootstrap=many a; expect "replicates that are no number" 2 "" "*whole number*'many'*"
run "$SETLAB" degrees --help; expect "help" 0 "NAME*SYNOPSIS*n_tail*--bootstrap=N*--json*EXIT STATUS*" ""
# Ctrl-C ends a bootstrap of minutes at once; without it, the second signal would have to.
seq 1 3000 >"$DIR/long.txt"
interrupted INT "$SETLAB" degrees --bootstrap=1000000 "$DIR/long.txt"
expect "Ctrl-C in a bootstrap" 130 "" "*interrupted*"
interrupted TERM "$SETLAB" degrees --bootstrap=1000000 "$DIR/long.txt"
expect "SIGTERM is taken the same way" 130 "" "*interrupted*"
finish
