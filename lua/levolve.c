#include "levolve.h"
#include <math.h>
#include <string.h>
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
  if (!(x >= least && x <= most)) luaL_error(L, "'%s' is %f, and must be from %f to %f", name, x, least, most);
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

/* An array of n booleans, likewise. */
static const uint8_t *marks_field (lua_State *L, int table, const char *name, int32_t n) {
  if (lua_getfield(L, table, name) != LUA_TTABLE) return NULL;
  int at = lua_gettop(L);
  uint8_t *marks = lua_newuserdatauv(L, (size_t)n + 1, 0);
  for (int32_t l = 0; l < n; l++) {
    lua_geti(L, at, l + 1);
    marks[l] = (uint8_t)lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  return marks;
}

/* ---- the rules ---- */

/* The table of a field, on the stack; its index, or 0 where there is none. */
static int table_field (lua_State *L, int table, const char *name) {
  int kind = lua_getfield(L, table, name);
  if (kind != LUA_TTABLE && kind != LUA_TNIL) luaL_error(L, "'%s' must be a table", name);
  return kind == LUA_TTABLE ? lua_gettop(L) : 0;
}

static int choice_field (lua_State *L, int table, const char *name, const char *const names[]) {
  lua_getfield(L, table, name);
  int which = luaL_checkoption(L, -1, names[0], names);
  lua_pop(L, 1);
  return which;
}

/* A rule for pruning, with its numbers; how many links stay in each layer, or in all together. */
typedef struct Dropping { Prune rule; PruneOptions options; const int64_t *stay; int together; } Dropping;

static Dropping check_prune (lua_State *L, int table, const char *name, int32_t n_layers) {
  static const char *const softs[] = { "not", "chts", "power", NULL };
  Dropping d = { .options = { .stay = -1 } };
  int at = table_field(L, table, name);
  if (!at) return d;
  const char *rule = text_field(L, at, "rule", "set");
  if (!prune_find(rule, &d.rule)) luaL_error(L, "no rule for pruning is called '%s'", rule);
  PruneOptions *o = &d.options;
  o->share = number_field(L, at, "share", 0, 0, 1);
  o->round_up = boolean_field(L, at, "round_up");
  o->threshold = number_field(L, at, "threshold", 0, 0, HUGE_VAL);
  o->score.lambda = number_field(L, at, "lambda", 0, 0, 1e30);
  o->score.alpha = number_field(L, at, "alpha", 1, 0, 1);
  o->delta = number_field(L, at, "delta", 0.5, 0, 0.999999);
  o->power = number_field(L, at, "power", 1, 0, 1e6);
  o->soft = choice_field(L, at, "soft", softs);
  d.together = boolean_field(L, at, "together");
  if (d.together) o->stay = (int64_t)number_field(L, at, "stay", -1, -1, 9e15);
  else d.stay = counts_field(L, at, "stay", n_layers);
  return d;
}

static void check_grow (lua_State *L, int table, Evolution *rule) {
  static const char *const guides[] = { "uniform", "bound", "sketch", NULL };
  GrowOptions *o = &rule->growing;
  o->may_return = boolean_field(L, table, "may_return");
  o->anew = boolean_field(L, table, "anew");
  int at = table_field(L, table, "grow");
  if (!at) return;
  const char *name = text_field(L, at, "rule", "random"), *score = text_field(L, at, "score", "CH2-L3n");
  rule->grow = grow_find(name);
  if (!rule->grow) luaL_error(L, "no rule for growing is called '%s'", name);
  o->subset = number_field(L, at, "subset", 0, 0, 1e6);
  o->guide = choice_field(L, at, "guide", guides);
  o->soft = boolean_field(L, at, "draw");
  o->within = boolean_field(L, at, "within");
  if (o->within && !rule->grow->within) luaL_error(L, "the rule '%s' cannot grow within units", name);
  o->gamma = number_field(L, at, "gamma", 0, 0, 1);
  o->paths = cannistraci_find(score);
  if (!o->paths) luaL_error(L, "no Cannistraci score is called '%s'", score);
}

NetEvolution levolve_check (lua_State *L, int table, int32_t n_layers) {
  static const char *const shares[] = { "none", "links", "gradient", "momentum", "best", NULL };   /* as SHARE_... */
  NetEvolution how = { .rule = { .links = -1 } };
  luaL_checktype(L, table, LUA_TTABLE);
  luaL_checkstack(L, 32, NULL);
  how.number = how.rule.number = whole_field(L, table, "number", 0, 0, INT32_MAX);
  how.first = whole_field(L, table, "first", 1, 1, n_layers) - 1;
  how.last = whole_field(L, table, "last", n_layers, 0, n_layers) - 1;
  Dropping cut = check_prune(L, table, "cut", n_layers), prune = check_prune(L, table, "prune", n_layers);
  how.rule.cut = cut.rule, how.rule.cutting = cut.options, how.cut_to = cut.stay, how.cut_together = cut.together;
  how.rule.prune = prune.rule, how.rule.pruning = prune.options, how.stay = prune.stay, how.together = prune.together;
  check_grow(L, table, &how.rule);
  how.links = counts_field(L, table, "links", n_layers);
  how.only = marks_field(L, table, "only", n_layers);
  how.looks = (boolean_field(L, table, "looks_at_values") ? NEEDS_VALUES : 0) | (boolean_field(L, table, "looks_at_gradients") ? NEEDS_GRADIENTS : 0);
  how.percolate = whole_field(L, table, "percolate", 0, -1, 1 << 20);
  how.shared_out = choice_field(L, table, "redistribute", shares);
  if (lua_getfield(L, table, "init") != LUA_TNIL) how.rule.init = lnet_check_init(L, lua_gettop(L));
  if (how.rule.grow && how.rule.grow->whole && (how.together || how.cut_together || how.percolate || how.shared_out))
    luaL_error(L, "the rule '%s' works on each layer by itself", how.rule.grow->name);
  return how;
}

/* ---- a net's methods ---- */

/* An array by layer of { cut, dropped, percolated, grown, returned }, in links. */
static void push_changes (lua_State *L, const Change *change, int32_t n) {
  lua_createtable(L, n, 0);
  for (int32_t l = 0; l < n; l++) {
    const struct { const char *name; int64_t links; } field[] = {
      { "cut", change[l].cut }, { "dropped", change[l].dropped }, { "percolated", change[l].percolated },
      { "grown", change[l].grown }, { "returned", change[l].returned },
    };
    lua_createtable(L, 0, 5);
    for (size_t f = 0; f < sizeof field / sizeof *field; f++) {
      lua_pushinteger(L, field[f].links);
      lua_setfield(L, -2, field[f].name);
    }
    lua_seti(L, -2, l + 1);
  }
}

/* net:evolve(how, probe | nil) -> links grown, seconds, what has changed in each layer; nil and why: "diverged", where what the
** rules look at is not finite. */
static int l_evolve (lua_State *L) {
  lua_settop(L, 3);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  const Probe *probe = lprobe_hold(L, 3, 1);
  int32_t n = net_layers(net);
  NetEvolution how = levolve_check(L, 2, n);
  if (net_evolution_needs(&how) && !probe) return luaL_error(L, "this evolution needs to look at a batch");
  how.changes = lua_newuserdatauv(L, (size_t)n * sizeof *how.changes, 0);
  memset(how.changes, 0, (size_t)n * sizeof *how.changes);
  double start = clock_seconds();
  int64_t grown = net_evolve(net, &how, probe);
  double seconds = clock_seconds() - start;
  if (grown == NET_EVOLVE_DIVERGED) {
    lua_pushnil(L);
    lua_pushliteral(L, "diverged");
    return 2;
  }
  if (grown < 0) return luaL_error(L, "not enough memory to rewire the net");
  lua_pushinteger(L, grown);
  lua_pushnumber(L, seconds);
  push_changes(L, how.changes, n);
  return 3;
}

/* net:needs(how) -> whether its rules look at values of a batch, and at gradients of the links that are there */
static int l_needs (lua_State *L) {
  lua_settop(L, 2);
  Net *net = lnet_check(L);
  NetEvolution how = levolve_check(L, 2, net_layers(net));
  int needs = net_evolution_needs(&how);
  lua_pushboolean(L, needs & NEEDS_VALUES);
  lua_pushboolean(L, needs & NEEDS_GRADIENTS);
  return 2;
}

const luaL_Reg levolve_methods[] = { { "probe", lprobe_new }, { "evolve", l_evolve }, { "needs", l_needs }, { NULL, NULL } };
