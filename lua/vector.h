/*
** vector.h -- vectors of a script: userdata that are arrays of C, for any binding to make and to take.
**
** A vector never changes its length, and its elements never move. Operations give new vectors; only v[i] = x
** changes one. Like a net it can be closed early: whatever calls Lua or allocates in it may do so, by a
** finalizer. So a function makes all that it needs first, and then takes what its arguments hold:
**
**   Vector *v = vector_check(L, 1, VECTOR_FLOAT);
**   Vector *made = vector_push(L, VECTOR_FLOAT, v->n);   // garbage may have been collected
**   vector_check(L, 1, VECTOR_FLOAT);                    // raises if v was closed meanwhile
**   ... loop over v->data and made->data ...
*/
#ifndef SETLAB_VECTOR_H
#define SETLAB_VECTOR_H
#include <lua.h>
#include <lauxlib.h>
#include "array/array.h"

typedef Array Vector;   /* kind, n, data */

enum { VECTOR_FLOAT = ARRAY_FLOAT, VECTOR_INTEGER = ARRAY_INTEGER, VECTOR_BOOLEAN = ARRAY_BOOLEAN, VECTOR_ANY = -1 };

/* Pushes a vector of n elements that are not set yet; Lua owns it. Raises if so many cannot be had. Collects garbage. */
Vector *vector_push (lua_State *L, int kind, int64_t n);

/* The vector at stack index `arg`; raises if it is none of that kind (or VECTOR_ANY), or closed. */
Vector *vector_check (lua_State *L, int arg, int kind);

/* The same, or NULL if it is no vector; raises if it is closed. */
Vector *vector_test (lua_State *L, int index);

/* "floats", "integers", "booleans" */
const char *vector_kind_name (int kind);

/* The element i, from 0, as a value of Lua; and back: raises if the value at the top is none of the vector's kind.
** Pops it. `what` begins the message. */
void vector_push_element (lua_State *L, const Vector *v, int64_t i);
void vector_set_element  (lua_State *L, Vector *v, int64_t i, const char *what);

/* Raises a message (as lua_pushfstring makes it) at the script's line, whoever of the toolkit stands between. */
int vector_fail (lua_State *L, const char *format, ...);

#endif
