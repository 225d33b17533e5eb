# setlab: one Makefile, no configure step.  `make report` and `make test` do everything,
# installing what is missing; `make help` lists the rest. `make test-all` installs more, and tests more.
#
#   B=DIR       where objects go (default build)        CC=clang    another compiler
#   PROFILE=    quick, default or full: how much `make report` trains
#   SAN=...     extra flags for compiling and linking (make test-hard sets sanitizers)
#   MPI=no      without MPI, even if it is here
#   V=1         show the commands of the build, not only their names
#   SECONDS=    how long `make fuzz` looks at each reader (default 600); TARGET=yaml: at one
#   KILLS=      how often `make test-kill` kills a sweep (default 50)
#   ROOM=       of `make graph`: draw the files of one room, core/net, and not all rooms

VERSION := 0.1.0
CC      ?= cc
ifeq ($(origin CC),default)
CC      := gcc
endif
B       ?= build
PREFIX  ?= /usr/local
PROFILE ?= default
ARCH    := $(shell uname -m)

# Warnings are errors where we build (.ci/run, make test-hard), not where a user's newer
# compiler knows warnings that ours does not.
WERROR  ?=
WARN     = $(WERROR) -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
           -Wdouble-promotion -Wvla -Wpointer-arith -Wwrite-strings
# Distributions disagree about the name of Lua's package; Debian's is the first.
LUA_PKG := $(shell for p in lua5.4 lua-5.4 lua54 lua; do pkg-config --exists $$p 2>/dev/null && echo $$p && break; done)
PKGS     = $(LUA_PKG) libplfit md4c-html libzip libxxhash libedit zlib yaml-0.1 openblas libmicrohttpd
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# MPI, for one training by several processes, where `mpicc` has it; MPI=no goes without.
ifndef MPI
MPI := $(shell printf '\043include <mpi.h>\nint main (void) { return MPI_VERSION < 3; }\n' | mpicc -x c -fsyntax-only - 2>/dev/null && echo yes || echo no)
endif
ifeq ($(MPI),yes)
MPI_WORDS  := $(wordlist 2,99,$(shell mpicc -show))
MPI_CFLAGS := -DSETLAB_MPI $(filter -I%,$(MPI_WORDS))
MPI_LIBS   := $(filter -L% -l% -Wl%,$(MPI_WORDS))
endif
CFLAGS   = -O2 -g
ALL_CFLAGS = -std=gnu11 $(CFLAGS) -fopenmp $(WARN) $(SAN) -MMD -MP -Icore -Ilua -Itests/fixtures $(PKG_CFLAGS)
LIBS     = $(PKG_LIBS) $(MPI_LIBS) -lpthread -lm

# Sources below a folder, in the same order everywhere.
find   = $(shell find $(1) -name "$(2)" | LC_ALL=C sort)
CORE  := $(patsubst %.c,$B/%.o,$(call find,core,*.c))
HOST  := $(patsubst %.c,$B/%.o,$(wildcard lua/*.c))
# Everything the program carries inside itself, so that one file can be installed.
EMBED := $(call find,lua/lab,*.lua) $(wildcard plots/*.gp reports/*.html reports/*.css reports/*.js reports/new_* reports/show_run.lua)
TESTED := $(call find,tests,test_*.c)
TESTS := $(patsubst %.c,$B/%,$(TESTED)) $B/tests/golden/golden $B/tests/pty $B/tests/fuzz/fuzz

.PHONY: all report publish test test-all test-hard test-tsan test-arm64 test-kill fuzz golden deps data clean install help check-deps
all: $B/setlab

# ---- what a user types --------------------------------------------------------------
report: check-deps
	@experiments/get-data --hurry mnist cifar-10 || true
	@$(MAKE) --no-print-directory report-now
test: check-deps   ; @$(MAKE) --no-print-directory test-now

# A page whose data cannot be had says so, and is no failure.
.PHONY: report-now test-now publish-now
report-now: $B/setlab
	@$B/setlab help --page=reports/html
	@$B/setlab report --profile=$(PROFILE) --skip-missing-data -o reports/html experiments/*.lua

test-now: $B/setlab $(TESTS)
	@B=$B tests/run.sh

# Everything: the above with what is installed for it, the sanitizers, the fuzzer, more kills, Slurm.
test-all: check-deps
	@.ci/deps all || echo "make test-all goes on with what is here; parts that cannot be built count as failed" >&2
	@B=$B WERROR=$(WERROR) tests/all.sh

.PHONY: test-build test-hard-build test-tsan-build fuzz-build
test-build: $B/setlab $(TESTS)

# Address, leak and undefined-behaviour sanitizers over the same tests.
test-hard: test-hard-build
	@B=build-hard tests/run.sh
test-hard-build: check-deps
	@$(MAKE) --no-print-directory test-build B=build-hard CFLAGS="-O1 -g" WERROR=-Werror \
	  SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DLAB_FAIL_ALLOC"

# The thread sanitizer over the engine's tests (tests/tsan.sh says which, and how). It takes clang, whose
# OpenMP tells the sanitizer when threads meet; that of gcc keeps it to itself.
test-tsan: test-tsan-build
	@B=build-tsan tests/tsan.sh
test-tsan-build: check-deps
	@command -v clang >/dev/null || { echo "make test-tsan: clang is needed (on Debian the packages clang and libomp-dev)" >&2; exit 1; }
	@$(MAKE) --no-print-directory B=build-tsan CC=clang CFLAGS="-O1 -g -Wno-pass-failed" WERROR= \
	  SAN="-fsanitize=thread -fno-omit-frame-pointer" $(patsubst %.c,build-tsan/%,$(TESTED)) build-tsan/tests/race

# Another processor: cross-built, and the engine's tests under qemu-user (tests/arm64.sh).
test-arm64: check-deps ; @tests/arm64.sh

# A sweep that is killed again and again, for minutes where `make test` takes seconds.
KILLS ?= 50
test-kill: check-deps
	@$(MAKE) --no-print-directory all
	@B=$B KILLS=$(KILLS) sh tests/program/test_kill_sweep.sh

# libFuzzer makes inputs up for the readers; clang is needed. What it finds is kept under build-fuzz.
SECONDS ?= 600
FUZZING = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
fuzz: fuzz-build
	@tests/fuzz/run.sh $(SECONDS) $(TARGET)
fuzz-build: check-deps
	@command -v clang >/dev/null || { echo "make fuzz: clang is needed (on Debian the package clang)" >&2; exit 1; }
	@$(MAKE) --no-print-directory build-fuzz/tests/fuzz/fuzz B=build-fuzz CC=clang CFLAGS="-O1 -g -Wno-pass-failed" SAN_FUZZ="$(FUZZING)"

# Copies finished pages and their runs from runs/ to reports/published. Trains nothing. Some
# figures become files of their own, for the README.
PAGES = $(wildcard experiments/cifar10.lua experiments/cifar10_copies.lua experiments/mnist_inputs.lua)
PICTURES = fig-accuracy,fig-seconds,fig-degrees,fig-maps,fig-selection
publish: check-deps ; @$(MAKE) --no-print-directory publish-now
publish-now: PROFILE = full
publish-now: $B/setlab
	@$B/setlab publish --profile=$(PROFILE) -o reports/published $(if $(PICTURES),--pictures=$(PICTURES)) $(PAGES)

golden: check-deps ; @$(MAKE) --no-print-directory golden-now
.PHONY: golden-now
golden-now: $B/tests/golden/golden
	@test -n "$(FILE)" || { echo "usage: make golden FILE=path" >&2; exit 2; }
	@$B/tests/golden/golden "$(FILE)"

# The reference of all words, in lua/README.md below its last line of prose (tests/lab/cli/test_manual_markdown.lua compares).
.PHONY: manual
manual: $B/setlab
	@sed '/^<!-- the manual -->$$/q' lua/README.md > $B/manual.md && $B/setlab help --markdown >> $B/manual.md && mv $B/manual.md lua/README.md

# Which room uses which, or which file of a room (tests/house/draw.lua).
.PHONY: graph
graph: $B/setlab
	@$B/setlab test-file tests/house/draw.lua $B/graph "$(ROOM)"

# The largest network: some minutes, and 18 GiB.
.PHONY: bench-large
bench-large: $B/setlab ; @$B/setlab bench large

check-deps: ; @.ci/deps check
deps:       ; @.ci/deps install
data:       ; @experiments/get-data
clean:      ; rm -rf build build-hard build-tsan build-fuzz build-arm64 build-arm64-root reports/html
help:       ; @sed -n '/^# setlab/,/^$$/p' Makefile | sed 's/^# \{0,1\}//'; \
	echo "targets: all report publish PAGES= test test-all test-hard test-tsan test-arm64 test-kill fuzz golden FILE= bench-large graph ROOM= manual deps data clean install PREFIX="

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $B/setlab $(DESTDIR)$(PREFIX)/bin/setlab

# ---- how it is built -----------------------------------------------------------------
say = $(if $(V),,@echo "  $(1) $@"; )
$B/setlab: $(HOST) $B/embedded.o $(CORE)
	$(call say,link)$(CC) $(CFLAGS) $(SAN) -fopenmp -rdynamic -o $@ $^ $(LIBS)

$B/tests/%: $B/tests/%.o $(CORE)
	$(call say,link)$(CC) $(CFLAGS) $(SAN) -fopenmp -o $@ $^ $(LIBS) -lcmocka

$B/tests/golden/golden: $(patsubst %.c,$B/%.o,$(wildcard tests/golden/*.c)) $(CORE)
	$(call say,link)$(CC) $(CFLAGS) $(SAN) -fopenmp -o $@ $^ $(LIBS)

# The readers, as a fuzzer drives them; without libFuzzer they read what is kept.
FUZZ := $(patsubst %.c,$B/%.o,$(wildcard tests/fuzz/*.c))
ifdef SAN_FUZZ
SAN = $(SAN_FUZZ)
$B/core/kernel/kernel_%.o: SAN =
$B/tests/fuzz/fuzz: FUZZ_LINK = -fsanitize=fuzzer
FUZZ := $(filter-out %/replay.o,$(FUZZ))
endif
$B/tests/fuzz/fuzz: $(FUZZ) $(filter-out %/main.o,$(HOST)) $B/embedded.o $(CORE)
	$(call say,link)$(CC) $(CFLAGS) $(SAN) -fopenmp -o $@ $^ $(FUZZ_LINK) $(LIBS)

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,cc)$(CC) $(ALL_CFLAGS) $(ISA_FLAGS) -DSETLAB_VERSION='"$(VERSION)"' -c -o $@ $<

# Kernels are compiled once per instruction set from one source and chosen at run time.
ifneq ($(filter x86_64 amd64,$(ARCH)),)
$B/core/kernel/kernel_avx512.o: ISA_FLAGS = -O3 -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma -mprefer-vector-width=512
$B/core/kernel/kernel_avx2.o:   ISA_FLAGS = -O3 -mavx2 -mfma
endif
$B/core/kernel/kernel_portable.o: ISA_FLAGS = -O3
# Plain loops that the compiler turns into vector instructions; nobody reads errno of a root.
$B/core/array/%.o: ISA_FLAGS = -O3 -fno-math-errno
# Made anew when MPI has come or gone.
RANKS := $B/core/ranks/ranks_mpi.o $B/core/ranks/ranks_none.o
$(RANKS): ISA_FLAGS = $(MPI_CFLAGS)
$(RANKS): $B/mpi-$(MPI)
$B/mpi-%:
	@mkdir -p $B && rm -f $B/mpi-* && : >$@

# The build says how it was made: in run folders, on pages, in `setlab doctor`.
$B/lua/lsystem.o: ISA_FLAGS = -DSETLAB_CFLAGS='"$(strip $(CFLAGS) -fopenmp $(SAN))"' \
  -DSETLAB_MD4C='"$(shell pkg-config --modversion md4c-html 2>/dev/null)"'

$B/embedded.c: $(EMBED) lua/embed.sh Makefile
	@mkdir -p $(@D)
	@sh lua/embed.sh $(EMBED) > $@.tmp && mv $@.tmp $@
$B/embedded.o: $B/embedded.c
	$(call say,cc)$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(wildcard $B/*/*/*/*.d $B/*/*/*.d $B/*/*.d $B/*.d)
.SECONDARY:
