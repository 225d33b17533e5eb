/*
** ldata_target.h -- methods of data splits about targets that are numbers.
*/
#ifndef SETLAB_LDATA_TARGET_H
#define SETLAB_LDATA_TARGET_H
#include <lua.h>

int ldata_set_targets (lua_State *L);
int ldata_targets (lua_State *L);
int ldata_target_spread (lua_State *L);
int ldata_compare_labels (lua_State *L);
int ldata_noisy (lua_State *L);

#endif
