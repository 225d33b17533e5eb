/*
** lpowerlaw.c -- power-law fits and counted sequences for Lua: require "lab.c.powerlaw".
**
**   fit(values, replicates, seed, compare)  a table of facts, or nil and why
**   scan(values)                   { xmin, n_tail, alpha, D }, arrays over the candidates
**   counts(values)                 { value, count, at_least }, arrays as in core/degree/degree.h
**   at_least(alpha, xmin, x)       P(X >= x) of a tail that begins at xmin
** `values` is an array of whole numbers; floats without a fraction will do.
*/
#include "degree/degree.h"
#include "interrupt.h"
#include "libs.h"
#include "base/mem.h"
#include "degree/powerlaw.h"
#include <math.h>

#define DEGREE "lab.degree"
#define BLOCK "lab.powerlaw.block"

/* The array at index 1 as integers in a block that Lua owns, left on the stack; NULL with
** nil and a sentence on the stack if an item is no whole number. */
static int64_t *take_values (lua_State *L, size_t *n) {
  luaL_checktype(L, 1, LUA_TTABLE);
  *n = (size_t)lua_rawlen(L, 1);
  int64_t *values = lua_newuserdatauv(L, (*n ? *n : 1) * sizeof *values, 0);
  for (size_t i = 0; i < *n; i++) {
    int whole = 0;
    if (lua_rawgeti(L, 1, (lua_Integer)i + 1) == LUA_TNUMBER) values[i] = lua_tointegerx(L, -1, &whole);
    if (!whole) {
      const char *text = luaL_tolstring(L, -1, NULL);
      lua_pushnil(L);
      lua_pushfstring(L, "value %I is '%s': expected a whole number", (LUAI_UACINT)i + 1, text);
      return NULL;
    }
    lua_pop(L, 1);
  }
  return values;
}

static void set_integer (lua_State *L, const char *key, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, key);
}

/* NaN says that there is no such number: the field stays nil. */
static void set_number (lua_State *L, const char *key, double value) {
  if (isnan(value)) return;
  lua_pushnumber(L, value);
  lua_setfield(L, -2, key);
}

static void set_alternatives (lua_State *L, const Powerlaw *fit) {
  lua_createtable(L, 0, ALTERNATIVES);
  for (int k = 0; k < ALTERNATIVES; k++) {
    const Alternative *a = &fit->alternative[k];
    const AlternativeLaw *law = &alternative_law[k];
    lua_createtable(L, 0, 7);
    set_number(L, "R", a->R);
    set_number(L, "normalised", a->z);
    set_number(L, "p", a->p);
    set_number(L, "L", a->L);
    set_number(L, law->first, a->first);
    if (law->second) set_number(L, law->second, a->second);
    lua_pushboolean(L, a->limit);
    lua_setfield(L, -2, "limit");
    lua_setfield(L, -2, law->name);
  }
  lua_setfield(L, -2, "alternatives");
}

static void push_fit (lua_State *L, const Powerlaw *fit) {
  char text[POWERLAW_SENTENCE];
  lua_createtable(L, 0, 15);
  set_integer(L, "n", fit->n);
  set_integer(L, "zeros", fit->zeros);
  set_integer(L, "distinct", fit->distinct);
  set_integer(L, "max", fit->max);
  set_integer(L, "n_tail", fit->n_tail);
  set_integer(L, "bootstrap", fit->replicates);
  if (fit->verdict != POWERLAW_NO_FIT) set_integer(L, "xmin", fit->xmin);
  set_number(L, "alpha", fit->alpha);
  set_number(L, "sigma", fit->sigma);
  set_number(L, "D", fit->D);
  set_number(L, "L", fit->L);
  set_number(L, "p", fit->p);
  if (fit->compared) set_alternatives(L, fit);
  lua_pushstring(L, powerlaw_kind(fit));
  lua_setfield(L, -2, "kind");
  powerlaw_verdict(fit, text);
  lua_pushstring(L, text);
  lua_setfield(L, -2, "verdict");
}

static int l_fit (lua_State *L) {
  size_t n;
  lua_Integer replicates = luaL_checkinteger(L, 2), seed = luaL_checkinteger(L, 3);
  luaL_argcheck(L, 0 <= replicates && replicates <= 1000000, 2, "not in [0, 1000000]");
  int compare = lua_toboolean(L, 4);
  const int64_t *values = take_values(L, &n);
  if (!values) return 2;
  Powerlaw fit;
  char why[256];
  int fitted = powerlaw_fit(values, n, (int32_t)replicates, (uint64_t)seed, interrupt_pending, &fit, why);
  interrupt_check(L);
  if (fitted && compare) fitted = powerlaw_compare(values, n, &fit, why);
  if (!fitted) {
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
  }
  push_fit(L, &fit);
  return 1;
}

/* A block of mem.h that closes automatically. */
static int block_close (lua_State *L) {
  void **box = luaL_checkudata(L, 1, BLOCK);
  mem_free(*box);
  *box = NULL;
  return 0;
}

static void push_scan (lua_State *L, const PowerlawTry *tries, int64_t n) {
  static const char *const names[] = { "xmin", "n_tail", "alpha", "D" };
  lua_createtable(L, 0, 4);
  for (int k = 0; k < 4; k++) {
    lua_createtable(L, (int)n, 0);
    for (int64_t i = 0; i < n; i++) {
      if (k < 2) lua_pushinteger(L, k == 0 ? tries[i].xmin : tries[i].n_tail);
      else lua_pushnumber(L, k == 2 ? tries[i].alpha : tries[i].D);
      lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, names[k]);
  }
}

static int l_scan (lua_State *L) {
  size_t n;
  const int64_t *values = take_values(L, &n);
  if (!values) return 2;
  PowerlawTry **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, BLOCK);
  char why[256];
  int64_t count = powerlaw_scan(values, n, box, why);
  if (count >= 0) {
    push_scan(L, *box, count);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

static int degree_close (lua_State *L) {
  Degree **box = luaL_checkudata(L, 1, DEGREE);
  degree_free(*box);
  *box = NULL;
  return 0;
}

static void set_array (lua_State *L, const char *key, const int64_t *items, int64_t n) {
  lua_createtable(L, (int)n, 0);
  for (int64_t i = 0; i < n; i++) {
    lua_pushinteger(L, items[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, key);
}

static int l_counts (lua_State *L) {
  size_t n;
  const int64_t *values = take_values(L, &n);
  if (!values) return 2;
  Degree **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, DEGREE);
  *box = degree_new(values, n);
  if (!*box) return luaL_error(L, "not enough memory to count %I values", (LUAI_UACINT)n);
  const Degree *d = *box;
  lua_createtable(L, 0, 3);
  set_array(L, "value", d->value, d->distinct);
  set_array(L, "count", d->count, d->distinct);
  set_array(L, "at_least", d->at_least, d->distinct);
  return 1;
}

static int l_at_least (lua_State *L) {
  Powerlaw fit = { .alpha = luaL_checknumber(L, 1), .xmin = luaL_checkinteger(L, 2) };
  lua_Number x = luaL_checknumber(L, 3);
  luaL_argcheck(L, fit.alpha > 1 && isfinite(fit.alpha), 1, "not above 1");
  luaL_argcheck(L, fit.xmin >= 1, 2, "below 1");
  luaL_argcheck(L, x >= (lua_Number)fit.xmin && isfinite(x), 3, "below xmin");
  lua_pushnumber(L, powerlaw_at_least(&fit, x));
  return 1;
}

int luaopen_lab_powerlaw (lua_State *L) {
  static const luaL_Reg meta[] = { { "__gc", degree_close }, { "__close", degree_close }, { NULL, NULL } };
  static const luaL_Reg block[] = { { "__gc", block_close }, { "__close", block_close }, { NULL, NULL } };
  static const luaL_Reg functions[] = {
    { "fit", l_fit }, { "scan", l_scan }, { "counts", l_counts }, { "at_least", l_at_least }, { NULL, NULL }
  };
  luaL_newmetatable(L, DEGREE);
  luaL_setfuncs(L, meta, 0);
  luaL_newmetatable(L, BLOCK);
  luaL_setfuncs(L, block, 0);
  luaL_newlib(L, functions);
  return 1;
}
