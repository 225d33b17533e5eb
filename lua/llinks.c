/*
** llinks.c -- the library lab.c.links: lists of links, read from files, or what a net keeps when it is pruned.
**
** A list counts in the key of a run by its content.
*/
#include <stdlib.h>
#include "llinks.h"
#include "lcheck.h"
#include "lfs_check.h"
#include "libs.h"
#include "ldata_check.h"
#include "lnet_check.h"
#include "base/mem.h"
#include "choose/keep.h"
#include "saliency/saliency.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void free_pairs (void *it) {
  if (it) pairs_free(it);
  mem_free(it);
}

const BoxKind llinks_kind = { "lab.links", "list of links", "the list of links is closed", free_pairs };

/* Pushes a list without links. */
static Pairs *push_links (lua_State *L) {
  Box *box = box_push(L, &llinks_kind);
  box->it = mem_zero(1, sizeof(Pairs));
  if (!box->it) luaL_error(L, "not enough memory for a list of links");
  return box->it;
}

/* links.read(path, base, from, to) -> list; or nil and a sentence */
static int l_read (lua_State *L) {
  lua_settop(L, 4);
  const char *path = fs_check_path(L, 1);
  PairsWanted want = { (int32_t)lcheck_between(L, 2, 0, 1), luaL_checkstring(L, 3), luaL_checkstring(L, 4) };
  char why[DATA_WHY];
  if (pairs_read(path, &want, push_links(L), why)) return 1;
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

static int l_count (lua_State *L) {
  const Pairs *p = box_check(L, 1, &llinks_kind);
  lua_pushinteger(L, p->n);
  return 1;
}

/* list:hash() -> 32 hex digits */
static int l_hash (lua_State *L) {
  const Pairs *p = box_check(L, 1, &llinks_kind);
  XXH128_hash_t from = XXH3_128bits(p->from, (size_t)p->n * sizeof *p->from);
  XXH128_hash_t h = XXH3_128bits_withSeed(p->to, (size_t)p->n * sizeof *p->to, from.low64 ^ from.high64);
  char hex[33];
  snprintf(hex, sizeof hex, "%016" PRIx64 "%016" PRIx64, (uint64_t)h.high64, (uint64_t)h.low64);
  lua_pushstring(L, hex);
  return 1;
}

/* list:row(k) -> where in its file link k stands: "line 7" or "row 7" */
static int l_row (lua_State *L) {
  const Pairs *p = box_check(L, 1, &llinks_kind);
  int64_t k = lcheck_between(L, 2, 1, p->n) - 1;
  if (p->line) lua_pushfstring(L, "line %I", (LUAI_UACINT)p->line[k]);
  else lua_pushfstring(L, "row %I", (LUAI_UACINT)k + 1);
  return 1;
}

/* list:outside(n_in, n_out) -> the first link that goes beyond so many units, its two units from 0; or nothing */
static int l_outside (lua_State *L) {
  const Pairs *p = box_check(L, 1, &llinks_kind);
  int32_t n_in = (int32_t)lcheck_between(L, 2, 1, INT32_MAX), n_out = (int32_t)lcheck_between(L, 3, 1, INT32_MAX);
  for (int64_t k = 0; k < p->n; k++) {
    if (p->from[k] < n_in && p->to[k] < n_out) continue;
    lua_pushinteger(L, k + 1);
    lua_pushinteger(L, p->from[k]);
    lua_pushinteger(L, p->to[k]);
    return 3;
  }
  return 0;
}

typedef struct Place { int32_t from, to; int64_t k; } Place;

static int by_link (const void *a, const void *b) {
  const Place *x = a, *y = b;
  if (x->from != y->from) return x->from < y->from ? -1 : 1;
  if (x->to != y->to) return x->to < y->to ? -1 : 1;
  return (x->k > y->k) - (x->k < y->k);
}

/* list:twice() -> the numbers of two links that are the same, the second one first; or nothing */
static int l_twice (lua_State *L) {
  const Pairs *p = box_hold(L, 1, &llinks_kind, BOX_READ);
  Place *place = lua_newuserdatauv(L, (size_t)p->n * sizeof *place + 1, 0);
  for (int64_t k = 0; k < p->n; k++) place[k] = (Place){ p->from[k], p->to[k], k };
  qsort(place, (size_t)p->n, sizeof *place, by_link);
  for (int64_t k = 1; k < p->n; k++) {
    if (place[k].from != place[k - 1].from || place[k].to != place[k - 1].to) continue;
    lua_pushinteger(L, place[k].k + 1);
    lua_pushinteger(L, place[k - 1].k + 1);
    return 2;
  }
  return 0;
}

/* ---- what a net keeps ---- */

typedef struct Scores { float **of_layer; int32_t n; } Scores;

static void scores_free (void *it) {
  Scores *s = it;
  for (int32_t l = 0; s && s->of_layer && l < s->n; l++) mem_free(s->of_layer[l]);
  if (s) mem_free(s->of_layer);
  mem_free(s);
}

/* A box, so that an error on the way frees it. The scores of all layers stand in one run, that of the first layer. */
static const BoxKind scores_kind = { "lab.links.scores", "scores", "the scores are gone", scores_free };

static Scores *push_scores (lua_State *L, const Net *net) {
  Box *box = box_push(L, &scores_kind);
  Scores *s = box->it = mem_zero(1, sizeof *s);
  if (s) s->n = net_layers(net);
  if (s) s->of_layer = mem_zero((size_t)s->n, sizeof *s->of_layer);
  int there = s && s->of_layer;
  for (int32_t l = 0; there && l < s->n; l++)
    there = (s->of_layer[l] = mem_new((size_t)net_links(net, l), sizeof **s->of_layer)) != NULL;
  if (!there) luaL_error(L, "not enough memory for the scores of the net's links");
  return s;
}

/* `batch` samples of the split at `arg`, drawn by `seed`: a userdata on the stack. */
static int32_t *draw_rows (lua_State *L, const Data *data, int32_t batch, uint64_t seed) {
  int32_t *rows = lua_newuserdatauv(L, (size_t)batch * sizeof *rows, 0);
  Rng rng;
  rng_seed(&rng, seed, RNG_ORDER);
  for (int32_t b = 0; b < batch; b++) rows[b] = (int32_t)rng_below(&rng, (uint64_t)data->n);
  return rows;
}

/* The kept links of layer l as a list; a dense layer's weights stand by output unit. */
static int list_kept (const Net *net, int32_t l, const uint8_t *keep, Pairs *p) {
  const Sparse *W = net_sparse(net, l);
  int64_t links = net_links(net, l), n_in = net_rows(net, l), n = 0;
  for (int64_t k = 0; k < links; k++) n += keep[k];
  p->from = mem_new((size_t)n, sizeof *p->from);
  p->to = mem_new((size_t)n, sizeof *p->to);
  if (!p->from || !p->to) return 0;
  for (int64_t k = 0, i = 0; k < links; k++) {
    while (W && W->ptr[i + 1] <= k) i++;
    if (!keep[k]) continue;
    p->from[p->n] = (int32_t)(W ? i : k % n_in);
    p->to[p->n++] = W ? W->to[k] : (int32_t)(k / n_in);
  }
  return 1;
}

/* Keeps `count` of the links of layers first .. last, which have so many in all, and sets their lists in the table at index 4. */
static void keep_links (lua_State *L, const Net *net, const Scores *s, int32_t first, int32_t last, int64_t count) {
  int64_t links = 0, at = 0;
  for (int32_t l = first; l <= last; l++) links += net_links(net, l);
  if (count > links) luaL_error(L, "%I links are to be kept of %I", (LUAI_UACINT)count, (LUAI_UACINT)links);
  float *score = s->of_layer[first];
  if (last > first) score = lua_newuserdatauv(L, (size_t)links * sizeof *score, 0);
  for (int32_t l = first; last > first && l <= last; at += net_links(net, l++))
    memcpy(score + at, s->of_layer[l], (size_t)net_links(net, l) * sizeof *score);
  uint8_t *keep = lua_newuserdatauv(L, (size_t)links + 1, 0);
  keep_best(score, links, count, net_threads(net), keep);
  at = 0;
  for (int32_t l = first; l <= last; at += net_links(net, l++)) {
    if (!list_kept(net, l, keep + at, push_links(L))) luaL_error(L, "not enough memory for a list of links");
    lua_seti(L, 4, l + 1);
  }
}

/* links.kept(net, counts, data | nil, { }, batch, seed) -> the last table, filled with a list for each layer that counts names: counts[l] of the
** links of layer l; or of layers 1 .. counts.last together, counts.all. With data by SNIP, else by magnitude. */
static int l_kept (lua_State *L) {
  lua_settop(L, 6);
  Net *net = lnet_hold(L, 1, BOX_CHANGE);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 4, LUA_TTABLE);
  const Data *data = lua_isnil(L, 3) ? NULL : ldata_hold(L, 3, BOX_READ);
  int32_t batch = data ? (int32_t)lcheck_between(L, 5, 1, 1000000) : 0, *rows = NULL;
  if (data) {
    if (data->n_features != net_units(net, 0) || data->n_classes > net_units(net, net_layers(net)) || data->n < 1)
      return luaL_error(L, "the net has %d inputs and %d outputs, the data %d features and %d classes", (int)net_units(net, 0),
                        (int)net_units(net, net_layers(net)), (int)data->n_features, (int)data->n_classes);
    rows = draw_rows(L, data, batch, (uint64_t)luaL_checkinteger(L, 6));
  }
  Scores *s = push_scores(L, net);
  if (!saliency(net, data, rows, batch, s->of_layer)) return luaL_error(L, "not enough memory for a batch of this size");
  int top = lua_gettop(L);
  if (lua_getfield(L, 2, "all") == LUA_TNUMBER) {
    lua_getfield(L, 2, "last");
    keep_links(L, net, s, 0, (int32_t)lcheck_between(L, -1, 1, net_layers(net)) - 1, (int64_t)lua_tonumber(L, -2));
  } else
    for (int32_t l = 0; l < net_layers(net); l++) {
      lua_settop(L, top);
      if (lua_geti(L, 2, l + 1) == LUA_TNUMBER) keep_links(L, net, s, l, l, (int64_t)lua_tonumber(L, -1));
    }
  lua_settop(L, 4);
  return 1;
}

static int l_close (lua_State *L) { return box_close(L, &llinks_kind); }
static int l_scores_close (lua_State *L) { return box_close(L, &scores_kind); }

int luaopen_lab_links (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "count", l_count }, { "hash", l_hash }, { "row", l_row }, { "outside", l_outside }, { "twice", l_twice }, { NULL, NULL },
  };
  static const luaL_Reg metamethods[] = { { "__key", l_hash }, { "__len", l_count }, { NULL, NULL } };
  static const luaL_Reg library[] = { { "read", l_read }, { "kept", l_kept }, { NULL, NULL } };
  box_kind(L, &scores_kind, methods + 5, NULL, l_scores_close);   /* no methods */
  box_kind(L, &llinks_kind, methods, metamethods, l_close);
  luaL_newlib(L, library);
  return 1;
}
