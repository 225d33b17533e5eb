#!/bin/sh
# setlab top and diff: runs under way, and two pages' numbers.
. tests/tap.sh
cd "$DIR" || exit 1
cat >study.lua <<'LUA'
-- A study with `{lua} lab.format.count(1000)` of something.
local lab = require "lab"
local P = lab.params { epochs = { 3, min = 1 }, density = { 0.2, min = 0.01, max = 1 } }
local data = lab.data.madelon { informative = 3, redundant = 3, useless = 14, train = 200, test = 50, seed = 1 }
local runs = lab.runs { "few", seed = { 1, 2 }, run = function(run, seed)
  local net <close> = lab.mlp { 20, 30, 2, wiring = lab.erdos_renyi { density = P.density }, seed = seed }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 20, lr = 0.02 }) do
    run:log { epoch = epoch.n, test_accuracy = net:accuracy(data.test), loss = epoch.loss, links = net:links() }
  end
end }
--| label: tbl-a
lab.table { runs, columns = { "links", "loss" } }
LUA
sed -i '1d; 2a -- A study with `{lua} lab.format.count(1000)` of something.' study.lua
run "$SETLAB" top
expect "nothing is under way" 0 "No run in runs is under way." ""
run "$SETLAB" run --progress=none study.lua
"$SETLAB" run --progress=none study.lua epochs=100000000 2>/dev/null & long=$!
is_shown() { run "$SETLAB" top; case $out in *"few seed=1: epoch "*" of 100000000"*"test_accuracy"*"loss"*"few, the best of 3 runs by test_accuracy:"*"(under way)"*) ;; *) false ;; esac; }
check "a run under way is shown, with its curves and its place" until_true 60 is_shown
check "in blocks" sh -c "printf '%s' '$out' | grep -q '[▁▂▃▄▅▆▇█]'"
run "$SETLAB" top --by links
expect "ranked by another column" 0 "*best of 3 runs by links*" ""
kill -INT $long; wait $long
run "$SETLAB" top more
expect "no words are taken" 2 "" "*'more' is not asked for*"

sed 's/0.2, min/0.3, min/; s/count(1000)/count(1000 + 1)/' study.lua >other.lua
run "$SETLAB" run --progress=none other.lua
run "$SETLAB" diff study.lua study.lua
expect "a page is like itself" 0 "All 4 numbers are the same." ""
run "$SETLAB" diff study.lua other.lua
expect "another is not" 1 "*tbl-a: all runs, links*+*tbl-a: all runs, loss*4 of 5 numbers differ." ""
run "$SETLAB" diff --all study.lua study.lua
expect "all can be seen" 0 "*lab.format.count(1000)*1,000*1,000*" ""
run "$SETLAB" diff study.lua other.lua epochs=4
expect "runs that are not there are no agreement" 1 "*runs are not finished*" ""
run "$SETLAB" diff study.lua study.lua epochs=4
expect "not of a page with itself either" 1 "*4 runs are not finished, and 0 of * numbers are not there yet*" ""
run "$SETLAB" report --so-far -o pages study.lua epochs=4
cp study.lua wrong.lua; printf -- '-- `{lua} nosuch.field`\nprint(1)\n' >>wrong.lua
run "$SETLAB" report --so-far -o pages wrong.lua
expect "mistakes in values are told where no run is missing" 1 "*" "*'nosuch' is not declared*"
echo 'error "no"' >broken.lua
run "$SETLAB" diff study.lua broken.lua
expect "a script that fails" 1 "" "*broken.lua:1: no*"
run "$SETLAB" diff study.lua
expect "which two?" 2 "" "*which two scripts?*"
finish
