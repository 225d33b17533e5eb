# The code blocks of the READMEs run as they are printed there.
. tests/tap.sh

# blocks README LANGUAGE: its blocks go to $DIR/<room>.<n>.<language>; prints how many there are.
blocks() {
  room=$(dirname "$1" | tr / _)
  awk -v to="$DIR/$room." -v language="$2" '
    $0 == "```" language { n++; inside = 1; next }
    /^```/ { inside = 0 }
    inside { print >(to n "." language) }
    END { print n + 0 }' "$1"
}

# A README that has code runs below, block by block; those of lua/README.md are the manual's examples, which test_manual.lua runs.
expected="README.md lua 1
experiments/README.md lua 3
experiments/README.md yaml 1
lua/lab/data/README.md lua 1
lua/lab/figure/README.md lua 1
lua/lab/run/README.md lua 1
lua/lab/sweep/README.md lua 1
lua/lab/sweep/README.md yaml 2
lua/lab/train/README.md lua 1"
found=$(find . -name README.md -not -path './build*' -not -path './runs/*' -not -path './lua/README.md' | sed 's|^\./||' | LC_ALL=C sort | while read -r readme; do
  for language in lua yaml; do
    n=$(blocks "$readme" $language)
    [ "$n" = 0 ] || echo "$readme $language $n"
  done
done)
check "each code block of a README is known here" test "$found" = "$expected"

# Last digits depend on the processor; who is ahead does not.
run "$SETLAB" run --progress=none "$DIR/..1.lua"
expect "the first script" 0 "all weights	0.*	60200
static	0.*	1039
SET	0.*	1039
CTRE	0.*	1039" "*"
check "its network that grows by likeness has at least three of four" sh -c 'printf "%s\n" "$1" | awk "/^CTRE/ { exit \$2 < 0.75 }"' sh "$out"

# A loop for several processes is one for a single process, too.
{
  echo 'local lab = require "lab"'
  echo 'local data = lab.data.madelon { train = 512, test = 20, useless = 10 }'
  echo 'local net <close> = lab.mlp { 30, 20, 2, wiring = { lab.erdos_renyi { epsilon = 3 }, lab.dense {} }, seed = 1 }'
  sed 's/ do \.\.\. end/ do last = epoch.n end/; s/^for /local last\nfor /' "$DIR/lua_lab_train.1.lua"
  echo 'print(last)'
} >"$DIR/loop.lua"
run "$SETLAB" run --progress=none "$DIR/loop.lua"
expect "a loop for several processes" 0 100 ""

if command -v gnuplot >/dev/null 2>&1; then
  run "$SETLAB" report --progress=none -o "$DIR/figure" "$DIR/lua_lab_figure.1.lua"
  expect "a figure of one's own" 0 "$DIR/figure/lua_lab_figure.1.html" ""
  check "is drawn, with names at the ends of its lines" sh -c 'grep -q "<svg" "$1" && grep -q ">sparse<" "$1" && grep -q ">a tenth of the time<" "$1"' sh "$DIR/figure/lua_lab_figure.1.html"
fi

# The ten steps, as they are printed: a study, a method of one's own, a sweep over it, the sweep's page.
mkdir "$DIR/steps" && cp "$DIR/experiments.1.lua" "$DIR/steps/study.lua" && cp "$DIR/experiments.2.lua" "$DIR/steps/own.lua" &&
  cp "$DIR/experiments.1.yaml" "$DIR/steps/own.yaml" && cp "$DIR/experiments.3.lua" "$DIR/steps/own_sweep.lua" || fail "the ten steps" "not there"
cd "$DIR/steps"
run "$SETLAB" report --smoke --progress=none -o pages study.lua
expect "steps 2 to 5: a study and its page" 0 "*pages/study.html*" "*"
run "$SETLAB" run --progress=none own.lua epochs=3
expect "step 8: a method of one's own" 0 "*informative*" "*"
run "$SETLAB" sweep --progress=none own.yaml
expect "step 9: a sweep over it" 0 "*strength*accuracy*" "*"
run "$SETLAB" report --progress=none -o pages own_sweep.lua
expect "step 10: its page" 0 "*pages/own_sweep.html*" "*"
cd "$OLDPWD"

# The files that the block on data reads.
mkdir "$DIR/own" && cp "$DIR/lua_lab_data.1.lua" "$DIR/own/own.lua" || fail "the block on data" "not there"
cat >"$DIR/own/make.lua" <<'END'
local function table_of(name, n)
  local lines = { "length;width;weight;age;kind" }
  for i = 1, n do lines[i + 1] = ("%d,5;%d,25;%d;%d;%s"):format(i, i % 7, i * 3, i % 5, ({ "ash", "elm", "oak" })[i % 3 + 1]) end
  local file <close> = io.open(name, "w")
  file:write(table.concat(lines, "\n"), "\n")
end
table_of("train.csv", 80)
table_of("test.csv", 20)
END
(cd "$DIR/own" && "$SETLAB" run --progress=none make.lua) || fail "files for the block on data" "not made"
(cd "$DIR/own" && sed 's/^local b = .*//' own.lua >csv.lua)
cd "$DIR/own" || exit 1
run "$SETLAB" run --progress=none csv.lua
expect "data of one's own" 0 "data (80 samples of 4 features, 3 classes; separated by ';', decimal commas; standardised)" "*"
cd - >/dev/null || exit 1
python=$(python_with numpy)
if [ -n "$python" ]; then
  (cd "$DIR/own" && "$python" -c 'import numpy as n
n.savez("pictures.npz", X_train=n.arange(40.).reshape(10, 4), y_train=n.arange(10) % 2, X_test=n.arange(20.).reshape(5, 4), y_test=n.arange(5) % 2)')
  cd "$DIR/own" || exit 1
  run "$SETLAB" run --progress=none own.lua
  expect "from NumPy, too" 0 "data (80 samples *" "*"
  cd - >/dev/null || exit 1
else
  skip "from NumPy, too" "there is no Python with NumPy; make test-all brings it"
fi

run "$SETLAB" run --progress=none --runs "$DIR/runs" "$DIR/lua_lab_run.1.lua"
expect "a run that is saved on its way" 0 "0.*	60" "*"

mv "$DIR/lua_lab_sweep.1.lua" "$DIR/study.lua"
mv "$DIR/lua_lab_sweep.1.yaml" "$DIR/study.yaml"
run "$SETLAB" sweep --dry-run --runs "$DIR/runs" "$DIR/study.yaml"
expect "the sweep is one" 0 "study: 36 runs*12 configurations x 3 seeds*" ""
run "$SETLAB" sweep --runs "$DIR/runs" --only zeta=0.3 "$DIR/study.yaml"
expect "a part of it runs" 0 "*1 *3  done*stopped early*" "*study: 3 of 12 done, 9 stopped early"

# The grammar's example, over a script that declares what it names.
mkdir "$DIR/grammar" && cp "$DIR/lua_lab_sweep.2.yaml" "$DIR/grammar/set-vs-static.yaml"
cat >"$DIR/grammar/study.lua" <<'END'
local lab = require "lab"
lab.params { epochs = 20, epsilon = 10.0, lr = 0.1, dropout = 0.0, hidden = 100, zeta = 0.3, rigl_alpha = 0.3, momentum = 0.9,
  method = { "set", choices = { "set", "rigl", "static" } }, seed = 1 }
END
run "$SETLAB" sweep --dry-run --runs "$DIR/runs" "$DIR/grammar/set-vs-static.yaml"
expect "all that a sweep may say is said" 0 "*set-vs-static: * runs*12 configurations x 5 seeds*" "*"

run "$SETLAB" help
for command in $(sed -n 's/^| `setlab \([a-z]*\)[ `].*/\1/p' README.md); do
  case $out in *"       $command "*) passed "the command $command is there" ;;
  *) fail "the command $command is there" "not in setlab help" ;; esac
done

# Files that READMEs name: by their path from here, or from the README's folder; links too.
for readme in $(find . -name README.md -not -path './build*' -not -path './runs/*' -not -path './reports/published/*' | sed 's|^\./||' | LC_ALL=C sort); do
  room=$(dirname "$readme") missing=
  for file in $(grep -o '`\(plots\|lua\|tests\|experiments\|core\|reports\)/[a-z0-9_./-]*`' "$readme" | tr -d '`' | sort -u); do
    test -e "$file" || test -e "$room/$file" || missing="$missing $file"
  done
  for file in $(grep -o '](\([^):]*\))' "$readme" | sed 's/^](//; s/)$//' | sort -u); do
    test -e "$room/$file" || missing="$missing $file"
  done
  check "what $readme names is there$missing" test -z "$missing"
done
finish
