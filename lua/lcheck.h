/*
** lcheck.h -- arguments that the engine takes as narrower numbers than Lua's, checked.
*/
#ifndef SETLAB_LCHECK_H
#define SETLAB_LCHECK_H
#include <lua.h>

/* The whole number at argument `arg`; raises if it is not whole, or not from `least` to `most`. */
lua_Integer lcheck_between (lua_State *L, int arg, lua_Integer least, lua_Integer most);

/* The length of the table at stack index `index`, for which a metamethod may give anything; raises if
** it is not from 0 to `most`. `what` names the table. */
lua_Integer lcheck_length (lua_State *L, int index, lua_Integer most, const char *what);

#endif
