/*
** lvector_rank.c -- places of the largest and the smallest elements, and of some drawn by their weights.
*/
#include "lvector.h"
#include "lrandom.h"
#include "vector.h"
#include "array/chance.h"
#include "array/rank.h"
#include <omp.h>

static int extreme (lua_State *L, const char *method, RankEnd end) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  lua_Integer k = luaL_checkinteger(L, 2);
  if (v->kind == ARRAY_BOOLEAN) vector_fail(L, "vector:%s: booleans have no order", method);
  if (k < 0 || k > v->n)
    vector_fail(L, "vector:%s: %I elements were requested from a vector of %I", method, (LUAI_UACINT)k, (LUAI_UACINT)v->n);
  Vector *place = vector_push(L, VECTOR_INTEGER, k);
  vector_check(L, 1, VECTOR_ANY);
  if (!rank_extreme(v, k, end, omp_get_max_threads(), place->data))
    vector_fail(L, "not enough memory to rank %I elements", (LUAI_UACINT)v->n);
  return 1;
}

static int l_topk (lua_State *L) { return extreme(L, "topk", RANK_HIGHEST); }
static int l_bottomk (lua_State *L) { return extreme(L, "bottomk", RANK_LOWEST); }

/* ---- draws ---- */

/* The weights at 1; returns how many are positive. */
static int64_t check_weights (lua_State *L, const char *method) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  ChanceWeights weights = chance_weights(v);
  if (weights.bad >= 0) {
    lua_Number w = (lua_Number)array_number(v, weights.bad);
    vector_fail(L, "vector:%s: weight %I is %f: weights must be finite and not negative", method, (LUAI_UACINT)weights.bad + 1, w);
  }
  return weights.positive;
}

/* The weights once more, when all is made: a finalizer may have set some. */
static const Vector *unchanged_weights (lua_State *L, const char *method, int64_t positive) {
  if (check_weights(L, method) != positive) vector_fail(L, "vector:%s: the weights change while they are drawn from", method);
  return vector_check(L, 1, VECTOR_ANY);
}

static int l_sample (lua_State *L) {
  lua_settop(L, 2);
  int64_t positive = check_weights(L, "sample");
  lua_Integer count = luaL_checkinteger(L, 2);
  if (count < 0 || count > positive)
    vector_fail(L, "vector:sample: %I elements were requested from a vector with %I positive weights", (LUAI_UACINT)count,
                (LUAI_UACINT)positive);
  LuaDraw *draw = lrandom_stream(L);
  Vector *place = vector_push(L, VECTOR_INTEGER, count);
  const Vector *v = unchanged_weights(L, "sample", positive);
  if (!chance_sample(draw, v, count, omp_get_max_threads(), place->data))
    vector_fail(L, "not enough memory to draw from %I elements", (LUAI_UACINT)v->n);
  return 1;
}

static int l_draw (lua_State *L) {
  lua_settop(L, 2);
  int64_t positive = check_weights(L, "draw");
  lua_Integer count = luaL_checkinteger(L, 2);
  if (count < 0) vector_fail(L, "vector:draw: %I elements were requested", (LUAI_UACINT)count);
  if (count > 0 && positive == 0) vector_fail(L, "vector:draw: no weight is positive");
  LuaDraw *draw = lrandom_stream(L);
  Vector *place = vector_push(L, VECTOR_INTEGER, count);
  const Vector *v = unchanged_weights(L, "draw", positive);
  if (!chance_choose(draw, v, count, place->data))
    vector_fail(L, "not enough memory to draw from %I elements", (LUAI_UACINT)v->n);
  return 1;
}

void lvector_add_rank (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "topk", l_topk }, { "bottomk", l_bottomk }, { "sample", l_sample }, { "draw", l_draw }, { NULL, NULL },
  };
  luaL_setfuncs(L, methods, 0);
}
