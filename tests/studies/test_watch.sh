#!/bin/sh
# setlab watch: a page that follows its script, as a browser gets it.
. tests/tap.sh
cd "$DIR" || exit 1

cat >study.lua <<'LUA'
-- # A study

local lab = require "lab"

-- Words before `{lua} lab.format.count(1234)`.

local helper = require "helper"
local P = lab.params { epochs = { 2, min = 1, help = "epochs" }, lr = { 0.02, help = "learning rate" } }
local data = lab.data.madelon { informative = 3, redundant = 3, useless = 14, train = 200, test = 50, seed = 1 }

local runs = lab.runs { "few", seed = { 1, 2 }, run = function(run, seed)
  local net <close> = lab.mlp { 20, 30, 2, wiring = lab.erdos_renyi { epsilon = 5 }, seed = seed }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 20, lr = P.lr }) do
    run:log { epoch = epoch.n, accuracy = net:accuracy(data.test) }
  end
end }

--| label: fig-a
lab.plot.curves { runs, y = "accuracy" }

print("it says " .. helper.word)
LUA
echo 'return { word = "first" }' >helper.lua

base= watcher=
begin() {  # begin WORDS...: starts a watcher; $base is its address
  rm -f watch.out
  "$SETLAB" watch "$@" >watch.out 2>&1 </dev/null & watcher=$!
  until_true 60 grep -q "http://" watch.out
  base=$(sed -n 's/.*\(http:[^ ]*\/\).*/\1/p' watch.out | head -n 1)
}
end() { kill -INT $watcher; wait $watcher; status=$?; }
page() { curl -s "$base"; }
news() { curl -s "$base.setlab/news?since=0"; }
page_has() { page | grep -qF -e "$1"; }
news_has() { news | grep -qF -e "$1"; }
is_ready() { news_has '"state": "ready"' && page_has "$1"; }
# soon NAME COMMAND...: what comes after it would wait in vain, too.
soon() {
  name=$1; shift
  if until_true 30 "$@"; then passed "$name"; return; fi
  fail "$name" "$* $(cat watch.out) $(news)"
  kill -INT $watcher
  finish
  exit 1
}

begin study.lua
soon "the page is there" is_ready "it says first"
check "with its value" page_has "before 1,234"
check "and what tells the browser of news" page_has 'src="/.setlab/watch.js" data-page="'
check "which is there" sh -c "curl -s ${base}.setlab/watch.js | grep -q sessionStorage"
check "files beside the page are there" sh -c "curl -s ${base}study_files/fig-a.csv | grep -q epoch"
check "other files are not" sh -c "curl -s --path-as-is ${base}study_files/../../study.lua | grep -q 'no such page'"
check "other names are refused" sh -c "curl -s -H 'Host: evil.example' $base | grep -q 'localhost only'"
if command -v ss >/dev/null 2>&1; then
  check "it listens to this machine only" sh -c "ss -ltn | grep -F ':$(echo "$base" | sed 's/.*:\([0-9]*\).*/\1/') ' | grep -qv '0\.0\.0\.0:[0-9]\|\[::\]:[0-9]\|\*:[0-9]* '"
fi

sed -i 's/Words before/Other words before/' study.lua
soon "changed words are shown" is_ready "Other words before 1,234"
check "without weaving anything else" page_has "it says first"

mv helper.lua helper.old; echo 'return { word = "second" }' >helper.new; mv helper.new helper.lua
soon "a changed module counts" is_ready "it says second"

sed -i 's/lab.plot.curves { runs, y = "accuracy"/lab.plot.curves { runs, y = "acuracy"/' study.lua
soon "an error is told" news_has "did you mean 'accuracy'"
soon "with its line" news_has "\"line\": $(grep -n acuracy study.lua | cut -d: -f1)"
check "and the line itself" news_has '"text": "lab.plot.curves { runs, y = \"acuracy\" }"'
check "the last good page stays" page_has "it says second"
sed -i 's/acuracy/accuracy/; s/Other words/Third words/' study.lua
soon "mended, the page goes on" is_ready "Third words before"
check "and the error is gone" sh -c "! curl -s '${base}.setlab/news?since=0' | grep -q '\"error\"'"
printf 'local x = (\n' >>study.lua
soon "a script that is no Lua is an error, too" news_has "near <eof>"
sed -i '$d' study.lua
soon "and is mended" is_ready "Third words before"

printf 'return {' >helper.lua
soon "a module that is no Lua is an error" news_has "helper.lua:1"
echo 'return { word = "third" }' >helper.lua
soon "and is mended" is_ready "it says third"
rm helper.lua
soon "one that is missing is an error" news_has "module 'helper' not found"
echo 'return { word = "fourth" }' >helper.lua
soon "until it is there" is_ready "it says fourth"

first=$base
( timeout 20 "$SETLAB" watch study.lua --port "$(echo "$first" | sed 's/.*:\([0-9]*\).*/\1/')" >taken.out 2>&1; echo $? >taken.status )
check "a port that is taken is told" grep -q "in use" taken.out
check "with status 1" [ "$(cat taken.status)" = 1 ]
one=$watcher
begin study.lua
soon "two watchers have an address each" [ "$base" != "$first" ]
soon "and a page each" is_ready "Third words before"
end
base=$first watcher=$one
check "the first one goes on" page_has "Third words before"
end
check "Ctrl-C ends it with status 130" [ "$status" = 130 ]
check "its folder is gone" sh -c "! ls -d ${TMPDIR:-/tmp}/setlab-watch-$one-* 2>/dev/null"

mkdir far; cat >far/slow.lua <<'LUA'
print("numbers: " .. io.open("numbers", "r"):read "a")
local until_ = os.clock() + 1.5
while os.clock() < until_ do end
-- Words.
print "the end"
LUA
ln -s far/slow.lua link.lua; echo one >numbers
begin link.lua
soon "a script that is a link" is_ready "numbers: one"
echo two >numbers
sleep 0.6   # the page of the second number is being woven
echo three >numbers
soon "a file that changes during a weaving counts" is_ready "numbers: three"
sed -i 's/^-- Words/-- Other words/' far/slow.lua
soon "what the link leads to counts" is_ready "Other words"
check "and the page is not one of before" page_has "numbers: three"
end

# ---- while it trains ---------------------------------------------------------------------------

begin study.lua epochs=1000000
soon "a training is told" news_has '"state": "training"'
soon "with how far it is" news_has '"epochs":1000000'
soon "the page shows what is there" page_has "1 under way"
sed -i 's/Third words/Fourth words/' study.lua
soon "changed words are shown while it trains" page_has "Fourth words"
check "and it still trains" news_has '"state": "training"'
sed -i 's/P.lr }/P.lr * 2 }/' study.lua
soon "what makes another run of it interrupts it" grep -q "does not show the run under way any more" watch.out
soon "and trains the new one" news_has '"state": "training"'
end
check "Ctrl-C ends it while it trains" [ "$status" = 130 ]
check "no child is left" [ -z "$(processes_with "setlab-watch-$watcher-")" ]
run timeout 60 "$SETLAB" report --so-far -o so-far study.lua epochs=1000000
expect "report --so-far shows it, too" 0 "so-far/study.html" "*"
check "as it is" grep -q "interrupted\|not begun" so-far/study.html

run timeout 20 "$SETLAB" watch
expect "which script?" 2 "" "*which script?*"
run timeout 20 "$SETLAB" watch absent.lua
expect "a script that is not there" 1 "" "*'absent.lua'*not there*"
run timeout 20 "$SETLAB" watch study.lua --port 0
expect "a port that is none" 2 "" "*port*"
finish
