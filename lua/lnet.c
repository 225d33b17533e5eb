/*
** lnet.c -- nets as seen from Lua: the library lab.c.net and the userdata "lab.net".
**
** Layers, samples and units count from 1 here, classes from 0 as in the data. The notebook's
** words (lua/lab/mlp.lua) check options and give defaults; what is checked here protects the
** engine.
*/
#include "interrupt.h"
#include "ldata.h"
#include "libs.h"
#include "cpu.h"
#include "mem.h"
#include "net.h"
#include "version.h"
#include "wiring.h"
#include <math.h>
#include <string.h>
#include <time.h>

#define NET "lab.net"

static double now_seconds (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static Net *check_net (lua_State *L) {
  Net **box = luaL_checkudata(L, 1, NET);
  if (!*box) luaL_error(L, "the net is closed");
  return *box;
}

static int32_t check_layer (lua_State *L, const Net *net, int arg) {
  lua_Integer l = luaL_checkinteger(L, arg);
  luaL_argcheck(L, 1 <= l && l <= net_layers(net), arg, "no such layer");
  return (int32_t)l - 1;
}

static const Sparse *check_sparse (lua_State *L, const Net *net, int32_t l) {
  const Sparse *W = net_sparse(net, l);
  if (!W) luaL_error(L, "layer %d is dense", (int)l + 1);
  return W;
}

static const Init *check_init (lua_State *L, int arg) {
  const Init *init = init_find(luaL_checkstring(L, arg));
  luaL_argcheck(L, init, arg, "no such rule for starting weights");
  return init;
}

/* ---- making: net.new(description) ---- */

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

static lua_Number number_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  lua_Number x = luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return x;
}

static int32_t size_field (lua_State *L, int table, const char *name) {
  lua_Number x = number_field(L, table, name);
  if (!(x >= 1 && x <= 1e9 && x == floor(x))) luaL_error(L, "a layer's size must be a whole number from 1 to 1e9, not %f", x);
  return (int32_t)x;
}

/* The string stays alive in the description table. */
static const char *string_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  const char *s = luaL_checkstring(L, -1);
  lua_pop(L, 1);
  return s;
}

/* An array of unit numbers counting from 1 to a block of int32 counting from 0, owned by a
** userdata left on the stack. */
static int32_t *unit_array (lua_State *L, int table, const char *name, lua_Integer *n) {
  lua_getfield(L, table, name);
  luaL_checktype(L, -1, LUA_TTABLE);
  *n = luaL_len(L, -1);
  int32_t *unit = lua_newuserdatauv(L, (size_t)*n * sizeof *unit + 1, 0);
  for (lua_Integer k = 1; k <= *n; k++) {
    lua_geti(L, -2, k);
    lua_Integer u = lua_tointeger(L, -1);
    unit[k - 1] = u >= 1 && u <= INT32_MAX ? (int32_t)(u - 1) : -1;
    lua_pop(L, 1);
  }
  return unit;
}

static Sparse *sparse_from_arrays (lua_State *L, int layer, int32_t n_in, int32_t n_out, const Init *init, Rng *weights) {
  lua_Integer n, m;
  const char *why;
  int32_t *from = unit_array(L, layer, "from", &n), *to = unit_array(L, layer, "to", &m);
  if (n != m) luaL_error(L, "a wiring gave %I sources and %I targets", (LUAI_UACINT)n, (LUAI_UACINT)m);
  Sparse *W = wiring_given(n_in, n_out, n, from, to, init, weights, &why);
  if (!W) luaL_error(L, "a wiring of %d to %d units: %s", (int)n_in, (int)n_out, why);
  lua_pop(L, 4);
  return W;
}

static void make_layer (lua_State *L, int layer, Parts *parts, const Init *init, uint64_t seed) {
  int32_t l = parts->n, n_in = size_field(L, layer, "n_in"), n_out = size_field(L, layer, "n_out");
  const char *kind = string_field(L, layer, "kind");
  Rng wiring, weights;
  rng_seed(&wiring, seed, RNG_WIRING | (uint64_t)l << 8);
  rng_seed(&weights, seed, RNG_WEIGHTS | (uint64_t)l << 8);
  LayerSpec spec = { .activation = string_field(L, layer, "activation"), .slope = NAN };
  spec.dropout = (float)number_field(L, layer, "dropout");
  if (lua_getfield(L, layer, "slope") == LUA_TNUMBER) spec.slope = (float)lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (strcmp(kind, "dense") == 0) spec.dense = dense_new(n_in, n_out, init, &weights);
  else if (strcmp(kind, "given") == 0) spec.sparse = sparse_from_arrays(L, layer, n_in, n_out, init, &weights);
  else spec.sparse = wiring_erdos_renyi(n_in, n_out, number_field(L, layer, "density"), init, &wiring, &weights);
  if (!spec.sparse && !spec.dense) luaL_error(L, "not enough memory for a layer of %d to %d units", (int)n_in, (int)n_out);
  parts->spec[parts->n++] = spec;
}

/* net.new { layers = { { n_in, n_out, kind = "sparse" | "dense" | "given", density, from, to,
** activation, slope, dropout }, ... }, loss, init, seed, threads, isa } -> net */
static int l_new (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  Net **box = lua_newuserdatauv(L, sizeof *box, 0);              /* 2 */
  *box = NULL;
  luaL_setmetatable(L, NET);
  Parts *parts = lua_newuserdatauv(L, sizeof *parts, 0);         /* 3 */
  parts->n = 0;
  luaL_setmetatable(L, NET ".parts");
  lua_getfield(L, 1, "init");
  const Init *init = check_init(L, -1);
  lua_getfield(L, 1, "seed");
  uint64_t seed = (uint64_t)luaL_checkinteger(L, -1);
  lua_getfield(L, 1, "layers");
  int layers = lua_gettop(L);
  lua_Integer n = luaL_len(L, layers);
  luaL_argcheck(L, 1 <= n && n <= MOST_LAYERS, 1, "from 1 to 256 layers");
  for (lua_Integer l = 1; l <= n; l++) {
    lua_geti(L, layers, l);
    make_layer(L, lua_gettop(L), parts, init, seed);
    lua_settop(L, layers);
  }
  int has_isa = lua_getfield(L, 1, "isa") == LUA_TSTRING;
  const char *isa = has_isa ? lua_tostring(L, -1) : NULL, *why;
  int threads = (int)number_field(L, 1, "threads");
  *box = net_new(parts->n, parts->spec, string_field(L, 1, "loss"), seed, threads, isa, &why);
  if (!*box) return luaL_error(L, "%s", why);
  parts->n = 0;  /* the net owns the layers now */
  lua_settop(L, 2);
  return 1;
}

static int l_close (lua_State *L) {
  Net **box = luaL_checkudata(L, 1, NET);
  net_free(*box);
  *box = NULL;
  return 0;
}

/* ---- training ---- */

/* What the tick needs: ten times a second at most, the Lua function at stack index 2. */
typedef struct Telling { lua_State *L; double next; int function, failed; } Telling;

static int tick (void *context, double share, double loss) {
  Telling *telling = context;
  if (interrupt_pending()) return 1;
  double now = now_seconds();
  if (!telling->function || now < telling->next) return 0;
  telling->next = now + 0.1;
  lua_pushvalue(telling->L, telling->function);
  lua_pushnumber(telling->L, share);
  lua_pushnumber(telling->L, loss);
  telling->failed = lua_pcall(telling->L, 2, 0, 0) != LUA_OK;  /* the message stays on the stack */
  return telling->failed;
}

static const Data *check_fits (lua_State *L, const Net *net, int arg) {
  const Data *data = ldata_check(L, arg);
  int32_t n_in = net_units(net, 0), n_out = net_units(net, net_layers(net));
  if (data->n_features != n_in)
    luaL_error(L, "the net has %d inputs, the data %d features", (int)n_in, (int)data->n_features);
  if (data->n_classes > n_out)
    luaL_error(L, "the net has %d outputs, the data %d classes", (int)n_out, (int)data->n_classes);
  if (data->n < 1) luaL_error(L, "the data has no samples");
  return data;
}

static Decay check_decay (lua_State *L, int table) {
  static const char *const names[] = { "step", "coupled", "decoupled", NULL };
  lua_getfield(L, table, "decay");
  int which = luaL_checkoption(L, -1, "step", names);
  lua_pop(L, 1);
  return (Decay)which;
}

static void raise_status (lua_State *L, int status, const Telling *telling) {
  if (telling->failed) lua_error(L);
  if (status == NET_INTERRUPTED) interrupt_check(L);
  if (status == NET_NO_MEMORY) luaL_error(L, "not enough memory for a batch of this size");
}

/* net:train(data, tick | nil, { batch, rate, momentum, weight_decay, decay, nesterov, epoch })
** -> loss, accuracy, seconds, samples, diverged */
static int l_train (lua_State *L) {
  Net *net = check_net(L);
  const Data *data = check_fits(L, net, 2);
  luaL_checktype(L, 4, LUA_TTABLE);
  Protocol p = { .batch = size_field(L, 4, "batch"), .rate = (float)number_field(L, 4, "rate"),
                 .momentum = (float)number_field(L, 4, "momentum"),
                 .weight_decay = (float)number_field(L, 4, "weight_decay"), .decay = check_decay(L, 4) };
  lua_getfield(L, 4, "nesterov");
  p.nesterov = lua_toboolean(L, -1);
  int32_t epoch = size_field(L, 4, "epoch");
  Telling telling = { L, now_seconds() + 0.1, lua_isfunction(L, 3) ? 3 : 0, 0 };
  EpochResult r;
  int status = net_train_epoch(net, data, &p, epoch, tick, &telling, &r);
  raise_status(L, status, &telling);
  lua_pushnumber(L, r.loss);
  lua_pushnumber(L, r.accuracy);
  lua_pushnumber(L, r.seconds);
  lua_pushinteger(L, r.samples);
  lua_pushboolean(L, status == NET_DIVERGED);
  return 5;
}

/* net:evaluate(data) -> loss, accuracy, seconds */
static int l_evaluate (lua_State *L) {
  Net *net = check_net(L);
  const Data *data = check_fits(L, net, 2);
  Telling telling = { L, 0, 0, 0 };
  double loss, accuracy, start = now_seconds();
  raise_status(L, net_evaluate(net, data, tick, &telling, &loss, &accuracy), &telling);
  lua_pushnumber(L, loss);
  lua_pushnumber(L, accuracy);
  lua_pushnumber(L, now_seconds() - start);
  return 3;
}

static void push_numbers (lua_State *L, const float *v, int64_t n) {
  lua_createtable(L, (int)n, 0);
  for (int64_t k = 0; k < n; k++) {
    lua_pushnumber(L, (lua_Number)v[k]);
    lua_rawseti(L, -2, k + 1);
  }
}

/* net:predict(data, i) -> array: the output units' values for sample i */
static int l_predict (lua_State *L) {
  Net *net = check_net(L);
  const Data *data = check_fits(L, net, 2);
  lua_Integer i = luaL_checkinteger(L, 3);
  luaL_argcheck(L, 1 <= i && i <= data->n, 3, "no such sample");
  int32_t n = net_units(net, net_layers(net));
  float *out = lua_newuserdatauv(L, (size_t)n * sizeof *out, 0);
  if (!net_predict(net, data, (int32_t)i - 1, out)) return luaL_error(L, "not enough memory");
  push_numbers(L, out, n);
  return 1;
}

/* ---- evolution ---- */

/* net:evolve(first, last, prune, grow, zeta, init, epoch) -> links replaced, seconds */
static int l_evolve (lua_State *L) {
  Net *net = check_net(L);
  int32_t first = check_layer(L, net, 2), last = (int32_t)luaL_checkinteger(L, 3) - 1;
  luaL_argcheck(L, last < net_layers(net), 3, "no such layer");
  Evolution rule = { prune_find(luaL_checkstring(L, 4)), grow_find(luaL_checkstring(L, 5)), luaL_checknumber(L, 6), check_init(L, 7) };
  luaL_argcheck(L, rule.prune, 4, "no such rule for pruning");
  luaL_argcheck(L, rule.grow, 5, "no such rule for growing");
  luaL_argcheck(L, rule.zeta >= 0 && rule.zeta <= 1, 6, "zeta must be in [0, 1]");
  double start = now_seconds();
  int64_t replaced = net_evolve(net, first, last, &rule, (int32_t)luaL_checkinteger(L, 8));
  if (replaced < 0) return luaL_error(L, "not enough memory to rewire the net");
  lua_pushinteger(L, replaced);
  lua_pushnumber(L, now_seconds() - start);
  return 2;
}

/* net:rewire(layer, keep, epoch, grow, init) -> links replaced. keep[k] is true for every
** surviving link, in the order of net:links_of(layer). */
static int l_rewire (lua_State *L) {
  Net *net = check_net(L);
  int32_t l = check_layer(L, net, 2);
  const Sparse *W = check_sparse(L, net, l);
  luaL_checktype(L, 3, LUA_TTABLE);
  int32_t epoch = (int32_t)luaL_checkinteger(L, 4);
  const Grow *grow = grow_find(luaL_checkstring(L, 5));
  luaL_argcheck(L, grow, 5, "no such rule for growing");
  const Init *init = check_init(L, 6);
  uint8_t *keep = lua_newuserdatauv(L, (size_t)W->links + 1, 0);
  for (int64_t k = 0; k < W->links; k++) {
    lua_geti(L, 3, k + 1);
    keep[k] = (uint8_t)lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  int64_t replaced = net_rewire(net, l, keep, grow, init, epoch);
  if (replaced < 0) return luaL_error(L, "not enough memory to rewire the net");
  lua_pushinteger(L, replaced);
  return 1;
}

/* net:surviving(layer, prune, zeta) -> array: for each of the layer's input units, the links
** that the rule would leave it now. Nothing changes. */
static int l_surviving (lua_State *L) {
  Net *net = check_net(L);
  const Sparse *W = check_sparse(L, net, check_layer(L, net, 2));
  const Prune *prune = prune_find(luaL_checkstring(L, 3));
  luaL_argcheck(L, prune, 3, "no such rule for pruning");
  uint8_t *keep = lua_newuserdatauv(L, (size_t)W->links + 1, 0);
  if (prune->mark(W->w, W->links, luaL_checknumber(L, 4), keep) < 0) return luaL_error(L, "not enough memory");
  lua_createtable(L, W->n_in, 0);
  for (int32_t i = 0; i < W->n_in; i++) {
    lua_Integer left = 0;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) left += keep[k];
    lua_pushinteger(L, left);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* ---- looking in ---- */

static int l_layers (lua_State *L) {
  lua_pushinteger(L, net_layers(check_net(L)));
  return 1;
}

/* net:links(layer) -> number of links; net:links() -> all layers' together */
static int l_links (lua_State *L) {
  Net *net = check_net(L);
  int64_t links = 0;
  if (!lua_isnoneornil(L, 2)) links = net_links(net, check_layer(L, net, 2));
  else for (int32_t l = 0; l < net_layers(net); l++) links += net_links(net, l);
  lua_pushinteger(L, links);
  return 1;
}

/* net:is_sparse(layer) -> boolean */
static int l_is_sparse (lua_State *L) {
  Net *net = check_net(L);
  lua_pushboolean(L, net_sparse(net, check_layer(L, net, 2)) != NULL);
  return 1;
}

/* net:units(l) -> units of level l; 0 are the inputs */
static int l_units (lua_State *L) {
  Net *net = check_net(L);
  lua_Integer l = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 0 <= l && l <= net_layers(net), 2, "no such level");
  lua_pushinteger(L, net_units(net, (int32_t)l));
  return 1;
}

/* net:degrees(layer, "in" | "out") -> array: links arriving at each unit above, or leaving
** each unit below */
static int l_degrees (lua_State *L) {
  static const char *const sides[] = { "in", "out", NULL };
  Net *net = check_net(L);
  int32_t l = check_layer(L, net, 2);
  int out = luaL_checkoption(L, 3, NULL, sides);
  int32_t n = net_units(net, out ? l : l + 1);
  int32_t *degree = lua_newuserdatauv(L, (size_t)n * sizeof *degree, 0);
  net_degrees(net, l, out, degree);
  lua_createtable(L, n, 0);
  for (int32_t i = 0; i < n; i++) {
    lua_pushinteger(L, degree[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* net:weights(layer) -> array: a sparse layer's in the order of net:links_of; a dense one's
** (n_out, n_in) row by row */
static int l_weights (lua_State *L) {
  Net *net = check_net(L);
  int32_t l = check_layer(L, net, 2);
  push_numbers(L, net_weights(net, l), net_links(net, l));
  return 1;
}

/* net:biases(layer) -> array, one for each unit above */
static int l_biases (lua_State *L) {
  Net *net = check_net(L);
  int32_t l = check_layer(L, net, 2);
  push_numbers(L, net_bias(net, l), net_units(net, l + 1));
  return 1;
}

/* net:links_of(layer) -> from, to: arrays of the units that each link joins */
static int l_links_of (lua_State *L) {
  Net *net = check_net(L);
  const Sparse *W = check_sparse(L, net, check_layer(L, net, 2));
  lua_createtable(L, (int)W->links, 0);
  lua_createtable(L, (int)W->links, 0);
  for (int32_t i = 0; i < W->n_in; i++)
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) {
      lua_pushinteger(L, i + 1);
      lua_rawseti(L, -3, k + 1);
      lua_pushinteger(L, W->to[k] + 1);
      lua_rawseti(L, -2, k + 1);
    }
  return 2;
}

static int l_isa (lua_State *L) {
  lua_pushstring(L, net_isa(check_net(L)));
  return 1;
}

static int l_threads (lua_State *L) {
  lua_pushinteger(L, net_threads(check_net(L)));
  return 1;
}

/* net:check() -> nil, or what is broken inside, in words */
static int l_check (lua_State *L) {
  lua_pushstring(L, net_check(check_net(L)));
  return 1;
}

/* ---- the library ---- */

/* library.density(epsilon, n_in, n_out) -> share of cells that are links */
static int l_density (lua_State *L) {
  lua_pushnumber(L, wiring_density(luaL_checknumber(L, 1), (int32_t)luaL_checkinteger(L, 2), (int32_t)luaL_checkinteger(L, 3)));
  return 1;
}

/* library.fastest([isa]) -> name of the kernels that nets use, or nil if isa cannot be had */
static int l_fastest (lua_State *L) {
  const Kernels *kernels = kernels_choose(luaL_optstring(L, 1, NULL));
  lua_pushstring(L, kernels ? kernels->isa : NULL);
  return 1;
}

static void push_names (lua_State *L, const char *field, const void *table, size_t size) {
  lua_newtable(L);
  for (const char *const *name = table; *name; name = (const char *const *)((const char *)name + size)) {
    lua_pushstring(L, *name);
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
  }
  lua_setfield(L, -2, field);
}

int luaopen_lab_net (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "train", l_train },       { "evaluate", l_evaluate }, { "predict", l_predict },   { "evolve", l_evolve },
    { "rewire", l_rewire },     { "surviving", l_surviving }, { "layers", l_layers },   { "links", l_links },
    { "is_sparse", l_is_sparse }, { "units", l_units },     { "degrees", l_degrees },   { "weights", l_weights },
    { "biases", l_biases },     { "links_of", l_links_of }, { "isa", l_isa },           { "threads", l_threads },
    { "check", l_check },       { "close", l_close },       { NULL, NULL },
  };
  static const luaL_Reg metamethods[] = { { "__gc", l_close }, { "__close", l_close }, { NULL, NULL } };
  static const luaL_Reg library[] = { { "new", l_new }, { "density", l_density }, { "fastest", l_fastest }, { NULL, NULL } };
  luaL_newmetatable(L, NET ".parts");
  lua_pushcfunction(L, parts_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, NET);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, library);
  push_names(L, "activations", kernels_portable.activations, sizeof(Activation));
  push_names(L, "inits", init_rules, sizeof(Init));
  push_names(L, "losses", losses, sizeof(Loss));
  push_names(L, "prunes", prune_rules, sizeof(Prune));
  push_names(L, "grows", grow_rules, sizeof(Grow));
  lua_pushinteger(L, SETLAB_RESULTS_VERSION);
  lua_setfield(L, -2, "results_version");
  return 1;
}
