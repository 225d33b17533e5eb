/*
** lbundle.c -- lab.c.bundle: zip archives of files (core/format/bundle.h).
*/
#include "base/mem.h"
#include "format/bundle.h"
#include "lbox.h"
#include "lfs_check.h"
#include "libs.h"

static int failed (lua_State *L, const char *why) {
  luaL_pushfail(L);
  lua_pushstring(L, why);
  return 2;
}

/* bundle.write(path, { { name, text }, ... }) -> true; or nil, why. */
static int l_write (lua_State *L) {
  const char *path = fs_check_path(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2);
  luaL_argcheck(L, n <= BUNDLE_FILES, 2, "too many files");
  BundleFile *files = lua_newuserdatauv(L, (n + 1) * sizeof *files, 0);
  for (size_t i = 0; i < n; i++) {   /* the texts stay in the table */
    luaL_argcheck(L, lua_rawgeti(L, 2, (lua_Integer)i + 1) == LUA_TTABLE, 2, "must be an array of { name, text }");
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING, 2, "must be an array of { name, text }");
    files[i].name = lua_tostring(L, -2);
    files[i].bytes = lua_tolstring(L, -1, &files[i].size);
    lua_pop(L, 3);
  }
  char why[DATA_WHY];
  if (!bundle_write(path, files, n, why)) return failed(L, why);
  lua_pushboolean(L, 1);
  return 1;
}

static void free_bundle (void *bundle) { bundle_close(bundle); }
static const BoxKind kind = { "lab.bundle", "bundle", "the bundle is closed", free_bundle };
static Bundle *check_bundle (lua_State *L) { return box_check(L, 1, &kind); }

/* bundle.open(path) -> an archive; or nil, why. */
static int l_open (lua_State *L) {
  char why[DATA_WHY];
  const char *path = fs_check_path(L, 1);
  Box *box = box_push(L, &kind);
  box->it = bundle_open(path, why);
  return box->it ? 1 : failed(L, why);
}

static int l_close (lua_State *L) { return box_close(L, &kind); }

/* bundle:names() -> array. */
static int l_names (lua_State *L) {
  size_t n = bundle_count(check_bundle(L));
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushstring(L, bundle_name(check_bundle(L), i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* bundle:read(i) -> the bytes of file i, counted from 1; or nil, why. */
static int l_read (lua_State *L) {
  lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 1 && (size_t)i <= bundle_count(check_bundle(L)), 2, "there is no such file");
  size_t size = (size_t)bundle_size(check_bundle(L), (size_t)i - 1);
  luaL_Buffer text;
  char why[DATA_WHY], *bytes = luaL_buffinitsize(L, &text, size);
  if (!bundle_read(check_bundle(L), (size_t)i - 1, bytes, why)) return failed(L, why);
  luaL_pushresultsize(&text, size);
  return 1;
}

int luaopen_lab_bundle (lua_State *L) {
  static const luaL_Reg functions[] = { { "write", l_write }, { "open", l_open }, { NULL, NULL } };
  static const luaL_Reg methods[] = { { "names", l_names }, { "read", l_read }, { NULL, NULL } };
  box_kind(L, &kind, methods, NULL, l_close);
  luaL_newlib(L, functions);
  return 1;
}
