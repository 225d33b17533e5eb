#include "lcheck.h"
#include <lauxlib.h>

lua_Integer lcheck_between (lua_State *L, int arg, lua_Integer least, lua_Integer most) {
  lua_Integer n = luaL_checkinteger(L, arg);
  if (n < least || n > most)
    luaL_argerror(L, arg, lua_pushfstring(L, "%I is not from %I to %I", (LUAI_UACINT)n, (LUAI_UACINT)least,
                                          (LUAI_UACINT)most));
  return n;
}

lua_Integer lcheck_length (lua_State *L, int index, lua_Integer most, const char *what) {
  lua_Integer n = luaL_len(L, index);
  if (n < 0 || n > most) luaL_error(L, "%s has the length %I: it must be from 0 to %I", what, (LUAI_UACINT)n, (LUAI_UACINT)most);
  return n;
}
