/*
** lnet_look.h -- the methods of a net that change nothing.
*/
#ifndef SETLAB_LNET_LOOK_H
#define SETLAB_LNET_LOOK_H
#include <lauxlib.h>

extern const luaL_Reg lnet_look_methods[];

#endif
