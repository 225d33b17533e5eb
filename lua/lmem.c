/*
** lmem.c -- a collection when the engine's memory has doubled, as Lua does with its own.
*/
#include "lmem.h"
#include "base/mem.h"

#define SMALL ((uint64_t)32 << 20)   /* bytes not worth a collection */

void lmem_make_room (lua_State *L) {
  static uint64_t left;   /* after the last collection, or the least since: blocks are the process's */
  uint64_t held = mem_held();
  if (held < left) left = held;
  if (held <= 2 * left + SMALL) return;
  lua_gc(L, LUA_GCCOLLECT);
  left = mem_held();
}
