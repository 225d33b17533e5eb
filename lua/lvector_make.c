/*
** lvector_make.c -- vectors from tables, and of numbers that are easily said.
*/
#include "lvector.h"
#include "lcheck.h"
#include "lrandom.h"
#include "vector.h"
#include "array/chance.h"

/* Whether there were integers, floats, booleans among the elements. */
typedef struct Seen { int integers, floats, booleans; } Seen;

static void look_at (lua_State *L, lua_Integer i, Seen *seen) {
  if (lua_isinteger(L, -1)) seen->integers = 1;
  else if (lua_type(L, -1) == LUA_TNUMBER) seen->floats = 1;
  else if (lua_isboolean(L, -1)) seen->booleans = 1;
  else vector_fail(L, "lab.vector: element %I is %s%s: elements must be numbers, or true and false", (LUAI_UACINT)i,
                   lua_isnil(L, -1) ? "" : "a ", luaL_typename(L, -1));
  if (seen->booleans && (seen->integers || seen->floats))
    vector_fail(L, "lab.vector: element %I is a %s: numbers and booleans do not mix", (LUAI_UACINT)i, luaL_typename(L, -1));
}

static int kind_of (const Seen *seen) {
  if (seen->booleans) return VECTOR_BOOLEAN;
  return seen->integers && !seen->floats ? VECTOR_INTEGER : VECTOR_FLOAT;
}

/* from_table { 1, 2, 3 }: of integers if all are, of floats if any is one or there is none, of booleans. */
static int l_from_table (lua_State *L) {
  lua_settop(L, 1);
  if (!lua_istable(L, 1)) vector_fail(L, "lab.vector takes a table of numbers or of booleans, not %s", luaL_typename(L, 1));
  lua_Integer n = lcheck_length(L, 1, ARRAY_MOST, "the table");
  Seen seen = { 0, 0, 0 };
  for (lua_Integer i = 1; i <= n; i++) {
    lua_geti(L, 1, i);
    look_at(L, i, &seen);
    lua_pop(L, 1);
  }
  Vector *v = vector_push(L, kind_of(&seen), n);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_geti(L, 1, i);
    vector_set_element(L, v, i - 1, "lab.vector");
  }
  return 1;
}

static Vector *push_floats (lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  return vector_push(L, VECTOR_FLOAT, n);
}

static int fill (lua_State *L, float x) {
  Vector *v = push_floats(L);
  for (int64_t i = 0; i < v->n; i++) array_floats(v)[i] = x;
  return 1;
}

static int l_zeros (lua_State *L) { return fill(L, 0); }
static int l_ones (lua_State *L) { return fill(L, 1); }

/* range(a, b): the integers from a to b, both included; none if b < a. */
static int l_range (lua_State *L) {
  lua_Integer a = luaL_checkinteger(L, 1), b = luaL_checkinteger(L, 2);
  uint64_t span = (uint64_t)b - (uint64_t)a;
  if (a <= b && span >= (uint64_t)ARRAY_MOST)
    vector_fail(L, "lab.vector.range: from %I to %I there are more than %I integers", (LUAI_UACINT)a, (LUAI_UACINT)b,
                (LUAI_UACINT)ARRAY_MOST);
  Vector *v = vector_push(L, VECTOR_INTEGER, a <= b ? (int64_t)span + 1 : 0);
  for (int64_t i = 0; i < v->n; i++) array_integers(v)[i] = a + i;
  return 1;
}

static int l_random (lua_State *L) {
  LuaDraw *draw = lrandom_stream(L);
  const Vector *v = push_floats(L);
  chance_uniform(draw, v->data, v->n);
  return 1;
}

static int l_normal (lua_State *L) {
  LuaDraw *draw = lrandom_stream(L);
  const Vector *v = push_floats(L);
  chance_normal(draw, v->data, v->n);
  return 1;
}

void lvector_add_makers (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "from_table", l_from_table }, { "zeros", l_zeros }, { "ones", l_ones }, { "range", l_range }, { "random", l_random },
    { "normal", l_normal }, { NULL, NULL },
  };
  luaL_setfuncs(L, functions, 0);
}
