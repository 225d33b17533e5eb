. tests/tap.sh
bench() { run "$SETLAB" bench "$@"; }
tiny="tiny --repeats=1 --sgemm=16"

bench $tiny --json
expect "--json: an object for one row" 0 '{*"evolve_ms_per_epoch": *"gflops": *"links": *"peak_rss_mib": *"sgemm_gflops": *"threads": *"train_seconds_per_epoch": *}' ""
printf '%s\n' "$out" >"$DIR/base.json"
check "links are a whole number" sh -c "grep -Eq '\"links\": [0-9]+,' '$DIR/base.json'"
bench tiny $tiny --json
expect "--json: an array for several" 0 "\[*tiny*tiny*\]" ""
bench $tiny
expect "for people" 0 "tiny: 784-40-30-10*row *links *epoch*GFLOP/s*peak*MiB*sgemm 16*batch *forward *loss *backward and update *" ""
bench --list
expect "--list" 0 "C  *50,000 images*density *scale *tiny *" ""

bench $tiny --baseline "$DIR/base.json"
expect "--baseline" 0 "*times as fast as $DIR/base.json*of sgemm*tiny *[0-9]*" ""
bench $tiny --json --baseline="$DIR/base.json"
expect "--baseline in JSON" 0 '{*"baseline": {*"speed": *' ""
bench $tiny --batch=50 --baseline "$DIR/base.json"
expect "--baseline of another batch" 0 "*tiny: not compared: batch was 20, is 50" ""
head -c 100 "$DIR/base.json" >"$DIR/cut.json"
bench $tiny --baseline "$DIR/cut.json"
expect "a baseline cut short ends it before anything is measured" 1 "" "setlab: $DIR/cut.json: line *, column *: expected *"
sed 's/"workload": "tiny"/"workload": "C"/' "$DIR/base.json" >"$DIR/other.json"
bench $tiny --baseline "$DIR/other.json"
expect "a baseline with none of the rows" 1 "*no such row in the baseline" "setlab: $DIR/other.json has none of the rows*"
bench $tiny --baseline "$DIR/none.json"
expect "a baseline that is not there" 1 "" "setlab: cannot read the baseline: $DIR/none.json: No such file*"
bench $tiny --baseline "$DIR/"
expect "a baseline that is a folder" 1 "" "setlab: cannot read the baseline: $DIR/: Is a directory"

bench tyni; expect "misspelt workload" 2 "" "setlab bench: no workload 'tyni' (did you mean 'tiny'?)*--help*"
bench tiny zzzzzzzz; expect "unknown workload" 2 "" "setlab bench: no workload 'zzzzzzzz'; known: C, F, *"
bench tiny --repaets=1; expect "misspelt option" 2 "" "*--repaets*--repeats*"
bench tiny --seconds=0; expect "no time" 2 "" "*--seconds*at least 0.001*"
bench tiny --isa=sse9; expect "no such kernels" 2 "" "*--isa has no choice 'sse9'*"
bench $tiny --isa=portable --json; expect "--isa" 0 '*"isa": "portable"*' ""
bench --help; expect "help" 0 "NAME*WHAT IS PRINTED*of sgemm*COMPARING TWO BUILDS*--baseline=FILE*EXIT STATUS*" ""
interrupted INT "$SETLAB" bench C
expect "Ctrl-C" 130 "*" "*interrupted*"
finish
