# .ci/deps against a make-believe system: its own PATH, dpkg, apt-get and sudo.
. tests/tap.sh
DEPS=$PWD/.ci/deps
SHELL_PATH=$(command -v sh)

# system: a fresh one where all is there. The files of $DIR/sys/lacks are what pkg-config and
# dpkg do not have; apt-get writes its arguments to $DIR/sys/apt and empties that folder.
system() {
  rm -rf "$DIR/sys" "$DIR/work"
  mkdir -p "$DIR/sys/bin" "$DIR/sys/lacks" "$DIR/tree/.ci" "$DIR/tree/data/fashion-mnist"
  sed "s|/usr/share/datasets|$DIR/nowhere|" "$DEPS" >"$DIR/tree/.ci/deps"
  : >"$DIR/tree/data/fashion-mnist/train-images-idx3-ubyte.gz"
  for tool in sh env dirname cat tail mktemp rm mkdir sed; do ln -s "$(command -v $tool)" "$DIR/sys/bin/$tool"; done
  for program in cc make gnuplot curl git; do fake $program 'exit 0'; done
  fake id 'echo 0'
  fake pkg-config 'for word in "$@"; do [ ! -e '"$DIR"'/sys/lacks/$word ] || exit 1; done'
  fake dpkg-query '[ -e "'"$DIR"'/sys/lacks/package-$4" ] || echo installed'
  fake apt-get 'echo "$@" >>'"$DIR"'/sys/apt; case " $* " in *" install "*) rm -f '"$DIR"'/sys/lacks/* ;; esac'
}
fake() { printf '#!%s\n%s\n' "$SHELL_PATH" "$2" >"$DIR/sys/bin/$1"; chmod +x "$DIR/sys/bin/$1"; }
lacks() { for name in "$@"; do : >"$DIR/sys/lacks/$name"; done; }
deps() { run env -i PATH="$DIR/sys/bin" TMPDIR="$DIR" sh "$DIR/tree/.ci/deps" "$@"; }
apt_was() { if [ -e "$DIR/sys/apt" ]; then cat "$DIR/sys/apt"; fi; }

system; deps check; expect "all is there: silence" 0 "" ""
check "and apt-get is not called" test ! -e "$DIR/sys/apt"
deps install; expect "install says so" 0 "" "setlab: nothing is missing"
deps nonsense; expect "an unknown word" 2 "" "usage: .ci/deps*"

system; lacks libzip package-libzip-dev; deps check
expect "a missing library is installed, and named" 0 "" "setlab: installing with apt-get, * libzip-dev"
out=$(apt_was); expect "after an update, nothing else with it" 0 "*update
*install -y --no-install-recommends libzip-dev" "*"

system; rm "$DIR/tree/data/fashion-mnist/"*; lacks package-dataset-fashion-mnist
fake apt-get 'echo "$@" >>'"$DIR"'/sys/apt; case "$*" in *install*dataset*) echo "E: Unable to locate package"; exit 100 ;; esac'
deps check; expect "no package of the data: it can be fetched" 0 "" "*'make data' fetches the data set"
rm "$DIR/sys/apt"; deps check; expect "said once" 0 "" ""

system; lacks libzip package-libzip-dev
fake apt-get 'case " $* " in *" update "*) exit 100 ;; *) rm -f '"$DIR"'/sys/lacks/* ;; esac'
deps check; expect "a failed update is not the end" 0 "" "*apt-get update failed; going on*"

system; lacks libzip package-libzip-dev
fake apt-get 'echo "E: no space left"; exit 100'
deps check; expect "a failed install is" 1 "" "*E: no space left
setlab: apt-get could not install: libzip-dev"

system; lacks libzip package-libzip-dev; fake apt-get 'exit 0'
deps check; expect "installed and still not found" 1 "" "*setlab: still not found: libzip"

system; lacks libzip; deps check
expect "installed by dpkg's word, and yet not found" 1 "" "*all packages are installed, and yet these are not found: libzip"

system; lacks libzip package-libzip-dev; fake id 'echo 1000'
deps check; expect "neither root nor sudo" 1 "" "setlab: missing: libzip
setlab: as root, type: apt-get install libzip-dev"
fake sudo 'echo sudo "$1" >>'"$DIR"'/sys/apt; shift; exec "$@"'
deps check; expect "with sudo" 0 "" "*installing*libzip-dev"
out=$(apt_was); expect "which must not ask for a password here" 0 "sudo -n*" "*"

system; deps all; expect "all: nothing is missing" 0 "" ""
system; lacks package-slurmd package-python3-scipy; deps check
expect "what only test-all needs is not missed by the build" 0 "" ""
deps all; expect "but by test-all" 0 "" "*make test-all needs: python3-scipy slurmd"
out=$(apt_was); expect "which installs it" 0 "*install -y --no-install-recommends python3-scipy slurmd" "*"
system; lacks package-clang; fake apt-get 'exit 100'; deps all
expect "or fails" 1 "" "*apt-get could not install: clang"
system; lacks package-clang; fake id 'echo 1000'; deps all
expect "or says what root has to type" 1 "" "setlab: as root, type: apt-get install clang"

system; rm "$DIR/sys/bin/apt-get"; lacks libzip; fake dnf 'exit 1'
deps check; expect "another system: the packages' names" 1 "" "setlab: missing: libzip
*neither Debian nor Ubuntu*
*dnf install * libzip-devel *"
deps list; expect "list" 0 "dnf install*" ""

system; rm "$DIR/sys/bin/pkg-config" "$DIR/sys/bin/cc" "$DIR/sys/bin/apt-get"; deps check
expect "no compiler, no pkg-config, no known system" 1 "" "*missing: a C compiler pkg-config*a C compiler, make, pkg-config, Lua 5.4*"
finish
