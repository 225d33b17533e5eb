# tap.sh -- for tests in shell:  . tests/tap.sh; begin; ...; check "name" command; ...; finish
# SETLAB is the program, DIR a fresh directory that is removed at the end.
B=${B:-build}
SETLAB=$PWD/$B/setlab
SHELL=/bin/sh; export SHELL  # `script` runs its command with it: the same shell for everybody
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
# run COMMAND...: keeps what it says in $out and $err, its status in $status.
run() {
  "$@" >"$DIR/run.out" 2>"$DIR/run.err" </dev/null
  status=$? out=$(cat "$DIR/run.out") err=$(cat "$DIR/run.err")
}
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
