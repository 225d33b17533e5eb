. tests/tap.sh
mkdir "$DIR/bin" "$DIR/empty"
for tool in sh mktemp; do ln -s "$(command -v $tool)" "$DIR/bin/$tool"; done

run "$SETLAB" doctor --runs="$DIR/runs"
case $status in 0 | 1) passed "doctor ends" ;; *) fail "doctor ends" "status $status
$err" ;; esac
expect "program and machine are told" "$status" "ok       setlab *[0-9].[0-9].[0-9]*
ok       libraries *Lua 5.4*
ok       processor *core*
ok       caches *
ok       threads *
ok       memory *MiB*" ""
check "it leaves no folder behind" test ! -e "$DIR/runs"
if command -v gnuplot >/dev/null; then
  expect "gnuplot is found with its terminals" "$status" "*ok       gnuplot *[0-9].[0-9]*svg*gif*" ""
else skip "gnuplot is found with its terminals" "gnuplot is not here"; fi

run env PATH="$DIR/bin" "$SETLAB" doctor --runs="$DIR/runs"
expect "without gnuplot: what to do, and status 1" 1 "*missing  gnuplot *not found
*-> install gnuplot*
*missing" ""

run "$SETLAB" doctor extra; expect "words it does not know" 2 "" "setlab doctor: unexpected word 'extra'*"

if echo "$out" | grep -q "folder of runs" || "$SETLAB" doctor --runs="$DIR/runs" | grep -q "folder of runs"; then
  : >"$DIR/file"
  run "$SETLAB" doctor --runs="$DIR/file/runs"
  expect "a folder that cannot be" 1 "*missing  folder of runs *
*-> make the folder writable*" ""
fi
finish
