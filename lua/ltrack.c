/*
** ltrack.c -- lab.c.track: a net's wiring from look to look (core/topology/track.h).
**
**   new(net)             a track whose first look this is
**   track:look(net)
**   track:layer(l)       { cells, links, born, gone, tried, regrown, ever, all_gone,
**                        all_regrown, first, common_first, jaccard_before, jaccard_first }
**   track:cohorts(l)     two arrays by look: links born, links alive; nil for a dense layer
**   track:births(l)      array by link: the number of the look, from 1; nil for a dense layer
**   track:close()
*/
#include "lbox.h"
#include "libs.h"
#include "lmem.h"
#include "lnet_stack.h"
#include "topology/track.h"

static void free_track (void *track) { track_free(track); }

static const BoxKind track_kind = { "lab.track", "track", "the track is closed", free_track };

static int l_new (lua_State *L) {
  lua_settop(L, 1);
  lmem_make_room(L);
  const Net *net = lnet_hold(L, 1, BOX_READ);
  Stack s = lnet_stack(L, net);
  Box *box = box_push(L, &track_kind);
  box->it = track_new(&s);
  return box->it ? 1 : luaL_error(L, "not enough memory for a look at %I links", (LUAI_UACINT)stack_links(&s, 0));
}

static int l_look (lua_State *L) {
  lua_settop(L, 2);
  Track *track = box_hold(L, 1, &track_kind, BOX_CHANGE);
  const Net *net = lnet_hold(L, 2, BOX_READ);
  Stack s = lnet_stack(L, net);
  luaL_argcheck(L, track_fits(track, &s), 2, "the net has other layers than the one that the track began with");
  if (!track_look(track, &s)) return luaL_error(L, "not enough memory for a look");
  return 0;
}

static int32_t check_layer (lua_State *L, const Track *track) {
  lua_Integer l = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 1 <= l && l <= track_layers(track), 2, "no such layer");
  return (int32_t)l - 1;
}

static void set_integer (lua_State *L, const char *name, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static int l_layer (lua_State *L) {
  const Track *track = box_check(L, 1, &track_kind);
  TrackLook look = track_layer(track, check_layer(L, track));
  lua_createtable(L, 0, 13);
  set_integer(L, "cells", look.cells);
  set_integer(L, "links", look.links);
  set_integer(L, "born", look.born);
  set_integer(L, "gone", look.gone);
  set_integer(L, "tried", look.tried);
  set_integer(L, "regrown", look.regrown);
  set_integer(L, "ever", look.ever);
  set_integer(L, "all_gone", look.all_gone);
  set_integer(L, "all_regrown", look.all_regrown);
  set_integer(L, "first", look.first);
  set_integer(L, "common_first", look.common_first);
  lua_pushnumber(L, look.jaccard_before);
  lua_setfield(L, -2, "jaccard_before");
  lua_pushnumber(L, look.jaccard_first);
  lua_setfield(L, -2, "jaccard_first");
  return 1;
}

static int l_cohorts (lua_State *L) {
  lua_settop(L, 2);
  const Track *track = box_hold(L, 1, &track_kind, BOX_READ);
  const Cohort *cohort = track_cohorts(track, check_layer(L, track));
  if (!cohort) return 0;
  int32_t n = track_looks(track);
  lua_createtable(L, n, 0);
  lua_createtable(L, n, 0);
  for (int32_t look = 0; look < n; look++) {
    lua_pushinteger(L, cohort[look].born);
    lua_rawseti(L, -3, look + 1);
    lua_pushinteger(L, cohort[look].alive);
    lua_rawseti(L, -2, look + 1);
  }
  return 2;
}

static int l_births (lua_State *L) {
  lua_settop(L, 2);
  const Track *track = box_hold(L, 1, &track_kind, BOX_READ);
  int32_t l = check_layer(L, track);
  const int32_t *birth = track_births(track, l);
  if (!birth) return 0;
  int64_t links = track_layer(track, l).links;
  lnet_new_array(L, links);
  for (int64_t k = 0; k < links; k++) {
    lua_pushinteger(L, birth[k] + 1);
    lua_rawseti(L, -2, k + 1);
  }
  return 1;
}

static int l_close (lua_State *L) { return box_close(L, &track_kind); }

int luaopen_lab_track (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "look", l_look }, { "layer", l_layer }, { "cohorts", l_cohorts }, { "births", l_births }, { NULL, NULL },
  };
  static const luaL_Reg library[] = { { "new", l_new }, { NULL, NULL } };
  box_kind(L, &track_kind, methods, NULL, l_close);
  luaL_newlib(L, library);
  return 1;
}
