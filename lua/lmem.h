/*
** lmem.h -- Lua's collector and the memory it cannot see.
**
** To the collector a split or a net is the few bytes of its userdata. A script that makes one
** after the other and closes none would hold hundreds of megabytes before its small garbage
** is worth a collection.
*/
#ifndef SETLAB_LMEM_H
#define SETLAB_LMEM_H
#include <lua.h>

/* To be called before a large thing is made. Collects all garbage if the engine's blocks
** (mem_held) have come to twice what they were after the last collection here, or the least since,
** and 32 MiB. Runs finalizers. */
void lmem_make_room (lua_State *L);

#endif
