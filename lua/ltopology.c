/*
** ltopology.c -- lab.c.topology: measures of a net's wiring, and the nulls. Layers count from 1, levels from 0.
**
**   units(net)                  array, by level, of { units, no_in, no_out, either, on_path, once }; the share of active
**                               units; array of each layer's links that have an effect
**   paths(net)                  their number, as digits; its logarithm to base 10
**   path_shares(net, level)     array of each unit's share
**   spread(net, layer, "in" | "out")   cv, Gini, largest over mean
**   in_out(net, level)          Spearman's correlation, nil where there is none
**   assortativity(net, layer)   each link once, both ways; nil where there is none
**   squares(net, layer)         c4, cycles of four, paths of three links
**   spectrum(net, layer)        { mu1, mu2, mean_in, mean_out, delta_s, delta_r, valid }
**   distance(net, other, units, seed)  array by layer
**   common(net, other, layer)   links that both have
**   copy(net, other)            makes net's state other's
**   null(net, layer, "random" | "swaps" | "weights", seed)   changes the net
*/
#include "lcheck.h"
#include "libs.h"
#include "lnet_stack.h"
#include "base/mem.h"
#include "net/net_state.h"
#include "topology/assort.h"
#include "topology/distance.h"
#include "topology/null.h"
#include "topology/paths.h"
#include "topology/reach.h"
#include "topology/spectrum.h"
#include "topology/spread.h"
#include "topology/squares.h"
#include <math.h>

static int no_memory (lua_State *L) { return luaL_error(L, "not enough memory"); }

/* The net at index 1, which nothing may change meanwhile, as layers. */
static Stack take_net (lua_State *L, int arguments, const Net **net) {
  lua_settop(L, arguments);
  *net = lnet_hold(L, 1, BOX_READ);
  return lnet_stack(L, *net);
}

static void set_integer (lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

/* NaN says that there is no such number: nil. */
static void push_number (lua_State *L, double value) {
  if (isnan(value)) lua_pushnil(L);
  else lua_pushnumber(L, value);
}

static void set_number (lua_State *L, const char *name, double value) {
  push_number(L, value);
  lua_setfield(L, -2, name);
}

static void push_array (lua_State *L, const double *v, int32_t n) {
  lua_createtable(L, n, 0);
  for (int32_t i = 0; i < n; i++) {
    lua_pushnumber(L, v[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

/* ---- what leads from inputs to outputs ---- */

static void push_count (lua_State *L, const UnitCount *c) {
  lua_createtable(L, 0, 6);
  set_integer(L, "units", c->units);
  set_integer(L, "no_in", c->no_in);
  set_integer(L, "no_out", c->no_out);
  set_integer(L, "either", c->either);
  set_integer(L, "on_path", c->on_path);
  set_integer(L, "once", c->once);
}

static int l_units (lua_State *L) {
  const Net *net;
  Stack s = take_net(L, 1, &net);
  UnitCount *count = lua_newuserdatauv(L, ((size_t)s.n + 1) * sizeof *count, 0);
  int64_t *links = lua_newuserdatauv(L, (size_t)s.n * sizeof *links, 0);
  uint8_t *flags = reach_new(&s);
  int there = flags && reach_count(&s, flags, count);
  double active = there ? reach_active(&s, flags) : 0;
  if (there) reach_links(&s, flags, links);
  mem_free(flags);
  if (!there) return no_memory(L);
  lua_createtable(L, s.n + 1, 0);
  for (int32_t l = 0; l <= s.n; l++) {
    push_count(L, &count[l]);
    lua_rawseti(L, -2, l + 1);
  }
  lua_pushnumber(L, active);
  lua_createtable(L, s.n, 0);
  for (int32_t l = 0; l < s.n; l++) {
    lua_pushinteger(L, links[l]);
    lua_rawseti(L, -2, l + 1);
  }
  return 3;
}

static void refuse_skips (lua_State *L, const Stack *s) {
  if (stack_skips(s)) luaL_error(L, "the net has skip links, of which this measure knows nothing");
}

static double *take_shares (lua_State *L, const Stack *s, double *log10_paths) {
  refuse_skips(L, s);
  double *share = lua_newuserdatauv(L, (size_t)stack_units(s, s->n + 1) * sizeof *share, 0);
  if (!paths_share(s, share, log10_paths)) no_memory(L);
  return share;
}

/* The digits are a block of the engine's: Lua may raise for want of memory while it copies them, so it copies into its own
** first. */
static void push_digits (lua_State *L, const Stack *s) {
  size_t room = 2;
  for (int32_t l = 0; l <= s->n; l++) room += 10;   /* each level has fewer than 10^10 units */
  char *own = lua_newuserdatauv(L, room, 0), *digits = paths_exact(s, s->n);
  if (digits) snprintf(own, room, "%s", digits);
  mem_free(digits);
  if (!digits) no_memory(L);
  lua_pushstring(L, own);
}

static int l_paths (lua_State *L) {
  const Net *net;
  double log10_paths;
  Stack s = take_net(L, 1, &net);
  take_shares(L, &s, &log10_paths);
  push_digits(L, &s);
  lua_pushnumber(L, log10_paths);
  return 2;
}

static int32_t check_level (lua_State *L, const Stack *s, int32_t least, int32_t most) {
  lua_Integer level = luaL_checkinteger(L, 2);
  luaL_argcheck(L, least <= level && level <= most, 2, s->n < 2 && least == 1 ? "the net has no hidden level" : "no such level");
  return (int32_t)level;
}

static int l_path_shares (lua_State *L) {
  const Net *net;
  double log10_paths;
  Stack s = take_net(L, 2, &net);
  int32_t level = check_level(L, &s, 0, s.n);
  const double *share = take_shares(L, &s, &log10_paths);
  push_array(L, share + stack_units(&s, level), s.size[level]);
  return 1;
}

/* ---- one layer ---- */

static int l_spread (lua_State *L) {
  const Net *net;
  Spread spread;
  Stack s = take_net(L, 3, &net);
  int32_t l = lnet_check_layer(L, net, 2);
  if (!spread_of(&s, l, lnet_check_side(L, 3), &spread)) return no_memory(L);
  lua_pushnumber(L, spread.cv);
  lua_pushnumber(L, spread.gini);
  lua_pushnumber(L, spread.largest_over_mean);
  return 3;
}

static int l_in_out (lua_State *L) {
  const Net *net;
  double rho;
  Stack s = take_net(L, 2, &net);
  if (!spread_in_out(&s, check_level(L, &s, 1, s.n - 1), &rho)) return no_memory(L);
  push_number(L, rho);
  return 1;
}

static int l_assortativity (lua_State *L) {
  const Net *net;
  Stack s = take_net(L, 2, &net);
  Assortativity a = assort_of(&s, lnet_check_layer(L, net, 2));
  push_number(L, a.once);
  push_number(L, a.both);
  return 2;
}

static int l_squares (lua_State *L) {
  const Net *net;
  Squares q;
  Stack s = take_net(L, 2, &net);
  if (!squares_count(&s, lnet_check_layer(L, net, 2), net_threads(net), &q)) return no_memory(L);
  lua_pushnumber(L, q.c4);
  lua_pushnumber(L, q.four_cycles);
  lua_pushnumber(L, q.three_paths);
  return 3;
}

static int l_spectrum (lua_State *L) {
  const Net *net;
  Spectrum p;
  Stack s = take_net(L, 2, &net);
  if (!spectrum_of(&s, lnet_check_layer(L, net, 2), net_threads(net), &p)) return no_memory(L);
  lua_createtable(L, 0, 7);
  set_number(L, "mu1", p.mu1);
  set_number(L, "mu2", p.mu2);
  set_number(L, "mean_in", p.mean_in);
  set_number(L, "mean_out", p.mean_out);
  set_number(L, "delta_s", p.delta_s);
  set_number(L, "delta_r", p.delta_r);
  lua_pushboolean(L, p.valid);
  lua_setfield(L, -2, "valid");
  return 1;
}

/* ---- two nets ---- */

static Stack take_other (lua_State *L, const Stack *s) {
  const Net *other = lnet_hold(L, 2, BOX_READ);
  Stack b = lnet_stack(L, other);
  if (b.n != s->n) luaL_error(L, "the nets have %d layers and %d: they must be of the same sizes", (int)s->n, (int)b.n);
  for (int32_t l = 0; l <= b.n; l++)
    if (b.size[l] != s->size[l])
      luaL_error(L, "level %d of the nets has %d units and %d: they must be of the same sizes", (int)l, (int)s->size[l],
                 (int)b.size[l]);
  for (int32_t l = 0; l < b.n; l++)
    if (stack_rows(&b, l) != stack_rows(s, l)) luaL_error(L, "layer %d has skip links in only one of the nets", (int)l + 1);
  return b;
}

static int l_distance (lua_State *L) {
  const Net *net;
  Stack a = take_net(L, 4, &net), b = take_other(L, &a);
  int32_t most = (int32_t)lcheck_between(L, 3, 1, DISTANCE_MOST);
  refuse_skips(L, &a);
  double *layer = lua_newuserdatauv(L, (size_t)a.n * sizeof *layer, 0);
  Rng rng;
  rng_seed(&rng, (uint64_t)luaL_checkinteger(L, 4), RNG_TOPOLOGY);
  if (!distance_of(&a, &b, most, &rng, net_threads(net), layer)) return no_memory(L);
  push_array(L, layer, a.n);
  return 1;
}

static int l_common (lua_State *L) {
  const Net *net;
  Stack a = take_net(L, 3, &net), b = take_other(L, &a);
  lua_pushinteger(L, distance_common(&a, &b, lnet_check_layer(L, net, 3)));
  return 1;
}

/* ---- nulls ---- */

static int l_copy (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Net *other = lnet_hold(L, 2, BOX_READ);
  if (!net_copy_state(net, other)) return luaL_error(L, "the nets are not made alike");
  return 0;
}

static int l_null (lua_State *L) {
  static const char *const kinds[] = { "random", "swaps", "weights", NULL };
  lua_settop(L, 4);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  int32_t l = lnet_check_layer(L, net, 2);
  lnet_check_sparse(L, net, l);
  int kind = luaL_checkoption(L, 3, NULL, kinds), there = 1;
  Rng rng;
  rng_seed(&rng, (uint64_t)luaL_checkinteger(L, 4), RNG_TOPOLOGY | (uint64_t)(l + 1) << 8);
  Sparse *W = net_links_to_write(net, l);
  if (kind == 0) there = null_random(W, &rng);
  else if (kind == 1) there = null_swaps(W, &rng);
  else null_weights(W, &rng);
  net_state_written(net);
  return there ? 0 : no_memory(L);
}

int luaopen_lab_topology (lua_State *L) {
  static const luaL_Reg library[] = {
    { "units", l_units }, { "paths", l_paths }, { "path_shares", l_path_shares }, { "spread", l_spread }, { "in_out", l_in_out },
    { "assortativity", l_assortativity }, { "squares", l_squares }, { "spectrum", l_spectrum }, { "distance", l_distance },
    { "common", l_common }, { "copy", l_copy }, { "null", l_null }, { NULL, NULL },
  };
  luaL_newlib(L, library);
  lua_pushinteger(L, DISTANCE_MOST);
  lua_setfield(L, -2, "most_units");
  return 1;
}
