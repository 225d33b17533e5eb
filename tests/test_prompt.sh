# The prompt on a real terminal, typed at by `script` of util-linux.
. tests/tap.sh
unset LANG LC_ALL LC_CTYPE  # as in a bare container
XDG_STATE_HOME=$DIR/state TERM=vt100
export XDG_STATE_HOME TERM

# types SECONDS WORD...: sends each word's bytes (as printf writes them) after a pause.
types() {
  sleep 0.5
  pause=$1; shift
  for keys in "$@"; do printf "$keys"; sleep "$pause"; done
}
# session WORD...: what the terminal showed, in $out; the status in $status.
session() {
  types 0.3 "$@" | timeout 60 script -qec "$SETLAB; echo status=\$?" /dev/null >"$DIR/terminal" 2>&1
  out=$(tr -d '\r\007' <"$DIR/terminal") err= status=0
}

if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  skip "the prompt" "script (of bsdutils) is not here, or gets no terminal"
  finish
fi

session '6 * 7\nlocal x = 20\n= x * 2 + 3\nfor i = 1, 2 do\nprint("row", i)\nend\nnothing\n"after"\n("\303\244"):byte(1, 2)\n' '\004'
expect "an expression prints its value" 0 "*
42
*status=0*" ""
expect "a local stays" 0 "*
43
*" ""
expect "continuation lines" 0 "*>>*
row	1
row	2
*" ""
expect "an error is told and life goes on" 0 "*prompt:1: 'nothing' is not declared*
\"after\"
*" ""
expect "a character of two bytes" 0 "*
195	164
*" ""

session 'math.ma' '\t' '\t' '(3, 4)\ncoroutine.isy' '\t' '()\n' '\004'
expect "Tab shows the candidates" 0 "*max  maxinteger*
4
*" ""
expect "Tab completes" 0 "*
false
*status=0*" ""

session 'while true do end\n' '\003' '"one"\n' 'half a line' '\003' '"two"\nfor i = 1, 2 do\n' '\003' '"three"\nfor i = 1, 2 do\n' '\004' '\004'
expect "Ctrl-C ends a loop, not the prompt" 0 "*interrupted*
\"one\"
*" ""
expect "Ctrl-C gives up a line" 0 "*half a line^C*
\"two\"
*" ""
expect "Ctrl-C gives up what was begun" 0 "*>> ^C*
\"three\"
*" ""
expect "Ctrl-D leaves in two steps" 0 "*status=0*" ""

if [ -e "$DIR/state/setlab/history" ]; then
  session '"remembered"\n' '\004'
  session '\033[A' '\n' '\004'; expect "the history is kept" 0 "*
\"remembered\"
*status=0*" ""
  mode=$(ls -l "$DIR/state/setlab/history" | cut -c 1-10)
  check "nobody else reads it" test "$mode" = "-rw-------"
fi
finish
