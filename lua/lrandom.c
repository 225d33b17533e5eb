/*
** lrandom.c -- lab.c.random: math.random and math.randomseed with a state that can be kept.
**
** One stream at a time is drawn from; run and script take turns (lab.run.surroundings).
*/
#include "lrandom.h"
#include "libs.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The stream, and the numbers that it began with. */
typedef struct Stream { LuaDraw draw; uint64_t seed[2]; } Stream;

enum { WORDS = sizeof(Stream) / sizeof(uint64_t) };

static Stream *stream_of (lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

/* random.random([low,] high): as math.random of Lua 5.4. */
static int random_random (lua_State *L) {
  LuaDraw *draw = &stream_of(L)->draw;
  int given = lua_gettop(L);
  if (given > 2) return luaL_error(L, "wrong number of arguments");
  if (given == 0) {
    lua_pushnumber(L, lua_draw_double(draw));
    return 1;
  }
  lua_Integer low = given == 2 ? luaL_checkinteger(L, 1) : 1, high = luaL_checkinteger(L, given);
  if (given == 1 && high == 0) lua_pushinteger(L, (lua_Integer)lua_draw_u64(draw));
  else {
    luaL_argcheck(L, low <= high, given, "interval is empty");
    uint64_t drawn = lua_draw_upto(draw, (uint64_t)high - (uint64_t)low);
    lua_pushinteger(L, (lua_Integer)(drawn + (uint64_t)low));
  }
  return 1;
}

/* random.randomseed(n1 [, n2]): as math.randomseed of Lua 5.4. Without numbers, where Lua takes some that
** nobody knows, the stream begins again. Returns the two numbers. */
static int random_randomseed (lua_State *L) {
  Stream *s = stream_of(L);
  lua_Integer n1 = (lua_Integer)s->seed[0], n2 = (lua_Integer)s->seed[1];
  if (!lua_isnone(L, 1)) {
    n1 = luaL_checkinteger(L, 1);
    n2 = luaL_optinteger(L, 2, 0);
  }
  lua_draw_seed(&s->draw, (uint64_t)n1, (uint64_t)n2);
  lua_pushinteger(L, n1);
  lua_pushinteger(L, n2);
  return 2;
}

/* random.begin(n1, n2): from here on the stream of these numbers. */
static int random_begin (lua_State *L) {
  Stream *s = stream_of(L);
  s->seed[0] = (uint64_t)luaL_checkinteger(L, 1);
  s->seed[1] = (uint64_t)luaL_checkinteger(L, 2);
  lua_draw_seed(&s->draw, s->seed[0], s->seed[1]);
  return 0;
}

/* random.state(): the stream as 96 hex digits. */
static int random_state (lua_State *L) {
  uint64_t word[WORDS];
  char text[16 * WORDS + 1];
  memcpy(word, stream_of(L), sizeof word);
  for (int i = 0; i < WORDS; i++) snprintf(text + 16 * i, 17, "%016" PRIx64, word[i]);
  lua_pushstring(L, text);
  return 1;
}

/* random.restore(text): goes on where random.state was taken; false if the text is no state. */
static int random_restore (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  uint64_t word[WORDS];
  int fits = n == 16 * WORDS && strspn(text, "0123456789abcdef") == n;
  for (int i = 0; fits && i < WORDS; i++) fits = sscanf(text + 16 * i, "%16" SCNx64, &word[i]) == 1;
  if (fits) memcpy(stream_of(L), word, sizeof word);
  lua_pushboolean(L, fits);
  return 1;
}

/* Pushes the stream, and makes it when it is asked for first. */
static Stream *push_stream (lua_State *L) {
  if (lua_getfield(L, LUA_REGISTRYINDEX, "lab.random.stream") != LUA_TUSERDATA) {
    lua_pop(L, 1);
    Stream *made = lua_newuserdatauv(L, sizeof *made, 0);
    memset(made, 0, sizeof *made);
    lua_draw_seed(&made->draw, 0, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, "lab.random.stream");
  }
  return lua_touserdata(L, -1);
}

LuaDraw *lrandom_stream (lua_State *L) {
  Stream *s = push_stream(L);
  lua_pop(L, 1);
  return &s->draw;
}

int luaopen_lab_random (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "random", random_random }, { "randomseed", random_randomseed }, { "begin", random_begin },
    { "state", random_state }, { "restore", random_restore }, { NULL, NULL },
  };
  luaL_newlibtable(L, functions);
  push_stream(L);
  luaL_setfuncs(L, functions, 1);
  return 1;
}
