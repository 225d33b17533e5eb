#include "vector.h"
#include "libs.h"
#include "lmem.h"
#include "base/mem.h"
#include "os/available.h"
#include <stdarg.h>
#include <stdio.h>

#define VECTOR "lab.vector"

const char *vector_kind_name (int kind) {
  static const char *const names[] = { "floats", "integers", "booleans" };
  return names[kind];
}

int vector_fail (lua_State *L, const char *format, ...) {
  va_list list;
  va_start(list, format);
  lua_pushvfstring(L, format, list);
  va_end(list);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "lab.util.options");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "fail");
  lua_pushvalue(L, -3);
  lua_call(L, 1, 0);
  return 0;
}

/* ---- making ---- */

static void set_metatable (lua_State *L) {
  if (luaL_getmetatable(L, VECTOR) == LUA_TNIL) {   /* another library makes the first vector */
    lua_pop(L, 1);
    luaL_requiref(L, "lab.c.vector", luaopen_lab_vector, 0);
    lua_pop(L, 1);
    luaL_getmetatable(L, VECTOR);
  }
  lua_setmetatable(L, -2);
}

static const char *in_gib (char text[32], uint64_t bytes) {
  snprintf(text, 32, "%.3g GiB", (double)bytes / (1 << 30));
  return text;
}

/* A system may promise memory that it does not have, and kill who takes it. Small vectors are not worth the question. */
static void check_available (lua_State *L, int kind, int64_t n) {
  const uint64_t large = (uint64_t)256 << 20;
  uint64_t bytes = mem_block((uint64_t)n, array_size((ArrayKind)kind));
  if (bytes < large) return;
  Available left = available_memory("");
  if (bytes > left.bytes) {
    lua_gc(L, LUA_GCCOLLECT);
    left = available_memory("");
  }
  char need[32], there[32];
  if (bytes > left.bytes)
    vector_fail(L, "not enough memory: a vector of %I %s takes %s, and %s leaves %s", (LUAI_UACINT)n, vector_kind_name(kind),
                in_gib(need, bytes), left.whose, in_gib(there, left.bytes));
}

Vector *vector_push (lua_State *L, int kind, int64_t n) {
  if (n < 0 || n > ARRAY_MOST)
    vector_fail(L, "a vector cannot have %I elements: it has from 0 to %I", (LUAI_UACINT)n, (LUAI_UACINT)ARRAY_MOST);
  lmem_make_room(L);
  check_available(L, kind, n);
  Vector *v = lua_newuserdatauv(L, sizeof *v, 0);
  *v = (Vector){ .kind = (ArrayKind)kind };   /* closed, until it owns something */
  set_metatable(L);
  size_t size = array_size((ArrayKind)kind);
  v->data = mem_new((size_t)n, size);
  if (!v->data) {
    lua_gc(L, LUA_GCCOLLECT);
    v->data = mem_new((size_t)n, size);
  }
  if (!v->data) vector_fail(L, "not enough memory for a vector of %I %s", (LUAI_UACINT)n, vector_kind_name(kind));
  v->n = n;
  return v;
}

/* ---- taking ---- */

Vector *vector_test (lua_State *L, int index) {
  Vector *v = luaL_testudata(L, index, VECTOR);
  if (v && !v->data) vector_fail(L, "the vector is closed");
  return v;
}

Vector *vector_check (lua_State *L, int arg, int kind) {
  Vector *v = vector_test(L, arg);
  if (v && (kind == VECTOR_ANY || v->kind == (ArrayKind)kind)) return v;
  const char *want = kind == VECTOR_ANY ? "vector" : lua_pushfstring(L, "vector of %s", vector_kind_name(kind));
  if (v) luaL_argerror(L, arg, lua_pushfstring(L, "%s expected, got one of %s", want, vector_kind_name(v->kind)));
  luaL_typeerror(L, arg, want);
  return NULL;
}

/* ---- elements ---- */

void vector_push_element (lua_State *L, const Vector *v, int64_t i) {
  switch (v->kind) {
  case ARRAY_FLOAT: lua_pushnumber(L, (lua_Number)array_floats(v)[i]); break;
  case ARRAY_INTEGER: lua_pushinteger(L, array_integers(v)[i]); break;
  case ARRAY_BOOLEAN: lua_pushboolean(L, array_booleans(v)[i]); break;
  }
}

/* Text is no number here, not even "1". */
static int has_kind (lua_State *L, ArrayKind kind) {
  int whole = 0;
  if (kind == ARRAY_BOOLEAN) return lua_isboolean(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER) return 0;
  if (kind == ARRAY_INTEGER) lua_tointegerx(L, -1, &whole);
  return whole || kind == ARRAY_FLOAT;
}

void vector_set_element (lua_State *L, Vector *v, int64_t i, const char *what) {
  static const char *const want[] = { "a number", "a whole number", "true or false" };
  if (!has_kind(L, v->kind))
    vector_fail(L, "%s: element %I of a vector of %s must be %s, not %s", what, (LUAI_UACINT)i + 1, vector_kind_name(v->kind),
                want[v->kind], lua_type(L, -1) == LUA_TNUMBER ? luaL_tolstring(L, -1, NULL) : luaL_typename(L, -1));
  switch (v->kind) {
  case ARRAY_FLOAT: array_floats(v)[i] = (float)lua_tonumber(L, -1); break;
  case ARRAY_INTEGER: array_integers(v)[i] = lua_tointeger(L, -1); break;
  case ARRAY_BOOLEAN: array_booleans(v)[i] = (uint8_t)lua_toboolean(L, -1); break;
  }
  lua_pop(L, 1);
}
