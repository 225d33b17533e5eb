/*
** ldata_change.h -- split:change(f), a method of data splits in Lua.
*/
#ifndef SETLAB_LDATA_CHANGE_H
#define SETLAB_LDATA_CHANGE_H
#include <lua.h>

int ldata_change (lua_State *L);

#endif
