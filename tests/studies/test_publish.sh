# setlab publish: what goes into the repository, and that a page can be woven from it.
. tests/tap.sh
cat >"$DIR/small.lua" <<'END'
-- # A small page
local lab = require "lab"
local P = lab.params { epochs = 3, where = "nowhere" }
local data = lab.data.madelon { train = 100, test = 50, seed = 1 }
local function train(run, seed)
  local net <close> = lab.mlp { 500, 20, 2, wiring = lab.erdos_renyi { epsilon = 2 }, seed = seed }
  for epoch in net:epochs(data.train, { epochs = P.epochs, batch = 10, lr = 0.01 }) do
    run:log { epoch = epoch.n, loss = epoch.loss, where = P.where }
    run:record("degrees", { epoch = epoch.n }, net:degrees(1, "in"))
  end
end
local runs = lab.runs { "small", seed = { 1, 2 }, run = train }
--| label: fig-loss
lab.plot.curves { runs, y = "loss" }
lab.say("%d", lab.memo("sum", { 1, 2 }, function(v) return v[1] + v[2] end))
END
export SETLAB_RUNS=$DIR/runs
publish() { "$SETLAB" publish --progress=none -o "$DIR/published" "$@"; }

run publish "$DIR/small.lua"
expect "what is not finished is not published" 1 "" "*the run seed=1 is not finished*nothing is trained here*"
check "nothing was trained" test -z "$(ls "$DIR/runs" 2>/dev/null | grep -v memo)"
run "$SETLAB" run --progress=none "$DIR/small.lua"
expect "the runs are trained" 0 "*" "*"
first=$(ls "$DIR/runs" | grep -v memo | head -n 1)
awk 'BEGIN { print "seconds,cpu_percent,uss_mib,rss_mib,threads,read_bytes,written_bytes"; for (i = 1; i <= 5000; i++) print i ",100,10,10,2,0,0" }' >"$DIR/runs/$first/monitor.csv"
echo weights >"$DIR/runs/$first/checkpoint.npz"
echo notes >"$DIR/runs/$first/notes.txt"

run publish "$DIR/small.lua"
expect "they are published" 0 "$DIR/published/small.html  2 runs, *" ""
there=$DIR/published/runs/$first
check "the files of a run" test "$(ls "$there" | tr '\n' ' ')" = "degrees.csv meta.yaml metrics.csv monitor.csv result.yaml run.yaml "
for file in run.yaml metrics.csv degrees.csv; do check "$file as it was" cmp "$there/$file" "$DIR/runs/$first/$file"; done
result() { sed '/^checksums:/,/^[^ ]/{/^checksums:/d;/^ /d;}' "$1/result.yaml"; }
check "the result as it was" test "$(result "$there")" = "$(result "$DIR/runs/$first")"
run "$SETLAB" runs --verify --runs "$DIR/published/runs"
expect "with checksums of what is published" 0 "*2 runs: 2 ok" ""
check "not where it was computed" test "$(grep -c '^host:\|^pid:' "$there/meta.yaml")" = 0
check "but on what" grep -q '^cpu:' "$there/meta.yaml"
check "the monitor has 200 samples" test "$(wc -l <"$there/monitor.csv")" = 201
check "the last one among them" test "$(tail -n 1 "$there/monitor.csv")" = "$(tail -n 1 "$DIR/runs/$first/monitor.csv")"
check "what the page remembers" test "$(ls "$DIR/published/runs/memo" | wc -l)" = 1
check "the page is there, without a folder of figures" test "$(ls "$DIR/published" | tr '\n' ' ')" = "README.md index.html runs small.html small.yaml "
check "its figure is in it" grep -q "<svg" "$DIR/published/small.html"
check "the command is told" grep -q "build/setlab report $DIR/small.lua" "$DIR/published/README.md"
check "and the run, after three epochs" grep -q "^| small | seed=[12] | .$first. | 3 | .* threads\?, " "$DIR/published/README.md"
check "in the order in which they were begun" test "$(sed -n 's/^| small | \(seed=.\) .*/\1/p' "$DIR/published/README.md" | tr '\n' ' ')" = "seed=1 seed=2 "

run publish --pictures=fig-loss "$DIR/small.lua"
expect "a figure as a file of its own" 0 "*2 runs*" ""
picture=$DIR/published/pictures/small-fig-loss.svg
check "that stands alone" grep -q '<rect width="100%" height="100%" fill="white"/>' "$picture"
run publish --pictures=fig-lost "$DIR/small.lua"
expect "a label that no page has" 1 "*" "*no figure of these pages has the label 'fig-lost'*"
check "what is not asked for any more is gone" test ! -e "$DIR/published/pictures"
cp -R "$DIR/published" "$DIR/before"
run publish "$DIR/small.lua"
expect "a second time" 0 "*2 runs*" ""
rm "$DIR/before/small.html" "$DIR/before/index.html"
check "gives the same files" test -z "$(diff -r "$DIR/before" "$DIR/published" | grep -v '^Only in .*published: \(small\|index\).html$')"

before=$(find "$DIR/published" -type f | sort | xargs cat | cksum)
run "$SETLAB" report --runs="$DIR/published/runs" --progress=none -o "$DIR/again" "$DIR/small.lua"
expect "a page is woven from it" 0 "$DIR/again/small.html" ""
check "all runs were read back" grep -q "2 runs, all read back" "$DIR/again/small.html"
check "and nothing was changed" test "$before" = "$(find "$DIR/published" -type f | sort | xargs cat | cksum)"

sed 's/{ 1, 2 }, run/{ 1 }, run/' "$DIR/small.lua" >"$DIR/tmp.lua"
mv "$DIR/tmp.lua" "$DIR/small.lua"
run publish "$DIR/small.lua"
expect "a page that uses less" 0 "*1 run, *" ""
check "leaves no orphan" test "$(ls "$DIR/published/runs" | grep -vc memo)" = 1

cat >>"$DIR/small.lua" <<'END'
local many = {}
for i = 1, 13 do many[i] = i end
lab.runs { "many", number = many, run = function(run, number) run:log { square = number * number } end }
END
run "$SETLAB" run --progress=none "$DIR/small.lua"
run publish "$DIR/small.lua"
expect "a page with many runs" 0 "*14 runs, *" ""
check "tells them in one row" grep -q "^| many | 13 runs | \`.*\` to \`.*\` | – | .* in all | at most .* MiB | " "$DIR/published/README.md"
check "and the single one in its own" test "$(grep -c '^| small | seed=1 ' "$DIR/published/README.md")" = 1
echo 'continued: ["2026-01-01T00:00:00Z"]' >>"$(grep -l 'name: seed=1' "$DIR"/runs/*/run.yaml | head -n 1 | sed 's/run.yaml/meta.yaml/')"
run publish "$DIR/small.lua"
check "a run that was stopped on its way is marked" grep -q '^| small | seed=1 .* + | [^|]* |$' "$DIR/published/README.md"
check "and none besides" test "$(grep -c '^| [ms]' "$DIR/published/README.md")" = 2

run "$SETLAB" run --progress=none "$DIR/small.lua" epochs=1 "where=the shell's home"
run publish "$DIR/small.lua" epochs=1 "where=the shell's home"
expect "values that a shell would change" 0 "*14 runs*" ""
command=$(sed -n 's/^    \(build.*small\.lua.*\)/\1/p' "$DIR/published/README.md")
check "are told as one types them" test "$command" = "build/setlab report $DIR/small.lua epochs=1 'where=the shell'\\''s home'"

run "$SETLAB" run --progress=none "$DIR/small.lua" epochs=1 "where=$PWD/secret"
run publish "$DIR/small.lua" epochs=1 "where=$PWD/secret"
expect "a folder of this machine is not published" 1 "" "*holds '$PWD/', a folder of this machine*"
sed -i 's/^lab.say.*/lab.say("%s", lab.memo("place", 1, function() return os.getenv "PWD" .. "\/secret" end))/' "$DIR/small.lua"
run "$SETLAB" run --progress=none "$DIR/small.lua"
run publish "$DIR/small.lua"
expect "nor one that was remembered" 1 "" "*memo/*.yaml holds '$PWD/', a folder of this machine*"

# Pages written into the script's own repository are no change of it; a script that is changed is one.
if command -v git >/dev/null; then
  repository() { git -C "$DIR/there" -c user.name=n -c user.email=e "$@"; }
  page() { run "$SETLAB" publish --progress=none -o "$DIR/there/pages" "$DIR/there/small.lua"; }
  stands() { sed 's/<[^>]*>/ /g' "$DIR/there/pages/small.html" | tr -s ' \n' ' ' | grep -q "git commit $1"; }
  mkdir "$DIR/there"
  sed 's/^lab.say.*//' "$DIR/small.lua" >"$DIR/there/small.lua"
  repository init -q; repository add small.lua; repository commit -qm one
  run "$SETLAB" run --progress=none "$DIR/there/small.lua"
  page; repository add pages; repository commit -qm two
  echo changed >>"$DIR/there/pages/small.yaml"
  page; expect "published again" 0 "*" ""
  commit=$(repository rev-parse --short=12 HEAD)
  check "the page's own repository has no changes but pages" stands "$commit woven"
  echo "-- changed" >>"$DIR/there/small.lua"
  page; check "a changed script is told" stands "$commit, with changes not committed"
else skip "a page tells its repository's changes" "git is not installed"; fi

run publish;              expect "no script" 2 "" "*which script*"
run publish "$DIR/none.lua"; expect "a script that is not there" 1 "" "*cannot open the script*"
finish
