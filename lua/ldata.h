/*
** ldata.h -- the methods of data splits.
*/
#ifndef SETLAB_LDATA_H
#define SETLAB_LDATA_H
#include <lua.h>

void ldata_register (lua_State *L);   /* makes the metatable; twice is fine */

#endif
