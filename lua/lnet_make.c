/*
** lnet_make.c -- from a description in Lua to a net.
*/
#include "lnet_make.h"
#include "lnet_check.h"
#include "lcheck.h"
#include "lmem.h"
#include "lnet_wiring.h"
#include <math.h>
#include <string.h>

#define PARTS "lab.net.parts"

enum { MOST_LAYERS = 256 };

/* What is under construction; a userdata, so that an error on the way frees it. */
typedef struct Parts { LayerSpec spec[MOST_LAYERS]; int32_t n; } Parts;

static int parts_gc (lua_State *L) {
  Parts *p = lua_touserdata(L, 1);
  for (int32_t l = 0; l < p->n; l++) {
    sparse_free(p->spec[l].sparse);
    dense_free(p->spec[l].dense);
  }
  p->n = 0;
  return 0;
}

enum { KEPT = 4 };   /* stack index of a table that keeps the description's strings alive */

static const char *string_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  const char *s = luaL_checkstring(L, -1);
  lua_rawseti(L, KEPT, (lua_Integer)lua_rawlen(L, KEPT) + 1);
  return s;
}

/* An array of unit numbers counting from 1 to a block of int32 counting from 0, owned by a
** userdata left on the stack. */
static int32_t *unit_array (lua_State *L, int table, const char *name, lua_Integer *n) {
  lua_getfield(L, table, name);
  luaL_checktype(L, -1, LUA_TTABLE);
  *n = lcheck_length(L, -1, UINT32_MAX, "an array of a wiring");
  int32_t *unit = lua_newuserdatauv(L, (size_t)*n * sizeof *unit + 1, 0);
  for (lua_Integer k = 1; k <= *n; k++) {
    lua_geti(L, -2, k);
    int whole;
    lua_Integer u = lua_tointegerx(L, -1, &whole);
    if (!whole) luaL_error(L, "value %I of '%s' of a wiring is %s, not a unit number", (LUAI_UACINT)k, name, luaL_tolstring(L, -1, NULL));
    unit[k - 1] = u >= 1 && u <= INT32_MAX ? (int32_t)(u - 1) : -1;
    lua_pop(L, 1);
  }
  return unit;
}

static Sparse *sparse_from_arrays (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Init *init,
                                   Rng *weights) {
  lua_Integer n, m;
  const char *why;
  int32_t *from = unit_array(L, layer, "from", &n), *to = unit_array(L, layer, "to", &m);
  if (n != m) luaL_error(L, "a wiring gave %I sources and %I targets", (LUAI_UACINT)n, (LUAI_UACINT)m);
  Sparse *W = wiring_given(n_in, n_out, n, from, to, init, weights, &why);
  if (!W) luaL_error(L, "a wiring of %d to %d units: %s", (int)n_in, (int)n_out, why);
  lua_pop(L, 4);
  return W;
}

/* Room for links that are yet to come: of a checkpoint. */
static Sparse *sparse_with_room (lua_State *L, int layer, int32_t n_in, int32_t n_out) {
  lua_Number links = lnet_number_field(L, layer, "links");
  if (!(links >= 0 && links <= UINT32_MAX && links <= (double)n_in * n_out && links == floor(links)))
    luaL_error(L, "a layer of %d to %d units cannot have %f links", (int)n_in, (int)n_out, links);
  return sparse_new(n_in, n_out, (int64_t)links);
}

static void make_layer (lua_State *L, int layer, Parts *parts, const Init *init, uint64_t seed, int threads) {
  int32_t l = parts->n, n_in = lnet_size_field(L, layer, "n_in"), n_out = lnet_size_field(L, layer, "n_out");
  const char *kind = string_field(L, layer, "kind");
  Rng wiring, weights;
  rng_seed(&wiring, seed, RNG_WIRING | (uint64_t)l << 8);
  rng_seed(&weights, seed, RNG_WEIGHTS | (uint64_t)l << 8);
  LayerSpec spec = { .activation = string_field(L, layer, "activation"), .slope = NAN };
  spec.dropout = lnet_float_field(L, layer, "dropout");
  lua_getfield(L, layer, "ghost");
  spec.ghost = (int32_t)luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  if (lua_getfield(L, layer, "slope") != LUA_TNIL) spec.slope = lnet_float_field(L, layer, "slope");
  lua_pop(L, 1);
  if (strcmp(kind, "dense") == 0) spec.dense = dense_new(n_in, n_out, init, &weights);
  else if (strcmp(kind, "given") == 0) spec.sparse = sparse_from_arrays(L, layer, n_in, n_out, init, &weights);
  else if (strcmp(kind, "stored") == 0) spec.sparse = sparse_with_room(L, layer, n_in, n_out);
  else spec.sparse = lnet_wire(L, layer, n_in, n_out, &(Draw){ init, &wiring, &weights, threads });
  if (!spec.sparse && !spec.dense)
    luaL_error(L, "not enough memory for a layer of %d to %d units", (int)n_in, (int)n_out);
  parts->spec[parts->n++] = spec;
}

/* net.new { layers = { { n_in, n_out, kind = "sparse" | "dense" | "given" | "stored", wiring, and what that takes (lnet_wiring.c),
** from, to, links, activation, slope, dropout, ghost (net.h; 0 without it) }, ... }, loss, init, seed, threads, isa,
** precision = "float32" | "bfloat16", affine = true | false, optimiser = "sgd" | "adamw" | "lion" } -> net */
int lnet_new (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lmem_make_room(L);
  Box *box = box_push(L, &lnet_kind);                            /* 2 */
  Parts *parts = lua_newuserdatauv(L, sizeof *parts, 0);         /* 3 */
  parts->n = 0;
  luaL_setmetatable(L, PARTS);
  lua_newtable(L);                                               /* KEPT */
  lua_getfield(L, 1, "init");
  const Init *init = lnet_check_init(L, -1);
  lua_getfield(L, 1, "seed");
  uint64_t seed = (uint64_t)luaL_checkinteger(L, -1);
  int32_t threads = lnet_size_field(L, 1, "threads");
  lua_getfield(L, 1, "layers");
  int layers = lua_gettop(L);
  lua_Integer n = luaL_len(L, layers);
  luaL_argcheck(L, 1 <= n && n <= MOST_LAYERS, 1, "from 1 to 256 layers");
  for (lua_Integer l = 1; l <= n; l++) {
    lua_geti(L, layers, l);
    make_layer(L, lua_gettop(L), parts, init, seed, threads);
    lua_settop(L, layers);
  }
  int has_isa = lua_getfield(L, 1, "isa") == LUA_TSTRING;
  const char *isa = has_isa ? lua_tostring(L, -1) : NULL, *why;
  const char *loss = string_field(L, 1, "loss"), *precision = string_field(L, 1, "precision");
  box->it = net_new(parts->n, parts->spec, loss, seed, threads, isa, &why);
  if (!box->it) return luaL_error(L, "%s", why);
  parts->n = 0;  /* the net owns the layers now */
  if (strcmp(precision, "bfloat16") == 0) net_use_bf16(box->it);
  if (lua_getfield(L, 1, "affine") == LUA_TBOOLEAN) net_use_affine(box->it, lua_toboolean(L, -1));
  lua_getfield(L, 1, "optimiser");
  if (!net_use_rule(box->it, lnet_check_rule(L, -1))) return luaL_error(L, "not enough memory for what the optimiser remembers");
  lua_settop(L, 2);
  return 1;
}

void lnet_make_open (lua_State *L) {
  luaL_newmetatable(L, PARTS);
  lua_pushcfunction(L, parts_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}
