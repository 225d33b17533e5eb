/*
** lplan.c -- the library lab.c.plan: how much memory a net will take, how much there is, and
** how much the engine holds. All in bytes.
*/
#include "os/available.h"
#include "lcheck.h"
#include "levolve.h"
#include "libs.h"
#include "lnet_check.h"
#include "base/mem.h"
#include "plan/net_plan.h"
#include <math.h>
#include <string.h>

/* Of the table at index 2 of a call, which says how the net will be used. */
static lua_Integer optional_integer (lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  lua_Integer n = luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  if (n < 0 || n > INT32_MAX) luaL_error(L, "%s must be from 0 to 2147483647", name);
  return n;
}

/* The use described by the table at index 2, of a net of n_layers. What it points to stays on the stack, or in `evolution`. */
static NetUse check_use (lua_State *L, NetEvolution *evolution, int32_t n_layers) {
  luaL_checktype(L, 2, LUA_TTABLE);
  NetUse use = { .threads = (int)optional_integer(L, "threads"),
                 .batch = (int32_t)optional_integer(L, "batch"),
                 .samples = (int32_t)optional_integer(L, "samples"),
                 .evaluated = (int32_t)optional_integer(L, "evaluated"),
                 .evolved = (int32_t)optional_integer(L, "evolved"),
                 .probed = (int32_t)optional_integer(L, "probed") };
  lua_getfield(L, 2, "history");
  use.births = lua_toboolean(L, -1);
  lua_pop(L, 1);
  int64_t evolutions = optional_integer(L, "evolutions");
  if (use.births) use.tried = evolutions > 0 ? evolutions : 1;
  lua_getfield(L, 2, "clips");
  use.clips = lua_toboolean(L, -1);
  lua_pop(L, 1);
  lua_getfield(L, 2, "averages");
  use.averages = lua_toboolean(L, -1);
  lua_pop(L, 1);
  lua_getfield(L, 2, "precision");
  use.bf16 = strcmp(luaL_optstring(L, -1, "float32"), "bfloat16") == 0;
  lua_pop(L, 1);
  lua_getfield(L, 2, "optimiser");
  use.rule = lnet_check_rule(L, -1);
  lua_pop(L, 1);
  if (lua_getfield(L, 2, "evolution") == LUA_TTABLE) {
    *evolution = levolve_check(L, lua_gettop(L), n_layers);
    use.how = evolution;
  }
  lua_getfield(L, 2, "isa");   /* stays on the stack, and so alive */
  use.isa = luaL_optstring(L, -1, NULL);
  if (use.batch > use.samples) use.batch = use.samples;
  if (use.probed > use.samples) use.probed = use.samples;
  return use;
}

/* The layer described by the table on the top, which its activation's name replaces. Its links, if they are not
** counted, are those expected. */
static LayerPlan take_layer (lua_State *L) {
  int at = lua_gettop(L);
  luaL_checktype(L, at, LUA_TTABLE);
  LayerPlan layer = { .n_in = lnet_size_field(L, at, "n_in"), .n_out = lnet_size_field(L, at, "n_out") };
  lua_getfield(L, at, "kind");
  const char *kind = luaL_checkstring(L, -1);
  layer.dense = strcmp(kind, "dense") == 0;
  if (strcmp(kind, "given") == 0) {
    lua_getfield(L, at, "from");
    luaL_checktype(L, -1, LUA_TTABLE);
    layer.links = lcheck_length(L, -1, LUA_MAXINTEGER, "an array of a wiring");
  } else if (strcmp(kind, "stored") == 0) layer.links = (int64_t)lnet_number_field(L, at, "links");
  else if (!layer.dense) {
    double cells = (double)layer.n_in * layer.n_out;
    int exact = lua_getfield(L, at, "links") == LUA_TNUMBER;
    layer.links = exact ? (int64_t)lua_tonumber(L, -1) : (int64_t)llround(cells * lnet_number_field(L, at, "density"));
  }
  lua_getfield(L, at, "slope");
  layer.slope = (float)luaL_optnumber(L, -1, (lua_Number)NAN);
  lua_getfield(L, at, "ghost");
  layer.ghost = (int32_t)luaL_optinteger(L, -1, 0);
  lua_getfield(L, at, "activation");
  layer.activation = luaL_optstring(L, -1, NULL);
  lua_replace(L, at);
  lua_settop(L, at);
  return layer;
}

static void set_bytes (lua_State *L, const char *name, uint64_t bytes) {
  lua_pushinteger(L, (lua_Integer)bytes);
  lua_setfield(L, -2, name);
}

static void push_plan (lua_State *L, const NetPlan *plan) {
  lua_newtable(L);
  set_bytes(L, "columns", (uint64_t)plan->columns);
  set_bytes(L, "net", plan->net);
  set_bytes(L, "values", plan->values);
  set_bytes(L, "gradients", plan->gradients);
  set_bytes(L, "partial", plan->partial);
  set_bytes(L, "orders", plan->orders);
  set_bytes(L, "average", plan->average);
  set_bytes(L, "order", plan->order);
  set_bytes(L, "evaluation", plan->evaluation);
  set_bytes(L, "evolve", plan->evolve);
  set_bytes(L, "peak", plan->peak);
}

static void push_layer (lua_State *L, const LayerPlan *layer) {
  lua_newtable(L);
  set_bytes(L, "n_in", (uint64_t)layer->n_in);
  set_bytes(L, "n_out", (uint64_t)layer->n_out);
  set_bytes(L, "links", (uint64_t)layer->links);
  set_bytes(L, "link_bytes", layer->link_bytes);
  set_bytes(L, "unit_bytes", layer->unit_bytes);
  set_bytes(L, "value_bytes", layer->value_bytes);
  set_bytes(L, "gradient_bytes", layer->gradient_bytes);
  lua_pushboolean(L, layer->dense);
  lua_setfield(L, -2, "dense");
}

/* plan.net({ layers as for lab.c.net.new }, use) -> { net, values, gradients, partial, orders, average, order, evaluation, evolve,
** peak, columns, layers = { { n_in, n_out, dense, links, link_bytes, unit_bytes, value_bytes,
** gradient_bytes }, ... } }. use = { threads, isa, precision, optimiser, batch, samples, evaluated, evolution (levolve.h), evolved, probed, history,
** evolutions, averages, clips }: a batch larger than the samples is cut to them, as in training. */
static int l_net (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = luaL_len(L, 1);
  luaL_argcheck(L, 1 <= n && n <= INT32_MAX, 1, "no layers");
  NetEvolution evolution;
  NetUse use = check_use(L, &evolution, (int32_t)n);
  luaL_checkstack(L, (int)(n < INT32_MAX / 2 ? n : INT32_MAX / 2) + LUA_MINSTACK, "too many layers");
  LayerPlan *layer = lua_newuserdatauv(L, (size_t)n * sizeof *layer, 0);
  for (lua_Integer l = 0; l < n; l++) {
    lua_geti(L, 1, l + 1);
    layer[l] = take_layer(L);
  }
  NetPlan plan;
  const char *why = net_plan((int32_t)n, layer, &use, &plan);
  if (why) return luaL_error(L, "%s", why);
  push_plan(L, &plan);
  lua_createtable(L, (int)n, 0);
  for (lua_Integer l = 0; l < n; l++) {
    push_layer(L, &layer[l]);
    lua_seti(L, -2, l + 1);
  }
  lua_setfield(L, -2, "layers");
  return 1;
}

/* plan.more(net, use) -> bytes that a net which stands will claim on top if used so */
static int l_more (lua_State *L) {
  NetEvolution evolution;
  NetUse use = check_use(L, &evolution, net_layers(lnet_check(L)));
  Net *net = lnet_check(L);   /* again: a collection may have closed it */
  lua_pushinteger(L, (lua_Integer)net_plan_more(net, &use));
  return 1;
}

/* plan.data(samples, features, floats) -> bytes of a split */
static int l_data (lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1), n_features = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 0 <= n && n <= INT32_MAX, 1, "no number of samples");
  luaL_argcheck(L, 1 <= n_features && n_features <= INT32_MAX, 2, "no number of features");
  lua_pushinteger(L, (lua_Integer)data_bytes(n, n_features, lua_toboolean(L, 3) ? DATA_F32 : DATA_U8));
  return 1;
}

/* plan.available() -> bytes that this process may still take, and who leaves no more; or nil */
static int l_available (lua_State *L) {
  Available a = available_memory("");
  if (a.bytes == UINT64_MAX) return 0;
  lua_pushinteger(L, a.bytes > INT64_MAX ? INT64_MAX : (lua_Integer)a.bytes);
  lua_pushstring(L, a.whose);
  return 2;
}

/* plan.held() -> bytes in the engine's blocks now, and the most since the start or plan.mark() */
static int l_held (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mem_held());
  lua_pushinteger(L, (lua_Integer)mem_peak());
  return 2;
}

static int l_mark (lua_State *L) {
  (void)L;
  mem_mark();
  return 0;
}

int luaopen_lab_plan (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "net", l_net },   { "more", l_more }, { "data", l_data }, { "available", l_available },
    { "held", l_held }, { "mark", l_mark }, { NULL, NULL },
  };
  luaL_newlib(L, functions);
  return 1;
}
