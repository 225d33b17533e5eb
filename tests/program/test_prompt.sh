# The prompt on a real terminal, typed at by tests/pty.c.
. tests/tap.sh
unset LANG LC_ALL LC_CTYPE  # as in a bare container
XDG_STATE_HOME=$DIR/state TERM=vt100
export XDG_STATE_HOME TERM

# session REGEX KEYS...: waits for each REGEX before it sends the KEYS; what the terminal showed, in $out.
session() {
  "$PTY" -k "$SETLAB" -- "$@" >"$DIR/terminal" 2>"$DIR/err" </dev/null
  status=$? out=$(tr -d '\r\007' <"$DIR/terminal") err=$(cat "$DIR/err")
}

session '> $' '6 * 7\n' '~42~> $' 'local x = 20\n' '= 20~> $' '= x * 2 + 3\n' '~43~> $' 'for i = 1, 2 do\n' 'do~>> $' \
  'print("row", i)\n' '\)~>> $' 'end\n' 'row.2~> $' 'nothing\n' 'declared~> $' '"after"\n' '~"after"~> $' \
  '("\303\244"):byte(1, 2)\n' '195.*~> $' '\004'
expect "an expression prints its value" 0 "*
42
*" ""
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
*" ""

session '> $' 'print("lo" .. "op") while true do end\n' '~loop' '\003' 'interrupted~> $' '"one"\n' \
  '~"one"~> $' 'half a line' 'half a line' '\003' 'line\^C~> $' '"two"\n' '~"two"~> $' 'for i = 1, 2 do\n' \
  '~>> $' '\003' '>> \^C~> $' '"three"\n' '~"three"~> $' 'for i = 1, 2 do\n' \
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
expect "Ctrl-D leaves in two steps" 0 "*" ""

session '> $' '?lab.format.percent\n' 'percentage.*~> $' '?lab.frmat\n' 'did you mean.*~> $' '\004'
expect "a question mark explains a word" 0 "*lab.format.percent*a share as a percentage*did you mean 'lab.format'*" ""
if command -v gnuplot >/dev/null 2>&1; then
  session '> $' 'lab.plot.xy { series = { { y = { 1, 4, 9, 16 } } }, xlabel = "size" }\n' 'figure. .*> $' '"still here"\n' '~"still here"~> $' '\004'
  expect "figures are drawn with letters" 0 "*16 +*0 ++-----*size*still here*" ""
fi

if [ -e "$DIR/state/setlab/history" ]; then
  session '> $' 'many = {\n' '~>> $' '1, 2,\n' '2,~>> $' '30 }\n' '30 }~> $' '\033[A' 'many = . 1, 2, 30 .' '\177\177 + 4 }\n' '~> $' 'many[3]\n' '~34~> $' '\004'
  expect "several lines come back as one" 0 "*
34
*" ""
  session '> $' '"remembered"\n' '~"remembered"~> $' '\004'
  session '> $' '\033[A' '> "remembered"' '\n' '~"remembered"~> $' '\004'
  expect "the history is kept" 0 "*
\"remembered\"
*" ""
  mode=$(ls -l "$DIR/state/setlab/history" | cut -c 1-10)
  check "nobody else reads it" test "$mode" = "-rw-------"
fi
finish
