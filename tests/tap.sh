# tap.sh -- for tests in shell:  . tests/tap.sh; begin; ...; check "name" command; ...; finish
# SETLAB is the program, DIR a fresh directory that is removed at the end.
B=${B:-build}
SETLAB=$PWD/$B/setlab
PTY=$PWD/$B/tests/pty
DIR=$(mktemp -d "${TMPDIR:-/tmp}/setlab-test.XXXXXX") || exit 1
trap 'chmod -R u+rwX "$DIR" 2>/dev/null; rm -rf "$DIR"' EXIT
trap 'exit 1' HUP INT TERM
count=0 failed=0

passed() { count=$((count + 1)); echo "ok $count - $1"; }
skip()   { count=$((count + 1)); echo "ok $count - $1 # SKIP $2"; }
fail()   { # name, what to say about it
  count=$((count + 1)) failed=$((failed + 1))
  echo "not ok $count - $1"
  printf '%s\n' "$2" | sed 's/^/# /'
}
# check NAME COMMAND...: passes if the command succeeds.
check() {
  name=$1; shift
  if "$@" >"$DIR/check.log" 2>&1; then passed "$name"; else fail "$name" "failed: $*
$(cat "$DIR/check.log")"; fi
}
# until_true SECONDS COMMAND...: waits for it to succeed.
until_true() { tries=$(($1 * 50)); shift; while [ $tries -gt 0 ]; do "$@" && return 0; sleep 0.02; tries=$((tries - 1)); done; return 1; }
# processes_with WORD: those of this test, by number, that have WORD in their command line. Tests that run
# at the same time, and have the same names, work in other folders. grep reads WORD from a pipe, so that it does
# not find itself.
processes_with() {
  printf '%s\n' "$1" | grep -lasF -f - /proc/[0-9]*/cmdline | while IFS=/ read -r _ _ process _; do
    [ "$(readlink "/proc/$process/cwd" 2>/dev/null)" != "$PWD" ] || echo "$process"
  done
}
# python_with MODULE...: a Python that has them; the system's, too, where another stands before it.
python_with() {
  for python in "$PYTHON" python3 /usr/bin/python3; do
    "$python" -c "$(printf 'import %s\n' "$@")" 2>/dev/null && echo "$python" && return
  done
}
# catches_interrupts PROCESS: it has handlers for SIGINT and SIGTERM, and will not just die of one.
catches_interrupts() {
  case $(sed -n 's/^SigCgt:.*\(....\)$/\1/p' "/proc/$1/status" 2>/dev/null) in [4-7c-f]??[2367abef]) return 0 ;; esac
  return 1
}
# interrupted SIGNAL COMMAND...: starts it, and sends it the signal as soon as it can take it; as run.
interrupted() {
  signal=$1; shift
  "$@" >"$DIR/run.out" 2>"$DIR/run.err" </dev/null & process=$!
  until_true 300 catches_interrupts $process
  kill "-$signal" $process
  wait $process; status=$?
  out=$(cat "$DIR/run.out") err=$(cat "$DIR/run.err")
}
# run COMMAND...: keeps what it says in $out and $err, its status in $status.
run() {
  "$@" >"$DIR/run.out" 2>"$DIR/run.err" </dev/null
  status=$? out=$(cat "$DIR/run.out") err=$(cat "$DIR/run.err")
}
# on_terminal COLUMNS COMMAND... [-- REGEX KEYS...]: the same on a terminal, where somebody types KEYS when
# it shows REGEX (tests/pty.c). $out is what it showed, a carriage return taken for the end of a line.
on_terminal() {
  columns=$1; shift
  TERM=${TERM:-xterm} "$PTY" -c "$columns" "$@" >"$DIR/run.out" 2>"$DIR/run.err" </dev/null
  status=$? out=$(tr -s '\r\n' '\n\n' <"$DIR/run.out" | sed 's/.\[[0-9;]*[AKm]//g') err=$(cat "$DIR/run.err")
}
# widest: how many columns the longest line of standard input takes.
widest() { LC_ALL=C.UTF-8 wc -L; }
# expect NAME STATUS OUT ERR: of the last run; OUT and ERR are shell patterns.
expect() {
  wrong=
  [ "$status" = "$2" ] || wrong="status $status, want $2"
  case $out in $3) ;; *) wrong="$wrong
stdout is not like: $3" ;; esac
  case $err in $4) ;; *) wrong="$wrong
stderr is not like: $4" ;; esac
  if [ -z "$wrong" ]; then passed "$1"; else fail "$1" "$wrong
--- stdout
$out
--- stderr
$err"; fi
}
finish() { echo "1..$count"; [ "$failed" -eq 0 ]; exit $?; }
