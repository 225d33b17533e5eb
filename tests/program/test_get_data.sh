# test_get_data.sh -- make data, against a server on loopback that also misbehaves.
. tests/tap.sh

get=$PWD/experiments/get-data
real_list=$PWD/experiments/datasets.txt
unset SETLAB_DATA http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

run awk '!/^#/ && NF && (NF < 6 || $4 !~ /^[0-9]+$/ || length($5) != 64 || $5 ~ /[^0-9a-f]/ || $6 !~ /^https?:/)' "$real_list"
expect "every line of the list is whole" 0 "" ""

if ! command -v perl >/dev/null || ! command -v curl >/dev/null; then
  skip "downloads" "perl or curl is missing"
  finish
fi

# What the server has: two files and an archive.
www=$DIR/www
mkdir "$www" "$DIR/work"
head -c 300000 /dev/urandom | gzip -n >"$www/images.gz"
echo "labels" | gzip -n >"$www/labels.gz"
mkdir "$DIR/tree" "$DIR/tree/batches-bin"
echo one >"$DIR/tree/batches-bin/a.bin"
echo two >"$DIR/tree/batches-bin/b.bin"
tar -C "$DIR/tree" -czf "$www/batches.tar.gz" batches-bin
perl tests/fixtures/serve.pl "$www" "$DIR/port" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$DIR"' EXIT
until_true 300 test -s "$DIR/port"
base=http://127.0.0.1:$(cat "$DIR/port")
cd "$DIR/work" || exit 1

bytes() { wc -c <"$1" | tr -d ' '; }
sum()   { sha256sum <"$1" | cut -d' ' -f1; }
# line SET FOLDER FILE MANNER...: one line of a list, with an address a manner.
line() {
  set_name=$1 folder=$2 file=$3
  shift 3
  printf '%s %s %s %s %s' "$set_name" "$folder" "$file" "$(bytes "$www/$file")" "$(sum "$www/$file")"
  for manner in "$@"; do printf ' %s/%s/%s' "$base" "$manner" "$file"; done
  echo
}
start() { rm -rf data "$DIR/elsewhere"; : >"$www/requests.log"; }
half()  { mkdir -p data/tiny; head -c $(($(bytes "$www/images.gz") / 2)) "$www/images.gz" >data/tiny/images.gz.part; }
requests() { cat "$www/requests.log"; }

start
{ echo "# a comment"; echo; line tiny tiny images.gz good; line tiny tiny labels.gz good; } >list
run "$get" --list list
expect "fresh" 0 "tiny: loading into data*images.gz*labels.gz*tiny: complete in data" ""
check "fresh: the files are right" cmp data/tiny/images.gz "$www/images.gz"
check "fresh: nothing else is left" test "$(ls data/tiny | tr '\n' ' ')" = "images.gz labels.gz "
: >"$www/requests.log"
run "$get" --list list tiny
expect "again" 0 "tiny: in data" ""
check "again: nothing was asked for" test ! -s "$www/requests.log"

start
half
have=$(bytes data/tiny/images.gz.part)
run "$get" --list list
expect "resume" 0 "*going on at byte $have*complete*" ""
check "resume: only the rest was asked for" grep -qx "/good/images.gz $have" "$www/requests.log"
check "resume: the file is right" cmp data/tiny/images.gz "$www/images.gz"

start
half
line tiny tiny images.gz norange >norange
run "$get" --list norange
expect "a server without ranges" 0 "*from the start*complete*" "*"
check "a server without ranges: the file is right" cmp data/tiny/images.gz "$www/images.gz"

start
mkdir -p data/tiny
cp "$www/images.gz" data/tiny/images.gz.part
run "$get" --list norange
expect "a whole part only gets its name" 0 "*complete*" ""
check "a whole part: nothing was asked for" test ! -s "$www/requests.log"

start
mkdir -p data/tiny
{ cat "$www/images.gz"; echo more; } >data/tiny/images.gz.part
run "$get" --list list
expect "a part that is too long is loaded anew" 0 "*complete*" ""
check "too long: the file is right" cmp data/tiny/images.gz "$www/images.gz"

start
half
printf 'x' | dd of=data/tiny/images.gz.part conv=notrunc status=none
run "$get" --list list
expect "a part that was wrong" 1 "*" "*wrong content, SHA-256 is *, expected *; thrown away*1 file(s) missing*"
check "a wrong part: nothing is left of it" test ! -e data/tiny/images.gz.part -a ! -e data/tiny/images.gz
run "$get" --list list
expect "a wrong part: the next run is good" 0 "*complete*" ""

start
line tiny tiny images.gz wrong >wrong
run "$get" --list wrong
expect "wrong content" 1 "*" "*/wrong/images.gz: wrong content*thrown away*tiny: 1 file(s) missing*"
check "wrong content: nothing is left" test -z "$(ls data/tiny)"

start
line tiny tiny images.gz long >long
run "$get" --list long
expect "more than promised" 1 "*" "*not loaded*"
check "more than promised: nothing is left" test -z "$(ls data/tiny)"

start
line tiny tiny images.gz cut >cut
run "$get" --list cut
expect "a server that hangs up" 1 "*" "*not loaded (curl says 18)*run it again to go on*"
check "hangs up: no final name" test ! -e data/tiny/images.gz
check "hangs up: the part stays" test -s data/tiny/images.gz.part
have=$(bytes data/tiny/images.gz.part)
run "$get" --list list
expect "hangs up: the next run goes on" 0 "*going on at byte $have*complete*" ""
check "hangs up: the file is right" cmp data/tiny/images.gz "$www/images.gz"

start
line tiny tiny images.gz slow >slow
timeout 1 "$get" --list slow >/dev/null 2>&1   # ends the script and curl, as Ctrl-C does
check "stopped: no final name" test ! -e data/tiny/images.gz

start
line tiny tiny images.gz none wrong good >mirrors
run "$get" --list mirrors
expect "mirrors are tried in turn" 0 "*complete*" "*404*not loaded*wrong content*"
check "mirrors: the file is right" cmp data/tiny/images.gz "$www/images.gz"

start
line tiny tiny images.gz none >none
run "$get" --list none
expect "a file that is not there" 1 "*" "*404*not loaded (curl says 22)*"
check "not there: nothing is left" test -z "$(ls data/tiny)"

start
{ line tiny tiny images.gz none; line tiny tiny labels.gz good; } >first-missing
run "$get" --list first-missing
expect "one missing file does not keep the other away" 1 "*labels.gz*" "*1 file(s) missing*"
start
run "$get" --hurry --list first-missing
expect "in a hurry the set is given up" 1 "*" "*404*1 file(s) missing*"
check "in a hurry: the other file was not asked for" test "$(requests | cut -d' ' -f1)" = /none/images.gz
start
run "$get" --hurry --list list tiny
expect "in a hurry, and all there" 0 "*complete*" ""

start
line packed batches-bin batches.tar.gz good >packed
run "$get" --list packed --dest "$DIR/elsewhere"
expect "an archive" 0 "*packed: complete in $DIR/elsewhere" ""
check "an archive: unpacked" diff -r "$DIR/tree/batches-bin" "$DIR/elsewhere/batches-bin"
check "an archive: nothing else is left" test "$(ls "$DIR/elsewhere")" = batches-bin
run env SETLAB_DATA="$DIR/elsewhere" "$get" --list packed
expect "SETLAB_DATA is looked at" 0 "packed: in $DIR/elsewhere" ""

start
echo "no archive at all" | gzip -n >"$www/broken.tar.gz"
line packed batches-bin broken.tar.gz good >broken
run "$get" --list broken
expect "an archive that is none" 1 "*" "*cannot be unpacked*"
check "no archive: no folder is left" test -z "$(ls data | grep -v part)"

start
mkdir -p data/tiny
echo plain >data/tiny/images
run "$get" --list list
expect "an unpacked file counts" 0 "*labels.gz*complete*" ""
check "an unpacked file: only the other was loaded" test "$(requests)" = /good/labels.gz

start
mkdir data; chmod a-w data
if touch data/probe 2>/dev/null; then skip "a folder that cannot be written" "permissions do not bind this user"
else
  run "$get" --list list
  expect "a folder that cannot be written" 1 "*" "*missing*"
fi
chmod u+w data

run "$get" --list list nothing;  expect "an unknown set" 2 "" "get-data: no set is called 'nothing'; known: tiny"
run "$get" --list;               expect "an option without its value" 2 "" "*--list needs a value*"
run "$get" --lost list;          expect "an unknown option" 2 "" "*unknown option '--lost'*--list FILE*"
run "$get" --list "$DIR/none";   expect "no list" 1 "" "*cannot read the list*"
finish
