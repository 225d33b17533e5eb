/*
** lvector.c -- lab.c.vector: the elements of vectors, copies, and the end of a vector.
*/
#include "lvector.h"
#include "lbox.h"
#include "libs.h"
#include "vector.h"
#include "base/mem.h"
#include <limits.h>
#include <string.h>

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
  if (lua_type(L, 2) != LUA_TSTRING)
    return vector_fail(L, "a vector has elements v[1] to v[#v]: there is none at a %s", luaL_typename(L, 2));
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
    vector_fail(L, "vector:slice: there are no elements %I to %I in a vector of %I", (LUAI_UACINT)i, (LUAI_UACINT)j,
                (LUAI_UACINT)v->n);
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
    vector_fail(L, "vector:integers: element %I is %f, which is not a 64-bit whole number", (LUAI_UACINT)bad + 1,
                (LUAI_UACNUMBER)array_number(v, bad));
  return 1;
}

static int l_floats (lua_State *L) { return convert(L, VECTOR_FLOAT); }
static int l_integers (lua_State *L) { return convert(L, VECTOR_INTEGER); }
static int l_booleans (lua_State *L) { return convert(L, VECTOR_BOOLEAN); }

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
  { "__newindex", l_newindex }, { "__len", l_len }, { "__eq", l_eq },
  { "__gc", l_close }, { "__close", l_close }, { NULL, NULL },
};

static void make_metatable (lua_State *L) {
  if (!luaL_newmetatable(L, "lab.vector")) return;
  int metatable = lua_gettop(L);
  luaL_setfuncs(L, metamethods, 0);
  lvector_add_show(L);
  box_methods(L, "vector", methods);
  lvector_add_math(L, metatable);
  lvector_add_fold(L);
  lvector_add_pick(L);
  lvector_add_rank(L);
  lua_pushcclosure(L, l_index, 1);
  lua_setfield(L, metatable, "__index");
}

int luaopen_lab_vector (lua_State *L) {
  make_metatable(L);
  lua_settop(L, 0);
  lua_newtable(L);
  lvector_add_makers(L);
  return 1;
}
