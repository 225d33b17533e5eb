#!/bin/sh
# tests/arm64.sh: builds setlab for arm64 on a Debian of another architecture and runs the engine's tests there
# under qemu-user. `make test-arm64` calls it. On an arm64 machine `make test` does more.
# The libraries are Debian's for arm64. They are unpacked into build-arm64-root and installed nowhere: apt-get
# works on lists and a status of its own.
cd "$(dirname "$0")/.." || exit 1
B=build-arm64
R=build-arm64-root   # not below $B, where make looks for lists of headers
root=$PWD/$R/root
libraries=$root/usr/lib/aarch64-linux-gnu

fail() { echo "make test-arm64: $*" >&2; exit 1; }
TOOLS="gcc-aarch64-linux-gnu and qemu-user-static"
command -v aarch64-linux-gnu-gcc >/dev/null || fail "a cross compiler is needed (on Debian the packages $TOOLS)"
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || fail "qemu-user is needed (on Debian the packages $TOOLS)"
command -v apt-get >/dev/null || fail "Debian's packages for arm64 are needed, and there is no apt-get"

apt() {
  apt-get -q -o Dir::State="$PWD/$R/apt" -o Dir::Cache="$PWD/$R/apt" -o Dir::State::status="$PWD/$R/apt/status" \
    -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 "$@"
}

# Fetches and unpacks what the build links with; names as .ci/deps knows them.
fetch() {
  mkdir -p "$R/apt/lists/partial" "$R/apt/archives/partial" && : >"$R/apt/status" || return 1
  apt update >"$R/apt/log" 2>&1 &&
    apt install -y --no-install-recommends --download-only \
      $(.ci/deps list | tr ' ' '\n' | grep -- '-dev$') >>"$R/apt/log" 2>&1 || { tail -n 15 "$R/apt/log" >&2; return 1; }
  rm -rf "$root.new"
  for package in "$R"/apt/archives/*.deb; do dpkg -x "$package" "$root.new" || return 1; done
  # Links that begin with / mean the root that was unpacked.
  (cd "$root.new" && find . -type l -lname '/*' | while read -r link; do
    target=$(readlink "$link")
    [ ! -e ".$target" ] || ln -sfn "$root$target" "$link"
  done)
  mv "$root.new" "$root"
}
if [ ! -d "$root" ]; then
  echo "fetching Debian's libraries for arm64, 25 MB"
  fetch || fail "Debian's packages for arm64 could not be fetched (Ubuntu keeps them on other servers)"
fi

export PKG_CONFIG_SYSROOT_DIR="$root"
export PKG_CONFIG_LIBDIR="$libraries/pkgconfig:$libraries/openblas-openmp/pkgconfig:$root/usr/share/pkgconfig"
# Without two rooms of plain C that sort millions of numbers: minutes each where every instruction is translated.
tests=$(find tests/core -name 'test_*.c' ! -path '*/array/*' ! -path '*/choose/*' | LC_ALL=C sort | sed "s|^\(.*\)\.c$|$B/\1|")
make -s --no-print-directory -j"$(nproc)" B=$B ARCH=aarch64 WERROR="$WERROR" \
  CC="aarch64-linux-gnu-gcc --sysroot=$root -Wl,-rpath-link=$libraries" $B/setlab $tests || fail "it could not be built"

export TEST_PREFIX="$qemu -L $root -E LD_LIBRARY_PATH=$libraries/openblas-openmp:/usr/aarch64-linux-gnu/lib"
$TEST_PREFIX $B/setlab doctor | grep -q 'kernels  *portable' || fail "the program does not run under $qemu"
B=$B exec tests/run.sh $tests
