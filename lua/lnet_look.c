/*
** lnet_look.c -- what a script can ask a net; nothing here changes it.
*/
#include "lnet_look.h"
#include "lnet_check.h"
#include "lnet_stack.h"
#include "evolve/prune.h"
#include "base/mem.h"
#include "topology/reach.h"

/* net:surviving(layer, prune, zeta) -> array: for each of the layer's input units, the links
** that the rule would leave it now. Nothing changes. */
static int l_surviving (lua_State *L) {
  lua_settop(L, 4);
  Net *net = lnet_hold(L, 1, BOX_LOOK);
  const Sparse *W = lnet_check_sparse(L, net, lnet_check_layer(L, net, 2));
  Prune prune;
  luaL_argcheck(L, prune_find(luaL_checkstring(L, 3), &prune) && prune.needs == 0, 3, "no such rule for pruning that looks at weights alone");
  PruneOptions options = { .share = luaL_checknumber(L, 4), .stay = -1 };
  View view = { .W = W };
  Rng rng;
  rng_seed(&rng, 0, RNG_EVOLUTION);
  uint8_t *keep = lua_newuserdatauv(L, (size_t)W->links + 1, 0);
  if (prune.mark(&prune, &view, &options, net_threads(net), &rng, keep) < 0)
    return luaL_error(L, "not enough memory");
  lua_createtable(L, W->n_in, 0);
  for (int32_t i = 0; i < W->n_in; i++) {
    lua_Integer left = 0;
    for (int64_t k = W->ptr[i]; k < W->ptr[i + 1]; k++) left += keep[k];
    lua_pushinteger(L, left);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* net:cut_off() -> array: of each hidden level the units that lie on no way from the inputs to the outputs */
static int l_cut_off (lua_State *L) {
  lua_settop(L, 1);
  Net *net = lnet_hold(L, 1, BOX_READ);
  Stack s = lnet_stack(L, net);
  UnitCount *count = lua_newuserdatauv(L, ((size_t)s.n + 1) * sizeof *count, 0);
  uint8_t *flags = reach_new(&s);
  int there = flags && reach_count(&s, flags, count);
  mem_free(flags);
  if (!there) return luaL_error(L, "not enough memory");
  lua_createtable(L, s.n, 0);
  for (int32_t l = 1; l < s.n; l++) {
    lua_pushinteger(L, count[l].units - count[l].on_path);
    lua_rawseti(L, -2, l);
  }
  return 1;
}

static int l_layers (lua_State *L) {
  lua_pushinteger(L, net_layers(lnet_check(L)));
  return 1;
}

/* net:links(layer) -> number of links; net:links() -> all layers' together */
static int l_links (lua_State *L) {
  Net *net = lnet_check(L);
  int64_t links = 0;
  if (!lua_isnoneornil(L, 2)) links = net_links(net, lnet_check_layer(L, net, 2));
  else for (int32_t l = 0; l < net_layers(net); l++) links += net_links(net, l);
  lua_pushinteger(L, links);
  return 1;
}

/* net:is_sparse(layer) -> boolean */
static int l_is_sparse (lua_State *L) {
  Net *net = lnet_check(L);
  lua_pushboolean(L, net_sparse(net, lnet_check_layer(L, net, 2)) != NULL);
  return 1;
}

/* net:units(l) -> units of level l; 0 are the inputs */
static int l_units (lua_State *L) {
  Net *net = lnet_check(L);
  lua_Integer l = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 0 <= l && l <= net_layers(net), 2, "no such level");
  lua_pushinteger(L, net_units(net, (int32_t)l));
  return 1;
}

/* net:reads(layer) -> number of units below it, and with skip links of inputs behind them */
static int l_reads (lua_State *L) {
  const Net *net = lnet_check(L);
  lua_pushinteger(L, net_rows(net, lnet_check_layer(L, net, 2)));
  return 1;
}

/* net:degrees(layer, "in" | "out") -> array: links arriving at each unit above, or leaving
** each unit below */
static int l_degrees (lua_State *L) {
  lua_settop(L, 3);
  Net *net = lnet_hold(L, 1, BOX_LOOK);
  int32_t l = lnet_check_layer(L, net, 2);
  int out = lnet_check_side(L, 3);
  int32_t n = out ? net_rows(net, l) : net_units(net, l + 1);
  int32_t *degree = lua_newuserdatauv(L, (size_t)n * sizeof *degree, 0);
  net_degrees(net, l, out, degree);
  lua_createtable(L, n, 0);
  for (int32_t i = 0; i < n; i++) {
    lua_pushinteger(L, degree[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* net:strength(layer) -> array: the sum of |w| over the links leaving each unit below */
static int l_strength (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 1, BOX_LOOK);
  int32_t l = lnet_check_layer(L, net, 2), n = net_rows(net, l);
  double *strength = lua_newuserdatauv(L, (size_t)n * sizeof *strength, 0);
  net_strength(net, l, strength);
  lua_createtable(L, n, 0);
  for (int32_t i = 0; i < n; i++) {
    lua_pushnumber(L, strength[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* net:weights(layer) -> array: a sparse layer's in the order of net:links_of; a dense one's
** (n_out, n_in) row by row */
static int l_weights (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 1, BOX_LOOK);
  int32_t l = lnet_check_layer(L, net, 2);
  lnet_push_numbers(L, net_weights(net, l), net_links(net, l));
  return 1;
}

/* net:biases(layer) -> array, one for each unit above */
static int l_biases (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 1, BOX_LOOK);
  int32_t l = lnet_check_layer(L, net, 2);
  lnet_push_numbers(L, net_bias(net, l), net_units(net, l + 1));
  return 1;
}

/* net:activation_parameters(layer) -> { name = array, one for each unit above, ... }, or nil if the
** layer's activation has none */
static int l_activation_parameters (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 1, BOX_LOOK);
  int32_t l = lnet_check_layer(L, net, 2), kinds = net_parameters(net, l), n = net_units(net, l + 1);
  if (kinds == 0) return 0;
  lua_createtable(L, 0, kinds);
  for (int32_t k = 0; k < kinds; k++) {
    lnet_push_numbers(L, net_parameter(net, l) + (size_t)k * (size_t)n, n);
    lua_setfield(L, -2, net_parameter_name(net, l, k));
  }
  return 1;
}

/* net:links_of(layer) -> from, to: arrays of the units that each link joins */
static int l_links_of (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 1, BOX_LOOK);
  const Sparse *W = lnet_check_sparse(L, net, lnet_check_layer(L, net, 2));
  lnet_new_array(L, W->links);
  lnet_new_array(L, W->links);
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
  lua_pushstring(L, net_isa(lnet_check(L)));
  return 1;
}

static int l_threads (lua_State *L) {
  lua_pushinteger(L, net_threads(lnet_check(L)));
  return 1;
}

/* net:phases() -> { batch = seconds, loss = seconds, forward = array by layer, backward = array
** by layer }, since the net was made or net:clear_phases() */
static int l_phases (lua_State *L) {
  lua_settop(L, 1);
  const Net *net = lnet_hold(L, 1, BOX_LOOK);
  PhaseSeconds all = net_seconds(net);
  lua_createtable(L, 0, 4);
  lua_pushnumber(L, all.batch);
  lua_setfield(L, -2, "batch");
  lua_pushnumber(L, all.loss);
  lua_setfield(L, -2, "loss");
  lua_createtable(L, net_layers(net), 0);
  lua_createtable(L, net_layers(net), 0);
  for (int32_t l = 0; l < net_layers(net); l++) {
    LayerSeconds s = net_layer_seconds(net, l);
    lua_pushnumber(L, s.forward);
    lua_rawseti(L, -3, l + 1);
    lua_pushnumber(L, s.backward);
    lua_rawseti(L, -2, l + 1);
  }
  lua_setfield(L, -3, "backward");
  lua_setfield(L, -2, "forward");
  return 1;
}

static int l_clear_phases (lua_State *L) {
  net_clear_seconds(lnet_check(L));
  return 0;
}

/* net:check() -> nil, or what is broken inside, in words */
static int l_check (lua_State *L) {
  lua_pushstring(L, net_check(lnet_check(L)));
  return 1;
}

const luaL_Reg lnet_look_methods[] = {
  { "surviving", l_surviving },
  { "cut_off", l_cut_off },
  { "layers", l_layers },
  { "links", l_links },
  { "is_sparse", l_is_sparse },
  { "units", l_units },
  { "reads", l_reads },
  { "degrees", l_degrees },
  { "strength", l_strength },
  { "weights", l_weights },
  { "biases", l_biases },
  { "activation_parameters", l_activation_parameters },
  { "links_of", l_links_of },
  { "isa", l_isa },
  { "threads", l_threads },
  { "check", l_check },
  { "phases", l_phases },
  { "clear_phases", l_clear_phases },
  { NULL, NULL },
};
