/*
** lfs_handles.h -- the part of lab.c.fs that stays open.
*/
#ifndef SETLAB_LFS_HANDLES_H
#define SETLAB_LFS_HANDLES_H
#include <lua.h>

/* Adds the handles' functions to the library table on the top of the stack. */
void fs_open_handles (lua_State *L);

#endif
