# Every experiment runs in its smoke profile, and a second time it trains nothing.
. tests/tap.sh
[ -n "$SETLAB_DATA" ] || [ ! -d ../shared/data/mnist ] || export SETLAB_DATA=$PWD/../shared/data
for script in experiments/*.lua; do
  [ -e "$script" ] || { skip "experiments" "there is none"; finish; }
  run "$SETLAB" run --smoke --progress=none --runs="$DIR/runs" "$script"
  case $status:$err in
  1:*"make data"*) skip "$script" "its data are not here: $(printf '%s' "$err" | head -n 1)" ;;
  *) expect "$script" 0 "*" "*"
     first=$out
     runs=$(ls "$DIR/runs" 2>/dev/null)
     run "$SETLAB" run --smoke --progress=none --runs="$DIR/runs" "$script"
     check "$script again makes no other runs" test "$runs" = "$(ls "$DIR/runs" 2>/dev/null)"
     check "$script again says the same" test "$status:$first" = "0:$out" ;;
  esac
done
finish
