/*
** lserver.c -- lab.c.server: documents for a browser on this machine (core/os/page_server.h).
*/
#include "lbox.h"
#include "lcheck.h"
#include "lfs_check.h"
#include "libs.h"
#include "os/page_server.h"

static void free_server (void *server) { page_server_free(server); }

static const BoxKind kind = { "lab.server", "server", "the server is closed", free_server };

static PageServer *check_server (lua_State *L) { return box_check(L, 1, &kind); }

/* server.new(port) -> a server on 127.0.0.1; port 0: any that is free. Or nil, why. */
static int l_new (lua_State *L) {
  char why[256];
  int port = (int)lcheck_between(L, 1, 0, 65535);
  Box *box = box_push(L, &kind);
  box->it = page_server_new(port, why);
  if (box->it) return 1;
  luaL_pushfail(L);
  lua_pushstring(L, why);
  return 2;
}

static int l_close (lua_State *L) { return box_close(L, &kind); }

static int l_port (lua_State *L) {
  lua_pushinteger(L, page_server_port(check_server(L)));
  return 1;
}

/* Raises where the server did not take it. */
static int done (lua_State *L, int ok) { return ok ? 0 : luaL_error(L, "the server cannot take that: no memory, too many documents, or a name that is too long"); }

/* server:publish(path, type, text): from now on `path` is this document. */
static int l_publish (lua_State *L) {
  size_t n;
  const char *path = luaL_checkstring(L, 2), *type = luaL_checkstring(L, 3), *text = luaL_checklstring(L, 4, &n);
  return done(L, page_server_publish(check_server(L), path, type, text, n));
}

/* server:folder(prefix, folder): from now on prefix .. name is that file of the folder. */
static int l_folder (lua_State *L) {
  const char *prefix = luaL_checkstring(L, 2), *folder = fs_check_path(L, 3);
  return done(L, page_server_folder(check_server(L), prefix, folder));
}

/* server:news(json): lets the browsers know, which have waited for it. */
static int l_news (lua_State *L) {
  size_t n;
  const char *json = luaL_checklstring(L, 2, &n);
  return done(L, page_server_news(check_server(L), json, n));
}

/* server:tick(): lets those who wait go with what they know. */
static int l_tick (lua_State *L) {
  page_server_tick(check_server(L));
  return 0;
}

int luaopen_lab_server (lua_State *L) {
  static const luaL_Reg functions[] = { { "new", l_new }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "port", l_port }, { "publish", l_publish }, { "folder", l_folder }, { "news", l_news }, { "tick", l_tick },
    { NULL, NULL },
  };
  box_kind(L, &kind, methods, NULL, l_close);
  luaL_newlib(L, functions);
  return 1;
}
