#include "libs.h"
#include "embed.h"
#include <lualib.h>
#include <stdio.h>
#include <string.h>

static const luaL_Reg c_libraries[] = {
  { "lab.c.augment", luaopen_lab_augment },
  { "lab.c.bundle", luaopen_lab_bundle },
  { "lab.c.checkpoint", luaopen_lab_checkpoint },
  { "lab.c.data", luaopen_lab_data },
  { "lab.c.embed", luaopen_lab_embed },
  { "lab.c.feature", luaopen_lab_feature },
  { "lab.c.monitor", luaopen_lab_monitor },
  { "lab.c.net", luaopen_lab_net },
  { "lab.c.plan", luaopen_lab_plan },
  { "lab.c.pool", luaopen_lab_pool },
  { "lab.c.powerlaw", luaopen_lab_powerlaw },
  { "lab.c.prompt", luaopen_lab_prompt },
  { "lab.c.fs", luaopen_lab_fs },
  { "lab.c.hash", luaopen_lab_hash },
  { "lab.c.links", luaopen_lab_links },
  { "lab.c.markdown", luaopen_lab_markdown },
  { "lab.c.random", luaopen_lab_random },
  { "lab.c.ranks", luaopen_lab_ranks },
  { "lab.c.server", luaopen_lab_server },
  { "lab.c.stop", luaopen_lab_stop },
  { "lab.c.system", luaopen_lab_system },
  { "lab.c.topology", luaopen_lab_topology },
  { "lab.c.track", luaopen_lab_track },
  { "lab.c.process", luaopen_lab_process },
  { "lab.c.vector", luaopen_lab_vector },
  { "lab.c.watch", luaopen_lab_watch },
  { "lab.c.yaml", luaopen_lab_yaml },
  { "lab.c.yardstick", luaopen_lab_yardstick },
  { NULL, NULL },
};

/* embed.read(path): the text of a file inside the program, or nil. */
static int embed_read (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  for (const Embedded *e = embedded_files; e->path; e++)
    if (strcmp(e->path, path) == 0) {
      lua_pushlstring(L, e->text, (size_t)(e->end - e->text - 1));
      return 1;
    }
  lua_pushnil(L);
  return 1;
}

int luaopen_lab_embed (lua_State *L) {
  static const luaL_Reg functions[] = { { "read", embed_read }, { NULL, NULL } };
  luaL_newlib(L, functions);
  return 1;
}

/* Pushes the globals of the toolkit's own modules: those of everybody, but what is set in this table with
** rawset is theirs alone. lab.run.guards keeps there the functions that it guards for scripts. */
static void push_toolkit_globals (lua_State *L) {
  if (luaL_getsubtable(L, LUA_REGISTRYINDEX, "setlab.globals")) return;
  lua_createtable(L, 0, 2);
  lua_pushglobaltable(L);
  lua_setfield(L, -2, "__index");
  lua_pushglobaltable(L);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
}

/* Loads an embedded module; its Embedded record is the upvalue. */
static int open_module (lua_State *L) {
  const Embedded *e = lua_touserdata(L, lua_upvalueindex(1));
  char name[128];
  snprintf(name, sizeof name, "@%s", e->path);
  if (luaL_loadbuffer(L, e->text, (size_t)(e->end - e->text - 1), name) != LUA_OK)
    return lua_error(L);
  push_toolkit_globals(L);
  lua_setupvalue(L, -2, 1);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

/*
** The name that `require` knows a file by: "lua/lab/run/store.lua" is lab.run.store; a folder's init.lua
** is the folder: "lua/lab/data/init.lua" is lab.data, "lua/lab/init.lua" lab. 0 if it is no module.
*/
static int module_name (const char *path, char *name, size_t size) {
  static const char prefix[] = "lua/lab/", suffix[] = ".lua", init[] = ".init";
  size_t n = strlen(path);
  if (strncmp(path, prefix, sizeof prefix - 1) != 0) return 0;
  if (n < sizeof suffix || strcmp(path + n - (sizeof suffix - 1), suffix) != 0) return 0;
  int stem = (int)(n - strlen("lua/") - (sizeof suffix - 1));
  snprintf(name, size, "%.*s", stem, path + strlen("lua/"));
  for (char *c = name; *c; c++)
    if (*c == '/') *c = '.';
  n = strlen(name);
  if (n > sizeof init - 1 && strcmp(name + n - (sizeof init - 1), init) == 0) name[n - (sizeof init - 1)] = '\0';
  return 1;
}

void libs_preload (lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  for (const luaL_Reg *lib = c_libraries; lib->name; lib++) {
    lua_pushcfunction(L, lib->func);
    lua_setfield(L, -2, lib->name);
  }
  char name[128];
  for (const Embedded *e = embedded_files; e->path; e++)
    if (module_name(e->path, name, sizeof name)) {
      lua_pushlightuserdata(L, (void *)e);
      lua_pushcclosure(L, open_module, 1);
      lua_setfield(L, -2, name);
    }
  lua_pop(L, 1);
}
