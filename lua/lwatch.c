/*
** lwatch.c -- lab.c.watch: which files of some folders change.
*/
#include "lbox.h"
#include "lcheck.h"
#include "lfs_check.h"
#include "libs.h"
#include "os/file_watch.h"
#include <math.h>

static void free_watch (void *watch) { file_watch_free(watch); }

static const BoxKind kind = { "lab.watch", "watch", "the watch is closed", free_watch };

static FileWatch *check_watch (lua_State *L) { return box_check(L, 1, &kind); }

static int failed (lua_State *L, const char *why) {
  luaL_pushfail(L);
  lua_pushstring(L, why);
  return 2;
}

/* watch.new() -> a watch on nothing yet; or nil, why. */
static int l_new (lua_State *L) {
  char why[256];
  Box *box = box_push(L, &kind);
  box->it = file_watch_new(why);
  return box->it ? 1 : failed(L, why);
}

static int l_close (lua_State *L) { return box_close(L, &kind); }

/* watch:folder(path) -> the folder's number, the same if it was watched already; or nil, why. */
static int l_folder (lua_State *L) {
  char why[256];
  int folder = file_watch_folder(check_watch(L), fs_check_path(L, 2), why);
  if (!folder) return failed(L, why);
  lua_pushinteger(L, folder);
  return 1;
}

/* watch:next(seconds) -> the folder's number and the name of a file that changed in it; 0 and "" if changes were
** lost; nothing if there was none by then, or a Ctrl-C came, which the next line raises. */
static int l_next (lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds >= 0 && seconds < 1e6, 2, "must be from 0 to a million");
  FileChange change;
  if (!file_watch_next(check_watch(L), seconds, &change)) return 0;
  lua_pushinteger(L, change.folder);
  lua_pushstring(L, change.name);
  return 2;
}

int luaopen_lab_watch (lua_State *L) {
  static const luaL_Reg functions[] = { { "new", l_new }, { NULL, NULL } };
  static const luaL_Reg methods[] = { { "folder", l_folder }, { "next", l_next }, { NULL, NULL } };
  box_kind(L, &kind, methods, NULL, l_close);
  luaL_newlib(L, functions);
  return 1;
}
