/*
** lfeature.c -- require "lab.c.feature": a choice of a split's features, and how much each says about the class.
** Features count from 1 here. Options are checked by lab/data/features.lua; what is checked here protects the
** engine.
*/
#include "libs.h"
#include "ldata.h"
#include "ldata_check.h"
#include "select/feature.h"
#include <string.h>

/* The array of feature numbers at stack index `arg`, counted from 0, in userdata on the stack. */
static int32_t *check_features (lua_State *L, int arg, const Data *data, int32_t *n) {
  luaL_checktype(L, arg, LUA_TTABLE);
  lua_Integer length = luaL_len(L, arg);
  luaL_argcheck(L, 1 <= length && length <= data->n_features, arg, "not from 1 to all features");
  int32_t *feature = lua_newuserdatauv(L, (size_t)length * sizeof *feature, 0);
  uint8_t *taken = lua_newuserdatauv(L, (size_t)data->n_features, 0);
  memset(taken, 0, (size_t)data->n_features);
  for (lua_Integer k = 0; k < length; k++) {
    int whole;
    lua_geti(L, arg, k + 1);
    lua_Integer j = lua_tointegerx(L, -1, &whole);
    lua_pop(L, 1);
    luaL_argcheck(L, whole && 1 <= j && j <= data->n_features, arg, "no such feature");
    luaL_argcheck(L, !taken[j - 1], arg, "a feature is given twice");
    taken[j - 1] = 1;
    feature[k] = (int32_t)(j - 1);
  }
  *n = (int32_t)length;
  return feature;
}

/* select(split, { feature, ... }) -> a split with these features, in this order */
static int l_select (lua_State *L) {
  lua_settop(L, 2);
  const Data *data = ldata_hold(L, 1, BOX_READ);
  int32_t n;
  const int32_t *feature = check_features(L, 2, data, &n);
  Box *box = ldata_push(L);
  box->it = feature_select(data, feature, n);
  return box->it ? 1 : luaL_error(L, "not enough memory for %d features of %d samples", (int)n, (int)data->n);
}

static double *new_numbers (lua_State *L, int32_t n) {
  return lua_newuserdatauv(L, (size_t)n * sizeof(double), 0);
}

static void set_numbers (lua_State *L, int table, const char *name, const double *v, int32_t n) {
  lua_createtable(L, n, 0);
  for (int32_t j = 0; j < n; j++) {
    lua_pushnumber(L, v[j]);
    lua_rawseti(L, -2, j + 1);
  }
  lua_setfield(L, table, name);
}

/* statistics(split, bins) -> { mean =, variance =, information = }, arrays by feature; mutual
** information with the label, in bits, over `bins` bins of equal width */
static int l_statistics (lua_State *L) {
  lua_settop(L, 2);
  lua_Integer bins = luaL_checkinteger(L, 2);
  const Data *data = ldata_hold(L, 1, BOX_READ);
  int32_t n = data->n_features;
  luaL_argcheck(L, 2 <= bins && bins <= FEATURE_MOST_BINS, 2, "not from 2 to 256 bins");
  double *mean = new_numbers(L, n), *variance = new_numbers(L, n), *information = new_numbers(L, n);
  feature_moments(data, mean, variance);
  if (!feature_information(data, (int32_t)bins, information))
    return luaL_error(L, "not enough memory to count %d bins of %d classes", (int)bins, (int)data->n_classes);
  lua_createtable(L, 0, 3);
  int table = lua_gettop(L);
  set_numbers(L, table, "mean", mean, n);
  set_numbers(L, table, "variance", variance, n);
  set_numbers(L, table, "information", information, n);
  return 1;
}

static const luaL_Reg library[] = {
  { "select", l_select }, { "statistics", l_statistics }, { NULL, NULL },
};

int luaopen_lab_feature (lua_State *L) {
  ldata_register(L);
  luaL_newlib(L, library);
  return 1;
}
