/*
** libs.h -- the C libraries that Lua code reaches with require "lab.c.<name>".
**
** One l<name>.c per core file: it checks, converts and calls, and never computes. A new
** library is one new file, one line here and one line in the table of libs.c.
*/
#ifndef SETLAB_LIBS_H
#define SETLAB_LIBS_H
#include <lua.h>
#include <lauxlib.h>

/* Preloads every C library and every embedded Lua module into L. */
void libs_preload (lua_State *L);

int luaopen_lab_augment (lua_State *L);
int luaopen_lab_bundle (lua_State *L);  /* lab.c.bundle: zip archives of files */
int luaopen_lab_checkpoint (lua_State *L);  /* lab.c.checkpoint: nets in files */
int luaopen_lab_data   (lua_State *L);
int luaopen_lab_feature (lua_State *L);
int luaopen_lab_embed  (lua_State *L);
int luaopen_lab_monitor (lua_State *L);
int luaopen_lab_net    (lua_State *L);
int luaopen_lab_plan   (lua_State *L);
int luaopen_lab_pool   (lua_State *L);  /* lab.c.pool: this program as a child */
int luaopen_lab_powerlaw (lua_State *L);
int luaopen_lab_prompt (lua_State *L);
int luaopen_lab_fs     (lua_State *L);
int luaopen_lab_hash   (lua_State *L);
int luaopen_lab_links (lua_State *L);  /* lab.c.links: lists of links */
int luaopen_lab_markdown (lua_State *L);
int luaopen_lab_random (lua_State *L);  /* lab.c.random: math.random with a state that can be kept */
int luaopen_lab_ranks (lua_State *L);  /* lab.c.ranks: processes that train together */
int luaopen_lab_server (lua_State *L);  /* lab.c.server: documents for a browser here */
int luaopen_lab_stop (lua_State *L);  /* lab.c.stop: what no script may catch */
int luaopen_lab_system (lua_State *L);
int luaopen_lab_topology (lua_State *L);  /* lab.c.topology: measures of wirings */
int luaopen_lab_track (lua_State *L);  /* lab.c.track: a net's wiring from look to look */
int luaopen_lab_embed (lua_State *L);
int luaopen_lab_process (lua_State *L);
int luaopen_lab_vector (lua_State *L);  /* lab.c.vector: arrays of floats, integers and booleans */
int luaopen_lab_watch (lua_State *L);  /* lab.c.watch: which files change */
int luaopen_lab_yaml (lua_State *L);
int luaopen_lab_yardstick (lua_State *L);

#endif
