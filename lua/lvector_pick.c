/*
** lvector_pick.c -- elements by their places, and sums by units.
**
** Places are checked when all is made that allocates: until then a finalizer may still change them.
*/
#include "lvector.h"
#include "vector.h"
#include "array/fold.h"
#include "array/place.h"
#include <string.h>

/* Raises unless the places at argument 2 are all from 1 to n. */
static const Vector *check_places (lua_State *L, const char *method, int64_t n, const char *noun) {
  const Vector *place = vector_check(L, 2, VECTOR_INTEGER);
  int64_t bad = place_outside(place, n);
  if (bad >= 0)
    vector_fail(L, "vector:%s: %s %I (element %I of the index) is not from 1 to %I", method, noun,
                (LUAI_UACINT)array_integers(place)[bad], (LUAI_UACINT)bad + 1, (LUAI_UACINT)n);
  return place;
}

/* ---- masks ---- */

static int64_t count_of (lua_State *L, int arg) {
  const Vector *mask = vector_check(L, arg, VECTOR_BOOLEAN);
  return fold_count(mask->data, mask->n);
}

/* The mask at `arg`, when there is room for as many as it had. */
static const Vector *unchanged_mask (lua_State *L, int arg, int64_t count) {
  if (count_of(L, arg) != count) vector_fail(L, "the mask changes while elements are picked by it");
  return vector_check(L, arg, VECTOR_BOOLEAN);
}

static int l_where (lua_State *L) {
  int64_t count = count_of(L, 1);
  Vector *out = vector_push(L, VECTOR_INTEGER, count);
  const Vector *mask = unchanged_mask(L, 1, count);
  place_where(mask->data, mask->n, out->data);
  return 1;
}

static int l_pick (lua_State *L) {
  lua_settop(L, 2);
  const Vector *v = vector_check(L, 1, VECTOR_ANY), *mask = vector_check(L, 2, VECTOR_BOOLEAN);
  if (v->n != mask->n)
    vector_fail(L, "vector:pick: a mask of %I elements does not match a vector of %I", (LUAI_UACINT)mask->n,
                (LUAI_UACINT)v->n);
  int64_t count = count_of(L, 2);
  Vector *out = vector_push(L, (int)v->kind, count);
  vector_check(L, 1, VECTOR_ANY);
  place_pick(v, unchanged_mask(L, 2, count)->data, out);
  return 1;
}

/* ---- places ---- */

static int l_gather (lua_State *L) {
  lua_settop(L, 2);
  const Vector *v = vector_check(L, 1, VECTOR_ANY), *place = vector_check(L, 2, VECTOR_INTEGER);
  Vector *out = vector_push(L, (int)v->kind, place->n);
  vector_check(L, 1, VECTOR_ANY);
  place_gather(v, check_places(L, "gather", v->n, "place"), out);
  return 1;
}

/* Pushes the values at argument 3 as a vector of that kind: one for each of n places, or a single one for all. */
static Vector *push_values (lua_State *L, const char *method, ArrayKind kind, int64_t n) {
  const Vector *given = vector_test(L, 3);
  if (!given) {
    Vector *one = vector_push(L, (int)kind, 1);
    const char *what = lua_pushfstring(L, "vector:%s", method);
    lua_pushvalue(L, 3);
    vector_set_element(L, one, 0, what);
    return one;
  }
  if (given->n != n)
    vector_fail(L, "vector:%s: %I values do not match %I places", method, (LUAI_UACINT)given->n, (LUAI_UACINT)n);
  if (given->kind != kind && !(kind == ARRAY_FLOAT && given->kind == ARRAY_INTEGER))
    vector_fail(L, "vector:%s: a vector of %s takes no %s", method, vector_kind_name((int)kind),
                vector_kind_name((int)given->kind));
  Vector *values = vector_push(L, (int)kind, n);
  vector_check(L, 3, VECTOR_ANY);
  array_convert(given, values);
  return values;
}

static int scatter (lua_State *L, const char *method, void (*put) (Vector *, const Vector *, const Vector *)) {
  lua_settop(L, 3);
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  const Vector *values = push_values(L, method, v->kind, vector_check(L, 2, VECTOR_INTEGER)->n);
  v = vector_check(L, 1, VECTOR_ANY);
  Vector *out = vector_push(L, (int)v->kind, v->n);
  vector_check(L, 1, VECTOR_ANY);
  memcpy(out->data, v->data, (size_t)v->n * array_size(v->kind));
  put(out, check_places(L, method, v->n, "place"), values);
  return 1;
}

static int l_scatter (lua_State *L) { return scatter(L, "scatter", place_scatter); }

static int l_scatter_add (lua_State *L) {
  if (vector_check(L, 1, VECTOR_ANY)->kind == ARRAY_BOOLEAN)
    vector_fail(L, "vector:scatter_add: booleans are not numbers: use mask:floats() or mask:integers()");
  return scatter(L, "scatter_add", place_add);
}

/* ---- units ---- */

/* The vector at 1, which has an index of the same length at 2. */
static const Vector *check_index (lua_State *L, const char *method) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY), *unit = vector_check(L, 2, VECTOR_INTEGER);
  if (v->n != unit->n)
    vector_fail(L, "vector:%s: an index of %I elements does not match a vector of %I", method, (LUAI_UACINT)unit->n,
                (LUAI_UACINT)v->n);
  return v;
}

static int l_sum_by (lua_State *L) {
  lua_settop(L, 3);
  lua_Integer n = luaL_checkinteger(L, 3);
  int floats = check_index(L, "sum_by")->kind == ARRAY_FLOAT;
  Vector *sum = vector_push(L, VECTOR_INTEGER, n);   /* or as many sums in double precision, which take the same room */
  Vector *out = floats ? vector_push(L, VECTOR_FLOAT, n) : sum;
  const Vector *v = check_index(L, "sum_by"), *unit = check_places(L, "sum_by", n, "unit");
  if (!floats) place_integer_sum(v, unit, n, sum->data);
  else {
    place_sum(v, unit, n, sum->data);
    place_mean(sum->data, NULL, n, out->data);
  }
  return 1;
}

static int l_mean_by (lua_State *L) {
  lua_settop(L, 3);
  lua_Integer n = luaL_checkinteger(L, 3);
  check_index(L, "mean_by");
  Vector *sum = vector_push(L, VECTOR_INTEGER, n), *count = vector_push(L, VECTOR_INTEGER, n);
  Vector *out = vector_push(L, VECTOR_FLOAT, n);
  const Vector *v = check_index(L, "mean_by"), *unit = check_places(L, "mean_by", n, "unit");
  place_sum(v, unit, n, sum->data);
  place_count(unit, n, count->data);
  place_mean(sum->data, count->data, n, out->data);
  return 1;
}

static int l_bincount (lua_State *L) {
  lua_settop(L, 2);
  lua_Integer n = luaL_checkinteger(L, 2);
  vector_check(L, 1, VECTOR_INTEGER);
  Vector *count = vector_push(L, VECTOR_INTEGER, n);
  const Vector *v = vector_check(L, 1, VECTOR_INTEGER);
  int64_t bad = place_outside(v, n);
  if (bad >= 0)
    vector_fail(L, "vector:bincount: element %I is %I, not from 1 to %I", (LUAI_UACINT)bad + 1,
                (LUAI_UACINT)array_integers(v)[bad], (LUAI_UACINT)n);
  place_count(v, n, count->data);
  return 1;
}

void lvector_add_pick (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "where", l_where }, { "pick", l_pick }, { "gather", l_gather }, { "scatter", l_scatter }, { "scatter_add", l_scatter_add },
    { "sum_by", l_sum_by }, { "mean_by", l_mean_by }, { "bincount", l_bincount }, { NULL, NULL },
  };
  luaL_setfuncs(L, methods, 0);
}
