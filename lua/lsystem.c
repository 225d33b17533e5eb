/*
** lsystem.c -- lab.c.system: the terminal, the clocks, the machine and the build.
**
** Facts only; what they mean is said by lab.facts, lab.progress and lab.cmd_doctor.
*/
#define _GNU_SOURCE  /* sched_getaffinity */
#include "interrupt.h"
#include "lcheck.h"
#include "libs.h"
#include <cblas.h>
#include <limits.h>
#include <lualib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <omp.h>
#include <plfit_version.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>
#include <yaml.h>
#include <zip.h>
#include <zlib.h>

/* system.isatty(descriptor): is 0, 1 or 2 a terminal? */
static int l_isatty (lua_State *L) {
  lua_pushboolean(L, isatty((int)lcheck_between(L, 1, 0, INT_MAX)));
  return 1;
}

/* system.width([descriptor = 2]): columns of that terminal, or nil. Asked again at every
** call: a window that changes its size needs no signal handler. */
static int l_width (lua_State *L) {
  struct winsize size;
  int known = ioctl(lua_isnoneornil(L, 1) ? STDERR_FILENO : (int)lcheck_between(L, 1, 0, INT_MAX), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  if (known) lua_pushinteger(L, size.ws_col);
  else lua_pushnil(L);
  return 1;
}

static int push_clock (lua_State *L, clockid_t clock_id) {
  struct timespec now;
  clock_gettime(clock_id, &now);
  lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec * 1e-9);
  return 1;
}

/* system.seconds(): a clock that only goes forward; system.wall(): seconds since 1970. */
static int l_seconds (lua_State *L) { return push_clock(L, CLOCK_MONOTONIC); }
static int l_wall (lua_State *L) { return push_clock(L, CLOCK_REALTIME); }

/* system.threads([n]): sets the number of threads of the kernels and of OpenBLAS;
** returns the number in force. */
static int l_threads (lua_State *L) {
  if (!lua_isnoneornil(L, 1)) {
    lua_Integer n = luaL_checkinteger(L, 1);
    luaL_argcheck(L, 1 <= n && n <= 4096, 1, "not in [1, 4096]");
    omp_set_num_threads((int)n);
    openblas_set_num_threads((int)n);
  }
  lua_pushinteger(L, omp_get_max_threads());
  return 1;
}

/* The first number in a small file such as those of /sys, or -1. */
static long read_number (const char *path) {
  long value = -1;
  FILE *file = fopen(path, "r");
  if (!file) return -1;
  if (fscanf(file, "%ld", &value) != 1) value = -1;
  fclose(file);
  return value;
}

/* 1 if `cpu` is the first among the allowed ones of its core: hyper-threads count once. */
static int leads_its_core (const cpu_set_t *allowed, int cpu) {
  char path[96];
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/core_id", cpu);
  long core = read_number(path);
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/physical_package_id", cpu);
  long package = read_number(path);
  if (core < 0 || package < 0) return 1;
  for (int other = 0; other < cpu; other++) {
    if (!CPU_ISSET(other, allowed)) continue;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/core_id", other);
    if (read_number(path) != core) continue;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/physical_package_id", other);
    if (read_number(path) == package) return 0;
  }
  return 1;
}

/* Whole processors that the control group of a container grants, or -1: no limit. */
static long container_quota (void) {
  long quota = -1, period = -1;
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
  if (!file) return -1;
  int read = fscanf(file, "%ld %ld", &quota, &period);
  fclose(file);
  if (read != 2 || quota <= 0 || period <= 0) return -1;
  return quota < period ? 1 : quota / period;
}

/* system.cores() -> physical cores that this process may use, logical processors. */
static int l_cores (lua_State *L) {
  cpu_set_t allowed;
  long cores = 0, processors = 1;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    processors = CPU_COUNT(&allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
      if (CPU_ISSET(cpu, &allowed)) cores += leads_its_core(&allowed, cpu);
  }
  long quota = container_quota();
  if (quota > 0 && cores > quota) cores = quota;
  lua_pushinteger(L, cores > 0 ? cores : 1);
  lua_pushinteger(L, processors);
  return 2;
}

/* Pushes the value of the first line "name : value" of a /proc file, or nil. */
static int push_proc_field (lua_State *L, const char *path, const char *name) {
  char line[512];
  FILE *file = fopen(path, "r");
  lua_pushnil(L);
  if (!file) return 1;
  while (fgets(line, sizeof line, file)) {
    char *colon = strchr(line, ':');
    if (!colon || strncmp(line, name, strlen(name)) != 0) continue;
    char *value = colon + 1 + strspn(colon + 1, " \t");
    value[strcspn(value, "\n")] = 0;
    lua_pushstring(L, value);
    lua_replace(L, -2);
    break;
  }
  fclose(file);
  return 1;
}

/* system.cpu(): the processor's name, or nil (arm64 kernels do not tell one). */
static int l_cpu (lua_State *L) { return push_proc_field(L, "/proc/cpuinfo", "model name"); }

/* system.memory() -> total, available of the machine; resident, peak of this process; MiB. */
static int l_memory (lua_State *L) {
  static const char *const fields[][2] = {
    { "/proc/meminfo", "MemTotal" }, { "/proc/meminfo", "MemAvailable" },
    { "/proc/self/status", "VmRSS" }, { "/proc/self/status", "VmHWM" },
  };
  for (size_t i = 0; i < 4; i++) {
    push_proc_field(L, fields[i][0], fields[i][1]);
    const char *kib = lua_tostring(L, -1);
    lua_Number mib = kib ? strtod(kib, NULL) / 1024 : 0;
    lua_pop(L, 1);
    lua_pushnumber(L, mib);
  }
  return 4;
}

/* system.forget_peak() -> true if the peak of memory() begins anew from here, what is free of the
** heap given back to the system first. */
static int l_forget_peak (lua_State *L) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  FILE *file = fopen("/proc/self/clear_refs", "w");
  int done = file && fputs("5", file) >= 0;
  if (file && fclose(file) != 0) done = 0;
  lua_pushboolean(L, done);
  return 1;
}

/* system.machine() -> operating system, its release, architecture, host name. */
static int l_machine (lua_State *L) {
  struct utsname name;
  if (uname(&name) != 0) return luaL_error(L, "uname failed");
  lua_pushstring(L, name.sysname);
  lua_pushstring(L, name.release);
  lua_pushstring(L, name.machine);
  lua_pushstring(L, name.nodename);
  return 4;
}

static void set_text (lua_State *L, const char *name, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

/* system.libraries(): name -> version of what the program is linked with. */
static int l_libraries (lua_State *L) {
  lua_newtable(L);
  set_text(L, "lua", LUA_RELEASE);
  set_text(L, "openblas", openblas_get_config());
  set_text(L, "zlib", zlibVersion());
  set_text(L, "libzip", zip_libzip_version());
  set_text(L, "libyaml", yaml_get_version_string());
  set_text(L, "plfit", PLFIT_VERSION_STRING);
  set_text(L, "md4c", SETLAB_MD4C);  /* its header has no version: asked at build time */
  unsigned xxh = XXH_versionNumber();
  lua_pushfstring(L, "%d.%d.%d", (int)(xxh / 10000), (int)(xxh / 100 % 100), (int)(xxh % 100));
  lua_setfield(L, -2, "xxhash");
  return 1;
}

/* system.blas_threading(): whose threads the dense products use. */
static int l_blas_threading (lua_State *L) {
  static const char *const kinds[] = { "none", "pthreads", "openmp" };
  int kind = openblas_get_parallel();
  lua_pushstring(L, 0 <= kind && kind <= 2 ? kinds[kind] : "unknown");
  return 1;
}

/* system.forget_interrupt(): a Ctrl-C that came is forgotten, the next one is caught. */
static int l_forget_interrupt (lua_State *L) {
  (void)L;
  interrupt_clear();
  return 0;
}

/* system.interrupt_me(): what Ctrl-C does, for tests. */
static int l_interrupt_me (lua_State *L) {
  (void)L;
  raise(SIGINT);
  return 0;
}

/* system.heed_notice(): from now on SIGUSR1 only makes noticed() true. */
static int l_heed_notice (lua_State *L) {
  (void)L;
  interrupt_on_usr1();
  return 0;
}

/* system.noticed(): has it come? */
static int l_noticed (lua_State *L) {
  lua_pushboolean(L, interrupt_usr1_came());
  return 1;
}

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

int luaopen_lab_system (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "isatty", l_isatty },
    { "width", l_width },
    { "seconds", l_seconds },
    { "wall", l_wall },
    { "threads", l_threads },
    { "cores", l_cores },
    { "cpu", l_cpu },
    { "memory", l_memory },
    { "forget_peak", l_forget_peak },
    { "machine", l_machine },
    { "libraries", l_libraries },
    { "blas_threading", l_blas_threading },
    { "forget_interrupt", l_forget_interrupt },
    { "interrupt_me", l_interrupt_me },
    { "heed_notice", l_heed_notice },
    { "noticed", l_noticed },
    { NULL, NULL },
  };
  luaL_newlib(L, functions);
  set_text(L, "version", SETLAB_VERSION);
  set_text(L, "compiler", COMPILER);
  set_text(L, "flags", SETLAB_CFLAGS);
  return 1;
}
