/*
** llayer.h -- a sparse layer as vectors of Lua, for evolutions that a script computes (lua/lab/evolve/own.lua).
**
** Units, links and layers count from 1 in Lua. Vectors are copies, in the order of the links.
*/
#ifndef SETLAB_LLAYER_H
#define SETLAB_LLAYER_H
#include <lauxlib.h>

extern const luaL_Reg llayer_methods[];   /* of a net */

#endif
