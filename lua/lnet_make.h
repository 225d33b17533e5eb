/*
** lnet_make.h -- from a description in Lua to a net.
*/
#ifndef SETLAB_LNET_MAKE_H
#define SETLAB_LNET_MAKE_H
#include <lua.h>

int lnet_new (lua_State *L);          /* net.new { ... } */
void lnet_make_open (lua_State *L);   /* registers what making needs */

#endif
