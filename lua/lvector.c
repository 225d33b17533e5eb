/*
** lvector.c -- lab.c.vector: vectors made, looked at and turned into others.
*/
#include "lvector.h"
#include "lbox.h"
#include "lcheck.h"
#include "libs.h"
#include "lrandom.h"
#include "vector.h"
#include "array/chance.h"
#include "array/fold.h"
#include "base/mem.h"
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* ---- makers ---- */

/* Whether there were integers, floats, booleans among the elements. */
typedef struct Seen { int integers, floats, booleans; } Seen;

static void look_at (lua_State *L, lua_Integer i, Seen *seen) {
  if (lua_isinteger(L, -1)) seen->integers = 1;
  else if (lua_type(L, -1) == LUA_TNUMBER) seen->floats = 1;
  else if (lua_isboolean(L, -1)) seen->booleans = 1;
  else vector_fail(L, "lab.vector: element %I is %s%s: elements are numbers, or true and false", (LUAI_UACINT)i,
                   lua_isnil(L, -1) ? "" : "a ", luaL_typename(L, -1));
  if (seen->booleans && (seen->integers || seen->floats)) vector_fail(L, "lab.vector: element %I is a %s: numbers and booleans do not mix",
                                                                      (LUAI_UACINT)i, luaL_typename(L, -1));
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
    vector_fail(L, "lab.vector.range: from %I to %I there are more than %I integers", (LUAI_UACINT)a, (LUAI_UACINT)b, (LUAI_UACINT)ARRAY_MOST);
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

/* ---- elements ---- */

/* vector[i], nil beyond its ends as of a table; else a method: the table of methods is the upvalue. */
static int l_index (lua_State *L) {
  if (lua_type(L, 2) == LUA_TNUMBER) {
    const Vector *v = vector_check(L, 1, VECTOR_ANY);
    int whole;
    lua_Integer i = lua_tointegerx(L, 2, &whole);
    if (whole && 1 <= i && i <= v->n) vector_push_element(L, v, i - 1);
    else lua_pushnil(L);
    return 1;
  }
  if (lua_type(L, 2) != LUA_TSTRING) return vector_fail(L, "a vector has elements v[1] to v[#v]: there is none at a %s", luaL_typename(L, 2));
  lua_pushvalue(L, 2);
  lua_gettable(L, lua_upvalueindex(1));   /* what is missing is an error that names the nearest: lbox.h */
  return 1;
}

static int l_newindex (lua_State *L) {
  lua_settop(L, 3);
  Vector *v = vector_check(L, 1, VECTOR_ANY);
  int whole;
  lua_Integer i = lua_tointegerx(L, 2, &whole);
  if (!whole || lua_type(L, 2) != LUA_TNUMBER || i < 1 || i > v->n)
    return vector_fail(L, "a vector of %I elements has none at %s", (LUAI_UACINT)v->n, luaL_tolstring(L, 2, NULL));
  vector_set_element(L, v, i - 1, "a vector");
  return 0;
}

static int l_len (lua_State *L) {
  lua_pushinteger(L, vector_check(L, 1, VECTOR_ANY)->n);
  return 1;
}

static int l_eq (lua_State *L) {
  const Vector *a = vector_test(L, 1), *b = vector_test(L, 2);
  lua_pushboolean(L, a && b && array_equal(a, b));
  return 1;
}

static int l_kind (lua_State *L) {
  lua_pushstring(L, vector_kind_name((int)vector_check(L, 1, VECTOR_ANY)->kind));
  return 1;
}

static int l_table (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  lua_createtable(L, v->n < INT_MAX ? (int)v->n : INT_MAX, 0);
  for (int64_t i = 0; i < v->n; i++) {
    vector_push_element(L, v, i);
    lua_rawseti(L, -2, i + 1);
  }
  vector_check(L, 1, VECTOR_ANY);
  return 1;
}

/* ---- as text ---- */

enum { SHOWN = 6 };

/* What a processor calls -nan is no other NaN. */
static void add_number (luaL_Buffer *out, double x) {
  char text[32];
  snprintf(text, sizeof text, "%.3g", x);
  luaL_addstring(out, x != x ? "nan" : text);
}

static void add_element (luaL_Buffer *out, const Vector *v, int64_t i) {
  char text[32];
  switch (v->kind) {
  case ARRAY_FLOAT: add_number(out, array_number(v, i)); break;
  case ARRAY_INTEGER:
    snprintf(text, sizeof text, "%" PRId64, array_integers(v)[i]);
    luaL_addstring(out, text);
    break;
  case ARRAY_BOOLEAN: luaL_addstring(out, array_booleans(v)[i] ? "true" : "false"); break;
  }
}

static void add_range (luaL_Buffer *out, const Vector *v) {
  char text[80] = "";
  if (v->kind == ARRAY_BOOLEAN) snprintf(text, sizeof text, ", %" PRId64 " of them true", fold_count(v->data, v->n));
  else if (v->kind == ARRAY_INTEGER) {
    int64_t low, high;
    fold_integer_range(v->data, v->n, &low, &high);
    snprintf(text, sizeof text, ", %" PRId64 " to %" PRId64, low, high);
  }
  else {
    FoldRange range = fold_range(v->data, v->n);
    int n = 0;
    if (range.nans < v->n) n = snprintf(text, sizeof text, ", %.3g to %.3g", (double)range.least, (double)range.most);
    if (range.nans > 0) snprintf(text + n, sizeof text - (size_t)n, ", %" PRId64 " of them NaN", range.nans);
  }
  luaL_addstring(out, text);
}

/* "vector of 381440 floats, -0.21 to 0.19: 0.012 -0.031 0.004 ..." */
static int l_tostring (lua_State *L) {
  const Vector *v = luaL_checkudata(L, 1, "lab.vector");
  if (!v->data) return lua_pushliteral(L, "vector (closed)"), 1;
  luaL_Buffer out;
  luaL_buffinitsize(L, &out, 512);   /* enough for all: what a finalizer does to the vector is done */
  char head[64];
  snprintf(head, sizeof head, "vector of %" PRId64 " %s", v->n, vector_kind_name((int)v->kind));
  luaL_addstring(&out, head);
  if (v->n > 0) {
    add_range(&out, v);
    luaL_addchar(&out, ':');
  }
  for (int64_t i = 0; i < v->n && i < SHOWN; i++) {
    luaL_addchar(&out, ' ');
    add_element(&out, v, i);
  }
  if (v->n > SHOWN) luaL_addstring(&out, " ...");
  luaL_pushresult(&out);
  return 1;
}

/* ---- other vectors ---- */

/* The elements from `first` on that `out` has room for. */
static void copy_part (const Vector *v, int64_t first, Vector *out) {
  size_t size = array_size(v->kind);
  memcpy(out->data, (const char *)v->data + (size_t)first * size, (size_t)out->n * size);
}

static int l_copy (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  Vector *out = vector_push(L, (int)v->kind, v->n);
  vector_check(L, 1, VECTOR_ANY);
  copy_part(v, 0, out);
  return 1;
}

/* v:slice(i [, j]): elements i to j, or to the end; none if j is i - 1. */
static int l_slice (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  lua_Integer i = luaL_checkinteger(L, 2), j = luaL_optinteger(L, 3, v->n);
  if (i < 1 || j > v->n || i - 1 > j)
    vector_fail(L, "vector:slice: there are no elements %I to %I in a vector of %I", (LUAI_UACINT)i, (LUAI_UACINT)j, (LUAI_UACINT)v->n);
  Vector *out = vector_push(L, (int)v->kind, j - i + 1);
  vector_check(L, 1, VECTOR_ANY);
  copy_part(v, i - 1, out);
  return 1;
}

static int convert (lua_State *L, int kind) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  Vector *out = vector_push(L, kind, v->n);
  vector_check(L, 1, VECTOR_ANY);
  int64_t bad = array_convert(v, out);
  if (bad >= 0)
    vector_fail(L, "vector:integers: element %I is %f, which is no whole number of 64 bits", (LUAI_UACINT)bad + 1, (LUAI_UACNUMBER)array_number(v, bad));
  return 1;
}

static int l_floats (lua_State *L) { return convert(L, VECTOR_FLOAT); }
static int l_integers (lua_State *L) { return convert(L, VECTOR_INTEGER); }
static int l_booleans (lua_State *L) { return convert(L, VECTOR_BOOLEAN); }

/* ---- in keys ---- */

/* A hash of the elements in which every NaN is the same one. */
static XXH128_hash_t hash_floats (XXH3_state_t *state, const Vector *v) {
  float block[ARRAY_BLOCK];
  for (int64_t at = 0; at < v->n; at += ARRAY_BLOCK) {
    int m = v->n - at < ARRAY_BLOCK ? (int)(v->n - at) : ARRAY_BLOCK;
    for (int k = 0; k < m; k++) {
      float x = array_floats(v)[at + k];
      block[k] = x == x ? x : NAN;
    }
    XXH3_128bits_update(state, block, (size_t)m * sizeof *block);
  }
  return XXH3_128bits_digest(state);
}

/* What a vector counts as in a run's key (lab/run/canonical.lua): its kind, length and content. */
static int l_key (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  XXH128_hash_t sum;
  if (v->kind != ARRAY_FLOAT) sum = XXH3_128bits(v->data, (size_t)v->n * array_size(v->kind));
  else {
    XXH3_state_t *state = XXH3_createState();
    if (!state) return luaL_error(L, "not enough memory");
    XXH3_128bits_reset(state);
    sum = hash_floats(state, v);
    XXH3_freeState(state);
  }
  char text[128];
  snprintf(text, sizeof text, "vector of %" PRId64 " %s %016" PRIx64 "%016" PRIx64, v->n, vector_kind_name((int)v->kind),
           (uint64_t)sum.high64, (uint64_t)sum.low64);
  lua_pushstring(L, text);
  return 1;
}

/* ---- registration ---- */

static int l_close (lua_State *L) {
  Vector *v = luaL_checkudata(L, 1, "lab.vector");
  void *data = v->data;
  v->data = NULL;
  v->n = 0;
  mem_free(data);
  return 0;
}

static const luaL_Reg methods[] = {
  { "kind", l_kind }, { "table", l_table }, { "copy", l_copy }, { "slice", l_slice }, { "floats", l_floats },
  { "integers", l_integers }, { "booleans", l_booleans }, { "close", l_close }, { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
  { "__newindex", l_newindex }, { "__len", l_len }, { "__eq", l_eq }, { "__tostring", l_tostring }, { "__key", l_key },
  { "__gc", l_close }, { "__close", l_close }, { NULL, NULL },
};

static void make_metatable (lua_State *L) {
  if (!luaL_newmetatable(L, "lab.vector")) return;
  int metatable = lua_gettop(L);
  luaL_setfuncs(L, metamethods, 0);
  box_methods(L, "vector", methods);
  lvector_add_math(L, metatable);
  lvector_add_fold(L);
  lvector_add_pick(L);
  lvector_add_rank(L);
  lua_pushcclosure(L, l_index, 1);
  lua_setfield(L, metatable, "__index");
}

int luaopen_lab_vector (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "from_table", l_from_table }, { "zeros", l_zeros }, { "ones", l_ones }, { "range", l_range }, { "random", l_random },
    { "normal", l_normal }, { NULL, NULL },
  };
  make_metatable(L);
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
