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
until_true 300 test -s "$DIR/train.out"
kill -INT $pid; wait $pid; status=$?
out= err=$(cat "$DIR/train.err")
expect "Ctrl-C while C trains" 130 "" "*status=interrupted*setlab: interrupted"
check "long before its last epoch" test "$(wc -l <"$DIR/train.out")" -lt 1000

LC_ALL=C.UTF-8 on_terminal 70 "$SETLAB" run "$DIR/train.lua" -- '(^|~)epoch +[0-9]+/1000  ' '\003'
expect "the progress line on a terminal" 130 "*
epoch */1000  *loss *ETA *" ""
expect "Ctrl-C there" 130 "*setlab: interrupted*" ""
# Behind it, in the same line, the terminal shows ^C, and the last words follow.
check "the line fits its window" test "$(printf '%s\n' "$out" | sed 's/\^C.*//' | grep '^epoch .*/1000  ' | widest)" -lt 70
finish
