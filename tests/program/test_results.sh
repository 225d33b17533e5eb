# setlab runs, compare and rm: what is kept, whether it is still what it was, and that it can go.
. tests/tap.sh
cd "$DIR" || exit 1
cat >study.lua <<'LUA'
local lab = require "lab"
local P = lab.params { zeta = 0.3, epochs = 3, fail = false }
local arms = { { name = "first", evolve = lab.set { zeta = 0.2 } }, { name = "second" } }
lab.runs { P.fail and "bad" or "study", arm = arms, seed = { 1, 2 }, run = function(run, arm, seed)
  if P.fail then error "this one fails" end
  for epoch = 1, P.epochs do
    run:log { epoch = epoch, accuracy = 0.5 + 0.1 * P.zeta + 0.01 * seed - (epoch == P.epochs and 0.005 or 0), test_loss = 1 / epoch }
    run:record("degrees", { epoch = epoch }, { epoch, seed })
  end
end }
LUA
lab() { "$SETLAB" "$@"; }
run lab run --progress=lines study.lua
expect "runs are made" 0 "" "*4 runs, 0 read back*"
run lab run --progress=none study.lua zeta=0.5
# The key of the run with this arm, seed and zeta.
key() { lab runs --columns key --csv "arm=$1" "seed=$2" "zeta=$3" | sed -n 2p | tr -d "\""; }  # one that looks like a number is quoted
one=$(key first 1 0.3) two=$(key second 2 0.5)

# ---- runs ----------------------------------------------------------------------------------

run lab runs
expect "all are listed" 0 "key  *experiment  run  *status  accuracy  rows  seconds  started*
*study  *arm=first seed=1 zeta=0.3  *done  *0.535  *3  *20??-??-?? ??:??*" ""
check "one line each" test "$(printf '%s\n' "$out" | wc -l)" = 10
run lab runs arm=first 'zeta>=0.4' --columns seed,zeta,accuracy,arm.evolve.zeta --sort seed
expect "conditions and columns" 0 "seed  zeta  accuracy  arm.evolve.zeta
----  ----  --------  ---------------
   1   0.5     0.555              0.2
   2   0.5     0.565              0.2" ""
for words in "zeta=0.5" "zeta!=0.3" "zeta>0.3" "zeta<=0.5 zeta>0.3" "experiment=study,other zeta==0.5" "name~seed zeta=0.5"; do
  run lab runs $words --csv --columns key
  check "$words" test "$status:$(printf '%s\n' "$out" | wc -l)" = 0:5
done
run lab runs "$one" --csv --columns key
expect "a key is a condition" 0 "key
$one" ""
run lab runs arm.evolve.zeta=0.2 --csv --columns key
check "a run that lacks the name fits no condition" test "$(printf '%s\n' "$out" | wc -l)" = 5
run lab runs --sort=-accuracy --limit 1 --columns accuracy,seed
expect "the best first" 0 "*0.565     2" ""
run lab runs --sort=accuracy --limit 1 --columns accuracy,parameters.epochs
expect "and the worst" 0 "*0.535                  3" ""
run lab runs status=nothing
expect "nothing fits" 0 "no such run in runs" ""
run lab runs --runs nowhere zeta=1
expect "an empty store" 0 "no such run in nowhere" ""
run lab runs --runs nowhere --json
expect "as JSON, too" 0 "[[]]" ""
run lab runs --csv
expect "CSV of all that is known" 0 "key,experiment,name,status,rows,*,arm,arm.evolve,*arm.evolve.zeta,seed,epochs,fail,zeta,accuracy,epoch,test_loss
*" ""
run lab runs --json "$one"
case $out in *'"arguments": {'*'"arm": "first"'*'"metrics": {"accuracy": 0.53'*'"parameters": {"epochs": 3,'*'"status": "done"'*) passed "JSON" ;; *) fail "JSON" "$out" ;; esac
run lab runs zetta=1
expect "an unknown name" 2 "" "*no run has 'zetta' (did you mean 'zeta'?)*"
run lab runs --columns key,sead
expect "an unknown column" 2 "" "*no run has 'sead' (did you mean 'seed'?)*"
run lab runs --sort=-acuracy
expect "an unknown order" 2 "" "*no run has 'acuracy' (did you mean 'accuracy'?)*"
run lab runs 'zeta=>1'
expect "an unknown sign" 2 "" "*there is no operator '=>'*"
run lab runs "what now"
expect "no condition at all" 2 "" "*neither a condition*"
run lab runs --csv --json
expect "two formats" 2 "" "*not both*"
LC_ALL=C.UTF-8 on_terminal 50 "$SETLAB" runs
expect "the table is shortened on a terminal" 0 "*…*" ""
check "and fits the window" test "$(printf '%s\n' "$out" | widest)" -gt 30 -a "$(printf '%s\n' "$out" | widest)" -lt 50

# ---- verify ----------------------------------------------------------------------------------

run lab runs --verify
expect "all are as they were written" 0 "*8 runs: 8 ok" ""
check "every file has its checksum" test "$(sed -n '/^checksums:/,/^[^ c]/p' "runs/$one/result.yaml" | grep -c '^  ')" = "$(ls "runs/$one" | grep -vc 'LOCK\|result.yaml')"
cp -R runs kept
printf 'x' | dd of="runs/$one/metrics.csv" bs=1 seek=3 conv=notrunc 2>/dev/null
rm "runs/$two/degrees.csv"
three=$(key first 2 0.3) four=$(key second 1 0.3) five=$(key second 2 0.3) six=$(key first 1 0.5)
sed -i '/^checksums:/,/^[^ c]/{/^checksums:/d;/^  /d;}' "runs/$three/result.yaml"
printf 'key: "' >"runs/$four/run.yaml"
rm "runs/$five/meta.yaml"
cp "kept/$one/run.yaml" "runs/$six/run.yaml"
mkdir runs/0123456789ab
: >runs/ba9876543210
run lab runs --verify
expect "what is not is found" 1 "*$one  *changed  *metrics.csv changed*" ""
for words in "$two .*missing  *degrees.csv missing" "$three .*no checksums" "$four .*damaged  *run.yaml: " "$five .*damaged  *there is no meta.yaml" \
  "$six .*damaged  *run.yaml is of the run $one" "0123456789ab .*damaged  *there is no run.yaml" "ba9876543210 .*damaged" \
  "10 runs: 2 ok, 1 changed, 1 missing, 5 damaged, 1 no checksums (older)"; do
  printf '%s\n' "$out" >verified
  check "verify says: $words" grep -q "$words" verified
done
run lab runs
expect "a damaged folder is listed as such" 0 "*$four *damaged*" "*runs/$four is damaged: run.yaml: *"
run lab runs status=damaged --csv --columns key
check "and can be asked for" test "$(printf '%s\n' "$out" | wc -l)" = 6
run lab run --progress=lines study.lua
expect "a run without checksums is read back" 0 "" "*4 runs, *"
check "and what could not be read is made anew" lab runs --verify "$four"
# Files that hold anything at all: listed, and no crash.
for text in "" "status: {}
" "checksums: 3
status: done
" "status: done
checksums:
  ../../study.lua: 00
  4: 00
last: 7
rows: many
seconds: soon
"; do
  cp -R "kept/$one/." "runs/$one"
  printf '%s' "$text" >"runs/$one/result.yaml"
  run lab runs --verify "$one"
  check "a result of '$(printf '%s' "$text" | head -n 1)...' is no crash" test "$status" -le 1 -a "$(printf '%s' "$err" | grep -c 'lua/lab')" = 0
  run lab runs "$one"
  check "nor is it listed with one ('$(printf '%s' "$text" | head -n 1)...')" test "$status:$(printf '%s' "$err" | grep -c 'lua/lab')" = 0:0
done
for text in "arguments: 7
key: $one
" "key: [1, 2]
" "arguments:
  arm:
    name: [1]
    x: {}
key: $one
parameters: [1, 2]
"; do
  printf '%s' "$text" >"runs/$one/run.yaml"
  run lab runs "$one" --json
  check "a configuration of '$(printf '%s' "$text" | head -n 1)...' is no crash" test "$status:$(printf '%s' "$err" | grep -c 'lua/lab')" = 0:0
done
rm -r runs; mv kept runs

# ---- compare -----------------------------------------------------------------------------------

run lab compare "$one" "$two"
expect "two runs" 0 "A  $one  study arm=first seed=1 zeta=0.3  done*
B  $two  study arm=second seed=2 zeta=0.5  done*
differs  * A  * B
*arguments  *arm.evolve.every*  1 *–
*seed*  1  *2
parameters  zeta*0.3  *0.5
*
result  *A  *B  *B - A
*accuracy  last  *0.535  *0.565  *+0.03
accuracy  best  *0.54  *0.57*
the same in both: epoch, test_loss

They differ in arguments (*), parameters (zeta); B's accuracy ends 0.03 higher; *" ""
run lab compare "runs/$one" "./runs/$one/"
expect "a run with itself, by paths" 0 "*The same configuration, program and machine; accuracy ends the same*" ""
cat >ends.lua <<'LUA'
local lab = require "lab"
lab.runs { "ends", arm = { "same best", "breaks down", "good" }, run = function(run, arm)
  for n = 1, 4 do
    run:log { epoch = n, seconds = n * (arm == "good" and 2 or 1), accuracy = n == 2 and 0.9 or arm == "good" and 0.8 or 0.85,
      loss = arm == "breaks down" and n > 2 and 0 / 0 or 0.2 / n, links = 7 }
  end
end }
LUA
run lab run --progress=none ends.lua
end_of() { lab runs --columns key --csv experiment=ends "arm=$1" | sed -n 2p; }
run lab compare "$(end_of 'same best')" "$(end_of good)"
expect "a best that is the same beside a last that is not" 0 "*
accuracy  last  *0.85  *0.8  *-0.05
accuracy  best  *0.9  *0.9  *0
seconds   last  *4  *8  *+4
the same in both: epoch, links, loss
*B's accuracy ends 0.05 lower*" ""
if printf '%s\n' "$out" | grep -q "^seconds *best"; then fail "seconds have no best" "$out"; else passed "seconds have no best"; fi
case $out in *"took 1 times"*) fail "nothing takes once as long" "$out" ;; *) passed "nothing takes once as long" ;; esac
run lab compare "$(end_of 'breaks down')" "$(end_of good)"
expect "a run that ends as not-a-number" 0 "*
loss  *last  *–  *0.05
seconds*
*A's loss ends as not-a-number; B's accuracy ends *" ""
run lab compare --json "$(end_of 'breaks down')" "$(end_of good)"
expect "the same as JSON" 0 '*"a": null, "b": 0.05, "name": "loss", "what": "last"*' ""
run lab runs experiment=ends --sort=-loss --columns arm,loss
expect "it stands last in any order" 0 "arm          *loss
*
*0.05
*0.05
breaks down  *–
– is not-a-number, in the last row of a run's metrics: 1 here" ""
run lab runs experiment=ends loss=nan --columns arm
expect "and can be asked for" 0 "*breaks down" ""
run lab rm --where experiment=ends --yes
run lab compare --json "$one" "$two"
case $out in *'"group": "parameters"'*'"summary": "They differ in'*) passed "compare as JSON" ;; *) fail "compare as JSON" "$out" ;; esac
run lab compare "" "$two"
expect "a prefix of many" 2 "" "*8 runs begin with ''*study arm=*"
run lab compare zzz "$two"
expect "no such run" 2 "" "*no run in runs begins with 'zzz'; there are:*$one*"
run lab compare "$one"
expect "one is not two" 2 "" "*which two runs?*"
run lab compare runs/nothing "$two"
expect "no such folder" 2 "" "*'runs/nothing' is not a run folder*"
cp -R "runs/$two" other
: >other/meta.yaml
run lab compare ./other "$one"
expect "a damaged folder" 1 "" "*is damaged: meta.yaml: *"

# ---- rm ------------------------------------------------------------------------------------------

run lab rm "$one" --dry-run
expect "a dry run" 0 "*$one*1 run, * would be removed" ""
run lab rm "$one"
expect "nobody to ask" 2 "" "*give --yes*"
check "nothing is gone" test -d "runs/$one"
run lab rm --where zeta=0.5 --where seed=2 --yes
expect "by conditions" 0 "removed 2 runs" ""
check "what was meant is gone" test ! -e "runs/$two" -a "$(ls runs | wc -l)" = 6
run lab rm "$one" "$one" --yes
expect "by key" 0 "removed 1 run" ""
run lab rm zz --yes
expect "no such key" 2 "" "*no run in runs begins with 'zz'*"
run lab rm
expect "nothing said" 2 "" "*which run?*"
run lab rm --where zeta=9 --yes
expect "nothing fits what to remove" 0 "no such run in runs" ""
run lab run --progress=lines study.lua
expect "a script makes it again" 0 "" "*4 runs, 3 read back*"
on_terminal 80 "$SETLAB" rm --where zeta=0.3 --where seed=1 --where arm=second -- '\[y/N\]' 'n\n'
expect "on a terminal it asks" "$status" "*Remove 1 run, *? \[y/N\]*" ""
check "and no means no" test "$(ls runs | wc -l)" = 6
on_terminal 80 "$SETLAB" rm --where zeta=0.3 --where seed=1 --where arm=second -- '\[y/N\]' 'yes\n'
expect "and yes means yes" 0 "*removed 1 run*" ""
check "it is gone" test "$(ls runs | wc -l)" = 5
run lab run --progress=none study.lua
: >wait
cat >slow.lua <<'LUA'
local lab = require "lab"
lab.runs { "slow", run = function(run)
  while io.open "wait" do os.execute "sleep 0.05" end
  run:log { x = 1 }
end }
LUA
"$SETLAB" run --progress=none slow.lua 2>/dev/null & pid=$!
for _ in $(seq 200); do lab runs experiment=slow status=running --csv --columns key 2>/dev/null | grep -q '^[0-9a-f]' && break; sleep 0.05; done
run lab rm --where experiment=slow --yes
expect "a run at work is left alone" 1 "removed 0 runs" "*is not removed: process * is working on this run"
run lab runs experiment=slow --verify
expect "and not verified" 0 "*1 run: 1 not finished" ""
kill -9 $pid; wait $pid 2>/dev/null; rm wait
run lab runs experiment=slow --columns status
expect "a run whose process is gone" 0 "*crashed" ""
run lab rm --where status=crashed --yes
expect "can be removed" 0 "removed 1 run" ""
run lab run --progress=none study.lua fail=true
run lab runs status=failed --columns status,why
expect "failed runs say why" 0 "*failed  *study.lua:5: this one fails*" ""
run lab runs status=failed --verify
expect "and have checksums, too" 0 "*4 ok" ""

# A sweep makes again what was removed, also what failed.
cat >one.lua <<'LUA'
local lab = require "lab"
local P = lab.params { zeta = 0.3, seed = 1 }
lab.runs { "one", seed = P.seed, run = function(run)
  if P.zeta > 0.4 and not os.rename("mended", "mended") then error "fails" end
  run:log { x = P.zeta }
end }
LUA
run lab sweep --progress=none one.lua zeta=0.1,0.5 --metric x
expect "a sweep, one of whose runs fails" 1 "*done*failed*" "*"
touch mended
run lab sweep --progress=none one.lua zeta=0.1,0.5 --metric x
expect "it stays failed" 1 "*done*failed*" "*"
run lab rm --where experiment=one --yes
expect "its runs are removed" 0 "removed 2 runs" ""
run lab sweep --progress=none one.lua zeta=0.1,0.5 --metric x
expect "and made again" 0 "*done*done*" "*"
# ---- tags ----------------------------------------------------------------------------------

lab() { "$SETLAB" "$@"; }
rm -rf runs
run lab run --progress=none study.lua
one=$(key first 1 0.3) two=$(key second 2 0.3)
run lab tag "$one" baseline good:1;            expect "a run gets words" 0 "1 run" ""
run lab tag "$one" baseline --note "a note, with a comma"
run lab tag "$one";                            expect "what a run has" 0 "$one  baseline, good:1; a note, with a comma" ""
run lab tag --where arm=second slow;           expect "all that fit a condition" 0 "2 runs" ""
run lab runs;                                  expect "the list has a column of them" 0 "key  *status  *tags  *accuracy*baseline,good:1*" ""
run lab runs tags~slow --csv --columns key,tags; expect "runs are found by them" 0 "key,tags*$two*,slow*" ""
check "and no others" test "$(printf '%s\n' "$out" | wc -l)" = 3
run lab runs --verify;                         expect "they are no part of what is verified" 0 "*4 runs: 4 ok" ""
run lab run --progress=none study.lua;         expect "nor of a run's key" 0 "" "*"
check "nothing is trained" test "$(lab runs --csv --columns key | wc -l)" = 5
run lab tag "$one" --remove baseline good:1
run lab tag "$one" --note "";                  expect "words and note go" 0 "1 run" ""
check "and the file with them" test ! -e "runs/$one/tags.yaml"
run lab tag "$one";                            expect "none are left" 0 "$one  no words" ""
run lab tag "$one" "two words";                expect "what is no word" 2 "" "setlab tag: 'two words' is no word: it may have letters, digits and . _ - : only*"
run lab tag;                                   expect "no run named" 2 "" "setlab tag: give the beginning of a run's key, or --where*"
run lab tag zzz x;                             expect "no such run" 2 "" "*begins with 'zzz'*"
run lab tag "$one" --remove;                   expect "nothing to take off" 2 "" "*--remove needs the words to take off*"
printf 'tags: 3\nnote: [1]\n' >"runs/$one/tags.yaml"
run lab tag "$one";                            expect "a damaged file counts as none" 0 "$one  no words" ""
printf '{' >"runs/$one/tags.yaml"
run lab runs;                                  expect "and stops nobody" 0 "*" ""

finish
