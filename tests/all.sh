#!/bin/sh
# All that can be tested here, in turn; `make test-all` calls it. The last line counts what all parts have
# counted: "N passed, M failed, K skipped". A part that cannot be built is a failure.
#   B=DIR KILLS=25 FUZZ_SECONDS=10 PARTS="plain hard threads fuzz" tests/all.sh
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
parts=${PARTS:-plain hard threads fuzz}
counts=$B/tests/all.counts
mkdir -p "$B/tests" && : >"$counts" || exit 1
trap 'exit 130' HUP INT TERM

# part NAME DIR TARGET COMMAND...: builds what `make TARGET` builds, in DIR, and runs the command.
part() {
  name=$1 folder=$2 target=$3; shift 3
  case " $parts " in *" $name "*) ;; *) return ;; esac
  echo "---- $name"
  if ! make -s --no-print-directory -j"$(nproc)" B="$B" WERROR="$WERROR" "$target"; then
    echo "FAILED  $name: it could not be built"
    echo "0 1 0" >>"$counts"
    return
  fi
  B=$folder "$@" || grep -q . "$folder/tests/logs/summary" || { echo "FAILED  $name: its tests did not come to their end"; echo "0 1 0" >>"$counts"; }
  cat "$folder"/tests/logs/*.counts >>"$counts"
}

KILLS=${KILLS:-25}; export KILLS
SLURM=yes part plain "$B" test-build tests/run.sh
unset KILLS
part hard build-hard test-hard-build tests/run.sh
part threads build-tsan test-tsan-build tests/tsan.sh
part fuzz build-fuzz fuzz-build tests/run.sh tests/fuzz/briefly.sh
if [ ! -s "$counts" ]; then echo "tests/all.sh: nothing was tested; the parts are plain, hard, threads and fuzz" >&2; exit 2; fi
. tests/counts.sh
mkdir -p "$B/tests/logs"
total "$counts" | tee "$B/tests/logs/summary"
grep -q ' 0 failed' "$B/tests/logs/summary"
