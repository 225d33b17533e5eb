/*
** ldata.c -- the userdata "lab.data": what a script can ask a split of a data set.
*/
#include "ldata.h"
#include "ldata_change.h"
#include "ldata_check.h"
#include "ldata_target.h"
#include "lcheck.h"
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int l_close (lua_State *L) { return box_close(L, &ldata_kind); }

static int l_len (lua_State *L) {
  lua_pushinteger(L, ldata_check(L, 1)->n);
  return 1;
}

static int l_shape (lua_State *L) {
  const Data *data = ldata_check(L, 1);
  lua_pushinteger(L, data->n);
  lua_pushinteger(L, data->n_features);
  lua_pushinteger(L, data->n_classes);
  return 3;
}

static int l_image_shape (lua_State *L) {
  const Data *data = ldata_check(L, 1);
  if (!data->channels) return lua_pushnil(L), 1;
  lua_pushinteger(L, data->channels);
  lua_pushinteger(L, data->height);
  lua_pushinteger(L, data->width);
  return 3;
}

static int l_hash (lua_State *L) {
  lua_settop(L, 1);
  const Data *data = ldata_hold(L, 1, BOX_READ);   /* a split that changes has no hash yet */
  char hex[33];
  snprintf(hex, sizeof hex, "%016llx%016llx", (unsigned long long)data->hash[0],
           (unsigned long long)data->hash[1]);
  lua_pushstring(L, hex);
  return 1;
}

/* The sample that argument 2 names, from 0. */
static int32_t check_sample (lua_State *L, const Data *data) {
  lua_Integer i = luaL_checkinteger(L, 2);
  if (i < 1 || i > data->n)
    luaL_argerror(L, 2, lua_pushfstring(L, "no sample %I, there are 1 to %d", (LUAI_UACINT)i,
                                        (int)data->n));
  return (int32_t)(i - 1);
}

static int l_label (lua_State *L) {
  const Data *data = ldata_check(L, 1);
  lua_pushinteger(L, data->label[check_sample(L, data)]);
  return 1;
}

static int l_pixels (lua_State *L) {
  lua_settop(L, 2);
  const Data *data = ldata_hold(L, 1, BOX_LOOK);
  ldata_push_values(L, data, check_sample(L, data));
  return 1;
}

/* The classes' names in order, or nil when classes are plain numbers. */
static int l_class_names (lua_State *L) {
  lua_settop(L, 1);
  const Data *data = ldata_hold(L, 1, BOX_LOOK);
  if (!data->class_names) return lua_pushnil(L), 1;
  lua_createtable(L, data->n_classes, 0);
  for (int32_t c = 0; c < data->n_classes; c++) {
    lua_pushstring(L, data_class_name(data, c));
    lua_rawseti(L, -2, c + 1);
  }
  return 1;
}

/* What is common to all ways of standardising: the result of one, checked. */
static int check_standardised (lua_State *L, const Data *data, int ok) {
  if (!ok) return luaL_error(L, "not enough memory to standardise the data");
  int32_t j = data_check_inputs(data);
  if (j >= 0)
    return luaL_error(L, "feature %d cannot be standardised: it has values so many standard deviations from the mean "
                      "that they are not finite", (int)j + 1);
  return 0;
}

/* How many groups of features there are in a way: "features" one each, "pixels" one, "channels" those of an image. */
static int32_t groups_of (lua_State *L, const Data *data, int way) {
  if (way != 2) return way == 0 ? data->n_features : 1;
  if (data->channels < 1) luaL_error(L, "\"channels\" is for images, and these samples are not images");
  return data->channels;
}

/* split:standardise(reference, "features" | "pixels" | "channels"): by the moments of the reference */
static int l_standardise (lua_State *L) {
  static const char *const ways[] = { "features", "pixels", "channels", NULL };
  lua_settop(L, 3);
  int way = luaL_checkoption(L, 3, "features", ways);
  Data *data = ldata_hold(L, 1, BOX_CHANGE);
  const Data *reference = lua_rawequal(L, 1, 2) ? data : ldata_hold(L, 2, BOX_READ);
  luaL_argcheck(L, data->n_features == reference->n_features, 2,
                "the two splits have different features");
  luaL_argcheck(L, data->unit == reference->unit, 2, "one of the splits is divided by 255, the other is not");
  uint64_t ours = data_view(data).features, theirs = data_view(reference).features;
  luaL_argcheck(L, ours == theirs || !ours || !theirs, 2, "the two splits have different features, or a different order of them");
  return check_standardised(L, data, data_standardise_groups(data, reference, groups_of(L, data, way)));
}

enum { MOST_GROUPS = 64 };
#define LEAST_DEVIATION 1e-30   /* its inverse, and the values that it makes, fit a float */

/* The numbers of the array at index `arg`; returns how many. */
static int32_t take_numbers (lua_State *L, int arg, double *out) {
  luaL_checktype(L, arg, LUA_TTABLE);
  lua_Integer n = lcheck_length(L, arg, MOST_GROUPS, "the array");
  for (lua_Integer i = 1; i <= n; i++) {
    if (lua_geti(L, arg, i) != LUA_TNUMBER) luaL_error(L, "element %d of an array is not a number", (int)i);
    out[i - 1] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  return (int32_t)n;
}

/* split:standardise_by(means, deviations): arrays, a number a channel, or one for all */
static int l_standardise_by (lua_State *L) {
  lua_settop(L, 3);
  double mean[MOST_GROUPS], sd[MOST_GROUPS];
  Data *data = ldata_hold(L, 1, BOX_CHANGE);
  int32_t groups = take_numbers(L, 2, mean), deviations = take_numbers(L, 3, sd);
  if (groups != deviations) return luaL_error(L, "%d means and %d deviations", (int)groups, (int)deviations);
  int32_t channels = data->channels;
  if (groups < 1 || (groups != 1 && groups != channels))
    return luaL_error(L, "%d means: give one for all values%s", (int)groups,
                      channels > 1 ? lua_pushfstring(L, ", or one for each of the %d channels", (int)channels) : "");
  for (int32_t g = 0; g < groups; g++) {
    if (!isfinite(mean[g]) || !isfinite(sd[g]) || sd[g] < LEAST_DEVIATION)
      return luaL_error(L, "mean %f, deviation %f: both must be finite, and the deviation above 0 (at least 1e-30)", mean[g], sd[g]);
  }
  return check_standardised(L, data, data_standardise_by(data, mean, sd, groups));
}

/* The features' names in order, or nil when they are known by their places. */
static int l_feature_names (lua_State *L) {
  lua_settop(L, 1);
  const Data *data = ldata_hold(L, 1, BOX_LOOK);
  const char *name = data->column_names;
  if (!name) return lua_pushnil(L), 1;
  lua_createtable(L, data->n_features, 0);
  for (int32_t j = 0; j < data->n_features; j++, name += strlen(name) + 1) {
    lua_pushstring(L, name);
    lua_rawseti(L, -2, j + 1);
  }
  return 1;
}

/* How it was read, and what a network sees of it: "separated by ';'; divided by 255; standardised". */
static void push_description (lua_State *L, const Data *d) {
  lua_pushfstring(L, "%d samples of %d features, %d classes%s%s%s%s", (int)d->n, (int)d->n_features, (int)d->n_classes,
                  *d->note ? "; " : "", d->note, d->unit == 1 ? "" : "; divided by 255", d->feature_scale ? "; standardised" : "");
}

static int l_describe (lua_State *L) {
  push_description(L, ldata_check(L, 1));
  return 1;
}

/* What a reader had to guess, in sentences, or nil. */
static int l_warning (lua_State *L) {
  const Data *data = ldata_check(L, 1);
  if (*data->warning) lua_pushstring(L, data->warning);
  else lua_pushnil(L);
  return 1;
}

static void set_hash (lua_State *L, const char *name, uint64_t hash) {
  char hex[17];
  if (!hash) return;
  snprintf(hex, sizeof hex, "%016llx", (unsigned long long)hash);
  lua_pushstring(L, hex);
  lua_setfield(L, -2, name);
}

/* How a network sees it, as text: { scale =, image =, features =, classes =, standardised = }; the
** last four may be absent. Splits of one kind have equal ones. */
static int l_view (lua_State *L) {
  lua_settop(L, 1);
  const Data *data = ldata_hold(L, 1, BOX_LOOK);
  DataView v = data_view(data);
  lua_createtable(L, 0, 5);
  lua_pushstring(L, data->unit == 1 ? "as stored" : "divided by 255");
  lua_setfield(L, -2, "scale");
  if (data->channels) {
    lua_pushfstring(L, "%d x %d x %d", (int)data->channels, (int)data->height, (int)data->width);
    lua_setfield(L, -2, "image");
  }
  set_hash(L, "features", v.features);
  set_hash(L, "classes", v.classes);
  set_hash(L, "standardised", v.standardised);
  return 1;
}

static int l_tostring (lua_State *L) {
  const Box *box = luaL_checkudata(L, 1, ldata_kind.name);
  const Data *d = box->it;
  if (!d) lua_pushliteral(L, "data (closed)");
  else {
    push_description(L, d);
    lua_pushfstring(L, "data (%s)", lua_tostring(L, -1));
  }
  return 1;
}

static const luaL_Reg methods[] = {
  { "set_targets", ldata_set_targets }, { "targets", ldata_targets }, { "target_spread", ldata_target_spread }, { "compare_labels", ldata_compare_labels }, { "noisy", ldata_noisy },
  { "shape", l_shape }, { "image_shape", l_image_shape }, { "hash", l_hash },
  { "label", l_label },
  { "pixels", l_pixels }, { "class_names", l_class_names }, { "standardise", l_standardise }, { "standardise_by", l_standardise_by }, { "change", ldata_change },
  { "feature_names", l_feature_names }, { "describe", l_describe }, { "warning", l_warning }, { "view", l_view },
  { NULL, NULL },
};

static const luaL_Reg metamethods[] = { { "__len", l_len }, { "__tostring", l_tostring }, { NULL, NULL } };

void ldata_register (lua_State *L) {
  box_kind(L, &ldata_kind, methods, metamethods, l_close);
  lua_pop(L, 1);
}
