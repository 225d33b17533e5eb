/*
** lpool.c -- lab.c.pool: this program several times at once, as children.
*/
#include "libs.h"
#include "interrupt.h"
#include "pool.h"
#include <math.h>
#include <signal.h>

#define POOL "lab.pool"

static Pool *check_pool (lua_State *L) {
  Pool **box = luaL_checkudata(L, 1, POOL);
  if (!*box) luaL_error(L, "the pool is closed");
  return *box;
}

/* pool.new() -> a pool; closing or collecting it ends the children that live. */
static int l_new (lua_State *L) {
  Pool **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, POOL);
  *box = pool_new();
  return *box ? 1 : luaL_error(L, "not enough memory");
}

static int l_free (lua_State *L) {
  Pool **box = luaL_checkudata(L, 1, POOL);
  pool_free(*box);
  *box = NULL;
  return 0;
}

/* The strings of the table at index 2 behind the program's name, NULL last; the block is a
** userdata on the stack, the strings stay owned by the table. */
static const char *const *words_of (lua_State *L) {
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
  luaL_argcheck(L, n < 10000, 2, "too many words");
  const char **argv = lua_newuserdatauv(L, (size_t)(n + 2) * sizeof *argv, 0);
  argv[0] = "setlab";
  for (lua_Integer i = 1; i <= n; i++) {
    if (lua_rawgeti(L, 2, i) != LUA_TSTRING) luaL_error(L, "word %I is no string", (LUAI_UACINT)i);
    argv[i] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  argv[n + 1] = NULL;
  return argv;
}

/* pool:start(words, output): this program with these words; what it prints goes to the file
** `output`. -> the child's number, or nil, why. */
static int l_start (lua_State *L) {
  Pool *pool = check_pool(L);
  char why[256];
  PoolJob job = { .program = "/proc/self/exe", .output = luaL_checkstring(L, 3), .argv = words_of(L) };
  int id = pool_start(pool, &job, why);
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
  Pool *pool = check_pool(L);
  double seconds = luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds >= 0 && isfinite(seconds), 2, "must be a finite number, at least 0");
  PoolEnd end;
  if (!pool_wait(pool, seconds, interrupt_pending, &end)) {
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
  Pool *pool = check_pool(L);
  int id = (int)luaL_checkinteger(L, 2);
  pool_signal(pool, id, numbers[luaL_checkoption(L, 3, NULL, names)]);
  return 0;
}

/* #pool: children that live, or whose end nobody has waited for. */
static int l_count (lua_State *L) {
  lua_pushinteger(L, pool_count(check_pool(L)));
  return 1;
}

int luaopen_lab_pool (lua_State *L) {
  static const luaL_Reg functions[] = { { "new", l_new }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "start", l_start }, { "wait", l_wait }, { "signal", l_signal }, { "close", l_free }, { NULL, NULL },
  };
  static const luaL_Reg metamethods[] = { { "__gc", l_free }, { "__close", l_free }, { "__len", l_count }, { NULL, NULL } };
  luaL_newmetatable(L, POOL);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
