#!/bin/sh
# setlab show: a page on one run, finished or not.
. tests/tap.sh
cd "$DIR" || exit 1
cat >study.lua <<'LUA'
local lab = require "lab"
local P = lab.params { epochs = { 3, min = 1 } }
local data = lab.data.madelon { informative = 3, redundant = 3, useless = 14, train = 200, test = 50, seed = 1 }
lab.runs { "few", seed = { 1 }, run = function(run, seed)
  local net <close> = lab.mlp { 20, 30, 2, wiring = lab.erdos_renyi { epsilon = 5 }, seed = seed }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 20, lr = 0.02 }) do
    run:log { epoch = epoch.n, accuracy = net:accuracy(data.test), loss = epoch.loss, links = net:links() }
    if epoch.n <= 3 then run:record("degrees", { epoch = epoch.n, layer = 1, side = "in" }, net:degrees(1, "in")) end
  end
end }
LUA
run "$SETLAB" run --progress=none study.lua
key=$(ls runs)
run "$SETLAB" show -o pages "$(echo "$key" | cut -c1-5)"
expect "a page on a run" 0 "pages/run-$key.html" "*"
for piece in "Run $key" "seed=1" "of <strong>few</strong> is <strong>done</strong>" "It logged 3 rows" "layer 1, in" "200 samples of 20 features"; do
  check "it has: $piece" grep -qF -e "$piece" "pages/run-$key.html"
done
run "$SETLAB" report -o own "pages/run-$key.lua"
expect "its script is a study of its own" 0 "own/run-$key.html" "*"
run "$SETLAB" show -o pages ffffffffffff
expect "a run that is not there" 2 "" "*ffffffffffff*"
run "$SETLAB" show
expect "which run?" 2 "" "*beginning of one run's key*"
"$SETLAB" run --progress=none study.lua epochs=100000000 2>/dev/null & long=$!
other() { ls runs | grep -v "$key"; }
has_rows() { [ "$(wc -l <"runs/$(other)/metrics.csv")" -gt 5 ]; }
until_true 60 has_rows 2>/dev/null
run "$SETLAB" show -o pages "$(other)"
kill -INT $long; wait $long
expect "one that is under way" 0 "pages/run-*.html" "*"
check "is shown as far as it is" grep -q "is <strong>under way</strong>" "pages/run-$(other).html"
finish
