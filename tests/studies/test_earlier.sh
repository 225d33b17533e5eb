# Runs of an earlier version (commit 5f438f1, when all modules lay in one folder) are found by what decides them.
# A rise of the results version takes every key. With version 3 the runs of FixProb got the version in their run.yaml, and the runs of SET were
# trained anew: their evolution is another value than it was.
. tests/tap.sh
study=tests/fixtures/earlier
cp -R "$study/runs" "$DIR/runs"
chmod -R u+w "$DIR/runs"
before=$(cat "$DIR"/runs/*/result.yaml)
run "$SETLAB" run --explain --progress=none --runs "$DIR/runs" "$study/study.lua"
expect "all are read back" 0 "*" "*arm=SET seed=1: read back*arm=FixProb seed=2: read back*"
check "and none is trained" test "$(ls "$DIR/runs" | wc -l)" = 4
check "nor changed" test "$before" = "$(cat "$DIR"/runs/*/result.yaml)"
run "$SETLAB" run --explain --progress=none --runs "$DIR/runs" "$study/study.lua" zeta=0.4
expect "another parameter is another run" 0 "*" "*trained: what differs from*parameter zeta (0.4, was 0.3)*"
finish
