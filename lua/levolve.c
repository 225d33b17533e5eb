#include "levolve.h"
#include <math.h>
#include "base/clock.h"
#include "evolve/cannistraci.h"
#include "lcheck.h"
#include "lnet_check.h"
#include "lprobe.h"

/* ---- fields of the table ---- */

static lua_Number number_field (lua_State *L, int table, const char *name, lua_Number otherwise, lua_Number least, lua_Number most) {
  lua_getfield(L, table, name);
  lua_Number x = luaL_optnumber(L, -1, otherwise);
  lua_pop(L, 1);
  if (!lua_isnone(L, table) && !(x >= least && x <= most)) luaL_error(L, "'%s' is %f, and must be from %f to %f", name, x, least, most);
  return x;
}

static int32_t whole_field (lua_State *L, int table, const char *name, int32_t otherwise, int32_t least, int32_t most) {
  lua_getfield(L, table, name);
  lua_Integer n = luaL_optinteger(L, -1, otherwise);
  lua_pop(L, 1);
  if (n < least || n > most) luaL_error(L, "'%s' is %I, and must be from %I to %I", name, (LUAI_UACINT)n, (LUAI_UACINT)least, (LUAI_UACINT)most);
  return (int32_t)n;
}

static int boolean_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  int yes = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return yes;
}

/* A name that stays on the stack. */
static const char *text_field (lua_State *L, int table, const char *name, const char *otherwise) {
  lua_getfield(L, table, name);
  return luaL_optstring(L, -1, otherwise);
}

/* An array of n counts of links, in userdata that stays on the stack; NULL where there is none. */
static const int64_t *counts_field (lua_State *L, int table, const char *name, int32_t n) {
  if (lua_getfield(L, table, name) != LUA_TTABLE) return NULL;
  int at = lua_gettop(L);
  int64_t *counts = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *counts, 0);
  for (int32_t l = 0; l < n; l++) {
    int whole;
    lua_geti(L, at, l + 1);
    counts[l] = lua_tointegerx(L, -1, &whole);
    if (!whole || counts[l] < 0) luaL_error(L, "'%s' of layer %d must be a count of links", name, (int)l + 1);
    lua_pop(L, 1);
  }
  return counts;
}

/* ---- the rules ---- */

static void check_prune (lua_State *L, int table, NetEvolution *how) {
  PruneOptions *o = &how->rule.pruning;
  const char *name = text_field(L, table, "prune", "set");
  if (!prune_find(name, &how->rule.prune)) luaL_error(L, "no rule for pruning is called '%s'", name);
  o->share = number_field(L, table, "share", 0, 0, 1);
  o->threshold = number_field(L, table, "threshold", 0, 0, (lua_Number)HUGE_VAL);
  o->score.lambda = number_field(L, table, "lambda", 0, 0, 1e30);
  o->score.alpha = number_field(L, table, "alpha", 1, 0, 1);
  o->delta = number_field(L, table, "delta", 0.5, 0, 0.999999);
  o->soft = boolean_field(L, table, "soft");
  o->stay = -1;
}

static int check_guide (lua_State *L, int table) {
  static const char *const names[] = { "uniform", "bound", "sketch", NULL };
  lua_getfield(L, table, "guide");
  return luaL_checkoption(L, -1, "uniform", names);
}

static void check_grow (lua_State *L, int table, NetEvolution *how) {
  GrowOptions *o = &how->rule.growing;
  const char *name = text_field(L, table, "grow", "random");
  how->rule.grow = grow_find(name);
  if (!how->rule.grow) luaL_error(L, "no rule for growing is called '%s'", name);
  o->subset = number_field(L, table, "subset", 0, 0, 1e6);
  o->guide = check_guide(L, table);
  o->soft = boolean_field(L, table, "draw");
  o->may_return = boolean_field(L, table, "may_return");
  const char *paths = text_field(L, table, "scores", "CH2-L3n");
  o->paths = cannistraci_find(paths);
  if (!o->paths) luaL_error(L, "no Cannistraci score is called '%s'", paths);
}

NetEvolution levolve_check (lua_State *L, int table, int32_t n_layers) {
  NetEvolution how = { .rule = { .links = -1 } };
  luaL_checktype(L, table, LUA_TTABLE);
  luaL_checkstack(L, 16, NULL);
  how.first = whole_field(L, table, "first", 1, 1, n_layers) - 1;
  how.last = whole_field(L, table, "last", n_layers, 0, n_layers) - 1;
  how.number = whole_field(L, table, "number", 0, 0, INT32_MAX);
  check_prune(L, table, &how);
  check_grow(L, table, &how);
  how.links = counts_field(L, table, "links", n_layers);
  how.stay = counts_field(L, table, "stay", n_layers);
  how.together = boolean_field(L, table, "together");
  if (how.together) how.rule.pruning.stay = (int64_t)number_field(L, table, "stay_together", -1, -1, 9e15);
  how.percolate = whole_field(L, table, "percolate", 0, -1, 1 << 20);
  how.shared_out = boolean_field(L, table, "share_out");
  if (lua_getfield(L, table, "init") != LUA_TNIL) how.rule.init = lnet_check_init(L, lua_gettop(L));
  return how;
}

/* ---- a net's methods ---- */

/* net:evolve(how, probe | nil) -> links born, seconds. Closes the probe. */
static int l_evolve (lua_State *L) {
  lua_settop(L, 3);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Probe *probe = lprobe_hold(L, 3, 1);
  NetEvolution how = levolve_check(L, 2, net_layers(net));
  if (evolution_needs(&how.rule) && !probe) return luaL_error(L, "this evolution needs to look at a batch");
  double start = clock_seconds();
  int64_t born = net_evolve(net, &how, probe);
  if (born < 0) return luaL_error(L, "not enough memory to rewire the net");
  lua_pushinteger(L, born);
  lua_pushnumber(L, clock_seconds() - start);
  return 2;
}

/* net:needs(how) -> whether its rules look at values of a batch, and at gradients of the links that are there */
static int l_needs (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_check(L);
  NetEvolution how = levolve_check(L, 2, net_layers(net));
  int needs = evolution_needs(&how.rule);
  lua_pushboolean(L, needs & NEEDS_VALUES);
  lua_pushboolean(L, needs & NEEDS_GRADIENTS);
  return 2;
}

const luaL_Reg levolve_methods[] = { { "probe", lprobe_new }, { "evolve", l_evolve }, { "needs", l_needs }, { NULL, NULL } };
