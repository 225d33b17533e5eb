#!/bin/sh
# tests/tsan.sh: the engine's tests under the thread sanitizer, in what `make test-tsan-build` has built. A
# race is a failure: the test ends with status 66, and its log says where.
# OpenMP's barriers are seen through libarcher, which comes with clang's OpenMP. OpenBLAS is not instrumented,
# and no part of the question: it computes on one thread here. Tests of readers and of failing memory have
# no threads of ours, and are left out.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build-tsan}
archer=$(clang -print-file-name=libarcher.so)
[ -e "$archer" ] || archer=$(ls /usr/lib/llvm-*/lib/libarcher.so 2>/dev/null | tail -n 1)
OMP_TOOL_LIBRARIES=$archer TSAN_OPTIONS="ignore_noninstrumented_modules=1"
OMP_NUM_THREADS=3 OPENBLAS_NUM_THREADS=1
export B OMP_TOOL_LIBRARIES TSAN_OPTIONS OMP_NUM_THREADS OPENBLAS_NUM_THREADS
# A kernel that scatters addresses more than this sanitizer knows of: then without scattering.
"$B/tests/race" clean >/dev/null 2>&1
case $? in 0 | 66) TEST_PREFIX= ;; *) TEST_PREFIX="setarch -R" ;; esac
export TEST_PREFIX

set -- tests/race.sh
for name in array batch dense evolution evolve kernel monitor net net_bf16 net_levels net_phase norm norm_net mix mixing optimisers average numbers page_server pool powerlaw rules select sparse thin training augment yardstick; do
  source=$(find tests -name "test_$name.c")
  set -- "$@" "$B/${source%.c}"
done
exec tests/run.sh "$@"
