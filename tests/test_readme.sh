# The first script of the README runs as it is printed there.
. tests/tap.sh
sed -n '/^```lua$/,/^```$/p' README.md | sed '1d;$d' >"$DIR/first.lua"
check "the README holds one script" test "$(grep -c '^```lua$' README.md)" = 1
run "$SETLAB" run --progress=none "$DIR/first.lua"
expect "it runs" 0 "1	*
20	*links; a dense network has 120200" "*"
run "$SETLAB" help
for command in $(sed -n 's/^| `setlab \([a-z]*\)[ `].*/\1/p' README.md); do
  case $out in *"       $command "*) passed "the command $command is there" ;;
  *) if [ -e "lua/lab/cmd_$command.lua" ]; then fail "the command $command is there" "not in setlab help"
     else skip "the command $command is there" "not built in"; fi ;; esac
done
for file in $(grep -o '`\(plots\|lua\|tests\|experiments\|core\)/[a-z_./-]*`' README.md | tr -d '`' | sort -u); do
  check "$file is there" test -e "$file"
done
finish
