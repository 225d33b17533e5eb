. tests/tap.sh

# A value of the JSON line in $out.
value() { printf '%s\n' "$out" | sed -n "s/.*\"$1\": \([^,}]*\).*/\1/p"; }
# near NAME GOT WANT TOLERANCE
near() {
  if awk -v a="$2" -v b="$3" -v t="$4" 'BEGIN { d = a - b; exit !(a != "" && a != "null" && d <= t && -d <= t) }'
  then passed "$1"; else fail "$1" "got $2, want $3 within $4"; fi
}
# reference FILE N ALPHA XMIN L D P NAME VALUE: the published fits, within their tolerances.
reference() {
  file=../shared/reference/degrees/$1
  if [ ! -r "$file" ]; then skip "$1" "no $file"; return; fi
  run "$SETLAB" degrees --json --bootstrap=1000 "$file"
  expect "$1: one line of JSON" 0 '{"n": *, "alpha": *, "sigma": *, "xmin": *, "n_tail": *, "D": *, "L": *, "p": *}' ""
  near "$1: n" "$(value n)" "$2" 0
  near "$1: alpha" "$(value alpha)" "$3" 0.002
  near "$1: xmin" "$(value xmin)" "$4" 0
  near "$1: L" "$(value L)" "$5" 0.01
  near "$1: D" "$(value D)" "$6" 0.00001
  near "$1: p" "$(value p)" "$7" "$(awk -v p="$7" 'BEGIN { print 3 * sqrt(p * (1 - p) / 1000) }')"
  near "$1: $8" "$(value "$8")" "$9" 0
}
# ratio NAME WANT: of the last file, within 1.5 %; log-normal 0.07.
ratio() {
  [ -r "$file" ] || { skip "$1" "no $file"; return; }
  near "the ratio $1" "$(value "$1")" "$2" "$(awk -v w="$2" -v k="$1" 'BEGIN { t = 0.015 * w; if (k ~ /lognormal/) t = 0.07; print t < 0 ? -t : t }')"
}
reference moby-dick-words.txt    18855 1.95273  7 -11753.82  0.008253 0.674 n_tail 2958
ratio exponential_normalised 9.14
ratio poisson_normalised 4.45
ratio lognormal_normalised 0.33
ratio cutoff_R -0.906
ratio cutoff_p 0.178
reference celegans-indegree.txt    297 2.9972  10 -245.14869 0.04457  0.61  zeros  27

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
if command -v timeout >/dev/null; then
  run timeout -k 30 -s INT 1 "$SETLAB" degrees --bootstrap=1000000 "$DIR/long.txt"
  expect "Ctrl-C in a bootstrap" 124 "" "*interrupted*"
  run timeout -k 30 -s TERM 1 "$SETLAB" degrees --bootstrap=1000000 "$DIR/long.txt"
  expect "SIGTERM is taken the same way" 124 "" "*interrupted*"
else skip "Ctrl-C in a bootstrap" "there is no timeout command"; fi
finish
