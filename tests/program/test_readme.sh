# The scripts of the README run as they are printed there.
. tests/tap.sh
awk -v dir="$DIR" '/^```lua$/ { n++; inside = 1; next } /^```$/ { inside = 0 } inside { print >(dir "/" n ".lua") }' README.md
check "the README holds three scripts" test "$(grep -c '^```lua$' README.md)" = 3
mv "$DIR/1.lua" "$DIR/first.lua"
mv "$DIR/3.lua" "$DIR/study.lua"
awk '/^```yaml$/ { n++; inside = n == 1; next } /^```$/ { inside = 0 } inside' README.md >"$DIR/study.yaml"
run "$SETLAB" run --progress=none "$DIR/first.lua"
expect "it runs" 0 "1	*
20	*links; a dense network has 120200" "*"
run "$SETLAB" run --progress=none --runs "$DIR/runs" "$DIR/2.lua"
expect "the second runs" 0 "0.*	60" "*"
run "$SETLAB" sweep --dry-run --runs "$DIR/runs" "$DIR/study.yaml"
expect "the sweep is one" 0 "study: 36 runs*12 configurations x 3 seeds*" ""
run "$SETLAB" sweep --runs "$DIR/runs" --only zeta=0.3 "$DIR/study.yaml"
expect "a part of it runs" 0 "*1 *3  done*stopped early*" "*study: 3 of 12 done, 9 stopped early"
run "$SETLAB" help
for command in $(sed -n 's/^| `setlab \([a-z]*\)[ `].*/\1/p' README.md); do
  case $out in *"       $command "*) passed "the command $command is there" ;;
  *) fail "the command $command is there" "not in setlab help" ;; esac
done
for file in $(grep -o '`\(plots\|lua\|tests\|experiments\|core\)/[a-z_./-]*`' README.md | tr -d '`' | sort -u); do
  check "$file is there" test -e "$file"
done
finish
