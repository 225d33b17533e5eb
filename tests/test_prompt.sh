# The prompt on a real terminal, typed at by `script` of util-linux.
. tests/tap.sh
unset LANG LC_ALL LC_CTYPE  # as in a bare container
XDG_STATE_HOME=$DIR/state TERM=vt100
export XDG_STATE_HOME TERM

# saw REGEX: waits until what the terminal has shown, its lines joined by ~, matches REGEX.
saw() {
  tries=0
  until tr -d '\r\007' <"$DIR/terminal" | tr '\n' '~' | grep -qE -e "$1"; do
    tries=$((tries + 1))
    if [ $tries -ge 1000 ]; then echo "# never saw $1" >&2; return 1; fi
    sleep 0.02
  done
}
# types REGEX KEYS...: waits for each REGEX before it sends the KEYS (as printf writes them). The
# keyboard stays plugged in until the status was seen, and only then a last Enter lets the shell
# at the terminal go: `script` loses what is still on its way when its input or the shell ends.
# That shell must outlive Ctrl-C, which reaches it too: dash remembers it, and ends with the program.
types() {
  while [ $# -gt 1 ]; do saw "$1"; printf "$2"; shift 2; done
  saw 'status='
  printf '\n'
}
# session REGEX KEYS...: what the terminal showed, in $out. A terminal that was lost before it
# showed a status is tried once more; a program that hangs does so twice.
session() {
  for attempt in 1 2; do
    : >"$DIR/terminal"
    types "$@" | timeout 120 script -qefc "trap : INT; $SETLAB; echo status=\$?; read -r enter" /dev/null >"$DIR/terminal" 2>&1
    out=$(tr -d '\r\007' <"$DIR/terminal") err= status=0
    case $out in *status=*) return ;; esac
    { echo "# attempt $attempt: no status; what runs:"; ps -eo pid,stat,wchan:20,args | grep -F "$SETLAB" | sed 's/^/# /'; } >&2
  done
}

if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  skip "the prompt" "script (of bsdutils) is not here, or gets no terminal"
  finish
fi

session '> $' '6 * 7\nlocal x = 20\n= x * 2 + 3\nfor i = 1, 2 do\nprint("row", i)\nend\nnothing\n"after"\n("\303\244"):byte(1, 2)\n' '195.*~> $' '\004'
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

session '> $' 'math.ma' 'math.ma' '\t' 'ma.+x$' '\t' 'maxinteger' '(3, 4)\n' \
  '~4~> $' 'coroutine.isy' 'isy' '\t' 'ieldable' '()\n' '~false~> $' '\004'
expect "Tab shows the candidates" 0 "*max  maxinteger*
4
*" ""
expect "Tab completes" 0 "*
false
*status=0*" ""

session '> $' 'print("lo" .. "op") while true do end\n' '~loop' '\003' 'interrupted~> $' '"one"\n' \
  '~"one"~> $' 'half a line' 'half a line' '\003' 'line\^C~> $' '"two"\nfor i = 1, 2 do\n' \
  '~>> $' '\003' '>> \^C~> $' '"three"\nfor i = 1, 2 do\n' \
  '"three"~.*~>> $' '\004' '>> \^D~> $' '\004'
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
  session '> $' '"remembered"\n' '~"remembered"~> $' '\004'
  session '> $' '\033[A' '> "remembered"' '\n' '~"remembered"~> $' '\004'
  expect "the history is kept" 0 "*
\"remembered\"
*status=0*" ""
  mode=$(ls -l "$DIR/state/setlab/history" | cut -c 1-10)
  check "nobody else reads it" test "$mode" = "-rw-------"
fi
finish
