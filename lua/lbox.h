/*
** lbox.h -- userdata that own something, and cannot lose it while it is in use.
**
** Lua code runs in the middle of our functions: callbacks, metamethods of a table that is read, the
** hook of Ctrl-C and, at every allocation, the finalizers of whatever is collected. Any of it may
** close a net or a split, or train it. So a function that calls Lua or allocates while it uses what a
** box owns holds the box first. A hold ends with the C function, however that ends.
*/
#ifndef SETLAB_LBOX_H
#define SETLAB_LBOX_H
#include <lua.h>
#include <lauxlib.h>

typedef struct BoxKind {
  const char *name;          /* of the metatable: "lab.net" */
  const char *noun;          /* in messages: "net" */
  const char *closed;        /* the message when it is closed: "the net is closed" */
  void (*free) (void *it);   /* takes NULL too */
} BoxKind;

/* it: NULL when closed. The box owns it. */
typedef struct Box { void *it; int holds, changing; } Box;

typedef enum BoxUse {
  BOX_LOOK,     /* what cannot go wrong while it changes: sizes, single values. Always allowed */
  BOX_READ,     /* what must not change meanwhile. Refused while it is being changed */
  BOX_CHANGE,   /* changes it, or uses its workspace. Refused while anyone holds it */
} BoxUse;

/* Pushes a closed box; the caller fills in `it`, and from there the collector covers every error path. */
Box *box_push (lua_State *L, const BoxKind *kind);

/* What the box at stack index `arg` owns. Raises if it is no such box, or closed. Good until the next
** allocation or call of Lua. */
void *box_check (lua_State *L, int arg, const BoxKind *kind);

/* The same, held until the C function returns or raises; raises also if it is in use in a way that
** does not go with `use`. `arg` is positive. Pushes a value that must stay on the stack: take
** all arguments into fixed places first (lua_settop). */
void *box_hold (lua_State *L, int arg, const BoxKind *kind, BoxUse use);

/* Closes the box at index 1: for close(), __gc and __close. Raises while it is held; twice is fine. */
int box_close (lua_State *L, const BoxKind *kind);

/* Makes the metatable of a kind, for which `closing` is __gc and __close; `metamethods` may be NULL.
** 1 and the table on the stack; 0 and the table if it was there already. */
int box_kind (lua_State *L, const BoxKind *kind, const luaL_Reg *methods, const luaL_Reg *metamethods,
              lua_CFunction closing);

/* Pushes a table of methods for __index; whatever else a script reads of it is an error that names
** the nearest method (lua/lab/util/fields.lua). */
void box_methods (lua_State *L, const char *noun, const luaL_Reg *methods);

#endif
