# Training as a person sees it: the progress line on a terminal, Ctrl-C in the middle of C.
. tests/tap.sh
cat >"$DIR/train.lua" <<'LUA'
local lab = require "lab"
local data = lab.data.madelon { train = 4000, test = 100, seed = 1 }
local net <close> = lab.mlp { 500, 400, 400, 2, wiring = lab.dense {}, seed = 1 }
for epoch in net:epochs(data.train, { epochs = 1000, batch = 20, lr = 0.001 }) do
  print("epoch " .. epoch.n)
end
LUA

# A shell without job control starts jobs in the background with SIGINT ignored; setlab
# catches it all the same.
"$SETLAB" run --progress=lines "$DIR/train.lua" >"$DIR/train.out" 2>"$DIR/train.err" & pid=$!
sleep 3; kill -INT $pid; before=$(date +%s); wait $pid; status=$?; after=$(date +%s)
out= err=$(cat "$DIR/train.err")
expect "Ctrl-C while C trains" 130 "" "*status=interrupted*setlab: interrupted"
check "at once" test $((after - before)) -le 3

if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  skip "the progress line on a terminal" "script (of bsdutils) is not here, or gets no terminal"
  finish
fi
{ sleep 5; printf '\003'; sleep 2; } |
  TERM=xterm LC_ALL=C.UTF-8 timeout 60 script -qec "trap : INT; stty cols 70; $SETLAB run $DIR/train.lua; echo status=\$?; sleep 1" "$DIR/typescript" >"$DIR/terminal" 2>&1
status=0 err= out=$(tr '\r' '\n' <"$DIR/terminal" | sed 's/.\[[0-9;]*[Km]//g')
expect "the progress line on a terminal" 0 "*
epoch */1000  *loss *ETA *" ""
expect "Ctrl-C there" 0 "*setlab: interrupted*status=130*" ""
longest=$(printf '%s\n' "$out" | grep '^epoch .*/1000  ' | LC_ALL=C.UTF-8 awk '{ if (length($0) > n) n = length($0) } END { print n }')
check "the line fits its window" test "${longest:-99}" -lt 80
finish
