/*
** lvector_fold.c -- many elements to one number, running sums, and the order.
*/
#include "lvector.h"
#include "vector.h"
#include "array/fold.h"
#include "array/place.h"
#include "array/rank.h"
#include <math.h>

/* The vector at 1, of numbers, and not empty. */
static const Vector *some_numbers (lua_State *L, const char *method) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  if (v->kind == ARRAY_BOOLEAN)
    vector_fail(L, "vector:%s: booleans are not numbers: use mask:floats() or mask:integers()", method);
  if (v->n == 0) vector_fail(L, "vector:%s: the vector is empty", method);
  return v;
}

static int extreme (lua_State *L, const Vector *v, int most) {
  if (v->kind == ARRAY_INTEGER) {
    int64_t low, high;
    fold_integer_range(v->data, v->n, &low, &high);
    lua_pushinteger(L, most ? high : low);
  }
  else {
    FoldRange range = fold_range(v->data, v->n);
    lua_pushnumber(L, range.nans ? (lua_Number)NAN : (lua_Number)(most ? range.most : range.least));
  }
  return 1;
}

static int l_min (lua_State *L) { return extreme(L, some_numbers(L, "min"), 0); }
static int l_max (lua_State *L) { return extreme(L, some_numbers(L, "max"), 1); }

static int l_sum (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  switch (v->kind) {
  case ARRAY_FLOAT: lua_pushnumber(L, fold_sum(v->data, v->n)); break;
  case ARRAY_INTEGER: lua_pushinteger(L, fold_integer_sum(v->data, v->n)); break;
  case ARRAY_BOOLEAN: lua_pushinteger(L, fold_count(v->data, v->n)); break;
  }
  return 1;
}

static int l_count (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_BOOLEAN);
  lua_pushinteger(L, fold_count(v->data, v->n));
  return 1;
}

static double mean_of (const Vector *v) {
  switch (v->kind) {
  case ARRAY_FLOAT: return fold_sum(v->data, v->n) / (double)v->n;
  case ARRAY_INTEGER: return fold_number_sum(v->data, v->n) / (double)v->n;
  case ARRAY_BOOLEAN: return (double)fold_count(v->data, v->n) / (double)v->n;
  }
  return 0;
}

static int l_mean (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  if (v->n == 0) vector_fail(L, "vector:mean: the vector is empty");
  lua_pushnumber(L, mean_of(v));
  return 1;
}

/* Of a sample, as lab.statistics.summary: n - 1 below the line. */
static int l_sd (lua_State *L) {
  const Vector *v = some_numbers(L, "sd");
  if (v->n < 2) vector_fail(L, "vector:sd: one element has no standard deviation");
  lua_pushnumber(L, sqrt(fold_squares(v, mean_of(v)) / (double)(v->n - 1)));
  return 1;
}

static int l_cumsum (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  Vector *out = vector_push(L, v->kind == ARRAY_FLOAT ? VECTOR_FLOAT : VECTOR_INTEGER, v->n);
  vector_check(L, 1, VECTOR_ANY);
  fold_running(v, out);
  return 1;
}

/* ---- order ---- */

/* Pushes the places of the elements of the vector at 1 by ascending elements. */
static Vector *push_order (lua_State *L, const char *method) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  if (v->kind == ARRAY_BOOLEAN) vector_fail(L, "vector:%s: booleans have no order", method);
  Vector *place = vector_push(L, VECTOR_INTEGER, v->n);
  vector_check(L, 1, VECTOR_ANY);
  if (!rank_order(v, place->data)) vector_fail(L, "not enough memory to sort %I elements", (LUAI_UACINT)v->n);
  return place;
}

static int l_order (lua_State *L) {
  push_order(L, "order");
  return 1;
}

static int l_sort (lua_State *L) {
  const Vector *place = push_order(L, "sort"), *v = vector_check(L, 1, VECTOR_ANY);
  Vector *out = vector_push(L, (int)v->kind, v->n);
  vector_check(L, 1, VECTOR_ANY);
  place_gather(v, place, out);
  return 1;
}

void lvector_add_fold (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "min", l_min }, { "max", l_max }, { "sum", l_sum }, { "count", l_count }, { "mean", l_mean }, { "sd", l_sd },
    { "cumsum", l_cumsum }, { "order", l_order }, { "sort", l_sort }, { NULL, NULL },
  };
  luaL_setfuncs(L, methods, 0);
}
