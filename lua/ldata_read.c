/*
** ldata_read.c -- require "lab.c.data": the readers and the built-in set.
**
** A reader returns a split, or nil and a sentence. Options come as tables that lab/data/init.lua
** has checked; `want` holds count, random, seed, part, classes, scale and like.
*/
#include "lfs_check.h"
#include "libs.h"
#include "ldata.h"
#include "lcheck.h"
#include "ldata_check.h"
#include "base/mem.h"
#include "data/hold_out.h"
#include "select/numpy_draw.h"
#include <string.h>

/* The split just read, on top of the stack; or nil and the sentence. */
static int give (lua_State *L, const Box *box, const char *why) {
  if (box->it) return 1;
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* ---- options ---------------------------------------------------------------------------- */

static int64_t integer_field (lua_State *L, int table, const char *name, int64_t least,
                              int64_t most) {
  int found = lua_getfield(L, table, name) != LUA_TNIL, whole = 1;
  int64_t value = found ? lua_tointegerx(L, -1, &whole) : 0;
  lua_pop(L, 1);
  if (found && (!whole || value < least || value > most))
    luaL_error(L, "option '%s' must be a whole number from %I to %I", name, (LUAI_UACINT)least,
               (LUAI_UACINT)most);
  return value;
}

static double number_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  double value = luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return value;
}

static int boolean_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  int value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* The field `numpy`, { before =, n = }: the samples that NumPy's shuffle puts first, in its
** order. Order and flags live in userdata which the caller's table keeps. */
static void check_numpy (lua_State *L, int table, DataWanted *want) {
  if (lua_getfield(L, table, "numpy") == LUA_TTABLE) {
    int numpy = lua_gettop(L);
    int32_t before = (int32_t)integer_field(L, numpy, "before", 0, INT32_MAX);
    want->n_take = integer_field(L, numpy, "n", 1, INT32_MAX);
    if (want->count == 0) want->count = want->n_take;   /* all of them, in NumPy's order */
    if (want->count > want->n_take)
      luaL_error(L, "%d samples were asked for, there are %d", (int)want->count, (int)want->n_take);
    size_t most = (size_t)(before > want->n_take ? before : want->n_take);
    int32_t *order = lua_newuserdatauv(L, most * sizeof *order, 0);
    lua_setfield(L, table, "order");
    uint8_t *take = lua_newuserdatauv(L, (size_t)want->n_take, 0);
    lua_setfield(L, table, "take");
    numpy_draw((uint32_t)want->seed, before, (int32_t)want->n_take, order);
    memset(take, 0, (size_t)want->n_take);
    for (int64_t k = 0; k < want->count; k++) take[order[k]] = 1;
    want->order = order;
    want->take = take;
  }
  lua_pop(L, 1);
}

static DataWanted check_wanted (lua_State *L, int table) {
  DataWanted want = { .count = 0 };
  luaL_checktype(L, table, LUA_TTABLE);
  want.count = integer_field(L, table, "count", 0, INT32_MAX);
  want.random = boolean_field(L, table, "random");
  want.seed = (uint64_t)integer_field(L, table, "seed", INT64_MIN, INT64_MAX);
  want.part = (uint64_t)integer_field(L, table, "part", 0, 255);
  want.n_classes = (int32_t)integer_field(L, table, "classes", 0, DATA_MAX_CLASSES);
  if (lua_getfield(L, table, "scale") != LUA_TNIL) {
    static const char *const names[] = { "bytes", "none", NULL };
    want.scale = luaL_checkoption(L, -1, NULL, names) ? DATA_SCALE_NONE : DATA_SCALE_BYTES;
  }
  lua_pop(L, 1);
  if (lua_getfield(L, table, "like") != LUA_TNIL)
    want.like = ldata_hold(L, lua_gettop(L), BOX_READ);   /* both values stay on the stack */
  check_numpy(L, table, &want);
  return want;
}

/* ---- readers ---------------------------------------------------------------------------- */

static int l_read_idx (lua_State *L) {  /* (images, labels, want) */
  char why[DATA_WHY];
  const char *images = fs_check_path(L, 1), *labels = fs_check_path(L, 2);
  DataWanted want = check_wanted(L, 3);
  Box *box = ldata_push(L);
  box->it = data_read_idx(images, labels, &want, why);
  return give(L, box, why);
}

static int l_read_cifar10 (lua_State *L) {  /* ({ path, ... }, records a file, want) */
  enum { MOST = 16 };
  char why[DATA_WHY];
  const char *paths[MOST];
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer n = luaL_len(L, 1), n_records = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 1 <= n && n <= MOST, 1, "expected 1 to 16 paths");
  luaL_argcheck(L, 0 <= n_records && n_records <= INT32_MAX, 2, "out of range");
  DataWanted want = check_wanted(L, 3);
  luaL_checkstack(L, MOST + 4, NULL);
  for (lua_Integer i = 0; i < n; i++) {   /* the strings stay on the stack while they are used */
    lua_geti(L, 1, i + 1);
    paths[i] = fs_check_path(L, -1);
  }
  Box *box = ldata_push(L);
  box->it = data_read_cifar10(paths, (int)n, (int32_t)n_records, &want, why);
  return give(L, box, why);
}

/* (samples, labels, want): paths; want.numbers says that labels are numbers to be learnt */
static int l_map_npy (lua_State *L) {
  char why[DATA_WHY];
  const char *samples = fs_check_path(L, 1), *labels = fs_check_path(L, 2);
  DataWanted want = check_wanted(L, 3);
  int numbers = boolean_field(L, 3, "numbers");
  Box *box = ldata_push(L);
  box->it = data_map_npy(samples, labels, numbers, &want, why);
  return give(L, box, why);
}

/* A string field that stays on the stack, or NULL. */
static const char *text_field (lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  return lua_tostring(L, -1);
}

/* (path, "train" or "test", want); want.samples and want.labels may name the arrays */
static int l_read_npz (lua_State *L) {
  static const char *const splits[] = { "train", "test", NULL };
  char why[DATA_WHY];
  const char *path = fs_check_path(L, 1);
  int split = luaL_checkoption(L, 2, NULL, splits);
  DataWanted want = check_wanted(L, 3);
  DataNpz names = { text_field(L, 3, "samples"), text_field(L, 3, "labels"), boolean_field(L, 3, "numbers") };
  Box *box = ldata_push(L);
  box->it = data_read_npz(path, splits[split], &names, &want, why);
  return give(L, box, why);
}

/* Absent: a header is likely. */
static DataHeader check_header (lua_State *L, int table) {
  if (lua_getfield(L, table, "header") == LUA_TNIL) return lua_pop(L, 1), DATA_HEADER_LIKELY;
  lua_pop(L, 1);
  return boolean_field(L, table, "header") ? DATA_HEADER_GIVEN : DATA_HEADER_NONE;
}

enum { MOST_TARGETS = 1 << 16 };

/* The array `targets` of a table, of names and places, in a userdata on the stack; the names stay in the array. */
static void take_columns (lua_State *L, int table, DataCsv *csv) {
  if (lua_getfield(L, table, "targets") == LUA_TNIL) return;
  int list = lua_gettop(L);
  luaL_checktype(L, list, LUA_TTABLE);
  lua_Integer n = lcheck_length(L, list, MOST_TARGETS, "targets");
  luaL_argcheck(L, n >= 1, table, "no targets");
  DataColumn *columns = lua_newuserdatauv(L, (size_t)n * sizeof *columns, 0);
  for (lua_Integer i = 0; i < n; i++) {
    columns[i] = (DataColumn){ NULL, 0 };
    int kind = lua_geti(L, list, i + 1);
    lua_Integer place = kind == LUA_TSTRING ? 1 : luaL_checkinteger(L, -1);
    luaL_argcheck(L, 1 <= place && place <= INT32_MAX, table, "a target is a column's name, or its number from 1");
    if (kind == LUA_TSTRING) columns[i].name = lua_tostring(L, -1);
    else columns[i].column = (int32_t)place;
    luaL_argcheck(L, csv->header || !columns[i].name, table, "a target by name needs a header");
    lua_pop(L, 1);
  }
  csv->targets = columns;
  csv->n_targets = (int32_t)n;
}

/* (path, { header = boolean | nil, label =, targets = array of names and numbers | nil, separator = one character of csv.h's | nil }, want) */
static int l_read_csv (lua_State *L) {
  char why[DATA_WHY];
  const char *path = fs_check_path(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  DataWanted want = check_wanted(L, 3);
  const char *separator = text_field(L, 2, "separator");
  DataCsv csv = { .header = check_header(L, 2), .separator = separator ? *separator : 0 };
  if (lua_getfield(L, 2, "label") == LUA_TSTRING) csv.label_name = lua_tostring(L, -1);
  else csv.label_column = (int32_t)integer_field(L, 2, "label", 1, INT32_MAX);
  luaL_argcheck(L, csv.header || !csv.label_name, 2, "a label by name needs a header");
  take_columns(L, 2, &csv);
  Box *box = ldata_push(L);   /* above the names, which stay on the stack */
  box->it = data_read_csv(path, &csv, &want, why);
  return give(L, box, why);
}

/* A whole number from 1 to `most`. */
static int32_t check_count (lua_State *L, int arg, int32_t most) {
  lua_Integer n = luaL_checkinteger(L, arg);
  luaL_argcheck(L, 1 <= n && n <= most, arg, "out of range");
  return (int32_t)n;
}

static int l_madelon (lua_State *L) {  /* (options, samples, part) */
  char why[DATA_WHY];
  luaL_checktype(L, 1, LUA_TTABLE);
  DataMadelon set = {
    .informative = (int32_t)integer_field(L, 1, "informative", 1, INT32_MAX),
    .redundant = (int32_t)integer_field(L, 1, "redundant", 0, INT32_MAX),
    .useless = (int32_t)integer_field(L, 1, "useless", 0, INT32_MAX),
    .classes = (int32_t)integer_field(L, 1, "classes", 2, INT32_MAX),
    .clusters = (int32_t)integer_field(L, 1, "clusters", 1, INT32_MAX),
    .separation = number_field(L, 1, "separation"),
    .flip = number_field(L, 1, "flip"),
    .seed = (uint64_t)integer_field(L, 1, "seed", INT64_MIN, INT64_MAX),
  };
  int32_t n = check_count(L, 2, INT32_MAX), part = check_count(L, 3, 255);
  Box *box = ldata_push(L);
  box->it = data_madelon(&set, n, (uint64_t)part, why);
  return give(L, box, why);
}

static int l_noise (lua_State *L) {  /* (options, samples, part) */
  char why[DATA_WHY];
  luaL_checktype(L, 1, LUA_TTABLE);
  DataNoise set = {
    .channels = (int32_t)integer_field(L, 1, "channels", 1, INT32_MAX),
    .height = (int32_t)integer_field(L, 1, "height", 1, INT32_MAX),
    .width = (int32_t)integer_field(L, 1, "width", 1, INT32_MAX),
    .classes = (int32_t)integer_field(L, 1, "classes", 2, INT32_MAX),
    .seed = (uint64_t)integer_field(L, 1, "seed", INT64_MIN, INT64_MAX),
  };
  int32_t n = check_count(L, 2, INT32_MAX), part = check_count(L, 3, 255);
  Box *box = ldata_push(L);
  box->it = data_noise(&set, n, (uint64_t)part, why);
  return give(L, box, why);
}

/* name_classes(split, { name, ... }): the names of all its classes. They are no part of its hash. */
static int l_name_classes (lua_State *L) {
  lua_settop(L, 2);
  luaL_checktype(L, 2, LUA_TTABLE);
  Data *data = ldata_hold(L, 1, BOX_CHANGE);
  luaL_argcheck(L, luaL_len(L, 2) == data->n_classes, 2, "not one name a class");
  luaL_Buffer all;
  luaL_checkstack(L, 4, NULL);
  luaL_buffinit(L, &all);
  for (int32_t c = 0; c < data->n_classes; c++) {
    lua_geti(L, 2, c + 1);
    luaL_checkstring(L, -1);
    luaL_addvalue(&all);
    luaL_addchar(&all, '\0');
  }
  luaL_pushresult(&all);
  size_t size;
  const char *names = lua_tolstring(L, -1, &size);
  char *copy = mem_new(size, 1);
  if (!copy) return luaL_error(L, "not enough memory for the names of classes");
  memcpy(copy, names, size);
  mem_free(data->class_names);
  data->class_names = copy;
  return 0;
}

/* hold_out(split, n, seed) -> the split without n samples drawn from it evenly over its classes, and these */
static int l_hold_out (lua_State *L) {
  lua_settop(L, 3);
  const Data *data = ldata_hold(L, 1, BOX_READ);
  int32_t n = check_count(L, 2, INT32_MAX);
  uint64_t seed = (uint64_t)luaL_checkinteger(L, 3);
  luaL_argcheck(L, n < data->n, 2, "no sample would be left");
  uint8_t *held = lua_newuserdatauv(L, (size_t)data->n, 0);
  if (!data_draw_held_out(data, n, seed, held)) return luaL_error(L, "not enough memory to draw %d of %d samples", (int)n, (int)data->n);
  for (uint8_t which = 0; which < 2; which++) {
    Box *box = ldata_push(L);
    box->it = data_part(data, held, which);
    if (!box->it) return luaL_error(L, "not enough memory to hold out %d of %d samples", (int)n, (int)data->n);
  }
  return 2;
}

static const luaL_Reg library[] = {
  { "read_idx", l_read_idx }, { "read_cifar10", l_read_cifar10 }, { "read_npz", l_read_npz }, { "map_npy", l_map_npy },
  { "read_csv", l_read_csv }, { "madelon", l_madelon }, { "noise", l_noise },
  { "name_classes", l_name_classes }, { "hold_out", l_hold_out }, { NULL, NULL },
};

int luaopen_lab_data (lua_State *L) {
  ldata_register(L);
  luaL_newlib(L, library);
  return 1;
}
