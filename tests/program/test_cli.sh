. tests/tap.sh

run "$SETLAB" --version;        expect "version" 0 "setlab [0-9]*.[0-9]*.[0-9]*" ""
run "$SETLAB" --help;           expect "help" 0 "NAME*SYNOPSIS*COMMANDS*run*EXIT STATUS*FILES*" ""
run "$SETLAB" help;             expect "help as a command" 0 "NAME*COMMANDS*" ""
for command in run help test-file; do
  run "$SETLAB" help $command;   expect "help $command" 0 "NAME*setlab $command*SYNOPSIS*EXIT STATUS*" ""
  manual=$out
  run "$SETLAB" $command --help; check "$command --help says the same" test "$out" = "$manual"
done
run "$SETLAB" help nonsense;    expect "help of nothing" 2 "" "*'nonsense' is not a command*"
run "$SETLAB" help lab.set;     expect "help of a word" 0 "NAME*lab.set - *OPTIONS*zeta: number, *RETURNS*EXAMPLE*" ""
run "$SETLAB" help net:epochs;  expect "help of a method" 0 "NAME*net:epochs - *OPTIONS*" ""
run "$SETLAB" help net;         expect "help of an object" 0 "NAME*net - *METHODS*" ""
run "$SETLAB" help runs;        expect "a command comes before an object of its name" 0 "*setlab runs*SYNOPSIS*" ""
run "$SETLAB" help lab.sett;    expect "help of a misspelt word" 2 "" "setlab help: there is no word 'lab.sett' (did you mean 'lab.set'?)*"
run "$SETLAB" help net:epoch;   expect "help of a misspelt method" 2 "" "setlab help: there is no word 'net:epoch' (did you mean 'net:epochs'?)*"
run "$SETLAB" help lab.zzzzzzz; expect "help of nothing like a word" 2 "" "setlab help: there is no word 'lab.zzzzzzz': 'setlab help lab' lists them*"
run "$SETLAB" help confusion;   expect "help searches" 0 "*in their name or summary*setlab help net:confusion*" ""
run "$SETLAB" help lab.curves;  expect "help of a word without its group" 2 "" "*did you mean 'lab.plot.curves'*"
run "$SETLAB" help --page=;     expect "help: a page without a folder" 2 "" "*--page needs a folder*"
run "$SETLAB" help --markdown x; expect "help: all, and one" 2 "" "*the whole manual has no place for a name*"
run "$SETLAB" report --oen x;   expect "an option that is no user's is not proposed" 2 "" "*unknown option '--oen'; known: *"
run "$SETLAB" rnu;              expect "a misspelt command" 2 "" "setlab: 'rnu' is not a command (did you mean 'run'?)*Try 'setlab --help'*"
run "$SETLAB" --bogus;          expect "an unknown option" 2 "" "setlab: unknown option '--bogus'*"
run "$SETLAB" run;              expect "no script" 2 "" "setlab run: which script?*"
run "$SETLAB" run --thread=2 x; expect "a misspelt option" 2 "" "*unknown option '--thread' (did you mean '--threads'?)*"
run "$SETLAB" run --threads=0 x; expect "no thread" 2 "" "*--threads is 0, must be at least 1*"
run "$SETLAB" report -o "" x;   expect "a folder without a name" 2 "" "setlab report: --output needs a folder*"
run "$SETLAB" run a.lua b.lua;  expect "two scripts" 2 "" "*one script at a time*b.lua*"

run "$SETLAB" run "$DIR/none.lua"; expect "a missing script" 1 "" "setlab: cannot open the script: *none.lua: No such file*"
run "$SETLAB" run "$DIR";          expect "a directory" 1 "" "setlab: cannot read the script '$DIR': Is a directory"
printf 'print(1)\0' >"$DIR/zero.lua"
run "$SETLAB" run "$DIR/zero.lua"; expect "bytes that are no text" 1 "" "*zero.lua' is not a Lua script*"
: >"$DIR/empty.lua"
run "$SETLAB" run "$DIR/empty.lua"; expect "an empty script" 0 "" ""

cd "$DIR"
printf 'local x = 1\nlocal y = = 2\n' >syntax.lua
run "$SETLAB" run syntax.lua; expect "a syntax error" 1 "" "syntax.lua:2: unexpected symbol near '='
     2 | local y = = 2"
printf 'local t\nprint "before"\nprint(t.x)\n' >runtime.lua
run "$SETLAB" run runtime.lua; expect "a runtime error" 1 "before" "runtime.lua:3: attempt to index a nil value (local 't')
     3 | print(t.x)"
run "$SETLAB" run runtime.lua --traceback; expect "its traceback when asked" 1 "before" "stack traceback:*runtime.lua:3*runtime.lua:3: attempt*"
printf 'error { code = 3 }\n' >table.lua
run "$SETLAB" run table.lua; expect "an error that is a table" 1 "" "setlab: the script raised an error that is not a message but a table value"
printf 'prnt(1)\n' >global.lua
run "$SETLAB" run global.lua; expect "an undeclared name" 1 "" "global.lua:1: 'prnt' is not declared (did you mean 'print'?)*"
printf '#!/usr/bin/env setlab\nprint "hello"\n' >hello.lua
run "$SETLAB" hello.lua; expect "a script without a command" 0 "hello" ""
printf '\357\273\277print "bom"\n' >bom.lua
run "$SETLAB" bom.lua; expect "a byte order mark" 0 "bom" ""
printf 'io.popen("kill -INT $PPID"):close() while true do end' >stop.lua
run "$SETLAB" run stop.lua; expect "an interrupt" 130 "" "setlab: interrupted"
# begun SCRIPT: runs it in the background and waits until it has said so; its process is $pid.
begun() {
  : >loop.out
  "$SETLAB" run "$1" >loop.out 2>loop.err & pid=$!
  until [ -s loop.out ] || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
}
# A shell without job control starts background jobs with SIGINT ignored; setlab asks for it.
printf 'print "begun" io.stdout:flush() while true do end' >loop.lua
begun loop.lua; kill -INT $pid; wait $pid; status=$? out= err=$(cat loop.err)
expect "Ctrl-C in a loop" 130 "" "setlab: interrupted"
printf 'setmetatable({}, { __gc = function() print "begun" io.stdout:flush() while true do end end }) collectgarbage()' >stubborn.lua
begun stubborn.lua
# Two that find the process asleep are one; so until it is gone.
while kill -INT $pid 2>/dev/null; do sleep 0.4; done
wait $pid; status=$? out= err=$(cat loop.err)
expect "Ctrl-C twice ends a script where no error can be raised" 130 "" ""

run sh -c 'echo "print(6 * 7)" | "$1"' sh "$SETLAB"; expect "standard input is a script" 0 "42" ""
run sh -c 'echo "print(6 *" | "$1"' sh "$SETLAB";    expect "its syntax error" 1 "" "stdin:*: unexpected symbol*"
printf 'for i = 1, 100000 do print(i) end' >many.lua
run sh -c '{ "$1" run many.lua; echo $? >&2; } | head -n 1' sh "$SETLAB"; expect "a reader that goes away" 0 "1" "0"
if [ -w /dev/full ]; then
  run sh -c '"$1" run many.lua >/dev/full' sh "$SETLAB"; expect "a full disk" 1 "" "setlab: cannot write to standard output: *"
  run sh -c '"$1" --version >/dev/full' sh "$SETLAB"; expect "a full disk at the end" 1 "" "setlab: cannot write to standard output: *"
else skip "a full disk" "no /dev/full here"; fi

cat >params.lua <<'LUA'
local lab = require "lab"
local P = lab.params {
  epochs = 4,
  zeta = { 0.3, min = 0, max = 1, help = "share" },
  init = { "he", choices = { "he", "xavier" } },
  profiles = { smoke = { epochs = 1 } },
}
print(P.epochs, P.zeta, P.init)
LUA
run "$SETLAB" run --params params.lua; expect "the parameters of a script" 0 "epochs=4
init=he  (one of he, xavier)
zeta=0.3  (at least 0; at most 1)  share
--profile=smoke  epochs=1" ""
run "$SETLAB" run --params params.lua --smoke zeta=0.1; expect "the parameters as set" 0 "epochs=1  (by default 4)
*
zeta=0.1  (at least 0; at most 1; by default 0.3)  share
*" ""
run "$SETLAB" run params.lua epochs=7 --smoke; expect "the command line beats the profile" 0 "7	0.3	he" ""
run "$SETLAB" run --profile=smoke params.lua;  expect "a profile" 0 "1	0.3	he" ""
run "$SETLAB" run params.lua --profile=smoky;  expect "a misspelt profile" 1 "" "params.lua:2: *'smoky' (did you mean 'smoke'?)*"
run "$SETLAB" run params.lua epoch=7; expect "a parameter that is not declared" 1 "" "params.lua:2: *'epoch'*(did you mean 'epochs'?)
     2 | local P = lab.params {"
run "$SETLAB" run params.lua epochs=many; expect "a value of the wrong kind" 1 "" "params.lua:2: *'epochs'*'many'*"
run "$SETLAB" run params.lua zeta=2; expect "a value out of range" 1 "" "params.lua:2: *'zeta'*2*"
run "$SETLAB" run params.lua init=hee; expect "no such choice" 1 "" "params.lua:2: *'hee'*(did you mean 'he'?)*"
run "$SETLAB" run --params hello.lua; expect "a script without parameters" 0 "hello
hello.lua declares no parameters" ""
run "$SETLAB" run hello.lua x=1; expect "which then cannot be set" 1 "hello" "setlab: *'x'*"

cat >runs.lua <<'LUA'
local lab = require "lab"
local function train(run, arm, seed)
  if seed == 2 then error "this seed is bad" end
  run:log { epoch = 1, value = seed }
end
local runs = lab.runs { "tries", arm = { { name = "a" } }, seed = { 1, 2, 3 }, run = train }
print(#runs, runs[1].status, runs[2].status, runs[3].status)
LUA
run "$SETLAB" run runs.lua --runs "$DIR/kept"; expect "a failed run: the others go on, status 1" 1 "3	done	failed	done" "*this seed is bad*setlab: 1 run failed"
run "$SETLAB" report stop.lua -o "$DIR/stopped"; expect "an interrupted page" 130 "" "setlab: interrupted"
check "it leaves nothing behind" test ! -e "$DIR/stopped/stop_files"
cat >slow.lua <<'LUA'
local lab = require "lab"
local function train(run) local t = os.clock() while os.clock() - t < 1 do end run:log { epoch = 1 } end
lab.runs { "slow", run = train }
LUA
run "$SETLAB" run slow.lua --runs "$DIR/slow" --monitor=0.02
check "--monitor sets the time between samples" test "$(cat "$DIR"/slow/*/monitor.csv | wc -l)" -gt 6
run "$SETLAB" run slow.lua --monitor=0; expect "no time between samples" 2 "" "setlab run: --monitor is 0, must be at least 0.001*"
run "$SETLAB" run runs.lua --runs "$DIR/kept" --explain; expect "--explain says why" 1 "3	done	failed	done" "*seed=1: read back from $DIR/kept/*"

finish
