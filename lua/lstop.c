/*
** lstop.c -- lab.c.stop: raising stops (stop.h), and the words with which scripts catch errors, made so
** that they let stops pass.
**
** pcall and xpcall are Lua's own but for that. The words of coroutines call Lua's own, and say
** which thread runs, for only there a Ctrl-C is heard.
*/
#include "libs.h"
#include "interrupt.h"
#include "stop.h"

/* After a call of the script's that may have caught something: raises the stop that it caught,
** be it the error at the top (if `failed`), or one that was raised since `count` and is lost. */
static void pass_on (lua_State *L, lua_Integer count, int failed) {
  if ((failed && stop_is(L, -1)) || stop_push_since(L, count)) stop_raise(L);
}

/* ---- protected calls -------------------------------------------------------------------- */

/* Below what the function returned lies one value, of which the result `true` is made, and in
** xpcall two more. */
typedef struct Call { lua_Integer count; int below; } Call;

/* The count is more than a context holds on some machines: it is kept at the stack's bottom. */
static int ended (lua_State *L, int status, lua_KContext below) {
  int failed = status != LUA_OK && status != LUA_YIELD;
  pass_on(L, lua_tointeger(L, 1), failed);
  if (!failed) return lua_gettop(L) - (int)below;
  lua_pushboolean(L, 0);
  lua_pushvalue(L, -2);
  return 2;
}

/* pcall(f, ...): as in Lua */
static int l_pcall (lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushinteger(L, stop_count());
  lua_pushboolean(L, 1);
  lua_rotate(L, 1, 2); /* count, true, f, ... */
  int status = lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 0, 1, ended);
  return ended(L, status, 1);
}

/* xpcall(f, handler, ...): as in Lua; the handler sees a stop, and cannot make an error of it */
static int l_xpcall (lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  int n = lua_gettop(L);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2); /* f, handler, true, f, ... */
  lua_pushinteger(L, stop_count());
  lua_replace(L, 1);   /* count, handler, true, f, ... */
  int status = lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, ended);
  return ended(L, status, 2);
}

/* ---- coroutines ------------------------------------------------------------------------- */

/* Calls Lua's own function, at stack index 1 with its arguments above, during which `thread` runs.
** Returns the status; its results or its error are all there is on the stack. */
static int call_in (lua_State *L, lua_State *thread) {
  lua_State *before = interrupt_watch(thread);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  interrupt_watch(before);
  interrupt_check(L); /* it came as the thread ended */
  return status;
}

/* coroutine.resume(co, ...) and coroutine.close(co): as in Lua, which is upvalue 1 */
static int l_in_thread (lua_State *L) {
  lua_Integer count = stop_count();
  luaL_checktype(L, 1, LUA_TTHREAD);
  lua_State *thread = lua_tothread(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  int status = call_in(L, thread);
  pass_on(L, count, status != LUA_OK || !lua_toboolean(L, 1)); /* false, error */
  return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}

/* What coroutine.wrap returned: upvalue 1 is Lua's own, whose upvalue is the thread. */
static int l_wrapped (lua_State *L) {
  lua_Integer count = stop_count();
  lua_getupvalue(L, lua_upvalueindex(1), 1);
  lua_State *thread = lua_tothread(L, -1);
  lua_pop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  int status = call_in(L, thread ? thread : L);
  pass_on(L, count, status != LUA_OK);
  if (status == LUA_OK) return lua_gettop(L);
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) { /* as Lua's own does */
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

/* coroutine.wrap(f): as in Lua */
static int l_wrap (lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  lua_pushcclosure(L, l_wrapped, 1);
  return 1;
}

/* ---- raising ---------------------------------------------------------------------------- */

/* raise { kind =, message =, ... }, or a stop that was caught: ends the script */
static int l_raise (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  stop_make(L);
  return stop_raise(L);
}

/* kind(value) -> the stop's kind; nil if the value is no stop */
static int l_kind (lua_State *L) {
  luaL_checkany(L, 1);
  if (stop_is(L, 1)) lua_getfield(L, 1, "kind");
  else lua_pushnil(L);
  return 1;
}

/* count() -> how many stops were raised so far */
static int l_count (lua_State *L) {
  lua_pushinteger(L, stop_count());
  return 1;
}

/* since(count) -> the last stop, if it was raised after so many and is not forgotten; else nil */
static int l_since (lua_State *L) {
  if (!stop_push_since(L, luaL_checkinteger(L, 1))) lua_pushnil(L);
  return 1;
}

/* forget(): the last stop has been dealt with */
static int l_forget (lua_State *L) {
  (void)L;
  stop_forget();
  return 0;
}

/* ---- registration ----------------------------------------------------------------------- */

static void add_around (lua_State *L, const char *name, lua_CFunction f) {
  lua_getglobal(L, "coroutine");
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, f, 1);
  lua_setfield(L, -3, name);
  lua_pop(L, 1);
}

/* words: library -> name -> function. They are in a table of their own because the key of a run
** knows them by the names that they have in Lua's libraries. */
static void add_words (lua_State *L) {
  static const luaL_Reg basic[] = { { "pcall", l_pcall }, { "xpcall", l_xpcall }, { NULL, NULL } };
  lua_createtable(L, 0, 2);
  luaL_newlib(L, basic);
  lua_setfield(L, -2, "_G");
  lua_createtable(L, 0, 3);
  add_around(L, "resume", l_in_thread);
  add_around(L, "close", l_in_thread);
  add_around(L, "wrap", l_wrap);
  lua_setfield(L, -2, "coroutine");
  lua_setfield(L, -2, "words");
}

int luaopen_lab_stop (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "raise", l_raise }, { "kind", l_kind }, { "count", l_count }, { "since", l_since }, { "forget", l_forget },
    { NULL, NULL },
  };
  luaL_newlib(L, functions);
  add_words(L);
  return 1;
}
