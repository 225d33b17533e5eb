/*
** lnet_wiring.c -- from the description of a sparse layer in Lua to its links.
*/
#include "lnet_wiring.h"
#include "ldata_check.h"
#include "llinks.h"
#include "lnet_check.h"
#include <math.h>
#include <string.h>

static int64_t links_field (lua_State *L, int layer, int32_t n_in, int32_t n_out) {
  lua_Number links = lnet_number_field(L, layer, "links");
  if (!(links >= 1 && links <= UINT32_MAX && links <= (double)n_in * n_out && links == floor(links)))
    luaL_error(L, "a layer of %d to %d units cannot have %f links", (int)n_in, (int)n_out, links);
  return (int64_t)links;
}

static Sparse *erdos_renyi (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  return wiring_erdos_renyi(n_in, n_out, lnet_number_field(L, layer, "density"), draw->init, draw->wiring, draw->weights, draw->threads);
}

static Sparse *by_chance (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  return wiring_random(n_in, n_out, links_field(L, layer, n_in, n_out), draw);
}

static Sparse *fan_in (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  return wiring_fan_in(n_in, n_out, links_field(L, layer, n_in, n_out), draw);
}

static Sparse *small_world (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  return wiring_small_world(n_in, n_out, links_field(L, layer, n_in, n_out), lnet_number_field(L, layer, "beta"), draw);
}

static Sparse *receptive_field (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  Field field = { .randomness = lnet_number_field(L, layer, "randomness") };
  lua_getfield(L, layer, "any_degree");
  field.any_degree = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (lua_getfield(L, layer, "height") != LUA_TNIL) {
    field.channels = lnet_size_field(L, layer, "channels");
    field.height = lnet_size_field(L, layer, "height");
    field.width = lnet_size_field(L, layer, "width");
    if ((double)field.channels * field.height * field.width != n_in) luaL_error(L, "the image does not have the layer's %d inputs", (int)n_in);
  }
  lua_pop(L, 1);
  return wiring_receptive_field(n_in, n_out, links_field(L, layer, n_in, n_out), &field, draw);
}

static Sparse *scale_free (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  return wiring_scale_free(n_in, n_out, links_field(L, layer, n_in, n_out), draw);
}

/* The first `samples` samples of the split in the field `data`, as floats: a userdata on the stack. */
static Sparse *correlated (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  lua_getfield(L, layer, "data");
  const Data *data = ldata_check(L, lua_gettop(L));
  int32_t samples = lnet_size_field(L, layer, "samples"), f = data->n_features;
  if (samples > data->n) samples = data->n;
  if (n_in % f != 0 || n_out % f != 0) luaL_error(L, "%d and %d units are not multiples of %d features", (int)n_in, (int)n_out, (int)f);
  size_t n = (size_t)samples * (size_t)f;
  float *x = lua_newuserdatauv(L, n * sizeof *x, 0);
  data = ldata_check(L, -2);   /* a finalizer may have closed it */
  for (size_t k = 0; k < n; k++) x[k] = data->u8 ? data->u8[k] : data->f32[k];
  return wiring_correlated(n_in, n_out, links_field(L, layer, n_in, n_out), x, f, samples, draw);
}

static Sparse *listed (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  const char *why;
  lua_getfield(L, layer, "list");
  const Pairs *p = box_check(L, lua_gettop(L), &llinks_kind);
  Sparse *W = wiring_given(n_in, n_out, p->n, p->from, p->to, draw->init, draw->weights, &why);
  if (!W) luaL_error(L, "a wiring of %d to %d units: %s", (int)n_in, (int)n_out, why);
  return W;
}

typedef struct Maker { const char *name; Sparse *(*make) (lua_State *, int, int32_t, int32_t, const Draw *); } Maker;

static const Maker makers[] = {
  { "erdos_renyi", erdos_renyi }, { "random", by_chance },       { "fan_in", fan_in },         { "small_world", small_world },
  { "correlated", correlated },   { "scale_free", scale_free },  { "listed", listed },         { "receptive_field", receptive_field },
};

Sparse *lnet_wire (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Draw *draw) {
  int top = lua_gettop(L);
  lua_getfield(L, layer, "wiring");
  const char *name = luaL_optstring(L, -1, "erdos_renyi");
  for (size_t m = 0; m < sizeof makers / sizeof *makers; m++)
    if (strcmp(name, makers[m].name) == 0) {
      Sparse *W = makers[m].make(L, layer, n_in, n_out, draw);
      lua_settop(L, top);
      return W;
    }
  luaL_error(L, "there is no wiring '%s'", name);
  return NULL;
}
