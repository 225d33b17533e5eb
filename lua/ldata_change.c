/*
** ldata_change.c -- split:change(f): a script's own preprocessing of every sample, once.
*/
#include "ldata_change.h"
#include "ldata_check.h"
#include <lauxlib.h>
#include <math.h>

typedef struct Change { Data *data; int32_t sample; } Change;

/* The array at the top of the stack becomes the sample: as a whole, or not at all. */
static void take_values (lua_State *L, const Change *change) {
  const Data *data = change->data;
  size_t base = (size_t)change->sample * (size_t)data->n_features;
  for (int pass = 0; pass < 2; pass++)   /* looks, then writes */
    for (int32_t j = 0; j < data->n_features; j++) {
      lua_rawgeti(L, -1, j + 1);
      int is_number;
      double x = lua_tonumberx(L, -1, &is_number);
      int fits = is_number && (data->u8 ? x >= 0 && x <= 255 : isfinite((float)x));
      if (!fits) luaL_error(L, "value %d of sample %d became %s: it must be %s", (int)j + 1, (int)change->sample + 1,
                            luaL_tolstring(L, -1, NULL), data->u8 ? "a number from 0 to 255" : "a finite number");
      if (pass == 1 && data->u8) data->u8[base + (size_t)j] = (uint8_t)lrint(x);
      else if (pass == 1) data->f32[base + (size_t)j] = (float)x;
      lua_pop(L, 1);
    }
}

/* (change, f): all samples, one after the other. */
static int change_all (lua_State *L) {
  Change *change = lua_touserdata(L, 1);
  for (; change->sample < change->data->n; change->sample++) {
    lua_pushvalue(L, 2);
    ldata_push_values(L, change->data, change->sample);
    lua_pushinteger(L, change->sample + 1);
    lua_call(L, 2, 1);
    if (!lua_istable(L, -1)) luaL_error(L, "the function returned %s for sample %d, not an array", luaL_typename(L, -1), (int)change->sample + 1);
    take_values(L, change);
    lua_pop(L, 1);
  }
  return 0;
}

/* split:change(f): f(values, i) gets the raw values of sample i (bytes from 0 to 255, or floats; a
** table of its own, which it may change) and returns an array of as many; bytes are rounded. The
** split's hash is that of the new values, also when f raises halfway: what came before stays
** changed. f may look at the split, but not close it or use it. Not after a standardisation, whose means would be those of other values. */
int ldata_change (lua_State *L) {
  lua_settop(L, 2);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  Change change = { ldata_hold(L, 1, BOX_CHANGE), 0 };
  luaL_argcheck(L, !change.data->map, 1, "its values are read from a file that is not changed (lab.data.npy)");
  luaL_argcheck(L, !change.data->feature_scale, 1, "it is standardised already");
  lua_pushcfunction(L, change_all);
  lua_pushlightuserdata(L, &change);
  lua_pushvalue(L, 2);
  int status = lua_pcall(L, 2, 0, 0);
  data_rehash(change.data);
  return status == LUA_OK ? 0 : lua_error(L);
}
