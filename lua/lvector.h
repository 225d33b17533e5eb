/*
** lvector.h -- what vectors can do, file by file. Each function adds its own to the table at the top of the stack.
*/
#ifndef SETLAB_LVECTOR_H
#define SETLAB_LVECTOR_H
#include <lua.h>

void lvector_add_makers (lua_State *L);                /* to the library */
void lvector_add_show (lua_State *L);                  /* to the metatable: as text, in keys */

/* To the methods: */
void lvector_add_math (lua_State *L, int metatable);   /* arithmetic, comparison, functions; operators to the metatable */
void lvector_add_fold (lua_State *L);                  /* many elements to one number; order */
void lvector_add_pick (lua_State *L);                  /* elements by their places */
void lvector_add_rank (lua_State *L);                  /* the largest, and draws */

#endif
