/*
** main.c -- the program: opens Lua, preloads the libraries, hands the command line to
** lab.cli, and turns what comes back into an exit status. Nothing else lives here.
*/
#include "libs.h"
#include <lualib.h>
#include <stdio.h>

/* Runs lab.cli's main with the arguments as strings; leaves the exit status on the stack. */
static int run_command_line (lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  luaL_openlibs(L);
  libs_preload(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "lab.cli");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "main");
  lua_createtable(L, argc, 0);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 1);
  return 1;
}

int main (int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (!L) {
    fputs("setlab: not enough memory to start\n", stderr);
    return 1;
  }
  lua_pushcfunction(L, run_command_line);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status = 1;
  if (lua_pcall(L, 2, 1, 0) == LUA_OK) status = (int)lua_tointeger(L, -1);
  else fprintf(stderr, "setlab: %s\n", luaL_tolstring(L, -1, NULL));
  lua_close(L);
  return status;
}
