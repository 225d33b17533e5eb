# The somebody who types in tests (tests/pty.c): a terminal with a size, waits, Ctrl-C, ends.
. tests/tap.sh
on_terminal 33 sh -c 'stty size; test -t 0 && test -t 1 && test -t 2; exit $((3 + $?))'
expect "a terminal of its own, and the command's status" 3 "24 33" ""
on_terminal 80 sh -c 'printf "name? "; read x; echo "hello, $x"; exec cat' -- 'name\? $' 'w\157rld\n' 'hello' '\003'
expect "waits, types, sends Ctrl-C" 130 "name? world
hello, world
^C" ""
on_terminal 80 sh -c 'echo a; echo b' -- 'a~b~$' ''
expect "lines are joined by ~" 0 "a
b" ""
on_terminal 80 -l 1 sh -c 'echo a; exec sleep 60' -- 'b' 'x'
expect "waits that come to nothing" 124 "a" "pty: never saw b*pty: did not end within 1 s"
on_terminal 80 sh -c 'echo a' -- 'b' 'x'
expect "a command that ends before its time" 0 "a" "pty: never saw b"
on_terminal 80 "$DIR/none"
expect "no such command" 127 "pty: $DIR/none: No such file or directory" ""
run "$PTY"
expect "no command" 2 "" "usage: pty *"
run "$PTY" true -- x
expect "a REGEX without KEYS" 2 "" "usage: pty *"
run "$PTY" true -- '(' x
expect "a REGEX that is none" 2 "*" "pty: (: *"
finish
