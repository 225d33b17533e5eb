/*
** lcheckpoint.c -- lab.c.checkpoint: nets in files.
**
**   write(path, net, texts)   true; or nil and why. texts: array of { name, bytes }
**   open(path)                a file that is whole; or nil and why
**   file:text(name)           its bytes; or nil and why
**   file:restore(net)         true; or nil and why, and the net as it was. If the file cannot be
**                             read to its end, the net is closed
**   file:close()
*/
#include "checkpoint.h"
#include "lfs.h"
#include "lnet.h"
#include "mem.h"

#define FILE_KIND "lab.checkpoint"
#define TEXT_KIND FILE_KIND ".text"
enum { MOST_TEXTS = 8 };

static int failed (lua_State *L, const char *why) {
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

static Net **check_net (lua_State *L, int arg) {
  Net **box = luaL_checkudata(L, arg, NET);
  luaL_argcheck(L, *box, arg, "the net is closed");
  return box;
}

/* The texts of the table at stack index 3; they stay alive in it. */
static int take_texts (lua_State *L, CheckpointText text[MOST_TEXTS]) {
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Integer n = luaL_len(L, 3);
  luaL_argcheck(L, n <= MOST_TEXTS, 3, "too many texts");
  for (int i = 0; i < n; i++) {
    lua_geti(L, 3, i + 1);
    lua_geti(L, -1, 1);
    lua_geti(L, -2, 2);
    size_t length;
    text[i].name = luaL_checklstring(L, -2, &length);
    luaL_argcheck(L, 0 < length && length < 40, 3, "a text's name has from 1 to 39 bytes");
    text[i].bytes = luaL_checklstring(L, -1, &text[i].size);
    luaL_argcheck(L, text[i].size <= CHECKPOINT_MOST_TEXT, 3, "a text is too long");
    lua_pop(L, 3);
  }
  return (int)n;
}

static int l_write (lua_State *L) {
  CheckpointText text[MOST_TEXTS];
  char why[CHECKPOINT_WHY];
  const char *path = fs_check_path(L, 1);
  Net **box = check_net(L, 2);
  int n = take_texts(L, text);
  if (!checkpoint_write(path, *box, text, n, why)) return failed(L, why);
  lua_pushboolean(L, 1);
  return 1;
}

static int l_open (lua_State *L) {
  char why[CHECKPOINT_WHY];
  const char *path = fs_check_path(L, 1);
  Checkpoint **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, FILE_KIND);
  *box = checkpoint_open(path, why);
  return *box ? 1 : failed(L, why);
}

static Checkpoint *check_file (lua_State *L) {
  Checkpoint **box = luaL_checkudata(L, 1, FILE_KIND);
  luaL_argcheck(L, *box, 1, "the file is closed");
  return *box;
}

/* Lua may raise for want of memory while it copies: so the text is kept by a userdata till then. */
static int free_text (lua_State *L) {
  char **box = lua_touserdata(L, 1);
  mem_free(*box);
  *box = NULL;
  return 0;
}

static int l_text (lua_State *L) {
  char why[CHECKPOINT_WHY];
  size_t size;
  Checkpoint *file = check_file(L);
  const char *name = luaL_checkstring(L, 2);
  char **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, TEXT_KIND);
  *box = checkpoint_text(file, name, &size, why);
  if (!*box) return failed(L, why);
  lua_pushlstring(L, *box, size);
  mem_free(*box);
  *box = NULL;
  return 1;
}

static int l_restore (lua_State *L) {
  char why[CHECKPOINT_WHY];
  Checkpoint *file = check_file(L);
  Net **box = check_net(L, 2);
  int status = checkpoint_restore(file, *box, why);
  if (status < 0) {
    net_free(*box);
    *box = NULL;
  }
  if (status <= 0) return failed(L, why);
  lua_pushboolean(L, 1);
  return 1;
}

static int l_close (lua_State *L) {
  Checkpoint **box = luaL_checkudata(L, 1, FILE_KIND);
  checkpoint_close(*box);
  *box = NULL;
  return 0;
}

int luaopen_lab_checkpoint (lua_State *L) {
  static const luaL_Reg methods[] = { { "text", l_text }, { "restore", l_restore }, { "close", l_close }, { NULL, NULL } };
  static const luaL_Reg meta[] = { { "__gc", l_close }, { "__close", l_close }, { NULL, NULL } };
  static const luaL_Reg library[] = { { "write", l_write }, { "open", l_open }, { NULL, NULL } };
  luaL_newmetatable(L, TEXT_KIND);
  lua_pushcfunction(L, free_text);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, FILE_KIND);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, library);
  return 1;
}
