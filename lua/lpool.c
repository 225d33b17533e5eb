/*
** lpool.c -- lab.c.pool: this program as a child, once or several times at once.
**
** `setlab report` weaves each script in a process of its own, so that one script's modules,
** parameters, memory peak or crash never reach the next one's page; a sweep trains its units so.
*/
#include "lbox.h"
#include "lcheck.h"
#include "lfs_check.h"
#include "libs.h"
#include "interrupt.h"
#include "os/child.h"
#include "os/pool.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>

static void free_pool (void *pool) { pool_free(pool); }

static const char this_program[] = "/proc/self/exe";

static const BoxKind kind = { "lab.pool", "pool", "the pool is closed", free_pool };

static Pool *check_pool (lua_State *L) { return box_check(L, 1, &kind); }

/* pool.new() -> a pool; closing or collecting it ends the children that live. */
static int l_new (lua_State *L) {
  Box *box = box_push(L, &kind);
  box->it = pool_new();
  return box->it ? 1 : luaL_error(L, "not enough memory");
}

static int l_close (lua_State *L) { return box_close(L, &kind); }

/* The strings of the table at `index` behind the program's name, NULL last; the block is a
** userdata on the stack, and so are the strings. */
static const char *const *words_of (lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  lua_Integer n = (lua_Integer)lua_rawlen(L, index);
  luaL_argcheck(L, n < 10000, index, "too many words");
  luaL_checkstack(L, (int)n + LUA_MINSTACK, "too many words");
  const char **argv = lua_newuserdatauv(L, (size_t)(n + 2) * sizeof *argv, 0);
  argv[0] = "setlab";
  for (lua_Integer i = 1; i <= n; i++) {
    if (lua_rawgeti(L, index, i) != LUA_TSTRING) luaL_error(L, "word %I is not a string", (LUAI_UACINT)i);
    size_t length;
    argv[i] = lua_tolstring(L, -1, &length);
    if (strlen(argv[i]) != length) luaL_error(L, "word %I holds a zero byte", (LUAI_UACINT)i);
  }
  argv[n + 1] = NULL;
  return argv;
}

/* pool:start(words, output): this program with these words; what it prints goes to the file
** `output`. -> the child's number, or nil, why. */
static int l_start (lua_State *L) {
  char why[256];
  PoolJob job = { .program = this_program, .output = fs_check_path(L, 3), .argv = words_of(L, 2) };
  int id = pool_start(check_pool(L), &job, why);
  if (id) {
    lua_pushinteger(L, id);
    return 1;
  }
  luaL_pushfail(L);
  lua_pushstring(L, why);
  return 2;
}

/* pool:wait(seconds) -> { id =, status = exit status or nil, signal = or nil } of a child that has
** ended, or nil if none has by then. Returns early after a Ctrl-C, which the next line raises. */
static int l_wait (lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds >= 0 && isfinite(seconds), 2, "must be a finite number, at least 0");
  PoolEnd end;
  if (!pool_wait(check_pool(L), seconds, interrupt_pending, &end)) {
    lua_pushnil(L);
    return 1;
  }
  lua_createtable(L, 0, 3);
  lua_pushinteger(L, end.id);
  lua_setfield(L, -2, "id");
  if (end.status >= 0) {
    lua_pushinteger(L, end.status);
    lua_setfield(L, -2, "status");
  }
  if (end.signal) {
    lua_pushinteger(L, end.signal);
    lua_setfield(L, -2, "signal");
  }
  return 1;
}

/* pool:signal(id, "INT" | "TERM" | "KILL" | "USR1"); id 0: all children */
static int l_signal (lua_State *L) {
  static const char *const names[] = { "INT", "TERM", "KILL", "USR1", NULL };
  static const int numbers[] = { SIGINT, SIGTERM, SIGKILL, SIGUSR1 };
  int id = (int)lcheck_between(L, 2, 0, INT_MAX), which = luaL_checkoption(L, 3, NULL, names);
  pool_signal(check_pool(L), id, numbers[which]);
  return 0;
}

/* #pool: children that live, or whose end nobody has waited for. */
static int l_count (lua_State *L) {
  lua_pushinteger(L, pool_count(check_pool(L)));
  return 1;
}

/* Waits for the child's end. A Ctrl-C on a terminal reaches the child as well, but a signal sent to
** this process alone does not: it is passed on, and the child takes two that come at once for
** one. Then the wait goes on until the child has tidied up. */
static ChildEnd wait_for (pid_t child) {
  const struct timespec nap = { .tv_nsec = 5000000 };
  int passed_on = 0;
  ChildEnd end;
  while (!child_reap(child, 0, &end)) {
    if (!passed_on && interrupt_pending()) {
      kill(child, SIGINT);
      passed_on = 1;
    }
    nanosleep(&nap, NULL);
  }
  return end;
}

/* pool.once(words): runs this program with these words, its streams being ours, and waits.
** Returns the exit status (128 + n after signal n), or nil, why. */
static int l_once (lua_State *L) {
  ChildPlan plan = { .program = this_program, .argv = words_of(L, 1), .stream = { -1, -1, -1 } };
  pid_t child = child_start(&plan);
  if (child < 0) {
    luaL_pushfail(L);
    lua_pushfstring(L, "cannot start a child process: %s", strerror(errno));
    return 2;
  }
  ChildEnd end = wait_for(child);
  lua_pushinteger(L, end.signal ? 128 + end.signal : end.status);
  return 1;
}

int luaopen_lab_pool (lua_State *L) {
  static const luaL_Reg functions[] = { { "new", l_new }, { "once", l_once }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "start", l_start }, { "wait", l_wait }, { "signal", l_signal }, { NULL, NULL },
  };
  static const luaL_Reg metamethods[] = { { "__len", l_count }, { NULL, NULL } };
  box_kind(L, &kind, methods, metamethods, l_close);
  luaL_newlib(L, functions);
  return 1;
}
