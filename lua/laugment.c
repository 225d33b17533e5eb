/*
** laugment.c -- augmentations as the engine wants them: the library lab.c.augment. lua/lab/train/augment.lua
** checks options and ranges; what is checked here protects the engine.
*/
#include "laugment.h"
#include "lcheck.h"
#include <math.h>
#include <string.h>

#define AUGMENT "lab.augment"

const Augment *laugment_test (lua_State *L, int index) { return luaL_testudata(L, index, AUGMENT); }

static double number_at (lua_State *L, int table, lua_Integer i, const char *name) {
  int kind = lua_geti(L, table, i);
  double x = kind == LUA_TBOOLEAN ? lua_toboolean(L, -1) : lua_tonumber(L, -1);
  if ((kind != LUA_TBOOLEAN && kind != LUA_TNUMBER) || !isfinite(x))
    luaL_error(L, "number %I of '%s' is not a finite number", (LUAI_UACINT)i, name);
  lua_pop(L, 1);
  return x;
}

/* Zooms of nothing or of the other side around would show one pixel, or a flip. */
static const struct Range { double least, most; const char *text; } ranges[AUGMENT_KINDS] = {
  [AUGMENT_ROW_ZOOM] = { 1e-9, 4, "above 0 and at most 4" },    [AUGMENT_COLUMN_ZOOM] = { 1e-9, 4, "above 0 and at most 4" },
  [AUGMENT_BRIGHTNESS] = { 0, 1e30, "at least 0" },             [AUGMENT_CONTRAST] = { 0, 1e30, "at least 0" },
  [AUGMENT_SATURATION] = { 0, 1e30, "at least 0" },             [AUGMENT_AREA] = { 1e-9, 1, "above 0 and at most 1" },
  [AUGMENT_ASPECT] = { 0.1, 10, "from 0.1 to 10" },             [AUGMENT_CUTOUT] = { 0, 1e6, "from 0 to 1,000,000" },
  [AUGMENT_AREA_ROW] = { 0, 1, "from 0 to 1" },                 [AUGMENT_AREA_COLUMN] = { 0, 1, "from 0 to 1" },
  [AUGMENT_CUTOUT_ROW] = { 0, 1, "from 0 to 1" },               [AUGMENT_CUTOUT_COLUMN] = { 0, 1, "from 0 to 1" },
};

static void check_given (lua_State *L, AugmentKind kind, double x, lua_Integer i) {
  const struct Range *r = &ranges[kind];
  if (r->text && (x < r->least || x > r->most))
    luaL_error(L, "number %I of '%s' is %f: it must be %s", (LUAI_UACINT)i, augment_names[kind], x, r->text);
}

/* The column at the top of the stack to a block owned by a userdata, which takes its place. */
static const double *take_column (lua_State *L, AugmentKind kind, int32_t samples) {
  const char *name = augment_names[kind];
  int table = lua_gettop(L);
  if (lua_type(L, table) != LUA_TTABLE) luaL_error(L, "'%s' must be an array of numbers, not %s", name, luaL_typename(L, table));
  lua_Integer n = luaL_len(L, table);
  if (n != samples) luaL_error(L, "'%s' has %I numbers for %d samples", name, (LUAI_UACINT)n, (int)samples);
  double *column = lua_newuserdatauv(L, (size_t)n * sizeof *column + 1, 0);
  for (lua_Integer i = 1; i <= n; i++) {
    column[i - 1] = number_at(L, table, i, name);
    check_given(L, kind, column[i - 1], i);
  }
  lua_replace(L, table);
  return column;
}

/* drawn = { rotation = { low, high }, flip_vertical = probability, ... } or { trivial = true } */
static void take_drawn (lua_State *L, int drawn, AugmentPart *part) {
  part->trivial = lua_getfield(L, drawn, "trivial") == LUA_TBOOLEAN && lua_toboolean(L, -1);
  lua_pop(L, 1);
  for (int k = 0; k < AUGMENT_KINDS; k++) {
    int kind = lua_getfield(L, drawn, augment_names[k]);
    if (kind == LUA_TNUMBER) part->high[k] = lua_tonumber(L, -1);
    if (kind == LUA_TTABLE) {
      part->low[k] = number_at(L, lua_gettop(L), 1, augment_names[k]);
      part->high[k] = number_at(L, lua_gettop(L), 2, augment_names[k]);
    }
    lua_pop(L, 1);
  }
}

/* given = { rotation = { ... }, ... }: columns are kept alive by the table at index `keep`. */
static void take_given (lua_State *L, int given, int keep, int32_t samples, AugmentPart *part) {
  for (int k = 0; k < AUGMENT_KINDS; k++) {
    if (lua_getfield(L, given, augment_names[k]) != LUA_TNIL) {
      part->given[k] = take_column(L, (AugmentKind)k, samples);
      lua_rawseti(L, keep, (lua_Integer)lua_rawlen(L, keep) + 1);
    } else lua_pop(L, 1);
  }
}

/* Which of `names` the field says; the first if it says nothing. */
static int choice_field (lua_State *L, int table, const char *field, const char *const names[]) {
  lua_getfield(L, table, field);
  int which = luaL_checkoption(L, -1, names[0], names);
  lua_pop(L, 1);
  return which;
}

/* library.new { parts = { { drawn = { ... } } or { given = { ... } }, ... }, fill, interpolation, value, samples } */
static int l_new (lua_State *L) {
  static const char *const fills[] = { "nearest", "constant", "reflect", "wrap", NULL };
  static const char *const samplings[] = { "bilinear", "nearest", NULL };
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  Augment *augment = lua_newuserdatauv(L, sizeof *augment, 1);   /* 2 */
  memset(augment, 0, sizeof *augment);
  luaL_setmetatable(L, AUGMENT);
  lua_newtable(L);                                               /* 3: what its columns lie in */
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 2, 1);
  augment->fill = (AugmentFill)choice_field(L, 1, "fill", fills);
  augment->sampling = (AugmentSampling)choice_field(L, 1, "interpolation", samplings);
  lua_getfield(L, 1, "value");
  augment->value = (float)luaL_checknumber(L, -1);
  if (!isfinite(augment->value)) return luaL_error(L, "'value' is beyond single precision");
  lua_getfield(L, 1, "samples");
  augment->samples = (int32_t)lcheck_between(L, lua_gettop(L), 1, INT32_MAX);
  lua_getfield(L, 1, "parts");
  luaL_checktype(L, -1, LUA_TTABLE);
  int parts = lua_gettop(L);
  lua_Integer n = lcheck_length(L, parts, AUGMENT_PARTS, "the array of parts");
  for (; augment->parts < n; augment->parts++) {
    AugmentPart *part = &augment->part[augment->parts];
    *part = augment_nothing();
    lua_geti(L, parts, augment->parts + 1);
    int given = lua_getfield(L, -1, "given") == LUA_TTABLE;
    if (given) take_given(L, lua_gettop(L), 3, augment->samples, part);
    else if (lua_getfield(L, -2, "drawn") == LUA_TTABLE) take_drawn(L, lua_gettop(L), part);
    lua_settop(L, parts);
  }
  lua_settop(L, 2);
  return 1;
}

int luaopen_lab_augment (lua_State *L) {
  static const luaL_Reg library[] = { { "new", l_new }, { NULL, NULL } };
  luaL_newmetatable(L, AUGMENT);
  luaL_newlib(L, library);
  lua_newtable(L);
  for (int k = 0; k < AUGMENT_KINDS; k++) {
    lua_pushstring(L, augment_names[k]);
    lua_rawseti(L, -2, k + 1);
  }
  lua_setfield(L, -2, "names");
  return 1;
}
