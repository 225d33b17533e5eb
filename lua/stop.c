#include "stop.h"
#include <lauxlib.h>

#define STOP "lab.stop"

/* Of the program, as the signals of interrupt.c are: it has one Lua state. */
static lua_Integer raised; /* so far */
static int         on_its_way;
static char        last_key, interrupt_key; /* their addresses are keys of the registry */

static int to_text (lua_State *L) {
  lua_getfield(L, 1, "message");
  return 1;
}

void stop_make (lua_State *L) { luaL_setmetatable(L, STOP); }

void stop_open (lua_State *L) {
  luaL_newmetatable(L, STOP); /* sets __name */
  lua_pushcfunction(L, to_text);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_pushliteral(L, "interrupt");
  lua_setfield(L, -2, "kind");
  lua_pushliteral(L, "interrupted!");
  lua_setfield(L, -2, "message");
  stop_make(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &interrupt_key);
}

int stop_is (lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return 0;
  luaL_getmetatable(L, STOP);
  int is = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is;
}

void stop_push_interrupt (lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &interrupt_key); }

int stop_raise (lua_State *L) {
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &last_key);
  raised++;
  on_its_way = 1;
  return lua_error(L);
}

lua_Integer stop_count (void) { return raised; }

int stop_push_since (lua_State *L, lua_Integer count) {
  if (!on_its_way || raised == count) return 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &last_key);
  return 1;
}

void stop_forget (void) { on_its_way = 0; }
