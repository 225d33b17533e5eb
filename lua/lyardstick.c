/*
** lyardstick.c -- the library lab.c.yardstick: what the machine can do right now.
*/
#include "libs.h"
#include "os/yardstick.h"

static int check_threads (lua_State *L, int arg) {
  lua_Integer threads = luaL_checkinteger(L, arg);
  luaL_argcheck(L, 1 <= threads && threads <= 4096, arg, "not in [1, 4096]");
  return (int)threads;
}

/* yardstick.sgemm(n, threads, times) -> GFLOP/s */
static int l_sgemm (lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1), times = luaL_checkinteger(L, 3);
  luaL_argcheck(L, 1 <= n && n <= 20000, 1, "not in [1, 20000]");
  luaL_argcheck(L, 1 <= times && times <= 1000, 3, "not in [1, 1000]");
  double rate = yardstick_sgemm((int)n, check_threads(L, 2), (int)times);
  if (rate == 0) return luaL_error(L, "not enough memory for two matrices of %d x %d", (int)n, (int)n);
  if (rate < 0) return luaL_error(L, "OpenBLAS gives a wrong product of two matrices of %d x %d", (int)n, (int)n);
  lua_pushnumber(L, rate);
  return 1;
}

/* yardstick.read(bytes, threads, seconds) -> GB/s of all threads together */
static int l_read (lua_State *L) {
  lua_Integer bytes = luaL_checkinteger(L, 1);
  luaL_argcheck(L, 1 <= bytes && bytes <= (lua_Integer)1 << 40, 1, "out of range");
  lua_Number seconds = luaL_checknumber(L, 3);
  luaL_argcheck(L, seconds >= 0 && seconds <= 60, 3, "not in [0, 60]");
  double rate = yardstick_read((size_t)bytes, check_threads(L, 2), seconds);
  if (rate == 0) return luaL_error(L, "not enough memory to read from");
  lua_pushnumber(L, rate);
  return 1;
}

/* yardstick.pass() -> nanoseconds, or nil with one thread only */
static int l_pass (lua_State *L) {
  double ns = yardstick_pass();
  if (ns > 0) lua_pushnumber(L, ns);
  else lua_pushnil(L);
  return 1;
}

int luaopen_lab_yardstick (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "sgemm", l_sgemm }, { "read", l_read }, { "pass", l_pass }, { NULL, NULL },
  };
  luaL_newlib(L, functions);
  return 1;
}
