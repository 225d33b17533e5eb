# The runs behind the published pages are as they were written, all of them, and the README's figures are there.
. tests/tap.sh
runs=reports/published/runs
n=$(find "$runs" -mindepth 2 -maxdepth 2 -name run.yaml | wc -l)
check "there are published runs" test "$n" -gt 0
run "$SETLAB" runs --verify --runs "$runs"
expect "setlab runs --verify" 0 "*$n runs: $n ok" ""
cp -R "$runs" "$DIR/runs"
file=$(find "$DIR/runs" -name metrics.csv | LC_ALL=C sort | head -n 1)
chmod u+w "$file"; printf 'x' | dd of="$file" bs=1 seek=3 conv=notrunc 2>/dev/null
run "$SETLAB" runs --verify --runs "$DIR/runs"
expect "one changed byte is found" 1 "*metrics.csv changed*" ""
for picture in $(sed -n 's/.*(\(reports\/published\/[^)]*\)).*/\1/p' README.md | sort -u); do
  check "$picture is there" test -e "$picture"
done
finish
