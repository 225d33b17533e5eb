#include "lbox.h"

#define HOLD "lab.hold"

/* A hold is a userdata that Lua closes when the C function it was pushed by ends. */
typedef struct Hold { Box *box; int changing; } Hold;

static int let_go (lua_State *L) {
  Hold *hold = luaL_checkudata(L, 1, HOLD);
  if (!hold->box) return 0;
  hold->box->holds--;
  if (hold->changing) hold->box->changing = 0;
  hold->box = NULL;
  return 0;
}

static Hold *push_hold (lua_State *L) {
  Hold *hold = lua_newuserdatauv(L, sizeof *hold, 1);
  hold->box = NULL;
  if (luaL_newmetatable(L, HOLD)) {
    lua_pushcfunction(L, let_go);
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, let_go);   /* where __close could not be called: see is_held */
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_toclose(L, -1);
  return hold;
}

/* A hook, such as that of Ctrl-C, may raise when __close is about to be called, and so may a stack that
** is full. Such a hold is garbage by now, and ends when it is collected. */
static int is_held (lua_State *L, const Box *box) {
  if (box->holds) lua_gc(L, LUA_GCCOLLECT);
  return box->holds > 0;
}

static int is_changing (lua_State *L, const Box *box) {
  return box->changing && is_held(L, box) && box->changing;
}

Box *box_push (lua_State *L, const BoxKind *kind) {
  Box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (Box){ 0 };
  luaL_setmetatable(L, kind->name);
  return box;
}

void *box_check (lua_State *L, int arg, const BoxKind *kind) {
  const Box *box = luaL_checkudata(L, arg, kind->name);
  if (!box->it) luaL_error(L, "%s", kind->closed);
  return box->it;
}

void *box_hold (lua_State *L, int arg, const BoxKind *kind, BoxUse use) {
  Hold *hold = push_hold(L);   /* first: a finalizer may run here, and close the box */
  Box *box = luaL_checkudata(L, arg, kind->name);
  int refused = use == BOX_CHANGE ? is_held(L, box) : use == BOX_READ && is_changing(L, box);
  if (!box->it) luaL_error(L, "%s", kind->closed);   /* asked last: a collection may close it */
  if (refused)
    luaL_error(L, "the %s is in use: a call that works on it has not returned yet", kind->noun);
  lua_pushvalue(L, arg);
  lua_setiuservalue(L, -2, 1);   /* keeps the box's memory */
  hold->box = box;
  hold->changing = use == BOX_CHANGE;
  box->holds++;
  if (hold->changing) box->changing = 1;
  return box->it;
}

int box_close (lua_State *L, const BoxKind *kind) {
  Box *box = luaL_checkudata(L, 1, kind->name);
  if (is_held(L, box))
    return luaL_error(L, "the %s is in use and cannot be closed: a call that works on it has not returned yet", kind->noun);
  void *it = box->it;
  box->it = NULL;
  kind->free(it);
  return 0;
}

/* ---- metatables -------------------------------------------------------------------------- */

/* (methods, name): what a script reads and is not there. */
static int missing (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "lab.util.fields");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "missing");
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 1);
  lua_call(L, 3, 1);
  return 1;
}

void box_methods (lua_State *L, const char *noun, const luaL_Reg *methods) {
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_createtable(L, 0, 1);
  lua_pushfstring(L, "a %s", noun);
  lua_pushcclosure(L, missing, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}

int box_kind (lua_State *L, const BoxKind *kind, const luaL_Reg *methods, const luaL_Reg *metamethods,
              lua_CFunction closing) {
  if (!luaL_newmetatable(L, kind->name)) return 0;
  if (metamethods) luaL_setfuncs(L, metamethods, 0);
  lua_pushcfunction(L, closing);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__gc");
  lua_setfield(L, -2, "__close");
  box_methods(L, kind->noun, methods);
  lua_pushcfunction(L, closing);
  lua_setfield(L, -2, "close");
  lua_setfield(L, -2, "__index");
  return 1;
}
