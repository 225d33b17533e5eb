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
#include "net/net_state.h"
#include "save/checkpoint.h"
#include "lcheck.h"
#include "libs.h"
#include "lfs_check.h"
#include "lnet_check.h"
#include "base/mem.h"

#define TEXT_KIND "lab.checkpoint.text"
enum { MOST_TEXTS = 8 };

static void close_file (void *file) { checkpoint_close(file); }

static const BoxKind file_kind = { "lab.checkpoint", "file", "the file is closed", close_file };

static int failed (lua_State *L, const char *why) {
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* The texts of the table at stack index 3; they stay on the stack. */
static int take_texts (lua_State *L, CheckpointText text[MOST_TEXTS]) {
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Integer n = lcheck_length(L, 3, MOST_TEXTS, "the array of texts");
  luaL_checkstack(L, 3 * MOST_TEXTS, NULL);
  for (int i = 0; i < n; i++) {
    lua_geti(L, 3, i + 1);
    lua_geti(L, -1, 1);
    lua_geti(L, -2, 2);
    size_t length;
    text[i].name = luaL_checklstring(L, -2, &length);
    luaL_argcheck(L, 0 < length && length < 40, 3, "a text's name has from 1 to 39 bytes");
    text[i].bytes = luaL_checklstring(L, -1, &text[i].size);
    luaL_argcheck(L, text[i].size <= CHECKPOINT_MOST_TEXT, 3, "a text is too long");
  }
  return (int)n;
}

static int l_write (lua_State *L) {
  CheckpointText text[MOST_TEXTS];
  char why[CHECKPOINT_WHY];
  lua_settop(L, 3);
  const char *path = fs_check_path(L, 1);
  int n = take_texts(L, text);
  Net *net = lnet_hold(L, 2, BOX_CHANGE);   /* what it writes must stand still */
  if (!checkpoint_write(path, net, text, n, why)) return failed(L, why);
  lua_pushboolean(L, 1);
  return 1;
}

static int l_open (lua_State *L) {
  char why[CHECKPOINT_WHY];
  const char *path = fs_check_path(L, 1);
  Box *box = box_push(L, &file_kind);
  box->it = checkpoint_open(path, why);
  return box->it ? 1 : failed(L, why);
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
  const char *name = luaL_checkstring(L, 2);
  char **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, TEXT_KIND);
  *box = checkpoint_text(box_check(L, 1, &file_kind), name, &size, why);
  if (!*box) return failed(L, why);
  lua_pushlstring(L, *box, size);
  mem_free(*box);
  *box = NULL;
  return 1;
}

/* file:make_room(net, layer, links): before it is restored to a net whose layer has another number of links */
static int l_make_room (lua_State *L) {
  lua_settop(L, 4);
  Net *net = lnet_hold(L, 2, BOX_CHANGE);
  int32_t l = lnet_check_layer(L, net, 3);
  const Sparse *W = lnet_check_sparse(L, net, l);
  lua_Integer links = luaL_checkinteger(L, 4);
  if (links < 0 || links > UINT32_MAX || links > (int64_t)W->n_in * W->n_out)
    return luaL_error(L, "a layer of %d to %d units cannot have %I links", (int)W->n_in, (int)W->n_out, (LUAI_UACINT)links);
  if (!net_make_room(net, l, links)) return luaL_error(L, "not enough memory for %I links", (LUAI_UACINT)links);
  return 0;
}

static int l_restore (lua_State *L) {
  char why[CHECKPOINT_WHY];
  lua_settop(L, 2);
  Net *net = lnet_hold(L, 2, BOX_CHANGE);
  int status = checkpoint_restore(box_check(L, 1, &file_kind), net, why);
  if (status < 0) {
    Box *box = lua_touserdata(L, 2);
    net_free(net);
    box->it = NULL;
  }
  if (status <= 0) return failed(L, why);
  lua_pushboolean(L, 1);
  return 1;
}

static int l_close (lua_State *L) { return box_close(L, &file_kind); }

int luaopen_lab_checkpoint (lua_State *L) {
  static const luaL_Reg methods[] = { { "text", l_text }, { "make_room", l_make_room }, { "restore", l_restore }, { NULL, NULL } };
  static const luaL_Reg library[] = { { "write", l_write }, { "open", l_open }, { NULL, NULL } };
  luaL_newmetatable(L, TEXT_KIND);
  lua_pushcfunction(L, free_text);
  lua_setfield(L, -2, "__gc");
  box_kind(L, &file_kind, methods, NULL, l_close);
  luaL_newlib(L, library);
  return 1;
}
