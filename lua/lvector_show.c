/*
** lvector_show.c -- a vector as text for a person, and for the key of a run.
*/
#include "lvector.h"
#include "vector.h"
#include "array/fold.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* ---- as text ---- */

enum { SHOWN = 6 };

/* What a processor calls -nan is no other NaN. */
static void add_number (luaL_Buffer *out, double x) {
  char text[32];
  snprintf(text, sizeof text, "%.3g", x);
  luaL_addstring(out, x != x ? "nan" : text);
}

static void add_element (luaL_Buffer *out, const Vector *v, int64_t i) {
  char text[32];
  switch (v->kind) {
  case ARRAY_FLOAT: add_number(out, array_number(v, i)); break;
  case ARRAY_INTEGER:
    snprintf(text, sizeof text, "%" PRId64, array_integers(v)[i]);
    luaL_addstring(out, text);
    break;
  case ARRAY_BOOLEAN: luaL_addstring(out, array_booleans(v)[i] ? "true" : "false"); break;
  }
}

static void add_range (luaL_Buffer *out, const Vector *v) {
  char text[80] = "";
  if (v->kind == ARRAY_BOOLEAN) snprintf(text, sizeof text, ", %" PRId64 " of them true", fold_count(v->data, v->n));
  else if (v->kind == ARRAY_INTEGER) {
    int64_t low, high;
    fold_integer_range(v->data, v->n, &low, &high);
    snprintf(text, sizeof text, ", %" PRId64 " to %" PRId64, low, high);
  }
  else {
    FoldRange range = fold_range(v->data, v->n);
    int n = 0;
    if (range.nans < v->n) n = snprintf(text, sizeof text, ", %.3g to %.3g", (double)range.least, (double)range.most);
    if (range.nans > 0) snprintf(text + n, sizeof text - (size_t)n, ", %" PRId64 " of them NaN", range.nans);
  }
  luaL_addstring(out, text);
}

/* "vector of 381440 floats, -0.21 to 0.19: 0.012 -0.031 0.004 ..." */
static int l_tostring (lua_State *L) {
  const Vector *v = luaL_checkudata(L, 1, "lab.vector");
  if (!v->data) return lua_pushliteral(L, "vector (closed)"), 1;
  luaL_Buffer out;
  luaL_buffinitsize(L, &out, 512);   /* enough for all: what a finalizer does to the vector is done */
  char head[64];
  const char *kind = vector_kind_name((int)v->kind);
  snprintf(head, sizeof head, "vector of %" PRId64 " %.*s", v->n, (int)strlen(kind) - (v->n == 1), kind);   /* 1 float */
  luaL_addstring(&out, head);
  if (v->n > 0) {
    add_range(&out, v);
    luaL_addchar(&out, ':');
  }
  for (int64_t i = 0; i < v->n && i < SHOWN; i++) {
    luaL_addchar(&out, ' ');
    add_element(&out, v, i);
  }
  if (v->n > SHOWN) luaL_addstring(&out, " ...");
  luaL_pushresult(&out);
  return 1;
}

/* ---- in keys ---- */

/* A hash of the elements in which every NaN is the same one. */
static XXH128_hash_t hash_floats (XXH3_state_t *state, const Vector *v) {
  float block[ARRAY_BLOCK];
  for (int64_t at = 0; at < v->n; at += ARRAY_BLOCK) {
    int m = v->n - at < ARRAY_BLOCK ? (int)(v->n - at) : ARRAY_BLOCK;
    for (int k = 0; k < m; k++) {
      float x = array_floats(v)[at + k];
      block[k] = x == x ? x : NAN;
    }
    XXH3_128bits_update(state, block, (size_t)m * sizeof *block);
  }
  return XXH3_128bits_digest(state);
}

/* What a vector counts as in a run's key (lab/run/canonical.lua): its kind, length and content. */
static int l_key (lua_State *L) {
  const Vector *v = vector_check(L, 1, VECTOR_ANY);
  XXH128_hash_t sum;
  if (v->kind != ARRAY_FLOAT) sum = XXH3_128bits(v->data, (size_t)v->n * array_size(v->kind));
  else {
    XXH3_state_t *state = XXH3_createState();
    if (!state) return luaL_error(L, "not enough memory");
    XXH3_128bits_reset(state);
    sum = hash_floats(state, v);
    XXH3_freeState(state);
  }
  char text[128];
  snprintf(text, sizeof text, "vector of %" PRId64 " %s %016" PRIx64 "%016" PRIx64, v->n, vector_kind_name((int)v->kind),
           (uint64_t)sum.high64, (uint64_t)sum.low64);
  lua_pushstring(L, text);
  return 1;
}

void lvector_add_show (lua_State *L) {
  static const luaL_Reg metamethods[] = { { "__tostring", l_tostring }, { "__key", l_key }, { NULL, NULL } };
  luaL_setfuncs(L, metamethods, 0);
}
