/*
** ldata_target.c -- numbers that take the place of classes: split:set_targets and what it is good to know of them.
*/
#include "ldata_target.h"
#include "ldata_check.h"
#include "vector.h"
#include "data/target.h"
#include <math.h>

/* The targets become what a net sees of another split's samples; or of its own. */
static int aim_at (lua_State *L, Data *data, const Data *source) {
  luaL_argcheck(L, source->n == data->n, 2, lua_pushfstring(L, "it has %d samples, the split itself %d", (int)source->n, (int)data->n));
  if (!data_aim_at(data, source)) return luaL_error(L, "not enough memory for the targets");
  return 0;
}

/* Finite, and in each column not all the same. */
static void check_numbers (lua_State *L, const Data *data, const Vector *v, int32_t columns) {
  const float *x = v->data;
  for (int64_t k = 0; k < v->n; k++)
    if (!isfinite(x[k])) luaL_error(L, "target %d of sample %d is not a finite number", (int)(k % columns) + 1, (int)(k / columns) + 1);
  Data seen = { .n = data->n, .n_targets = columns, .target = v->data };
  int32_t constant = data_constant_target(&seen);
  if (constant >= 0) luaL_error(L, "target %d is the same for all %d samples: there is nothing to learn", (int)constant + 1, (int)data->n);
}

/* split:set_targets(numbers | split): a vector of floats, the targets of a sample side by side, sample after sample */
int ldata_set_targets (lua_State *L) {
  lua_settop(L, 2);
  Data *data = ldata_hold(L, 1, BOX_CHANGE);
  luaL_argcheck(L, data->n > 0, 1, "it has no samples");
  const Vector *v = vector_test(L, 2);
  if (!v) return aim_at(L, data, lua_rawequal(L, 1, 2) ? data : ldata_hold(L, 2, BOX_READ));
  vector_check(L, 2, VECTOR_FLOAT);
  luaL_argcheck(L, v->n > 0 && v->n % data->n == 0 && v->n / data->n <= INT32_MAX, 2,
                lua_pushfstring(L, "%I numbers for %d samples: give each sample as many", (LUAI_UACINT)v->n, (int)data->n));
  int32_t columns = (int32_t)(v->n / data->n);
  check_numbers(L, data, v, columns);
  if (!data_set_targets(data, columns, v->data)) return luaL_error(L, "not enough memory for the targets");
  return 0;
}

/* split:targets() -> targets of a sample; nil if it has a class. split:targets(i) -> array of those of sample i */
int ldata_targets (lua_State *L) {
  lua_settop(L, 2);
  const Data *data = ldata_hold(L, 1, BOX_LOOK);
  if (!data->target) return lua_pushnil(L), 1;
  if (lua_isnil(L, 2)) return lua_pushinteger(L, data->n_targets), 1;
  lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 1 <= i && i <= data->n, 2, "no such sample");
  lua_createtable(L, data->n_targets, 0);
  for (int32_t c = 0; c < data->n_targets; c++) {
    lua_pushnumber(L, (lua_Number)data->target[(size_t)(i - 1) * (size_t)data->n_targets + (size_t)c]);
    lua_rawseti(L, -2, c + 1);
  }
  return 1;
}

/* split:target_spread() -> mean squared distance of the targets from their mean, summed over the targets of a sample */
int ldata_target_spread (lua_State *L) {
  lua_settop(L, 1);
  const Data *data = ldata_hold(L, 1, BOX_READ);
  luaL_argcheck(L, data->target, 1, "it has no targets that are numbers: split:set_targets sets them");
  lua_pushnumber(L, data_target_spread(data));
  return 1;
}

/* A share of something, or nothing where there is nothing to share. */
static void set_share (lua_State *L, const char *name, int64_t part, int64_t whole) {
  if (whole == 0) return;
  lua_pushnumber(L, (lua_Number)part / (lua_Number)whole);
  lua_setfield(L, -2, name);
}

/* split:compare_labels(outputs) -> { accuracy, exact, precision, recall, f1 } */
int ldata_compare_labels (lua_State *L) {
  lua_settop(L, 2);
  const Data *data = ldata_hold(L, 1, BOX_READ);
  luaL_argcheck(L, data->target, 1, "it has no targets: split:set_targets sets them");
  const Vector *v = vector_check(L, 2, VECTOR_FLOAT);
  luaL_argcheck(L, v->n == (int64_t)data->n * data->n_targets, 2,
                lua_pushfstring(L, "%I outputs for %d samples of %d labels", (LUAI_UACINT)v->n, (int)data->n, (int)data->n_targets));
  LabelCounts c = data_count_labels(data, v->data);
  lua_newtable(L);
  set_share(L, "accuracy", c.both + c.neither, v->n);
  set_share(L, "exact", c.exact, data->n);
  set_share(L, "precision", c.both, c.both + c.output_only);
  set_share(L, "recall", c.both, c.both + c.target_only);
  set_share(L, "f1", 2 * c.both, 2 * c.both + c.output_only + c.target_only);
  return 1;
}

/* split:noisy(sd, seed) -> the same samples as floats, with noise */
int ldata_noisy (lua_State *L) {
  lua_settop(L, 3);
  const Data *data = ldata_hold(L, 1, BOX_READ);
  lua_Number sd = luaL_checknumber(L, 2);
  lua_Integer seed = luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, sd >= 0 && sd <= 1e6, 2, "the deviation of the noise must be from 0 to 1e6");
  luaL_argcheck(L, data->n > 0, 1, "it has no samples");
  Box *box = ldata_push(L);
  box->it = data_noisy(data, sd, (uint64_t)seed);
  if (!box->it) return luaL_error(L, "not enough memory for a noisy copy of the data");
  return 1;
}
